#pragma once

#include "bot/judge.hpp"
#include "bot/outbox/action_runner.hpp"
#include "storage/store.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace slipway {

/// The rows of the outbox that are to be run: a deploy, a step of a rollback, and the end of either. What
/// each came to goes back to the judge.
class Actions {
public:
    struct Parts {
        boost::asio::any_io_executor executor;
        const Policy& policy;
        Judge& judge;
        Clock& clock;
        executors::ActionRunner::Parts runner;
    };

    explicit Actions(Parts parts);

    /// Runs `row`, and returns once its result is in the record. An action runs at most once: one that
    /// `may_have_run` when the bot ended is not begun again, since nobody knows how far it came.
    [[nodiscard]] boost::asio::awaitable<void> act(
        storage::OutboxRow row, Deployment deployment, bool may_have_run
    );

    /// Gives what runs seven seconds to end by itself, then ends it.
    [[nodiscard]] boost::asio::awaitable<void> end_all();

private:
    struct Running {
        DeploymentId deployment;
        std::string name;
        std::shared_ptr<executors::Stop> stop;

        bool operator==(const Running& other) const { return stop == other.stop; }
    };
    class InHand;

    [[nodiscard]] bool is_wanted(const std::string& action, const Deployment& deployment) const;
    [[nodiscard]] std::vector<Running> find_running(DeploymentId deployment, const std::string& name) const;
    [[nodiscard]] boost::asio::awaitable<void> end(DeploymentId deployment, std::string name);
    [[nodiscard]] boost::asio::awaitable<void> keep_result(Request request, std::string row);
    [[nodiscard]] boost::asio::awaitable<void> wait_while_in_hand(std::chrono::milliseconds limit);

    boost::asio::any_io_executor executor_;
    const Policy& policy_;
    Judge& judge_;
    Clock& clock_;
    executors::ActionRunner runner_;
    std::vector<Running> in_hand_;
    std::set<DeploymentId> undone_;  ///< whose deploy is not begun any more
};

}  // namespace slipway
