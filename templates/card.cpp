#include "commands/pipeline/gates.hpp"
#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/verbs/verbs.hpp"
#include "templates/markup.hpp"
#include "templates/offer.hpp"
#include "templates/people.hpp"

#include <algorithm>
#include <array>

namespace slipway::templates {

namespace json = boost::json;

namespace {

struct StepOfLine {
    Stage stage;
    const char* label;
};

/// The way of a deployment in one line, the present step in bold.
std::string stage_line(const Deployment& deployment)
{
    static constexpr std::array way{
        StepOfLine{Stage::planned, "planned"},
        StepOfLine{Stage::signed_off, "signed off"},
        StepOfLine{Stage::deploying, "deploying"},
        StepOfLine{Stage::watching, "watching"},
        StepOfLine{Stage::done, "done"},
    };
    const bool on_the_way = std::any_of(way.begin(), way.end(), [&](const StepOfLine& step) {
        return step.stage == deployment.stage;
    });
    if (!on_the_way) {
        return "*" + to_string(deployment.stage) + "*" +
               (deployment.end_reason.empty() ? "" : ": " + escape_mrkdwn(deployment.end_reason));
    }
    std::string line;
    for (const auto& step : way) {
        line += line.empty() ? "" : " \xE2\x86\x92 ";
        line += step.stage == deployment.stage ? "*" + std::string(step.label) + "*" : step.label;
    }
    return line;
}

bool before_start(const Deployment& deployment)
{
    return deployment.stage == Stage::planned || deployment.stage == Stage::signed_off;
}

std::string sign_off_line(const Deployment& deployment, const View& view)
{
    std::string given;
    for (const auto& sign_off : valid_sign_offs(deployment)) {
        given += (given.empty() ? "" : ", ") + (":white_check_mark: " + mention(sign_off.given.user));
        given += view.deactivated.contains(sign_off.given.user) ? " (deactivated since)" : "";
    }
    std::string missing;
    for (const auto role : missing_sign_offs(deployment, *view.policy)) {
        missing += (missing.empty() ? "" : ", ") + title_of(role);
    }
    std::string line = "*Sign-offs*: " + (given.empty() ? "none yet" : given);
    if (!missing.empty() && before_start(deployment)) {
        line += "\n*Waits for*: " + missing;
    }
    for (const auto& declined : deployment.declines) {
        line += "\n:no_entry: " + mention(declined.user) + " declined: " + escape_mrkdwn(declined.reason);
    }
    return line;
}

std::string count_of(const std::string& name, const Deployment& deployment, const View& view)
{
    const auto list = decisions::conditions_of(name, deployment, as_snapshot(view));
    const auto hold =
        std::count_if(list.begin(), list.end(), [](const Condition& each) { return each.holds; });
    return std::to_string(hold) + "/" + std::to_string(list.size());
}

/// What GitHub says is known when somebody asks for it, and then it is no longer what it says now.
std::string gate1_count(const Deployment& deployment, const View& view)
{
    if (!is_read_from_github(deployment.plan, *view.policy)) {
        return "Gate 1 " + count_of("gate1", deployment, view);
    }
    const auto list = decisions::conditions_of("gate1", deployment, as_snapshot(view));
    const bool reviewed = !list.empty() && list.back().holds;
    return std::string("Gate 1 by GitHub") + (!deployment.plan.complex ? ""
                                              : reviewed               ? " (Dev Lead reviewed)"
                                                                       : " (Dev Lead's review open)");
}

std::string details(const Deployment& deployment, const View& view)
{
    const auto& plan = deployment.plan;
    const auto& policy = *view.policy;
    std::string text = "*Service*: " + escape_mrkdwn(plan.service) +
                       "   *Issue*: " + link(issue_url(plan.linear_issue), plan.linear_issue);
    if (!plan.pull_request.empty()) {
        text += "   " + link(plan.pull_request, "Pull request");
    }
    text += "\n*When*: ";
    text += deployment.starts_at ? team_time(*deployment.starts_at, policy) + " (" +
                                       date_token(*deployment.starts_at, policy) + " for you), ~" +
                                       std::to_string(deployment.duration.count()) + " minutes"
                                 : "no time yet";
    text += "\n*On-call*: " + mention(on_call_for(deployment, view.now, *view.team, policy));
    text += "   *Planned by*: " + mention(deployment.author);
    return text;
}

std::string checklists(const Deployment& deployment, const View& view)
{
    if (before_start(deployment)) {
        return "*Checklists*: " + gate1_count(deployment, view) + ", QA " + count_of("qa", deployment, view) +
               ", Gate 2 " + count_of("gate2", deployment, view) + ", pre-deployment " +
               count_of("pre_deployment", deployment, view) + (deployment.go ? ", go given" : ", go open") +
               (deployment.ready ? ", on-call ready" : ", on-call not ready");
    }
    if (deployment.stage == Stage::rolling_back) {
        return "*Smoke tests of the old version*: " + count_of("rollback_smoke", deployment, view);
    }
    return "*Smoke tests*: " + count_of("smoke", deployment, view);
}

/// How long until the automatic rollback; the card is drawn anew while it counts down.
std::string countdown(Instant begins, const View& view)
{
    const auto left = std::max(begins - view.now, Instant::duration::zero());
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(left).count();
    return ":hourglass_flowing_sand: *Rolls back by itself in " + std::to_string(seconds) + " seconds*, at " +
           team_clock(begins, *view.policy) + ", unless somebody cancels it.";
}

}  // namespace

SlackMessage card(const Deployment& deployment, const View& view)
{
    const auto title = to_string(deployment.id) + " " + one_line(deployment.plan.what);
    const auto offer = offer_of(deployment, view);
    auto lists = section(checklists(deployment, view));
    if (!offer.lists.empty()) {
        lists["accessory"] = menu(deployment, "lists", offer.lists);
    }
    json::array blocks{
        json::object{{"type", "header"}, {"text", plain_text(title, 150)}},
        section(stage_line(deployment)),
        section(details(deployment, view)),
        section(sign_off_line(deployment, view)),
        std::move(lists),
    };
    if (const auto* issue = open_issue(deployment)) {
        blocks.push_back(section(
            ":rotating_light: *" + to_string(issue->severity) + "* " + escape_mrkdwn(issue->raised.what) +
            " (" + escape_mrkdwn(issue->status) + ")"
        ));
    }
    if (const auto begins = automatic_rollback_at(deployment)) {
        blocks.push_back(section(countdown(*begins, view)));
    }
    json::array row;
    for (const auto& each : offer.row) {
        row.push_back(button(deployment, each));
    }
    if (!offer.more.empty()) {
        row.push_back(menu(deployment, "more", offer.more));
    }
    if (!row.empty()) {
        blocks.push_back(json::object{{"type", "actions"}, {"elements", std::move(row)}});
    }
    return {shortened(escape_mrkdwn(title), 3'000) + ": " + to_string(deployment.stage), std::move(blocks)};
}

}  // namespace slipway::templates
