#include "bot/outbox/courier.hpp"

#include "commands/verbs/asks.hpp"
#include "commands/verbs/table.hpp"
#include "tests/bot/fake_slack.hpp"
#include "tests/bot/inline_storage.hpp"
#include "tests/storage/temporary_store.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <array>
#include <set>

namespace slipway {

namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using storage::testing::planned;
using storage::testing::rows;
using storage::testing::TemporaryStore;

const ChannelId deploys("C0DEPLOYS");

/// Runs jobs at once; the n-th of them fails for each n in `failing`.
class FaultyStorage : public StorageRunner {
public:
    explicit FaultyStorage(storage::Store& store) : real_(store) {}

    asio::awaitable<void> run(Job job) override
    {
        if (failing.contains(++jobs)) {
            throw storage::Unavailable("database or disk is full");
        }
        co_await real_.run(std::move(job));
    }

    std::set<int> failing;
    int jobs = 0;

private:
    testing::InlineStorage real_;
};

/// Time passes while somebody sleeps; not during the courier's naps where these take none.
class NapClock : public testing::StillClock {
public:
    bool naps_pass = true;

    [[nodiscard]] asio::awaitable<void> sleep_for(std::chrono::milliseconds duration) override
    {
        constexpr std::chrono::milliseconds nap{1'000};
        if (naps_pass || duration != nap) {
            pass(duration);
        }
        co_return;
    }
};

/// The courier of D-1, which Alice plans and Bob is on call for.
struct Office : TemporaryStore {
    Office()
    {
        auto plan = std::get<Planned>(planned());
        plan.on_call = UserId("U0BOB");
        events(1, {plan});
        policy.zone = date::locate_zone(policy.timezone);
        http.answer("chat.postMessage", R"({"ok":true,"ts":"1.000001"})");
        http.answer("conversations.open", R"({"ok":true,"channel":{"id":"D0SOMEBODY"}})");
    }

    /// Lets the courier work until `holds`.
    [[nodiscard]] bool until(const std::function<bool()>& holds)
    {
        asio::io_context context{1};
        Committed committed;
        Judge judge(policy, deploys, storage, clock, random, committed);
        judge.set_roles(std::make_shared<RoleBook>(book));
        const Views views({policy, judge, library, clock, [] { return KnownPeople{}; }});
        Courier courier(
            context.get_executor(),
            {storage,
             slack,
             linear,
             library,
             policy,
             clock,
             random,
             deploys,
             views,
             committed,
             [this](storage::OutboxRow row, Deployment deployment, bool may_have_run) {
                 return act(std::move(row), std::move(deployment), may_have_run);
             }}
        );
        asio::cancellation_signal end;
        bool ended = false;
        std::exception_ptr failure;
        asio::co_spawn(
            context,
            courier.run(),
            asio::bind_cancellation_slot(
                end.slot(),
                [&](std::exception_ptr error) {
                    ended = true;
                    failure = error;
                }
            )
        );
        bool held = false;
        for (int steps = 0; steps < 50'000 && !ended && !held; ++steps) {
            context.run_one();
            held = holds();
        }
        if (ended && failure) {
            std::rethrow_exception(failure);
        }
        end.emit(asio::cancellation_type::terminal);
        asio::co_spawn(context, courier.break_off(), [](std::exception_ptr) {});
        context.run();
        return held;
    }

    [[nodiscard]] std::string state(const std::string& id) const
    {
        return rows(path, "SELECT state FROM outbox WHERE id = '" + id + "'").at(0);
    }

    [[nodiscard]] bool is_settled(const std::string& id) const { return state(id) != "waiting"; }

    /// What is known of the messages that were posted.
    [[nodiscard]] std::vector<std::string> remembered() const
    {
        return rows(path, "SELECT purpose, ts FROM messages ORDER BY purpose");
    }

