// tick, untick: somebody vouches by name for items of the document's lists.
#include "commands/pipeline/checklists.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/verbs/shared.hpp"
#include "commands/verbs/verbs.hpp"

#include <algorithm>

namespace slipway::decisions {

namespace {

/// The items that may be ticked now.
Result<Checklist> items_for(const Request& request, const Snapshot& snapshot)
{
    const auto name = field(request, "checklist");
    const auto& deployment = *snapshot.deployment;
    const auto* list = find_list(name, deployment, *snapshot.policy);
    if (list == nullptr) {
        return refuse(say("checklist_unknown", {{"checklist", name}}));
    }
    auto items = list->items(deployment, *snapshot.policy);
    const auto item = field(request, "item");
    const bool own_word = !items.empty() && (item.empty() || item == dev_lead_review);
    if (name == lists::gate1 && is_read_from_github(deployment.plan, *snapshot.policy) && !own_word) {
        return refuse(say("gate1_by_github", facts_of(snapshot)));
    }
    if (const auto stage = in_stage(snapshot, list->stages); !stage) {
        return stage.error();
    }
    const auto opens = check_in_opens(name, deployment, *snapshot.policy);
    if (opens && snapshot.now < *opens) {
        return refuse(say("check_in_early", {{"when", team_time(*opens, *snapshot.policy)}}));
    }
    return items;
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
Result<ChecklistItem> item_of(const Checklist& items, const std::string& key)
{
    const auto found =
        std::find_if(items.begin(), items.end(), [&](const ChecklistItem& item) { return item.key == key; });
    if (found != items.end()) {
        return *found;
    }
    const auto known = joined(items, [](const ChecklistItem& item) { return item.key; });
    return refuse(say("item_unknown", {{"item", key}, {"known", known}}));
}

/// All items at once, as checkboxes give them: what is not among them is cleared.
Change change_to(
    const boost::json::array& wanted,
    const Checklist& items,
    const std::string& name,
    const Deployment& deployment
)
{
    Change change;
    for (const auto& item : items) {
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
        if (name == lists::rollback_steps) {
            record_rollback_step(decision, item.key, {}, snapshot);
        }
        else {
            decision.events.emplace_back(ItemTicked{name, item.key, false, ""});
        }
    }
    for (const auto& item : change.cleared) {
        decision.events.emplace_back(ItemCleared{name, item.key, ""});
    }
    if (!change.ticked.empty() && name != lists::rollback_steps) {
        const auto* said = name.starts_with(lists::check_in) ? "items_fine" : "items_ticked";
        say_in_thread(decision, say(said, facts_of(snapshot, {{"items", labels(change.ticked)}})));
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
    if (name == lists::gate1) {
        settle_gate1(decision, changed, snapshot);
    }
    if (name == lists::gate2) {
        settle_gate2(decision, changed, snapshot);
    }
    const bool were = all_hold(smoke_tests(*snapshot.deployment, policy));
    if (name == lists::smoke && !were && all_hold(smoke_tests(changed, policy))) {
        const auto on_call = on_call_of(snapshot);
        say_in_thread(
            decision, say("smoke_passed", facts_of(snapshot, {{"on_call", mention(on_call)}})), {on_call}
        );
    }
    if (name == lists::steps) {
        run_deploy_when_merged(decision, snapshot);
    }
    if (name == lists::rollback_steps && !change.ticked.empty()) {
        go_on_with_rollback(decision, snapshot);
    }
    if (name == lists::rollback_smoke && is_rollback_verified(changed, policy)) {
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
            return name == lists::gate1 && item.key == dev_lead_review;
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

Result<Decision> tick(const Request& request, const Snapshot& snapshot)
{
    const auto items = items_for(request, snapshot);
    if (!items) {
        return items.error();
    }
    const auto name = field(request, "checklist");
    const auto key = field(request, "item");
    if (key.empty()) {
        const auto* given = request.fields.if_contains("items");
        const bool submitted = given != nullptr && given->is_array();
        // A modal in which nothing is ticked comes without the field.
        const auto wanted = submitted ? given->get_array() : boost::json::array{};
        if (!submitted && request.source != Source::modal) {
            return refuse(say("item_missing", facts_of(snapshot, {{"checklist", name}})));
        }
        return decision_for(name, change_to(wanted, *items, name, *snapshot.deployment), snapshot);
    }
    const auto item = item_of(*items, key);
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
    const auto items = items_for(request, snapshot);
    if (!items) {
        return items.error();
    }
    const auto name = field(request, "checklist");
    const auto item = item_of(*items, field(request, "item"));
    if (!item) {
        return item.error();
    }
    if (!is_ticked(*snapshot.deployment, name, item->key)) {
        return refuse(say("item_not_ticked", {{"label", item->label}}));
    }
    return decision_for(name, {{}, {*item}}, snapshot);
}

}  // namespace slipway::decisions
