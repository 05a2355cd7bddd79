#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace slipway {

/// One letter with what people's keyboards do to it undone: every white space is ' ', every dash '-', every
/// quote '"' or '\'', every comma ',', digits of any script are 0 to 9, full-width forms the plain ones, line
/// and paragraph separators '\n'. 0 for what nobody sees.
[[nodiscard]] char32_t plain_letter(char32_t letter);

/// `text` in such letters, without those that nobody sees; invalid UTF-8 becomes U+FFFD. Line ends stay '\n'.
[[nodiscard]] std::u32string plain_letters(const std::string& text);

/// For comparing names: without case and accents, "José Ångström" and "jose angstrom" are the same, composed
/// or not. Left off are also Hebrew and Arabic vowel points and the hamza, which are often not written; the
/// vowel signs of Indic scripts and the marks of Thai stay, for without them it is another name.
[[nodiscard]] std::u32string folded_letters(const std::u32string& text);

/// Letters, digits and their marks, of any script.
[[nodiscard]] bool is_of_word(char32_t letter);

/// Emoji, arrows and other signs that are not part of a word.
[[nodiscard]] bool is_pictograph(char32_t letter);

/// Controls (line ends and tabs, too), line and paragraph separators.
[[nodiscard]] bool is_control(char32_t letter);

/// What nobody sees, such as zero-width and bidi characters; not the controls.
[[nodiscard]] bool is_invisible(char32_t letter);

/// `text` without those: what was copied from a message or a page, to be compared or run. Joiners and
/// variation selectors stay.
[[nodiscard]] std::string without_invisible(const std::string& text);

/// One of those that changes the looks of its neighbours, and belongs to how they are written: joiners,
/// variation selectors.
[[nodiscard]] bool shapes_neighbours(char32_t letter);

/// The last place in `text`, `most` or before it, that does not part what people take for one letter: an
/// emoji from its skin tone, a letter from its marks.
[[nodiscard]] std::size_t last_boundary(const std::u32string& text, std::size_t most);

/// The letter at the front of `text`, which is not empty, and the bytes it takes; U+FFFD and 1 for a byte
/// that is not part of valid UTF-8.
struct FrontLetter {
    char32_t letter;
    std::size_t bytes;
};

[[nodiscard]] FrontLetter front_letter(std::string_view text);

/// Every byte that is not part of valid UTF-8 becomes one U+FFFD.
[[nodiscard]] std::u32string from_utf8(const std::string& text);
[[nodiscard]] std::string to_utf8(const std::u32string& text);

/// `text` with A to Z as a to z.
[[nodiscard]] std::string lower(std::string text);

/// `text` with every byte that is not part of valid UTF-8 replaced, so that it can be stored as JSON and read
/// again.
[[nodiscard]] std::string valid_utf8(const std::string& text);

}  // namespace slipway
