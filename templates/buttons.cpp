#include "templates/buttons.hpp"

#include "commands/pipeline/unicode.hpp"
#include "templates/markup.hpp"

#include <stdexcept>

namespace slipway::templates {

namespace json = boost::json;

namespace {

constexpr std::size_t longest_value = 2'000;  // of a button, in code points
constexpr std::size_t longest_label = 75;

/// `value` as the button carries it: a reason or a note that does not fit is shortened, the longest first.
std::string packed(json::object value)
{
    auto text = json::serialize(value);
    while (from_utf8(text).size() > longest_value) {
        json::value* longest = nullptr;
        for (auto& [key, given] : value) {
            if (given.is_string() &&
                (longest == nullptr || given.get_string().size() > longest->get_string().size())) {
                longest = &given;
            }
        }
        if (longest == nullptr) {
            throw std::logic_error("a button's value is too long: " + shortened(text, longest_label));
        }
        const std::string whole(longest->get_string());
        *longest = json::value(shortened(whole, from_utf8(whole).size() / 2));
        text = json::serialize(value);
    }
    return text;
}

std::string action_id_of(const Button& shown)
{
    return "verb:" + shown.verb + (shown.suffix.empty() ? "" : ":" + shown.suffix);
}

}  // namespace

json::object button_value(const Deployment& deployment)
{
    return {{"v", 1}, {"d", deployment.id.number}, {"r", deployment.revision}};
}

json::object button(const Deployment& deployment, const Button& shown)
{
    return button(button_value(deployment), shown);
}

json::object button(json::object value, const Button& shown)
{
    for (const auto& [key, given] : shown.fields) {
        value[key] = given;
    }
    json::object block{
        {"type", "button"},
        {"action_id", action_id_of(shown)},
        {"text", plain_text(shown.label, longest_label)},
        {"value", packed(std::move(value))},
    };
    if (!shown.style.empty()) {
        block["style"] = shown.style;
    }
    if (!shown.confirm.empty()) {
        block["confirm"] = {
            {"title", plain_text("Are you sure?", 100)},
            {"text", plain_text(shown.confirm, 300)},
            {"confirm", plain_text(shown.label, 30)},
            {"deny", plain_text("Not now", 30)},
        };
    }
    return block;
}

json::object menu(const Deployment& deployment, const std::string& name, const std::vector<Button>& shown)
{
    constexpr std::size_t longest_option = 150;
    json::array options;
    for (const auto& each : shown) {
        auto value = button_value(deployment);
        value["press"] = action_id_of(each);
        for (const auto& [key, given] : each.fields) {
            value[key] = given;
        }
        const auto text = json::serialize(value);
        if (text.size() > longest_option) {
            throw std::logic_error("a menu's value is too long: " + text);
        }
        options.push_back(json::object{{"text", plain_text(each.label, longest_label)}, {"value", text}});
    }
    return {{"type", "overflow"}, {"action_id", "menu:" + name}, {"options", std::move(options)}};
}

json::array row_of(const std::vector<json::object>& buttons, const std::optional<Deployment>& deployment)
{
    json::array row;
    for (const auto& given : buttons) {
        Button shown;
        shown.verb = std::string(given.at("verb").as_string());
        shown.label = std::string(given.at("label").as_string());
        shown.fields = given.at("fields").as_object();
        if (!row.empty()) {  // two buttons of one verb need names of their own
            shown.suffix = std::to_string(row.size() + 1);
        }
        row.push_back(button(deployment ? button_value(*deployment) : json::object{{"v", 1}}, shown));
    }
    return row.empty() ? json::array{}
                       : json::array{json::object{{"type", "actions"}, {"elements", std::move(row)}}};
}

}  // namespace slipway::templates
