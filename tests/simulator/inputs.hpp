#pragma once

#include "tests/simulator/json.hpp"

#include <string>
#include <vector>

namespace simulator {

/// What Slack sends of an input: from its pre-filled value, or from what the person `entered` (a text, a
/// number, the value of an option, an array of them; null for emptied). Null pointer: left as it was.
/// Source: https://docs.slack.dev/reference/views, "state".
[[nodiscard]] json::object state_of(const json::object& element, const json::value* entered);

/// `view.state.values` of a modal in which `entered` (block_id -> value) was typed over what it was
/// pre-filled with.
[[nodiscard]] json::object state_values(const json::object& view, const json::object& entered);

/// What a block of any type holds of elements: beside its text, in its input, or in its row.
[[nodiscard]] std::vector<const json::object*> elements_of(const json::object& block);

/// Where an interactive element stands.
struct FoundElement {
    const json::object* block = nullptr;
    const json::object* element = nullptr;
    std::string block_id;  ///< as Slack would fill it in: "b3" for the third block where it was left out
};

/// The element with this action_id: in the block at `block` (from 0), or in the first that has one where
/// `block` is negative. `element` is null where there is none.
[[nodiscard]] FoundElement find_element(
    const json::array& blocks, const std::string& action_id, int block = -1
);

/// An option of a "..." menu.
struct FoundOption {
    std::string action_id;  ///< of its menu; empty where there is none
    json::value value;
};

/// The option whose value, an object, stands for the button with this action_id under "press".
[[nodiscard]] FoundOption find_option(const json::array& blocks, const std::string& action_id);

}  // namespace simulator
