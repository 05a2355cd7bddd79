#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>
#include <utility>

namespace slipway::net {

namespace detail {

/// Runs `operation` to its end or to the end of `limit`; throws as `with_timeout` does.
[[nodiscard]] boost::asio::awaitable<void> race(
    boost::asio::awaitable<void> operation, std::chrono::milliseconds limit
);

template <class T>
boost::asio::awaitable<void> keep(boost::asio::awaitable<T> operation, std::optional<T>* result)
{
    auto value = co_await std::move(operation);
    result->emplace(std::move(value));
}

}  // namespace detail

/// The result of `operation`, or system_error{timed_out} when it has not ended after `limit`.
///
/// The operation is cancelled and unwound before this returns, so it may refer to what its caller owns. What
/// it throws itself passes through; a result that was ready when the limit struck is still given. Cancelling
/// the waiter cancels the operation. An operation that ignores cancellation (a name lookup) is waited for all
/// the same.
template <class T>
[[nodiscard]] boost::asio::awaitable<T> with_timeout(
    boost::asio::awaitable<T> operation, std::chrono::milliseconds limit
)
{
    std::optional<T> result;
    auto keeping = detail::keep(std::move(operation), &result);
    co_await detail::race(std::move(keeping), limit);
    co_return std::move(result).value();
}

[[nodiscard]] inline boost::asio::awaitable<void> with_timeout(
    boost::asio::awaitable<void> operation, std::chrono::milliseconds limit
)
{
    return detail::race(std::move(operation), limit);
}

}  // namespace slipway::net
