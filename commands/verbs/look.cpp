// Verbs that only look: overview, help, list, status, check, history.
#include "commands/pipeline/checklists.hpp"
#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/stages.hpp"
#include "commands/pipeline/triggers.hpp"
#include "commands/pipeline/waiting.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/verbs/authority.hpp"
#include "commands/verbs/shared.hpp"
#include "commands/verbs/table.hpp"
#include "commands/verbs/verbs.hpp"

#include <algorithm>
#include <set>

namespace slipway::decisions {

namespace {

namespace json = boost::json;

constexpr std::size_t history_shown = 20;

std::string usage(const Verb& verb, const Policy& policy)
{
    return verb.is_command ? "/" + std::string(verb.usage) : policy.command + " " + std::string(verb.usage);
}

Sentence line_of(const Deployment& deployment, const Snapshot& snapshot)
{
    const auto& policy = *snapshot.policy;
    const auto on_call = on_call_for(deployment, snapshot.now, snapshot.team, policy);
    json::object facts{
        {"deployment", to_string(deployment.id)},
        {"what", deployment.plan.what},
        {"service", deployment.plan.service},
        {"stage", to_string(deployment.stage)},
        {"when", deployment.starts_at ? team_time(*deployment.starts_at, policy) : ""},
        {"on_call", mention(on_call)},
    };
    return say("deployment_line", std::move(facts));
}

Sentence stage_line(const StageRow& row, const Snapshot& snapshot)
{
    std::set<UserId> people;
    for (const auto role : row.roles) {
        people.merge(snapshot.roles->holders(role));
    }
    if (row.on_call) {
        people.insert(on_call_at(snapshot.now, snapshot.team, *snapshot.policy));
    }
    return say(
        "help_stage",
        {{"stage", row.stage},
         {"gate", row.gate},
         {"approves", row.approves},
         {"people", mentions(people)},
         {"timeline", row.timeline}}
    );
}

/// The document's quick reference (pipeline document, Quick Reference).
Decision pipeline_tables(const Snapshot& snapshot)
{
    Decision decision;
    decision.reply.push_back(say("help_pipeline"));
    for (const auto& row : stage_rows(*snapshot.policy)) {
        decision.reply.push_back(stage_line(row, snapshot));
    }
    decision.reply.push_back(say("help_triggers"));
    for (const auto& row : trigger_rows(*snapshot.policy)) {
        decision.reply.push_back(
            say("help_trigger",
                {{"name", row.short_name}, {"threshold", row.short_threshold}, {"authority", row.authority}})
        );
    }
    return decision;
}

/// What an event is about, as far as a line has room: what is planned, the item that was ticked, the reason.
std::string item_of(const Event& event, const Snapshot& snapshot)
{
    constexpr std::size_t longest = 60;
    const auto body = to_json(event);
    if (const auto* gate = body.if_contains("gate")) {
        return std::to_string(gate->to_number<int>());
    }
    if (const auto* list = body.if_contains("checklist")) {
        const auto key = boost::json::value_to<std::string>(body.at("item"));
        for (const auto& item :
             offered_items(std::string(list->as_string()), *snapshot.deployment, *snapshot.policy)) {
            if (item.key == key) {
                return shortened(item.label, longest);
            }
        }
    }
    const auto* plan = body.if_contains("plan");
    const auto& told = plan != nullptr && plan->is_object() ? plan->get_object() : body;
    for (const auto* key :
         {"what", "item", "step", "action", "to", "reason", "note", "name", "link", "notice"}) {
        const auto* value = told.if_contains(key);
        if (value != nullptr && value->is_string() && !value->get_string().empty()) {
            return shortened(std::string(value->get_string()), longest);
        }
    }
    return {};
}

}  // namespace

Result<Decision> overview(const Request&, const Snapshot& snapshot)
{
    Decision decision;
    for (const auto& deployments : {snapshot.active, snapshot.recent}) {
        for (const auto& deployment : deployments) {
            if (auto waiting = waiting_for(snapshot.actor.id, deployment, snapshot)) {
                decision.reply.push_back(std::move(waiting->what));
            }
        }
    }
    if (decision.reply.empty()) {
        decision.reply.push_back(say("overview_nothing", {{"active", std::to_string(snapshot.active.size())}})
        );
    }
    decision.reply.push_back(say("overview_help"));
    return decision;
}

Result<Decision> help(const Request& request, const Snapshot& snapshot)
{
    const auto& policy = *snapshot.policy;
    if (request.text == "pipeline") {
        return pipeline_tables(snapshot);
    }
    Decision decision;
    if (!request.text.empty()) {
        const auto* verb = find_verb(request.text);
        if (verb == nullptr || verb->offered != Offered::to_people) {
            return refuse(
                say("verb_unknown", {{"word", request.text}, {"nearest", nearest_verb(request.text)}})
            );
        }
        decision.reply.push_back(
            say("help_verb",
                {{"usage", usage(*verb, policy)},
                 {"summary", std::string(verb->summary)},
                 {"example", std::string(verb->example)}})
        );
        return decision;
    }
    decision.reply.push_back(say("help_title"));
    for (const auto& verb : verbs()) {
        if (verb.offered == Offered::to_people && !verb.usage.empty()) {
            decision.reply.push_back(
                say("help_line", {{"usage", usage(verb, policy)}, {"summary", std::string(verb.summary)}})
            );
        }
    }
    return decision;
}

Result<Decision> list(const Request&, const Snapshot& snapshot)
{
    Decision decision;
    for (const auto& deployment : snapshot.active) {
        decision.reply.push_back(line_of(deployment, snapshot));
    }
    if (snapshot.active.empty()) {
        decision.reply.push_back(say("list_empty"));
    }
    for (const auto& deployment : snapshot.recent) {
        decision.reply.push_back(line_of(deployment, snapshot));
    }
    return decision;
}

Result<Decision> status(const Request& request, const Snapshot& snapshot)
{
    if (!snapshot.deployment) {
        return list(request, snapshot);
    }
    Decision decision;
    const auto& deployment = *snapshot.deployment;
    decision.reply.push_back(line_of(deployment, snapshot));
    const auto waiting = titles_of(missing_sign_offs(deployment, *snapshot.policy));
    const bool before = deployment.stage == Stage::planned || deployment.stage == Stage::signed_off;
    if (before && !waiting.empty()) {
        decision.reply.push_back(say("status_waits_for", {{"roles", waiting}}));
    }
    if (const auto* issue = open_issue(deployment); issue != nullptr && !is_ended(deployment.stage)) {
        decision.reply.push_back(
            say("status_issue",
                {{"severity", to_string(issue->severity)},
                 {"problem", issue->raised.what},
                 {"status", issue->status},
                 {"next", team_time(issue->next_update, *snapshot.policy)}})
        );
    }
    return decision;
}

Result<Decision> check(const Request&, const Snapshot& snapshot)
{
    Decision decision;
    decision.deployment = snapshot.deployment->id;
    const auto conditions = start_conditions(*snapshot.deployment, snapshot);
    if (all_hold(conditions)) {
        decision.reply.push_back(say("check_would_start", facts_of(snapshot)));
        return decision;
    }
    decision.reply.push_back(say("check_would_not_start", facts_of(snapshot)));
    auto refusal = refusal_to_start(conditions, snapshot);
    for (auto& sentence : refusal.sentences) {
        decision.reply.push_back(std::move(sentence));
    }
    decision.reply_buttons = std::move(refusal.buttons);
    return decision;
}

Result<Decision> mention_of_bot(const Request&, const Snapshot& snapshot)
{
    if (const auto actor = authorize_actor(*find_verb("mention"), Request{}, snapshot); !actor) {
        return actor.error();
    }
    const auto& deployment = snapshot.deployment;
    Decision decision;
    decision.reply.push_back(say("mentioned", {{"deployment", deployment ? to_string(deployment->id) : ""}}));
    return decision;
}

Result<Decision> history(const Request&, const Snapshot& snapshot)
{
    Decision decision;
    if (!snapshot.deployment) {
        return list({}, snapshot);
    }
    decision.reply.push_back(line_of(*snapshot.deployment, snapshot));
    const auto& events = snapshot.deployment->history;
    const auto first = events.size() > history_shown ? events.size() - history_shown : 0;
    if (first > 0) {
        decision.reply.push_back(say("history_earlier", {{"count", std::to_string(first)}}));
    }
    for (auto i = first; i < events.size(); ++i) {
        auto kind = std::string(kind_of(events[i].event));
        std::replace(kind.begin(), kind.end(), '_', ' ');
        decision.reply.push_back(
            say("history_line",
                {{"at", past_time(events[i].at, snapshot.now, *snapshot.policy)},
                 {"kind", kind},
                 {"item", item_of(events[i].event, snapshot)},
                 {"actor", events[i].actor == "slipway" ? "Slipway" : "<@" + events[i].actor + ">"}})
        );
    }
    return decision;
}

}  // namespace slipway::decisions
