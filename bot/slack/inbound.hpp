#pragma once

#include "commands/text/types.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace slipway::slack {

/// One frame of Socket Mode that asks for an acknowledgement
/// (https://docs.slack.dev/apis/events-api/using-socket-mode).
struct Envelope {
    std::string id;    ///< envelope_id
    std::string type;  ///< "slash_commands", "interactive", "events_api" …
    bool accepts_response_payload = false;
    boost::json::object payload;
};

/// Who sent something and from where; ids only, names change.
struct Sender {
    UserId user;
    ChannelId channel;
    std::string trigger_id;  ///< opens one modal within 3 s
};

struct SlashCommand {
    Sender sender;
    std::string command;  ///< "/deploy"
    std::string text;     ///< as typed
};

/// A button, or another element whose change is reported at once.
struct ButtonPress {
    Sender sender;
    std::string action_id;
    std::string value;
};

struct ViewSubmission {
    Sender sender;
    std::string callback_id;
    std::string private_metadata;
    boost::json::object fields;  ///< block_id -> string, integer or array of strings; absent when left empty
    std::vector<std::string> block_ids;  ///< of the inputs, in order: where errors can be shown
    std::string view_id;                 ///< the same when the same open form is submitted again
};

/// A message outside a thread that mentions somebody.
struct Mention {
    Sender sender;
    std::string text;
    std::string ts;
};

/// A message in a thread.
struct ThreadReply {
    Sender sender;
    std::string text;
    std::string ts;
    std::string thread_ts;
};

struct HomeOpened {
    Sender sender;
};

/// The app was uninstalled or its tokens were revoked: stop posting, keep the record.
struct AccessLost {
    std::string why;
};

/// Understood and of no interest: own messages, edits, deletions, joins, unknown types.
struct Ignored {
    std::string why;
};

/// Not what the documentation says; kept as a dead letter.
struct Malformed {
    std::string why;
};

using Inbound = std::variant<
    SlashCommand,
    ButtonPress,
    ViewSubmission,
    Mention,
    ThreadReply,
    HomeOpened,
    AccessLost,
    Ignored,
    Malformed>;

/// What `envelope` says. Never throws, whatever came.
[[nodiscard]] Inbound decode(const Envelope& envelope);

/// What somebody wrote, as conversations.replies gives it. Nothing for what `decode` would ignore, nor for a
/// message that was edited: nobody knows what it said at first.
[[nodiscard]] std::optional<ThreadReply> reply_of(boost::json::object message, const ChannelId& channel);

/// What makes this delivery the same as another one: `event_id` for events; envelope and trigger id for the
/// rest, which Slack never sends again by itself.
[[nodiscard]] std::vector<std::string> dedupe_keys(const Envelope& envelope);

}  // namespace slipway::slack
