#include "commands/pipeline/checklists.hpp"
#include "commands/pipeline/lists.hpp"
#include "templates/buttons.hpp"
#include "templates/markup.hpp"
#include "templates/people.hpp"
#include "templates/render.hpp"

#include <algorithm>
#include <stdexcept>

namespace slipway::templates {

namespace {

namespace json = boost::json;

constexpr std::size_t title_limit = 24;
constexpr std::size_t label_limit = 2'000;

json::object input(const FormField& field, json::object element)
{
    element["action_id"] = "value";
    return {
        {"type", "input"},
        {"block_id", std::string(field.key)},
        {"label", plain_text(std::string(field.label), label_limit)},
        {"element", std::move(element)},
        {"optional", field.optional},
    };
}

json::object text_element(const FormField& field, const std::string& initial)
{
    const bool multiline = field.kind == FormField::Kind::lines;
    json::object element{{"type", "plain_text_input"}, {"multiline", multiline}, {"max_length", 3'000}};
    if (!initial.empty()) {
        element["initial_value"] = shortened(initial, 3'000);
    }
    if (!field.hint.empty()) {
        element["placeholder"] = plain_text(std::string(field.hint), 150);
    }
    return element;
}

json::object option(const std::string& value, const std::string& label)
{
    return {{"text", plain_text(label, 75)}, {"value", shortened(value, 150)}};
}

/// The choice whose value is `initial` is made.
json::object choice_element(const std::vector<Choice>& choices, const std::string& initial)
{
    json::array options;
    json::object element{{"type", "static_select"}};
    for (const auto& [value, label] : choices) {
        options.push_back(option(value, one_line(label)));
        if (value == initial) {
            element["initial_option"] = options.back();
        }
    }
    constexpr std::size_t most_options = 100;
    if (options.size() <= most_options) {
        element["options"] = std::move(options);
        return element;
    }
    json::array groups;
    for (std::size_t first = 0; first < options.size(); first += most_options) {
        const auto end = std::min(first + most_options, options.size());
        json::array some(options.begin() + first, options.begin() + end);
        const auto label =
            shortened(choices[first].label, 30) + " to " + shortened(choices[end - 1].label, 30);
        groups.push_back({{"label", plain_text(label, 75)}, {"options", std::move(some)}});
    }
    element["option_groups"] = std::move(groups);
    return element;
}

json::object person_element(const std::string& initial)
{
    json::object element{{"type", "users_select"}};
    if (!initial.empty()) {
        element["initial_user"] = initial;
    }
    return element;
}

json::object moment_element(const std::string& initial)
{
    json::object element{{"type", "datetimepicker"}};
    if (!initial.empty()) {
        element["initial_date_time"] = std::stoll(initial);
    }
    return element;
}

/// What of the list the bot knows by itself, and why what does not hold does not.
std::string known_part(const std::string& name, const Deployment& deployment, const View& view)
{
    const auto in_words = [&](const Sentence& sentence) {
        return sentence.id.empty() ? std::string{} : view.library->mrkdwn(sentence);
    };
    if (name == lists::gate1 && is_read_from_github(deployment.plan, *view.policy)) {
        return in_words(say("gate1_by_github", {{"deployment", to_string(deployment.id)}}));
    }
    std::string text;
    for (const auto& each : conditions_of(name, deployment, as_snapshot(view))) {
        if (each.known_to_bot) {
            const auto why = in_words(each.why);
            text += (text.empty() ? "" : "\n") +
                    std::string(each.holds ? ":white_check_mark: " : ":white_large_square: ") +
                    escape_mrkdwn(each.label) + (why.empty() ? "" : ": " + why);
        }
    }
    return text;
}

/// The items of the checklist that the request names, under what the bot knows of it.
void add_checklist(
    json::array& blocks,
    const FormField& field,
    const Request& request,
    const Deployment& deployment,
    const View& view
)
{
    const auto list = slipway::field(request, "checklist");
    const auto known = known_part(list, deployment, view);
    if (!known.empty()) {
        blocks.push_back(section(known));
    }
    json::array options;
    json::array ticked;
    for (const auto& item : offered_items(list, deployment, *view.policy)) {
        options.push_back(option(item.key, item.label));
        if (is_ticked(deployment, list, item.key)) {
            ticked.push_back(options.back());
        }
    }
    if (options.empty() && known.empty()) {
        throw std::logic_error("there is nothing to tick in '" + list + "'");
    }
    if (options.empty()) {
        return;
    }
    json::object element{{"type", "checkboxes"}, {"options", std::move(options)}};
    if (!ticked.empty()) {
        element["initial_options"] = std::move(ticked);
    }
    auto asked = field;
    if (const auto* row = find_list(list, deployment, *view.policy); row != nullptr && !row->says.empty()) {
        asked.label = row->says;
    }
    blocks.push_back(input(asked, std::move(element)));
}

/// What was typed wins over what the deployment holds.
std::string initial_of(const FormField& field, const Request& request, const Snapshot& snapshot)
{
    const std::string key(field.key);
    if (request.fields.contains(key)) {
        return slipway::field(request, key);
    }
    return field.initial == nullptr ? std::string{} : field.initial(request, snapshot);
}

json::object element_of(const FormField& field, const Request& request, const Snapshot& snapshot)
{
    switch (field.kind) {
        case FormField::Kind::choice:
            return choice_element(field.choices(snapshot), initial_of(field, request, snapshot));
        case FormField::Kind::person:
            return person_element(field.initial == nullptr ? "" : field.initial(request, snapshot));
        case FormField::Kind::moment:
            return moment_element(field.initial == nullptr ? "" : field.initial(request, snapshot));
        case FormField::Kind::line:
        case FormField::Kind::lines:
        case FormField::Kind::ticks:
            break;
    }
    return text_element(field, initial_of(field, request, snapshot));
}

std::string title_of(const Form& form, const Request& request, const Deployment* deployment, const View& view)
{
    std::string title(form.title);
    if (deployment == nullptr) {
        return title;
    }
    if (title.empty()) {
        const auto* list = find_list(field(request, "checklist"), *deployment, *view.policy);
        title = list == nullptr ? "Checklist" : std::string(list->title);
    }
    return title + " " + to_string(deployment->id);
}

}  // namespace

json::object modal(const Request& request, const Deployment* deployment, const View& view)
{
    const auto* verb = verb_called(request.verb, view);
    if (verb == nullptr || verb->form.fields.empty()) {
        throw std::logic_error("'" + request.verb + "' has no form");
    }
    auto snapshot = as_snapshot(view);
    json::object metadata{{"v", 1}};
    json::array blocks;
    if (deployment != nullptr) {
        snapshot.deployment = *deployment;
        metadata = button_value(*deployment);
        if (const auto then = consequence({.verb = request.verb}, *deployment, view); !then.empty()) {
            blocks.push_back(section(escape_mrkdwn(then)));
        }
    }
    metadata["c"] = request.channel.str();
    for (const auto& each : verb->form.fields) {
        if (each.kind == FormField::Kind::ticks) {
            metadata["checklist"] = field(request, "checklist");
            add_checklist(blocks, each, request, *deployment, view);
        }
        else if (each.asked == nullptr || each.asked(snapshot)) {
            auto field = input(each, element_of(each, request, snapshot));
            if (each.optional_where != nullptr && each.optional_where(snapshot)) {
                field["optional"] = true;
            }
            blocks.push_back(std::move(field));
        }
    }
    return {
        {"type", "modal"},
        {"callback_id", "modal:" + request.verb},
        {"private_metadata", json::serialize(metadata)},
        {"title", plain_text(title_of(verb->form, request, deployment, view), title_limit)},
        {"submit", plain_text(std::string(verb->form.submit), title_limit)},
        {"close", plain_text("Not now", title_limit)},
        {"blocks", std::move(blocks)},
    };
}

json::object message_modal(const std::string& mrkdwn)
{
    return {
        {"type", "modal"},
        {"title", plain_text("Slipway", title_limit)},
        {"close", plain_text("Close", title_limit)},
        {"blocks", blocks_of(mrkdwn)},
    };
}

}  // namespace slipway::templates
