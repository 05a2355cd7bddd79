#include "bot/cli/doctor.hpp"

#include "bot/chores/directory.hpp"
#include "bot/cli/machine.hpp"
#include "bot/cli/manifest.hpp"
#include "bot/cli/report.hpp"
#include "bot/github/answer.hpp"
#include "bot/linear/client.hpp"
#include "bot/net/transport.hpp"
#include "bot/net/url.hpp"
#include "bot/outbox/action_runner.hpp"
#include "bot/runtime/log.hpp"
#include "bot/slack/call.hpp"
#include "bot/slack/web_api.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/text/phrases.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <iostream>
#include <set>

namespace slipway {

namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds tolerable_skew{30};

template <class T>
std::string why(const slack::Answer<T>& answer)
{
    const auto* rejected = std::get_if<slack::Rejected>(&answer);
    return rejected != nullptr ? rejected->code : std::get<slack::RetryLater>(answer).why;
}

/// `otherwise` fixes a refusal; if there was no answer, the way there has to be fixed.
template <class T>
std::string fix(const slack::Answer<T>& answer, const std::string& otherwise)
{
    return std::holds_alternative<slack::RetryLater>(answer)
               ? "Slack did not answer: check the network, HTTPS_PROXY and SLACK_API_URL"
               : otherwise;
}

void check_identity(const slack::Identity& identity, Clock& clock, Report& report)
{
    report.good("bot token: " + identity.team_name);
    const auto missing = joined(bot_scopes(), [&](const std::string& scope) {
        const bool granted =
            std::find(identity.scopes.begin(), identity.scopes.end(), scope) != identity.scopes.end();
        return granted ? "" : scope;
    });
    if (identity.scopes.empty()) {
        report.good("scopes: Slack doesn't list them");
    }
    else if (missing.empty()) {
        report.good("scopes");
    }
    else {
        report.bad(
            "scopes: missing " + missing,
            "paste the output of `slipway manifest` into the app and reinstall it"
        );
    }
    if (identity.server_time) {
        const auto skew = std::chrono::abs(clock.now() - *identity.server_time);
        skew <= tolerable_skew ? report.good("clock")
                               : report.bad(
                                     "clock: more than 30 s off Slack's",
                                     "turn on time synchronization (timedatectl set-ntp true)"
                                 );
    }
}

/// A token that is not there is not asked about.
bool is_set(const char* name, const std::string& token, const char* kind, Report& report)
{
    if (token.empty()) {
        report.bad(
            std::string(name) + ": not set",
            std::string("set ") + name + " or " + name + "_FILE; docs/setup.md says where the token is found"
        );
        return false;
    }
    if (*kind != '\0' && !token.starts_with(kind)) {
        report.bad(
            std::string(name) + ": does not begin with " + kind,
            "set it to the right one of the two tokens; docs/setup.md says where each is found"
        );
        return false;
    }
    return true;
}

void check_roles(const std::map<Role, std::size_t>& holders, Report& report)
{
    for (const auto role :
         {Role::developer, Role::dev_lead, Role::product_lead, Role::rnd_lead, Role::account_manager}) {
        const auto found = holders.find(role);
        if (found != holders.end() && found->second > 0) {
            continue;
        }
        const auto key = role == Role::developer ? "developers" : to_string(role);
        const auto nobody = "roles." + key + ": nobody";
        const auto fix = "name the " + title_of(role) + " under [roles] in slipway.toml";
        const bool optional = role == Role::rnd_lead || role == Role::account_manager;
        optional ? report.note(nobody, fix + ", if there is one") : report.bad(nobody, fix);
    }
}

void check_written_roles(const Config& config, Report& report)
{
    std::map<Role, std::size_t> holders;
    for (const auto& [role, entries] : config.roles) {
        holders[role] = entries.size();
    }
    check_roles(holders, report);
}

void report_linear(const linear::Delivery& delivery, const std::string& issue, Report& report)
{
    if (std::holds_alternative<linear::Delivered>(delivery)) {
        report.good("Linear key");
        issue.empty() ? report.note("Linear issue: none looked up", "try one: slipway doctor --issue ENG-123")
                      : report.good("Linear issue " + issue);
        return;
    }
    if (const auto* later = std::get_if<linear::RetryLater>(&delivery)) {
        report.bad("Linear: " + later->why, "check the network, HTTPS_PROXY and LINEAR_API_URL");
        return;
    }
    const auto& rejected = std::get<linear::Rejected>(delivery);
    if (rejected.reason == linear::Rejected::Reason::no_such_issue) {
        report.good("Linear key");
        report.bad(
            "Linear issue " + issue + ": not found",
            "check the number; the key's owner must be in the issue's team"
        );
    }
    else if (rejected.reason == linear::Rejected::Reason::forbidden) {
        report.bad(
            "Linear issue " + issue + ": " + rejected.message, "make the key's owner a member of its team"
        );
    }
    else if (rejected.reason == linear::Rejected::Reason::over_plan) {
        report.bad("Linear: " + rejected.message, "check the workspace's plan and its limits in Linear");
    }
    else {
        report.bad(
            "Linear key: " + rejected.message, "set LINEAR_API_KEY to a personal API key, without Bearer"
        );
    }
}

std::vector<const Action*> actions_of(const Config& config)
{
    std::vector<const Action*> actions;
    for (const auto& service : config.policy.services) {
        for (const auto* action :
             {&service.deploy, &service.disable_flag, &service.rollback, &service.reverse_migrations}) {
            actions.push_back(action);
        }
    }
    return actions;
}

/// Each once, as slipway.toml names it.
std::set<std::string> workflows_of(const Config& config)
{
    std::set<std::string> workflows;
    for (const auto* action : actions_of(config)) {
        if (!action->github_workflow.empty()) {
            workflows.insert(action->github_workflow);
        }
    }
    return workflows;
}

/// What must be asked of others. Outlives its coroutines.
class Examination {
public:
    Examination(
        const Config& given, Clock& time, net::HttpClient& client, Report& findings, std::string linear_issue
    )
        : config_(given),
          clock_(time),
          http_(client),
          report_(findings),
          issue_(std::move(linear_issue)),
          api_(client, time, given.slack_api_url, given.slack_bot_token),
          linear_(client, given.linear_api_url, given.linear_api_key)
    {}

