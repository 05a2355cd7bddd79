#pragma once

#include "commands/pipeline/request.hpp"

namespace slipway {

/// What the pipeline waits for `person` to do, most urgent first: a sentence "overview_…"; an empty id for
/// nothing. Of `snapshot` it reads now, policy, roles and team.
[[nodiscard]] Sentence waiting_for(
    const UserId& person, const Deployment& deployment, const Snapshot& snapshot
);

}  // namespace slipway
