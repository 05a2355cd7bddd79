// Where tokens must never be: whatever the bot writes, at any level, in a run that uses them all.
#include "bot/net/transport.hpp"
#include "tests/durability/program_in_simulator.hpp"

#include <boost/asio/co_spawn.hpp>

#include <catch2/catch_test_macros.hpp>

#include <fstream>
#include <sstream>

namespace durability {

namespace {

/// Each is found in nothing but the variable that gave it.
constexpr auto bot_marker = "marker-of-the-bot-token";
constexpr auto app_marker = "marker-of-the-app-token";
constexpr auto linear_marker = "marker-of-the-linear-key";
constexpr auto github_marker = "marker-of-the-github-token";
constexpr auto signal_marker = "marker-of-the-signal-secret";
constexpr auto proxy_marker = "marker-of-the-proxy-password";
constexpr auto any_marker = "marker-of-the";

struct MarkedWorld : ProgramInSimulator {
    explicit MarkedWorld(const std::string& level) : ProgramInSimulator(SLIPWAY_PROGRAM)
    {
        server.workspace.bot_token = bot_marker;
        server.workspace.app_token = app_marker;
        server.linear.key = linear_marker;
        environment["SLACK_BOT_TOKEN"] = bot_marker;
        environment["SLACK_APP_TOKEN"] = app_marker;
        environment["LINEAR_API_KEY"] = linear_marker;
        environment["GITHUB_TOKEN"] = github_marker;
        environment["GITHUB_API_URL"] = "http://127.0.0.1:1";
        environment["SLIPWAY_SIGNAL_SECRET"] = signal_marker;
        environment["HTTPS_PROXY"] = std::string("http://user:") + proxy_marker + "@127.0.0.1:1";
        std::ofstream(folder / "leak") << bot_marker << '\n';
        const auto leak = (folder / "leak").string();
        auto config = demo::example_config();
        config.replace(
            config.find("name = \"web\""),
            12,
            "name = \"web\"\ndeploy = { command = [\"/bin/sh\", \"-c\", \"env; cat /proc/$PPID/environ; "
            "cat " +
                leak + "\"] }\nrollback = { webhook = \"http://127.0.0.1:1/\" }"
        );
        configure("log_level = \"" + level + "\"\n", config);
    }

    void types(const std::string& user, const std::string& text)
    {
        const auto id = server.people.slash(user, demo::deploys, "/deploy", text);
        REQUIRE(until([&] { return server.hub.sent(id)->acked; }));
    }

    [[nodiscard]] bool said(const std::string& text)
    {
        return until(
            [&] { return everything_said().find(text) != std::string::npos; }, std::chrono::seconds{30}
        );
    }

    /// All that reached people and Linear.
    [[nodiscard]] std::string everything_said() const
    {
        std::string all;
        for (const auto& [id, channel] : server.workspace.channels) {
            for (const auto& [ts, message] : channel.messages) {
                all += message.text + json::serialize(message.blocks);
            }
        }
        for (const auto& each : server.workspace.ephemerals) {
            all += each.text + json::serialize(each.blocks);
        }
        for (const auto& [id, view] : server.workspace.views) {
            all += json::serialize(view.body);
        }
        for (const auto& comment : server.linear.comments) {
            all += comment.body;
        }
        return all;
    }

    /// Log, database with its log and lock: every file but the one that is meant to leak.
    [[nodiscard]] std::string everything_written() const
    {
        std::string all;
        for (const auto& file : std::filesystem::directory_iterator(store_path.parent_path())) {
            if (file.path().filename() != "leak") {
                all += text_of(file.path());
            }
        }
        return all;
    }

