#pragma once

#include <string>
#include <vector>

namespace slipway {

/// The app manifest for https://api.slack.com/apps, "From a manifest".
[[nodiscard]] const std::string& app_manifest();

/// The bot scopes that it asks for.
[[nodiscard]] std::vector<std::string> bot_scopes();

}  // namespace slipway
