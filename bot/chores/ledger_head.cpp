#include "bot/chores/ledger_head.hpp"

#include "commands/pipeline/windows.hpp"
#include "storage/chain.hpp"

namespace slipway {

namespace {

/// How late the day's head may be posted.
constexpr std::chrono::minutes due_looked_at_again{10};

/// The inbox remembers for longer than a day that the day's head was posted.
void post_head(
    storage::Store& store, const ChannelId& channel, const std::string& date, Instant now, Random& random
)
{
    const auto head = store.chain_head();
    if (head == storage::chain_start || !store.first_sight("ledger_head:" + date, now)) {
        return;
    }
    const Announcement announcement{channel, say("ledger_head", {{"date", date}, {"head", head}})};
    store.enqueue({announcement}, {}, channel, bot_person().id.str(), now, [&random] {
        return uuid_v4(random);
    });
}

}  // namespace

boost::asio::awaitable<void> LedgerWitness::run()
{
    for (;;) {
        if (!parts_.channel.empty()) {
            const auto now = parts_.clock.now();
            StorageRunner::Job job = [now,
                                      channel = parts_.channel,
                                      date = iso(team_date(now, parts_.policy)),
                                      seed = parts_.random.next()](storage::Store& store) {
                SeededRandom random(seed);
                post_head(store, channel, date, now, random);
            };
            co_await parts_.storage.run(std::move(job));
            parts_.committed.ring();
        }
        co_await parts_.clock.sleep_for(due_looked_at_again);
    }
}

}  // namespace slipway
