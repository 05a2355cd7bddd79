#include "tests/demo/bot_in_simulator.hpp"

#include "bot/net/transport.hpp"
#include "bot/runtime/signature.hpp"
#include "bot/slack/socket_session.hpp"
#include "tests/support/team_config.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include <SQLiteCpp/SQLiteCpp.h>
#include <date/tz.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace demo {

namespace {

constexpr auto first_moment = "2026-11-24 15:00";
constexpr std::chrono::seconds longest_wait{30};  // for what ends by itself

simulator::Instant in_new_york(const std::string& wall)
{
    std::istringstream stream(wall);
    date::local_time<std::chrono::minutes> local;
    stream >> date::parse("%F %R", local);
    if (!stream) {
        throw std::invalid_argument("no moment: " + wall);
    }
    return date::locate_zone("America/New_York")->to_sys(local);
}

simulator::Server::Options serving(
    const BotInSimulator::Options& options, const simulator::Certificates& made
)
{
    simulator::Server::Options chosen;
    chosen.port = options.port;
    if (options.tls) {
        chosen.certificate_file = made.good.certificate;
        chosen.key_file = made.good.key;
    }
    return chosen;
}

/// "{prometheus}" and "{hook}" stand for addresses that are known only once it serves.
std::string with_addresses(std::string config, const simulator::Server& server)
{
    for (const auto& [word, address] :
         {std::pair{std::string("{prometheus}"), server.prometheus_url()}, {"{hook}", server.hook_url()}}) {
        for (auto at = config.find(word); at != std::string::npos; at = config.find(word)) {
            config.replace(at, word.size(), address);
        }
    }
    return config;
}

void collect(const json::value& value, std::string& text)
{
    if (value.is_array()) {
        for (const auto& each : value.get_array()) {
            collect(each, text);
        }
    }
    if (!value.is_object()) {
        return;
    }
    for (const auto& [key, each] : value.get_object()) {
        if (key == "text" && each.is_string()) {
            text += "\n" + std::string(each.get_string());
        }
        collect(each, text);
    }
}

}  // namespace

const std::string deploys = "C0DEPLOYS";

slipway::Instant BotClock::now() const
{
    return std::chrono::floor<slipway::Instant::duration>(shared_.now());
}

std::chrono::steady_clock::time_point BotClock::steady_now() const { return shared_.steady_now(); }

boost::asio::awaitable<void> BotClock::sleep_for(std::chrono::milliseconds duration)
{
    return shared_.sleep_for(duration);
}

Folder::Folder()
{
    auto pattern = (std::filesystem::temp_directory_path() / "slipway-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("cannot make a temporary folder");
    }
    path_ = pattern;
}

