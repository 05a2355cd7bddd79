#include "templates/buttons.hpp"

#include "commands/pipeline/rollback_steps.hpp"
#include "commands/text/letters.hpp"
#include "commands/text/phrases.hpp"
#include "templates/markup.hpp"
#include "templates/people.hpp"

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

/// "Flag off (automatic), Code reverted (by hand)".
std::string rollback_in_words(const Deployment& deployment, const View& view)
{
    if (deployment.plan.service.empty()) {  // no more than its number is known
        return {};
    }
    auto snapshot = as_snapshot(view);
    snapshot.deployment = deployment;
    return joined(rollback_steps(deployment.plan), [&](const std::string& step) {
        return label_of_rollback_step(step) +
               (has_action(step, snapshot) ? " (automatic)" : " (by hand)");
    });
}

Sentence sentence_for(const Button& shown, const Deployment& deployment, const View& view)
{
    const auto id = to_string(deployment.id);
    const auto& service = deployment.plan.service;
    const auto field = [&](const char* key) {
        const auto* value = shown.fields.if_contains(key);
        return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string{};
    };
    if (shown.verb == "start") {
        const auto* found = find_service(*view.policy, service);
        const bool deploys = found != nullptr && !found->deploy.empty();
        return say("confirm_start", {{"deployment", id}, {"service", service}, {"deploy", deploys}});
    }
    if (shown.verb == "rollback") {
        const auto steps = rollback_in_words(deployment, view);
        return say("confirm_rollback", {{"deployment", id}, {"service", service}, {"steps", steps}});
    }
    if (shown.verb == "rolledback") {
        return say("confirm_rolledback", {{"deployment", id}});
    }
    if (shown.verb == "clean") {
        return say("confirm_clean", {{"deployment", id}});
    }
    if (shown.verb == "flag") {
        return say("confirm_flag", {{"deployment", id}, {"stage", field("flag_stage")}});
    }
    if (shown.verb == "retry") {
        return say("confirm_retry", {{"deployment", id}, {"action", field("action")}});
    }
    return shown.verb == "unlock" ? say("confirm_unlock", {{"service", service}}) : Sentence{};
}

Button asking_first(Button shown, const Deployment& deployment, const View& view)
{
    if (shown.verb == "rollback") {
        shown.style = "danger";
    }
    shown.confirm = consequence(shown, deployment, view);
    return shown;
}

/// What is known of a deployment whose number alone a button names.
Deployment numbered(const json::object& fields)
{
    Deployment deployment;
    const auto* number = fields.if_contains("d");
    deployment.id.number = number == nullptr ? 0 : static_cast<int>(number->to_number<std::int64_t>());
    return deployment;
}

}  // namespace

std::string consequence(const Button& shown, const Deployment& deployment, const View& view)
{
    const auto what = sentence_for(shown, deployment, view);
    return what.id.empty() ? "" : view.library->plain(what, view.names);
}

json::object button_value(const Deployment& deployment)
{
    return {{"v", 1}, {"d", deployment.id.number}, {"r", deployment.revision}};
}

json::object button(const Deployment& deployment, Button shown, const View& view)
{
    return button(button_value(deployment), asking_first(std::move(shown), deployment, view));
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
            {"title", plain_text(shown.label + "?", 100)},
            {"text", plain_text(shown.confirm, 300)},
            {"confirm", plain_text(shown.label, 30)},
            {"deny", plain_text("Not now", 30)},
        };
        if (!shown.style.empty()) {
            block["confirm"].as_object()["style"] = shown.style;
        }
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

json::array row_of(
    const std::vector<json::object>& buttons, const std::optional<Deployment>& deployment, const View& view
)
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
        if (deployment) {
            row.push_back(button(*deployment, std::move(shown), view));
            continue;
        }
        const auto about = numbered(shown.fields);
        row.push_back(button(
            json::object{{"v", 1}},
            about.id.number > 0 ? asking_first(std::move(shown), about, view) : std::move(shown)
        ));
    }
    return row.empty() ? json::array{}
                       : json::array{json::object{{"type", "actions"}, {"elements", std::move(row)}}};
}

}  // namespace slipway::templates
