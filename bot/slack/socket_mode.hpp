#pragma once

#include "bot/runtime/random.hpp"
#include "bot/slack/inbound.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace slipway::slack {

using SteadyTime = std::chrono::steady_clock::time_point;

/// The waits of Socket Mode, each with its reason.
struct SocketTimes {
    std::chrono::milliseconds hello{10'000};  ///< a connection is usable only after it
    std::chrono::milliseconds ping_interval{
        4'000};  ///< Slack's own pings come too seldom to find a dead peer
    /// In a row, not even with a pong: half-open. Counted and not timed, because a bot that was itself
    /// stopped for a while (a paused machine) has heard nothing from peers that live.
    int unanswered_pings = 2;
    std::chrono::milliseconds drain{15'000};  ///< Slack closes about 10 s after its warning
    /// Of a slot, at least: who is renewed again and again, or greeted and cut, is replaced no more often.
    std::chrono::milliseconds between_openings{2'000};
    std::chrono::milliseconds first_retry{500};
    std::chrono::milliseconds longest_retry{60'000};
    std::chrono::milliseconds too_many{30'000};  ///< at least, after too_many_websockets
    std::chrono::milliseconds link_disabled{
        300'000};                              ///< somebody switched Socket Mode off; they may switch it on
    std::chrono::milliseconds stagger{2'000};  ///< between the first connections of the slots
    int rotate_percent = 90;                   ///< of the announced life
};

using ConnectionId = int;

// What the runner should do.
struct OpenConnection {
    ConnectionId connection = 0;
};

struct CloseConnection {
    ConnectionId connection = 0;  ///< with the close handshake
};

struct AbortConnection {
    ConnectionId connection = 0;  ///< it is dead, do not wait for it
};

struct SendPing {
    ConnectionId connection = 0;
};

struct Deliver {
    ConnectionId connection = 0;
    Envelope envelope;
};

struct DeliverBroken {
    ConnectionId connection = 0;
    std::string envelope_id;  ///< to be acknowledged all the same, or Slack sends it again and again
    std::string why, frame;
};

/// For the operator's log.
struct Tell {
    bool is_trouble = false;
    std::string what;
};

using SocketAction =
    std::variant<OpenConnection, CloseConnection, AbortConnection, SendPing, Deliver, DeliverBroken, Tell>;
using SocketActions = std::vector<SocketAction>;

/// Socket Mode without I/O: several slots, each kept filled with a live connection; a replacement is opened
/// before the old one is left. Feed it what happens and do what it says.
///
/// Source: https://docs.slack.dev/apis/events-api/using-socket-mode and the behaviour of Slack's own clients.
class SocketMode {
public:
    SocketMode(int slots, Random& random, SteadyTime now, SocketTimes times = {});

    /// Time passed; call at least when `next_tick` says.
    [[nodiscard]] SocketActions tick(SteadyTime now);
    [[nodiscard]] SteadyTime next_tick(SteadyTime now) const;

    [[nodiscard]] SocketActions opened(ConnectionId id, SteadyTime now);
    /// `after`: Retry-After where Slack gave one; `why` is for `Health::trouble`.
    [[nodiscard]] SocketActions failed(
        ConnectionId id,
        SteadyTime now,
        std::chrono::milliseconds after = std::chrono::milliseconds{0},
        std::string why = {}
    );
    [[nodiscard]] SocketActions text(ConnectionId id, const std::string& frame, SteadyTime now);
    /// A pong, a ping or an ignored frame: the other side lives.
    void heard(ConnectionId id);
    /// `code`: of its close frame; 1006 where it just ended.
    [[nodiscard]] SocketActions closed(ConnectionId id, SteadyTime now, int code = 1006);

    /// Closes everything and opens nothing more.
    [[nodiscard]] SocketActions stop();

    /// A connection that has said hello, for an acknowledgement whose own socket is gone; one that is being
    /// left only where there is no other.
    [[nodiscard]] std::optional<ConnectionId> any_live() const;

    struct Health {
        int live = 0;  ///< connections that have said hello and are not being left
        int announced =
            0;  ///< num_connections of the newest hello: more than ours means a second instance or ghosts
        int own = 0;  ///< connections we know of
        bool link_disabled = false;
        std::uint64_t without_id = 0;  ///< frames that could not be acknowledged
        std::string trouble;           ///< what befell a connection since the newest hello, for the operator
    };

    [[nodiscard]] Health health() const;

private:
    enum class State { opening, greeting, live, draining };

    struct Connection {
        int slot = 0;
        State state = State::opening;
        SteadyTime since;  ///< of the state
        SteadyTime pinged;
        int unanswered = 0;  ///< pings since something was heard
        SteadyTime rotate_at = SteadyTime::max();
    };

    struct Slot {
        SteadyTime next_open;
        SteadyTime opened{};  ///< the last time
        int failures = 0;     ///< of openings, in a row: a hello is the proof of health
    };

    [[nodiscard]] Slot& slot_of(const Connection& connection);
    /// Is being left, and the slot has another that said hello.
    [[nodiscard]] bool is_replaced(const Connection& connection) const;
    void open_where_due(SteadyTime now, SocketActions& actions);
    void check(ConnectionId id, Connection& connection, SteadyTime now, SocketActions& actions);
    void hello(ConnectionId id, const boost::json::object& frame, SteadyTime now, SocketActions& actions);
    /// Once until the next hello, so that a connection that flaps does not fill the log.
    void tell(SocketActions& actions, std::string what, bool is_trouble);
    void disconnect(ConnectionId id, const std::string& reason, SteadyTime now, SocketActions& actions);
    void forget(ConnectionId id, SteadyTime now);
    /// When the next one of `slot` is opened, its last being left in `state`.
    void leave(Slot& slot, State state, SteadyTime now);
    void back_off(Slot& slot, SteadyTime now, std::chrono::milliseconds at_least);

    Random& random_;
    SocketTimes times_;
    std::vector<Slot> slots_;
    std::map<ConnectionId, Connection> connections_;
    ConnectionId next_id_ = 1;
    bool stopping_ = false;
    Health health_;
    std::set<std::string> told_;
};

}  // namespace slipway::slack
