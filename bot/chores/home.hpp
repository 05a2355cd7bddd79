#pragma once

#include "bot/chores/directory.hpp"
#include "bot/judge.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include <cstddef>
#include <map>

namespace slipway {

/// Publishes the App Home of whoever opens it, and again when something has changed.
class HomeKeeper {
public:
    struct Parts {
        Directory& directory;
        slack::WebApi& slack;
        StorageRunner& storage;
        const templates::Library& library;
        Clock& clock;
        const Views& views;
        Committed& committed;
    };

    HomeKeeper(const boost::asio::any_io_executor& executor, Parts parts);

    /// Shows `user` their home. False where nobody knows who that is just now: try again.
    [[nodiscard]] boost::asio::awaitable<bool> open(UserId user);

    /// Runs until cancelled.
    [[nodiscard]] boost::asio::awaitable<void> run();

private:
    /// Slack does not say when somebody closes it.
    struct Opened {
        std::chrono::steady_clock::time_point at;
        std::size_t content = 0;  ///< of what is shown, hashed
    };

    [[nodiscard]] boost::asio::awaitable<boost::json::object> view_for(UserId user);
    [[nodiscard]] boost::asio::awaitable<void> publish(UserId user);
    /// Whoever opened it too long ago is forgotten.
    void forget();

    Parts parts_;
    Wakeup wakeup_;
    std::map<UserId, Opened> open_;
};

}  // namespace slipway
