// When a deployment may start: windows, priorities, flags, freezes, one at a time (design 4.1, 4.2).
#include "tests/end_to_end/live_deployment.hpp"

#include <catch2/generators/catch_generators.hpp>
#include <date/tz.h>

#include <sstream>

namespace demo {

namespace {

using Rows = std::vector<std::string>;

/// Unix seconds of a moment of New York's wall clock, as the form's picker gives them.
std::int64_t at(const std::string& wall)
{
    std::istringstream stream(wall);
    date::local_time<std::chrono::minutes> local;
    stream >> date::parse("%F %R", local);
    const auto zone = date::locate_zone("America/New_York");
    return std::chrono::duration_cast<std::chrono::seconds>(zone->to_sys(local).time_since_epoch()).count();
}

bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

std::string label_of(const simulator::Ephemeral& whisper, const std::string& button)
{
    const auto* found = simulator::find_button(whisper.blocks, button);
    return found == nullptr ? "" : simulator::text_at(*simulator::object_at(*found, "text"), "text");
}

}  // namespace

TEST_CASE("a refused start offers the next three slots, and a press moves it there", "[end_to_end][windows]")
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
    CHECK(label_of(whisper, "verb:reschedule") == "Wed Nov 25, 22:00 EST");
    CHECK(label_of(whisper, "verb:reschedule:2") == "Thu Nov 26, 22:00 EST");
    CHECK(label_of(whisper, "verb:reschedule:3") == "Tue Dec 1, 22:00 EST");
    REQUIRE(world.bob.presses_in_whisper("verb:reschedule:2"));
    CHECK(thread_says(world, "D-1", "moved D-1 to Thu Nov 26, 22:00 EST"));
    CHECK(contains(card_text(world, "D-1"), "Thu Nov 26, 22:00 EST"));
}

TEST_CASE("who may not move it is told when, without the buttons", "[end_to_end][windows]")
{
    ReadyDeployment world;
    world.petra.types("/deploy check D-1");
    CHECK(contains(last_whisper(world, "U0PETRA"), "Wed Nov 25, 22:00 EST"));
    CHECK(label_of(world.server.workspace.ephemerals.back(), "verb:reschedule").empty());
}

TEST_CASE("check and start give the same answer", "[end_to_end][windows]")
{
    Team world;
    REQUIRE(world.alice.plans());
    const auto answer = [&](const std::string& verb) {
        world.bob.types("/deploy " + verb + " D-1");
        return last_whisper(world, "U0BOB");
    };
    auto checked = answer("check");
    const std::string title = "D-1 wouldn't start now:";
    REQUIRE(contains(checked, title));
    const auto started = answer("start");
    std::istringstream lines(started);
    int compared = 0;
    for (std::string line; std::getline(lines, line);) {
        if (line.size() > 3) {
            CAPTURE(line);
            CHECK(contains(checked, line));
            ++compared;
        }
    }
    CHECK(compared > 10);
}

TEST_CASE(
    "the planner hears at once that the time is no good, with better ones to press", "[end_to_end][windows]"
)
{
    Team world;
    REQUIRE(world.alice.plans({{"starts_at", at("2026-11-27 15:00")}}));
    CHECK(contains(last_whisper(world, "U0ALICE"), "outside the good deployment windows (*avoid*)"));
    REQUIRE(world.alice.presses_in_whisper("verb:reschedule"));
    CHECK(thread_says(world, "D-1", "moved D-1 to Tue Dec 1, 22:00 EST"));
}

TEST_CASE("a P1 starts in business hours with the Dev Lead's go", "[end_to_end][windows]")
{
    Team world;
    REQUIRE(world.alice.plans({{"priority", "P1"}, {"starts_at", at("2026-11-24 15:30")}}));
    world.bob.types("/deploy check D-1");
    CHECK(contains(
        last_whisper(world, "U0BOB"), "A P1 may start during business hours once the Dev Lead gives the"
    ));
    REQUIRE(world.dana.presses("D-1", "verb:go"));
    world.bob.types("/deploy check D-1");
    CHECK_FALSE(contains(last_whisper(world, "U0BOB"), "outside the deployment windows"));
    world.advance_to("2026-11-24 17:00");
    world.bob.types("/deploy check D-1");
    CHECK(contains(last_whisper(world, "U0BOB"), "outside the deployment windows"));
}

