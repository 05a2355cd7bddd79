#include "commands/pipeline/windows.hpp"
#include "templates/mustache.hpp"
#include "templates/render.hpp"

#include <date/tz.h>

#include <array>

namespace slipway::templates {

namespace {

namespace json = boost::json;

/// The timeline's line for an event, empty for what does not belong there.
struct TimelineLine {
    std::string operator()(const Started&) const { return "Deployment started"; }

    std::string operator()(const Completed&) const { return "Smoke tests passed, watch begun"; }

    std::string operator()(const IssueRaised& event) const
    {
        return "Issue detected (" +
               (event.trigger == "manual" ? std::string("reported by hand") : event.trigger) +
               "): " + event.what + (event.evidence.empty() ? "" : ", " + event.evidence);
    }

    std::string operator()(const IssueUpdated& event) const { return event.status + ": " + event.note; }

    std::string operator()(const RollbackStarted& event) const
    {
        return "Rollback initiated: " + event.reason;
    }

    std::string operator()(const RollbackStepDone& event) const
    {
        return "Rollback step " + event.step + (event.succeeded ? " done" : " failed");
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

std::string length_of(const Deployment& deployment)
{
    if (!deployment.rollback_started_at) {
        return {};
    }
    const auto from =
        deployment.issues.empty() ? *deployment.rollback_started_at : deployment.issues.front().at;
    if (!deployment.rollback_finished_at) {
        return "still being rolled back";
    }
    const auto minutes =
        std::chrono::ceil<std::chrono::minutes>(*deployment.rollback_finished_at - from).count();
    return std::to_string(minutes) + (minutes == 1 ? " minute" : " minutes");
}

}  // namespace

std::string Library::postmortem(const Deployment& deployment, const View& view) const
{
    json::array timeline;
    for (const auto& event : deployment.history) {
        const auto line = std::visit(TimelineLine{}, event.event);
        if (!line.empty()) {
            timeline.emplace_back(
                team_clock(event.at, *view.policy) + " " + line + " (" + who(event.actor, view) + ")"
            );
        }
    }
    const auto* issue = deployment.issues.empty() ? nullptr : &deployment.issues.front();
    const auto when = deployment.rollback_started_at.value_or(view.now);
    const json::object values{
        {"title", deployment.plan.what},
        {"deployment", to_string(deployment.id)},
        {"date", iso(team_date(when, *view.policy))},
        {"severity", issue == nullptr ? "" : to_string(issue->raised.severity)},
        {"duration", length_of(deployment)},
        {"impact", issue == nullptr ? "" : issue->raised.impact},
        {"timeline", std::move(timeline)},
    };
    return fill(files_.at("postmortem.md"), values, &escape_markdown);
}

}  // namespace slipway::templates
