#include "tests/net/harness.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <openssl/ssl.h>

namespace slipway::net::testing {
namespace {

using Catch::Matchers::ContainsSubstring;

asio::awaitable<ServerResponse> greet_over_tls(ServerRequest)
{
    ServerResponse response;
    response.body = "hello";
    co_return response;
}

/// Calls a TLS server that shows `pair`, by the name `host`.
asio::awaitable<Outcome<HttpResponse>> call(
    World* world, Certificates::Pair* pair, std::string host, TransportOptions options
)
{
    const auto port = world->serve(world->tls_options(*pair), greet_over_tls);
    const auto client = make_http_client(world->executor, std::move(options));
    HttpRequest request;
    request.url = url_of("https", host, port);
    auto outcome = co_await client->send(std::move(request));
    co_return outcome;
}

asio::awaitable<void> accept_good(World& world)
{
    for (const std::string host : {"localhost", "127.0.0.1"}) {
        auto options = world.trusting();
        const auto outcome = co_await call(&world, &world.certificates.good, host, std::move(options));
        REQUIRE(outcome.has_value());
        CHECK(outcome->body == "hello");
    }
}

struct Refusal {
    std::string meaning;
    Certificates::Pair* shown;
    std::string host, words;
};

std::vector<Refusal> refusals(Certificates& made)
{
    return {
        {"for another name", &made.other_name, "localhost", "hostname mismatch"},
        {"for another address", &made.other_name, "127.0.0.1", "IP address mismatch"},
        {"after its end", &made.expired, "localhost", "expired"},
        {"before its beginning", &made.not_yet, "localhost", "not yet valid"},
        {"signed by itself", &made.self_signed, "localhost", "self-signed"}};
}

asio::awaitable<void> refuse_wrong_ones(World& world)
{
    for (const auto& row : refusals(world.certificates)) {
        CAPTURE(row.meaning);
        auto options = world.trusting();
        const auto outcome = co_await call(&world, row.shown, row.host, std::move(options));
        REQUIRE(outcome.has_error());
        CHECK(outcome.error().step == Step::tls);
        CHECK(outcome.error().host == row.host);
        CHECK_FALSE(outcome.error().may_have_acted);
        const auto begin = "tls " + row.host + ": certificate refused: ";
        CHECK_THAT(outcome.error().message, ContainsSubstring(begin) && ContainsSubstring(row.words));
    }
}

asio::awaitable<void> refuse_unknown_root(World& world)
{
    TransportOptions options;  // the system's roots alone
    const auto outcome = co_await call(&world, &world.certificates.good, "localhost", std::move(options));
    REQUIRE(outcome.has_error());
    CHECK(outcome.error().step == Step::tls);
    CHECK_THAT(outcome.error().message, ContainsSubstring("certificate refused: "));
}

/// A server that offers exactly one version of TLS, old ones included, and notes the name it was asked for.
struct OldServer {
    OldServer(const Certificates::Pair& pair, int version) : context(asio::ssl::context::tls_server)
    {
        auto* const settings = context.native_handle();
        SSL_CTX_set_security_level(settings, 0);
        SSL_CTX_set_min_proto_version(settings, version);
        SSL_CTX_set_max_proto_version(settings, version);
        context.use_certificate_chain_file(pair.certificate);
        context.use_private_key_file(pair.key, asio::ssl::context::pem);
    }

    asio::ssl::context context;
    std::string asked_for;
};

asio::awaitable<void> serve_old(OldServer* server, tcp::socket socket)
{
    asio::ssl::stream<tcp::socket> stream(std::move(socket), server->context);
    co_await stream.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
    const auto* const name = SSL_get_servername(stream.native_handle(), TLSEXT_NAMETYPE_host_name);
    server->asked_for = name == nullptr ? "" : name;
    std::array<char, 4096> request{};
    co_await stream.async_read_some(asio::buffer(request), asio::use_awaitable);
    const std::string answer = "HTTP/1.1 204 No Content\r\n\r\n";
    co_await stream.async_write_some(asio::buffer(answer), asio::use_awaitable);
}

asio::awaitable<Outcome<HttpResponse>> call_version(World* world, OldServer* server)
{
    const auto port =
        world->listen([server](tcp::socket socket) { return serve_old(server, std::move(socket)); });
    const auto client = make_http_client(world->executor, world->trusting());
    HttpRequest request;
    request.url = url_of("https", "localhost", port);
    auto outcome = co_await client->send(std::move(request));
    co_return outcome;
}

asio::awaitable<void> refuse_old_versions(World& world)
{
    for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
        OldServer server(world.certificates.good, version);
        const auto outcome = co_await call_version(&world, &server);
        REQUIRE(outcome.has_error());
        CHECK(outcome.error().step == Step::tls);
        CHECK_FALSE(outcome.error().may_have_acted);
        co_await pause(std::chrono::milliseconds(10));  // the server's side ends, too
    }
}

asio::awaitable<void> accept_new_versions(World& world)
{
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        OldServer server(world.certificates.good, version);
        const auto outcome = co_await call_version(&world, &server);
        REQUIRE(outcome.has_value());
        CHECK(outcome->status == 204);
        CHECK(server.asked_for == "localhost");
        co_await pause(std::chrono::milliseconds(10));
    }
}

asio::awaitable<void> verify_sockets_too(World& world)
{
    const auto port = world.serve(world.tls_options(world.certificates.other_name), greet_over_tls);
    const auto connector = make_websocket_connector(world.executor, world.trusting());
    const auto outcome = co_await connector->connect(url_of("wss", "localhost", port, "/link"), Limits{});
    REQUIRE(outcome.has_error());
    CHECK(outcome.error().step == Step::tls);
    CHECK_THAT(outcome.error().message, ContainsSubstring("hostname mismatch"));
}

asio::awaitable<void> refuse_bad_ca_file(World& world)
{
    auto options = world.trusting();
    options.ca_file = "/nowhere/ca.pem";
    CHECK_THROWS_AS(make_http_client(world.executor, options), std::runtime_error);
    CHECK_THROWS_AS(make_websocket_connector(world.executor, options), std::runtime_error);
    co_return;
}

}  // namespace

TEST_CASE("a certificate for the host, by name or address, is accepted", "[net][tls]") { run(accept_good); }

TEST_CASE("a certificate is refused", "[net][tls]")
{
    SECTION("for another host, at another time, or signed by itself") { run(refuse_wrong_ones); }
    SECTION("of a root that nobody added") { run(refuse_unknown_root); }
    SECTION("for another name, on a websocket") { run(verify_sockets_too); }
}

TEST_CASE("TLS before 1.2 is refused", "[net][tls]") { run(refuse_old_versions); }

TEST_CASE("TLS 1.2 and 1.3 are spoken, and the server learns the name it is asked for", "[net][tls]")
{
    run(accept_new_versions);
}

TEST_CASE("a CA file that cannot be read is an error when the client is made", "[net][tls]")
{
    run(refuse_bad_ca_file);
}

}  // namespace slipway::net::testing
