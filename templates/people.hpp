#pragma once

#include "commands/text/phrases.hpp"
#include "templates/render.hpp"

#include <string>
#include <string_view>

namespace slipway::templates {

/// What the rules may look at of `view`: now, policy, roles and team.
[[nodiscard]] Snapshot as_snapshot(const View& view);

/// The row of the verb called `name`; null for none.
[[nodiscard]] const Verb* verb_called(std::string_view name, const View& view);

/// The printed name of `user`, escaped for Markdown; the id where the name is not known.
[[nodiscard]] std::string name_in_markdown(const UserId& user, const View& view);

/// "<!date^…|Tue Nov 24, 22:00 EST>": the reader's own time, with team time as the fallback.
[[nodiscard]] std::string date_token(Instant at, const Policy& policy);

/// The same with how far away it is, which the reader's Slack counts by itself: "Today 22:00, in 7 hours".
[[nodiscard]] std::string countdown_token(Instant at, const Policy& policy);

/// A Linear issue as a link; a team that mirrors nothing there may mean another tracker's.
[[nodiscard]] std::string issue_link(const std::string& identifier, const Policy& policy);

}  // namespace slipway::templates
