#include "tests/bot/desk.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

namespace slipway {

namespace {

namespace json = boost::json;
using testing::Desk;
using namespace std::chrono_literals;

const std::string sign_off = "Stakeholder sign-off: Petra Pohl, today";

std::string words_of(const Desk::Ack& ack) { return ack ? boost::json::serialize(*ack) : "none"; }

bool says(const Desk::Ack& ack, const std::string& words)
{
    return words_of(ack).find(words) != std::string::npos;
}

/// To be repeated by Slack, or shown as failed.
bool is_refused(const Desk::Ack& ack) { return !ack.has_value(); }

bool is_taken(const Desk::Ack& ack) { return ack && ack->empty(); }

}  // namespace

TEST_CASE("a command is answered in its acknowledgement, once", "[bot][router]")
{
    Desk desk;
    slack::Envelope envelope{"e1", "slash_commands", true, {}};
    envelope.payload = {{"user_id", "U0DANA"}, {"command", "/deploy"}, {"trigger_id", "t1"}};
    SECTION("what it did is in the record before it is said")
    {
        envelope.payload["text"] = "go D-1";
        CHECK_FALSE(is_refused(desk.handle(envelope)));
        CHECK(desk.happened("go_given") == 1);
        CHECK(is_taken(desk.handle(envelope)));
        CHECK(desk.happened("go_given") == 1);
    }
    SECTION("a refusal is said, and stored nowhere")
    {
        envelope.payload["text"] = "done D-1";
        CHECK(says(desk.handle(envelope), "ephemeral"));
        CHECK(desk.to_say("whisper").empty());
    }
    SECTION("what cannot be read is answered without a look at who says it")
    {
        envelope.payload["text"] = "dance D-1";
        CHECK(says(desk.handle(envelope), "ephemeral"));
        CHECK(desk.http.asked.empty());
    }
    SECTION("/rollback says the verb")
    {
        envelope.payload["command"] = "/rollback";
        envelope.payload["text"] = "D-1 Errors at login";
        CHECK(says(desk.handle(envelope), "ephemeral"));
        CHECK(desk.http.calls("users.info") == 1);
    }
}

TEST_CASE("what cannot be stored is done by nobody", "[bot][router]")
{
    Desk desk;
    desk.storage.is_full = true;
    CHECK(says(desk.slash("U0DANA", "go D-1"), "ephemeral"));  // only a command can be answered in words
    CHECK(is_refused(desk.press("U0DANA", "go")));
    CHECK(is_refused(desk.submit("U0ALICE", "cancel", "reason", "Not needed")));
    CHECK(is_refused(desk.reply("U0PETRA", sign_off)));
    desk.storage.is_full = false;
    CHECK(desk.happened("go_given") + desk.happened("cancelled") + desk.happened("signed_off") == 0);
}

TEST_CASE("nobody acts whom Slack does not tell us of", "[bot][router]")
{
    Desk desk;
    desk.http.answer("users.info?user=U0DANA", "<html>", 503);
    desk.http.answer("users.info?user=U0PETRA", "<html>", 503);
    CHECK_FALSE(is_taken(desk.slash("U0DANA", "go D-1")));
    CHECK(is_refused(desk.press("U0DANA", "go")));       // Slack marks the button
    CHECK(is_refused(desk.reply("U0PETRA", sign_off)));  // Slack sends the event again
    CHECK(desk.happened("go_given") + desk.happened("signed_off") == 0);
    desk.http.add_user("U0PETRA", "Petra Pohl");
    CHECK(is_taken(desk.reply("U0PETRA", sign_off)));
    CHECK(desk.happened("signed_off") == 1);
}

TEST_CASE("a button does what it says, and refuses in a whisper", "[bot][router]")
{
    Desk desk;
    SECTION("done")
    {
        CHECK(is_taken(desk.press("U0DANA", "go")));
        CHECK(desk.happened("go_given") == 1);
    }
    SECTION("refused")
    {
        CHECK(is_taken(desk.press("U0ALICE", "go")));
        CHECK(desk.happened("go_given") == 0);
        CHECK(desk.to_say("whisper").size() == 1);
    }
    SECTION("of another version, of no verb or of the bot's own it does nothing")
    {
        const auto* verb = GENERATE("timer", "signal", "dance", "");
        CAPTURE(verb);
        CHECK(is_taken(desk.press("U0DANA", verb)));
        CHECK(is_taken(desk.submit("U0DANA", verb, "reason", "because")));
        CHECK(desk.recorded() == 1);
    }
}

TEST_CASE("a form that is refused shows why at its field and may be corrected", "[bot][router]")
{
    Desk desk;
    CHECK(says(desk.submit("U0ALICE", "cancel", "reason", ""), R"("errors":{"reason":)"));
    CHECK(desk.to_say("whisper").empty());
    CHECK(is_taken(desk.submit("U0ALICE", "cancel", "reason", "Not needed")));
    CHECK(desk.happened("cancelled") == 1);
    // Its answer was lost, and it is submitted again: it is done already and may close.
    CHECK(is_taken(desk.submit("U0ALICE", "cancel", "reason", "Not needed")));
    CHECK(desk.happened("cancelled") == 1);
}

TEST_CASE("a refused form whose envelope comes twice stays open", "[bot][router]")
{
    Desk desk;
    CHECK(says(desk.submit("U0ALICE", "cancel", "reason", ""), "errors"));
    --desk.envelopes;
    CHECK(is_refused(desk.submit("U0ALICE", "cancel", "reason", "")));
}

TEST_CASE("what stands under the card is heard, a sign-off with its link", "[bot][router]")
{
    Desk desk;
    CHECK(is_taken(desk.reply("U0PETRA", sign_off)));
    CHECK(desk.happened("signed_off") == 1);
    CHECK(desk.http.calls("chat.getPermalink") == 1);
    // The same message as another event.
    CHECK(is_taken(desk.reply("U0PETRA", sign_off)));
    CHECK(desk.happened("signed_off") == 1);
    CHECK(is_taken(desk.reply("U0PETRA", "Looks good", "1795575601.000100")));
    CHECK(desk.http.calls("chat.getPermalink") == 2);  // of the second event; none of what is no sign-off
}

TEST_CASE("a sign-off in a foreign thread is sent again only while a card may stand there", "[bot][router]")
{
    Desk desk;
    const auto foreign = [&](const std::string& text) {
        return desk.reply("U0PETRA", text, "1795575600.000100", "9.000001");
    };
    CHECK(is_taken(foreign(sign_off)));
    desk.enqueue(Notice{"pre_deployment", {}, {}});
    CHECK(is_taken(foreign(sign_off)));  // it is not on its way yet
    REQUIRE(desk.due().size() == 1);
    CHECK(is_refused(foreign(sign_off)));
    CHECK(is_taken(foreign("Looks good")));
}

TEST_CASE("GitHub is asked where Gate 1 is to be seen, and only about a pull request", "[bot][router]")
{
    Desk desk;
    desk.policy.gate1_by_github = true;
    const auto* line = GENERATE("check D-1", "start D-1", "status D-1", "rollback D-1");
    CAPTURE(line);
    CHECK_FALSE(says(desk.slash("U0BOB", line), "GitHub"));
    CHECK(desk.github_http.asked.empty());
    auto plan = testing::usual_plan();
    plan.pull_request = "https://github.com/acme/web/pull/12";
    desk.events(1, {Amended{2, plan}});
    (void)desk.slash("U0BOB", line);
    const auto said = std::string(line);
    CHECK(desk.github_http.asked.empty() == (said == "status D-1" || said == "rollback D-1"));
}

TEST_CASE(
    "an issue that the pull request calls by another of its names is looked for in Linear", "[bot][router]"
)
{
    Desk desk;
    desk.policy.gate1_by_github = true;
    auto plan = testing::usual_plan();
    plan.pull_request = "https://github.com/acme/web/pull/12";
    desk.events(1, {Amended{2, plan}});
    const std::string base = "github/repos/acme/web/";
    desk.github_http.answer(
        base + "pulls/12",
        R"({"title":"OPS-5","body":"Test plan: ran it","state":"open","head":{"sha":"2222"},
            "base":{"ref":"main","repo":{"default_branch":"main","full_name":"acme/web"}}})"
    );
    desk.github_http.answer(base + "pulls/12/reviews", "[]");
    desk.github_http.answer(base + "commits/2222/check-runs", R"({"check_runs":[]})");
    desk.github_http.answer(base + "commits/2222/status", R"({"total_count":0})");
    desk.github_http.answer(
        "github/graphql",
        R"({"data":{"repository":{"pullRequest":{"reviewThreads":{"totalCount":0,"nodes":[]}}}}})"
    );
    testing::FakeSlack linear_http;
    linear::Client linear(linear_http, "https://slack.test/api/linear", "lin-test");
    Router router(
        {desk.judge,
         desk.directory,
         desk.home,
         desk.forms,
         desk.slack,
         desk.storage,
         desk.library,
         desk.policy,
         desk.clock,
         desk.views,
         &desk.github,
         &linear}
    );
    const bool was_moved = GENERATE(true, false);
    CAPTURE(was_moved);
    const std::string earlier = was_moved ? "ENG-123" : "ENG-7";
    linear_http.answer(
        "linear",
        R"({"data":{"issue":{"identifier":"OPS-)" + std::string(was_moved ? "5" : "6") +
            R"(","previousIdentifiers":[")" + earlier + R"("]}}})"
    );
    slack::Envelope envelope{"e1", "slash_commands", true, {}};
    envelope.payload = {{"user_id", "U0BOB"}, {"command", "/deploy"}, {"text", "check D-1"}};
    const auto checked = testing::result_of(router.handle(std::move(envelope)), desk.context);
    CHECK(says(checked, "At least one peer review approval"));  // GitHub could be read
    CHECK(says(checked, "are referenced") == !was_moved);
    CHECK(linear_http.asked.size() == 1);
}

