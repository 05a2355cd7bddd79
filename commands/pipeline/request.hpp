#pragma once

#include "commands/pipeline/deployment.hpp"
#include "commands/pipeline/gate1_facts.hpp"
#include "commands/pipeline/policy.hpp"
#include "commands/pipeline/team.hpp"
#include "commands/text/types.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <vector>

namespace slipway {

/// How a wish reached us. Every way passes through the same decision.
enum class Source { slash, button, modal, reply, home, timer, signal };

/// One wish of one person (or of a timer or a signal): a verb of the table with what was given to it.
struct Request {
    std::string verb;  ///< a name of the table
    std::optional<DeploymentId> deployment;
    std::string text;            ///< what was typed after verb and deployment, as typed
    boost::json::object fields;  ///< modal values by field name, or a button's arguments
    Source source = Source::slash;
    ChannelId channel;                     ///< where it was said, empty for none
    std::string permalink;                 ///< of the reply, for `sign_offs.permalink`
    std::optional<Instant> said_at;        ///< of a reply; it may reach us much later
    std::optional<int> expected_revision;  ///< what the button or modal was shown for; stale ones are refused
};

/// Everything a decision may look at. Values only: same snapshot and request, same decision.
struct Snapshot {
    Snapshot();
    Snapshot(const Snapshot&);
    Snapshot(Snapshot&&) noexcept;
    Snapshot& operator=(const Snapshot&);
    Snapshot& operator=(Snapshot&&) noexcept;
    ~Snapshot();

    Instant now;
    const Policy* policy = nullptr;        ///< never null
    const RoleBook* roles = nullptr;       ///< never null
    Person actor;                          ///< for timers and signals: id "slipway"
    std::optional<Deployment> deployment;  ///< the one the request names, if it exists
    std::vector<Deployment> active;        ///< all that have not ended, oldest first
    std::vector<Deployment> recent;        ///< the newest ended ones, newest first, at most ten
    TeamState team;
    DeploymentId next_id;              ///< the number a new deployment gets
    std::string fresh_uuid;            ///< UUID v4, the id of this decision's Linear comment
    std::optional<Gate1Facts> github;  ///< read for this request; none where GitHub was not asked
};

/// A field of the modal or button, trimmed; an integer in digits; empty when absent.
[[nodiscard]] std::string field(const Request& request, const std::string& key);

/// The field or, where it was not given, what was typed after the verb.
[[nodiscard]] std::string field_or_text(const Request& request, const std::string& key);

}  // namespace slipway
