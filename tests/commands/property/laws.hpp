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
/// but for commands whose step a person did by hand meanwhile: the next one waits for them in the service's
/// lane. The old version was verified when all steps were done.
[[nodiscard]] Complaints rollback_steps_out_of_order(const TeamInMemory& world);

/// On the way from its plan to its start, whatever is still missing, `check` says of each deployment what
/// `start` does: that it starts, or every sentence and button of the refusal.
[[nodiscard]] Complaints checks_that_differ(const TeamInMemory& world);

/// What is owed at a time has its timer, and nothing else has: the notice, the chases, check-ins, the end of
/// the watch, updates, reviews, the team's calendar.
[[nodiscard]] Complaints timers_that_are_owed(const TeamInMemory& world);

/// The ledger says of every notice that it was sent, and of no other.
[[nodiscard]] Complaints notices_off_the_record(const TeamInMemory& world);

/// Whatever a person changes, the card is drawn anew.
[[nodiscard]] Complaints changes_without_card(const TeamInMemory& world);

/// Nothing was done by somebody whom the document does not name for it.
[[nodiscard]] Complaints doings_without_right(const TeamInMemory& world);

/// What the same person says of the newest deployment, typed, pressed or submitted, is one decision.
[[nodiscard]] Complaints ways_that_differ(const TeamInMemory& world);

/// Everything said can be stored and read again.
[[nodiscard]] Complaints unreadable_sayings(const TeamInMemory& world);

}  // namespace slipway::testing
