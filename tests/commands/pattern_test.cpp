#include "commands/text/pattern.hpp"

#include <catch2/catch_test_macros.hpp>

#include <stdexcept>

namespace slipway {

using Words = std::vector<std::string>;

TEST_CASE("a pattern matches the whole text, or finds its next place in it", "[commands][pattern]")
{
    const Pattern form("([a-z]+)(?:-([0-9]+))?");
    CHECK(form.match("web-12").value().groups == Words{"web-12", "web", "12"});
    CHECK(form.match("web").value().groups == Words{"web", "web", ""});
    CHECK_FALSE(form.matches("web-12,"));
    CHECK_FALSE(form.matches("web\n"));
    CHECK_FALSE(form.matches(""));

    const std::string text = "1 web-12, app";
    const auto first = form.search(text).value();
    CHECK(first.begins == 2);
    CHECK(first.ends == 8);
    CHECK(form.search(text, first.ends).value()[0] == "app");
    CHECK_FALSE(form.search(text, text.size()));
}

TEST_CASE("what stands before the place where a search begins still counts", "[commands][pattern]")
{
    CHECK_FALSE(Pattern(R"(\bword)").search("password", 4));
}

TEST_CASE("case counts unless a pattern ignores it", "[commands][pattern]")
{
    CHECK_FALSE(Pattern("freeze").matches("FReeze"));
    CHECK(Pattern("freeze", Pattern::Case::ignored).matches("FReeze"));
}

TEST_CASE("no text makes a pattern throw or try for ever", "[commands][pattern]")
{
    CHECK(Pattern(".*").matches("\xFF\xC3(\xE2\x80"));
    CHECK(Pattern("a.b").matches(std::string("a\0b", 3)));
    CHECK(Pattern("(?:ab?)*").matches(std::string(100'000, 'a')));
    CHECK_FALSE(Pattern("(?:a+)+b").matches(std::string(5'000, 'a')));
    CHECK_THROWS_AS(Pattern("(a"), std::logic_error);
}

}  // namespace slipway