    /// Slack has the message of the row called `id`.
    void found(const std::string& ts, const std::string& id)
    {
        http.answer(
            "conversations.history",
            R"({"ok":true,"messages":[{"ts":")" + ts +
                R"(","metadata":{"event_type":"slipway","event_payload":{"outbox_id":")" + id + R"("}}}]})"
        );
    }

    asio::awaitable<void> act(storage::OutboxRow, Deployment, bool may_have_run)
    {
        acted.push_back(may_have_run);
        co_return;
    }

    FaultyStorage storage{*store};
    testing::FakeSlack http;
    NapClock clock;
    slack::WebApi slack{http, clock, testing::FakeSlack::url, "xoxb-test"};
    linear::Client linear{http, "https://slack.test/api/graphql", "lin-test"};
    templates::Library library;
    SeededRandom random{1};
    Policy policy;
    RoleBook book;
    std::vector<bool> acted;  ///< whether it may have run before
};

}  // namespace

TEST_CASE("an action that was not begun because the disk failed is begun afterwards", "[bot][courier]")
{
    Office office;
    const auto rollback = office.enqueue(RunAction{"rollback"});
    office.storage.failing = {2};  // the first looks what is due, the second reads the deployment
    REQUIRE(office.until([&] { return office.is_settled(rollback); }));
    CHECK(office.acted == std::vector<bool>{false});
}

TEST_CASE("an action whose end could not be stored is not begun again", "[bot][courier]")
{
    Office office;
    const auto rollback = office.enqueue(RunAction{"rollback"});
    office.storage.failing = {3};
    REQUIRE(office.until([&] { return office.is_settled(rollback); }));
    CHECK(office.acted == std::vector<bool>{false, true});
}

TEST_CASE("a post is one commit, with what is remembered of it", "[bot][courier]")
{
    Office office;
    const auto card = office.enqueue(CardRefresh{});
    REQUIRE(office.until([&] { return office.is_settled(card); }));
    // It looks twice at what is due, reads what it shows, and stores what came of it.
    CHECK(office.storage.jobs == 4);
    CHECK(office.remembered() == std::vector<std::string>{"card|1.000001"});
}

TEST_CASE("a message whose end could not be stored is found, and remembered then", "[bot][courier]")
{
    Office office;
    const auto card = office.enqueue(CardRefresh{});
    office.found("1.000007", card);
    office.storage.failing = {3};
    REQUIRE(office.until([&] { return office.is_settled(card); }));
    CHECK(office.http.calls("chat.postMessage") == 1);
    CHECK(office.remembered() == std::vector<std::string>{"card|1.000007"});
}

TEST_CASE("what cannot be looked for is not taken for what was not said", "[bot][courier]")
{
    Office office;
    const auto note = office.enqueue(ThreadNote{say("runbook_review_asked")});
    office.http.answer("chat.postMessage", "", 502);
    office.http.answer("conversations.history", R"({"ok":false,"error":"ratelimited"})", 429);
    REQUIRE(office.until([&] { return office.http.calls("conversations.history") == 3; }));
    office.http.answer("chat.postMessage", R"({"ok":true,"ts":"1.000008"})");
    REQUIRE(office.until([&] { return office.http.calls("conversations.history") == 6; }));
    office.found("1.000007", note);
    REQUIRE(office.until([&] { return office.is_settled(note); }));
    CHECK(office.http.calls("chat.postMessage") == 1);
    CHECK(rows(office.path, "SELECT remote FROM outbox") == std::vector<std::string>{"1.000007"});
}

TEST_CASE("what may have been said is not looked for before Slack had time to say it", "[bot][courier]")
{
    Office office;
    const auto note = office.enqueue(ThreadNote{say("runbook_review_asked")});
    office.http.answer("chat.postMessage", "", 502);
    REQUIRE(office.until([&] { return office.http.calls("chat.postMessage") == 1; }));
    const auto posted = office.clock.steady;
    office.found("1.000007", note);
    REQUIRE(office.until([&] { return office.is_settled(note); }));
    CHECK(office.clock.steady - posted >= std::chrono::seconds{5});
}

