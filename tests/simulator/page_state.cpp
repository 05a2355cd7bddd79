// What one person sees of the workspace, as JSON for the page.
#include "tests/simulator/page.hpp"

#include <algorithm>

namespace simulator {

namespace {

constexpr std::size_t longest_preview = 20'000;  // bytes of a file shown in the page

double seconds_of(Instant at) { return static_cast<double>(at.time_since_epoch().count()) / 1e6; }

bool sees(const Channel& channel, const std::string& user)
{
    return channel.members.contains(user) || (!channel.is_private && !channel.is_im);
}

json::array people_of(const Workspace& workspace)
{
    json::array people;
    for (const auto& [id, user] : workspace.users) {
        people.push_back(json::object{
            {"id", id},
            {"handle", user.name},
            {"name", user.real_name},
            {"title", user.title},
            {"tz", user.tz},
            {"is_bot", user.is_bot},
            {"is_deleted", user.deleted},
            {"is_guest", user.is_restricted},
            {"is_external", user.team_id != workspace.team_id},
        });
    }
    return people;
}

json::object file_of(const File& file)
{
    return {
        {"name", file.name},
        {"title", file.title},
        {"size", file.content.size()},
        {"content", file.content.substr(0, longest_preview)},
    };
}

json::array messages_of(const Workspace& workspace, const Channel& channel, json::object& files)
{
    json::array messages;
    for (const auto& [ts, message] : channel.messages) {
        messages.push_back(workspace.as_json(message, false));
        for (const auto& id : message.files) {
            files[id] = file_of(workspace.files.at(id));
        }
    }
    return messages;
}

json::array ephemerals_of(const std::string& user, const Workspace& workspace)
{
    json::array shown;
    for (const auto& each : workspace.ephemerals) {
        if (each.user != user || each.deleted) {
            continue;
        }
        shown.push_back(json::object{
            {"channel", each.channel},
            {"ts", each.ts},
            {"thread_ts", each.thread_ts},
            {"text", each.text},
            {"blocks", each.blocks},
            {"is_ephemeral", true},
            {"user", workspace.bot_user},
        });
    }
    return shown;
}

json::object view_of(const View& view)
{
    return {{"id", view.id}, {"hash", view.hash}, {"body", view.body}, {"errors", view.errors}};
}

json::array modals_of(const std::string& user, const Workspace& workspace)
{
    json::array modals;
    if (const auto stack = workspace.stacks.find(user); stack != workspace.stacks.end()) {
        for (const auto& id : stack->second) {
            modals.push_back(view_of(workspace.views.at(id)));
        }
    }
    return modals;
}

/// When the bot last wrote to each person directly, so that the page can say who is awaited.
json::object latest_direct(const Workspace& workspace)
{
    json::object latest;
    for (const auto& [id, channel] : workspace.channels) {
        if (channel.is_im && !channel.messages.empty()) {
            latest[channel.name] = channel.messages.rbegin()->first;
        }
    }
    return latest;
}

json::object linear_of(const Server& server)
{
    json::array comments;
    for (const auto& comment : server.linear.comments) {
        comments.push_back(json::object{
            {"id", comment.id}, {"issue", comment.issue}, {"body", comment.body}, {"at", 0}});
    }
    for (const auto& entry : server.transcript.of(Entry::Kind::linear)) {
        for (auto& comment : comments) {
            if (text_at(comment.as_object(), "id") == text_at(entry.facts, "id")) {
                comment.as_object()["at"] = seconds_of(entry.at);
            }
        }
    }
    const auto& issues = server.linear.issues;
    return {{"comments", std::move(comments)}, {"issues", json::array(issues.begin(), issues.end())}};
}

}  // namespace

json::object workspace_seen_by(const std::string& user, const Server& server)
{
    const auto& workspace = server.workspace;
    json::object files;
    json::array channels;
    for (const auto& [id, channel] : workspace.channels) {
        if (!sees(channel, user)) {
            continue;
        }
        channels.push_back(json::object{
            {"id", id},
            {"name", channel.name},
            {"is_im", channel.is_im},
            {"is_private", channel.is_private},
            {"is_member", channel.members.contains(user)},
            {"has_bot", channel.members.contains(workspace.bot_user)},
            {"members", json::array(channel.members.begin(), channel.members.end())},
            {"messages", messages_of(workspace, channel, files)},
        });
    }
    const auto home = workspace.homes.find(user);
    json::array complaints;
    for (const auto& complaint : server.transcript.of(Entry::Kind::complaint)) {
        complaints.push_back(json::object{{"at", seconds_of(complaint.at)}, {"what", complaint.what}});
    }
    return {
        {"now", seconds_of(server.clock.now())},
        {"team", workspace.team_name},
        {"bot", workspace.bot_user},
        {"connected", server.hub.connections() > 0},
        {"people", people_of(workspace)},
        {"channels", std::move(channels)},
        {"files", std::move(files)},
        {"ephemerals", ephemerals_of(user, workspace)},
        {"modals", modals_of(user, workspace)},
        {"home",
         home == workspace.homes.end() ? json::value(nullptr)
                                       : json::value(view_of(workspace.views.at(home->second)))},
        {"latest_direct", latest_direct(workspace)},
        {"linear", linear_of(server)},
        {"complaints", std::move(complaints)},
    };
}

}  // namespace simulator
