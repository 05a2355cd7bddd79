#pragma once

#include <string>

namespace slipway {

/// `text` with what people's keyboards do to it undone: invalid UTF-8 becomes U+FFFD, control, zero-width and bidi
/// characters vanish, every white space becomes ' ', every dash '-', every quote '"' or '\''. Line ends stay '\n'.
[[nodiscard]] std::u32string plain_letters(const std::string& text);

/// Lower case with accents off, for comparing names: "José Ångström" and "jose angstrom" are the same. Letters outside
/// the Latin, Greek and Cyrillic alphabets stay as they are.
[[nodiscard]] std::u32string folded_letters(const std::u32string& text);

[[nodiscard]] std::u32string from_utf8(const std::string& text);
[[nodiscard]] std::string to_utf8(const std::u32string& text);

}  // namespace slipway
