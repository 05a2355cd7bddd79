#pragma once

#include "tests/commands/property/acts.hpp"

#include <string>
#include <vector>

namespace slipway::testing {

/// What was broken, in a sentence each; empty: all of it holds. These read the events and the document, not
/// the code under test: no gate, no fold of it.
using Complaints = std::vector<std::string>;

/// Every start of `world` had its gates, its checklist, its window and its people, or an exception recorded
/// beforehand by somebody who may.
[[nodiscard]] Complaints starts_without_gates(const TeamInMemory& world);

/// Gate 2 passed only on sign-offs of the revision in force, by others than the author, in every role asked
/// for; what the fold counts is of that revision.
[[nodiscard]] Complaints sign_offs_of_other_revisions(const TeamInMemory& world);

/// At no moment two deployments of a service were being deployed, and none started while another rolled back.
[[nodiscard]] Complaints deployments_at_once(const TeamInMemory& world);

/// The ledger's text, read again and folded, tells the same deployments and team.
[[nodiscard]] Complaints differences_after_reading(const TeamInMemory& world);

/// While deploying or watching a deployment, on-call developer and Dev Lead can roll it back: with every fact
/// unreachable, on a button of another revision, without a reason.
[[nodiscard]] Complaints unreachable_rollbacks(const TeamInMemory& world);

/// No event and no timer is a stranger's doing.
[[nodiscard]] Complaints doings_of_strangers(const TeamInMemory& world);

/// The pre-deployment notice went out at most once for each schedule.
[[nodiscard]] Complaints doubled_notices(const TeamInMemory& world);

/// What ended stays ended, and nothing waits for it but what outlives it: post-mortem, review, and whoever
/// wants to be told.
[[nodiscard]] Complaints timers_of_the_ended(const TeamInMemory& world);

/// Nothing rolled back by itself unless an immediate trigger was open and nobody held or resolved it.
[[nodiscard]] Complaints rollbacks_without_trigger(const TeamInMemory& world);

/// Every step of a rollback that has an action began when all before it were done and nothing else of it ran,
/// and the old version was verified when all of them were done.
[[nodiscard]] Complaints rollback_steps_out_of_order(const TeamInMemory& world);

/// On the way from its plan to its start, whatever is still missing, `check` says of each deployment what
/// `start` does: that it starts, or every sentence and button of the refusal.
[[nodiscard]] Complaints checks_that_differ(const TeamInMemory& world);

/// Everything said can be stored and read again.
[[nodiscard]] Complaints unreadable_sayings(const TeamInMemory& world);

}  // namespace slipway::testing
