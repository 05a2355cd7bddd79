// On-call: rotation, swap, coverage, confirmation, hand-over (pipeline document, On-Call Considerations;
// design 4.13).
#include "tests/end_to_end/live_deployment.hpp"

#include <catch2/generators/catch_generators.hpp>

namespace demo {

namespace {

using Rows = std::vector<std::string>;

bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

constexpr auto confirmations = "SELECT actor FROM events WHERE kind = 'on_call_confirmed'";

}  // namespace

TEST_CASE("/deploy oncall names who is on call now and next", "[end_to_end][on_call]")
{
    Team world;
    world.jane.types("/deploy oncall");
    CHECK(contains(last_whisper(world, "U0JANE"), "On call now: <@U0ALICE>"));
    CHECK(contains(last_whisper(world, "U0JANE"), "Next: <@U0BOB>, from Mon Nov 30, 00:00 EST"));
}

TEST_CASE("a swap is for a stretch of time; both are told", "[end_to_end][on_call]")
{
    Team world;
    world.dana.types("/deploy oncall swap <@U0BOB> tue 18:00 for 6h");
    CHECK(contains(last_whisper(world, "U0DANA"), "<@U0BOB> is on call from Tue Nov 24, 18:00 EST"));
    CHECK(was_told(world, "U0BOB", "is on call from Tue Nov 24, 18:00 EST to Wed Nov 25, 00:00 EST"));
    CHECK(was_told(world, "U0ALICE", "is on call from Tue Nov 24, 18:00 EST"));
    for (const auto& [moment, who] :
         {std::pair{"2026-11-24 17:59", "U0ALICE"},
          {"2026-11-24 18:01", "U0BOB"},
          {"2026-11-25 00:01", "U0ALICE"}}) {
        CAPTURE(moment);
        world.advance_to(moment);
        world.jane.types("/deploy oncall");
        CHECK(contains(last_whisper(world, "U0JANE"), std::string("On call now: <@") + who + ">"));
    }
    world.dana.types("/deploy oncall swap <@U0JANE> wed 18:00 for 6h");
    CHECK(contains(last_whisper(world, "U0DANA"), "only developers can be on call"));
}

TEST_CASE(
    "cover of the window and two hours after is checked at the plan and at the start", "[end_to_end][on_call]"
)
{
    ReadyDeployment world;  // Bob is named, while the sprint is Alice's
    CHECK(was_whispered(world, "U0ALICE", "<@U0BOB> isn't on call for all of it and the two hours after"));
    const auto warned = world.server.workspace.ephemerals.size();
    REQUIRE(world.alice.plans({{"linear_issue", "ENG-1"}, {"on_call", "U0ALICE"}}));
    CHECK(world.server.workspace.ephemerals.size() == warned);
    REQUIRE(world.alice.plans({{"linear_issue", "ENG-2"}}));
    world.advance_to("2026-11-24 22:00");
    world.dana.types("/deploy check D-3");
    CHECK(contains(
        last_whisper(world, "U0DANA"),
        "<@U0BOB> isn't on call for all of the deployment and the two hours after"
    ));
    CHECK(contains(last_whisper(world, "U0DANA"), "<@U0BOB> hasn't confirmed they're ready"));
    world.dana.types("/deploy oncall swap <@U0BOB> in 1m for 7h");
    world.advance(2min);
    world.dana.types("/deploy check D-3");
    CHECK_FALSE(contains(last_whisper(world, "U0DANA"), "isn't on call for all of the deployment"));
    world.dana.types("/deploy check D-1");  // said ready
    CHECK(contains(last_whisper(world, "U0DANA"), "would start now"));
}

TEST_CASE("who is named as on call is asked, and confirms with one press", "[end_to_end][on_call]")
{
    Team world;
    REQUIRE(world.alice.plans());
    CHECK(was_told(world, "U0BOB", "You're on call for D-1 (Faster search), from Tue Nov 24, 22:00 EST"));
    REQUIRE(world.bob.presses_in_messages("verb:confirm"));
    CHECK(world.rows(confirmations) == Rows{"U0BOB"});
    REQUIRE(world.bob.presses_in_messages("verb:confirm"));
    CHECK(world.rows(confirmations) == Rows{"U0BOB"});
    world.alice.types("/deploy reschedule D-1 wed 22:00");
    CHECK(times_told(world, "U0BOB", "You're on call for D-1") == 2);
}

TEST_CASE(
    "when the sprint turns who comes is asked to confirm and who goes is told, once", "[end_to_end][on_call]"
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

TEST_CASE("the hand-over names what is still watched", "[end_to_end][on_call]")
{
    BotInSimulator::Options options;
    options.config = example_config();
    options.config.replace(options.config.find("2026-11-16"), 10, "2026-11-11");  // turns on the 25th
    StartedDeployment world(options);
    world.complete();
    world.advance_to("2026-11-25 09:01");
    CHECK(was_told(world, "U0BOB", "Under way: D-1 (watching)"));
}

}  // namespace demo
