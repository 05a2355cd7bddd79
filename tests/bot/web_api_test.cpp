#include "bot/slack/web_api.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <catch2/catch_test_macros.hpp>

#include <deque>

namespace slipway::slack {

namespace {

/// Answers with what is in the script, one after the other, and keeps what was asked.
class ScriptedHttp : public net::HttpClient {
public:
    std::deque<std::string> script;
    std::vector<std::string> asked;

    boost::asio::awaitable<net::Outcome<net::HttpResponse>> send(net::HttpRequest request) override
    {
        asked.push_back(request.url);
        net::HttpResponse response{200, {}, script.front()};
        script.pop_front();
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
    boost::asio::io_context context;
    Answer<std::string> found = std::string{};
    boost::asio::co_spawn(
        context,
        slack.find_message(ChannelId("C0"), "", "wanted", Instant{}),
        [&](std::exception_ptr, Answer<std::string> answer) { found = std::move(answer); }
    );
    context.run();
    CHECK(std::get<std::string>(found) == "1610241741.000200");
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
    boost::asio::io_context context;
    Answer<std::string> found = std::string{};
    boost::asio::co_spawn(
        context,
        slack.find_message(ChannelId("C0"), "", "5ab3fb0f-1454-4d63-a9f3-96be29ee77f1", Instant{}),
        [&](std::exception_ptr, Answer<std::string> answer) { found = std::move(answer); }
    );
    context.run();
    CHECK(std::get<std::string>(found) == "1.000002");
}

}  // namespace slipway::slack
