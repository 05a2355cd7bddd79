#include "commands/reading/typed_line.hpp"

#include "commands/text/letters.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace slipway {

namespace {

using Text = std::u32string_view;

bool is_capital_or_digit(char32_t letter)
{
    return (letter >= U'A' && letter <= U'Z') || (letter >= U'0' && letter <= U'9');
}

/// One that the name of an emoji may hold: `:flag-de:`, `:+1:`.
bool is_of_emoji_name(char32_t letter)
{
    return (letter >= U'a' && letter <= U'z') || is_capital_or_digit(letter) || is_in(letter, U"_+-");
}

void add(TypedLine& line, char32_t letter)
{
    if (const auto seen = plain_letter(letter); seen != 0) {
        line.plain += seen;
        line.typed.emplace_back(1, seen == U' ' || seen == U'\n' ? seen : letter);
    }
    else if (shapes_neighbours(letter) && !line.typed.empty()) {
        line.typed.back() += letter;
    }
}

/// `&lt;` at `at`: the letter, and how long it stood.
std::pair<char32_t, std::size_t> entity(Text text, std::size_t at)
{
    static constexpr std::array<std::pair<Text, char32_t>, 3> entities{
        {{U"&lt;", U'<'}, {U"&gt;", U'>'}, {U"&amp;", U'&'}}};
    for (const auto& [name, letter] : entities) {
        if (text.substr(at).starts_with(name)) {
            return {letter, name.size()};
        }
    }
    return {text[at] == mention_mark ? 0xFFFD : text[at], 1};
}

void add_text(TypedLine& line, Text text)
{
    for (std::size_t at = 0; at < text.size();) {
        const auto [letter, length] = entity(text, at);
        add(line, letter);
        at += length;
    }
}

/// What stands between < and >: a mention, or a link shown by its label.
void add_markup(TypedLine& line, Text inside)
{
    const auto bar = inside.find(U'|');
    const auto id = inside.substr(0, bar);
    const bool user = id.size() > 2 && id[0] == U'@' && is_in(id[1], U"UW") &&
                      std::all_of(id.begin() + 2, id.end(), is_capital_or_digit);
    if (user) {
        line.plain += mention_mark;
        line.typed.emplace_back(1, mention_mark);
        line.mentions.emplace_back(to_utf8(std::u32string(id.substr(1))));
        return;
    }
    add_text(line, bar == Text::npos ? inside : inside.substr(bar + 1));
}

/// The length of an emoji at the end of `text`, as `:tada:` or as itself; 0 for none.
std::size_t trailing_emoji(Text text)
{
    if (!text.empty() && is_pictograph(text.back())) {
        return 1;
    }
    if (text.size() < 3 || text.back() != U':') {
        return 0;
    }
    auto at = text.size() - 1;
    while (at > 0 && is_of_emoji_name(text[at - 1])) {
        --at;
    }
    const bool opened = at > 0 && at + 1 < text.size() && text[at - 1] == U':';
    const bool apart = opened && (at == 1 || text[at - 2] == U' ' ||
                                  (text[at - 2] == U':' && text.substr(at).starts_with(U"skin-tone-")));
    return apart ? text.size() - (at - 1) : 0;
}

std::size_t leading_emoji(Text text)
{
    if (!text.empty() && is_pictograph(text.front())) {
        return 1;
    }
    const auto close = text.find(U':', 1);
    if (text.size() < 3 || text.front() != U':' || close == Text::npos || close == 1) {
        return 0;
    }
    const auto code = text.substr(1, close - 1);
    return std::all_of(code.begin(), code.end(), is_of_emoji_name) ? close + 1 : 0;
}

}  // namespace

TypedLine TypedLine::part(std::size_t from, std::size_t to) const
{
    const auto first = static_cast<std::ptrdiff_t>(from);
    const auto last = static_cast<std::ptrdiff_t>(to);
    const auto before = std::count(plain.begin(), plain.begin() + first, mention_mark);
    return {
        plain.substr(from, to - from),
        {typed.begin() + first, typed.begin() + last},
        {mentions.begin() + before, mentions.end()}};
}

TypedLine TypedLine::trimmed(Text around) const
{
    const auto first = plain.find_first_not_of(around);
    const auto last = plain.find_last_not_of(around);
    return first == std::u32string::npos ? TypedLine{} : part(first, last + 1);
}

std::string TypedLine::text() const
{
    std::string text;
    auto mention = mentions.begin();
    for (std::size_t at = 0; at < plain.size(); ++at) {
        text += plain[at] == mention_mark ? "<@" + (mention++)->str() + ">" : to_utf8(typed[at]);
    }
    return text;
}

TypedLine from_slack(const std::string& message)
{
    const auto letters = from_utf8(message);
    const Text all(letters);
    TypedLine line;
    for (std::size_t at = 0; at < all.size();) {
        const auto next = std::min(all.find(U'<', at), all.size());
        add_text(line, all.substr(at, next - at));
        const auto close = next < all.size() ? all.find(U'>', next) : Text::npos;
        if (close == Text::npos) {
            add_text(line, all.substr(next));
            return line;
        }
        add_markup(line, all.substr(next + 1, close - next - 1));
        at = close + 1;
    }
    return line;
}

TypedLine undecorated(TypedLine line)
{
    for (;;) {
        auto shorter = line.trimmed(U" *_~`\"'\n");
        if (const auto emoji = leading_emoji(shorter.plain); emoji > 0) {
            shorter = shorter.part(emoji, shorter.plain.size());
        }
        else if (shorter.plain.starts_with(U">") || shorter.plain.starts_with(U"\u2022")) {
            shorter = shorter.part(1, shorter.plain.size());
        }
        else if (shorter.plain.starts_with(U"- ")) {
            shorter = shorter.part(2, shorter.plain.size());
        }
        else if (const auto last = trailing_emoji(shorter.plain); last > 0) {
            shorter = shorter.part(0, shorter.plain.size() - last);
        }
        if (shorter.plain.size() == line.plain.size()) {
            return line;
        }
        line = std::move(shorter);
    }
}

bool says_no(Text text)
{
    static constexpr Text signs =
        U"\u2716\u2717\u2718\u274C\u274E\u26D4\U0001F44E\U0001F645\U0001F6AB\U0001F6D1";
    static constexpr std::array<Text, 11> codes{
        U":x:",
        U":-1:",
        U":thumbsdown:",
        U":no_entry:",
        U":no_entry_sign:",
        U":no_good",  // also :no_good-woman:
        U":man-gesturing-no:",
        U":woman-gesturing-no:",
        U":octagonal_sign:",
        U":negative_squared_cross_mark:",
        U":heavy_multiplication_x:"};
    return text.find_first_of(signs) != Text::npos ||
           std::any_of(codes.begin(), codes.end(), [&](Text code) { return text.find(code) != Text::npos; });
}

bool is_struck(const TypedLine& line)
{
    const auto outer = line.trimmed(U" *_`\"'\n").plain;
    return outer.size() > 2 && outer.front() == U'~' && outer.back() == U'~';
}

std::vector<TypedLine> lines_of(const TypedLine& message)
{
    std::vector<TypedLine> lines;
    for (std::size_t from = 0; from <= message.plain.size();) {
        const auto to = std::min(message.plain.find(U'\n', from), message.plain.size());
        auto line = message.part(from, to);
        if (!undecorated(line).plain.empty()) {
            lines.push_back(std::move(line));
        }
        from = to + 1;
    }
    return lines;
}

}  // namespace slipway
