#pragma once

#include "commands/pipeline/policy.hpp"
#include "commands/pipeline/team.hpp"
#include "commands/text/types.hpp"

#include <optional>

namespace slipway {

/// A moment at which the calendar, rather than a deployment, has something to say: when business begins on a
/// working day, team time, so that nobody is woken and no change of the clock moves it.
struct HandOver {
    Instant said_at;
    Instant sprint_begins;  ///< of the sprint that is handed over to
};

/// The first hand-over said after `after` (pipeline document, Rotation): on the first day of the sprint, or
/// on the last working day before it where that is a weekend's. None where no rotation is configured.
[[nodiscard]] std::optional<HandOver> next_hand_over(
    Instant after, const TeamState& team, const Policy& policy
);

/// When business begins on the first working day after `after`: what can wait is said again then (pipeline
/// document, On-Call Considerations: nobody works overnight).
[[nodiscard]] Instant next_morning(Instant after, const Policy& policy);

/// The first moment after `after` at which the Dev Lead is asked to review the runbook unless it was done
/// (pipeline document, Runbook Maintenance): the working days of the last week of each quarter.
[[nodiscard]] Instant next_review_request(Instant after, const Policy& policy);

}  // namespace slipway
