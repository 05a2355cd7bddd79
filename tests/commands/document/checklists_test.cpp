// Each item of the document's checklists, by its words.
#include "tests/commands/unmet.hpp"

namespace slipway::testing {

namespace {

/// "Smoke test: Login works" -> "Login works".
std::string words_of(const std::string& name) { return name.substr(name.find(": ") + 2); }

std::string label_of(const Checklist& list, const std::string& key)
{
    const auto found =
        std::find_if(list.begin(), list.end(), [&](const ChecklistItem& item) { return item.key == key; });
    return found == list.end() ? "" : found->label;
}

Plan plan_with_migrations()
{
    return plan_with([](Plan& plan) { plan.has_migrations = true; });
}

std::vector<std::string> labels_of(const Checklist& list)
{
    std::vector<std::string> labels;
    for (const auto& item : list) {
        labels.push_back(item.label);
    }
    return labels;
}

}  // namespace

TEST_CASE("the lists are the document's", "[commands][gates]")
{
    const auto policy = document_policy();
    CHECK(policy.gate1.size() == 5);
    CHECK(policy.qa.size() == 6);
    CHECK(
        labels_of(policy.gate2) ==
        std::vector<std::string>{
            "All critical and major QA bugs fixed",
            "Product Lead has signed off on acceptance criteria",
            "Original requestor (or representative) has reviewed in staging",
            "Client-facing changes have explicit Product Lead approval",
            "Minor bugs documented with plan (fix post-release or accept)",
            "Rollback plan documented"}
    );
    CHECK(policy.pre_deployment.size() == 7);
    CHECK(policy.steps.size() == 8);
    CHECK(policy.smoke.size() == 6);
    CHECK(policy.monitoring.size() == 5);
}

TEST_CASE("each item asked for before the start blocks alone, and is ticked by name", "[commands][document]")
{
    struct Row {
        const char* name;  ///< as the document has it, after the colon
        const char* list;
        const char* item;
        const char* ticked_by;
    };

    for (const auto& row :
         {Row{"Gate 1: At least one peer review approval", "gate1", "approved", "carl"},
          Row{"Gate 1: All CI checks pass (tests, lint, build)", "gate1", "ci_green", "carl"},
          Row{"Gate 1: No unresolved review comments", "gate1", "threads_resolved", "carl"},
          Row{"Gate 1: PR description includes testing notes", "gate1", "testing_notes", "carl"},
          Row{"Gate 1: Acceptance criteria from sprint item are referenced",
              "gate1",
              "issue_referenced",
              "carl"},
          Row{"Gate 2 item: All critical and major QA bugs fixed", "gate2", "qa_bugs", "petra"},
          Row{"Gate 2 item: Minor bugs documented with plan (fix post-release or accept)",
              "gate2",
              "minor_bugs",
              "petra"},
          Row{"Pre-deployment item: Database migrations tested in staging and reversible",
              "pre_deployment",
              "migrations",
              "bob"},
          Row{"Pre-deployment item: Environment variables configured in production",
              "pre_deployment",
              "environment",
              "bob"},
          Row{"Pre-deployment item: No breaking dependency changes", "pre_deployment", "dependencies", "bob"},
          Row{"Pre-deployment item: Deployment runbook reviewed", "pre_deployment", "runbook", "bob"}}) {
        INFO(row.name);
        StagedDeployment scene(plan_with_migrations());
        scene.make_startable();
        REQUIRE(unmet_to_start(scene).empty());
        const boost::json::object fields{{"checklist", row.list}, {"item", row.item}};
        scene.say(row.ticked_by, "untick", fields);
        CHECK(unmet_to_start(scene) == Keys{std::string(row.list) + ":" + row.item});
        const auto refused = scene.ask("bob", "start");
        REQUIRE_FALSE(refused.has_value());
        const auto refusal = refused.error();
        CHECK(refusal.sentences.front().facts.at("label").as_string() == words_of(row.name));
        scene.now += 1min;
        scene.say(row.ticked_by, "tick", fields);
        CHECK(unmet_to_start(scene).empty());
        const auto& tick = scene.deployment.ticks.at(row.list).at(row.item);
        CHECK(tick.by == id_of(row.ticked_by));
        CHECK(tick.at == scene.now);
    }
}

TEST_CASE(
    "each item of QA Testing is ticked by name for the record; the gate asks for the bugs they found",
    "[commands][document]"
)
{
    struct Row {
        const char* name;  ///< as the document has it, after the colon
        const char* item;
    };

    for (const auto& row :
         {Row{"QA: Functional testing (happy path + edge cases)", "functional"},
          Row{"QA: Cross-browser testing (Chrome, Safari, Firefox, Mobile Safari)", "cross_browser"},
          Row{"QA: Mobile responsiveness", "mobile"},
          Row{"QA: Performance checks (page load, query performance)", "performance"},
          Row{"QA: Data integrity (saves, validates, maintains relationships)", "data_integrity"},
          Row{"QA: Accessibility basics (keyboard nav, labels, contrast)", "accessibility"}}) {
        INFO(row.name);
        StagedDeployment scene;
        CHECK(label_of(scene.policy.qa, row.item) == words_of(row.name));
        const boost::json::object fields{{"checklist", "qa"}, {"item", row.item}};
        const auto decision = scene.say("petra", "tick", fields);
        REQUIRE(events_of<ItemTicked>(decision).size() == 1);
        CHECK(events_of<ItemTicked>(decision).front().item == row.item);
        CHECK(scene.deployment.ticks.at("qa").at(row.item).by == id_of("petra"));
        CHECK(outcome_of(scene.ask("petra", "tick", fields)) == "item_ticked_already");
        scene.say("petra", "untick", fields);
        CHECK_FALSE(is_ticked(scene.deployment, "qa", row.item));
    }
}

TEST_CASE("Gate 2 item: Product Lead has signed off on acceptance criteria", "[commands][document]")
{
    auto plan = usual_plan();
    plan.client_facing = false;
    StagedDeployment scene(plan);
    scene.make_startable();
    scene.say("petra", "withdraw");
    CHECK(scene.deployment.stage == Stage::planned);
    CHECK(unmet_to_start(scene) == Keys{"gate2:product_lead"});
    for (const auto* name : {"bob", "raj", "anne", "jane"}) {  // nobody else's word stands for it
        INFO(name);
        CHECK(outcome_of(scene.ask(name, "signoff")) == "sign_off_no_role");
    }
    scene.say("petra", "signoff");
    CHECK(scene.deployment.stage == Stage::signed_off);
    CHECK(unmet_to_start(scene).empty());
}

TEST_CASE(
    "Gate 2 item: Original requestor (or representative) has reviewed in staging", "[commands][document]"
)
{
    StagedDeployment scene;
    scene.make_startable();
    scene.say("jane", "withdraw");
    CHECK(unmet_to_start(scene) == Keys{"gate2:requestor"});
    scene.say("jane", "signoff");
    CHECK(unmet_to_start(scene).empty());
    // A representative is whom the plan names.
    auto plan = usual_plan();
    plan.requested_by = id_of("anne");
    StagedDeployment represented(plan);
    CHECK(outcome_of(represented.ask("jane", "signoff")) == "sign_off_no_role");
    const auto given = events_of<SignedOff>(represented.say("anne", "signoff"));
    CHECK(given.front().roles == std::vector{Role::requestor});
}

TEST_CASE("Gate 2 item: Client-facing changes have explicit Product Lead approval", "[commands][document]")
{
    const auto withdraw = [](StagedDeployment& scene) { scene.say("petra", "withdraw"); };
    CHECK(unmet_after(withdraw) == Keys{"gate2:product_lead", "gate2:client_facing"});
    auto internal = usual_plan();
    internal.client_facing = false;
    CHECK(unmet_after(withdraw, internal) == Keys{"gate2:product_lead"});
}

TEST_CASE("Gate 2 item: Rollback plan documented", "[commands][document]")
{
    const StagedDeployment scene;
    const auto without = scene.ask(
        "alice",
        "plan",
        {{"what", "Faster search"}, {"linear_issue", "ENG-1"}, {"service", "web"}, {"rollback_plan", " "}}
    );
    CHECK(refusals_of(without) == std::vector<std::string>{"rollback_plan_missing"});
    CHECK(unmet_after([](StagedDeployment& broken) {
              broken.deployment.plan.rollback_plan.clear();
          }) == Keys{"gate2:rollback_plan"});
}

TEST_CASE("Pre-deployment item: Staging sign-off complete (Gate 2 passed)", "[commands][document]")
{
    StagedDeployment scene;
    const auto first = [&] {
        return pre_deployment(scene.deployment, scene.seen_by(person_called("bob"))).front();
    };
    scene.pass_gate1();
    scene.tick("petra", "gate2", {"qa_bugs", "minor_bugs"});
    scene.say("petra", "signoff");
    CHECK_FALSE(first().holds);
    CHECK(first().label == "Staging sign-off complete (Gate 2 passed)");
    CHECK(first().known_to_bot);
    const auto decision = scene.say("jane", "signoff");
    CHECK(events_of<GatePassed>(decision).front().gate == 2);
    CHECK(first().holds);
}

TEST_CASE("Pre-deployment item: On-call developer identified and available", "[commands][document]")
{
    StagedDeployment scene(usual_plan(), "");
    scene.pass_gate1();
    scene.pass_gate2();
    scene.prepare();
    scene.happens("dana", GoGiven{});
    // Identified by the rotation: Bob's sprint. Available by his own word, and by nobody else's.
    CHECK(unmet_to_start(scene) == Keys{"pre_deployment:on_call"});
    CHECK(outcome_of(scene.ask("carl", "ready")) == "ready_not_yours");
    scene.say("bob", "ready");
    CHECK(unmet_to_start(scene).empty());
    scene.policy.rotation.clear();
    CHECK(unmet_to_start(scene) == Keys{"pre_deployment:on_call", "on_call_cover"});
}

TEST_CASE(
    "Pre-deployment item: Team notified of planned deployment (pre-deployment communication sent)",
    "[commands][document]"
)
{
    StagedDeployment scene;
    scene.now = evening - 2h;
    scene.pass_gate1();
    scene.pass_gate2();
    scene.tick("bob", "pre_deployment", {"environment", "dependencies", "runbook"});
    scene.give_word();
    scene.now = evening - 1h;
    CHECK(unmet_to_start(scene).contains("pre_deployment:notified"));
    scene.take("slipway", scene.fire("pre_notice"));
    CHECK_FALSE(unmet_to_start(scene).contains("pre_deployment:notified"));
}

TEST_CASE("the start notes the notice that it asked for", "[commands][document]")
{
    StagedDeployment scene;
    scene.make_startable();
    const auto steps = events_of<StepDone>(scene.say("bob", "start"));
    REQUIRE(steps.size() == 1);  // noted by itself: the start asked for it
    CHECK(steps.front().step == "notify");
}

TEST_CASE("the deploy runs by itself once the change is merged", "[commands][document]")
{
    StagedDeployment scene;
    scene.policy.services.front().deploy.command = {"deploy"};
    scene.make_startable();
    const auto started = scene.say("bob", "start");
    CHECK(all_of<RunAction>(started).empty());
    CHECK(has(sentences_of(started), "deploy_waits_for_merge"));
    const auto actions = all_of<RunAction>(scene.say("bob", "step", {{"step", "merge"}}));
    REQUIRE(actions.size() == 1);
    CHECK(actions.front().action == "deploy");
    const auto result = scene.by_bot(
        "action_result", Source::signal, {{"action", "deploy"}, {"succeeded", true}, {"output", "ok"}}, ""
    );
    REQUIRE(events_of<StepDone>(result).size() == 1);
    CHECK(events_of<StepDone>(result).front().output == "ok");
}

TEST_CASE("what is merged before the start is deployed at the start", "[commands][document]")
{
    const auto deploys = [](const Decision& decision) { return all_of<RunAction>(decision).size(); };
    StagedDeployment scene;
    scene.policy.services.front().deploy.command = {"deploy"};
    scene.make_startable();
    SECTION("ticked in the list")
    {
        const auto ticked = scene.say("carl", "tick", {{"checklist", "steps"}, {"item", "merge"}});
        CHECK(deploys(ticked) == 0);
        CHECK(deploys(scene.say("bob", "start")) == 1);
    }
    SECTION("by verb; the other steps come after the start")
    {
        CHECK(outcome_of(scene.ask("bob", "step", {{"step", "caches"}})) == "step_unknown");
        CHECK(deploys(scene.say("bob", "step", {{"step", "merge"}})) == 0);
        CHECK(deploys(scene.say("bob", "start")) == 1);
    }
    SECTION("ticked after the start, once")
    {
        scene.say("bob", "start");
        CHECK(deploys(scene.say("carl", "tick", {{"checklist", "steps"}, {"item", "merge"}})) == 1);
        scene.say("carl", "untick", {{"checklist", "steps"}, {"item", "merge"}});
        CHECK(deploys(scene.say("carl", "tick", {{"checklist", "steps"}, {"item", "merge"}})) == 0);
    }
    SECTION("a team without that step deploys at the start")
    {
        std::erase_if(scene.policy.steps, [](const ChecklistItem& item) { return item.key == "merge"; });
        CHECK(deploys(scene.say("bob", "start")) == 1);
    }
    SECTION("who deployed by hand is not deployed over")
    {
        scene.say("bob", "start");
        scene.say("bob", "step", {{"step", "deploy"}});
        CHECK(deploys(scene.say("bob", "step", {{"step", "merge"}})) == 0);
    }
}

TEST_CASE("done notes the steps that it brings about", "[commands][document]")
{
    StagedDeployment scene;
    scene.reach(Stage::deploying);
    scene.pass_smoke_tests();
    const auto decision = scene.say("bob", "done");
    std::set<std::string> steps;
    for (const auto& step : events_of<StepDone>(decision)) {
        steps.insert(step.step);
    }
    CHECK(steps == std::set<std::string>{"smoke", "announce", "watch"});
    CHECK(due_of(decision, "watch_end") == scene.now + 24h);
}

TEST_CASE("each step of the deployment is noted by name, once", "[commands][document]")
{
    struct Row {
        const char* name;  ///< as the document has it, after the colon
        const char* step;
    };

    for (const auto& row :
         {Row{"Step 1: Send pre-deployment notification", "notify"},
          Row{"Step 2: Merge to production branch (squash commits, reference Linear issue)", "merge"},
          Row{"Step 3: Deploy following the Deployment Workflow", "deploy"},
          Row{"Step 4: Run database migrations (if applicable)", "migrate"},
          Row{"Step 5: Clear caches (if applicable)", "caches"},
          Row{"Step 6: Smoke test (5-10 minutes)", "smoke"},
          Row{"Step 7: Send post-deployment notification", "announce"},
          Row{"Step 8: Enter 24-hour monitoring period", "watch"}}) {
        INFO(row.name);
        StagedDeployment scene;
        scene.reach(Stage::deploying);
        CHECK(label_of(scene.policy.steps, row.step) == words_of(row.name));
        CHECK(outcome_of(scene.ask("bob", "step", {{"step", row.step}})) == "allowed");
        const auto decision = scene.say("bob", "step", {{"step", words_of(row.name)}});
        REQUIRE(events_of<StepDone>(decision).size() == 1);
        CHECK(events_of<StepDone>(decision).front().step == row.step);
        CHECK(scene.deployment.ticks.at("steps").at(row.step).by == id_of("bob"));
        CHECK(outcome_of(scene.ask("bob", "step", {{"step", row.step}})) == "item_ticked_already");
        CHECK(outcome_of(scene.ask("bob", "step", {{"step", "dance"}})) == "step_unknown");
    }
}

TEST_CASE("each smoke test keeps the deployment from being done", "[commands][document]")
{
    struct Row {
        const char* name;  ///< as the document has it, after the colon
        const char* item;
    };

    for (const auto& row :
         {Row{"Smoke test: Application loads and responds", "loads"},
          Row{"Smoke test: Login works", "login"},
          Row{"Smoke test: Core features functional (email, contacts, campaigns)", "core"},
          Row{"Smoke test: New feature works as tested in staging", "feature"},
          Row{"Smoke test: No new errors in error logs", "logs"},
          Row{"Smoke test: Database migrations completed successfully", "migrations"}}) {
        INFO(row.name);
        StagedDeployment scene(plan_with_migrations());
        scene.reach(Stage::deploying);
        CHECK(label_of(scene.policy.smoke, row.item) == words_of(row.name));
        scene.pass_smoke_tests();
        const boost::json::object fields{{"checklist", "smoke"}, {"item", row.item}};
        scene.say("bob", "untick", fields);
        const auto refused = scene.ask("bob", "done");
        CHECK(refusals_of(refused) == std::vector<std::string>{"smoke_unticked"});
        const auto refusal = refused.error();
        CHECK(refusal.sentences.front().facts.at("label").as_string() == words_of(row.name));
        CHECK(has(sentences_of(scene.say("bob", "tick", fields)), "smoke_passed"));
        CHECK(outcome_of(scene.ask("bob", "done")) == "allowed");
    }
}

TEST_CASE("each kind of monitoring is asked for at every check-in", "[commands][document]")
{
    struct Row {
        const char* name;  ///< as the document has it, after the colon
        const char* item;
        const char* label;
    };

    for (const auto& row :
         {Row{"Monitoring: Errors", "errors", "Errors: New error patterns, error rate spikes"},
          Row{"Monitoring: Performance",
              "performance",
              "Performance: Server CPU/memory, query times, page load"},
          Row{"Monitoring: User behavior",
              "behavior",
              "User behavior: Support tickets, chat mentions, direct feedback"},
          Row{"Monitoring: Feature adoption",
              "adoption",
              "Feature adoption: Are users finding and using the new feature?"},
          Row{"Monitoring: Database",
              "database",
              "Database: Query performance, connection pool, disk usage"}}) {
        INFO(row.name);
        StagedDeployment scene;
        scene.reach(Stage::watching);
        CHECK(label_of(scene.policy.monitoring, row.item) == row.label);
        for (const auto* list : {"check_in_1", "check_in_2", "check_in_3"}) {
            INFO(list);
            scene.say("bob", "tick", {{"checklist", list}, {"item", row.item}});
            CHECK(scene.deployment.ticks.at(list).at(row.item).by == id_of("bob"));
        }
        const auto fourth = scene.ask("bob", "tick", {{"checklist", "check_in_4"}, {"item", row.item}});
        CHECK(outcome_of(fourth) == "checklist_unknown");
    }
}

}  // namespace slipway::testing
