#include "bot/chores/record_check.hpp"

#include "tests/bot/fake_slack.hpp"
#include "tests/bot/inline_storage.hpp"
#include "tests/storage/temporary_store.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

namespace slipway {

namespace {

using namespace std::chrono_literals;
using storage::testing::rows;
using storage::testing::TemporaryStore;
using Rows = std::vector<std::string>;

/// Time passes while somebody sleeps, until the end.
class EndingClock : public testing::StillClock {
public:
    std::chrono::steady_clock::time_point end;

    boost::asio::awaitable<void> sleep_for(std::chrono::milliseconds duration) override
    {
        pass(duration);
        if (steady >= end) {
            throw boost::system::system_error(boost::asio::error::operation_aborted);
        }
        co_return;
    }
};

/// As a disk does it, where only a check of the whole file finds it: an index that misses its rows.
void damage(const std::filesystem::path& database)
{
    storage::testing::tamper(
        database,
        "PRAGMA writable_schema = ON; "
        "UPDATE sqlite_master SET sql = 'CREATE INDEX timers_by_due ON timers (name)' "
        "WHERE name = 'timers_by_due'"
    );
}

/// A database with a timer of the team's in it.
std::unique_ptr<TemporaryStore> database(bool is_damaged)
{
    auto home = std::make_unique<TemporaryStore>();
    home->job([&](storage::Store& store) { store.change_timer({}, {"calendar", home->now}); });
    if (is_damaged) {
        damage(home->path);
        home->reopen();
    }
    return home;
}

/// The check of a database from Tuesday night on.
struct Weeks {
    explicit Weeks(bool is_damaged) : home(database(is_damaged)), runner(*home->store)
    {
        const RoleBook book{{{Role::dev_lead, {UserId("U0DANA"), UserId("U0ZOE")}}}};
        judge.set_roles(std::make_shared<const RoleBook>(book));
        committed.wakes(courier);
    }

    void pass(std::chrono::hours duration)
    {
        clock.end = clock.steady + duration;
        std::exception_ptr ended;
        boost::asio::co_spawn(io, check.run(), [&](std::exception_ptr why) { ended = why; });
        io.run();
        CHECK(ended != nullptr);
    }

    /// Whether the courier would look at once for what there is to say.
    bool is_courier_woken()
    {
        testing::StillClock its_own;
        return testing::result_of(courier.wait(its_own, 1s), io);
    }

    boost::asio::io_context io{1};
    std::unique_ptr<TemporaryStore> home;
    testing::InlineStorage runner;
    EndingClock clock;
    SeededRandom random{1};
    Policy policy = document_policy();
    Committed committed;
    Wakeup courier{io.get_executor()};
    Judge judge{policy, ChannelId("C0DEPLOYS"), runner, clock, random, committed};
    RecordCheck check{{policy, judge, runner, clock, random, committed}};
};

}  // namespace

TEST_CASE(
    "a damaged database is told to the Dev Leads each Sunday until it is sound again", "[bot][record_check]"
)
{
    Weeks weeks(true);
    weeks.pass(14 * 24h);
    CHECK(weeks.is_courier_woken());
    CHECK(
        rows(weeks.home->path, "SELECT lane, created_at FROM outbox ORDER BY seq") ==
        Rows{
            "slack:U0DANA|2026-11-29T09:00:00.000Z",
            "slack:U0ZOE|2026-11-29T09:00:00.000Z",
            "slack:U0DANA|2026-12-06T09:00:00.000Z",
            "slack:U0ZOE|2026-12-06T09:00:00.000Z"}
    );
    const auto said = rows(weeks.home->path, "SELECT body FROM outbox LIMIT 1").front();
    CHECK_THAT(said, Catch::Matchers::ContainsSubstring("record_damaged"));
    CHECK_THAT(said, Catch::Matchers::ContainsSubstring("timers_by_due"));
}

TEST_CASE("a sound database is read once a week, and nobody hears of it", "[bot][record_check]")
{
    Weeks weeks(false);
    weeks.pass(14 * 24h);
    CHECK_FALSE(weeks.is_courier_woken());
    CHECK(rows(weeks.home->path, "SELECT id FROM outbox").empty());
    CHECK(
        rows(weeks.home->path, "SELECT key, seen_at FROM inbox ORDER BY key") ==
        Rows{
            "record_check:2026-11-29|2026-11-29T09:00:00.000Z",
            "record_check:2026-12-06|2026-12-06T09:00:00.000Z"}
    );
}

}  // namespace slipway
