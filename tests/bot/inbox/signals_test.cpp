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
        R"({"id":"a","service":"web","kind":"tickets","tickets":["yesterday"]})"
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

TEST_CASE("Prometheus is asked each minute, about now and a minute before the start", "[bot][signals]")
{
    Post post;
    post.config.prometheus_url = "https://slack.test/api/prometheus";
    post.config.policy.services.front().error_rate_query = "rate(errors[5m])";
    post.github_http.otherwise = {
        200, {}, R"({"status":"success","data":{"resultType":"scalar","result":[1795575600,"0.5"]}})"};
    post.github_http.on_call = [&] {
        if (post.github_http.asked.size() > 4) {
            throw std::runtime_error("long enough");
        }
    };
    asio::co_spawn(post.context, post.signals.poll(), [](std::exception_ptr) {});
    post.context.run();
    const auto time_of = [&](std::size_t i) {
        const auto& url = post.github_http.asked.at(i).url;
        CHECK(url.ends_with("&query=rate%28errors%5B5m%5D%29"));
        return std::stoll(url.substr(url.find("time=") + 5));
    };
    const auto began = std::chrono::floor<std::chrono::seconds>(post.now.time_since_epoch()).count();
    CHECK(time_of(0) == began - 60);
    CHECK(time_of(1) == began + 600);
    CHECK(time_of(2) == began - 60);
    CHECK(time_of(3) == began + 660);
}

}  // namespace slipway
