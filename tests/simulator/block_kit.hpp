#pragma once

#include "tests/simulator/json.hpp"

#include <string>
#include <vector>

namespace simulator {

/// What Slack would refuse in the `blocks` of a message: one line each, with a JSON pointer, as
/// `response_metadata.messages` gives them. Empty when all is well. Lengths are in Unicode code points.
/// Source: block-kit-limits (nicklambourne/slackblocks, MIT) and Slack's reference.
[[nodiscard]] std::vector<std::string> mistakes_in_message(const json::array& blocks);

/// The same for the `attachments` of a message, whose blocks count as theirs.
[[nodiscard]] std::vector<std::string> mistakes_in_attachments(const json::array& attachments);

/// The same for a modal or a home tab.
[[nodiscard]] std::vector<std::string> mistakes_in_view(const json::object& view);

}  // namespace simulator
