#include "bot/slack/socket_mode.hpp"

#include "bot/runtime/retry_delay.hpp"
#include "commands/text/json_members.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace slipway::slack {

namespace {

namespace json = boost::json;

Envelope envelope_of(const json::object& frame)
{
    Envelope envelope{text_at(frame, "envelope_id"), text_at(frame, "type")};
    envelope.accepts_response_payload = flag_at(frame, "accepts_response_payload");
    envelope.payload = object_at(frame, "payload");
    return envelope;
}

/// The envelope id of a frame that is not JSON any more; empty where none can be made out.
std::string salvaged_id(const std::string& frame)
{
    const std::string key = "\"envelope_id\"";
    const auto at = frame.find(key);
    const auto open = at == std::string::npos ? at : frame.find('"', at + key.size());
    const auto close = open == std::string::npos ? open : frame.find('"', open + 1);
    return close == std::string::npos ? std::string{} : frame.substr(open + 1, close - open - 1);
}

/// What a disconnect means for the operator.
std::string meaning_of(const std::string& reason)
{
    if (reason == "link_disabled") {
        return "Socket Mode is switched off for this app; switch it on under Settings, Socket Mode";
    }
    if (reason == "too_many_websockets") {
        return "Slack counts more than ten connections of this app (too_many_websockets); stop the other "
               "programs "
               "that use its app-level token";
    }
    return "Slack renews a connection (" + reason + ")";
}

bool is_renewal(const std::string& reason) { return reason == "warning" || reason == "refresh_requested"; }

bool is_known_type(const std::string& type)
{
    static constexpr std::array types{"events_api", "interactive", "slash_commands"};
    return std::find(types.begin(), types.end(), type) != types.end();
}

constexpr auto without_id =
    "Slack sent a frame that could not be read and has no envelope id to acknowledge; "
    "slipway_envelopes_without_id counts them";

}  // namespace

SocketMode::SocketMode(int slots, Random& random, SteadyTime now, SocketTimes times)
    : random_(random), times_(times)
{
    for (int slot = 0; slot < slots; ++slot) {
        slots_.push_back({now + times_.stagger * slot});
    }
}

SocketActions SocketMode::tick(SteadyTime now)
{
    SocketActions actions;
    std::vector<ConnectionId> ids;
    for (const auto& [id, connection] : connections_) {
        ids.push_back(id);
    }
    for (const auto id : ids) {
        check(id, connections_.at(id), now, actions);
    }
    open_where_due(now, actions);
    return actions;
}

void SocketMode::check(ConnectionId id, Connection& connection, SteadyTime now, SocketActions& actions)
{
    const bool no_hello = connection.state == State::greeting && now - connection.since >= times_.hello;
    const bool is_ping_due =
        connection.state != State::opening && now - connection.pinged >= times_.ping_interval;
    const bool silent = is_ping_due && connection.unanswered >= times_.unanswered_pings;
    if (no_hello || silent) {
        health_.trouble =
            no_hello ? "Slack did not greet on a new connection; it is given up"
                     : "a connection to Slack fell silent and is given up for dead; a proxy or firewall "
                       "may cut idle ones";
        tell(actions, health_.trouble, true);
        actions.emplace_back(AbortConnection{id});
        forget(id, now);
        return;
    }
    if (connection.state == State::opening) {
        return;  // the opener has its own limits
    }
    if (is_ping_due) {
        connection.pinged = now;
        ++connection.unanswered;
        actions.emplace_back(SendPing{id});
    }
    if (connection.state == State::live && now >= connection.rotate_at) {
        leave(slot_of(connection), connection.state, now);
        connection.state = State::draining;
        connection.since = now;
    }
    if (is_replaced(connection) && now - connection.since >= times_.drain) {
        actions.emplace_back(CloseConnection{id});
        forget(id, now);
    }
}

void SocketMode::open_where_due(SteadyTime now, SocketActions& actions)
{
    if (stopping_) {
        return;
    }
    for (int number = 0; number < static_cast<int>(slots_.size()); ++number) {
        const bool filled = std::any_of(connections_.begin(), connections_.end(), [&](const auto& each) {
            return each.second.slot == number && each.second.state != State::draining;
        });
        auto& slot = slots_[static_cast<std::size_t>(number)];
        if (!filled && now >= slot.next_open) {
            slot.opened = now;
            const auto id = next_id_++;
            connections_[id] = {number, State::opening, now, now};
            actions.emplace_back(OpenConnection{id});
        }
    }
}

