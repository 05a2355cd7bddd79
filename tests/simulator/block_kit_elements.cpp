#include "tests/simulator/block_kit_elements.hpp"

#include <algorithm>
#include <set>

namespace simulator {

namespace {

constexpr std::size_t max_action_id = 255;
constexpr std::size_t max_url = 3000;
constexpr std::size_t max_placeholder = 150;

std::string child(const std::string& at, std::string_view key) { return at + "/" + std::string(key); }

bool contains(Inspection::Words words, std::string_view word)
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

void Inspection::note(const std::string& at, const std::string& mistake)
{
    mistakes_.push_back("[ERROR] " + mistake + " [json-pointer:" + at + "]");
}

void Inspection::keys(const std::string& at, const json::object& object, Words required, Words optional)
{
    for (const auto key : required) {
        if (!object.contains(key)) note(at, "missing required field: " + std::string(key));
    }
    for (const auto& item : object) {
        if (!contains(required, item.key()) && !contains(optional, item.key())) {
            note(at, "invalid additional property: " + std::string(item.key()));
        }
    }
}

void Inspection::length(
    const std::string& at,
    const json::object& object,
    std::string_view key,
    std::size_t most,
    std::size_t least
)
{
    const auto* found = object.if_contains(key);
    if (found == nullptr) return;
    if (!found->is_string()) return note(child(at, key), "failed to match type: string");
    const auto size = code_points(found->as_string());
    if (size > most) note(child(at, key), "must be less than " + std::to_string(most + 1) + " characters");
    if (size < least) note(child(at, key), "must be more than " + std::to_string(least - 1) + " characters");
}

const json::array* Inspection::items(
    const std::string& at,
    const json::object& object,
    std::string_view key,
    std::size_t least,
    std::size_t most
)
{
    const auto* found = object.if_contains(key);
    if (found == nullptr) return nullptr;
    const auto* list = found->if_array();
    if (list == nullptr) {
        note(child(at, key), "failed to match type: array");
        return nullptr;
    }
    if (list->size() > most) note(child(at, key), "no more than " + std::to_string(most) + " items allowed");
    if (list->size() < least)
        note(child(at, key), "no fewer than " + std::to_string(least) + " items allowed");
    return list;
}

const json::object* Inspection::object(
    const std::string& at, const json::object& holder, std::string_view key
)
{
    const auto* found = holder.if_contains(key);
    if (found == nullptr) return nullptr;
    if (!found->is_object()) note(child(at, key), "failed to match type: object");
    return found->if_object();
}

void Inspection::text_object(
    const std::string& at, const json::object& text, std::size_t most, bool plain_only
)
{
    const auto type = text_at(text, "type");
    if (type == "mrkdwn" && !plain_only) {
        keys(at, text, {"type", "text"}, {"verbatim"});
    }
    else if (type == "plain_text") {
        keys(at, text, {"type", "text"}, {"emoji"});
    }
    else {
        note(child(at, "type"), plain_only ? "must be plain_text" : "must be plain_text or mrkdwn");
    }
    length(at, text, "text", most, 1);
}

void Inspection::text(
    const std::string& at, const json::object& holder, std::string_view key, std::size_t most, bool plain_only
)
{
    if (const auto* text = object(at, holder, key)) text_object(child(at, key), *text, most, plain_only);
}

void Inspection::confirmation(const std::string& at, const json::object& holder)
{
    const auto* dialog = object(at, holder, "confirm");
    if (dialog == nullptr) return;
    const auto here = child(at, "confirm");
    keys(here, *dialog, {"title", "text", "confirm", "deny"}, {"style"});
    text(here, *dialog, "title", 100, true);
    text(here, *dialog, "text", 300, false);
    text(here, *dialog, "confirm", 30, true);
    text(here, *dialog, "deny", 30, true);
}

void Inspection::button(const std::string& at, const json::object& button)
{
    keys(
        at, button, {"type", "text"}, {"action_id", "url", "value", "style", "confirm", "accessibility_label"}
    );
    text(at, button, "text", 75, true);
    length(at, button, "value", 2000);
    length(at, button, "url", max_url, 1);
    length(at, button, "accessibility_label", 75);
    const auto style = text_at(button, "style");
    if (button.contains("style") && style != "primary" && style != "danger") {
        note(child(at, "style"), "must be primary or danger");
    }
}

void Inspection::option(const std::string& at, const json::value& option, bool plain_only)
{
    const auto* found = option.if_object();
    if (found == nullptr) return note(at, "failed to match type: object");
    keys(at, *found, {"text", "value"}, {"description", "url"});
    text(at, *found, "text", 75, plain_only);
    length(at, *found, "value", 150, 1);
    text(at, *found, "description", 75, plain_only);
    length(at, *found, "url", max_url);
}

void Inspection::options(
    const std::string& at, const json::object& element, std::size_t most, bool plain_only
)
{
    const auto* list = items(at, element, "options", 1, most);
    std::set<std::string> values;
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
        const auto here = child(at, "options/" + std::to_string(i));
        option(here, (*list)[i], plain_only);
        if (!(*list)[i].is_object()) continue;
        if (!values.insert(text_at((*list)[i].as_object(), "value")).second)
            note(here, "option values must be unique");
    }
    const auto known = [&](const json::value& initial) {
        return list != nullptr && std::find(list->begin(), list->end(), initial) != list->end();
    };
    if (const auto* initial = element.if_contains("initial_option");
        initial != nullptr && !element.contains("option_groups")) {
        if (!known(*initial)) note(child(at, "initial_option"), "must match one of the options");
    }
    if (element.contains("option_groups")) return;
    const auto* chosen = items(at, element, "initial_options", 1, most);
    for (std::size_t i = 0; chosen != nullptr && i < chosen->size(); ++i) {
        if (!known((*chosen)[i])) note(child(at, "initial_options"), "must match the options");
    }
}

void Inspection::static_select(const std::string& at, const json::object& element)
{
    keys(
        at,
        element,
        {"type"},
        {"action_id", "options", "option_groups", "initial_option", "confirm", "focus_on_load", "placeholder"}
    );
    if (element.contains("options") == element.contains("option_groups")) {
        note(at, "exactly one of options and option_groups must be given");
    }
    options(at, element, 100, true);
    const auto* groups = items(at, element, "option_groups", 1, 100);
    for (std::size_t i = 0; groups != nullptr && i < groups->size(); ++i) {
        const auto here = child(at, "option_groups/" + std::to_string(i));
        if (!(*groups)[i].is_object()) {
            note(here, "failed to match type: object");
            continue;
        }
        const auto& group = (*groups)[i].as_object();
        keys(here, group, {"label", "options"}, {});
        text(here, group, "label", 75, true);
        options(here, group, 100, true);
    }
}

void Inspection::moment(const std::string& at, const json::object& element)
{
    keys(at, element, {"type"}, {"action_id", "initial_date_time", "confirm", "focus_on_load"});
    const auto* initial = element.if_contains("initial_date_time");
    if (initial == nullptr) return;
    const bool ten_digits =
        initial->is_int64() && initial->as_int64() >= 1'000'000'000 && initial->as_int64() <= 9'999'999'999;
    if (!ten_digits) note(child(at, "initial_date_time"), "must be a UNIX timestamp of 10 digits");
}

void Inspection::typed_input(const std::string& at, const json::object& element)
{
    const auto number = [&](std::string_view key, double missing) {
        const auto text = text_at(element, key);
        return text.empty() ? missing : std::strtod(text.c_str(), nullptr);
    };
    keys(
        at,
        element,
        {"type"},
        {"action_id",
         "initial_value",
         "multiline",
         "min_length",
         "max_length",
         "focus_on_load",
         "placeholder"}
    );
    if (number("max_length", 1) > 3000 || number("max_length", 1) < 1)
        note(child(at, "max_length"), "must be 1 to 3000");
    if (number("min_length", 0) > number("max_length", 3000)) note(at, "min_length is more than max_length");
    const auto most = static_cast<std::size_t>(number("max_length", 3000));
    length(at, element, "initial_value", most);
}

void Inspection::element(const std::string& at, const json::object& element, Words allowed)
{
    const auto type = text_at(element, "type");
    if (!contains(allowed, type)) return note(child(at, "type"), "unsupported type here: " + type);
    length(at, element, "action_id", max_action_id, 1);
    text(at, element, "placeholder", max_placeholder, true);
    confirmation(at, element);
    if (type == "button") return button(at, element);
    if (type == "static_select") return static_select(at, element);
    if (type == "datetimepicker") return moment(at, element);
    if (type == "plain_text_input") return typed_input(at, element);
    if (type == "users_select") {
        keys(at, element, {"type"}, {"action_id", "initial_user", "confirm", "focus_on_load", "placeholder"});
        return length(at, element, "initial_user", 255, 1);
    }
    if (type == "overflow") {
        keys(at, element, {"type", "options"}, {"action_id", "confirm"});
        return options(at, element, 5, true);
    }
    keys(at, element, {"type", "options"}, {"action_id", "initial_options", "confirm", "focus_on_load"});
    options(at, element, 10, false);
}

}  // namespace simulator
