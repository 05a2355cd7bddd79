#include "bot/app.hpp"

#include "bot/chores/directory.hpp"
#include "bot/chores/home.hpp"
#include "bot/chores/ledger_head.hpp"
#include "bot/chores/record_check.hpp"
#include "bot/chores/runbook.hpp"
#include "bot/chores/timekeeper.hpp"
#include "bot/inbox/catch_up.hpp"
#include "bot/inbox/endpoints.hpp"
#include "bot/inbox/router.hpp"
#include "bot/inbox/signals.hpp"
#include "bot/judge.hpp"
#include "bot/net/http_server.hpp"
#include "bot/net/transport.hpp"
#include "bot/outbox/actions.hpp"
#include "bot/outbox/courier.hpp"
#include "bot/runtime/retry_delay.hpp"
#include "bot/runtime/watched_storage.hpp"
#include "bot/slack/socket_session.hpp"
#include "commands/pipeline/on_call.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>

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
constexpr std::chrono::milliseconds catch_up_again{30'000};
constexpr std::chrono::milliseconds threads_read_again{3'600'000};
constexpr std::chrono::hours dead_letters_kept{30 * 24};

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
    WatchedStorage storage;
    templates::Library library;
    slack::WebApi slack;
    linear::Client linear;
    github::Client github;
    Directory directory;
    Wakeup timers;
    Wakeup stopped;
    Wakeup gap;
    Courier courier;
    Judge judge;
    Actions actions;
    HomeKeeper home;
    Timekeeper timekeeper;
    Forms forms;
    Router router;
    CatchUp catch_up;
    slack::SocketSession session;
    Signals signals;
    RunbookKeeper runbook;
    LedgerWitness witness;
    RecordCheck record_check;
    HttpEndpoints endpoints;
    std::unique_ptr<net::HttpServer> server;
    bool introduced = false;
    int gaps = 0;       ///< of hearing Slack, the start among them
    int gaps_read = 0;  ///< after which all threads were read again
    bool stopping = false;
    std::exception_ptr failure;

    Parts(Config given, World outside)
        : config(std::move(given)),
          world(outside),
          storage(world.storage),
          library(config.templates_dir, config.policy.command),
          slack(world.http, world.clock, config.slack_api_url, config.slack_bot_token),
          linear(world.http, config.linear_api_url, config.linear_api_key),
          github(world.http, config.github_api_url, config.github_token),
          directory(slack, world.clock, config),
          timers(world.executor),
          stopped(world.executor),
          gap(world.executor),
          courier(
              world.executor,
              {storage,
               slack,
               linear,
               library,
               world.clock,
               world.random,
               config.channel,
               [this](const TeamState& team) { return view(team); },
               [this](storage::OutboxRow row, Deployment deployment, bool may_have_run) {
                   return actions.act(std::move(row), std::move(deployment), may_have_run);
               }}
          ),
          judge(config.policy, config.channel, storage, world.clock, world.random, [this] { committed(); }),
          actions(
              {world.executor,
               config.policy,
               judge,
               world.clock,
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
                 config.signal_secret}}}
          ),
          home(
              world.executor,
              {directory,
               slack,
               storage,
               library,
               world.clock,
               [this](const TeamState& team) { return view(team); }}
          ),
          timekeeper(judge, world.clock, timers),
          forms(
              world.executor,
              {judge,
               directory,
               slack,
               storage,
               library,
               config.policy,
               world.clock,
               [this](const TeamState& team) { return view(team); }}
          ),
          router(
              {judge,
               directory,
               home,
               forms,
               slack,
               storage,
               library,
               config.policy,
               world.clock,
               [this](const TeamState& team) { return view(team); },
               [this](const std::string& why) {
                   slack.lose_access(why);
                   spdlog::error("Slack took the app's access away ({}); reinstall it and restart", why);
               },
               config.github_token.empty() ? nullptr : &github}
          ),
          catch_up({router, slack, storage, world.clock}),
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
               [this](slack::Envelope envelope, boost::json::object answer) {
                   return router.say_at_length(std::move(envelope), std::move(answer));
               },
               [this] {
                   ++gaps;
                   gap.ring();
               }}
          ),
          signals({config, judge, storage, world.http, world.clock}),
          runbook({config, judge, storage, world.clock, world.random, [this] { committed(); }}),
          witness(
              {config.audit_channel,
               config.policy,
               storage,
               world.clock,
               world.random,
               [this] { committed(); }}
          ),
          record_check({config.policy, judge, storage, world.clock, world.random, [this] { committed(); }}),
          endpoints(
              {[this] { return not_ready(); },
               [this] { return metrics(); },
               [this](net::ServerRequest request) { return take_signal(std::move(request)); }}
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
        return {
            world.clock.now(),
            &config.policy,
            judge.roles().get(),
            &team,
            directory.names(),
            &library,
            directory.deactivated_people(),
            directory.statuses()};
    }

    /// Until it is known who holds which role, a signal would reach nobody.
    asio::awaitable<net::ServerResponse> take_signal(net::ServerRequest request)
    {
        if (!introduced) {
            co_return net::ServerResponse{
                503, {{"Content-Type", "text/plain; charset=utf-8"}}, "not at work yet; send it again\n"};
        }
        auto taken = co_await signals.take(std::move(request));
        co_return taken;
    }

    void committed()
    {
        courier.wake();
        timers.ring();
        home.wake();
    }

    /// What stands in the way, for the operator; empty where nothing does.
    std::string not_ready() const
    {
        const auto health = session.health();
        if (stopping) {
            return "stopping";
        }
        if (!slack.refused().empty()) {
            return "Slack refuses the bot token (" + slack.refused() + ")";
        }
        if (!storage.is_writable()) {
            return "the database cannot be written";
        }
        if (health.live > 0 && !health.link_disabled) {
            return {};
        }
        return health.trouble.empty() ? "not connected to Slack yet" : health.trouble;
    }

    bool ready() const { return not_ready().empty(); }

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
            {"slipway_socket_link_disabled",
             "1 while Socket Mode is switched off for the app",
             health.link_disabled ? 1.0 : 0.0},
            {"slipway_envelopes_without_id",
             "Frames that could not be acknowledged",
             number(health.without_id)},
            {"slipway_outbox_delivered_total", "Outbox rows delivered", number(outbox.delivered)},
            {"slipway_outbox_retried_total", "Attempts put off", number(outbox.retried)},
            {"slipway_outbox_refused_total", "Outbox rows refused for good", number(outbox.refused)},
            {"slipway_outbox_waiting", "Outbox rows not yet delivered or refused", number(outbox.waiting)},
            {"slipway_storage_waiting", "Jobs that wait for the database", number(storage.waiting())},
        };
    }

    /// Asks until Slack answers: who we are, and who holds which role.
    asio::awaitable<void> introduce()
    {
        for (int failures = 0;; ++failures) {
            const auto answer = co_await slack.auth_test();
            if (std::holds_alternative<slack::Identity>(answer)) {
                break;
            }
            if (const auto* rejected = std::get_if<slack::Rejected>(&answer)) {
                refuse_to_start(rejected->code);
            }
            const auto& later = std::get<slack::RetryLater>(answer);
            spdlog::warn("Slack is away: {}", later.why);
            const auto delay = retry_delay(failures, first_retry, longest_retry, world.random);
            co_await world.clock.sleep_for(std::max(later.after, delay));
        }
        for (int failures = 0;; ++failures) {
            auto roles = co_await directory.resolve_roles();
            if (!slack.refused().empty()) {
                refuse_to_start(slack.refused());
            }
            if (roles) {
                // Safe: nothing has been given to the storage thread yet that could read the policy.
                config.policy.rotation = directory.rotation();
                judge.set_roles(std::move(roles));
                introduced = true;
                co_return;
            }
            spdlog::warn("Slack is away: it could not be asked for everybody in slipway.toml");
            co_await world.clock.sleep_for(retry_delay(failures, first_retry, longest_retry, world.random));
        }
    }

    [[noreturn]] static void refuse_to_start(const std::string& code)
    {
        throw slack::FatalSlackError(
            "Slack refuses the bot token (" + code + "): give a valid SLACK_BOT_TOKEN and start again"
        );
    }

    asio::awaitable<void> keep_roles_fresh()
    {
        for (int failures = 0;;) {
            const std::chrono::milliseconds pause =
                failures == 0 ? roles_fresh_for
                              : retry_delay(failures, first_retry, longest_retry, world.random);
            co_await world.clock.sleep_for(pause);
            auto roles = co_await directory.refresh_roles();
            judge.set_roles(std::move(roles.book));
            failures = roles.is_complete ? 0 : failures + 1;
        }
    }

    asio::awaitable<void> keep_house()
    {
        for (;;) {
            StorageRunner::Job forget = [now = world.clock.now()](storage::Store& store) {
                store.forget_inbox_before(now - inbox_kept);
                store.forget_dead_letters_before(now - dead_letters_kept);
            };
            co_await storage.run(std::move(forget));
            co_await world.clock.sleep_for(housekeeping);
        }
    }

    /// So that /readyz tells when the disk takes something again, although nobody writes.
    asio::awaitable<void> watch_the_disk()
    {
        for (;;) {
            if (!storage.is_writable()) {
                co_await storage.try_again();
            }
            co_await world.clock.sleep_for(disk_looked_at_again);
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

    /// Reads the threads again after each gap, and now and then: Slack gives an event up after some minutes,
    /// whatever held us up.
    asio::awaitable<void> keep_up()
    {
        for (;;) {
            co_await gap.wait(world.clock, gaps_read < gaps ? catch_up_again : threads_read_again);
            const int behind = gaps;
            const bool is_complete = co_await catch_up.catch_up();
            gaps_read = is_complete ? behind : gaps_read;
        }
    }

    /// Due at once, but after whatever was missed while the bot was away: sets the team's next reminders as
    /// the configuration of today has them.
    asio::awaitable<void> open_calendar()
    {
        StorageRunner::Job open = [now = world.clock.now()](storage::Store& store) {
            store.change_timer(DeploymentId{}, {"calendar", now});
        };
        co_await storage.run(std::move(open));
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
        auto checking = despite_the_disk("the check of the record", [this] { return record_check.run(); });
        auto cleaning = despite_the_disk("housekeeping", [this] { return keep_house(); });
        auto reading_up = despite_the_disk("the reader of threads", [this] { return keep_up(); });
        auto publishing = despite_the_disk("the keeper of homes", [this] { return home.run(); });
        auto watching = despite_the_disk("readiness", [this] { return watch_the_disk(); });
        co_await (
            session.run() && std::move(deliveries) && std::move(timing) && std::move(polling) &&
            std::move(reading) && std::move(witnessing) && std::move(checking) && std::move(cleaning) &&
            std::move(watching) && std::move(reading_up) && std::move(publishing) && keep_roles_fresh()
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
        co_await forms.break_off();
        co_await actions.end_all();
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
                    // Whatever still runs uses what the destructors take away; the database is used to it,
                    // and what actions run ends with us.
                    spdlog::warn("stopping at once");
                    spdlog::default_logger()->flush();
                    std::_Exit(EXIT_FAILURE);
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
