// timer, signal, action_result: what happens by itself. Nothing here is said by people.
#include "commands/pipeline/calendar.hpp"
#include "commands/pipeline/lists.hpp"
#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/rollback_steps.hpp"
#include "commands/pipeline/runbook.hpp"
#include "commands/pipeline/triggers.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/verbs/shared.hpp"
#include "commands/verbs/verbs.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace slipway::decisions {

namespace {

namespace json = boost::json;

constexpr std::chrono::hours day{24};
constexpr std::chrono::minutes look_again{1};
constexpr std::chrono::seconds countdown_step{15};
constexpr std::chrono::hours counts_as_before{1};  ///< a failure older than this is not the one seen now
constexpr std::chrono::minutes repeats_within{10};
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

/// Asks the on-call developer with the buttons that answer; in the thread where nobody is on call. The card
/// names what is due next.
Decision ask_on_call(const Snapshot& snapshot, const char* sentence, std::vector<json::object> buttons)
{
    auto decision = about(snapshot);
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
    decision.timers.push_back({"watch_end", next_morning(snapshot.now, *snapshot.policy)});
    return decision;
}

bool waits_for_update(const Deployment& deployment)
{
    return !is_ended(deployment.stage) && open_issue(deployment) != nullptr;
}

/// Of the open troubles the one whose update is due next.
std::optional<int> due_next(const Deployment& deployment, Instant now)
{
    std::optional<int> next;
    std::optional<Instant> due;
    for (const auto number : open_issues(deployment)) {
        const auto at = deployment.issues.at(static_cast<std::size_t>(number - 1)).next_update;
        if (at > now && (!due || at < *due)) {
            next = number;
            due = at;
        }
    }
    return next;
}

Result<Decision> fire_next_update_soon(const Request&, const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    const auto next = due_next(deployment, snapshot.now);
    if (!waits_for_update(deployment) || !next) {
        return Decision{};
    }
    const auto& issue = deployment.issues.at(static_cast<std::size_t>(*next - 1));
    auto decision = of_deployment(snapshot);
    if (issue.next_update - snapshot.now <= update_reminder) {  // else it fires late, and another's is next
        decision = ask_on_call(snapshot, "update_due_soon", {press("update", "Update", {{"issue", *next}})});
    }
    set_update_clock(decision, deployment, snapshot.now);
    return decision;
}

/// Those that fell due since the timer was set for the first of them are called late once.
Result<Decision> fire_next_update_late(const Request& request, const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    if (!waits_for_update(deployment)) {
        return Decision{};
    }
    const auto since = field(request, "due").empty() ? Instant{} : instant_from(field(request, "due"));
    std::string problems;
    for (const auto number : open_issues(deployment)) {
        const auto& issue = deployment.issues.at(static_cast<std::size_t>(number - 1));
        if (issue.next_update <= snapshot.now && issue.next_update >= since) {
            problems += (problems.empty() ? "" : "; ") + issue.raised.what;
        }
    }
    auto decision = of_deployment(snapshot);
    set_update_clock(decision, deployment, snapshot.now);
    if (problems.empty()) {
        return decision;
    }
    const auto on_call = on_call_of(snapshot);
    say_in_thread(
        decision,
        say("update_late", facts_of(snapshot, {{"on_call", mention(on_call)}, {"problems", problems}})),
        {on_call}
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
    decision.timers.push_back({request.text, next_morning(snapshot.now, *snapshot.policy)});
    return decision;
}

Result<Decision> fire_chase_postmortem(const Request& request, const Snapshot& snapshot)
{
    if (!snapshot.deployment->postmortem_link.empty()) {
        return Decision{};
    }
    auto decision = ask_on_call(
        snapshot,
        "postmortem_due",
        {press("postmortem", "File it", {{"file", true}}), press("postmortem", "Draft")}
    );
    decision.timers.push_back({request.text, next_morning(snapshot.now, *snapshot.policy)});
    return decision;
}

Result<Decision> fire_tell_when_free(const Request& request, const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    if (!is_before_start(deployment)) {
        return Decision{};
    }
    auto decision = of_deployment(snapshot);
    if (is_busy(start_conditions(deployment, snapshot))) {
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
    const auto& deployment = *snapshot.deployment;
    // Stopped, or switched off meanwhile: nothing rolls back by itself any more.
    const auto begins = automatic_rollback_at(deployment);
    if (!begins || !may_roll_back_by_itself(snapshot)) {
        return Decision{};
    }
    const auto reason = field(request, "reason");
    if (snapshot.now <= *begins + late_after) {
        return begin_rollback(reason, true, snapshot);
    }
    // Nobody saw the end of the countdown, and much may have happened while the bot was away.
    const auto missed =
        say("automatic_rollback_missed",
            facts_of(snapshot, {{"problem", reason}, {"at", team_time(*begins, *snapshot.policy)}}));
    const auto& issue = *open_issue(deployment);
    auto decision = about(snapshot);
    decision.events.emplace_back(IssueUpdated{
        issue.status, "Too late to roll back by itself", issue.next_update, false, true});
    say_in_thread(decision, missed);
    tell(decision, on_call_of(snapshot), missed, {press("rollback", "Roll back", {{"reason", reason}})});
    clear_timers(decision, {"countdown"});
    return decision;
}

/// The card shows how long is left.
Result<Decision> fire_countdown(const Request& request, const Snapshot& snapshot)
{
    const auto begins = automatic_rollback_at(*snapshot.deployment);
    if (!begins) {
        return Decision{};
    }
    auto decision = about(snapshot);
    if (*begins > snapshot.now) {
        decision.timers.push_back({request.text, snapshot.now + countdown_step});
    }
    return decision;
}

// The team's own: said by the calendar, of no deployment.

void set_hand_over(Decision& decision, const Snapshot& snapshot)
{
    const auto next = next_hand_over(snapshot.now, *snapshot.policy);
    decision.timers.push_back(
        next ? TimerChange{"hand_over", next->said_at, {{"sprint_begins", iso(next->sprint_begins)}}}
             : TimerChange{"hand_over", std::nullopt}
    );
}

/// Sets what the calendar asks for next; fired at every start of the bot, after what it missed.
Result<Decision> fire_calendar(const Request&, const Snapshot& snapshot)
{
    Decision decision;
    set_hand_over(decision, snapshot);
    decision.timers.push_back({"runbook_review", next_review_request(snapshot.now, *snapshot.policy)});
    return decision;
}

/// The cards that showed the freeze show it no more.
Result<Decision> fire_freeze_over(const Request& request, const Snapshot& snapshot)
{
    Decision decision;
    redraw_waiting(decision, field(request, "service"), snapshot);
    return decision;
}

/// "D-12 (watching), D-14 (planned)": what goes on while on-call changes hands.
std::string under_way(const Snapshot& snapshot)
{
    return joined(snapshot.active, [](const Deployment& deployment) {
        return to_string(deployment.id) + " (" + to_string(deployment.stage) + ")";
    });
}

/// Both are told, at the sprint that begins; where the bot was away meanwhile, at the one of today.
Result<Decision> fire_hand_over(const Request& request, const Snapshot& snapshot)
{
    const auto& policy = *snapshot.policy;
    Decision decision;
    set_hand_over(decision, snapshot);
    const auto at = std::max(snapshot.now, instant_from(field(request, "sprint_begins")));
    const auto sprint = sprint_at(at, policy);
    const auto comes = on_call_at(at, snapshot.team, policy);
    const auto goes = sprint ? sprint_at(sprint->span.begins - day, policy)->on_call : UserId{};
    if (!sprint || comes == goes) {
        return decision;
    }
    const auto from = team_time(sprint->span.begins, policy);
    const auto to = team_time(sprint->span.ends, policy);
    tell(
        decision,
        comes,
        say("hand_over_to_you",
            {{"person", mention(goes)}, {"from", from}, {"to", to}, {"deployments", under_way(snapshot)}}),
        {press("confirm", "Confirm")}
    );
    tell(decision, goes, say("hand_over_from_you", {{"person", mention(comes)}, {"from", from}}));
    return decision;
}

Result<Decision> fire_runbook_review(const Request&, const Snapshot& snapshot)
{
    const auto& policy = *snapshot.policy;
    Decision decision;
    decision.timers.push_back({"runbook_review", next_review_request(snapshot.now, policy)});
    if (is_review_due(snapshot.now, snapshot.team.runbook_reviewed_at, policy)) {
        for (const auto& lead : snapshot.roles->holders(Role::dev_lead)) {
            tell(decision, lead, say("runbook_review_asked"));
        }
    }
    return decision;
}

struct Firing {
    std::string_view name;  ///< of the timer, up to a number or a colon
    Result<Decision> (*decide)(const Request&, const Snapshot&);
};

constexpr std::array firings{
    Firing{"pre_notice", fire_pre_notice},
    Firing{"chase_sign_offs", fire_chase_sign_offs},
    Firing{lists::check_in, fire_check_in},
    Firing{"watch_end", fire_watch_end},
    Firing{"next_update_soon", fire_next_update_soon},
    Firing{"next_update_late", fire_next_update_late},
    Firing{"chase_review", fire_chase_review},
    Firing{"chase_postmortem", fire_chase_postmortem},
    Firing{"tell_when_free:", fire_tell_when_free},
    Firing{"automatic_rollback", fire_automatic_rollback},
    Firing{"countdown", fire_countdown},
};

constexpr std::array team_firings{
    Firing{"calendar", fire_calendar},
    Firing{"freeze_over:", fire_freeze_over},
    Firing{"hand_over", fire_hand_over},
    Firing{"runbook_review", fire_runbook_review},
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
        auto& times = signal.tickets.emplace();
        for (const auto& opened : tickets->get_array()) {
            if (opened.is_string()) {
                times.push_back(instant_from(std::string(opened.get_string())));
            }
        }
    }
    return signal;
}

bool is_live(const Deployment& deployment)
{
    return deployment.stage == Stage::deploying || deployment.stage == Stage::watching;
}

bool is_younger(const Deployment& one, const Deployment& other)
{
    return one.started && other.started && one.started->at > other.started->at;
}

/// The deployment that a trouble of `service` is about: of those that are live the one that started last.
std::optional<Deployment> live_one(const std::string& service, const Snapshot& snapshot)
{
    std::optional<Deployment> youngest;
    for (const auto& deployment : snapshot.active) {
        const bool meant = is_live(deployment) && deployment.plan.service == service;
        if (meant && (!youngest || is_younger(deployment, *youngest))) {
            youngest = deployment;
        }
    }
    return youngest;
}

IssueRaised seen_by_monitoring()
{
    IssueRaised raised;
    raised.severity = Priority::p2;  // its trigger's class says more
    raised.impact = unknown_impact;
    raised.status = "Investigating";
    return raised;
}

bool is_counted(const Signal& signal) { return signal.kind == "error_rate" || signal.kind == "tickets"; }

/// What a signal is about, beside its kind: "critical_feature:login".
std::string subject_of(const Signal& signal) { return signal.kind + ":" + signal.detail; }

/// Whether `issue` is the trouble that `signal` tells of: of its kind, and where that has a name, of that
/// name.
bool is_about(const Issue& issue, const Signal& signal)
{
    return issue.raised.trigger == signal.kind &&
           (is_counted(signal) || issue.raised.evidence == signal.detail);
}

bool has_open(const Deployment& deployment, const Signal& signal)
{
    const auto& issues = deployment.issues;
    return std::any_of(issues.begin(), issues.end(), [&](const Issue& issue) {
        return !issue.closed && is_about(issue, signal);
    });
}

/// Whether the trouble is told of already: of `deployment`, or of a younger one of its service, whose doing
/// it then is, also while that one is being rolled back. What shows while two are watched is one trouble.
bool is_told(const Signal& signal, const Deployment& deployment, const Snapshot& snapshot)
{
    return has_open(deployment, signal) ||
           std::any_of(snapshot.active.begin(), snapshot.active.end(), [&](const Deployment& other) {
               return other.plan.service == signal.service && is_younger(other, deployment) &&
                      has_open(other, signal);
           });
}

/// Whether the tickets of before the start would be enough by themselves.
bool had_tickets_before(Signal signal, Instant started, const Snapshot& snapshot)
{
    if (signal.kind != "tickets" || !signal.tickets) {
        return false;
    }
    std::erase_if(*signal.tickets, [&](Instant opened) { return opened >= started; });
    return judge_signal(signal, snapshot.now, *snapshot.policy).finding == Finding::fires;
}

/// Whether the same was failing before `deployment` started: seen then, or a trouble of another deployment.
bool was_seen_before(const Signal& signal, const Deployment& deployment, const Snapshot& snapshot)
{
    const auto started = deployment.started->at;
    if (had_tickets_before(signal, started, snapshot)) {
        return true;
    }
    const auto list = deployment.ticks.find("signals_before");
    if (list != deployment.ticks.end()) {
        const auto seen = list->second.find(subject_of(signal));
        if (seen != list->second.end() && started - seen->second.at <= counts_as_before) {
            return true;
        }
    }
    return std::any_of(snapshot.active.begin(), snapshot.active.end(), [&](const Deployment& other) {
        const bool same_service = other.id != deployment.id && other.plan.service == signal.service;
        return same_service && std::any_of(other.issues.begin(), other.issues.end(), [&](const Issue& issue) {
                   return !issue.closed && issue.at < started && issue.raised.trigger == signal.kind &&
                          issue.raised.evidence == signal.detail;
               });
    });
}

/// Whether `one` is likely to start before `other`: what has a time to come, then what is overdue, then what
/// has none.
bool comes_before(const Deployment& one, const Deployment& other, Instant now)
{
    constexpr std::chrono::hours may_still_start{4};
    const auto rank = [&](const Deployment& deployment) {
        const bool overdue = deployment.starts_at && *deployment.starts_at + may_still_start < now;
        return std::pair(!deployment.starts_at ? 2 : overdue ? 1 : 0, deployment.starts_at);
    };
    return rank(one) < rank(other);
}

/// A failure while nothing of the service is live is noted with its next deployment, so that it is not taken
/// for that one's doing. Error rates bring their own baseline.
Decision note_before(const Signal& signal, const Snapshot& snapshot)
{
    const Deployment* next = nullptr;
    for (const auto& deployment : snapshot.active) {
        const bool meant = is_before_start(deployment) && deployment.plan.service == signal.service;
        if (meant && (next == nullptr || comes_before(deployment, *next, snapshot.now))) {
            next = &deployment;
        }
    }
    const auto verdict = judge_signal(signal, snapshot.now, *snapshot.policy);
    if (next == nullptr || is_counted(signal) || verdict.finding != Finding::fires) {
        return {};
    }
    const auto list = next->ticks.find("signals_before");
    const auto subject = subject_of(signal);
    if (list != next->ticks.end() && list->second.contains(subject) &&
        snapshot.now - list->second.at(subject).at < repeats_within) {
        return {};
    }
    Decision decision;
    decision.deployment = next->id;
    decision.events.emplace_back(ItemTicked{"signals_before", subject, true, verdict.evidence});
    return decision;
}

}  // namespace

Result<Decision> timer(const Request& request, const Snapshot& snapshot)
{
    const auto known = snapshot.deployment ? std::span<const Firing>(firings) : team_firings;
    const auto firing = std::find_if(known.begin(), known.end(), [&](const Firing& each) {
        return request.text.starts_with(each.name);
    });
    return firing == known.end() ? Decision{} : firing->decide(request, snapshot);
}

Result<Decision> signal(const Request& request, const Snapshot& snapshot)
{
    const auto rows = trigger_rows(*snapshot.policy);
    auto seen = signal_of(request, snapshot.now);
    const bool known =
        std::any_of(rows.begin(), rows.end(), [&](const TriggerRow& row) { return row.key == seen.kind; });
    if (!known || find_service(*snapshot.policy, seen.service) == nullptr) {
        return refuse(say("signal_unknown", {{"service", seen.service}, {"kind", seen.kind}}));
    }
    auto about_it = snapshot;
    if (!snapshot.deployment) {
        about_it.deployment = live_one(seen.service, snapshot);
    }
    if (!about_it.deployment) {
        return note_before(seen, snapshot);
    }
    if (!is_live(*about_it.deployment)) {  // it ended while it was looked at
        return Decision{};
    }
    seen.was_failing_before =
        seen.was_failing_before || was_seen_before(seen, *about_it.deployment, snapshot);
    const auto verdict = judge_signal(seen, snapshot.now, *snapshot.policy);
    if (verdict.finding == Finding::calm || is_told(seen, *about_it.deployment, snapshot)) {
        return Decision{};
    }
    if (verdict.finding == Finding::fires) {
        return alert(verdict, seen_by_monitoring(), about_it);
    }
    const auto* id = verdict.finding == Finding::unknown ? "signal_no_data" : "signal_failing_before";
    const auto item = (is_counted(seen) ? seen.kind : subject_of(seen)) + ":" + id;
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
                {{"trigger", trigger_name(verdict.trigger, *snapshot.policy)}, {"evidence", verdict.evidence}}
            )),
        {on_call_of(about_it)}
    );
    return decision;
}