SocketMode::Slot& SocketMode::slot_of(const Connection& connection)
{
    return slots_.at(static_cast<std::size_t>(connection.slot));
}

bool SocketMode::is_replaced(const Connection& connection) const
{
    return connection.state == State::draining &&
           std::any_of(connections_.begin(), connections_.end(), [&](const auto& each) {
               return each.second.slot == connection.slot && each.second.state == State::live;
           });
}

SteadyTime SocketMode::next_tick(SteadyTime now) const
{
    auto next = now + times_.ping_interval;
    for (const auto& slot : slots_) {
        if (slot.next_open > now) {
            next = std::min(next, slot.next_open);
        }
    }
    for (const auto& [id, connection] : connections_) {
        if (connection.state != State::opening) {
            next = std::min(next, connection.pinged + times_.ping_interval);
        }
        if (connection.state == State::greeting) {
            next = std::min(next, connection.since + times_.hello);
        }
        if (connection.state == State::live) {
            next = std::min(next, connection.rotate_at);
        }
        if (is_replaced(connection)) {
            next = std::min(next, connection.since + times_.drain);
        }
    }
    return std::max(next, now);
}

SocketActions SocketMode::opened(ConnectionId id, SteadyTime now)
{
    const auto found = connections_.find(id);
    if (found == connections_.end()) {
        return {AbortConnection{id}};
    }
    auto& connection = found->second;
    connection.state = State::greeting;
    connection.since = connection.pinged = now;
    return {};
}

SocketActions SocketMode::failed(
    ConnectionId id, SteadyTime now, std::chrono::milliseconds after, std::string why
)
{
    const auto found = connections_.find(id);
    if (found != connections_.end()) {
        health_.trouble = why.empty() ? health_.trouble : std::move(why);
        back_off(slot_of(found->second), now, after);
        connections_.erase(found);
    }
    return {};
}

void SocketMode::heard(ConnectionId id)
{
    if (const auto found = connections_.find(id); found != connections_.end()) {
        found->second.unanswered = 0;
    }
}

SocketActions SocketMode::text(ConnectionId id, const std::string& frame, SteadyTime now)
{
    heard(id);
    SocketActions actions;
    if (frame.empty()) {
        return actions;  // Slack sends empty messages now and then
    }
    boost::system::error_code error;
    const auto parsed = json::parse(frame, error);
    if (error || !parsed.is_object()) {
        const auto salvaged = salvaged_id(frame);
        if (salvaged.empty()) {
            ++health_.without_id;
            tell(actions, without_id, true);
        }
        else {
            actions.emplace_back(DeliverBroken{id, salvaged, "the frame is not JSON", frame});
        }
        return actions;
    }
    const auto& object = parsed.get_object();
    const auto type = text_at(object, "type");
    if (type == "hello") {
        hello(id, object, now, actions);
    }
    else if (type == "disconnect") {
        disconnect(id, text_at(object, "reason"), now, actions);
    }
    else if (text_at(object, "envelope_id").empty()) {
        ++health_.without_id;
        tell(actions, without_id, true);
    }
    else {
        if (!is_known_type(type)) {
            tell(
                actions,
                "Slack sent an envelope of the unknown type '" + type + "'; it is acknowledged and ignored",
                false
            );
        }
        actions.emplace_back(Deliver{id, envelope_of(object)});
    }
    return actions;
}

void SocketMode::tell(SocketActions& actions, std::string what, bool is_trouble)
{
    if (told_.insert(what).second) {
        actions.emplace_back(Tell{is_trouble, std::move(what)});
    }
}

