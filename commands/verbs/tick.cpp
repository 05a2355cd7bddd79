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
        return Offer{policy.gate1, before_start};
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
    if (name == "steps") {
        return Offer{policy.steps, stage_set({Stage::deploying})};
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
    std::string known;
    for (const auto& item : offer.items) {
        known += (known.empty() ? "" : ", ") + item.key;
    }
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
void settle(Decision& decision, const std::string& name, const Snapshot& snapshot)
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
    if (name == "rollback_smoke" && is_rollback_verified(changed, policy)) {
        finish_rollback(decision, snapshot);
    }
}

Decision decision_for(const std::string& name, const Change& change, const Snapshot& snapshot)
{
    if (change.ticked.empty() && change.cleared.empty()) {
        return Decision{};
    }
    auto decision = about(snapshot);
    record(decision, name, change, snapshot);
    settle(decision, name, snapshot);
    return decision;
}

}  // namespace

Checklist offered_items(const std::string& name, const Deployment& deployment, const Policy& policy)
{
    const auto offer = offer_of(name, deployment, policy);
    return offer ? offer->items : Checklist{};
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
            return refuse(say("item_missing", {{"checklist", name}}));
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