TEST_CASE("a whisper waits where the token is refused between its two calls", "[bot][courier]")
{
    Office office;
    const auto whisper = office.enqueue(Whisper{UserId("U0BOB"), deploys, say("runbook_review_asked")});
    office.http.answer("chat.postEphemeral", R"({"ok":false,"error":"user_not_in_channel"})");
    office.http.answer("conversations.open", R"({"ok":false,"error":"token_revoked"})");
    REQUIRE(office.until([&] { return office.http.calls("conversations.open") == 2; }));
    CHECK(office.state(whisper) == "waiting");
    office.http.answer("conversations.open", R"({"ok":true,"channel":{"id":"D0SOMEBODY"}})");
    REQUIRE(office.until([&] { return office.is_settled(whisper); }));
    CHECK(office.state(whisper) == "delivered");
}

TEST_CASE("a card that was posted is edited when its row comes back, not posted again", "[bot][courier]")
{
    Office office;
    office.job([](storage::Store& store) {
        store.remember_message({{1}, purpose_of({0, UserId("U0PETRA"), "row"}), deploys, "1.000000"});
    });
    office.http.answer("chat.update", "", 502);  // so the message that asked Petra keeps its buttons
    const auto card = office.enqueue(CardRefresh{});
    REQUIRE(office.until([&] { return office.http.calls("chat.update") == 3; }));
    CHECK(office.remembered().back() == "card|1.000001");
    office.http.answer("chat.update", R"({"ok":true,"ts":"1.000001"})");
    REQUIRE(office.until([&] { return office.is_settled(card); }));
    CHECK(office.http.calls("chat.postMessage") == 1);
    CHECK(office.remembered() == std::vector<std::string>{"card|1.000001"});
}

TEST_CASE("an edit that may have come through leaves no doubt about what was posted", "[bot][courier]")
{
    Office office;
    office.job([](storage::Store& store) { store.remember_message({{1}, "card", deploys, "1.000001"}); });
    office.http.answer("chat.update", "", 502);
    (void)office.enqueue(CardRefresh{});
    REQUIRE(office.until([&] { return office.http.calls("chat.update") == 2; }));
    CHECK(rows(office.path, "SELECT ambiguous FROM outbox") == std::vector<std::string>{"0"});
}

TEST_CASE("a row that nobody can read is refused, and the next one goes out", "[bot][courier]")
{
    Office office;
    const auto* damage = GENERATE("kind = 'of_a_newer_version'", "body = '{'", "body = '[]'", "body = '{}'");
    CAPTURE(damage);
    const auto damaged = office.enqueue(ThreadNote{say("runbook_review_asked")});
    const auto next = office.enqueue(ThreadNote{say("runbook_review_asked")});
    storage::testing::tamper(
        office.path, std::string("UPDATE outbox SET ") + damage + " WHERE id = '" + damaged + "'"
    );
    REQUIRE(office.until([&] { return office.is_settled(next); }));
    CHECK(office.state(damaged) == "rejected");
    CHECK(office.state(next) == "delivered");
}

TEST_CASE("what is said to one person waits too while Slack refuses the bot", "[bot][courier]")
{
    Office office;
    const auto* code = GENERATE("token_revoked", "account_inactive", "missing_scope");
    CAPTURE(code);
    const auto whisper = office.enqueue(Whisper{UserId("U0BOB"), deploys, say("runbook_review_asked")});
    const auto direct = office.enqueue(DirectMessage{UserId("U0BOB"), say("runbook_review_asked")});
    const auto answers = office.http.answers;
    office.http.refuse_all(code);
    REQUIRE(office.until([&] { return office.http.asked.size() > 20; }));
    CHECK(office.state(whisper) == "waiting");
    CHECK(office.state(direct) == "waiting");
    office.http.answers = answers;
    office.http.otherwise = {200, {}, R"({"ok":true})"};
    REQUIRE(office.until([&] { return office.is_settled(whisper) && office.is_settled(direct); }));
    CHECK(office.state(whisper) == "delivered");
    CHECK(office.state(direct) == "delivered");
    CHECK(rows(office.path, "SELECT count(*) FROM outbox") == std::vector<std::string>{"2"});
}

