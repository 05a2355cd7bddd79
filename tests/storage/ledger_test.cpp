#include "tests/storage/temporary_store.hpp"

#include <boost/json/serialize.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

namespace slipway::storage::testing {

namespace {

std::vector<int> numbers(const std::vector<Deployment>& deployments)
{
    std::vector<int> found;
    for (const auto& each : deployments) {
        found.push_back(each.id.number);
    }
    return found;
}

const std::string sign_offs = "SELECT user_id, revision, state FROM sign_offs ORDER BY rowid";

using Rows = std::vector<std::string>;

}  // namespace

TEST_CASE(
    "an event is stored with who, when and what, in words that other tools can read", "[storage][ledger]"
)
{
    TemporaryStore home;
    home.now = instant_from("2026-11-24T12:00:00.007Z");
    auto decision = decision_of(12, {planned(), GoGiven{}});
    decision.team_events = {FreezeEnded{"web"}};
    home.record(decision);
    CHECK(
        rows(home.path, "SELECT seq, deployment, kind, actor, at FROM events") ==
        Rows{
            "1|D-12|planned|U0ALICE|2026-11-24T12:00:00.007Z",
            "2|D-12|go_given|U0ALICE|2026-11-24T12:00:00.007Z",
            "3||freeze_ended|U0ALICE|2026-11-24T12:00:00.007Z"}
    );
    CHECK(value(home.path, "SELECT body ->> '$.plan.linear_issue' FROM events WHERE seq = 1") == "ENG-123");
}

TEST_CASE("a deployment is what its events tell, before and after a restart", "[storage][ledger]")
{
    TemporaryStore home;
    home.events(1, {planned()});
    home.events(1, {signed_off("U0PETRA"), GatePassed{2, 1}});
    const auto check = [&] {
        const auto loaded = home.ask([](Store& store) { return store.load({1}); });
        REQUIRE(loaded.has_value());
        CHECK(loaded->id == DeploymentId{1});
        CHECK(loaded->stage == Stage::signed_off);
        CHECK(loaded->author == UserId("U0ALICE"));
        CHECK(loaded->starts_at == noon + 10h);
        CHECK(loaded->history.size() == 3);
        CHECK(valid_sign_offs(*loaded).size() == 1);
    };
    check();
    home.reopen();
    check();
}

TEST_CASE("the team's own events make no deployment", "[storage][ledger]")
{
    TemporaryStore home;
    home.record(decision_of_team({FreezeBegun{"web", noon, "Sale"}}));
    CHECK_FALSE(home.ask([](Store& store) { return store.load({0}); }));
}

TEST_CASE("a deployment that does not exist is none", "[storage][ledger]")
{
    const TemporaryStore home;
    const auto number = GENERATE(-1, 0, 1, 99);
    CHECK_FALSE(home.ask([&](Store& store) { return store.load({number}); }).has_value());
}

TEST_CASE("a number is never used again", "[storage][ledger]")
{
    TemporaryStore home;
    const auto next = [&] {
        return home.ask([](Store& store) { return store.next_deployment_id(); }).number;
    };
    CHECK(next() == 1);
    home.events(1, {planned()});
    CHECK(next() == 2);
    home.events(1, {Cancelled{"changed our minds"}});
    CHECK(next() == 2);
    home.reopen();
    CHECK(next() == 2);
}

TEST_CASE("active are those that have not ended, recent those that have", "[storage][ledger]")
{
    TemporaryStore home;
    for (int number = 1; number <= 4; ++number) {
        home.events(number, {planned("service " + std::to_string(number))});
    }
    home.now += 1h;
    home.events(3, {Cancelled{"no"}});
    home.now += 1h;
    home.events(1, {Cancelled{"no"}});
    const auto check = [&] {
        CHECK(numbers(home.ask([](Store& store) { return store.active(); })) == std::vector{2, 4});
        CHECK(numbers(home.ask([](Store& store) { return store.recent(10); })) == std::vector{1, 3});
        CHECK(numbers(home.ask([](Store& store) { return store.recent(1); })) == std::vector{1});
    };
    check();
    home.reopen();
    check();
}

TEST_CASE("an event that cannot follow undoes the whole decision", "[storage][ledger]")
{
    TemporaryStore home;
    home.events(1, {planned()});
    auto decision = decision_of(1);
    decision.outbox = {{CardRefresh{}}};
    decision.timers = {{"pre_notice", noon}};
    SECTION("one of a deployment") { decision.events = {started(), started()}; }
    SECTION("one of the team among a deployment's") { decision.events = {GoGiven{}, FreezeEnded{"web"}}; }
    SECTION("one of a deployment among the team's")
    {
        decision.team_events = {FreezeEnded{"web"}, GoGiven{}};
    }
    CHECK_THROWS_AS(home.record(decision), std::logic_error);
    CHECK(value(home.path, "SELECT count(*) FROM events") == "1");
    CHECK(value(home.path, "SELECT count(*) FROM outbox") == "0");
    CHECK(value(home.path, "SELECT count(*) FROM timers") == "0");
    CHECK(home.ask([](Store& store) { return store.load({1}); })->stage == Stage::planned);
    CHECK(home.ask([](Store& store) { return store.team(); }).freezes.empty());
}

TEST_CASE("what is true of the team is folded from its own events", "[storage][ledger]")
{
    TemporaryStore home;
    auto decision = decision_of_team(
        {FreezeBegun{"web", noon + 2h, "audit"},
         ServiceLocked{"api", {7}},
         FreezeBegun{"", noon + 1h, "party"}}
    );
    home.record(decision);
    home.events(1, {planned()});
    const auto check = [&](std::size_t freezes) {
        const auto team = home.ask([](Store& store) { return store.team(); });
        CHECK(team.freezes.size() == freezes);
        CHECK(team.locked.at("api").because_of == DeploymentId{7});
    };
    check(2);
    decision.team_events = {FreezeEnded{"web"}};
    home.record(decision);
    check(1);
    home.reopen();
    check(1);
}

TEST_CASE("the schema itself allows one deployment of a service in progress", "[storage][ledger]")
{
    TemporaryStore home;
    home.events(1, {planned("web"), started()});
    CHECK_THROWS_AS(home.events(2, {planned("web"), started()}), SQLite::Exception);
    CHECK_NOTHROW(home.events(2, {planned("api"), started()}));
    SECTION("a rollback of the one before goes through all the same")
    {
        home.events(1, {Completed{}});
        home.events(3, {planned("web"), started()});
        CHECK_NOTHROW(home.events(1, {RollbackStarted{"errors", {"revert"}}}));
    }
}

TEST_CASE("the ledger can only grow", "[storage][ledger]")
{
    TemporaryStore home;
    home.events(1, {planned(), signed_off("U0PETRA"), GatePassed{2, 1}});
    const auto sql = GENERATE(
        "UPDATE events SET actor = 'U0EVE' WHERE seq = 2",
        "UPDATE events SET hash = hash",
        "DELETE FROM events WHERE seq = 3",
        "DELETE FROM events",
        "INSERT OR REPLACE INTO events SELECT seq, deployment, kind, 'U0EVE', at, body, prev_hash, hash "
        "FROM events WHERE seq = 2",
        "REPLACE INTO events SELECT seq, deployment, kind, 'U0EVE', at, body, prev_hash, hash "
        "FROM events WHERE seq = 3",
        "INSERT INTO events SELECT seq, deployment, kind, 'U0EVE', at, body, prev_hash, hash FROM events "
        "WHERE seq = 2 ON CONFLICT (seq) DO UPDATE SET actor = excluded.actor",
        "INSERT INTO events SELECT 5, deployment, kind, actor, at, body, hash, hash FROM events WHERE seq = "
        "3",
        "INSERT INTO events SELECT 0, deployment, kind, actor, at, body, hash, hash FROM events WHERE seq = "
        "3",
        "INSERT INTO events SELECT 4, deployment, kind, actor, at, body, prev_hash, hash FROM events WHERE "
        "seq = 3"
    );
    CAPTURE(sql);
    const auto before = rows(home.path, "SELECT * FROM events");
    SQLite::Database raw(home.path.string(), SQLite::OPEN_READWRITE);
    CHECK_THROWS_MATCHES(
        raw.exec(sql),
        SQLite::Exception,
        Catch::Matchers::MessageMatches(Catch::Matchers::ContainsSubstring("the ledger"))
    );
    CHECK(rows(home.path, "SELECT * FROM events") == before);
}

TEST_CASE("a sign-off is a row with everything an auditor asks for", "[storage][sign_offs]")
{
    TemporaryStore home;
    home.events(12, {planned(), signed_off("U0PETRA")});
    CHECK(
        rows(home.path, "SELECT * FROM sign_offs") ==
        Rows{
            "D-12|1|U0PETRA|Name of U0PETRA|product_lead,requestor|2026-11-24|2026-11-24T12:00:00.000Z|valid|"
            "reply|https://team.slack.com/archives/C0DEPLOYS/p1|comment-of-U0PETRA"}
    );
}

TEST_CASE("a sign-off that is taken back stays as withdrawn", "[storage][sign_offs]")
{
    TemporaryStore home;
    home.events(1, {planned(), signed_off("U0PETRA"), signed_off("U0DANA")});
    home.events(2, {planned("api"), signed_off("U0PETRA")});
    home.events(1, {withdrawn("U0PETRA")});
    CHECK(rows(home.path, sign_offs) == Rows{"U0PETRA|1|withdrawn", "U0DANA|1|valid", "U0PETRA|1|valid"});
    home.events(1, {signed_off("U0PETRA")});
    CHECK(
        rows(home.path, sign_offs) ==
        Rows{"U0PETRA|1|withdrawn", "U0DANA|1|valid", "U0PETRA|1|valid", "U0PETRA|1|valid"}
    );
}

TEST_CASE("a new revision supersedes the sign-offs of the old one", "[storage][sign_offs]")
{
    TemporaryStore home;
    home.events(1, {planned(), signed_off("U0PETRA"), signed_off("U0DANA"), withdrawn("U0DANA")});
    home.events(1, {amended(2)});
    CHECK(rows(home.path, sign_offs) == Rows{"U0PETRA|1|superseded", "U0DANA|1|withdrawn"});
    home.events(1, {signed_off("U0PETRA", 2)});
    CHECK(
        rows(home.path, sign_offs) == Rows{"U0PETRA|1|superseded", "U0DANA|1|withdrawn", "U0PETRA|2|valid"}
    );
}

TEST_CASE("a decision without events still says and sets what it must", "[storage][ledger]")
{
    TemporaryStore home;
    home.events(1, {planned()});
    auto decision = decision_of(1);
    decision.outbox = {{ThreadNote{say("note")}}};
    decision.timers = {{"chase", noon + 1h}};
    home.record(decision);
    CHECK(value(home.path, "SELECT count(*) FROM events") == "1");
    CHECK(value(home.path, "SELECT deployment || kind || requested_by FROM outbox") == "1thread_noteU0ALICE");
    CHECK(value(home.path, "SELECT deployment || name FROM timers") == "1chase");
}

}  // namespace slipway::storage::testing
