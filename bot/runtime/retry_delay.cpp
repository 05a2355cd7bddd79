#include "bot/runtime/retry_delay.hpp"

#include <algorithm>

namespace slipway {

std::chrono::milliseconds retry_delay(
    int failures, std::chrono::milliseconds first, std::chrono::milliseconds longest, Random& random
)
{
    constexpr int most_doublings = 20;  // far beyond any cap, and no overflow
    const std::chrono::milliseconds doubled =
        first * (std::int64_t{1} << std::clamp(failures, 0, most_doublings));
    const auto ceiling = std::min(longest, doubled);
    const auto spread = static_cast<std::uint64_t>(ceiling.count()) + 1;
    return std::chrono::milliseconds(static_cast<std::int64_t>(random.next() % spread));
}

}  // namespace slipway
