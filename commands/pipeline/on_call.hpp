#pragma once

#include "commands/pipeline/windows.hpp"

#include <boost/json/object.hpp>

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

/// The rotation of `people` in the sprints of `policy`.
[[nodiscard]] RotationSet rotation_of(const Policy& policy, std::vector<UserId> people);

/// The rotation that holds at `at`: the newest that was read and holds by then, else that of `policy`.
[[nodiscard]] RotationSet rotation_at(Instant at, const TeamState& team, const Policy& policy);

/// The sprint that holds `at`, as far as one rotation holds in it; none where no rotation is configured.
[[nodiscard]] std::optional<Sprint> sprint_at(Instant at, const TeamState& team, const Policy& policy);

/// Whose turn it is at `at` by swap or rotation, though they may be gone; empty where no rotation is
/// configured.
[[nodiscard]] UserId turn_at(Instant at, const TeamState& team, const Policy& policy);

/// Who is on call at `at`: `turn_at`, but nobody where they are gone.
[[nodiscard]] UserId on_call_at(Instant at, const TeamState& team, const Policy& policy);

/// The on-call developer of `deployment`: who took over the moment of its start (or `now` once it started, or
/// without a time) by a swap made after somebody was named for it; else who was named; else who is on call at
/// that moment. Nobody who is gone.
[[nodiscard]] UserId on_call_for(
    const Deployment& deployment, Instant now, const TeamState& team, const Policy& policy
);

/// Who would be on call for `deployment` but is gone; empty where somebody is on call, or nobody's turn it
/// is.
[[nodiscard]] UserId missing_on_call(
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

/// What a sentence about missing cover says: `on_call` as a mention, and `from` and `length` as a swap that
/// covers `span` is typed.
[[nodiscard]] boost::json::object cover_facts(const UserId& on_call, Span span, const Policy& policy);

/// Whether `user` said ready for `deployment`, and no swap made since takes any of `span` from them.
[[nodiscard]] bool is_ready(
    const Deployment& deployment, const UserId& user, Span span, const TeamState& team
);

/// Whether the on-call developer of `deployment` said ready for a start at `now`; another one's word does not
/// count.
[[nodiscard]] bool is_on_call_ready(
    const Deployment& deployment, Instant now, const TeamState& team, const Policy& policy
);

/// Whether `user` confirmed being on call for all of `span`.
[[nodiscard]] bool has_confirmed(const UserId& user, Span span, const TeamState& team);

}  // namespace slipway
