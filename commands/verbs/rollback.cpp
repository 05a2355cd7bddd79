// rollback, retry, rolledback.
#include "commands/pipeline/checklists.hpp"
#include "commands/pipeline/rollback_steps.hpp"
#include "commands/pipeline/triggers.hpp"
#include "commands/verbs/shared.hpp"
#include "commands/verbs/verbs.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string_view>

namespace slipway::decisions {

namespace {

namespace json = boost::json;

constexpr std::chrono::hours postmortem_within{24};

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
        announce_issue(decision, *told, "Rolled back", {}, snapshot);
    }
}

bool names_business(const std::string& text)
{
    static constexpr std::array<std::string_view, 7> business{
        "revenue", "business", "payment", "payments", "billing", "sales", "checkout"};
    std::string word;
    for (const char letter : text + ' ') {
        const auto byte = static_cast<unsigned char>(letter);
        if (std::isalnum(byte) != 0 || letter == '_') {
            word += static_cast<char>(std::tolower(byte));
        }
        else if (std::find(business.begin(), business.end(), word) != business.end()) {
            return true;
        }
        else {
            word.clear();
        }
    }
    return false;
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
            const auto steps = joined(rollback_steps(deployment.plan), label_of_rollback_step);
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
    std::vector<Button> presses;
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

/// The deploy that is undone must not go on beside the rollback. What runs elsewhere only people can end.
void end_deploy(Decision& decision, const Snapshot& snapshot)
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

}  // namespace

void end_watch(Decision& decision, const Policy& policy)
{
    for (std::size_t number = 1; number <= policy.check_ins.size(); ++number) {
        decision.timers.push_back({lists::check_in + std::to_string(number), std::nullopt});
    }
    clear_timers(decision, {"watch_end"});
}

void begin_action(Decision& decision, const std::string& name)
{
    decision.events.emplace_back(ActionBegun{name});
    decision.outbox.push_back({RunAction{name}});
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
    Decision& decision, const std::string& step, const StepResult& result, const Snapshot& snapshot
)
{
    const auto& before = *snapshot.deployment;
    decision.events.emplace_back(RollbackStepDone{step, result.succeeded, result.output, result.accepted});
    if (step == "disable_flag" && result.succeeded && before.flag_stage != "off") {
        decision.events.emplace_back(FlagMoved{before.flag_stage, "off"});
    }
    const auto facts = facts_of(
        snapshot,
        {{"label", label_of_rollback_step(step)},
         {"output", result.output},
         {"unknown", result.unknown},
         {"accepted", result.accepted}}
    );
    if (result.succeeded) {
        say_in_thread(decision, say("rollback_step_done", facts));
        return;
    }
    const auto on_call = on_call_of(snapshot);
    say_in_thread(decision, say("rollback_step_failed", facts), {on_call});
    tell(
        decision,
        on_call.empty() ? doer_of_rollback(before, snapshot) : on_call,
        say("rollback_step_failed", facts),
        {press("retry", {}, {{"action", step}}), press("step", "Done by hand", {{"step", step}})}
    );
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
    const auto steps = joined(open_rollback_steps(*snapshot.deployment), label_of_rollback_step);
    return refuse(say("rollback_steps_open", facts_of(snapshot, {{"steps", steps}})));
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
    for (const auto& item : offered_items(lists::rollback_smoke, *snapshot.deployment, *snapshot.policy)) {
        if (!is_ticked(*snapshot.deployment, lists::rollback_smoke, item.key)) {
            decision.events.emplace_back(ItemTicked{lists::rollback_smoke, item.key, false, ""});
        }
    }
    finish_rollback(decision, snapshot);
    return decision;
}

}  // namespace slipway::decisions