TEST_CASE("who signs has seen the head of the pull request; talk asks GitHub nothing", "[bot][router]")
{
    Desk desk;
    desk.policy.gate1_by_github = true;
    auto plan = testing::usual_plan();
    plan.pull_request = "https://github.com/acme/web/pull/12";
    desk.events(1, {Amended{2, plan}});
    desk.github_http.answer("github/repos/acme/web/pulls/12", R"({"head":{"sha":"2222"}})");
    (void)desk.reply("U0PETRA", "Looks good", "1795579200.000100");
    CHECK(desk.github_http.asked.empty());
    (void)desk.reply("U0PETRA", "Stakeholder sign-off: Petra Pohl, today", "1795579200.000200");
    CHECK(desk.github_http.asked.size() == 1);
    CHECK(
        storage::testing::rows(
            desk.path, "SELECT json_extract(body, '$.commit') FROM events WHERE kind = 'signed_off'"
        ) == std::vector<std::string>{"2222"}
    );
}

TEST_CASE("who calls the bot by its name is told, them alone, to use a command", "[bot][router]")
{
    Desk desk;
    const std::string us = "<@U0SLIPWAY> ";
    desk.http.answer("auth.test", R"({"ok":true,"user_id":"U0SLIPWAY","team_id":"T0TEAM"})");
    SECTION("not before Slack has said who we are") { CHECK(is_taken(desk.mention("U0ZOE", us + "help"))); }
    SECTION("not for another's name, nor for bare words")
    {
        (void)testing::result_of(desk.slack.auth_test(), desk.context);
        CHECK(is_taken(desk.mention("U0ZOE", "<@U0SLIPWAYS> help")));
        CHECK(is_taken(desk.mention("U0ZOE", "slipway help")));
    }
    CHECK(desk.to_say("whisper").empty());
    (void)testing::result_of(desk.slack.auth_test(), desk.context);
    const auto said = [&](const std::string& words) {
        const auto whispers = desk.to_say("whisper");
        return whispers.size() == 1 && whispers.front().find(R"("id":"mentioned")") != std::string::npos &&
               whispers.front().find(words) != std::string::npos;
    };
    SECTION("in the channel")
    {
        CHECK(is_taken(desk.mention("U0ZOE", us + "status D-3")));
        CHECK(said("U0ZOE"));
        --desk.envelopes;  // the same event once more
        CHECK(is_taken(desk.mention("U0ZOE", us + "status D-3")));
        CHECK(said("U0ZOE"));
    }
    SECTION("in the thread of a deployment, which is named")
    {
        CHECK(is_taken(desk.mention("U0ZOE", "Is this live, <@U0SLIPWAY|slipway>?", "1.000001")));
        CHECK(said("D-1"));
    }
    SECTION("beside a sign-off it hears what is wrong with that")
    {
        CHECK(is_taken(desk.mention("U0PETRA", us + "\n" + sign_off, "1.000001")));
        REQUIRE(desk.to_say("whisper").size() == 1);
        CHECK(desk.to_say("whisper").front().find("sign_off_one_line") != std::string::npos);
    }
}

