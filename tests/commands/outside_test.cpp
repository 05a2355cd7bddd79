#include "commands/text/outside.hpp"

#include "commands/text/letters.hpp"
#include "commands/text/pattern.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <random>
#include <string>

namespace slipway {

TEST_CASE("text from outside is made fit for the record and a terminal", "[commands][outside]")
{
    struct Row {
        const char* meaning;
        std::string bytes, text;
    };

    const auto row = GENERATE(values<Row>(
        {{"nothing to do", "deployed\n\tweb: café", "deployed\n\tweb: café"},
         {"Latin-1", "D\xe9ploiement rat\xe9\n", "D\uFFFDploiement rat\uFFFD\n"},
         {"a letter that was cut", "caf\xc3", "caf\uFFFD"},
         {"half a surrogate", "a\xed\xa0\x80z", "a\uFFFD\uFFFD\uFFFDz"},
         {"colours", "\x1b[1;31mfailed\x1b[0m", "failed"},
         {"the screen cleared", "\x1b[2J\x1b[Hall is well", "all is well"},
         {"a title and a link",
          "\x1b]0;owned\x07"
          "a\x1b]8;;https://x\x1b\\b",
          "ab"},
         {"tput sgr0", "\x1b(B\x1b[mdone", "done"},
         {"CSI as one letter",
          "\xc2\x9b"
          "31mred",
          "red"},
         {"a title that never ends", "\x1b]0;rest of it", "0;rest of it"},
         {"an ESC at the end", "end\x1b", "end"},
         {"other controls",
          std::string(
              "a\0b\bc\x7f"
              "d",
              7
          ),
          "abcd"},
         {"line ends of Windows", "one\r\ntwo\r\n", "one\ntwo\n"},
         {"a bar that is drawn anew", "10 %\r20 %\r", "10 %\n20 %\n"}}
    ));
    CAPTURE(row.meaning);
    CHECK(from_outside(row.bytes) == row.text);
}

TEST_CASE("for the log it is one line of bounded length", "[commands][outside]")
{
    CHECK(line_from_outside("one\ntwo\tthree", 100) == "one two three");
    CHECK(line_from_outside(std::string(50, 'x'), 10) == std::string(9, 'x') + "…");
}

TEST_CASE("of any bytes, text from outside stays the same a second time", "[commands][outside]")
{
    std::mt19937 random(GENERATE(range(0U, 20U)));
    const std::string alphabet = "\x1b\x1b[]\\;0m\x07\r\n\t \xc2\x9b\xe9 aZ(";
    for (int round = 0; round < 200; ++round) {
        std::string bytes;
        for (int i = 0; i < 20; ++i) {
            bytes += alphabet[random() % alphabet.size()];
        }
        const auto text = from_outside(bytes);
        CAPTURE(text);
        CHECK(text.find('\x1b') == std::string::npos);
        CHECK(valid_utf8(text) == text);
        CHECK(from_outside(text) == text);
    }
}

TEST_CASE("a pattern is replaced wherever it stands", "[commands][pattern]")
{
    CHECK(Pattern("b+").replaced("abbcb", "-") == "a-c-");
    CHECK(Pattern("x*").replaced("abc", "-") == "abc");
}

}  // namespace slipway
