#pragma once

#include "bot/net/http.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace slipway::net {

/// What a websocket brings.
struct Frame {
    enum class Kind { text, binary, pong, closed };
    Kind kind = Kind::text;
    std::string payload;  ///< of text and binary; the close reason
    int close_code = 0;   ///< of closed; 1006 when the connection just ended
};

/// One open websocket. One reader and one writer at a time; `send` and `ping` queue behind one another.
class WebSocket {
public:
    virtual ~WebSocket() = default;

    /// The next frame; `closed` is the last one. Pongs are reported, pings are answered by themselves and
    /// reported as pong too (both prove that the other side lives).
    [[nodiscard]] virtual boost::asio::awaitable<Frame> read() = 0;

    /// Sends one text message in a single frame. False when the connection is gone.
    [[nodiscard]] virtual boost::asio::awaitable<bool> send(std::string text) = 0;

    [[nodiscard]] virtual boost::asio::awaitable<bool> ping() = 0;

    /// Close handshake, bounded by `limit`, then the transport is closed whatever came back. May be called
    /// while a read is pending, which then ends with `closed`.
    [[nodiscard]] virtual boost::asio::awaitable<void> close(std::chrono::milliseconds limit) = 0;

    /// Closes the transport at once.
    virtual void abort() = 0;
};

/// Opens websockets. A port: the simulated world has its own.
class WebSocketConnector {
public:
    virtual ~WebSocketConnector() = default;

    /// Connects to wss://… (ws://… for loopback hosts). An answer other than 101 is an error of step
    /// `websocket` with the status in its message.
    [[nodiscard]] virtual boost::asio::awaitable<Outcome<std::unique_ptr<WebSocket>>> connect(
        std::string url, Limits limits
    ) = 0;
};

}  // namespace slipway::net
