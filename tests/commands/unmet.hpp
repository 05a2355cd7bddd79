#pragma once

#include "commands/pipeline/gates.hpp"
#include "tests/commands/staged_deployment.hpp"

#include <set>
#include <string>
#include <vector>

namespace slipway::testing {

using Keys = std::set<std::string>;  ///< of conditions

[[nodiscard]] inline Keys unmet_of(const std::vector<Condition>& conditions)
{
    Keys keys;
    for (const auto& condition : conditions) {
        if (!condition.holds) {
            keys.insert(condition.key);
        }
    }
    return keys;
}

[[nodiscard]] inline Keys unmet_to_start(const StagedDeployment& scene)
{
    return unmet_of(start_conditions(scene.deployment, scene.seen_by(person_called("bob"))));
}

/// A deployment that would start, in which `break_it` undoes one thing.
template <class Break>
[[nodiscard]] Keys unmet_after(Break break_it, const Plan& plan = usual_plan())
{
    StagedDeployment scene(plan);
    scene.make_startable();
    REQUIRE(unmet_to_start(scene).empty());
    break_it(scene);
    return unmet_to_start(scene);
}

[[nodiscard]] inline Plan plan_with(void (*change)(Plan&))
{
    auto plan = usual_plan();
    change(plan);
    return plan;
}

[[nodiscard]] inline std::set<Role> roles_for(void (*change)(Plan&))
{
    return required_sign_offs(plan_with(change));
}

}  // namespace slipway::testing