    [[nodiscard]] std::string fetched(const std::string& path)
    {
        const auto printed = log();
        const auto at = printed.find("http on 127.0.0.1:");
        REQUIRE(at != std::string::npos);
        slipway::net::HttpRequest request;
        request.url = "http://127.0.0.1:" + std::to_string(std::stoi(printed.substr(at + 18))) + path;
        const auto client = slipway::net::make_http_client(context.get_executor(), {});
        std::string body;
        bool answered = false;
        boost::asio::co_spawn(
            context,
            client->send(std::move(request)),
            [&](std::exception_ptr, slipway::net::Outcome<slipway::net::HttpResponse> outcome) {
                answered = true;
                body = outcome ? outcome->body : "";
            }
        );
        (void)until([&] { return answered; });
        return body;
    }
};

void check_clean(const std::string& where, const std::string& text)
{
    const auto at = text.find(any_marker);
    INFO(where << ": " << (at == std::string::npos ? "" : text.substr(at > 200 ? at - 200 : 0, 300)));
    CHECK(at == std::string::npos);
}

/// A life with everything that can go wrong, and the other commands; all that was written holds no token.
void check_life_at(const std::string& level)
{
    MarkedWorld world(level);
    REQUIRE(world.start());
    world.types("U0ALICE", "plan");
    REQUIRE(world.until([&] { return world.server.people.modal_of("U0ALICE") != nullptr; }));
    auto plan = plan_for_tomorrow(world.clock);
    plan["priority"] = "P0";
    plan["pull_request"] = "https://github.com/acme/web/pull/1";
    world.server.people.submit("U0ALICE", plan);
    REQUIRE(world.said("Please sign off"));

    using What = simulator::Fault::What;
    for (const auto what : {What::reset, What::html, What::truncate, What::rate_limited}) {
        simulator::Fault fault;
        fault.what = what;
        fault.on = what == What::rate_limited ? "commentCreate" : "chat.postMessage";
        world.server.faults.add(fault);
    }
    world.types("U0PETRA", "signoff D-1");
    world.types("U0DANA", "check D-1");
    world.server.hub.send_raw("{\"envelope_id\":\"e-1\",\"type\":\"events_api\",\"payload\":[1,2");
    world.types("U0DANA", "start D-1 Login is down");
    world.types("U0DANA", "step D-1 merge");
    REQUIRE(world.said("***"));  // what the command found in the file, masked
    world.server.linear.key = "another";
    world.types("U0JANE", "signoff D-1");
    world.types("U0DANA", "rollback D-1 errors");
    world.server.hub.cut();
    (void)world.until([] { return false; }, 2s);

    check_clean("messages", world.everything_said());
    if (level != "warn" && level != "error") {  // the log names the port
        check_clean("metrics", world.fetched("/metrics"));
    }
    check_clean("files while it runs", world.everything_written());
    REQUIRE(world.stop().has_value());
    check_clean("files", world.everything_written());
    CHECK(world.rows("SELECT 1 FROM events WHERE kind = 'rollback_started'").size() == 1);

    // Tokens that are refused, and the other commands.
    world.server.workspace.refused_tokens[bot_marker] = "token_revoked";
    check_clean("a refused bot token", world.run({"run"}).printed);
    check_clean("doctor", world.run({"doctor"}).printed);
    world.server.workspace.refused_tokens.clear();
    world.server.workspace.refused_tokens[app_marker] = "invalid_auth";
    check_clean("a refused app token", world.run({"run"}).printed);
    for (const auto* format : {"csv", "jsonl", "md"}) {
        check_clean("export", world.run({"audit", "export", "--format", format}).printed);
    }
}

}  // namespace

TEST_CASE("no token is written anywhere at log level trace, whatever goes wrong", "[durability][secrets]")
{
    check_life_at("trace");
}

TEST_CASE("no token is written anywhere at log level debug, whatever goes wrong", "[durability][secrets]")
{
    check_life_at("debug");
}

TEST_CASE("no token is written anywhere at log level info, whatever goes wrong", "[durability][secrets]")
{
    check_life_at("info");
}

TEST_CASE("no token is written anywhere at log level warn, whatever goes wrong", "[durability][secrets]")
{
    check_life_at("warn");
}

TEST_CASE("no token is written anywhere at log level error, whatever goes wrong", "[durability][secrets]")
{
    check_life_at("error");
}

TEST_CASE("no core file holds a token", "[durability][secrets]")
{
    MarkedWorld world("info");
    REQUIRE(world.start());
    const auto limits = text_of("/proc/" + std::to_string(world.bot->id()) + "/limits");
    const auto line = limits.substr(limits.find("Max core file size"));
    std::istringstream words(line.substr(18));
    std::string soft;
    words >> soft;
    CHECK(soft == "0");
}

}  // namespace durability
