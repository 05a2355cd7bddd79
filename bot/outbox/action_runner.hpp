#pragma once

#include "bot/net/http.hpp"
#include "bot/outbox/command.hpp"
#include "commands/pipeline/deployment.hpp"
#include "commands/pipeline/policy.hpp"

#include <set>
#include <string>
#include <vector>

namespace slipway::executors {

/// "owner/repository/deploy.yml@main" in its parts; the reference defaults to main.
struct Workflow {
    std::string repository, file, reference;
};

[[nodiscard]] Workflow workflow_from(const std::string& text);

/// Of the inputs that a dispatch sends those that the text of a workflow file declares nowhere under
/// `workflow_dispatch`: GitHub refuses it for each of them.
[[nodiscard]] std::vector<std::string> undeclared_inputs(const std::string& workflow_file);

/// Runs what a service has for its deploy or for a step of its rollback (pipeline document, Deployment Steps
/// and Rollback Procedure).
class ActionRunner {
public:
    struct Parts {
        net::HttpClient& http;
        Clock& clock;
        const Policy& policy;
        std::string github_api_url;
        std::string github_token;          ///< for github_workflow
        std::string signing_secret;        ///< of webhooks
        std::vector<std::string> secrets;  ///< masked in every output
    };

    explicit ActionRunner(Parts parts) : parts_(std::move(parts)) {}

    /// Runs `action`, called `name` ("deploy", "rollback", …), for `deployment`. `stop` ends a command early;
    /// what runs elsewhere is waited for.
    ///
    /// command: SLIPWAY_DEPLOYMENT, _SERVICE, _ACTION, _COMMIT and _FLAG tell it what for.
    /// webhook: POST of the same as JSON with `X-Slipway-Signature: sha256=<hex HMAC of the body>`; 2xx is
    /// success. github_workflow: dispatched with the same as inputs; success is the success of its run within
    /// the time limit. Its run is the one that GitHub names; where it names none, the only one that is newer
    /// than those there were. Which of several it is nobody knows, nor what it came to.
    [[nodiscard]] boost::asio::awaitable<Outcome> run(
        Action action, std::string name, Deployment deployment, std::shared_ptr<Stop> stop
    );

private:
    [[nodiscard]] boost::asio::awaitable<Outcome> call_webhook(
        Action action, std::string name, Deployment deployment
    );
    [[nodiscard]] boost::asio::awaitable<Outcome> dispatch_workflow(
        Action action, std::string name, Deployment deployment
    );
    /// Waits until the one run beyond `known` at `address` has ended. `unnamed` is its workflow where GitHub
    /// did not name the run: anybody may start one in the same seconds, and so may we.
    [[nodiscard]] boost::asio::awaitable<Outcome> watch_runs(
        std::string address, std::int64_t known, std::string unnamed, std::chrono::seconds limit
    );
    [[nodiscard]] boost::asio::awaitable<net::Outcome<net::HttpResponse>> ask_github(
        std::string method, std::string url, std::string body
    );

    Parts parts_;
    std::multiset<std::string> dispatched_;  ///< workflows that are to end: one of each of ours
};

}  // namespace slipway::executors
