#pragma once

#include "bot/judge.hpp"
#include "commands/pipeline/policy.hpp"

#include <boost/asio/awaitable.hpp>

namespace slipway {

/// Posts the head of the ledger into a channel once a day, where whoever can write the database cannot change
/// it: a chain that was rebuilt from some row on no longer holds that head.
class LedgerWitness {
public:
    struct Parts {
        ChannelId channel;  ///< empty: nothing is posted
        const Policy& policy;
        StorageRunner& storage;
        Clock& clock;
        Random& random;
        const Committed& committed;
    };

    explicit LedgerWitness(Parts parts) : parts_(std::move(parts)) {}

    /// Runs until cancelled.
    [[nodiscard]] boost::asio::awaitable<void> run();

private:
    Parts parts_;
};

}  // namespace slipway
