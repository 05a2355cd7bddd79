// One case for each way that a rule goes to people and back: a refusal's buttons, a form, a message with
// buttons, timers of a deployment and of the team, GitHub. The rules are proven in tests/commands, the words
// in tests/templates.
#include "tests/end_to_end/live_deployment.hpp"

#include <catch2/generators/catch_generators.hpp>

namespace demo {

namespace {

std::string label_of(const simulator::Ephemeral& whisper, const std::string& button)
{
    const auto* found = simulator::find_button(whisper.blocks, button);
    return found == nullptr ? "" : simulator::text_at(*simulator::object_at(*found, "text"), "text");
}

std::string notice(BotInSimulator& world, const std::string& title)
{
    const auto* found = message_with(world, title);
    return found == nullptr ? std::string{} : readable(found->text, found->blocks);
}

constexpr auto planned = "Planned Deployment";
constexpr auto confirmations = "SELECT actor FROM events WHERE kind = 'on_call_confirmed'";
constexpr auto sign_offs = "SELECT user_id, roles FROM sign_offs WHERE state = 'valid'";

/// D-1 a week ahead, so that there is time to ask again.
struct WeekAhead : Team {
    explicit WeekAhead(Options options = {}) : Team(std::move(options))
    {
        constexpr std::int64_t week = 7 * 24 * 3'600;
        REQUIRE(alice.plans({{"starts_at", example_plan().at("starts_at").as_int64() + week}}));
    }

    std::size_t chased(const std::string& user)
    {
        return times_told(*this, user, "is still waiting for your sign-off");
    }
};

BotInSimulator::Options with_token()
{
    BotInSimulator::Options options;
    options.environment = {{"GITHUB_TOKEN", "github-test"}};
    return options;
}

/// D-1 lacks nothing that people say; its pull request is one that GitHub knows and finds no fault with.
struct OnGitHub : ReadyDeployment {
    OnGitHub()
        : ReadyDeployment(
              with_token(),
              {{"pull_request", "https://github.com/acme/web/pull/12"}},
              {"gate2", "pre_deployment"}
          )
    {
        advance_to("2026-11-24 22:00");
    }

