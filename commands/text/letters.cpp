#include "commands/text/letters.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace slipway {

namespace {

constexpr char32_t replacement = U'\uFFFD';

bool is_dash(char32_t letter)
{
    return (letter >= 0x2010 && letter <= 0x2015) || letter == 0x2212 || letter == 0xFE58 ||
           letter == 0xFE63 || letter == 0xFF0D || letter == U'-';
}

bool is_space(char32_t letter)
{
    return letter == U' ' || letter == U'\t' || letter == 0xA0 || (letter >= 0x2000 && letter <= 0x200A) ||
           letter == 0x202F || letter == 0x205F || letter == 0x3000;
}

bool is_invisible(char32_t letter)
{
    return (letter < 0x20 && letter != U'\n' && letter != U'\t') || (letter >= 0x7F && letter < 0xA0) ||
           letter == 0xAD || letter == 0x61C || letter == 0x180E || (letter >= 0x200B && letter <= 0x200F) ||
           (letter >= 0x202A && letter <= 0x202E) || (letter >= 0x2060 && letter <= 0x206F) ||
           letter == 0xFEFF;
}

bool is_double_quote(char32_t letter)
{
    return (letter >= 0x201C && letter <= 0x201F) || letter == 0xAB || letter == 0xBB || letter == 0xFF02;
}

bool is_single_quote(char32_t letter)
{
    return (letter >= 0x2018 && letter <= 0x201B) || letter == 0x2032 || letter == 0xFF07;
}

bool is_combining(char32_t letter)
{
    return (letter >= 0x300 && letter <= 0x36F) || (letter >= 0x483 && letter <= 0x487) ||
           (letter >= 0x591 && letter <= 0x5C7) || (letter >= 0x64B && letter <= 0x65F) || letter == 0x670 ||
           (letter >= 0x1DC0 && letter <= 0x1DFF);
}

/// The base letters of Latin-1 (from U+00C0) and Latin Extended-A (to U+017F), lower case; '.' where there is
/// none.
constexpr char latin_bases[] =
    "aaaaaaaceeeeiiiidnooooo.ouuuuy.s"
    "aaaaaaaceeeeiiiidnooooo.ouuuuy.y"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooo"
    "rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
constexpr char32_t latin_first = 0xC0;
static_assert(sizeof latin_bases - 1 == 0x180 - latin_first);

struct Base {
    char32_t first, last;
    char32_t base;
};

/// Precomposed letters beyond Latin Extended-A, by the ranges of their base.
constexpr Base bases[] = {
    {0x1E00, 0x1E01, 'a'},   {0x1E02, 0x1E07, 'b'},   {0x1E08, 0x1E09, 'c'},   {0x1E0A, 0x1E13, 'd'},
    {0x1E14, 0x1E1D, 'e'},   {0x1E1E, 0x1E1F, 'f'},   {0x1E20, 0x1E21, 'g'},   {0x1E22, 0x1E2B, 'h'},
    {0x1E2C, 0x1E2F, 'i'},   {0x1E30, 0x1E35, 'k'},   {0x1E36, 0x1E3D, 'l'},   {0x1E3E, 0x1E43, 'm'},
    {0x1E44, 0x1E4B, 'n'},   {0x1E4C, 0x1E53, 'o'},   {0x1E54, 0x1E57, 'p'},   {0x1E58, 0x1E5F, 'r'},
    {0x1E60, 0x1E69, 's'},   {0x1E6A, 0x1E71, 't'},   {0x1E72, 0x1E7B, 'u'},   {0x1E7C, 0x1E7F, 'v'},
    {0x1E80, 0x1E89, 'w'},   {0x1E8A, 0x1E8D, 'x'},   {0x1E8E, 0x1E8F, 'y'},   {0x1E90, 0x1E95, 'z'},
    {0x1EA0, 0x1EB7, 'a'},   {0x1EB8, 0x1EC7, 'e'},   {0x1EC8, 0x1ECB, 'i'},   {0x1ECC, 0x1EE3, 'o'},
    {0x1EE4, 0x1EF1, 'u'},   {0x1EF2, 0x1EF9, 'y'},   {0x01A0, 0x01A1, 'o'},   {0x01AF, 0x01B0, 'u'},
    {0x01CD, 0x01CE, 'a'},   {0x01CF, 0x01D0, 'i'},   {0x01D1, 0x01D2, 'o'},   {0x01D3, 0x01DC, 'u'},
    {0x01E6, 0x01E7, 'g'},   {0x01E8, 0x01E9, 'k'},   {0x01EA, 0x01ED, 'o'},   {0x01F4, 0x01F5, 'g'},
    {0x01F8, 0x01F9, 'n'},   {0x01FA, 0x01FB, 'a'},   {0x01FE, 0x01FF, 'o'},   {0x0200, 0x0203, 'a'},
    {0x0204, 0x0207, 'e'},   {0x0208, 0x020B, 'i'},   {0x020C, 0x020F, 'o'},   {0x0210, 0x0213, 'r'},
    {0x0214, 0x0217, 'u'},   {0x0218, 0x0219, 's'},   {0x021A, 0x021B, 't'},   {0x021E, 0x021F, 'h'},
    {0x0226, 0x0227, 'a'},   {0x0228, 0x0229, 'e'},   {0x022A, 0x0231, 'o'},   {0x0232, 0x0233, 'y'},
    {0x0386, 0x0386, 0x3B1}, {0x0388, 0x0388, 0x3B5}, {0x0389, 0x0389, 0x3B7}, {0x038A, 0x038A, 0x3B9},
    {0x038C, 0x038C, 0x3BF}, {0x038E, 0x038E, 0x3C5}, {0x038F, 0x038F, 0x3C9}, {0x0390, 0x0390, 0x3B9},
    {0x03AA, 0x03AA, 0x3B9}, {0x03AB, 0x03AB, 0x3C5}, {0x03AC, 0x03AC, 0x3B1}, {0x03AD, 0x03AD, 0x3B5},
    {0x03AE, 0x03AE, 0x3B7}, {0x03AF, 0x03AF, 0x3B9}, {0x03B0, 0x03B0, 0x3C5}, {0x03C2, 0x03C2, 0x3C3},
    {0x03CA, 0x03CA, 0x3B9}, {0x03CB, 0x03CB, 0x3C5}, {0x03CC, 0x03CC, 0x3BF}, {0x03CD, 0x03CD, 0x3C5},
    {0x03CE, 0x03CE, 0x3C9}, {0x0400, 0x0401, 0x435}, {0x0403, 0x0403, 0x433}, {0x0407, 0x0407, 0x456},
    {0x040C, 0x040C, 0x43A}, {0x040D, 0x040D, 0x438}, {0x040E, 0x040E, 0x443}, {0x0419, 0x0419, 0x438},
    {0x0439, 0x0439, 0x438}, {0x0450, 0x0451, 0x435}, {0x0453, 0x0453, 0x433}, {0x0457, 0x0457, 0x456},
    {0x045C, 0x045C, 0x43A}, {0x045D, 0x045D, 0x438}, {0x045E, 0x045E, 0x443},
};

char32_t lower(char32_t letter)
{
    if (letter >= U'A' && letter <= U'Z') {
        return letter + 32;
    }
    if ((letter >= 0x391 && letter <= 0x3A9) || (letter >= 0x410 && letter <= 0x42F)) {
        return letter + 32;
    }
    if (letter >= 0x400 && letter <= 0x40F) {
        return letter + 80;
    }
    if (letter >= 0x490 && letter <= 0x4BF) {
        return letter | 1U;
    }
    return letter;
}

char32_t base_of(char32_t letter)
{
    if (letter >= latin_first && letter < 0x180) {
        const char base = latin_bases[letter - latin_first];
        return base == '.' ? letter : static_cast<char32_t>(base);
    }
    const auto* found = std::find_if(std::begin(bases), std::end(bases), [&](const Base& range) {
        return letter >= range.first && letter <= range.last;
    });
    return found == std::end(bases) ? lower(letter) : found->base;
}

/// Letters that fold to two.
std::u32string two_letters(char32_t letter)
{
    switch (letter) {
        case 0xDF:
        case 0x1E9E:
            return U"ss";
        case 0xC6:
        case 0xE6:
            return U"ae";
        case 0x152:
        case 0x153:
            return U"oe";
        case 0xDE:
        case 0xFE:
            return U"th";
        default:
            return {};
    }
}

/// Joins `letter` to the letter before it where Unicode composes the two: Hangul by its arithmetic, kana with
/// its voicing mark. (Unicode Standard, 3.12, Conjoining Jamo Behavior)
bool composes(std::u32string& text, char32_t letter)
{
    constexpr char32_t syllables = 0xAC00, leads = 0x1100, vowels = 0x1161, trails = 0x11A7;
    constexpr char32_t vowel_count = 21, trail_count = 28, lead_count = 19;
    if (text.empty()) {
        return false;
    }
    auto& last = text.back();
    if (last >= leads && last < leads + lead_count && letter >= vowels && letter < vowels + vowel_count) {
        last = syllables + ((last - leads) * vowel_count + (letter - vowels)) * trail_count;
        return true;
    }
    const bool open = last >= syllables && last <= 0xD7A3 && (last - syllables) % trail_count == 0;
    if (open && letter > trails && letter < trails + trail_count) {
        last += letter - trails;
        return true;
    }
    if ((letter == 0x3099 || letter == 0x309A) && last >= 0x3041 && last <= 0x30FF) {
        const bool vowel_u = last == 0x3046 || last == 0x30A6;
        last = vowel_u ? last + 0x4E : last + (letter - 0x3098);
        return true;
    }
    return false;
}

/// Of the sequence that begins with `lead`; 0 for a byte that begins none.
std::size_t length_of(unsigned char lead)
{
    return lead < 0x80 ? 1 : lead >> 5U == 0x6 ? 2 : lead >> 4U == 0xE ? 3 : lead >> 3U == 0x1E ? 4 : 0;
}

}  // namespace

