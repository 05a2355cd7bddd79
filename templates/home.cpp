#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/waiting.hpp"
#include "commands/pipeline/windows.hpp"
#include "templates/buttons.hpp"
#include "templates/markup.hpp"
#include "templates/people.hpp"
#include "templates/render.hpp"

namespace slipway::templates {

namespace json = boost::json;

namespace {

json::object header(const char* text) { return {{"type", "header"}, {"text", plain_text(text, 150)}}; }

/// "Tue Nov 24, 22:00 EST (for you: in 7 hours)".
std::string moment(Instant at, const Policy& policy)
{
    return team_time(at, policy) + " (for you: " + countdown_token(at, policy) + ")";
}

std::string line_of(const Deployment& deployment, const View& view)
{
    std::string line = "*" + to_string(deployment.id) + "* " + escape_mrkdwn(deployment.plan.what) + " (" +
                       escape_mrkdwn(deployment.plan.service) + "): " + to_string(deployment.stage);
    if (deployment.ended) {
        line += ", " + past_time(deployment.ended->at, view.now, *view.policy);
    }
    else if (deployment.starts_at) {
        line += ", " + moment(*deployment.starts_at, *view.policy);
    }
    return line;
}

/// Who is on call now and next, the next window, and what is frozen.
std::string calendar_of(const View& view)
{
    const auto& policy = *view.policy;
    const auto& team = *view.team;
    std::string text = "*On call now*: " + mention(on_call_at(view.now, team, policy));
    if (const auto sprint = sprint_at(view.now, team, policy)) {
        const auto next = sprint->span.ends;
        text += "   *Next*: " + mention(on_call_at(next, team, policy)) + ", from " + team_time(next, policy);
    }
    const auto slots = next_slots(view.now, std::chrono::minutes{30}, "", 1, team, policy);
    if (!slots.empty()) {
        text += "\n*Next window*: " + moment(slots.front(), policy);
    }
    for (const auto& freeze : team.freezes) {
        if (freeze.until > view.now) {
            const auto reason = shortened(one_line(freeze.reason), 100);
            text += "\n" + view.library->mrkdwn(
                               say("home_frozen",
                                   {{"service", freeze.service},
                                    {"until", team_time(freeze.until, policy)},
                                    {"reason", reason}})
                           );
        }
    }
    return text;
}

}  // namespace

json::object home(
    const UserId& person,
    const std::vector<Deployment>& active,
    const std::vector<Deployment>& recent,
    const View& view
)
{
    constexpr std::size_t most_waiting = 40;  // leaves room for what is under way
    constexpr std::size_t most_blocks = 95;   // Slack's limit is 100; the closing ones need room
    json::array blocks{header("Waiting for you")};
    for (const auto* deployments : {&active, &recent}) {
        for (const auto& deployment : *deployments) {
            const auto waiting = waiting_for(person, deployment, as_snapshot(view));
            if (waiting && blocks.size() < most_waiting) {
                auto shown = waiting->button;
                shown.suffix = std::to_string(deployment.id.number);
                auto block = section(line_of(deployment, view));
                block["accessory"] = button(deployment, shown, view);
                blocks.push_back(std::move(block));
            }
        }
    }
    if (blocks.size() == 1) {
        blocks.push_back(section(view.library->mrkdwn(say("home_nothing_waits"))));
    }
    blocks.push_back(header("In progress"));
    const auto before = blocks.size();
    for (const auto& deployment : active) {
        if (blocks.size() < most_blocks) {
            blocks.push_back(section(line_of(deployment, view)));
        }
    }
    if (blocks.size() == before) {
        blocks.push_back(section(view.library->mrkdwn(say("home_nothing_under_way"))));
    }
    const auto calendar = calendar_of(view);
    blocks.push_back(section(calendar));
    std::string ended;
    for (std::size_t i = 0; i < recent.size() && i < 5; ++i) {
        ended += (ended.empty() ? "" : "\n") + line_of(recent[i], view);
    }
    if (!ended.empty()) {
        blocks.push_back(section("*Recent*\n" + ended));
    }
    json::array buttons;
    for (const auto& shown :
         {Button{.verb = "plan", .style = "primary"}, {.verb = "freeze"}, {.verb = "runbook"}}) {
        buttons.push_back(button(shown, view));
    }
    blocks.push_back(json::object{{"type", "actions"}, {"elements", std::move(buttons)}});
    return {{"type", "home"}, {"blocks", std::move(blocks)}};
}

}  // namespace slipway::templates
