#include "commands/verbs/asks.hpp"

#include "commands/pipeline/gates.hpp"
#include "commands/pipeline/on_call.hpp"
#include "commands/text/phrases.hpp"
#include "commands/verbs/table.hpp"

#include <algorithm>
#include <sstream>

namespace slipway {

namespace {

std::optional<Sentence> end_of_sign_off(
    const Ask& ask, const Deployment& deployment, const RoleBook& roles, const Policy& policy
)
{
    const auto id = to_string(deployment.id);
    const auto& what = deployment.plan.what;
    std::string people;
    for (const auto& sign_off : valid_sign_offs(deployment)) {
        if (sign_off.given.user == ask.user && sign_off.given.revision == ask.revision) {
            return say("ask_closed_signed", {{"deployment", id}, {"what", what}});
        }
        people += (people.empty() ? "" : ", ") + mention(sign_off.given.user);
    }
    if (deployment.stage != Stage::planned && deployment.stage != Stage::signed_off) {
        const auto stage = to_string(deployment.stage);
        return say("ask_closed_over", {{"deployment", id}, {"what", what}, {"stage", stage}});
    }
    if (deployment.revision != ask.revision) {
        const auto asked_now = people_for(required_sign_offs(deployment.plan), deployment, roles, policy);
        const auto* end = asked_now.contains(ask.user) ? "ask_closed_changed" : "ask_closed_released";
        return say(end, {{"deployment", id}, {"what", what}});
    }
    const auto missing = missing_sign_offs(deployment, policy);
    if (!people.empty() && !people_for(missing, deployment, roles, policy).contains(ask.user)) {
        return say("ask_closed_covered", {{"deployment", id}, {"what", what}, {"people", people}});
    }
    return std::nullopt;
}

std::string field_of(const Button& button, const char* key)
{
    const auto* value = button.fields.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string{};
}

bool is_step_done(const std::string& step, const Deployment& deployment)
{
    return std::any_of(deployment.history.begin(), deployment.history.end(), [&](const RecordedEvent& each) {
        const auto* done = std::get_if<StepDone>(&each.event);
        const auto* undone = std::get_if<RollbackStepDone>(&each.event);
        return (done != nullptr && done->step == step) ||
               (undone != nullptr && undone->step == step && undone->succeeded);
    });
}

/// Whether what `button` asks `user` for has happened.
bool is_done(
    const Button& button,
    const UserId& user,
    const Deployment& deployment,
    const TeamState& team,
    const Policy& policy
)
{
    if (button.verb == "rollback") {
        return deployment.rollback.has_value();
    }
    if (button.verb == "tick") {
        return deployment.ticks.contains(field_of(button, "checklist"));
    }
    if (button.verb == "step" || button.verb == "retry") {
        return is_step_done(field_of(button, button.verb == "step" ? "step" : "action"), deployment);
    }
    if (button.verb == "confirm" && deployment.starts_at) {
        return has_confirmed(
            user, covered_by_on_call(*deployment.starts_at, deployment.duration, policy), team
        );
    }
    return button.verb == "postmortem" && !deployment.postmortem_link.empty();
}

}  // namespace

std::string purpose_of(const Ask& ask)
{
    return Ask::purposes + std::to_string(ask.revision) + ":" + ask.user.str() + ":" + ask.row;
}

Ask ask_in(const std::string& purpose)
{
    std::istringstream parts(purpose.substr(std::string(Ask::purposes).size()));
    std::string revision;
    std::string user;
    std::string row;
    std::getline(parts, revision, ':');
    std::getline(parts, user, ':');
    std::getline(parts, row);
    return {std::stoi(revision), UserId(user), row};
}

bool ask_the_same(const DirectMessage& one, const DirectMessage& other)
{
    const auto same = [](const Button& a, const Button& b) {
        return a.verb == b.verb && a.fields == b.fields;
    };
    return one.user == other.user && !one.buttons.empty() &&
           std::equal(
               one.buttons.begin(), one.buttons.end(), other.buttons.begin(), other.buttons.end(), same
           );
}

bool asks_for_sign_off(const DirectMessage& message)
{
    return std::any_of(message.buttons.begin(), message.buttons.end(), [](const Button& each) {
        return each.verb == "signoff";
    });
}

std::optional<Sentence> end_of_ask(
    const Ask& ask,
    const DirectMessage& message,
    const Deployment& deployment,
    const TeamState& team,
    const RoleBook& roles,
    const Policy& policy
)
{
    if (message.buttons.empty() || asks_for_sign_off(message)) {
        return end_of_sign_off(ask, deployment, roles, policy);
    }
    const auto& asked = message.buttons.front();
    if (is_done(asked, ask.user, deployment, team, policy)) {
        return say("ask_closed_done");
    }
    const auto* verb = find_verb(asked.verb);
    const bool of_the_past = verb == nullptr || !verb->stages.contains(deployment.stage);
    // Whoever is on call for a deployment that is over has nothing to confirm.
    const bool is_over = deployment.ended.has_value() && asked.verb != "postmortem";
    if (of_the_past || is_over) {
        return say(
            "ask_closed_moot",
            {{"deployment", to_string(deployment.id)}, {"stage", to_string(deployment.stage)}}
        );
    }
    return std::nullopt;
}

}  // namespace slipway
