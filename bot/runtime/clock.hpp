#pragma once

#include "commands/text/types.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>

namespace slipway {

/// The only source of time for the bot: a test or a simulated world puts its own in.
class Clock {
public:
    virtual ~Clock() = default;

    /// Wall clock: may jump both ways. For the ledger, timers and everything people see.
    [[nodiscard]] virtual Instant now() const = 0;

    /// Never jumps. For time-outs, pings and back-off.
    [[nodiscard]] virtual std::chrono::steady_clock::time_point steady_now() const = 0;

    /// Returns after `duration` of steady time; a cancelled wait throws operation_aborted.
    [[nodiscard]] virtual boost::asio::awaitable<void> sleep_for(std::chrono::milliseconds duration) = 0;
};

/// The machine's clock and Asio's timers.
class SystemClock : public Clock {
public:
    [[nodiscard]] Instant now() const override;
    [[nodiscard]] std::chrono::steady_clock::time_point steady_now() const override;
    [[nodiscard]] boost::asio::awaitable<void> sleep_for(std::chrono::milliseconds duration) override;
};

}  // namespace slipway
