#include "bot/executors/action.hpp"

#include "bot/signature.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace slipway::executors {

namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds between_looks{10'000};
constexpr std::size_t most_shown = 2'000;

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

/// "owner/repository/deploy.yml@main" in its parts; the reference defaults to main.
struct Workflow {
    std::string repository, file, reference;
};

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

/// The newest run of an answer of /actions/workflows/…/runs: "completed", "success", its address.
struct WorkflowRun {
    std::string status, conclusion, address;
};

std::optional<WorkflowRun> newest_run(const std::string& body)
{
    boost::system::error_code error;
    const auto parsed = json::parse(body, error);
    const auto text = [](const json::object& object, const char* key) {
        const auto* value = object.if_contains(key);
        return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string{};
    };
    const auto* runs =
        !error && parsed.is_object() ? parsed.get_object().if_contains("workflow_runs") : nullptr;
    if (runs == nullptr || !runs->is_array() || runs->get_array().empty() ||
        !runs->get_array().front().is_object()) {
        return std::nullopt;
    }
    const auto& run = runs->get_array().front().get_object();
    return WorkflowRun{text(run, "status"), text(run, "conclusion"), text(run, "html_url")};
}

}  // namespace

boost::asio::awaitable<Outcome> ActionRunner::run(Action action, std::string name, Deployment deployment)
{
    Outcome outcome;
    if (!action.command.empty()) {
        Command command{action.command, as_environment(facts_of(name, deployment)), action.time_limit};
        outcome = co_await run_command(std::move(command), &parts_.clock);
    }
    else if (!action.webhook_url.empty()) {
        outcome = co_await call_webhook(std::move(action), std::move(name), std::move(deployment));
    }
    else {
        outcome = co_await dispatch_workflow(std::move(action), std::move(name), std::move(deployment));
    }
    outcome.output = masked(std::move(outcome.output));
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
    co_return Outcome{
        good, "HTTP " + std::to_string(answer->status) + "\n" + answer->body.substr(0, most_shown)};
}

boost::asio::awaitable<Outcome> ActionRunner::dispatch_workflow(
    Action action, std::string name, Deployment deployment
)
{
    const auto workflow = workflow_from(action.github_workflow);
    const auto base =
        parts_.github_api_url + "/repos/" + workflow.repository + "/actions/workflows/" + workflow.file;
    const net::Headers headers{
        {"Authorization", "Bearer " + parts_.github_token},
        {"Accept", "application/vnd.github+json"},
        {"X-GitHub-Api-Version", "2022-11-28"},
    };
    const auto begun = date::format("%FT%TZ", date::floor<std::chrono::seconds>(parts_.clock.now()));
    net::HttpRequest dispatch;
    dispatch.method = "POST";
    dispatch.url = base + "/dispatches";
    dispatch.headers = headers;
    dispatch.body = json::serialize(json::object{
        {"ref", workflow.reference}, {"inputs", as_json(facts_of(name, deployment))}});
    const auto dispatched = co_await parts_.http.send(std::move(dispatch));
    if (!dispatched) {
        co_return Outcome{false, dispatched.error().message};
    }
    if (dispatched->status != 204) {
        co_return Outcome{
            false,
            "GitHub answered " + std::to_string(dispatched->status) + ": " +
                dispatched->body.substr(0, most_shown)};
    }
    const auto ends = parts_.clock.steady_now() + action.time_limit;
    WorkflowRun last;
    while (parts_.clock.steady_now() < ends) {
        co_await parts_.clock.sleep_for(between_looks);
        net::HttpRequest look;
        look.url = base + "/runs?event=workflow_dispatch&per_page=1&created=%3E%3D" + begun;
        look.headers = headers;
        const auto answer = co_await parts_.http.send(std::move(look));
        const auto seen = answer && answer->status == 200 ? newest_run(answer->body) : std::nullopt;
        last = seen.value_or(last);
        if (last.status == "completed") {
            co_return Outcome{last.conclusion == "success", last.conclusion + " " + last.address};
        }
    }
    co_return Outcome{
        false, "no end within " + std::to_string(action.time_limit.count()) + " s " + last.address};
}

std::string ActionRunner::masked(std::string text) const
{
    for (const auto& secret : parts_.secrets) {
        for (auto at = text.find(secret); !secret.empty() && at != std::string::npos;
             at = text.find(secret, at)) {
            text.replace(at, secret.size(), "***");
        }
    }
    return text;
}

}  // namespace slipway::executors
