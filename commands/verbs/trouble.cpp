// issue, update, rollback, rolledback, postmortem.
#include "commands/authority.hpp"
#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/triggers.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/verbs/verbs.hpp"

#include <algorithm>

namespace slipway::decisions {

namespace {

namespace json = boost::json;

constexpr std::chrono::minutes update_reminder{5};
constexpr std::chrono::hours postmortem_within{24};

/// The clock of the next update: asked for shortly before, and said in the thread when it is late
/// (design 4.10).
void set_update_clock(Decision& decision, std::optional<Instant> next)
{
    decision.timers.push_back(
        {"next_update_soon", next ? std::optional(*next - update_reminder) : std::nullopt}
    );
    decision.timers.push_back({"next_update_late", next});
}

Notice escalation(const Issue& issue, const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    return {
        "escalation",
        {
            {"what", issue.raised.what},
            {"detected_at", iso(issue.at)},
            {"severity", to_string(issue.raised.severity)},
            {"impact", issue.raised.impact},
            {"status", issue.status},
            {"next_update", iso(issue.next_update)},
            {"on_call", on_call_for(deployment, snapshot.now, snapshot.team, *snapshot.policy).str()},
        },
        {on_call_for(deployment, snapshot.now, snapshot.team, *snapshot.policy)},
    };
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

const Action& action_of(const Service& service, const std::string& step)
{
    return step == "disable_flag" ? service.disable_flag
           : step == "rollback"   ? service.rollback
                                  : service.reverse_migrations;
}

/// Whom a rollback concerns (pipeline document, After rollback): Dev Lead and Product Lead always; the R&D
/// Lead where the business is hit; the Account Manager where clients are.
std::set<UserId> people_to_tell(const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    auto people = snapshot.roles->holders(Role::dev_lead);
    people.merge(snapshot.roles->holders(Role::product_lead));
    const bool severe =
        std::any_of(deployment.issues.begin(), deployment.issues.end(), [](const Issue& issue) {
            return issue.raised.severity == Priority::p0;
        });
    const bool clients = deployment.plan.client_facing || !deployment.plan.requested_by_client.empty();
    if (severe || clients) {
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
                steps += (steps.empty() ? "" : ", ") + step;
            }
            decision.reply.push_back(
                say("rollback_candidate",
                    {{"deployment", to_string(deployment.id)},
                     {"what", deployment.plan.what},
                     {"service", deployment.plan.service},
                     {"stage", to_string(deployment.stage)},
                     {"steps", steps}})
            );
        }
    }
    decision.reply.push_back(say(decision.reply.empty() ? "rollback_nothing" : "rollback_which"));
    return decision;
}

}  // namespace

Result<Decision> issue(const Request& request, const Snapshot& snapshot)
{
    const auto stage = in_stage(snapshot, {Stage::deploying, Stage::watching, Stage::rolling_back});
    if (!stage) {
        return stage.error();
    }
    IssueRaised raised;
    raised.what = field(request, "what").empty() ? request.text : field(request, "what");
    if (raised.what.empty()) {
        return refuse(say_at("what", "issue_what_missing"));
    }
    raised.severity = priority_from(field(request, "severity")).value_or(Priority::p1);
    raised.impact = field(request, "impact").empty() ? "Not known yet" : field(request, "impact");
    raised.status = field(request, "status").empty() ? "Investigating" : field(request, "status");
    raised.trigger = field(request, "trigger").empty() ? "manual" : field(request, "trigger");
    raised.evidence = field(request, "evidence");
    raised.next_update = snapshot.now + update_interval(raised.severity);
    auto decision = about(snapshot);
    decision.events.emplace_back(raised);
    const auto changed = after(decision, snapshot);
    decision.outbox.push_back({escalation(changed.issues.back(), snapshot)});
    decision.events.emplace_back(NoticeSent{"escalation", snapshot.deployment->schedule, false});
    say_in_thread(
        decision,
        say("issue_raised",
            facts_of(
                snapshot,
                {{"problem", raised.what}, {"next", team_clock(raised.next_update, *snapshot.policy)}}
            ))
    );
    set_update_clock(decision, raised.next_update);
    return decision;
}

