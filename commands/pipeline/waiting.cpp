#include "commands/pipeline/waiting.hpp"

#include "commands/pipeline/gates.hpp"
#include "commands/pipeline/on_call.hpp"

namespace slipway {

namespace json = boost::json;

Sentence waiting_for(const UserId& person, const Deployment& deployment, const Snapshot& snapshot)
{
    const auto& policy = *snapshot.policy;
    const bool on_call = on_call_for(deployment, snapshot.now, snapshot.team, policy) == person;
    const json::object facts{{"deployment", to_string(deployment.id)}, {"what", deployment.plan.what}};
    switch (deployment.stage) {
        case Stage::planned:
        case Stage::signed_off: {
            const auto missing = missing_sign_offs(deployment, policy);
            if (people_for(missing, deployment, *snapshot.roles, policy).contains(person)) {
                return say("overview_sign_off", facts);
            }
            if (!deployment.go && snapshot.roles->holds(person, Role::dev_lead)) {
                return say("overview_go", facts);
            }
            return on_call && !deployment.ready ? say("overview_ready", facts) : Sentence{};
        }
        case Stage::deploying:
            return on_call ? say("overview_smoke", facts) : Sentence{};
        case Stage::watching: {
            const bool over = snapshot.now >= *deployment.finished_at + policy.watch_length;
            return on_call && over ? say("overview_clean", facts) : Sentence{};
        }
        case Stage::rolling_back:
            return on_call ? say("overview_verify", facts) : Sentence{};
        case Stage::rolled_back:
            return on_call && deployment.postmortem_link.empty() ? say("overview_postmortem", facts)
                                                                 : Sentence{};
        case Stage::done:
        case Stage::cancelled:
            break;
    }
    return {};
}

}  // namespace slipway
