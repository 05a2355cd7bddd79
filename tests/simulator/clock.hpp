#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>

namespace simulator {

/// A point on the simulated wall clock, UTC.
using Instant = std::chrono::sys_time<std::chrono::microseconds>;
using Steady = std::chrono::steady_clock::time_point;

/// The machine's clocks plus what somebody moved them by, until it is stopped. Shared by the simulator and,
/// through an adapter that the caller writes, by the bot under it. May be used from any thread.
class SimulatedClock {
public:
    [[nodiscard]] Instant now() const;

    /// Never goes back: only moves forward are added. Deadlines of the simulator (acknowledgements, triggers,
    /// retries, rate limits) are counted on it, so a test that moves the clock by 3 s has waited 3 s.
    [[nodiscard]] Steady steady_now() const;

    /// Moves the wall clock either way.
    void advance(std::chrono::milliseconds by);

    /// Moves the wall clock so that it shows `wall`, exactly where it is stopped.
    void set(Instant wall);

    /// From now on only `advance` and `set` move it: however slow the machine, nothing times out meanwhile.
    void stop();

    /// Lets it run with the machine's clocks again, from where it stands.
    void go();

    /// The moment of the machine's steady clock in `duration` of this one, unless somebody moves it: never
    /// while it is stopped.
    [[nodiscard]] Steady machine_time_in(std::chrono::microseconds duration) const;

    /// Calls `moved` after every move and when it runs again, on the thread of the mover. The answer is for
    /// `forget`.
    [[nodiscard]] std::uint64_t on_move(std::function<void()> moved);
    void forget(std::uint64_t listener);

    /// Returns once `duration` of `steady_now` has gone by, so at once when the clock is moved that far.
    [[nodiscard]] boost::asio::awaitable<void> sleep_for(std::chrono::milliseconds duration);

    /// Returns once `now()` is `wall` or later, however the clock came there.
    [[nodiscard]] boost::asio::awaitable<void> sleep_until(Instant wall);

private:
    /// What the machine's clocks show, or showed when this was stopped.
    struct Machine {
        Instant wall;
        Steady steady;
    };

    [[nodiscard]] Machine machine() const;
    void move(std::chrono::microseconds by);
    void tell_listeners();
    boost::asio::awaitable<void> sleep(std::function<std::chrono::microseconds()> remaining);

    mutable std::mutex mutex_;
    std::chrono::microseconds wall_offset_{0};
    std::chrono::microseconds steady_offset_{0};
    std::optional<Machine> stopped_;
    std::map<std::uint64_t, std::function<void()>> listeners_;
    std::uint64_t next_listener_ = 1;
};

}  // namespace simulator