FrontLetter front_letter(std::string_view text)
{
    static constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const auto lead = static_cast<unsigned char>(text.front());
    const auto length = length_of(lead);
    char32_t letter = length == 1 ? lead : lead & (0x7FU >> length);
    bool valid = length > 0 && length <= text.size();
    for (std::size_t i = 1; valid && i < length; ++i) {
        const auto next = static_cast<unsigned char>(text[i]);
        valid = next >> 6U == 0x2;
        letter = (letter << 6U) | (next & 0x3FU);
    }
    valid = valid && letter >= smallest[length] && letter <= 0x10FFFF && (letter < 0xD800 || letter > 0xDFFF);
    return valid ? FrontLetter{letter, length} : FrontLetter{replacement, 1};
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
    const auto put = [&](char32_t value) { bytes += static_cast<char>(static_cast<unsigned char>(value)); };
    for (const auto letter : text) {
        if (letter < 0x80) {
            put(letter);
        }
        else if (letter < 0x800) {
            put(0xC0 | (letter >> 6U));
            put(0x80 | (letter & 0x3FU));
        }
        else if (letter < 0x10000) {
            put(0xE0 | (letter >> 12U));
            put(0x80 | ((letter >> 6U) & 0x3FU));
            put(0x80 | (letter & 0x3FU));
        }
        else {
            put(0xF0 | (letter >> 18U));
            put(0x80 | ((letter >> 12U) & 0x3FU));
            put(0x80 | ((letter >> 6U) & 0x3FU));
            put(0x80 | (letter & 0x3FU));
        }
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

char32_t plain_letter(char32_t letter)
{
    if (letter == 0x2028 || letter == 0x2029) {
        return U'\n';
    }
    if (is_invisible(letter)) {
        return 0;
    }
    if (is_space(letter)) {
        return U' ';
    }
    if (is_dash(letter)) {
        return U'-';
    }
    if (is_double_quote(letter)) {
        return U'"';
    }
    if (is_single_quote(letter)) {
        return U'\'';
    }
    return letter >= 0xFF01 && letter <= 0xFF5E ? letter - 0xFEE0 : letter;
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
    std::u32string folded;
    for (const auto letter : text) {
        if (const auto two = two_letters(letter); !two.empty()) {
            folded += two;
        }
        else if (!is_combining(letter) && !composes(folded, letter)) {
            folded += base_of(letter);
        }
    }
    return folded;
}

bool is_pictograph(char32_t letter)
{
    return (letter >= 0x2190 && letter <= 0x2BFF) || (letter >= 0xFE00 && letter <= 0xFE0F) ||
           letter == 0x20E3 || (letter >= 0x1F000 && letter <= 0x1FAFF) ||
           (letter >= 0xE0020 && letter <= 0xE007F);
}

}  // namespace slipway
