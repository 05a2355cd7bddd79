// An incident end to end: Prometheus, the automatic rollback, the rollback while others are away, the
// post-mortem. The rules are proven in tests/commands.
#include "bot/cli/commands.hpp"
#include "tests/end_to_end/live_deployment.hpp"

#include <CLI/CLI.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <iostream>
#include <sstream>

namespace demo {

namespace {

constexpr auto issues = "SELECT count(*) FROM events WHERE kind = 'issue_raised'";

/// A deployment that will be rolled back by itself.
struct Failing : StartedDeployment {
    Failing() : StartedDeployment(configured("[triggers]\nautomatic_rollback = true\n"))
    {
        CHECK(
            send_signal(R"({"id":"high","service":"web","kind":"error_rate","error_rate":6.1,"baseline":1.0})"
            ) == 202
        );
        REQUIRE(settle());
    }
};

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

}  // namespace

TEST_CASE(
    "Prometheus is asked while it is live; the baseline is from before the start", "[end_to_end][incident]"
)
{
    auto options = with_web("error_rate_query = \"errors{job='web'} * 100\"\n");
    options.config += "[prometheus]\nurl = \"{prometheus}\"\n";
    StartedDeployment world(options);
    auto& prometheus = world.server.prometheus;
    const auto started =
        slipway::instant_from(world.rows("SELECT at FROM events WHERE kind = 'started'").front());
    double rate = 1.04;
    prometheus.value = [&](const simulator::Prometheus::Question& question) {
        return std::optional(question.at < started ? 1.0 : rate);
    };
    prometheus.asked.clear();
    world.advance(2min);
    REQUIRE(world.until([&] { return prometheus.asked.size() >= 2; }));
    CHECK(prometheus.asked.back().expression == "errors{job='web'} * 100");
    CHECK(world.rows(issues) == Rows{"0"});
    rate = 7.25;
    world.advance(2min);
    REQUIRE(world.until([&] { return was_told(world, "U0BOB", "7.25 % against a baseline of 1.0 %"); }));
    world.advance(5min);
    CHECK(world.rows(issues) == Rows{"1"});
    REQUIRE(world.bob.presses_in_messages("verb:rollback"));
    CHECK(world.stage() == "rolling back");
}

TEST_CASE("an automatic rollback counts down for all to see, then begins", "[end_to_end][incident]")
{
    Failing world;
    CHECK(thread_says(world, "D-1", "It will be rolled back in 120 seconds unless"));
    CHECK(contains(card_text(world, "D-1"), "Rolls back automatically in 1"));
    world.clock.advance(60s);
    CHECK(world.until([&] {
        return contains(card_text(world, "D-1"), "Rolls back automatically in 5") ||
               contains(card_text(world, "D-1"), "Rolls back automatically in 4");
    }));
    CHECK(world.stage() == "deploying");
    world.advance(1min);
    CHECK(world.stage() == "rolling back");
    CHECK(
        world.rows(
            "SELECT actor, json_extract(body, '$.automatic') FROM events WHERE kind = 'rollback_started'"
        ) == Rows{"slipway|1"}
    );
    CHECK_FALSE(contains(card_text(world, "D-1"), "Rolls back automatically"));
    CHECK(was_told(world, "U0DANA", "is rolling back D-1"));
}

TEST_CASE("Cancel stops the automatic rollback", "[end_to_end][incident]")
{
    Failing world;
    SECTION("on the card") { REQUIRE(world.dana.presses("D-1", "verb:hold")); }
    SECTION("in the alert") { REQUIRE(world.bob.presses_in_messages("verb:hold:2")); }
    CHECK(thread_says(world, "D-1", "stopped the automatic rollback"));
    CHECK_FALSE(contains(card_text(world, "D-1"), "Rolls back automatically"));
    world.advance(10min);
    CHECK(world.stage() == "deploying");
}

TEST_CASE("a rollback works while GitHub, Linear and the gates are away", "[end_to_end][incident]")
{
    StartedDeployment world;
    for (const auto* where : {"github", "graphql"}) {
        world.server.faults.add({.on = where, .what = What::reset, .times = 0});
    }
    REQUIRE(world.bob.presses("D-1", "verb:rollback"));
    CHECK(world.stage() == "rolling back");
}

TEST_CASE(
    "the post-mortem is drafted from the ledger, as a file and offline, and filed by a button",
    "[end_to_end][incident]"
)
{
    StartedDeployment world;
    world.bob.types("/deploy issue D-1 Errors at login");
    REQUIRE(world.bob.submits({{"severity", "P0"}, {"impact", "A third of the logins"}}));
    world.advance(4min);
    world.bob.types("/rollback D-1 Errors at login");
    REQUIRE(world.bob.presses_in_messages("verb:step"));
    world.advance(3min);
    REQUIRE(world.bob.ticks_all("D-1", "rollback_smoke"));
    REQUIRE(world.stage() == "rolled back");
    REQUIRE(world.server.workspace.files.size() == 1);
    const auto file = world.server.workspace.files.begin()->second.content;
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
    if (is_up) {
        REQUIRE(world.dana.presses("D-1", "verb:postmortem:file"));
        REQUIRE(world.dana.submits({{"link", "https://wiki.example/pm-1"}}));
        CHECK(thread_says(world, "D-1", "filed the post-mortem of D-1: <https://wiki.example/pm-1>"));
    }
    else {
        world.stop_bot();
    }
    const auto offline = printed(world, "postmortem D-1");
    CHECK(contains(offline, "## Post-Mortem: Faster search"));
    CHECK(contains(offline, "Issue detected (reported by hand): Errors at login (Bob Baker)"));
    CHECK_FALSE(contains(offline, "U0BOB"));
}

}  // namespace demo
