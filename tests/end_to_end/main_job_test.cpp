#include "tests/demo/tour.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <sstream>

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

}  // namespace demo
