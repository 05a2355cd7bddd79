#include "bot/linear/client.hpp"

#include "commands/text/json_members.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace slipway::linear {

namespace {

namespace json = boost::json;

constexpr auto create_comment =
    "mutation($input: CommentCreateInput!) { commentCreate(input: $input) { success comment { id } } }";
constexpr auto ask_viewer = "query { viewer { id name } }";
constexpr auto ask_issue = "query($id: String!) { issue(id: $id) { id identifier } }";
constexpr auto ask_names = "query($id: String!) { issue(id: $id) { identifier previousIdentifiers } }";

std::chrono::seconds rest_asked_for(const net::HttpResponse& response)
{
    return net::retry_after(response.headers).value_or(std::chrono::seconds{0});
}

constexpr std::size_t longest_message = 1'000;

/// The first error of a GraphQL answer, with its extensions.
struct Error {
    std::string code, message, presentable;
};

Error first_error(const json::object& body)
{
    const auto& errors = array_at(body, "errors");
    if (errors.empty() || !errors.front().is_object()) {
        return {};
    }
    const auto& error = errors.front().get_object();
    return {
        text_at(error, "extensions", "code"),
        line_from_outside(text_at(error, "message"), longest_message),
        text_at(error, "extensions", "userPresentableMessage")};
}

Delivery refused(const Error& error, const net::HttpResponse& response)
{
    if (error.code == "RATELIMITED" || response.status == 429) {
        return RetryLater{rest_asked_for(response), "rate limited"};
    }
    if (error.code == "AUTHENTICATION_ERROR" || response.status == 401 ||
        error.message.find("Bearer") != std::string::npos) {
        return Rejected{Rejected::Reason::bad_key, error.message};
    }
    if (error.code == "FORBIDDEN" || response.status == 403) {
        return Rejected{Rejected::Reason::forbidden, error.message};
    }
    if (error.code == "FEATURE_NOT_ACCESSIBLE" || error.code == "USAGE_LIMIT_EXCEEDED") {
        return Rejected{Rejected::Reason::over_plan, error.message};
    }
    if (error.message.starts_with("Entity not found: Issue")) {
        return Rejected{Rejected::Reason::no_such_issue, error.message};
    }
    if (error.code == "INTERNAL_SERVER_ERROR" || error.code == "LOCK_TIMEOUT" || response.status >= 500) {
        return RetryLater{{}, error.message};
    }
    return Rejected{Rejected::Reason::other, error.message};
}

/// The parsed body, or what to do without one.
std::variant<json::object, Delivery> body_of(const net::Outcome<net::HttpResponse>& outcome)
{
    if (!outcome) {
        return Delivery{RetryLater{{}, outcome.error().host + ": " + outcome.error().message}};
    }
    boost::system::error_code failure;
    auto parsed = json::parse(outcome->body, failure);
    if (!failure && parsed.is_object()) {
        return std::move(parsed.get_object());
    }
    if (outcome->status == 401) {
        return Delivery{Rejected{Rejected::Reason::bad_key, "HTTP 401"}};
    }
    return Delivery{
        RetryLater{rest_asked_for(*outcome), "HTTP " + std::to_string(outcome->status) + " without JSON"}};
}

/// What was asked for stands in the data; a mutation also says whether it took place.
bool has_data(const json::object& body, const char* name)
{
    const auto* asked = member(body, "data", name);
    if (asked == nullptr || !asked->is_object()) {
        return false;
    }
    const auto* success = asked->get_object().if_contains("success");
    return success == nullptr || *success == true;
}

Delivery read_answer(const net::Outcome<net::HttpResponse>& outcome, const char* name)
{
    const auto body = body_of(outcome);
    if (const auto* early = std::get_if<Delivery>(&body)) {
        return *early;
    }
    const auto& answer = std::get<json::object>(body);
    const auto error = first_error(answer);
    if (error.message.empty() && error.code.empty() && outcome->status == 200) {
        return has_data(answer, name) ? Delivery{Delivered{}}
                                      : RetryLater{{}, std::string("an answer without ") + name};
    }
    return refused(error, *outcome);
}

}  // namespace

Delivery read_comment_answer(const net::Outcome<net::HttpResponse>& outcome, const std::string& comment_id)
{
    const auto body = body_of(outcome);
    if (const auto* object = std::get_if<json::object>(&body)) {
        // The idempotency that Linear offers: our id is already there, so an earlier attempt got through.
        const auto error = first_error(*object);
        if (error.message.starts_with("conflict on insert of Comment") &&
            error.presentable.find(comment_id) != std::string::npos) {
            return Delivered{};
        }
    }
    return read_answer(outcome, "commentCreate");
}

Client::Client(net::HttpClient& http, std::string url, std::string key)
    : http_(http), url_(std::move(url)), key_(std::move(key))
{}

boost::asio::awaitable<net::Outcome<net::HttpResponse>> Client::query(
    std::string text, json::object variables, net::Limits limits
)
{
    net::HttpRequest request;
    request.limits = limits;
    request.method = "POST";
    request.url = url_;
    request.headers = {{"Content-Type", "application/json"}, {"Authorization", key_}};
    request.body = json::serialize(json::object{{"query", text}, {"variables", std::move(variables)}});
    return http_.send(std::move(request));
}

boost::asio::awaitable<Delivery> Client::comment_create(std::string id, std::string issue, std::string body)
{
    json::object variables{{"input", {{"id", id}, {"issueId", issue}, {"body", body}}}};
    const auto outcome = co_await query(create_comment, std::move(variables));
    co_return read_comment_answer(outcome, id);
}

boost::asio::awaitable<Delivery> Client::check(std::string issue, net::Limits limits)
{
    if (issue.empty()) {
        const auto viewer = co_await query(ask_viewer, {}, limits);
        co_return read_answer(viewer, "viewer");
    }
    json::object variables{{"id", issue}};
    const auto outcome = co_await query(ask_issue, std::move(variables), limits);
    co_return read_answer(outcome, "issue");
}

boost::asio::awaitable<std::vector<std::string>> Client::names_of(std::string issue)
{
    net::Limits limits;
    limits.whole = std::chrono::seconds{1};
    json::object variables{{"id", issue}};
    const auto outcome = co_await query(ask_names, std::move(variables), limits);
    const auto body = body_of(outcome);
    std::vector<std::string> names;
    if (const auto* answer = std::get_if<json::object>(&body)) {
        const auto& found = object_at(*answer, "data", "issue");
        if (const auto name = text_at(found, "identifier"); !name.empty()) {
            names.push_back(name);
        }
        for (const auto& name : array_at(found, "previousIdentifiers")) {
            if (name.is_string()) {
                names.emplace_back(name.get_string());
            }
        }
    }
    co_return names;
}

}  // namespace slipway::linear
