#include "commands/text/letters.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway {

namespace {

constexpr char32_t replacement = U'\uFFFD';

utf8proc_category_t category_of(char32_t letter)
{
    return utf8proc_category(static_cast<utf8proc_int32_t>(letter));
}

const utf8proc_property_t& properties_of(char32_t letter)
{
    return *utf8proc_get_property(static_cast<utf8proc_int32_t>(letter));
}

bool is_dash(char32_t letter)
{
    constexpr char32_t minus = 0x2212;
    return letter == minus || category_of(letter) == UTF8PROC_CATEGORY_PD;
}

bool is_space(char32_t letter) { return letter == U'\t' || category_of(letter) == UTF8PROC_CATEGORY_ZS; }

bool is_line_end(char32_t letter)
{
    const auto category = category_of(letter);
    return category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

/// Arabic's and those of Chinese and Japanese.
bool is_comma(char32_t letter) { return letter == 0x60C || letter == 0x3001 || letter == 0xFF64; }

bool is_full_stop(char32_t letter) { return letter == 0x3002 || letter == 0xFF61; }

bool is_double_quote(char32_t letter)
{
    return (letter >= 0x201C && letter <= 0x201F) || letter == 0xAB || letter == 0xBB;
}

/// With the accents and modifier letters that people take for an apostrophe.
bool is_single_quote(char32_t letter)
{
    return (letter >= 0x2018 && letter <= 0x201B) || letter == 0x2032 || letter == 0xB4 || letter == 0x2BB ||
           letter == 0x2BC;
}

/// Whether a mark may be left off without making it another word: told by the place it takes at its letter
/// (Unicode Standard, table 4-3). Overlays, the points of Hebrew, Arabic and Syriac, and accents above,
/// below and around; not nukta, virama, voicing, vowel signs and the marks of Thai and Lao.
bool is_accent(char32_t letter)
{
    const auto place = properties_of(letter).combining_class;
    return place == 1 || (place >= 10 && place <= 36) || place >= 200;
}

/// What a decimal digit of any script stands for: they come in tens, from zero on.
char32_t digit(char32_t letter)
{
    char32_t before = 0;
    while (category_of(letter - before - 1) == UTF8PROC_CATEGORY_ND) {
        ++before;
    }
    return before % 10;
}

/// Letters that Unicode does not take apart, though people write them without what is special.
std::u32string_view spelt_plainly(char32_t letter)
{
    static constexpr std::array<std::pair<char32_t, std::u32string_view>, 13> letters{
        {{U'æ', U"ae"},
         {U'ð', U"d"},
         {U'ø', U"o"},
         {U'þ', U"th"},
         {U'đ', U"d"},
         {U'ħ', U"h"},
         {U'ı', U"i"},
         {U'ĸ', U"k"},
         {U'ł', U"l"},
         {U'ŋ', U"n"},
         {U'œ', U"oe"},
         {U'ŧ', U"t"},
         {U'ŀ', U"l"}}};
    const auto* found =
        std::find_if(letters.begin(), letters.end(), [&](const auto& each) { return each.first == letter; });
    return found == letters.end() ? std::u32string_view{} : found->second;
}

/// `text` with every letter apart from its marks, in lower case, and compatible forms as the usual ones.
std::vector<utf8proc_int32_t> taken_apart(const std::u32string& text)
{
    constexpr auto how = static_cast<utf8proc_option_t>(
        UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE
    );
    const auto bytes = to_utf8(text);
    const auto into = [&](std::vector<utf8proc_int32_t>& letters) {
        const auto count = utf8proc_decompose(
            reinterpret_cast<const utf8proc_uint8_t*>(bytes.data()),
            static_cast<utf8proc_ssize_t>(bytes.size()),
            letters.data(),
            static_cast<utf8proc_ssize_t>(letters.size()),
            how
        );
        return static_cast<std::size_t>(std::max<utf8proc_ssize_t>(count, 0));
    };
    std::vector<utf8proc_int32_t> letters;
    letters.resize(into(letters));
    into(letters);
    return letters;
}

}  // namespace

FrontLetter front_letter(std::string_view text)
{
    utf8proc_int32_t letter = 0;
    const auto bytes = utf8proc_iterate(
        reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
        static_cast<utf8proc_ssize_t>(text.size()),
        &letter
    );
    return bytes < 1 ? FrontLetter{replacement, 1}
                     : FrontLetter{static_cast<char32_t>(letter), static_cast<std::size_t>(bytes)};
}

std::u32string from_utf8(const std::string& text)
{
    std::u32string letters;
    for (std::string_view rest = text; !rest.empty();) {
        const auto [letter, bytes] = front_letter(rest);
        letters += letter;
        rest.remove_prefix(bytes);
    }
    return letters;
}

std::string to_utf8(const std::u32string& text)
{
    std::string bytes;
    for (const auto letter : text) {
        std::array<utf8proc_uint8_t, 4> encoded{};
        const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(letter), encoded.data());
        bytes.append(encoded.begin(), encoded.begin() + length);
    }
    return bytes;
}

