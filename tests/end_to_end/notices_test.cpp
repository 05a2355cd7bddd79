// The three notices: when, how often, and every field from the record (pipeline document, Deployment
// Communication; design 4.8, 4.10).
#include "tests/end_to_end/live_deployment.hpp"

namespace demo {

namespace {

bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

std::string notice(BotInSimulator& world, const std::string& title)
{
    const auto* found = message_with(world, title);
    return found == nullptr ? std::string{} : readable(found->text, found->blocks);
}

constexpr auto planned = "Planned Deployment";

}  // namespace

TEST_CASE(
    "the pre-deployment notice goes out an hour ahead, once, whatever the clock and the bot do",
    "[end_to_end][notices]"
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

TEST_CASE("a changed time is announced anew, an hour before it", "[end_to_end][notices]")
{
    Team world;
    REQUIRE(world.alice.plans());
    world.advance_to("2026-11-24 21:00");
    CHECK(times_said(world, planned) == 1);
    world.alice.types("/deploy reschedule D-1 wed 22:00 for 30m");
    CHECK(times_said(world, planned) == 1);
    world.advance_to("2026-11-25 20:58");
    CHECK(times_said(world, planned) == 1);
    world.advance_to("2026-11-25 21:00");
    CHECK(times_said(world, planned) == 2);
    CHECK(contains(notice(world, planned), "Wed Nov 25, 22:00 EST"));
    CHECK(contains(notice(world, planned), "~30 minutes"));
}

TEST_CASE("a notice that could not go out in time is marked late", "[end_to_end][notices]")
{
    Team world;
    SECTION("the bot was away")
    {
        REQUIRE(world.alice.plans());
        world.stop_bot();
        world.clock.advance(std::chrono::hours{6} + 20min);
        world.start_bot();
        REQUIRE(world.settle());
    }
    SECTION("planned with less than an hour to go")
    {
        world.advance_to("2026-11-24 21:30");
        REQUIRE(world.alice.plans());
    }
    CHECK(times_said(world, "late notice") == 1);
    CHECK(times_said(world, planned) == 1);
}

TEST_CASE("the pre-deployment notice has every field of the document's template", "[end_to_end][notices]")
{
    Team world;
    REQUIRE(world.alice.plans());
    world.petra.replies("D-1", "Stakeholder sign-off: Petra Pohl, today");
    world.advance_to("2026-11-24 21:00");
    const auto text = notice(world, planned);
    for (const auto* field :
         {"*What*: Faster search (<https://linear.app/issue/ENG-123|ENG-123>)",
          "*When*: Tue Nov 24, 22:00 EST",
          "*Duration*: ~45 minutes",
          "*On-call*: <@U0BOB>",
          "*Changes included*:",
          "New index",
          "Cached results",
          "*Expected impact*: Search answers in half the time",
          "*Rollback plan*: Revert the merge commit and deploy",
          "Questions? Reach out to <@U0DANA> or <@U0BOB>.",
          "*Still to sign off*: Original requestor",
          "<@U0JANE>"}) {
        CAPTURE(field, text);
        CHECK(contains(text, field));
    }
}

TEST_CASE("the post-deployment notice has every field of the document's template", "[end_to_end][notices]")
{
    StartedDeployment world;
    REQUIRE(world.bob.ticks_all("D-1", "smoke"));
    world.advance_to("2026-11-24 22:40");
    world.bob.types("/deploy done D-1 Old icons until the cache expires");
    const auto text = notice(world, "Deployment Complete");
    for (const auto* field :
         {"*What*: Faster search deployed successfully",
          "*Time*: 22:4",
          " EST",
          "*Status*: All smoke tests passed",
          "*What's new*:",
          "New index",
          "Cached results",
          "*Known issues*: Old icons until the cache expires",
          "*Monitoring*: On-call (<@U0BOB>) monitoring for next 24 hours.",
          "If you notice anything unusual, ping <@U0BOB> or <@U0DANA>."}) {
        CAPTURE(field, text);
        CHECK(contains(text, field));
    }
}

TEST_CASE(
    "the escalation has every field, asks for its next update, says when it is late, and each update moves "
    "it",
    "[end_to_end][notices]"
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

TEST_CASE("the next update is due in an hour for a P1", "[end_to_end][notices]")
{
    StartedDeployment world;
    world.bob.types("/deploy issue D-1 Slow pages");
    REQUIRE(world.bob.submits({{"severity", "P1"}}));
    CHECK(contains(notice(world, "Deployment Issue Detected"), "*Next update*: 23:0"));
    world.advance(53min);
    CHECK(times_told(world, "U0BOB", "is due in five minutes") == 0);
    world.advance(2min);
    CHECK(times_told(world, "U0BOB", "is due in five minutes") == 1);
}

}  // namespace demo
