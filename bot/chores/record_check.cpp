#include "bot/chores/record_check.hpp"

#include "bot/chores/tell.hpp"
#include "bot/runtime/log.hpp"
#include "commands/pipeline/windows.hpp"

#include <date/date.h>

namespace slipway {

namespace {

/// On a Sunday from this hour on, team time: jobs wait while the file is read, and nobody deploys then.
constexpr std::chrono::hours hour_of_check{4};
constexpr std::chrono::hours check_looked_at_again{1};

}  // namespace

boost::asio::awaitable<void> RecordCheck::run()
{
    for (;;) {
        const auto day = team_date(parts_.clock.now() - hour_of_check, parts_.policy);
        if (date::weekday(date::sys_days(day)) == date::Sunday) {
            co_await check(iso(day));
        }
        co_await parts_.clock.sleep_for(check_looked_at_again);
    }
}

boost::asio::awaitable<void> RecordCheck::check(std::string day)
{
    const auto now = parts_.clock.now();
    // The inbox remembers for longer than a day that the day's check was done.
    std::function<std::optional<std::string>(storage::Store&)> read = [key = "record_check:" + day,
                                                                       now](storage::Store& store) {
        return store.first_sight(key, now) ? store.damage() : std::nullopt;
    };
    const auto damage = co_await parts_.storage.ask(std::move(read));
    if (!damage) {
        co_return;
    }
    log::error("the database is damaged: {}", *damage);
    StorageRunner::Job tell_leads = [sentence = say("record_damaged", {{"what", *damage}}),
                                     leads = parts_.judge.roles()->holders(Role::dev_lead),
                                     now,
                                     seed = parts_.random.next()](storage::Store& store) {
        tell(store, leads, sentence, now, seed);
    };
    co_await parts_.storage.run(std::move(tell_leads));
    parts_.committed.ring();
}

}  // namespace slipway
