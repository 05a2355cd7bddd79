#pragma once

#include "bot/judge.hpp"
#include "bot/runtime/wakeup.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace slipway {

/// Fires what is due: each timer becomes a request in the same transaction that removes it, so it fires
/// exactly once.
///
/// Due moments are wall-clock instants. The wall clock may jump (suspend, an operator, a test), so the loop
/// never sleeps longer than a second without looking at it again; looking costs one comparison.
class Timekeeper {
public:
    struct Parts {
        Judge& judge;
        StorageRunner& storage;
        Clock& clock;
        Committed& committed;
    };

    Timekeeper(const boost::asio::any_io_executor& executor, Parts parts);

    /// Makes the timer due that sets the team's next reminders as the configuration of today has them: at
    /// once, but after whatever was missed while the bot was away.
    [[nodiscard]] boost::asio::awaitable<void> open_calendar();

    /// Runs until cancelled.
    [[nodiscard]] boost::asio::awaitable<void> run();

private:
    Parts parts_;
    Wakeup wakeup_;
};

}  // namespace slipway
