#pragma once

#include "bot/net/http_server.hpp"
#include "bot/net/stream.hpp"
#include "bot/net/websocket.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace slipway::net {

/// The client's half of the opening handshake. Throws std::runtime_error naming the status when the answer is
/// not 101.
[[nodiscard]] boost::asio::awaitable<std::unique_ptr<WebSocket>> open_websocket(
    Stream stream, std::string authority, std::string target
);

/// The server's half, for an upgrade request that was read already.
[[nodiscard]] boost::asio::awaitable<std::shared_ptr<WebSocket>> accept_websocket(
    Stream stream, ServerRequest request
);

}  // namespace slipway::net
