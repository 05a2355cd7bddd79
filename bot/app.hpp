#pragma once

#include "bot/config/config.hpp"
#include "bot/net/http.hpp"
#include "bot/net/http_server.hpp"
#include "bot/net/websocket.hpp"
#include "bot/runtime/clock.hpp"
#include "bot/runtime/random.hpp"
#include "bot/runtime/storage_thread.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>

namespace slipway {

/// Everything the bot needs of the world. A test or a simulated world puts its own in; all must outlive the
/// App.
struct World {
    boost::asio::any_io_executor executor;
    Clock& clock;
    Random& random;
    net::HttpClient& http;
    net::WebSocketConnector& sockets;
    StorageRunner& storage;

    /// Makes what serves the HTTP endpoints; empty: a real server at the configured address.
    std::function<std::unique_ptr<net::HttpServer>(net::ServerOptions, net::HttpServer::Handler)> serve{};
};

/// The running bot: builds its parts once, runs them, stops them in two stages.
class App {
public:
    App(Config config, World world);
    ~App();
    App(const App&) = delete;
    App& operator=(const App&) = delete;

    /// Runs until `stop`. Throws slack::FatalSlackError when Slack refuses the tokens for good, and
    /// ConfigMistakes when the configuration names people Slack does not know.
    [[nodiscard]] boost::asio::awaitable<void> run();

    /// First stage: takes no more envelopes, closes the websockets, lets what is in hand end (at most two
    /// seconds), then ends `run`. Actions that run have seven seconds to end, then they are ended (SIGTERM,
    /// and SIGKILL after five more). Call on the executor's thread.
    void stop();

    /// Connected to Slack, roles resolved, nothing broken: what /readyz says.
    [[nodiscard]] bool is_ready() const;

    /// The port of the HTTP endpoints, 0 until they serve.
    [[nodiscard]] std::uint16_t http_port() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace slipway
