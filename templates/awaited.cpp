#include "templates/awaited.hpp"

#include "commands/pipeline/gates.hpp"
#include "commands/pipeline/lists.hpp"
#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/rollback_steps.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/text/phrases.hpp"
#include "templates/markup.hpp"
#include "templates/people.hpp"

#include <algorithm>
#include <vector>

namespace slipway::templates {

namespace {

/// "<@U0PETRA> (status: On holiday)": so that whoever waits for them knows.
std::string with_status(const UserId& person, const View& view)
{
    constexpr std::size_t longest = 40;
    const auto status = view.statuses.find(person);
    return mention(person) +
           (status == view.statuses.end()
                ? ""
                : " (status: " + escape_mrkdwn(shortened(one_line(status->second), longest)) + ")");
}

/// "<@U0PETRA> or <@U0PAUL> (Product Lead)".
std::string in_role(const std::set<UserId>& people, const std::string& title, const View& view)
{
    constexpr std::size_t most_named = 3;
    std::string text;
    std::size_t named = 0;
    for (const auto& person : people) {
        text += ++named > most_named ? "" : (text.empty() ? "" : " or ") + with_status(person, view);
    }
    text += named > most_named ? " or others" : "";
    return (text.empty() ? "nobody yet" : text) + " (" + title + ")";
}

/// Collects the acts that are still to be done.
class Acts {
public:
    Acts(const Deployment& deployment, const View& view) : deployment_(deployment), view_(view) {}

    void add(const Sentence& act) { text_ += (text_.empty() ? "" : "; ") + view_.library->mrkdwn(act); }

    [[nodiscard]] std::string text() const { return text_; }

    [[nodiscard]] std::string on_call() const
    {
        const auto person = on_call_for(deployment_, view_.now, *view_.team, *view_.policy);
        return in_role(person.empty() ? std::set<UserId>{} : std::set{person}, "on-call", view_);
    }

    [[nodiscard]] std::string dev_leads() const
    {
        return in_role(view_.roles->holders(Role::dev_lead), title_of(Role::dev_lead), view_);
    }

    /// "<@U0PETRA> (Product Lead) and <@U0JANE> (Original requestor)".
    [[nodiscard]] std::string signers(const std::set<Role>& missing) const
    {
        std::string people;
        for (const auto role : missing) {
            const auto signers = people_for({role}, deployment_, *view_.roles, *view_.policy);
            people += (people.empty() ? "" : " and ") + in_role(signers, title_of(role), view_);
        }
        return people;
    }

private:
    const Deployment& deployment_;
    const View& view_;
    std::string text_;
};

void acts_before_start(Acts& acts, const Deployment& deployment, const View& view)
{
    const auto& policy = *view.policy;
    auto missing = missing_sign_offs(deployment, policy);
    const bool lacks_requestor = missing.contains(Role::requestor) &&
                                 people_for({Role::requestor}, deployment, *view.roles, policy).empty();
    if (lacks_requestor) {
        missing.erase(Role::requestor);
    }
    if (!missing.empty()) {
        acts.add(say("card_act_sign_off", {{"people", acts.signers(missing)}}));
    }
    if (lacks_requestor) {
        acts.add(say("card_act_representative", {{"people", mention(deployment.author)}}));
    }
    if (!deployment.go) {
        acts.add(say("card_act_go", {{"people", acts.dev_leads()}}));
    }
    if (!is_on_call_ready(deployment, view.now, *view.team, policy)) {
        acts.add(say("card_act_ready", {{"people", acts.on_call()}}));
    }
    if (acts.text().empty() && deployment.stage == Stage::signed_off) {
        const auto at = deployment.starts_at ? team_clock(*deployment.starts_at, policy) : "";
        acts.add(say("card_act_start", {{"people", acts.on_call()}, {"at", at}}));
    }
}

void while_deploying(Acts& acts, const Deployment& deployment, const View& view)
{
    const auto* id = all_hold(smoke_tests(deployment, *view.policy))         ? "card_act_done"
                     : is_ticked(deployment, lists::steps, "deploy")         ? "card_act_smoke"
                     : is_action(deployment, "deploy", ActionState::running) ? ""
                                                                             : "card_act_deploy";
    if (*id != '\0') {
        acts.add(Sentence{id, {{"people", acts.on_call()}}});
    }
}

/// The next check-in that is still to come and the end of the watch.
void while_watching(Acts& acts, const Deployment& deployment, const View& view)
{
    const auto& policy = *view.policy;
    const auto began = *deployment.finished_at;
    for (const auto after : policy.check_ins) {
        if (began + after > view.now) {
            acts.add(say(
                "card_act_check_in", {{"people", acts.on_call()}, {"at", team_clock(began + after, policy)}}
            ));
            return;
        }
    }
    const auto ends = began + policy.watch_length;
    acts.add(say(
        "card_act_clean", {{"people", acts.on_call()}, {"at", ends > view.now ? team_time(ends, policy) : ""}}
    ));
}

void while_rolling_back(Acts& acts, const Deployment& deployment)
{
    const auto steps = joined(open_rollback_steps(deployment), label_of_rollback_step);
    acts.add(
        steps.empty() ? say("card_act_verify", {{"people", acts.on_call()}})
                      : say("card_act_rollback_steps", {{"people", acts.on_call()}, {"steps", steps}})
    );
}

void after_rollback(Acts& acts, const Deployment& deployment, const View& view)
{
    if (deployment.postmortem_link.empty()) {
        acts.add(say("card_act_postmortem", {{"people", acts.on_call()}}));
    }
    const auto& service = deployment.plan.service;
    const auto locked = view.team->locked.find(service);
    if (locked != view.team->locked.end() && locked->second.because_of == deployment.id) {
        acts.add(say("card_act_unlock", {{"people", acts.dev_leads()}, {"service", service}}));
    }
}

}  // namespace

std::string awaited(const Deployment& deployment, const View& view)
{
    Acts acts(deployment, view);
    if (const auto* issue = open_issue(deployment); issue != nullptr && !is_ended(deployment.stage)) {
        acts.add(
            say("card_act_update",
                {{"people", acts.on_call()}, {"at", team_clock(issue->next_update, *view.policy)}})
        );
    }
    switch (deployment.stage) {
        case Stage::planned:
        case Stage::signed_off:
            acts_before_start(acts, deployment, view);
            break;
        case Stage::deploying:
            while_deploying(acts, deployment, view);
            break;
        case Stage::watching:
            while_watching(acts, deployment, view);
            break;
        case Stage::rolling_back:
            while_rolling_back(acts, deployment);
            break;
        case Stage::rolled_back:
            after_rollback(acts, deployment, view);
            break;
        case Stage::done:
        case Stage::cancelled:
            break;
    }
    return acts.text().empty() ? "" : view.library->mrkdwn(say("card_waits_for", {{"acts", acts.text()}}));
}

}  // namespace slipway::templates
