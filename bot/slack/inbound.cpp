#include "bot/slack/inbound.hpp"

#include "commands/text/json_members.hpp"

#include <optional>

namespace slipway::slack {

namespace {

namespace json = boost::json;

std::string first_of(std::string a, std::string b) { return a.empty() ? b : a; }

Sender interactive_sender(const json::object& payload)
{
    return {
        UserId(text_at(payload, "user", "id")),
        ChannelId(first_of(text_at(payload, "channel", "id"), text_at(payload, "container", "channel_id"))),
        text_at(payload, "trigger_id"),
    };
}

Inbound slash_command(const json::object& payload)
{
    SlashCommand command{
        {UserId(text_at(payload, "user_id")),
         ChannelId(text_at(payload, "channel_id")),
         text_at(payload, "trigger_id")},
        text_at(payload, "command"),
        text_at(payload, "text"),
    };
    if (command.sender.user.empty() || command.command.empty()) {
        return Malformed{"a slash command without user or command"};
    }
    return command;
}

/// The value of one input element; none where it was left empty.
std::optional<json::value> value_of(const json::object& element)
{
    if (const auto* options = element.if_contains("selected_options");
        options != nullptr && options->is_array()) {
        json::array values;
        for (const auto& option : options->get_array()) {
            if (option.is_object()) {
                values.emplace_back(text_at(option.get_object(), "value"));
            }
        }
        return values;
    }
    if (const auto* moment = element.if_contains("selected_date_time");
        moment != nullptr && moment->is_int64()) {
        return *moment;
    }
    for (const auto* key : {"value", "selected_user", "selected_channel", "selected_date", "selected_time"}) {
        if (auto text = text_at(element, key); !text.empty()) {
            return json::value(text);
        }
    }
    if (auto text = text_at(element, "selected_option", "value"); !text.empty()) {
        return json::value(text);
    }
    return std::nullopt;
}

json::object fields_of(const json::object& view)
{
    json::object fields;
    for (const auto& [block_id, elements] : object_at(view, "state", "values")) {
        if (!elements.is_object()) {
            continue;
        }
        for (const auto& [action_id, element] : elements.get_object()) {
            auto value = element.is_object() ? value_of(element.get_object()) : std::nullopt;
            if (value) {
                fields[block_id] = std::move(*value);
            }
        }
    }
    return fields;
}

std::vector<std::string> input_blocks(const json::object& view)
{
    std::vector<std::string> ids;
    for (const auto& block : array_at(view, "blocks")) {
        if (block.is_object() && text_at(block.get_object(), "type") == "input") {
            ids.push_back(text_at(block.get_object(), "block_id"));
        }
    }
    return ids;
}

Inbound button_press(const json::object& payload)
{
    const auto& actions = array_at(payload, "actions");
    if (actions.empty() || !actions.front().is_object()) {
        return Malformed{"block_actions without an action"};
    }
    const auto& action = actions.front().get_object();
    const auto option = text_at(action, "selected_option", "value");
    return ButtonPress{
        interactive_sender(payload),
        text_at(action, "action_id"),
        option.empty() ? text_at(action, "value") : option,
    };
}

Inbound interactive(const json::object& payload)
{
    const auto type = text_at(payload, "type");
    if (text_at(payload, "user", "id").empty()) {
        return Malformed{"an interaction without a user"};
    }
    if (type == "block_actions") {
        return button_press(payload);
    }
    if (type == "view_submission") {
        const auto* view = payload.if_contains("view");
        if (view == nullptr || !view->is_object()) {
            return Malformed{"a submission without its view"};
        }
        const auto& shown = view->get_object();
        return ViewSubmission{
            interactive_sender(payload),
            text_at(shown, "callback_id"),
            text_at(shown, "private_metadata"),
            fields_of(shown),
            input_blocks(shown),
            text_at(shown, "id"),
        };
    }
    return Ignored{"an interaction of type '" + type + "'"};
}

Inbound message(const json::object& event)
{
    const auto subtype = text_at(event, "subtype");
    // A reply that is also sent to the channel or carries a file is still a reply; an edit or a deletion is
    // not.
    if (!subtype.empty() && subtype != "thread_broadcast" && subtype != "file_share") {
        return Ignored{"a message of subtype '" + subtype + "'"};
    }
    if (event.contains("bot_id") || text_at(event, "user").empty()) {
        return Ignored{"a message of an app"};
    }
    const Sender sender{UserId(text_at(event, "user")), ChannelId(text_at(event, "channel")), {}};
    const auto text = text_at(event, "text");
    const auto ts = text_at(event, "ts");
    const auto thread = text_at(event, "thread_ts");
    if (!thread.empty()) {
        return ThreadReply{sender, text, ts, thread};
    }
    if (text.find("<@") != std::string::npos) {
        return Mention{sender, text, ts};
    }
    return Ignored{"a message outside a thread"};
}

/// Tokens of people ("oauth") are revoked one by one and none of our business.
bool names_bot_token(const json::object& revocation)
{
    const auto* bots = member(revocation, "tokens", "bot");
    const bool names_people = member(revocation, "tokens", "oauth") != nullptr;
    return bots != nullptr && bots->is_array() ? !bots->get_array().empty() : !names_people;
}

Inbound event(const json::object& payload)
{
    const auto* inner = payload.if_contains("event");
    if (inner == nullptr || !inner->is_object()) {
        // app_rate_limited comes without an inner event.
        return Ignored{"an event of type '" + text_at(payload, "type") + "'"};
    }
    const auto& happened = inner->get_object();
    const auto type = text_at(happened, "type");
    if (type == "message") {
        return message(happened);
    }
    if (type == "app_home_opened") {
        return HomeOpened{{UserId(text_at(happened, "user")), {}, {}}};
    }
    if (type == "app_uninstalled" || (type == "tokens_revoked" && names_bot_token(happened))) {
        return AccessLost{type};
    }
    return Ignored{"an event of type '" + type + "'"};
}

}  // namespace

Inbound decode(const Envelope& envelope)
{
    if (envelope.type == "slash_commands") {
        return slash_command(envelope.payload);
    }
    if (envelope.type == "interactive") {
        return interactive(envelope.payload);
    }
    if (envelope.type == "events_api") {
        return event(envelope.payload);
    }
    return Ignored{"an envelope of type '" + envelope.type + "'"};
}

std::optional<ThreadReply> reply_of(json::object message, const ChannelId& channel)
{
    message["channel"] = channel.str();
    auto said = slack::message(message);
    auto* reply = std::get_if<ThreadReply>(&said);
    const bool is_whole = reply != nullptr && !message.contains("edited");
    return is_whole ? std::optional(std::move(*reply)) : std::nullopt;
}

std::vector<std::string> dedupe_keys(const Envelope& envelope)
{
    if (envelope.type == "events_api") {
        const auto event_id = text_at(envelope.payload, "event_id");
        return {event_id.empty() ? "envelope:" + envelope.id : "event:" + event_id};
    }
    std::vector<std::string> keys{"envelope:" + envelope.id};
    if (const auto trigger = text_at(envelope.payload, "trigger_id"); !trigger.empty()) {
        keys.push_back("trigger:" + trigger);
    }
    return keys;
}

}  // namespace slipway::slack
