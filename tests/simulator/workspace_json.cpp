// How the Web API and the events show what the workspace holds.
#include "tests/simulator/workspace.hpp"
#include "tests/support/cast.hpp"

#include <algorithm>

namespace simulator {

namespace {

void add_thread(json::object& shown, const Message& message, const Channel& channel)
{
    if (!message.thread_ts.empty()) {
        shown["thread_ts"] = message.thread_ts;
        const auto parent = channel.messages.find(message.thread_ts);
        if (parent != channel.messages.end()) shown["parent_user_id"] = parent->second.user;
        return;
    }
    std::set<std::string> repliers;
    std::string latest;
    int replies = 0;
    for (const auto& [ts, reply] : channel.messages) {
        if (reply.thread_ts != message.ts) continue;
        ++replies;
        latest = ts;
        repliers.insert(reply.user);
    }
    if (replies == 0) return;
    shown["thread_ts"] = message.ts;
    shown["reply_count"] = replies;
    shown["reply_users_count"] = repliers.size();
    shown["latest_reply"] = latest;
}

json::array reactions_of(const Message& message)
{
    json::array shown;
    for (const auto& [name, users] : message.reactions) {
        shown.push_back(json::object{
            {"name", name}, {"count", users.size()}, {"users", json::array(users.begin(), users.end())}});
    }
    return shown;
}

}  // namespace

json::object Workspace::as_json(const Message& message, bool all_metadata) const
{
    json::object shown{
        {"type", "message"}, {"ts", message.ts}, {"text", message.text}, {"user", message.user}};
    if (!message.subtype.empty()) shown["subtype"] = message.subtype;
    const auto author = users.find(message.user);
    shown["team"] = author == users.end() ? team_id : author->second.team_id;
    if (message.bot_id.empty()) {
        shown["client_msg_id"] = "client-" + message.ts;
    }
    else {
        shown["bot_id"] = message.bot_id;
        shown["app_id"] = message.bot_id == bot_id ? app_id : "A0OTHER";
        shown["bot_profile"] =
            json::object{{"id", message.bot_id}, {"app_id", shown["app_id"]}, {"team_id", team_id}};
    }
    if (!message.blocks.empty()) shown["blocks"] = message.blocks;
    if (message.metadata) {
        if (all_metadata) {
            shown["metadata"] = *message.metadata;
        }
        else {
            shown["metadata"] = json::object{{"event_type", message.metadata->at("event_type")}};
        }
    }
    if (!message.edited_ts.empty()) {
        shown["edited"] = json::object{{"user", message.user}, {"ts", message.edited_ts}};
    }
    if (!message.reactions.empty()) shown["reactions"] = reactions_of(message);
    json::array attached;
    for (const auto& id : message.files) {
        const auto& file = files.at(id);
        attached.push_back(json::object{
            {"id", id}, {"name", file.name}, {"title", file.title}, {"size", file.content.size()}});
    }
    if (!attached.empty()) shown["files"] = std::move(attached);
    add_thread(shown, message, channels.at(message.channel));
    return shown;
}

json::object Workspace::as_json(const User& user) const
{
    json::object profile{
        {"real_name", user.real_name},
        {"real_name_normalized", user.real_name},
        {"display_name", user.display_name},
        {"display_name_normalized", user.display_name},
        {"team", user.team_id},
    };
    if (!user.email.empty() && bot_scopes.contains("users:read.email")) profile["email"] = user.email;
    if (!user.title.empty()) profile["title"] = user.title;
    if (user.is_bot) profile["bot_id"] = user.id == bot_user ? bot_id : "B0OTHER";
    return {
        {"id", user.id},
        {"team_id", user.team_id},
        {"name", user.name},
        {"deleted", user.deleted},
        {"real_name", user.real_name},
        {"tz", user.tz},
        {"profile", std::move(profile)},
        {"is_admin", false},
        {"is_owner", false},
        {"is_bot", user.is_bot},
        {"is_app_user", false},
        {"is_restricted", user.is_restricted},
        {"is_ultra_restricted", false},
        {"is_stranger", user.team_id != team_id},
    };
}

json::object Workspace::as_json(const Channel& channel) const
{
    if (channel.is_im) {
        return {
            {"id", channel.id},
            {"is_im", true},
            {"user", channel.name},
            {"is_archived", channel.is_archived}};
    }
    return {
        {"id", channel.id},
        {"name", channel.name},
        {"is_channel", !channel.is_private},
        {"is_group", false},
        {"is_im", false},
        {"is_mpim", false},
        {"is_private", channel.is_private},
        {"is_archived", channel.is_archived},
        {"is_ext_shared", false},
        {"is_member", channel.members.contains(bot_user)},
        {"num_members", channel.members.size()},
    };
}

json::object Workspace::as_json(const View& view) const
{
    json::object shown = view.body;
    shown["id"] = view.id;
    shown["team_id"] = team_id;
    shown["hash"] = view.hash;
    shown["state"] = json::object{{"values", view.state}};
    shown["root_view_id"] = view.id;
    shown["previous_view_id"] = nullptr;
    shown["app_id"] = app_id;
    shown["app_installed_team_id"] = team_id;
    shown["bot_id"] = bot_id;
    for (const auto* key : {"private_metadata", "callback_id", "external_id"}) {
        if (!shown.contains(key)) shown[key] = "";
    }
    for (const auto* key : {"clear_on_close", "notify_on_close"}) {
        if (!shown.contains(key)) shown[key] = false;
    }
    for (const auto* key : {"submit", "close"}) {
        if (!shown.contains(key)) shown[key] = nullptr;
    }
    return shown;
}

void add_example_team(Workspace& workspace)
{
    for (const auto& who : cast::everybody) {
        const std::string handle(who.name);
        workspace.add_user(
            {.id = who.id(),
             .name = handle,
             .real_name = std::string(who.real_name),
             .display_name = handle,
             .email = handle + "@acme.example",
             .deleted = who.kind == cast::Kind::deactivated,
             .is_bot = who.kind == cast::Kind::robot,
             .is_restricted = who.kind == cast::Kind::guest,
             .team_id = who.kind == cast::Kind::external ? "T0OTHER" : "",
             .title = std::string(who.title)}
        );
    }

    std::set<std::string> everybody;
    for (const auto& [id, user] : workspace.users) {
        everybody.insert(id);
    }
    workspace.add_channel({.id = "C0DEPLOYS", .name = "deploys", .members = everybody});
    everybody.erase(workspace.bot_user);
    workspace.add_channel({.id = "C0RANDOM", .name = "random", .members = everybody});
    workspace.add_channel(
        {.id = "C0SECRET", .name = "secret", .is_private = true, .members = {"U0ALICE", "U0DANA"}}
    );

    workspace.groups["S0DEVS"] = {"S0DEVS", "developers", "Developers", {"U0ALICE", "U0BOB"}, false};
    workspace.groups["S0EMPTY"] = {"S0EMPTY", "nobody", "Nobody", {}, false};
}

}  // namespace simulator
