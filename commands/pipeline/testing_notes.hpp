#pragma once

#include <string>

namespace slipway {

/// Whether `description`, a pull request's in GitHub's Markdown, includes testing notes (pipeline document,
/// Gate 1): words under a heading, behind a label or in a sentence that begins with "Tested".
///
/// A heading may be one of Markdown, underlined, of HTML or bold; what stands under its sub-headings is its
/// own. A template's comments, lines and boxes that nobody ticked are nobody's words.
[[nodiscard]] bool has_testing_notes(const std::string& description);

}  // namespace slipway
