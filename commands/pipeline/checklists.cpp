#include "commands/pipeline/checklists.hpp"

#include "commands/pipeline/rollback_steps.hpp"

#include <algorithm>
#include <array>

namespace slipway {

namespace {

Checklist without(const Checklist& list, std::initializer_list<const char*> keys)
{
    Checklist rest;
    std::copy_if(list.begin(), list.end(), std::back_inserter(rest), [&](const ChecklistItem& item) {
        return std::find(keys.begin(), keys.end(), item.key) == keys.end();
    });
    return rest;
}

/// The item about migrations, where the plan has none and the bot knows it.
const char* needless(const Deployment& deployment)
{
    return deployment.plan.has_migrations ? "" : "migrations";
}

Checklist gate1_items(const Deployment& deployment, const Policy& policy)
{
    auto items = is_read_from_github(deployment.plan, policy) ? Checklist{} : policy.gate1;
    if (deployment.plan.complex) {
        items.push_back({dev_lead_review, "Dev Lead reviews complex or architectural changes"});
    }
    return items;
}

std::vector<Condition> gate1_conditions(const Deployment& deployment, const Snapshot& snapshot)
{
    return gate1(deployment, {}, *snapshot.roles, *snapshot.policy);
}

Checklist qa_items(const Deployment&, const Policy& policy) { return policy.qa; }

Checklist gate2_items(const Deployment&, const Policy& policy)
{
    return without(policy.gate2, {"product_lead", "requestor", "client_facing", "rollback_plan"});
}

std::vector<Condition> gate2_conditions(const Deployment& deployment, const Snapshot& snapshot)
{
    auto conditions = gate2(deployment, *snapshot.roles, *snapshot.policy);
    std::erase_if(conditions, [](const Condition& each) { return each.key == "gate2:not_declined"; });
    return conditions;
}

Checklist pre_deployment_items(const Deployment& deployment, const Policy& policy)
{
    return without(policy.pre_deployment, {"gate2", "on_call", "notified", needless(deployment)});
}

/// What is merged already need not be merged after the start.
Checklist steps_before_start(const Deployment&, const Policy& policy)
{
    Checklist merge;
    std::copy_if(
        policy.steps.begin(),
        policy.steps.end(),
        std::back_inserter(merge),
        [](const ChecklistItem& item) { return item.key == "merge"; }
    );
    return merge;
}

/// The notices, the smoke tests and the watch are what the bot does or sees itself.
Checklist steps_items(const Deployment&, const Policy& policy)
{
    return without(policy.steps, {"notify", "smoke", "announce", "watch"});
}

std::vector<Condition> steps_conditions(const Deployment& deployment, const Snapshot& snapshot)
{
    std::vector<Condition> conditions;
    const auto ticked = steps_items(deployment, *snapshot.policy);
    for (const auto& step : snapshot.policy->steps) {
        const bool holds = is_ticked(deployment, lists::steps, step.key);
        const bool known = std::none_of(ticked.begin(), ticked.end(), [&](const ChecklistItem& item) {
            return item.key == step.key;
        });
        conditions.push_back({std::string(lists::steps) + ":" + step.key, step.label, holds, known, {}});
    }
    return conditions;
}

Checklist smoke_items(const Deployment& deployment, const Policy& policy)
{
    return without(policy.smoke, {needless(deployment)});
}

Checklist check_in_items(const Deployment&, const Policy& policy) { return policy.monitoring; }

Checklist rollback_steps_items(const Deployment& deployment, const Policy&)
{
    Checklist steps;
    if (deployment.rollback) {
        for (const auto& step : deployment.rollback->steps) {
            steps.push_back({step, label_of_rollback_step(step)});
        }
    }
    return steps;
}

/// The new feature is not part of the old version.
Checklist rollback_smoke_items(const Deployment& deployment, const Policy& policy)
{
    return without(policy.smoke, {"feature", needless(deployment)});
}

constexpr auto deploying = stage_set({Stage::deploying});
constexpr auto watching = stage_set({Stage::watching});
constexpr auto rolling_back = stage_set({Stage::rolling_back});

// Of two rows of one key the one for the deployment's stage counts, else the last one.
constexpr std::array table{
    ListRow{lists::gate1, "Gate 1", "Gate 1", before_start, gate1_items, gate1_conditions},
    ListRow{lists::qa, "QA", "QA", before_start, qa_items},
    ListRow{lists::gate2, "Gate 2", "Gate 2", before_start, gate2_items, gate2_conditions},
    ListRow{
        lists::pre_deployment,
        "Before deploying",
        "Pre-deployment",
        before_start,
        pre_deployment_items,
        pre_deployment},
    ListRow{lists::steps, "Steps", "Steps", before_start, steps_before_start},
    ListRow{lists::steps, "Steps", "Steps", deploying, steps_items, steps_conditions},
    ListRow{lists::smoke, "Smoke tests", "Smoke tests", deploying, smoke_items},
    ListRow{
        .key = lists::check_in,
        .title = "Check-in",
        .label = "Check-in",
        .stages = watching,
        .items = check_in_items,
        .says = "Tick what you looked at and found fine"},
    ListRow{lists::rollback_steps, "Rollback steps", "Rollback steps", rolling_back, rollback_steps_items},
    ListRow{lists::rollback_smoke, "Old version", "Smoke tests", rolling_back, rollback_smoke_items},
};

/// "check_in_2" is the check-in of that number, where there are so many.
bool is_key_of(const ListRow& row, std::string_view key, const Policy& policy)
{
    if (row.key != lists::check_in) {
        return row.key == key;
    }
    for (std::size_t number = 1; number <= policy.check_ins.size(); ++number) {
        if (key == lists::check_in + std::to_string(number)) {
            return true;
        }
    }
    return false;
}

}  // namespace

const ListRow* find_list(const std::string& key, const Deployment& deployment, const Policy& policy)
{
    const ListRow* found = nullptr;
    for (const auto& row : table) {
        if (is_key_of(row, key, policy)) {
            found = &row;
            if (row.stages.contains(deployment.stage)) {
                break;
            }
        }
    }
    return found;
}

Checklist offered_items(const std::string& key, const Deployment& deployment, const Policy& policy)
{
    const auto* list = find_list(key, deployment, policy);
    return list == nullptr ? Checklist{} : list->items(deployment, policy);
}

std::vector<Condition> conditions_of(
    const std::string& key, const Deployment& deployment, const Snapshot& snapshot
)
{
    const auto* list = find_list(key, deployment, *snapshot.policy);
    if (list == nullptr) {
        return {};
    }
    if (list->conditions != nullptr) {
        return list->conditions(deployment, snapshot);
    }
    std::vector<Condition> conditions;
    for (const auto& item : list->items(deployment, *snapshot.policy)) {
        const bool holds = is_ticked(deployment, key, item.key);
        conditions.push_back({key + ":" + item.key, item.label, holds, false, {}});
    }
    return conditions;
}

std::optional<Instant> check_in_opens(
    const std::string& key, const Deployment& deployment, const Policy& policy
)
{
    if (!deployment.finished_at) {
        return std::nullopt;
    }
    auto opens = *deployment.finished_at;
    for (std::size_t number = 1; number <= policy.check_ins.size(); ++number) {
        if (key == lists::check_in + std::to_string(number)) {
            return opens;
        }
        opens = *deployment.finished_at + policy.check_ins[number - 1];
    }
    return std::nullopt;
}

int unanswered_check_ins(const Deployment& deployment, const Policy& policy)
{
    int unanswered = 0;
    for (std::size_t number = 1; number <= policy.check_ins.size(); ++number) {
        const auto answered = deployment.ticks.find(lists::check_in + std::to_string(number));
        unanswered += answered == deployment.ticks.end() || answered->second.empty() ? 1 : 0;
    }
    return unanswered;
}

bool is_rollback_verified(const Deployment& deployment, const Policy& policy)
{
    const auto tests = rollback_smoke_items(deployment, policy);
    return std::all_of(tests.begin(), tests.end(), [&](const ChecklistItem& item) {
        return is_ticked(deployment, lists::rollback_smoke, item.key);
    });
}

}  // namespace slipway
