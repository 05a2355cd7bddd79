#pragma once

#include "commands/pipeline/deployment.hpp"

namespace slipway {

/// Whether the timeline of a post-mortem has a line for `event`: a draft from before it lacks that line.
[[nodiscard]] bool is_told_in_postmortem(const Event& event);

/// Whether the draft that was shared last says all that the record knows.
[[nodiscard]] bool is_draft_current(const Deployment& deployment);

}  // namespace slipway
