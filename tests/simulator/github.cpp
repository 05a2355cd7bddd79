#include "tests/simulator/github.hpp"

#include <algorithm>
#include <regex>

namespace simulator {

namespace {

using slipway::net::ServerRequest;
using slipway::net::ServerResponse;

ServerResponse reply(int status, const json::value& body)
{
    return {status, {{"Content-Type", "application/json; charset=utf-8"}}, json::serialize(body)};
}

ServerResponse not_found() { return reply(404, json::object{{"message", "Not Found"}}); }

}  // namespace

ServerResponse GitHub::pull_request(const std::string& name, const std::string& part, std::size_t page) const
{
    constexpr std::size_t page_size = 100;
    const auto found = pull_requests.find(name);
    if (found == pull_requests.end()) {
        return not_found();
    }
    const auto& shown = found->second;
    if (part == "/reviews") {
        json::array reviews;
        for (auto at = page * page_size; at < std::min(shown.reviews.size(), (page + 1) * page_size); ++at) {
            const auto& review = shown.reviews[at];
            const auto* type = review.user.ends_with("[bot]") ? "Bot" : "User";
            reviews.push_back(json::object{
                {"user", {{"login", review.user}, {"type", type}}},
                {"state", review.state},
                {"author_association", review.association},
                {"commit_id", review.commit}});
        }
        return reply(200, reviews);
    }
    json::object facts{
        {"title", shown.title},
        {"body", shown.body},
        {"user", {{"login", shown.author}}},
        {"head", {{"sha", shown.head}}}};
    for (const auto& [key, value] : shown.more) {
        facts[key] = value;
    }
    return reply(200, facts);
}

ServerResponse GitHub::commit(const std::string& head, const std::string& part) const
{
    const auto found = std::find_if(pull_requests.begin(), pull_requests.end(), [&](const auto& each) {
        return each.second.head == head;
    });
    if (found == pull_requests.end()) {
        return not_found();
    }
    if (part == "status") {  // nobody uses the older statuses here
        return reply(
            200, json::object{{"state", "pending"}, {"total_count", 0}, {"statuses", json::array{}}}
        );
    }
    json::array runs;
    for (const auto& check : found->second.checks) {
        json::object run{{"name", check.name}, {"status", check.status}, {"conclusion", nullptr}};
        if (!check.conclusion.empty()) {
            run["conclusion"] = check.conclusion;
        }
        runs.push_back(std::move(run));
    }
    return reply(200, json::object{{"total_count", runs.size()}, {"check_runs", runs}});
}

ServerResponse GitHub::threads_of(const json::object& question) const
{
    const auto* variables = object_at(question, "variables");
    const auto* number = variables == nullptr ? nullptr : variables->if_contains("number");
    const auto query = text_at(question, "query");
    if (number == nullptr || !number->is_int64() || query.find("reviewThreads") == std::string::npos) {
        return reply(200, json::object{{"errors", json::array{json::object{{"message", "Parse error"}}}}});
    }
    const auto found = pull_requests.find(
        text_at(*variables, "owner") + "/" + text_at(*variables, "name") + "/" +
        std::to_string(number->get_int64())
    );
    if (found == pull_requests.end()) {
        return reply(200, json::object{{"data", {{"repository", nullptr}}}});
    }
    json::array nodes;
    for (const bool resolved : found->second.threads) {
        nodes.push_back(json::object{{"isResolved", resolved}});
    }
    json::object threads{{"totalCount", nodes.size()}, {"nodes", nodes}};
    return reply(
        200,
        json::object{{"data", {{"repository", {{"pullRequest", {{"reviewThreads", std::move(threads)}}}}}}}}
    );
}

ServerResponse GitHub::workflow(
    const std::string& repository,
    const std::string& file,
    const std::string& part,
    const ServerRequest& request
)
{
    if (part == "dispatches" && request.method == "POST") {
        const auto body = json::parse(request.body).as_object();
        const auto* inputs = object_at(body, "inputs");
        dispatches.push_back(
            {repository,
             file,
             text_at(body, "ref"),
             inputs == nullptr ? json::object{} : *inputs,
             looks_until_end}
        );
        transcript_.add(Entry::Kind::request, "", repository, "dispatch " + file);
        changes_.notify();
        const auto* named = body.if_contains("return_run_details");
        if (!names_runs || named == nullptr || *named != true) {
            return {204, {}, ""};
        }
        return reply(200, json::object{{"workflow_run_id", dispatches.size() + 1}});
    }
    json::array runs;
    if (!dispatches.empty() && looks_until_seen-- <= 0) {
        for (std::size_t number = dispatches.size(); number > 0; --number) {
            const auto& each = dispatches[number - 1];
            if (each.repository == repository && each.workflow == file) {
                runs.push_back(run(number - 1));
            }
        }
    }
    if (!older_conclusion.empty()) {
        runs.push_back(json::object{
            {"id", 1},
            {"status", "completed"},
            {"conclusion", older_conclusion},
            {"html_url", "https://github.com/" + repository + "/actions/runs/1"}});
    }
    return reply(200, json::object{{"total_count", runs.size()}, {"workflow_runs", runs}});
}

/// What the dispatch of that number became: the first is run 2.
json::object GitHub::run(std::size_t number)
{
    auto& dispatch = dispatches.at(number);
    const auto id = std::to_string(number + 2);
    const bool over = dispatch.looks_until_end-- <= 0;
    json::object shown{
        {"id", number + 2},
        {"status", over ? "completed" : "in_progress"},
        {"conclusion", nullptr},
        {"html_url", "https://github.com/" + dispatch.repository + "/actions/runs/" + id}};
    if (over) {
        const auto other = conclusions.find(text_at(dispatch.inputs, "service"));
        shown["conclusion"] = other == conclusions.end() ? conclusion : other->second;
    }
    return shown;
}

ServerResponse GitHub::answer(const std::string& path, const ServerRequest& request)
{
    static const std::regex pull("/repos/([^/]+/[^/]+)/pulls/([0-9]+)(/reviews)?");
    static const std::regex of_commit("/repos/[^/]+/[^/]+/commits/([0-9a-f]+)/(check-runs|status)");
    static const std::regex of_workflow("/repos/([^/]+/[^/]+)/actions/workflows/([^/]+)/(dispatches|runs)");
    static const std::regex of_run("/repos/[^/]+/[^/]+/actions/runs/([0-9]+)");
    if (slipway::net::header(request.headers, "Authorization") != "Bearer " + token) {
        return reply(401, json::object{{"message", "Bad credentials"}});
    }
    std::smatch part;
    if (path == "/graphql") {
        return threads_of(json::parse(request.body).as_object());
    }
    if (std::regex_match(path, part, pull)) {
        static const std::regex later(".*[?&]page=([0-9]+).*");
        std::smatch query;
        const auto page = std::regex_match(request.target, query, later) ? std::stoul(query[1]) - 1 : 0;
        return pull_request(part[1].str() + "/" + part[2].str(), part[3], page);
    }
    if (std::regex_match(path, part, of_commit)) {
        return commit(part[1], part[2]);
    }
    if (std::regex_match(path, part, of_run)) {
        const auto number = std::stoul(part[1]) - 2;
        return number < dispatches.size() ? reply(200, run(number)) : not_found();
    }
    if (std::regex_match(path, part, of_workflow)) {
        return workflow(part[1], part[2], part[3], request);
    }
    return not_found();
}

}  // namespace simulator