Folder::~Folder()
{
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

namespace {

using slipway::net::NetworkError;
using slipway::net::Outcome;
using FailsAt = std::optional<slipway::net::Step>;

NetworkError failure_at(slipway::net::Step step)
{
    return {step, "slack.test", std::string(slipway::net::step_name(step)) + ": not today", false};
}

/// The real client, until the network goes.
class BreakableHttp : public slipway::net::HttpClient {
public:
    BreakableHttp(std::unique_ptr<HttpClient> real, const FailsAt& fails_at)
        : real_(std::move(real)), fails_at_(fails_at)
    {}

    boost::asio::awaitable<Outcome<slipway::net::HttpResponse>> send(slipway::net::HttpRequest request
    ) override
    {
        if (fails_at_) {
            auto failure = failure_at(*fails_at_);
            co_return failure;
        }
        auto outcome = co_await real_->send(std::move(request));
        co_return outcome;
    }

private:
    std::unique_ptr<HttpClient> real_;
    const FailsAt& fails_at_;
};

class BreakableSockets : public slipway::net::WebSocketConnector {
public:
    BreakableSockets(std::unique_ptr<WebSocketConnector> real, const FailsAt& fails_at)
        : real_(std::move(real)), fails_at_(fails_at)
    {}

    boost::asio::awaitable<Outcome<std::unique_ptr<slipway::net::WebSocket>>> connect(
        std::string url, slipway::net::Limits limits
    ) override
    {
        if (fails_at_) {
            auto failure = failure_at(*fails_at_);
            co_return failure;
        }
        auto outcome = co_await real_->connect(std::move(url), limits);
        co_return outcome;
    }

private:
    std::unique_ptr<WebSocketConnector> real_;
    const FailsAt& fails_at_;
};

/// The real thread, until the disk is full.
class BreakableStorage : public slipway::StorageRunner {
public:
    BreakableStorage(slipway::storage::Store& store, const bool& is_full) : real_(store), is_full_(is_full) {}

    boost::asio::awaitable<void> run(Job job) override
    {
        if (is_full_) {
            throw slipway::storage::Unavailable("database or disk is full");
        }
        ++in_hand_;
        const std::shared_ptr<void> counted(nullptr, [this](void*) { --in_hand_; });
        co_await real_.run(std::move(job));
    }

    [[nodiscard]] bool is_idle() const { return in_hand_ == 0; }

private:
    slipway::StorageThread real_;
    const bool& is_full_;
    int in_hand_ = 0;
};

}  // namespace

/// One run of the bot: what `slipway run` builds, on the simulated clock.
struct BotInSimulator::Bot {
    slipway::storage::Store store;
    BreakableStorage storage;
    BotClock clock;
    slipway::SystemRandom random;
    std::unique_ptr<slipway::net::HttpClient> http;
    std::unique_ptr<slipway::net::WebSocketConnector> sockets;
    slipway::App app;
    bool ended = false;

    Bot(const slipway::Config& config, BotInSimulator& world)
        : store(config.store_path),
          storage(store, world.disk_is_full),
          clock(world.clock),
          http(std::make_unique<BreakableHttp>(
              slipway::net::make_http_client(world.context.get_executor(), transport(config)),
              world.network_fails_at
          )),
          sockets(std::make_unique<BreakableSockets>(
              slipway::net::make_websocket_connector(world.context.get_executor(), transport(config)),
              world.network_fails_at
          )),
          app(config, {world.context.get_executor(), clock, random, *http, *sockets, storage})
    {}

    static slipway::net::TransportOptions transport(const slipway::Config& config)
    {
        return {config.ca_file, config.proxy, config.no_proxy};
    }
};

static std::filesystem::path store_of(const BotInSimulator::Options& options, const Folder& folder)
{
    if (options.keep.empty()) {
        return folder / "slipway.db";
    }
    std::filesystem::create_directories(options.keep);
    const auto path = std::filesystem::absolute(options.keep / "slipway.db").lexically_normal();
    if (std::filesystem::exists(path)) {
        throw std::runtime_error(path.string() + " is there already; choose another folder to keep");
    }
    return path;
}

BotInSimulator::BotInSimulator(Options options)
    : store_path(store_of(options, folder)),
      server(context.get_executor(), clock, serving(options, certificates)),
      options_(std::move(options))
{
    clock.set(in_new_york(first_moment));
    if (options_.skips_pauses) {
        clock.stop();
    }
    simulator::add_example_team(server.workspace);
    environment = {
        {"SLACK_APP_TOKEN", server.workspace.app_token},
        {"SLACK_BOT_TOKEN", server.workspace.bot_token},
        {"LINEAR_API_KEY", server.linear.key},
        {"SLIPWAY_SIGNAL_SECRET", "signal-test"},
        {"SLACK_API_URL", server.slack_url()},
        {"LINEAR_API_URL", server.linear_url()},
        {"GITHUB_API_URL", server.github_url()},
    };
    for (const auto& [name, value] : options_.environment) {
        environment[name] = value;
    }
    const auto note_end = [this](std::exception_ptr) { server_ended_ = true; };
    boost::asio::co_spawn(
        context, server.run(), boost::asio::bind_cancellation_slot(end_of_server_.slot(), note_end)
    );
}

BotInSimulator::~BotInSimulator()
{
    stop_bot();
    end_of_server_.emit(boost::asio::cancellation_type::terminal);
    (void)wait([this] { return server_ended_; }, longest_wait);
}

void BotInSimulator::launch_bot()
{
    const auto file = folder / "slipway.toml";
    std::ofstream(file
    ) << with_addresses(options_.config.empty() ? example_config() : options_.config, server)
      << "[store]\npath = \"" << store_path.string() << "\"\n[tls]\nca_file = \""
      << certificates.ca.certificate << "\"\n[http]\nport = 0\n";
    failure_.clear();
    bot_ = std::make_unique<Bot>(slipway::load_config(file, environment), *this);
    boost::asio::co_spawn(context, bot_->app.run(), [this](std::exception_ptr ended) {
        bot_->ended = true;
        try {
            if (ended) {
                std::rethrow_exception(ended);
            }
        }
        catch (const std::exception& error) {
            failure_ = error.what();
        }
    });
}

void BotInSimulator::start_bot()
{
    launch_bot();
    const bool came_up = until([this] { return is_ready() || bot_->ended; });
    if (!failure_.empty()) {
        throw std::runtime_error(failure_);
    }
    if (!came_up) {
        throw std::runtime_error("the bot did not become ready");
    }
}

void BotInSimulator::stop_bot()
{
    if (bot_ == nullptr) {
        return;
    }
    bot_->app.stop();
    (void)wait([this] { return bot_->ended; }, longest_wait);
    bot_.reset();
}

bool BotInSimulator::is_bot_running() const { return bot_ != nullptr && !bot_->ended; }

bool BotInSimulator::is_ready() const { return is_bot_running() && bot_->app.is_ready(); }

bool BotInSimulator::until(const std::function<bool()>& holds, std::chrono::milliseconds limit)
{
    const bool held = wait(holds, limit);
    const auto& refused = server.transcript.refused();
    if (const auto known = std::exchange(refused_, refused.size());
        known < refused.size() && !options_.goes_on_when_refused) {
        throw std::logic_error("Slack would refuse " + refused[known]);
    }
    return held;
}

bool BotInSimulator::wait(const std::function<bool()>& holds, std::chrono::milliseconds limit)
{
    constexpr std::chrono::milliseconds slice{20};
    constexpr std::chrono::milliseconds skipped{200};
    std::chrono::milliseconds idle{0};
    while (!holds()) {
        if (idle >= limit) {
            return false;
        }
        if (context.run_one_for(slice) > 0) {
            continue;
        }
        idle += slice;
        if (options_.skips_pauses) {
            clock.advance(is_answered() ? skipped : slice);
        }
    }
    return true;
}

bool BotInSimulator::is_answered() const
{
    const auto& sent = server.hub.all_sent();
    const bool all = std::all_of(sent.begin(), sent.end(), [](const simulator::Sent& each) {
        return each.acked || each.lost;
    });
    return all && !server.people.is_waiting() && (bot_ == nullptr || bot_->storage.is_idle());
}

bool BotInSimulator::is_every_timer_judged() const
{
    const auto now = date::format("%FT%T", std::chrono::floor<std::chrono::milliseconds>(clock.now()));
    return rows("SELECT 1 FROM timers WHERE due <= '" + now + "Z' LIMIT 1").empty();
}

bool BotInSimulator::settle()
{
    return until([this] {  // a timer's judgement queues what is said, so it is looked at first
        return is_answered() && (!is_bot_running() || is_every_timer_judged()) &&
               rows("SELECT 1 FROM outbox WHERE state = 'waiting' LIMIT 1").empty();
    });
}

void BotInSimulator::advance(std::chrono::minutes by)
{
    (void)settle();
    clock.advance(by);
    while (context.poll() > 0) {  // a connection that had its time by then is left for a new one
    }
    (void)until([this] { return is_ready(); });
    (void)settle();
}

void BotInSimulator::advance_to(const std::string& wall)
{
    const auto distance = in_new_york(wall) - clock.now();
    advance(std::chrono::ceil<std::chrono::minutes>(distance));
}

std::uint16_t BotInSimulator::bot_port() const { return bot_->app.http_port(); }

slipway::net::HttpResponse BotInSimulator::ask_bot(slipway::net::HttpRequest request)
{
    request.url = "http://127.0.0.1:" + std::to_string(bot_port()) + request.url;
    const auto client = slipway::net::make_http_client(context.get_executor(), {});
    slipway::net::HttpResponse response;
    bool answered = false;
    boost::asio::co_spawn(
        context,
        client->send(std::move(request)),
        [&](std::exception_ptr, slipway::net::Outcome<slipway::net::HttpResponse> outcome) {
            answered = true;
            if (outcome) {
                response = *outcome;
            }
        }
    );
    (void)until([&] { return answered; });
    return response;
}

int BotInSimulator::send_signal(const std::string& body, const std::string& secret)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(clock.now().time_since_epoch()).count();
    const auto timestamp = std::to_string(seconds);
    slipway::net::HttpRequest request;
    request.method = "POST";
    request.url = "/v1/signals";
    request.body = body;
    request.headers = {
        {"X-Slipway-Timestamp", timestamp},
        {"X-Slipway-Signature", "sha256=" + slipway::hmac_sha256(secret, timestamp + "." + body)},
    };
    return ask_bot(std::move(request)).status;
}

