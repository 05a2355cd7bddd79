#include "commands/authority.hpp"

#include "commands/pipeline/on_call.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace slipway {

namespace {

struct Right {
    std::string_view verb;
    std::vector<Role> roles;  ///< any of them
};

/// Verbs that not everybody of the workspace may say. What is not listed anybody who counts may say.
const std::vector<Right>& rights()
{
    static const std::vector<Role> team{Role::developer, Role::dev_lead, Role::product_lead, Role::rnd_lead};
    static const std::vector<Role> makers{Role::developer, Role::dev_lead};
    static const std::vector<Right> table{
        {"plan", {Role::developer, Role::dev_lead, Role::product_lead}},
        {"amend", {Role::author, Role::dev_lead}},
        {"reschedule", {Role::author, Role::on_call, Role::dev_lead}},
        {"cancel", {Role::author, Role::on_call, Role::dev_lead, Role::product_lead}},
        {"tick", {Role::developer, Role::dev_lead, Role::product_lead, Role::requestor, Role::on_call}},
        {"go", {Role::dev_lead}},
        {"ready", {Role::on_call}},
        {"start", {Role::on_call, Role::dev_lead}},
        {"except", {Role::dev_lead, Role::on_call}},
        {"step", {Role::on_call, Role::dev_lead}},
        {"done", {Role::on_call, Role::dev_lead}},
        {"issue", team},
        {"update", {Role::on_call, Role::dev_lead}},
        {"clean", {Role::on_call}},
        {"rollback", {Role::on_call, Role::dev_lead}},
        {"rolledback", {Role::on_call, Role::dev_lead}},
        {"flag", {Role::on_call, Role::dev_lead, Role::product_lead}},
        {"freeze", {Role::dev_lead, Role::product_lead, Role::rnd_lead}},
        {"thaw", {Role::dev_lead, Role::product_lead, Role::rnd_lead}},
        {"unlock", {Role::dev_lead}},
        {"swap", makers},
        {"postmortem", team},
    };
    return table;
}

std::string titles(const std::vector<Role>& roles)
{
    std::string text;
    for (std::size_t i = 0; i < roles.size(); ++i) {
        text += i == 0 ? "" : i + 1 == roles.size() ? " or " : ", ";
        text += title_of(roles[i]);
    }
    return text;
}

Result<void> refuse_stranger(const Person& actor)
{
    if (actor.is_deactivated) {
        return refuse(say("not_counted_deactivated"));
    }
    return refuse(
        say(actor.is_guest ? "not_counted_guest"
            : actor.is_bot ? "not_counted_bot"
                           : "not_counted_external")
    );
}

}  // namespace

bool holds(const UserId& user, Role role, const Snapshot& snapshot)
{
    const auto& deployment = snapshot.deployment;
    switch (role) {
        case Role::requestor:
            return deployment && deployment->plan.requested_by == user;
        case Role::author:
            return deployment && deployment->author == user;
        case Role::on_call:
            return on_call_at(snapshot.now, snapshot.team, *snapshot.policy) == user ||
                   (deployment &&
                    on_call_for(*deployment, snapshot.now, snapshot.team, *snapshot.policy) == user);
        case Role::developer:
        case Role::dev_lead:
        case Role::product_lead:
        case Role::rnd_lead:
        case Role::account_manager:
            break;
    }
    return snapshot.roles->holds(user, role);
}

Result<void> authorize(const Verb& verb, const Request& request, const Snapshot& snapshot)
{
    if (verb.offered == Offered::to_bot) {
        const bool by_bot = request.source == Source::timer || request.source == Source::signal;
        return by_bot ? Result<void>()
                      : Result<void>(refuse(say("verb_unknown", {{"word", std::string(verb.name)}})));
    }
    if (!counts(snapshot.actor)) {
        return refuse_stranger(snapshot.actor);
    }
    const auto right = std::find_if(rights().begin(), rights().end(), [&](const Right& each) {
        return each.verb == verb.name;
    });
    if (right == rights().end() || std::any_of(right->roles.begin(), right->roles.end(), [&](Role role) {
            return holds(snapshot.actor.id, role, snapshot);
        })) {
        return {};
    }
    return refuse(say("not_allowed", {{"verb", std::string(verb.name)}, {"who", titles(right->roles)}}));
}

}  // namespace slipway
