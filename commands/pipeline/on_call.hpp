#pragma once

#include "commands/pipeline/windows.hpp"

#include <optional>
#include <vector>

namespace slipway {

/// One turn of the rotation: from local midnight to local midnight, team time (pipeline document, Rotation).
/// Where a change of the clock skips midnight, from the moment of the change.
struct Sprint {
    int number = 0;  ///< 0 begins on Policy::sprint_start; negative before it
    Span span;
    UserId on_call;  ///< by rotation, swaps not applied
};

/// The sprint that holds `at`; none where no rotation is configured.
[[nodiscard]] std::optional<Sprint> sprint_at(Instant at, const Policy& policy);

/// Who is on call at `at`: the newest swap that covers it, else the rotation; empty where no rotation is
/// configured.
[[nodiscard]] UserId on_call_at(Instant at, const TeamState& team, const Policy& policy);

/// The on-call developer of `deployment`: who took over the moment of its start (or `now` once it started, or
/// without a time) by a swap made after somebody was named for it; else who was named; else who is on call at
/// that moment.
[[nodiscard]] UserId on_call_for(
    const Deployment& deployment, Instant now, const TeamState& team, const Policy& policy
);

/// What on-call covers of a deployment from `start`: until two hours after its window, or after its own end
/// where that is later or there is no window (pipeline document, On-Call Considerations; design 4.13).
[[nodiscard]] Span covered_by_on_call(Instant start, std::chrono::minutes duration, const Policy& policy);

/// Stretches of `covered_by_on_call` in which `user` is not on call; empty: covered. Who is in no rotation is
/// taken at their word once they confirmed; who is in it arranges a swap.
[[nodiscard]] std::vector<Span> uncovered(
    const UserId& user,
    Instant start,
    std::chrono::minutes duration,
    const TeamState& team,
    const Policy& policy
);

/// Whether `user` said ready for `deployment`, and no swap made since takes any of `span` from them.
[[nodiscard]] bool is_ready(
    const Deployment& deployment, const UserId& user, Span span, const TeamState& team
);

/// Whether `user` confirmed being on call for all of `span`.
[[nodiscard]] bool has_confirmed(const UserId& user, Span span, const TeamState& team);

}  // namespace slipway
