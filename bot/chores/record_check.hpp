#pragma once

#include "bot/judge.hpp"
#include "bot/runtime/clock.hpp"
#include "bot/runtime/random.hpp"
#include "bot/runtime/storage_thread.hpp"
#include "commands/pipeline/policy.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace slipway {

/// Reads the whole database once a week, which no start does once it is large, and tells the Dev Leads and
/// the log what is wrong with it; again each week while it is so.
class RecordCheck {
public:
    /// All must outlive this.
    struct Parts {
        const Policy& policy;
        Judge& judge;
        StorageRunner& storage;
        Clock& clock;
        Random& random;
        const Committed& committed;
    };

    explicit RecordCheck(Parts parts) : parts_(std::move(parts)) {}

    /// Runs until cancelled.
    [[nodiscard]] boost::asio::awaitable<void> run();

private:
    [[nodiscard]] boost::asio::awaitable<void> check(std::string day);

    Parts parts_;
};

}  // namespace slipway
