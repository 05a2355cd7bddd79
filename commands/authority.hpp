#pragma once

#include "commands/registry.hpp"

namespace slipway {

/// Whether `snapshot.actor` may say `verb` about `snapshot.deployment`; the refusal names who may. The one place that
/// decides authority: slash commands, buttons, modals and replies all come through here.
///
/// Sources: pipeline document, Gates and Who Can Rollback; design 4.4, 4.5, 4.7, 4.12.
[[nodiscard]] Result<void> authorize(const Verb& verb, const Request& request, const Snapshot& snapshot);

/// Whether `user` holds `role` for this snapshot's deployment: standing roles, its author, its requestor, its on-call
/// developer or the current sprint's.
[[nodiscard]] bool holds(const UserId& user, Role role, const Snapshot& snapshot);

}  // namespace slipway
