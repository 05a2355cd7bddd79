#pragma once

#include "bot/net/http.hpp"
#include "bot/outbox/command.hpp"
#include "commands/pipeline/deployment.hpp"
#include "commands/pipeline/policy.hpp"

#include <string>
#include <vector>

namespace slipway::executors {

/// "owner/repository/deploy.yml@main" in its parts; the reference defaults to main.
struct Workflow {
    std::string repository, file, reference;
};

[[nodiscard]] Workflow workflow_from(const std::string& text);

/// Runs what a service has for its deploy or for a step of its rollback (pipeline document, Deployment Steps
/// and Rollback Procedure).
class ActionRunner {
public:
    struct Parts {
        net::HttpClient& http;
        Clock& clock;
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
    /// success. github_workflow: dispatched with the same as inputs; its run is the first that is newer than
    /// those there were, and success is its success within the time limit.
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
    [[nodiscard]] boost::asio::awaitable<net::Outcome<net::HttpResponse>> ask_github(
        std::string method, std::string url, std::string body
    );

    Parts parts_;
};

}  // namespace slipway::executors