    asio::awaitable<void> check_slack()
    {
        if (is_set("SLACK_APP_TOKEN", config_.slack_app_token, "xapp-", report_)) {
            co_await check_app_token();
        }
        if (!is_set("SLACK_BOT_TOKEN", config_.slack_bot_token, "xoxb-", report_)) {
            check_written_roles(config_, report_);
            co_return;
        }
        const bool counts = co_await check_bot_token();
        if (counts) {
            co_await check_channel("channel", config_.channel, "slack.channel");
            if (!config_.audit_channel.empty() && config_.audit_channel != config_.channel) {
                co_await check_channel("audit channel", config_.audit_channel, "audit.channel");
            }
            co_await check_people();
        }
    }

    asio::awaitable<void> check_linear()
    {
        if (config_.linear_api_key.empty() && !config_.policy.mirror_sign_offs) {
            report_.good("Linear: not used");
            co_return;
        }
        if (!is_set("LINEAR_API_KEY", config_.linear_api_key, "", report_)) {
            co_return;
        }
        const auto delivery = co_await linear_.check(issue_);
        report_linear(delivery, issue_, report_);
    }

    asio::awaitable<void> check_github()
    {
        if (config_.github_token.empty()) {
            report_.good("GitHub: not used; developers tick Gate 1 (set GITHUB_TOKEN to read it)");
            co_return;
        }
        // Answered for every kind of token, and counted against no limit.
        const auto outcome = co_await ask_github("/rate_limit");
        if (!outcome) {
            report_.bad(
                "GitHub: " + outcome.error().message, "check the network, HTTPS_PROXY and GITHUB_API_URL"
            );
        }
        else if (outcome->status != 200) {
            refused_by_github(
                "", *outcome, "set GITHUB_TOKEN to a token that may read pull requests, checks and statuses"
            );
        }
        else {
            report_.good("GitHub token");
            for (const auto& workflow : workflows_of(config_)) {
                co_await check_workflow(workflow);
            }
        }
    }

private:
    /// Whether the rest can be asked for with it.
    asio::awaitable<bool> check_bot_token()
    {
        const auto identity = co_await api_.auth_test();
        if (const auto* who = std::get_if<slack::Identity>(&identity)) {
            check_identity(*who, clock_, report_);
            co_return true;
        }
        report_.bad(
            "bot token: " + why(identity),
            fix(identity, "set SLACK_BOT_TOKEN to the Bot User OAuth Token of the app (xoxb-…)")
        );
        co_return false;
    }

