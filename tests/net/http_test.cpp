#include "tests/net/harness.hpp"

#include <catch2/catch_test_macros.hpp>

namespace slipway::net::testing {
namespace {

asio::awaitable<ServerResponse> echo(ServerRequest request)
{
    ServerResponse response;
    response.status = 201;
    response.headers = {{"X-Target", request.target}, {"X-Method", request.method}};
    response.body = request.body;
    co_return response;
}

asio::awaitable<void> post_twice(World* world, std::string scheme, WebServer::Options options)
{
    const auto port = world->serve(options, echo);
    const auto client = make_http_client(world->executor, world->trusting());
    for (int round = 0; round < 2; ++round) {
        HttpRequest request;
        request.method = "POST";
        request.url = url_of(scheme, "localhost", port, "/chat.postMessage?a=1");
        request.body = std::string(100'000, 'x');
        const auto response = co_await client->send(request);
        REQUIRE(response.has_value());
        CHECK(response->status == 201);
        CHECK(response->body == request.body);
        CHECK(header(response->headers, "x-target") == "/chat.postMessage?a=1");
        CHECK(header(response->headers, "X-METHOD") == "POST");
    }
}

asio::awaitable<void> post_over_plain(World& world)
{
    WebServer::Options options;
    co_await post_twice(&world, "http", std::move(options));
}

asio::awaitable<void> post_over_tls(World& world)
{
    auto options = world.tls_options(world.certificates.good);
    co_await post_twice(&world, "https", std::move(options));
}

}  // namespace

TEST_CASE("a request is answered by a server of our own", "[net][http]")
{
    SECTION("plain, on loopback") { run(post_over_plain); }
    SECTION("over TLS") { run(post_over_tls); }
}

}  // namespace slipway::net::testing
