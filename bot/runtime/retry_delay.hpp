#pragma once

#include "bot/runtime/random.hpp"

#include <chrono>

namespace slipway {

/// How long to wait before attempt number `failures` + 2: exponential with full jitter, evenly spread over
/// [0, min(longest, first * 2^failures)], so that many clients do not come back together.
[[nodiscard]] std::chrono::milliseconds retry_delay(
    int failures, std::chrono::milliseconds first, std::chrono::milliseconds longest, Random& random
);

}  // namespace slipway
