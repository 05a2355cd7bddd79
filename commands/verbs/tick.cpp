// tick, untick: somebody vouches by name for items of the document's lists.
#include "commands/verbs/verbs.hpp"

#include <algorithm>
#include <array>

namespace slipway::decisions {

namespace {

constexpr auto before_start = stage_set({Stage::planned, Stage::signed_off});

/// A list as it is offered for this deployment, and while it may be ticked.
struct Offer {
    Checklist items;
    StageSet stages;
};

/// What the bot knows by itself nobody needs to vouch for.
Checklist without(const Checklist& list, std::initializer_list<const char*> known)
{
    Checklist rest;
    std::copy_if(list.begin(), list.end(), std::back_inserter(rest), [&](const ChecklistItem& item) {
        return std::find(known.begin(), known.end(), item.key) == known.end();
    });
    return rest;
}

Checklist only(const Checklist& list, const char* key)
{
    Checklist one;
    std::copy_if(list.begin(), list.end(), std::back_inserter(one), [&](const ChecklistItem& item) {
        return item.key == key;
    });
    return one;
}

Checklist rollback_steps_of(const Deployment& deployment)
{
    Checklist steps;
    if (deployment.rollback) {
        for (const auto& step : deployment.rollback->steps) {
            steps.push_back({step, label_of_rollback_step(step)});
        }
    }
    return steps;
}

std::optional<Offer> offer_of(const std::string& name, const Deployment& deployment, const Policy& policy)
{
    const auto* migrations = deployment.plan.has_migrations ? "" : "migrations";
    if (name == "gate1") {
        auto items = is_read_from_github(deployment.plan, policy) ? Checklist{} : policy.gate1;
        if (deployment.plan.complex) {
            items.push_back({dev_lead_review, "Dev Lead reviews complex or architectural changes"});
        }
        return Offer{std::move(items), before_start};
    }
    if (name == "qa") {
        return Offer{policy.qa, before_start};
    }
    if (name == "gate2") {
        return Offer{
            without(policy.gate2, {"product_lead", "requestor", "client_facing", "rollback_plan"}),
            before_start};
    }
    if (name == "pre_deployment") {
        return Offer{
            without(policy.pre_deployment, {"gate2", "on_call", "notified", migrations}), before_start};
    }
    if (name == "steps") {  // what is merged already need not be merged after the start
        return before_start.contains(deployment.stage) ? Offer{only(policy.steps, "merge"), before_start}
                                                       : Offer{policy.steps, stage_set({Stage::deploying})};
    }
    if (name == "smoke") {
        return Offer{without(policy.smoke, {migrations}), stage_set({Stage::deploying})};
    }
    if (name == "rollback_smoke") {
        return Offer{rollback_smoke_of(deployment, policy), stage_set({Stage::rolling_back})};
    }
    if (name == "rollback_steps") {
        return Offer{rollback_steps_of(deployment), stage_set({Stage::rolling_back})};
    }
    const std::string check_in = "check_in_";
    for (std::size_t number = 1; number <= policy.check_ins.size(); ++number) {
        if (name == check_in + std::to_string(number)) {
            return Offer{policy.monitoring, stage_set({Stage::watching})};
        }
    }
    return std::nullopt;
}

Result<Offer> offer_for(const Request& request, const Snapshot& snapshot)
{
    const auto name = field(request, "checklist");
    const auto offer = offer_of(name, *snapshot.deployment, *snapshot.policy);
    if (!offer) {
        return refuse(say("checklist_unknown", {{"checklist", name}}));
    }
    const auto item = field(request, "item");
    const bool own_word = !offer->items.empty() && (item.empty() || item == dev_lead_review);
    if (name == "gate1" && is_read_from_github(snapshot.deployment->plan, *snapshot.policy) && !own_word) {
        return refuse(say("gate1_by_github", facts_of(snapshot)));
    }
    if (const auto stage = in_stage(snapshot, offer->stages); !stage) {
        return stage.error();
    }
    return *offer;
}

struct Change {
    std::vector<ChecklistItem> ticked, cleared;
};

std::string labels(const std::vector<ChecklistItem>& items)
{
    std::string text;
    for (const auto& item : items) {
        text += (text.empty() ? "" : "; ") + item.label;
    }
    return text;
}

/// One item by name, as slash commands and buttons of a message give it.
Result<ChecklistItem> item_of(const Offer& offer, const std::string& key)
{
    const auto found = std::find_if(offer.items.begin(), offer.items.end(), [&](const ChecklistItem& item) {
        return item.key == key;
    });
    if (found != offer.items.end()) {
        return *found;
    }
    const auto known = joined(offer.items, [](const ChecklistItem& item) { return item.key; });
    return refuse(say("item_unknown", {{"item", key}, {"known", known}}));
}

/// All items at once, as checkboxes give them: what is not among them is cleared.
Change change_to(
    const boost::json::array& wanted,
    const Offer& offer,
    const std::string& name,
    const Deployment& deployment
)
{
    Change change;
    for (const auto& item : offer.items) {
        const bool now = is_ticked(deployment, name, item.key);
        const bool then = std::any_of(wanted.begin(), wanted.end(), [&](const boost::json::value& each) {
            return each.is_string() && each.get_string() == item.key;
        });
        if (then && !now) {
            change.ticked.push_back(item);
        }
        if (now && !then) {
            change.cleared.push_back(item);
        }
    }
    return change;
}

void record(Decision& decision, const std::string& name, const Change& change, const Snapshot& snapshot)
{
    for (const auto& item : change.ticked) {
        if (name == "rollback_steps") {
            record_rollback_step(decision, item.key, true, "", snapshot);
        }
        else {
            decision.events.emplace_back(ItemTicked{name, item.key, false, ""});
        }
    }
    for (const auto& item : change.cleared) {
        decision.events.emplace_back(ItemCleared{name, item.key, ""});
    }
    if (!change.ticked.empty() && name != "rollback_steps") {
        say_in_thread(decision, say("items_ticked", facts_of(snapshot, {{"items", labels(change.ticked)}})));
    }
    if (!change.cleared.empty()) {
        say_in_thread(
            decision, say("items_cleared", facts_of(snapshot, {{"items", labels(change.cleared)}}))
        );
    }
}

/// What the change brings about: a gate passes or opens again, the next act becomes possible.
Result<void> settle(
    Decision& decision, const std::string& name, const Change& change, const Snapshot& snapshot
)
{
    const auto changed = after(decision, snapshot);
    const auto& policy = *snapshot.policy;
    if (name == "gate1") {
        settle_gate1(decision, changed, snapshot);
    }
    if (name == "gate2") {
        settle_gate2(decision, changed, snapshot);
    }
    const bool were = all_hold(smoke_tests(*snapshot.deployment, policy));
    if (name == "smoke" && !were && all_hold(smoke_tests(changed, policy))) {
        const auto on_call = on_call_of(snapshot);
        say_in_thread(
            decision, say("smoke_passed", facts_of(snapshot, {{"on_call", mention(on_call)}})), {on_call}
        );
    }
    if (name == "steps") {
        run_deploy_when_merged(decision, snapshot);
    }
    if (name == "rollback_steps" && !change.ticked.empty()) {
        go_on_with_rollback(decision, snapshot);
    }
    if (name == "rollback_smoke" && is_rollback_verified(changed, policy)) {
        if (!open_rollback_steps(changed).empty()) {
            return rollback_is_open(snapshot);
        }
        finish_rollback(decision, snapshot);
    }
    return {};
}

Result<Decision> decision_for(const std::string& name, const Change& change, const Snapshot& snapshot)
{
    if (change.ticked.empty() && change.cleared.empty()) {
        return Decision{};
    }
    const bool reviews =
        std::any_of(change.ticked.begin(), change.ticked.end(), [&](const ChecklistItem& item) {
            return name == "gate1" && item.key == dev_lead_review;
        });
    if (reviews && !snapshot.roles->holds(snapshot.actor.id, Role::dev_lead)) {
        return refuse(say("gate1_dev_lead", facts_of(snapshot)));
    }
    auto decision = about(snapshot);
    record(decision, name, change, snapshot);
    if (const auto settled = settle(decision, name, change, snapshot); !settled) {
        return settled.error();
    }
    return decision;
}

}  // namespace

Checklist offered_items(const std::string& name, const Deployment& deployment, const Policy& policy)
{
    const auto offer = offer_of(name, deployment, policy);
    return offer ? offer->items : Checklist{};
}

std::vector<Condition> conditions_of(
    const std::string& name, const Deployment& deployment, const Snapshot& snapshot
)
{
    const auto& policy = *snapshot.policy;
    if (name == "gate1") {
        return gate1(deployment, {}, *snapshot.roles, policy);
    }
    if (name == "gate2") {
        auto conditions = gate2(deployment, *snapshot.roles, policy);
        std::erase_if(conditions, [](const Condition& each) { return each.key == "gate2:not_declined"; });
        return conditions;
    }
    if (name == "pre_deployment") {
        return pre_deployment(deployment, snapshot);
    }
    std::vector<Condition> conditions;
    for (const auto& item : offered_items(name, deployment, policy)) {
        const bool holds = is_ticked(deployment, name, item.key);
        conditions.push_back({name + ":" + item.key, item.label, holds, false, {}});
    }
    return conditions;
}

Checklist rollback_smoke_of(const Deployment& deployment, const Policy& policy)
{
    return without(policy.smoke, {"feature", deployment.plan.has_migrations ? "" : "migrations"});
}

bool is_rollback_verified(const Deployment& deployment, const Policy& policy)
{
    const auto tests = rollback_smoke_of(deployment, policy);
    return std::all_of(tests.begin(), tests.end(), [&](const ChecklistItem& item) {
        return is_ticked(deployment, "rollback_smoke", item.key);
    });
}

Result<Decision> tick(const Request& request, const Snapshot& snapshot)
{
    const auto offer = offer_for(request, snapshot);
    if (!offer) {
        return offer.error();
    }
    const auto name = field(request, "checklist");
    const auto key = field(request, "item");
    if (key.empty()) {
        const auto* items = request.fields.if_contains("items");
        const bool submitted = items != nullptr && items->is_array();
        // A modal in which nothing is ticked comes without the field.
        const auto wanted = submitted ? items->get_array() : boost::json::array{};
        if (!submitted && request.source != Source::modal) {
            return refuse(say("item_missing", facts_of(snapshot, {{"checklist", name}})));
        }
        return decision_for(name, change_to(wanted, *offer, name, *snapshot.deployment), snapshot);
    }
    const auto item = item_of(*offer, key);
    if (!item) {
        return item.error();
    }
    if (is_ticked(*snapshot.deployment, name, key)) {
        return refuse(say("item_ticked_already", {{"label", item->label}}));
    }
    return decision_for(name, {{*item}, {}}, snapshot);
}

Result<Decision> untick(const Request& request, const Snapshot& snapshot)
{
    const auto offer = offer_for(request, snapshot);
    if (!offer) {
        return offer.error();
    }
    const auto name = field(request, "checklist");
    const auto item = item_of(*offer, field(request, "item"));
    if (!item) {
        return item.error();
    }
    if (!is_ticked(*snapshot.deployment, name, item->key)) {
        return refuse(say("item_not_ticked", {{"label", item->label}}));
    }
    return decision_for(name, {{}, {*item}}, snapshot);
}

}  // namespace slipway::decisions