    asio::awaitable<void> check_app_token()
    {
        net::HttpRequest open;
        open.method = "POST";
        open.url = config_.slack_api_url + "apps.connections.open";
        open.headers = {{"Authorization", "Bearer " + config_.slack_app_token}};
        const auto outcome = co_await http_.send(std::move(open));
        const auto socket = slack::read_answer(outcome);
        std::holds_alternative<boost::json::object>(socket)
            ? report_.good("app-level token")
            : report_.bad(
                  "app-level token: " + why(socket),
                  fix(socket, "set SLACK_APP_TOKEN to a token with connections:write (xapp-…)")
              );
    }

    asio::awaitable<void> check_channel(std::string what, ChannelId channel, std::string key)
    {
        const auto line = what + " " + channel.str();
        const auto found = co_await api_.channel(channel);
        const auto* known = std::get_if<slack::Channel>(&found);
        if (known == nullptr) {
            report_.bad(
                line + ": " + why(found),
                fix(found, "check " + key + "; for a private channel invite the bot first")
            );
        }
        else if (known->is_archived) {
            report_.bad(line + ": it is archived", "unarchive it in Slack, or set " + key + " to another");
        }
        else {
            known->is_member ? report_.good(line)
                             : report_.bad(line + ": the bot is not in it", "type /invite @slipway there");
        }
    }

    /// `fix` is about the token's rights; what else GitHub says names its own.
    void refused_by_github(const std::string& what, const net::HttpResponse& answer, const std::string& fix)
    {
        report_.bad(
            what + github::why_refused(answer, clock_.now(), config_.policy),
            github::wants_other_token(answer) ? fix : "do that, or wait, and run slipway doctor again"
        );
    }

    /// The workflow is there and the token may see it, which takes the repository too.
    asio::awaitable<void> check_workflow(std::string written)
    {
        const auto workflow = executors::workflow_from(written);
        auto path = "/repos/" + workflow.repository + "/actions/workflows/" + workflow.file;
        const auto outcome = co_await ask_github(std::move(path));
        if (!outcome) {
            report_.bad("GitHub " + written + ": " + outcome.error().message, "check the network, try again");
        }
        else if (outcome->status != 200) {
            refused_by_github(
                "GitHub " + written + ": ",
                *outcome,
                "correct it in slipway.toml (owner/repository/file.yml@ref), or let GITHUB_TOKEN read and "
                "start workflows of " +
                    workflow.repository
            );
        }
        else {
            co_await check_inputs(std::move(written), workflow);
        }
    }

    asio::awaitable<void> check_inputs(std::string written, executors::Workflow workflow)
    {
        auto path = "/repos/" + workflow.repository + "/contents/.github/workflows/" + workflow.file +
                    "?ref=" + net::percent_encoded(workflow.reference);
        const auto file = co_await ask_github(std::move(path), "application/vnd.github.raw+json");
        const bool is_read = file && file->status == 200;
        const auto missing = is_read ? joined(executors::undeclared_inputs(file->body)) : "";
        if (!is_read) {
            report_.note(
                "GitHub " + written,
                "GITHUB_TOKEN may not read its file; docs/config.md says which inputs it needs"
            );
        }
        else if (missing.empty()) {
            report_.good("GitHub " + written);
        }
        else {
            report_.bad(
                "GitHub " + written + ": undeclared inputs " + missing,
                "declare them under on.workflow_dispatch.inputs, as docs/config.md shows"
            );
        }
    }

