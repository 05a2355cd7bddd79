// Gate 3, the steps of the deployment, its flag and its watch.
#include "commands/pipeline/checklists.hpp"
#include "tests/commands/unmet.hpp"

namespace slipway::testing {

TEST_CASE("Gate 3: what is still wrong is announced as known, and kept", "[commands][gates]")
{
    StagedDeployment scene;
    scene.reach(Stage::deploying);
    scene.pass_smoke_tests();
    const auto known = [&](const std::string& said) {
        const auto decided = scene.ask("bob", "done", {}, said);
        REQUIRE(decided.has_value());
        const auto shown = all_of<Notice>(*decided).front().facts.at("known_issues");
        const auto kept = events_of<Completed>(*decided).front().known_issues;
        CHECK(shown.as_string() == (kept.empty() ? "None" : kept));
        return kept;
    };
    CHECK(known("").empty());
    CHECK(known("A slow chart") == "A slow chart");
    scene.say("bob", "issue", {{"what", "Old icons"}, {"severity", "P2"}});
    scene.say("bob", "issue", {{"what", "Errors at login"}, {"severity", "P1"}});
    CHECK(known("") == "Old icons; Errors at login");
    scene.say("bob", "update", {{"note", "Fixed"}, {"status", "Resolved"}});
    CHECK(known("") == "Old icons");
}

TEST_CASE("Gate 3: migrations are tested only where there are any", "[commands][gates]")
{
    StagedDeployment scene;
    scene.reach(Stage::deploying);
    CHECK(smoke_tests(scene.deployment, scene.policy).size() == 5);
    scene.pass_smoke_tests();
    CHECK(outcome_of(scene.ask("bob", "done")) == "allowed");
}

TEST_CASE("Gate 3: the announcement and the watch with its check-ins follow", "[commands][gates]")
{
    StagedDeployment scene;
    scene.reach(Stage::deploying);
    scene.pass_smoke_tests();
    const auto decision = scene.say("bob", "done");
    CHECK(scene.deployment.stage == Stage::watching);
    REQUIRE(events_of<GatePassed>(decision).size() == 1);
    CHECK(events_of<GatePassed>(decision).front().gate == 3);
    REQUIRE(all_of<Notice>(decision).size() == 1);
    CHECK(all_of<Notice>(decision).front().kind == "post_deployment");
    CHECK(due_of(decision, "check_in_1") == scene.now + 1h);
    CHECK(due_of(decision, "check_in_2") == scene.now + 4h);
    CHECK(due_of(decision, "check_in_3") == scene.now + 12h);
    CHECK(due_of(decision, "watch_end") == scene.now + 24h);
}

TEST_CASE("Monitoring: it is declared clean after 24 hours, not a moment before", "[commands][gates]")
{
    StagedDeployment scene;
    scene.reach(Stage::watching);
    scene.now = evening + 24h - 1ms;
    CHECK(outcome_of(scene.ask("bob", "clean")) == "clean_too_early");
    scene.now = evening + 24h;
    CHECK(outcome_of(scene.ask("bob", "clean")) == "allowed");
    scene.say("bob", "issue", {{"what", "Slow queries"}, {"severity", "P2"}});
    CHECK(outcome_of(scene.ask("bob", "clean")) == "clean_open_issue");
    scene.say("bob", "update", {{"note", "An index"}, {"status", "Resolved"}});
    CHECK(outcome_of(scene.ask("bob", "clean")) == "allowed");
}

TEST_CASE("Monitoring: check-ins that nobody answered are said at the close, and kept", "[commands][gates]")
{
    StagedDeployment scene;
    scene.reach(Stage::watching);
    scene.now = evening + 1h;
    const auto said = scene.say("bob", "tick", {{"checklist", "check_in_2"}, {"item", "errors"}});
    CHECK(sentences_of(said) == std::vector<std::string>{"items_fine"});
    scene.now = evening + 24h;
    const auto closed = scene.say("bob", "clean");
    CHECK(events_of<DeclaredClean>(closed).front().unanswered == 2);
    CHECK(all_of<ThreadNote>(closed).front().sentence.facts.at("unanswered") == "2");
    StagedDeployment answered;
    answered.reach(Stage::watching);
    answered.now = evening + 4h;
    for (const auto* name : {"check_in_1", "check_in_2", "check_in_3"}) {
        answered.tick("bob", name, {"errors"});
    }
    answered.now = evening + 24h;
    const auto clean = answered.say("bob", "clean");
    CHECK(events_of<DeclaredClean>(clean).front().unanswered == 0);
    CHECK_FALSE(all_of<ThreadNote>(clean).front().sentence.facts.contains("unanswered"));
}

TEST_CASE("Monitoring: a check-in can be given once the one before it was due", "[commands][gates]")
{
    struct Row {
        const char* list;
        std::chrono::minutes after;
        const char* outcome;
    };

    for (const auto& row :
         {Row{"check_in_1", 0min, "allowed"},
          Row{"check_in_2", 59min, "check_in_early"},
          Row{"check_in_2", 60min, "allowed"},
          Row{"check_in_3", 239min, "check_in_early"},
          Row{"check_in_3", 240min, "allowed"}}) {
        CAPTURE(row.list, row.after.count());
        StagedDeployment scene;
        scene.reach(Stage::watching);
        scene.now = *scene.deployment.finished_at + row.after;
        CHECK(
            outcome_of(scene.ask("bob", "tick", {{"checklist", row.list}, {"item", "errors"}})) == row.outcome
        );
    }
}

TEST_CASE("Steps: nobody can tick what the bot does or sees itself", "[commands][gates]")
{
    StagedDeployment scene;
    scene.reach(Stage::deploying);
    for (const auto* step : {"notify", "smoke", "announce", "watch"}) {
        INFO(step);
        CHECK(
            outcome_of(scene.ask("bob", "tick", {{"checklist", "steps"}, {"item", step}})) == "item_unknown"
        );
        CHECK(outcome_of(scene.ask("bob", "step", {{"step", step}})) == "step_unknown");
    }
    CHECK(outcome_of(scene.ask("bob", "step", {{"step", "caches"}})) == "allowed");
    scene.pass_smoke_tests();
    scene.say("bob", "done");
    const auto steps = conditions_of("steps", scene.deployment, scene.seen_by(person_called("bob")));
    CHECK(std::count_if(steps.begin(), steps.end(), [](const Condition& each) {
              return each.known_to_bot && each.holds;
          }) == 3);
}

TEST_CASE("Monitoring: of two troubles, both must be over before it is clean", "[commands][gates]")
{
    StagedDeployment scene;
    scene.reach(Stage::watching);
    scene.now = evening + 24h;
    scene.say("bob", "issue", {{"what", "Slow queries"}, {"severity", "P2"}});
    scene.say("bob", "issue", {{"what", "Errors at login"}, {"severity", "P1"}});
    scene.say("bob", "update", {{"note", "Fixed"}, {"status", "Resolved"}});
    CHECK(outcome_of(scene.ask("bob", "clean")) == "clean_open_issue");
    scene.say("bob", "update", {{"note", "An index"}, {"status", "Resolved"}});
    CHECK(outcome_of(scene.ask("bob", "clean")) == "allowed");
}

TEST_CASE(
    "Monitoring: check-ins ask for the five categories, and the end asks until it is declared",
    "[commands][gates]"
)
{
    StagedDeployment scene;
    scene.reach(Stage::watching);
    scene.now = evening + 4h;
    for (const auto* name : {"check_in_1", "check_in_2", "check_in_3"}) {
        INFO(name);
        const auto asked = all_of<DirectMessage>(scene.fire(name));
        REQUIRE(asked.size() == 1);
        CHECK(asked.front().user == id_of("bob"));
        CHECK(asked.front().buttons.front().fields.at("checklist") == name);
        for (const auto& item : scene.policy.monitoring) {
            CHECK(
                outcome_of(scene.ask("bob", "tick", {{"checklist", name}, {"item", item.key}})) == "allowed"
            );
        }
    }
    CHECK(due_of(scene.fire("watch_end"), "watch_end") == est("2026-11-25 09:00"));
    scene.happens("bob", DeclaredClean{});
    CHECK(scene.fire("watch_end").outbox.empty());
    CHECK(scene.fire("check_in_1").outbox.empty());
}

TEST_CASE("Flags: off, internal, subset, all, one step at a time, and back in any", "[commands][gates]")
{
    const std::vector<std::string> order{"off", "internal", "subset", "all"};
    for (std::size_t from = 0; from < order.size(); ++from) {
        for (std::size_t to = 0; to < order.size(); ++to) {
            INFO(order[from] << " to " << order[to]);
            StagedDeployment scene(plan_with([](Plan& plan) { plan.flag = "search"; }));
            scene.reach(Stage::watching);
            scene.deployment.flag_stage = order[from];
            const bool allowed = to == from + 1 || to < from;
            CHECK(
                outcome_of(scene.ask("bob", "flag", {{"flag_stage", order[to]}})) ==
                (allowed ? "allowed" : "flag_one_step")
            );
        }
    }
    StagedDeployment without;
    without.reach(Stage::watching);
    CHECK(outcome_of(without.ask("bob", "flag", {{"flag_stage", "internal"}})) == "flag_none");
}

TEST_CASE("a deploy that was only accepted is recorded and told as that", "[commands][gate3]")
{
    StagedDeployment scene;
    scene.policy.services.front().deploy.webhook_url = "https://hooks.test";
    scene.reach(Stage::deploying);
    scene.happens("bob", ActionBegun{"deploy"});
    const auto told = scene.by_bot(
        "action_result",
        Source::signal,
        {{"action", "deploy"}, {"succeeded", true}, {"accepted", true}, {"output", "queued"}},
        ""
    );
    CHECK(events_of<ActionEnded>(told).front().accepted);
    CHECK(all_of<ThreadNote>(told).front().sentence.facts.at("accepted").as_bool());
}

}  // namespace slipway::testing
