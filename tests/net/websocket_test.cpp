#include "tests/net/harness.hpp"

#include <catch2/catch_test_macros.hpp>

namespace slipway::net::testing {
namespace {

using namespace std::chrono_literals;

asio::awaitable<ServerResponse> not_found(ServerRequest)
{
    ServerResponse response;
    response.status = 404;
    co_return response;
}

int welcome(const ServerRequest&) { return 101; }

asio::awaitable<void> echo_frames(std::shared_ptr<WebSocket> socket, ServerRequest)
{
    for (;;) {
        auto frame = co_await socket->read();
        if (frame.kind == Frame::Kind::closed) {
            co_return;
        }
        if (frame.kind == Frame::Kind::text) {
            co_await socket->send(std::move(frame.payload));
        }
    }
}

asio::awaitable<void> exchange_frames(World& world, WebServer::Options options, std::string s)
{
    const auto port = world.serve(options, not_found, welcome, echo_frames);
    const auto connector = make_websocket_connector(world.executor, world.trusting());
    auto opened = co_await connector->connect(url_of("ws" + s, "localhost", port, "/link"), Limits{});
    REQUIRE(opened.has_value());
    const auto socket = std::move(*opened);
    for (const std::size_t size : {0U, 5U, 125U, 126U, 70'000U, 1'000'000U}) {
        const std::string text(size, 'e');
        const bool sent = co_await socket->send(text);
        REQUIRE(sent);
        const auto frame = co_await socket->read();
        CHECK(frame.kind == Frame::Kind::text);
        CHECK(frame.payload == text);
    }
    const bool pinged = co_await socket->ping();
    REQUIRE(pinged);
    const auto pong = co_await socket->read();
    CHECK(pong.kind == Frame::Kind::pong);
    co_await socket->close(1s);
    co_await expect_end(socket.get(), 1000);
}

}  // namespace

TEST_CASE("websocket frames come back as they were sent", "[net][websocket]")
{
    run_over_both(exchange_frames);
}

}  // namespace slipway::net::testing
