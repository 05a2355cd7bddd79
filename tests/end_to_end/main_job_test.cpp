#include "tests/demo/bot_world.hpp"

#include <catch2/catch_test_macros.hpp>

namespace demo {

TEST_CASE("the bot starts", "[end_to_end]")
{
    BotWorld world;
    world.start_bot();
    CHECK(world.is_ready());
    world.stop_bot();
}

}  // namespace demo
