#pragma once

#include "bot/config/config.hpp"

namespace slipway {

/// The whole program behind `slipway run`: real sockets, real clock, SIGTERM and SIGINT. Gives the exit code.
[[nodiscard]] int run_bot(const Config& config);

}  // namespace slipway
