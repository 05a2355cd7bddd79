#pragma once

#include "bot/chores/directory.hpp"
#include "bot/chores/home.hpp"
#include "bot/github/pull_request.hpp"
#include "bot/judge.hpp"
#include "bot/net/task_group.hpp"
#include "bot/slack/inbound.hpp"
#include "bot/slack/socket_session.hpp"
#include "bot/slack/web_api.hpp"
#include "templates/render.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <string>

namespace slipway {

/// Envelope -> request -> committed decision -> acknowledgement.
class Router {
public:
    struct Parts {
        Judge& judge;
        Directory& directory;
        HomeKeeper& home;
        slack::WebApi& slack;
        StorageRunner& storage;
        const templates::Library& library;
        const Policy& policy;
        Clock& clock;
        std::function<templates::View(const TeamState&)> view;
        std::function<void(const std::string&)> access_lost;
        github::Client* github = nullptr;  ///< null: Gate 1 is attested by people
    };

    Router(boost::asio::any_io_executor executor, Parts parts)
        : parts_(std::move(parts)), tasks_(std::move(executor))
    {}

    /// What to acknowledge `envelope` with; nothing when it must come again because nothing could be stored.
    [[nodiscard]] boost::asio::awaitable<slack::SocketSession::Acknowledgement> handle(
        slack::Envelope envelope
    );

    /// Hears what was said in the threads of deployments under way while nobody listened. False where Slack
    /// could not be asked for all of it: try again.
    [[nodiscard]] boost::asio::awaitable<bool> catch_up();

    /// Says `answer` to the command in `envelope` in a message: for the acknowledgement it was too long.
    [[nodiscard]] boost::asio::awaitable<void> say_at_length(
        slack::Envelope envelope, boost::json::object answer
    );

    /// Keeps a frame that could not be read.
    [[nodiscard]] boost::asio::awaitable<void> keep_broken(slack::DeliverBroken broken);

    /// Gives up the forms that are still to be filled.
    [[nodiscard]] boost::asio::awaitable<void> break_off();

private:
    using Ack = slack::SocketSession::Acknowledgement;
    using Replies = std::vector<slack::ThreadReply>;
    enum class Form { opened, late, refused };

    /// What templates show of the record.
    struct Record {
        std::optional<Deployment> deployment;
        TeamState team;
    };

    [[nodiscard]] boost::asio::awaitable<Ack> route(slack::Envelope envelope);
    [[nodiscard]] boost::asio::awaitable<Ack> slash(
        slack::SlashCommand command, std::vector<std::string> keys
    );
    [[nodiscard]] boost::asio::awaitable<Ack> press(slack::ButtonPress press, std::vector<std::string> keys);
    [[nodiscard]] boost::asio::awaitable<Ack> submit(
        slack::ViewSubmission submission, std::vector<std::string> keys
    );
    [[nodiscard]] boost::asio::awaitable<Ack> hear(slack::ThreadReply reply, std::vector<std::string> keys);

    /// Opens the verb's modal; where Slack is slow to say who `user` is, one that asks them to wait and is
    /// filled when it did: a trigger lives three seconds. `late`: it took too long for Slack. `refused`:
    /// `user` may not say the verb, or it cannot be said now; deciding the request says why.
    [[nodiscard]] boost::asio::awaitable<Form> open_form(
        Request request, UserId user, std::string trigger_id
    );
    [[nodiscard]] boost::asio::awaitable<void> fill_form(Request request, UserId user, std::string view_id);
    /// The verb's modal for `person`, or why there is none.
    [[nodiscard]] boost::asio::awaitable<Result<boost::json::object>> form_for(
        Request request, Person person
    );
    /// Those of `replies` that are not in the inbox.
    [[nodiscard]] boost::asio::awaitable<Replies> not_heard(Replies replies);
    /// Shows `message` to `user` alone: where they are, else directly.
    [[nodiscard]] boost::asio::awaitable<slack::Answer<std::string>> say_to(
        UserId user, slack::Message message
    );
    [[nodiscard]] boost::asio::awaitable<Judge::Verdict> settle(
        Request request, UserId user, std::vector<std::string> keys, std::string form = {}
    );
    [[nodiscard]] boost::asio::awaitable<std::optional<Deployment>> load(DeploymentId id);
    [[nodiscard]] boost::asio::awaitable<Record> read_for(std::optional<DeploymentId> id);
    /// What the verb needs to see beyond the record: the runbook's text, the facts of Gate 1.
    [[nodiscard]] boost::asio::awaitable<boost::json::object> facts_for(Request request);
    [[nodiscard]] boost::json::object ephemeral(
        const std::vector<Sentence>& sentences, boost::json::array buttons = {}
    ) const;
    /// The answer to a slash command, its buttons about `deployment`.
    [[nodiscard]] boost::asio::awaitable<boost::json::object> spoken(
        std::vector<Sentence> sentences,
        std::vector<boost::json::object> buttons,
        std::optional<DeploymentId> deployment
    );

    Parts parts_;
    net::TaskGroup tasks_;
};

}  // namespace slipway
