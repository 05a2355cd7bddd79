#pragma once

#include "bot/judge.hpp"
#include "bot/runtime/clock.hpp"
#include "bot/runtime/wakeup.hpp"

#include <boost/asio/awaitable.hpp>

namespace slipway {

/// Fires what is due: each timer becomes a request in the same transaction that removes it, so it fires
/// exactly once.
///
/// Due moments are wall-clock instants. The wall clock may jump (suspend, an operator, a test), so the loop
/// never sleeps longer than a second without looking at it again; looking costs one comparison.
class Timekeeper {
public:
    Timekeeper(Judge& judge, Clock& clock, Wakeup& wakeup);

    /// Runs until cancelled. Ring the wakeup after every commit that may have set a timer.
    [[nodiscard]] boost::asio::awaitable<void> run();

private:
    Judge& judge_;
    Clock& clock_;
    Wakeup& wakeup_;
};

}  // namespace slipway
