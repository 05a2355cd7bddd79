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

asio::awaitable<void> post_twice(World& world, WebServer::Options options, std::string s)
{
    const auto port = world.serve(options, echo);
    const auto client = make_http_client(world.executor, world.trusting());
    for (int round = 0; round < 2; ++round) {
        HttpRequest request;
        request.method = "POST";
        request.url = url_of("http" + s, "localhost", port, "/chat.postMessage?a=1");
        request.body = std::string(100'000, 'x');
        const auto response = co_await client->send(request);
        REQUIRE(response.has_value());
        CHECK(response->status == 201);
        CHECK(response->body == request.body);
        CHECK(header(response->headers, "x-target") == "/chat.postMessage?a=1");
        CHECK(header(response->headers, "X-METHOD") == "POST");
    }
}

}  // namespace

TEST_CASE("a request is answered by a server of our own", "[net][http]") { run_over_both(post_twice); }

}  // namespace slipway::net::testing
