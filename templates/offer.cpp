#include "templates/offer.hpp"

#include "commands/pipeline/checklists.hpp"
#include "commands/pipeline/lists.hpp"
#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/rollback_steps.hpp"

#include <algorithm>
#include <array>

namespace slipway::templates {

namespace {

Button checklist_button(const std::string& key, const Deployment& deployment, const Policy& policy)
{
    const auto* list = find_list(key, deployment, policy);
    return {.verb = "tick", .label = std::string(list->label), .fields = {{"checklist", key}}, .suffix = key};
}

/// The service's deploy runs once the change is merged; that may be before the start.
bool waits_for_merge(const Deployment& deployment, const Policy& policy)
{
    const auto* service = find_service(policy, deployment.plan.service);
    const auto items = offered_items(lists::steps, deployment, policy);
    const bool merges = std::any_of(items.begin(), items.end(), [](const ChecklistItem& item) {
        return item.key == "merge";
    });
    return merges && service != nullptr && !service->deploy.empty() &&
           !is_ticked(deployment, lists::steps, "merge");
}

Offer offer_before_start(const Deployment& deployment, const View& view)
{
    const auto& policy = *view.policy;
    const bool signed_off = deployment.stage == Stage::signed_off;
    Offer offer;
    for (const auto* list : {lists::gate1, lists::qa, lists::gate2, lists::pre_deployment}) {
        if (!offered_items(list, deployment, policy).empty()) {
            offer.lists.push_back(checklist_button(list, deployment, policy));
        }
    }
    offer.lists.push_back({.verb = "check"});
    offer.row = {
        {.verb = "signoff", .style = signed_off ? "" : "primary"},
        {.verb = "decline"},
    };
    if (!deployment.go) {
        offer.row.push_back({.verb = "go", .label = "Go (Dev Lead)"});
    }
    if (!is_on_call_ready(deployment, view.now, *view.team, policy)) {
        offer.row.push_back({.verb = "ready", .label = "Ready (on-call)"});
    }
    if (signed_off && waits_for_merge(deployment, policy)) {
        offer.row.push_back({.verb = "step", .label = "Merged", .fields = {{"step", "merge"}}});
    }
    offer.row.push_back({.verb = "start", .style = signed_off ? "primary" : ""});
    offer.sign_offs = {
        {.verb = "signoff", .label = "Sign off with a note", .fields = {{"form", true}}, .suffix = "form"},
        {.verb = "delegate"},
    };
    if (!valid_sign_offs(deployment).empty()) {
        offer.sign_offs.push_back({.verb = "withdraw"});
    }
    offer.more = {
        {.verb = "amend"},
        {.verb = "reschedule"},
        {.verb = "except"},
        {.verb = "cancel"},
    };
    return offer;
}

/// The flag's next step forward, where there is one.
void add_flag(std::vector<Button>& buttons, const Deployment& deployment)
{
    static constexpr std::array stages{"off", "internal", "subset", "all"};
    const auto* at = std::find(stages.begin(), stages.end(), deployment.flag_stage);
    if (at != stages.end() && at + 1 != stages.end()) {
        buttons.push_back(
            {.verb = "flag", .label = std::string("Flag: ") + at[1], .fields = {{"flag_stage", at[1]}}}
        );
    }
}

void add_hold(std::vector<Button>& buttons, const Deployment& deployment)
{
    if (automatic_rollback_at(deployment)) {
        buttons.push_back({.verb = "hold", .style = "primary"});
    }
}

void add_update(std::vector<Button>& buttons, const Deployment& deployment)
{
    if (open_issue(deployment) != nullptr) {
        buttons.push_back({.verb = "update"});
    }
}

void add_retry(std::vector<Button>& buttons, const Deployment& deployment)
{
    if (const auto action = action_to_retry(deployment); !action.empty()) {
        buttons.push_back({.verb = "retry", .fields = {{"action", action}}});
    }
}

/// At once with one press, which asks no more than whether it is meant; gives what takes a moment longer.
std::vector<Button> add_rollback(std::vector<Button>& buttons)
{
    buttons.push_back({.verb = "rollback"});
    return {
        {.verb = "rollback",
         .label = "Roll back, with a reason",
         .fields = {{"form", true}},
         .suffix = "form"},
        {.verb = "runbook"},
    };
}

Offer offer_while_deploying(const Deployment& deployment, const Policy& policy)
{
    Offer offer;
    auto& buttons = offer.row;
    buttons = {
        checklist_button(lists::steps, deployment, policy),
        checklist_button(lists::smoke, deployment, policy),
        {.verb = "done", .style = "primary"},
    };
    add_retry(buttons, deployment);
    add_flag(buttons, deployment);
    buttons.push_back({.verb = "issue"});
    add_update(buttons, deployment);
    add_hold(buttons, deployment);
    offer.more = add_rollback(buttons);
    return offer;
}

Offer offer_while_watching(const Deployment& deployment, const Policy& policy, Instant now)
{
    Offer offer;
    auto& buttons = offer.row;
    constexpr std::size_t most_options = 5;
    for (std::size_t number = 1; number <= std::min(policy.check_ins.size(), most_options); ++number) {
        const auto hours = std::chrono::duration_cast<std::chrono::hours>(policy.check_ins[number - 1]);
        auto shown = checklist_button(lists::check_in + std::to_string(number), deployment, policy);
        shown.label += " " + std::to_string(hours.count()) + " h";
        offer.lists.push_back(std::move(shown));
    }
    add_flag(buttons, deployment);
    buttons.push_back({.verb = "issue"});
    add_update(buttons, deployment);
    const bool is_watched = now >= *deployment.finished_at + policy.watch_length;
    buttons.push_back({.verb = "clean", .style = is_watched ? "primary" : ""});
    add_hold(buttons, deployment);
    offer.more = add_rollback(buttons);
    return offer;
}

Offer offer_while_rolling_back(const Deployment& deployment, const Policy& policy)
{
    Offer offer;
    auto& buttons = offer.row;
    buttons = {
        checklist_button(lists::rollback_steps, deployment, policy),
        checklist_button(lists::rollback_smoke, deployment, policy),
        {.verb = "rolledback", .style = "primary"},
    };
    add_retry(buttons, deployment);
    add_update(buttons, deployment);
    offer.more = {
        {.verb = "issue"},
        {.verb = "runbook"},
    };
    return offer;
}

Offer offer_after_rollback(const Deployment& deployment, const TeamState& team)
{
    Offer offer;
    auto& buttons = offer.row;
    add_update(buttons, deployment);
    if (deployment.postmortem_link.empty()) {
        buttons.push_back({.verb = "postmortem"});
        buttons.push_back(
            {.verb = "postmortem", .label = "File post-mortem", .fields = {{"file", true}}, .suffix = "file"}
        );
    }
    const auto locked = team.locked.find(deployment.plan.service);
    if (locked != team.locked.end() && locked->second.because_of == deployment.id) {
        buttons.push_back(
            {.verb = "unlock",
             .label = "Unlock " + deployment.plan.service,
             .fields = {{"service", deployment.plan.service}}}
        );
    }
    return offer;
}

}  // namespace

Offer offer_of(const Deployment& deployment, const View& view)
{
    switch (deployment.stage) {
        case Stage::planned:
        case Stage::signed_off:
            return offer_before_start(deployment, view);
        case Stage::deploying:
            return offer_while_deploying(deployment, *view.policy);
        case Stage::watching:
            return offer_while_watching(deployment, *view.policy, view.now);
        case Stage::rolling_back:
            return offer_while_rolling_back(deployment, *view.policy);
        case Stage::rolled_back:
            return offer_after_rollback(deployment, *view.team);
        case Stage::done:
        case Stage::cancelled:
            break;
    }
    return {};
}

}  // namespace slipway::templates