std::vector<std::string> BotInSimulator::rows(const std::string& sql) const
{
    SQLite::Database database(store_path.string());
    SQLite::Statement query(database, sql);
    std::vector<std::string> found;
    while (query.executeStep()) {
        std::string row;
        for (int column = 0; column < query.getColumnCount(); ++column) {
            row += (column == 0 ? "" : "|") + query.getColumn(column).getString();
        }
        found.push_back(row);
    }
    return found;
}

std::string readable(const std::string& text, const json::array& blocks)
{
    auto all = text;
    collect(blocks, all);
    return all;
}

const simulator::Message* message_with(BotInSimulator& world, const std::string& text)
{
    const simulator::Message* found = nullptr;
    for (const auto& [ts, message] : world.server.workspace.channels.at(deploys).messages) {
        if (message.thread_ts.empty() &&
            readable(message.text, message.blocks).find(text) != std::string::npos) {
            found = &message;
        }
    }
    return found;
}

const simulator::Message* card_of(BotInSimulator& world, const std::string& deployment)
{
    for (const auto& [ts, message] : world.server.workspace.channels.at(deploys).messages) {
        if (message.thread_ts.empty() && message.text.starts_with(deployment + " ")) {
            return &message;
        }
    }
    return nullptr;
}

bool thread_says(BotInSimulator& world, const std::string& deployment, const std::string& text)
{
    const auto* card = card_of(world, deployment);
    if (card == nullptr) {
        return false;
    }
    for (const auto& [ts, message] : world.server.workspace.channels.at(deploys).messages) {
        if (message.thread_ts == card->ts &&
            readable(message.text, message.blocks).find(text) != std::string::npos) {
            return true;
        }
    }
    return false;
}

