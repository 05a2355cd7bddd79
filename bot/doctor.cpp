#include "bot/doctor.hpp"

#include "bot/directory.hpp"
#include "bot/linear/client.hpp"
#include "bot/manifest.hpp"
#include "bot/net/http_server.hpp"
#include "bot/net/transport.hpp"
#include "bot/slack/call.hpp"
#include "bot/slack/web_api.hpp"
#include "storage/store.hpp"
#include "templates/render.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

namespace slipway {

namespace {

namespace asio = boost::asio;

constexpr std::uintmax_t enough_disk = 100ULL * 1024 * 1024;
constexpr std::chrono::seconds tolerable_skew{30};

class Report {
public:
    void good(const std::string& what) { std::cout << "ok    " << what << '\n'; }

    void bad(const std::string& what, const std::string& mend)
    {
        std::cout << "FAIL  " << what << "\n      " << mend << '\n';
        ++failures;
    }

    int failures = 0;
};

template <class T>
std::string why(const slack::Answer<T>& answer)
{
    const auto* rejected = std::get_if<slack::Rejected>(&answer);
    return rejected != nullptr ? rejected->code : std::get<slack::RetryLater>(answer).why;
}

/// `otherwise` mends a refusal; where there was no answer it is the way there that needs mending.
template <class T>
std::string mend(const slack::Answer<T>& answer, const char* otherwise)
{
    return std::holds_alternative<slack::RetryLater>(answer)
               ? "Slack did not answer: check the network, HTTPS_PROXY and SLACK_API_URL"
               : otherwise;
}

void check_identity(const slack::Identity& identity, Clock& clock, Report& report)
{
    report.good("bot token: " + identity.team_name);
    std::string missing;
    for (const auto& scope : bot_scopes()) {
        const bool granted =
            std::find(identity.scopes.begin(), identity.scopes.end(), scope) != identity.scopes.end();
        missing += granted ? "" : (missing.empty() ? "" : ", ") + scope;
    }
    if (identity.scopes.empty()) {
        report.good("scopes: Slack did not say");
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
                                     "switch time synchronisation on (timedatectl set-ntp true)"
                                 );
    }
}

asio::awaitable<void> check_slack(
    const Config& config, slack::WebApi& api, net::HttpClient& http, Clock& clock, Report& report
)
{
    const auto identity = co_await api.auth_test();
    if (const auto* who = std::get_if<slack::Identity>(&identity)) {
        check_identity(*who, clock, report);
    }
    else {
        report.bad(
            "bot token: " + why(identity),
            mend(identity, "set SLACK_BOT_TOKEN to the Bot User OAuth Token of the app (xoxb-…)")
        );
    }
    net::HttpRequest open;
    open.method = "POST";
    open.url = config.slack_api_url + "apps.connections.open";
    open.headers = {{"Authorization", "Bearer " + config.slack_app_token}};
    const auto outcome = co_await http.send(std::move(open));
    const auto socket = slack::read_answer(outcome);
    std::holds_alternative<boost::json::object>(socket)
        ? report.good("app-level token")
        : report.bad(
              "app-level token: " + why(socket),
              mend(socket, "set SLACK_APP_TOKEN to a token with connections:write (xapp-…)")
          );
    const auto member = co_await api.is_member(config.channel);
    if (const auto* yes = std::get_if<bool>(&member)) {
        *yes ? report.good("channel " + config.channel.str())
             : report.bad(
                   "channel " + config.channel.str() + ": the bot is not in it", "type /invite @slipway there"
               );
    }
    else {
        report.bad(
            "channel " + config.channel.str() + ": " + why(member),
            mend(member, "check slack.channel; for a private channel invite the bot first")
        );
    }
    Directory directory(api, clock, config);
    std::string mistakes;
    try {
        const auto roles = co_await directory.resolve_roles();
        roles ? report.good("people and groups")
              : report.bad("people and groups: Slack is away", "try again");
    }
    catch (const ConfigMistakes& found) {
        mistakes = found.what();
    }
    if (!mistakes.empty()) {
        report.bad("people and groups:\n" + mistakes, "correct them in slipway.toml");
    }
}

asio::awaitable<void> check_linear(const Config& config, linear::Client& client, Report& report)
{
    if (config.linear_api_key.empty() && !config.policy.mirror_sign_offs) {
        report.good("Linear: not used");
        co_return;
    }
    const auto delivery = co_await client.check("");
    if (std::holds_alternative<linear::Delivered>(delivery)) {
        report.good("Linear key");
    }
    else if (const auto* later = std::get_if<linear::RetryLater>(&delivery)) {
        report.bad("Linear: " + later->why, "check the network and LINEAR_API_URL");
    }
    else {
        report.bad(
            "Linear key: " + std::get<linear::Rejected>(delivery).message,
            "set LINEAR_API_KEY to a personal API key, without Bearer"
        );
    }
}

void check_machine(const Config& config, Report& report)
{
    report.good("time zone " + config.policy.timezone);
    try {
        const templates::Library library(config.templates_dir);
        report.good("templates");
    }
    catch (const std::exception& error) {
        report.bad(error.what(), "mend the files, or take them out of " + config.templates_dir.string());
    }
    const auto folder =
        config.store_path.has_parent_path() ? config.store_path.parent_path() : std::filesystem::path(".");
    std::error_code error;
    const auto space = std::filesystem::space(folder, error);
    if (error) {
        report.bad("disk: " + folder.string() + " cannot be read", "create it, or change store.path");
    }
    else {
        space.available >= enough_disk
            ? report.good("disk")
            : report.bad("disk: less than 100 MB free", "make room in " + folder.string());
    }
    if (!config.runbook_file.empty()) {
        std::filesystem::exists(config.runbook_file)
            ? report.good("runbook")
            : report.bad(
                  "runbook: " + config.runbook_file.string() + " is not there", "correct runbook.file"
              );
    }
}

void check_port(const Config& config, asio::io_context& context, Report& report)
{
    try {
        net::ServerOptions options;
        options.address = config.http_address;
        options.port = config.http_port;
        const auto server = net::make_http_server(
            context.get_executor(),
            options,
            [](net::ServerRequest) -> asio::awaitable<net::ServerResponse> {
                co_return net::ServerResponse{};
            }
        );
        report.good("port " + std::to_string(config.http_port));
    }
    catch (const std::exception& error) {
        report.bad(
            std::string("port: ") + error.what(),
            "stop what uses it (a running slipway?), or change http.port"
        );
    }
}

}  // namespace

int doctor(const Config& config)
{
    spdlog::set_level(spdlog::level::off);
    Report report;
    report.good("configuration");
    check_machine(config, report);
    asio::io_context context{1};
    check_port(config, context, report);
    SystemClock clock;
    const auto http =
        net::make_http_client(context.get_executor(), {config.ca_file, config.proxy, config.no_proxy});
    slack::WebApi api(*http, clock, config.slack_api_url, config.slack_bot_token);
    linear::Client linear(*http, config.linear_api_url, config.linear_api_key);
    std::exception_ptr failure;
    const auto note = [&](std::exception_ptr ended) { failure = failure ? failure : ended; };
    asio::co_spawn(context, check_slack(config, api, *http, clock, report), note);
    context.run();
    context.restart();
    asio::co_spawn(context, check_linear(config, linear, report), note);
    context.run();
    if (failure) {
        std::rethrow_exception(failure);
    }
    std::cout << (report.failures == 0 ? "all is well\n" : std::to_string(report.failures) + " to mend\n");
    return report.failures == 0 ? 0 : 1;
}

}  // namespace slipway
