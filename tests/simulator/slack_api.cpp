#include "tests/simulator/slack_api.hpp"

#include "tests/simulator/block_kit.hpp"

#include <date/date.h>

#include <algorithm>

namespace simulator {

namespace {

using slipway::net::ServerRequest;
using slipway::net::ServerResponse;

constexpr std::chrono::seconds trigger_life{3};
constexpr std::chrono::milliseconds between_posts{900};  // Slack tolerates a little

json::object refused(const std::string& error) { return {{"ok", false}, {"error", error}}; }

json::object arguments_of(const ServerRequest& request)
{
    json::object arguments;
    if (const auto at = request.target.find('?'); at != std::string::npos) {
        arguments = form_arguments(request.target.substr(at + 1));
    }
    if (slipway::net::header(request.headers, "Content-Type").starts_with("application/json")) {
        boost::system::error_code error;
        const auto body = json::parse(request.body, error);
        if (!error && body.is_object()) {
            for (const auto& [key, value] : body.get_object()) {
                arguments[key] = value;
            }
        }
    }
    else {
        for (const auto& [key, value] : form_arguments(request.body)) {
            arguments[key] = value;
        }
    }
    return arguments;
}

/// Blocks and views come as JSON, or as text that holds JSON.
json::value structure_at(const json::object& arguments, const char* key)
{
    const auto* value = arguments.if_contains(key);
    if (value == nullptr) {
        return nullptr;
    }
    if (!value->is_string()) {
        return *value;
    }
    boost::system::error_code error;
    auto parsed = json::parse(value->get_string(), error);
    return error ? json::value(nullptr) : parsed;
}

void take_content(Message& message, const json::object& arguments)
{
    message.text = text_at(arguments, "text");
    if (const auto blocks = structure_at(arguments, "blocks"); blocks.is_array()) {
        message.blocks = blocks.get_array();
    }
    if (const auto* metadata = object_at(arguments, "metadata")) {
        message.metadata = *metadata;
    }
}

}  // namespace

SlackApi::SlackApi(
    Workspace& workspace, std::function<std::string()> origin, std::function<std::string()> new_ticket
)
    : workspace_(workspace), origin_(std::move(origin)), new_ticket_(std::move(new_ticket))
{}

const std::map<std::string, SlackApi::Method>& SlackApi::methods()
{
    static const std::map<std::string, Method> table{
        {"auth.test", {"", {}, &SlackApi::auth_test}},
        {"apps.connections.open", {"", {}, &SlackApi::open_connection}},
        {"chat.postMessage", {"chat:write", {"channel"}, &SlackApi::post_message}},
        {"chat.update", {"chat:write", {"channel", "ts"}, &SlackApi::update_message}},
        {"chat.postEphemeral", {"chat:write", {"channel", "user"}, &SlackApi::post_ephemeral}},
        {"chat.getPermalink", {"", {"channel", "message_ts"}, &SlackApi::permalink}},
        {"views.open", {"", {"trigger_id", "view"}, &SlackApi::open_view}},
        {"views.update", {"", {"view_id", "view"}, &SlackApi::update_view}},
        {"views.publish", {"", {"user_id", "view"}, &SlackApi::publish_view}},
        {"users.info", {"users:read", {"user"}, &SlackApi::user_info}},
        {"users.lookupByEmail", {"users:read.email", {"email"}, &SlackApi::user_by_email}},
        {"usergroups.list", {"usergroups:read", {}, &SlackApi::user_groups}},
        {"usergroups.users.list", {"usergroups:read", {"usergroup"}, &SlackApi::user_group_members}},
        {"conversations.info", {"channels:read", {"channel"}, &SlackApi::channel_info}},
        {"conversations.history", {"channels:history", {"channel"}, &SlackApi::channel_history}},
        {"conversations.replies", {"channels:history", {"channel", "ts"}, &SlackApi::thread_replies}},
        {"conversations.open", {"im:write", {}, &SlackApi::open_direct}},
        {"files.getUploadURLExternal", {"files:write", {"filename", "length"}, &SlackApi::upload_url}},
        {"files.completeUploadExternal", {"files:write", {"files"}, &SlackApi::complete_upload}},
    };
    return table;
}

ServerResponse SlackApi::call(const std::string& method, const ServerRequest& request)
{
    const auto arguments = arguments_of(request);
    auto token = slipway::net::header(request.headers, "Authorization");
    token = token.starts_with("Bearer ") ? token.substr(7) : text_at(arguments, "token");
    auto answer = checked(method, token, arguments);
    const auto error = text_at(answer, "error");
    json::object facts{{"ok", error.empty()}, {"error", error}};
    workspace_.transcript().add(
        Entry::Kind::request, workspace_.bot_user, text_at(arguments, "channel"), method, std::move(facts)
    );
    workspace_.changes().notify();
    ServerResponse response{
        200, {{"Content-Type", "application/json; charset=utf-8"}}, json::serialize(answer)};
    if (error == "ratelimited") {
        response.status = 429;
        response.headers.emplace_back("Retry-After", "1");
    }
    const auto now = std::chrono::floor<std::chrono::seconds>(workspace_.clock().now());
    response.headers.emplace_back("Date", date::format("%a, %d %b %Y %T GMT", now));
    std::string scopes;
    for (const auto& scope : workspace_.bot_scopes) {
        scopes += (scopes.empty() ? "" : ",") + scope;
    }
    response.headers.emplace_back("x-oauth-scopes", scopes);
    return response;
}

SlackApi::Answer SlackApi::checked(
    const std::string& method, const std::string& token, const Arguments& arguments
)
{
    const auto found = methods().find(method);
    if (found == methods().end()) {
        return refused("unknown_method");
    }
    const bool wants_app_token = method == "apps.connections.open";
    const auto refusal = workspace_.refused_tokens.find(token);
    if (refusal != workspace_.refused_tokens.end()) {
        return refused(refusal->second);
    }
    if (token.empty()) {
        return refused("not_authed");
    }
    if (token != workspace_.bot_token && token != workspace_.app_token) {
        return refused("invalid_auth");
    }
    if (wants_app_token != (token == workspace_.app_token)) {
        return refused("not_allowed_token_type");
    }
    const auto& scope = found->second.scope;
    if (!scope.empty() && !workspace_.bot_scopes.contains(scope)) {
        auto answer = refused("missing_scope");
        answer["needed"] = scope;
        answer["provided"] = "";
        return answer;
    }
    for (const auto& name : found->second.required) {
        if (!arguments.contains(name)) {
            workspace_.transcript().refuse(method, {"missing required argument: " + name});
            return refused("invalid_arguments");
        }
    }
    if (const auto refused_payload = payload_refusal(method, arguments)) {
        return *refused_payload;
    }
    return (this->*found->second.answer)(arguments);
}

std::string SlackApi::new_trigger(const std::string& user)
{
    const auto id = workspace_.next_id("trigger");
    triggers_[id] = {user, workspace_.clock().steady_now()};
    return id;
}

std::string SlackApi::trigger_problem(const std::string& trigger_id)
{
    const auto found = triggers_.find(trigger_id);
    if (found == triggers_.end()) {
        return "invalid_trigger_id";
    }
    if (found->second.used) {
        return "exchanged_trigger_id";
    }
    if (workspace_.clock().steady_now() - found->second.issued > trigger_life) {
        return "expired_trigger_id";
    }
    found->second.used = true;
    return {};
}

std::string SlackApi::channel_problem(const std::string& id, bool to_post)
{
    auto* channel = workspace_.channel(id);
    if (channel == nullptr || (channel->is_private && !workspace_.is_member(id, workspace_.bot_user))) {
        return "channel_not_found";
    }
    if (to_post && channel->is_archived) {
        return "is_archived";
    }
    if (to_post && !channel->restriction.empty()) {
        return channel->restriction;
    }
    return workspace_.is_member(id, workspace_.bot_user) ? "" : "not_in_channel";
}

std::optional<SlackApi::Answer> SlackApi::payload_refusal(
    const std::string& method, const Arguments& arguments
) const
{
    std::vector<std::string> mistakes;
    std::string error = "invalid_arguments";
    if (arguments.contains("view")) {
        const auto view = structure_at(arguments, "view");
        mistakes = view.is_object() ? mistakes_in_view(view.get_object())
                                    : std::vector<std::string>{"failed to match type: object"};
    }
    else if (method == "chat.postMessage" || method == "chat.update" || method == "chat.postEphemeral") {
        json::object message{{"text", text_at(arguments, "text")}};
        for (const auto* part : {"blocks", "attachments"}) {
            if (arguments.contains(part)) message[part] = structure_at(arguments, part);
        }
        mistakes = mistakes_in_message(message);
        error = message.size() == 1 ? "no_text" : "invalid_blocks";
    }
    if (mistakes.empty()) return std::nullopt;
    workspace_.transcript().refuse(method, mistakes);
    auto answer = refused(error);
    answer["response_metadata"] = {{"messages", json::array(mistakes.begin(), mistakes.end())}};
    return answer;
}

SlackApi::Answer SlackApi::auth_test(const Arguments&)
{
    return {
        {"ok", true},
        {"url", "https://" + workspace_.team_domain + ".slack.com/"},
        {"team", workspace_.team_name},
        {"team_id", workspace_.team_id},
        {"user", "slipway"},
        {"user_id", workspace_.bot_user},
        {"bot_id", workspace_.bot_id},
        {"is_enterprise_install", false},
    };
}

SlackApi::Answer SlackApi::open_connection(const Arguments&)
{
    auto url = origin_() + "/link?ticket=" + new_ticket_() + "&app_id=" + workspace_.app_id;
    url.replace(0, 4, "ws");
    return {{"ok", true}, {"url", url}};
}

SlackApi::Answer SlackApi::post_message(const Arguments& arguments)
{
    const auto id = text_at(arguments, "channel");
    if (const auto problem = channel_problem(id, true); !problem.empty()) {
        return refused(problem);
    }
    const auto now = workspace_.clock().steady_now();
    const auto last = last_post_.find(id);
    if (last != last_post_.end() && now - last->second < between_posts) {
        return refused("ratelimited");
    }
    last_post_[id] = now;
    Message message;
    message.channel = workspace_.channel(id)->id;
    message.thread_ts = text_at(arguments, "thread_ts");
    message.user = workspace_.bot_user;
    message.bot_id = workspace_.bot_id;
    take_content(message, arguments);
    const auto& posted = workspace_.post(std::move(message));
    return {
        {"ok", true},
        {"channel", posted.channel},
        {"ts", posted.ts},
        {"message", workspace_.as_json(posted, true)}};
}

SlackApi::Answer SlackApi::update_message(const Arguments& arguments)
{
    const auto id = text_at(arguments, "channel");
    const auto* stored = workspace_.message(id, text_at(arguments, "ts"));
    if (stored == nullptr) {
        return refused("message_not_found");
    }
    if (stored->bot_id != workspace_.bot_id) {
        return refused("cant_update_message");
    }
    auto changed = *stored;
    take_content(changed, arguments);
    const auto& after = workspace_.change(std::move(changed), workspace_.bot_user);
    return {{"ok", true}, {"channel", id}, {"ts", after.ts}, {"text", after.text}};
}

SlackApi::Answer SlackApi::post_ephemeral(const Arguments& arguments)
{
    const auto id = text_at(arguments, "channel");
    const auto user = text_at(arguments, "user");
    auto problem = channel_problem(id, true);
    problem = problem.empty() && !workspace_.is_member(id, user) ? "user_not_in_channel" : problem;
    if (!problem.empty()) {
        return refused(problem);
    }
    Ephemeral shown{
        id, user, "", text_at(arguments, "thread_ts"), text_at(arguments, "text"), {}, "chat.postEphemeral"};
    if (const auto blocks = structure_at(arguments, "blocks"); blocks.is_array()) {
        shown.blocks = blocks.get_array();
    }
    return {{"ok", true}, {"message_ts", workspace_.show(std::move(shown)).ts}};
}

SlackApi::Answer SlackApi::permalink(const Arguments& arguments)
{
    const auto channel = text_at(arguments, "channel");
    const auto ts = text_at(arguments, "message_ts");
    if (workspace_.message(channel, ts) == nullptr) {
        return refused("message_not_found");
    }
    auto digits = ts;
    std::erase(digits, '.');
    const auto archives = "https://" + workspace_.team_domain + ".slack.com/archives/";
    return {{"ok", true}, {"channel", channel}, {"permalink", archives + channel + "/p" + digits}};
}

SlackApi::Answer SlackApi::open_view(const Arguments& arguments)
{
    const auto trigger = text_at(arguments, "trigger_id");
    if (const auto problem = trigger_problem(trigger); !problem.empty()) {
        return refused(problem);
    }
    const auto body = structure_at(arguments, "view");
    const auto& view = workspace_.open_modal(triggers_.at(trigger).user, body.get_object());
    return {{"ok", true}, {"view", workspace_.as_json(view)}};
}

SlackApi::Answer SlackApi::update_view(const Arguments& arguments)
{
    const auto found = workspace_.views.find(text_at(arguments, "view_id"));
    if (found == workspace_.views.end() || !found->second.open) {
        return refused("not_found");
    }
    const auto hash = text_at(arguments, "hash");
    if (!hash.empty() && hash != found->second.hash) {
        return refused("hash_conflict");
    }
    const auto body = structure_at(arguments, "view");
    workspace_.update_view(found->second, body.get_object());
    return {{"ok", true}, {"view", workspace_.as_json(found->second)}};
}

SlackApi::Answer SlackApi::publish_view(const Arguments& arguments)
{
    View view;
    view.id = workspace_.next_id("V");
    view.user = text_at(arguments, "user_id");
    view.body = structure_at(arguments, "view").get_object();
    workspace_.homes[view.user] = view.id;
    Answer answer{{"ok", true}, {"view", {{"id", view.id}}}};
    workspace_.views[view.id] = std::move(view);
    workspace_.changes().notify();
    return answer;
}

SlackApi::Answer SlackApi::user_info(const Arguments& arguments)
{
    const auto found = workspace_.users.find(text_at(arguments, "user"));
    if (found == workspace_.users.end()) {
        return refused("user_not_found");
    }
    return {{"ok", true}, {"user", workspace_.as_json(found->second)}};
}

SlackApi::Answer SlackApi::user_by_email(const Arguments& arguments)
{
    const auto email = text_at(arguments, "email");
    for (const auto& [id, user] : workspace_.users) {
        if (user.email == email && !user.deleted) {
            return {{"ok", true}, {"user", workspace_.as_json(user)}};
        }
    }
    return refused("users_not_found");
}

SlackApi::Answer SlackApi::user_groups(const Arguments&)
{
    json::array groups;
    for (const auto& [id, group] : workspace_.groups) {
        if (!group.disabled) {
            groups.push_back(json::object{{"id", id}, {"handle", group.handle}, {"name", group.name}});
        }
    }
    return {{"ok", true}, {"usergroups", std::move(groups)}};
}

SlackApi::Answer SlackApi::user_group_members(const Arguments& arguments)
{
    const auto found = workspace_.groups.find(text_at(arguments, "usergroup"));
    if (found == workspace_.groups.end()) {
        return refused("no_such_subteam");
    }
    const auto& users = found->second.users;
    return {{"ok", true}, {"users", json::array(users.begin(), users.end())}};
}

SlackApi::Answer SlackApi::channel_info(const Arguments& arguments)
{
    const auto id = text_at(arguments, "channel");
    auto* channel = workspace_.channel(id);
    if (channel == nullptr || channel_problem(id, false) == "channel_not_found") {
        return refused("channel_not_found");
    }
    auto body = workspace_.as_json(*channel);
    body["is_member"] = workspace_.is_member(id, workspace_.bot_user);
    return {{"ok", true}, {"channel", std::move(body)}};
}

/// The page that `arguments` ask for by "limit" and "cursor"; a cursor is the number of those before it.
SlackApi::Answer SlackApi::paged(const Arguments& arguments, const json::array& all) const
{
    constexpr std::size_t usual_page = 100;
    const auto limit = text_at(arguments, "limit");
    const auto page = std::min(limit.empty() ? usual_page : std::stoul(limit), longest_page);
    const auto from = std::min<std::size_t>(std::stoul("0" + text_at(arguments, "cursor")), all.size());
    const auto to = std::min(from + page, all.size());
    const bool has_more = to < all.size();
    return {
        {"ok", true},
        {"messages", json::array(all.begin() + from, all.begin() + to)},
        {"has_more", has_more},
        {"response_metadata", {{"next_cursor", has_more ? std::to_string(to) : ""}}}};
}

SlackApi::Answer SlackApi::channel_history(const Arguments& arguments)
{
    const auto id = text_at(arguments, "channel");
    if (const auto problem = channel_problem(id, false); !problem.empty()) {
        return refused(problem);
    }
    json::array messages;
    const auto& all = workspace_.channel(id)->messages;
    for (auto each = all.rbegin(); each != all.rend(); ++each) {
        if (each->first > text_at(arguments, "oldest") && each->second.thread_ts.empty()) {
            messages.push_back(workspace_.as_json(each->second, flag_at(arguments, "include_all_metadata")));
        }
    }
    return paged(arguments, messages);
}

SlackApi::Answer SlackApi::thread_replies(const Arguments& arguments)
{
    const auto id = text_at(arguments, "channel");
    const auto parent = text_at(arguments, "ts");
    if (const auto problem = channel_problem(id, false); !problem.empty()) {
        return refused(problem);
    }
    if (workspace_.message(id, parent) == nullptr) {
        return refused("thread_not_found");
    }
    json::array messages;
    for (const auto& [ts, message] : workspace_.channel(id)->messages) {
        const bool of_thread = ts == parent || message.thread_ts == parent;
        if (of_thread && (ts == parent || ts > text_at(arguments, "oldest"))) {
            messages.push_back(workspace_.as_json(message, flag_at(arguments, "include_all_metadata")));
        }
    }
    return paged(arguments, messages);
}

SlackApi::Answer SlackApi::open_direct(const Arguments& arguments)
{
    const auto user = workspace_.users.find(text_at(arguments, "users"));
    if (user == workspace_.users.end()) {
        return refused("user_not_found");
    }
    if (user->second.deleted) {
        return refused("user_disabled");
    }
    return {{"ok", true}, {"channel", {{"id", workspace_.direct_messages(user->first).id}}}};
}

SlackApi::Answer SlackApi::upload_url(const Arguments& arguments)
{
    File file;
    file.id = workspace_.next_id("F");
    file.name = text_at(arguments, "filename");
    file.announced = static_cast<std::size_t>(std::stoul("0" + text_at(arguments, "length")));
    Answer answer{{"ok", true}, {"file_id", file.id}, {"upload_url", origin_() + "/upload/" + file.id}};
    workspace_.files[file.id] = std::move(file);
    return answer;
}

ServerResponse SlackApi::upload(const std::string& file_id, const std::string& bytes)
{
    const auto found = workspace_.files.find(file_id);
    if (found == workspace_.files.end() || found->second.announced != bytes.size()) {
        return {400, {}, "the announced length differs"};
    }
    found->second.content = bytes;
    found->second.uploaded = true;
    return {200, {}, "OK - " + std::to_string(bytes.size())};
}

SlackApi::Answer SlackApi::complete_upload(const Arguments& arguments)
{
    const auto files = structure_at(arguments, "files");
    if (!files.is_array() || files.get_array().empty()) {
        return refused("invalid_arguments");
    }
    for (const auto& each : files.get_array()) {
        const auto found = workspace_.files.find(text_at(each.as_object(), "id"));
        if (found == workspace_.files.end() || !found->second.uploaded) {
            return refused("file_not_found");
        }
        auto& file = found->second;
        file.completed = true;
        file.title = text_at(each.as_object(), "title");
        file.channel = text_at(arguments, "channel_id");
        file.thread_ts = text_at(arguments, "thread_ts");
        if (!file.channel.empty()) {
            Message message;
            message.channel = file.channel;
            message.thread_ts = file.thread_ts;
            message.user = workspace_.bot_user;
            message.bot_id = workspace_.bot_id;
            message.text = file.title;
            message.subtype = "file_share";
            message.files = {file.id};
            workspace_.post(std::move(message));
        }
    }
    return {{"ok", true}, {"files", files}};
}

}  // namespace simulator
