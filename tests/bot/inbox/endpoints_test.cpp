#include "bot/inbox/endpoints.hpp"

#include "tests/bot/fake_slack.hpp"

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

TEST_CASE("each path says what it takes, and a probe may ask for the head alone", "[bot][health]")
{
    Health health;
    health.sockets.live = 1;
    health.troubles = {"U0BOB is deactivated in Slack"};
    HttpEndpoints endpoints(
        {[&] { return health; },
         [](net::ServerRequest) -> boost::asio::awaitable<net::ServerResponse> {
             co_return net::ServerResponse{202, {}, ""};
         }}
    );
    const auto answer = [&](const char* method, const char* target) {
        net::ServerRequest request;
        request.method = method;
        request.target = target;
        return testing::result_of(endpoints.handle(std::move(request)));
    };
    CHECK(
        answer("GET", "/readyz").body ==
        "ready\nslipway.toml and Slack differ: U0BOB is deactivated in Slack\n"
    );
    CHECK(answer("HEAD", "/readyz").status == 200);
    CHECK(answer("HEAD", "/readyz").body.empty());
    CHECK(answer("GET", "/metrics").body.find("slipway_directory_troubles 1") != std::string::npos);
    health.clock_ahead = std::chrono::seconds{61};
    CHECK(answer("GET", "/metrics").body.find("slipway_clock_ahead_seconds 61\n") != std::string::npos);
    CHECK(answer("POST", "/v1/signals").status == 202);
    CHECK(answer("GET", "/v1/signals").status == 405);
    CHECK(net::header(answer("GET", "/v1/signals").headers, "Allow") == "POST");
    CHECK(net::header(answer("DELETE", "/metrics").headers, "Allow") == "GET, HEAD");
}

}  // namespace slipway
