#include "tests/net/harness.hpp"

#include <catch2/catch_test_macros.hpp>

namespace slipway::net::testing {
namespace {

using namespace std::chrono_literals;

/// A server that answers `answers` requests on each connection and then behaves as told.
struct Counting {
    int answers = 1'000'000;
    bool waits_for_one_more = false;  ///< reads one request more before it closes
    int connections = 0;
    int requests = 0;
    int busy = 0;
    int most_busy = 0;
    std::chrono::milliseconds takes{0};
};

asio::awaitable<void> serve_counting(Counting* counting, tcp::socket socket)
{
    ++counting->connections;
    for (int answered = 0; answered < counting->answers; ++answered) {
        co_await read_head(&socket);
        ++counting->requests;
        counting->most_busy = std::max(counting->most_busy, ++counting->busy);
        co_await pause(counting->takes);
        --counting->busy;
        co_await write(&socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
    if (counting->waits_for_one_more) {
        co_await read_head(&socket);
        ++counting->requests;
    }
}

std::uint16_t listen(World& world, Counting* counting)
{
    return world.listen([counting](tcp::socket socket) { return serve_counting(counting, std::move(socket)); }
    );
}

HttpRequest request_for(const std::string& method, std::uint16_t port)
{
    HttpRequest request;
    request.method = method;
    request.url = url_of("http", "localhost", port);
    return request;
}

/// Sends `times` requests one after the other, each of them answered.
asio::awaitable<void> call(
    HttpClient* client, HttpRequest request, int times, std::chrono::milliseconds apart = 0ms
)
{
    for (int sent = 0; sent < times; ++sent) {
        const auto outcome = co_await client->send(request);
        REQUIRE(outcome.has_value());
        co_await pause(apart);
    }
}

asio::awaitable<void> reuse(World& world)
{
    Counting counting;
    const auto port = listen(world, &counting);
    const auto client = make_http_client(world.executor, world.trusting());
    co_await call(client.get(), request_for("POST", port), 5);
    CHECK(counting.connections == 1);
    CHECK(counting.requests == 5);
}

asio::awaitable<void> replace_closed(World& world)
{
    Counting counting{.answers = 1};
    const auto port = listen(world, &counting);
    const auto client = make_http_client(world.executor, world.trusting());
    co_await call(client.get(), request_for("POST", port), 3, 20ms);  // the end of the connection arrives
    CHECK(counting.connections == 3);
}

asio::awaitable<void> repeat_get(World& world)
{
    Counting counting{.answers = 1, .waits_for_one_more = true};
    const auto port = listen(world, &counting);
    const auto client = make_http_client(world.executor, world.trusting());
    co_await call(client.get(), request_for("GET", port), 2);
    CHECK(counting.connections == 2);
    CHECK(counting.requests == 3);
}

asio::awaitable<void> never_repeat_post(World& world)
{
    Counting counting{.answers = 1, .waits_for_one_more = true};
    const auto port = listen(world, &counting);
    const auto client = make_http_client(world.executor, world.trusting());
    co_await call(client.get(), request_for("POST", port), 1);
    const auto second = co_await client->send(request_for("POST", port));
    REQUIRE(second.has_error());
    CHECK(second.error().step == Step::first_byte);
    CHECK(second.error().may_have_acted);
    CHECK(counting.connections == 1);
    CHECK(counting.requests == 2);
}

asio::awaitable<void> forget_unused(World& world)
{
    Counting counting;
    const auto port = listen(world, &counting);
    auto options = world.trusting();
    options.idle_limit = 0s;
    const auto client = make_http_client(world.executor, std::move(options));
    co_await call(client.get(), request_for("GET", port), 2, 2ms);
    CHECK(counting.connections == 2);
}

asio::awaitable<void> call_once(HttpClient* client, HttpRequest request, int* good, int* late)
{
    const auto outcome = co_await client->send(std::move(request));
    *good += outcome.has_value() ? 1 : 0;
    *late += outcome.has_error() && outcome.error().step == Step::connect && !outcome.error().may_have_acted
                 ? 1
                 : 0;
}

asio::awaitable<void> queue_calls(World& world)
{
    Counting counting{.takes = 10ms};
    const auto port = listen(world, &counting);
    auto options = world.trusting();
    options.connections_per_host = 2;
    const auto client = make_http_client(world.executor, std::move(options));
    TaskGroup calls(world.executor);
    int good = 0;
    int late = 0;
    for (int call = 0; call < 7; ++call) {
        calls.spawn(call_once(client.get(), request_for("GET", port), &good, &late), {});
    }
    co_await calls.wait();
    CHECK(good == 7);
    CHECK(counting.most_busy == 2);
    CHECK(counting.connections == 2);
}

asio::awaitable<void> limit_queueing(World& world)
{
    Counting counting{.takes = 300ms};
    const auto port = listen(world, &counting);
    auto options = world.trusting();
    options.connections_per_host = 1;
    const auto client = make_http_client(world.executor, std::move(options));
    TaskGroup calls(world.executor);
    int good = 0;
    int late = 0;
    calls.spawn(call_once(client.get(), request_for("GET", port), &good, &late), {});
    auto hasty = request_for("GET", port);
    hasty.limits.whole = 50ms;
    calls.spawn(call_once(client.get(), std::move(hasty), &good, &late), {});
    co_await calls.wait();
    CHECK(good == 1);
    CHECK(late == 1);
    const auto next = co_await client->send(request_for("GET", port));
    CHECK(next.has_value());
}

asio::awaitable<void> close_politely(tcp::socket socket)
{
    co_await read_head(&socket);
    co_await write(&socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    co_await wait_for_end(&socket);
}

asio::awaitable<void> respect_close(World& world)
{
    const auto port = world.listen(close_politely);
    const auto client = make_http_client(world.executor, world.trusting());
    co_await call(client.get(), request_for("POST", port), 2);
}

asio::awaitable<void> outlive_client(World& world)
{
    Counting counting{.takes = 20ms};
    const auto port = listen(world, &counting);
    TaskGroup calls(world.executor);
    int good = 0;
    int late = 0;
    {
        const auto client = make_http_client(world.executor, world.trusting());
        calls.spawn(call_once(client.get(), request_for("GET", port), &good, &late), {});
        co_await pause(5ms);
    }
    co_await calls.wait();
    CHECK(good == 1);
}

}  // namespace

TEST_CASE("calls to one host share a connection", "[net][pool]") { run(reuse); }

TEST_CASE("a connection the other side closed is not used again", "[net][pool]")
{
    SECTION("closed after its answer") { run(replace_closed); }
    SECTION("announced in the answer") { run(respect_close); }
}

TEST_CASE("a kept connection that dies under a GET is replaced once", "[net][pool]") { run(repeat_get); }

TEST_CASE("a kept connection that dies under a POST leaves it ambiguous", "[net][pool]")
{
    run(never_repeat_post);
}

TEST_CASE("a connection unused for too long is given up", "[net][pool]") { run(forget_unused); }

TEST_CASE("no more connections per host than allowed, the others wait their turn", "[net][pool]")
{
    run(queue_calls);
}

TEST_CASE("waiting for a connection counts towards the whole call", "[net][pool]") { run(limit_queueing); }

TEST_CASE("a call under way survives its client", "[net][pool]") { run(outlive_client); }

}  // namespace slipway::net::testing
