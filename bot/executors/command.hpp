#pragma once

#include "bot/clock.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace slipway::executors {

/// How an action ended.
struct Outcome {
    bool succeeded = false;
    std::string output;  ///< what it said, or why it could not be run; the last 64 KiB
};

/// A program to run: an argument list, no shell, and nothing of our own environment but PATH, HOME and LANG.
struct Command {
    std::vector<std::string> arguments;  ///< the first names the program, looked up in PATH
    std::map<std::string, std::string> environment;
    std::chrono::seconds time_limit{600};
};

/// Runs `command` to its end; succeeded means exit code 0. At the time limit, or when the wait is cancelled,
/// the whole process group is ended. `clock` must outlive the wait.
[[nodiscard]] boost::asio::awaitable<Outcome> run_command(Command command, Clock* clock);

}  // namespace slipway::executors
