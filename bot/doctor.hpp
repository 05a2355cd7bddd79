#pragma once

#include "bot/config.hpp"

namespace slipway {

/// Checks everything the bot needs, prints a line each with how to mend what is wrong. Gives 0, or 1 where
/// anything failed.
[[nodiscard]] int doctor(const Config& config);

}  // namespace slipway
