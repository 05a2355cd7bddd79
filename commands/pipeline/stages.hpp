#pragma once

#include "commands/pipeline/people.hpp"
#include "commands/pipeline/policy.hpp"

#include <string>
#include <vector>

namespace slipway {

/// A row of the document's first quick reference, in its words, with the windows and the watch as they are
/// configured.
struct StageRow {
    std::string stage, gate, approves, timeline;
    std::vector<Role> roles;  ///< of those who approve by role
    bool on_call = false;     ///< whether whoever is on call approves too
};

[[nodiscard]] std::vector<StageRow> stage_rows(const Policy& policy);

}  // namespace slipway
