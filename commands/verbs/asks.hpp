#pragma once

#include "commands/pipeline/deployment.hpp"
#include "commands/pipeline/people.hpp"
#include "commands/pipeline/policy.hpp"
#include "commands/text/sentence.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <vector>

namespace slipway {

/// A direct message that asked somebody for a sign-off, as its purpose in the store tells.
struct Ask {
    static constexpr auto purposes = "ask:";

    int revision = 0;
    UserId user;
};

/// How the store remembers the message that the row of the outbox called `row` posted for `ask`, and back.
[[nodiscard]] std::string purpose_of(const Ask& ask, const std::string& row);
[[nodiscard]] Ask ask_in(const std::string& purpose);

/// Whether a message with `buttons` is one.
[[nodiscard]] bool asks_for_sign_off(const std::vector<Button>& buttons);

/// What stands in the place of `ask` once it waits for nothing; none while it waits.
[[nodiscard]] std::optional<Sentence> end_of_ask(
    const Ask& ask, const Deployment& deployment, const RoleBook& roles, const Policy& policy
);

}  // namespace slipway
