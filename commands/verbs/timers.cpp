// timer, signal, action_result: what happens by itself. Nothing here is said by people.
#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/triggers.hpp"
#include "commands/verbs/verbs.hpp"

#include <algorithm>
#include <array>

namespace slipway::decisions {

namespace {

namespace json = boost::json;

constexpr std::chrono::hours chase_again{24};
constexpr std::chrono::hours ask_clean_again{4};
constexpr std::chrono::minutes look_again{1};
constexpr std::chrono::minutes late_after{1};  ///< a timer that fires a moment after its time is not late

bool is_before_start(const Deployment& deployment)
{
    return deployment.stage == Stage::planned || deployment.stage == Stage::signed_off;
}

Decision of_deployment(const Snapshot& snapshot)
{
    Decision decision;
    decision.deployment = snapshot.deployment->id;
    return decision;
}

/// Asks the on-call developer with the buttons that answer; in the thread where nobody is on call.
Decision ask_on_call(const Snapshot& snapshot, const char* sentence, std::vector<json::object> buttons)
{
    auto decision = of_deployment(snapshot);
    const auto on_call = on_call_of(snapshot);
    const auto asked = say(sentence, facts_of(snapshot, {{"on_call", mention(on_call)}}));
    if (on_call.empty()) {
        say_in_thread(decision, asked);
    }
    else {
        tell(decision, on_call, asked, std::move(buttons));
    }
    return decision;
}

Result<Decision> fire_pre_notice(const Request&, const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    if (!is_before_start(deployment) || !deployment.starts_at ||
        deployment.notice_sent_for_schedule == deployment.schedule) {
        return Decision{};
    }
    auto decision = about(snapshot);
    const auto due = *deployment.starts_at - snapshot.policy->notice_lead;
    send_pre_notice(decision, deployment, snapshot, snapshot.now > due + late_after);
    return decision;
}

Result<Decision> fire_chase_sign_offs(const Request&, const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    const auto missing = missing_sign_offs(deployment, *snapshot.policy);
    if (deployment.stage != Stage::planned || missing.empty()) {
        return Decision{};
    }
    auto decision = of_deployment(snapshot);
    ask_for_sign_offs(decision, deployment, snapshot, say("chase_sign_off", facts_of(snapshot)));
    return decision;
}

Result<Decision> fire_check_in(const Request& request, const Snapshot& snapshot)
{
    if (snapshot.deployment->stage != Stage::watching) {
        return Decision{};
    }
    return ask_on_call(
        snapshot,
        "check_in",
        {press("tick", "Check in", {{"checklist", request.text}}), press("issue", "Report issue")}
    );
}

Result<Decision> fire_watch_end(const Request&, const Snapshot& snapshot)
{
    if (snapshot.deployment->stage != Stage::watching) {
        return Decision{};
    }
    auto decision =
        ask_on_call(snapshot, "ask_clean", {press("clean", "Declare clean"), press("issue", "Report issue")});
    decision.timers.push_back({"watch_end", snapshot.now + ask_clean_again});
    return decision;
}

bool waits_for_update(const Deployment& deployment)
{
    return !is_ended(deployment.stage) && open_issue(deployment) != nullptr;
}

Result<Decision> fire_next_update_soon(const Request&, const Snapshot& snapshot)
{
    return waits_for_update(*snapshot.deployment)
               ? ask_on_call(snapshot, "update_due_soon", {press("update", "Update")})
               : Decision{};
}

Result<Decision> fire_next_update_late(const Request&, const Snapshot& snapshot)
{
    if (!waits_for_update(*snapshot.deployment)) {
        return Decision{};
    }
    auto decision = of_deployment(snapshot);
    const auto on_call = on_call_of(snapshot);
    say_in_thread(
        decision, say("update_late", facts_of(snapshot, {{"on_call", mention(on_call)}})), {on_call}
    );
    return decision;
}

Result<Decision> fire_chase_review(const Request& request, const Snapshot& snapshot)
{
    if (!snapshot.deployment->review_due) {
        return Decision{};
    }
    auto decision = of_deployment(snapshot);
    for (const auto& lead : snapshot.roles->holders(Role::dev_lead)) {
        tell(decision, lead, say("review_due", facts_of(snapshot)));
    }
    decision.timers.push_back({request.text, snapshot.now + chase_again});
    return decision;
}

Result<Decision> fire_chase_postmortem(const Request& request, const Snapshot& snapshot)
{
    if (!snapshot.deployment->postmortem_link.empty()) {
        return Decision{};
    }
    auto decision = ask_on_call(snapshot, "postmortem_due", {});
    decision.timers.push_back({request.text, snapshot.now + chase_again});
    return decision;
}

Result<Decision> fire_tell_when_free(const Request& request, const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    if (!is_before_start(deployment)) {
        return Decision{};
    }
    const auto conditions = start_conditions(deployment, snapshot);
    const bool busy = std::any_of(conditions.begin(), conditions.end(), [](const Condition& each) {
        return each.key == "alone" && !each.holds;
    });
    auto decision = of_deployment(snapshot);
    if (busy) {
        decision.timers.push_back({request.text, snapshot.now + look_again, request.fields});
        return decision;
    }
    tell(
        decision,
        UserId(field(request, "user")),
        say("service_free", facts_of(snapshot)),
        {press("start", "Start")}
    );
    return decision;
}

Result<Decision> fire_automatic_rollback(const Request& request, const Snapshot& snapshot)
{
    const auto stage = snapshot.deployment->stage;
    const bool live = stage == Stage::deploying || stage == Stage::watching;
    // Switched off meanwhile: nothing rolls back by itself any more.
    if (!live || !snapshot.policy->automatic_rollback) {
        return Decision{};
    }
    return begin_rollback(field(request, "reason"), true, snapshot);
}

struct Firing {
    std::string_view name;  ///< of the timer, up to a number or a colon
    Result<Decision> (*decide)(const Request&, const Snapshot&);
};

constexpr std::array firings{
    Firing{"pre_notice", fire_pre_notice},
    Firing{"chase_sign_offs", fire_chase_sign_offs},
    Firing{"check_in_", fire_check_in},
    Firing{"watch_end", fire_watch_end},
    Firing{"next_update_soon", fire_next_update_soon},
    Firing{"next_update_late", fire_next_update_late},
    Firing{"chase_review", fire_chase_review},
    Firing{"chase_postmortem", fire_chase_postmortem},
    Firing{"tell_when_free:", fire_tell_when_free},
    Firing{"automatic_rollback", fire_automatic_rollback},
};

std::optional<double> number(const Request& request, const char* key)
{
    const auto* value = request.fields.if_contains(key);
    if (value == nullptr || !value->is_number()) {
        return std::nullopt;
    }
    return value->to_number<double>();
}

Signal signal_of(const Request& request, Instant now)
{
    Signal signal;
    signal.service = field(request, "service");
    signal.kind = field(request, "kind");
    signal.error_rate = number(request, "error_rate");
    signal.baseline = number(request, "baseline");
    signal.detail = field(request, "detail");
    signal.at = now;
    const auto* before = request.fields.if_contains("was_failing_before");
    signal.was_failing_before = before != nullptr && before->is_bool() && before->get_bool();
    const auto* tickets = request.fields.if_contains("tickets");
    if (tickets != nullptr && tickets->is_array()) {
        for (const auto& opened : tickets->get_array()) {
            if (opened.is_string()) {
                signal.tickets.push_back(instant_from(std::string(opened.get_string())));
            }
        }
    }
    return signal;
}

/// The deployment that a trouble of `service` is about: the newest one that is live.
std::optional<Deployment> live_one(const std::string& service, const Snapshot& snapshot)
{
    std::optional<Deployment> newest;
    for (const auto& deployment : snapshot.active) {
        const bool live = deployment.stage == Stage::deploying || deployment.stage == Stage::watching;
        if (live && deployment.plan.service == service) {
            newest = deployment;
        }
    }
    return newest;
}

std::string name_of(const std::string& trigger, const Policy& policy)
{
    for (const auto& row : trigger_rows(policy)) {
        if (row.key == trigger) {
            return row.name;
        }
    }
    return trigger;
}

/// Raises the trouble and puts the one-press rollback into the on-call developer's hand (design 4.11).
Decision alert(const TriggerVerdict& verdict, const Snapshot& snapshot)
{
    const auto& policy = *snapshot.policy;
    const bool immediate = verdict.trigger_class == TriggerClass::immediate;
    const auto severity = immediate ? Priority::p0 : Priority::p1;
    IssueRaised raised{
        name_of(verdict.trigger, policy) + (verdict.evidence.empty() ? "" : ": " + verdict.evidence),
        severity,
        "Not known yet",
        "Investigating",
        snapshot.now + update_interval(severity),
        verdict.trigger,
        verdict.evidence};
    auto decision = about(snapshot);
    raise(decision, raised, snapshot);
    const auto facts = facts_of(snapshot, {{"problem", raised.what}, {"action", verdict.action}});
    const auto rollback = press("rollback", "Roll back", {{"reason", raised.what}});
    if (!immediate || !policy.automatic_rollback) {
        tell(decision, on_call_of(snapshot), say("trigger_fired", facts), {rollback});
        return decision;
    }
    const auto seconds = policy.automatic_rollback_delay;
    const auto countdown =
        facts_of(snapshot, {{"problem", raised.what}, {"seconds", std::to_string(seconds.count())}});
    say_in_thread(decision, say("automatic_rollback_soon", countdown));
    tell(
        decision,
        on_call_of(snapshot),
        say("automatic_rollback_soon", countdown),
        {rollback, press("hold", "Stop it")}
    );
    decision.timers.push_back({"automatic_rollback", snapshot.now + seconds, {{"reason", raised.what}}});
    return decision;
}

}  // namespace

Result<Decision> timer(const Request& request, const Snapshot& snapshot)
{
    const auto firing = std::find_if(firings.begin(), firings.end(), [&](const Firing& each) {
        return request.text.starts_with(each.name);
    });
    if (firing == firings.end() || !snapshot.deployment) {
        return Decision{};
    }
    return firing->decide(request, snapshot);
}

Result<Decision> signal(const Request& request, const Snapshot& snapshot)
{
    const auto rows = trigger_rows(*snapshot.policy);
    const auto seen = signal_of(request, snapshot.now);
    const bool known =
        std::any_of(rows.begin(), rows.end(), [&](const TriggerRow& row) { return row.key == seen.kind; });
    if (!known || find_service(*snapshot.policy, seen.service) == nullptr) {
        return refuse(say("signal_unknown", {{"service", seen.service}, {"kind", seen.kind}}));
    }
    auto about_it = snapshot;
    about_it.deployment = live_one(seen.service, snapshot);
    if (!about_it.deployment) {
        return Decision{};  // not ours: no deployment of it is in progress or watched
    }
    const auto& issues = about_it.deployment->issues;
    const bool told = std::any_of(issues.begin(), issues.end(), [&](const Issue& issue) {
        return !issue.closed && issue.raised.trigger == seen.kind;
    });
    const auto verdict = judge_signal(seen, snapshot.now, *snapshot.policy);
    if (told || verdict.finding == Finding::calm) {
        return Decision{};
    }
    if (verdict.finding == Finding::fires) {
        return alert(verdict, about_it);
    }
    const auto* id = verdict.finding == Finding::unknown ? "signal_no_data" : "signal_failing_before";
    const auto item = seen.kind + ":" + id;
    if (is_ticked(*about_it.deployment, "signals", item)) {
        return Decision{};  // said once; a poll repeats it every minute
    }
    auto decision = of_deployment(about_it);
    decision.events.emplace_back(ItemTicked{"signals", item, true, verdict.evidence});
    say_in_thread(
        decision,
        say(id,
            facts_of(
                about_it,
                {{"trigger", name_of(verdict.trigger, *snapshot.policy)}, {"evidence", verdict.evidence}}
            ))
    );
    return decision;
}

Result<Decision> action_result(const Request& request, const Snapshot& snapshot)
{
    constexpr std::size_t most_shown = 2'500;  // a section block holds 3,000 characters
    const auto action = field(request, "action");
    const auto output = shortened(field(request, "output"), most_shown);
    const auto* outcome = request.fields.if_contains("succeeded");
    const bool succeeded = outcome != nullptr && outcome->is_bool() && outcome->get_bool();
    auto decision = about(snapshot);
    if (snapshot.deployment->stage == Stage::rolling_back && action != "deploy") {
        record_rollback_step(decision, action, succeeded, output, snapshot);
        return decision;
    }
    if (succeeded && action == "deploy") {
        decision.events.emplace_back(StepDone{action, output});
    }
    const auto facts = facts_of(snapshot, {{"action", action}, {"output", output}});
    const auto on_call = on_call_of(snapshot);
    say_in_thread(decision, say(succeeded ? "action_done" : "action_failed", facts), {on_call});
    const bool live =
        snapshot.deployment->stage == Stage::deploying || snapshot.deployment->stage == Stage::watching;
    if (!succeeded && live && !on_call.empty()) {
        tell(
            decision,
            on_call,
            say("action_failed", facts),
            {press("rollback", "Roll back"), press("issue", "Report issue")}
        );
    }
    return decision;
}

}  // namespace slipway::decisions
