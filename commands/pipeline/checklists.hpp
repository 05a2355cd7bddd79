#pragma once

#include "commands/pipeline/gates.hpp"
#include "commands/pipeline/lists.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

/// One row of the table of lists. A list of which other items are ticked in another stage has a row for each.
struct ListRow {
    std::string_view key;
    std::string_view title;  ///< of its form
    std::string_view label;  ///< of its button
    StageSet stages;         ///< while it may be ticked
    /// What people tick; what the bot knows by itself is not among it.
    Checklist (*items)(const Deployment&, const Policy&);
    /// Everything that the list asks for, where that is more than what people tick.
    std::vector<Condition> (*conditions)(const Deployment&, const Snapshot&) = nullptr;
    std::string_view says = {};  ///< what a tick in its form means; empty for "true"
};

/// The row of the list called `key` for the deployment in its stage, or null.
[[nodiscard]] const ListRow* find_list(
    const std::string& key, const Deployment& deployment, const Policy& policy
);

/// The items of the list `key` that people tick for this deployment. Empty for a key that is not known.
[[nodiscard]] Checklist offered_items(
    const std::string& key, const Deployment& deployment, const Policy& policy
);

/// Everything that the list `key` asks for: what people tick and what the bot knows. Of `snapshot` it reads
/// now, policy, roles and team.
[[nodiscard]] std::vector<Condition> conditions_of(
    const std::string& key, const Deployment& deployment, const Snapshot& snapshot
);

/// From when the check-in `key` of a watch can be given: once the one before it was due. None for other
/// lists.
[[nodiscard]] std::optional<Instant> check_in_opens(
    const std::string& key, const Deployment& deployment, const Policy& policy
);

/// How many of the watch's check-ins nobody has ticked anything in.
[[nodiscard]] int unanswered_check_ins(const Deployment& deployment, const Policy& policy);

/// Whether the rollback's smoke tests that apply to the old version are all ticked.
[[nodiscard]] bool is_rollback_verified(const Deployment& deployment, const Policy& policy);

}  // namespace slipway
