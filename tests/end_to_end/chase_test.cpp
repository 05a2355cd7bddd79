// What is chased until it is done: sign-offs and the review of an exception (design 4.2, 4.4).
#include "tests/end_to_end/live_deployment.hpp"

namespace demo {

namespace {

using Rows = std::vector<std::string>;

bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

constexpr auto sign_offs = "SELECT user_id, roles FROM sign_offs WHERE state = 'valid'";

/// D-1 a week ahead, so that there is time to ask again.
struct WeekAhead : Team {
    explicit WeekAhead(Options options = {}) : Team(std::move(options))
    {
        constexpr std::int64_t week = 7 * 24 * 3'600;
        REQUIRE(alice.plans({{"starts_at", example_plan().at("starts_at").as_int64() + week}}));
    }

    std::size_t chased(const std::string& user)
    {
        return times_told(*this, user, "D-1 (Faster search) is still waiting for your sign-off");
    }
};

}  // namespace

TEST_CASE(
    "missing sign-offs are asked for again after a day, then daily, of who is missing", "[end_to_end][chase]"
)
{
    WeekAhead world;
    world.advance(23h + 55min);
    CHECK(world.chased("U0PETRA") == 0);
    world.advance(5min);
    CHECK(world.chased("U0PETRA") == 1);
    CHECK(world.chased("U0JANE") == 1);
    REQUIRE(world.jane.presses_in_messages("verb:signoff"));
    CHECK(world.rows(sign_offs) == Rows{"U0JANE|requestor"});
    world.advance(24h);
    CHECK(world.chased("U0PETRA") == 2);
    CHECK(world.chased("U0JANE") == 0);  // what asked her says now that she signed
    CHECK(was_told(world, "U0JANE", "You signed off D-1 (Faster search)"));
    REQUIRE(world.petra.presses_in_messages("verb:signoff"));
    world.advance(72h);
    CHECK(world.chased("U0PETRA") == 0);
}

TEST_CASE("the requestor asks a representative with the button of the asking", "[end_to_end][chase]")
{
    WeekAhead world;
    TeamMember raj(world, "U0RAJ");
    world.advance(24h);
    REQUIRE(world.jane.presses_in_messages("verb:delegate:3"));
    REQUIRE(world.jane.submits({{"user", "U0RAJ"}}));
    CHECK(thread_says(world, "D-1", "<@U0JANE> asked <@U0RAJ> to sign off as Original requestor instead"));
    CHECK(was_told(world, "U0RAJ", "asks you to look at D-1 (Faster search)"));
    world.advance(24h);
    CHECK(world.chased("U0RAJ") == 1);
    CHECK(world.chased("U0JANE") == 1);
    SECTION("who signs by reply")
    {
        raj.replies("D-1", "Stakeholder sign-off: Raj Rao, today");
        CHECK(world.rows(sign_offs) == Rows{"U0RAJ|requestor"});
        CHECK(world.server.linear.comments.front().body == "Stakeholder sign-off: Raj Rao, 2026-11-26");
    }
    SECTION("the requestor may still sign")
    {
        world.jane.types("/deploy signoff D-1");
        CHECK(world.rows(sign_offs) == Rows{"U0JANE|requestor"});
    }
}

TEST_CASE(
    "a role's sign-off goes to another holder of the role only, and never to the author",
    "[end_to_end][chase]"
)
{
    BotInSimulator::Options options;
    options.config = example_config();
    options.config.replace(options.config.find("[\"U0PETRA\"]"), 11, "[\"U0PETRA\", \"U0ANNE\"]");
    WeekAhead world(options);
    REQUIRE(world.petra.presses_in_messages("verb:delegate:3"));
    REQUIRE(world.petra.submits({{"user", "U0RAJ"}}));
    CHECK(world.petra.sees_error("user", "The Product Lead has to sign this off in person"));
    REQUIRE(world.petra.submits({{"user", "U0ALICE"}}));
    CHECK(world.petra.sees_error("user", "someone else has to sign it off"));
    REQUIRE(world.petra.submits({{"user", "U0ANNE"}}));
    CHECK(was_told(world, "U0ANNE", "asks you to look at D-1"));
    world.advance(24h);
    CHECK(world.chased("U0ANNE") == 1);
    CHECK(world.chased("U0PETRA") == 0);
    world.bob.types("/deploy delegate D-1 <@U0RAJ>");
    CHECK(contains(last_whisper(world, "U0BOB"), "you don't hold any of those roles"));
}

TEST_CASE("the retroactive review of an exception is due in 24 hours and chased", "[end_to_end][chase]")
{
    Team world;
    REQUIRE(world.alice.plans({{"priority", "P0"}}));
    world.bob.types("/deploy start D-1 Nobody can log in");  // on call: may except for a P0
    REQUIRE(world.stage() == "deploying");
    CHECK(thread_says(world, "D-1", "recorded an exception: Nobody can log in. It covers what wasn't met:"));
    const auto chased = [&] { return times_told(world, "U0DANA", "The review of the exception for D-1"); };
    world.advance(23h + 55min);
    CHECK(chased() == 0);
    world.advance(5min);
    CHECK(chased() == 1);
    world.advance_to("2026-11-26 09:00");  // the next morning
    CHECK(chased() == 2);
    world.dana.types("/deploy review D-1 It was right");
    world.advance(48h);
    CHECK(chased() == 2);
    CHECK(world.rows("SELECT count(*) FROM events WHERE kind = 'review_done'") == Rows{"1"});
}

TEST_CASE("the roles asked for go by the kind of change", "[end_to_end][chase]")
{
    struct Row {
        json::object plan;
        const char* roles;
    };

    const std::vector<Row> table{
        {{{"client_facing", "yes"}}, "as Product Lead and Original requestor:"},
        {{{"client_facing", "no"}}, "as Dev Lead and Product Lead:"},
        {{{"client_facing", "yes"}, {"client", "Globex"}},
         "as Product Lead, Account Manager and Original requestor:"},
    };
    Team world;
    int number = 0;
    for (const auto& row : table) {
        CAPTURE(row.roles);
        REQUIRE(world.alice.plans(row.plan));
        CHECK(thread_says(world, "D-" + std::to_string(++number), row.roles));
    }
}

}  // namespace demo
