// delegate: whoever is asked for a sign-off asks somebody else (pipeline document, Gate 2: "or
// representative").
#include "commands/pipeline/gates.hpp"
#include "commands/verbs/shared.hpp"
#include "commands/verbs/verbs.hpp"

#include <algorithm>

namespace slipway::decisions {

namespace {

/// "@jane", "@jane please": the person who is named first.
UserId person_asked(const Request& request)
{
    const auto given = field_or_text(request, "user");
    return person_in(given.substr(0, given.find(' ')));
}

/// Anybody may represent the requestor; a standing role goes to another holder only, since the document wants
/// that role's own word.
bool may_take(Role role, const UserId& person, const Snapshot& snapshot)
{
    return role == Role::requestor || snapshot.roles->holds(person, role);
}

Refusal refuse_standing(Role role, const UserId& person, const Snapshot& snapshot)
{
    auto others = snapshot.roles->holders(role);
    others.erase(snapshot.actor.id);
    if (snapshot.policy->four_eyes) {
        others.erase(snapshot.deployment->author);
    }
    return refuse(say_at(
        "user",
        "delegate_not_role",
        {{"person", mention(person)}, {"role", title_of(role)}, {"people", mentions(others)}}
    ));
}

}  // namespace

Result<Decision> delegate(const Request& request, const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    const auto& actor = snapshot.actor.id;
    const auto person = person_asked(request);
    if (person.empty()) {
        return refuse(say_at("user", "person_unknown", {{"text", field_or_text(request, "user")}}));
    }
    if (person == actor) {
        return refuse(say_at("user", "delegate_yourself", facts_of(snapshot)));
    }
    if (snapshot.policy->four_eyes && person == deployment.author) {
        return refuse(say_at("user", "delegate_author", facts_of(snapshot, {{"person", mention(person)}})));
    }
    auto open = sign_off_roles(actor, deployment, *snapshot.roles, *snapshot.policy);
    const auto missing = missing_sign_offs(deployment, *snapshot.policy);
    std::erase_if(open, [&](Role role) { return !missing.contains(role); });
    if (open.empty()) {
        return refuse(say_at("user", "delegate_nothing", facts_of(snapshot)));
    }
    auto passed_on = open;
    std::erase_if(passed_on, [&](Role role) { return !may_take(role, person, snapshot); });
    if (passed_on.empty()) {
        return refuse_standing(open.front(), person, snapshot);
    }
    auto decision = about(snapshot);
    for (const auto role : passed_on) {
        const auto& seat = role == Role::requestor ? deployment.plan.requested_by : actor;
        decision.events.emplace_back(SignOffDelegated{role, seat, person});
    }
    const auto facts = facts_of(snapshot, {{"person", mention(person)}, {"roles", titles_of(passed_on)}});
    say_in_thread(decision, say("delegated", facts));
    tell(decision, person, say("ask_delegate", facts), sign_off_buttons());
    chase_sign_offs_later(decision, snapshot);
    return decision;
}

}  // namespace slipway::decisions
