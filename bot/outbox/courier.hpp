#pragma once

#include "bot/linear/client.hpp"
#include "bot/net/task_group.hpp"
#include "bot/runtime/clock.hpp"
#include "bot/runtime/random.hpp"
#include "bot/runtime/storage_thread.hpp"
#include "bot/runtime/wakeup.hpp"
#include "bot/slack/web_api.hpp"
#include "templates/render.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <variant>

namespace slipway {

/// Empties the outbox: one row of a lane at a time, in order, until it is said or refused for good.
///
/// A Slack message is looked for before it is repeated after an outcome that is not known; Linear refuses a
/// second comment with the same id. Rows survive restarts, so what is due is said exactly once.
class Courier {
public:
    struct Parts {
        StorageRunner& storage;
        slack::WebApi& slack;
        linear::Client& linear;
        const templates::Library& library;
        Clock& clock;
        Random& random;
        ChannelId channel;  ///< for cards and notices
        std::function<templates::View(const TeamState&)>
            view;  ///< what templates may show; `team` must outlive it
        /// Runs an action and settles its result; `may_have_run` where it was begun and the bot ended.
        std::function<
            boost::asio::awaitable<void>(storage::OutboxRow row, Deployment deployment, bool may_have_run)>
            act;
    };

    Courier(boost::asio::any_io_executor executor, Parts parts);

    /// Runs until cancelled.
    [[nodiscard]] boost::asio::awaitable<void> run();

    /// Breaks off what is being delivered; its rows are looked for in Slack after the next start. Call when
    /// `run` has ended, and before this is destroyed.
    [[nodiscard]] boost::asio::awaitable<void> break_off();

    /// There may be something to say.
    void wake() { wakeup_.ring(); }

    /// Rows delivered and refused since the start, and waiting when it last looked, for /metrics.
    struct Counts {
        std::uint64_t delivered = 0, retried = 0, refused = 0;
        std::int64_t waiting = 0;
    };

    [[nodiscard]] const Counts& counts() const { return counts_; }

private:
    struct Said {
        std::string remote;  ///< ts, comment id, file id
    };

    struct NotNow {
        std::chrono::milliseconds after{0};
        std::string why;
        bool ambiguous = false;
    };

    /// What waits for somebody to mend what is refused.
    enum class Waits {
        nothing,   ///< nobody can
        messages,  ///< a channel or a key: to one person it is better said late than never, or not at all
        all,       ///< the bot's own token or scopes
    };

    /// Refused. What somebody can mend (the bot is not in the channel, a key has expired) is tried again
    /// until they did; the rest is told to whoever asked for it and let go.
    struct Never {
        std::string why;
        Sentence hint;
        Waits waits = Waits::nothing;
    };

    using Outcome = std::variant<Said, NotNow, Never>;

    /// What a message that is edited in place shows.
    struct Shown {
        std::size_t content = 0;  ///< hashed
        std::chrono::steady_clock::time_point at{};
    };

    /// What delivery needs of the record, read in one job.
    struct Facts;

    [[nodiscard]] boost::asio::awaitable<void> deliver(storage::OutboxRow row);
    [[nodiscard]] boost::asio::awaitable<Outcome> attempt(
        storage::OutboxRow row, std::shared_ptr<Facts> facts
    );
    [[nodiscard]] boost::asio::awaitable<Outcome> post(
        storage::OutboxRow row, slack::Message message, std::string purpose
    );
    [[nodiscard]] boost::asio::awaitable<Outcome> show_card(
        storage::OutboxRow row, std::shared_ptr<Facts> facts
    );
    /// Takes the buttons from the direct messages that asked for a sign-off and wait for none any more.
    [[nodiscard]] boost::asio::awaitable<Outcome> close_asks(std::shared_ptr<Facts> facts);
    /// Posts or edits the card, unless it shows `content` already.
    [[nodiscard]] boost::asio::awaitable<Outcome> show(
        storage::OutboxRow row, std::shared_ptr<Facts> facts, slack::Message message, std::size_t content
    );
    /// How long the message at `ts` may not be edited again; not positive where it may.
    [[nodiscard]] std::chrono::milliseconds rest_of(const std::string& ts) const;
    [[nodiscard]] boost::asio::awaitable<Outcome> whisper(
        storage::OutboxRow row, std::shared_ptr<Facts> facts
    );
    [[nodiscard]] boost::asio::awaitable<Outcome> direct(
        storage::OutboxRow row, std::shared_ptr<Facts> facts
    );
    [[nodiscard]] boost::asio::awaitable<Outcome> comment(storage::OutboxRow row);
    [[nodiscard]] boost::asio::awaitable<Outcome> share_postmortem(
        storage::OutboxRow row, std::shared_ptr<Facts> facts
    );
    /// The ts of what an earlier attempt said; empty where none was ambiguous or it did not arrive.
    [[nodiscard]] boost::asio::awaitable<Outcome> look_for(
        storage::OutboxRow row, ChannelId channel, std::string thread_ts
    );
    [[nodiscard]] boost::asio::awaitable<std::shared_ptr<Facts>> read_facts(DeploymentId id);
    [[nodiscard]] boost::asio::awaitable<void> settle(
        storage::OutboxRow row, std::shared_ptr<Facts> facts, Outcome outcome
    );
    [[nodiscard]] StorageRunner::Job put_off(const storage::OutboxRow& row, NotNow later);
    [[nodiscard]] StorageRunner::Job let_go(const storage::OutboxRow& row, const Facts* facts, Never never);
    /// Who hears that `row` cannot be said.
    [[nodiscard]] std::set<UserId> concerned(const storage::OutboxRow& row, const Facts* facts) const;
    [[nodiscard]] static Outcome outcome_of(slack::Answer<std::string>&& answer);

    Parts parts_;
    Wakeup wakeup_;
    std::set<std::string> busy_lanes_;
    std::set<std::string> unsettled_;     ///< rows whose last outcome is not stored: they may have been said
    std::set<std::string> told_;          ///< rows whose trouble somebody was told of
    std::map<std::string, Shown> shown_;  ///< by ts; what was shown before the start is shown once more
    Counts counts_;
    net::TaskGroup tasks_;
};

}  // namespace slipway
