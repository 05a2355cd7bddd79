// issue, update, rollback, rolledback, hold, postmortem.
#include "commands/pipeline/triggers.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/verbs/verbs.hpp"

#include <algorithm>
#include <regex>

namespace slipway::decisions {

namespace {

namespace json = boost::json;

constexpr std::chrono::minutes update_reminder{5};
constexpr std::chrono::hours postmortem_within{24};

/// The clock of the next update: asked for shortly before, and said in the thread when it is late
/// (design 4.10).
void set_update_clock(Decision& decision, std::optional<Instant> next, Instant now)
{
    const bool asked_ahead = next && *next - update_reminder > now;
    decision.timers.push_back(
        {"next_update_soon", asked_ahead ? std::optional(*next - update_reminder) : std::nullopt}
    );
    decision.timers.push_back({"next_update_late", next});
}

/// The next update that somebody was promised and can still get in time.
std::optional<Instant> next_promised(const Deployment& deployment, Instant now)
{
    std::optional<Instant> next;
    for (const auto& issue : deployment.issues) {
        if (!issue.closed && issue.next_update > now && (!next || issue.next_update < *next)) {
            next = issue.next_update;
        }
    }
    return next;
}

/// An update is about all that is open, so it is followed as soon as the worst of it asks.
std::chrono::minutes interval_of_open(const Deployment& deployment)
{
    auto interval = update_interval(Priority::p2);
    for (const auto& issue : deployment.issues) {
        if (!issue.closed) {
            interval = std::min(interval, update_interval(issue.raised.severity));
        }
    }
    return interval;
}

void announce(
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
        {"severity", to_string(issue.raised.severity)},
        {"impact", issue.raised.impact},
        {"status", status},
        {"next_update", iso(issue.next_update)},
        {"on_call", on_call_of(snapshot).str()},
    };
    decision.outbox.push_back({Notice{"escalation", std::move(facts), as_list(pings)}});
    decision.events.emplace_back(NoticeSent{"escalation", snapshot.deployment->schedule, false});
}

/// An open trouble follows the rollback: its status is the document's word for where it stands.
void carry_issue(
    Decision& decision, const char* status, bool closed, const std::string& note, const Snapshot& snapshot
)
{
    const auto& issues = snapshot.deployment->issues;
    for (auto issue = issues.rbegin(); issue != issues.rend(); ++issue) {
        if (!issue->closed) {
            const auto next = snapshot.now + interval_of_open(*snapshot.deployment);
            decision.events.emplace_back(IssueUpdated{status, note, next, closed});
            set_update_clock(decision, closed ? std::nullopt : std::optional(next), snapshot.now);
            if (!closed) {
                return;  // an update is about the newest
            }
        }
    }
}

/// Fastest first (design 4.12): the flag, then the code, then the data.
std::vector<std::string> rollback_steps(const Plan& plan)
{
    std::vector<std::string> steps;
    if (!plan.flag.empty()) {
        steps.emplace_back("disable_flag");
    }
    steps.emplace_back("rollback");
    if (plan.has_migrations) {
        steps.emplace_back("reverse_migrations");
    }
    return steps;
}

bool names_business(const std::string& text)
{
    static const std::regex words(
        R"(\b(revenue|business|payments?|billing|sales|checkout)\b)", std::regex::icase
    );
    return std::regex_search(shortened(text, 3'000), words);
}

/// Whom a rollback concerns (pipeline document, After rollback): Dev Lead and Product Lead always; the R&D
/// Lead where revenue or business is hit; the Account Manager where clients are.
std::set<UserId> people_to_tell(const std::string& reason, const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    auto people = snapshot.roles->holders(Role::dev_lead);
    people.merge(snapshot.roles->holders(Role::product_lead));
    const bool severe =
        std::any_of(deployment.issues.begin(), deployment.issues.end(), [](const Issue& issue) {
            return issue.raised.severity == Priority::p0 || names_business(issue.raised.impact);
        });
    const bool clients = deployment.plan.client_facing || !deployment.plan.requested_by_client.empty();
    if (severe || clients || deployment.plan.priority == Priority::p0 || names_business(reason)) {
        people.merge(snapshot.roles->holders(Role::rnd_lead));
    }
    if (clients) {
        people.merge(snapshot.roles->holders(Role::account_manager));
    }
    return people;
}

/// A bare rollback asks which (design 1.6).
Decision candidates(const Snapshot& snapshot)
{
    Decision decision;
    for (const auto& deployment : snapshot.active) {
        if (deployment.stage == Stage::deploying || deployment.stage == Stage::watching) {
            std::string steps;
            for (const auto& step : rollback_steps(deployment.plan)) {
                steps += (steps.empty() ? "" : ", ") + label_of_rollback_step(step);
            }
            decision.reply.push_back(
                say("rollback_candidate",
                    {{"deployment", to_string(deployment.id)},
                     {"what", deployment.plan.what},
                     {"service", deployment.plan.service},
                     {"stage", to_string(deployment.stage)},
                     {"steps", steps}})
            );
            const json::object which{{"d", deployment.id.number}, {"r", deployment.revision}};
            decision.reply_buttons.push_back(press("rollback", "Roll back " + to_string(deployment.id), which)
            );
        }
    }
    decision.reply.push_back(say(decision.reply.empty() ? "rollback_nothing" : "rollback_which"));
    return decision;
}

/// Runs the steps that have an action; the others are done by hand and confirmed with a press each.
void run_steps(
    Decision& decision, const std::vector<std::string>& steps, const UserId& doer, const Snapshot& snapshot
)
{
    const auto& plan = snapshot.deployment->plan;
    const auto* service = find_service(*snapshot.policy, plan.service);
    std::vector<json::object> presses;
    for (const auto& step : steps) {
        if (service != nullptr && !action_of(*service, step).empty()) {
            decision.outbox.push_back({RunAction{step}});
            continue;
        }
        say_in_thread(decision, say("rollback_by_hand_" + step, facts_of(snapshot, {{"flag", plan.flag}})));
        presses.push_back(press("step", label_of_rollback_step(step), {{"step", step}}));
    }
    if (!presses.empty() && !doer.empty()) {
        tell(decision, doer, say("rollback_by_hand", facts_of(snapshot)), std::move(presses));
    }
}

}  // namespace

void raise(Decision& decision, const IssueRaised& raised, const Snapshot& snapshot)
{
    decision.events.emplace_back(raised);
    const auto changed = after(decision, snapshot);
    const auto& issue = changed.issues.back();
    std::set<UserId> pings{on_call_of(snapshot)};
    if (raised.severity == Priority::p0) {
        pings.merge(snapshot.roles->holders(Role::dev_lead));
    }
    announce(decision, issue, issue.status, pings, snapshot);
    const auto next = team_clock(raised.next_update, *snapshot.policy);
    say_in_thread(
        decision, say("issue_raised", facts_of(snapshot, {{"problem", raised.what}, {"next", next}}))
    );
    set_update_clock(decision, next_promised(changed, snapshot.now), snapshot.now);
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
    if (!refusal.sentences.empty()) {
        return refusal;
    }
    raised.severity = *known;
    raised.impact = field(request, "impact").empty() ? "Not known yet" : field(request, "impact");
    raised.status = field(request, "status").empty() ? "Investigating" : field(request, "status");
    raised.trigger = field(request, "trigger").empty() ? "manual" : field(request, "trigger");
    raised.evidence = field(request, "evidence");
    raised.next_update = snapshot.now + update_interval(raised.severity);
    auto decision = about(snapshot);
    raise(decision, raised, snapshot);
    return decision;
}

Result<Decision> update(const Request& request, const Snapshot& snapshot)
{
    const auto* issue = open_issue(*snapshot.deployment);
    if (issue == nullptr) {
        return refuse(say("update_nothing", facts_of(snapshot)));
    }
    IssueUpdated updated;
    updated.note = field_or_text(request, "note");
    if (updated.note.empty()) {
        return refuse(say_at("note", "update_note_missing"));
    }
    updated.status = field(request, "status").empty() ? issue->status : field(request, "status");
    updated.closed = updated.status == "Resolved";
    updated.next_update = snapshot.now + interval_of_open(*snapshot.deployment);
    auto decision = about(snapshot);
    decision.events.emplace_back(updated);
    const auto changed = after(decision, snapshot);
    if (!updated.closed) {  // who read the first notice was promised the next one
        announce(decision, *open_issue(changed), updated.status + ": " + updated.note, {}, snapshot);
    }
    auto facts = facts_of(
        snapshot,
        {{"note", updated.note},
         {"status", updated.status},
         {"next", team_clock(updated.next_update, *snapshot.policy)}}
    );
    say_in_thread(decision, say(updated.closed ? "issue_resolved" : "issue_updated", std::move(facts)));
    set_update_clock(
        decision,
        updated.closed ? next_promised(changed, snapshot.now) : std::optional(updated.next_update),
        snapshot.now
    );
    return decision;
}

void end_watch(Decision& decision, const Policy& policy)
{
    for (std::size_t number = 1; number <= policy.check_ins.size(); ++number) {
        decision.timers.push_back({"check_in_" + std::to_string(number), std::nullopt});
    }
    clear_timers(decision, {"watch_end"});
}

std::string label_of_rollback_step(const std::string& step)
{
    return step == "disable_flag" ? "Flag off" : step == "rollback" ? "Code reverted" : "Migrations reversed";
}

Decision begin_rollback(const std::string& reason, bool automatic, const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    auto decision = about(snapshot);
    const auto steps = rollback_steps(deployment.plan);
    decision.events.emplace_back(RollbackStarted{reason, steps, automatic});
    decision.events.emplace_back(NoticeSent{"rollback", deployment.schedule, false});
    decision.team_events.emplace_back(ServiceLocked{deployment.plan.service, deployment.id});
    decision.outbox.push_back({Notice{"rollback", {{"reason", reason}}, {}}});
    const auto facts = facts_of(snapshot, {{"reason", reason}});
    say_in_thread(decision, say(automatic ? "rollback_automatic" : "rollback_started", facts));
    run_steps(decision, steps, automatic ? on_call_of(snapshot) : snapshot.actor.id, snapshot);
    for (const auto& person : people_to_tell(reason, snapshot)) {
        if (person != snapshot.actor.id) {
            tell(decision, person, say("rollback_told", facts));
        }
    }
    carry_issue(decision, "Rollback in progress", false, reason, snapshot);
    end_watch(decision, *snapshot.policy);
    clear_timers(decision, {"automatic_rollback", "countdown"});
    decision.timers.push_back({"chase_postmortem", snapshot.now + postmortem_within});
    return decision;
}

Result<Decision> rollback(const Request& request, const Snapshot& snapshot)
{
    if (!snapshot.deployment) {
        return candidates(snapshot);
    }
    const auto& deployment = *snapshot.deployment;
    if (deployment.stage == Stage::rolling_back || deployment.stage == Stage::rolled_back) {
        return refuse(say("rollback_already", facts_of(snapshot)));
    }
    if (const auto stage = in_stage(snapshot, stage_set({Stage::deploying, Stage::watching})); !stage) {
        return stage.error();
    }
    auto reason = field_or_text(request, "reason");
    if (reason.empty()) {  // speed matters: nobody is asked to type a reason first
        reason = deployment.issues.empty() ? "not given yet" : deployment.issues.back().raised.what;
    }
    return begin_rollback(reason, false, snapshot);
}

void record_rollback_step(
    Decision& decision,
    const std::string& step,
    bool succeeded,
    const std::string& output,
    const Snapshot& snapshot
)
{
    const auto& before = *snapshot.deployment;
    decision.events.emplace_back(RollbackStepDone{step, succeeded, output});
    if (step == "disable_flag" && succeeded && before.flag_stage != "off") {
        decision.events.emplace_back(FlagMoved{before.flag_stage, "off"});
    }
    const auto* id = succeeded ? "rollback_step_done" : "rollback_step_failed";
    const auto facts = facts_of(snapshot, {{"label", label_of_rollback_step(step)}, {"output", output}});
    say_in_thread(
        decision, say(id, facts), succeeded ? std::vector<UserId>{} : std::vector{on_call_of(snapshot)}
    );
    const auto changed = after(decision, snapshot);
    const auto& steps = changed.rollback->steps;
    const bool all = std::all_of(steps.begin(), steps.end(), [&](const std::string& each) {
        return is_ticked(changed, "rollback_steps", each);
    });
    if (all && succeeded) {
        const auto on_call = on_call_of(snapshot);
        say_in_thread(
            decision, say("rollback_verify", facts_of(snapshot, {{"on_call", mention(on_call)}})), {on_call}
        );
    }
}

void finish_rollback(Decision& decision, const Snapshot& snapshot)
{
    decision.events.emplace_back(RolledBack{});
    say_in_thread(decision, say("rolled_back", facts_of(snapshot)));
    carry_issue(decision, "Rolled back", true, "The previous version is verified", snapshot);
    decision.outbox.push_back({PostmortemFile{}});
    for (const auto& lead :
         snapshot.roles->holders(Role::dev_lead)) {  // pipeline document, Runbook Maintenance
        tell(decision, lead, say("runbook_after_incident", facts_of(snapshot)));
    }
    mirror(decision, snapshot, "rolled back, previous version verified");
}

Result<Decision> rolledback(const Request&, const Snapshot& snapshot)
{
    // One press vouches by name for every smoke test of the old version that nobody ticked yet.
    auto decision = about(snapshot);
    for (const auto& item : rollback_smoke_of(*snapshot.deployment, *snapshot.policy)) {
        if (!is_ticked(*snapshot.deployment, "rollback_smoke", item.key)) {
            decision.events.emplace_back(ItemTicked{"rollback_smoke", item.key, false, ""});
        }
    }
    finish_rollback(decision, snapshot);
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

Result<Decision> postmortem(const Request& request, const Snapshot& snapshot)
{
    const auto link = field_or_text(request, "link");
    auto decision = about(snapshot);
    if (link.empty()) {
        decision.outbox.push_back({PostmortemFile{}});
        return decision;
    }
    decision.events.emplace_back(PostmortemLinked{link});
    say_in_thread(decision, say("postmortem_linked", facts_of(snapshot, {{"link", link}})));
    clear_timers(decision, {"chase_postmortem"});
    return decision;
}

}  // namespace slipway::decisions
