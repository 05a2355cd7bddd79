#pragma once

#include "tests/demo/bot_in_simulator.hpp"
#include "tests/durability/bot_process.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace durability {

namespace json = simulator::json;

using namespace std::chrono_literals;

/// The simulator on real time, and the real program beside it. What `slipway` keeps and prints is in one
/// folder that goes away with this.
class ProgramInSimulator {
public:
    /// `program` is the built `slipway`.
    explicit ProgramInSimulator(std::filesystem::path program);
    ~ProgramInSimulator();
    ProgramInSimulator(const ProgramInSimulator&) = delete;
    ProgramInSimulator& operator=(const ProgramInSimulator&) = delete;

    /// Starts `slipway run`; not waited for.
    void launch();

    /// Starts it and waits until it has a connection to Slack. False when it ended instead.
    [[nodiscard]] bool start();

    /// SIGTERM, then waits. How long that took, nothing when it did not end within `limit`.
    [[nodiscard]] std::optional<std::chrono::milliseconds> stop(std::chrono::milliseconds limit = 5s);

    /// Lets the simulator work until `holds`. False when it does not within `limit`. Throws std::logic_error,
    /// once, when the bot has sent what Slack would refuse.
    [[nodiscard]] bool until(const std::function<bool()>& holds, std::chrono::milliseconds limit = 30s);

    /// Runs `slipway ARGUMENTS --config …` to its end, the simulator serving meanwhile; gives the exit code
    /// and everything printed.
    struct Ran {
        int exit_code = -1;
        std::string printed;
    };

    [[nodiscard]] Ran run(std::vector<std::string> arguments);

    /// Rows of the SQLite file, columns joined by '|'. None when the file is not there yet.
    [[nodiscard]] std::vector<std::string> rows(const std::string& sql) const;

    /// What the bot has printed so far, over all its lives.
    [[nodiscard]] std::string log() const;

    /// Writes slipway.toml: `config` with the store, the port and what `more` says.
    void configure(const std::string& more = {}, const std::string& config = demo::example_config());

    boost::asio::io_context context{1};
    demo::Folder folder;
    std::filesystem::path program;
    std::filesystem::path store_path = folder / "slipway.db";
    std::filesystem::path config_path = folder / "slipway.toml";
    std::filesystem::path log_path = folder / "slipway.log";
    simulator::SimulatedClock clock;
    simulator::Server server;
    std::map<std::string, std::string> environment;
    std::unique_ptr<BotProcess> bot;

private:
    [[nodiscard]] bool wait(const std::function<bool()>& holds, std::chrono::milliseconds limit);

    boost::asio::cancellation_signal end_of_server_;
    bool server_ended_ = false;
    std::size_t refused_ = 0;  ///< how much of what was refused has been thrown
};

/// The whole of a text file, empty where there is none.
[[nodiscard]] std::string text_of(const std::filesystem::path& file);

/// A complete plan to start tomorrow in a day of `clock`: nothing falls due while a test runs.
[[nodiscard]] json::object plan_for_tomorrow(const simulator::SimulatedClock& clock);

}  // namespace durability
