// issue, update, rollback, retry, rolledback, hold, postmortem.
#include "commands/pipeline/postmortem.hpp"
#include "commands/pipeline/triggers.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/verbs/verbs.hpp"

#include <algorithm>
#include <map>
#include <regex>

namespace slipway::decisions {

namespace {

namespace json = boost::json;

constexpr std::chrono::hours postmortem_within{24};
constexpr std::chrono::seconds countdown_step{15};

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
        {"severity", to_string(issue.severity)},
        {"impact", issue.impact},
        {"status", status},
        {"next_update", issue.closed ? "" : iso(issue.next_update)},
        {"on_call", on_call_of(snapshot).str()},
    };
    decision.outbox.push_back({Notice{"escalation", std::move(facts), as_list(pings)}});
    decision.events.emplace_back(NoticeSent{"escalation", snapshot.deployment->schedule, false});
}

/// Every open trouble follows the rollback: its status is the document's word for where it stands.
void carry_issues(
    Decision& decision, const char* status, bool closed, const std::string& note, const Snapshot& snapshot
)
{
    const auto& deployment = *snapshot.deployment;
    for (const auto number : open_issues(deployment)) {
        const auto& issue = deployment.issues.at(static_cast<std::size_t>(number - 1));
        const auto next = snapshot.now + update_interval(issue.severity);
        decision.events.emplace_back(IssueUpdated{status, note, next, closed, false, number});
    }
    set_update_clock(decision, after(decision, snapshot), snapshot.now);
}

/// Whoever read of a trouble in the channel reads there that it is over: all of them in one notice.
void announce_rolled_back(Decision& decision, const Snapshot& snapshot)
{
    const auto& before = *snapshot.deployment;
    std::optional<Issue> told;
    std::string what;
    for (const auto number : open_issues(before)) {
        const auto& issue = before.issues.at(static_cast<std::size_t>(number - 1));
        what += (what.empty() ? "" : "; ") + issue.raised.what;
        if (!told || issue.severity < told->severity) {
            told = issue;
        }
    }
    if (told) {
        told->raised.what = what;
        told->closed = true;
        announce(decision, *told, "Rolled back", {}, snapshot);
    }
}

bool names_business(const std::string& text)
{
    static const std::regex words(
        R"(\b(revenue|business|payments?|billing|sales|checkout)\b)", std::regex::icase
    );
    return std::regex_search(shortened(text, 3'000), words);
}

/// The roles that a rollback concerns (pipeline document, After rollback): Dev Lead and Product Lead always;
/// the R&D Lead where revenue or business is hit; the Account Manager where clients are.
std::vector<Role> roles_to_tell(const std::string& reason, const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    std::vector<Role> roles{Role::dev_lead, Role::product_lead};
    const bool severe =
        std::any_of(deployment.issues.begin(), deployment.issues.end(), [](const Issue& issue) {
            return issue.severity == Priority::p0 || names_business(issue.impact);
        });
    const bool clients = deployment.plan.client_facing || !deployment.plan.requested_by_client.empty();
    if (severe || clients || deployment.plan.priority == Priority::p0 || names_business(reason)) {
        roles.push_back(Role::rnd_lead);
    }
    if (clients) {
        roles.push_back(Role::account_manager);
    }
    return roles;
}

/// Each hears once, with what each of their roles is told for; the on-call developer too where somebody else,
/// or the bot, began it.
void tell_of_rollback(Decision& decision, const std::string& reason, const Snapshot& snapshot)
{
    std::map<UserId, json::object> told;
    for (const auto role : roles_to_tell(reason, snapshot)) {
        for (const auto& person : snapshot.roles->holders(role)) {
            told[person][to_string(role)] = title_of(role);
        }
    }
    told[on_call_of(snapshot)]["on_call"] = true;
    told.erase(snapshot.actor.id);
    for (auto& [person, facts] : told) {
        for (const auto& [key, value] : facts_of(snapshot, {{"reason", reason}})) {
            facts[key] = value;
        }
        if (facts.contains("account_manager")) {
            facts["client"] = snapshot.deployment->plan.requested_by_client;
        }
        tell(decision, person, say("rollback_told", std::move(facts)));
    }
}

/// A bare rollback asks which (design 1.6).
Decision candidates(const std::string& reason, const Snapshot& snapshot)
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
            json::object which{{"d", deployment.id.number}, {"r", deployment.revision}};
            if (!reason.empty()) {
                which["reason"] = reason;
            }
            decision.reply_buttons.push_back(
                press("rollback", "Roll back " + to_string(deployment.id), std::move(which))
            );
        }
    }
    decision.reply.push_back(say(decision.reply.empty() ? "rollback_nothing" : "rollback_which"));
    return decision;
}

