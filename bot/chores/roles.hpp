#pragma once

#include "bot/chores/directory.hpp"
#include "bot/judge.hpp"
#include "bot/runtime/random.hpp"

#include <boost/asio/awaitable.hpp>

namespace slipway {

/// Tells the judge who holds which role: at the start, and when it has changed in Slack.
class RoleKeeper {
public:
    struct Parts {
        slack::WebApi& slack;
        Directory& directory;
        Judge& judge;
        StorageRunner& storage;
        Policy& policy;  ///< gets the rotation, before anybody reads it
        Clock& clock;
        Random& random;
    };

    explicit RoleKeeper(Parts parts) : parts_(parts) {}

    /// Asks until Slack answers: who we are, and who holds which role. Throws FatalSlackError where it
    /// refuses the bot's token, and ConfigMistakes as the directory does.
    [[nodiscard]] boost::asio::awaitable<void> introduce();

    /// Asks again now and then; runs until cancelled.
    [[nodiscard]] boost::asio::awaitable<void> run();

private:
    [[nodiscard]] boost::asio::awaitable<void> say_hello();
    [[nodiscard]] boost::asio::awaitable<void> remember();
    /// Records what changed since it was noted last, and has it said.
    [[nodiscard]] boost::asio::awaitable<void> note();

    Parts parts_;
    boost::json::object noted_;
};

}  // namespace slipway
