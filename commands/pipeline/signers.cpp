// Who signs a deployment off.
#include "commands/pipeline/gates.hpp"

namespace slipway {

namespace {

/// The holders of a role but for those who passed the asking on to another one.
std::set<UserId> asked_holders(Role role, const Deployment& deployment, const RoleBook& roles)
{
    auto people = roles.holders(role);
    for (const auto& each : deployment.delegations) {
        if (each.role == role && roles.holds(each.to, role)) {
            people.erase(each.from);
            people.insert(each.to);
        }
    }
    return people;
}

}  // namespace

std::set<Role> required_sign_offs(const Plan& plan)
{
    if (!plan.client_facing) {
        return {Role::product_lead, Role::dev_lead};
    }
    std::set<Role> roles{Role::product_lead, Role::requestor};
    if (!plan.requested_by_client.empty()) {
        roles.insert(Role::account_manager);
    }
    return roles;
}

std::set<Role> missing_sign_offs(const Deployment& deployment, const Policy& policy)
{
    auto missing = required_sign_offs(deployment.plan);
    for (const auto& sign_off : valid_sign_offs(deployment)) {
        if (policy.four_eyes && sign_off.given.user == deployment.author) {
            continue;
        }
        for (const auto role : sign_off.given.roles) {
            missing.erase(role);
        }
    }
    return missing;
}

std::vector<Role> sign_off_roles(
    const UserId& user, const Deployment& deployment, const RoleBook& roles, const Policy& policy
)
{
    if (policy.four_eyes && user == deployment.author) {
        return {};
    }
    std::vector<Role> held;
    for (const auto role : required_sign_offs(deployment.plan)) {
        const bool asked_for_it = user == deployment.plan.requested_by || user == requestor_of(deployment);
        const bool holds = role == Role::requestor ? asked_for_it : roles.holds(user, role);
        if (holds) {
            held.push_back(role);
        }
    }
    return held;
}

std::set<UserId> people_for(
    const std::set<Role>& missing, const Deployment& deployment, const RoleBook& roles, const Policy& policy
)
{
    std::set<UserId> people;
    for (const auto role : missing) {
        people.merge(
            role == Role::requestor ? std::set{requestor_of(deployment)}
                                    : asked_holders(role, deployment, roles)
        );
    }
    if (policy.four_eyes) {
        people.erase(deployment.author);
    }
    people.erase(UserId{});
    return people;
}

}  // namespace slipway