Result<Decision> action_result(const Request& request, const Snapshot& snapshot)
{
    constexpr std::size_t most_shown = 2'500;  // a section block holds 3,000 characters
    const auto& deployment = *snapshot.deployment;
    const auto action = field(request, "action");
    const auto output = end_of(field(request, "output"), most_shown);
    const auto is_true = [&](const char* key) {
        const auto* value = request.fields.if_contains(key);
        return value != nullptr && value->is_bool() && value->get_bool();
    };
    const bool succeeded = is_true("succeeded");
    const bool is_over = is_ended(deployment.stage);
    auto decision = about(snapshot);
    if (!is_over) {
        decision.events.emplace_back(ActionEnded{action, succeeded});
    }
    if (is_true("not_run")) {
        say_in_thread(decision, say("action_not_run", facts_of(snapshot, {{"action", action}})));
        return decision;
    }
    const auto open = open_rollback_steps(deployment);
    const bool is_step = std::find(open.begin(), open.end(), action) != open.end();
    if (deployment.stage == Stage::rolling_back && is_step) {
        record_rollback_step(decision, action, succeeded, output, snapshot);
        if (succeeded) {
            go_on_with_rollback(decision, snapshot);
        }
        return decision;
    }
    // A deployment can end before its action does: then there is no step to note, only an outcome to tell.
    if (succeeded && action == "deploy" && !is_over) {
        decision.events.emplace_back(StepDone{action, output});
    }
    const auto facts = facts_of(snapshot, {{"action", action}, {"output", output}});
    const auto on_call = on_call_of(snapshot);
    say_in_thread(decision, say(succeeded ? "action_done" : "action_failed", facts), {on_call});
    std::vector<json::object> buttons{press("rollback", "Roll back"), press("issue", "Report issue")};
    if (action_to_retry(after(decision, snapshot)) == action) {
        buttons.push_back(press("retry", "Run again", {{"action", action}}));
    }
    const bool live = deployment.stage == Stage::deploying || deployment.stage == Stage::watching;
    if (!succeeded && live) {
        tell(decision, on_call, say("action_failed", facts), std::move(buttons));
    }
    return decision;
}

}  // namespace slipway::decisions
