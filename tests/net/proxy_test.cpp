#include "tests/net/harness.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

namespace slipway::net::testing {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

/// A CONNECT proxy that reaches one port of this machine, whatever name it is asked for.
struct Proxy {
    std::uint16_t target = 0;
    std::string refusal{};  ///< answered instead of 200
    bool is_silent = false;
    std::vector<std::string> asked{};
};

asio::awaitable<void> pump(tcp::socket* from, tcp::socket* to)
{
    std::vector<char> bytes(16 * 1024);
    for (;;) {
        const auto got = co_await from->async_read_some(asio::buffer(bytes), asio::use_awaitable);
        co_await asio::async_write(*to, asio::buffer(bytes, got), asio::use_awaitable);
    }
}

asio::awaitable<void> serve_proxy(Proxy* proxy, tcp::socket socket)
{
    const auto head = co_await read_head(&socket);
    proxy->asked.push_back(head);
    if (proxy->is_silent) {
        co_await wait_for_end(&socket);
        co_return;
    }
    if (!proxy->refusal.empty()) {
        co_await write(&socket, "HTTP/1.1 " + proxy->refusal + "\r\nContent-Length: 0\r\n\r\n");
        co_return;
    }
    tcp::socket inner(socket.get_executor());
    const tcp::endpoint place(asio::ip::address_v4::loopback(), proxy->target);
    co_await inner.async_connect(place, asio::use_awaitable);
    co_await write(&socket, "HTTP/1.1 200 Connection established\r\nX-Proxy: test\r\n\r\n");
    using namespace asio::experimental::awaitable_operators;
    auto out = pump(&socket, &inner);
    auto in = pump(&inner, &socket);
    co_await (std::move(out) && std::move(in));
}

std::uint16_t listen(World& world, Proxy* proxy)
{
    return world.listen([proxy](tcp::socket socket) { return serve_proxy(proxy, std::move(socket)); });
}

asio::awaitable<ServerResponse> greet_through_proxy(ServerRequest)
{
    ServerResponse response;
    response.body = "hello";
    co_return response;
}

int welcome(const ServerRequest&) { return 101; }

asio::awaitable<void> say_hello(std::shared_ptr<WebSocket> socket, ServerRequest)
{
    co_await socket->send("hello");
    co_await socket->close(1s);
}

std::uint16_t serve_tls(World& world)
{
    return world.serve(world.tls_options(world.certificates.good), greet_through_proxy, welcome, say_hello);
}

asio::awaitable<Outcome<HttpResponse>> get(World* world, TransportOptions options, std::string url)
{
    const auto client = make_http_client(world->executor, std::move(options));
    HttpRequest request;
    request.url = std::move(url);
    request.limits.connect = 300ms;
    auto outcome = co_await client->send(std::move(request));
    co_return outcome;
}

asio::awaitable<void> go_through(World& world)
{
    Proxy proxy{serve_tls(world)};
    auto options = world.trusting();
    options.proxy = url_of("http", "jane:p%40ss@127.0.0.1", listen(world, &proxy), "");
    // No lookup of the name here: missing.test does not resolve, the proxy knows it all the same.
    const auto plain_name = co_await get(&world, options, "https://api.test/chat?hidden");
    REQUIRE(plain_name.has_value());
    CHECK(plain_name->body == "hello");
    REQUIRE(proxy.asked.size() == 1);
    CHECK_THAT(proxy.asked[0], StartsWith("CONNECT api.test:443 HTTP/1.1\r\nHost: api.test:443\r\n"));
    CHECK_THAT(proxy.asked[0], ContainsSubstring("Proxy-Authorization: Basic amFuZTpwQHNz\r\n"));
    CHECK_THAT(proxy.asked[0], !ContainsSubstring("hidden"));

    const auto other_name = co_await get(&world, options, "https://missing.test:8443/");
    REQUIRE(other_name.has_error());
    CHECK(other_name.error().step == Step::tls);  // reached, and the certificate is for others
    CHECK_THAT(proxy.asked.at(1), StartsWith("CONNECT missing.test:8443 "));
}

asio::awaitable<void> go_around(World& world)
{
    Proxy proxy{serve_tls(world)};
    auto options = world.trusting();
    options.proxy = url_of("http", "127.0.0.1", listen(world, &proxy), "");
    const auto loopback = co_await get(&world, options, url_of("https", "localhost", proxy.target));
    CHECK(loopback.has_value());
    options.no_proxy = "elsewhere.test, .test";
    const auto listed = co_await get(&world, options, url_of("https", "api.test", proxy.target));
    CHECK(listed.has_value());
    CHECK(proxy.asked.empty());
}

asio::awaitable<void> open_socket(World& world)
{
    Proxy proxy{serve_tls(world)};
    auto options = world.trusting();
    options.proxy = url_of("http", "127.0.0.1", listen(world, &proxy), "");
    const auto connector = make_websocket_connector(world.executor, std::move(options));
    auto opened = co_await connector->connect("wss://api.test/link", Limits{});
    REQUIRE(opened.has_value());
    const auto socket = std::move(*opened);
    const auto frame = co_await socket->read();
    CHECK(frame.payload == "hello");
    co_await expect_end(socket.get(), 1000);
    CHECK_THAT(proxy.asked.at(0), !ContainsSubstring("Proxy-Authorization"));
}

asio::awaitable<void> be_refused_by_proxy(World& world)
{
    Proxy proxy{0, "407 Proxy Authentication Required"};
    auto options = world.trusting();
    const auto port = listen(world, &proxy);
    options.proxy = url_of("http", "jane:hidden@127.0.0.1", port, "");
    const auto refused = co_await get(&world, options, "https://api.test/");
    REQUIRE(refused.has_error());
    CHECK(refused.error().step == Step::proxy);
    CHECK(refused.error().host == "api.test");
    CHECK_FALSE(refused.error().may_have_acted);
    CHECK(
        refused.error().message ==
        "proxy api.test by 127.0.0.1:" + std::to_string(port) + ": the proxy answered 407"
    );
}

asio::awaitable<void> find_nobody(World& world)
{
    auto options = world.trusting();
    options.proxy = "http://missing.test:3128";
    const auto refused = co_await get(&world, options, "https://api.test/");
    REQUIRE(refused.has_error());
    CHECK(refused.error().step == Step::proxy);
    CHECK_THAT(refused.error().message, StartsWith("proxy api.test by missing.test:3128: Host not found"));
}

asio::awaitable<void> limit_proxy(World& world)
{
    Proxy proxy;
    proxy.is_silent = true;
    auto options = world.trusting();
    options.proxy = url_of("http", "127.0.0.1", listen(world, &proxy), "");
    const auto begin = std::chrono::steady_clock::now();
    const auto late = co_await get(&world, options, "https://api.test/");
    REQUIRE(late.has_error());
    CHECK(late.error().step == Step::proxy);
    CHECK_THAT(late.error().message, ContainsSubstring("no result in time"));
    CHECK(std::chrono::steady_clock::now() - begin < 2s);
}

asio::awaitable<void> refuse_proxy_address(World& world)
{
    for (const std::string proxy : {"https://hidden@proxy.corp:3128", "proxy.corp:3128", "socks5://proxy"}) {
        CAPTURE(proxy);
        TransportOptions options;
        options.proxy = proxy;
        CHECK_THROWS_WITH(
            make_http_client(world.executor, options),
            "the proxy must be given as http://[user:password@]host:port"
        );
    }
    co_return;
}

}  // namespace

TEST_CASE("calls go through the proxy, which sees the host and nothing else", "[net][proxy]")
{
    run(go_through);
}

TEST_CASE("loopback hosts and those of NO_PROXY go around the proxy", "[net][proxy]") { run(go_around); }

TEST_CASE("websockets go through the proxy", "[net][proxy]") { run(open_socket); }

TEST_CASE("a proxy that does not serve is named, without its password", "[net][proxy]")
{
    SECTION("it refuses") { run(be_refused_by_proxy); }
    SECTION("its name is unknown") { run(find_nobody); }
    SECTION("it never answers") { run(limit_proxy); }
    SECTION("its address makes no sense") { run(refuse_proxy_address); }
}

}  // namespace slipway::net::testing
