#include "templates/people.hpp"

#include "commands/pipeline/windows.hpp"
#include "templates/markup.hpp"

#include <algorithm>

namespace slipway::templates {

Snapshot as_snapshot(const View& view)
{
    Snapshot snapshot;
    snapshot.now = view.now;
    snapshot.policy = view.policy;
    snapshot.roles = view.roles;
    snapshot.team = *view.team;
    return snapshot;
}

const Verb* verb_called(std::string_view name, const View& view)
{
    const auto found = std::find_if(view.verbs.begin(), view.verbs.end(), [&](const Verb& verb) {
        return verb.name == name;
    });
    return found == view.verbs.end() ? nullptr : &*found;
}

std::string name_in_markdown(const UserId& user, const View& view)
{
    const auto found = view.names.find(user);
    return user.empty() ? "nobody" : escape_markdown(found == view.names.end() ? user.str() : found->second);
}

/// Slack's date token, shown in the reader's own zone.
static std::string token(Instant at, const char* form, const Policy& policy)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count();
    return "<!date^" + std::to_string(seconds) + "^" + form + "|" + team_time(at, policy) + ">";
}

std::string date_token(Instant at, const Policy& policy)
{
    return token(at, "{date_short_pretty} {time}", policy);
}

std::string countdown_token(Instant at, const Policy& policy)
{
    return token(at, "{date_short_pretty} {time}, {ago}", policy);
}

std::string issue_link(const std::string& identifier, const Policy& policy)
{
    const bool known = mirrors(policy) && !identifier.empty();
    return known ? link("https://linear.app/issue/" + identifier, identifier) : escape_mrkdwn(identifier);
}

}  // namespace slipway::templates