std::size_t times_said(BotInSimulator& world, const std::string& text)
{
    const auto& messages = world.server.workspace.channels.at(deploys).messages;
    return static_cast<std::size_t>(std::count_if(messages.begin(), messages.end(), [&](const auto& each) {
        return readable(each.second.text, each.second.blocks).find(text) != std::string::npos;
    }));
}

std::size_t times_told(BotInSimulator& world, const std::string& user, const std::string& text)
{
    const auto& messages = world.server.workspace.direct_messages(user).messages;
    return static_cast<std::size_t>(std::count_if(messages.begin(), messages.end(), [&](const auto& each) {
        return readable(each.second.text, each.second.blocks).find(text) != std::string::npos;
    }));
}

std::string last_whisper(BotInSimulator& world, const std::string& user)
{
    const auto& all = world.server.workspace.ephemerals;
    for (auto each = all.rbegin(); each != all.rend(); ++each) {
        if (each->user == user) {
            return readable(each->text, each->blocks);
        }
    }
    return {};
}

std::string card_text(BotInSimulator& world, const std::string& deployment)
{
    const auto* card = card_of(world, deployment);
    return card == nullptr ? std::string{} : readable(card->text, card->blocks);
}

bool was_whispered(BotInSimulator& world, const std::string& user, const std::string& text)
{
    for (const auto& each : world.server.workspace.ephemerals) {
        if (each.user == user && readable(each.text, each.blocks).find(text) != std::string::npos) {
            return true;
        }
    }
    return false;
}

bool was_told(BotInSimulator& world, const std::string& user, const std::string& text)
{
    for (const auto& [ts, message] : world.server.workspace.direct_messages(user).messages) {
        if (readable(message.text, message.blocks).find(text) != std::string::npos) {
            return true;
        }
    }
    return false;
}

std::string example_config() { return cast::team_config; }

}  // namespace demo
