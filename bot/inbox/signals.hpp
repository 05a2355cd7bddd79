#pragma once

#include "bot/config/config.hpp"
#include "bot/judge.hpp"
#include "bot/net/http.hpp"
#include "bot/net/http_server.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

namespace slipway {

/// Where the facts behind the triggers come in (design 4.11): `POST /v1/signals`, and Prometheus.
class Signals {
public:
    /// All must outlive this.
    struct Parts {
        const Config& config;
        Judge& judge;
        StorageRunner& storage;
        net::HttpClient& http;
        Clock& clock;
    };

    explicit Signals(Parts parts) : parts_(parts) {}

    /// One signal: JSON {"id", "service", "kind", "error_rate", "baseline", "tickets", "detail",
    /// "was_failing_before"}. `X-Slipway-Timestamp` is seconds since 1970, at most five minutes off;
    /// `X-Slipway-Signature` is "sha256=" and the HMAC of timestamp, "." and body under
    /// SLIPWAY_SIGNAL_SECRET. The same id twice is one signal.
    ///
    /// 202 once it is stored; 400, 401 or 404 with one sentence.
    [[nodiscard]] boost::asio::awaitable<net::ServerResponse> take(net::ServerRequest request);

    /// Asks Prometheus every minute for the error rate of the service of each deployment that is being
    /// deployed or watched, the youngest first, and for what it was a minute before that one's start. Runs
    /// until cancelled.
    [[nodiscard]] boost::asio::awaitable<void> poll();

private:
    struct Live;

    [[nodiscard]] boost::asio::awaitable<void> look_at(Live live);
    [[nodiscard]] boost::asio::awaitable<std::optional<double>> query(std::string expression, Instant at);

    Parts parts_;
};

}  // namespace slipway
