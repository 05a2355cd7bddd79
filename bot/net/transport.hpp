#pragma once

#include "bot/net/http.hpp"
#include "bot/net/websocket.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <string>

namespace slipway::net {

/// How connections to the outside are made.
struct TransportOptions {
    std::string ca_file;                   ///< PEM, added to the system's roots; empty for none
    std::string proxy;                     ///< http://[user:password@]host:port for CONNECT, empty for none
    std::string no_proxy;                  ///< as the NO_PROXY environment variable
    std::size_t connections_per_host = 8;  ///< rate times latency, see design 3
    std::chrono::seconds idle_limit{30};   ///< a kept connection unused for longer is closed at the next call
};

/// Real sockets: TLS 1.2 or newer with the host name verified; plain only to loopback hosts.
/// Throws std::runtime_error when the CA file cannot be read.
[[nodiscard]] std::unique_ptr<HttpClient> make_http_client(
    boost::asio::any_io_executor executor, const TransportOptions& options
);
[[nodiscard]] std::unique_ptr<WebSocketConnector> make_websocket_connector(
    boost::asio::any_io_executor executor, const TransportOptions& options
);

}  // namespace slipway::net