    simulator::PullRequest& pull_request() { return server.github.pull_requests.at(pull_request_12); }
};

}  // namespace

TEST_CASE("a refused start offers the next three slots, and a press moves it there", "[end_to_end][paths]")
{
    ReadyDeployment world;
    const bool by_button = GENERATE(true, false);
    if (by_button) {
        REQUIRE(world.bob.presses("D-1", "verb:start"));
    }
    else {
        world.bob.types("/deploy start D-1");
    }
    CHECK(contains(last_whisper(world, "U0BOB"), "outside the deployment windows"));
    const auto whisper = world.server.workspace.ephemerals.back();
    CHECK(label_of(whisper, "verb:reschedule") == "Move to Wed Nov 25, 22:00 EST");
    CHECK(label_of(whisper, "verb:reschedule:2") == "Move to Thu Nov 26, 22:00 EST");
    CHECK(label_of(whisper, "verb:reschedule:3") == "Move to Tue Dec 1, 22:00 EST");
    REQUIRE(world.bob.presses_in_whisper("verb:reschedule:2"));
    CHECK(thread_says(world, "D-1", "moved D-1 to Thu Nov 26, 22:00 EST"));
    CHECK(contains(card_text(world, "D-1"), "Thu Nov 26, 22:00 EST"));
}

TEST_CASE("the requestor asks a representative with the button of the asking", "[end_to_end][paths]")
{
    WeekAhead world;
    TeamMember raj(world, "U0RAJ");
    world.advance(24h);
    REQUIRE(world.jane.presses_in_messages("verb:delegate:3"));
    REQUIRE(world.jane.submits({{"user", "U0RAJ"}}));
    CHECK(thread_says(world, "D-1", "<@U0JANE> asked <@U0RAJ> to sign off as Original requestor instead"));
    CHECK(was_told(world, "U0RAJ", "asks you to look at D-1 (Faster search)"));
    world.advance(24h);
    CHECK(world.chased("U0RAJ") == 1);
    CHECK(world.chased("U0JANE") == 1);
    SECTION("who signs by reply")
    {
        raj.replies("D-1", "Stakeholder sign-off: Raj Rao, today");
        CHECK(world.rows(sign_offs) == Rows{"U0RAJ|requestor"});
        CHECK(world.server.linear.comments.front().body == "Stakeholder sign-off: Raj Rao, 2026-11-26");
    }
    SECTION("the requestor may still sign")
    {
        world.jane.types("/deploy signoff D-1");
        CHECK(world.rows(sign_offs) == Rows{"U0JANE|requestor"});
    }
}

TEST_CASE(
    "the pre-deployment notice goes out an hour ahead, once, whatever the clock and the bot do",
    "[end_to_end][paths]"
)
{
    Team world;
    REQUIRE(world.alice.plans());
    world.advance_to("2026-11-24 20:58");
    CHECK(times_said(world, planned) == 0);
    world.advance(-120min);
    CHECK(times_said(world, planned) == 0);
    world.advance_to("2026-11-24 20:58");
    world.stop_bot();
    world.start_bot();
    CHECK(times_said(world, planned) == 0);
    world.advance_to("2026-11-24 21:00");
    CHECK(times_said(world, planned) == 1);
    CHECK(times_said(world, "late notice") == 0);
    world.advance(-60min);
    world.stop_bot();
    world.start_bot();
    world.advance_to("2026-11-24 21:00");
    world.advance_to("2026-11-26 21:00");
    world.advance_to("2026-11-24 20:30");
    world.advance_to("2026-11-24 21:30");
    CHECK(times_said(world, planned) == 1);
}

TEST_CASE(
    "the escalation has every field, asks for its next update, says when it is late, and each update moves "
    "it",
    "[end_to_end][paths]"
)
{
    StartedDeployment world;
    const auto begins = std::chrono::minutes{30};
    world.bob.types("/deploy issue D-1 Errors at login");
    REQUIRE(world.bob.submits({{"severity", "P0"}, {"impact", "A third of the logins"}}));
    const auto text = notice(world, "Deployment Issue Detected");
    for (const auto* field :
         {"*What*: Errors at login",
          "*When detected*: 22:0",
          "*Severity*: P0",
          "*Impact*: A third of the logins",
          "*Status*: Investigating",
          "*Next update*: 22:3",
          "Point of contact: <@U0BOB>"}) {
        CAPTURE(field, text);
        CHECK(contains(text, field));
    }
    world.advance(begins - 7min);
    CHECK(times_told(world, "U0BOB", "is due in five minutes") == 0);
    world.advance(2min);
    CHECK(times_told(world, "U0BOB", "is due in five minutes") == 1);
    CHECK_FALSE(thread_says(world, "D-1", "is late"));
    world.advance(5min);
    CHECK(thread_says(world, "D-1", "the update on D-1 is late"));
    REQUIRE(world.bob.presses_in_messages("verb:update"));
    REQUIRE(world.bob.submits({{"note", "Found the cause"}}));
    CHECK(times_said(world, "Investigating: Found the cause") == 1);
    world.advance(25min);
    CHECK(times_told(world, "U0BOB", "is due in five minutes") == 2);
    world.bob.types("/deploy update D-1");
    REQUIRE(world.bob.submits({{"note", "Fixed"}, {"status", "Resolved"}}));
    world.advance(120min);
    CHECK(times_told(world, "U0BOB", "is due in five minutes") == 2);
}

TEST_CASE(
    "when the sprint turns who comes is asked to confirm and who goes is told, once", "[end_to_end][paths]"
)
{
    Team world;
    world.advance_to("2026-11-30 08:58");
    CHECK_FALSE(was_told(world, "U0BOB", "is handing on-call over to you"));
    const bool was_away = GENERATE(false, true);
    if (was_away) {
        world.stop_bot();
        world.clock.advance(30min);
        world.start_bot();
        world.advance(1min);
    }
    else {
        world.advance(2min);
    }
    CHECK(
        times_told(
            world,
            "U0BOB",
            "<@U0ALICE> is handing on-call over to you: you're on call from Mon Nov 30, 00:00 EST to "
            "Mon Dec 14, 00:00 EST"
        ) == 1
    );
    CHECK(times_told(world, "U0ALICE", "on-call passes from you to <@U0BOB>") == 1);
    world.stop_bot();
    world.start_bot();
    world.advance(24h);
    CHECK(times_told(world, "U0BOB", "is handing on-call over to you") == 1);
    REQUIRE(world.bob.presses_in_messages("verb:confirm"));
    CHECK(world.rows(confirmations) == Rows{"U0BOB"});
    world.advance_to("2026-12-14 09:00");
    CHECK(times_told(world, "U0ALICE", "<@U0BOB> is handing on-call over to you") == 1);
}

TEST_CASE(
    "Gate 1 is read from GitHub, and what was read is in the ledger once it was used", "[end_to_end][paths]"
)
{
    OnGitHub world;
    const auto facts =
        "SELECT json_extract(body, '$.item') || ': ' || json_extract(body, '$.evidence') "
        "FROM events WHERE kind = 'item_ticked' AND json_extract(body, '$.checklist') = 'gate1'";
    world.bob.types("/deploy check D-1");
    CHECK(was_whispered(world, "U0BOB", "would start now"));
    CHECK(world.rows(facts).empty());
    REQUIRE(world.bob.presses("D-1", "verb:start"));
    CHECK(world.stage() == "deploying");
    CHECK(
        world.rows(facts) ==
        Rows{
            "approved: GitHub: approved by bob-codes at 111111111111",
            "ci_green: GitHub: every check of 111111111111 passed",
            "threads_resolved: GitHub: no unresolved thread at 111111111111",
            "testing_notes: GitHub: the description has a testing section",
            "issue_referenced: GitHub: ENG-123 is referenced"}
    );
    CHECK(thread_says(world, "D-1", "Gate 1 passed"));
}

TEST_CASE("a GitHub that cannot be read blocks, and says why", "[end_to_end][paths]")
{
    OnGitHub world;
    simulator::Fault fault;
    fault.on = "github";
    fault.times = 0;
    for (const auto what : {What::reset, What::html, What::hold}) {
        CAPTURE(to_string(what));
        fault.what = what;
        world.server.faults.add(fault);
        world.bob.types("/deploy start D-1");
        CHECK(last_whisper(world, "U0BOB").find("I couldn't read GitHub (") != std::string::npos);
        CHECK(world.stage() == "signed off");
        world.server.faults.clear();
    }
    world.server.github.token = "github-other";
    world.bob.types("/deploy start D-1");
    CHECK(last_whisper(world, "U0BOB").find("GitHub refuses the token (HTTP 401)") != std::string::npos);
    world.server.github.token = "github-test";
    world.bob.types("/deploy start D-1");
    CHECK(world.stage() == "deploying");
}

TEST_CASE("what was pushed after the sign-offs doesn't start until it is signed off", "[end_to_end][paths]")
{
    OnGitHub world;
    auto& shown = world.pull_request();
    shown.head = std::string(40, '3');
    shown.reviews.front().commit = shown.head;
    world.bob.types("/deploy start D-1");
    CHECK(contains(last_whisper(world, "U0BOB"), "now at 333333333333, but 111111111111 was signed off"));
    CHECK(world.stage() == "signed off");
    world.petra.types("/deploy signoff D-1");
    world.bob.types("/deploy check D-1");
    CHECK(contains(last_whisper(world, "U0BOB"), "`/deploy signoff D-1`: Jane Doe."));
    world.jane.replies("D-1", "Stakeholder sign-off: Jane Doe, today");
    world.bob.types("/deploy start D-1");
    CHECK(world.stage() == "deploying");
}

TEST_CASE("an approval is found on every page of reviews, and too many are not read", "[end_to_end][paths]")
{
    OnGitHub world;
    auto& shown = world.pull_request();
    const auto approval = shown.reviews.front();
    shown.reviews.assign(1'000, {"carl-codes", "COMMENTED", shown.head});
    world.bob.types("/deploy start D-1");
    CHECK(last_whisper(world, "U0BOB").find("more reviews than the 1000 that I read") != std::string::npos);
    shown.reviews.back() = approval;
    shown.reviews.erase(shown.reviews.begin());
    world.bob.types("/deploy start D-1");
    CHECK(world.stage() == "deploying");
}

}  // namespace demo
