#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/unicode.hpp"
#include "commands/verbs/verbs.hpp"

#include <algorithm>

namespace slipway::decisions {

namespace json = boost::json;

std::string field(const Request& request, const std::string& key)
{
    const auto* value = request.fields.if_contains(key);
    std::string text;
    if (value != nullptr && value->is_string()) {
        text = json::value_to<std::string>(*value);
    }
    else if (value != nullptr && value->is_int64()) {
        text = std::to_string(value->get_int64());
    }
    const auto first = text.find_first_not_of(" \t\n\r");
    const auto last = text.find_last_not_of(" \t\n\r");
    return first == std::string::npos ? std::string{} : text.substr(first, last - first + 1);
}

Decision about(const Snapshot& snapshot)
{
    Decision decision;
    decision.deployment = snapshot.deployment->id;
    decision.outbox.push_back({CardRefresh{}});
    return decision;
}

std::string mention(const UserId& user) { return user.empty() ? "nobody" : "<@" + user.str() + ">"; }

json::object facts_of(const Snapshot& snapshot)
{
    json::object facts{{"actor", mention(snapshot.actor.id)}};
    if (snapshot.deployment) {
        const auto& deployment = *snapshot.deployment;
        facts["deployment"] = to_string(deployment.id);
        facts["what"] = deployment.plan.what;
        facts["service"] = deployment.plan.service;
        facts["stage"] = to_string(deployment.stage);
    }
    return facts;
}

json::object facts_of(
    const Snapshot& snapshot, std::initializer_list<std::pair<json::string_view, json::value_ref>> more
)
{
    auto facts = facts_of(snapshot);
    facts.insert(more);
    return facts;
}

void say_in_thread(Decision& decision, Sentence sentence, std::vector<UserId> pings)
{
    decision.outbox.push_back({ThreadNote{std::move(sentence), std::move(pings)}});
}

Result<void> in_stage(const Snapshot& snapshot, std::initializer_list<Stage> stages)
{
    const auto now = snapshot.deployment->stage;
    if (std::find(stages.begin(), stages.end(), now) != stages.end()) {
        return {};
    }
    std::string wanted;
    for (const auto stage : stages) {
        wanted += (wanted.empty() ? "" : " or ") + to_string(stage);
    }
    return refuse(say("wrong_stage", facts_of(snapshot, {{"wanted", wanted}})));
}

std::vector<UserId> as_list(const std::set<UserId>& people) { return {people.begin(), people.end()}; }

Deployment after(const Decision& decision, const Snapshot& snapshot)
{
    auto deployment = snapshot.deployment.value_or(Deployment{});
    for (const auto& event : decision.events) {
        apply(deployment, {decision.deployment.value(), snapshot.actor.id.str(), snapshot.now, event});
    }
    return deployment;
}

void settle_gate2(Decision& decision, const Deployment& changed, const Snapshot& snapshot)
{
    const bool holds = all_hold(gate2(changed, *snapshot.roles, *snapshot.policy));
    if (holds && changed.stage == Stage::planned) {
        decision.events.emplace_back(GatePassed{2, changed.revision});
        say_in_thread(decision, say("gate2_passed", {{"deployment", to_string(changed.id)}}));
        decision.timers.push_back({"chase_sign_offs", std::nullopt});
    }
    else if (!holds && changed.stage == Stage::signed_off) {
        decision.events.emplace_back(GateReopened{2, changed.revision, "a condition no longer holds"});
        say_in_thread(decision, say("gate2_reopened", {{"deployment", to_string(changed.id)}}));
    }
}

void send_pre_notice(Decision& decision, const Deployment& deployment, const Snapshot& snapshot, bool late)
{
    const auto missing = missing_sign_offs(deployment, *snapshot.policy);
    json::array titles;
    for (const auto role : missing) {
        titles.emplace_back(title_of(role));
    }
    const auto leads = snapshot.roles->holders(Role::dev_lead);
    json::object facts{
        {"starts_at", iso(deployment.starts_at.value_or(snapshot.now))},
        {"duration_minutes", deployment.duration.count()},
        {"on_call", on_call_for(deployment, snapshot.now, snapshot.team, *snapshot.policy).str()},
        {"dev_lead", leads.empty() ? "" : leads.begin()->str()},
        {"late", late},
        {"missing", std::move(titles)},
    };
    decision.outbox.push_back({Notice{
        "pre_deployment",
        std::move(facts),
        as_list(people_for(missing, deployment, *snapshot.roles, *snapshot.policy))}});
    decision.events.emplace_back(NoticeSent{"pre_deployment", deployment.schedule, late});
    decision.timers.push_back({"pre_notice", std::nullopt});
}

void schedule_pre_notice(Decision& decision, const Deployment& deployment, const Snapshot& snapshot)
{
    if (!deployment.starts_at) {
        return;
    }
    const auto due = *deployment.starts_at - snapshot.policy->notice_lead;
    if (due <= snapshot.now) {
        send_pre_notice(decision, deployment, snapshot, due < snapshot.now);
    }
    else {
        decision.timers.push_back({"pre_notice", due});
    }
}

Refusal refusal_of(const std::vector<Condition>& conditions)
{
    Refusal refusal;
    for (const auto& condition : conditions) {
        const bool said = std::find(refusal.sentences.begin(), refusal.sentences.end(), condition.why) !=
                          refusal.sentences.end();
        if (!condition.holds && !said) {
            refusal.sentences.push_back(condition.why);
        }
    }
    return refusal;
}

}  // namespace slipway::decisions
