#pragma once

#include <map>
#include <string>

namespace slipway {

/// The files of bot/cli/text as they were when the program was built, by file name.
[[nodiscard]] const std::map<std::string, std::string>& cli_texts();

}  // namespace slipway