std::string valid_utf8(const std::string& text)
{
    const bool ascii = std::all_of(text.begin(), text.end(), [](char byte) {
        return static_cast<unsigned char>(byte) < 0x80;
    });
    return ascii ? text : to_utf8(from_utf8(text));
}

bool is_control(char32_t letter)
{
    return category_of(letter) == UTF8PROC_CATEGORY_CC || is_line_end(letter);
}

bool is_invisible(char32_t letter) { return properties_of(letter).ignorable; }

bool shapes_neighbours(char32_t letter)
{
    constexpr char32_t non_joiner = 0x200C, joiner = 0x200D;
    return letter == non_joiner || letter == joiner ||
           (properties_of(letter).ignorable && category_of(letter) == UTF8PROC_CATEGORY_MN);
}

std::string without_invisible(const std::string& text)
{
    std::string seen;
    for (std::string_view rest = text; !rest.empty();) {
        const auto [letter, bytes] = front_letter(rest);
        if (!is_invisible(letter) || shapes_neighbours(letter)) {
            seen += rest.substr(0, bytes);
        }
        rest.remove_prefix(bytes);
    }
    return seen;
}

char32_t plain_letter(char32_t letter)
{
    if (letter >= 0xFF01 && letter <= 0xFF5E) {
        letter -= 0xFEE0;  // full-width
    }
    if (letter == U'\n' || is_line_end(letter)) {
        return U'\n';
    }
    if (is_space(letter)) {
        return U' ';
    }
    if (is_control(letter) || is_invisible(letter)) {
        return 0;
    }
    if (category_of(letter) == UTF8PROC_CATEGORY_ND) {
        return U'0' + digit(letter);
    }
    return is_dash(letter)           ? U'-'
           : is_comma(letter)        ? U','
           : is_full_stop(letter)    ? U'.'
           : is_double_quote(letter) ? U'"'
           : is_single_quote(letter) ? U'\''
                                     : letter;
}

std::u32string plain_letters(const std::string& text)
{
    std::u32string plain;
    for (const auto letter : from_utf8(text)) {
        if (const auto seen = plain_letter(letter); seen != 0) {
            plain += seen;
        }
    }
    return plain;
}

std::u32string folded_letters(const std::u32string& text)
{
    std::vector<utf8proc_int32_t> folded;
    for (const auto part : taken_apart(text)) {
        const auto letter = static_cast<char32_t>(part);
        if (const auto plain = spelt_plainly(letter); !plain.empty()) {
            folded.insert(folded.end(), plain.begin(), plain.end());
        }
        else if (!is_accent(letter)) {
            folded.push_back(part);
        }
    }
    const auto length = utf8proc_normalize_utf32(
        folded.data(),
        static_cast<utf8proc_ssize_t>(folded.size()),
        static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE)
    );
    return {folded.begin(), folded.begin() + length};
}

std::size_t last_boundary(const std::u32string& text, std::size_t most)
{
    if (most >= text.size()) {
        return text.size();
    }
    std::size_t last = 0;
    utf8proc_int32_t state = 0;
    for (std::size_t at = 1; at <= most; ++at) {
        const auto before = static_cast<utf8proc_int32_t>(text[at - 1]);
        const auto after = static_cast<utf8proc_int32_t>(text[at]);
        last = utf8proc_grapheme_break_stateful(before, after, &state) ? at : last;
    }
    return last;
}

bool is_of_word(char32_t letter)
{
    const auto category = category_of(letter);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}

bool is_pictograph(char32_t letter)
{
    switch (category_of(letter)) {
        case UTF8PROC_CATEGORY_SO:
            return letter != replacement;
        case UTF8PROC_CATEGORY_SM:
        case UTF8PROC_CATEGORY_SK:
            return letter > 0xFF;
        case UTF8PROC_CATEGORY_ME:
            return true;
        default:
            return letter >= 0x1F000 &&
                   letter <= 0x1FAFF;  // set aside for emoji that are newer than the library
    }
}

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char letter) {
        return static_cast<char>(std::tolower(letter));
    });
    return text;
}

}  // namespace slipway
