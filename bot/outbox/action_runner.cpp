#include "bot/outbox/action_runner.hpp"

#include "bot/github/answer.hpp"
#include "bot/runtime/signature.hpp"
#include "commands/pipeline/runbook.hpp"
#include "commands/text/json_members.hpp"
#include "commands/text/phrases.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <sstream>

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

/// The number of the run that a dispatch became, where the answer tells: GitHub does since 2026, its servers
/// for enterprises with their next version.
std::int64_t run_in(const net::HttpResponse& answer)
{
    boost::system::error_code error;
    const auto parsed = json::parse(answer.body, error);
    return !error && parsed.is_object() ? number_at(parsed.get_object(), "workflow_run_id") : 0;
}

Outcome unknown(std::string why) { return {.output = std::move(why), .unknown = true}; }

/// Of a call that brought no answer.
Outcome outcome_of(const net::NetworkError& error)
{
    return {.output = error.message, .unknown = error.may_have_acted};
}

/// Why comes last, since the end of an output is what is shown.
Outcome refused(const net::HttpResponse& answer, Instant now, const Policy& policy)
{
    return {.output = answer.body + "\n(" + github::why_refused(answer, now, policy) + ")"};
}

std::string addresses_of(const std::vector<WorkflowRun>& runs)
{
    return joined(runs, [](const WorkflowRun& run) { return run.address; });
}

/// Lists `workflow` for as long as this lives.
class Dispatched {
public:
    Dispatched(std::multiset<std::string>& all, const std::string& workflow)
        : all_(all), place_(all.insert(workflow))
    {}

    ~Dispatched() { all_.erase(place_); }

    Dispatched(const Dispatched&) = delete;
    Dispatched& operator=(const Dispatched&) = delete;

private:
    std::multiset<std::string>& all_;
    std::multiset<std::string>::iterator place_;
};

std::string last_of(const std::string& text, std::size_t most)
{
    return text.substr(text.size() - std::min(text.size(), most));
}

/// What was printed, fit for the record and for people, who read its end. Secrets are looked for in what
/// people will read (a control letter inside one hides it only until it is taken out), and before it is cut,
/// so that no half of one is left.
std::string shown(const std::string& output, const std::vector<std::string>& secrets)
{
    constexpr std::size_t looked_through = 64 * 1024;
    constexpr std::size_t most = 16 * 1024;
    const auto text = last_of(masked(from_outside(output), secrets), looked_through);
    return from_outside(last_of(without_credentials(text), most));
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

std::vector<std::string> undeclared_inputs(const std::string& workflow_file)
{
    std::set<std::string> declared;
    std::optional<std::size_t> inputs;  // how far "inputs:" of workflow_dispatch is indented
    bool dispatched = false;
    std::istringstream lines(workflow_file);
    for (std::string line; std::getline(lines, line);) {
        const auto indent = line.find_first_not_of(' ');
        const auto colon = line.find(':');
        if (indent == std::string::npos || line[indent] == '#' || colon == std::string::npos ||
            colon < indent) {
            continue;
        }
        const auto key = line.substr(indent, colon - indent);
        if (inputs && indent <= *inputs) {
            break;
        }
        if (inputs) {
            declared.insert(key);
        }
        dispatched = dispatched || key == "workflow_dispatch";
        inputs = dispatched && key == "inputs" ? std::optional(indent) : inputs;
    }
    std::vector<std::string> undeclared;
    for (const auto& [name, value] : facts_of({}, {})) {
        if (!declared.contains(name)) {
            undeclared.push_back(name);
        }
    }
    return undeclared;
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
    outcome.output = shown(outcome.output, parts_.secrets);
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
        co_return outcome_of(answer.error());
    }
    constexpr int accepted = 202, bad_gateway = 502, gateway_timeout = 504;
    const bool good = answer->status >= 200 && answer->status < 300;
    co_return Outcome{
        .succeeded = good,
        .output = answer->body + "\n(HTTP " + std::to_string(answer->status) + ")",
        .unknown = answer->status == bad_gateway || answer->status == gateway_timeout,
        .accepted = answer->status == accepted};
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
    const auto before = co_await ask_github("GET", runs + "1", "");
    if (!before || before->status != 200) {
        auto failure = before ? refused(*before, parts_.clock.now(), parts_.policy)
                              : Outcome{.output = before.error().message};
        failure.output += "\nIts runs cannot be read, so it was not dispatched.";
        co_return failure;
    }
    const auto known = newest_of(runs_in(before->body));
    auto body = json::serialize(json::object{
        {"ref", workflow.reference},
        {"inputs", as_json(facts_of(name, deployment))},
        {"return_run_details", true}});
    const Dispatched here(dispatched_, base);
    const auto dispatched = co_await ask_github("POST", base + "/dispatches", std::move(body));
    if (!dispatched) {
        co_return outcome_of(dispatched.error());
    }
    if (dispatched->status != 200 && dispatched->status != 204) {
        auto failure = refused(*dispatched, parts_.clock.now(), parts_.policy);
        failure.unknown = dispatched->status >= 500;
        co_return failure;
    }
    if (const auto ours = run_in(*dispatched); ours != 0) {
        auto outcome =
            co_await watch_runs(actions + "/runs/" + std::to_string(ours), ours - 1, "", action.time_limit);
        co_return outcome;
    }
    auto outcome = co_await watch_runs(runs + "100", known, base, action.time_limit);
    co_return outcome;
}

boost::asio::awaitable<Outcome> ActionRunner::watch_runs(
    std::string address, std::int64_t known, std::string unnamed, std::chrono::seconds limit
)
{
    const auto ends = parts_.clock.steady_now() + limit;
    std::vector<WorkflowRun> seen;
    while (parts_.clock.steady_now() < ends) {
        co_await parts_.clock.sleep_for(between_looks);
        const auto answer = co_await ask_github("GET", address, "");
        if (!answer || answer->status != 200) {
            continue;
        }
        seen = runs_in(answer->body);
        std::erase_if(seen, [&](const WorkflowRun& run) { return run.id <= known; });
        if (seen.size() > 1) {
            co_return unknown("GitHub did not say which of these runs it is: " + addresses_of(seen));
        }
        const bool is_ours = dispatched_.count(unnamed) <= 1;
        if (!seen.empty() && is_ours && seen.front().status == "completed") {
            const auto& run = seen.front();
            co_return Outcome{
                .succeeded = run.conclusion == "success", .output = run.conclusion + " " + run.address};
        }
    }
    co_return unknown("it did not end within " + std::to_string(limit.count()) + " s " + addresses_of(seen));
}

}  // namespace slipway::executors
