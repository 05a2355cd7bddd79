// One test for each line of the document's On-Call Considerations.
#include "commands/pipeline/on_call.hpp"

#include "commands/pipeline/calendar.hpp"
#include "tests/commands/team_in_memory.hpp"

namespace slipway::testing {

namespace {

/// Sprints of the scene: two weeks from Monday 2026-11-16; Bob, then Carl from 2026-11-30 00:00 EST.
const Instant turn = est("2026-11-30 00:00");

std::vector<std::pair<UserId, std::string>> direct_messages(const TeamInMemory& world)
{
    std::vector<std::pair<UserId, std::string>> messages;
    for (const auto& each : world.said) {
        if (const auto* message = std::get_if<DirectMessage>(&each.saying)) {
            messages.emplace_back(message->user, message->sentence.id);
        }
    }
    return messages;
}

}  // namespace

TEST_CASE("On-call: identified before every deployment", "[commands][document]")
{
    StagedDeployment scene(usual_plan(), "");
    CHECK(on_call_for(scene.deployment, scene.now, scene.team, scene.policy) == id_of("bob"));
    scene.policy.rotation.clear();
    const auto refused = refusals_of(scene.ask("dana", "start"));
    CHECK(has(refused, "on_call_nobody"));
    const auto planned = scene.ask("alice", "plan", plan_fields({{"starts_at", "tue 22:30"}}));
    const auto& replies = planned->reply;
    const auto warned = std::find_if(replies.begin(), replies.end(), [](const Sentence& each) {
        return each.id == "warn_not_covered";
    });
    REQUIRE(warned != replies.end());
    CHECK(warned->facts.at("from") == "2026-11-24 22:30");  // as `oncall swap` takes it
    CHECK(warned->facts.at("length") == "5h30m");
}

TEST_CASE("On-call: available for the deployment window + 2 hours after", "[commands][document]")
{
    const StagedDeployment scene;
    const auto gaps = [&](Instant start, std::chrono::minutes duration) {
        return uncovered(id_of("bob"), start, duration, scene.team, scene.policy);
    };
    // Start, 45 minutes and two hours end on the turn of the sprint exactly, or a moment after.
    CHECK(gaps(turn - 165min, 45min).empty());
    const auto late = gaps(turn - 165min + 1ms, 45min);
    REQUIRE(late.size() == 1);
    CHECK(late.front() == Span{turn, turn + 1ms});
    CHECK(gaps(turn - 165min, 46min).size() == 1);
    CHECK(gaps(turn, 45min).size() == 1);
    SECTION("it is checked when the plan is made")
    {
        StagedDeployment planning(usual_plan(), "");
        planning.now = turn - 5h;  // Sunday 19:00
        const auto plan = [&](const char* when) {
            return sentences_of(*planning.ask(
                "alice", "plan", plan_fields({{"on_call", "U0BOB"}, {"duration", "45m"}, {"starts_at", when}})
            ));
        };
        CHECK_FALSE(has(plan("sun 21:15"), "warn_not_covered"));
        CHECK(has(plan("sun 21:16"), "warn_not_covered"));
    }
    SECTION("and again at the start")
    {
        StagedDeployment starting;
        starting.make_startable();
        starting.happens("dana", Rescheduled{2, turn - 2h, 45min});
        starting.happens("slipway", NoticeSent{"pre_deployment", 2, false});
        starting.now = turn - 2h;
        CHECK(has(refusals_of(starting.ask("dana", "start")), "on_call_not_covered"));
        starting.say("bob", "ready");  // his word for this very evening
        CHECK_FALSE(has(refusals_of(starting.ask("dana", "start")), "on_call_not_covered"));
    }
    SECTION("a window is covered to its end, however short the deployment")
    {
        // Bob until Wednesday 04:00: two hours after the window, though his work would be done by 22:45.
        const auto gaps_in = [&](const char* until) {
            StagedDeployment swapped;
            swapped.swaps("bob", "carl", est(until), est("2026-11-25 12:00"));
            return uncovered(id_of("bob"), evening, 45min, swapped.team, swapped.policy);
        };
        CHECK(gaps_in("2026-11-25 04:00").empty());
        CHECK(
            gaps_in("2026-11-25 03:59") ==
            std::vector<Span>{{est("2026-11-25 03:59"), est("2026-11-25 04:00")}}
        );
    }
    SECTION("a ready from before a swap that takes some of the time away does not stand for it")
    {
        StagedDeployment starting;
        starting.make_startable();
        CHECK(outcome_of(starting.ask("bob", "start")) == "allowed");
        starting.now += 1min;
        starting.swaps("bob", "carl", est("2026-11-25 01:00"), est("2026-11-25 12:00"));
        const auto refused = refusals_of(starting.ask("bob", "start"));
        CHECK(has(refused, "on_call_not_covered"));
        CHECK(has(refused, "on_call_not_ready"));
        starting.now += 1min;
        starting.say("bob", "ready");  // he knows of the swap and will be there all the same
        CHECK(outcome_of(starting.ask("bob", "start")) == "allowed");
    }
    SECTION("a swap covers, with its ends on the moment")
    {
        StagedDeployment swapped;
        swapped.swaps("carl", "bob", turn, turn + 1h);
        CHECK(uncovered(id_of("bob"), turn - 2h, 60min, swapped.team, swapped.policy).empty());
        CHECK(uncovered(id_of("bob"), turn - 2h, 61min, swapped.team, swapped.policy).size() == 1);
        CHECK(on_call_at(turn + 1h - 1ms, swapped.team, swapped.policy) == id_of("bob"));
        CHECK(on_call_at(turn + 1h, swapped.team, swapped.policy) == id_of("carl"));
    }
}

TEST_CASE("On-call: who was named in the plan can be another one later", "[commands][document]")
{
    const auto on_call_of = [](const StagedDeployment& scene) {
        return on_call_for(scene.deployment, scene.now, scene.team, scene.policy);
    };
    const boost::json::object same_time{
        {"starts_at", std::chrono::duration_cast<std::chrono::seconds>(evening.time_since_epoch()).count()}};
    SECTION("by a swap over the start that is made afterwards, as the refusal says")
    {
        StagedDeployment scene;
        scene.deployment.on_call_named_at = evening - 5h;  // planned in the afternoon
        scene.now = evening - 2h;
        scene.say("bob", "ready");  // his word, not that of whoever takes over
        const auto refusal = refusals_of(scene.ask("carl", "ready"));
        CHECK(refusal == std::vector<std::string>{"ready_not_yours"});
        const auto swapped =
            scene.say("dana", "swap", {{"user", "U0CARL"}, {"from", "tue 21:00"}, {"to", "8h"}});
        CHECK(all_of<DirectMessage>(swapped).size() == 2);  // both are told
        CHECK(on_call_of(scene) == id_of("carl"));
        CHECK(outcome_of(scene.ask("bob", "ready")) == "ready_not_yours");
        CHECK(has(refusals_of(scene.ask("dana", "start")), "on_call_not_ready"));
        scene.say("carl", "ready");
        scene.now = evening;
        CHECK_FALSE(has(refusals_of(scene.ask("carl", "start")), "on_call_not_covered"));
    }
    SECTION("not by one of before, nor by one of another night")
    {
        StagedDeployment scene;
        scene.swaps("bob", "carl", evening + 24h, evening + 30h);
        CHECK(on_call_of(scene) == id_of("bob"));
        scene.now += 1min;
        scene.swaps("bob", "carl", evening - 1h, evening + 6h);
        scene.now += 1min;
        scene.happens("alice", OnCallAssigned{id_of("bob")});
        CHECK(on_call_of(scene) == id_of("bob"));
    }
    SECTION("by name, with the time or without; the sign-offs stay and the new one is asked")
    {
        StagedDeployment scene;
        scene.now = evening - 5h;
        scene.pass_gate2();
        scene.say("bob", "ready");
        for (const auto* verb : {"reschedule", "amend"}) {
            INFO(verb);
            auto fields = std::string(verb) == "amend" ? usual_fields() : same_time;
            fields["on_call"] = "U0CARL";
            const auto decided = scene.ask("alice", verb, fields);
            REQUIRE(decided.has_value());
            CHECK(decided->events.size() == 1);
            CHECK(events_of<OnCallAssigned>(*decided).front().user == id_of("carl"));
            const auto asked = all_of<DirectMessage>(*decided);
            REQUIRE(asked.size() == 1);
            CHECK(asked.front().user == id_of("carl"));
            CHECK(asked.front().sentence.id == "ask_confirm");
            CHECK(asked.front().sentence.facts.at("to") == "Wed Nov 25, 04:00 EST");
            auto changed = scene;
            changed.take("alice", *decided);
            CHECK(changed.deployment.stage == Stage::signed_off);
            CHECK_FALSE(changed.deployment.ready);
            fields["on_call"] = "U0BOB";  // who it was
            CHECK_FALSE(scene.ask("alice", verb, fields).has_value());
            fields["on_call"] = "U0PETRA";
            CHECK(outcome_of(scene.ask("alice", verb, fields)) == "swap_not_developer");
        }
    }
    SECTION("by name, when the planned time has passed and stays as it is")
    {
        StagedDeployment scene;
        scene.deployment.starts_at = evening + 250ms;  // "in 5h": a form tells it to the second
        auto fields = same_time;
        fields["on_call"] = "U0CARL";
        for (const auto& [later, asked] : {std::pair{1h, 1U}, {72h, 0U}}) {
            CAPTURE(later.count());
            scene.now = evening + later;
            const auto decided = scene.ask("alice", "reschedule", fields);
            REQUIRE(decided.has_value());
            CHECK(decided->events.size() == 1);
            CHECK(events_of<OnCallAssigned>(*decided).front().user == id_of("carl"));
            // Within the window he is asked whether he is there, and warned of; days later neither.
            CHECK(all_of<DirectMessage>(*decided).size() == asked);
            CHECK(has(sentences_of(*decided), "warn_not_covered") == (asked > 0));
            CHECK_FALSE(has(sentences_of(*decided), "warn_outside_window"));
        }
        fields["duration"] = "30m";  // another schedule, which would be announced
        CHECK(outcome_of(scene.ask("alice", "reschedule", fields)) == "time_past");
        fields.erase("duration");
        fields["starts_at"] = fields["starts_at"].as_int64() - 60;
        CHECK(outcome_of(scene.ask("alice", "reschedule", fields)) == "time_past");
    }
}

TEST_CASE("On-call: whoever plans for themselves is not asked to confirm", "[commands][document]")
{
    const StagedDeployment scene;
    for (const auto& [planner, asked] : {std::pair{"alice", true}, {"bob", false}}) {
        INFO(planner);
        const auto planned =
            scene.ask(planner, "plan", plan_fields({{"on_call", "U0BOB"}, {"starts_at", "wed 22:00"}}));
        CHECK(has(sentences_of(*planned), "ask_confirm") == asked);
        CHECK(events_of<Planned>(*planned).front().duration == 30min);  // none was given
    }
}

TEST_CASE("On-call: the earliest turn that is not confirmed is the one that is", "[commands][document]")
{
    StagedDeployment scene;
    scene.swaps("carl", "bob", turn + 72h, turn + 78h);
    scene.swaps("carl", "bob", turn + 24h, turn + 30h);
    Request request;
    request.verb = "confirm";
    auto next = [&] {
        auto snapshot = scene.seen_by(person_called("bob"));
        snapshot.deployment.reset();
        const auto decided = decide(request, snapshot);
        if (!decided) {
            return outcome_of(decided);
        }
        scene.take("bob", *decided);
        return team_time(std::get<OnCallConfirmed>(decided->team_events.front()).begins, scene.policy);
    };
    CHECK(next() == "Mon Nov 16, 00:00 EST");  // the sprint that has begun
    CHECK(next() == "Tue Dec 1, 00:00 EST");
    CHECK(next() == "Thu Dec 3, 00:00 EST");
    CHECK(next() == "confirm_already");
}

TEST_CASE(
    "On-call: production access, monitoring and the rollback procedure are at hand in the runbook",
    "[commands][document]"
)
{
    const StagedDeployment scene;
    const boost::json::object text{{"runbook", "## Server Access\nvault\n## Rollback Commands\nrevert\n"}};
    for (const auto* name : {"bob", "carl"}) {
        const auto shown = scene.ask(name, "runbook", text, "Rollback Commands");
        REQUIRE(shown.has_value());
        CHECK(shown->reply.front().facts.at("text") == "## Rollback Commands\nrevert\n");
    }
}

TEST_CASE("On-call: authority to rollback without waiting for approval", "[commands][document]")
{
    StagedDeployment scene(usual_plan(), "");
    scene.reach(Stage::deploying);
    scene.deployment.go.reset();
    CHECK(outcome_of(scene.ask("bob", "rollback")) == "allowed");
}

TEST_CASE("Rotation: On-call rotates each sprint", "[commands][document]")
{
    const StagedDeployment scene;
    const auto at = [&](Instant when) { return on_call_at(when, scene.team, scene.policy); };
    CHECK(at(est("2026-11-16 00:00")) == id_of("bob"));
    CHECK(at(est("2026-11-16 00:00") - 1ms) == id_of("carl"));
    CHECK(at(turn - 1ms) == id_of("bob"));
    CHECK(at(turn) == id_of("carl"));
    CHECK(at(turn + 14 * 24h - 1ms) == id_of("carl"));
    CHECK(at(turn + 14 * 24h) == id_of("bob"));
    // Midnight of the team's clock, also once it has changed (2027-03-14): then it is 04:00 UTC.
    const auto summer = Instant(date::sys_days{date::year{2027} / 3 / 22}) + 4h;
    CHECK(sprint_at(summer, scene.team, scene.policy)->span.begins == summer);
    CHECK(at(summer) != at(summer - 1ms));
}

TEST_CASE("Rotation: All developers should be trained on rollback procedures", "[commands][document]")
{
    StagedDeployment scene;
    const auto swap = [&](const char* user) {
        return outcome_of(scene.ask("bob", "swap", {{"user", user}, {"from", "wed 22:00"}, {"to", "6h"}}));
    };
    CHECK(swap("U0CARL") == "allowed");
    CHECK(swap("U0DANA") == "allowed");
    CHECK(swap("U0PETRA") == "swap_not_developer");
    CHECK(swap("U0ZOE") == "swap_not_developer");
}

TEST_CASE("Rotation: On-call schedule is set during sprint planning", "[commands][document]")
{
    const StagedDeployment scene;
    const auto shown = scene.ask("zoe", "oncall");
    REQUIRE(shown.has_value());
    CHECK(shown->reply.front().facts.at("on_call") == "<@U0BOB>");
    CHECK(shown->reply.back().id == "on_call_next");
    CHECK(shown->reply.back().facts.at("on_call") == "<@U0CARL>");
    CHECK(shown->reply.back().facts.at("when") == "Mon Nov 30, 00:00 EST");
    const auto swapped = scene.ask("carl", "swap", {{"user", "U0BOB"}, {"from", "tue 22:00"}, {"to", "6h"}});
    CHECK(swapped->team_events.size() == 1);
    // The swaps to come are listed, the first one first; those that are over are not.
    StagedDeployment later;
    later.swaps("bob", "carl", evening + 48h, evening + 54h);
    later.swaps("bob", "dana", evening - 1h, evening + 6h);
    later.swaps("bob", "carl", evening - 9h, evening);
    const auto listed = later.ask("zoe", "oncall")->reply;
    REQUIRE(listed.size() == 4);
    CHECK(listed[2].id == "swapped");
    CHECK(listed[2].facts.at("on_call") == "<@U0DANA>");
    CHECK(listed[2].facts.at("from") == "Tue Nov 24, 21:00 EST");
    CHECK(listed[3].facts.at("from") == "Thu Nov 26, 22:00 EST");
}

TEST_CASE("Rotation: a swap as people type it", "[commands][document]")
{
    const StagedDeployment scene;
    const auto swapped = [&](const std::string& text) {
        const auto decided = scene.ask("carl", "swap", {}, text);
        return decided
                   ? team_time(std::get<OnCallSwapped>(decided->team_events.front()).begins, scene.policy) +
                         " " + std::get<OnCallSwapped>(decided->team_events.front()).to.str()
                   : outcome_of(decided);
    };
    CHECK(swapped("<@U0BOB> wed 22:00 for 6h") == "Wed Nov 25, 22:00 EST U0BOB");
    CHECK(swapped("<@U0BOB|bob> from wed 22:00 to thu 04:00") == "Wed Nov 25, 22:00 EST U0BOB");
    CHECK(
        swapped("with <@U0BOB|Bob Baker>  tomorrow 10pm until  thu 04:00") == "Wed Nov 25, 22:00 EST U0BOB"
    );
    CHECK(swapped("<@U0BOB> wed 22:00") == "swap_usage");
    CHECK(swapped("<@U0BOB> for 6h") == "swap_usage");
    CHECK(swapped("<@U0BOB> from to") == "swap_usage");
    CHECK(swapped("bob wed 22:00 for 6h") == "swap_usage");
    CHECK(swapped("<@U0BOB" + std::string(100'000, ' ')) == "swap_usage");
    CHECK(swapped("<@U0BOB>" + std::string(100'000, ' ') + "for") == "swap_usage");
}

TEST_CASE(
    "Rotation: the hand-over is told to both when the sprint turns, in business hours", "[commands][document]"
)
{
    TeamInMemory world;
    world.restart();
    world.move_to(est("2026-11-30 08:59"));
    CHECK(direct_messages(world).empty());
    world.move_to(est("2026-11-30 09:00"));
    REQUIRE(direct_messages(world).size() == 2);
    CHECK(direct_messages(world).front() == std::pair(id_of("carl"), std::string("hand_over_to_you")));
    CHECK(direct_messages(world).back() == std::pair(id_of("bob"), std::string("hand_over_from_you")));
    const auto& message = std::get<DirectMessage>(world.said.front().saying);
    CHECK(message.sentence.facts.at("from") == "Mon Nov 30, 00:00 EST");
    CHECK(message.sentence.facts.at("to") == "Mon Dec 14, 00:00 EST");
    CHECK(message.buttons.front().verb == "confirm");
    world.move_to(est("2026-12-14 08:59"));
    CHECK(direct_messages(world).size() == 2);
    world.move_to(est("2026-12-14 09:00"));
    CHECK(direct_messages(world).size() == 4);
    CHECK(direct_messages(world).back().first == id_of("carl"));
}

TEST_CASE(
    "Rotation: a sprint that begins on a weekend is handed over on the Friday before", "[commands][document]"
)
{
    StagedDeployment scene;
    for (const auto day : {28U, 29U}) {  // Saturday and Sunday
        INFO(day);
        scene.policy.sprint_start = date::year{2026} / 11 / static_cast<int>(day);
        const auto next = next_hand_over(est("2026-11-27 08:59"), scene.team, scene.policy);
        REQUIRE(next.has_value());
        CHECK(next->said_at == est("2026-11-27 09:00"));
        CHECK(next->sprint_begins == est("2026-11-" + std::to_string(day) + " 00:00"));
        CHECK(
            next_hand_over(est("2026-11-27 09:00"), scene.team, scene.policy)->said_at ==
            est("2026-12-11 09:00")
        );
    }
}

TEST_CASE(
    "Rotation: a hand-over that the bot slept through is told once, when it wakes", "[commands][document]"
)
{
    TeamInMemory world;
    world.restart();
    SECTION("within the sprint")
    {
        world.now = est("2026-12-02 11:00");
        world.restart();
        REQUIRE(direct_messages(world).size() == 2);
        CHECK(direct_messages(world).front().first == id_of("carl"));
        world.restart();
        CHECK(direct_messages(world).size() == 2);
    }
    SECTION("after the next turn: of today's sprint, not of the one that is over")
    {
        world.now = est("2026-12-15 11:00");
        world.restart();
        REQUIRE(direct_messages(world).size() == 2);
        CHECK(direct_messages(world).front().first == id_of("bob"));
    }
    SECTION("nobody hands over to themselves")
    {
        world.policy.rotation = {id_of("bob")};
        world.move_to(est("2026-12-15 11:00"));
        CHECK(direct_messages(world).empty());
    }
}

TEST_CASE("Not on-call: being the only person responsible, escalation paths exist", "[commands][document]")
{
    StagedDeployment scene;
    scene.reach(Stage::watching);
    for (const auto* name : {"alice", "carl", "dana", "petra", "raj", "anne"}) {
        INFO(name);
        CHECK(outcome_of(scene.ask(name, "issue", {}, "Errors at login")) == "allowed");
    }
    const auto p0 = scene.ask("carl", "issue", {{"what", "Errors"}, {"severity", "P0"}});
    CHECK(all_of<Notice>(*p0).front().pings == std::vector{id_of("bob"), id_of("dana")});
}

TEST_CASE(
    "Not on-call: working overnight, hand-overs and reviews wait for the morning", "[commands][document]"
)
{
    const StagedDeployment scene;
    for (auto at = est("2026-11-23 00:00"); at < est("2027-11-23 00:00"); at += 24h) {
        const auto hand_over = next_hand_over(at, scene.team, scene.policy);
        REQUIRE(hand_over.has_value());
        CHECK(in_business_hours(hand_over->said_at, scene.policy));
        CHECK(in_business_hours(next_review_request(at, scene.policy), scene.policy));
    }
}

TEST_CASE("Not on-call: handling non-deployment issues", "[commands][document]")
{
    // What goes wrong with a service that nobody deploys or watches is none of Slipway's business.
    const StagedDeployment scene;
    CHECK(scene.observe({{"service", "web"}, {"kind", "database_corruption"}}).outbox.empty());
    CHECK(outcome_of(scene.ask("bob", "issue", {}, "Errors at login")) == "wrong_stage");
}

}  // namespace slipway::testing
