#include "../world.hpp"  // BAD
#include "bot/config/config.hpp"

#include <boost/beast/core.hpp>

asio::awaitable<void> send_two(Api& api)
{
    co_await send(&api, Post{1, 2});  // BAD
    co_await send(&api, 1);
}
