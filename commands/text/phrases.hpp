#pragma once

#include "commands/text/types.hpp"

#include <set>
#include <string>

namespace slipway {

/// "<@U1>", as Slack writes a mention; "nobody" without an id, "Slipway" for the bot itself.
[[nodiscard]] std::string mention(const UserId& user);

/// "<@U1>, <@U2>"; empty for none.
[[nodiscard]] std::string mentions(const std::set<UserId>& people);

}  // namespace slipway
