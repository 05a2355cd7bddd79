#pragma once

#include "bot/net/http_server.hpp"
#include "bot/slack/socket_mode.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace slipway {

/// How the bot is, for the operator.
struct Health {
    bool is_stopping = false;
    std::string refused;  ///< why Slack refuses the bot's token; empty while it does not
    bool is_writable = true;
    std::size_t storage_waiting = 0;
    slack::SocketMode::Health sockets;
    std::uint64_t delivered = 0, retried = 0, rejected = 0;  ///< rows of the outbox since the start
    std::int64_t outbox_waiting = 0;
    std::chrono::milliseconds clock_ahead{0};  ///< Slack's, of ours
    std::vector<std::string> troubles{};       ///< what slipway.toml names and Slack has no more
};

/// What stands in the way; empty where nothing does.
[[nodiscard]] std::string not_ready(const Health& health);

/// /healthz, /readyz, /metrics and POST /v1/signals.
class HttpEndpoints {
public:
    struct Parts {
        std::function<Health()> health;
        std::function<boost::asio::awaitable<net::ServerResponse>(net::ServerRequest)> take_signal;
    };

    explicit HttpEndpoints(Parts parts) : parts_(std::move(parts)) {}

    [[nodiscard]] boost::asio::awaitable<net::ServerResponse> handle(net::ServerRequest request);

private:
    [[nodiscard]] net::ServerResponse look(const std::string& path) const;

    Parts parts_;
};

}  // namespace slipway
