// signal: what the monitoring shows.
#include "commands/pipeline/lists.hpp"
#include "commands/pipeline/triggers.hpp"
#include "commands/verbs/shared.hpp"
#include "commands/verbs/verbs.hpp"

#include <algorithm>

namespace slipway::decisions {

namespace {

constexpr std::chrono::hours counts_as_before{1};  ///< a failure older than this is not the one seen now
constexpr std::chrono::minutes repeats_within{10};

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

/// Whether it is open, raised as what is as urgent: a rise of the rate that was to be evaluated and has
/// become one to roll back for is told anew.
bool has_open(const Deployment& deployment, const Signal& signal, Priority severity)
{
    const auto& issues = deployment.issues;
    return std::any_of(issues.begin(), issues.end(), [&](const Issue& issue) {
        return !issue.closed && is_about(issue, signal) && issue.raised.severity <= severity;
    });
}

/// Whether the trouble is told of already: of `deployment`, or of a younger one of its service, whose doing
/// it then is, also while that one is being rolled back. What shows while two are watched is one trouble.
bool is_told(const Signal& signal, Priority severity, const Deployment& deployment, const Snapshot& snapshot)
{
    return has_open(deployment, signal, severity) ||
           std::any_of(snapshot.active.begin(), snapshot.active.end(), [&](const Deployment& other) {
               return other.plan.service == signal.service && is_younger(other, deployment) &&
                      has_open(other, signal, severity);
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
    const auto list = deployment.ticks.find(lists::failing_before);
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
        const bool meant =
            before_start.contains(deployment.stage) && deployment.plan.service == signal.service;
        if (meant && (next == nullptr || comes_before(deployment, *next, snapshot.now))) {
            next = &deployment;
        }
    }
    const auto verdict = judge_signal(signal, snapshot.now, *snapshot.policy);
    if (next == nullptr || is_counted(signal) || verdict.finding != Finding::fires) {
        return {};
    }
    const auto list = next->ticks.find(lists::failing_before);
    const auto subject = subject_of(signal);
    if (list != next->ticks.end() && list->second.contains(subject) &&
        snapshot.now - list->second.at(subject).at < repeats_within) {
        return {};
    }
    Decision decision;
    decision.deployment = next->id;
    decision.events.emplace_back(ItemTicked{lists::failing_before, subject, true, verdict.evidence});
    return decision;
}

}  // namespace

Result<Decision> signal(const Request& request, const Snapshot& snapshot)
{
    const auto rows = trigger_rows(*snapshot.policy);
    auto seen = signal_of(request, snapshot.now);
    const bool known =
        std::any_of(rows.begin(), rows.end(), [&](const TriggerRow& row) { return row.key == seen.kind; });
    const auto* service = find_service(*snapshot.policy, seen.service);
    if (!known || service == nullptr) {
        return refuse(say("signal_unknown", {{"service", seen.service}, {"kind", seen.kind}}));
    }
    seen.service = service->name;
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
    const auto severity =
        verdict.finding == Finding::fires ? severity_of(verdict.trigger_class) : Priority::normal;
    if (verdict.finding == Finding::calm || is_told(seen, severity, *about_it.deployment, snapshot)) {
        return Decision{};
    }
    if (verdict.finding == Finding::fires) {
        return alert(verdict, seen_by_monitoring(), about_it);
    }
    const auto* id = verdict.finding == Finding::unknown ? "signal_no_data" : "signal_failing_before";
    const auto item = (is_counted(seen) ? seen.kind : subject_of(seen)) + ":" + id;
    if (is_ticked(*about_it.deployment, lists::noticed, item)) {
        return Decision{};  // said once; a poll repeats it every minute
    }
    Decision decision;
    decision.deployment = about_it.deployment->id;
    decision.events.emplace_back(ItemTicked{lists::noticed, item, true, verdict.evidence});
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

}  // namespace slipway::decisions
