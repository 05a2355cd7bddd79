#pragma once

#include "bot/chores/directory.hpp"
#include "bot/chores/home.hpp"
#include "bot/github/pull_request.hpp"
#include "bot/inbox/forms.hpp"
#include "bot/judge.hpp"
#include "bot/linear/client.hpp"
#include "bot/slack/inbound.hpp"
#include "bot/slack/socket_session.hpp"
#include "bot/slack/web_api.hpp"
#include "templates/render.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <string>

namespace slipway {

/// What marks `reply` in the inbox, whichever way it reached us.
[[nodiscard]] std::string key_of(const slack::ThreadReply& reply);

/// Envelope -> request -> committed decision -> acknowledgement.
class Router {
public:
    using Ack = slack::SocketSession::Acknowledgement;

    struct Parts {
        Judge& judge;
        Directory& directory;
        HomeKeeper& home;
        Forms& forms;
        slack::WebApi& slack;
        StorageRunner& storage;
        const templates::Library& library;
        const Policy& policy;
        Clock& clock;
        const Views& views;
        github::Client* github = nullptr;  ///< null: Gate 1 is attested by people
        linear::Client* linear = nullptr;  ///< null: an issue has the one name that the plan gives
    };

    explicit Router(Parts parts) : parts_(parts) {}

    /// What to acknowledge `envelope` with; nothing when it must come again because nothing could be stored.
    [[nodiscard]] boost::asio::awaitable<Ack> handle(slack::Envelope envelope);

    /// Hears `reply`, which may come in an envelope with `keys` or have been read in its thread.
    [[nodiscard]] boost::asio::awaitable<Ack> hear(slack::ThreadReply reply, std::vector<std::string> keys);

    /// Says `answer` to the command in `envelope` in a message: for the acknowledgement it was too long.
    [[nodiscard]] boost::asio::awaitable<void> say_at_length(
        slack::Envelope envelope, boost::json::object answer
    );

    /// Keeps a frame that could not be read.
    [[nodiscard]] boost::asio::awaitable<void> keep_broken(slack::DeliverBroken broken);

private:
    [[nodiscard]] boost::asio::awaitable<Ack> route(slack::Envelope envelope);
    [[nodiscard]] boost::asio::awaitable<Ack> slash(
        slack::SlashCommand command, std::vector<std::string> keys
    );
    [[nodiscard]] boost::asio::awaitable<Ack> press(slack::ButtonPress press, std::vector<std::string> keys);
    [[nodiscard]] boost::asio::awaitable<Ack> submit(
        slack::ViewSubmission submission, std::vector<std::string> keys
    );
    /// Shows `message` to `user` alone: where they are, else directly.
    [[nodiscard]] boost::asio::awaitable<slack::Answer<std::string>> say_to(
        UserId user, slack::Message message
    );
    [[nodiscard]] boost::asio::awaitable<Judge::Verdict> settle(
        Request request, UserId user, std::vector<std::string> keys, std::string form = {}
    );
    /// Answers whoever calls the bot by its name, about `deployment` where that was in its thread.
    [[nodiscard]] boost::asio::awaitable<Ack> answer_mention(
        slack::Mention mention, std::vector<std::string> keys, std::optional<DeploymentId> deployment = {}
    );
    [[nodiscard]] bool mentions_us(const std::string& text) const;
    [[nodiscard]] boost::asio::awaitable<std::optional<Deployment>> load(DeploymentId id);
    /// Whether Linear says that it doesn't know the issue that a plan names; it has a second to say so.
    [[nodiscard]] boost::asio::awaitable<bool> is_unknown_issue(std::string issue);
    /// The facts of Gate 1, or the head alone, where the verb looks at them.
    [[nodiscard]] boost::asio::awaitable<std::optional<Gate1Facts>> facts_for(Request request);
    [[nodiscard]] bool signs(const std::string& text, std::optional<Instant> said_at) const;
    [[nodiscard]] boost::json::object ephemeral(
        const std::vector<Sentence>& sentences, boost::json::array buttons = {}
    ) const;
    /// The answer to a slash command, its buttons about `deployment`.
    [[nodiscard]] boost::asio::awaitable<boost::json::object> spoken(
        std::vector<Sentence> sentences, std::vector<Button> buttons, std::optional<DeploymentId> deployment
    );

    Parts parts_;
};

}  // namespace slipway
