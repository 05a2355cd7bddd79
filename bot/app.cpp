#include "bot/app.hpp"

#include "bot/chores/despite_the_disk.hpp"
#include "bot/chores/directory.hpp"
#include "bot/chores/home.hpp"
#include "bot/chores/housekeeping.hpp"
#include "bot/chores/ledger_head.hpp"
#include "bot/chores/record_check.hpp"
#include "bot/chores/roles.hpp"
#include "bot/chores/runbook.hpp"
#include "bot/chores/timekeeper.hpp"
#include "bot/inbox/catch_up.hpp"
#include "bot/inbox/endpoints.hpp"
#include "bot/inbox/router.hpp"
#include "bot/inbox/signals.hpp"
#include "bot/judge.hpp"
#include "bot/net/http_server.hpp"
#include "bot/outbox/actions.hpp"
#include "bot/outbox/courier.hpp"
#include "bot/runtime/log.hpp"
#include "bot/slack/socket_session.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/multiple_exceptions.hpp>

namespace slipway {

namespace {

namespace asio = boost::asio;

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
    Committed committed;
    Judge judge;
    Views views;
    Actions actions;
    Courier courier;
    RoleKeeper roles;
    HomeKeeper home;
    Timekeeper timekeeper;
    RunbookKeeper runbook;
    LedgerWitness witness;
    Housekeeper housekeeper;
    Forms forms;
    Router router;
    CatchUp catch_up;
    Signals signals;
    slack::SocketSession session;
    RecordCheck record_check;
    HttpEndpoints endpoints;
    std::unique_ptr<net::HttpServer> server;
    Wakeup stopped;
    bool stopping = false;
    std::exception_ptr failure;

    Parts(Config given, World outside)
        : config(std::move(given)),
          world(outside),
          storage(world.storage),
          library(config.templates_dir, config.policy.command),
          slack(world.http, world.clock, config.slack_api_url, config.slack_bot_token),
          linear(world.http, config.linear_api_url, config.linear_api_key),
          github(world.http, world.clock, config.policy, config.github_api_url, config.github_token),
          directory(slack, world.clock, config),
          judge(config.policy, config.channel, storage, world.clock, world.random, committed),
          views(
              {config.policy,
               judge,
               library,
               world.clock,
               [this] {
                   return KnownPeople{
                       directory.names(), directory.statuses(), directory.deactivated_people()};
               }}
          ),
          actions(
              {world.executor,
               config.policy,
               judge,
               world.clock,
               {world.http,
                world.clock,
                config.policy,
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
          courier(
              world.executor,
              {storage,
               slack,
               linear,
               library,
               config.policy,
               world.clock,
               world.random,
               config.channel,
               views,
               committed,
               [this](storage::OutboxRow row, Deployment deployment, bool may_have_run) {
                   return actions.act(std::move(row), std::move(deployment), may_have_run);
               }}
          ),
          roles({slack, directory, judge, storage, config.policy, world.clock, world.random}),
          home(world.executor, {directory, slack, storage, library, world.clock, views, committed}),
          timekeeper(world.executor, {judge, storage, world.clock, committed}),
          runbook({config, judge, storage, world.clock, world.random, committed}),
          witness({config.audit_channel, config.policy, storage, world.clock, world.random, committed}),
          housekeeper({storage, world.clock}),
          forms(
              world.executor, {judge, directory, slack, storage, library, config.policy, world.clock, views}
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
               views,
               config.github_token.empty() ? nullptr : &github,
               config.linear_api_key.empty() ? nullptr : &linear}
          ),
          catch_up(world.executor, {router, slack, storage, world.clock}),
          signals({config, judge, storage, world.http, world.clock}),
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
               [this] { catch_up.note_gap(); }}
          ),
          record_check({config.policy, judge, storage, world.clock, world.random, committed}),
          endpoints(
              {[this] { return health(); },
               [this](net::ServerRequest request) { return signals.take(std::move(request)); }}
          ),
          stopped(world.executor)
    {
        net::ServerOptions options;
        options.address = config.http_address;
        options.port = config.http_port;
        auto handler = [this](net::ServerRequest request) { return endpoints.handle(std::move(request)); };
        server = world.serve ? world.serve(options, handler)
                             : net::make_http_server(world.executor, options, handler);
    }

    Health health() const
    {
        const auto& rows = courier.counts();
        return {
            stopping,
            slack.refused(),
            storage.is_writable(),
            storage.waiting(),
            session.health(),
            rows.delivered,
            rows.retried,
            rows.refused,
            rows.waiting,
            slack.clock_ahead().value_or(std::chrono::milliseconds{0}),
            directory.changes().troubles};
    }

    /// Of one that the disk may stop for a while.
    template <class Chore>
    asio::awaitable<void> run_of(std::string name, Chore& chore)
    {
        return despite_the_disk(world.clock, std::move(name), [&chore] { return chore.run(); });
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
        co_await roles.introduce();
        co_await timekeeper.open_calendar();
        log::info("slipway is at work in {}", config.channel.str());
        log::info("http on {}:{}", config.http_address, server->port());
        auto watching = despite_the_disk(world.clock, "readiness", [this] {
            return watch_the_disk(world.clock, storage);
        });
        auto polling =
            despite_the_disk(world.clock, "the poll of error rates", [this] { return signals.poll(); });
        auto all = session.run() && run_of("the keeper of roles", roles) && std::move(watching) &&
                   std::move(polling) && run_of("the courier", courier) &&
                   run_of("the timekeeper", timekeeper) && run_of("the keeper of the runbook", runbook) &&
                   run_of("the ledger's witness", witness) && run_of("housekeeping", housekeeper) &&
                   run_of("the check of the record", record_check) &&
                   run_of("the reader of threads", catch_up) && run_of("the keeper of homes", home);
        co_await std::move(all);
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

bool App::is_ready() const { return not_ready(parts_->health()).empty(); }

std::uint16_t App::http_port() const { return parts_->server->port(); }

}  // namespace slipway
