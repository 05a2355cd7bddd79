#include "commands/text/phrases.hpp"

#include <catch2/catch_test_macros.hpp>

namespace slipway {

TEST_CASE("a list of words leaves out the empty ones", "[commands][phrases]")
{
    CHECK(joined({}).empty());
    CHECK(joined({"web"}) == "web");
    CHECK(joined({"web", "", "app"}) == "web, app");
    CHECK(joined({"", "app"}) == "app");
    CHECK(mentions({UserId("U0BOB"), UserId("U0ANN")}) == "<@U0ANN>, <@U0BOB>");
}

TEST_CASE("a text is cut neither inside markup nor inside an entity", "[commands][phrases]")
{
    CHECK(shortened("abc", 3) == "abc");
    CHECK(shortened("abcd", 3) == "ab\u2026");
    CHECK(shortened("ab&amp;cd", 6) == "ab\u2026");
    CHECK(shortened("ab<@U0BOB>cd", 8) == "ab\u2026");
    CHECK(shortened("ab<@U0BOB>cd", 11) == "ab<@U0BOB>\u2026");
    CHECK(shortened("ab<https://acme.example|x>cd", 20) == "ab\u2026");
    CHECK(shortened("a < b and then c", 10) == "a < b and\u2026");
}

TEST_CASE("a text is cut between whole letters and whole emoji", "[commands][phrases]")
{
    CHECK(shortened("ab\U0001F44D\U0001F3FDcd", 4) == "ab\u2026");
    CHECK(shortened("ab\U0001F44D\U0001F3FDcd", 5) == "ab\U0001F44D\U0001F3FD\u2026");
    CHECK(shortened("\U0001F469\u200D\U0001F4BB!", 3) == "\u2026");
    CHECK(shortened("Jose\u0301 N", 5) == "Jos\u2026");
    CHECK(shortened("\xFF\xFF\xFF", 2) == "\uFFFD\u2026");
}

}  // namespace slipway