/// Whom the steps that are done by hand are asked of: who began the rollback, or the on-call developer where
/// the bot did.
UserId doer_of_rollback(const Deployment& deployment, const Snapshot& snapshot)
{
    std::string actor;
    for (const auto& recorded : deployment.history) {
        if (std::holds_alternative<RollbackStarted>(recorded.event)) {
            actor = recorded.actor;
        }
    }
    return actor.empty() || actor == "slipway" ? on_call_of(snapshot) : UserId(actor);
}

/// Asks for `steps` up to the first that runs by itself; each is confirmed with a press.
void ask_by_hand(
    Decision& decision, const std::vector<std::string>& steps, const UserId& doer, const Snapshot& snapshot
)
{
    const auto& flag = snapshot.deployment->plan.flag;
    std::vector<json::object> presses;
    for (const auto& step : steps) {
        if (has_action(step, snapshot)) {
            break;
        }
        say_in_thread(decision, say("rollback_by_hand_" + step, facts_of(snapshot, {{"flag", flag}})));
        presses.push_back(press("step", label_of_rollback_step(step), {{"step", step}}));
    }
    tell(decision, doer, say("rollback_by_hand", facts_of(snapshot)), std::move(presses));
}

/// Whether the steps from `first` to `last` were asked for together.
bool were_asked_together(
    const std::vector<std::string>& steps,
    const std::string& first,
    const std::string& last,
    const Snapshot& snapshot
)
{
    const auto begin = std::find(steps.begin(), steps.end(), first);
    const auto end = std::find(begin, steps.end(), last);
    return end != steps.end() &&
           std::none_of(begin, end, [&](const std::string& step) { return has_action(step, snapshot); });
}

/// The team's message, in the document's words: it says that the rollback was executed.
void announce_executed(Decision& decision, const Deployment& changed, const Snapshot& snapshot)
{
    const auto on_call = on_call_of(snapshot);
    say_in_thread(
        decision, say("rollback_verify", facts_of(snapshot, {{"on_call", mention(on_call)}})), {on_call}
    );
    const bool announced =
        std::any_of(changed.history.begin(), changed.history.end(), [](const RecordedEvent& recorded) {
            const auto* sent = std::get_if<NoticeSent>(&recorded.event);
            return sent != nullptr && sent->notice == "rollback";
        });
    if (!announced) {
        decision.outbox.push_back({Notice{"rollback", {{"reason", changed.rollback->reason}}, {}}});
        decision.events.emplace_back(NoticeSent{"rollback", changed.schedule, false});
    }
}

/// The address that was given for a post-mortem; empty where it is none.
std::string address_in(std::string text)
{
    if (text.starts_with('<') && text.ends_with('>')) {  // as Slack writes a link that was typed
        text = text.substr(1, text.find('|') - 1);
        text = text.substr(0, text.find('>'));
    }
    const std::string scheme = "https://";
    const bool whole = text.starts_with(scheme) && text.size() > scheme.size() &&
                       text.find_first_of(" \t\n\r<>|") == std::string::npos;
    return whole ? text : std::string{};
}

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

bool is_live(const Deployment& deployment)
{
    return deployment.stage == Stage::deploying || deployment.stage == Stage::watching;
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
        {press("rollback", "Roll back now", {{"reason", problem}}), press("hold", "Cancel rollback")}
    );
    decision.timers.push_back({"automatic_rollback", begins, {{"reason", problem}}});
    decision.timers.push_back({"countdown", snapshot.now + countdown_step});
}

std::vector<json::object> rollback_button(const std::string& problem, const Deployment& deployment)
{
    return is_live(deployment) ? std::vector{press("rollback", "Roll back", {{"reason", problem}})}
                               : std::vector<json::object>{};
}

