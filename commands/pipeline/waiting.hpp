#pragma once

#include "commands/pipeline/request.hpp"

#include <optional>

namespace slipway {

/// An act that the pipeline waits for, in words and as the button that does it.
struct Waiting {
    Sentence what;
    Button button;
};

/// What the pipeline waits for `person` to do, most urgent first. Of `snapshot` it reads now, policy, roles
/// and team.
[[nodiscard]] std::optional<Waiting> waiting_for(
    const UserId& person, const Deployment& deployment, const Snapshot& snapshot
);

}  // namespace slipway
