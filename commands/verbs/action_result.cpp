// action_result: what a deploy or a step of a rollback that was run came to.
#include "commands/pipeline/rollback_steps.hpp"
#include "commands/verbs/shared.hpp"
#include "commands/verbs/verbs.hpp"

#include <algorithm>

namespace slipway::decisions {

Result<Decision> action_result(const Request& request, const Snapshot& snapshot)
{
    constexpr std::size_t most_shown = 2'500;  // a section block holds 3,000 characters
    const auto& deployment = *snapshot.deployment;
    const auto action = field(request, "action");
    const auto output = end_of(field(request, "output"), most_shown);
    const auto is_true = [&](const char* key) {
        const auto* value = request.fields.if_contains(key);
        return value != nullptr && value->is_bool() && value->get_bool();
    };
    const bool succeeded = is_true("succeeded");
    const bool is_over = is_ended(deployment.stage);
    auto decision = about(snapshot);
    if (!is_over) {
        decision.events.emplace_back(ActionEnded{action, succeeded, is_true("accepted")});
    }
    if (is_true("not_run")) {
        say_in_thread(decision, say("action_not_run", facts_of(snapshot, {{"action", action}})));
        return decision;
    }
    const auto open = open_rollback_steps(deployment);
    const bool is_step = std::find(open.begin(), open.end(), action) != open.end();
    if (deployment.stage == Stage::rolling_back && is_step) {
        record_rollback_step(
            decision, action, {succeeded, is_true("unknown"), is_true("accepted"), output}, snapshot
        );
        if (succeeded) {
            go_on_with_rollback(decision, snapshot);
        }
        return decision;
    }
    // A deployment can end before its action does: then there is no step to note, only an outcome to tell.
    if (succeeded && action == "deploy" && !is_over) {
        decision.events.emplace_back(StepDone{action, output});
    }
    const auto facts = facts_of(
        snapshot,
        {{"action", action},
         {"output", output},
         {"unknown", is_true("unknown")},
         {"accepted", is_true("accepted")}}
    );
    const auto on_call = on_call_of(snapshot);
    say_in_thread(decision, say(succeeded ? "action_done" : "action_failed", facts), {on_call});
    std::vector<Button> buttons{press("rollback"), press("issue")};
    if (action_to_retry(after(decision, snapshot)) == action) {
        buttons.push_back(press("retry", {}, {{"action", action}}));
    }
    const bool live = deployment.stage == Stage::deploying || deployment.stage == Stage::watching;
    if (!succeeded && live) {
        tell(decision, on_call, say("action_failed", facts), std::move(buttons));
    }
    return decision;
}

}  // namespace slipway::decisions
