#include "tests/net/harness.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <sys/socket.h>

namespace slipway::net::testing {
namespace {

using namespace std::chrono_literals;
using simulator::Delivery;
using simulator::Reply;
using std::chrono::steady_clock;

/// What a call came to, as `fetch` gives it.
struct Told {
    Outcome<HttpResponse> outcome;
    steady_clock::duration took;
};

asio::awaitable<Told> fetch(World* world, HttpRequest request)
{
    const auto client = make_http_client(world->executor, world->trusting());
    const auto begin = steady_clock::now();
    auto outcome = co_await client->send(std::move(request));
    co_return Told{std::move(outcome), steady_clock::now() - begin};
}

HttpRequest post(std::string url)
{
    HttpRequest request;
    request.method = "POST";
    request.url = std::move(url);
    request.headers = {{"Authorization", "Bearer hidden"}};
    request.body = "text=hello";
    return request;
}

void check_failure(const Told& told, Step step, bool may_have_acted, const std::string& message)
{
    REQUIRE(told.outcome.has_error());
    const auto& error = told.outcome.error();
    CHECK(step_name(error.step) == std::string(step_name(step)));
    CHECK(error.may_have_acted == may_have_acted);
    CHECK(error.message == message);
}

asio::awaitable<void> refuse_addresses(World& world)
{
    for (const std::string url :
         {"http://slack.com/",
          "http://10.0.0.1/",
          "http://127.0.0.1.evil.test/",
          "http://[::2]/",
          "ftp://127.0.0.1/",
          "https://user:hidden@slack.com/",
          "nonsense hidden"}) {
        CAPTURE(url);
        const auto told = co_await fetch(&world, post(url));
        REQUIRE(told.outcome.has_error());
        CHECK(told.outcome.error().step == Step::address);
        CHECK(told.outcome.error().message.find("hidden") == std::string::npos);
    }
}

asio::awaitable<void> refuse_socket_addresses(World& world)
{
    const auto connector = make_websocket_connector(world.executor, world.trusting());
    for (const std::string url :
         {"ws://slack.com/", "ws://127.0.0.1.evil.test/", "ws://10.0.0.1/?hidden", "hidden"}) {
        CAPTURE(url);
        const auto opened = co_await connector->connect(url, Limits{});
        REQUIRE(opened.has_error());
        CHECK(opened.error().step == Step::address);
        CHECK(opened.error().message.find("hidden") == std::string::npos);
    }
}

asio::awaitable<void> refuse_headers(World& world)
{
    const Headers bad = {{"X-A", "hidden\r\nX-B: c"}, {"X A", "b"}, {"", "b"}, {"X-A", "hidden\n"}};
    for (const auto& header : bad) {
        auto request = post("https://slack.test/");
        request.headers.push_back(header);
        const auto told = co_await fetch(&world, std::move(request));
        check_failure(told, Step::address, false, "address: a header does not fit on one line");
    }
}

asio::awaitable<void> miss_name(World& world)
{
    const auto told = co_await fetch(&world, post("https://missing.test/"));
    check_failure(told, Step::resolve, false, "resolve missing.test: Host not found (authoritative)");
}

asio::awaitable<void> refuse_connection(World& world)
{
    std::uint16_t port = 0;
    {
        const tcp::acceptor closed_again(world.executor, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
        port = closed_again.local_endpoint().port();
    }
    const auto told = co_await fetch(&world, post(url_of("https", "127.0.0.1", port)));
    check_failure(told, Step::connect, false, "connect 127.0.0.1: Connection refused");
}

/// A listener whose queue is full: the system leaves further connections unanswered.
asio::awaitable<void> limit_connect(World& world)
{
    tcp::acceptor full(world.executor, tcp::v4());
    full.bind(tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    full.listen(0);
    std::vector<tcp::socket> fillers;
    for (int index = 0; index < 4; ++index) {
        // Asio's own connect would wait.
        auto& filler = fillers.emplace_back(world.executor, tcp::v4());
        filler.native_non_blocking(true);
        const auto place = full.local_endpoint();
        (void)::connect(filler.native_handle(), place.data(), static_cast<socklen_t>(place.size()));
    }
    auto request = post(url_of("https", "127.0.0.1", full.local_endpoint().port()));
    request.limits.connect = 60ms;
    const auto told = co_await fetch(&world, std::move(request));
    check_failure(told, Step::connect, false, "connect 127.0.0.1: no result in time");
    CHECK(told.took < 1s);
}

asio::awaitable<void> stay_silent(tcp::socket socket) { co_await wait_for_end(&socket); }

asio::awaitable<void> drip(tcp::socket socket)
{
    co_await read_head(&socket);
    co_await write(&socket, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
    for (;;) {
        co_await write(&socket, "x");
        co_await pause(10ms);
    }
}

/// A call of `scheme`://`host` to a server that follows `script`, with a short `limit`.
struct Limited {
    asio::awaitable<void> (*script)(tcp::socket);
    std::string scheme, host;
    std::chrono::milliseconds Limits::*limit;
    Step step;
    bool may_have_acted;
};

asio::awaitable<void> strike(World* world, Limited row)
{
    const auto port = world->listen(row.script);
    auto request = post(url_of(row.scheme, row.host, port, "/?hidden"));
    request.limits.*row.limit = 150ms;
    const auto told = co_await fetch(world, std::move(request));
    const auto message = std::string(step_name(row.step)) + " " + row.host + ": no result in time";
    check_failure(told, row.step, row.may_have_acted, message);
    CHECK(told.took < 1s);
}

asio::awaitable<Reply> answer_as_asked(ServerRequest request)
{
    Reply reply;
    reply.response.body = std::string(1000, 'b');
    if (request.target == "/drop") {
        reply.delivery = Delivery::dropped;
    }
    else if (request.target == "/reset") {
        reply.delivery = Delivery::reset;
    }
    else if (request.target == "/truncate") {
        reply.delivery = Delivery::truncated;
    }
    else if (request.target == "/hold") {
        reply.delivery = Delivery::held;
    }
    co_return reply;
}

asio::awaitable<void> limit_body(World& world)
{
    const auto port = world.serve_with_faults({}, answer_as_asked);
    auto exact = post(url_of("http", "localhost", port));
    exact.limits.body_bytes = 1000;
    auto told = co_await fetch(&world, std::move(exact));
    CHECK(told.outcome.has_value());
    auto less = post(url_of("http", "localhost", port));
    less.limits.body_bytes = 999;
    told = co_await fetch(&world, std::move(less));
    check_failure(told, Step::body, true, "body localhost: body limit exceeded");
}

asio::awaitable<void> send_endless_chunks(tcp::socket socket)
{
    co_await read_head(&socket);
    co_await write(&socket, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (;;) {
        co_await write(&socket, "400\r\n" + std::string(1024, 'c') + "\r\n");
    }
}

asio::awaitable<void> limit_chunks(World& world)
{
    const auto port = world.listen(send_endless_chunks);
    auto request = post(url_of("http", "localhost", port));
    request.limits.body_bytes = 100'000;
    const auto told = co_await fetch(&world, std::move(request));
    check_failure(told, Step::body, true, "body localhost: body limit exceeded");
}

asio::awaitable<void> fail_on_faults(World& world, WebServer::Options options, std::string s)
{
    const auto port = world.serve_with_faults(options, answer_as_asked);
    auto told = co_await fetch(&world, post(url_of("http" + s, "localhost", port, "/drop")));
    check_failure(
        told,
        Step::first_byte,
        true,
        s.empty() ? "first byte localhost: End of file" : "first byte localhost: stream truncated"
    );
    told = co_await fetch(&world, post(url_of("http" + s, "localhost", port, "/reset")));
    check_failure(told, Step::first_byte, true, "first byte localhost: Connection reset by peer");
    told = co_await fetch(&world, post(url_of("http" + s, "localhost", port, "/truncate")));
    check_failure(
        told,
        Step::body,
        true,
        s.empty() ? "body localhost: the answer was cut short" : "body localhost: stream truncated"
    );
    auto held = post(url_of("http" + s, "localhost", port, "/hold"));
    held.limits.first_byte = 50ms;
    told = co_await fetch(&world, std::move(held));
    check_failure(told, Step::first_byte, true, "first byte localhost: no result in time");
}

asio::awaitable<void> cut_chunk(tcp::socket socket)
{
    co_await read_head(&socket);
    co_await write(&socket, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel");
}

asio::awaitable<void> cut_header(tcp::socket socket)
{
    co_await read_head(&socket);
    co_await write(&socket, "HTTP/1.1 200 OK\r\nContent-Le");
}

asio::awaitable<void> speak_nonsense(tcp::socket socket)
{
    co_await read_head(&socket);
    co_await write(&socket, "SSH-2.0-OpenSSH_9.2\r\n");
    co_await wait_for_end(&socket);
}

asio::awaitable<void> notice_cuts(World& world)
{
    const auto chunk = world.listen(cut_chunk);
    auto told = co_await fetch(&world, post(url_of("http", "localhost", chunk)));
    check_failure(told, Step::body, true, "body localhost: the answer was cut short");
    const auto head = world.listen(cut_header);
    told = co_await fetch(&world, post(url_of("http", "localhost", head)));
    check_failure(told, Step::body, true, "body localhost: the answer was cut short");
    const auto nonsense = world.listen(speak_nonsense);
    told = co_await fetch(&world, post(url_of("http", "localhost", nonsense)));
    REQUIRE(told.outcome.has_error());
    CHECK(told.outcome.error().step == Step::body);
}

asio::awaitable<void> send_reset(tcp::socket socket)
{
    socket.set_option(asio::socket_base::linger(true, 0));
    co_return;
}

asio::awaitable<void> reset_before_reading(World& world)
{
    // Over TLS nothing of the request was on its way yet.
    const auto port = world.listen(send_reset);
    const auto told = co_await fetch(&world, post(url_of("https", "localhost", port)));
    REQUIRE(told.outcome.has_error());
    CHECK(told.outcome.error().step == Step::tls);
    CHECK_FALSE(told.outcome.error().may_have_acted);
}

asio::awaitable<void> announce_first(tcp::socket socket)
{
    co_await read_head(&socket);
    co_await write(&socket, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
    co_await pause(5ms);
    co_await write(&socket, "HTTP/1.0 200 OK\r\n\r\nuntil the end");
}

asio::awaitable<void> read_to_the_end(World& world)
{
    const auto port = world.listen(announce_first);
    const auto told = co_await fetch(&world, post(url_of("http", "localhost", port)));
    REQUIRE(told.outcome.has_value());
    CHECK(told.outcome->status == 200);
    CHECK(told.outcome->body == "until the end");
}

asio::awaitable<void> answer_without_reason(tcp::socket socket)
{
    co_await read_head(&socket);
    co_await write(&socket, "HTTP/1.1 100\r\n\r\nHTTP/1.1 2");
    co_await pause(20ms);
    co_await write(&socket, "00\r\nContent-Length: 14\r\n\r\n");
    co_await pause(20ms);
    co_await write(&socket, "HTTP/1.1 200\r\n");
}

asio::awaitable<void> read_without_reason(World& world)
{
    const auto port = world.listen(answer_without_reason);
    const auto told = co_await fetch(&world, post(url_of("http", "localhost", port)));
    REQUIRE(told.outcome.has_value());
    CHECK(told.outcome->status == 200);
    CHECK(told.outcome->body == "HTTP/1.1 200\r\n");
}

asio::awaitable<void> hold_call(World* world, std::uint16_t port, bool* ended)
{
    auto request = post(url_of("http", "localhost", port, "/hold"));
    try {
        co_await fetch(world, std::move(request));
    }
    catch (const boost::system::system_error& error) {
        *ended = error.code() == asio::error::operation_aborted;
        throw;
    }
}

asio::awaitable<void> cancel_call(World& world)
{
    const auto port = world.serve_with_faults({}, answer_as_asked);
    TaskGroup calls(world.executor);
    bool ended = false;
    calls.spawn(hold_call(&world, port, &ended), {});
    co_await pause(20ms);
    CHECK_FALSE(ended);
    calls.cancel_all();
    co_await calls.wait();
    CHECK(ended);
}

}  // namespace

TEST_CASE("plain addresses that leave this machine are refused before anything is sent", "[net][http]")
{
    SECTION("HTTP") { run(refuse_addresses); }
    SECTION("websocket") { run(refuse_socket_addresses); }
}

TEST_CASE("a header cannot smuggle in another", "[net][http]") { run(refuse_headers); }

TEST_CASE("each step of a call fails as itself", "[net][http]")
{
    SECTION("a name nobody knows") { run(miss_name); }
    SECTION("a port nobody listens on") { run(refuse_connection); }
    SECTION("a reset before the request") { run(reset_before_reading); }
    SECTION("an answer that ends too early") { run(notice_cuts); }
}

TEST_CASE("a fault after the request leaves it ambiguous", "[net][http]") { run_over_both(fail_on_faults); }

TEST_CASE("each step of a call has its limit", "[net][http]")
{
    const auto strikes = [](const Limited& row) { run([&](World& world) { return strike(&world, row); }); };
    SECTION("lookup")
    {
        strikes({stay_silent, "https", "slow.test", &Limits::resolve, Step::resolve, false});
    }
    SECTION("connect") { run(limit_connect); }
    SECTION("TLS") { strikes({stay_silent, "https", "localhost", &Limits::tls, Step::tls, false}); }
    SECTION("first byte")
    {
        strikes({stay_silent, "http", "localhost", &Limits::first_byte, Step::first_byte, true});
    }
    SECTION("the whole call") { strikes({drip, "http", "localhost", &Limits::whole, Step::body, true}); }
    SECTION("announced body") { run(limit_body); }
    SECTION("body in chunks") { run(limit_chunks); }
}

TEST_CASE("answers are found behind provisional ones and may end with the connection", "[net][http]")
{
    run(read_to_the_end);
}

TEST_CASE("a status line without reason and blank is taken, a body like one left alone", "[net][http]")
{
    run(read_without_reason);
}

TEST_CASE("a cancelled call ends at once with operation_aborted", "[net][http]") { run(cancel_call); }

}  // namespace slipway::net::testing
