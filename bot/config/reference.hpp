#pragma once

#include <map>
#include <string>

namespace slipway {

/// docs/config.md as it was when the program was built, by its file name.
[[nodiscard]] const std::map<std::string, std::string>& config_reference();

}  // namespace slipway
