#include "tests/simulator/inputs.hpp"

#include <boost/json/serialize.hpp>

#include <array>
#include <string_view>
#include <vector>

namespace simulator {

namespace {

/// One kind of input: the key of its answer in `state`, the key of what it is pre-filled with.
struct Kind {
    std::string_view type;
    const char* answer;
    const char* initial;
    bool is_option;  ///< the answer is an option of the element, not a bare value
    bool is_list;
};

constexpr std::array kinds{
    Kind{"plain_text_input", "value", "initial_value", false, false},
    Kind{"static_select", "selected_option", "initial_option", true, false},
    Kind{"overflow", "selected_option", "", true, false},
    Kind{"checkboxes", "selected_options", "initial_options", true, true},
    Kind{"users_select", "selected_user", "initial_user", false, false},
    Kind{"datetimepicker", "selected_date_time", "initial_date_time", false, false},
};

/// The option of `element` with this value, text and all.
json::value option_with(const json::object& element, const json::value& value)
{
    const auto* options = array_at(element, "options");
    for (std::size_t i = 0; options != nullptr && i < options->size(); ++i) {
        if ((*options)[i].as_object().at("value") == value) {
            return (*options)[i];
        }
    }
    return json::object{{"value", value}};
}

json::value answer_of(const Kind& kind, const json::object& element, const json::value& entered)
{
    if (!kind.is_list) {
        return kind.is_option && !entered.is_null() ? option_with(element, entered) : entered;
    }
    json::array chosen;
    if (const auto* values = entered.if_array()) {
        for (const auto& value : *values) {
            chosen.push_back(kind.is_option ? option_with(element, value) : value);
        }
    }
    return chosen;
}

}  // namespace

json::object state_of(const json::object& element, const json::value* entered)
{
    const auto type = text_at(element, "type");
    json::object state{{"type", type}};
    for (const auto& kind : kinds) {
        if (kind.type != type) {
            continue;
        }
        const auto* initial = element.if_contains(kind.initial);
        const auto nothing = kind.is_list ? json::value(json::array{}) : json::value(nullptr);
        state[kind.answer] = entered != nullptr   ? answer_of(kind, element, *entered)
                             : initial != nullptr ? *initial
                                                  : nothing;
    }
    return state;
}

json::object state_values(const json::object& view, const json::object& entered)
{
    json::object values;
    const auto* blocks = array_at(view, "blocks");
    for (std::size_t i = 0; blocks != nullptr && i < blocks->size(); ++i) {
        const auto& block = (*blocks)[i].as_object();
        const auto* element = object_at(block, "element");
        if (text_at(block, "type") != "input" || element == nullptr) {
            continue;
        }
        const auto id = text_at(block, "block_id");
        values[id] =
            json::object{{text_at(*element, "action_id"), state_of(*element, entered.if_contains(id))}};
    }
    return values;
}

std::vector<const json::object*> elements_of(const json::object& block)
{
    std::vector<const json::object*> found;
    for (const auto* key : {"accessory", "element"}) {
        if (const auto* element = object_at(block, key)) {
            found.push_back(element);
        }
    }
    if (const auto* elements = array_at(block, "elements")) {
        for (const auto& each : *elements) {
            if (const auto* element = each.if_object()) {
                found.push_back(element);
            }
        }
    }
    return found;
}

FoundElement find_element(const json::array& blocks, const std::string& action_id, int wanted)
{
    int number = 0;
    for (const auto& each : blocks) {
        const auto& block = each.as_object();
        const auto own_id = text_at(block, "block_id");
        FoundElement found{&block, nullptr, own_id.empty() ? "b" + std::to_string(number + 1) : own_id};
        if (const int here = number++; wanted >= 0 && here != wanted) {
            continue;
        }
        for (const auto* element : elements_of(block)) {
            if (text_at(*element, "action_id") == action_id) {
                found.element = element;
                return found;
            }
        }
    }
    return {};
}

FoundOption find_option(const json::array& blocks, const std::string& action_id)
{
    const auto named = json::serialize(json::object{{"press", action_id}});
    const auto member = named.substr(1, named.size() - 2);
    for (const auto& block : blocks) {
        for (const auto* element : elements_of(block.as_object())) {
            const auto* options =
                text_at(*element, "type") == "overflow" ? array_at(*element, "options") : nullptr;
            for (std::size_t i = 0; options != nullptr && i < options->size(); ++i) {
                const auto value = text_at((*options)[i].as_object(), "value");
                if (value.find(member) != std::string::npos) {
                    return {text_at(*element, "action_id"), json::value(value)};
                }
            }
        }
    }
    return {};
}

}  // namespace simulator
