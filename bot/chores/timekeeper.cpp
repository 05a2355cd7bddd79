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

Timekeeper::Timekeeper(Judge& judge, Clock& clock, Wakeup& wakeup)
    : judge_(judge), clock_(clock), wakeup_(wakeup)
{}

boost::asio::awaitable<void> Timekeeper::run()
{
    std::optional<Instant> due = clock_.now();
    for (;;) {
        while (due && *due <= clock_.now()) {
            due = co_await judge_.fire_due_timers();
        }
        const auto nap = nap_until(due, clock_.now());
        const auto rang = co_await wakeup_.wait(clock_, nap);
        if (rang) {
            due = clock_.now();
        }
    }
}

}  // namespace slipway
