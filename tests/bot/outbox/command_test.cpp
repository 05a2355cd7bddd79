#include "bot/outbox/command.hpp"

#include "tests/bot/fake_slack.hpp"
#include "tests/support/processes.hpp"
#include "tests/support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <csignal>
#include <cstdlib>
#include <fstream>

namespace slipway::executors {

namespace {

using namespace std::chrono_literals;

/// Runs it to its end, or its limit.
Outcome run(
    std::vector<std::string> arguments,
    std::chrono::seconds limit = 10s,
    std::vector<std::string> secrets = {}
)
{
    SystemClock clock;
    boost::asio::io_context context{1};
    auto stop = std::make_shared<Stop>(context.get_executor());
    Command command{std::move(arguments), {{"SLIPWAY_SERVICE", "web"}}, limit, std::move(secrets)};
    return testing::result_of(run_command(std::move(command), &clock, std::move(stop)), context);
}

}  // namespace

TEST_CASE("a command's end and output are told", "[bot][command]")
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

TEST_CASE("arguments are not read by a shell", "[bot][command]")
{
    CHECK(run({"echo", "$HOME; rm -rf \"x\""}).output == "$HOME; rm -rf \"x\"\n");
}

TEST_CASE("a command gets no token of ours", "[bot][command]")
{
    setenv("SLACK_BOT_TOKEN", "xoxb-test", 1);
    const auto outcome = run({"env"});
    unsetenv("SLACK_BOT_TOKEN");
    CHECK(outcome.succeeded);
    CHECK(outcome.output.find("xoxb-test") == std::string::npos);
}

TEST_CASE("at its limit the whole group of a command is ended", "[bot][command]")
{
    const testing::TemporaryFolder folder;
    const auto pid_file = (folder / "pid").string();
    const auto outcome =
        run({"/bin/sh", "-c", "sh -c 'trap \"\" TERM; echo $$ > " + pid_file + "; sleep 100' & sleep 100"},
            1s);
    CHECK_FALSE(outcome.succeeded);
    CHECK(outcome.output.find("limit of 1 s") != std::string::npos);
    CHECK(testing::is_gone(pid_file));
}

TEST_CASE("at its limit a command is ended that has left its group", "[bot][command]")
{
    const testing::TemporaryFolder folder;
    const auto pid_file = (folder / "pid").string();
    const auto begun = std::chrono::steady_clock::now();
    const auto outcome =
        run({"/bin/bash",
             "-c",
             "exec setsid bash -c 'trap \"\" TERM; sleep 300 & echo $! > " + pid_file + "; wait; wait'"},
            1s);
    CHECK(outcome.output.find("limit of 1 s") != std::string::npos);
    CHECK(std::chrono::steady_clock::now() - begun < 15s);
    CHECK(testing::is_gone(pid_file));
}

TEST_CASE("a command has ended when its own process has, whatever it leaves behind", "[bot][command]")
{
    const testing::TemporaryFolder folder;
    const auto pid_file = (folder / "pid").string();
    const auto begun = std::chrono::steady_clock::now();
    // It keeps the output open: whoever waits for its end waits for five minutes.
    const auto outcome = run({"/bin/sh", "-c", "sleep 300 & echo $! > " + pid_file + "; echo deployed"}, 60s);
    CHECK(outcome.succeeded);
    CHECK(outcome.output == "deployed\n");
    CHECK(std::chrono::steady_clock::now() - begun < 30s);
    CHECK(testing::is_gone(pid_file));
}

TEST_CASE("a server in a session of its own outlives the command that started it", "[bot][command]")
{
    const testing::TemporaryFolder folder;
    const auto pid_file = (folder / "pid").string();
    const auto in_its_session = "until [ -s " + pid_file + " ]; do sleep 0.1; done";
    const auto outcome = run(
        {"/bin/bash",
         "-c",
         "setsid bash -c 'echo $$ > " + pid_file + "; exec sleep 300' > /dev/null 2>&1 & " + in_its_session},
        60s
    );
    CHECK(outcome.succeeded);
    REQUIRE(testing::is_alive(pid_file));
    pid_t server = 0;
    std::ifstream(pid_file) >> server;
    ::kill(server, SIGKILL);
    CHECK(testing::is_gone(pid_file));
}

TEST_CASE("a token is masked wherever the output is cut", "[bot][command]")
{
    const std::string token = "xoxb-the-marker-secret";
    // 200 KiB of it on one line, so that every cut of the kept 64 KiB falls into one.
    const auto outcome =
        run({"/bin/sh", "-c", "i=0; while [ $i -lt 9500 ]; do printf %s \"$0\"; i=$((i+1)); done", token},
            30s,
            {token});
    CHECK(outcome.succeeded);
    CHECK(outcome.output.find("xoxb") == std::string::npos);
    CHECK(outcome.output.find("secret") == std::string::npos);
    CHECK(outcome.output.ends_with("***"));
}

}  // namespace slipway::executors
