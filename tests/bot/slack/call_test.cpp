#include "bot/slack/call.hpp"

#include <catch2/catch_test_macros.hpp>

namespace slipway::slack {

namespace {

using namespace std::chrono_literals;

using Read = Answer<boost::json::object>;

Read answer(int status, const std::string& body, net::Headers headers = {})
{
    return read_answer(net::HttpResponse{status, std::move(headers), body});
}

struct Waits {
    const char* meaning;
    Read answer;
    std::chrono::milliseconds after;
    bool ambiguous;
};

}  // namespace

TEST_CASE("ok:true is the answer, with all that came with it", "[bot][call]")
{
    const auto read = answer(200, R"({"ok":true,"ts":"1.2","warning":"message_truncated"})");
    REQUIRE(std::holds_alternative<boost::json::object>(read));
    CHECK(std::get<boost::json::object>(read).at("ts") == "1.2");
}

TEST_CASE("ok:false is a refusal although HTTP says 200", "[bot][call]")
{
    const auto read = answer(200, R"({"ok":false,"error":"channel_not_found"})");
    REQUIRE(std::holds_alternative<Rejected>(read));
    CHECK(std::get<Rejected>(read).code == "channel_not_found");
}

TEST_CASE("only a true `ok` is success, and a refusal without a reason is not Slack's", "[bot][call]")
{
    for (const auto* body :
         {R"({})", R"({"ok":false})", R"({"ok":"true"})", R"({"ok":1})", R"({"ok":null,"error":7})"}) {
        for (const auto status : {200, 403, 404}) {
            CAPTURE(body, status);
            const auto read = answer(status, body);
            REQUIRE(std::holds_alternative<RetryLater>(read));
            CHECK(
                std::get<RetryLater>(read).why == "HTTP " + std::to_string(status) + " that names no error"
            );
            CHECK(std::get<RetryLater>(read).ambiguous);
        }
    }
}

TEST_CASE("an error is a word of Slack's, or nothing that anybody prints", "[bot][call]")
{
    const auto longest = std::string(100, 'a');
    for (const auto& [error, code] : std::vector<std::pair<std::string, std::string>>{
             {longest, longest},
             {longest + "a", "an unreadable error"},
             {"\\u001b[2J\\nFAKE LOG", "an unreadable error"}}) {
        const auto read = answer(200, R"({"ok":false,"error":")" + error + "\"}");
        REQUIRE(std::holds_alternative<Rejected>(read));
        CHECK(std::get<Rejected>(read).code == code);
    }
}

TEST_CASE("a missing scope is named", "[bot][call]")
{
    const auto read =
        answer(200, R"({"ok":false,"error":"missing_scope","needed":"chat:write","provided":"commands"})");
    REQUIRE(std::holds_alternative<Rejected>(read));
    CHECK(std::get<Rejected>(read).needed_scope == "chat:write");
    CHECK(std::get<Rejected>(read).detail == "the app lacks the scope chat:write");
}

TEST_CASE("what is wrong with blocks is kept", "[bot][call]")
{
    const auto read = answer(
        200,
        R"({"ok":false,"error":"invalid_blocks","response_metadata":{"messages":["[ERROR] one","[ERROR] two",3]}})"
    );
    REQUIRE(std::holds_alternative<Rejected>(read));
    CHECK(std::get<Rejected>(read).detail.starts_with("[ERROR] one; [ERROR] two"));
}

TEST_CASE("rate limits ask for patience, and nothing was done", "[bot][call]")
{
    const std::vector<Waits> rows{
        {"429 that says how long", answer(429, "", {{"retry-after", "30"}}), 30s, false},
        {"429 of zero seconds", answer(429, "", {{"Retry-After", "0"}}), 0s, false},
        {"429 that does not say", answer(429, "{}"), 5s, false},
        {"429 with a page", answer(429, "<html>", {{"Retry-After", "7"}}), 7s, false},
        {"a date instead of seconds", answer(429, "", {{"Retry-After", "Mon, 23 Nov"}}), 5s, false},
        {"a negative number", answer(429, "", {{"Retry-After", "-3"}}), 5s, false},
        {"ok:false with 200",
         answer(200, R"({"ok":false,"error":"ratelimited"})", {{"Retry-After", "4"}}),
         4s,
         false},
        {"as chat.postMessage spells it", answer(200, R"({"ok":false,"error":"rate_limited"})"), 5s, false},
    };
    for (const auto& row : rows) {
        CAPTURE(row.meaning);
        const auto* later = std::get_if<RetryLater>(&row.answer);
        REQUIRE(later != nullptr);
        CHECK(later->after == row.after);
        CHECK(later->ambiguous == row.ambiguous);
        CHECK_FALSE(later->why.empty());
    }
}

TEST_CASE("an outage is no refusal: look before repeating", "[bot][call]")
{
    const std::vector<std::pair<const char*, Read>> rows{
        {"500", answer(500, R"({"ok":false,"error":"channel_not_found"})")},
        {"503 with a page", answer(503, "<html>")},
        {"200 with a page", answer(200, "<html>")},
        {"200 with nothing", answer(200, "")},
        {"200 cut short", answer(200, R"({"ok":tru)")},
        {"200 with a list", answer(200, "[]")},
        {"internal_error", answer(200, R"({"ok":false,"error":"internal_error"})")},
        {"fatal_error", answer(200, R"({"ok":false,"error":"fatal_error"})")},
        {"request_timeout", answer(200, R"({"ok":false,"error":"request_timeout"})")},
        {"service_unavailable", answer(200, R"({"ok":false,"error":"service_unavailable"})")},
    };
    for (const auto& [meaning, read] : rows) {
        CAPTURE(meaning);
        REQUIRE(std::holds_alternative<RetryLater>(read));
        CHECK(std::get<RetryLater>(read).ambiguous);
    }
}

TEST_CASE("a network failure is as ambiguous as the step at which it happened", "[bot][call]")
{
    for (const bool may_have_acted : {false, true}) {
        const net::NetworkError failure{net::Step::connect, "slack.test", "refused", may_have_acted};
        const auto read = read_answer(failure);
        REQUIRE(std::holds_alternative<RetryLater>(read));
        CHECK(std::get<RetryLater>(read).ambiguous == may_have_acted);
        CHECK(std::get<RetryLater>(read).why == "slack.test: refused");
    }
}

}  // namespace slipway::slack
