#include "bot/slack/web_api.hpp"

#include "bot/net/url.hpp"
#include "bot/runtime/log.hpp"
#include "bot/slack/call.hpp"
#include "commands/text/json_members.hpp"

#include <boost/json/serialize.hpp>

#include <date/date.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <utility>

namespace slipway::slack {

namespace {

namespace json = boost::json;

constexpr std::chrono::seconds between_messages{1};  ///< Slack: one message a second per channel
constexpr int history_page = 200;
constexpr int most_pages = 50;
/// The Date of an answer is in whole seconds and was on its way; a clock is put right by less than this.
constexpr std::chrono::seconds clock_tolerance{60};
/// Until Slack's clock is known ours may be wrong by a time zone, either way.
constexpr std::chrono::hours unknown_clock{26};
constexpr std::chrono::milliseconds permalink_limit{1'000};

/// What `take` makes of a good answer; the others pass.
template <class T, class Take>
Answer<T> taken(Answer<json::object>&& answer, Take take)
{
    if (auto* body = std::get_if<json::object>(&answer)) {
        return take(*body);
    }
    if (auto* later = std::get_if<RetryLater>(&answer)) {
        return std::move(*later);
    }
    return std::get<Rejected>(std::move(answer));
}

Answer<std::string> text_taken(Answer<json::object>&& answer, const char* key)
{
    return taken<std::string>(std::move(answer), [key](const json::object& body) {
        return text_at(body, key);
    });
}

json::object body_of(const Message& message)
{
    json::object body{{"channel", message.channel.str()}, {"text", message.text}, {"unfurl_links", false}};
    if (!message.blocks.empty()) {
        body["blocks"] = message.blocks;
    }
    if (!message.thread_ts.empty()) {
        body["thread_ts"] = message.thread_ts;
    }
    if (!message.outbox_id.empty()) {
        body["metadata"] = {{"event_type", "slipway"}, {"event_payload", {{"outbox_id", message.outbox_id}}}};
    }
    return body;
}

/// In an Enterprise Grid people belong to several workspaces, whichever of them their account names.
bool is_of_team(const json::object& user, const std::string& team)
{
    const auto home = text_at(user, "team_id");
    const auto& teams = array_at(user, "enterprise_user", "teams");
    return team.empty() || home.empty() || home == team ||
           std::any_of(teams.begin(), teams.end(), [&team](const json::value& each) {
               return each.is_string() && each.get_string() == team;
           });
}

Person person_of(const json::object& body, const std::string& team)
{
    const auto& user = object_at(body, "user");
    const auto& profile = object_at(user, "profile");
    const auto* offset = user.if_contains("tz_offset");
    return {
        UserId(text_at(user, "id")),
        TeamId(text_at(user, "team_id")),
        text_at(profile, "real_name").empty() ? text_at(user, "real_name") : text_at(profile, "real_name"),
        text_at(profile, "display_name"),
        flag_at(user, "is_bot"),
        flag_at(user, "is_restricted") || flag_at(user, "is_ultra_restricted"),
        flag_at(user, "deleted"),
        flag_at(user, "is_stranger") || !is_of_team(user, team),
        offset == nullptr || !offset->is_int64() ? std::nullopt
                                                 : std::optional(std::chrono::seconds{offset->get_int64()}),
    };
}

std::string seconds_text(Instant at)
{
    return std::to_string(std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count());
}

std::vector<std::string> split(const std::string& text)
{
    std::vector<std::string> parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, ',');) {
        part.erase(0, std::min(part.find_first_not_of(' '), part.size()));
        parts.push_back(part);
    }
    return parts;
}

std::optional<Instant> http_date(const std::string& text)
{
    std::istringstream stream(text);
    std::chrono::sys_seconds at;
    stream >> date::parse("%a, %d %b %Y %T GMT", at);
    return stream.fail() ? std::nullopt : std::optional<Instant>(at);
}

bool is_of(const json::object& message, const std::string& outbox_id)
{
    const auto& files = array_at(message, "files");
    return text_at(message, "metadata", "event_payload", "outbox_id") == outbox_id ||
           std::any_of(files.begin(), files.end(), [mark = mark_of(outbox_id)](const json::value& file) {
               return file.is_object() && text_at(file.get_object(), "name").find(mark) != std::string::npos;
           });
}

}  // namespace

bool refuses_token(const Rejected& rejected)
{
    static const std::set<std::string> codes{
        "account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"};
    return codes.contains(rejected.code);
}

std::string mark_of(const std::string& outbox_id) { return outbox_id.substr(0, 8); }

WebApi::WebApi(net::HttpClient& http, Clock& clock, std::string base_url, std::string bot_token)
    : http_(http), clock_(clock), base_url_(std::move(base_url)), bot_token_(std::move(bot_token))
{}

