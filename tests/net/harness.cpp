#include "tests/net/harness.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <optional>

namespace slipway::net::testing {

namespace {

using Script = std::function<asio::awaitable<void>(tcp::socket)>;

std::string text_of(const std::exception_ptr& error)
{
    try {
        std::rethrow_exception(error);
    }
    catch (const std::exception& failure) {
        return failure.what();
    }
    catch (...) {
        return "a failed assertion";
    }
}

asio::awaitable<void> accept_all(World* world, std::shared_ptr<tcp::acceptor> acceptor, Script script)
{
    for (;;) {
        auto socket = co_await acceptor->async_accept(asio::use_awaitable);
        world->spawn(script(std::move(socket)));
    }
}

asio::awaitable<void> run_in(World* world, asio::awaitable<void> test)
{
    std::exception_ptr failure;
    try {
        co_await std::move(test);
    }
    catch (...) {
        failure = std::current_exception();
    }
    world->tasks.cancel_all();
    co_await world->tasks.wait();
    if (failure) {
        std::rethrow_exception(failure);
    }
}

asio::awaitable<simulator::Reply> reply_of(asio::awaitable<ServerResponse> answering)
{
    simulator::Reply reply;
    reply.response = co_await std::move(answering);
    co_return reply;
}

}  // namespace

WebServer::Handler undisturbed(HttpServer::Handler handler)
{
    return [handler = std::move(handler)](ServerRequest request) {
        return reply_of(handler(std::move(request)));
    };
}

void World::spawn(asio::awaitable<void> task)
{
    tasks.spawn(std::move(task), [this](const std::exception_ptr& error) { trouble = text_of(error); });
}

std::uint16_t World::serve(
    const WebServer::Options& options,
    HttpServer::Handler handler,
    WebServer::Upgrade upgrade,
    WebServer::SocketHandler on_socket
)
{
    servers_.push_back(std::make_unique<WebServer>(
        executor, options, undisturbed(std::move(handler)), std::move(upgrade), std::move(on_socket)
    ));
    spawn(servers_.back()->run());
    return servers_.back()->port();
}

std::uint16_t World::serve_with_faults(const WebServer::Options& options, WebServer::Handler handler)
{
    servers_.push_back(std::make_unique<WebServer>(executor, options, std::move(handler)));
    spawn(servers_.back()->run());
    return servers_.back()->port();
}

std::uint16_t World::serve_small(const ServerOptions& options, HttpServer::Handler handler)
{
    small_servers_.push_back(make_http_server(executor, options, std::move(handler)));
    spawn(small_servers_.back()->run());
    return small_servers_.back()->port();
}

std::uint16_t World::listen(Script script)
{
    const tcp::endpoint any(asio::ip::address_v4::loopback(), 0);
    const auto acceptor = std::make_shared<tcp::acceptor>(executor, any);
    spawn(accept_all(this, acceptor, std::move(script)));
    return acceptor->local_endpoint().port();
}

WebServer::Options World::tls_options(const Certificates::Pair& pair) const
{
    WebServer::Options options;
    options.certificate_file = pair.certificate;
    options.key_file = pair.key;
    return options;
}

TransportOptions World::trusting() const
{
    TransportOptions options;
    options.ca_file = certificates.ca.certificate;
    return options;
}

void run(const std::function<asio::awaitable<void>(World&)>& test)
{
    asio::io_context io{1};
    World world(io.get_executor());
    std::exception_ptr failure;
    bool ended = false;
    asio::co_spawn(io, run_in(&world, test(world)), [&](std::exception_ptr error) {
        failure = error;
        ended = true;
    });
    io.run_for(std::chrono::seconds(30));
    if (failure) {
        std::rethrow_exception(failure);
    }
    REQUIRE(ended);
    REQUIRE(io.stopped());
}

void run_over_both(asio::awaitable<void> (*test)(World&, WebServer::Options, std::string))
{
    SECTION("plain, on loopback")
    {
        run([test](World& world) { return test(world, {}, ""); });
    }
    SECTION("over TLS")
    {
        run([test](World& world) { return test(world, world.tls_options(world.certificates.good), "s"); });
    }
}

asio::awaitable<void> expect_end(WebSocket* socket, int code)
{
    const auto last = co_await socket->read();
    CHECK(last.kind == Frame::Kind::closed);
    CHECK(last.close_code == code);
}

asio::awaitable<void> pause(std::chrono::milliseconds duration)
{
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, duration);
    co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<std::string> read_head(tcp::socket* socket)
{
    std::string text;
    co_await asio::async_read_until(*socket, asio::dynamic_buffer(text), "\r\n\r\n", asio::use_awaitable);
    co_return text;
}

asio::awaitable<void> write(tcp::socket* socket, std::string text)
{
    co_await asio::async_write(*socket, asio::buffer(text), asio::use_awaitable);
}

asio::awaitable<void> wait_for_end(tcp::socket* socket)
{
    std::array<char, 1024> scrap{};
    boost::system::error_code error;
    while (!error) {
        const auto [problem, got] =
            co_await socket->async_read_some(asio::buffer(scrap), asio::as_tuple(asio::use_awaitable));
        error = problem;
    }
}

std::string url_of(
    const std::string& scheme, const std::string& host, std::uint16_t port, const std::string& target
)
{
    return scheme + "://" + host + ":" + std::to_string(port) + target;
}

}  // namespace slipway::net::testing
