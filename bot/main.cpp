#include "bot/cli/commands.hpp"
#include "bot/cli/mistakes.hpp"
#include "bot/config/config.hpp"
#include "bot/slack/socket_session.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdio>
#include <exception>
#include <iostream>

namespace {

constexpr int failed = 1;
constexpr int misused = 2;

/// Tokens live in this memory: no core file keeps it, and no other process of this user reads it.
void keep_memory_private()
{
    rlimit core{};
    if (::getrlimit(RLIMIT_CORE, &core) == 0) {
        core.rlim_cur = 0;
        ::setrlimit(RLIMIT_CORE, &core);
    }
#ifndef __SANITIZE_ADDRESS__  // its search for leaks reads the process from outside
    ::prctl(PR_SET_DUMPABLE, 0);
#endif
}

int run(int argc, char** argv)
{
    slipway::CommandLine chosen;
    CLI::App app("Slipway: takes a team's deployments down its written pipeline, in Slack.", "slipway");
    app.set_version_flag("--version", std::string("slipway ") + SLIPWAY_VERSION);
    app.require_subcommand(1);
    app.add_option("--config", chosen.config, "The configuration file")
        ->envname("SLIPWAY_CONFIG")
        ->capture_default_str();
    app.fallthrough();
    slipway::declare_commands(app, chosen);
    try {
        app.parse(argc, argv);
    }
    catch (const CLI::Success& asked) {
        return app.exit(asked);
    }
    catch (const CLI::ParseError& mistake) {
        std::cerr << "slipway: " << slipway::mistake_in(app, mistake.what()) << '\n';
        return misused;
    }
    return chosen.run();
}

}  // namespace

int main(int argc, char** argv)
{
    try {
        keep_memory_private();
        return run(argc, argv);
    }
    catch (const slipway::ConfigMistakes& mistakes) {
        std::cerr << mistakes.what() << '\n';
        return misused;
    }
    catch (const std::exception& error) {
        std::cerr << "slipway: " << error.what() << '\n';
        return failed;
    }
}
