#include "bot/runtime/wakeup.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace slipway {

Wakeup::Wakeup(const boost::asio::any_io_executor& executor)
    : bell_(executor, std::chrono::steady_clock::time_point::max())
{}

void Wakeup::ring()
{
    rang_ = true;
    bell_.cancel();
}

boost::asio::awaitable<void> Wakeup::hear()
{
    // The cancelled wait is the bell itself, so its error is the good news.
    co_await bell_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

boost::asio::awaitable<bool> Wakeup::wait(
    std::reference_wrapper<Clock> clock, std::chrono::milliseconds limit
)
{
    using namespace boost::asio::experimental::awaitable_operators;
    if (!rang_) {
        auto sleeping = clock.get().sleep_for(limit);
        auto hearing = hear();
        co_await (std::move(sleeping) || std::move(hearing));
    }
    co_return std::exchange(rang_, false);
}

}  // namespace slipway
