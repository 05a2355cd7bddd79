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

struct Row {
    const char* wall;  ///< in the winter of New York; the week of Monday 2026-11-23
    Grade grade;
    bool open;  ///< for an ordinary change, without exception
};

void check_rows(const std::vector<Row>& rows)
{
    for (const auto& row : rows) {
        INFO(row.wall);
        StagedDeployment scene;
        scene.make_startable();
        scene.now = est(row.wall);
        CHECK(judge_start(scene.now, scene.policy).grade == row.grade);
        CHECK(window_is_open(scene) == row.open);
    }
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

TEST_CASE("Windows: Tuesday, 10 PM - 2 AM, Preferred", "[commands][document]")
{
    check_rows({
        {"2026-11-24 21:59", Grade::avoid, false},
        {"2026-11-24 22:00", Grade::preferred, true},
        {"2026-11-25 01:59", Grade::preferred, true},
        {"2026-11-25 02:00", Grade::avoid, false},
    });
}

TEST_CASE("Windows: Wednesday, 10 PM - 2 AM, Preferred", "[commands][document]")
{
    check_rows({
        {"2026-11-25 21:59", Grade::avoid, false},
        {"2026-11-25 22:00", Grade::preferred, true},
        {"2026-11-26 01:59", Grade::preferred, true},
        {"2026-11-26 02:00", Grade::avoid, false},
    });
}

TEST_CASE("Windows: Thursday, 10 PM - 2 AM, Acceptable", "[commands][document]")
{
    check_rows({
        {"2026-11-26 21:59", Grade::avoid, false},
        {"2026-11-26 22:00", Grade::acceptable, true},
        {"2026-11-27 01:59", Grade::acceptable, true},
        {"2026-11-27 02:00", Grade::avoid, false},
    });
}

TEST_CASE("Windows: Monday, Avoid (start of week, high activity)", "[commands][document]")
{
    check_rows({
        {"2026-11-23 00:00", Grade::avoid, false},
        {"2026-11-23 12:00", Grade::avoid, false},
        {"2026-11-23 22:00", Grade::avoid, false},
        {"2026-11-23 23:59", Grade::avoid, false},
    });
}

TEST_CASE("Windows: Friday, Avoid (no weekend support for issues)", "[commands][document]")
{
    check_rows({
        {"2026-11-27 02:00", Grade::avoid, false},
        {"2026-11-27 12:00", Grade::avoid, false},
        {"2026-11-27 22:00", Grade::avoid, false},
        {"2026-11-27 23:59", Grade::avoid, false},
    });
}

TEST_CASE("Windows: Weekends, Emergency only (P0 hotfixes)", "[commands][document]")
{
    check_rows({
        {"2026-11-28 00:00", Grade::emergency_only, false},
        {"2026-11-28 22:00", Grade::emergency_only, false},
        {"2026-11-29 12:00", Grade::emergency_only, false},
        {"2026-11-29 23:59", Grade::emergency_only, false},
    });
    CHECK(window_is_open(waiting_at("2026-11-28 12:00", Priority::p0)));
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
    CHECK_FALSE(window_is_open(waiting_at("2026-11-23 08:59", Priority::p1)));
    CHECK(window_is_open(waiting_at("2026-11-23 09:00", Priority::p1)));
    CHECK(window_is_open(waiting_at("2026-11-27 16:59", Priority::p1)));
    CHECK_FALSE(window_is_open(waiting_at("2026-11-27 17:00", Priority::p1)));
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
