#pragma once

#include "commands/pipeline/events.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace slipway {

/// A one-off stop of one service or of all.
struct Freeze {
    std::string service;  ///< empty for all
    UserId owner;
    Instant begun, until;
    std::string reason;
};

/// A stretch of on-call that somebody else takes.
struct Swap {
    UserId from, to;
    Instant begins, ends;
    Instant made;
};

/// A service that stays locked after a rollback.
struct Lock {
    DeploymentId because_of;  ///< which one
    Instant since{};
};

/// What is true of the team rather than of one deployment, folded from the team's events.
struct TeamState {
    TeamState();
    TeamState(const TeamState&);
    TeamState(TeamState&&) noexcept;
    TeamState& operator=(const TeamState&);
    TeamState& operator=(TeamState&&) noexcept;
    ~TeamState();

    std::vector<Freeze> freezes;                 ///< not thawed; may have run out by themselves
    std::vector<Swap> swaps;                     ///< oldest first; a later one wins
    std::vector<OnCallConfirmed> confirmations;  ///< by the person who will be on call
    std::map<std::string, Lock> locked;          ///< by service
    std::optional<Instant> runbook_reviewed_at;
    std::vector<RotationSet> rotations;  ///< oldest first; none before the bot first read slipway.toml
    std::set<UserId> gone;               ///< named in slipway.toml, and can no longer act
    std::vector<std::string> troubles;   ///< see DirectoryChanged
};

/// Adds one event of the team. Throws std::logic_error for an event of a deployment.
void apply(TeamState& team, const RecordedEvent& event);

}  // namespace slipway
