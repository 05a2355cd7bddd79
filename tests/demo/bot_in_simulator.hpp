#pragma once

#include "bot/app.hpp"
#include "tests/simulator/certificates.hpp"
#include "tests/simulator/server.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace demo {

namespace json = simulator::json;

using namespace std::chrono_literals;

/// The simulated clock as the bot sees time.
class BotClock : public slipway::Clock {
public:
    explicit BotClock(simulator::SimulatedClock& shared) : shared_(shared) {}

    [[nodiscard]] slipway::Instant now() const override;
    [[nodiscard]] std::chrono::steady_clock::time_point steady_now() const override;
    [[nodiscard]] boost::asio::awaitable<void> sleep_for(std::chrono::milliseconds duration) override;

private:
    simulator::SimulatedClock& shared_;
};

/// A folder that is gone, with what is in it, when this is.
class Folder {
public:
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

/// The whole bot against the whole simulator: real sockets, TLS with a CA of its own, a real SQLite file, one
/// clock that can be moved. One thread runs both, whenever `until` or `run_for` is called; the bot's storage
/// has its own.
class BotInSimulator {
public:
    struct Options {
        bool tls = true;
        std::string config;  ///< slipway.toml; empty: the example team's. {prometheus} and {hook} in it are
                             ///< the simulator's
        slipway::Environment environment;  ///< over the example's
        std::uint16_t port = 0;
        std::filesystem::path keep{};  ///< where slipway.db is and stays; empty: it goes with the world
        /// The clock stands while there is anything to do, so that nothing times out on a slow machine, and
        /// runs ahead while there is nothing but waiting (Slack's one message a second). Needs `until` or
        /// `settle` to be waited in.
        bool skips_pauses = true;
        bool goes_on_when_refused = false;  ///< for people to look at: see `until`
    };

    /// Serves, and begins at 2026-11-24 15:00 in New York, a Tuesday. The bot is not started. Throws
    /// std::runtime_error where a record is kept already.
    explicit BotInSimulator(Options options);

    /// With TLS and the example team.
    BotInSimulator() : BotInSimulator(Options{}) {}

    ~BotInSimulator();
    BotInSimulator(const BotInSimulator&) = delete;
    BotInSimulator& operator=(const BotInSimulator&) = delete;

    /// Starts the bot and waits until it is ready. Throws what the bot ended with.
    void start_bot();

    /// Starts it without waiting.
    void launch_bot();

    /// Ends it in order, as SIGTERM does. What is stored stays.
    void stop_bot();

    [[nodiscard]] bool is_bot_running() const;

    [[nodiscard]] bool is_ready() const;

    /// What the bot ended with, empty while it runs or after an orderly end.
    [[nodiscard]] std::string bot_failure() const { return failure_; }

    /// Lets both work until `holds`. False when it does not, although they had nothing to do for `limit`.
    /// Throws std::logic_error, once, when the bot has sent what Slack would refuse, so that no test need
    /// look for it.
    [[nodiscard]] bool until(
        const std::function<bool()>& holds, std::chrono::milliseconds limit = std::chrono::seconds{30}
    );

    /// Every envelope is acknowledged, a running bot stored what it wanted to and judged what is due, and
    /// everything that was to be said was said.
    [[nodiscard]] bool settle();

    /// Settles, then moves the clock, then lets what became due happen.
    void advance(std::chrono::minutes by);

    /// The same, to a moment of New York's wall clock: "2026-11-24 22:00".
    void advance_to(const std::string& wall);

    /// Of the bot's own HTTP server.
    [[nodiscard]] std::uint16_t bot_port() const;

    /// Sends `request` to the bot's own HTTP server: `url` is a path. Status 0 when it did not answer.
    [[nodiscard]] slipway::net::HttpResponse ask_bot(slipway::net::HttpRequest request);

    /// POST /v1/signals with `body`, signed with `secret`; the status.
    [[nodiscard]] int send_signal(const std::string& body, const std::string& secret = "signal-test");

    /// Rows of the SQLite file, columns joined by '|' as the sqlite3 shell does.
    [[nodiscard]] std::vector<std::string> rows(const std::string& sql) const;

    boost::asio::io_context context{1};
    Folder folder;
    std::filesystem::path store_path;
    simulator::SimulatedClock clock;
    simulator::Certificates certificates;
    simulator::Server server;
    slipway::Environment environment;  ///< what the bot is started with
    /// While set, every call and every new connection of the bot fails at this step.
    std::optional<slipway::net::Step> network_fails_at;
    bool disk_is_full = false;  ///< while set, nothing the bot wants to store or to read succeeds

private:
    struct Bot;

    [[nodiscard]] bool wait(const std::function<bool()>& holds, std::chrono::milliseconds limit);

    /// Nobody waits for the bot, nor the bot for its disk.
    [[nodiscard]] bool is_answered() const;

    [[nodiscard]] bool is_every_timer_judged() const;

    Options options_;
    std::unique_ptr<Bot> bot_;
    boost::asio::cancellation_signal end_of_server_;
    bool server_ended_ = false;
    std::size_t refused_ = 0;  ///< how much of what was refused has been thrown
    std::string failure_;
};

// What people see of the channel C0DEPLOYS.

extern const std::string deploys;

/// The newest message of the channel (no thread) whose text contains `text`, or null.
[[nodiscard]] const simulator::Message* message_with(BotInSimulator& world, const std::string& text);

/// The card of a deployment: "D-1".
[[nodiscard]] const simulator::Message* card_of(BotInSimulator& world, const std::string& deployment);

/// Whether somebody said `text` in the thread of the card.
[[nodiscard]] bool thread_says(BotInSimulator& world, const std::string& deployment, const std::string& text);

/// How many messages of the channel, threads included, contain `text`.
[[nodiscard]] std::size_t times_said(BotInSimulator& world, const std::string& text);

/// How often the bot wrote `text` to `user` directly.
[[nodiscard]] std::size_t times_told(BotInSimulator& world, const std::string& user, const std::string& text);

/// What `user` was last shown alone.
[[nodiscard]] std::string last_whisper(BotInSimulator& world, const std::string& user);

/// What the card of a deployment reads.
[[nodiscard]] std::string card_text(BotInSimulator& world, const std::string& deployment);

/// Whether `user` was shown `text` alone: an ephemeral message.
[[nodiscard]] bool was_whispered(BotInSimulator& world, const std::string& user, const std::string& text);

/// Whether the bot wrote `text` to `user` directly.
[[nodiscard]] bool was_told(BotInSimulator& world, const std::string& user, const std::string& text);

/// Everything readable of a message: its text and that of its blocks.
[[nodiscard]] std::string readable(const std::string& text, const json::array& blocks);

/// The example team's slipway.toml.
[[nodiscard]] std::string example_config();

}  // namespace demo
