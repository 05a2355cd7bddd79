#pragma once

#include "bot/net/task_group.hpp"
#include "bot/outbox/linear_comments.hpp"
#include "bot/outbox/slack_messages.hpp"
#include "bot/runtime/random.hpp"
#include "bot/runtime/wakeup.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <set>
#include <string>

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
        const Policy& policy;
        Clock& clock;
        Random& random;
        ChannelId channel;  ///< for cards and notices
        const Views& views;
        Committed& committed;
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

    /// Rows delivered and refused since the start, and waiting when it last looked, for /metrics.
    struct Counts {
        std::uint64_t delivered = 0, retried = 0, refused = 0;
        std::int64_t waiting = 0;
    };

    [[nodiscard]] const Counts& counts() const { return counts_; }

private:
    using Facts = delivery::SharedFacts;
    using Outcome = delivery::Outcome;
    struct Destination;

    [[nodiscard]] boost::asio::awaitable<void> deliver(storage::OutboxRow row);
    [[nodiscard]] boost::asio::awaitable<Outcome> act(storage::OutboxRow row, Facts facts);
    /// Stores what `outcome` leads to, and what follows from it, in one transaction.
    [[nodiscard]] boost::asio::awaitable<void> settle(storage::OutboxRow row, Facts facts, Outcome outcome);
    /// Counts and logs `next`.
    void note(const storage::OutboxRow& row, const delivery::Next& next, bool tells);

    Parts parts_;
    SlackMessages messages_;
    LinearComments comments_;
    Wakeup wakeup_;
    std::set<std::string> busy_lanes_;
    std::set<std::string> unsettled_;  ///< rows whose last outcome is not stored: they may have been said
    std::set<std::string> told_;       ///< rows whose trouble somebody was told of
    Counts counts_;
    net::TaskGroup tasks_;
};

}  // namespace slipway