TEST_CASE("a form opens at once, and is filled when Slack has said who asks", "[bot][router][forms]")
{
    Desk desk;
    SECTION("known: the form itself")
    {
        CHECK(is_taken(desk.slash("U0ALICE", "plan")));
        CHECK(desk.http.asked.back().body.find("modal:plan") != std::string::npos);
    }
    SECTION("slow: a word first, then the form, with a pause before Slack is asked again")
    {
        desk.http.answer("users.info?user=U0ALICE", "<html>", 503);
        desk.http.on_call = [&] {
            if (desk.http.calls("users.info") == 3) {
                desk.http.add_user("U0ALICE", "Alice Archer");
            }
        };
        const auto began = desk.clock.steady;
        CHECK(is_taken(desk.slash("U0ALICE", "plan")));
        REQUIRE(desk.http.calls("views.update") == 1);
        CHECK(desk.http.asked.back().body.find("modal:plan") != std::string::npos);
        CHECK(desk.http.calls("users.info") == 3);
        CHECK(desk.clock.steady - began == 1s);
    }
    SECTION("slow, and whoever asks may not say the verb: the reason")
    {
        desk.http.answer("users.info?user=U0JOSE", "<html>", 503);
        desk.http.on_call = [&] {
            if (desk.http.calls("views.open") == 1) {
                desk.http.add_user("U0JOSE");
            }
        };
        CHECK(is_taken(desk.press("U0JOSE", "decline")));
        REQUIRE(desk.http.calls("views.update") == 1);
        CHECK(desk.http.asked.back().body.find("don't hold any of those roles") != std::string::npos);
    }
    SECTION("slow, and closed meanwhile: nothing more")
    {
        desk.http.answer("users.info?user=U0ALICE", "<html>", 503);
        desk.http.answer("views.update", R"({"ok":false,"error":"not_found"})");
        CHECK(is_taken(desk.slash("U0ALICE", "plan")));
        CHECK(desk.http.calls("views.open") + desk.http.calls("views.update") == 2);
    }
    SECTION("away: the form says so")
    {
        desk.http.answer("users.info?user=U0ALICE", "<html>", 503);
        CHECK(is_taken(desk.slash("U0ALICE", "plan")));
        CHECK(desk.http.calls("users.info") == 4);  // before it opened, and three times
        CHECK(desk.http.asked.back().body.find("modal:plan") == std::string::npos);
    }
    SECTION("too late for Slack: a command is offered it again, a button is marked")
    {
        desk.http.answer("views.open", R"({"ok":false,"error":"expired_trigger_id"})");
        CHECK(says(desk.slash("U0ALICE", "plan"), "Open it"));
        CHECK(is_refused(desk.press("U0ALICE", "amend")));
    }
    SECTION("whoever may not say the verb gets the refusal instead")
    {
        CHECK(is_taken(desk.press("U0ZOE", "amend")));
        CHECK(desk.to_say("whisper").size() == 1);
        CHECK(says(desk.slash("U0ZOE", "amend D-1"), "can do this (`amend`)"));
        CHECK(says(desk.slash("U0ZOE", "plan"), "can do this (`plan`)"));
        CHECK(says(desk.slash("U0ZOE", "decline D-1"), "you don't hold any of those roles"));
        CHECK(says(desk.slash("U0ALICE", "amend D-7"), "There's no D-7"));
        CHECK(desk.http.calls("views.open") == 0);
    }
    SECTION("nor has a list that does not exist a form, or not yet")
    {
        CHECK(says(desk.slash("U0ALICE", "tick D-1 smok"), "There's no checklist called"));
        CHECK(is_taken(desk.press("U0DANA", "tick", {{"checklist", "rollback_steps"}})));
        CHECK(desk.to_say("whisper").size() == 1);
        CHECK(desk.http.calls("views.open") == 0);
    }
}

