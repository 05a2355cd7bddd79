#include "templates/buttons.hpp"

#include "commands/pipeline/checklists.hpp"
#include "commands/pipeline/rollback_steps.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/text/letters.hpp"
#include "commands/text/phrases.hpp"
#include "templates/markup.hpp"
#include "templates/people.hpp"

#include <algorithm>
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
        return label_of_rollback_step(step) + (has_action(step, snapshot) ? " (automatic)" : " (by hand)");
    });
}

std::string text_in(const json::object& fields, const char* key)
{
    const auto* value = fields.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string{};
}

/// The time that the button moves its deployment to; empty where it moves nothing.
std::string moves_to(const Button& shown, const Policy& policy)
{
    const auto* at = shown.fields.if_contains("starts_at");
    return at != nullptr && at->is_int64() ? team_time(Instant{std::chrono::seconds{at->get_int64()}}, policy)
                                           : std::string{};
}

/// Whether the button opens a form, in which everything can be looked at again.
bool opens_form(const Button& shown, const Verb& verb)
{
    const auto is_given = [&](std::string_view key) { return shown.fields.contains(key); };
    return !verb.form.fields.empty() && verb.asked_if.empty() &&
           std::none_of(verb.asked_unless.begin(), verb.asked_unless.end(), is_given);
}

std::string label_of(const Button& shown, const View& view)
{
    const auto* verb = verb_called(shown.verb, view);
    return shown.label.empty() && verb != nullptr ? std::string(verb->label) : shown.label;
}

/// `value` with what the button gives its verb.
json::object filled(json::object value, const Button& shown)
{
    for (const auto& [key, given] : shown.fields) {
        value[key] = given;
    }
    return value;
}

/// The button; `question`, where there is one, is asked before it does anything.
json::object drawn(
    const Button& shown, const std::string& label, json::object value, const std::string& question
)
{
    json::object block{
        {"type", "button"},
        {"action_id", action_id_of(shown)},
        {"text", plain_text(label, longest_label)},
        {"value", packed(std::move(value))},
    };
    if (!shown.style.empty()) {
        block["style"] = shown.style;
    }
    if (!question.empty()) {
        block["confirm"] = {
            {"title", plain_text(label + "?", 100)},
            {"text", plain_text(question, 300)},
            {"confirm", plain_text(label, 30)},
            {"deny", plain_text("Not now", 30)},
        };
        if (!shown.style.empty()) {
            block["confirm"].as_object()["style"] = shown.style;
        }
    }
    return block;
}

/// About `deployment`, carrying `value`.
json::object asking_first(Button shown, const Deployment& deployment, json::object value, const View& view)
{
    if (const auto* verb = verb_called(shown.verb, view); verb != nullptr && !verb->style.empty()) {
        shown.style = verb->style;
    }
    return drawn(
        shown, label_of(shown, view), filled(std::move(value), shown), consequence(shown, deployment, view)
    );
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
    const auto* verb = verb_called(shown.verb, view);
    if (verb == nullptr || verb->confirm.empty() || opens_form(shown, *verb)) {
        return {};
    }
    const auto& service = deployment.plan.service;
    const auto* found = find_service(*view.policy, service);
    const auto unanswered =
        deployment.stage == Stage::watching ? unanswered_check_ins(deployment, *view.policy) : 0;
    const json::object facts{
        {"deployment", to_string(deployment.id)},
        {"service", service},
        {"unanswered", unanswered == 0 ? "" : std::to_string(unanswered)},
        {"deploy", found != nullptr && !found->deploy.empty()},
        {"steps", rollback_in_words(deployment, view)},
        {"when", moves_to(shown, *view.policy)},
        {"stage", text_in(shown.fields, "flag_stage")},
        {"action", text_in(shown.fields, "action")},
    };
    return view.library->plain(say(std::string(verb->confirm), facts), view.names);
}

json::object button_value(const Deployment& deployment)
{
    return {{"v", 1}, {"d", deployment.id.number}, {"r", deployment.revision}};
}

json::object button(const Deployment& deployment, const Button& shown, const View& view)
{
    return asking_first(shown, deployment, button_value(deployment), view);
}

json::object button(const Button& shown, const View& view)
{
    return drawn(shown, label_of(shown, view), filled({{"v", 1}}, shown), "");
}

json::object menu(
    const Deployment& deployment, const std::string& name, const std::vector<Button>& shown, const View& view
)
{
    constexpr std::size_t longest_option = 150;
    json::array options;
    for (const auto& each : shown) {
        auto value = button_value(deployment);
        value["press"] = action_id_of(each);
        const auto text = json::serialize(filled(std::move(value), each));
        if (text.size() > longest_option) {
            throw std::logic_error("a menu's value is too long: " + text);
        }
        options.push_back(json::object{
            {"text", plain_text(label_of(each, view), longest_label)}, {"value", text}});
    }
    return {{"type", "overflow"}, {"action_id", "menu:" + name}, {"options", std::move(options)}};
}

json::array row_of(
    const std::vector<Button>& buttons, const std::optional<Deployment>& deployment, const View& view
)
{
    json::array row;
    for (auto shown : buttons) {
        if (!row.empty()) {  // two buttons of one verb need names of their own
            shown.suffix = std::to_string(row.size() + 1);
        }
        if (deployment) {
            row.push_back(button(*deployment, shown, view));
            continue;
        }
        const auto about = numbered(shown.fields);
        row.push_back(
            about.id.number > 0 ? asking_first(std::move(shown), about, {{"v", 1}}, view)
                                : button(shown, view)
        );
    }
    return row.empty() ? json::array{}
                       : json::array{json::object{{"type", "actions"}, {"elements", std::move(row)}}};
}

}  // namespace slipway::templates
