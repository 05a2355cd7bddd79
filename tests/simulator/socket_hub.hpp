#pragma once

#include "bot/net/http_server.hpp"
#include "bot/net/task_group.hpp"
#include "bot/net/websocket.hpp"
#include "tests/simulator/changes.hpp"
#include "tests/simulator/envelopes.hpp"
#include "tests/simulator/faults.hpp"
#include "tests/simulator/json.hpp"
#include "tests/simulator/transcript.hpp"

#include <boost/asio/awaitable.hpp>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace simulator {

/// Socket Mode over real sockets: tickets, hello, envelopes and their acknowledgements, retries of events,
/// disconnects.
class SocketHub : public Envelopes {
public:
    SocketHub(
        boost::asio::any_io_executor executor,
        SimulatedClock& clock,
        Agenda& agenda,
        Changes& changes,
        Transcript& transcript,
        Faults& faults
    );

    /// A ticket for one handshake.
    [[nodiscard]] std::string new_ticket();

    /// 101, or why not: a ticket serves once.
    [[nodiscard]] int accepts(const std::string& target);
    [[nodiscard]] boost::asio::awaitable<void> serve(std::shared_ptr<slipway::net::WebSocket> socket);

    /// Sends to any one of the connections; the envelope's id. An event that finds none goes out when the
    /// next one comes, until Slack's attempts are over; then it is lost.
    std::string send(const std::string& type, json::object payload, bool accepts_payload) override;

    /// Says {"type":"disconnect"} to every connection, or to the oldest one.
    void disconnect(const std::string& reason, bool all = true);
    /// Cuts every connection without a word.
    void cut();
    /// Sends `text` as it is to one connection.
    void send_raw(const std::string& text);

    [[nodiscard]] const Sent* sent(const std::string& envelope_id) const override;

    [[nodiscard]] const std::vector<Sent>& all_sent() const { return sent_; }

    /// How many have got an answer, or never will.
    [[nodiscard]] std::size_t answered() const { return answered_; }

    [[nodiscard]] int connections() const { return static_cast<int>(open_.size()); }

    [[nodiscard]] int ever_connected() const { return ever_; }

    int approximate_connection_time = 18'060;  ///< seconds, announced in hello

private:
    struct Open {
        int number;
        std::shared_ptr<slipway::net::WebSocket> socket;
        bool leaving = false;  ///< was told to disconnect: gets no more envelopes
        bool is_half_open = false;
    };

    void deliver(std::size_t index);
    void wait_for_connection(std::size_t index);
    void judge(std::size_t index);
    void give_up(Sent& sent);
    void take_ack(const std::string& text);
    /// The connection whose turn it is, null when none takes envelopes.
    [[nodiscard]] const Open* next_connection();
    void push(const Open& connection, std::string text);
    void forget(int number, int close_code);

    SimulatedClock& clock_;
    Agenda& agenda_;
    Changes& changes_;
    Transcript& transcript_;
    Faults& faults_;
    std::set<std::string> tickets_;
    std::vector<Open> open_;
    std::vector<Sent> sent_;
    std::unordered_map<std::string, std::size_t> by_id_;
    std::size_t answered_ = 0;
    std::vector<std::size_t> undelivered_;
    int ever_ = 0;
    std::size_t turn_ = 0;
    int last_envelope_ = 0;
    slipway::net::TaskGroup tasks_;
};

}  // namespace simulator