TEST_CASE("while Slack refuses the bot nobody is told so, message by message", "[bot][courier]")
{
    Office office;
    const auto note = office.enqueue(ThreadNote{say("runbook_review_asked")});
    const auto answers = office.http.answers;
    office.http.refuse_all("token_revoked");
    REQUIRE(office.until([&] { return office.http.asked.size() > 5; }));
    office.http.answers = answers;
    REQUIRE(office.until([&] { return office.is_settled(note); }));
    CHECK(rows(office.path, "SELECT kind FROM outbox") == std::vector<std::string>{"thread_note"});
}

TEST_CASE("a whisper that could only be said directly does not hold up its channel", "[bot][courier]")
{
    Office office;
    const auto whisper = office.enqueue(Whisper{UserId("U0BOB"), deploys, say("runbook_review_asked")});
    const auto note = office.enqueue(ThreadNote{say("runbook_review_asked")});
    office.http.answer("chat.postEphemeral", R"({"ok":false,"error":"user_not_in_channel"})");
    office.http.answer("conversations.open", R"({"ok":false,"error":"missing_scope","needed":"im:write"})");
    REQUIRE(office.until([&] { return office.is_settled(note); }));
    CHECK(office.state(whisper) == "rejected");
}

TEST_CASE("whoever wanted it said is told what to do about the channel", "[bot][courier]")
{
    const auto [code, hint] = GENERATE(table<std::string, std::string>(
        {{"not_in_channel", "hint_not_in_channel"},
         {"user_not_in_channel", "hint_not_in_channel"},
         {"channel_not_found", "hint_channel_not_found"},
         {"is_archived", "hint_channel_not_found"},
         {"missing_scope", "hint_missing_scope"},
         {"msg_too_long", "hint_other"}}
    ));
    CAPTURE(code);
    Office office;
    office.http.answer("chat.postMessage", R"({"ok":false,"error":")" + code + "\"}");
    (void)office.enqueue(ThreadNote{say("runbook_review_asked")});
    const auto told = [&] {
        return rows(office.path, "SELECT body FROM outbox WHERE kind = 'direct_message'");
    };
    REQUIRE(office.until([&] { return !told().empty(); }));
    INFO(told().front());
    const auto why = office.library.plain(say(hint, {{"code", code}}));
    CHECK(told().front().find(why) != std::string::npos);
}

TEST_CASE("trouble with what a timer wanted said is told to the author and on-call", "[bot][courier]")
{
    Office office;
    office.job([&](storage::Store& store) {
        const OutboxDraft draft{ThreadNote{say("runbook_review_asked")}};
        store.enqueue(draft, {1}, deploys, "slipway", office.now, office.new_uuid());
    });
    office.http.answer(
        "chat.postMessage", R"({"ok":false,"error":"restricted_action_non_threadable_channel"})"
    );
    REQUIRE(office.until([&] { return office.http.calls("chat.postMessage") > 6; }));
    const auto told = rows(
        office.path,
        "SELECT lane FROM outbox WHERE kind = 'direct_message' AND body LIKE '%could_not_say%' ORDER BY lane"
    );
    CHECK(told == std::vector<std::string>{"slack:U0ALICE", "slack:U0BOB"});
    CHECK(
        rows(office.path, "SELECT state FROM outbox WHERE kind = 'thread_note'") ==
        std::vector<std::string>{"waiting"}
    );
}