Result<Decision> update(const Request& request, const Snapshot& snapshot)
{
    if (snapshot.deployment->issues.empty()) {
        return refuse(say("update_nothing", facts_of(snapshot)));
    }
    const auto& last = snapshot.deployment->issues.back();
    IssueUpdated updated;
    updated.note = field(request, "note").empty() ? request.text : field(request, "note");
    if (updated.note.empty()) {
        return refuse(say_at("note", "update_note_missing"));
    }
    updated.status = field(request, "status").empty() ? last.status : field(request, "status");
    updated.closed = updated.status == "Resolved";
    updated.next_update = snapshot.now + update_interval(last.raised.severity);
    auto decision = about(snapshot);
    decision.events.emplace_back(updated);
    auto facts = facts_of(
        snapshot,
        {{"note", updated.note},
         {"status", updated.status},
         {"next", team_clock(updated.next_update, *snapshot.policy)}}
    );
    say_in_thread(decision, say(updated.closed ? "issue_resolved" : "issue_updated", std::move(facts)));
    set_update_clock(decision, updated.closed ? std::nullopt : std::optional(updated.next_update));
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
    const auto stage = in_stage(snapshot, {Stage::deploying, Stage::watching});
    if (!stage) {
        return stage.error();
    }
    auto reason = field(request, "reason").empty() ? request.text : field(request, "reason");
    if (reason.empty()) {  // speed matters: nobody is asked to type a reason first
        reason = deployment.issues.empty() ? "not given yet" : deployment.issues.back().raised.what;
    }
    auto decision = about(snapshot);
    const auto steps = rollback_steps(deployment.plan);
    decision.events.emplace_back(RollbackStarted{reason, steps, request.source == Source::timer});
    decision.events.emplace_back(NoticeSent{"rollback", deployment.schedule, false});
    decision.team_events.emplace_back(ServiceLocked{deployment.plan.service, deployment.id});
    decision.outbox.push_back({Notice{"rollback", {{"reason", reason}}, {}}});
    const auto facts = facts_of(snapshot, {{"reason", reason}});
    say_in_thread(decision, say("rollback_started", facts));
    const auto* service = find_service(*snapshot.policy, deployment.plan.service);
    for (const auto& step : steps) {
        const bool runs = service != nullptr && !action_of(*service, step).empty();
        if (runs) {
            decision.outbox.push_back({RunAction{step}});
        }
        else {
            say_in_thread(
                decision,
                say("rollback_by_hand_" + step, facts_of(snapshot, {{"flag", deployment.plan.flag}}))
            );
        }
    }
    for (const auto& person : people_to_tell(snapshot)) {
        decision.outbox.push_back({DirectMessage{person, say("rollback_told", facts)}});
    }
    for (const auto* stopped : {"check_in_1", "check_in_2", "check_in_3", "watch_end"}) {
        decision.timers.push_back({stopped, std::nullopt});
    }
    decision.outbox.push_back({PostmortemFile{}});
    decision.timers.push_back({"chase_postmortem", snapshot.now + postmortem_within});
    return decision;
}

Result<Decision> rolledback(const Request&, const Snapshot& snapshot)
{
    const auto stage = in_stage(snapshot, {Stage::rolling_back});
    if (!stage) {
        return stage.error();
    }
    auto decision = about(snapshot);
    decision.events.emplace_back(RolledBack{});
    say_in_thread(decision, say("rolled_back", facts_of(snapshot)));
    return decision;
}

Result<Decision> postmortem(const Request& request, const Snapshot& snapshot)
{
    const auto stage = in_stage(snapshot, {Stage::rolling_back, Stage::rolled_back});
    if (!stage) {
        return stage.error();
    }
    const auto link = field(request, "link").empty() ? request.text : field(request, "link");
    auto decision = about(snapshot);
    if (link.empty()) {
        decision.outbox.push_back({PostmortemFile{}});
        return decision;
    }
    decision.events.emplace_back(PostmortemLinked{link});
    say_in_thread(decision, say("postmortem_linked", facts_of(snapshot, {{"link", link}})));
    decision.timers.push_back({"chase_postmortem", std::nullopt});
    return decision;
}

}  // namespace slipway::decisions
