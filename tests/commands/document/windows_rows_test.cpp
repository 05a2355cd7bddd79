// One test for each row of the document's Deployment Windows, its exceptions and its feature flags.
#include "commands/pipeline/gates.hpp"
#include "commands/pipeline/windows.hpp"
#include "tests/commands/staged_deployment.hpp"

namespace slipway::testing {

namespace {

bool window_is_open(const StagedDeployment& scene)
{
    for (const auto& condition : start_conditions(scene.deployment, scene.seen_by(person_called("bob")))) {
        if (condition.key == "window") {
            return condition.holds;
        }
    }
    return false;
}

/// A change that starts but for the hour.
StagedDeployment waiting_at(const char* wall, Priority priority, const std::string& flag = {})
{
    auto plan = usual_plan();
    plan.priority = priority;
    plan.flag = flag;
    StagedDeployment scene(plan);
    scene.make_startable();
    scene.arrive_at(est(wall));
    return scene;
}

}  // namespace

TEST_CASE("each row of the windows, to the minute, as the start judges it", "[commands][document]")
{
    struct Row {
        const char* name;
        std::vector<std::pair<const char*, Grade>> times;  ///< in the winter of New York
    };

    const std::vector<Row> rows{
        Row{"Windows: Tuesday, 10 PM - 2 AM, Preferred",
            {{"2026-11-24 21:59", Grade::avoid},
             {"2026-11-24 22:00", Grade::preferred},
             {"2026-11-25 01:59", Grade::preferred},
             {"2026-11-25 02:00", Grade::avoid}}},
        Row{"Windows: Wednesday, 10 PM - 2 AM, Preferred",
            {{"2026-11-25 21:59", Grade::avoid},
             {"2026-11-25 22:00", Grade::preferred},
             {"2026-11-26 01:59", Grade::preferred},
             {"2026-11-26 02:00", Grade::avoid}}},
        Row{"Windows: Thursday, 10 PM - 2 AM, Acceptable",
            {{"2026-11-26 21:59", Grade::avoid},
             {"2026-11-26 22:00", Grade::acceptable},
             {"2026-11-27 01:59", Grade::acceptable},
             {"2026-11-27 02:00", Grade::avoid}}},
        Row{"Windows: Monday, Avoid (start of week, high activity)",
            {{"2026-11-23 00:00", Grade::avoid},
             {"2026-11-23 22:00", Grade::avoid},
             {"2026-11-23 23:59", Grade::avoid}}},
        Row{"Windows: Friday, Avoid (no weekend support for issues)",
            {{"2026-11-27 12:00", Grade::avoid},
             {"2026-11-27 22:00", Grade::avoid},
             {"2026-11-27 23:59", Grade::avoid}}},
        Row{"Windows: Weekends, Emergency only (P0 hotfixes)",
            {{"2026-11-28 00:00", Grade::emergency_only},
             {"2026-11-28 22:00", Grade::emergency_only},
             {"2026-11-29 23:59", Grade::emergency_only}}},
    };
    for (const auto& row : rows) {
        for (const auto& [wall, grade] : row.times) {
            CAPTURE(row.name, wall);
            StagedDeployment scene;
            scene.make_startable();
            scene.now = est(wall);
            CHECK(judge_start(scene.now, scene.policy).grade == grade);
            CHECK(window_is_open(scene) == (grade == Grade::preferred || grade == Grade::acceptable));
        }
    }
    CHECK_FALSE(window_is_open(waiting_at("2026-11-28 12:00", Priority::p1)));
    CHECK_FALSE(window_is_open(waiting_at("2026-11-28 12:00", Priority::normal, "search")));
}

TEST_CASE("Exception: P0 hotfixes deploy immediately regardless of window", "[commands][document]")
{
    for (const auto* wall :
         {"2026-11-23 12:00",
          "2026-11-25 03:00",
          "2026-11-27 23:00",
          "2026-11-28 04:00",
          "2026-11-29 23:59"}) {
        INFO(wall);
        auto scene = waiting_at(wall, Priority::p0);
        CHECK(outcome_of(scene.ask("bob", "start")) == "allowed");
        scene.deployment.plan.priority = Priority::normal;
        CHECK(outcome_of(scene.ask("bob", "start")) != "allowed");
    }
}

TEST_CASE(
    "Exception: P1 fixes can deploy during business hours with Dev Lead approval", "[commands][document]"
)
{
    for (const auto& [wall, open] :
         {std::pair{"2026-11-23 08:59", false},
          {"2026-11-23 09:00", true},
          {"2026-11-27 16:59", true},
          {"2026-11-27 17:00", false},
          {"2026-11-28 12:00", false}}) {
        INFO(wall);
        CHECK(window_is_open(waiting_at(wall, Priority::p1)) == open);
    }
    CHECK_FALSE(window_is_open(waiting_at("2026-11-23 12:00", Priority::p2)));
    auto scene = waiting_at("2026-11-23 12:00", Priority::p1);
    scene.deployment.go.reset();
    CHECK_FALSE(window_is_open(scene));
    scene.say("dana", "go");
    CHECK(window_is_open(scene));
}

TEST_CASE(
    "Exception: Feature flags allow \"deploying\" code without exposing it to clients", "[commands][document]"
)
{
    auto scene = waiting_at("2026-11-23 12:00", Priority::normal, "search");
    CHECK(window_is_open(scene));  // off, with the Dev Lead's go
    scene.deployment.flag_stage = "internal";
    CHECK_FALSE(window_is_open(scene));
    scene.deployment.flag_stage = "off";
    scene.deployment.go.reset();
    CHECK_FALSE(window_is_open(scene));
}

TEST_CASE("Flags: Deploy code to production with the flag OFF", "[commands][document]")
{
    auto scene = waiting_at("2026-11-24 22:00", Priority::normal, "search");
    CHECK(scene.deployment.flag_stage == "off");
    scene.say("bob", "start");
    CHECK(scene.deployment.flag_stage == "off");
    // Nothing skips a step: from off only the internal team can be next.
    CHECK(outcome_of(scene.ask("bob", "flag", {{"flag_stage", "subset"}})) == "flag_one_step");
    CHECK(outcome_of(scene.ask("bob", "flag", {{"flag_stage", "all"}})) == "flag_one_step");
}

TEST_CASE("Flags: Enable for internal team first", "[commands][document]")
{
    auto scene = waiting_at("2026-11-24 22:00", Priority::normal, "search");
    CHECK(outcome_of(scene.ask("bob", "flag", {{"flag_stage", "internal"}})) == "wrong_stage");
    scene.say("bob", "start");
    const auto moved = events_of<FlagMoved>(scene.say("bob", "flag", {{"flag_stage", "internal"}}));
    REQUIRE(moved.size() == 1);
    CHECK(moved.front().from == "off");
    CHECK(moved.front().to == "internal");
}

TEST_CASE("Flags: Enable for subset of clients", "[commands][document]")
{
    auto scene = waiting_at("2026-11-24 22:00", Priority::normal, "search");
    scene.say("bob", "start");
    scene.say("bob", "flag", {{"flag_stage", "internal"}});
    scene.say("petra", "flag", {{"flag_stage", "subset"}});
    CHECK(scene.deployment.flag_stage == "subset");
}

TEST_CASE("Flags: Enable for all clients after validation", "[commands][document]")
{
    auto scene = waiting_at("2026-11-24 22:00", Priority::normal, "search");
    scene.say("bob", "start");
    for (const auto* stage : {"internal", "subset"}) {
        scene.say("bob", "flag", {{"flag_stage", stage}});
    }
    CHECK(
        refusals_of(scene.ask("petra", "flag", {{"flag_stage", "all"}})) ==
        std::vector<std::string>{"flag_after_validation", "smoke_unticked"}
    );
    scene.pass_smoke_tests();
    CHECK(outcome_of(scene.ask("petra", "flag", {{"flag_stage", "all"}})) == "allowed");
    scene.complete();
    scene.say("petra", "flag", {{"flag_stage", "all"}});
    CHECK(scene.deployment.flag_stage == "all");
    scene.happens("bob", DeclaredClean{});  // and long after the watch it can still be taken back
    scene.say("bob", "flag", {{"flag_stage", "off"}});
    CHECK(scene.deployment.flag_stage == "off");
}

TEST_CASE("Flags: instead of reverting code, just flip the flag off", "[commands][document]")
{
    auto scene = waiting_at("2026-11-24 22:00", Priority::normal, "search");
    scene.say("bob", "start");
    const auto steps = events_of<RollbackStarted>(scene.say("bob", "rollback")).front().steps;
    CHECK(steps == std::vector<std::string>{"disable_flag", "rollback"});
}

}  // namespace slipway::testing
