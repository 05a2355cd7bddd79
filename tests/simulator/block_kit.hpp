#pragma once

#include "tests/simulator/json.hpp"

#include <string>
#include <vector>

namespace simulator {

/// What Slack would refuse in the `blocks` of a message: one line each, with a JSON pointer, as
/// `response_metadata.messages` gives them. Empty when all is well. Lengths are in Unicode code points.
/// Only what Slipway shows is known here: a block, an element, a key beyond that is refused.
/// Source: block-kit-limits (nicklambourne/slackblocks, MIT) and Slack's reference.
[[nodiscard]] std::vector<std::string> mistakes_in_message(const json::array& blocks);

/// The same for a whole message: text and blocks. Slack would take blocks without a text, with a
/// warning; here that is a mistake, because notifications and screen readers have nothing else to read.
[[nodiscard]] std::vector<std::string> mistakes_in_message(const json::object& message);

/// The same for a modal or a home tab.
[[nodiscard]] std::vector<std::string> mistakes_in_view(const json::object& view);

/// The same for what acknowledges a slash command. Nothing at all is well.
[[nodiscard]] std::vector<std::string> mistakes_in_slash_answer(const json::object& answer);

/// The same for what acknowledges the submission of `view`: nothing, or errors at its input blocks.
[[nodiscard]] std::vector<std::string> mistakes_in_submission_answer(
    const json::object& answer, const json::object& view
);

}  // namespace simulator