TEST_CASE("a form that is sent after the deployment ended says so in the form", "[bot][router][forms]")
{
    Desk desk;
    desk.events(1, {Cancelled{"Not needed"}});
    const auto answer = desk.submit("U0PETRA", "decline", "reason", "The totals are off");
    CHECK(says(answer, R"("errors":{"reason":)"));
    CHECK(says(answer, "cancelled"));
}

TEST_CASE("a Home that Slack does not take is published when it is opened again", "[bot][router]")
{
    Desk desk;
    const auto opens = [&] {
        const json::object opened{{"type", "app_home_opened"}, {"user", "U0PETRA"}, {"tab", "home"}};
        CHECK(is_taken(desk.handle(
            "events_api", {{"event_id", "Ev" + std::to_string(desk.envelopes)}, {"event", opened}}
        )));
        return desk.http.calls("views.publish");
    };
    desk.http.answer("views.publish", R"({"ok":false,"error":"hash_conflict"})");
    CHECK(opens() == 1);
    desk.http.answer("views.publish", R"({"ok":true,"view":{"id":"V0HOME"}})");
    CHECK(opens() == 2);
}

TEST_CASE("what is no message of Slack is kept, and access that is lost is told", "[bot][router]")
{
    Desk desk;
    CHECK(is_taken(desk.handle("slash_commands", {{"text", "go D-1"}})));
    CHECK(storage::testing::rows(desk.path, "SELECT reason FROM dead_letters").size() == 1);
    CHECK(is_taken(desk.handle("events_api", {{"event_id", "Ev"}, {"event", {{"type", "app_uninstalled"}}}}))
    );
    CHECK(desk.slack.refused() == "app_uninstalled");
}

}  // namespace slipway
