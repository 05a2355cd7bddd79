// go, ready, except, review, start, wait, step, flag, done, clean.
#include "commands/pipeline/checklists.hpp"
#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/rollback_steps.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/verbs/authority.hpp"
#include "commands/verbs/shared.hpp"
#include "commands/verbs/verbs.hpp"

#include <algorithm>
#include <array>

namespace slipway::decisions {

namespace {

namespace json = boost::json;

constexpr std::chrono::hours review_within{24};

/// What no reason lifts: two deployments of a service at once and, for anything but a P0, a locked service
/// and a weekend (design 4.1, 4.12).
bool can_be_excepted(const Condition& condition, const Snapshot& snapshot)
{
    const bool weekend = judge_start(snapshot.now, *snapshot.policy).grade == Grade::emergency_only;
    const bool p0 = snapshot.deployment->plan.priority == Priority::p0;
    return condition.key != "alone" && (p0 || condition.key != "lock") &&
           !(condition.key == "window" && weekend);
}

/// What stands for a gate rather than for a moment: passing over it is looked at afterwards.
bool is_of_a_gate(const Condition& condition)
{
    return condition.key.starts_with("gate1:") || condition.key.starts_with("gate2:") ||
           condition.key.starts_with("pre_deployment:");
}

std::vector<Condition> unmet_of(const std::vector<Condition>& conditions)
{
    std::vector<Condition> unmet;
    std::copy_if(conditions.begin(), conditions.end(), std::back_inserter(unmet), [](const Condition& each) {
        return !each.holds;
    });
    return unmet;
}

/// The audited override of `unmet` (design 4.2).
void record_exception(
    Decision& decision,
    const std::vector<Condition>& unmet,
    const std::string& reason,
    const Snapshot& snapshot
)
{
    const auto& deployment = *snapshot.deployment;
    const bool lead = holds(snapshot.actor.id, Role::dev_lead, snapshot);
    ExceptionRecorded exception{
        deployment.revision,
        lead ? Role::dev_lead : Role::on_call,
        {},
        reason,
        std::nullopt,
        head_of(snapshot.github)};
    json::array labels;
    for (const auto& condition : unmet) {
        exception.conditions.push_back(condition.key);
        labels.emplace_back(condition.label);
    }
    const auto priority = deployment.plan.priority;
    const bool urgent = priority == Priority::p0 || priority == Priority::p1;
    json::object facts = facts_of(
        snapshot,
        {{"reason", reason}, {"conditions", std::move(labels)}, {"head", short_commit(exception.commit)}}
    );
    if (urgent || std::any_of(unmet.begin(), unmet.end(), is_of_a_gate)) {
        facts["review"] = team_time(snapshot.now + review_within, *snapshot.policy);
        exception.review_due = snapshot.now + review_within;
        if (!deployment.review_due) {  // one review answers for all that is due
            decision.timers.push_back({"chase_review", exception.review_due});
        }
    }
    decision.events.emplace_back(std::move(exception));
    say_in_thread(decision, say("exception_recorded", std::move(facts)));
}

/// The facts of Gate 1 that were used go into the ledger (design 4.3).
void keep_github_facts(Decision& decision, const Snapshot& snapshot)
{
    if (!snapshot.github) {
        return;
    }
    const auto& facts = snapshot.github->conditions;
    for (const auto& item : snapshot.policy->gate1) {
        const auto fact = facts.find(item.key);
        if (fact != facts.end() && fact->second.holds &&
            !is_ticked(*snapshot.deployment, lists::gate1, item.key)) {
            decision.events.emplace_back(ItemTicked{lists::gate1, item.key, true, fact->second.evidence});
        }
    }
}

void note_step(Decision& decision, const char* step, const Policy& policy)
{
    const auto& steps = policy.steps;
    if (std::any_of(steps.begin(), steps.end(), [&](const ChecklistItem& item) {
            return item.key == step;
        })) {
        decision.events.emplace_back(StepDone{step, ""});
    }
}

/// Everything that follows from a start that may happen.
void begin(Decision& decision, const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    const auto& policy = *snapshot.policy;
    const auto on_call = on_call_of(snapshot);
    keep_github_facts(decision, snapshot);
    settle_gate1(decision, after(decision, snapshot), snapshot);
    if (deployment.notice_sent_for_schedule != deployment.schedule) {
        send_pre_notice(decision, deployment, snapshot, true);  // an exception let it start unannounced
    }
    const auto grade = to_string(judge_start(snapshot.now, policy).grade);
    const auto& github = snapshot.github;
    const auto commit = github && !github->head.empty() ? github->head : deployment.plan.commit;
    decision.events.emplace_back(Started{on_call, grade, commit});
    note_step(decision, "notify", policy);
    say_in_thread(decision, say("started", facts_of(snapshot, {{"on_call", mention(on_call)}})), {on_call});
    run_deploy_when_merged(decision, snapshot);
    if (has_action("deploy", snapshot) && !after(decision, snapshot).actions.contains("deploy")) {
        const auto waits = say("deploy_waits_for_merge", facts_of(snapshot));
        say_in_thread(decision, waits);
        tell(decision, on_call, waits, {press("step", "Merged", {{"step", "merge"}})});
    }
    clear_timers(decision, {"pre_notice", "chase_sign_offs"});
    mirror(decision, snapshot, "deployment started");
}

Result<Decision> start_by_exception(
    const std::vector<Condition>& conditions, const std::string& reason, const Snapshot& snapshot
)
{
    const auto unmet = unmet_of(conditions);
    std::vector<Condition> firm;
    std::copy_if(unmet.begin(), unmet.end(), std::back_inserter(firm), [&](const Condition& each) {
        return !can_be_excepted(each, snapshot);
    });
    if (!firm.empty()) {
        return refusal_to_start(firm, snapshot);
    }
    if (!may_except(snapshot)) {
        auto refusal = refusal_to_start(unmet, snapshot);
        refusal.sentences.push_back(say("except_dev_lead", facts_of(snapshot)));
        return refusal;
    }
    auto decision = about(snapshot);
    record_exception(decision, unmet, reason, snapshot);
    begin(decision, snapshot);
    return decision;
}

/// A step by its key or label, in any case.
const ChecklistItem* step_named(const std::string& name, const Checklist& steps)
{
    const auto found = std::find_if(steps.begin(), steps.end(), [&](const ChecklistItem& item) {
        return item.key == name || item.label == name;
    });
    return found == steps.end() ? nullptr : &*found;
}

}  // namespace

void run_deploy_when_merged(Decision& decision, const Snapshot& snapshot)
{
    const auto changed = after(decision, snapshot);
    const auto& steps = snapshot.policy->steps;
    const bool merges = std::any_of(steps.begin(), steps.end(), [](const ChecklistItem& item) {
        return item.key == "merge";
    });
    const bool merged = !merges || is_ticked(changed, lists::steps, "merge");
    const bool is_open = !is_ticked(changed, lists::steps, "deploy") && !changed.actions.contains("deploy");
    if (changed.stage == Stage::deploying && merged && is_open && has_action("deploy", snapshot)) {
        begin_action(decision, "deploy");
    }
}

Result<Decision> go(const Request&, const Snapshot& snapshot)
{
    if (snapshot.deployment->go) {
        return refuse(say("go_already", facts_of(snapshot)));
    }
    auto decision = about(snapshot);
    decision.events.emplace_back(GoGiven{});
    say_in_thread(decision, say("go_given", facts_of(snapshot)));
    return decision;
}

Result<Decision> ready(const Request&, const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    const auto& policy = *snapshot.policy;
    const auto span =
        covered_by_on_call(deployment.starts_at.value_or(snapshot.now), deployment.duration, policy);
    if (is_ready(deployment, snapshot.actor.id, span, snapshot.team)) {
        return refuse(say("ready_already", facts_of(snapshot)));
    }
    auto decision = about(snapshot);
    decision.events.emplace_back(OnCallReady{snapshot.actor.id});
    say_in_thread(decision, say("ready_said", facts_of(snapshot)));
    return decision;
}

Result<Decision> except(const Request& request, const Snapshot& snapshot)
{
    const auto reason = field_or_text(request, "reason");
    if (reason.empty()) {
        return refuse(say_at("reason", "reason_missing"));
    }
    std::vector<Condition> unmet;
    for (const auto& condition : unmet_of(start_conditions(*snapshot.deployment, snapshot))) {
        if (can_be_excepted(condition, snapshot)) {
            unmet.push_back(condition);
        }
    }
    if (unmet.empty()) {
        return refuse(say("except_nothing", facts_of(snapshot)));
    }
    auto decision = about(snapshot);
    record_exception(decision, unmet, reason, snapshot);
    return decision;
}

Result<Decision> review(const Request& request, const Snapshot& snapshot)
{
    if (!snapshot.deployment->review_due) {
        return refuse(say("review_nothing", facts_of(snapshot)));
    }
    const auto note = field_or_text(request, "note");
    if (note.empty()) {
        return refuse(say_at("note", "review_note_missing"));
    }
    auto decision = about(snapshot);
    decision.events.emplace_back(ReviewDone{note});
    say_in_thread(decision, say("review_done", facts_of(snapshot, {{"note", note}})));
    clear_timers(decision, {"chase_review"});
    return decision;
}

Result<Decision> start(const Request& request, const Snapshot& snapshot)
{
    const auto conditions = start_conditions(*snapshot.deployment, snapshot);
    if (!all_hold(conditions)) {
        const auto reason = field_or_text(request, "reason");
        return reason.empty() ? Result<Decision>(refusal_to_start(conditions, snapshot))
                              : start_by_exception(conditions, reason, snapshot);
    }
    auto decision = about(snapshot);
    begin(decision, snapshot);
    return decision;
}

Result<Decision> wait(const Request&, const Snapshot& snapshot)
{
    if (!is_busy(start_conditions(*snapshot.deployment, snapshot))) {
        return refuse(say("wait_is_free", facts_of(snapshot)));
    }
    Decision decision;
    decision.deployment = snapshot.deployment->id;
    const auto& user = snapshot.actor.id.str();
    decision.timers.push_back(
        {"tell_when_free:" + user, snapshot.now + service_looked_at_again, {{"user", user}}}
    );
    decision.reply.push_back(say("wait_noted", facts_of(snapshot)));
    return decision;
}

Result<Decision> step(const Request& request, const Snapshot& snapshot)
{
    const bool rolling_back = snapshot.deployment->stage == Stage::rolling_back;
    const auto* list = rolling_back ? lists::rollback_steps : lists::steps;
    const auto steps = offered_items(list, *snapshot.deployment, *snapshot.policy);
    const auto name = field_or_text(request, "step");
    const auto* found = step_named(name, steps);
    if (found == nullptr) {
        const auto known = joined(steps, [](const ChecklistItem& item) { return item.key; });
        return refuse(say("step_unknown", {{"step", name}, {"known", known}}));
    }
    if (is_ticked(*snapshot.deployment, list, found->key)) {
        return refuse(say("item_ticked_already", {{"label", found->label}}));
    }
    auto decision = about(snapshot);
    if (rolling_back) {
        record_rollback_step(decision, found->key, {}, snapshot);
        go_on_with_rollback(decision, snapshot);
        return decision;
    }
    decision.events.emplace_back(StepDone{found->key, ""});
    say_in_thread(decision, say("step_done", facts_of(snapshot, {{"label", found->label}})));
    run_deploy_when_merged(decision, snapshot);
    return decision;
}

Result<Decision> flag(const Request& request, const Snapshot& snapshot)
{
    static constexpr std::array stages{"off", "internal", "subset", "all"};
    const auto& deployment = *snapshot.deployment;
    if (deployment.flag_stage.empty()) {
        return refuse(say("flag_none", facts_of(snapshot)));
    }
    const auto wanted = field_or_text(request, "flag_stage");
    const auto* to = std::find(stages.begin(), stages.end(), wanted);
    const auto* from = std::find(stages.begin(), stages.end(), deployment.flag_stage);
    if (to == stages.end()) {
        return refuse(say("flag_unknown", {{"stage", wanted}}));
    }
    const bool last = from + 1 == stages.end();
    if (to > from + 1 || to == from) {
        return refuse(
            say("flag_one_step", facts_of(snapshot, {{"from", *from}, {"next", last ? "" : from[1]}}))
        );
    }
    if (to > from && deployment.stage == Stage::rolling_back) {
        return refuse(say("flag_only_back", facts_of(snapshot)));
    }
    const auto tests = smoke_tests(deployment, *snapshot.policy);
    if (wanted == "all" && deployment.stage == Stage::deploying && !all_hold(tests)) {
        auto refusal = refusal_of(tests);
        refusal.sentences.insert(refusal.sentences.begin(), say("flag_after_validation", facts_of(snapshot)));
        return refusal;
    }
    auto decision = about(snapshot);
    decision.events.emplace_back(FlagMoved{deployment.flag_stage, wanted});
    say_in_thread(
        decision, say("flag_moved", facts_of(snapshot, {{"from", deployment.flag_stage}, {"to", wanted}}))
    );
    return decision;
}

Result<Decision> done(const Request& request, const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    const auto& policy = *snapshot.policy;
    const auto tests = smoke_tests(deployment, policy);
    if (!all_hold(tests)) {
        return refusal_of(tests);
    }
    auto decision = about(snapshot);
    decision.events.emplace_back(GatePassed{3, deployment.revision});
    auto known_issues = field_or_text(request, "known_issues");
    known_issues = known_issues.empty() ? open_issues_of(deployment) : known_issues;
    decision.events.emplace_back(Completed{known_issues});
    json::object facts{
        {"at", iso(snapshot.now)},
        {"on_call", on_call_of(snapshot).str()},
        {"dev_lead", first_lead(snapshot).str()},
        {"known_issues", known_issues.empty() ? "None" : known_issues},
    };
    decision.outbox.push_back({Notice{"post_deployment", std::move(facts), {}}});
    decision.events.emplace_back(NoticeSent{"post_deployment", deployment.schedule, false});
    for (const auto* step : {"smoke", "announce", "watch"}) {
        note_step(decision, step, policy);
    }
    say_in_thread(decision, say("completed", facts_of(snapshot)));
    int number = 0;
    for (const auto after_start : policy.check_ins) {
        decision.timers.push_back({lists::check_in + std::to_string(++number), snapshot.now + after_start});
    }
    decision.timers.push_back({"watch_end", snapshot.now + policy.watch_length});
    mirror(decision, snapshot, "deployment complete, all smoke tests passed");
    return decision;
}

Result<Decision> clean(const Request&, const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    const auto ends = *deployment.finished_at + snapshot.policy->watch_length;
    Refusal refusal;
    if (snapshot.now < ends) {
        refusal.sentences.push_back(
            say("clean_too_early", facts_of(snapshot, {{"ends", team_time(ends, *snapshot.policy)}}))
        );
    }
    if (const auto* issue = open_issue(deployment)) {
        refusal.sentences.push_back(
            say("clean_open_issue", facts_of(snapshot, {{"problem", issue->raised.what}}))
        );
    }
    if (!refusal.sentences.empty()) {
        return refusal;
    }
    auto decision = about(snapshot);
    const auto unanswered = unanswered_check_ins(deployment, *snapshot.policy);
    decision.events.emplace_back(DeclaredClean{unanswered});
    auto facts = facts_of(snapshot);
    if (unanswered > 0) {
        facts["unanswered"] = std::to_string(unanswered);
        facts["check_ins"] = std::to_string(snapshot.policy->check_ins.size());
    }
    say_in_thread(decision, say("declared_clean", std::move(facts)));
    end_watch(decision, *snapshot.policy);
    clear_timers(decision, {"next_update_soon", "next_update_late", "automatic_rollback", "countdown"});
    mirror(decision, snapshot, "24 hours clean");
    return decision;
}

}  // namespace slipway::decisions
