#include "bot/slack/web_api.hpp"

#include "tests/bot/fake_slack.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <catch2/catch_test_macros.hpp>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <deque>
#include <sstream>

namespace slipway::slack {

namespace {

/// Answers with what is in the script, one after the other, and keeps what was asked.
class ScriptedHttp : public net::HttpClient {
public:
    std::deque<std::string> script;
    std::string always{};  ///< where the script has ended
    net::Headers headers{};
    std::vector<std::string> asked;

    boost::asio::awaitable<net::Outcome<net::HttpResponse>> send(net::HttpRequest request) override
    {
        asked.push_back(request.url);
        net::HttpResponse response{200, headers, script.empty() ? always : script.front()};
        if (!script.empty()) {
            script.pop_front();
        }
        co_return response;
    }
};

}  // namespace

TEST_CASE("a message is looked for on every page, also behind an empty one", "[bot][web_api]")
{
    ScriptedHttp http;
    http.script = {
        R"({"ok":true,"messages":[],"response_metadata":{"next_cursor":"second="}})",
        R"({"ok":true,"messages":[{"ts":"1.000000"}],"response_metadata":{"next_cursor":"third"}})",
        R"({"ok":true,"messages":[{"ts":"1610241741.000200","metadata":{"event_type":"slipway",
            "event_payload":{"outbox_id":"wanted"}}}],"response_metadata":{"next_cursor":""}})"};
    SystemClock clock;
    WebApi slack(http, clock, "https://slack.com/api/", "xoxb-test");
    const auto found = testing::result_of(slack.find_message(ChannelId("C0"), "", "wanted", Instant{}));
    CHECK(std::get<std::optional<std::string>>(found) == "1610241741.000200");
    REQUIRE(http.asked.size() == 3);
    CHECK(http.asked.at(1).find("cursor=second%3D") != std::string::npos);
    CHECK(http.asked.at(2).find("cursor=third") != std::string::npos);
}

TEST_CASE("a shared file is found by its name", "[bot][web_api]")
{
    ScriptedHttp http;
    http.script = {
        R"({"ok":true,"messages":[
        {"ts":"1.000001","files":[{"name":"postmortem-D-1-deadbeef.md"}]},
        {"ts":"1.000002","files":[{"name":"postmortem-D-1-)" +
        mark_of("5ab3fb0f-1454-4d63-a9f3-96be29ee77f1") + R"(.md"}]}]})"};
    SystemClock clock;
    WebApi slack(http, clock, "https://slack.com/api/", "xoxb-test");
    const auto found = testing::result_of(
        slack.find_message(ChannelId("C0"), "", "5ab3fb0f-1454-4d63-a9f3-96be29ee77f1", Instant{})
    );
    CHECK(std::get<std::optional<std::string>>(found) == "1.000002");
}

TEST_CASE("a message is looked for by Slack's clock, however wrong ours is", "[bot][web_api]")
{
    using namespace std::chrono_literals;
    testing::StillClock clock;  // 03:00:00 UTC; Slack's is two minutes behind
    ScriptedHttp http;
    http.always = R"({"ok":true,"messages":[]})";
    WebApi slack(http, clock, "https://slack.com/api/", "xoxb-test");
    const auto oldest_of_next = [&](const std::string& thread, Instant since) {
        (void)testing::result_of(slack.find_message(ChannelId("C0"), thread, "wanted", since));
        const auto& url = http.asked.back();
        const auto at = url.find("oldest=");
        return at == std::string::npos ? 0 : std::stoll(url.substr(at + 7));
    };
    const auto seconds = [](Instant at) {
        return std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count();
    };
    // Before Slack's clock is known it may be anything.
    CHECK(oldest_of_next("", clock.now()) <= seconds(clock.now() - 25h));
    CHECK(oldest_of_next("1.000000", clock.now()) == 0);
    http.headers = {{"Date", "Wed, 25 Nov 2026 02:58:00 GMT"}};
    (void)testing::result_of(slack.channel(ChannelId("C0")));
    const auto posted_at = clock.now() - 2min;  // as Slack sees it
    CHECK(oldest_of_next("", clock.now()) < seconds(posted_at));
    CHECK(oldest_of_next("", clock.now()) > seconds(posted_at - 10min));
    CHECK(oldest_of_next("1.000000", clock.now()) == 0);
    // Our clock was put back since: when it was wanted is not known any more.
    CHECK(oldest_of_next("", clock.now() + 5h) <= seconds(clock.now() - 20h));
}

TEST_CASE(
    "a clock that is off Slack's by more than a minute is warned of once, until it is right", "[bot][web_api]"
)
{
    const auto before = spdlog::default_logger();
    std::ostringstream log;
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::ostream_sink_st>(log))
    );
    testing::StillClock clock;  // 03:00:00 UTC
    ScriptedHttp http;
    http.always = R"({"ok":true})";
    WebApi slack(http, clock, "https://slack.com/api/", "xoxb-test");
    const auto said_of = [&](const char* date) {
        log.str("");
        http.headers = {{"Date", date}};
        (void)testing::result_of(slack.channel(ChannelId("C0")));
        const auto text = log.str();
        return text.find("clock is 3") != std::string::npos    ? "warned"
               : text.find("right again") != std::string::npos ? "right again"
                                                               : text;
    };
    CHECK(said_of("Wed, 25 Nov 2026 03:01:00 GMT").empty());
    CHECK(said_of("Thu, 25 Nov 2027 03:00:00 GMT") == "warned");
    CHECK(slack.clock_ahead() == std::chrono::hours{365 * 24});
    CHECK(said_of("Thu, 25 Nov 2027 03:00:00 GMT").empty());
    CHECK(said_of("Wed, 25 Nov 2026 03:00:00 GMT") == "right again");
    spdlog::set_default_logger(before);
}

