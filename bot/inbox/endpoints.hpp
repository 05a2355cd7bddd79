#pragma once

#include "bot/net/http_server.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string>
#include <vector>

namespace slipway {

/// One number for Prometheus.
struct Metric {
    std::string name, help;
    double value = 0;
};

/// /healthz, /readyz, /metrics and POST /v1/signals.
class HttpEndpoints {
public:
    struct Parts {
        std::function<std::string()> not_ready;  ///< why; empty while it is
        std::function<std::vector<Metric>()> metrics;
        std::function<boost::asio::awaitable<net::ServerResponse>(net::ServerRequest)> take_signal;
    };

    explicit HttpEndpoints(Parts parts) : parts_(std::move(parts)) {}

    [[nodiscard]] boost::asio::awaitable<net::ServerResponse> handle(net::ServerRequest request);

private:
    Parts parts_;
};

}  // namespace slipway
