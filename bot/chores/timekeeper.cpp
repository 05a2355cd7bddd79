#include "bot/chores/timekeeper.hpp"

#include <algorithm>
#include <optional>

namespace slipway {

namespace {

/// How late a timer may fire after the wall clock jumped over it.
constexpr std::chrono::milliseconds longest_nap{1'000};

std::chrono::milliseconds nap_until(const std::optional<Instant>& due, Instant now)
{
    if (!due) {
        return longest_nap;
    }
    return std::clamp<std::chrono::milliseconds>(*due - now, std::chrono::milliseconds{0}, longest_nap);
}

}  // namespace

Timekeeper::Timekeeper(const boost::asio::any_io_executor& executor, Parts parts)
    : parts_(parts), wakeup_(executor)
{
    parts_.committed.wakes(wakeup_);
}

boost::asio::awaitable<void> Timekeeper::open_calendar()
{
    StorageRunner::Job open = [now = parts_.clock.now()](storage::Store& store) {
        store.change_timer(DeploymentId{}, {"calendar", now});
    };
    co_await parts_.storage.run(std::move(open));
    wakeup_.ring();
}

boost::asio::awaitable<void> Timekeeper::run()
{
    std::optional<Instant> due = parts_.clock.now();
    for (;;) {
        while (due && *due <= parts_.clock.now()) {
            due = co_await parts_.judge.fire_due_timers();
        }
        const auto nap = nap_until(due, parts_.clock.now());
        const auto rang = co_await wakeup_.wait(parts_.clock, nap);
        if (rang) {
            due = parts_.clock.now();
        }
    }
}

}  // namespace slipway
