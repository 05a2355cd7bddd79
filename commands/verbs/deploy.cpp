// go, ready, except, start, step, flag, done, clean.
#include "commands/authority.hpp"
#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/verbs/verbs.hpp"

#include <algorithm>
#include <array>

namespace slipway::decisions {

namespace {

namespace json = boost::json;

constexpr std::chrono::hours review_within{24};

/// The lifecycle line on the Linear issue, where `linear.mirror` asks for it.
void mirror(Decision& decision, const Snapshot& snapshot, const std::string& what)
{
    if (snapshot.policy->mirror_lifecycle) {
        const auto& issue = snapshot.deployment->plan.linear_issue;
        decision.outbox.push_back({LinearComment{issue, to_string(snapshot.deployment->id) + ": " + what}});
    }
}

std::string first_lead(const Snapshot& snapshot)
{
    const auto leads = snapshot.roles->holders(Role::dev_lead);
    return leads.empty() ? "" : leads.begin()->str();
}

}  // namespace

Result<Decision> go(const Request&, const Snapshot& snapshot)
{
    const auto stage = in_stage(snapshot, {Stage::planned, Stage::signed_off});
    if (!stage) {
        return stage.error();
    }
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
    const auto stage = in_stage(snapshot, {Stage::planned, Stage::signed_off});
    if (!stage) {
        return stage.error();
    }
    const auto& deployment = *snapshot.deployment;
    if (deployment.ready && deployment.ready->by == snapshot.actor.id) {
        return refuse(say("ready_already", facts_of(snapshot)));
    }
    auto decision = about(snapshot);
    decision.events.emplace_back(OnCallReady{snapshot.actor.id});
    say_in_thread(decision, say("ready_said", facts_of(snapshot)));
    return decision;
}

Result<Decision> except(const Request& request, const Snapshot& snapshot)
{
    const auto stage = in_stage(snapshot, {Stage::planned, Stage::signed_off});
    if (!stage) {
        return stage.error();
    }
    const auto& deployment = *snapshot.deployment;
    const bool dev_lead = snapshot.roles->holds(snapshot.actor.id, Role::dev_lead);
    if (!dev_lead && deployment.plan.priority != Priority::p0) {
        return refuse(say("except_dev_lead", facts_of(snapshot)));
    }
    const auto reason = field(request, "reason").empty() ? request.text : field(request, "reason");
    if (reason.empty()) {
        return refuse(say_at("reason", "reason_missing"));
    }
    const auto window = judge_start(snapshot.now, *snapshot.policy).grade;
    std::vector<std::string> unmet;
    for (const auto& condition : start_conditions(deployment, snapshot)) {
        const bool weekend_stays = condition.key == "window" && window == Grade::emergency_only;
        if (!condition.holds && condition.key != "alone" && condition.key != "lock" && !weekend_stays) {
            unmet.push_back(condition.key);
        }
    }
    if (unmet.empty()) {
        return refuse(say("except_nothing", facts_of(snapshot)));
    }
    const bool urgent = deployment.plan.priority == Priority::p0 || deployment.plan.priority == Priority::p1;
    ExceptionRecorded exception{
        deployment.revision, dev_lead ? Role::dev_lead : Role::on_call, unmet, reason, std::nullopt};
    auto decision = about(snapshot);
    if (urgent) {
        exception.review_due = snapshot.now + review_within;
        decision.timers.push_back({"chase_review", exception.review_due});
    }
    decision.events.emplace_back(std::move(exception));
    say_in_thread(
        decision,
        say("exception_recorded",
            facts_of(snapshot, {{"reason", reason}, {"count", std::to_string(unmet.size())}}))
    );
    return decision;
}

Result<Decision> start(const Request&, const Snapshot& snapshot)
{
    const auto stage = in_stage(snapshot, {Stage::planned, Stage::signed_off});
    if (!stage) {
        return stage.error();
    }
    const auto& deployment = *snapshot.deployment;
    const auto conditions = start_conditions(deployment, snapshot);
    if (!all_hold(conditions)) {
        return refusal_of(conditions);
    }
    auto decision = about(snapshot);
    const auto on_call = on_call_for(deployment, snapshot.now, snapshot.team, *snapshot.policy);
    if (deployment.notice_sent_for_schedule != deployment.schedule) {
        send_pre_notice(decision, deployment, snapshot, true);  // an exception let it start unannounced
    }
    decision.events.emplace_back(Started{
        on_call, to_string(judge_start(snapshot.now, *snapshot.policy).grade), std::nullopt});
    say_in_thread(decision, say("started", facts_of(snapshot, {{"on_call", mention(on_call)}})), {on_call});
    const auto* service = find_service(*snapshot.policy, deployment.plan.service);
    if (service != nullptr && !service->deploy.empty()) {
        decision.outbox.push_back({RunAction{"deploy"}});
    }
    decision.timers.push_back({"pre_notice", std::nullopt});
    decision.timers.push_back({"chase_sign_offs", std::nullopt});
    mirror(decision, snapshot, "deployment started");
    return decision;
}

Result<Decision> step(const Request& request, const Snapshot& snapshot)
{
    const auto stage = in_stage(snapshot, {Stage::deploying});
    if (!stage) {
        return stage.error();
    }
    const auto name = field(request, "step").empty() ? request.text : field(request, "step");
    const auto& steps = snapshot.policy->steps;
    const auto found =
        std::find_if(steps.begin(), steps.end(), [&](const ChecklistItem& item) { return item.key == name; });
    if (found == steps.end()) {
        std::string known;
        for (const auto& item : steps) {
            known += (known.empty() ? "" : ", ") + item.key;
        }
        return refuse(say("step_unknown", {{"step", name}, {"known", known}}));
    }
    auto decision = about(snapshot);
    decision.events.emplace_back(StepDone{name, ""});
    say_in_thread(decision, say("step_done", facts_of(snapshot, {{"label", found->label}})));
    return decision;
}

Result<Decision> flag(const Request& request, const Snapshot& snapshot)
{
    static constexpr std::array stages{"off", "internal", "subset", "all"};
    const auto& deployment = *snapshot.deployment;
    if (deployment.flag_stage.empty()) {
        return refuse(say("flag_none", facts_of(snapshot)));
    }
    const auto wanted = field(request, "flag_stage").empty() ? request.text : field(request, "flag_stage");
    const auto* to = std::find(stages.begin(), stages.end(), wanted);
    const auto* from = std::find(stages.begin(), stages.end(), deployment.flag_stage);
    if (to == stages.end()) {
        return refuse(say("flag_unknown", {{"stage", wanted}}));
    }
    if (to > from + 1 || to == from) {
        return refuse(
            say("flag_one_step",
                facts_of(snapshot, {{"from", *from}, {"next", from + 1 == stages.end() ? *from : from[1]}}))
        );
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
    const auto stage = in_stage(snapshot, {Stage::deploying});
    if (!stage) {
        return stage.error();
    }
    const auto& deployment = *snapshot.deployment;
    const auto tests = smoke_tests(deployment, *snapshot.policy);
    if (!all_hold(tests)) {
        return refusal_of(tests);
    }
    auto decision = about(snapshot);
    decision.events.emplace_back(GatePassed{3, deployment.revision});
    decision.events.emplace_back(Completed{});
    const auto known_issues = field(request, "known_issues");
    json::object facts{
        {"at", iso(snapshot.now)},
        {"on_call", on_call_for(deployment, snapshot.now, snapshot.team, *snapshot.policy).str()},
        {"dev_lead", first_lead(snapshot)},
        {"known_issues", known_issues.empty() ? "None" : known_issues},
    };
    decision.outbox.push_back({Notice{"post_deployment", std::move(facts), {}}});
    decision.events.emplace_back(NoticeSent{"post_deployment", deployment.schedule, false});
    say_in_thread(decision, say("completed", facts_of(snapshot)));
    int number = 0;
    for (const auto after_start : snapshot.policy->check_ins) {
        decision.timers.push_back({"check_in_" + std::to_string(++number), snapshot.now + after_start});
    }
    decision.timers.push_back({"watch_end", snapshot.now + snapshot.policy->watch_length});
    mirror(decision, snapshot, "deployment complete, all smoke tests passed");
    return decision;
}

Result<Decision> clean(const Request&, const Snapshot& snapshot)
{
    const auto stage = in_stage(snapshot, {Stage::watching});
    if (!stage) {
        return stage.error();
    }
    const auto ends = *snapshot.deployment->finished_at + snapshot.policy->watch_length;
    if (snapshot.now < ends) {
        return refuse(
            say("clean_too_early", facts_of(snapshot, {{"ends", team_time(ends, *snapshot.policy)}}))
        );
    }
    auto decision = about(snapshot);
    decision.events.emplace_back(DeclaredClean{});
    say_in_thread(decision, say("declared_clean", facts_of(snapshot)));
    decision.timers.push_back({"watch_end", std::nullopt});
    decision.timers.push_back({"next_update_soon", std::nullopt});
    decision.timers.push_back({"next_update_late", std::nullopt});
    mirror(decision, snapshot, "24 hours clean");
    return decision;
}

}  // namespace slipway::decisions
