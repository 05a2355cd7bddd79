#include "tests/simulator/workspace.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>

namespace simulator {

Workspace::Workspace(SimulatedClock& clock, Changes& changes, Transcript& transcript)
    : bot_scopes{"app_mentions:read", "channels:history", "channels:join",   "channels:read", "chat:write",
                 "commands",          "files:write",      "groups:history",  "groups:read",   "im:history",
                 "im:read",           "im:write",         "pins:write",      "reactions:write", "usergroups:read",
                 "users:read",        "users:read.email"},
      subscriptions{"app_home_opened",  "app_mention", "member_joined_channel", "message.channels",
                    "message.groups",   "message.im",  "reaction_added"},
      clock_(clock),
      changes_(changes),
      transcript_(transcript)
{
    add_user(
        {.id = bot_user, .name = "slipway", .real_name = "Slipway", .display_name = "Slipway", .is_bot = true}
    );
}

User& Workspace::add_user(User user)
{
    if (user.team_id.empty()) user.team_id = team_id;
    changes_.notify();
    const auto id = user.id;
    return users[id] = std::move(user);
}

Channel& Workspace::add_channel(Channel channel)
{
    changes_.notify();
    const auto id = channel.id;
    return channels[id] = std::move(channel);
}

Channel& Workspace::direct_messages(const std::string& user)
{
    const auto id = "D0" + user;
    if (const auto found = channels.find(id); found != channels.end()) return found->second;
    return add_channel({.id = id, .name = user, .is_im = true, .members = {user, bot_user}});
}

bool Workspace::is_member(const std::string& channel, const std::string& user) const
{
    const auto found = channels.find(channel);
    return found != channels.end() && found->second.members.contains(user);
}

Channel* Workspace::channel(const std::string& id_or_name)
{
    if (const auto found = channels.find(id_or_name); found != channels.end()) return &found->second;
    const auto name = id_or_name.starts_with('#') ? id_or_name.substr(1) : id_or_name;
    for (auto& [id, candidate] : channels) {
        if (!candidate.is_im && candidate.name == name) return &candidate;
    }
    return nullptr;
}

Message* Workspace::message(const std::string& channel, const std::string& ts)
{
    const auto found = channels.find(channel);
    if (found == channels.end()) return nullptr;
    const auto message = found->second.messages.find(ts);
    return message == found->second.messages.end() ? nullptr : &message->second;
}

std::string Workspace::next_ts()
{
    auto micros = clock_.now().time_since_epoch().count();
    std::string ts;
    do {
        std::array<char, 32> buffer{};
        const auto seconds = micros / 1'000'000;
        const auto fraction = micros % 1'000'000;
        std::snprintf(
            buffer.data(),
            buffer.size(),
            "%010lld.%06lld",
            static_cast<long long>(seconds),
            static_cast<long long>(fraction)
        );
        ts = buffer.data();
        ++micros;
    } while (!given_ts_.insert(ts).second);
    return ts;
}

std::string Workspace::next_id(const std::string& prefix)
{
    auto digits = std::to_string(++last_id_);
    return prefix + std::string(digits.size() < 8 ? 8 - digits.size() : 0, '0') + digits;
}

std::string Workspace::channel_type(const std::string& channel) const
{
    const auto& found = channels.at(channel);
    if (found.is_im) return "im";
    return found.is_private ? "group" : "channel";
}

bool Workspace::hears(const std::string& channel) const
{
    const auto type = channel_type(channel);
    const auto plural = type == "im" ? "message.im" : "message." + type + "s";
    return is_member(channel, bot_user) && subscriptions.contains(plural);
}

void Workspace::tell(json::object event)
{
    if (on_event) on_event(std::move(event));
}

void Workspace::tell_mention(const Message& message)
{
    if (!message.bot_id.empty() || !subscriptions.contains("app_mention")) return;
    if (message.text.find("<@" + bot_user + ">") == std::string::npos) return;
    auto event = as_json(message, false);
    event["type"] = "app_mention";
    event["channel"] = message.channel;
    event["event_ts"] = message.ts;
    tell(std::move(event));
}

Message& Workspace::post(Message message)
{
    message.ts = next_ts();
    auto& stored = channels.at(message.channel).messages[message.ts] = message;
    json::object facts{{"ts", message.ts}, {"thread_ts", message.thread_ts}};
    transcript_.add(Entry::Kind::message, message.user, message.channel, message.text, std::move(facts));
    if (hears(message.channel)) {
        auto event = as_json(message, false);
        event["channel"] = message.channel;
        event["channel_type"] = channel_type(message.channel);
        event["event_ts"] = message.ts;
        tell(std::move(event));
    }
    tell_mention(message);
    changes_.notify();
    return stored;
}

Message& Workspace::change(Message after, const std::string& editor)
{
    auto& stored = channels.at(after.channel).messages.at(after.ts);
    const auto before = stored;
    after.edited_ts = next_ts();
    ++after.updates;
    stored = std::move(after);
    transcript_.add(Entry::Kind::changed, editor, stored.channel, stored.text, {{"ts", stored.ts}});
    if (hears(stored.channel)) {
        auto inner = as_json(stored, false);
        inner["edited"] = json::object{{"user", editor}, {"ts", stored.edited_ts}};
        tell(
            {{"type", "message"},
             {"subtype", "message_changed"},
             {"hidden", true},
             {"channel", stored.channel},
             {"channel_type", channel_type(stored.channel)},
             {"message", std::move(inner)},
             {"previous_message", as_json(before, false)},
             {"ts", stored.edited_ts},
             {"event_ts", stored.edited_ts}}
        );
    }
    changes_.notify();
    return stored;
}

void Workspace::remove(const std::string& channel, const std::string& ts, const std::string& by)
{
    auto& messages = channels.at(channel).messages;
    const auto before = messages.at(ts);
    messages.erase(ts);
    const auto now = next_ts();
    transcript_.add(Entry::Kind::deleted, by, channel, before.text, {{"ts", ts}});
    if (hears(channel)) {
        tell(
            {{"type", "message"},
             {"subtype", "message_deleted"},
             {"hidden", true},
             {"channel", channel},
             {"channel_type", channel_type(channel)},
             {"deleted_ts", ts},
             {"previous_message", as_json(before, false)},
             {"ts", now},
             {"event_ts", now}}
        );
    }
    changes_.notify();
}

bool Workspace::react(
    const std::string& channel, const std::string& ts, const std::string& user, const std::string& name
)
{
    auto& given = message(channel, ts)->reactions[name];
    if (std::find(given.begin(), given.end(), user) != given.end()) return false;
    given.push_back(user);
    transcript_.add(Entry::Kind::reaction, user, channel, name, {{"ts", ts}});
    if (is_member(channel, bot_user) && subscriptions.contains("reaction_added")) {
        tell(
            {{"type", "reaction_added"},
             {"user", user},
             {"reaction", name},
             {"item_user", message(channel, ts)->user},
             {"item", json::object{{"type", "message"}, {"channel", channel}, {"ts", ts}}},
             {"event_ts", next_ts()}}
        );
    }
    changes_.notify();
    return true;
}

void Workspace::join(const std::string& channel, const std::string& user)
{
    if (!channels.at(channel).members.insert(user).second) return;
    if (is_member(channel, bot_user) && subscriptions.contains("member_joined_channel")) {
        tell(
            {{"type", "member_joined_channel"},
             {"user", user},
             {"channel", channel},
             {"channel_type", channels.at(channel).is_private ? "G" : "C"},
             {"team", team_id},
             {"event_ts", next_ts()}}
        );
    }
    changes_.notify();
}

const Ephemeral& Workspace::show(Ephemeral ephemeral)
{
    if (ephemeral.ts.empty()) ephemeral.ts = next_ts();
    json::object facts{
        {"ts", ephemeral.ts}, {"source", ephemeral.source}, {"thread_ts", ephemeral.thread_ts}};
    transcript_.add(
        Entry::Kind::ephemeral, ephemeral.user, ephemeral.channel, ephemeral.text, std::move(facts)
    );
    ephemerals.push_back(std::move(ephemeral));
    changes_.notify();
    return ephemerals.back();
}

View& Workspace::open_modal(const std::string& user, json::object body)
{
    View view;
    view.id = next_id("V");
    view.hash = next_id("hash");
    view.user = user;
    view.body = std::move(body);
    stacks[user].push_back(view.id);
    transcript_.add(Entry::Kind::view, user, "", text_at(view.body, "callback_id"), {{"id", view.id}});
    changes_.notify();
    const auto id = view.id;
    return views[id] = std::move(view);
}

void Workspace::update_view(View& view, json::object body)
{
    view.body = std::move(body);
    view.hash = next_id("hash");
    view.errors.clear();
    changes_.notify();
}

}  // namespace simulator
