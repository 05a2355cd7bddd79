#include "bot/net/with_timeout.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <exception>

namespace slipway::net::detail {

namespace asio = boost::asio;

asio::awaitable<void> race(asio::awaitable<void> operation, std::chrono::milliseconds limit)
{
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, limit);
    auto group = asio::experimental::make_parallel_group(
        asio::co_spawn(executor, std::move(operation), asio::deferred), timer.async_wait(asio::deferred)
    );
    // The group waits for the loser too: nothing of the operation is left running.
    auto both = group.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    const auto [order, failure, timer_error] = co_await std::move(both);
    if (!failure) {
        co_return;
    }
    const bool limit_struck = order[0] == 1 && !timer_error;
    if (limit_struck) {
        throw boost::system::system_error(asio::error::timed_out);
    }
    std::rethrow_exception(failure);
}

}  // namespace slipway::net::detail
