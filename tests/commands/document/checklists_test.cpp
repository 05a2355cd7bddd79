// Each item of the document's checklists, by its words.
#include "tests/commands/unmet.hpp"

namespace slipway::testing {

namespace {

/// An item of a checklist.
struct ChecklistRow {
    std::string name;  ///< the list, and the words that the document has for the item
    std::string key;   ///< "smoke:login"

    [[nodiscard]] std::string words() const { return name.substr(name.find(": ") + 2); }

    [[nodiscard]] std::string list() const { return key.substr(0, key.find(':')); }

    [[nodiscard]] std::string item() const { return key.substr(key.find(':') + 1); }

    [[nodiscard]] boost::json::object fields() const { return {{"checklist", list()}, {"item", item()}}; }

    [[nodiscard]] std::string label_in(const Checklist& checklist) const
    {
        for (const auto& each : checklist) {
            if (each.key == item()) {
                return each.label;
            }
        }
        return "";
    }

    [[nodiscard]] Tick tick_in(const StagedDeployment& scene) const
    {
        return scene.deployment.ticks.at(list()).at(item());
    }
};

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
    CHECK(
        labels_of(policy.monitoring) ==
        std::vector<std::string>{
            "Errors: New error patterns, error rate spikes",
            "Performance: Server CPU/memory, query times, page load",
            "User behavior: Support tickets, chat mentions, direct feedback",
            "Feature adoption: Are users finding and using the new feature?",
            "Database: Query performance, connection pool, disk usage"}
    );
    CHECK(policy.pre_deployment.size() == 7);
    CHECK(policy.steps.size() == 8);
    CHECK(policy.smoke.size() == 6);
}

TEST_CASE("each item asked for before the start blocks alone, and is ticked by name", "[commands][document]")
{
    const std::map<std::string, const char*> ticks{
        {"gate1", "carl"}, {"gate2", "petra"}, {"pre_deployment", "bob"}};
    for (const auto& row :
         {ChecklistRow{"Gate 1: At least one peer review approval", "gate1:approved"},
          ChecklistRow{"Gate 1: All CI checks pass (tests, lint, build)", "gate1:ci_green"},
          ChecklistRow{"Gate 1: No unresolved review comments", "gate1:threads_resolved"},
          ChecklistRow{"Gate 1: PR description includes testing notes", "gate1:testing_notes"},
          ChecklistRow{
              "Gate 1: Acceptance criteria from sprint item are referenced", "gate1:issue_referenced"},
          ChecklistRow{"Gate 2 item: All critical and major QA bugs fixed", "gate2:qa_bugs"},
          ChecklistRow{
              "Gate 2 item: Minor bugs documented with plan (fix post-release or accept)",
              "gate2:minor_bugs"},
          ChecklistRow{
              "Pre-deployment item: Database migrations tested in staging and reversible",
              "pre_deployment:migrations"},
          ChecklistRow{
              "Pre-deployment item: Environment variables configured in production",
              "pre_deployment:environment"},
          ChecklistRow{"Pre-deployment item: No breaking dependency changes", "pre_deployment:dependencies"},
          ChecklistRow{"Pre-deployment item: Deployment runbook reviewed", "pre_deployment:runbook"}}) {
        INFO(row.name);
        StagedDeployment scene(plan_with_migrations());
        scene.make_startable();
        REQUIRE(unmet_to_start(scene).empty());
        const auto* who = ticks.at(row.list());
        scene.say(who, "untick", row.fields());
        CHECK(unmet_to_start(scene) == Keys{row.key});
        const auto refused = scene.ask("bob", "start");
        REQUIRE_FALSE(refused.has_value());
        const auto refusal = refused.error();
        CHECK(refusal.sentences.front().facts.at("label").as_string() == row.words());
        scene.now += 1min;
        scene.say(who, "tick", row.fields());
        CHECK(unmet_to_start(scene).empty());
        CHECK(row.tick_in(scene).by == id_of(who));
        CHECK(row.tick_in(scene).at == scene.now);
    }
}

TEST_CASE(
    "each item of QA Testing is ticked by name for the record; the gate asks for the bugs they found",
    "[commands][document]"
)
{
    for (const auto& row :
         {ChecklistRow{"QA: Functional testing (happy path + edge cases)", "qa:functional"},
          ChecklistRow{
              "QA: Cross-browser testing (Chrome, Safari, Firefox, Mobile Safari)", "qa:cross_browser"},
          ChecklistRow{"QA: Mobile responsiveness", "qa:mobile"},
          ChecklistRow{"QA: Performance checks (page load, query performance)", "qa:performance"},
          ChecklistRow{"QA: Data integrity (saves, validates, maintains relationships)", "qa:data_integrity"},
          ChecklistRow{"QA: Accessibility basics (keyboard nav, labels, contrast)", "qa:accessibility"}}) {
        INFO(row.name);
        StagedDeployment scene;
        CHECK(row.label_in(scene.policy.qa) == row.words());
        const auto decision = scene.say("petra", "tick", row.fields());
        REQUIRE(events_of<ItemTicked>(decision).size() == 1);
        CHECK(row.tick_in(scene).by == id_of("petra"));
        CHECK(outcome_of(scene.ask("petra", "tick", row.fields())) == "item_ticked_already");
        scene.say("petra", "untick", row.fields());
        CHECK_FALSE(is_ticked(scene.deployment, "qa", row.item()));
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
    const auto without = scene.ask("alice", "plan", plan_fields({{"rollback_plan", " "}}));
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

TEST_CASE("what is merged is deployed at the start, or once it is merged after it", "[commands][document]")
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
        CHECK(has(sentences_of(scene.say("bob", "start")), "deploy_waits_for_merge"));
        CHECK(deploys(scene.say("carl", "tick", {{"checklist", "steps"}, {"item", "merge"}})) == 1);
        scene.say("carl", "untick", {{"checklist", "steps"}, {"item", "merge"}});
        CHECK(deploys(scene.say("carl", "tick", {{"checklist", "steps"}, {"item", "merge"}})) == 0);
        const auto ended = events_of<StepDone>(scene.ends("deploy"));
        REQUIRE(ended.size() == 1);
        CHECK(ended.front().output == "as it went");
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
    for (const auto& row :
         {ChecklistRow{"Step 1: Send pre-deployment notification", "steps:notify"},
          ChecklistRow{
              "Step 2: Merge to production branch (squash commits, reference Linear issue)", "steps:merge"},
          ChecklistRow{"Step 3: Deploy following the Deployment Workflow", "steps:deploy"},
          ChecklistRow{"Step 4: Run database migrations (if applicable)", "steps:migrate"},
          ChecklistRow{"Step 5: Clear caches (if applicable)", "steps:caches"},
          ChecklistRow{"Step 6: Smoke test (5-10 minutes)", "steps:smoke"},
          ChecklistRow{"Step 7: Send post-deployment notification", "steps:announce"},
          ChecklistRow{"Step 8: Enter 24-hour monitoring period", "steps:watch"}}) {
        INFO(row.name);
        StagedDeployment scene;
        scene.reach(Stage::deploying);
        CHECK(row.label_in(scene.policy.steps) == row.words());
        if (std::set<std::string>{"notify", "smoke", "announce", "watch"}.contains(row.item())) {
            CHECK(outcome_of(scene.ask("bob", "step", {{"step", row.item()}})) == "step_unknown");
            continue;  // the bot notes it where it happens: "done notes the steps that it brings about"
        }
        CHECK(outcome_of(scene.ask("bob", "step", {{"step", row.item()}})) == "allowed");
        const auto decision = scene.say("bob", "step", {{"step", row.words()}});
        REQUIRE(events_of<StepDone>(decision).size() == 1);
        CHECK(row.tick_in(scene).by == id_of("bob"));
        CHECK(outcome_of(scene.ask("bob", "step", {{"step", row.item()}})) == "item_ticked_already");
        CHECK(outcome_of(scene.ask("bob", "step", {{"step", "dance"}})) == "step_unknown");
    }
}

TEST_CASE("each smoke test keeps the deployment from being done", "[commands][document]")
{
    for (const auto& row :
         {ChecklistRow{"Smoke test: Application loads and responds", "smoke:loads"},
          ChecklistRow{"Smoke test: Login works", "smoke:login"},
          ChecklistRow{"Smoke test: Core features functional (email, contacts, campaigns)", "smoke:core"},
          ChecklistRow{"Smoke test: New feature works as tested in staging", "smoke:feature"},
          ChecklistRow{"Smoke test: No new errors in error logs", "smoke:logs"},
          ChecklistRow{"Smoke test: Database migrations completed successfully", "smoke:migrations"}}) {
        INFO(row.name);
        StagedDeployment scene(plan_with_migrations());
        scene.reach(Stage::deploying);
        scene.pass_smoke_tests();
        scene.say("bob", "untick", row.fields());
        const auto refused = scene.ask("bob", "done");
        CHECK(refusals_of(refused) == std::vector<std::string>{"smoke_unticked"});
        const auto refusal = refused.error();
        CHECK(refusal.sentences.front().facts.at("label").as_string() == row.words());
        CHECK(has(sentences_of(scene.say("bob", "tick", row.fields())), "smoke_passed"));
        CHECK(outcome_of(scene.ask("bob", "done")) == "allowed");
    }
}

TEST_CASE("each kind of monitoring is asked for at every check-in", "[commands][document]")
{
    for (const auto& row :
         {ChecklistRow{"Monitoring: Errors", "errors"},
          ChecklistRow{"Monitoring: Performance", "performance"},
          ChecklistRow{"Monitoring: User behavior", "behavior"},
          ChecklistRow{"Monitoring: Feature adoption", "adoption"},
          ChecklistRow{"Monitoring: Database", "database"}}) {
        INFO(row.name);
        StagedDeployment scene;
        scene.reach(Stage::watching);
        scene.now = evening + 4h;
        CHECK(row.label_in(scene.policy.monitoring).starts_with(row.words() + ": "));
        for (const auto* list : {"check_in_1", "check_in_2", "check_in_3"}) {
            INFO(list);
            scene.say("bob", "tick", {{"checklist", list}, {"item", row.key}});
            CHECK(scene.deployment.ticks.at(list).at(row.key).by == id_of("bob"));
        }
        const auto fourth = scene.ask("bob", "tick", {{"checklist", "check_in_4"}, {"item", row.key}});
        CHECK(outcome_of(fourth) == "checklist_unknown");
    }
}

}  // namespace slipway::testing
