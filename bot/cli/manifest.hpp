#pragma once

#include <string>
#include <vector>

namespace slipway {

/// The bot scopes of the Web API methods Slipway calls.
[[nodiscard]] const std::vector<std::string>& bot_scopes();

/// The app manifest (JSON, a line for each part) for https://api.slack.com/apps, "From a manifest".
[[nodiscard]] std::string app_manifest();

}  // namespace slipway
