#pragma once

#include <string>

namespace slipway {

/// HMAC-SHA256 of `text` under `key`, in lower-case hex: what signs webhooks and signals.
[[nodiscard]] std::string hmac_sha256(const std::string& key, const std::string& text);

/// Whether two signatures are the same, in a time that tells nothing about where they differ.
[[nodiscard]] bool is_same_signature(const std::string& given, const std::string& expected);

}  // namespace slipway
