#pragma once

#include "bot/inbox/router.hpp"
#include "bot/runtime/wakeup.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <vector>

namespace slipway {

/// Hears what was said in the threads of deployments under way while nobody listened.
class CatchUp {
public:
    struct Parts {
        Router& router;
        slack::WebApi& slack;
        StorageRunner& storage;
        Clock& clock;
    };

    CatchUp(const boost::asio::any_io_executor& executor, Parts parts) : parts_(parts), wakeup_(executor) {}

    /// Slack may have given events up: it was not heard for too long, or never before.
    void note_gap();

    /// Reads the threads again after each gap, and now and then: Slack gives an event up after some minutes,
    /// whatever held us up. Runs until cancelled.
    [[nodiscard]] boost::asio::awaitable<void> run();

    /// Once; false where Slack could not be asked for all of it: try again.
    [[nodiscard]] boost::asio::awaitable<bool> read_threads();

private:
    using Replies = std::vector<slack::ThreadReply>;

    /// Those of `replies` that are not in the inbox.
    [[nodiscard]] boost::asio::awaitable<Replies> not_heard(Replies replies);

    Parts parts_;
    Wakeup wakeup_;
    int gaps_ = 0;
    int gaps_read_ = 0;  ///< after which all threads were read
};

}  // namespace slipway
