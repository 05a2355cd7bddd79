#pragma once

#include <cstddef>
#include <string>

namespace slipway {

/// Text of others, as it may be stored and shown: every byte that is not part of valid UTF-8 becomes U+FFFD,
/// and what steers a terminal (control sequences of ECMA-48, controls other than tabs) is left out. Every
/// line end is '\n'.
[[nodiscard]] std::string from_outside(const std::string& bytes);

/// The same as one line of at most `most` letters, for the log.
[[nodiscard]] std::string line_from_outside(const std::string& bytes, std::size_t most);

}  // namespace slipway
