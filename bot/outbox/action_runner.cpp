#include "bot/outbox/action_runner.hpp"

#include "bot/runtime/signature.hpp"
#include "commands/text/json_members.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace slipway::executors {

namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds between_looks{10'000};

/// What the action is told.
std::map<std::string, std::string> facts_of(const std::string& name, const Deployment& deployment)
{
    return {
        {"deployment", to_string(deployment.id)},
        {"service", deployment.plan.service},
        {"action", name},
        {"commit", deployment.plan.commit},
        {"flag", deployment.plan.flag},
    };
}

json::object as_json(const std::map<std::string, std::string>& facts)
{
    json::object object;
    for (const auto& [key, value] : facts) {
        object[key] = value;
    }
    return object;
}

std::map<std::string, std::string> as_environment(const std::map<std::string, std::string>& facts)
{
    std::map<std::string, std::string> variables;
    for (const auto& [key, value] : facts) {
        std::string name = "SLIPWAY_" + key;
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char letter) {
            return static_cast<char>(std::toupper(letter));
        });
        variables[name] = value;
    }
    return variables;
}

/// A run of a workflow as GitHub tells of it: "completed", "success", its address.
struct WorkflowRun {
    std::int64_t id = 0;  ///< a newer one has a greater number; 0 for none
    std::string status, conclusion, address;
};

WorkflowRun run_from(const json::value& value)
{
    if (!value.is_object()) {
        return {};
    }
    const auto& run = value.get_object();
    return {
        number_at(run, "id"), text_at(run, "status"), text_at(run, "conclusion"), text_at(run, "html_url")};
}

/// One run, or a list of them.
std::vector<WorkflowRun> runs_in(const std::string& body)
{
    boost::system::error_code error;
    const auto parsed = json::parse(body, error);
    if (error || !parsed.is_object()) {
        return {};
    }
    const auto* list = parsed.get_object().if_contains("workflow_runs");
    if (list == nullptr || !list->is_array()) {
        return {run_from(parsed)};
    }
    std::vector<WorkflowRun> runs;
    for (const auto& each : list->get_array()) {
        runs.push_back(run_from(each));
    }
    return runs;
}

std::int64_t newest_of(const std::vector<WorkflowRun>& runs)
{
    std::int64_t newest = 0;
    for (const auto& run : runs) {
        newest = std::max(newest, run.id);
    }
    return newest;
}

/// The first after `known`, as nothing but ours was dispatched in between.
WorkflowRun first_after(std::int64_t known, const std::vector<WorkflowRun>& runs)
{
    WorkflowRun first;
    for (const auto& run : runs) {
        if (run.id > known && (first.id == 0 || run.id < first.id)) {
            first = run;
        }
    }
    return first;
}

/// Why an answer is not the one of `wanted` status; why last, since the end of an output is what is shown.
std::optional<Outcome> failure_in(const net::Outcome<net::HttpResponse>& answer, int wanted)
{
    if (!answer) {
        return Outcome{false, answer.error().message};
    }
    if (answer->status != wanted) {
        return Outcome{false, answer->body + "\n(GitHub answered " + std::to_string(answer->status) + ")"};
    }
    return std::nullopt;
}

}  // namespace

Workflow workflow_from(const std::string& text)
{
    const auto at = text.rfind('@');
    const auto path = text.substr(0, at);
    const auto slash = path.rfind('/');
    return {
        path.substr(0, slash),
        slash == std::string::npos ? std::string{} : path.substr(slash + 1),
        at == std::string::npos ? "main" : text.substr(at + 1)};
}

boost::asio::awaitable<Outcome> ActionRunner::run(
    Action action, std::string name, Deployment deployment, std::shared_ptr<Stop> stop
)
{
    Outcome outcome;
    if (!action.command.empty()) {
        Command command{
            action.command, as_environment(facts_of(name, deployment)), action.time_limit, parts_.secrets};
        outcome = co_await run_command(std::move(command), &parts_.clock, std::move(stop));
    }
    else if (!action.webhook_url.empty()) {
        outcome = co_await call_webhook(std::move(action), std::move(name), std::move(deployment));
    }
    else {
        outcome = co_await dispatch_workflow(std::move(action), std::move(name), std::move(deployment));
    }
    outcome.output = masked(std::move(outcome.output), parts_.secrets);
    co_return outcome;
}

boost::asio::awaitable<Outcome> ActionRunner::call_webhook(
    Action action, std::string name, Deployment deployment
)
{
    net::HttpRequest request;
    request.method = "POST";
    request.url = action.webhook_url;
    request.body = json::serialize(as_json(facts_of(name, deployment)));
    request.headers = {
        {"Content-Type", "application/json"},
        {"X-Slipway-Signature", "sha256=" + hmac_sha256(parts_.signing_secret, request.body)},
    };
    request.limits.first_byte = action.time_limit;
    request.limits.whole = action.time_limit;
    const auto answer = co_await parts_.http.send(std::move(request));
    if (!answer) {
        co_return Outcome{false, answer.error().message};
    }
    const bool good = answer->status >= 200 && answer->status < 300;
    co_return Outcome{good, answer->body + "\n(HTTP " + std::to_string(answer->status) + ")"};
}

boost::asio::awaitable<net::Outcome<net::HttpResponse>> ActionRunner::ask_github(
    std::string method, std::string url, std::string body
)
{
    net::HttpRequest request;
    request.method = std::move(method);
    request.url = std::move(url);
    request.body = std::move(body);
    request.headers = {
        {"Authorization", "Bearer " + parts_.github_token},
        {"Accept", "application/vnd.github+json"},
        {"X-GitHub-Api-Version", "2022-11-28"},
    };
    return parts_.http.send(std::move(request));
}

boost::asio::awaitable<Outcome> ActionRunner::dispatch_workflow(
    Action action, std::string name, Deployment deployment
)
{
    const auto workflow = workflow_from(action.github_workflow);
    const auto actions = parts_.github_api_url + "/repos/" + workflow.repository + "/actions";
    const auto base = actions + "/workflows/" + workflow.file;
    const auto runs = base + "/runs?event=workflow_dispatch&per_page=";
    // GitHub does not say which run a dispatch became, and its clock is not ours.
    const auto before = co_await ask_github("GET", runs + "1", "");
    if (auto failure = failure_in(before, 200)) {
        failure->output += "\nIts runs cannot be read, so it was not dispatched.";
        co_return *failure;
    }
    const auto known = newest_of(runs_in(before->body));
    auto body = json::serialize(json::object{
        {"ref", workflow.reference}, {"inputs", as_json(facts_of(name, deployment))}});
    const auto dispatched = co_await ask_github("POST", base + "/dispatches", std::move(body));
    if (const auto failure = failure_in(dispatched, 204)) {
        co_return *failure;
    }
    const auto ends = parts_.clock.steady_now() + action.time_limit;
    WorkflowRun ours;
    while (parts_.clock.steady_now() < ends) {
        co_await parts_.clock.sleep_for(between_looks);
        auto where = ours.id == 0 ? runs + "100" : actions + "/runs/" + std::to_string(ours.id);
        const auto answer = co_await ask_github("GET", std::move(where), "");
        const auto seen =
            answer && answer->status == 200 ? first_after(known, runs_in(answer->body)) : WorkflowRun{};
        ours = seen.id == 0 ? ours : seen;
        if (ours.status == "completed") {
            co_return Outcome{ours.conclusion == "success", ours.conclusion + " " + ours.address};
        }
    }
    co_return Outcome{
        false, "no end within " + std::to_string(action.time_limit.count()) + " s " + ours.address};
}

}  // namespace slipway::executors
