#pragma once

#include "commands/verbs/table.hpp"

namespace slipway {

/// Whether the actor may speak to Slipway at all: people who count (people.hpp) for the verbs of people, the
/// bot itself for the verbs of timers and signals. The refusal says why not.
[[nodiscard]] Result<void> authorize_actor(
    const Verb& verb, const Request& request, const Snapshot& snapshot
);

/// Whether `snapshot.actor` may say `verb` about `snapshot.deployment`; the refusal names who may. The one
/// place that decides authority: slash commands, buttons, modals and replies all come through here.
///
/// Sources: pipeline document, Gates and Who Can Rollback; design 4.2 to 4.5, 4.7, 4.12.
[[nodiscard]] Result<void> authorize(const Verb& verb, const Request& request, const Snapshot& snapshot);

// Rules for the rows of the table, where roles alone do not say who may.

/// Nobody signs for another, nor for their own change (design 4.5).
[[nodiscard]] Result<void> may_sign(const Request& request, const Snapshot& snapshot);

/// Gate 1 is never the author's own word (design 4.3); everything else is vouched for by name.
[[nodiscard]] Result<void> may_tick(const Request& request, const Snapshot& snapshot);

/// Ready is the word of the one who will be there, not of whoever is on call today (design 4.7).
[[nodiscard]] Result<void> may_be_ready(const Request& request, const Snapshot& snapshot);

/// `may_except`, with the refusal.
[[nodiscard]] Result<void> may_record_exception(const Request& request, const Snapshot& snapshot);

/// Whether `user` holds `role` for this snapshot's deployment: standing roles, its author, its requestor (or
/// the representative), its on-call developer or the current sprint's.
[[nodiscard]] bool holds(const UserId& user, Role role, const Snapshot& snapshot);

/// Whether the actor may record an exception: a Dev Lead; for a P0 the on-call developer too (design 4.2).
[[nodiscard]] bool may_except(const Snapshot& snapshot);

}  // namespace slipway
