#pragma once

#include "tests/commands/staged_deployment.hpp"

#include <array>
#include <string>

namespace slipway::testing {

inline constexpr std::array stages{
    Stage::planned,
    Stage::signed_off,
    Stage::deploying,
    Stage::watching,
    Stage::done,
    Stage::rolling_back,
    Stage::rolled_back,
    Stage::cancelled,
};

[[nodiscard]] inline Plan plan_behind_a_flag()
{
    auto plan = usual_plan();
    plan.flag = "search";
    return plan;
}

/// Troubles are raised while it is live; what comes after must find them.
inline void raise_before_the_end(StagedDeployment& scene, Stage stage)
{
    scene = StagedDeployment(plan_behind_a_flag());
    scene.policy.automatic_rollback = true;
    const bool back = stage == Stage::rolling_back || stage == Stage::rolled_back;
    scene.reach(back ? Stage::deploying : stage);
    if (scene.deployment.started && !is_ended(scene.deployment.stage)) {
        scene.happens(
            "slipway",
            IssueRaised{
                "Errors",
                Priority::p0,
                "All",
                "Investigating",
                evening + 30min,
                "error_rate",
                "6 %",
                evening + 2min}
        );
    }
    if (back) {
        scene.roll_back();
    }
    if (stage == Stage::rolled_back) {
        scene.happens("bob", RolledBack{});
    }
}

/// A deployment in `stage`, in which nothing but stage and person stands in the way of `verb`; a fresh one
/// is planned only.
[[nodiscard]] inline StagedDeployment scene_for(const std::string& verb, Stage stage)
{
    StagedDeployment scene(plan_behind_a_flag());
    if (verb == "review") {
        scene.happens(
            "dana", ExceptionRecorded{1, Role::dev_lead, {"window"}, "Login is down", evening + 24h}
        );
    }
    if (verb == "delegate") {  // somebody whom both may ask
        scene.roles.members[Role::product_lead].insert(UserId("U0PIA"));
    }
    if (verb == "untick") {
        scene.tick("carl", "qa", {"mobile"});
    }
    scene.reach(stage);
    if (verb == "start" && stage == Stage::signed_off) {
        scene.give_word();
    }
    if (verb == "done" && stage == Stage::deploying) {
        scene.pass_smoke_tests();
    }
    if (verb == "rolledback" && stage == Stage::rolling_back) {
        scene.do_rollback_steps();
    }
    if (verb == "retry" && (stage == Stage::deploying || stage == Stage::rolling_back)) {
        auto& service = scene.policy.services.front();
        service.deploy.command = {"deploy"};
        service.disable_flag.command = {"flag"};
        const std::string action = stage == Stage::deploying ? "deploy" : "disable_flag";
        scene.happens("bob", ActionBegun{action});
        scene.happens("slipway", ActionEnded{action, false});
    }
    if (verb == "flag" && scene.deployment.started) {
        scene.happens("bob", FlagMoved{"off", "internal"});
    }
    if (verb == "wait") {
        StagedDeployment other;
        other.reach(Stage::deploying);
        other.deployment.id = DeploymentId{11};
        scene.others.push_back(other.deployment);
    }
    if (verb == "update" || verb == "hold") {
        raise_before_the_end(scene, stage);
    }
    if (verb == "thaw") {
        scene.happens_to_team("dana", FreezeBegun{"web", evening + 5h, "Sale"});
    }
    if (verb == "unlock") {
        scene.happens_to_team("bob", ServiceLocked{"web", DeploymentId{11}});
    }
    if (verb == "clean") {
        scene.now += 25h;
    }
    return scene;
}

[[nodiscard]] inline boost::json::object fields_for(const std::string& verb, Stage stage)
{
    if (verb == "plan" || verb == "amend") {
        return {
            {"what", "Slower search"},
            {"linear_issue", "ENG-7"},
            {"service", "web"},
            {"rollback_plan", "Revert"}};
    }
    if (verb == "reschedule") {
        return {{"starts_at", "2026-11-25 22:00"}};
    }
    if (verb == "tick" || verb == "untick") {
        return {{"checklist", "qa"}, {"item", "mobile"}};
    }
    if (verb == "step") {
        return {{"step", stage == Stage::rolling_back ? "rollback" : "merge"}};
    }
    if (verb == "flag") {
        return {{"flag_stage", "off"}};
    }
    if (verb == "issue") {
        return {{"what", "Errors at login"}, {"severity", "P0"}};
    }
    if (verb == "freeze") {
        return {{"service", "web"}, {"duration", "2h"}, {"reason", "Sale"}};
    }
    if (verb == "thaw" || verb == "unlock") {
        return {{"service", "web"}};
    }
    if (verb == "delegate") {
        return {{"user", "U0PIA"}};
    }
    if (verb == "swap") {
        return {{"user", "U0CARL"}, {"from", "in 1h"}, {"to", "6h"}};
    }
    if (verb == "runbook") {
        return {{"runbook", "# Rollback Commands\ntext\n"}};
    }
    if (verb == "decline" || verb == "cancel" || verb == "except") {
        return {{"reason", "Totals are off"}};
    }
    if (verb == "review" || verb == "update") {
        return {{"note", "Found the cause"}};
    }
    return {};
}

}  // namespace slipway::testing
