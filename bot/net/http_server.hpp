#pragma once

#include "bot/net/http.hpp"

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

struct ServerResponse {
    int status = 200;
    Headers headers;
    std::string body;
};

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  ///< 0: the system chooses
    std::uint64_t body_bytes = std::uint64_t{1024} * 1024;
    std::chrono::milliseconds header_limit{10'000};  ///< a client slower than this is dropped
    std::chrono::milliseconds body_limit{30'000};
    std::chrono::milliseconds idle_limit{60'000};   ///< between two requests on one connection
    std::chrono::milliseconds write_limit{10'000};  ///< for an answer to be taken in
    std::size_t connections = 256;  ///< one more costs the place of whoever has waited longest for an answer
};

/// A small HTTP/1.1 server with keep-alive: plain, for this machine and what stands before it.
class HttpServer {
public:
    using Handler = std::function<boost::asio::awaitable<ServerResponse>(ServerRequest)>;

    virtual ~HttpServer() = default;

    [[nodiscard]] virtual std::uint16_t port() const = 0;

    /// Serves until cancelled. Throws system_error naming the address when the port is taken (at
    /// `make_http_server`).
    [[nodiscard]] virtual boost::asio::awaitable<void> run() = 0;
};

[[nodiscard]] std::unique_ptr<HttpServer> make_http_server(
    boost::asio::any_io_executor executor, ServerOptions options, HttpServer::Handler handler
);

}  // namespace slipway::net
