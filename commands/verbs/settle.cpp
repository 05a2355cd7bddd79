// What several verbs bring about: gates that close and open, the pre-deployment notice, the asking for
// sign-offs.
#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/verbs/shared.hpp"

#include <algorithm>

namespace slipway::decisions {

namespace {

namespace json = boost::json;

constexpr std::chrono::hours chase_after{24};
constexpr std::chrono::hours chase_before_start{4};

/// What the ledger last said of `gate` for the current revision.
bool has_passed(const Deployment& deployment, int gate)
{
    bool passed = false;
    for (const auto& recorded : deployment.history) {
        if (const auto* event = std::get_if<GatePassed>(&recorded.event)) {
            passed = passed || (event->gate == gate && event->revision == deployment.revision);
        }
        if (const auto* event = std::get_if<GateReopened>(&recorded.event);
            event != nullptr && event->gate == gate) {
            passed = false;
        }
    }
    return passed;
}

/// What whoever is asked has to know of the plan, in a few lines.
json::array first_changes(const Plan& plan)
{
    constexpr std::size_t most_named = 5;
    constexpr std::size_t longest = 120;
    json::array lines;
    for (const auto& change : plan.changes) {
        if (lines.size() == most_named) {
            lines.emplace_back("and " + std::to_string(plan.changes.size() - most_named) + " more");
            break;
        }
        lines.emplace_back(shortened(change, longest));
    }
    return lines;
}

}  // namespace

json::object asking_facts(const Deployment& deployment, const Snapshot& snapshot)
{
    constexpr std::size_t longest = 200;
    const auto& plan = deployment.plan;
    return {
        {"changes", first_changes(plan)},
        {"impact", plan.expected_impact.empty() ? "not said" : shortened(plan.expected_impact, longest)},
        {"rollback_plan", shortened(plan.rollback_plan, longest)},
        {"pull_request", plan.pull_request},
        {"deployment", to_string(deployment.id)},
        {"what", plan.what},
        {"revision", std::to_string(deployment.revision)},
        {"roles", titles_of(missing_sign_offs(deployment, *snapshot.policy))},
        {"planner", mention(snapshot.actor.id)},
        {"when", deployment.starts_at ? team_time(*deployment.starts_at, *snapshot.policy) : ""},
    };
}

void chase_sign_offs_later(Decision& decision, const Snapshot& snapshot)
{
    const auto starts_at = after(decision, snapshot).starts_at;
    const auto due =
        std::min(snapshot.now + chase_after, starts_at ? *starts_at - chase_before_start : Instant::max());
    decision.timers.push_back({"chase_sign_offs", due > snapshot.now ? std::optional(due) : std::nullopt});
}

void settle_gate2(Decision& decision, const Deployment& changed, const Snapshot& snapshot)
{
    const bool holds = all_hold(gate2(changed, *snapshot.roles, *snapshot.policy));
    if (holds && changed.stage == Stage::planned) {
        decision.events.emplace_back(GatePassed{2, changed.revision});
        say_in_thread(decision, say("gate2_passed", {{"deployment", to_string(changed.id)}}));
        clear_timers(decision, {"chase_sign_offs"});
    }
    else if (!holds && changed.stage == Stage::signed_off) {
        decision.events.emplace_back(GateReopened{2, changed.revision, "a condition no longer holds"});
        say_in_thread(decision, say("gate2_reopened", {{"deployment", to_string(changed.id)}}));
        chase_sign_offs_later(decision, snapshot);
    }
}

void settle_gate1(Decision& decision, const Deployment& changed, const Snapshot& snapshot)
{
    if (is_read_from_github(changed.plan, *snapshot.policy) && !snapshot.github) {
        return;  // nobody asked GitHub
    }
    const bool holds = all_hold(gate1(changed, snapshot.github, *snapshot.roles, *snapshot.policy));
    const bool held = has_passed(changed, 1);
    if (holds && !held) {
        decision.events.emplace_back(GatePassed{1, changed.revision});
        say_in_thread(decision, say("gate1_passed", {{"deployment", to_string(changed.id)}}));
    }
    else if (!holds && held) {
        decision.events.emplace_back(GateReopened{1, changed.revision, "a condition no longer holds"});
    }
}

void send_pre_notice(Decision& decision, const Deployment& deployment, const Snapshot& snapshot, bool late)
{
    const auto missing = missing_sign_offs(deployment, *snapshot.policy);
    json::array titles;
    for (const auto role : missing) {
        titles.emplace_back(title_of(role));
    }
    json::object facts{
        {"starts_at", iso(deployment.starts_at.value_or(snapshot.now))},
        {"duration_minutes", deployment.duration.count()},
        {"on_call", on_call_for(deployment, snapshot.now, snapshot.team, *snapshot.policy).str()},
        {"dev_lead", first_lead(snapshot).str()},
        {"late", late},
        {"missing", std::move(titles)},
    };
    decision.outbox.push_back({Notice{
        "pre_deployment",
        std::move(facts),
        as_list(people_for(missing, deployment, *snapshot.roles, *snapshot.policy))}});
    decision.events.emplace_back(NoticeSent{"pre_deployment", deployment.schedule, late});
    clear_timers(decision, {"pre_notice"});
}

void schedule_pre_notice(Decision& decision, const Deployment& deployment, const Snapshot& snapshot)
{
    if (!deployment.starts_at) {
        return;
    }
    const auto due = *deployment.starts_at - snapshot.policy->notice_lead;
    if (due <= snapshot.now) {
        send_pre_notice(decision, deployment, snapshot, due < snapshot.now);
    }
    else {
        decision.timers.push_back({"pre_notice", due});
    }
}

std::vector<Button> sign_off_buttons()
{
    return {
        press("signoff"),
        press("decline"),
        press("delegate"),
    };
}

void ask_to_confirm(Decision& decision, const Deployment& deployment, const Snapshot& snapshot)
{
    const auto& policy = *snapshot.policy;
    const auto on_call = on_call_for(deployment, snapshot.now, snapshot.team, policy);
    if (!deployment.starts_at || on_call.empty() || on_call == snapshot.actor.id) {
        return;
    }
    const auto asked = covered_by_on_call(*deployment.starts_at, deployment.duration, policy);
    if (asked.ends <= snapshot.now || has_confirmed(on_call, asked, snapshot.team)) {
        return;
    }
    const json::object facts{
        {"deployment", to_string(deployment.id)},
        {"what", deployment.plan.what},
        {"from", team_time(asked.begins, policy)},
        {"to", team_time(asked.ends, policy)},
    };
    tell(decision, on_call, say("ask_confirm", facts), {press("confirm", "Yes, I'll be there")});
}

void ask_for_sign_offs(
    Decision& decision, const Deployment& deployment, const Snapshot& snapshot, const Sentence& sentence
)
{
    const auto missing = missing_sign_offs(deployment, *snapshot.policy);
    auto people = people_for(missing, deployment, *snapshot.roles, *snapshot.policy);
    for (const auto& declined : deployment.declines) {
        people.erase(declined.user);  // they have answered: it is the author's turn
    }
    for (const auto& person : people) {
        tell(decision, person, sentence, sign_off_buttons());
    }
    chase_sign_offs_later(decision, snapshot);
}

}  // namespace slipway::decisions
