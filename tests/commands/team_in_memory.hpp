#pragma once

#include "tests/commands/staged_deployment.hpp"

#include <boost/json/object.hpp>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace slipway::testing {

/// Something that was said, when and because of what.
struct Said {
    Instant at;
    DeploymentId deployment;  ///< number 0: the team's
    std::string cause;        ///< "timer pre_notice", "bob: done"
    Saying saying;
};

/// A team with several deployments in memory: what the store, the timekeeper and the actions would do around
/// `decide`, on one thread and without I/O. Its laws are those of storage/store.hpp: events are applied or
/// nothing is, a timer that is set again replaces its predecessor, and one that is due is gone before it
/// fires.
class TeamInMemory {
public:
    struct Timer {
        Instant due;
        long seq = 0;
        boost::json::object facts;
    };

    using TimerKey = std::pair<DeploymentId, std::string>;

    Policy policy = document_policy();
    RoleBook roles;
    TeamState team;
    std::map<DeploymentId, Deployment> deployments;
    std::map<TimerKey, Timer> timers;
    std::vector<RecordedEvent> ledger;  ///< of all and of the team, in the order of recording
    std::vector<Said> said;             ///< everything, oldest first
    std::vector<std::pair<DeploymentId, std::string>> running;  ///< actions under way, oldest first
    std::vector<std::string> log;                    ///< who did what and what came of it, for people to read
    Instant now = evening - std::chrono::hours{32};  ///< Monday 2026-11-23, 14:00 EST

    /// The cast in their roles; the services web and api.
    TeamInMemory();

    /// `actor` wishes `request`; what follows is recorded. A refusal leaves everything as it was.
    Result<Decision> wish(const Request& request, const Person& actor);

    /// Somebody of the cast says `verb`, as a slash command or with the fields of a button.
    Result<Decision> say(
        const std::string& name,
        const std::string& verb,
        std::optional<int> deployment = std::nullopt,
        boost::json::object fields = {},
        const std::string& text = {}
    );

    /// What GitHub answers from now on about every pull request, where it is asked at all
    /// (Policy::gate1_by_github).
    void github_says(Gate1Facts facts) { github_.emplace_back(ledger.size(), std::move(facts)); }

    /// What it answered when row `index` of the ledger was written.
    [[nodiscard]] const Gate1Facts& github_at(std::size_t index) const;

    /// A signal from the monitoring.
    Result<Decision> observe(const boost::json::object& fields);

    /// The oldest action under way ends.
    void end_action(bool succeeded);

    /// Fires, each at its own moment, whatever is due until `until`; then it is that late.
    void move_to(Instant until);

    /// The bot was away until `until`: what fell due meanwhile fires then, in its order.
    void sleep_until(Instant until);

    /// The bot starts: the calendar is opened.
    void restart();

    [[nodiscard]] Snapshot seen_by(const Person& actor, std::optional<DeploymentId> about) const;

    [[nodiscard]] const Deployment& at(int number) const { return deployments.at(DeploymentId{number}); }

private:
    Result<Decision> settle(const Request& request, const Person& actor, const std::string& cause);
    void record(const Decision& decision, const Person& actor, const std::string& cause);
    void fire_due();

    long next_seq_ = 1;
    std::vector<std::pair<std::size_t, Gate1Facts>> github_;  ///< since which row, oldest first
};

/// Every member of `deployment` that is remembered, as text: two of equal text are equal.
[[nodiscard]] std::string told(const Deployment& deployment);
[[nodiscard]] std::string told(const TeamState& team);

/// `events` as the ledger writes and reads them.
[[nodiscard]] std::vector<RecordedEvent> through_json(const std::vector<RecordedEvent>& events);

}  // namespace slipway::testing
