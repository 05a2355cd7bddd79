#include "tests/simulator/linear.hpp"

#include <algorithm>
#include <regex>

namespace simulator {

namespace {

using slipway::net::ServerRequest;
using slipway::net::ServerResponse;

ServerResponse reply(int status, const json::object& body)
{
    return {status, {{"Content-Type", "application/json"}}, json::serialize(body)};
}

ServerResponse error(
    int status, const std::string& message, const std::string& code, const std::string& shown = {}
)
{
    json::object extensions{{"code", code}, {"userPresentableMessage", shown}};
    return reply(
        status,
        {{"data", nullptr},
         {"errors", json::array{json::object{{"message", message}, {"extensions", std::move(extensions)}}}}}
    );
}

bool is_uuid_v4(const std::string& text)
{
    static const std::regex form("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    return std::regex_match(text, form);
}

}  // namespace

ServerResponse Linear::rate_limited(int status)
{
    return error(status, "Rate limit exceeded", "RATELIMITED");
}

ServerResponse Linear::answer(const ServerRequest& request)
{
    const auto given = slipway::net::header(request.headers, "Authorization");
    if (given == "Bearer " + key) {
        return error(
            400,
            "It looks like you're trying to use an API key as a Bearer token. Remove the Bearer prefix from "
            "the Authorization header.",
            "INVALID_INPUT"
        );
    }
    if (given != key) {
        return error(401, "Authentication required, not authenticated", "AUTHENTICATION_ERROR");
    }
    boost::system::error_code failure;
    const auto parsed = json::parse(request.body, failure);
    if (failure || !parsed.is_object()) {
        return error(400, "Syntax Error", "GRAPHQL_VALIDATION_FAILED");
    }
    const auto query = text_at(parsed.get_object(), "query");
    const auto* variables = object_at(parsed.get_object(), "variables");
    static const json::object none;
    const auto& given_variables = variables == nullptr ? none : *variables;
    if (query.find("commentCreate") != std::string::npos) {
        const auto* input = object_at(given_variables, "input");
        return create_comment(input == nullptr ? none : *input);
    }
    if (query.find("issue(") != std::string::npos) {
        const auto id = text_at(given_variables, "id");
        if (!issues.contains(id)) {
            return error(200, "Entity not found: Issue", "INPUT_ERROR", "Could not find referenced Issue.");
        }
        return reply(200, {{"data", {{"issue", {{"id", "issue-" + id}, {"identifier", id}}}}}});
    }
    if (query.find("viewer") != std::string::npos) {
        return reply(200, {{"data", {{"viewer", {{"id", "user-1"}, {"name", "Slipway"}}}}}});
    }
    return error(400, "Cannot query that field", "GRAPHQL_VALIDATION_FAILED");
}

ServerResponse Linear::create_comment(const json::object& input)
{
    // CommentCreateInput's fields that a bot may send; a body in another shape is refused like Linear does.
    static const std::set<std::string> known{
        "id",
        "body",
        "issueId",
        "parentId",
        "createAsUser",
        "displayIconUrl",
        "doNotSubscribeToIssue",
        "createdAt",
        "quotedText"};
    for (const auto& [name, value] : input) {
        if (!known.contains(std::string(name))) {
            return error(
                400,
                "Field \"" + std::string(name) + "\" is not defined by type \"CommentCreateInput\".",
                "GRAPHQL_VALIDATION_FAILED"
            );
        }
    }
    LinearComment comment{text_at(input, "id"), text_at(input, "issueId"), text_at(input, "body")};
    if (!is_uuid_v4(comment.id)) {
        return error(200, "Argument Validation Error", "INVALID_INPUT", "id must be a UUID");
    }
    if (!issues.contains(comment.issue)) {
        return error(200, "Entity not found: Issue", "INPUT_ERROR", "Could not find referenced Issue.");
    }
    if (forbidden.contains(comment.issue)) {
        return error(200, "Forbidden", "FORBIDDEN", "You do not have access to this issue.");
    }
    const bool repeated = std::any_of(comments.begin(), comments.end(), [&](const LinearComment& each) {
        return each.id == comment.id;
    });
    if (repeated) {
        return error(
            200,
            "conflict on insert of Comment",
            "INPUT_ERROR",
            "Entity Comment with id " + comment.id + " already exists."
        );
    }
    transcript_.add(Entry::Kind::linear, "", comment.issue, comment.body, {{"id", comment.id}});
    const auto id = comment.id;
    comments.push_back(std::move(comment));
    changes_.notify();
    return reply(200, {{"data", {{"commentCreate", {{"success", true}, {"comment", {{"id", id}}}}}}}});
}

}  // namespace simulator