boost::asio::awaitable<Answer<json::object>> WebApi::send(std::string method, net::HttpRequest request)
{
    const auto rested = rested_until_.find(method);
    if (rested != rested_until_.end() && rested->second > clock_.steady_now()) {
        const auto rest = std::chrono::ceil<std::chrono::milliseconds>(rested->second - clock_.steady_now());
        co_return RetryLater{rest, method + " rests after a 429", false};
    }
    request.headers.emplace_back("Authorization", "Bearer " + bot_token_);
    const auto outcome = co_await http_.send(std::move(request));
    auto answer = read_answer(outcome);
    note_clock(outcome);
    note_access(answer);
    if (const auto* later = std::get_if<RetryLater>(&answer); later != nullptr && later->after.count() > 0) {
        rested_until_[method] = clock_.steady_now() + later->after;
    }
    co_return answer;
}

void WebApi::note_clock(const net::Outcome<net::HttpResponse>& outcome)
{
    if (const auto date = outcome ? http_date(net::header(outcome->headers, "Date")) : std::nullopt) {
        slack_ahead_ = *date - clock_.now();
        const bool is_off = std::chrono::abs(*slack_ahead_) > clock_tolerance;
        if (is_off != std::exchange(is_clock_off_, is_off)) {
            is_off ? log::warn(
                         "this machine's clock is {} s off Slack's: windows, sign-offs and the record go by "
                         "it; turn "
                         "on time synchronization (timedatectl set-ntp true)",
                         std::chrono::duration_cast<std::chrono::seconds>(*slack_ahead_).count()
                     )
                   : log::info("this machine's clock is right again");
        }
    }
}

void WebApi::note_access(const Answer<json::object>& answer)
{
    const auto* rejected = std::get_if<Rejected>(&answer);
    if (rejected != nullptr && refuses_token(*rejected)) {
        if (refused_.empty()) {
            log::error(
                "Slack refuses the bot token ({}): give a valid SLACK_BOT_TOKEN and restart", rejected->code
            );
        }
        refused_ = rejected->code;
    }
    else if (std::holds_alternative<json::object>(answer) && !refused_.empty()) {
        log::info("Slack takes the bot token again");
        refused_.clear();
    }
}

boost::asio::awaitable<Answer<json::object>> WebApi::post_json(std::string method, json::object body)
{
    net::HttpRequest request;
    request.method = "POST";
    request.url = base_url_ + method;
    request.headers = {{"Content-Type", "application/json; charset=utf-8"}};
    request.body = json::serialize(body);
    return send(std::move(method), std::move(request));
}

boost::asio::awaitable<Answer<json::object>> WebApi::get(
    std::string method,
    std::vector<std::pair<std::string, std::string>> query,
    std::chrono::milliseconds limit
)
{
    net::HttpRequest request;
    request.url = base_url_ + method;
    request.limits.whole = limit;
    char separator = '?';
    for (const auto& [name, value] : query) {
        request.url += separator + name + '=' + net::percent_encoded(value);
        separator = '&';
    }
    return send(std::move(method), std::move(request));
}

boost::asio::awaitable<Answer<Identity>> WebApi::auth_test()
{
    net::HttpRequest request;
    request.method = "POST";
    request.url = base_url_ + "auth.test";
    request.headers = {{"Authorization", "Bearer " + bot_token_}};
    const auto outcome = co_await http_.send(std::move(request));
    auto answer = read_answer(outcome);
    note_clock(outcome);
    if (const auto* body = std::get_if<json::object>(&answer)) {
        team_ = text_at(*body, "team_id");
        own_id_ = UserId(text_at(*body, "user_id"));
    }
    co_return taken<Identity>(std::move(answer), [&outcome](const json::object& body) {
        return Identity{
            UserId(text_at(body, "user_id")),
            text_at(body, "team_id"),
            text_at(body, "team"),
            split(net::header(outcome->headers, "x-oauth-scopes")),
            http_date(net::header(outcome->headers, "Date")),
        };
    });
}

boost::asio::awaitable<void> WebApi::wait_for_turn(ChannelId channel)
{
    const auto now = clock_.steady_now();
    auto& next = next_turn_[channel];
    const auto turn = std::max(now, next);
    next = turn + between_messages;
    if (turn > now) {
        co_await clock_.sleep_for(std::chrono::ceil<std::chrono::milliseconds>(turn - now));
    }
}

boost::asio::awaitable<Answer<std::string>> WebApi::post_message(Message message)
{
    co_await wait_for_turn(message.channel);
    auto body = body_of(message);
    auto answer = co_await post_json("chat.postMessage", std::move(body));
    co_return text_taken(std::move(answer), "ts");
}

