#pragma once

#include "commands/pipeline/policy.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace slipway {

/// The document's eight sections (pipeline document, What the Runbook Contains).
[[nodiscard]] const std::vector<std::string>& runbook_sections();

/// Those of the eight that `markdown` has no heading for; case and the heading's level aside. A comment in a
/// fence of code is no heading, here and below.
[[nodiscard]] std::vector<std::string> missing_sections(const std::string& markdown);

/// The headings of `markdown`, in order.
[[nodiscard]] std::vector<std::string> headings_of(const std::string& markdown);

/// From the first heading that contains `wanted` (in any case) to the next of its level; empty where there is
/// none.
[[nodiscard]] std::string section_called(const std::string& markdown, const std::string& wanted);

/// The numbers of lines that look as if they held a credential: keys, tokens, passwords in plain sight.
/// References to a vault, variables and placeholders are none.
[[nodiscard]] std::vector<std::size_t> lines_with_credentials(const std::string& markdown);

/// `text` with each of those shown as "***", private keys with all their lines.
[[nodiscard]] std::string without_credentials(const std::string& text);

/// Whether the Dev Lead is to be asked for the quarterly review: in the last week of a quarter, team time,
/// and not reviewed since that week began.
[[nodiscard]] bool is_review_due(
    Instant now, const std::optional<Instant>& reviewed_at, const Policy& policy
);

}  // namespace slipway
