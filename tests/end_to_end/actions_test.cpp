#include "bot/executors/command.hpp"
#include "bot/signature.hpp"
#include "tests/end_to_end/live_deployment.hpp"

#include <boost/asio/co_spawn.hpp>

#include <catch2/generators/catch_generators.hpp>

#include <fstream>

namespace demo {

namespace {

using Rows = std::vector<std::string>;

std::string with_service(const std::string& service)
{
    auto config = example_config();
    config.erase(config.find("[[service]]"));
    return config + "[[service]]\nname = \"web\"\n" + service;
}

slipway::executors::Outcome run(std::vector<std::string> arguments, std::chrono::seconds limit = 10s)
{
    boost::asio::io_context context;
    slipway::SystemClock clock;
    slipway::executors::Outcome ended;
    slipway::executors::Command command{std::move(arguments), {{"SLIPWAY_SERVICE", "web"}}, limit};
    boost::asio::co_spawn(
        context,
        slipway::executors::run_command(std::move(command), &clock),
        [&](std::exception_ptr failure, slipway::executors::Outcome outcome) {
            REQUIRE(failure == nullptr);
            ended = std::move(outcome);
        }
    );
    context.run();
    return ended;
}

}  // namespace

TEST_CASE("a command's end and output are told", "[end_to_end][actions]")
{
    const auto good = run({"/bin/sh", "-c", "echo out; echo err >&2; echo $SLIPWAY_SERVICE"});
    CHECK(good.succeeded);
    CHECK(good.output == "out\nerr\nweb\n");
    const auto bad = run({"/bin/sh", "-c", "echo no; exit 3"});
    CHECK_FALSE(bad.succeeded);
    CHECK(bad.output == "no\n\n(exit code 3)");
    const auto missing = run({"/nowhere/at/all"});
    CHECK_FALSE(missing.succeeded);
    CHECK(missing.output.find("cannot run /nowhere/at/all") != std::string::npos);
}

TEST_CASE("arguments are not read by a shell", "[end_to_end][actions]")
{
    CHECK(run({"echo", "$HOME; rm -rf \"x\""}).output == "$HOME; rm -rf \"x\"\n");
}

TEST_CASE("a command gets no token of ours", "[end_to_end][actions]")
{
    setenv("SLACK_BOT_TOKEN", "xoxb-test", 1);
    const auto outcome = run({"env"});
    unsetenv("SLACK_BOT_TOKEN");
    CHECK(outcome.succeeded);
    CHECK(outcome.output.find("xoxb-test") == std::string::npos);
}

TEST_CASE("at its limit the whole group of a command is ended", "[end_to_end][actions]")
{
    const Folder folder;
    const auto pid_file = (folder / "pid").string();
    const auto outcome =
        run({"/bin/sh", "-c", "sh -c 'trap \"\" TERM; echo $$ > " + pid_file + "; sleep 100' & sleep 100"},
            1s);
    CHECK_FALSE(outcome.succeeded);
    CHECK(outcome.output.find("limit of 1 s") != std::string::npos);
    std::ifstream file(pid_file);
    pid_t grandchild = 0;
    file >> grandchild;
    REQUIRE(grandchild > 0);
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    std::string state = "running";
    while (state != "gone" && state != "Z" && std::chrono::steady_clock::now() < deadline) {
        std::ifstream status("/proc/" + std::to_string(grandchild) + "/stat");
        std::string id;
        std::string name;
        state = "gone";
        status >> id >> name >> state;
    }
    CHECK((state == "gone" || state == "Z"));
}

TEST_CASE("the service's deploy runs at the start, and its output is in the thread", "[end_to_end][actions]")
{
    BotWorld::Options options;
    options.config =
        with_service("deploy = { command = [\"/bin/sh\", \"-c\", \"echo shipping $SLIPWAY_DEPLOYMENT\"] }\n");
    LiveDeployment world(options);
    REQUIRE(world.alice.presses("D-1", "verb:start"));
    REQUIRE(world.until([&] { return thread_says(world, "D-1", "shipping D-1"); }));
    CHECK(
        world.rows("SELECT count(*) FROM events WHERE kind = 'step_done' AND body LIKE '%deploy%'") ==
        Rows{"1"}
    );
}

TEST_CASE("a deploy that fails puts the rollback into on-call's hand", "[end_to_end][actions]")
{
    BotWorld::Options options;
    options.config = with_service(
        "deploy = { command = [\"/bin/sh\", \"-c\", \"echo out of disk; exit 1\"] }\n"
        "rollback = { command = [\"/bin/echo\", \"back again\"] }\n"
    );
    LiveDeployment world(options);
    REQUIRE(world.alice.presses("D-1", "verb:start"));
    REQUIRE(world.until([&] { return was_told(world, "U0BOB", "out of disk"); }));
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
    BotWorld::Options options;
    options.config = with_service(
        "deploy = { command = [\"/bin/sh\", \"-c\", \"echo token xoxb-test and key lin-test; sleep 300\"], "
        "time_limit = 1 }\n"
    );
    StartedDeployment world(options);
    REQUIRE(world.until([&] { return thread_says(world, "D-1", "token *** and key ***"); }));
    CHECK(thread_says(world, "D-1", "limit of 1 s"));
    CHECK(was_told(world, "U0BOB", "failed"));
    for (const auto& row : world.rows("SELECT body FROM events UNION ALL SELECT body FROM outbox")) {
        CHECK(row.find("xoxb-test") == std::string::npos);
    }
}

TEST_CASE("a webhook is told what for and signed", "[end_to_end][actions]")
{
    BotWorld::Options options;
    options.config = with_service("deploy = { webhook = \"{hook}\" }\nrollback = { webhook = \"{hook}\" }\n");
    StartedDeployment world(options, {{"flag", "fast-search"}});
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
    CHECK(world.until([&] { return thread_says(world, "D-1", "no room"); }));
    CHECK(thread_says(world, "D-1", "Rollback step failed: Code reverted"));
    CHECK(hook.received.size() == 2);
}

TEST_CASE("a GitHub workflow is dispatched and waited for", "[end_to_end][actions]")
{
    BotWorld::Options options;
    options.config = with_service("deploy = { github_workflow = \"acme/web/deploy.yml@release\" }\n");
    options.environment = {{"GITHUB_TOKEN", "github-test"}};
    const bool succeeds = GENERATE(true, false);
    Team world(options);
    auto& github = world.server.github;
    github.conclusion = succeeds ? "success" : "failure";
    REQUIRE(world.alice.plans());
    world.advance_to("2026-11-24 22:00");
    world.dana.types("/deploy start D-1 It cannot wait");
    const std::string said = succeeds ? "`deploy` of D-1 is done" : "`deploy` of D-1 failed";
    REQUIRE(world.until([&] { return thread_says(world, "D-1", said); }));
    CHECK(thread_says(world, "D-1", "https://github.com/acme/web/actions/runs/1"));
    REQUIRE(github.dispatches.size() == 1);
    const auto& dispatch = github.dispatches.front();
    CHECK(dispatch.repository == "acme/web");
    CHECK(dispatch.workflow == "deploy.yml");
    CHECK(dispatch.reference == "release");
    CHECK(simulator::text_at(dispatch.inputs, "deployment") == "D-1");
    CHECK(was_told(world, "U0BOB", "failed") == !succeeds);
}

}  // namespace demo