TEST_CASE("pages without an end are given up, and it stays open whether it was said", "[bot][web_api]")
{
    ScriptedHttp http;
    testing::StillClock clock;
    WebApi slack(http, clock, "https://slack.com/api/", "xoxb-test");
    SECTION("the same cursor again and again")
    {
        http.always = R"({"ok":true,"messages":[],"response_metadata":{"next_cursor":"again"}})";
    }
    SECTION("always another one")
    {
        for (int page = 0; page < 1'000; ++page) {
            http.script.push_back(
                R"({"ok":true,"messages":[],"response_metadata":{"next_cursor":"c)" + std::to_string(page) +
                R"("}})"
            );
        }
    }
    const auto found = testing::result_of(slack.find_message(ChannelId("C0"), "", "wanted", clock.now()));
    REQUIRE(std::holds_alternative<RetryLater>(found));
    CHECK(std::get<RetryLater>(found).ambiguous);
    CHECK(http.asked.size() <= 50);
}

TEST_CASE("a token that is refused is noticed, and so is that it is taken again", "[bot][web_api]")
{
    testing::FakeSlack http;
    testing::StillClock clock;
    WebApi slack(http, clock, testing::FakeSlack::url, "xoxb-test");
    const auto calls = [&] { (void)testing::result_of(slack.channel(ChannelId("C0"))); };
    calls();
    CHECK(slack.refused().empty());
    for (const auto* code :
         {"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"}) {
        http.refuse_all(code);
        calls();
        CHECK(slack.refused() == code);
    }
    http.refuse_all("channel_not_found");
    calls();
    CHECK(slack.refused() == "account_inactive");  // proves nothing
    http.answer("conversations.info", R"({"ok":true})");
    calls();
    CHECK(slack.refused().empty());
    slack.lose_access("app_uninstalled");
    CHECK(slack.refused() == "app_uninstalled");
    http.refuse_all("missing_scope");
    calls();
    http.answer("conversations.info", R"({"ok":true})");
    calls();
    CHECK(slack.refused().empty());
}

TEST_CASE("nobody's reply waits for its link for longer than a second", "[bot][web_api]")
{
    testing::FakeSlack http;
    testing::StillClock clock;
    WebApi slack(http, clock, testing::FakeSlack::url, "xoxb-test");
    (void)testing::result_of(slack.permalink(ChannelId("C0"), "1.000000"));
    CHECK(http.asked.back().limits.whole <= std::chrono::seconds{1});
}

TEST_CASE("a thread is read again from a moment on, page by page, for what people said", "[bot][web_api]")
{
    ScriptedHttp http;
    testing::StillClock clock;
    WebApi slack(http, clock, "https://slack.com/api/", "xoxb-test");
    const auto page = [](const std::string& messages, const std::string& next) {
        return R"({"ok":true,"messages":[)" + messages + R"(],"response_metadata":{"next_cursor":")" + next +
               "\"}}";
    };
    const std::string ours =
        R"({"ts":"1.0","thread_ts":"1.0","bot_id":"B0","user":"U0BOT","text":"the card"})";
    const auto said = [](const std::string& ts) {
        return R"({"ts":")" + ts + R"(","thread_ts":"1.0","user":"U0JANE","text":"hello"})";
    };
    SECTION("to its end")
    {
        http.script = {
            page(ours + "," + said("2.0"), "more="), page("", "more2"), page(said("3.0") + ",7", "")};
        const auto since = clock.now() - std::chrono::hours{24};
        const auto answer = testing::result_of(slack.replies(ChannelId("C0"), "1.0", since));
        const auto& replies = std::get<std::vector<ThreadReply>>(answer);
        REQUIRE(replies.size() == 2);
        CHECK(replies.front().ts == "2.0");
        CHECK(replies.back().ts == "3.0");
        CHECK(replies.back().sender.channel == ChannelId("C0"));
        REQUIRE(http.asked.size() == 3);
        CHECK(
            http.asked.front().find("conversations.replies?channel=C0&ts=1.0&oldest=") != std::string::npos
        );
        CHECK(http.asked.at(1).find("cursor=more%3D") != std::string::npos);
    }
    SECTION("but not for ever")
    {
        for (int number = 0; number < 1'000; ++number) {
            http.script.push_back(page(said("2.0"), "c" + std::to_string(number)));
        }
        const auto answer = testing::result_of(slack.replies(ChannelId("C0"), "1.0", clock.now()));
        CHECK(std::holds_alternative<std::vector<ThreadReply>>(answer));
        CHECK(http.asked.size() <= 50);
    }
    SECTION("unless Slack says no")
    {
        http.script = {R"({"ok":false,"error":"thread_not_found"})"};
        const auto answer = testing::result_of(slack.replies(ChannelId("C0"), "1.0", clock.now()));
        CHECK(std::get<Rejected>(answer).code == "thread_not_found");
    }
}

}  // namespace slipway::slack
