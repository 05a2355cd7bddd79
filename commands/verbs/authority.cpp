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

using Rule = Result<void> (*)(const Request&, const Snapshot&);

/// Nobody signs for another, nor for their own change (design 4.5).
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

/// Gate 1 is never the author's own word (design 4.3); everything else is vouched for by name.
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

/// Ready is the word of the one who will be there, not of whoever is on call today (design 4.7).
Result<void> may_be_ready(const Request&, const Snapshot& snapshot)
{
    const auto on_call = decisions::on_call_of(snapshot);
    if (on_call == snapshot.actor.id) {
        return {};
    }
    return refuse(say("ready_not_yours", facts_of(snapshot, {{"on_call", mention(on_call)}})));
}

Result<void> exception_rule(const Request&, const Snapshot& snapshot)
{
    return may_except(snapshot) ? Result<void>()
                                : Result<void>(refuse(say("except_dev_lead", facts_of(snapshot))));
}

struct Right {
    std::string_view verb;
    std::vector<Role> roles;  ///< any of them; empty: everybody who counts
    Rule rule = nullptr;      ///< what the roles alone do not say
};

/// Verbs that not everybody of the workspace may say. What is not listed anybody who counts may say.
const std::vector<Right>& rights()
{
    static const std::vector<Role> team{
        Role::developer, Role::dev_lead, Role::product_lead, Role::rnd_lead, Role::account_manager};
    static const std::vector<Role> leads{Role::dev_lead, Role::product_lead, Role::rnd_lead};
    static const std::vector<Role> makers{Role::developer, Role::dev_lead};
    static const std::vector<Role> vouchers{
        Role::developer, Role::dev_lead, Role::product_lead, Role::requestor, Role::on_call};
    static const std::vector<Right> table{
        {"plan", {Role::developer, Role::dev_lead, Role::product_lead}},
        {"signoff", {}, may_sign},
        {"decline", {}, may_sign},
        {"delegate", {}, may_sign},
        {"amend", {Role::author, Role::dev_lead}},
        {"reschedule", {Role::author, Role::on_call, Role::dev_lead}},
        {"cancel", {Role::author, Role::on_call, Role::dev_lead, Role::product_lead}},
        {"tick", vouchers, may_tick},
        {"untick", vouchers, may_tick},
        {"go", {Role::dev_lead}},
        {"ready", {}, may_be_ready},
        {"except", {}, exception_rule},
        {"review", {Role::dev_lead}},
        {"start", {Role::on_call, Role::dev_lead}},
        {"step", {Role::on_call, Role::dev_lead}},
        {"retry", {Role::on_call, Role::dev_lead}},
        {"done", {Role::on_call, Role::dev_lead}},
        {"issue", team},
        {"update", {Role::on_call, Role::dev_lead}},
        {"clean", {Role::on_call}},
        {"rollback", {Role::on_call, Role::dev_lead}},
        {"rolledback", {Role::on_call, Role::dev_lead}},
        {"hold", {Role::on_call, Role::dev_lead}},
        {"flag", {Role::on_call, Role::dev_lead, Role::product_lead}},
        {"freeze", leads},
        {"thaw", leads},
        {"unlock", {Role::dev_lead}},
        {"swap", makers},
        {"confirm", {Role::developer, Role::dev_lead, Role::on_call}},
        {"runbook_reviewed", {Role::dev_lead}},
        {"postmortem", team},
    };
    return table;
}

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
    if (verb.name == "rollback" && !snapshot.deployment) {
        return {};  // a bare one only asks which; on-call of one of them need not be on call now
    }
    const auto right = std::find_if(rights().begin(), rights().end(), [&](const Right& each) {
        return each.verb == verb.name;
    });
    if (right == rights().end()) {
        return {};
    }
    const bool held = std::any_of(right->roles.begin(), right->roles.end(), [&](Role role) {
        return holds(snapshot.actor.id, role, snapshot);
    });
    if (!right->roles.empty() && !held) {
        return refuse(
            say("not_allowed",
                {{"verb", std::string(verb.name)},
                 {"who", titles_of(right->roles, " or ")},
                 {"people", names_of(right->roles, snapshot)}})
        );
    }
    return right->rule == nullptr ? Result<void>() : right->rule(request, snapshot);
}

}  // namespace slipway
