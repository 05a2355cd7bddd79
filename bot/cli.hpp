#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace slipway {

/// What the person at the terminal asked for.
struct CommandLine {
    std::string config = "slipway.toml";
    std::string argument, deployment;
    std::string format = "csv";
    std::function<int()> run;  ///< set by the chosen subcommand; gives the exit code
};

/// Adds every subcommand to `app`; each sets `chosen.run`. `chosen` must outlive `app`.
void declare_commands(CLI::App& app, CommandLine& chosen);

}  // namespace slipway
