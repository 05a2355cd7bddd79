// When a direct message with buttons waits for nothing any more.
#include "commands/verbs/asks.hpp"

#include "commands/pipeline/on_call.hpp"
#include "tests/commands/staged_deployment.hpp"

namespace slipway::testing {

namespace {

std::string end_of(const StagedDeployment& scene, const char* asked, const Button& button)
{
    const DirectMessage message{id_of(asked), say("check_in"), {button, {.verb = "issue"}}};
    const auto end = end_of_ask(
        {1, id_of(asked), "row"}, message, scene.deployment, scene.team, scene.roles, scene.policy
    );
    return end ? end->id : "";
}

}  // namespace

TEST_CASE(
    "a button in a direct message goes once what it asks for is done or can be done no more",
    "[commands][buttons]"
)
{
    const Button check_in{.verb = "tick", .fields = {{"checklist", "check_in_1"}}};
    const Button rollback{.verb = "rollback", .fields = {{"reason", "Errors"}}};
    const Button revert{.verb = "step", .fields = {{"step", "rollback"}}};
    const Button retry{.verb = "retry", .fields = {{"action", "rollback"}}};
    const Button file{.verb = "postmortem", .fields = {{"file", true}}};
    StagedDeployment scene;
    scene.reach(Stage::watching);
    CHECK(end_of(scene, "bob", check_in).empty());
    CHECK(end_of(scene, "bob", rollback).empty());
    SECTION("it was pressed")
    {
        scene.tick("bob", "check_in_1", {"errors"});
        CHECK(end_of(scene, "bob", check_in) == "ask_closed_done");
        CHECK(end_of(scene, "bob", {.verb = "tick", .fields = {{"checklist", "check_in_2"}}}).empty());
    }
    SECTION("the stage has passed")
    {
        scene.happens("bob", DeclaredClean{});
        CHECK(end_of(scene, "bob", check_in) == "ask_closed_moot");
        CHECK(end_of(scene, "bob", rollback) == "ask_closed_moot");
    }
    SECTION("a step of the rollback was done, by whichever button")
    {
        scene.roll_back();
        CHECK(end_of(scene, "bob", rollback) == "ask_closed_done");
        CHECK(end_of(scene, "bob", revert).empty());
        scene.happens("slipway", RollbackStepDone{"rollback", false, ""});
        CHECK(end_of(scene, "bob", retry).empty());
        scene.happens("carl", RollbackStepDone{"rollback", true, ""});
        CHECK(end_of(scene, "bob", revert) == "ask_closed_done");
        CHECK(end_of(scene, "bob", retry) == "ask_closed_done");
        scene.happens("slipway", RolledBack{});
        CHECK(end_of(scene, "bob", file).empty());  // due when it is over
        scene.happens("bob", PostmortemLinked{"https://example.com/pm"});
        CHECK(end_of(scene, "bob", file) == "ask_closed_done");
    }
}

TEST_CASE("whoever confirmed to be on call, or need not any more, is asked no longer", "[commands][buttons]")
{
    const Button confirm{.verb = "confirm"};
    StagedDeployment scene;
    CHECK(end_of(scene, "bob", confirm).empty());
    SECTION("confirmed, by that person alone")
    {
        const auto span = covered_by_on_call(evening, scene.deployment.duration, scene.policy);
        scene.happens_to_team("bob", OnCallConfirmed{id_of("bob"), span.begins, span.ends});
        CHECK(end_of(scene, "bob", confirm) == "ask_closed_done");
        CHECK(end_of(scene, "carl", confirm).empty());
    }
    SECTION("the deployment is over")
    {
        scene.happens("alice", Cancelled{"Not needed"});
        CHECK(end_of(scene, "bob", confirm) == "ask_closed_moot");
    }
}

TEST_CASE("one question asked twice is the same, another one isn't", "[commands][buttons]")
{
    const auto asking = [](const char* who, const Button& button) {
        return DirectMessage{id_of(who), say("chase_sign_off"), {button, {.verb = "decline"}}};
    };
    const auto first = asking("petra", {.verb = "signoff"});
    CHECK(ask_the_same(first, {id_of("petra"), say("ask_sign_off"), first.buttons}));
    CHECK_FALSE(ask_the_same(first, asking("raj", {.verb = "signoff"})));
    CHECK_FALSE(ask_the_same(first, asking("petra", {.verb = "confirm"})));
    CHECK_FALSE(ask_the_same(first, asking("petra", {.verb = "signoff", .fields = {{"note", "x"}}})));
    CHECK_FALSE(ask_the_same({id_of("petra"), say("x")}, {id_of("petra"), say("x")}));
}

}  // namespace slipway::testing
