#include "bot/inbox/signals.hpp"

#include "bot/runtime/signature.hpp"
#include "tests/bot/desk.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

namespace slipway {

namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using testing::Desk;
using namespace std::chrono_literals;

/// Whom the monitoring talks to. D-1 was started ten minutes ago.
struct Post : Desk {
    Post()
    {
        config.signal_secret = "signal-test";
        config.policy = policy;
        now = clock.now() - 10min;
        events(1, {Started{UserId("U0BOB"), "preferred"}});
    }

    int take_unsigned(const std::string& body)
    {
        net::ServerRequest request{"POST", "/v1/signals", {}, body};
        return testing::result_of(signals.take(std::move(request))).status;
    }

    net::ServerResponse answer(
        const std::string& body, std::chrono::seconds after = 0s, const std::string& secret = "signal-test"
    )
    {
        const auto at = std::chrono::floor<std::chrono::seconds>(clock.now() + after).time_since_epoch();
        const auto timestamp = std::to_string(at.count());
        net::ServerRequest request{"POST", "/v1/signals", {}, body};
        request.headers = {
            {"X-Slipway-Timestamp", timestamp},
            {"X-Slipway-Signature", "sha256=" + hmac_sha256(secret, timestamp + "." + body)}};
        return testing::result_of(signals.take(std::move(request)));
    }

    int take(
        const std::string& body, std::chrono::seconds after = 0s, const std::string& secret = "signal-test"
    )
    {
        return answer(body, after, secret).status;
    }

    /// Lets Prometheus be asked `times` times.
    void polls(std::size_t times, const std::string& answer)
    {
        config.prometheus_url = "https://slack.test/api/prometheus";
        config.policy.services.front().error_rate_query = "rate(errors[5m])";
        github_http.otherwise = {200, {}, answer};
        github_http.on_call = [this, times] {
            if (github_http.asked.size() == times) {
                throw std::runtime_error("long enough");
            }
        };
        asio::co_spawn(context, signals.poll(), [](std::exception_ptr) {});
        context.run();
    }

    Signals signals{{config, judge, storage, github_http, clock}};
};

std::string failing(const std::string& id, const std::string& service = "web")
{
    return R"({"id":")" + id + R"(","service":")" + service +
           R"(","kind":"error_rate","error_rate":9.5,"baseline":1.0})";
}

}  // namespace

TEST_CASE("a signal counts when it was signed within five minutes, on either side", "[bot][signals]")
{
    Post post;
    CHECK(post.take(failing("a"), -301s) == 401);
    CHECK(post.take(failing("a"), 301s) == 401);
    CHECK(post.take(failing("a"), 0s, "guessed") == 401);
    CHECK(post.take_unsigned(failing("a")) == 401);
    CHECK(post.happened("issue_raised") == 0);
    CHECK(post.take(failing("a"), -300s) == 202);
    CHECK(post.take(failing("b"), 300s) == 202);
}

TEST_CASE("a signal is taken once", "[bot][signals]")
{
    Post post;
    CHECK(post.take(failing("a")) == 202);
    CHECK(post.happened("issue_raised") == 1);
    CHECK(post.take(failing("a")) == 202);
    CHECK(post.happened("issue_raised") == 1);
}

TEST_CASE("what is no signal is refused", "[bot][signals]")
{
    Post post;
    const auto* body = GENERATE(
        "",
        "[]",
        "{",
        R"({"service":"web"})",
        R"({"id":""})",
        R"({"id":7})",
        R"({"id":"a","service":"nothing","kind":"error_rate"})",
        R"({"id":"a","service":"web","kind":"nothing"})",
        R"({"id":"a","service":"web","kind":"tickets","tickets":"many"})",
        R"({"id":"a","service":"web","kind":"tickets","tickets":["yesterday"]})",
        R"({"id":"a","service":"web","kind":"tickets","tickets":["2026-11-24T21:30:00Z"]})",
        R"({"id":"a","service":"web","kind":"tickets","tickets":[1]})"
    );
    CAPTURE(body);
    CHECK(post.take(body) == 400);
    CHECK(post.happened("issue_raised") == 0);
}

TEST_CASE("a member of another type is refused by its name", "[bot][signals]")
{
    const auto [name, value] = GENERATE(table<std::string, std::string>(
        {{"error_rate", R"("6.1")"},
         {"baseline", R"("1.0")"},
         {"was_failing_before", R"("true")"},
         {"was_failing_before", "1"},
         {"detail", "7"},
         {"kind", "[]"},
         {"service", "{}"},
         {"tickets", R"([1795575600])"}}
    ));
    CAPTURE(name, value);
    Post post;
    auto body = json::parse(failing("a")).as_object();
    body[name] = json::parse(value);
    const auto answer = post.answer(json::serialize(body));
    CHECK(answer.status == 400);
    CHECK(answer.body.starts_with("\"" + name + "\" must be "));
    CHECK(post.happened("issue_raised") == 0);
}

TEST_CASE("a member that is null is missing", "[bot][signals]")
{
    Post post;
    CHECK(
        post.take(R"({"id":"a","service":"web","kind":"error_rate","error_rate":null,"baseline":1})") == 202
    );
    CHECK(post.happened("issue_raised") == 0);
}

TEST_CASE("no signal is taken where no secret was agreed on", "[bot][signals]")
{
    Post post;
    post.config.signal_secret.clear();
    CHECK(post.take(failing("a"), 0s, "") == 404);
}

TEST_CASE("Prometheus is asked each minute, about now and a minute before each start", "[bot][signals]")
{
    Post post;
    post.events(1, {Completed{}});
    post.now = post.clock.now() - 5min;
    post.events(2, {storage::testing::planned("web"), Started{UserId("U0BOB"), "preferred"}});
    post.polls(8, R"({"status":"success","data":{"resultType":"scalar","result":[1795575600,"0.5"]}})");
    const auto now = std::chrono::floor<std::chrono::seconds>(post.clock.now().time_since_epoch()).count();
    std::vector<long long> times;
    for (const auto& asked : post.github_http.asked) {
        CHECK(asked.url.ends_with("&query=rate%28errors%5B5m%5D%29"));
        times.push_back(std::stoll(asked.url.substr(asked.url.find("time=") + 5)) - now + 60);
    }
    // A minute later, the younger one first.
    CHECK(times == std::vector<long long>{-360, 0, -660, 0, -360, 60, -660, 60});
}

TEST_CASE("what Prometheus does not tell is unknown, never fine, and said once", "[bot][signals]")
{
    Post post;
    const auto* answer = GENERATE("<html>", R"({"status":"success","data":{"result":[]}})");
    post.polls(6, answer);
    const auto said = post.to_say("thread_note");
    REQUIRE(said.size() == 1);
    CHECK(said.front().find("signal_no_data") != std::string::npos);
    CHECK(post.happened("issue_raised") == 0);
}

}  // namespace slipway
