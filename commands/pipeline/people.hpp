#pragma once

#include "commands/text/types.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace slipway {

/// A person as the Slack profile shows them (users.info). Facts only; `counts` below is the rule.
struct Person {
    UserId id;
    TeamId team;               ///< the workspace the account lives in
    std::string real_name;     ///< profile.real_name, may be empty
    std::string display_name;  ///< profile.display_name, may be empty
    bool is_bot = false;
    bool is_guest = false;        ///< single- or multi-channel guest
    bool is_deactivated = false;  ///< users.info `deleted`
    bool is_external = false;     ///< of another workspace (Slack Connect, `is_stranger`)
    std::optional<std::chrono::seconds> utc_offset{};  ///< of their clock, users.info `tz_offset`
};

/// The name to print for `person`: real name, else display name, else the id.
[[nodiscard]] std::string printed_name(const Person& person);

/// Whether `person` may act at all: bots, guests, deactivated people and people of other workspaces never
/// count (design 4.5).
[[nodiscard]] bool counts(const Person& person);

/// What somebody is to the team or to one deployment (pipeline document, Stages 1 to 4).
enum class Role {
    developer,
    dev_lead,
    product_lead,
    rnd_lead,
    account_manager,
    requestor,  ///< who asked for the change, or the named representative; per deployment
    author,     ///< who planned or wrote the change; per deployment
    on_call,    ///< of the deployment or of the current sprint; per moment
};

/// "dev_lead": as in the ledger and in slipway.toml. `role_from` is its inverse and throws
/// std::invalid_argument.
[[nodiscard]] std::string to_string(Role role);
[[nodiscard]] Role role_from(const std::string& name);

/// "Dev Lead": as the document writes it.
[[nodiscard]] std::string title_of(Role role);

/// Who holds the team's standing roles, user groups and e-mails already resolved to user ids.
///
/// A role whose user group could not be read is left out, so that authority fails closed.
struct RoleBook {
    std::map<Role, std::set<UserId>> members;

    [[nodiscard]] bool holds(const UserId& user, Role role) const;

    /// Everybody in `role`, in order of id.
    [[nodiscard]] std::set<UserId> holders(Role role) const;
};

}  // namespace slipway
