#include "tests/demo/tour.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <filesystem>
#include <sstream>
#include <stdexcept>

namespace demo {

TEST_CASE("every step of the tour holds", "[end_to_end]")
{
    const bool tls = GENERATE(true, false);
    BotInSimulator::Options options;
    options.tls = tls;
    BotInSimulator world(options);
    world.start_bot();
    std::ostringstream told;
    const bool held = play_tour(world, told);
    INFO(told.str());
    CHECK(held);
}

TEST_CASE("the record of a world can be kept, and is not written over", "[end_to_end]")
{
    const Folder folder;
    BotInSimulator::Options options;
    options.keep = folder / "kept";
    {
        BotInSimulator world(options);
        world.start_bot();
    }
    CHECK(std::filesystem::file_size(folder / "kept/slipway.db") > 0);
    CHECK_THROWS_AS(BotInSimulator(options), std::runtime_error);
}

}  // namespace demo
