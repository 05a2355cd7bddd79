#include "bot/inbox/endpoints.hpp"

#include <catch2/catch_test_macros.hpp>

namespace slipway {

TEST_CASE("the operator is told the first thing that stands in the way", "[bot][health]")
{
    Health health;
    CHECK(not_ready(health) == "not connected to Slack yet");
    health.sockets.trouble = "Slack refused the connection";
    CHECK(not_ready(health) == "Slack refused the connection");
    health.sockets.live = 1;
    CHECK(not_ready(health).empty());
    health.sockets.link_disabled = true;
    CHECK(not_ready(health) == "Slack refused the connection");
    health.is_writable = false;
    CHECK(not_ready(health) == "the database cannot be written");
    health.refused = "token_revoked";
    CHECK(not_ready(health) == "Slack refuses the bot token (token_revoked)");
    health.is_stopping = true;
    CHECK(not_ready(health) == "stopping");
}

}  // namespace slipway
