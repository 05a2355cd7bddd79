#include "commands/text/letters.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <random>

namespace slipway {

namespace {

std::string plain(const std::string& text) { return to_utf8(plain_letters(text)); }

std::string folded(const std::string& text) { return to_utf8(folded_letters(from_utf8(text))); }

/// Letters of every kind, half of them from the first planes of Unicode, some of them bytes that are none.
std::string any_text(std::mt19937& random)
{
    std::string text;
    for (auto count = std::uniform_int_distribution(0, 12)(random); count > 0; --count) {
        const auto letter = std::uniform_int_distribution<char32_t>(0, 0x10FFFF)(random);
        const bool is_small = std::bernoulli_distribution(0.7)(random);
        text += to_utf8({is_small ? letter % 0x3100 : letter});
        if (std::bernoulli_distribution(0.1)(random)) {
            text += static_cast<char>(letter % 0x80 + 0x80);
        }
    }
    return text;
}

}  // namespace

TEST_CASE("what keyboards put for a plain letter is read as that letter", "[commands][letters]")
{
    CHECK(plain("a\u00A0b\u3000c\u1680d\te") == "a b c d e");
    CHECK(plain("a\u2010b\u2014c\u2212d\uFF0De\u05BEf") == "a-b-c-d-e-f");
    CHECK(
        plain("\u201Ca\u201D \u00ABb\u00BB \u2018c\u2019 O\u00B4D \uFF02e\uFF02") ==
        "\"a\" \"b\" 'c' O'D \"e\""
    );
    CHECK(plain("a\u060Cb\u3001c\uFF0C\u3002") == "a,b,c,.");
    CHECK(
        plain("\uFF21\uFF11 \u0662\u0660 \u06F2\u06F6 \u0967\u096F \U0001D7D8\U0001D7E1") == "A1 20 26 19 09"
    );
    CHECK(plain("a\u200Bb\u202Ec\u2066d\uFEFFe\u00ADf\u3164g\r\x1Bh") == "abcdefgh");
    CHECK(plain("a\u2028b\u2029c\n") == "a\nb\nc\n");
    CHECK(plain("a\xFF\xC3") == "a\uFFFD\uFFFD");
    CHECK(plain("\xED\xA0\x80 \xC0\x80") == "\uFFFD\uFFFD\uFFFD \uFFFD\uFFFD");
}

TEST_CASE("names are compared without case and accents", "[commands][letters]")
{
    CHECK(folded("JOS\u00C9 A\u030Angstro\u0308m") == "jose angstrom");
    CHECK(
        folded("Stra\u00DFe \u1E9E \u00C6r\u00F8 \u0141\u00F3d\u017A \u0110or\u0111evi\u0107") ==
        "strasse ss aero lodz dordevic"
    );
    CHECK(folded("I\u0131\u0130i") == "iiii");  // Turkish has four, people type two
    CHECK(folded("\u0395\u039B\u0388\u039D\u0397\u03A3") == folded("\u03B5\u03BB\u03B5\u03BD\u03B7\u03C2"));
    CHECK(folded("\u0419\u0451") == "\u0438\u0435");
    CHECK(folded("\uFF2A\uFF41\uFF4E\uFF45 \uFF8D\uFF9E \uFB01") == "jane \u30D9 fi");
    CHECK(folded("\u1112\u1161\u11AB") == "\uD55C");
    CHECK(folded("\u304B\u3099") == "\u304C");
    CHECK(folded("\u304C") != folded("\u304B"));
}

TEST_CASE(
    "points that are often not written are left off, vowels that always are stay", "[commands][letters]"
)
{
    CHECK(folded("\u05D3\u05B8\u05BC\u05D5\u05B4\u05D3") == "\u05D3\u05D5\u05D3");              // David
    CHECK(folded("\u0645\u064F\u062D\u064E\u0645\u0651\u062F") == "\u0645\u062D\u0645\u062F");  // Muhammad
    CHECK(folded("\u0623\u062D\u0645\u062F") == "\u0627\u062D\u0645\u062F");                    // Ahmad
    CHECK(folded("\u0930\u0940\u092E\u093E") != folded("\u0930\u092E\u093E"));                  // Rima, Rama
    CHECK(folded("\u0E2A\u0E21\u0E0A\u0E31\u0E22") != folded("\u0E2A\u0E21\u0E0A\u0E22"));      // Somchai
    CHECK(folded("\u0915\u094D\u200D\u0937") == folded("\u0915\u094D\u0937"));
}

TEST_CASE("which letters are pictures", "[commands][letters]")
{
    for (const char32_t letter : U"\U0001F389\u2705\u2192\u00AE\U0001F3FD\U0001F1E9\u20E3\u2764\U0001FAF9") {
        CAPTURE(static_cast<std::uint32_t>(letter));
        CHECK((letter == 0 || is_pictograph(letter)));
    }
    for (const char32_t letter : U"a1+<|~`^-.,\u00DF\u05D3\u0E31\u5C71\u30FC\uFFFD\uF8FF") {
        CAPTURE(static_cast<std::uint32_t>(letter));
        CHECK_FALSE((letter != 0 && is_pictograph(letter)));
    }
}

TEST_CASE(
    "of any bytes, plain letters are valid and folding a second time changes nothing", "[commands][letters]"
)
{
    std::mt19937 random(GENERATE(range(0U, 50U)));
    for (int round = 0; round < 200; ++round) {
        const auto text = any_text(random);
        CAPTURE(text);
        const auto seen = plain(text);
        CHECK(valid_utf8(seen) == seen);
        CHECK(plain(seen) == seen);
        CHECK(folded(folded(seen)) == folded(seen));
        CHECK(to_utf8(from_utf8(text)) == valid_utf8(text));
    }
}

}  // namespace slipway