TEST_CASE("a P0 starts at any time, weekends too", "[end_to_end][windows]")
{
    Team world;
    world.advance_to("2026-11-28 11:00");
    REQUIRE(world.alice.plans({{"priority", "P0"}, {"starts_at", at("2026-11-28 11:30")}}));
    REQUIRE(world.alice.plans({{"linear_issue", "ENG-1"}, {"starts_at", at("2026-11-28 11:30")}}));
    world.bob.types("/deploy check D-1");
    CHECK_FALSE(contains(last_whisper(world, "U0BOB"), "weekend"));
    world.bob.types("/deploy check D-2");
    CHECK(contains(last_whisper(world, "U0BOB"), "a weekend, and weekends are for P0 only"));
    world.dana.types("/deploy start D-2 We want it");
    CHECK(contains(last_whisper(world, "U0DANA"), "a weekend, and weekends are for P0 only"));
}

TEST_CASE("a change behind a flag that is off starts outside a window with the go", "[end_to_end][windows]")
{
    Team world;
    REQUIRE(world.alice.plans({{"flag", "fast-search"}}));
    world.bob.types("/deploy check D-1");
    CHECK(contains(last_whisper(world, "U0BOB"), "With its flag off, it may start once"));
    REQUIRE(world.dana.presses("D-1", "verb:go"));
    world.bob.types("/deploy check D-1");
    CHECK_FALSE(contains(last_whisper(world, "U0BOB"), "outside the deployment windows"));
}

TEST_CASE("a freeze stops a start until it is thawed, and who is meant is told", "[end_to_end][windows]")
{
    ReadyDeployment world;
    world.petra.types("/deploy freeze web for 9h Big sale");
    CHECK(was_told(world, "U0ALICE", "froze web until Wed Nov 25, 00:"));
    CHECK(was_told(world, "U0BOB", "Big sale"));
    world.advance_to("2026-11-24 22:00");
    world.bob.types("/deploy start D-1");
    CHECK(contains(last_whisper(world, "U0BOB"), "froze deployments until Wed Nov 25, 00:"));
    CHECK(contains(last_whisper(world, "U0BOB"), "Big sale"));
    world.bob.types("/deploy thaw web");
    CHECK(contains(last_whisper(world, "U0BOB"), "Only the Dev Lead, Product Lead or R&amp;D Lead"));
    world.petra.types("/deploy thaw web");
    world.bob.types("/deploy start D-1");
    CHECK(world.stage() == "deploying");
}

TEST_CASE("a freeze ends by itself", "[end_to_end][windows]")
{
    ReadyDeployment world;
    world.dana.types("/deploy freeze all for 2h Maintenance");
    world.advance_to("2026-11-24 22:00");
    world.bob.types("/deploy start D-1");
    CHECK(world.stage() == "deploying");
}

TEST_CASE("one deployment of a service at a time, and 'tell me when it is free'", "[end_to_end][windows]")
{
    StartedDeployment world;
    world.plan_another();
    REQUIRE(world.bob.presses("D-2", "verb:start"));
    CHECK(contains(last_whisper(world, "U0BOB"), "D-1 of web is in progress"));
    world.dana.types("/deploy start D-2 Both at once");
    CHECK(contains(last_whisper(world, "U0DANA"), "D-1 of web is in progress"));
    REQUIRE(world.bob.presses_in_whisper("verb:wait"));
    CHECK(contains(last_whisper(world, "U0BOB"), "I'll tell you when web is free for D-2"));
    world.advance(5min);
    CHECK_FALSE(was_told(world, "U0BOB", "web is free"));
    world.complete();
    world.advance(2min);
    CHECK(times_told(world, "U0BOB", "web is free: D-2") == 1);
    world.advance(10min);
    CHECK(times_told(world, "U0BOB", "web is free: D-2") == 1);
}

TEST_CASE("another service is not held up", "[end_to_end][windows]")
{
    StartedDeployment world;
    world.plan_another({{"service", "api"}});
    world.dana.types("/deploy start D-2 This one too");
    CHECK(world.stage(2) == "deploying");
}

}  // namespace demo
