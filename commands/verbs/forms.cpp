#include "commands/verbs/forms.hpp"

#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/triggers.hpp"
#include "commands/text/pattern.hpp"

#include <algorithm>

namespace slipway {

namespace {

using enum FormField::Kind;

bool is_new(const Snapshot& snapshot) { return !snapshot.deployment; }

bool without_linear(const Snapshot& snapshot) { return !mirrors(*snapshot.policy); }

Plan plan_of(const Snapshot& snapshot) { return snapshot.deployment ? snapshot.deployment->plan : Plan{}; }

std::string typed_text(const Request& request, const Snapshot&) { return request.text; }

std::string what(const Request& request, const Snapshot& snapshot)
{
    return is_new(snapshot) ? request.text : plan_of(snapshot).what;
}

/// What the plan has in `Member`, a text.
template <auto Member>
std::string planned(const Request&, const Snapshot& snapshot)
{
    return plan_of(snapshot).*Member;
}

/// What the plan has in `Member`, a flag.
template <auto Member>
std::string planned_or_not(const Request&, const Snapshot& snapshot)
{
    return plan_of(snapshot).*Member ? "yes" : "no";
}

std::vector<Choice> choices_of(std::initializer_list<const char*> values)
{
    std::vector<Choice> choices;
    for (const auto* value : values) {
        choices.push_back({value, value});
    }
    return choices;
}

std::vector<Choice> no_or_yes(const Snapshot&) { return choices_of({"no", "yes"}); }

std::vector<Choice> severities(const Snapshot&) { return choices_of({"P0", "P1", "P2"}); }

std::vector<Choice> services(const Snapshot& snapshot)
{
    std::vector<Choice> choices;
    for (const auto& service : snapshot.policy->services) {
        choices.push_back({service.name, service.name});
    }
    return choices;
}

std::string service(const Request&, const Snapshot& snapshot)
{
    const auto& known = snapshot.policy->services;
    const auto given = plan_of(snapshot).service;
    return given.empty() && known.size() == 1 ? known.front().name : given;
}

/// Who was named, or took over from them since; nobody where it is whoever the rotation names.
std::string named_on_call(const Request&, const Snapshot& snapshot)
{
    const auto& deployment = snapshot.deployment;
    const bool is_named = deployment && !deployment->on_call.empty();
    return is_named ? on_call_for(*deployment, snapshot.now, snapshot.team, *snapshot.policy).str() : "";
}

std::string changes(const Request&, const Snapshot& snapshot)
{
    const auto plan = plan_of(snapshot);
    std::string text;
    for (const auto& each : plan.changes) {
        text += (text.empty() ? "" : "\n") + each;
    }
    return text;
}

std::string planned_start(const Request&, const Snapshot& snapshot)
{
    const auto& starts_at = snapshot.deployment->starts_at;
    return starts_at
               ? std::to_string(
                     std::chrono::duration_cast<std::chrono::seconds>(starts_at->time_since_epoch()).count()
                 )
               : "";
}

FormField on_call_field()
{
    return {.key = "on_call", .label = "On-call", .kind = person, .optional = true, .initial = named_on_call};
}

FormField no_or_yes_field(
    std::string_view key, std::string_view label, std::string (*initial)(const Request&, const Snapshot&)
)
{
    return {.key = key, .label = label, .kind = choice, .initial = initial, .choices = no_or_yes};
}

std::vector<int> open_ones(const Snapshot& snapshot)
{
    return snapshot.deployment ? open_issues(*snapshot.deployment) : std::vector<int>{};
}

bool are_several_open(const Snapshot& snapshot) { return open_ones(snapshot).size() > 1; }

const Issue& issue_of(int number, const Snapshot& snapshot)
{
    return snapshot.deployment->issues.at(static_cast<std::size_t>(number - 1));
}

/// The number of the issue that is updated: the one that the button names, else the newest open one.
std::string meant(const Request& request, const Snapshot& snapshot)
{
    const auto open = open_ones(snapshot);
    return request.fields.contains("issue") ? field(request, "issue")
           : open.empty()                   ? ""
                                            : std::to_string(open.back());
}

/// Null where nothing is open.
const Issue* meant_issue(const Request& request, const Snapshot& snapshot)
{
    const auto number = meant(request, snapshot);
    for (const auto each : open_ones(snapshot)) {
        if (std::to_string(each) == number) {
            return &issue_of(each, snapshot);
        }
    }
    return snapshot.deployment ? open_issue(*snapshot.deployment) : nullptr;
}

/// Newest first.
std::vector<Choice> issues(const Snapshot& snapshot)
{
    constexpr std::size_t most = 100;  // that a menu of Slack takes
    auto open = open_ones(snapshot);
    std::reverse(open.begin(), open.end());
    open.resize(std::min(open.size(), most));
    std::vector<Choice> choices;
    for (const auto number : open) {
        choices.push_back({std::to_string(number), issue_of(number, snapshot).raised.what});
    }
    return choices;
}

std::vector<Choice> triggers(const Snapshot& snapshot)
{
    std::vector<Choice> choices;
    for (const auto& row : trigger_rows(*snapshot.policy)) {
        choices.push_back({row.key, row.name});
    }
    return choices;
}

}  // namespace

std::vector<Choice> all_or_a_service(const Snapshot& snapshot)
{
    auto choices = services(snapshot);
    choices.insert(choices.begin(), {"all", "Every service"});
    return choices;
}

std::string what_is_open(const Request&, const Snapshot& snapshot)
{
    return open_issues_of(*snapshot.deployment);
}

std::string issue_named_by(const Request& request)
{
    static const Pattern form(
        R"((?:https://linear\.app/\S*/issue/)?([A-Za-z][A-Za-z0-9]{0,9}-[0-9]{1,7})(?:/\S*)?)"
    );
    const auto match = form.match(field(request, "linear_issue"));
    if (!match) {
        return {};
    }
    auto identifier = (*match)[1];
    std::transform(identifier.begin(), identifier.end(), identifier.begin(), [](unsigned char letter) {
        return static_cast<char>(std::toupper(letter));
    });
    return identifier;
}

std::vector<FormField> plan_fields()
{
    return {
        {.key = "what", .label = "What", .initial = what},
        {.key = "linear_issue",
         .label = "Linear issue",
         .optional_where = without_linear,
         .hint = "ENG-123",
         .initial = planned<&Plan::linear_issue>},
        {.key = "service", .label = "Service", .kind = choice, .initial = service, .choices = services},
        {.key = "starts_at", .label = "When", .kind = moment, .optional = true, .asked = is_new},
        {.key = "duration", .label = "Duration", .optional = true, .hint = "30m", .asked = is_new},
        on_call_field(),
        {.key = "changes", .label = "Changes included", .kind = lines, .optional = true, .initial = changes},
        {.key = "expected_impact",
         .label = "Expected impact",
         .optional = true,
         .hint = "None",
         .initial = planned<&Plan::expected_impact>},
        {.key = "rollback_plan", .label = "Rollback plan", .initial = planned<&Plan::rollback_plan>},
        no_or_yes_field("client_facing", "Client-facing", planned_or_not<&Plan::client_facing>),
        {.key = "requested_by",
         .label = "Requested by",
         .kind = person,
         .optional = true,
         .initial = [](const Request&,
                       const Snapshot& snapshot) { return plan_of(snapshot).requested_by.str(); }},
        {.key = "client",
         .label = "Client",
         .optional = true,
         .initial = planned<&Plan::requested_by_client>},
        {.key = "pull_request",
         .label = "Pull request",
         .optional = true,
         .hint = "https://",
         .initial = planned<&Plan::pull_request>},
        {.key = "commit",
         .label = "Commit",
         .optional = true,
         .hint = "1f3c9ab",
         .initial = planned<&Plan::commit>},
        {.key = "priority",
         .label = "Priority",
         .kind = choice,
         .initial = [](const Request&,
                       const Snapshot& snapshot) { return to_string(plan_of(snapshot).priority); },
         .choices =
             [](const Snapshot&) {
                 return choices_of({"normal", "P0", "P1", "P2"});
             }},
        no_or_yes_field("migrations", "Database migrations", planned_or_not<&Plan::has_migrations>),
        no_or_yes_field("complex", "Complex or architectural", planned_or_not<&Plan::complex>),
        {.key = "flag", .label = "Feature flag", .optional = true, .initial = planned<&Plan::flag>},
    };
}

std::vector<FormField> reschedule_fields()
{
    return {
        {.key = "starts_at", .label = "When", .kind = moment, .initial = planned_start},
        {.key = "duration",
         .label = "Duration",
         .optional = true,
         .hint = "45m",
         .initial = [](const Request&, const Snapshot& snapshot
                    ) { return std::to_string(snapshot.deployment->duration.count()) + "m"; }},
        on_call_field(),
    };
}

std::vector<FormField> issue_fields()
{
    return {
        {.key = "what", .label = "What", .initial = typed_text},
        {.key = "severity",
         .label = "Severity",
         .kind = choice,
         .initial = [](const Request&, const Snapshot&) { return to_string(Priority::p1); },
         .choices = severities},
        {.key = "impact", .label = "Impact", .optional = true, .hint = "What's affected, how many clients"},
        {.key = "status",
         .label = "Status",
         .kind = choice,
         .initial = [](const Request&, const Snapshot&) { return std::string("Investigating"); },
         .choices =
             [](const Snapshot&) {
                 return choices_of({"Investigating", "Rollback in progress", "Rolled back"});
             }},
        {.key = "trigger", .label = "Trigger", .kind = choice, .optional = true, .choices = triggers},
    };
}

std::vector<FormField> update_fields()
{
    return {
        {.key = "issue",
         .label = "Problem",
         .kind = choice,
         .initial = meant,
         .choices = issues,
         .asked = are_several_open},
        {.key = "note", .label = "What is new", .kind = lines, .initial = typed_text},
        {.key = "status",
         .label = "Status",
         .kind = choice,
         .initial =
             [](const Request& request, const Snapshot& snapshot) {
                 const auto* issue = meant_issue(request, snapshot);
                 return issue == nullptr ? std::string("Investigating") : issue->status;
             },
         .choices =
             [](const Snapshot&) {
                 return choices_of({"Investigating", "Rollback in progress", "Rolled back", "Resolved"});
             }},
        {.key = "severity",
         .label = "Severity",
         .kind = choice,
         .optional = true,
         .initial =
             [](const Request& request, const Snapshot& snapshot) {
                 const auto* issue = are_several_open(snapshot) ? nullptr : meant_issue(request, snapshot);
                 return issue == nullptr ? std::string{} : to_string(issue->severity);
             },
         .choices = severities},
        {.key = "impact",
         .label = "Impact",
         .optional = true,
         .initial =
             [](const Request& request, const Snapshot& snapshot) {
                 const auto* issue = are_several_open(snapshot) ? nullptr : meant_issue(request, snapshot);
                 return issue == nullptr ? std::string{} : issue->impact;
             }},
    };
}

}  // namespace slipway
