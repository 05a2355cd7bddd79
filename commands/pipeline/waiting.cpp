#include "commands/pipeline/waiting.hpp"

#include "commands/pipeline/gates.hpp"
#include "commands/pipeline/lists.hpp"
#include "commands/pipeline/on_call.hpp"

namespace slipway {

namespace json = boost::json;

namespace {

Button tests(const char* list)
{
    return {.verb = "tick", .label = "Smoke tests", .style = "primary", .fields = {{"checklist", list}}};
}

Button primary(const char* verb) { return {.verb = verb, .style = "primary"}; }

std::optional<Waiting> waiting_before_start(
    const UserId& person, const Deployment& deployment, const json::object& facts, const Snapshot& snapshot
)
{
    const auto& policy = *snapshot.policy;
    const auto missing = missing_sign_offs(deployment, policy);
    if (people_for(missing, deployment, *snapshot.roles, policy).contains(person)) {
        return Waiting{say("overview_sign_off", facts), primary("signoff")};
    }
    if (!deployment.go && snapshot.roles->holds(person, Role::dev_lead)) {
        return Waiting{say("overview_go", facts), primary("go")};
    }
    const bool on_call = on_call_for(deployment, snapshot.now, snapshot.team, policy) == person;
    return on_call && !is_on_call_ready(deployment, snapshot.now, snapshot.team, policy)
               ? std::optional(Waiting{say("overview_ready", facts), primary("ready")})
               : std::nullopt;
}

/// What waits for whoever is on call.
std::optional<Waiting> waiting_for_on_call(
    const Deployment& deployment, const json::object& facts, const Snapshot& snapshot
)
{
    switch (deployment.stage) {
        case Stage::deploying:
            return Waiting{say("overview_smoke", facts), tests(lists::smoke)};
        case Stage::watching:
            if (snapshot.now >= *deployment.finished_at + snapshot.policy->watch_length) {
                return Waiting{say("overview_clean", facts), primary("clean")};
            }
            break;
        case Stage::rolling_back:
            return Waiting{say("overview_verify", facts), tests(lists::rollback_smoke)};
        case Stage::rolled_back:
            if (deployment.postmortem_link.empty()) {
                return Waiting{say("overview_postmortem", facts), Button{.verb = "postmortem"}};
            }
            break;
        case Stage::planned:
        case Stage::signed_off:
        case Stage::done:
        case Stage::cancelled:
            break;
    }
    return std::nullopt;
}

}  // namespace

std::optional<Waiting> waiting_for(
    const UserId& person, const Deployment& deployment, const Snapshot& snapshot
)
{
    const json::object facts{{"deployment", to_string(deployment.id)}, {"what", deployment.plan.what}};
    if (before_start.contains(deployment.stage)) {
        return waiting_before_start(person, deployment, facts, snapshot);
    }
    const bool on_call = on_call_for(deployment, snapshot.now, snapshot.team, *snapshot.policy) == person;
    return on_call ? waiting_for_on_call(deployment, facts, snapshot) : std::nullopt;
}

}  // namespace slipway
