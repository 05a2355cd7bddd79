#include "commands/pipeline/postmortem.hpp"

#include "commands/pipeline/rollback_steps.hpp"
#include "commands/pipeline/windows.hpp"
#include "templates/mustache.hpp"
#include "templates/render.hpp"

#include <date/tz.h>

#include <algorithm>
#include <set>

namespace slipway::templates {

namespace {

namespace json = boost::json;

/// The timeline's line for an event of `is_told_in_postmortem`, empty where it says nothing of its own.
struct TimelineLine {
    const RecordedEvent& recorded;
    const Deployment& deployment;

    std::string operator()(const Started&) const { return "Deployment started"; }

    std::string operator()(const Completed&) const { return "Smoke tests passed, watch begun"; }

    std::string operator()(const IssueRaised& event) const
    {
        const bool told = event.evidence.empty() || event.what.find(event.evidence) != std::string::npos;
        return std::string("Issue detected (") +
               (recorded.actor == "slipway" ? "by the monitoring" : "reported by hand") + "): " + event.what +
               (told ? "" : ", " + event.evidence);
    }

    std::string operator()(const IssueUpdated& event) const
    {
        // What the rollback did to it is told by the rollback's own lines.
        const bool carried =
            recorded.at == deployment.rollback_started_at || recorded.at == deployment.rollback_finished_at;
        return carried ? "" : event.status + ": " + event.note;
    }

    std::string operator()(const RollbackStarted& event) const
    {
        return "Rollback initiated: " + event.reason;
    }

    std::string operator()(const RollbackStepDone& event) const
    {
        const auto* end = !event.succeeded ? "failed: " : event.accepted ? "accepted: " : "done: ";
        return std::string("Rollback step ") + end + label_of_rollback_step(event.step);
    }

    std::string operator()(const RolledBack&) const { return "Rollback complete, service restored"; }

    template <class Other>
    std::string operator()(const Other&) const
    {
        return {};
    }
};

std::string who(const std::string& actor, const View& view)
{
    const auto found = view.names.find(UserId(actor));
    return actor == "slipway" ? "Slipway" : found == view.names.end() ? actor : found->second;
}

/// The troubles that the rollback was for: those that were open when it began, as they stand now.
std::vector<Issue> issues_of(const Deployment& deployment)
{
    if (!deployment.rollback) {
        return deployment.issues;
    }
    Deployment then;
    for (const auto& recorded : deployment.history) {
        if (std::holds_alternative<RollbackStarted>(recorded.event)) {
            break;
        }
        apply(then, recorded);
    }
    std::vector<Issue> issues;
    for (const auto number : open_issues(then)) {
        issues.push_back(deployment.issues.at(static_cast<std::size_t>(number - 1)));
    }
    return issues;
}

std::string length_of(const Deployment& deployment, const std::vector<Issue>& issues)
{
    if (!deployment.rollback_started_at) {
        return {};
    }
    auto from = *deployment.rollback_started_at;
    for (const auto& issue : issues) {
        from = std::min(from, issue.at);
    }
    if (!deployment.rollback_finished_at) {
        return "still being rolled back";
    }
    const auto minutes =
        std::chrono::ceil<std::chrono::minutes>(*deployment.rollback_finished_at - from).count();
    return std::to_string(minutes) + (minutes == 1 ? " minute" : " minutes");
}

std::string worst_of(const std::vector<Issue>& issues)
{
    const auto worst =
        std::min_element(issues.begin(), issues.end(), [](const Issue& one, const Issue& other) {
            return one.severity < other.severity;
        });
    return worst == issues.end() ? "" : to_string(worst->severity);
}

/// What is known of it; each once.
std::string impact_of(const std::vector<Issue>& issues)
{
    std::string text;
    std::set<std::string> told{unknown_impact, ""};
    for (const auto& issue : issues) {
        if (told.insert(issue.impact).second) {
            text += (text.empty() ? "" : "; ") + issue.impact;
        }
    }
    return text;
}

}  // namespace

std::string Library::postmortem(const Deployment& deployment, const View& view) const
{
    json::array timeline;
    for (const auto& event : deployment.history) {
        const bool is_told = is_told_in_postmortem(event.event);
        const auto line = is_told ? std::visit(TimelineLine{event, deployment}, event.event) : "";
        if (!line.empty()) {
            timeline.emplace_back(
                team_clock(event.at, *view.policy) + " " + line + " (" + who(event.actor, view) + ")"
            );
        }
    }
    const auto issues = issues_of(deployment);
    const auto when = deployment.rollback_started_at.value_or(view.now);
    const json::object values{
        {"title", deployment.plan.what},
        {"deployment", to_string(deployment.id)},
        {"date", iso(team_date(when, *view.policy))},
        {"severity", worst_of(issues)},
        {"duration", length_of(deployment, issues)},
        {"impact", impact_of(issues)},
        {"timeline", std::move(timeline)},
    };
    return fill(files_.at("postmortem.md"), values, &escape_markdown);
}

}  // namespace slipway::templates
