#include "commands/pipeline/rollback_steps.hpp"

#include "commands/pipeline/lists.hpp"

namespace slipway {

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

std::string action_to_retry(const Deployment& deployment)
{
    const auto open = open_rollback_steps(deployment);
    std::string next;
    if (deployment.stage == Stage::deploying && !is_ticked(deployment, lists::steps, "deploy")) {
        next = "deploy";
    }
    if (deployment.stage == Stage::rolling_back && !open.empty()) {
        next = open.front();
    }
    return is_action(deployment, next, ActionState::failed) ? next : "";
}

}  // namespace slipway
