#pragma once

#include "commands/text/types.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

/// Stands for a mention in a TypedLine; nobody can type it (private use, replaced when it comes in).
inline constexpr char32_t mention_mark = 0xF8FF;

/// A line of a message twice, letter by letter: as we read it (`plain_letter`), and as it was typed.
struct TypedLine {
    std::u32string plain;
    std::vector<std::u32string>
        typed;                     ///< with each letter the joiners behind it, which names are written with
    std::vector<UserId> mentions;  ///< one per mention_mark

    [[nodiscard]] TypedLine part(std::size_t from, std::size_t to) const;

    /// Without the letters of `around` at both ends.
    [[nodiscard]] TypedLine trimmed(std::u32string_view around) const;

    /// As it was typed, with mentions as Slack writes them.
    [[nodiscard]] std::string text() const;
};

[[nodiscard]] inline bool is_in(char32_t letter, std::u32string_view set)
{
    return set.find(letter) != std::u32string_view::npos;
}

/// A message out of Slack's markup: mentions become marks, links are shown by their label.
[[nodiscard]] TypedLine from_slack(const std::string& message);

/// The lines that say something.
[[nodiscard]] std::vector<TypedLine> lines_of(const TypedLine& message);

/// Without Markdown, quotes, bullets and emoji around it: `> *Stakeholder sign-off: Jane* :tada:` -> its
/// words.
[[nodiscard]] TypedLine undecorated(TypedLine line);

/// Whether the whole line is crossed out.
[[nodiscard]] bool is_struck(const TypedLine& line);

/// Whether an emoji in `text` says no, as itself or by its name in Slack.
[[nodiscard]] bool says_no(std::u32string_view text);

}  // namespace slipway
