#pragma once

#include "bot/config/config.hpp"

#include <string>

namespace slipway {

/// Checks everything the bot needs, prints a line each with how to fix what is wrong; `issue` (ENG-123) is
/// looked up in Linear too, unless empty. Gives 0, or 1 where anything failed.
[[nodiscard]] int doctor(const Config& config, std::string issue);

}  // namespace slipway
