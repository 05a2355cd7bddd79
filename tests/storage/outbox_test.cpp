#include "tests/storage/temporary_store.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

namespace slipway::storage::testing {

namespace {

using Ids = std::vector<std::string>;

Saying note(const std::string& id = "note") { return ThreadNote{say(id)}; }

Saying to(const std::string& user) { return DirectMessage{UserId(user), say("hello")}; }

}  // namespace

TEST_CASE("each saying waits in the lane whose order it must keep", "[storage][outbox]")
{
    struct Row {
        Saying saying;
        const char* lane;
    };

    const auto row = GENERATE(values<Row>({
        {CardRefresh{}, "slack:C0DEPLOYS"},
        {Notice{"pre_deployment", {}, {}}, "slack:C0DEPLOYS"},
        {ThreadNote{say("note")}, "slack:C0DEPLOYS"},
        {PostmortemFile{}, "slack:C0DEPLOYS"},
        {Whisper{UserId("U0ALICE"), ChannelId(), say("psst")}, "slack:C0DEPLOYS"},
        {Whisper{UserId("U0ALICE"), ChannelId("C0RANDOM"), say("psst")}, "slack:C0RANDOM"},
        {DirectMessage{UserId("U0ALICE"), say("hello")}, "slack:U0ALICE"},
        {LinearComment{"ENG-123", "text"}, "linear:ENG-123"},
        {RunAction{"deploy"}, "actions:web"},
        {RunAction{"rollback"}, "rollback:web"},
        {RunAction{"reverse_migrations"}, "rollback:web"},
        {EndAction{"deploy"}, "rollback:web"},
    }));
    CAPTURE(row.lane);
    TemporaryStore home;
    home.events(1, {planned("web")});
    home.enqueue(row.saying);
    const auto due = home.due();
    REQUIRE(due.size() == 1);
    CHECK(due[0].lane == row.lane);
    CHECK(kind_of(due[0].saying) == kind_of(row.saying));
    CHECK(to_json(due[0].saying) == to_json(row.saying));
}

TEST_CASE("a row says all that its delivery needs", "[storage][outbox]")
{
    TemporaryStore home;
    home.events(7, {planned()});
    const auto id = home.enqueue(note(), 7);
    const auto row = home.due().at(0);
    CHECK(row.id == id);
    CHECK(row.deployment == DeploymentId{7});
    CHECK(row.created_at == noon);
    CHECK(row.attempts == 0);
    CHECK_FALSE(row.ambiguous);
    CHECK(row.requested_by == "U0ALICE");
}

TEST_CASE("a row keeps the id that its decision gave it, and no id is taken twice", "[storage][outbox]")
{
    TemporaryStore home;
    const OutboxDraft draft{LinearComment{"ENG-123", "Stakeholder sign-off: Jane"}, "comment-id"};
    const auto enqueue = [&] {
        home.job([&](Store& store) { store.enqueue(draft, {1}, deploys, "U0ALICE", noon, home.new_uuid()); });
    };
    enqueue();
    CHECK(home.due_ids() == Ids{"comment-id"});
    CHECK_THROWS_AS(enqueue(), SQLite::Exception);
}

TEST_CASE("the head of a lane holds up its followers and nobody else", "[storage][outbox]")
{
    TemporaryStore home;
    const auto first = home.enqueue(note());
    const auto second = home.enqueue(note());
    const auto other = home.enqueue(to("U0BOB"));
    CHECK(home.due_ids() == Ids{first, other});

    SECTION("until it is delivered")
    {
        home.job([&](Store& store) { store.mark_delivered(first, "1700000000.000100", noon); });
        CHECK(home.due_ids() == Ids{second, other});
        CHECK(
            value(home.path, "SELECT remote FROM outbox WHERE id = '" + first + "'") == "1700000000.000100"
        );
    }
    SECTION("until it is given up")
    {
        home.job([&](Store& store) { store.mark_rejected(first, "channel_not_found", noon); });
        CHECK(home.due_ids() == Ids{second, other});
        CHECK(value(home.path, "SELECT error FROM outbox WHERE id = '" + first + "'") == "channel_not_found");
    }
    SECTION("also while it waits for another try")
    {
        home.job([&](Store& store) { store.defer(first, noon + 1s, false, "ratelimited"); });
        CHECK(home.due_ids() == Ids{other});
        home.now += 999ms;
        CHECK(home.due_ids() == Ids{other});
        home.now += 1ms;
        CHECK(home.due_ids() == Ids{first, other});
        CHECK(home.due().at(0).attempts == 1);
    }
    SECTION("also after a restart")
    {
        home.reopen();
        CHECK(home.due_ids() == Ids{first, other});
    }
}

TEST_CASE("a row put off by a clock that is then put back does not wait for it", "[storage][outbox]")
{
    TemporaryStore home;
    const auto id = home.enqueue(note());
    home.job([&](Store& store) { store.defer(id, home.now + 5min, false, "away"); });
    CHECK(home.due().empty());
    home.now -= 5h;
    CHECK(home.due_ids() == Ids{id});
    home.job([&](Store& store) {
        store.defer(id, home.now + Store::longest_deferral, false, "Retry-After: 3600");
    });
    CHECK(home.due().empty());
    home.now += Store::longest_deferral;
    CHECK(home.due_ids() == Ids{id});
}

TEST_CASE("a row that cannot be read says so and hides none of the others", "[storage][outbox]")
{
    TemporaryStore home;
    const auto damaged = home.enqueue(note());
    const auto other = home.enqueue(to("U0BOB"));
    tamper(home.path, "UPDATE outbox SET kind = 'of_a_newer_version' WHERE id = '" + damaged + "'");
    const auto due = home.due();
    REQUIRE(due.size() == 2);
    CHECK(due[0].unreadable.find("of_a_newer_version") != std::string::npos);
    CHECK(due[1].id == other);
    CHECK(due[1].unreadable.empty());
}

TEST_CASE("a row of an older version whose text is not UTF-8 is read", "[storage][outbox]")
{
    TemporaryStore home;
    home.enqueue(ThreadNote{say("action_failed", {{"output", "caf?"}}), {}});
    tamper(home.path, "UPDATE outbox SET body = replace(body, '?', CAST(X'E9' AS TEXT))");
    const auto due = home.due();
    REQUIRE(due.size() == 1);
    CHECK(due[0].unreadable.empty());
    CHECK(std::get<ThreadNote>(due[0].saying).sentence.facts.at("output") == "caf\uFFFD");
}

TEST_CASE("facts of any bytes can be read again", "[storage][outbox]")
{
    TemporaryStore home;
    home.enqueue(ThreadNote{say("action_failed", {{"list", {"\xe9", {{"deep", "caf\xc3"}}}}}), {}});
    const auto due = home.due();
    REQUIRE(due.size() == 1);
    CHECK(due[0].unreadable.empty());
}

TEST_CASE("a new row is due at once, even if the clock is then put back", "[storage][outbox]")
{
    TemporaryStore home;
    home.enqueue(note());
    home.now -= 3h;
    CHECK(home.due().size() == 1);
}

TEST_CASE("a settled row stays as it is", "[storage][outbox]")
{
    TemporaryStore home;
    const auto id = home.enqueue(note());
    home.job([&](Store& store) { store.mark_delivered(id, "ts", noon); });
    home.job([&](Store& store) { store.defer(id, noon, true, "late answer"); });
    home.job([&](Store& store) { store.mark_rejected(id, "late answer", noon); });
    CHECK(rows(home.path, "SELECT state, remote, error, ambiguous FROM outbox") == Ids{"delivered|ts||0"});
    CHECK(home.due().empty());
}

TEST_CASE("an outcome that nobody knows is marked as such until it is known", "[storage][outbox]")
{
    TemporaryStore home;
    const auto id = home.enqueue(note());
    home.job([&](Store& store) { store.defer(id, noon, true, "timed out"); });
    CHECK(home.due().at(0).ambiguous);
    home.reopen();
    CHECK(home.due().at(0).ambiguous);
    home.job([&](Store& store) { store.defer(id, noon, false, "looked: not there; ratelimited"); });
    CHECK_FALSE(home.due().at(0).ambiguous);
}

TEST_CASE("a notice that may have been posted somewhere has no place yet", "[storage][outbox]")
{
    TemporaryStore home;
    const auto has_unplaced = [&] {
        return home.ask([](Store& store) { return store.has_unplaced_message(); });
    };
    const auto id = home.enqueue(Notice{"pre_deployment", {}, {}});
    CHECK_FALSE(has_unplaced());  // nobody has begun to say it
    SECTION("while it is in hand")
    {
        CHECK(home.due().size() == 1);
        CHECK(has_unplaced());
    }
    SECTION("after an answer that never came, until it is known")
    {
        home.job([&](Store& store) { store.defer(id, noon, true, "timed out"); });
        CHECK(has_unplaced());
        home.job([&](Store& store) { store.defer(id, noon, false, "looked: not there; ratelimited"); });
        CHECK_FALSE(has_unplaced());
    }
    SECTION("a note in a thread is no message that people reply under")
    {
        const auto other = home.enqueue(note());
        home.job([&](Store& store) { store.defer(other, noon, true, "timed out"); });
        CHECK_FALSE(has_unplaced());
    }
}

TEST_CASE("a row in hand when the process ended may have been said", "[storage][outbox]")
{
    TemporaryStore home;
    const auto in_hand = home.enqueue(note());
    home.enqueue(note());
    const auto deferred = home.enqueue(to("U0BOB"));
    CHECK(home.due_ids() == Ids{in_hand, deferred});
    CHECK_FALSE(home.due().at(0).ambiguous);  // asked again by the same process, it still knows
    home.job([&](Store& store) { store.defer(deferred, noon, false, "ratelimited"); });
    home.reopen();
    const auto due = home.due();
    CHECK(due.at(0).id == in_hand);
    CHECK(due.at(0).ambiguous);
    CHECK(due.at(1).id == deferred);
    CHECK_FALSE(due.at(1).ambiguous);
    home.job([&](Store& store) { store.mark_delivered(in_hand, "ts", noon); });
    CHECK_FALSE(home.due().at(0).ambiguous);  // its follower was never in hand
}

TEST_CASE("cards that wait become one, and so do drafts of a post-mortem", "[storage][outbox][card]")
{
    const auto newest = GENERATE(values<Saying>({CardRefresh{}, PostmortemFile{}}));
    TemporaryStore home;
    home.events(1, {planned()});
    home.events(2, {planned("api")});
    const auto card = home.enqueue(newest);
    home.enqueue(newest);
    home.enqueue(newest);
    CHECK(home.ask([](Store& store) { return store.outbox_waiting(); }) == 1);
    home.enqueue(newest, 2);
    CHECK(home.ask([](Store& store) { return store.outbox_waiting(); }) == 2);

    SECTION("also behind other rows: the one that waits stands earlier")
    {
        home.enqueue(note());
        home.enqueue(newest);
        CHECK(home.ask([](Store& store) { return store.outbox_waiting(); }) == 3);
    }
    SECTION("also while Slack is away: it is drawn when it goes out")
    {
        CHECK(home.due_ids() == Ids{card});
        home.job([&](Store& store) { store.defer(card, noon + 30s, false, "503"); });
        home.enqueue(newest);
        CHECK(home.ask([](Store& store) { return store.outbox_waiting(); }) == 2);
    }
    SECTION("but not with one in hand, which may have been drawn already")
    {
        CHECK(home.due_ids() == Ids{card});
        const auto next = home.enqueue(newest);
        home.enqueue(newest);
        CHECK(home.ask([](Store& store) { return store.outbox_waiting(); }) == 3);
        home.job([&](Store& store) { store.mark_delivered(card, "ts", noon); });
        CHECK(home.due_ids() != Ids{next});  // that of D-2 was asked for earlier
    }
    SECTION("nor with one that may have arrived as it was")
    {
        home.job([&](Store& store) { store.defer(card, noon, true, "timed out"); });
        home.enqueue(newest);
        CHECK(home.ask([](Store& store) { return store.outbox_waiting(); }) == 3);
    }
    SECTION("nor with a delivered one")
    {
        home.job([&](Store& store) { store.mark_delivered(card, "ts", noon); });
        home.enqueue(newest);
        CHECK(home.ask([](Store& store) { return store.outbox_waiting(); }) == 2);
    }
}

TEST_CASE("a new deployment's card goes out before the notes in its thread", "[storage][outbox][card]")
{
    TemporaryStore home;
    auto decision = decision_of(1, {planned()});
    decision.outbox = {{CardRefresh{}}, {note("planned")}};
    home.record(decision);
    decision.events = {signed_off("U0PETRA")};
    decision.outbox = {{CardRefresh{}}, {note("signed")}};
    home.record(decision);

    Ids kinds;
    while (!home.due().empty()) {
        const auto head = home.due().at(0);
        kinds.push_back(kind_of(head.saying));
        home.job([&](Store& store) { store.mark_delivered(head.id, "ts", noon); });
    }
    CHECK(kinds == Ids{"card", "thread_note", "thread_note"});
}

TEST_CASE("a card that changes while it is being delivered is delivered again", "[storage][outbox][card]")
{
    TemporaryStore home;
    auto decision = decision_of(1, {planned()});
    decision.outbox = {{CardRefresh{}}};
    home.record(decision);
    int shown = 0;
    const auto deliver = [&](const std::function<void()>& meanwhile) {
        const auto due = home.due();
        if (due.empty()) {
            return false;
        }
        const auto drawn = home.ask([](Store& store) { return store.load({1})->revision; });
        meanwhile();
        home.job([&](Store& store) { store.mark_delivered(due[0].id, "ts", noon); });
        shown = drawn;
        return true;
    };
    CHECK(deliver([&] {
        decision.events = {amended(2)};
        home.record(decision);
    }));
    CHECK(shown == 1);
    CHECK(deliver([] {}));
    CHECK(shown == 2);
    CHECK_FALSE(deliver([] {}));
}

}  // namespace slipway::storage::testing
