#include "bot/runtime/random.hpp"

namespace slipway {

std::uint64_t SystemRandom::next()
{
    std::random_device device;
    return (static_cast<std::uint64_t>(device()) << 32U) | device();
}

std::string uuid_v4(Random& random)
{
    constexpr auto digits = "0123456789abcdef";
    std::uint64_t bits = 0;
    std::string uuid = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
    int left = 0;
    for (auto& letter : uuid) {
        if (letter != 'x' && letter != 'y') {
            continue;
        }
        if (left == 0) {
            bits = random.next();
            left = 16;
        }
        const auto nibble = letter == 'y' ? (bits & 0x3U) | 0x8U : bits & 0xFU;
        letter = digits[nibble];
        bits >>= 4U;
        --left;
    }
    return uuid;
}

}  // namespace slipway