boost::asio::awaitable<Answer<std::string>> WebApi::update_message(Message message, std::string ts)
{
    auto body = body_of(message);
    body.erase("unfurl_links");
    body["ts"] = ts;
    auto answer = co_await post_json("chat.update", std::move(body));
    co_return text_taken(std::move(answer), "ts");
}

boost::asio::awaitable<Answer<std::string>> WebApi::post_ephemeral(Message message, UserId user)
{
    auto body = body_of(message);
    body.erase("metadata");
    body.erase("unfurl_links");
    body["user"] = user.str();
    auto answer = co_await post_json("chat.postEphemeral", std::move(body));
    co_return text_taken(std::move(answer), "message_ts");
}

boost::asio::awaitable<Answer<std::optional<std::string>>> WebApi::find_message(
    ChannelId channel, std::string thread_ts, std::string outbox_id, Instant since
)
{
    const std::string method = thread_ts.empty() ? "conversations.history" : "conversations.replies";
    std::string cursor;
    for (int page = 0; page < most_pages; ++page) {
        std::vector<std::pair<std::string, std::string>> query{
            {"channel", channel.str()},
            {"limit", std::to_string(history_page)},
            {"include_all_metadata", "true"},
        };
        if (thread_ts.empty()) {
            const bool was_put_back = since > clock_.now();
            const auto oldest = slack_ahead_ && !was_put_back ? since + *slack_ahead_ - clock_tolerance
                                                              : std::min(since, clock_.now()) - unknown_clock;
            query.emplace_back("oldest", seconds_text(oldest));
        }
        else {  // a thread is short enough to be read whole, whatever the clocks say
            query.emplace_back("ts", thread_ts);
        }
        if (!cursor.empty()) {
            query.emplace_back("cursor", cursor);
        }
        auto answer = co_await get(method, std::move(query));
        if (!std::holds_alternative<json::object>(answer)) {
            co_return taken<std::optional<std::string>>(std::move(answer), [](const json::object&) {
                return std::nullopt;
            });
        }
        const auto& body = std::get<json::object>(answer);
        for (const auto& each : array_at(body, "messages")) {
            if (each.is_object() && is_of(each.get_object(), outbox_id)) {
                co_return text_at(each.get_object(), "ts");
            }
        }
        const auto next = text_at(body, "response_metadata", "next_cursor");
        if (next.empty()) {
            co_return std::nullopt;
        }
        if (next == cursor) {
            break;
        }
        cursor = next;
    }
    co_return RetryLater{{}, method + ": the pages have no end", true};
}

boost::asio::awaitable<Answer<std::vector<ThreadReply>>> WebApi::replies(
    ChannelId channel, std::string thread_ts, Instant since
)
{
    using Replies = std::vector<ThreadReply>;
    const auto oldest = since + slack_ahead_.value_or(std::chrono::milliseconds{0});
    Replies said;
    std::string cursor;
    for (int page = 0; page < most_pages; ++page) {
        std::vector<std::pair<std::string, std::string>> query{
            {"channel", channel.str()},
            {"ts", thread_ts},
            {"oldest", seconds_text(oldest)},
            {"limit", std::to_string(history_page)},
        };
        if (!cursor.empty()) {
            query.emplace_back("cursor", cursor);
        }
        auto answer = co_await get("conversations.replies", std::move(query));
        if (!std::holds_alternative<json::object>(answer)) {
            co_return taken<Replies>(std::move(answer), [](const json::object&) { return Replies{}; });
        }
        const auto& body = std::get<json::object>(answer);
        for (const auto& each : array_at(body, "messages")) {
            auto reply = each.is_object() ? reply_of(each.get_object(), channel) : std::nullopt;
            if (reply) {
                said.push_back(std::move(*reply));
            }
        }
        const auto next = text_at(body, "response_metadata", "next_cursor");
        if (next.empty() || next == cursor) {
            break;
        }
        cursor = next;
    }
    co_return said;
}

boost::asio::awaitable<Answer<std::string>> WebApi::open_view(std::string trigger_id, json::object view)
{
    json::object body{{"trigger_id", trigger_id}, {"view", std::move(view)}};
    auto shown = co_await show_view("views.open", std::move(body));
    co_return shown;
}

boost::asio::awaitable<Answer<std::string>> WebApi::update_view(std::string view_id, json::object view)
{
    json::object body{{"view_id", view_id}, {"view", std::move(view)}};
    auto shown = co_await show_view("views.update", std::move(body));
    co_return shown;
}

boost::asio::awaitable<Answer<std::string>> WebApi::publish_view(UserId user, json::object view)
{
    json::object body{{"user_id", user.str()}, {"view", std::move(view)}};
    auto shown = co_await show_view("views.publish", std::move(body));
    co_return shown;
}

