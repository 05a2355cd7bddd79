#include "bot/slack/call.hpp"

#include "commands/text/json_members.hpp"
#include "commands/text/pattern.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>

namespace slipway::slack {

namespace {

namespace json = boost::json;

constexpr std::chrono::seconds unasked_rest{5};  ///< after a 429 that names no Retry-After
constexpr std::size_t longest_detail = 1'000;

std::chrono::milliseconds rest_asked_for(const net::HttpResponse& response)
{
    return net::retry_after(response.headers).value_or(unasked_rest);
}

std::string messages_of(const json::object& body)
{
    std::string text;
    for (const auto& message : array_at(body, "response_metadata", "messages")) {
        text += (text.empty() ? "" : "; ") +
                (message.is_string() ? std::string(message.get_string()) : std::string{});
    }
    return line_from_outside(text, longest_detail);
}

Answer<json::object> refused(const net::HttpResponse& response, const json::object& body)
{
    // "some aspect of the operation may have succeeded before the error was raised" (Slack's reference)
    static constexpr std::array unsure{
        "internal_error", "fatal_error", "request_timeout", "service_unavailable"};
    static const Pattern form("[a-z_0-9]{0,100}");
    auto code = text_at(body, "error");
    code = form.matches(code) ? code : "an unreadable error";
    if (code == "ratelimited" || code == "rate_limited") {
        return RetryLater{rest_asked_for(response), code, false};
    }
    if (std::find(unsure.begin(), unsure.end(), code) != unsure.end()) {
        return RetryLater{{}, code, true};
    }
    if (code.empty()) {  // a gateway's, or nobody's: Slack always names one
        return RetryLater{{}, "HTTP " + std::to_string(response.status) + " that names no error", true};
    }
    const auto scope = line_from_outside(text_at(body, "needed"), longest_detail);
    const auto messages = messages_of(body);
    return Rejected{code, scope, scope.empty() ? messages : "the app lacks the scope " + scope};
}

}  // namespace

Answer<json::object> read_answer(const net::Outcome<net::HttpResponse>& outcome)
{
    if (!outcome) {
        const auto& failure = outcome.error();
        return RetryLater{{}, failure.host + ": " + failure.message, failure.may_have_acted};
    }
    const auto& response = *outcome;
    if (response.status == 429) {
        return RetryLater{rest_asked_for(response), "HTTP 429", false};
    }
    if (response.status >= 500) {
        return RetryLater{{}, "HTTP " + std::to_string(response.status), true};
    }
    boost::system::error_code error;
    auto parsed = json::parse(response.body, error);
    if (error || !parsed.is_object()) {
        return RetryLater{{}, "HTTP " + std::to_string(response.status) + " without JSON", true};
    }
    auto& body = parsed.get_object();
    if (flag_at(body, "ok")) {
        return std::move(body);
    }
    return refused(response, body);
}

}  // namespace slipway::slack
