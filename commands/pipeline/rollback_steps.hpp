#pragma once

#include "commands/pipeline/request.hpp"

#include <string>
#include <vector>

namespace slipway {

/// What undoes `plan`, fastest first (design 4.12): the flag, then the code, then the data.
[[nodiscard]] std::vector<std::string> rollback_steps(const Plan& plan);

/// A step of a rollback in words for buttons and thread.
[[nodiscard]] std::string label_of_rollback_step(const std::string& step);

/// Whether the service of the snapshot's deployment has something to run for "deploy" or for a step of the
/// rollback.
[[nodiscard]] bool has_action(const std::string& name, const Snapshot& snapshot);

/// The action that failed and that nothing can follow before it is done; empty for none.
[[nodiscard]] std::string action_to_retry(const Deployment& deployment);

}  // namespace slipway
