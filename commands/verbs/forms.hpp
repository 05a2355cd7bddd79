#pragma once

#include "commands/pipeline/verb.hpp"

#include <string>
#include <vector>

namespace slipway {

// Fields of forms that are more than a line of the table.

/// Of a plan, new or amended. A changed time is a new schedule, not a new revision: it is asked for in a new
/// plan only.
[[nodiscard]] std::vector<FormField> plan_fields();

/// The Linear issue that they name, "ENG-123", typed so or as a linear.app address; empty for none.
[[nodiscard]] std::string issue_named_by(const Request& request);

[[nodiscard]] std::vector<FormField> reschedule_fields();

/// What can be frozen.
[[nodiscard]] std::vector<Choice> all_or_a_service(const Snapshot& snapshot);

[[nodiscard]] std::vector<FormField> issue_fields();

/// It begins with how the trouble stands. Where several are open, the one that is meant is chosen, and what
/// is left empty stays as it is.
[[nodiscard]] std::vector<FormField> update_fields();

/// What is wrong with the deployment and not over.
[[nodiscard]] std::string what_is_open(const Request& request, const Snapshot& snapshot);

}  // namespace slipway
