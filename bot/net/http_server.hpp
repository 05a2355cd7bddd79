#pragma once

#include "bot/net/http.hpp"
#include "bot/net/websocket.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace slipway::net {

/// A request as received. `target` is path and query.
struct ServerRequest {
    std::string method;
    std::string target;
    Headers headers;
    std::string body;
};

/// What to do with a connection besides answering: faults for tests.
enum class Answer {
    normal,
    drop,      ///< close without answering
    reset,     ///< RST without answering
    truncate,  ///< half the body, then close
    hold,      ///< never answer, keep the connection until the client leaves
};

struct ServerResponse {
    int status = 200;
    Headers headers;
    std::string body;
    Answer answer = Answer::normal;
};

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;                  ///< 0: the system chooses
    std::string certificate_file, key_file;  ///< PEM; both empty: plain HTTP
    std::uint64_t body_bytes = std::uint64_t{1024} * 1024;
    std::chrono::milliseconds header_limit{10'000};  ///< a client slower than this is dropped
    std::chrono::milliseconds body_limit{30'000};
    std::chrono::milliseconds idle_limit{60'000};  ///< between two requests on one connection
    std::size_t connections = 256;                 ///< further ones are closed at once
};

/// A small HTTP/1.1 server with keep-alive and websocket upgrade.
class HttpServer {
public:
    using Handler = std::function<boost::asio::awaitable<ServerResponse>(ServerRequest)>;
    /// Called for an upgrade request whose target `accepts` said yes to; the socket lives until the coroutine
    /// ends.
    using SocketHandler =
        std::function<boost::asio::awaitable<void>(std::shared_ptr<WebSocket>, ServerRequest)>;
    /// HTTP status to refuse an upgrade with, 101 to accept it.
    using Upgrade = std::function<int(const ServerRequest&)>;

    virtual ~HttpServer() = default;

    [[nodiscard]] virtual std::uint16_t port() const = 0;

    /// Serves until cancelled. Throws system_error naming the address when the port is taken (at
    /// `make_http_server`).
    [[nodiscard]] virtual boost::asio::awaitable<void> run() = 0;
};

[[nodiscard]] std::unique_ptr<HttpServer> make_http_server(
    boost::asio::any_io_executor executor,
    ServerOptions options,
    HttpServer::Handler handler,
    HttpServer::Upgrade upgrade = {},
    HttpServer::SocketHandler on_socket = {}
);

}  // namespace slipway::net
