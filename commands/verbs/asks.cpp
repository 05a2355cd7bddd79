#include "commands/verbs/asks.hpp"

#include "commands/pipeline/gates.hpp"
#include "commands/text/phrases.hpp"

#include <algorithm>
#include <sstream>

namespace slipway {

std::string purpose_of(const Ask& ask, const std::string& row)
{
    return Ask::purposes + std::to_string(ask.revision) + ":" + ask.user.str() + ":" + row;
}

Ask ask_in(const std::string& purpose)
{
    std::istringstream parts(purpose.substr(std::string(Ask::purposes).size()));
    std::string revision;
    std::string user;
    std::getline(parts, revision, ':');
    std::getline(parts, user, ':');
    return {std::stoi(revision), UserId(user)};
}

bool asks_for_sign_off(const std::vector<Button>& buttons)
{
    return std::any_of(buttons.begin(), buttons.end(), [](const Button& each) {
        return each.verb == "signoff";
    });
}

std::optional<Sentence> end_of_ask(
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

}  // namespace slipway
