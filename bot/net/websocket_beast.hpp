#pragma once

#include "bot/net/stream.hpp"
#include "bot/net/websocket.hpp"

#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <memory>
#include <utility>

namespace slipway::net {

// The next two are found by Beast through argument-dependent lookup.

/// The transport is closed by whoever called `close`, without waiting for the other side: Slack never closes
/// its end.
template <class Handler>
void async_teardown(boost::beast::role_type, Stream& stream, Handler&& handler)
{
    stream.shut_down_sending();
    boost::asio::post(
        stream.get_executor(),
        boost::beast::bind_front_handler(std::forward<Handler>(handler), boost::system::error_code())
    );
}

inline void beast_close_socket(Stream& stream) { stream.close(); }

using BeastSocket = boost::beast::websocket::stream<Stream, false>;

/// Ready for the opening handshake.
[[nodiscard]] std::unique_ptr<BeastSocket> websocket_over(Stream transport);

/// After the opening handshake.
[[nodiscard]] std::unique_ptr<WebSocket> opened(std::unique_ptr<BeastSocket> socket);

}  // namespace slipway::net