void SocketMode::hello(ConnectionId id, const json::object& frame, SteadyTime now, SocketActions& actions)
{
    const auto found = connections_.find(id);
    if (found == connections_.end() || found->second.state == State::draining) {
        return;
    }
    auto& connection = found->second;
    const bool was_dark = !any_live();
    connection.state = State::live;
    connection.since = now;
    slot_of(connection).failures = 0;
    health_.announced = static_cast<int>(number_at(frame, "num_connections"));
    health_.link_disabled = false;
    told_.clear();
    if (!std::exchange(health_.trouble, {}).empty() && was_dark) {
        tell(actions, "connected to Slack again", false);
    }
    if (const auto own = static_cast<int>(connections_.size()); health_.announced > own) {
        actions.emplace_back(Tell{
            true,
            "Slack counts " + std::to_string(health_.announced) + " connections of this app, " +
                std::to_string(own) +
                " are ours: another Slipway takes a part of what people say, or connections of an earlier "
                "run "
                "have not ended yet"});
    }
    constexpr std::int64_t longest_life = 24 * 60 * 60;  // Slack ends each within hours
    const std::chrono::seconds life{
        std::min(number_at(frame, "debug_info", "approximate_connection_time"), longest_life)};
    if (life.count() > 0) {
        connection.rotate_at = now + life * times_.rotate_percent / 100;
    }
    for (auto& [other_id, other] : connections_) {
        if (other_id != id && other.slot == connection.slot && other.state == State::draining) {
            other.since = now;  // its drain time runs from here
        }
    }
}

void SocketMode::disconnect(
    ConnectionId id, const std::string& reason, SteadyTime now, SocketActions& actions
)
{
    const auto found = connections_.find(id);
    if (found == connections_.end()) {
        return;
    }
    if (!is_renewal(reason)) {
        health_.trouble = meaning_of(reason);
    }
    tell(actions, meaning_of(reason), !is_renewal(reason));
    auto& slot = slot_of(found->second);
    if (reason == "too_many_websockets") {
        actions.emplace_back(CloseConnection{id});
        back_off(slot, now, times_.too_many);
        connections_.erase(found);
        return;
    }
    if (reason == "link_disabled") {
        health_.link_disabled = true;
        actions.emplace_back(CloseConnection{id});
        connections_.erase(found);
        for (auto& each : slots_) {
            back_off(each, now, times_.link_disabled);
        }
        return;
    }
    leave(slot, found->second.state, now);
    found->second.state = State::draining;
    found->second.since = now;
    open_where_due(now, actions);
}

SocketActions SocketMode::closed(ConnectionId id, SteadyTime now, int code)
{
    SocketActions actions;
    const auto found = connections_.find(id);
    if (found != connections_.end() && found->second.state != State::draining) {
        health_.trouble = "a connection to Slack ended unasked (" + std::to_string(code) + ")";
        tell(actions, health_.trouble, true);
    }
    forget(id, now);
    open_where_due(now, actions);
    return actions;
}

void SocketMode::forget(ConnectionId id, SteadyTime now)
{
    const auto found = connections_.find(id);
    if (found == connections_.end()) {
        return;
    }
    leave(slot_of(found->second), found->second.state, now);
    connections_.erase(found);
}

void SocketMode::leave(Slot& slot, State state, SteadyTime now)
{
    switch (state) {
        case State::opening:
        case State::greeting:
            back_off(slot, now, std::chrono::milliseconds{0});
            break;
        case State::live:  // it had proved healthy: at once, unless that would be too often
            slot.next_open = std::max(now, slot.opened + times_.between_openings);
            break;
        case State::draining:  // its replacement is under way
            break;
    }
}

void SocketMode::back_off(Slot& slot, SteadyTime now, std::chrono::milliseconds at_least)
{
    const auto jitter = retry_delay(slot.failures, times_.first_retry, times_.longest_retry, random_);
    slot.failures += 1;
    slot.next_open = now + at_least + jitter;
}

SocketActions SocketMode::stop()
{
    stopping_ = true;
    SocketActions actions;
    for (const auto& [id, connection] : connections_) {
        actions.emplace_back(CloseConnection{id});
    }
    connections_.clear();
    return actions;
}

std::optional<ConnectionId> SocketMode::any_live() const
{
    std::optional<ConnectionId> leaving;
    for (const auto& [id, connection] : connections_) {
        if (connection.state == State::live) {
            return id;
        }
        if (connection.state == State::draining) {
            leaving = id;
        }
    }
    return leaving;
}

SocketMode::Health SocketMode::health() const
{
    auto health = health_;
    health.own = static_cast<int>(connections_.size());
    health.live =
        static_cast<int>(std::count_if(connections_.begin(), connections_.end(), [](const auto& each) {
            return each.second.state == State::live;
        }));
    return health;
}

}  // namespace slipway::slack
