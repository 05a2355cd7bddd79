#pragma once

#include "commands/pipeline/request.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace slipway {

/// One condition that a gate asks for and whether it holds, for cards and refusals alike.
struct Condition {
    std::string key;    ///< "gate2:product_lead", "pre_deployment:migrations_tested"
    std::string label;  ///< the document's wording
    bool holds = false;
    bool known_to_bot = false;  ///< nobody needs to tick it
    Sentence why;               ///< who can fix it and how; empty id where it holds
};

/// Roles whose sign-off Gate 2 asks for (pipeline document, Stage 2; design 4.4).
[[nodiscard]] std::set<Role> required_sign_offs(const Plan& plan);

/// Those of `required_sign_offs` that no valid sign-off covers. One person may cover several; the author
/// covers none while Policy::four_eyes.
[[nodiscard]] std::set<Role> missing_sign_offs(const Deployment& deployment, const Policy& policy);

/// The roles in which `user` may sign `deployment` off now.
[[nodiscard]] std::vector<Role> sign_off_roles(
    const UserId& user, const Deployment& deployment, const RoleBook& roles, const Policy& policy
);

/// The people who could give the missing sign-offs, for pings.
[[nodiscard]] std::set<UserId> people_for(
    const std::set<Role>& missing, const Deployment& deployment, const RoleBook& roles, const Policy& policy
);

/// The item of Gate 1 that a Dev Lead ticks for a complex or architectural change (pipeline document, Gate
/// 1).
inline constexpr auto dev_lead_review = "dev_lead";

/// Whether GitHub is asked about Gate 1 of `plan`, so that nobody vouches for it by hand.
[[nodiscard]] bool is_read_from_github(const Plan& plan, const Policy& policy);

/// The head of the pull request, empty where it isn't known.
[[nodiscard]] std::string head_of(const std::optional<Gate1Facts>& github);

/// Gate 1: that the pull request is fit for it, where GitHub was asked, and five conditions, from `github`
/// facts where given, else from ticks by developers other than the author; for a complex change a Dev Lead's
/// review too, always on their word.
[[nodiscard]] std::vector<Condition> gate1(
    const Deployment& deployment,
    const std::optional<Gate1Facts>& github,
    const RoleBook& roles,
    const Policy& policy
);

/// Gate 2: the document's conditions that apply to this plan, in its words and order, then the sign-offs it
/// asks for elsewhere (Dev Lead, Account Manager) and that nobody declined. Bugs and minor bugs are ticked by
/// name, the rest is known from sign-offs and plan.
[[nodiscard]] std::vector<Condition> gate2(
    const Deployment& deployment, const RoleBook& roles, const Policy& policy
);

/// The seven-item pre-deployment checklist; what the bot knows is filled in. "Available" is the on-call
/// developer's own ready, said since the time or the person last changed. The team is notified until the
/// window it was told of has passed, or four hours where it is outside the windows.
[[nodiscard]] std::vector<Condition> pre_deployment(const Deployment& deployment, const Snapshot& snapshot);

/// Gate 3: the smoke tests that apply to this plan.
[[nodiscard]] std::vector<Condition> smoke_tests(const Deployment& deployment, const Policy& policy);

/// The freeze that holds `deployment` up at `at`; none where there is none or an exception lifted it.
[[nodiscard]] const Freeze* freeze_of(const Deployment& deployment, Instant at, const TeamState& team);

/// Everything that stands between `deployment` and a start at `snapshot.now`, each unmet rule once: gates,
/// the commit that was signed off, checklist, window, freeze, lock, another deployment of the service,
/// on-call cover, go and ready. What a recorded exception of this head covers counts as holding, but for a
/// busy service, a locked one unless it is a P0, a weekend, and a freeze or lock begun after it.
/// `/deploy check` and `start` both call this.
[[nodiscard]] std::vector<Condition> start_conditions(const Deployment& deployment, const Snapshot& snapshot);

[[nodiscard]] bool all_hold(const std::vector<Condition>& conditions);

}  // namespace slipway
