// issue, update, hold.
#include "commands/pipeline/triggers.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/verbs/shared.hpp"
#include "commands/verbs/verbs.hpp"

#include <algorithm>

namespace slipway::decisions {

namespace {

namespace json = boost::json;

/// The open trouble that an update is about: the one it names, else the newest.
std::optional<int> issue_meant(const Request& request, const Deployment& deployment)
{
    const auto open = open_issues(deployment);
    const auto named = field(request, "issue");
    for (const auto number : open) {
        if (named == std::to_string(number)) {
            return number;
        }
    }
    return open.empty() || !named.empty() ? std::nullopt : std::optional(open.back());
}

/// The thread, the card and the on-call developer are told when it will roll back, and how to stop it.
void count_down(Decision& decision, const std::string& problem, Instant begins, const Snapshot& snapshot)
{
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(begins - snapshot.now).count();
    const auto facts = facts_of(snapshot, {{"problem", problem}, {"seconds", std::to_string(seconds)}});
    say_in_thread(decision, say("automatic_rollback_soon", facts));
    tell(
        decision,
        on_call_of(snapshot),
        say("automatic_rollback_soon", facts),
        {press("rollback", "Roll back now", {{"reason", problem}}), press("hold")}
    );
    decision.timers.push_back({"automatic_rollback", begins, {{"reason", problem}}});
    decision.timers.push_back({"countdown", snapshot.now + countdown_step});
}

std::vector<Button> rollback_button(const std::string& problem, const Deployment& deployment)
{
    return is_live(deployment) ? std::vector{press("rollback", {}, {{"reason", problem}})}
                               : std::vector<Button>{};
}

/// What a person reports and the document names no trigger for: the on-call developer decides, and rolls back
/// with one press where it is urgent.
Decision report(const IssueRaised& raised, const Snapshot& snapshot)
{
    auto decision = about(snapshot);
    raise(decision, raised, snapshot);
    const bool urgent = raised.severity == Priority::p0 || raised.severity == Priority::p1;
    if (urgent && on_call_of(snapshot) != snapshot.actor.id) {
        const auto severity = to_string(raised.severity);
        auto facts = facts_of(snapshot, {{"problem", raised.what}, {"severity", severity}});
        tell(
            decision,
            on_call_of(snapshot),
            say("issue_to_on_call", std::move(facts)),
            rollback_button(raised.what, *snapshot.deployment)
        );
    }
    return decision;
}

/// What the update says, or every reason why it cannot.
Result<IssueUpdated> told_in(const Request& request, const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    const auto number = issue_meant(request, deployment);
    if (!number) {
        const bool none = open_issues(deployment).empty();
        return refuse(
            none ? say("update_nothing", facts_of(snapshot))
                 : say_at("issue", "update_issue_over", facts_of(snapshot))
        );
    }
    const auto& issue = deployment.issues.at(static_cast<std::size_t>(*number - 1));
    Refusal refusal;
    IssueUpdated updated;
    updated.issue = number;
    updated.note = field_or_text(request, "note");
    if (updated.note.empty()) {
        refusal.sentences.push_back(say_at("note", "update_note_missing"));
    }
    const auto severity = field(request, "severity");
    const auto known = severity.empty() ? std::optional(issue.severity) : priority_from(severity);
    if (!known || *known == Priority::normal) {
        refusal.sentences.push_back(say_at("severity", "severity_unknown", {{"text", severity}}));
    }
    if (!refusal.sentences.empty()) {
        return refusal;
    }
    if (*known != issue.severity) {
        updated.severity = known;
    }
    const auto impact = field(request, "impact");
    updated.impact = impact == issue.impact ? "" : impact;
    updated.status = field(request, "status").empty() ? issue.status : field(request, "status");
    updated.closed = updated.status == "Resolved";
    updated.next_update = snapshot.now + update_interval(*known);
    return updated;
}

}  // namespace

void announce_issue(
    Decision& decision,
    const Issue& issue,
    const std::string& status,
    std::set<UserId> pings,
    const Snapshot& snapshot
)
{
    pings.erase(UserId{});
    json::object facts{
        {"what", issue.raised.what},
        {"detected_at", iso(issue.at)},
        {"severity", to_string(issue.severity)},
        {"impact", issue.impact},
        {"status", status},
        {"next_update", issue.closed ? "" : iso(issue.next_update)},
        {"on_call", on_call_of(snapshot).str()},
    };
    decision.outbox.push_back({Notice{"escalation", std::move(facts), as_list(pings)}});
    decision.events.emplace_back(NoticeSent{"escalation", snapshot.deployment->schedule, false});
}

void set_update_clock(Decision& decision, const Deployment& deployment, Instant now)
{
    std::optional<Instant> soon;
    std::optional<Instant> late;
    const auto keep_earlier = [&](std::optional<Instant>& earliest, Instant at) {
        earliest = at > now && (!earliest || at < *earliest) ? std::optional(at) : earliest;
    };
    for (const auto& issue : deployment.issues) {
        if (!issue.closed) {
            keep_earlier(soon, issue.next_update - update_reminder);
            keep_earlier(late, issue.next_update);
        }
    }
    decision.timers.push_back({"next_update_soon", soon});
    decision.timers.push_back(
        {"next_update_late", late, late ? json::object{{"due", iso(*late)}} : json::object{}}
    );
}

void raise(Decision& decision, const IssueRaised& raised, const Snapshot& snapshot)
{
    decision.events.emplace_back(raised);
    const auto changed = after(decision, snapshot);
    const auto& issue = changed.issues.back();
    std::set<UserId> pings{on_call_of(snapshot)};
    if (raised.severity == Priority::p0) {
        pings.merge(snapshot.roles->holders(Role::dev_lead));
    }
    announce_issue(decision, issue, issue.status, pings, snapshot);
    const auto next = team_clock(raised.next_update, *snapshot.policy);
    say_in_thread(
        decision, say("issue_raised", facts_of(snapshot, {{"problem", raised.what}, {"next", next}}))
    );
    set_update_clock(decision, changed, snapshot.now);
}

bool may_roll_back_by_itself(const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    // What a newer one was built on is not taken away under it.
    const bool is_newest =
        std::none_of(snapshot.active.begin(), snapshot.active.end(), [&](const Deployment& other) {
            return other.plan.service == deployment.plan.service && is_live(other) &&
                   other.started->at > deployment.started->at;
        });
    return snapshot.policy->automatic_rollback && is_live(deployment) && is_newest &&
           !snapshot.team.locked.contains(deployment.plan.service);
}

Decision alert(const TriggerVerdict& verdict, IssueRaised raised, const Snapshot& snapshot)
{
    const auto& policy = *snapshot.policy;
    const bool immediate = verdict.trigger_class == TriggerClass::immediate;
    raised.what =
        trigger_name(verdict.trigger, policy) + (verdict.evidence.empty() ? "" : ": " + verdict.evidence);
    raised.severity = std::min(raised.severity, severity_of(verdict.trigger_class));
    raised.next_update = snapshot.now + update_interval(raised.severity);
    raised.trigger = verdict.trigger;
    raised.evidence = verdict.evidence;
    // A second trigger neither hastens nor delays the countdown of the first.
    const bool counts_already = automatic_rollback_at(*snapshot.deployment).has_value();
    if (immediate && !counts_already && may_roll_back_by_itself(snapshot)) {
        raised.rolls_back_at = snapshot.now + policy.automatic_rollback_delay;
    }
    auto decision = about(snapshot);
    raise(decision, raised, snapshot);
    if (raised.rolls_back_at) {
        count_down(decision, raised.what, *raised.rolls_back_at, snapshot);
        return decision;
    }
    tell(
        decision,
        on_call_of(snapshot),
        say("trigger_fired", facts_of(snapshot, {{"problem", raised.what}, {"action", verdict.action}})),
        rollback_button(raised.what, *snapshot.deployment)
    );
    return decision;
}

Result<Decision> issue(const Request& request, const Snapshot& snapshot)
{
    IssueRaised raised;
    raised.what = field_or_text(request, "what");
    const auto severity = field(request, "severity").empty() ? "P1" : field(request, "severity");
    const auto known = priority_from(severity);
    Refusal refusal;
    if (raised.what.empty()) {
        refusal.sentences.push_back(say_at("what", "issue_what_missing"));
    }
    if (!known || *known == Priority::normal) {
        refusal.sentences.push_back(say_at("severity", "severity_unknown", {{"text", severity}}));
    }
    const auto rows = trigger_rows(*snapshot.policy);
    const auto trigger = field(request, "trigger");
    const auto row =
        std::find_if(rows.begin(), rows.end(), [&](const TriggerRow& each) { return each.key == trigger; });
    if (!trigger.empty() && row == rows.end()) {
        const auto names = joined(rows, [](const TriggerRow& each) { return each.key; });
        refusal.sentences.push_back(
            say_at("trigger", "trigger_unknown", {{"text", trigger}, {"known", names}})
        );
    }
    if (!refusal.sentences.empty()) {
        return refusal;
    }
    raised.severity = *known;
    raised.impact = field(request, "impact").empty() ? unknown_impact : field(request, "impact");
    raised.status = field(request, "status").empty() ? "Investigating" : field(request, "status");
    raised.next_update = snapshot.now + update_interval(raised.severity);
    if (trigger.empty()) {
        raised.trigger = "manual";
        return report(raised, snapshot);
    }
    const auto seen = raised.what;
    return alert({Finding::fires, row->trigger_class, row->key, row->action, seen}, raised, snapshot);
}

Result<Decision> update(const Request& request, const Snapshot& snapshot)
{
    const auto told = told_in(request, snapshot);
    if (!told) {
        return told.error();
    }
    const auto& updated = *told;
    auto decision = about(snapshot);
    decision.events.emplace_back(updated);
    const auto changed = after(decision, snapshot);
    const auto& issue = changed.issues.at(static_cast<std::size_t>(*updated.issue - 1));
    std::set<UserId> pings;
    if (updated.severity == Priority::p0) {  // as if it had been raised as one
        pings = snapshot.roles->holders(Role::dev_lead);
        pings.insert(on_call_of(snapshot));
    }
    // Who read the first notice was promised the next one, and reads of the end too.
    announce_issue(decision, issue, updated.status + ": " + updated.note, pings, snapshot);
    auto facts = facts_of(
        snapshot,
        {{"note", updated.note},
         {"status", updated.status},
         {"next", team_clock(updated.next_update, *snapshot.policy)}}
    );
    say_in_thread(decision, say(updated.closed ? "issue_resolved" : "issue_updated", std::move(facts)));
    const bool urgent = issue.severity == Priority::p0 || issue.severity == Priority::p1;
    if (updated.closed && urgent && !changed.rollback) {
        ask_for_runbook(
            decision,
            say("runbook_after_issue", facts_of(snapshot, {{"problem", issue.raised.what}})),
            snapshot
        );
    }
    set_update_clock(decision, changed, snapshot.now);
    return decision;
}

Result<Decision> hold(const Request&, const Snapshot& snapshot)
{
    if (!automatic_rollback_at(*snapshot.deployment)) {
        return refuse(say("hold_nothing", facts_of(snapshot)));
    }
    const auto& issue = *open_issue(*snapshot.deployment);
    auto decision = about(snapshot);
    decision.events.emplace_back(IssueUpdated{
        issue.status, "Automatic rollback stopped", issue.next_update, false, true});
    say_in_thread(decision, say("hold_done", facts_of(snapshot)));
    clear_timers(decision, {"automatic_rollback", "countdown"});
    return decision;
}

}  // namespace slipway::decisions
