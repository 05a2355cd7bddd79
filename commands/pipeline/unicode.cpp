#include "commands/pipeline/unicode.hpp"

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

bool is_combining(char32_t letter) { return letter >= 0x300 && letter <= 0x36F; }

/// The base letters of Latin-1 (from U+00C0) and Latin Extended-A (to U+017F), lower case; '.' where there is
/// none.
constexpr char latin_bases[] =
    "aaaaaaaceeeeiiiidnooooo.ouuuuy.s"
    "aaaaaaaceeeeiiiidnooooo.ouuuuy.y"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooo"
    "rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
constexpr char32_t latin_first = 0xC0;
static_assert(sizeof latin_bases - 1 == 0x180 - latin_first);

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
    return letter;
}

/// Vietnamese and other precomposed letters of Latin Extended Additional, by the ranges of their base.
char32_t extended_base(char32_t letter)
{
    struct Range {
        char32_t first, last;
        char base;
    };

    static constexpr Range ranges[] = {
        {0x1E00, 0x1E01, 'a'}, {0x1E02, 0x1E07, 'b'}, {0x1E08, 0x1E09, 'c'}, {0x1E0A, 0x1E13, 'd'},
        {0x1E14, 0x1E1D, 'e'}, {0x1E1E, 0x1E1F, 'f'}, {0x1E20, 0x1E21, 'g'}, {0x1E22, 0x1E2B, 'h'},
        {0x1E2C, 0x1E2F, 'i'}, {0x1E30, 0x1E35, 'k'}, {0x1E36, 0x1E3D, 'l'}, {0x1E3E, 0x1E43, 'm'},
        {0x1E44, 0x1E4B, 'n'}, {0x1E4C, 0x1E53, 'o'}, {0x1E54, 0x1E57, 'p'}, {0x1E58, 0x1E5F, 'r'},
        {0x1E60, 0x1E69, 's'}, {0x1E6A, 0x1E71, 't'}, {0x1E72, 0x1E7B, 'u'}, {0x1E7C, 0x1E7F, 'v'},
        {0x1E80, 0x1E89, 'w'}, {0x1E8A, 0x1E8D, 'x'}, {0x1E8E, 0x1E8F, 'y'}, {0x1E90, 0x1E95, 'z'},
        {0x1EA0, 0x1EB7, 'a'}, {0x1EB8, 0x1EC7, 'e'}, {0x1EC8, 0x1ECB, 'i'}, {0x1ECC, 0x1EE3, 'o'},
        {0x1EE4, 0x1EF1, 'u'}, {0x1EF2, 0x1EF9, 'y'}, {0x01CD, 0x01CE, 'a'}, {0x01CF, 0x01D0, 'i'},
        {0x01D1, 0x01D2, 'o'}, {0x01D3, 0x01DC, 'u'}, {0x01A0, 0x01A1, 'o'}, {0x01AF, 0x01B0, 'u'},
        {0x0218, 0x0219, 's'}, {0x021A, 0x021B, 't'},
    };
    const auto* found = std::find_if(std::begin(ranges), std::end(ranges), [&](const Range& range) {
        return letter >= range.first && letter <= range.last;
    });
    return found == std::end(ranges) ? letter : static_cast<char32_t>(found->base);
}

char32_t base_of(char32_t letter)
{
    if (letter >= latin_first && letter < 0x180) {
        const char base = latin_bases[letter - latin_first];
        return base == '.' ? letter : static_cast<char32_t>(base);
    }
    return lower(extended_base(letter));
}

}  // namespace

std::u32string from_utf8(const std::string& text)
{
    std::u32string letters;
    std::size_t at = 0;
    while (at < text.size()) {
        const auto lead = static_cast<unsigned char>(text[at]);
        const std::size_t length = lead < 0x80          ? 1
                                   : lead >> 5U == 0x6  ? 2
                                   : lead >> 4U == 0xE  ? 3
                                   : lead >> 3U == 0x1E ? 4
                                                        : 0;
        char32_t letter = length == 1 ? lead : lead & (0x7FU >> length);
        bool valid = length > 0 && at + length <= text.size();
        for (std::size_t i = 1; valid && i < length; ++i) {
            const auto next = static_cast<unsigned char>(text[at + i]);
            valid = next >> 6U == 0x2;
            letter = (letter << 6U) | (next & 0x3FU);
        }
        static constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
        valid =
            valid && letter >= smallest[length] && letter <= 0x10FFFF && (letter < 0xD800 || letter > 0xDFFF);
        letters += valid ? letter : replacement;
        at += valid ? length : 1;
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

std::u32string plain_letters(const std::string& text)
{
    std::u32string plain;
    for (const auto letter : from_utf8(text)) {
        if (letter == 0x2028 || letter == 0x2029) {
            plain += U'\n';
        }
        else if (is_invisible(letter)) {
            continue;
        }
        else if (is_space(letter)) {
            plain += U' ';
        }
        else if (is_dash(letter)) {
            plain += U'-';
        }
        else if (is_double_quote(letter)) {
            plain += U'"';
        }
        else if (is_single_quote(letter)) {
            plain += U'\'';
        }
        else {
            plain += letter;
        }
    }
    return plain;
}

std::u32string folded_letters(const std::u32string& text)
{
    std::u32string folded;
    for (const auto letter : text) {
        if (letter == 0xDF) {
            folded += U"ss";
        }
        else if (letter == 0xC6 || letter == 0xE6) {
            folded += U"ae";
        }
        else if (!is_combining(letter)) {
            folded += base_of(letter);
        }
    }
    return folded;
}

}  // namespace slipway
