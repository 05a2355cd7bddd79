// Rollback, its notices, the lock, the post-mortem (pipeline document, Stage 4; design 4.12).
#include "bot/cli/commands.hpp"
#include "tests/end_to_end/live_deployment.hpp"

#include <CLI/CLI.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <iostream>
#include <sstream>

namespace demo {

namespace {

using Rows = std::vector<std::string>;

bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

std::string file_of(const BotInSimulator& world)
{
    for (const auto& [id, file] : world.server.workspace.files) {
        if (file.completed) {
            return file.content;
        }
    }
    return {};
}

/// What `slipway ARGUMENTS` prints.
std::string printed(const BotInSimulator& world, const std::string& arguments)
{
    CLI::App app;
    slipway::CommandLine chosen;
    slipway::declare_commands(app, chosen);
    chosen.config = (world.folder / "slipway.toml").string();
    app.parse(arguments);
    const std::ostringstream out;
    auto* const before = std::cout.rdbuf(out.rdbuf());
    const auto code = chosen.run();
    std::cout.rdbuf(before);
    CHECK(code == 0);
    return out.str();
}

/// Rolls D-1 back by hand, from the trouble to the verified old version.
void roll_back(StartedDeployment& world)
{
    world.bob.types("/deploy issue D-1 Errors at login");
    REQUIRE(world.bob.submits({{"severity", "P0"}, {"impact", "A third of the logins"}}));
    world.advance(4min);
    world.bob.types("/rollback D-1 Errors at login");
    REQUIRE(world.bob.presses_in_messages("verb:step"));
    world.advance(3min);
    REQUIRE(world.bob.ticks_all("D-1", "rollback_smoke"));
    REQUIRE(world.stage() == "rolled back");
}

}  // namespace

TEST_CASE("who is told of a rollback", "[end_to_end][rollback]")
{
    struct Row {
        const char* name;
        json::object plan;
        const char* reason;
        bool rnd_lead, account_manager;
    };

    const Row row = GENERATE(
        Row{"internal", {{"client_facing", "no"}}, "Slow pages", false, false},
        Row{"internal, but revenue is hit", {{"client_facing", "no"}}, "Payments fail", true, false},
        Row{"clients are hit", {{"client_facing", "yes"}}, "Slow pages", true, true}
    );
    CAPTURE(row.name);
    StartedDeployment world({}, row.plan);
    world.bob.types(std::string("/rollback D-1 ") + row.reason);
    CHECK(world.stage() == "rolling back");
    CHECK(times_said(world, "Rollback executed") == 0);
    REQUIRE(world.bob.presses_in_messages("verb:step"));
    CHECK(
        times_said(
            world,
            "Rollback executed for D-1 (Faster search). Issue: " + std::string(row.reason) +
                ". Investigating."
        ) == 1
    );
    for (const auto& [user, told] :
         {std::pair{"U0DANA", true},
          {"U0PETRA", true},
          {"U0RAJ", row.rnd_lead},
          {"U0ANNE", row.account_manager}}) {
        CAPTURE(user);
        CHECK(was_told(world, user, "Rollback begun: ") == told);
        CHECK(was_told(world, user, "is rolling back D-1 (Faster search)") == told);
    }
    CHECK(was_told(world, "U0DANA", "You're being told as Dev Lead"));
    CHECK(was_told(world, "U0PETRA", "As Product Lead, please tell the stakeholders"));
    CHECK(was_told(world, "U0RAJ", "business or revenue may be affected") == row.rnd_lead);
    CHECK(was_told(world, "U0ANNE", "send the clients a brief notification") == row.account_manager);
}

TEST_CASE("a bare rollback asks which and says what would run", "[end_to_end][rollback]")
{
    StartedDeployment world({}, {{"flag", "fast-search"}, {"migrations", "yes"}});
    world.plan_another({{"service", "api"}});
    world.dana.types("/deploy start D-2 This one too");
    world.bob.types("/rollback errors at login");
    const auto candidates = last_whisper(world, "U0BOB");
    CHECK(contains(
        candidates,
        "*D-1* Faster search (web, deploying) would run: Flag off, Code reverted, Migrations reversed"
    ));
    CHECK(contains(candidates, "*D-2* Next one (api, deploying) would run: Code reverted"));
    CHECK(world.stage(1) == "deploying");
    CHECK(world.stage(2) == "deploying");
    REQUIRE(world.bob.presses_in_whisper("verb:rollback"));
    CHECK(world.stage(1) == "rolling back");
    CHECK(world.stage(2) == "deploying");
    CHECK(
        world.rows("SELECT json_extract(body, '$.reason') FROM events WHERE kind = 'rollback_started'") ==
        Rows{"errors at login"}
    );
}

TEST_CASE("the on-call developers and the Dev Lead roll back at once, nobody else", "[end_to_end][rollback]")
{
    StartedDeployment world;
    world.petra.types("/rollback D-1 Please");
    CHECK(contains(last_whisper(world, "U0PETRA"), "Only the On-call developer or Dev Lead"));
    CHECK(world.stage() == "deploying");
    const auto* user = GENERATE("U0BOB", "U0ALICE", "U0DANA");  // of the deployment, of the sprint, the lead
    CAPTURE(user);
    TeamMember member(world, user);
    member.types("/rollback D-1");
    CHECK(world.stage() == "rolling back");
    member.types("/rollback D-1 Again");
    CHECK(contains(last_whisper(world, user), "D-1 is already rolling back"));
    CHECK(world.rows("SELECT count(*) FROM events WHERE kind = 'rollback_started'") == Rows{"1"});
}

TEST_CASE("a rollback works while GitHub, Linear and the gates are away", "[end_to_end][rollback]")
{
    StartedDeployment world;
    for (const auto* where : {"github", "graphql"}) {
        simulator::Fault fault;
        fault.on = where;
        fault.what = simulator::Fault::What::reset;
        fault.times = 0;
        world.server.faults.add(fault);
    }
    REQUIRE(world.bob.presses("D-1", "verb:rollback"));
    CHECK(world.stage() == "rolling back");
}

TEST_CASE("steps are done fastest first, the old version is smoke-tested", "[end_to_end][rollback]")
{
    StartedDeployment world({}, {{"flag", "fast-search"}, {"migrations", "yes"}});
    REQUIRE(world.bob.presses("D-1", "verb:flag"));
    world.bob.types("/rollback D-1 Errors at login");
    for (const auto* button : {"verb:step", "verb:step:2", "verb:step:3"}) {
        REQUIRE(world.bob.presses_in_messages(button));
    }
    CHECK(
        world.rows("SELECT json_extract(body, '$.step') FROM events WHERE kind = 'rollback_step_done'") ==
        Rows{"disable_flag", "rollback", "reverse_migrations"}
    );
    CHECK(
        world.rows("SELECT json_extract(body, '$.to') FROM events WHERE kind = 'flag_moved' ORDER BY seq "
                   "DESC LIMIT 1") == Rows{"off"}
    );
    CHECK(thread_says(world, "D-1", "run the smoke tests of the previous version"));
    CHECK(world.stage() == "rolling back");
    REQUIRE(world.bob.ticks_all("D-1", "rollback_smoke"));
    CHECK(world.stage() == "rolled back");
}

TEST_CASE("the service stays locked until a Dev Lead unlocks it", "[end_to_end][rollback]")
{
    StartedDeployment world;
    roll_back(world);
    world.plan_another();
    world.dana.types("/deploy start D-2 Once more");
    CHECK(contains(last_whisper(world, "U0DANA"), "web has been locked since D-1 was rolled back"));
    world.bob.types("/deploy unlock web");
    CHECK(contains(last_whisper(world, "U0BOB"), "Only the Dev Lead"));
    REQUIRE(world.dana.presses("D-1", "verb:unlock"));
    CHECK(thread_says(world, "D-1", "unlocked web"));
    world.dana.types("/deploy start D-2 Once more");
    CHECK(world.stage(2) == "deploying");
}

TEST_CASE("the post-mortem is drafted from the ledger, as a file and offline", "[end_to_end][rollback]")
{
    StartedDeployment world;
    roll_back(world);
    const auto file = file_of(world);
    for (const auto* line :
         {"## Post-Mortem: Faster search",
          "**Date**: 2026-11-24",
          "**Severity**: P0",
          "**Duration**: ",
          " minutes",
          "**Impact**: A third of the logins",
          "Deployment started (Dana",
          "Issue detected (reported by hand): Errors at login (Bob",
          "Rollback initiated: Errors at login (Bob",
          "Rollback complete, service restored (Bob",
          "Root cause identified"}) {
        CAPTURE(line, file);
        CHECK(contains(file, line));
    }
    const bool is_up = GENERATE(true, false);
    if (!is_up) {
        world.stop_bot();
    }
    const auto offline = printed(world, "postmortem D-1");
    CHECK(contains(offline, "## Post-Mortem: Faster search"));
    CHECK(contains(offline, "Issue detected (reported by hand): Errors at login (Bob Baker)"));
}

TEST_CASE(
    "who asks for a draft that is there already is told so, and gets no second one", "[end_to_end][rollback]"
)
{
    StartedDeployment world;
    TeamMember raj(world, "U0RAJ");
    roll_back(world);
    const auto& files = world.server.workspace.files;
    REQUIRE(files.size() == 1);
    REQUIRE(world.dana.presses("D-1", "verb:postmortem"));
    CHECK(contains(last_whisper(world, "U0DANA"), "The draft of D-1 is already in its thread"));
    raj.types("/deploy postmortem D-1");
    CHECK(contains(last_whisper(world, "U0RAJ"), "The draft of D-1 is already in its thread"));
    CHECK(files.size() == 1);
}

TEST_CASE("the post-mortem is due in 24 hours and chased until somebody files it", "[end_to_end][rollback]")
{
    StartedDeployment world;
    roll_back(world);
    const auto chased = [&] { return times_told(world, "U0BOB", "the post-mortem of D-1 is due"); };
    world.advance(23h + 50min);
    CHECK(chased() == 0);
    world.advance(10min);
    CHECK(chased() == 1);
    world.advance_to("2026-11-26 08:59");
    CHECK(chased() == 1);
    world.advance_to("2026-11-26 09:00");  // in the mornings, not at the hour of the incident
    CHECK(chased() == 2);
    SECTION("by the button of the asking")
    {
        REQUIRE(world.bob.presses_in_messages("verb:postmortem"));
        REQUIRE(world.bob.submits({{"link", "https://wiki.example/pm-1"}}));
    }
    SECTION("on the card")
    {
        REQUIRE(world.dana.presses("D-1", "verb:postmortem:file"));
        REQUIRE(world.dana.submits({{"link", "https://wiki.example/pm-1"}}));
    }
    SECTION("by verb") { world.bob.types("/deploy postmortem D-1 https://wiki.example/pm-1"); }
    CHECK(thread_says(world, "D-1", "filed the post-mortem of D-1: <https://wiki.example/pm-1>"));
    world.advance(48h);
    CHECK(chased() == 2);
}

TEST_CASE("after an incident the Dev Lead is asked to bring the runbook up to date", "[end_to_end][rollback]")
{
    StartedDeployment world;
    roll_back(world);
    CHECK(was_told(world, "U0DANA", "Please update it with what you learned"));
}

}  // namespace demo
