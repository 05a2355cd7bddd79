// slipway-demo: the real bot against a simulated Slack and Linear, one deployment from plan to post-mortem.
#include "tests/demo/tour.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/spdlog.h>

#include <iostream>

namespace {

int run(int argc, char** argv)
{
    bool once = false;
    CLI::App app("The tour of Slipway: the real bot, a simulated Slack and Linear.", "slipway-demo");
    app.add_flag("--once", once, "End after the tour: 0 when every step held");
    CLI11_PARSE(app, argc, argv);
    spdlog::set_level(spdlog::level::warn);
    demo::BotWorld::Options options;
    options.skips_pauses = false;  // the tour is to be read
    demo::BotWorld world(options);
    world.start_bot();
    const bool held = demo::play_tour(world, std::cout);
    if (once) {
        return held ? 0 : 1;
    }
    std::cout << "\nSlack and Linear stay up at " << world.server.origin() << "; Ctrl+C ends them.\n";
    for (;;) {
        world.context.run_for(std::chrono::hours{1});
    }
}

}  // namespace

int main(int argc, char** argv)
{
    try {
        return run(argc, argv);
    }
    catch (const std::exception& error) {
        std::cerr << "slipway-demo: " << error.what() << '\n';
        return 1;
    }
}
