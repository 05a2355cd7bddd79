#pragma once

#include "bot/net/http.hpp"
#include "bot/net/websocket.hpp"
#include "tests/storms/outside.hpp"

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace simulation {

/// The bot's way to the world: HTTP calls and websockets that are late, lost, cut, doubled or lied to.
///
/// What has left the bot arrives, or not, whether the bot still lives or not.
class Network : public slipway::net::HttpClient, public slipway::net::WebSocketConnector {
public:
    Network(Timeline& timeline, Dice& dice, Weather& weather, Trace& trace, Outside& outside)
        : timeline_(timeline), dice_(dice), weather_(weather), trace_(trace), outside_(outside)
    {}

    template <class T>
    using Outcome = slipway::net::Outcome<T>;

    [[nodiscard]] boost::asio::awaitable<Outcome<slipway::net::HttpResponse>> send(
        slipway::net::HttpRequest request
    ) override;
    [[nodiscard]] boost::asio::awaitable<Outcome<std::unique_ptr<slipway::net::WebSocket>>> connect(
        std::string url, slipway::net::Limits limits
    ) override;

    /// Nothing gets through, and nobody says so.
    void set_outage(bool is_out);

    /// The bot's process is gone: its sockets are closed by the machine it ran on.
    void bot_is_gone();

    /// Whether Slack may still act on a request that the bot has given up. Slack never sleeps.
    [[nodiscard]] bool is_late_pending() const { return late_ > 0; }

    struct Link;

private:
    struct Exchange;

    void carry(const std::shared_ptr<Exchange>& exchange, const slipway::net::HttpRequest& request);
    void finish(
        const std::shared_ptr<Exchange>& exchange,
        Milliseconds delay,
        Outcome<slipway::net::HttpResponse> outcome
    );
    [[nodiscard]] Milliseconds latency();

    Timeline& timeline_;
    Dice& dice_;
    Weather& weather_;
    Trace& trace_;
    Outside& outside_;
    std::vector<std::weak_ptr<Link>> links_;
    bool outage_ = false;
    int last_link_ = 0;
    int late_ = 0;
};

}  // namespace simulation