TEST_CASE(
    "a comment that Linear refuses waits for whoever can fix it, and whoever asked is told", "[bot][courier]"
)
{
    struct Row {
        int status;
        const char* answer;
        const char* state;
        const char* hint;
    };

    const auto row = GENERATE(values<Row>(
        {{401, R"({"errors":[{}]})", "waiting", "LINEAR_API_KEY"},
         {200, R"({"errors":[{"extensions":{"code":"FORBIDDEN"}}]})", "waiting", "comment on ENG-1"},
         {200,
          R"({"errors":[{"extensions":{"code":"FEATURE_NOT_ACCESSIBLE"}}]})",
          "waiting",
          "check the plan and its limits"},
         {200, R"({"errors":[{"message":"Entity not found: Issue"}]})", "rejected", "know the issue ENG-1"},
         {200, R"({"errors":[{"message":"No"}]})", "rejected", "it was refused with"}}
    ));
    CAPTURE(row.hint);
    Office office;
    const auto comment =
        office.enqueue(LinearComment{"ENG-1", "Stakeholder sign-off: Petra Pohl, 2026-11-24"});
    office.http.answer("graphql", row.answer, row.status);
    const auto told = [&] {
        return rows(office.path, std::string("SELECT lane FROM outbox WHERE body LIKE '%") + row.hint + "%'");
    };
    REQUIRE(office.until([&] { return !told().empty(); }));
    CHECK(told() == std::vector<std::string>{"slack:U0ALICE"});
    CHECK(office.state(comment) == row.state);
    office.http.answer("graphql", R"({"data":{"commentCreate":{"success":true,"comment":{"id":"c"}}}})");
    REQUIRE(office.until([&] { return office.is_settled(comment); }));
    CHECK(office.state(comment) == (row.state == std::string("waiting") ? "delivered" : "rejected"));
}

TEST_CASE("a card that nobody may edit any more is shown in its thread, and nobody is told", "[bot][courier]")
{
    Office office;
    const auto* code = GENERATE("edit_window_closed", "cant_update_message");
    CAPTURE(code);
    office.job([](storage::Store& store) { store.remember_message({{1}, "card", deploys, "1.000000"}); });
    office.http.answer("chat.update", std::string(R"({"ok":false,"error":")") + code + "\"}");
    const auto first = office.enqueue(CardRefresh{});
    REQUIRE(office.until([&] { return office.is_settled(first); }));
    CHECK(office.state(first) == "delivered");
    CHECK(office.http.asked.back().body.find(R"("thread_ts":"1.000000")") != std::string::npos);
    CHECK(
        rows(office.path, "SELECT purpose, ts FROM messages ORDER BY purpose") ==
        std::vector<std::string>{"card|1.000000", "copy_of_card|1.000001"}
    );
    // The copy is edited as long as that may be.
    office.http.answer("chat.update", R"({"ok":true,"ts":"1.000001"})");
    const auto posted = office.http.calls("chat.postMessage");
    const auto second = office.enqueue(CardRefresh{});
    REQUIRE(office.until([&] { return office.is_settled(second); }));
    CHECK(office.http.calls("chat.postMessage") == posted);
    CHECK(office.http.asked.back().body.find(R"("ts":"1.000001")") != std::string::npos);
    CHECK(rows(office.path, "SELECT count(*) FROM outbox") == std::vector<std::string>{"2"});
}

TEST_CASE("a card that shows it already is not edited again", "[bot][courier]")
{
    Office office;
    office.job([](storage::Store& store) { store.remember_message({{1}, "card", deploys, "1.000000"}); });
    office.http.answer("chat.update", R"({"ok":true,"ts":"1.000000"})");
    auto row = office.enqueue(CardRefresh{});
    int states = 1;
    REQUIRE(office.until([&] {
        if (!office.is_settled(row)) {
            return false;
        }
        if (states == 2) {  // nothing has happened between the first two
            office.events(1, {GoGiven{}});
        }
        const bool is_last = ++states > 3;
        row = is_last ? row : office.enqueue(CardRefresh{});
        return is_last;
    }));
    CHECK(office.http.calls("chat.update") == 2);
    CHECK(
        rows(office.path, "SELECT count(*) FROM outbox WHERE state = 'delivered'") ==
        std::vector<std::string>{"3"}
    );
}

