#include "tests/bot/desk.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

namespace slipway {

namespace {

using testing::Desk;

/// Petra signed under the card, and Zoe said something, while nobody listened.
struct Missed : Desk {
    Missed()
    {
        http.answer(
            "conversations.replies",
            R"({"ok":true,"messages":[)"
            R"({"type":"message","user":"U0SLIPWAY","bot_id":"B0","text":"D-1","ts":"1.000001"},)"
            R"({"type":"message","user":"U0ZOE","text":"Nice","ts":"1795575500.000100","thread_ts":"1.000001"},)"
            R"({"type":"message","user":"U0PETRA","text":"Stakeholder sign-off: Petra Pohl, today",)"
            R"("ts":"1795575600.000100","thread_ts":"1.000001"}]})"
        );
    }

    bool is_complete() { return testing::result_of(catch_up.read_threads(), context); }
};

}  // namespace

TEST_CASE("what was said while nobody listened is heard, once", "[bot][catch_up]")
{
    Missed desk;
    CHECK(desk.is_complete());
    CHECK(desk.happened("signed_off") == 1);
    const auto& asked = desk.http.asked.front();
    CAPTURE(asked.url, asked.body);
    CHECK((asked.url + asked.body).find("oldest=1795489200") != std::string::npos);  // a day ago
    CHECK(desk.is_complete());
    (void)desk.reply("U0PETRA", "Stakeholder sign-off: Petra Pohl, today");  // and Slack sends it after all
    CHECK(desk.happened("signed_off") == 1);
}

TEST_CASE("threads are read again until all of them was heard", "[bot][catch_up]")
{
    Missed desk;
    const auto* who = GENERATE("U0PETRA", "U0ZOE");  // the last and the first of them
    CAPTURE(who);
    desk.http.answer(std::string("users.info?user=") + who, "<html>", 503);
    CHECK_FALSE(desk.is_complete());
    desk.http.add_user(who, "Petra Pohl");
    CHECK(desk.is_complete());
    CHECK(desk.happened("signed_off") == 1);
}

TEST_CASE("a thread that Slack does not give is read later, or never", "[bot][catch_up]")
{
    Missed desk;
    SECTION("it is away, or refuses the token: later")
    {
        const auto* answer = GENERATE("<html>", R"({"ok":false,"error":"token_revoked"})");
        desk.http.answer("conversations.replies", answer, answer[0] == '<' ? 503 : 200);
        CHECK_FALSE(desk.is_complete());
    }
    SECTION("the card was deleted: never")
    {
        desk.http.answer("conversations.replies", R"({"ok":false,"error":"thread_not_found"})");
        CHECK(desk.is_complete());
    }
    CHECK(desk.happened("signed_off") == 0);
}

TEST_CASE("no thread is read of what has ended", "[bot][catch_up]")
{
    Missed desk;
    desk.events(1, {Cancelled{"Not needed"}});
    CHECK(desk.is_complete());
    CHECK(desk.http.asked.empty());
}

}  // namespace slipway
