// A process that gives up drops its loop with everything still under way.
#include "tests/net/harness.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <catch2/catch_test_macros.hpp>

namespace slipway::net::testing {
namespace {

using namespace std::chrono_literals;

asio::awaitable<ServerResponse> leave_unanswered(ServerRequest)
{
    co_await pause(1h);
    co_return ServerResponse();
}

int welcome_quietly(const ServerRequest&) { return 101; }

asio::awaitable<void> read_forever(std::shared_ptr<WebSocket> socket, ServerRequest)
{
    for (;;) {
        co_await socket->read();
    }
}

asio::awaitable<void> call(HttpClient* client, std::string url, int* under_way)
{
    HttpRequest request;
    request.url = std::move(url);
    ++*under_way;
    co_await client->send(std::move(request));
    --*under_way;
}

asio::awaitable<void> hold_socket(WebSocketConnector* connector, std::string url, int* under_way)
{
    const Limits limits;
    auto opened = co_await connector->connect(std::move(url), limits);
    REQUIRE(opened.has_value());
    ++*under_way;
    co_await (*opened)->send("hello");
    co_await (*opened)->read();
    --*under_way;
}

}  // namespace

TEST_CASE("a loop may be dropped with calls, websockets and a server under way", "[net]")
{
    const Certificates certificates;
    int under_way = 0;
    asio::io_context io{1};
    WebServer::Options options;
    options.certificate_file = certificates.good.certificate;
    options.key_file = certificates.good.key;
    WebServer server(
        io.get_executor(), options, undisturbed(leave_unanswered), welcome_quietly, read_forever
    );
    TransportOptions transport;
    transport.ca_file = certificates.ca.certificate;
    transport.connections_per_host = 2;
    const auto client = make_http_client(io.get_executor(), transport);
    const auto connector = make_websocket_connector(io.get_executor(), transport);
    asio::co_spawn(io, server.run(), asio::detached);
    for (int index = 0; index < 4; ++index) {
        const auto url = url_of("https", "localhost", server.port());
        asio::co_spawn(io, call(client.get(), url, &under_way), asio::detached);
    }
    const auto link = url_of("wss", "localhost", server.port(), "/link");
    asio::co_spawn(io, hold_socket(connector.get(), link, &under_way), asio::detached);
    while (under_way < 5 && io.run_one_for(30s) > 0) {
    }
    CHECK(under_way == 5);
}

}  // namespace slipway::net::testing
