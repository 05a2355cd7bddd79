// One test for each line of the document's Stage 4: who rolls back, how, and what follows.
#include "tests/commands/scene.hpp"

#include <set>

namespace slipway::testing {

namespace {

using Words = std::vector<std::string>;

Scene live(
    void (*change)(Plan&) = [](Plan&) {}, Stage stage = Stage::deploying
)
{
    auto plan = usual_plan();
    plan.client_facing = false;
    change(plan);
    Scene scene(plan);
    scene.reach(stage);
    return scene;
}

/// Whom `decision` tells of the rollback directly.
std::set<UserId> told(const Decision& decision)
{
    std::set<UserId> people;
    for (const auto& message : all_of<DirectMessage>(decision)) {
        if (message.sentence.id == "rollback_told") {
            people.insert(message.user);
        }
    }
    return people;
}

}  // namespace

TEST_CASE(
    "Rollback: the on-call developer has authority to execute it without additional approvals",
    "[commands][document]"
)
{
    for (const auto stage : {Stage::deploying, Stage::watching}) {
        INFO(to_string(stage));
        auto scene = live([](Plan&) {}, stage);
        scene.github = {{"unreachable", "timed out"}};
        CHECK(outcome_of(scene.ask("bob", "rollback")) == "allowed");   // named in the plan
        CHECK(outcome_of(scene.ask("dana", "rollback")) == "allowed");  // Dev Lead
        for (const auto* name : {"alice", "carl", "petra", "raj", "anne", "jane", "zoe"}) {
            INFO(name);
            CHECK(outcome_of(scene.ask(name, "rollback")) == "not_allowed");
        }
        scene.deployment.on_call = id_of("carl");  // Bob is still the current sprint's
        CHECK(outcome_of(scene.ask("carl", "rollback")) == "allowed");
        CHECK(outcome_of(scene.ask("bob", "rollback")) == "allowed");
    }
}

TEST_CASE("Rollback: no reason is asked for first, a given one is kept", "[commands][document]")
{
    const auto scene = live();
    const auto bare = scene.ask("bob", "rollback");
    CHECK(events_of<RollbackStarted>(*bare).front().reason == "not given yet");
    const auto with = scene.ask("bob", "rollback", {}, "Errors at login");
    CHECK(events_of<RollbackStarted>(*with).front().reason == "Errors at login");
}

TEST_CASE("Rollback: it is idempotent", "[commands][document]")
{
    auto scene = live();
    scene.say("bob", "rollback");
    CHECK(outcome_of(scene.ask("bob", "rollback")) == "rollback_already");
    scene.happens("bob", RolledBack{});
    CHECK(outcome_of(scene.ask("dana", "rollback")) == "rollback_already");
}

TEST_CASE("After rollback 1: Notify Dev Lead immediately", "[commands][document]")
{
    auto scene = live();
    CHECK(told(scene.say("bob", "rollback")).contains(id_of("dana")));
}

TEST_CASE("After rollback 2: Notify Product Lead (for stakeholder communication)", "[commands][document]")
{
    auto scene = live();
    CHECK(told(scene.say("bob", "rollback")) == std::set{id_of("dana"), id_of("petra")});
}

TEST_CASE("After rollback 3: Notify R&D Lead if business/revenue impact", "[commands][document]")
{
    struct Row {
        const char* reason;
        bool told;
    };

    for (const auto& row :
         {Row{"Errors at login", false},
          Row{"Payments fail", true},
          Row{"We lose revenue", true},
          Row{"the business is hit", true}}) {
        INFO(row.reason);
        auto scene = live();
        CHECK(told(scene.say("bob", "rollback", {}, row.reason)).contains(id_of("raj")) == row.told);
    }
    auto p0 = live();
    p0.say("bob", "issue", {{"what", "Errors"}, {"severity", "P0"}});
    CHECK(told(p0.say("bob", "rollback")).contains(id_of("raj")));
    auto clients = live([](Plan& plan) { plan.client_facing = true; });
    CHECK(told(clients.say("bob", "rollback")).contains(id_of("raj")));
}

TEST_CASE("After rollback 4: Schedule post-mortem within 24 hours", "[commands][document]")
{
    auto scene = live();
    CHECK(due_of(scene.say("bob", "rollback"), "chase_postmortem") == scene.now + 24h);
    scene.now += 24h;
    const auto chased = scene.fire("chase_postmortem");
    REQUIRE(all_of<DirectMessage>(chased).size() == 1);
    CHECK(all_of<DirectMessage>(chased).front().user == id_of("bob"));
    CHECK(all_of<DirectMessage>(chased).front().sentence.id == "postmortem_due");
    CHECK(due_of(chased, "chase_postmortem") == scene.now + 24h);
    scene.say("carl", "postmortem", {}, "https://docs.example.com/pm-12");
    CHECK(scene.deployment.postmortem_link == "https://docs.example.com/pm-12");
    CHECK(scene.fire("chase_postmortem").outbox.empty());
    CHECK_FALSE(due_of(scene.fire("chase_postmortem"), "chase_postmortem"));
}

TEST_CASE(
    "Rollback procedure 1: Identify the issue, what broke and which deployment caused it",
    "[commands][document]"
)
{
    auto scene = live();
    scene.say("bob", "issue", {{"what", "Errors at login"}, {"severity", "P1"}});
    const auto decision = scene.say("bob", "rollback");
    CHECK(events_of<RollbackStarted>(decision).front().reason == "Errors at login");
    CHECK(decision.deployment == scene.deployment.id);
    // Which of several: a bare rollback asks, with what would run.
    auto snapshot = scene.seen_by(person_called("bob"));
    Scene other = live([](Plan& plan) { plan.flag = "search"; });
    snapshot.active = {other.deployment};
    snapshot.deployment.reset();
    Request bare;
    bare.verb = "rollback";
    const auto asked = decide(bare, snapshot);
    CHECK(sentences_of(*asked) == Words{"rollback_candidate", "rollback_which"});
    CHECK(asked->reply.front().facts.at("steps") == "Flag off, Code reverted");
    CHECK(asked->events.empty());
}

TEST_CASE("Rollback procedure 2: Revert to previous deployment (git revert + deploy)", "[commands][document]")
{
    auto scene = live();
    const auto decision = scene.say("bob", "rollback");
    CHECK(events_of<RollbackStarted>(decision).front().steps == Words{"rollback"});
    CHECK(has(sentences_of(decision), "rollback_by_hand_rollback"));
    auto run = live();
    run.policy.services.front().rollback.command = {"revert"};
    const auto actions = all_of<RunAction>(run.say("bob", "rollback"));
    REQUIRE(actions.size() == 1);
    CHECK(actions.front().action == "rollback");
}

TEST_CASE("Rollback procedure 2: Reverse database migrations if applicable", "[commands][document]")
{
    auto scene = live([](Plan& plan) { plan.has_migrations = true; });
    const auto decision = scene.say("bob", "rollback");
    CHECK(events_of<RollbackStarted>(decision).front().steps == Words{"rollback", "reverse_migrations"});
    CHECK(has(sentences_of(decision), "rollback_by_hand_reverse_migrations"));
}

TEST_CASE("Rollback procedure 2: Disable feature flag if applicable (fastest option)", "[commands][document]")
{
    auto scene = live([](Plan& plan) {
        plan.flag = "search";
        plan.has_migrations = true;
    });
    scene.say("bob", "flag", {{"flag_stage", "internal"}});
    const auto decision = scene.say("bob", "rollback");
    CHECK(
        events_of<RollbackStarted>(decision).front().steps ==
        Words{"disable_flag", "rollback", "reverse_migrations"}
    );
    scene.say("bob", "step", {{"step", "disable_flag"}});
    CHECK(scene.deployment.flag_stage == "off");
}

TEST_CASE(
    "Rollback procedure 3: Verify rollback, smoke test that the previous version works",
    "[commands][document]"
)
{
    auto scene = live();
    scene.say("bob", "rollback");
    scene.say("bob", "step", {{"step", "rollback"}});
    CHECK(scene.deployment.stage == Stage::rolling_back);
    CHECK(
        outcome_of(scene.ask("bob", "tick", {{"checklist", "rollback_smoke"}, {"item", "feature"}})) ==
        "item_unknown"  // the previous version has no new feature
    );
    for (const auto* item : {"loads", "login", "core", "logs"}) {
        CHECK(scene.deployment.stage == Stage::rolling_back);
        scene.say("bob", "tick", {{"checklist", "rollback_smoke"}, {"item", item}});
    }
    CHECK(scene.deployment.stage == Stage::rolled_back);
}

TEST_CASE("Rollback procedure 4: Communicate to the team", "[commands][document]")
{
    auto scene = live();
    const auto decision = scene.say("bob", "rollback", {}, "Errors at login");
    const auto notices = all_of<Notice>(decision);
    REQUIRE(notices.size() == 1);
    CHECK(notices.front().kind == "rollback");
    CHECK(notices.front().facts.at("reason") == "Errors at login");
}

TEST_CASE(
    "Rollback procedure 4: Clients (if affected): Account Manager sends brief notification",
    "[commands][document]"
)
{
    CHECK_FALSE(told(live().say("bob", "rollback")).contains(id_of("anne")));
    auto facing = live([](Plan& plan) { plan.client_facing = true; });
    CHECK(told(facing.say("bob", "rollback")).contains(id_of("anne")));
    auto asked = live([](Plan& plan) { plan.requested_by_client = "Acme"; });
    CHECK(told(asked.say("bob", "rollback")).contains(id_of("anne")));
}

TEST_CASE("Rollback procedure 5 and 6: the post-mortem is drafted for the root cause", "[commands][document]")
{
    auto scene = live();
    scene.say("bob", "rollback");
    const auto finished = scene.say("bob", "rolledback");
    CHECK(all_of<PostmortemFile>(finished).size() == 1);
    CHECK(all_of<PostmortemFile>(scene.say("raj", "postmortem")).size() == 1);
}

TEST_CASE("after a rollback the service stays locked until a Dev Lead unlocks it", "[commands][document]")
{
    auto scene = live();
    const auto decision = scene.say("bob", "rollback");
    REQUIRE(scene.team.locked.contains("web"));
    scene.say("bob", "rolledback");
    CHECK(scene.team.locked.contains("web"));
    CHECK(outcome_of(scene.ask("bob", "unlock", {{"service", "web"}})) == "not_allowed");
    scene.say("dana", "unlock", {{"service", "web"}});
    CHECK(scene.team.locked.empty());
}

TEST_CASE("Runbook: Update after every incident", "[commands][document]")
{
    auto scene = live();
    scene.say("bob", "rollback");
    const auto finished = scene.say("bob", "rolledback");
    const auto messages = all_of<DirectMessage>(finished);
    REQUIRE(messages.size() == 1);
    CHECK(messages.front().user == id_of("dana"));
    CHECK(messages.front().sentence.id == "runbook_after_incident");
}

TEST_CASE(
    "an action that ends after its deployment did is told, and is no step any more", "[commands][document]"
)
{
    for (const auto stage : {Stage::done, Stage::rolled_back}) {
        INFO(to_string(stage));
        auto scene = live([](Plan&) {}, stage);
        const auto late = scene.by_bot(
            "action_result", Source::signal, {{"action", "deploy"}, {"succeeded", true}, {"output", "ok"}}, ""
        );
        CHECK(late.events.empty());
        CHECK(has(sentences_of(late), "action_done"));
    }
}

}  // namespace slipway::testing
