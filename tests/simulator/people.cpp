#include "tests/simulator/people.hpp"

#include "tests/simulator/inputs.hpp"

#include <algorithm>

namespace simulator {

const json::object* find_button(const json::array& blocks, const std::string& action_id)
{
    return find_element(blocks, action_id).element;
}

People::People(Workspace& workspace, SlackApi& api, Envelopes& envelopes)
    : workspace_(workspace), api_(api), envelopes_(envelopes)
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
        envelopes_.send("events_api", payload, false);
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
    const auto id = envelopes_.send(type, std::move(payload), accepts);
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
    const auto* message = workspace_.message(channel, ts);
    const auto option = message == nullptr ? FoundOption{} : find_option(message->blocks, action_id);
    if (!option.action_id.empty()) {
        return use(user, {channel, ts, {}, -1, option.action_id}, option.value);
    }
    return use(user, {channel, ts, {}, -1, action_id}, nullptr);
}

const json::array* People::blocks_at(const std::string& user, const Place& place, json::object& payload)
{
    if (place.channel.empty()) {
        const auto home = workspace_.homes.find(user);
        const auto id = !place.view.empty() || home == workspace_.homes.end() ? place.view : home->second;
        const auto view = workspace_.views.find(id);
        payload["container"] = {{"type", "view"}, {"view_id", id}};
        if (view == workspace_.views.end()) {
            return nullptr;
        }
        payload["view"] = workspace_.as_json(view->second);
        return array_at(view->second.body, "blocks");
    }
    const auto* message = workspace_.message(place.channel, place.ts);
    payload["channel"] = {{"id", place.channel}, {"name", workspace_.channels.at(place.channel).name}};
    payload["container"] = {
        {"type", "message"},
        {"message_ts", place.ts},
        {"channel_id", place.channel},
        {"is_ephemeral", message == nullptr}};
    if (message != nullptr) {
        payload["message"] = workspace_.as_json(*message, false);
        return &message->blocks;
    }
    for (const auto& ephemeral : workspace_.ephemerals) {
        if (ephemeral.ts == place.ts && ephemeral.user == user) {
            return &ephemeral.blocks;
        }
    }
    return nullptr;
}

std::string People::use(const std::string& user, const Place& place, const json::value& chosen)
{
    auto payload = interaction("block_actions", user);
    const auto* blocks = blocks_at(user, place, payload);
    const auto found =
        blocks == nullptr ? FoundElement{} : find_element(*blocks, place.action_id, place.block);
    if (found.element == nullptr) {
        return {};
    }
    const auto type = text_at(*found.element, "type");
    json::object action{
        {"type", type},
        {"action_id", place.action_id},
        {"block_id", found.block_id},
        {"action_ts", workspace_.next_ts()}};
    if (type == "button") {
        action["value"] = text_at(*found.element, "value");
    }
    else {
        const auto state = state_of(*found.element, &chosen);
        for (const auto& [key, value] : state) {
            action[key] = value;
        }
        payload["state"] = {{"values", {{found.block_id, {{place.action_id, state}}}}}};
    }
    payload["actions"] = json::array{std::move(action)};
    const auto what = (type == "button" ? "presses " : "uses ") + place.action_id;
    return act(user, what, {{}, user, place.channel, {}}, "interactive", std::move(payload), false);
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
    if (view == nullptr || !view->body.contains("submit")) {
        return {};
    }
    auto payload = interaction("view_submission", user);
    auto body = view->body;
    view->errors.clear();
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

void People::close_modal(const std::string& user)
{
    const auto* top = modal_of(user);
    if (top == nullptr) {
        return;
    }
    auto& view = workspace_.views.at(top->id);
    view.open = false;
    workspace_.stacks[user].pop_back();
    workspace_.transcript().add(Entry::Kind::act, user, "", "closes " + text_at(view.body, "callback_id"));
    if (flag_at(view.body, "notify_on_close")) {
        auto payload = interaction("view_closed", user);
        payload["view"] = workspace_.as_json(view);
        payload["is_cleared"] = false;
        envelopes_.send("interactive", std::move(payload), false);
    }
    workspace_.changes().notify();
}

void People::take_over(const Pending& pending, const json::object& answer)
{
    auto& view = workspace_.views.at(pending.view_id);
    const auto* errors = object_at(answer, "errors");
    view.errors = errors != nullptr ? *errors : json::object{};
    if (errors == nullptr) {
        view.open = false;
        std::erase(workspace_.stacks[pending.user], pending.view_id);
    }
}

void People::apply_acks()
{
    bool changed = false;
    for (auto pending = pending_.begin(); pending != pending_.end();) {
        const auto* sent = envelopes_.sent(pending->envelope_id);
        if (!sent->acked && !sent->lost) {
            ++pending;
            continue;
        }
        if (!pending->view_id.empty() && sent->acked) {
            take_over(*pending, sent->answer);
        }
        if (const auto text = text_at(sent->answer, "text"); !text.empty()) {
            Ephemeral shown{pending->channel, pending->user, "", "", text, {}, "ack"};
            if (const auto* blocks = array_at(sent->answer, "blocks")) {
                shown.blocks = *blocks;
            }
            workspace_.show(std::move(shown));
        }
        pending = pending_.erase(pending);
        changed = true;
    }
    if (changed) {
        workspace_.changes().notify();
    }
}

}  // namespace simulator
