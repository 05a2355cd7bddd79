#pragma once

#include "bot/runtime/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>

namespace slipway {

/// Lets one loop sleep until there is something to do: a bell that is heard even if it rang before the loop
/// lay down.
class Wakeup {
public:
    explicit Wakeup(const boost::asio::any_io_executor& executor);

    void ring();

    /// Returns when the bell rings (true) or after `limit` (false). One waiter at a time; `clock` must
    /// outlive the wait.
    [[nodiscard]] boost::asio::awaitable<bool> wait(
        std::reference_wrapper<Clock> clock, std::chrono::milliseconds limit
    );

private:
    [[nodiscard]] boost::asio::awaitable<void> hear();

    boost::asio::steady_timer bell_;
    bool rang_ = false;
};

}  // namespace slipway