TEST_CASE("a card is edited once a second at most, and then shows the newest", "[bot][courier]")
{
    Office office;
    office.job([](storage::Store& store) { store.remember_message({{1}, "card", deploys, "1.000000"}); });
    office.http.answer("chat.update", R"({"ok":true,"ts":"1.000000"})");
    office.clock.naps_pass = false;
    const auto begun = office.clock.steady;
    auto row = office.enqueue(CardRefresh{});
    const std::array happens{
        Event{GoGiven{}},
        Event{Declined{1, UserId("U0PETRA"), "Petra Pohl", "totals are off"}},
        Event{Cancelled{"not now"}}};
    std::size_t acts = 0;
    REQUIRE(office.until([&] {
        if (!office.is_settled(row)) {
            return false;
        }
        if (acts == happens.size()) {
            return true;
        }
        office.clock.pass(std::chrono::milliseconds{100});
        office.events(1, {happens.at(acts++)});
        row = office.enqueue(CardRefresh{});
        return false;
    }));
    CHECK(office.http.calls("chat.update") == 4);
    CHECK(office.clock.steady - begun >= std::chrono::seconds{3});
}

TEST_CASE("the messages that asked for a sign-off lose their buttons once it is given", "[bot][courier]")
{
    Office office;
    office.book.members[Role::product_lead] = {UserId("U0PETRA"), UserId("U0PAUL")};
    office.http.answer("chat.update", R"({"ok":true,"ts":"1.000001"})");
    const std::vector<Button> buttons{{.verb = "signoff", .label = "Sign off"}};
    auto row = office.enqueue(DirectMessage{UserId("U0PETRA"), say("chase_sign_off"), buttons});
    (void)office.enqueue(DirectMessage{UserId("U0PAUL"), say("chase_sign_off"), buttons});
    const auto other = office.enqueue(DirectMessage{UserId("U0RAJ"), say("chase_sign_off")});
    const auto asks = [&] {
        return rows(office.path, "SELECT count(*) FROM messages WHERE purpose LIKE 'ask:%'").at(0);
    };
    REQUIRE(office.until([&] { return office.is_settled(other) && asks() == "2"; }));
    row = office.enqueue(CardRefresh{});
    REQUIRE(office.until([&] { return office.is_settled(row); }));
    CHECK(asks() == "2");  // they wait still
    auto given = std::get<SignedOff>(storage::testing::signed_off("U0PETRA"));
    given.roles = {Role::product_lead, Role::dev_lead, Role::requestor};
    office.events(1, {given});
    row = office.enqueue(CardRefresh{});
    REQUIRE(office.until([&] { return office.is_settled(row); }));
    CHECK(asks() == "0");
    std::vector<std::string> edits;
    for (const auto& each : office.http.asked) {
        if (each.url.ends_with("chat.update") && each.body.find("D0SOMEBODY") != std::string::npos) {
            edits.push_back(each.body);
        }
    }
    REQUIRE(edits.size() == 2);
    for (const auto& edit : edits) {
        CHECK(edit.find("verb:signoff") == std::string::npos);
    }
    const auto all = edits.front() + edits.back();
    CHECK(all.find("You signed off D-1") != std::string::npos);
    CHECK(all.find("is no longer waiting for you: <@U0PETRA> signed off") != std::string::npos);
}