    asio::awaitable<net::Outcome<net::HttpResponse>> ask_github(std::string path, std::string accept = "*/*")
    {
        net::HttpRequest request;
        request.url = config_.github_api_url + path;
        request.headers = {
            {"Authorization", "Bearer " + config_.github_token},
            {"User-Agent", "slipway"},
            {"Accept", accept}};
        auto outcome = co_await http_.send(std::move(request));
        co_return outcome;
    }

    asio::awaitable<void> check_people()
    {
        Directory directory(api_, clock_, config_);
        std::string mistakes;
        try {
            const auto book = co_await directory.resolve_roles();
            if (!book) {
                report_.bad("people and groups: Slack can't be reached", "try again");
                co_return;
            }
            std::map<Role, std::size_t> holders;
            for (const auto& [role, members] : book->members) {
                holders[role] = members.size();
            }
            auto troubles = directory.changes().troubles;
            std::erase_if(troubles, [](const std::string& each) {
                return each.starts_with("the channel ");  // it has a line of its own
            });
            for (const auto& trouble : troubles) {
                report_.bad(trouble, "the bot carries on without it; correct slipway.toml, or Slack");
            }
            if (troubles.empty()) {
                report_.good("people and groups");
            }
            check_roles(holders, report_);
        }
        catch (const ConfigMistakes& found) {
            mistakes = found.what();
        }
        if (!mistakes.empty()) {
            report_.bad("people and groups:\n" + mistakes, "correct them in slipway.toml");
        }
    }

    const Config& config_;
    Clock& clock_;
    net::HttpClient& http_;
    Report& report_;
    std::string issue_;
    slack::WebApi api_;
    linear::Client linear_;
};

/// Secrets that only some actions need.
void check_actions(const Config& config, Report& report)
{
    const auto actions = actions_of(config);
    const bool signs = std::any_of(actions.begin(), actions.end(), [](const Action* action) {
        return !action->webhook_url.empty();
    });
    if (signs && config.signal_secret.empty()) {
        report.bad(
            "SLIPWAY_SIGNAL_SECRET: not set, but webhooks are signed with it",
            "set SLIPWAY_SIGNAL_SECRET or SLIPWAY_SIGNAL_SECRET_FILE to a long random text"
        );
    }
    if (!workflows_of(config).empty() && config.github_token.empty()) {
        report.bad(
            "GITHUB_TOKEN: not set, but workflows are started with it",
            "set GITHUB_TOKEN or GITHUB_TOKEN_FILE to a token that may start workflows"
        );
    }
}

}  // namespace

int doctor(const Config& config, std::string issue)
{
    begin_log("off");
    Report report;
    report.good("configuration");
    for (const auto& warning : config.warnings) {
        report.note("configuration, but", warning);
    }
    SystemClock clock;
    check_machine(config, clock, report);
    check_actions(config, report);
    if (config.rotation.empty()) {
        report.bad(
            "on_call.rotation: nobody", "list the developers, in turn, under [on_call] in slipway.toml"
        );
    }
    asio::io_context context{1};
    const auto http =
        net::make_http_client(context.get_executor(), {config.ca_file, config.proxy, config.no_proxy});
    Examination examination(config, clock, *http, report, std::move(issue));
    std::exception_ptr failure;
    const auto ask = [&](auto check) {
        asio::co_spawn(context, (examination.*check)(), [&](std::exception_ptr ended) {
            failure = failure ? failure : ended;
        });
        context.restart();
        context.run();
    };
    ask(&Examination::check_slack);
    ask(&Examination::check_linear);
    ask(&Examination::check_github);
    if (failure) {
        std::rethrow_exception(failure);
    }
    std::cout << (report.failures == 0 ? "all is well\n" : std::to_string(report.failures) + " to fix\n");
    return report.failures == 0 ? 0 : 1;
}

}  // namespace slipway
