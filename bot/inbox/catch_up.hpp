#pragma once

#include "bot/inbox/router.hpp"

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

    explicit CatchUp(Parts parts) : parts_(parts) {}

    /// False where Slack could not be asked for all of it: try again.
    [[nodiscard]] boost::asio::awaitable<bool> catch_up();

private:
    using Replies = std::vector<slack::ThreadReply>;

    /// Those of `replies` that are not in the inbox.
    [[nodiscard]] boost::asio::awaitable<Replies> not_heard(Replies replies);

    Parts parts_;
};

}  // namespace slipway
