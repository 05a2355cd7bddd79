#pragma once

#include "bot/cli/init.hpp"

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
    Answers answers;  ///< what `init` need not ask
    std::string format = "csv";
    std::string head;             ///< a hash of the ledger that somebody noted
    bool population = false;      ///< one line per deployment instead of the ledger
    std::string population_file;  ///< against which a pack is checked
    std::function<int()> run;     ///< set by the chosen subcommand; gives the exit code
};

/// Adds every subcommand to `app`; each sets `chosen.run`. `chosen` must outlive `app`.
void declare_commands(CLI::App& app, CommandLine& chosen);

}  // namespace slipway
