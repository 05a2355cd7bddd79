#include "tests/bot/desk.hpp"

#include <catch2/catch_test_macros.hpp>

namespace slipway {

namespace {

using testing::Desk;
using namespace std::chrono_literals;

Person person(const std::string& id)
{
    Person who;
    who.id = UserId(id);
    who.real_name = id;
    return who;
}

/// Alice cancels D-1 in a form.
Judge::Verdict cancels(Desk& desk, const std::string& reason, std::vector<std::string> keys)
{
    Request request{.verb = "cancel", .deployment = DeploymentId{1}, .source = Source::modal};
    request.fields["reason"] = reason;
    return testing::result_of(
        desk.judge.settle(std::move(request), person("U0ALICE"), std::move(keys), {}, "form:V1")
    );
}

std::vector<std::string> timers(const Desk& desk)
{
    return storage::testing::rows(desk.path, "SELECT name FROM timers ORDER BY name");
}

void set_timer(Desk& desk, int deployment, const std::string& name, Instant due)
{
    desk.job([&](storage::Store& store) { store.change_timer(DeploymentId{deployment}, {name, due}); });
}

std::optional<Instant> fire(Desk& desk) { return testing::result_of(desk.judge.fire_due_timers()); }

}  // namespace

TEST_CASE("what any of its keys shows to be seen before is not done again", "[bot][judge]")
{
    Desk desk;
    Request request{.verb = "go", .deployment = DeploymentId{1}, .source = Source::button};
    const auto says = [&](std::vector<std::string> keys) {
        return testing::result_of(desk.judge.settle(request, person("U0DANA"), std::move(keys))).seen_before;
    };
    CHECK_FALSE(says({"envelope:1", "trigger:1"}));
    CHECK(says({"envelope:2", "trigger:1"}));
    CHECK(says({"envelope:2", "trigger:3"}));
    CHECK(desk.happened("go_given") == 1);
}

TEST_CASE("a form that was refused is not submitted yet, one that was taken is", "[bot][judge]")
{
    Desk desk;
    CHECK_FALSE(cancels(desk, "", {"envelope:1"}).result.has_value());
    const auto corrected = cancels(desk, "Not needed", {"envelope:2"});
    CHECK_FALSE(corrected.seen_before);
    CHECK(corrected.result.has_value());
    CHECK(cancels(desk, "Not needed", {"envelope:3"}).seen_before);
    CHECK(desk.happened("cancelled") == 1);
}

TEST_CASE("a refusal is whispered where no acknowledgement can say it", "[bot][judge]")
{
    Desk desk;
    const auto whispers_after = [&](Source source, const Person& who) {
        Request request{.verb = "done", .deployment = DeploymentId{1}, .source = source};
        CHECK_FALSE(testing::result_of(desk.judge.settle(request, who, {})).result.has_value());
        return desk.to_say("whisper").size();
    };
    CHECK(whispers_after(Source::slash, person("U0BOB")) == 0);
    CHECK(whispers_after(Source::modal, person("U0BOB")) == 0);
    CHECK(whispers_after(Source::timer, bot_person()) == 0);
    CHECK(whispers_after(Source::button, person("U0BOB")) == 1);
    CHECK(whispers_after(Source::home, person("U0BOB")) == 2);
    CHECK(whispers_after(Source::reply, person("U0BOB")) == 3);
}

TEST_CASE("the team's timers fire, and are about no deployment", "[bot][judge]")
{
    Desk desk;
    set_timer(desk, 0, "calendar", desk.clock.now());
    const auto next = fire(desk);
    CHECK(timers(desk) == std::vector<std::string>{"hand_over", "runbook_review"});
    REQUIRE(next.has_value());
    desk.clock.wall = *next - 1ms;
    CHECK(fire(desk) == next);
    const auto told = desk.to_say("direct_message").size();
    for (desk.clock.wall = *next; timers(desk).empty() || desk.to_say("direct_message").size() == told;) {
        const auto following = fire(desk);
        REQUIRE(following.has_value());
        desk.clock.wall = *following;
    }
    CHECK(timers(desk).size() == 2);  // each is set again
}

TEST_CASE("a timer fires once, at its moment, and not when it was set again", "[bot][judge]")
{
    Desk desk;
    desk.clock.wall -= 10h;
    const auto due = desk.clock.now() + 1h;
    set_timer(desk, 1, "chase_sign_offs", due);
    CHECK(fire(desk) == due);
    CHECK(timers(desk).size() == 1);
    desk.clock.wall = due;
    (void)fire(desk);
    const auto said = desk.to_say("direct_message").size();
    CHECK(said > 0);
    (void)fire(desk);
    CHECK(desk.to_say("direct_message").size() == said);
}

}  // namespace slipway