/// What a person reports and the document names no trigger for: the on-call developer decides, and rolls back
/// with one press where it is urgent.
Decision report(const IssueRaised& raised, const Snapshot& snapshot)
{
    auto decision = about(snapshot);
    raise(decision, raised, snapshot);
    if (raised.severity == Priority::p0 || raised.severity == Priority::p1) {
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

}  // namespace

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
    announce(decision, issue, issue.status, pings, snapshot);
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
    raised.severity = std::min(raised.severity, immediate ? Priority::p0 : Priority::p1);
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
        std::string names;
        for (const auto& each : rows) {
            names += (names.empty() ? "" : ", ") + each.key;
        }
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

/// What the update says, or every reason why it cannot.
static Result<IssueUpdated> told_in(const Request& request, const Snapshot& snapshot)
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

/// Post-mortems often reveal gaps of the runbook; so does an incident that is over without a rollback.
static void ask_for_runbook(Decision& decision, const Sentence& sentence, const Snapshot& snapshot)
{
    for (const auto& lead : snapshot.roles->holders(Role::dev_lead)) {
        tell(decision, lead, sentence);
    }
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
    announce(decision, issue, updated.status + ": " + updated.note, pings, snapshot);
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

void end_watch(Decision& decision, const Policy& policy)
{
    for (std::size_t number = 1; number <= policy.check_ins.size(); ++number) {
        decision.timers.push_back({"check_in_" + std::to_string(number), std::nullopt});
    }
    clear_timers(decision, {"watch_end"});
}

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

std::string label_of_rollback_step(const std::string& step)
{
    return step == "disable_flag"         ? "Flag off"
           : step == "rollback"           ? "Code reverted"
           : step == "reverse_migrations" ? "Migrations reversed"
                                          : step;
}

bool has_action(const std::string& name, const Snapshot& snapshot)
{
    const auto* service = find_service(*snapshot.policy, snapshot.deployment->plan.service);
    return service != nullptr && !action_of(*service, name).empty();
}

void begin_action(Decision& decision, const std::string& name)
{
    decision.events.emplace_back(ActionBegun{name});
    decision.outbox.push_back({RunAction{name}});
}

/// The deploy that is undone must not go on beside the rollback. What runs elsewhere only people can end.
static void end_deploy(Decision& decision, const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    if (!is_action(deployment, "deploy", ActionState::running)) {
        return;
    }
    const auto* service = find_service(*snapshot.policy, deployment.plan.service);
    if (service != nullptr && !service->deploy.command.empty()) {
        decision.outbox.push_back({EndAction{"deploy"}});
        say_in_thread(decision, say("rollback_ends_deploy", facts_of(snapshot)));
        return;
    }
    say_in_thread(decision, say("rollback_cannot_end_deploy", facts_of(snapshot)), {on_call_of(snapshot)});
}

void go_on_with_rollback(Decision& decision, const Snapshot& snapshot)
{
    const auto changed = after(decision, snapshot);
    const auto open = open_rollback_steps(changed);
    const auto before = open_rollback_steps(*snapshot.deployment);
    if (open.empty()) {
        announce_executed(decision, changed, snapshot);
        return;
    }
    const auto& next = open.front();
    if (!before.empty() && before.front() == next) {
        return;  // it waits for that one still
    }
    if (has_action(next, snapshot)) {
        if (!changed.actions.contains(next)) {
            begin_action(decision, next);
        }
        return;
    }
    const auto& steps = changed.rollback->steps;
    if (before.empty() || !were_asked_together(steps, before.front(), next, snapshot)) {
        ask_by_hand(decision, open, doer_of_rollback(changed, snapshot), snapshot);
    }
}

Decision begin_rollback(const std::string& reason, bool automatic, const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    auto decision = about(snapshot);
    decision.events.emplace_back(RollbackStarted{reason, rollback_steps(deployment.plan), automatic});
    decision.team_events.emplace_back(ServiceLocked{deployment.plan.service, deployment.id});
    const auto facts = facts_of(snapshot, {{"reason", reason}});
    say_in_thread(decision, say(automatic ? "rollback_automatic" : "rollback_started", facts));
    end_deploy(decision, snapshot);
    go_on_with_rollback(decision, snapshot);
    tell_of_rollback(decision, reason, snapshot);
    carry_issues(decision, "Rollback in progress", false, reason, snapshot);
    end_watch(decision, *snapshot.policy);
    clear_timers(decision, {"automatic_rollback", "countdown"});
    decision.timers.push_back({"chase_postmortem", snapshot.now + postmortem_within});
    return decision;
}

Result<Decision> rollback(const Request& request, const Snapshot& snapshot)
{
    auto reason = field_or_text(request, "reason");
    if (!snapshot.deployment) {
        return candidates(reason, snapshot);
    }
    const auto& deployment = *snapshot.deployment;
    if (deployment.stage == Stage::rolling_back || deployment.stage == Stage::rolled_back) {
        return refuse(say("rollback_already", facts_of(snapshot)));
    }
    if (const auto stage = in_stage(snapshot, stage_set({Stage::deploying, Stage::watching})); !stage) {
        return stage.error();
    }
    if (reason.empty()) {  // speed matters: nobody is asked to type a reason first
        const auto* issue = open_issue(deployment);
        reason = issue == nullptr ? "not given yet" : issue->raised.what;
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
    const auto facts = facts_of(snapshot, {{"label", label_of_rollback_step(step)}, {"output", output}});
    if (succeeded) {
        say_in_thread(decision, say("rollback_step_done", facts));
        return;
    }
    const auto on_call = on_call_of(snapshot);
    say_in_thread(decision, say("rollback_step_failed", facts), {on_call});
    tell(
        decision,
        on_call.empty() ? doer_of_rollback(before, snapshot) : on_call,
        say("rollback_step_failed", facts),
        {press("retry", "Run again", {{"action", step}}), press("step", "Done by hand", {{"step", step}})}
    );
}

std::string action_to_retry(const Deployment& deployment)
{
    const auto open = open_rollback_steps(deployment);
    std::string next;
    if (deployment.stage == Stage::deploying && !is_ticked(deployment, "steps", "deploy")) {
        next = "deploy";
    }
    if (deployment.stage == Stage::rolling_back && !open.empty()) {
        next = open.front();
    }
    return is_action(deployment, next, ActionState::failed) ? next : "";
}

Result<Decision> retry(const Request& request, const Snapshot& snapshot)
{
    const auto action = action_to_retry(*snapshot.deployment);
    const auto named = field_or_text(request, "action");
    if (action.empty() || (!named.empty() && named != action) || !has_action(action, snapshot)) {
        return refuse(say("retry_nothing", facts_of(snapshot, {{"action", named}})));
    }
    auto decision = about(snapshot);
    say_in_thread(decision, say("action_again", facts_of(snapshot, {{"action", action}})));
    begin_action(decision, action);
    return decision;
}

Refusal rollback_is_open(const Snapshot& snapshot)
{
    std::string steps;
    for (const auto& step : open_rollback_steps(*snapshot.deployment)) {
        steps += (steps.empty() ? "" : ", ") + label_of_rollback_step(step);
    }
    return refuse(say("rollback_steps_open", facts_of(snapshot, {{"steps", steps}})));
}

/// The draft as a file in the thread; once for what it says.
static void share_draft(Decision& decision, const Snapshot& snapshot)
{
    decision.outbox.push_back({PostmortemFile{}});
    decision.events.emplace_back(NoticeSent{"postmortem", snapshot.deployment->schedule, false});
}

void finish_rollback(Decision& decision, const Snapshot& snapshot)
{
    carry_issues(decision, "Rolled back", true, "The previous version is verified", snapshot);
    decision.events.emplace_back(RolledBack{});
    announce_rolled_back(decision, snapshot);
    say_in_thread(decision, say("rolled_back", facts_of(snapshot)));
    share_draft(decision, snapshot);
    ask_for_runbook(decision, say("runbook_after_incident", facts_of(snapshot)), snapshot);
    mirror(decision, snapshot, "rolled back, previous version verified");
}

Result<Decision> rolledback(const Request&, const Snapshot& snapshot)
{
    if (!open_rollback_steps(*snapshot.deployment).empty()) {
        return rollback_is_open(snapshot);
    }
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
    const auto given = field_or_text(request, "link");
    auto decision = about(snapshot);
    if (given.empty()) {
        if (is_draft_current(*snapshot.deployment)) {
            return refuse(say("postmortem_drafted", facts_of(snapshot)));
        }
        share_draft(decision, snapshot);
        return decision;
    }
    const auto link = address_in(given);
    if (link.empty()) {
        return refuse(say_at("link", "postmortem_link_unknown", facts_of(snapshot)));
    }
    decision.events.emplace_back(PostmortemLinked{link});
    say_in_thread(decision, say("postmortem_linked", facts_of(snapshot, {{"link", link}})));
    clear_timers(decision, {"chase_postmortem"});
    return decision;
}

}  // namespace slipway::decisions
