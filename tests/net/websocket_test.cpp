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

int welcome_the_link(const ServerRequest& request) { return request.target == "/link" ? 101 : 409; }

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

asio::awaitable<void> exchange_frames(World* world, std::string scheme, WebServer::Options options)
{
    const auto port = world->serve(options, not_found, welcome_the_link, echo_frames);
    const auto connector = make_websocket_connector(world->executor, world->trusting());
    auto opened = co_await connector->connect(url_of(scheme, "localhost", port, "/link"), Limits{});
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
    const auto last = co_await socket->read();
    CHECK(last.kind == Frame::Kind::closed);
    CHECK(last.close_code == 1000);
}

asio::awaitable<void> exchange_over_plain(World& world)
{
    WebServer::Options options;
    co_await exchange_frames(&world, "ws", std::move(options));
}

asio::awaitable<void> exchange_over_tls(World& world)
{
    auto options = world.tls_options(world.certificates.good);
    co_await exchange_frames(&world, "wss", std::move(options));
}

asio::awaitable<void> refuse_upgrade(World& world)
{
    const auto port = world.serve({}, not_found, welcome_the_link, echo_frames);
    const auto connector = make_websocket_connector(world.executor, world.trusting());
    auto opened =
        co_await connector->connect(url_of("ws", "localhost", port, "/other?ticket=hidden"), Limits{});
    REQUIRE(opened.has_error());
    CHECK(opened.error().step == Step::websocket);
    CHECK(opened.error().host == "localhost");
    CHECK(opened.error().message == "websocket localhost: refused with status 409");
}

}  // namespace

TEST_CASE("websocket frames come back as they were sent", "[net][websocket]")
{
    SECTION("plain, on loopback") { run(exchange_over_plain); }
    SECTION("over TLS") { run(exchange_over_tls); }
}

TEST_CASE("a refused handshake names the status and no ticket", "[net][websocket]") { run(refuse_upgrade); }

}  // namespace slipway::net::testing
