#include "commands/verbs/authority.hpp"

#include "commands/pipeline/gates.hpp"
#include "commands/pipeline/lists.hpp"
#include "commands/pipeline/on_call.hpp"
#include "commands/verbs/shared.hpp"

#include <algorithm>
#include <string_view>

namespace slipway {

namespace {

using decisions::facts_of;
using decisions::titles_of;

bool is_standing(Role role)
{
    return role != Role::requestor && role != Role::author && role != Role::on_call;
}

/// The people who hold the roles, where they are few enough to be named.
std::string names_of(const std::vector<Role>& roles, const Snapshot& snapshot)
{
    constexpr std::size_t most_named = 4;
    std::set<UserId> people;
    for (const auto role : roles) {
        if (is_standing(role)) {
            people.merge(snapshot.roles->holders(role));
        }
        else if (snapshot.deployment) {
            const auto& deployment = *snapshot.deployment;
            people.insert(
                role == Role::author ? deployment.author
                : role == Role::requestor
                    ? requestor_of(deployment)
                    : on_call_for(deployment, snapshot.now, snapshot.team, *snapshot.policy)
            );
        }
    }
    people.erase(UserId{});
    return people.size() > most_named ? "" : mentions(people);
}

Refusal refuse_stranger(const Person& actor)
{
    return refuse(
        say(actor.is_deactivated ? "not_counted_deactivated"
            : actor.is_guest     ? "not_counted_guest"
            : actor.is_bot       ? "not_counted_bot"
                                 : "not_counted_external")
    );
}

}  // namespace

Result<void> may_sign(const Request&, const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    if (snapshot.policy->four_eyes && deployment.author == snapshot.actor.id) {
        return refuse(say("sign_off_author", facts_of(snapshot)));
    }
    if (sign_off_roles(snapshot.actor.id, deployment, *snapshot.roles, *snapshot.policy).empty()) {
        const auto required = titles_of(required_sign_offs(deployment.plan));
        return refuse(say("sign_off_no_role", facts_of(snapshot, {{"roles", required}})));
    }
    return {};
}

Result<void> may_tick(const Request& request, const Snapshot& snapshot)
{
    if (field(request, "checklist") != lists::gate1) {
        return {};
    }
    const auto& actor = snapshot.actor.id;
    if (actor == snapshot.deployment->author) {
        return refuse(say("tick_own_change", facts_of(snapshot)));
    }
    if (!holds(actor, Role::developer, snapshot) && !holds(actor, Role::dev_lead, snapshot)) {
        return refuse(say("tick_developers", facts_of(snapshot)));
    }
    return {};
}

Result<void> may_be_ready(const Request&, const Snapshot& snapshot)
{
    const auto on_call = decisions::on_call_of(snapshot);
    if (on_call == snapshot.actor.id) {
        return {};
    }
    return refuse(say("ready_not_yours", facts_of(snapshot, {{"on_call", mention(on_call)}})));
}

Result<void> may_record_exception(const Request&, const Snapshot& snapshot)
{
    return may_except(snapshot) ? Result<void>()
                                : Result<void>(refuse(say("except_dev_lead", facts_of(snapshot))));
}

bool holds(const UserId& user, Role role, const Snapshot& snapshot)
{
    const auto& deployment = snapshot.deployment;
    switch (role) {
        case Role::requestor:
            return deployment && (deployment->plan.requested_by == user || requestor_of(*deployment) == user);
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

bool may_except(const Snapshot& snapshot)
{
    const bool p0 = snapshot.deployment->plan.priority == Priority::p0;
    return holds(snapshot.actor.id, Role::dev_lead, snapshot) ||
           (p0 && holds(snapshot.actor.id, Role::on_call, snapshot));
}

Result<void> authorize_actor(const Verb& verb, const Request& request, const Snapshot& snapshot)
{
    if (verb.offered == Offered::to_bot) {
        const bool by_bot = request.source == Source::timer || request.source == Source::signal;
        return by_bot ? Result<void>()
                      : Result<void>(refuse(say("verb_unknown", {{"word", std::string(verb.name)}})));
    }
    return counts(snapshot.actor) ? Result<void>() : Result<void>(refuse_stranger(snapshot.actor));
}

Result<void> authorize(const Verb& verb, const Request& request, const Snapshot& snapshot)
{
    if (const auto actor = authorize_actor(verb, request, snapshot); !actor) {
        return actor.error();
    }
    const auto& who = verb.who;
    if (who.of_a_deployment && !snapshot.deployment) {
        return {};
    }
    const bool held = std::any_of(who.roles.begin(), who.roles.end(), [&](Role role) {
        return holds(snapshot.actor.id, role, snapshot);
    });
    if (!who.roles.empty() && !held) {
        return refuse(
            say("not_allowed",
                {{"verb", std::string(verb.name)},
                 {"who", titles_of(who.roles, " or ")},
                 {"people", names_of(who.roles, snapshot)}})
        );
    }
    return who.rule == nullptr ? Result<void>() : who.rule(request, snapshot);
}

}  // namespace slipway
