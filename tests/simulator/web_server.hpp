#pragma once

#include "bot/net/http_server.hpp"
#include "bot/net/stream.hpp"
#include "bot/net/task_group.hpp"
#include "bot/net/websocket.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <memory>
#include <string>

namespace boost::asio::ssl {
class context;  // NOLINT(readability-identifier-naming): OpenSSL's wrapper in Asio
}

namespace simulator {

/// What becomes of an answer on its way.
enum class Delivery {
    whole,
    dropped,    ///< the connection is closed instead
    reset,      ///< … with RST
    truncated,  ///< half the body, then the connection is closed
    held,       ///< nothing comes until the client leaves
};

struct Reply {
    slipway::net::ServerResponse response;
    Delivery delivery = Delivery::whole;
};

/// HTTP/1.1 and websockets on loopback, with TLS or without, and with faults.
class WebServer {
public:
    struct Options {
        std::uint16_t port = 0;                      ///< 0: the system chooses
        std::string certificate_file{}, key_file{};  ///< PEM; both empty: plain
    };

    using Handler = std::function<boost::asio::awaitable<Reply>(slipway::net::ServerRequest)>;
    /// HTTP status to refuse an upgrade with, 101 to accept it.
    using Upgrade = std::function<int(const slipway::net::ServerRequest&)>;
    /// Called for an accepted upgrade; the socket lives until the coroutine ends.
    using SocketHandler = std::function<
        boost::asio::awaitable<void>(std::shared_ptr<slipway::net::WebSocket>, slipway::net::ServerRequest)>;

    WebServer(
        boost::asio::any_io_executor executor,
        const Options& options,
        Handler handler,
        Upgrade upgrade = {},
        SocketHandler on_socket = {}
    );
    ~WebServer();

    [[nodiscard]] std::uint16_t port() const { return port_; }

    /// Serves until cancelled.
    [[nodiscard]] boost::asio::awaitable<void> run();

private:
    [[nodiscard]] boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket);
    [[nodiscard]] boost::asio::awaitable<void> serve_socket(
        slipway::net::Stream stream, slipway::net::ServerRequest request
    );
    [[nodiscard]] boost::asio::awaitable<Reply> reply_to(slipway::net::ServerRequest request);

    Handler handler_;
    Upgrade upgrade_;
    SocketHandler on_socket_;
    std::unique_ptr<boost::asio::ssl::context> tls_;  ///< null: plain
    boost::asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_;
    slipway::net::TaskGroup connections_;
};

}  // namespace simulator
