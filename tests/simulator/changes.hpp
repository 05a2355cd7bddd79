#pragma once

#include "tests/simulator/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <map>

namespace simulator {

/// Tells those who wait that something in the simulator changed. One thread.
class Changes {
public:
    explicit Changes(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

    void notify();

    /// How often something changed.
    [[nodiscard]] std::uint64_t count() const { return count_; }

    /// Looks at `predicate` now and after every change. False when it did not hold within `limit` of real
    /// time.
    [[nodiscard]] boost::asio::awaitable<bool> until(
        std::function<bool()> predicate, std::chrono::milliseconds limit
    );

private:
    boost::asio::any_io_executor executor_;
    std::list<boost::asio::steady_timer*> waiting_;
    std::uint64_t count_ = 0;
};

/// What is to happen later, on the clock's steady time. One thread.
class Agenda {
public:
    Agenda(boost::asio::any_io_executor executor, SimulatedClock& clock);
    ~Agenda();
    Agenda(const Agenda&) = delete;
    Agenda& operator=(const Agenda&) = delete;

    void after(std::chrono::milliseconds delay, std::function<void()> act);

    /// Does what is due, until cancelled.
    [[nodiscard]] boost::asio::awaitable<void> run();

private:
    void do_what_is_due();

    SimulatedClock& clock_;
    std::shared_ptr<boost::asio::steady_timer> timer_;
    std::multimap<Steady, std::function<void()>> due_;
    std::uint64_t listener_;
};

}  // namespace simulator
