#include "tests/simulator/people.hpp"

#include <algorithm>

namespace simulator {

namespace {

/// The state of an input as Slack sends it, from its pre-filled value or from what the person entered.
json::object state_of(const json::object& element, const json::value* entered)
{
    const auto type = text_at(element, "type");
    json::object state{{"type", type}};
    const auto option = [](const json::value& value) { return json::object{{"value", value}}; };
    if (type == "plain_text_input") {
        const auto* initial = element.if_contains("initial_value");
        state["value"] = entered != nullptr ? *entered : initial != nullptr ? *initial : json::value(nullptr);
    }
    else if (type == "static_select" || type == "radio_buttons") {
        const auto* initial = element.if_contains("initial_option");
        state["selected_option"] = entered != nullptr   ? json::value(option(*entered))
                                   : initial != nullptr ? *initial
                                                        : json::value(nullptr);
    }
    else if (type == "checkboxes") {
        json::array chosen;
        if (entered != nullptr) {
            for (const auto& value : entered->as_array()) {
                chosen.push_back(option(value));
            }
        }
        else if (const auto* initial = array_at(element, "initial_options")) {
            chosen = *initial;
        }
        state["selected_options"] = std::move(chosen);
    }
    else if (type == "users_select") {
        const auto* initial = element.if_contains("initial_user");
        state["selected_user"] = entered != nullptr   ? *entered
                                 : initial != nullptr ? *initial
                                                      : json::value(nullptr);
    }
    else if (type == "datetimepicker") {
        const auto* initial = element.if_contains("initial_date_time");
        state["selected_date_time"] = entered != nullptr   ? *entered
                                      : initial != nullptr ? *initial
                                                           : json::value(nullptr);
    }
    return state;
}

json::object state_values(const json::object& view, const json::object& entered)
{
    json::object values;
    const auto* blocks = array_at(view, "blocks");
    for (const auto& each : *blocks) {
        const auto& block = each.as_object();
        const auto* element = object_at(block, "element");
        if (text_at(block, "type") != "input" || element == nullptr) {
            continue;
        }
        const auto id = text_at(block, "block_id");
        values[id] =
            json::object{{text_at(*element, "action_id"), state_of(*element, entered.if_contains(id))}};
    }
    return values;
}

}  // namespace

const json::object* find_button(const json::array& blocks, const std::string& action_id)
{
    for (const auto& each : blocks) {
        const auto& block = each.as_object();
        if (const auto* accessory = object_at(block, "accessory");
            accessory != nullptr && text_at(*accessory, "action_id") == action_id) {
            return accessory;
        }
        if (const auto* elements = array_at(block, "elements")) {
            for (const auto& element : *elements) {
                if (element.is_object() && text_at(element.get_object(), "action_id") == action_id) {
                    return &element.get_object();
                }
            }
        }
    }
    return nullptr;
}

People::People(Workspace& workspace, SlackApi& api, SocketHub& hub)
    : workspace_(workspace), api_(api), hub_(hub)
{
    workspace_.on_event = [this](json::object event) {
        const json::object payload{
            {"token", "verification"},
            {"team_id", workspace_.team_id},
            {"api_app_id", workspace_.app_id},
            {"event", std::move(event)},
            {"type", "event_callback"},
            {"event_id", workspace_.next_id("Ev")},
            {"event_time", 1},
            {"is_ext_shared_channel", false},
        };
        hub_.send("events_api", payload, false);
    };
}

std::string People::act(
    const std::string& user,
    const std::string& what,
    Pending pending,
    const std::string& type,
    json::object payload,
    bool accepts
)
{
    workspace_.transcript().add(Entry::Kind::act, user, pending.channel, what);
    const auto id = hub_.send(type, std::move(payload), accepts);
    pending.envelope_id = id;
    pending_.push_back(std::move(pending));
    return id;
}

std::string People::slash(
    const std::string& user, const std::string& channel, const std::string& command, const std::string& text
)
{
    json::object payload{
        {"token", "verification"},
        {"team_id",
         workspace_.users.at(user).team_id.empty() ? workspace_.team_id : workspace_.users.at(user).team_id},
        {"team_domain", workspace_.team_domain},
        {"channel_id", channel},
        {"channel_name", workspace_.channels.at(channel).name},
        {"user_id", user},
        {"user_name", workspace_.users.at(user).name},
        {"command", command},
        {"text", text},
        {"api_app_id", workspace_.app_id},
        {"is_enterprise_install", "false"},
        {"response_url", "https://hooks.slack.com/commands/none"},
        {"trigger_id", api_.new_trigger(user)},
    };
    return act(
        user, command + " " + text, {{}, user, channel, {}}, "slash_commands", std::move(payload), true
    );
}

std::string People::reply(
    const std::string& user, const std::string& channel, const std::string& thread_ts, const std::string& text
)
{
    Message message;
    message.channel = channel;
    message.thread_ts = thread_ts;
    message.user = user;
    message.text = text;
    if (workspace_.users.at(user).is_bot) {
        message.bot_id = "B" + user;
    }
    return workspace_.post(std::move(message)).ts;
}

json::object People::interaction(const std::string& type, const std::string& user)
{
    const auto& person = workspace_.users.at(user);
    const auto team = person.team_id.empty() ? workspace_.team_id : person.team_id;
    return {
        {"type", type},
        {"user", {{"id", user}, {"username", person.name}, {"name", person.name}, {"team_id", team}}},
        {"api_app_id", workspace_.app_id},
        {"token", "verification"},
        {"trigger_id", api_.new_trigger(user)},
        {"team", {{"id", workspace_.team_id}, {"domain", workspace_.team_domain}}},
        {"enterprise", nullptr},
        {"is_enterprise_install", false},
    };
}

std::string People::press(
    const std::string& user, const std::string& channel, const std::string& ts, const std::string& action_id
)
{
    auto payload = interaction("block_actions", user);
    json::array blocks;
    if (channel.empty()) {
        const auto home = workspace_.homes.find(user);
        const auto* found = home == workspace_.homes.end()
                                ? nullptr
                                : array_at(workspace_.views.at(home->second).body, "blocks");
        blocks = found == nullptr ? json::array{} : *found;
        payload["container"] = {
            {"type", "view"}, {"view_id", home == workspace_.homes.end() ? "" : home->second}};
    }
    else if (const auto* message = workspace_.message(channel, ts)) {
        blocks = message->blocks;
        payload["container"] = {
            {"type", "message"}, {"message_ts", ts}, {"channel_id", channel}, {"is_ephemeral", false}};
        payload["message"] = workspace_.as_json(*message, false);
    }
    else {
        for (const auto& ephemeral : workspace_.ephemerals) {
            if (ephemeral.ts == ts) {
                blocks = ephemeral.blocks;
            }
        }
        payload["container"] = {
            {"type", "message"}, {"message_ts", ts}, {"channel_id", channel}, {"is_ephemeral", true}};
    }
    if (!channel.empty()) {
        payload["channel"] = {{"id", channel}, {"name", workspace_.channels.at(channel).name}};
    }
    const auto* button = find_button(blocks, action_id);
    if (button == nullptr) {
        return {};
    }
    payload["actions"] = json::array{json::object{
        {"type", "button"},
        {"action_id", action_id},
        {"block_id", "b1"},
        {"value", text_at(*button, "value")},
        {"action_ts", workspace_.next_ts()}}};
    return act(
        user, "presses " + action_id, {{}, user, channel, {}}, "interactive", std::move(payload), false
    );
}

std::string People::press_forged(
    const std::string& user,
    const std::string& channel,
    const std::string& action_id,
    const std::string& value
)
{
    auto payload = interaction("block_actions", user);
    payload["channel"] = {{"id", channel}, {"name", workspace_.channels.at(channel).name}};
    payload["container"] = {
        {"type", "message"}, {"message_ts", "1.000000"}, {"channel_id", channel}, {"is_ephemeral", false}};
    payload["actions"] = json::array{json::object{
        {"type", "button"},
        {"action_id", action_id},
        {"block_id", "b1"},
        {"value", value},
        {"action_ts", workspace_.next_ts()}}};
    return act(
        user, "forges " + action_id, {{}, user, channel, {}}, "interactive", std::move(payload), false
    );
}

View* People::modal_of(const std::string& user)
{
    const auto stack = workspace_.stacks.find(user);
    return stack == workspace_.stacks.end() || stack->second.empty()
               ? nullptr
               : &workspace_.views.at(stack->second.back());
}

std::string People::submit(const std::string& user, json::object fields)
{
    auto* view = modal_of(user);
    if (view == nullptr) {
        return {};
    }
    auto payload = interaction("view_submission", user);
    auto body = view->body;
    body["id"] = view->id;
    body["hash"] = view->hash;
    body["state"] = {{"values", state_values(view->body, fields)}};
    payload["view"] = std::move(body);
    payload["response_urls"] = json::array{};
    const auto what = "submits " + text_at(view->body, "callback_id");
    return act(user, what, {{}, user, {}, view->id}, "interactive", std::move(payload), true);
}

void People::edit(
    const std::string& user, const std::string& channel, const std::string& ts, const std::string& text
)
{
    auto message = *workspace_.message(channel, ts);
    message.text = text;
    workspace_.change(std::move(message), user);
}

void People::open_home(const std::string& user)
{
    workspace_.tell(
        {{"type", "app_home_opened"},
         {"user", user},
         {"channel", "D0HOME"},
         {"tab", "home"},
         {"event_ts", workspace_.next_ts()}}
    );
}

void People::apply_acks()
{
    for (auto pending = pending_.begin(); pending != pending_.end();) {
        const auto* sent = hub_.sent(pending->envelope_id);
        if (!sent->acked && !sent->lost) {
            ++pending;
            continue;
        }
        const bool errors = text_at(sent->answer, "response_action") == "errors";
        if (!pending->view_id.empty() && !errors && sent->acked) {
            workspace_.views.at(pending->view_id).open = false;
            std::erase(workspace_.stacks[pending->user], pending->view_id);
        }
        if (const auto text = text_at(sent->answer, "text"); !text.empty()) {
            Ephemeral shown{pending->channel, pending->user, "", "", text, {}, "ack"};
            if (const auto* blocks = array_at(sent->answer, "blocks")) {
                shown.blocks = *blocks;
            }
            workspace_.show(std::move(shown));
        }
        pending = pending_.erase(pending);
    }
}

}  // namespace simulator
