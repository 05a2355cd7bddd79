#pragma once

#include "bot/net/http_server.hpp"
#include "bot/net/task_group.hpp"
#include "bot/net/transport.hpp"
#include "bot/net/websocket.hpp"
#include "tests/simulator/certificates.hpp"
#include "tests/simulator/web_server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <memory>
#include <string>

namespace slipway::net::testing {

namespace asio = boost::asio;
using asio::ip::tcp;

using simulator::Certificates;
using simulator::WebServer;

/// What one test runs in. Everything spawned ends before the test does.
struct World {
    explicit World(asio::any_io_executor chosen) : executor(chosen), tasks(chosen) {}

    asio::any_io_executor executor;
    Certificates certificates;
    std::string trouble;  ///< what a spawned task ended with
    TaskGroup tasks;

    void spawn(asio::awaitable<void> task);

    /// Starts the simulator's server and keeps it running until the test ends. Returns its port.
    std::uint16_t serve(
        const WebServer::Options& options,
        HttpServer::Handler handler,
        WebServer::Upgrade upgrade = {},
        WebServer::SocketHandler on_socket = {}
    );
    std::uint16_t serve_with_faults(const WebServer::Options& options, WebServer::Handler handler);

    /// The same for the bot's own.
    std::uint16_t serve_small(const ServerOptions& options, HttpServer::Handler handler);

    /// A listener whose connections are all given to `script`. Returns its port.
    std::uint16_t listen(std::function<asio::awaitable<void>(tcp::socket)> script);

    [[nodiscard]] WebServer::Options tls_options(const Certificates::Pair& pair) const;
    [[nodiscard]] TransportOptions trusting() const;

private:
    std::vector<std::unique_ptr<WebServer>> servers_;
    std::vector<std::unique_ptr<HttpServer>> small_servers_;
};

/// Its answers arrive whole.
[[nodiscard]] WebServer::Handler undisturbed(HttpServer::Handler handler);

/// Runs a test to its end on a loop of its own: it fails if it takes longer than 30 s or leaves work behind.
void run(const std::function<asio::awaitable<void>(World&)>& test);

/// Runs `test` with a plain server and with one that speaks TLS; `s` is the end of the scheme, "" or "s".
void run_over_both(asio::awaitable<void> (*test)(World& world, WebServer::Options options, std::string s));

/// Reads the last frame: the connection ended with `code`.
asio::awaitable<void> expect_end(WebSocket* socket, int code);

asio::awaitable<void> pause(std::chrono::milliseconds duration);

/// Reads up to the blank line after a request's head.
asio::awaitable<std::string> read_head(tcp::socket* socket);
asio::awaitable<void> write(tcp::socket* socket, std::string text);

/// Waits until the other side closes.
asio::awaitable<void> wait_for_end(tcp::socket* socket);

[[nodiscard]] std::string url_of(
    const std::string& scheme, const std::string& host, std::uint16_t port, const std::string& target = "/"
);

}  // namespace slipway::net::testing
