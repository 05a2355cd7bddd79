#include "bot/chores/housekeeping.hpp"

namespace slipway {

namespace {

constexpr std::chrono::milliseconds between_rounds{3'600'000};
/// Slack repeats an event for up to 24 hours where "Delayed Events" is on.
constexpr std::chrono::hours inbox_kept{25};
constexpr std::chrono::hours dead_letters_kept{30 * 24};

}  // namespace

boost::asio::awaitable<void> Housekeeper::run()
{
    for (;;) {
        co_await forget();
        co_await parts_.clock.sleep_for(between_rounds);
    }
}

boost::asio::awaitable<void> Housekeeper::forget()
{
    StorageRunner::Job job = [now = parts_.clock.now()](storage::Store& store) {
        store.forget_inbox_before(now - inbox_kept);
        store.forget_dead_letters_before(now - dead_letters_kept);
    };
    co_await parts_.storage.run(std::move(job));
}

}  // namespace slipway
