#pragma once

#include <span>
#include <string>
#include <string_view>

namespace slipway {

/// Two lower-case digits a byte.
[[nodiscard]] inline std::string hex(std::span<const unsigned char> bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const auto byte : bytes) {
        text += digits[byte >> 4U];
        text += digits[byte & 0xFU];
    }
    return text;
}

}  // namespace slipway
