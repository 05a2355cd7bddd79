#include "tests/simulator/clock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <vector>

namespace simulator {

namespace asio = boost::asio;
using std::chrono::duration_cast;
using std::chrono::microseconds;

SimulatedClock::Machine SimulatedClock::machine() const
{
    return stopped_.value_or(Machine{
        std::chrono::time_point_cast<microseconds>(std::chrono::system_clock::now()),
        std::chrono::steady_clock::now()});
}

Instant SimulatedClock::now() const
{
    const std::scoped_lock lock(mutex_);
    return machine().wall + wall_offset_;
}

Steady SimulatedClock::steady_now() const
{
    const std::scoped_lock lock(mutex_);
    return machine().steady + steady_offset_;
}

void SimulatedClock::advance(std::chrono::milliseconds by) { move(by); }

void SimulatedClock::move(microseconds by)
{
    {
        const std::scoped_lock lock(mutex_);
        wall_offset_ += by;
        if (by.count() > 0) steady_offset_ += by;
    }
    tell_listeners();
}

void SimulatedClock::stop()
{
    const std::scoped_lock lock(mutex_);
    stopped_ = machine();
}

void SimulatedClock::go()
{
    {
        const std::scoped_lock lock(mutex_);
        if (!stopped_) {
            return;
        }
        const auto then = *stopped_;
        stopped_.reset();
        const auto now = machine();
        wall_offset_ += then.wall - now.wall;
        steady_offset_ += duration_cast<microseconds>(then.steady - now.steady);
    }
    tell_listeners();
}

Steady SimulatedClock::machine_time_in(microseconds duration) const
{
    const std::scoped_lock lock(mutex_);
    return stopped_ ? Steady::max() : std::chrono::steady_clock::now() + duration;
}

void SimulatedClock::tell_listeners()
{
    std::vector<std::function<void()>> told;
    {
        const std::scoped_lock lock(mutex_);
        for (const auto& [id, listener] : listeners_)
            told.push_back(listener);
    }
    for (const auto& listener : told)
        listener();
}

void SimulatedClock::set(Instant wall) { move(wall - now()); }

std::uint64_t SimulatedClock::on_move(std::function<void()> moved)
{
    const std::scoped_lock lock(mutex_);
    listeners_.emplace(next_listener_, std::move(moved));
    return next_listener_++;
}

void SimulatedClock::forget(std::uint64_t listener)
{
    const std::scoped_lock lock(mutex_);
    listeners_.erase(listener);
}

asio::awaitable<void> SimulatedClock::sleep_for(std::chrono::milliseconds duration)
{
    const auto due = steady_now() + duration;
    std::function<microseconds()> remaining = [this, due] {
        return std::chrono::ceil<microseconds>(due - steady_now());
    };
    co_await sleep(std::move(remaining));
}

asio::awaitable<void> SimulatedClock::sleep_until(Instant wall)
{
    std::function<microseconds()> remaining = [this, wall] { return wall - now(); };
    co_await sleep(std::move(remaining));
}

asio::awaitable<void> SimulatedClock::sleep(std::function<microseconds()> remaining)
{
    const auto executor = co_await asio::this_coro::executor;
    const auto timer = std::make_shared<asio::steady_timer>(executor);
    const std::weak_ptr<asio::steady_timer> watched = timer;
    const auto wake = [watched, executor] {
        asio::post(executor, [watched] {
            if (const auto alive = watched.lock()) alive->cancel();
        });
    };

    struct Listening {
        SimulatedClock& clock;
        std::uint64_t id;

        ~Listening() { clock.forget(id); }
    };

    const Listening listening{*this, on_move(wake)};

    for (auto left = remaining(); left.count() > 0; left = remaining()) {
        timer->expires_at(machine_time_in(left));
        // A cancelled coroutine throws at its next co_await; a moved clock only looks again.
        [[maybe_unused]] const auto [error] = co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none) {
            throw boost::system::system_error(asio::error::operation_aborted);
        }
    }
}

}  // namespace simulator
