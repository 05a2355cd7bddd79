#include "bot/app.hpp"

#include "bot/courier.hpp"
#include "bot/directory.hpp"
#include "bot/executors/action.hpp"
#include "bot/http_endpoints.hpp"
#include "bot/judge.hpp"
#include "bot/ledger_witness.hpp"
#include "bot/net/http_server.hpp"
#include "bot/net/transport.hpp"
#include "bot/retry_delay.hpp"
#include "bot/router.hpp"
#include "bot/runbook_keeper.hpp"
#include "bot/signals.hpp"
#include "bot/slack/socket_session.hpp"
#include "bot/timekeeper.hpp"
#include "commands/pipeline/on_call.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>

namespace slipway {

namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds first_retry{500};
constexpr std::chrono::milliseconds longest_retry{30'000};
/// A changed user group counts after this long at the latest.
constexpr std::chrono::minutes roles_fresh_for{5};
/// Slack repeats an event for up to 24 hours where "Delayed Events" is on.
constexpr std::chrono::hours inbox_kept{25};
constexpr std::chrono::milliseconds housekeeping{3'600'000};
/// A full disk or another program's lock is looked at again after this.
constexpr std::chrono::milliseconds disk_looked_at_again{1'000};

/// What went wrong first where several tasks ended together.
std::exception_ptr first_of(const std::exception_ptr& failure)
{
    try {
        std::rethrow_exception(failure);
    }
    catch (const asio::multiple_exceptions& several) {
        return first_of(several.first_exception());
    }
    catch (...) {
        return failure;
    }
}

}  // namespace

struct App::Parts {
    Config config;
    World world;
    templates::Library library;
    slack::WebApi slack;
    linear::Client linear;
    github::Client github;
    Directory directory;
    Wakeup timers;
    Wakeup stopped;
    Courier courier;
    executors::ActionRunner actions;
    Judge judge;
    Timekeeper timekeeper;
    Router router;
    slack::SocketSession session;
    Signals signals;
    RunbookKeeper runbook;
    LedgerWitness witness;
    HttpEndpoints endpoints;
    std::unique_ptr<net::HttpServer> server;
    bool stopping = false;
    std::exception_ptr failure;
    std::string access_lost;

    Parts(Config given, World outside)
        : config(std::move(given)),
          world(outside),
          library(config.templates_dir),
          slack(world.http, world.clock, config.slack_api_url, config.slack_bot_token),
          linear(world.http, config.linear_api_url, config.linear_api_key),
          github(world.http, config.github_api_url, config.github_token),
          directory(slack, world.clock, config),
          timers(world.executor),
          stopped(world.executor),
          courier(
              world.executor,
              {world.storage,
               slack,
               linear,
               library,
               world.clock,
               world.random,
               config.channel,
               [this](const TeamState& team) { return view(team); },
               [] {},
               [this](storage::OutboxRow row, Deployment deployment, bool may_have_run) {
                   return act(std::move(row), std::move(deployment), may_have_run);
               }}
          ),
          actions(
              {world.http,
               world.clock,
               config.github_api_url,
               config.github_token,
               config.signal_secret,
               {config.proxy,
                config.slack_app_token,
                config.slack_bot_token,
                config.linear_api_key,
                config.github_token,
                config.signal_secret}}
          ),
          judge(
              config.policy, config.channel, world.storage, world.clock, world.random, [this] { committed(); }
          ),
          timekeeper(judge, world.clock, timers),
          router(
              {judge,
               directory,
               slack,
               world.storage,
               library,
               config.policy,
               world.clock,
               [this](const TeamState& team) { return view(team); },
               [this](const std::string& why) {
                   access_lost = why;
                   spdlog::error("Slack took the app's access away ({}); reinstall it and restart", why);
               },
               config.github_token.empty() ? nullptr : &github}
          ),
          session(
              world.executor,
              world.http,
              world.sockets,
              world.clock,
              world.random,
              {config.slack_api_url + "apps.connections.open",
               config.slack_app_token,
               config.socket_connections,
               [this](slack::Envelope envelope) { return router.handle(std::move(envelope)); },
               [this](slack::DeliverBroken broken) { return router.keep_broken(std::move(broken)); },
               [](const slack::Envelope& envelope, const boost::json::object&) {
                   spdlog::warn("the answer to envelope {} was too long for Slack", envelope.id);
               }}
          ),
          signals({config, judge, world.storage, world.http, world.clock}),
          runbook({config, judge, world.storage, world.clock, world.random, [this] { committed(); }}),
          witness(
              {config.audit_channel,
               config.policy,
               world.storage,
               world.clock,
               world.random,
               [this] { committed(); }}
          ),
          endpoints(
              {[this] { return ready(); },
               [this] { return metrics(); },
               [this](net::ServerRequest request) { return signals.take(std::move(request)); }}
          )
    {
        net::ServerOptions options;
        options.address = config.http_address;
        options.port = config.http_port;
        auto handler = [this](net::ServerRequest request) { return endpoints.handle(std::move(request)); };
        server = world.serve ? world.serve(options, handler)
                             : net::make_http_server(world.executor, options, handler);
    }

    templates::View view(const TeamState& team)
    {
        return {world.clock.now(), &config.policy, judge.roles().get(), &team, directory.names()};
    }

    /// An action runs at most once: one that was under way when the bot ended is not begun again, since
    /// nobody knows how far it came.
    asio::awaitable<void> act(storage::OutboxRow row, Deployment deployment, bool may_have_run)
    {
        const auto name = std::get<RunAction>(row.saying).action;
        const auto* service = find_service(config.policy, deployment.plan.service);
        executors::Outcome outcome{
            false, "the bot was restarted while this ran; see for yourself how far it came"};
        if (service == nullptr || action_of(*service, name).empty()) {
            outcome.output = "slipway.toml has no such action any more";
        }
        else if (!may_have_run) {
            spdlog::info("{} of {} begins", name, to_string(deployment.id));
            outcome = co_await actions.run(action_of(*service, name), name, std::move(deployment));
        }
        Request request{.verb = "action_result", .deployment = row.deployment, .source = Source::signal};
        request.fields = {{"action", name}, {"succeeded", outcome.succeeded}, {"output", outcome.output}};
        std::vector<std::string> keys{"action:" + row.id};
        const auto verdict = co_await judge.settle(std::move(request), bot_person(), std::move(keys));
        if (!verdict.seen_before && !verdict.result) {
            spdlog::error("the result of {} could not be recorded", row.id);
        }
    }

    void committed()
    {
        courier.wake();
        timers.ring();
    }

    bool ready() const
    {
        const auto health = session.health();
        return health.live > 0 && !health.link_disabled && access_lost.empty() && !stopping;
    }

    std::vector<Metric> metrics() const
    {
        const auto health = session.health();
        const auto& outbox = courier.counts();
        const auto number = [](auto value) { return static_cast<double>(value); };
        return {
            {"slipway_ready", "1 while connected to Slack and able to work", ready() ? 1.0 : 0.0},
            {"slipway_socket_live", "Socket Mode connections that have said hello", number(health.live)},
            {"slipway_socket_announced",
             "Connections of the app as Slack counts them",
             number(health.announced)},
            {"slipway_socket_own", "Connections this process has", number(health.own)},
            {"slipway_envelopes_without_id",
             "Frames that could not be acknowledged",
             number(health.without_id)},
            {"slipway_outbox_delivered_total", "Outbox rows delivered", number(outbox.delivered)},
            {"slipway_outbox_retried_total", "Attempts put off", number(outbox.retried)},
            {"slipway_outbox_refused_total", "Outbox rows refused for good", number(outbox.refused)},
        };
    }

    /// Asks until Slack answers: who we are, and who holds which role.
    asio::awaitable<void> introduce()
    {
        for (int failures = 0;; ++failures) {
            const auto answer = co_await slack.auth_test();
            if (const auto* identity = std::get_if<slack::Identity>(&answer)) {
                directory.set_team(identity->team);
                break;
            }
            if (const auto* rejected = std::get_if<slack::Rejected>(&answer)) {
                throw slack::FatalSlackError(
                    "Slack refuses the bot token (" + rejected->code +
                    "): give a valid SLACK_BOT_TOKEN and start again"
                );
            }
            spdlog::warn("Slack is away: {}", std::get<slack::RetryLater>(answer).why);
            co_await world.clock.sleep_for(retry_delay(failures, first_retry, longest_retry, world.random));
        }
        for (int failures = 0;; ++failures) {
            auto roles = co_await directory.resolve_roles();
            if (roles) {
                config.policy.rotation = directory.rotation();
                judge.set_roles(std::move(roles));
                co_return;
            }
            co_await world.clock.sleep_for(retry_delay(failures, first_retry, longest_retry, world.random));
        }
    }

    asio::awaitable<void> keep_roles_fresh()
    {
        for (;;) {
            co_await world.clock.sleep_for(roles_fresh_for);
            auto roles = co_await directory.refresh_roles();
            judge.set_roles(std::move(roles));
        }
    }

    asio::awaitable<void> keep_house()
    {
        for (;;) {
            StorageRunner::Job forget = [limit = world.clock.now() - inbox_kept](storage::Store& store) {
                store.forget_inbox_before(limit);
            };
            co_await world.storage.run(std::move(forget));
            co_await world.clock.sleep_for(housekeeping);
        }
    }

    /// Runs `loop` again when the disk failed it: what was due is still in the record, and sockets and people
    /// are served meanwhile.
    asio::awaitable<void> despite_the_disk(std::string name, std::function<asio::awaitable<void>()> loop)
    {
        for (;;) {
            std::string why;
            try {
                auto running = loop();
                co_await std::move(running);
            }
            catch (const boost::system::system_error&) {
                throw;  // cancelled
            }
            catch (const std::runtime_error& error) {
                why = error.what();
            }
            spdlog::error("{} waits for the database: {}", name, why);
            co_await world.clock.sleep_for(disk_looked_at_again);
        }
    }

    /// Due at once, but after whatever was missed while the bot was away: sets the team's next reminders as
    /// the configuration of today has them.
    asio::awaitable<void> open_calendar()
    {
        StorageRunner::Job open = [now = world.clock.now()](storage::Store& store) {
            store.change_timer(DeploymentId{}, {"calendar", now});
        };
        co_await world.storage.run(std::move(open));
        timers.ring();
    }

    asio::awaitable<void> wait_for_stop()
    {
        constexpr std::chrono::hours look_again{1};
        while (!stopping) {
            co_await stopped.wait(world.clock, look_again);
        }
        co_await session.shut_down();
    }

    asio::awaitable<void> work()
    {
        using namespace asio::experimental::awaitable_operators;
        co_await introduce();
        co_await open_calendar();
        spdlog::info("slipway is at work in {}", config.channel.str());
        spdlog::info("http on {}:{}", config.http_address, server->port());
        auto deliveries = despite_the_disk("the courier", [this] { return courier.run(); });
        auto timing = despite_the_disk("the timekeeper", [this] { return timekeeper.run(); });
        auto polling = despite_the_disk("the poll of error rates", [this] { return signals.poll(); });
        auto reading = despite_the_disk("the keeper of the runbook", [this] { return runbook.run(); });
        auto witnessing = despite_the_disk("the ledger's witness", [this] { return witness.run(); });
        auto cleaning = despite_the_disk("housekeeping", [this] { return keep_house(); });
        co_await (
            session.run() && std::move(deliveries) && std::move(timing) && std::move(polling) &&
            std::move(reading) && std::move(witnessing) && std::move(cleaning) && keep_roles_fresh()
        );
    }

    /// Ends in order after a failure too: `||` waits for the first that succeeds.
    asio::awaitable<void> work_and_serve()
    {
        using namespace asio::experimental::awaitable_operators;
        try {
            co_await (work() && server->run());
        }
        catch (const std::exception&) {
            if (!stopping) {  // else it is the cancellation that was asked for
                failure = first_of(std::current_exception());
            }
        }
    }

    asio::awaitable<void> run()
    {
        using namespace asio::experimental::awaitable_operators;
        co_await (work_and_serve() || wait_for_stop());
        co_await session.break_off();
        co_await courier.break_off();
        if (failure) {
            std::rethrow_exception(failure);
        }
    }
};

App::App(Config config, World world) : parts_(std::make_unique<Parts>(std::move(config), world)) {}

App::~App() = default;

boost::asio::awaitable<void> App::run() { return parts_->run(); }

void App::stop()
{
    parts_->stopping = true;
    parts_->stopped.ring();
}

bool App::is_ready() const { return parts_->ready(); }

std::uint16_t App::http_port() const { return parts_->server->port(); }

int run_bot(const Config& config)
{
    storage::Store store(config.store_path);
    asio::io_context context{1};
    StorageThread storage(store);
    SystemClock clock;
    SystemRandom random;
    const net::TransportOptions options{config.ca_file, config.proxy, config.no_proxy};
    const auto http = net::make_http_client(context.get_executor(), options);
    const auto sockets = net::make_websocket_connector(context.get_executor(), options);
    App app(config, {context.get_executor(), clock, random, *http, *sockets, storage});
    asio::signal_set signals(context, SIGTERM, SIGINT);
    signals.async_wait([&](boost::system::error_code error, int) {
        if (!error) {
            spdlog::info("stopping");
            app.stop();
            signals.async_wait([&](boost::system::error_code again, int) {
                if (!again) {
                    context.stop();
                }
            });
        }
    });
    std::exception_ptr failure;
    asio::co_spawn(context, app.run(), [&](std::exception_ptr ended) {
        failure = ended;
        signals.cancel();
        context.stop();
    });
    context.run();
    if (failure) {
        std::rethrow_exception(failure);
    }
    return 0;
}

}  // namespace slipway