TEST_CASE("who is asked again for the same finds the buttons in the newer message alone", "[bot][courier]")
{
    Office office;
    office.http.answer("chat.update", R"({"ok":true,"ts":"1.000001"})");
    const auto ask = [&](const char* sentence, const Button& button) {
        const auto row = office.enqueue(DirectMessage{UserId("U0PETRA"), say(sentence), {button}});
        REQUIRE(office.until([&] { return office.is_settled(row); }));
    };
    ask("ask_sign_off", {.verb = "signoff", .label = "Sign off"});
    ask("ask_confirm", {.verb = "confirm", .label = "Yes"});
    CHECK(office.http.calls("chat.update") == 0);
    ask("chase_sign_off", {.verb = "signoff", .label = "Sign off"});
    REQUIRE(office.http.calls("chat.update") == 1);
    const auto& edit = office.http.asked.back().body;
    CHECK(edit.find("answer the newer message") != std::string::npos);
    CHECK(edit.find("verb:signoff") == std::string::npos);
    CHECK(rows(office.path, "SELECT count(*) FROM messages WHERE purpose LIKE 'ask:%'").at(0) == "2");
    SECTION("also where Slack is away just then: it was asked, once")
    {
        office.http.answer("chat.update", "<html>", 503);
        ask("chase_sign_off", {.verb = "signoff", .label = "Sign off"});
        CHECK(office.http.calls("chat.postMessage") == 4);
    }
}

TEST_CASE("what a direct message said stays to be read when its buttons go", "[bot][courier]")
{
    Office office;
    office.http.answer("chat.update", R"({"ok":true,"ts":"1.000001"})");
    office.events(1, {Started{UserId("U0BOB"), "preferred"}, Completed{}});
    const std::vector<Button> buttons{
        {.verb = "tick", .label = "Check in", .fields = {{"checklist", "check_in_1"}}}};
    auto row = office.enqueue(DirectMessage{
        UserId("U0BOB"), say("check_in", {{"on_call", "<@U0BOB>"}, {"deployment", "D-1"}}), buttons});
    REQUIRE(office.until([&] { return office.is_settled(row); }));
    office.events(1, {ItemTicked{"check_in_1", "errors", false, ""}});
    row = office.enqueue(CardRefresh{});
    REQUIRE(office.until([&] { return office.is_settled(row); }));
    const auto edit = std::find_if(office.http.asked.begin(), office.http.asked.end(), [](const auto& each) {
        return each.url.ends_with("chat.update") && each.body.find("D0SOMEBODY") != std::string::npos;
    });
    REQUIRE(edit != office.http.asked.end());
    CHECK(edit->body.find("how is D-1 doing?") != std::string::npos);
    CHECK(edit->body.find("Done.") != std::string::npos);
    CHECK(edit->body.find("verb:tick") == std::string::npos);
}

TEST_CASE(
    "of a row that cannot be read the thread hears how it stands, and who asked for it", "[bot][courier]"
)
{
    Office office;
    office.events(
        1, {Started{UserId("U0BOB"), "preferred"}, ActionBegun{"deploy"}, ActionEnded{"deploy", false}}
    );
    const auto row = office.enqueue(ThreadNote{say("action_failed")});
    storage::testing::tamper(office.path, "UPDATE outbox SET body = '{' WHERE id = '" + row + "'");
    REQUIRE(office.until([&] {
        return rows(office.path, "SELECT 1 FROM outbox WHERE state = 'waiting'").empty();
    }));
    CHECK(
        rows(office.path, "SELECT kind, state FROM outbox ORDER BY seq") ==
        std::vector<std::string>{"thread_note|rejected", "thread_note|delivered", "direct_message|delivered"}
    );
    const auto posted =
        std::find_if(office.http.asked.begin(), office.http.asked.end(), [](const auto& each) {
            return each.body.find("I can no longer read") != std::string::npos;
        });
    REQUIRE(posted != office.http.asked.end());
    CHECK(posted->body.find("D-1 is deploying now. Failed: deploy.") != std::string::npos);
}

}  // namespace slipway
