#pragma once

#include "commands/pipeline/decision.hpp"
#include "commands/pipeline/deployment.hpp"
#include "commands/pipeline/people.hpp"
#include "commands/pipeline/policy.hpp"
#include "commands/pipeline/team.hpp"

#include <optional>
#include <string>

namespace slipway {

/// A direct message with buttons about a deployment, as its purpose in the store tells.
struct Ask {
    static constexpr auto purposes = "ask:";

    int revision = 0;
    UserId user;
    std::string row{};  ///< of the outbox, which posted it
};

/// How the store remembers it, and back.
[[nodiscard]] std::string purpose_of(const Ask& ask);
[[nodiscard]] Ask ask_in(const std::string& purpose);

/// What stands in the place of the buttons of `message` once they wait for nothing; none while they wait.
[[nodiscard]] std::optional<Sentence> end_of_ask(
    const Ask& ask,
    const DirectMessage& message,
    const Deployment& deployment,
    const TeamState& team,
    const RoleBook& roles,
    const Policy& policy
);

/// Whether both, about one deployment, ask one person for the same.
[[nodiscard]] bool ask_the_same(const DirectMessage& one, const DirectMessage& other);

/// Whether `message` asks for a sign-off.
[[nodiscard]] bool asks_for_sign_off(const DirectMessage& message);

}  // namespace slipway
