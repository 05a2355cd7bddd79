#include "commands/verbs/verbs.hpp"
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
        const auto* typed = request.fields.if_contains(key);
        return typed != nullptr && typed->is_string() ? std::string(typed->get_string()) : of_deployment;
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

json::object select_element(const std::vector<std::string>& values, const std::string& initial)
{
    json::array options;
    for (const auto& value : values) {
        options.push_back(option(value, value));
    }
    json::object element{{"type", "static_select"}, {"options", std::move(options)}};
    if (std::find(values.begin(), values.end(), initial) != values.end()) {
        element["initial_option"] = option(initial, initial);
    }
    return element;
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
        fields.push_back(input("on_call", "On-call", user_element(deployment.on_call), true));
    }
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

json::array checklist_fields(const Filled& filled, const View& view)
{
    const auto name = filled.text("checklist");
    json::array options;
    json::array ticked;
    for (const auto& item : decisions::offered_items(name, *filled.deployment, *view.policy)) {
        options.push_back(option(item.key, item.label));
        if (is_ticked(*filled.deployment, name, item.key)) {
            ticked.push_back(option(item.key, item.label));
        }
    }
    if (options.empty()) {
        throw std::logic_error("there is nothing to tick in '" + name + "'");
    }
    json::object element{{"type", "checkboxes"}, {"options", std::move(options)}};
    if (!ticked.empty()) {
        element["initial_options"] = std::move(ticked);
    }
    return {input("items", "Tick what is true", std::move(element), true)};
}

json::array issue_fields(const Filled& filled)
{
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
    };
}

json::array update_fields(const Filled& filled)
{
    return {
        input("note", "What is new", text_element(filled.text("note", filled.request.text), true)),
        input(
            "status",
            "Status",
            select_element(
                {"Investigating", "Rollback in progress", "Rolled back", "Resolved"}, "Investigating"
            )
        ),
    };
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
        return issue_fields(filled);
    }
    if (name == "update") {
        return update_fields(filled);
    }
    if (name == "reschedule") {
        return {
            input("starts_at", "When", time_element(filled.deployment->starts_at)),
            input("duration", "Duration", text_element(filled.text("duration"), false, "30m"), true),
        };
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
    return reason_field(filled);
}

std::string title_of_modal(const std::string& name, const Deployment* deployment)
{
    static const std::map<std::string, std::string> titles{
        {"plan", "Plan a deployment"},
        {"amend", "Amend"},
        {"decline", "Decline"},
        {"cancel", "Cancel"},
        {"issue", "Report an issue"},
        {"update", "Update"},
        {"reschedule", "Reschedule"},
        {"checklist", "Checklist"},
        {"freeze", "Freeze"},
        {"swap", "Swap"},
        {"delegate", "Ask somebody else"},
        {"postmortem", "File post-mortem"},
        {"except", "Record exception"},
    };
    const auto found = titles.find(name);
    if (found == titles.end()) {
        throw std::logic_error("no modal is called '" + name + "'");
    }
    return found->second + (deployment == nullptr ? "" : " " + to_string(deployment->id));
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
        {"title", plain_text(title_of_modal(name, deployment), title_limit)},
        {"submit", plain_text(name == "cancel" ? "Cancel deployment" : "Save", title_limit)},
        {"close", plain_text("Not now", title_limit)},
        {"blocks", fields_of(name, filled, view)},
    };
}

}  // namespace slipway::templates