boost::asio::awaitable<Answer<std::string>> WebApi::show_view(std::string method, json::object body)
{
    auto answer = co_await post_json(std::move(method), std::move(body));
    co_return taken<std::string>(std::move(answer), [](const json::object& shown) {
        return text_at(shown, "view", "id");
    });
}

boost::asio::awaitable<Answer<Profile>> WebApi::profile(UserId user, std::chrono::milliseconds limit)
{
    std::vector<std::pair<std::string, std::string>> query{{"user", user.str()}};
    auto answer = co_await get("users.info", std::move(query), limit);
    co_return taken<Profile>(std::move(answer), [this](const json::object& body) {
        const auto& shown = object_at(body, "user", "profile");
        return Profile{person_of(body, team_), text_at(shown, "status_text")};
    });
}

boost::asio::awaitable<Answer<UserId>> WebApi::user_with_email(std::string email)
{
    std::vector<std::pair<std::string, std::string>> query{{"email", email}};
    auto answer = co_await get("users.lookupByEmail", std::move(query));
    co_return taken<UserId>(std::move(answer), [](const json::object& body) {
        return UserId(text_at(body, "user", "id"));
    });
}

boost::asio::awaitable<Answer<std::map<std::string, std::string>>> WebApi::user_groups()
{
    auto answer = co_await get("usergroups.list", {});
    co_return taken<std::map<std::string, std::string>>(std::move(answer), [](const json::object& body) {
        std::map<std::string, std::string> groups;
        for (const auto& group : array_at(body, "usergroups")) {
            if (group.is_object()) {
                groups[text_at(group.get_object(), "handle")] = text_at(group.get_object(), "id");
            }
        }
        return groups;
    });
}

boost::asio::awaitable<Answer<std::vector<UserId>>> WebApi::user_group_members(std::string group)
{
    std::vector<std::pair<std::string, std::string>> query{{"usergroup", group}};
    auto answer = co_await get("usergroups.users.list", std::move(query));
    co_return taken<std::vector<UserId>>(std::move(answer), [](const json::object& body) {
        std::vector<UserId> users;
        for (const auto& user : array_at(body, "users")) {
            if (user.is_string()) {
                users.emplace_back(std::string(user.get_string()));
            }
        }
        return users;
    });
}

boost::asio::awaitable<Answer<Channel>> WebApi::channel(ChannelId id)
{
    std::vector<std::pair<std::string, std::string>> query{{"channel", id.str()}};
    auto answer = co_await get("conversations.info", std::move(query));
    co_return taken<Channel>(std::move(answer), [](const json::object& body) {
        return Channel{flag_at(body, "channel", "is_member"), flag_at(body, "channel", "is_archived")};
    });
}

boost::asio::awaitable<Answer<ChannelId>> WebApi::direct_channel(UserId user)
{
    json::object body{{"users", user.str()}};
    auto answer = co_await post_json("conversations.open", std::move(body));
    co_return taken<ChannelId>(std::move(answer), [](const json::object& opened) {
        return ChannelId(text_at(opened, "channel", "id"));
    });
}

boost::asio::awaitable<Answer<std::string>> WebApi::permalink(ChannelId channel, std::string ts)
{
    std::vector<std::pair<std::string, std::string>> query{{"channel", channel.str()}, {"message_ts", ts}};
    auto answer = co_await get("chat.getPermalink", std::move(query), permalink_limit);
    co_return text_taken(std::move(answer), "permalink");
}

boost::asio::awaitable<Answer<std::string>> WebApi::share_file(
    ChannelId channel, std::string thread_ts, std::string name, std::string title, std::string content
)
{
    std::vector<std::pair<std::string, std::string>> query{
        {"filename", name}, {"length", std::to_string(content.size())}};
    auto place = co_await get("files.getUploadURLExternal", std::move(query));
    if (!std::holds_alternative<json::object>(place)) {
        co_return text_taken(std::move(place), "");
    }
    const auto file_id = text_at(std::get<json::object>(place), "file_id");
    net::HttpRequest upload;
    upload.method = "POST";
    upload.url = text_at(std::get<json::object>(place), "upload_url");
    upload.headers = {{"Content-Type", "application/octet-stream"}};
    upload.body = std::move(content);
    const auto uploaded = co_await http_.send(std::move(upload));
    if (!uploaded || uploaded->status != 200) {
        co_return RetryLater{{}, "the upload of " + name + " did not succeed", false};
    }
    json::object body{
        {"files", json::array{json::object{{"id", file_id}, {"title", title}}}},
        {"channel_id", channel.str()}};
    if (!thread_ts.empty()) {
        body["thread_ts"] = thread_ts;
    }
    auto completed = co_await post_json("files.completeUploadExternal", std::move(body));
    co_return taken<std::string>(std::move(completed), [&file_id](const json::object&) {
        return std::string(file_id);
    });
}

}  // namespace slipway::slack
