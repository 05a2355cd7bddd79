#include "commands/pipeline/checklists.hpp"
#include "commands/pipeline/lists.hpp"
#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/triggers.hpp"
#include "templates/buttons.hpp"
#include "templates/markup.hpp"
#include "templates/people.hpp"
#include "templates/render.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

namespace slipway::templates {

namespace {

namespace json = boost::json;

constexpr std::size_t title_limit = 24;
constexpr std::size_t label_limit = 2'000;

/// What a field was filled with: what was typed wins over what the deployment holds.
struct Filled {
    const Request& request;
    const Deployment* deployment;

    [[nodiscard]] std::string text(const char* key, const std::string& of_deployment = {}) const
    {
        return request.fields.contains(key) ? field(request, key) : of_deployment;
    }
};

json::object input(const char* key, const char* label, json::object element, bool optional = false)
{
    element["action_id"] = "value";
    return {
        {"type", "input"},
        {"block_id", key},
        {"label", plain_text(label, label_limit)},
        {"element", std::move(element)},
        {"optional", optional},
    };
}

json::object text_element(const std::string& initial, bool multiline = false, const char* hint = "")
{
    json::object element{{"type", "plain_text_input"}, {"multiline", multiline}, {"max_length", 3'000}};
    if (!initial.empty()) {
        element["initial_value"] = shortened(initial, 3'000);
    }
    if (*hint != '\0') {
        element["placeholder"] = plain_text(hint, 150);
    }
    return element;
}

json::object option(const std::string& value, const std::string& label)
{
    return {{"text", plain_text(label, 75)}, {"value", shortened(value, 150)}};
}

/// A value and its label.
using Choice = std::pair<std::string, std::string>;

/// The choice whose value is `initial` is made.
json::object choice_element(const std::vector<Choice>& choices, const std::string& initial)
{
    json::array options;
    json::object element{{"type", "static_select"}};
    for (const auto& [value, label] : choices) {
        options.push_back(option(value, label));
        if (value == initial) {
            element["initial_option"] = option(value, label);
        }
    }
    element["options"] = std::move(options);
    return element;
}

json::object select_element(const std::vector<std::string>& values, const std::string& initial)
{
    std::vector<Choice> choices;
    for (const auto& value : values) {
        choices.emplace_back(value, value);
    }
    return choice_element(choices, initial);
}

json::object user_element(const UserId& initial)
{
    json::object element{{"type", "users_select"}};
    if (!initial.empty()) {
        element["initial_user"] = initial.str();
    }
    return element;
}

json::object time_element(const std::optional<Instant>& initial)
{
    json::object element{{"type", "datetimepicker"}};
    if (initial) {
        element["initial_date_time"] =
            std::chrono::duration_cast<std::chrono::seconds>(initial->time_since_epoch()).count();
    }
    return element;
}

std::vector<std::string> service_names(const Policy& policy)
{
    std::vector<std::string> names;
    for (const auto& service : policy.services) {
        names.push_back(service.name);
    }
    return names;
}

std::string joined(const std::vector<std::string>& lines)
{
    std::string text;
    for (const auto& line : lines) {
        text += (text.empty() ? "" : "\n") + line;
    }
    return text;
}

/// Who was named, or took over from them since; nobody where it is whoever the rotation names.
json::object on_call_field(const Filled& filled, const View& view)
{
    UserId shown;
    if (filled.deployment != nullptr && !filled.deployment->on_call.empty()) {
        shown = on_call_for(*filled.deployment, view.now, *view.team, *view.policy);
    }
    return input("on_call", "On-call", user_element(shown), true);
}

/// The labels are fixed (design 5): other people's tools rely on them.
json::array plan_fields(const Filled& filled, const View& view)
{
    static const Deployment nothing;
    const auto& deployment = filled.deployment == nullptr ? nothing : *filled.deployment;
    const auto& plan = deployment.plan;
    const bool fresh = filled.deployment == nullptr;
    const auto services = service_names(*view.policy);
    const auto service = plan.service.empty() && services.size() == 1 ? services.front() : plan.service;
    json::array fields{
        input("what", "What", text_element(filled.text("what", fresh ? filled.request.text : plan.what))),
        input(
            "linear_issue",
            "Linear issue",
            text_element(filled.text("linear_issue", plan.linear_issue), false, "ENG-123")
        ),
        input("service", "Service", select_element(services, filled.text("service", service))),
    };
    if (fresh) {  // a changed time is a new schedule, not a new revision
        fields.push_back(input("starts_at", "When", time_element(deployment.starts_at), true));
        fields.push_back(
            input("duration", "Duration", text_element(filled.text("duration"), false, "30m"), true)
        );
    }
    fields.push_back(on_call_field(filled, view));
    for (auto& field : std::initializer_list<json::object>{
             input(
                 "changes",
                 "Changes included",
                 text_element(filled.text("changes", joined(plan.changes)), true),
                 true
             ),
             input(
                 "expected_impact",
                 "Expected impact",
                 text_element(filled.text("expected_impact", plan.expected_impact), false, "None"),
                 true
             ),
             input(
                 "rollback_plan",
                 "Rollback plan",
                 text_element(filled.text("rollback_plan", plan.rollback_plan))
             ),
             input(
                 "client_facing",
                 "Client-facing",
                 select_element(
                     {"no", "yes"}, filled.text("client_facing", plan.client_facing ? "yes" : "no")
                 )
             ),
             input("requested_by", "Requested by", user_element(plan.requested_by), true),
             input("client", "Client", text_element(filled.text("client", plan.requested_by_client)), true),
             input(
                 "pull_request",
                 "Pull request",
                 text_element(filled.text("pull_request", plan.pull_request), false, "https://"),
                 true
             ),
             input(
                 "commit", "Commit", text_element(filled.text("commit", plan.commit), false, "1f3c9ab"), true
             ),
             input(
                 "priority",
                 "Priority",
                 select_element(
                     {"normal", "P0", "P1", "P2"}, filled.text("priority", to_string(plan.priority))
                 )
             ),
             input(
                 "migrations",
                 "Database migrations",
                 select_element({"no", "yes"}, filled.text("migrations", plan.has_migrations ? "yes" : "no"))
             ),
             input(
                 "complex",
                 "Complex or architectural",
                 select_element({"no", "yes"}, filled.text("complex", plan.complex ? "yes" : "no"))
             ),
             input("flag", "Feature flag", text_element(filled.text("flag", plan.flag)), true),
         }) {
        fields.push_back(field);
    }
    return fields;
}

json::array reason_field(const Filled& filled)
{
    return {input("reason", "Reason", text_element(filled.text("reason", filled.request.text), true))};
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

json::array checklist_fields(const Filled& filled, const View& view)
{
    const auto name = filled.text("checklist");
    json::array fields;
    if (const auto known = known_part(name, *filled.deployment, view); !known.empty()) {
        fields.push_back(section(known));
    }
    json::array options;
    json::array ticked;
    for (const auto& item : offered_items(name, *filled.deployment, *view.policy)) {
        options.push_back(option(item.key, item.label));
        if (is_ticked(*filled.deployment, name, item.key)) {
            ticked.push_back(option(item.key, item.label));
        }
    }
    if (options.empty() && !fields.empty()) {
        return fields;
    }
    if (options.empty()) {
        throw std::logic_error("there is nothing to tick in '" + name + "'");
    }
    json::object element{{"type", "checkboxes"}, {"options", std::move(options)}};
    if (!ticked.empty()) {
        element["initial_options"] = std::move(ticked);
    }
    fields.push_back(input("items", "Tick what is true", std::move(element), true));
    return fields;
}

json::array issue_fields(const Filled& filled, const View& view)
{
    std::vector<Choice> triggers;
    for (const auto& row : trigger_rows(*view.policy)) {
        triggers.emplace_back(row.key, row.name);
    }
    return {
        input("what", "What", text_element(filled.text("what", filled.request.text))),
        input("severity", "Severity", select_element({"P0", "P1", "P2"}, filled.text("severity", "P1"))),
        input(
            "impact",
            "Impact",
            text_element(filled.text("impact"), false, "What's affected, how many clients"),
            true
        ),
        input(
            "status",
            "Status",
            select_element({"Investigating", "Rollback in progress", "Rolled back"}, "Investigating")
        ),
        input("trigger", "Trigger", choice_element(triggers, filled.text("trigger")), true),
    };
}

/// It begins with how the trouble stands. Where several are open, the one that is meant is chosen, and what
/// is left empty stays as it is.
json::array update_fields(const Filled& filled)
{
    constexpr std::size_t most_choices = 100;
    const auto& issues = filled.deployment->issues;
    const auto numbers = open_issues(*filled.deployment);
    const bool several = numbers.size() > 1;
    const auto meant = filled.text("issue", numbers.empty() ? "" : std::to_string(numbers.back()));
    const auto* issue = open_issue(*filled.deployment);
    std::vector<Choice> open;
    for (auto number = numbers.rbegin(); number != numbers.rend() && open.size() < most_choices; ++number) {
        const auto& each = issues.at(static_cast<std::size_t>(*number - 1));
        open.emplace_back(std::to_string(*number), one_line(each.raised.what));
        issue = open.back().first == meant ? &each : issue;
    }
    const auto status = issue == nullptr ? "Investigating" : issue->status;
    const auto severity = issue == nullptr || several ? "" : to_string(issue->severity);
    const auto impact = issue == nullptr || several ? "" : issue->impact;
    json::array fields;
    if (several) {
        fields.push_back(input("issue", "Problem", choice_element(open, meant)));
    }
    for (auto& field : std::initializer_list<json::object>{
             input("note", "What is new", text_element(filled.text("note", filled.request.text), true)),
             input(
                 "status",
                 "Status",
                 select_element(
                     {"Investigating", "Rollback in progress", "Rolled back", "Resolved"},
                     filled.text("status", status)
                 )
             ),
             input(
                 "severity",
                 "Severity",
                 select_element({"P0", "P1", "P2"}, filled.text("severity", severity)),
                 true
             ),
             input("impact", "Impact", text_element(filled.text("impact", impact)), true),
         }) {
        fields.push_back(field);
    }
    return fields;
}

/// Speed matters: the reason may be left out.
json::array rollback_fields(const Filled& filled, const View& view)
{
    json::array fields;
    if (filled.deployment != nullptr) {
        fields.push_back(section(escape_mrkdwn(consequence({.verb = "rollback"}, *filled.deployment, view))));
    }
    fields.push_back(input("reason", "Reason", text_element(filled.text("reason"), true), true));
    return fields;
}

json::array fields_of(const std::string& name, const Filled& filled, const View& view)
{
    if (name == "plan" || name == "amend") {
        return plan_fields(filled, view);
    }
    if (name == "checklist") {
        return checklist_fields(filled, view);
    }
    if (name == "issue") {
        return issue_fields(filled, view);
    }
    if (name == "update") {
        return update_fields(filled);
    }
    if (name == "reschedule") {
        const auto length = std::to_string(filled.deployment->duration.count()) + "m";
        return {
            input("starts_at", "When", time_element(filled.deployment->starts_at)),
            input("duration", "Duration", text_element(filled.text("duration", length), false, "45m"), true),
            on_call_field(filled, view),
        };
    }
    if (name == "done") {
        const auto open = open_issues_of(*filled.deployment);
        return {input(
            "known_issues",
            "Known issues",
            text_element(filled.text("known_issues", open), true, "None"),
            true
        )};
    }
    if (name == "freeze") {
        return {
            input("service", "Service", text_element(filled.text("service"), false, "web, or all")),
            input("duration", "Duration", text_element(filled.text("duration"), false, "2h")),
            input("reason", "Reason", text_element(filled.text("reason"))),
        };
    }
    if (name == "delegate") {
        return {input("user", "Who signs instead", user_element({}))};
    }
    if (name == "postmortem") {
        return {input("link", "Where it is", text_element(filled.text("link"), false, "https://"))};
    }
    if (name == "swap") {
        return {
            input("user", "Who takes over", user_element({})),
            input("from", "From", text_element(filled.text("from"), false, "tue 22:00")),
            input("to", "For how long", text_element(filled.text("to"), false, "6h")),
        };
    }
    if (name == "signoff") {
        return {input("note", "Note", text_element(filled.text("note"), true), true)};
    }
    if (name == "rollback") {
        return rollback_fields(filled, view);
    }
    return reason_field(filled);
}

const char* submit_of(const std::string& name)
{
    static const std::map<std::string, const char*> words{
        {"plan", "Plan it"},
        {"signoff", "Sign off"},
        {"decline", "Decline"},
        {"cancel", "Cancel deployment"},
        {"done", "Announce"},
        {"issue", "Report"},
        {"freeze", "Freeze deployments"},
        {"delegate", "Ask them"},
        {"except", "Record it"},
        {"rollback", "Roll back"},
    };
    const auto found = words.find(name);
    return found == words.end() ? "Save" : found->second;
}

std::string title_of_checklist(const Filled& filled, const View& view)
{
    const auto* list = find_list(filled.text("checklist"), *filled.deployment, *view.policy);
    return list == nullptr ? "Checklist" : std::string(list->title);
}

std::string title_of_modal(const std::string& name, const Filled& filled, const View& view)
{
    static const std::map<std::string, std::string> titles{
        {"plan", "Plan a deployment"},
        {"amend", "Change"},
        {"signoff", "Sign off"},
        {"decline", "Decline"},
        {"cancel", "Cancel"},
        {"rollback", "Roll back"},
        {"issue", "Report a problem"},
        {"update", "Update on"},
        {"reschedule", "Move"},
        {"freeze", "Freeze"},
        {"swap", "Swap on-call"},
        {"delegate", "Ask someone else"},
        {"postmortem", "File post-mortem"},
        {"except", "Record exception"},
        {"done", "Announce"},
    };
    const auto found = titles.find(name);
    if (found == titles.end() && name != "checklist") {
        throw std::logic_error("no modal is called '" + name + "'");
    }
    const auto title = found == titles.end() ? title_of_checklist(filled, view) : found->second;
    return title + (filled.deployment == nullptr ? "" : " " + to_string(filled.deployment->id));
}

}  // namespace

json::object modal(
    const std::string& name, const Request& request, const Deployment* deployment, const View& view
)
{
    const Filled filled{request, deployment};
    json::object metadata = deployment == nullptr ? json::object{{"v", 1}} : button_value(*deployment);
    metadata["c"] = request.channel.str();
    if (name == "checklist") {
        metadata["checklist"] = filled.text("checklist");
    }
    return {
        {"type", "modal"},
        {"callback_id", "modal:" + request.verb},
        {"private_metadata", json::serialize(metadata)},
        {"title", plain_text(title_of_modal(name, filled, view), title_limit)},
        {"submit", plain_text(submit_of(name), title_limit)},
        {"close", plain_text("Not now", title_limit)},
        {"blocks", fields_of(name, filled, view)},
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
