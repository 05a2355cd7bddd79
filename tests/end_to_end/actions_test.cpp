#include "bot/runtime/signature.hpp"
#include "tests/end_to_end/live_deployment.hpp"
#include "tests/support/processes.hpp"

#include <catch2/generators/catch_generators.hpp>

#include <filesystem>
#include <fstream>

namespace demo {

namespace {

using slipway::testing::is_gone;

/// Bob has merged: what the service has for a deploy runs.
void merge(Team& world) { world.bob.types("/deploy step D-1 merge"); }

}  // namespace

TEST_CASE(
    "the service's deploy runs once it is started and merged, and its output is in the thread",
    "[end_to_end][actions]"
)
{
    auto options =
        with_web("deploy = { command = [\"/bin/sh\", \"-c\", \"echo shipping $SLIPWAY_DEPLOYMENT\"] }\n");
    LiveDeployment world(options);
    SECTION("merged before the start, by the card's button")
    {
        REQUIRE(world.bob.presses("D-1", "verb:step"));
        CHECK_FALSE(thread_says(world, "D-1", "shipping D-1"));
        REQUIRE(world.alice.presses("D-1", "verb:start"));
    }
    SECTION("merged after it, by the button of the asking")
    {
        REQUIRE(world.alice.presses("D-1", "verb:start"));
        CHECK_FALSE(thread_says(world, "D-1", "shipping D-1"));
        REQUIRE(world.bob.presses_in_messages("verb:step"));
    }
    REQUIRE(world.until([&] { return thread_says(world, "D-1", "shipping D-1"); }));
    CHECK(
        world.rows("SELECT count(*) FROM events WHERE kind = 'step_done' AND body LIKE '%deploy%'") ==
        Rows{"1"}
    );
}

TEST_CASE("a deploy fails with words that are no UTF-8, and it is told", "[end_to_end][actions]")
{
    const auto options = with_web(
        R"(deploy = { command = ["/bin/sh", "-c", "printf 'D\\351ploiement rat\\351\\033[2J\\n'; exit 1"] })"
        "\n"
    );
    StartedDeployment world(options);
    merge(world);
    REQUIRE(world.until([&] { return was_told(world, "U0BOB", "`deploy` of D-1 failed"); }));
    CHECK(thread_says(world, "D-1", "D\uFFFDploiement rat\uFFFD\n\n(exit code 1)"));
    CHECK(world.rows("SELECT count(*) FROM outbox WHERE state = 'rejected'") == Rows{"0"});
}

TEST_CASE("a deploy that fails puts the rollback into on-call's hand", "[end_to_end][actions]")
{
    auto options = with_web(
        "deploy = { command = [\"/bin/sh\", \"-c\", \"echo out of disk; exit 1\"] }\n"
        "rollback = { command = [\"/bin/echo\", \"back again\"] }\n"
    );
    LiveDeployment world(options);
    REQUIRE(world.alice.presses("D-1", "verb:start"));
    merge(world);
    REQUIRE(world.until([&] { return was_told(world, "U0BOB", "out of disk"); }));
    REQUIRE(world.bob.presses_in_messages("verb:retry:3"));
    REQUIRE(world.until([&] { return times_told(world, "U0BOB", "out of disk") == 2; }));
    REQUIRE(world.bob.presses_in_messages("verb:rollback"));
    REQUIRE(world.until([&] { return thread_says(world, "D-1", "back again"); }));
    REQUIRE(world.bob.ticks_all("D-1", "rollback_smoke"));
    CHECK(world.stage() == "rolled back");
}

TEST_CASE(
    "a signed signal fires a trigger: on-call gets the evidence and a one-press rollback",
    "[end_to_end][signals]"
)
{
    LiveDeployment world;
    REQUIRE(world.alice.presses("D-1", "verb:start"));
    const std::string calm =
        R"({"id":"1","service":"web","kind":"error_rate","error_rate":1.04,"baseline":1.0})";
    const std::string high =
        R"({"id":"2","service":"web","kind":"error_rate","error_rate":6.1,"baseline":1.0})";
    CHECK(world.send_signal(high, "another secret") == 401);
    CHECK(world.send_signal("[]") == 400);
    CHECK(world.send_signal(R"({"id":"3","service":"nothing","kind":"error_rate"})") == 400);
    CHECK(world.send_signal(calm) == 202);
    CHECK(message_with(world, "Deployment Issue Detected") == nullptr);
    CHECK(world.send_signal(high) == 202);
    CHECK(world.send_signal(high) == 202);
    REQUIRE(world.until([&] { return was_told(world, "U0BOB", "6.1"); }));
    CHECK(world.until([&] { return message_with(world, "Deployment Issue Detected") != nullptr; }));
    CHECK(world.rows("SELECT count(*) FROM events WHERE kind = 'issue_raised'") == Rows{"1"});
    REQUIRE(world.bob.presses_in_messages("verb:rollback"));
    CHECK(world.stage() == "rolling back");
}

TEST_CASE("what an action prints is masked, and its time limit ends it", "[end_to_end][actions]")
{
    auto options = with_web(
        "deploy = { command = [\"/bin/sh\", \"-c\", \"echo token xoxb-test and key lin-test; sleep 300\"], "
        "time_limit = 1 }\n"
    );
    StartedDeployment world(options);
    merge(world);
    REQUIRE(world.until([&] { return thread_says(world, "D-1", "token *** and key ***"); }));
    CHECK(thread_says(world, "D-1", "limit of 1 s"));
    CHECK(was_told(world, "U0BOB", "failed"));
    for (const auto& row : world.rows("SELECT body FROM events UNION ALL SELECT body FROM outbox")) {
        CHECK(row.find("xoxb-test") == std::string::npos);
    }
}

TEST_CASE("a webhook is told what for and signed", "[end_to_end][actions]")
{
    auto options = with_web("deploy = { webhook = \"{hook}\" }\nrollback = { webhook = \"{hook}\" }\n");
    StartedDeployment world(options, {{"flag", "fast-search"}});
    merge(world);
    auto& hook = world.server.hook;
    REQUIRE(world.until([&] { return thread_says(world, "D-1", "thanks"); }));
    REQUIRE(hook.received.size() == 1);
    const auto& request = hook.received.front();
    CHECK(
        json::parse(request.body) ==
        json::value{
            {"deployment", "D-1"},
            {"service", "web"},
            {"action", "deploy"},
            {"commit", ""},
            {"flag", "fast-search"}}
    );
    CHECK(
        slipway::net::header(request.headers, "X-Slipway-Signature") ==
        "sha256=" + slipway::hmac_sha256("signal-test", request.body)
    );
    hook.status = 500;
    hook.body = "no room";
    world.bob.types("/rollback D-1 Errors");
    REQUIRE(world.bob.presses_in_messages("verb:step"));  // the flag is off, which is done by hand
    CHECK(world.until([&] { return thread_says(world, "D-1", "no room"); }));
    CHECK(thread_says(world, "D-1", "Rollback step of D-1 failed: Code reverted"));
    CHECK(thread_says(world, "D-1", "(HTTP 500)"));
    CHECK(hook.received.size() == 2);
}

TEST_CASE(
    "a rollback ends the deploy that hangs: the old version is back in seconds", "[end_to_end][actions]"
)
{
    const Folder folder;
    const auto pid_file = (folder / "pid").string();
    auto options = with_web(
        "deploy = { command = [\"/bin/sh\", \"-c\", \"echo $$ > " + pid_file +
        "; sleep 300; true\"] }\n"
        "rollback = { command = [\"/bin/echo\", \"back again\"] }\n"
    );
    StartedDeployment world(options);
    // Nobody waits here until all is said, as a deploy that hangs is not.
    world.server.people.slash("U0BOB", deploys, "/deploy", "step D-1 merge");
    REQUIRE(world.until([&] { return std::filesystem::exists(pid_file); }));
    const auto begun = world.clock.steady_now();
    world.bob.types("/rollback D-1 It hangs");
    REQUIRE(world.until([&] { return thread_says(world, "D-1", "back again"); }));
    CHECK(world.clock.steady_now() - begun < 30s);
    CHECK(is_gone(pid_file));
    CHECK(thread_says(world, "D-1", "it gets stopped first"));
    CHECK(world.until([&] { return thread_says(world, "D-1", "ended because D-1 is rolled back"); }));
    REQUIRE(world.bob.ticks_all("D-1", "rollback_smoke"));
    CHECK(world.stage() == "rolled back");
}

TEST_CASE("rollback steps run one after the other, and stop at the one that fails", "[end_to_end][actions]")
{
    const Folder folder;
    const auto log = (folder / "log").string();
    const auto fails_once = (folder / "fails_once").string();
    auto options = with_web(
        "disable_flag = { command = [\"/bin/sh\", \"-c\", \"echo flag >> " + log + "\"] }\n" +
        "rollback = { command = [\"/bin/sh\", \"-c\", \"echo revert >> " + log + "; rm " + fails_once +
        " && exit 3 || true\"] }\n" +
        "reverse_migrations = { command = [\"/bin/sh\", \"-c\", \"echo migrate >> " + log + "\"] }\n"
    );
    std::ofstream(fails_once) << "yes";
    const auto logged = [&] {
        std::ifstream file(log);
        Rows lines;
        for (std::string line; std::getline(file, line);) {
            lines.push_back(line);
        }
        return lines;
    };
    StartedDeployment world(options, {{"flag", "fast-search"}, {"migrations", "yes"}});
    world.bob.types("/rollback D-1 Errors");
    REQUIRE(world.until([&] { return was_told(world, "U0BOB", "failed: Code reverted"); }));
    CHECK(was_told(world, "U0BOB", "(exit code 3)"));
    world.advance(1min);
    CHECK(logged() == Rows{"flag", "revert"});
    CHECK(times_said(world, "Rollback executed") == 0);
    REQUIRE(world.bob.presses_in_messages("verb:retry"));
    REQUIRE(world.until([&] { return times_said(world, "Rollback executed") == 1; }));
    CHECK(logged() == Rows{"flag", "revert", "revert", "migrate"});
}

TEST_CASE("a bot that is stopped ends what an action runs, and says so afterwards", "[end_to_end][actions]")
{
    const Folder folder;
    const auto pid_file = (folder / "pid").string();
    const std::string shell =
        GENERATE("\"/bin/sh\"", "\"/usr/bin/setsid\", \"/bin/sh\"");  // in the group, and gone from it
    auto options = with_web(
        "deploy = { command = [" + shell + ", \"-c\", \"trap '' TERM; echo $$ > " + pid_file +
        "; sleep 300; true\"] }\n"
    );
    StartedDeployment world(options);
    // Nobody waits here until all is said, as a deploy that hangs is not.
    world.server.people.slash("U0BOB", deploys, "/deploy", "step D-1 merge");
    REQUIRE(world.until([&] { return std::filesystem::exists(pid_file); }));
    const auto begun = world.clock.steady_now();
    world.stop_bot();
    CHECK(world.clock.steady_now() - begun < 16s);
    CHECK(is_gone(pid_file));
    world.start_bot();
    REQUIRE(world.until([&] { return was_told(world, "U0BOB", "ended because the bot was stopped"); }));
    CHECK(world.rows("SELECT count(*) FROM events WHERE kind = 'action_ended'") == Rows{"1"});
}

TEST_CASE("a GitHub workflow is dispatched and waited for", "[end_to_end][actions]")
{
    auto options = with_web("deploy = { github_workflow = \"acme/web/deploy.yml@release\" }\n");
    options.environment = {{"GITHUB_TOKEN", "github-test"}};
    const bool succeeds = GENERATE(true, false);
    Team world(options);
    auto& github = world.server.github;
    github.conclusion = succeeds ? "success" : "failure";
    github.older_conclusion =
        succeeds ? "failure" : "success";  // of the run before, still the newest at first
    github.looks_until_seen = 2;
    REQUIRE(world.alice.plans());
    world.advance_to("2026-11-24 22:00");
    world.dana.types("/deploy start D-1 It cannot wait");
    merge(world);
    const std::string said = succeeds ? "`deploy` of D-1 is done" : "`deploy` of D-1 failed";
    REQUIRE(world.until([&] { return thread_says(world, "D-1", said); }));
    CHECK(thread_says(world, "D-1", "https://github.com/acme/web/actions/runs/2"));
    REQUIRE(github.dispatches.size() == 1);
    const auto& dispatch = github.dispatches.front();
    CHECK(dispatch.repository == "acme/web");
    CHECK(dispatch.workflow == "deploy.yml");
    CHECK(dispatch.reference == "release");
    CHECK(simulator::text_at(dispatch.inputs, "deployment") == "D-1");
    CHECK(was_told(world, "U0BOB", "failed") == !succeeds);
}

TEST_CASE("two services share a workflow: each is told what its own run came to", "[end_to_end][actions]")
{
    const bool names_runs = GENERATE(true, false);
    const std::string shared = "deploy = { github_workflow = \"acme/infra/deploy.yml@main\" }\n";
    auto options = with_web(shared);
    const std::string api = "name = \"api\"\n";
    options.config.insert(options.config.find(api) + api.size(), shared);
    options.environment = {{"GITHUB_TOKEN", "github-test"}};
    Team world(options);
    auto& github = world.server.github;
    github.conclusions = {{"api", "failure"}};
    github.names_runs = names_runs;
    REQUIRE(world.alice.plans());
    REQUIRE(world.alice.plans({{"service", "api"}}));
    world.advance_to("2026-11-24 22:00");
    for (const std::string id : {"D-1", "D-2"}) {
        world.dana.types("/deploy start " + id + " It cannot wait");
    }
    for (const std::string id : {"D-1", "D-2"}) {
        world.server.people.slash("U0BOB", deploys, "/deploy", "step " + id + " merge");
    }
    const auto said = [&](const std::string& id, const std::string& known) {
        const auto unknown = "I don't know how `deploy` of " + id + " ended";
        return thread_says(world, id, names_runs ? "`deploy` of " + id + known : unknown);
    };
    REQUIRE(world.until([&] { return said("D-1", " is done") && said("D-2", " failed"); }));
    REQUIRE(github.dispatches.size() == 2);
    for (const std::string id : {"D-1", "D-2"}) {
        CHECK(thread_says(world, id, "actions/runs/2") == (!names_runs || id == "D-1"));
        CHECK(thread_says(world, id, "actions/runs/3") == (!names_runs || id == "D-2"));
    }
}

}  // namespace demo
