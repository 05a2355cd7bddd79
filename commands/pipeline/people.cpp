#include "commands/pipeline/people.hpp"

#include <array>
#include <stdexcept>

namespace slipway {

namespace {

struct RoleName {
    Role role;
    const char* key;
    const char* title;
};

constexpr std::array role_names{
    RoleName{Role::developer, "developer", "Developer"},
    RoleName{Role::dev_lead, "dev_lead", "Dev Lead"},
    RoleName{Role::product_lead, "product_lead", "Product Lead"},
    RoleName{Role::rnd_lead, "rnd_lead", "R&D Lead"},
    RoleName{Role::account_manager, "account_manager", "Account Manager"},
    RoleName{Role::requestor, "requestor", "Original requestor"},
    RoleName{Role::author, "author", "Author"},
    RoleName{Role::on_call, "on_call", "On-call developer"},
};

const RoleName& names_of(Role role)
{
    for (const auto& names : role_names) {
        if (names.role == role) {
            return names;
        }
    }
    throw std::logic_error("a role without a name");
}

}  // namespace

std::string printed_name(const Person& person)
{
    if (!person.real_name.empty()) {
        return person.real_name;
    }
    return person.display_name.empty() ? person.id.str() : person.display_name;
}

bool counts(const Person& person)
{
    return !person.id.empty() && !person.is_bot && !person.is_guest && !person.is_deactivated &&
           !person.is_external;
}

std::string to_string(Role role) { return names_of(role).key; }

Role role_from(const std::string& name)
{
    for (const auto& names : role_names) {
        if (names.key == name) {
            return names.role;
        }
    }
    throw std::invalid_argument("no role is called '" + name + "'");
}

std::string title_of(Role role) { return names_of(role).title; }

bool RoleBook::holds(const UserId& user, Role role) const
{
    const auto found = members.find(role);
    return found != members.end() && found->second.contains(user);
}

std::set<UserId> RoleBook::holders(Role role) const
{
    const auto found = members.find(role);
    return found == members.end() ? std::set<UserId>{} : found->second;
}

}  // namespace slipway
