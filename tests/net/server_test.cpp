#include "tests/net/harness.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

namespace slipway::net::testing {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
using std::chrono::steady_clock;

asio::awaitable<ServerResponse> describe(ServerRequest request)
{
    if (request.target == "/throw") {
        throw std::runtime_error("broken");
    }
    ServerResponse response;
    response.status = request.target == "/empty" ? 204 : 200;
    response.headers = {{"X-Split", "a\r\nX-Evil: b"}};
    response.body = request.method + " " + request.target + " " + request.body;
    co_return response;
}

asio::awaitable<tcp::socket> connect(World* world, std::uint16_t port)
{
    tcp::socket socket(world->executor);
    const tcp::endpoint place(asio::ip::address_v4::loopback(), port);
    co_await socket.async_connect(place, asio::use_awaitable);
    co_return socket;
}

/// All that comes until the server closes.
asio::awaitable<std::string> read_all(tcp::socket* socket)
{
    std::string text;
    boost::system::error_code error;
    co_await asio::async_read(
        *socket, asio::dynamic_buffer(text), asio::redirect_error(asio::use_awaitable, error)
    );
    co_return text;
}

/// What a server of its own answers to `request` until it closes.
asio::awaitable<std::string> answer_to(World* world, ServerOptions options, std::string request)
{
    const auto port = world->serve_small(options, describe);
    auto socket = co_await connect(world, port);
    co_await write(&socket, std::move(request));
    auto answer = co_await read_all(&socket);
    co_return answer;
}

asio::awaitable<void> answer_in_turn(World& world)
{
    ServerOptions options;
    const std::string first = "POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none";
    const std::string second = "GET /throw HTTP/1.1\r\nHost: x\r\n\r\nHEAD /c HTTP/1.1\r\nHost: x\r\n\r\n";
    const std::string third = "GET /empty HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    const auto answer = co_await answer_to(&world, options, first + second + third);
    CHECK(
        answer ==
        "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nPOST /a?b one"
        "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"
        "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n"
        "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
    );
}

asio::awaitable<void> give_leave(World& world)
{
    const auto port = world.serve_small({}, describe);
    auto socket = co_await connect(&world, port);
    co_await write(
        &socket,
        "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n"
    );
    const auto leave = co_await read_head(&socket);
    CHECK(leave == "HTTP/1.1 100 Continue\r\n\r\n");
    co_await write(&socket, "ok");
    const auto answer = co_await read_all(&socket);
    CHECK_THAT(answer, EndsWith("POST / ok"));
}

asio::awaitable<void> bear_cut_chunks(World& world)
{
    const auto port = world.serve_small({}, describe);
    const std::string cut =
        "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
    auto socket = co_await connect(&world, port);
    co_await write(&socket, cut);
    socket.shutdown(tcp::socket::shutdown_send);
    const auto silence = co_await read_all(&socket);
    CHECK(silence.empty());
    auto other = co_await connect(&world, port);
    co_await write(&other, cut + "\r\n");
    const auto answer = co_await read_all(&other);
    CHECK_THAT(answer, EndsWith("POST / "));
}

struct Refused {
    std::string meaning, request, status;
};

std::vector<Refused> refused_requests()
{
    const std::string post = "POST / HTTP/1.1\r\nHost: x\r\n";
    return {
        {"a body beyond its limit", post + "Content-Length: 11\r\n\r\n12345678901", "413 "},
        {"chunks beyond the limit",
         post + "Transfer-Encoding: chunked\r\n\r\n6\r\n123456\r\n6\r\n123456\r\n0\r\n\r\n",
         "413 "},
        {"a head beyond its limit", "GET / HTTP/1.1\r\nX: " + std::string(40'000, 'x') + "\r\n\r\n", "431 "},
        {"what is not HTTP", "\x16\x03\x01 hello?\r\n\r\n", "400 "},
        {"a body framed in a way it does not know",
         post + "Transfer-Encoding: xchunked\r\n\r\n5\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
         "501 "}};
}

asio::awaitable<void> refuse(World& world)
{
    ServerOptions options;
    options.body_bytes = 10;
    for (const auto& row : refused_requests()) {
        CAPTURE(row.meaning);
        const auto answer = co_await answer_to(&world, options, row.request);
        CHECK_THAT(answer, StartsWith("HTTP/1.1 " + row.status));
        CHECK_THAT(answer, ContainsSubstring("Connection: close\r\n"));
    }
}

asio::awaitable<void> drop(World* world, std::string begun, bool slow_body)
{
    ServerOptions options;
    options.header_limit = slow_body ? 10'000ms : 60ms;
    options.body_limit = slow_body ? 60ms : 10'000ms;
    const auto begin = steady_clock::now();
    const auto answer = co_await answer_to(world, options, std::move(begun));
    CHECK(answer.empty());
    CHECK(steady_clock::now() - begin >= 50ms);
    CHECK(steady_clock::now() - begin < 3s);
}

asio::awaitable<void> drop_idle(World& world)
{
    ServerOptions options;
    options.idle_limit = 60ms;
    const auto begin = steady_clock::now();
    const auto answer = co_await answer_to(&world, options, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_THAT(answer, EndsWith("GET / "));
    CHECK(steady_clock::now() - begin < 3s);
}

asio::awaitable<void> limit_connections(World& world)
{
    ServerOptions options;
    options.connections = 2;
    const auto port = world.serve_small(options, describe);
    auto first = co_await connect(&world, port);
    auto second = co_await connect(&world, port);
    co_await write(&first, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto head = co_await read_head(&first);
    CHECK_THAT(head, StartsWith("HTTP/1.1 200"));
    auto third = co_await connect(&world, port);
    const auto nothing = co_await read_all(&second);  // it has asked for nothing yet
    CHECK(nothing.empty());
    for (auto* still_there : {&first, &third}) {
        co_await write(still_there, "GET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        const auto answer = co_await read_all(still_there);
        CHECK_THAT(answer, EndsWith("GET /2 "));
    }
}

asio::awaitable<void> drop_who_does_not_read(World& world)
{
    constexpr std::size_t more_than_sockets_hold = 32'000'000;
    ServerOptions options;
    options.write_limit = 60ms;
    options.body_bytes = more_than_sockets_hold;
    const auto port = world.serve_small(options, describe);
    const std::string body(more_than_sockets_hold, 'x');
    const auto request =
        "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n\r\n" + body;
    std::size_t taken = body.size();
    // On a slow machine the server may not have begun to answer when it is read at last.
    for (auto patience = 200ms; taken >= body.size() && patience < 20s; patience *= 2) {
        auto socket = co_await connect(&world, port);
        auto asked = request;
        co_await write(&socket, std::move(asked));
        co_await pause(patience);
        const auto answer = co_await read_all(&socket);
        taken = answer.size();
    }
    CHECK(taken < body.size());
}

asio::awaitable<void> take_what_proxies_send(World& world)
{
    const ServerOptions options;
    const auto answer = co_await answer_to(
        &world,
        options,
        "\r\n\r\nGET http://slipway:8080/a?b HTTP/1.1\r\nHost: x\r\n\r\n"
        "\r\nGET http://slipway HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    );
    CHECK_THAT(answer, ContainsSubstring("GET /a?b "));
    CHECK_THAT(answer, EndsWith("GET / "));
}

asio::awaitable<ServerResponse> never_answer(ServerRequest)
{
    co_await pause(1h);
    co_return ServerResponse();
}

asio::awaitable<void> stop_busy_server(World& world)
{
    const auto server = make_http_server(world.executor, {}, never_answer);
    TaskGroup running(world.executor);
    running.spawn(server->run(), {});
    auto idle = co_await connect(&world, server->port());
    auto busy = co_await connect(&world, server->port());
    co_await write(&busy, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    co_await pause(10ms);
    running.cancel_all();
    const auto begin = steady_clock::now();
    co_await running.wait();
    CHECK(steady_clock::now() - begin < 1s);
    const auto nothing_idle = co_await read_all(&idle);
    CHECK(nothing_idle.empty());
    const auto nothing_busy = co_await read_all(&busy);
    CHECK(nothing_busy.empty());
    // The port is free for the next server.
    ServerOptions options;
    options.port = server->port();
    CHECK_NOTHROW(make_http_server(world.executor, options, describe));
}

asio::awaitable<void> name_taken_address(World& world)
{
    ServerOptions options;
    options.port = world.serve_small({}, describe);
    CHECK_THROWS_WITH(
        make_http_server(world.executor, options, describe),
        StartsWith("cannot listen on 127.0.0.1:" + std::to_string(options.port))
    );
    co_return;
}

}  // namespace

TEST_CASE("requests on one connection are answered in turn", "[net][server]") { run(answer_in_turn); }

TEST_CASE("a client that asks for leave to send its body gets it", "[net][server]") { run(give_leave); }

TEST_CASE(
    "a body in chunks that is cut before its last line end ends its connection, nothing else", "[net][server]"
)
{
    run(bear_cut_chunks);
}

TEST_CASE("what the server cannot take it refuses, and closes", "[net][server]") { run(refuse); }

TEST_CASE("blank lines before a request and whole addresses in it are understood", "[net][server]")
{
    run(take_what_proxies_send);
}

TEST_CASE("the server drops a client that takes too long", "[net][server]")
{
    const auto drops = [](const char* begun, bool slow_body) {
        run([=](World& world) { return drop(&world, begun, slow_body); });
    };
    SECTION("to say anything") { drops("", false); }
    SECTION("over the head of its request") { drops("GET / HTTP/1.1\r\nHost", false); }
    SECTION("over the body of its request")
    {
        drops("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1234", true);
    }
    SECTION("between two requests") { run(drop_idle); }
    SECTION("to read its answer") { run(drop_who_does_not_read); }
}

TEST_CASE("a connection beyond the limit takes the place of who waited longest", "[net][server]")
{
    run(limit_connections);
}

TEST_CASE("a cancelled server leaves no connection behind", "[net][server]") { run(stop_busy_server); }

TEST_CASE("a port that is taken is named", "[net][server]") { run(name_taken_address); }

}  // namespace slipway::net::testing
