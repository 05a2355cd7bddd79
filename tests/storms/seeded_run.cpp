#include "tests/storms/seeded_run.hpp"

#include "bot/app.hpp"
#include "bot/runtime/signature.hpp"
#include "tests/storms/disk.hpp"
#include "tests/storms/network.hpp"
#include "tests/storms/team.hpp"
#include "tests/storms/verdict.hpp"
#include "tests/support/team_config.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <fstream>

namespace simulation {

namespace {

namespace asio = boost::asio;
namespace net = slipway::net;

constexpr auto actions_of_api = R"(
deploy = { webhook = "https://ci.test/deploy" }
rollback = { webhook = "https://ci.test/rollback" }
)";

/// Tuesday, 24 November 2026, 20:30 in New York: half an hour before a preferred window's notice.
constexpr slipway::Instant first_moment{std::chrono::seconds{1'795'570'200}};
constexpr Milliseconds a_minute{60'000};
/// Back-off of the courier grows to five minutes; an event comes for the last time after six.
constexpr Milliseconds longest_drain{45 * a_minute};
/// SIGTERM: two seconds, and what the disk takes.
constexpr Milliseconds longest_stop{8'000};
/// All threads, one after the other.
constexpr Milliseconds threads_read{60'000};

/// Lets a run end as a process does: every coroutine is gone at once.
class Context : public asio::io_context {
public:
    Context() : asio::io_context(1) {}

    void end() { shutdown(); }
};

/// In place of the HTTP port.
class NoServer : public net::HttpServer {
public:
    explicit NoServer(const asio::any_io_executor& executor) : bell_(executor) {}

    [[nodiscard]] std::uint16_t port() const override { return 0; }

    [[nodiscard]] asio::awaitable<void> run() override { return bell_.wait(); }

private:
    Bell bell_;
};

class SeededRun {
public:
    SeededRun(std::uint64_t seed, const Options& options);

    [[nodiscard]] Report live();

private:
    /// One process of the bot.
    struct Life {
        Life(SeededRun& world, std::uint64_t seed);
        ~Life();

        Context context;
        Disk disk;
        slipway::SeededRandom random;
        net::HttpServer::Handler serve;
        std::unique_ptr<slipway::App> app;
        bool ended = false;
    };

    void start();
    void crash();
    void process_ended();
    bool step();
    void until(Milliseconds limit, const std::function<bool()>& holds);
    void plan_faults();
    void plan_work();
    void send_signal(std::size_t act);
    void acknowledged(Act& act, const std::string& key);
    void check_remembered(const std::string& what, const std::string& key);
    [[nodiscard]] bool is_settled();
    /// Lets the world come to rest and stay so for `quiet`. False when it does not.
    [[nodiscard]] bool comes_to_rest(Milliseconds quiet);
    void stop_in_order();

    Options options_;
    slipway::Config config_;
    Timeline timeline_;
    VirtualClock clock_{timeline_, first_moment};
    Dice dice_;
    Trace trace_{clock_};
    Weather weather_{dice_, trace_};
    Outside outside_{timeline_, clock_, dice_, weather_, trace_};
    Network network_{timeline_, dice_, weather_, trace_, outside_};
    Team team_{timeline_, clock_, dice_, outside_};
    std::unique_ptr<Life> life_;
    std::vector<std::pair<std::string, std::string>> to_check_;  ///< acknowledged while the bot was down
    std::uint64_t handlers_to_live_ = 0;
    bool is_storm_ = true;
    bool is_stopping_ = false;
    bool is_hopeless_ = false;  ///< what follows is of no interest
    double crash_rate_ = 0;     ///< a minute
    Steady began_ = timeline_.now();
    Report report_;
};

SeededRun::Life::Life(SeededRun& world, std::uint64_t seed)
    : disk(
          world.options_.folder / "slipway.db",
          context.get_executor(),
          world.timeline_,
          world.dice_,
          world.weather_,
          world.trace_
      ),
      random(seed)
{
    slipway::World outside{
        context.get_executor(), world.clock_, random, world.network_, world.network_, disk};
    outside.serve = [this](const net::ServerOptions&, net::HttpServer::Handler handler) {
        serve = std::move(handler);
        return std::make_unique<NoServer>(context.get_executor());
    };
    app = std::make_unique<slipway::App>(world.config_, outside);
    asio::co_spawn(context, app->run(), [this, &world](const std::exception_ptr& failure) {
        ended = true;
        try {
            if (failure) {
                std::rethrow_exception(failure);
            }
        }
        catch (const std::exception& error) {
            world.trace_.note(std::string("the bot ended: ") + error.what());
        }
    });
}

SeededRun::Life::~Life() { context.end(); }

SeededRun::SeededRun(std::uint64_t seed, const Options& options) : options_(options), dice_(seed)
{
    trace_.echo = options.echo;
    const auto file = options.folder / "slipway.toml";
    std::ofstream(file) << cast::team_config << actions_of_api << "[store]\npath = \""
                        << (options.folder / "slipway.db").string() << "\"\n";
    config_ = slipway::load_config(
        file,
        {{"SLACK_APP_TOKEN", "xapp-test"},
         {"SLACK_BOT_TOKEN", "xoxb-test"},
         {"LINEAR_API_KEY", "lin-test"},
         {"SLIPWAY_SIGNAL_SECRET", "signal-test"},
         {"SLACK_API_URL", "https://slack.test/api/"},
         {"LINEAR_API_URL", "https://linear.test/graphql"}}
    );
    const std::array storms{0.3, 1.0, 1.0, 3.0};
    weather_.storm = dice_.pick(storms);
    const std::array crash_rates{0.0, 0.1, 0.5, 2.0};
    crash_rate_ = dice_.pick(crash_rates);
    outside_.envelopes.on_acknowledged = [this](Act& act, const std::string& key) { acknowledged(act, key); };
}

void SeededRun::start()
{
    trace_.note("the bot starts");
    handlers_to_live_ = 0;
    is_stopping_ = false;
    life_ = std::make_unique<Life>(*this, dice_.number());
    for (const auto& [what, key] : std::exchange(to_check_, {})) {
        check_remembered(what, key);
    }
}

void SeededRun::crash()
{
    trace_.note("crash");
    ++report_.figures.crashes;
    life_->disk.kill();
    network_.bot_is_gone();
    life_.reset();
    timeline_.after(dice_.between(Milliseconds{50}, Milliseconds{6'000}), [this] { start(); });
}

void SeededRun::process_ended()
{
    ++report_.figures.restarts;
    network_.bot_is_gone();
    life_.reset();
    timeline_.after(dice_.between(Milliseconds{1'000}, Milliseconds{6'000}), [this] { start(); });
}

/// One thing happens. False when nothing is left that could.
bool SeededRun::step()
{
    if (is_hopeless_) {
        return false;
    }
    if (life_ && life_->context.poll_one() > 0) {
        ++report_.figures.handlers;
        if (handlers_to_live_ > 0 && --handlers_to_live_ == 0) {
            crash();
        }
    }
    else if (!timeline_.step()) {
        return false;
    }
    if (life_ && life_->disk.was_killed()) {
        crash();
    }
    if (life_ && life_->ended && !is_stopping_) {
        process_ended();
    }
    if (life_ && !life_->disk.uncaused().empty()) {
        is_hopeless_ = true;
        report_.violations.push_back("an event without a cause: " + life_->disk.uncaused());
        return false;
    }
    return true;
}

void SeededRun::until(Milliseconds limit, const std::function<bool()>& holds)
{
    const auto ends = timeline_.now() + limit;
    while (timeline_.now() < ends && !holds() && step()) {
    }
}

void SeededRun::plan_faults()
{
    timeline_.after(dice_.between(Milliseconds{500}, Milliseconds{3'000}), [this] {
        if (!is_storm_) {
            return;
        }
        constexpr double looks_a_minute = 34;
        if (life_ && !is_stopping_ &&
            weather_.strikes("crash", crash_rate_ / looks_a_minute / weather_.storm)) {
            if (dice_.chance(0.5)) {
                life_->disk.kill_soon();
            }
            else {
                handlers_to_live_ = 1 + dice_.below(60);
            }
        }
        if (life_ && !is_stopping_ && weather_.strikes("SIGTERM", 0.002)) {
            life_->app->stop();
        }
        if (weather_.strikes("connections cut", 0.01)) {
            outside_.envelopes.cut_all();
        }
        if (weather_.strikes("disconnect announced", 0.01)) {
            outside_.envelopes.warn();
        }
        if (weather_.strikes("clock set", 0.005)) {
            clock_.skew = dice_.between(Milliseconds{-20'000}, Milliseconds{20'000});
        }
        if (weather_.strikes("network away", 0.002)) {
            network_.set_outage(true);
            const bool is_long = dice_.chance(0.2);  // Slack gives up telling after six minutes
            const auto longest = is_long ? 12 * a_minute : 3 * a_minute;
            timeline_.after(dice_.between(is_long ? 7 * a_minute : Milliseconds{1'000}, longest), [this] {
                network_.set_outage(false);
            });
        }
        plan_faults();
    });
}

void SeededRun::plan_work()
{
    timeline_.after(dice_.between(Milliseconds{100}, Milliseconds{12'000}), [this] {
        if (!is_storm_) {
            return;
        }
        team_.do_something();
        if (dice_.chance(0.05)) {
            Act act{.who = "monitoring", .must_be_remembered = true};
            act.what = dice_.chance(0.5) ? "web" : "api";
            send_signal(outside_.envelopes.act(std::move(act), [] {}).number - 1);
        }
        if (dice_.chance(0.03) && !network_.is_late_pending()) {  // everybody sleeps, machines too
            const auto slept = dice_.between(5 * a_minute, 600 * a_minute);
            trace_.note("skips " + std::to_string(slept.count()));
            clock_.skip(slept);
        }
        plan_work();
    });
}

/// Monitoring repeats a signal until it is taken.
void SeededRun::send_signal(std::size_t index)
{
    const auto& act = outside_.envelopes.acts.at(index);
    const auto id = "signal-" + std::to_string(act.number);
    if (life_ && !is_stopping_) {
        net::ServerRequest request{"POST", "/v1/signals", {}, ""};
        request.body = json::serialize(json::object{
            {"id", id}, {"service", act.what}, {"kind", "error_rate"}, {"error_rate", 9.5}, {"baseline", 1.0}}
        );
        const auto seconds =
            std::chrono::floor<std::chrono::seconds>(clock_.now().time_since_epoch()).count();
        const auto timestamp = std::to_string(seconds);
        const auto signature = slipway::hmac_sha256("signal-test", timestamp + "." + request.body);
        request.headers = {
            {"X-Slipway-Timestamp", timestamp}, {"X-Slipway-Signature", "sha256=" + signature}};
        auto answering = life_->serve(std::move(request));
        asio::co_spawn(
            life_->context,
            std::move(answering),
            [this, index, id](const std::exception_ptr& failure, const net::ServerResponse& response) {
                if (!failure && response.status == 202) {
                    acknowledged(outside_.envelopes.acts.at(index), "signal:" + id);
                    outside_.envelopes.acts.at(index).acknowledged = true;
                }
            }
        );
    }
    timeline_.after(Milliseconds{10'000}, [this, index] {
        if (is_storm_ && (!outside_.envelopes.acts.at(index).acknowledged || dice_.chance(0.1))) {
            send_signal(index);
        }
    });
}

void SeededRun::acknowledged(Act& act, const std::string& key)
{
    constexpr std::array asked_to_repeat{
        "please try again", "Please try again", "than Slack allows for opening a form"};
    const bool was_told =
        std::any_of(asked_to_repeat.begin(), asked_to_repeat.end(), [&act](const char* words) {
            return act.said.find(words) != std::string::npos;
        });
    if (!act.must_be_remembered || was_told) {
        return;
    }
    act.keys.emplace(key, clock_.true_time());
    const auto what = "act " + std::to_string(act.number) + " (" + act.who + " " + act.what + ")";
    if (life_) {
        check_remembered(what, key);
    }
    else {
        to_check_.emplace_back(what, key);
    }
}

void SeededRun::check_remembered(const std::string& what, const std::string& key)
{
    if (life_->disk.committed("SELECT '1' FROM inbox WHERE key = ?", key).empty()) {
        ++report_.figures.lost;
        trace_.note("LOST " + what + " " + key);
        report_.violations.push_back(what + " was acknowledged and is not in the inbox: " + key);
    }
}

bool SeededRun::is_settled()
{
    if (!life_ || !outside_.envelopes.is_quiet()) {
        return false;
    }
    const auto& disk = life_->disk;
    return disk.committed("SELECT '1' FROM outbox WHERE state = 'waiting' LIMIT 1").empty() &&
           disk.committed("SELECT '1' FROM timers WHERE due <= ? LIMIT 1", slipway::iso(clock_.now()))
               .empty();
}

bool SeededRun::comes_to_rest(Milliseconds quiet)
{
    Steady settled_since = Steady::max();
    until(longest_drain, [&] {
        settled_since = is_settled() ? std::min(settled_since, timeline_.now()) : Steady::max();
        return settled_since < Steady::max() && timeline_.now() - settled_since > quiet;
    });
    return is_settled();
}

void SeededRun::stop_in_order()
{
    is_stopping_ = true;
    life_->app->stop();
    until(longest_stop, [this] { return life_->ended; });
    if (!life_->ended) {
        report_.violations.emplace_back("the bot did not stop when it was told to");
    }
    life_.reset();
}

Report SeededRun::live()
{
    start();
    plan_faults();
    plan_work();
    until(dice_.between(4 * a_minute, 25 * a_minute), [] { return false; });
    trace_.note("fair weather");
    is_storm_ = false;
    weather_.storm = 0;
    team_.go_home();
    network_.set_outage(false);
    bool rests = comes_to_rest(Milliseconds{5'000});
    if (rests && report_.violations.empty()) {  // what Slack gave up telling is read after a start
        stop_in_order();
        start();
        rests = comes_to_rest(threads_read);
    }
    if (!report_.violations.empty()) {
        // What follows from it is of no interest.
    }
    else if (!rests) {
        report_.violations.emplace_back("something waits for ever");
        trace_.note("something waits for ever");
    }
    if (life_ && !is_hopeless_) {
        stop_in_order();
    }
    life_.reset();
    auto& figures = report_.figures;
    figures.seeds = 1;
    figures.virtual_hours =
        std::chrono::duration<double, std::ratio<3600>>(clock_.true_time() - first_moment).count();
    figures.awake_hours = std::chrono::duration<double, std::ratio<3600>>(timeline_.now() - began_).count();
    figures.faults = weather_.struck;
    judge(options_.folder / "slipway.db", outside_, clock_.true_time(), report_);
    trace_.note(std::to_string(figures.handlers));
    report_.trace = trace_.hash();
    return report_;
}

}  // namespace

void Figures::add(const Figures& other)
{
    seeds += other.seeds;
    virtual_hours += other.virtual_hours;
    awake_hours += other.awake_hours;
    handlers += other.handlers;
    crashes += other.crashes;
    restarts += other.restarts;
    acts += other.acts;
    acknowledged += other.acknowledged;
    events += other.events;
    said += other.said;
    timers_fired += other.timers_fired;
    lost += other.lost;
    doubled += other.doubled;
    for (const auto& [fault, times] : other.faults) {
        faults[fault] += times;
    }
}

Report run(std::uint64_t seed, const Options& options)
{
    for (const auto* part : {"", "-wal", "-shm", ".lock"}) {
        std::filesystem::remove((options.folder / "slipway.db").string() + part);
    }
    SeededRun world(seed, options);
    return world.live();
}

}  // namespace simulation
