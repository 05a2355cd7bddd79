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
    BotWorld::Options options;
    options.tls = tls;
    BotWorld world(options);
    world.start_bot();
    std::ostringstream told;
    const bool held = play_tour(world, told);
    INFO(told.str());
    CHECK(held);
}

TEST_CASE("the record of a world can be kept, and is not written over", "[end_to_end]")
{
    const Folder folder;
    BotWorld::Options options;
    options.keep = folder / "kept";
    {
        BotWorld world(options);
        world.start_bot();
    }
    CHECK(std::filesystem::file_size(folder / "kept/slipway.db") > 0);
    CHECK_THROWS_AS(BotWorld(options), std::runtime_error);
}

}  // namespace demo
