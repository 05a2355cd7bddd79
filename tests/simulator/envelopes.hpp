#pragma once

#include "tests/simulator/clock.hpp"
#include "tests/simulator/json.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace simulator {

/// One envelope that was sent to the bot, and what came back.
struct Sent {
    std::string envelope_id;
    std::string type;
    json::object payload;
    bool accepts_payload = false;
    int attempt = 0;
    Steady at;
    bool acked = false;
    bool late = false;      ///< acknowledged after 3 s: to Slack as good as never
    bool lost = false;      ///< no acknowledgement in time, and Slack does not send it again
    json::object answer{};  ///< the payload of the acknowledgement
};

/// Slack's side of Socket Mode: what takes envelopes to the bot, over sockets or without.
class Envelopes {
public:
    virtual ~Envelopes() = default;

    /// Sends it, again where Slack does; the envelope's id.
    virtual std::string send(const std::string& type, json::object payload, bool accepts_payload) = 0;

    /// Null where there is none with this id.
    [[nodiscard]] virtual const Sent* sent(const std::string& envelope_id) const = 0;
};

inline constexpr std::chrono::seconds ack_deadline{3};
inline constexpr std::size_t longest_frame = 20'480;  ///< bytes, that long is too long

/// The ticket in the address of a handshake; empty where there is none.
[[nodiscard]] std::string ticket_in(const std::string& url);

/// How long after the failed attempt Slack sends an event again: its documented retries.
[[nodiscard]] std::optional<std::chrono::milliseconds> retry_after(int attempt);

/// The text frame that takes `sent` to the bot.
[[nodiscard]] std::string frame_of(const Sent& sent);

/// What Slack would refuse in the payload of its acknowledgement.
[[nodiscard]] std::vector<std::string> mistakes_in_answer(const Sent& sent);

}  // namespace simulator
