#include "commands/pipeline/team.hpp"

#include <algorithm>
#include <stdexcept>

namespace slipway {

TeamState::TeamState() = default;
TeamState::TeamState(const TeamState&) = default;
TeamState::TeamState(TeamState&&) noexcept = default;
TeamState& TeamState::operator=(const TeamState&) = default;
TeamState& TeamState::operator=(TeamState&&) noexcept = default;
TeamState::~TeamState() = default;

namespace {

struct ApplyToTeam {
    TeamState& team;
    const RecordedEvent& recorded;

    void operator()(const FreezeBegun& event) const
    {
        (*this)(FreezeEnded{event.service});
        team.freezes.push_back({event.service, UserId(recorded.actor), recorded.at, event.until, event.reason}
        );
    }

    void operator()(const FreezeEnded& event) const
    {
        std::erase_if(team.freezes, [&](const Freeze& freeze) { return freeze.service == event.service; });
    }

    void operator()(const OnCallSwapped& event) const
    {
        team.swaps.push_back({event.from, event.to, event.begins, event.ends, recorded.at});
    }

    void operator()(const OnCallConfirmed& event) const { team.confirmations.push_back(event); }

    void operator()(const ServiceLocked& event) const
    {
        team.locked[event.service] = {event.because_of, recorded.at};
    }

    void operator()(const ServiceUnlocked& event) const { team.locked.erase(event.service); }

    void operator()(const RunbookReviewed&) const { team.runbook_reviewed_at = recorded.at; }

    void operator()(const RotationSet& event) const { team.rotations.push_back(event); }

    void operator()(const DirectoryChanged& event) const
    {
        team.gone = {event.gone.begin(), event.gone.end()};
        team.troubles = event.troubles;
    }

    template <class Other>
    void operator()(const Other& event) const
    {
        throw std::logic_error(kind_of(event) + " belongs to a deployment, not to the team");
    }
};

}  // namespace

void apply(TeamState& team, const RecordedEvent& event) { std::visit(ApplyToTeam{team, event}, event.event); }

}  // namespace slipway
