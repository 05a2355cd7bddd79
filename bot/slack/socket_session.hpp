#pragma once

#include "bot/net/http.hpp"
#include "bot/net/task_group.hpp"
#include "bot/net/websocket.hpp"
#include "bot/runtime/clock.hpp"
#include "bot/runtime/wakeup.hpp"
#include "bot/slack/socket_mode.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace slipway::slack {

/// Slack refuses the app for good; `what()` says what the operator can do.
class FatalSlackError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Runs Socket Mode: opens connections, reads envelopes, sends acknowledgements.
class SocketSession {
public:
    /// The payload of the acknowledgement (empty object: none); nothing at all: do not acknowledge, so that
    /// Slack sends the event again.
    using Acknowledgement = std::optional<boost::json::object>;
    using Handler = std::function<boost::asio::awaitable<Acknowledgement>(Envelope)>;
    using BrokenHandler = std::function<boost::asio::awaitable<void>(DeliverBroken)>;
    /// Called with a payload that was too large for a frame: say it by the Web API instead.
    using TooLarge = std::function<boost::asio::awaitable<void>(Envelope, boost::json::object)>;

    struct Setup {
        std::string open_url;  ///< …/apps.connections.open
        std::string app_token;
        int connections = 2;
        Handler handler;
        BrokenHandler broken;
        TooLarge too_large;
        /// Called at the first hello, and when Slack is heard again after so long that it may have given
        /// events up.
        std::function<void()> after_gap;
    };

    SocketSession(
        boost::asio::any_io_executor executor,
        net::HttpClient& http,
        net::WebSocketConnector& connector,
        Clock& clock,
        Random& random,
        Setup setup
    );

    /// Runs until cancelled. Throws FatalSlackError when the app-level token is refused for good.
    [[nodiscard]] boost::asio::awaitable<void> run();

    /// Takes no more envelopes, lets the acknowledgements in hand out, closes the sockets; ends within 2 s.
    [[nodiscard]] boost::asio::awaitable<void> shut_down();

    /// Ends what `run` left behind. Call when it has ended, and before this is destroyed.
    [[nodiscard]] boost::asio::awaitable<void> break_off();

    [[nodiscard]] SocketMode::Health health() const { return protocol_.health(); }

private:
    using Socket = std::shared_ptr<net::WebSocket>;

    void perform(const SocketActions& actions);
    void spawn(boost::asio::awaitable<void> task);
    [[nodiscard]] boost::asio::awaitable<void> connect(ConnectionId id);
    [[nodiscard]] boost::asio::awaitable<std::optional<std::string>> ask_for_url(ConnectionId id);
    [[nodiscard]] boost::asio::awaitable<void> read(ConnectionId id, Socket socket);
    void take(ConnectionId id, const net::Frame& frame);
    [[nodiscard]] boost::asio::awaitable<void> close(Socket socket);
    [[nodiscard]] boost::asio::awaitable<void> ping(Socket socket);
    [[nodiscard]] boost::asio::awaitable<void> handle(ConnectionId id, Envelope envelope);
    [[nodiscard]] boost::asio::awaitable<void> handle_broken(DeliverBroken broken);
    [[nodiscard]] boost::asio::awaitable<void> acknowledge(ConnectionId id, std::string text);
    void wake();

    net::HttpClient& http_;
    net::WebSocketConnector& connector_;
    Clock& clock_;
    Setup setup_;
    SocketMode protocol_;
    Wakeup wakeup_;
    std::map<ConnectionId, Socket> sockets_;
    std::string fatal_;
    std::optional<Instant> last_heard_;  ///< by the wall clock: it runs while the machine sleeps
    bool stopping_ = false;
    /// Envelopes that are being answered, each with the connections on which it came: of the acknowledgements
    /// of an envelope that came twice, Slack takes the first.
    std::map<std::string, std::vector<ConnectionId>> in_hand_;
    net::TaskGroup tasks_;  // last: it ends before what its tasks use
};

}  // namespace slipway::slack
