#pragma once

#include "bot/net/http.hpp"
#include "bot/runtime/clock.hpp"
#include "bot/slack/inbound.hpp"
#include "commands/pipeline/people.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace slipway::slack {

/// Slack is away or asks for patience. `ambiguous`: it may have acted all the same; look before repeating.
struct RetryLater {
    std::chrono::milliseconds after{0};  ///< what Slack asked for; 0 where it did not say
    std::string why;
    bool ambiguous = false;
};

/// Slack said no for good (`ok:false`).
struct Rejected {
    std::string code;          ///< "channel_not_found" …
    std::string needed_scope;  ///< of missing_scope
    std::string detail;        ///< response_metadata.messages: what is wrong with the blocks
};

template <class T>
using Answer = std::variant<T, RetryLater, Rejected>;

/// Whether Slack refuses the bot's token, whatever is asked with it: nothing about who or what was asked for.
[[nodiscard]] bool refuses_token(const Rejected& rejected);

/// A message for chat.postMessage, chat.update or chat.postEphemeral.
struct Message {
    ChannelId channel;
    std::string text;
    boost::json::array blocks{};
    std::string thread_ts{};
    std::string outbox_id{};  ///< goes into the metadata, so that the message can be found again
};

/// Somebody's users.info.
struct Profile {
    Person person;
    std::string status;  ///< what they say of themselves: "On holiday"; empty for nothing
};

/// What conversations.info says of a channel.
struct Channel {
    bool is_member = false;  ///< the bot is in it
    bool is_archived = false;
};

struct Identity {
    UserId user;  ///< the bot's own
    std::string team, team_name;
    std::vector<std::string> scopes;     ///< header x-oauth-scopes, empty where Slack does not say
    std::optional<Instant> server_time;  ///< header Date
};

/// What stands for an outbox id in a file's name: files carry no metadata.
[[nodiscard]] std::string mark_of(const std::string& outbox_id);

/// Typed calls of Slack's Web API: all that Slipway uses. https://docs.slack.dev/reference/methods
///
/// Answers: HTTP 200 with `ok:false` is Rejected; 429 (with or without Retry-After), 5xx, `internal_error`,
/// `fatal_error` and network failures are RetryLater.
class WebApi {
public:
    /// `base_url` ends in "/". The client and the clock must outlive the api.
    WebApi(net::HttpClient& http, Clock& clock, std::string base_url, std::string bot_token);

    /// From then on people of other workspaces are external.
    [[nodiscard]] boost::asio::awaitable<Answer<Identity>> auth_test();

    /// The bot's own, empty until auth.test told it.
    [[nodiscard]] const UserId& own_id() const { return own_id_; }

    /// Why Slack does not take the bot's token, empty while it does: said by a call, or told by
    /// `lose_access`. The next call that Slack answers well makes it empty again.
    [[nodiscard]] const std::string& refused() const { return refused_; }

    /// Slack has told by an event that it takes the token away.
    void lose_access(std::string why) { refused_ = std::move(why); }

    /// How far Slack's clock is ahead of ours (negative: behind), as its last answer shows; none before.
    [[nodiscard]] std::optional<std::chrono::milliseconds> clock_ahead() const { return slack_ahead_; }

    /// Gives the message's ts. Keeps one message a second per channel, in the order of the calls.
    [[nodiscard]] boost::asio::awaitable<Answer<std::string>> post_message(Message message);
    [[nodiscard]] boost::asio::awaitable<Answer<std::string>> update_message(Message message, std::string ts);
    [[nodiscard]] boost::asio::awaitable<Answer<std::string>> post_ephemeral(Message message, UserId user);

    /// The ts of the message with this outbox id, or with a file named after it, in the channel, or in the
    /// thread where `thread_ts` is given; none when it is not there. `since`, on our clock: when it was
    /// wanted at the earliest. RetryLater, ambiguous, where Slack's pages have no end.
    [[nodiscard]] boost::asio::awaitable<Answer<std::optional<std::string>>> find_message(
        ChannelId channel, std::string thread_ts, std::string outbox_id, Instant since
    );

    /// What people wrote in the thread since `since` on our clock, oldest first.
    [[nodiscard]] boost::asio::awaitable<Answer<std::vector<ThreadReply>>> replies(
        ChannelId channel, std::string thread_ts, Instant since
    );

    /// Gives the view's id.
    [[nodiscard]] boost::asio::awaitable<Answer<std::string>> open_view(
        std::string trigger_id, boost::json::object view
    );
    /// Shows `view` in the place of the open one called `view_id`; gives its id.
    [[nodiscard]] boost::asio::awaitable<Answer<std::string>> update_view(
        std::string view_id, boost::json::object view
    );
    [[nodiscard]] boost::asio::awaitable<Answer<std::string>> publish_view(
        UserId user, boost::json::object view
    );

    [[nodiscard]] boost::asio::awaitable<Answer<Profile>> profile(
        UserId user, std::chrono::milliseconds limit = net::Limits{}.whole
    );
    [[nodiscard]] boost::asio::awaitable<Answer<UserId>> user_with_email(std::string email);
    /// User group handle -> id, for all enabled groups.
    [[nodiscard]] boost::asio::awaitable<Answer<std::map<std::string, std::string>>> user_groups();
    [[nodiscard]] boost::asio::awaitable<Answer<std::vector<UserId>>> user_group_members(std::string group);

    [[nodiscard]] boost::asio::awaitable<Answer<Channel>> channel(ChannelId id);
    /// The direct-message channel with `user`.
    [[nodiscard]] boost::asio::awaitable<Answer<ChannelId>> direct_channel(UserId user);
    /// Gives up after a second: somebody's envelope is not acknowledged before it.
    [[nodiscard]] boost::asio::awaitable<Answer<std::string>> permalink(ChannelId channel, std::string ts);

    /// Shares `content` as a file in the thread; gives the file's id. A share can only be found again by a
    /// `name` with the `mark_of` its outbox id in it.
    [[nodiscard]] boost::asio::awaitable<Answer<std::string>> share_file(
        ChannelId channel, std::string thread_ts, std::string name, std::string title, std::string content
    );

private:
    using Json = boost::json::object;
    [[nodiscard]] boost::asio::awaitable<Answer<std::string>> show_view(std::string method, Json body);
    [[nodiscard]] boost::asio::awaitable<Answer<Json>> post_json(std::string method, Json body);
    [[nodiscard]] boost::asio::awaitable<Answer<Json>> get(
        std::string method,
        std::vector<std::pair<std::string, std::string>> query,
        std::chrono::milliseconds limit = net::Limits{}.whole
    );
    [[nodiscard]] boost::asio::awaitable<Answer<Json>> send(std::string method, net::HttpRequest request);
    void note_clock(const net::Outcome<net::HttpResponse>& outcome);
    void note_access(const Answer<Json>& answer);
    [[nodiscard]] boost::asio::awaitable<void> wait_for_turn(ChannelId channel);

    net::HttpClient& http_;
    Clock& clock_;
    std::string base_url_;
    std::string bot_token_;
    std::string team_;
    UserId own_id_;
    std::string refused_;
    std::optional<std::chrono::milliseconds> slack_ahead_;
    bool is_clock_off_ = false;
    std::map<ChannelId, std::chrono::steady_clock::time_point> next_turn_;
    std::map<std::string, std::chrono::steady_clock::time_point> rested_until_;  ///< per method, after a 429
};

}  // namespace slipway::slack
