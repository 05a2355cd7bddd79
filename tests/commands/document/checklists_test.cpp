// One test for each item of the document's checklists, named by its words.
#include "tests/commands/unmet.hpp"

namespace slipway::testing {

namespace {

std::string label_of(const Checklist& list, const std::string& key)
{
    const auto found =
        std::find_if(list.begin(), list.end(), [&](const ChecklistItem& item) { return item.key == key; });
    return found == list.end() ? "" : found->label;
}

/// `item` of `list` is asked for before the start in the words `label`: alone unticked it blocks; ticked by
/// `name` it stands in the record as theirs, for this revision; cleared it blocks again.
void check_asked_before_start(
    const std::string& list, const std::string& item, const std::string& label, const std::string& name
)
{
    auto plan = usual_plan();
    plan.has_migrations = true;
    StagedDeployment scene(plan);
    scene.make_startable();
    REQUIRE(unmet_to_start(scene).empty());
    const boost::json::object fields{{"checklist", list}, {"item", item}};
    scene.say(name, "untick", fields);
    CHECK(unmet_to_start(scene) == Keys{list + ":" + item});
    const auto refused = scene.ask("bob", "start");
    REQUIRE_FALSE(refused.has_value());
    const auto refusal = refused.error();
    CHECK(refusal.sentences.front().facts.at("label").as_string() == label);
    scene.now += 1min;
    scene.say(name, "tick", fields);
    CHECK(unmet_to_start(scene).empty());
    const auto& tick = scene.deployment.ticks.at(list).at(item);
    CHECK(tick.by == id_of(name));
    CHECK(tick.at == scene.now);
}

void check_gate1(const std::string& item, const std::string& label)
{
    check_asked_before_start("gate1", item, label, "carl");
}

/// The six items of QA Testing are ticked by name for the record; the gate asks for the bugs they found.
void check_qa(const std::string& item, const std::string& label)
{
    StagedDeployment scene;
    CHECK(label_of(scene.policy.qa, item) == label);
    const boost::json::object fields{{"checklist", "qa"}, {"item", item}};
    const auto decision = scene.say("petra", "tick", fields);
    REQUIRE(events_of<ItemTicked>(decision).size() == 1);
    CHECK(events_of<ItemTicked>(decision).front().item == item);
    CHECK(scene.deployment.ticks.at("qa").at(item).by == id_of("petra"));
    CHECK(outcome_of(scene.ask("petra", "tick", fields)) == "item_ticked_already");
    scene.say("petra", "untick", fields);
    CHECK_FALSE(is_ticked(scene.deployment, "qa", item));
}

void check_smoke(const std::string& item, const std::string& label)
{
    auto plan = usual_plan();
    plan.has_migrations = true;
    StagedDeployment scene(plan);
    scene.reach(Stage::deploying);
    CHECK(label_of(scene.policy.smoke, item) == label);
    scene.pass_smoke_tests();
    const boost::json::object fields{{"checklist", "smoke"}, {"item", item}};
    scene.say("bob", "untick", fields);
    const auto refused = scene.ask("bob", "done");
    CHECK(refusals_of(refused) == std::vector<std::string>{"smoke_unticked"});
    const auto refusal = refused.error();
    CHECK(refusal.sentences.front().facts.at("label").as_string() == label);
    CHECK(has(sentences_of(scene.say("bob", "tick", fields)), "smoke_passed"));
    CHECK(outcome_of(scene.ask("bob", "done")) == "allowed");
}

void check_step(const std::string& step, const std::string& label)
{
    StagedDeployment scene;
    scene.reach(Stage::deploying);
    CHECK(label_of(scene.policy.steps, step) == label);
    const auto decision = scene.say("bob", "step", {{"step", step}});
    REQUIRE(events_of<StepDone>(decision).size() == 1);
    CHECK(events_of<StepDone>(decision).front().step == step);
    CHECK(scene.deployment.ticks.at("steps").at(step).by == id_of("bob"));
}

void check_monitoring(const std::string& item, const std::string& label)
{
    StagedDeployment scene;
    scene.reach(Stage::watching);
    CHECK(label_of(scene.policy.monitoring, item) == label);
    for (const auto* list : {"check_in_1", "check_in_2", "check_in_3"}) {
        INFO(list);
        scene.say("bob", "tick", {{"checklist", list}, {"item", item}});
        CHECK(scene.deployment.ticks.at(list).at(item).by == id_of("bob"));
    }
    CHECK(
        outcome_of(scene.ask("bob", "tick", {{"checklist", "check_in_4"}, {"item", item}})) ==
        "checklist_unknown"
    );
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

TEST_CASE("the lists are the document's, in its words", "[commands][gates]")
{
    using Words = std::vector<std::string>;
    const auto policy = document_policy();
    CHECK(
        labels_of(policy.gate1) ==
        Words{
            "At least one peer review approval",
            "All CI checks pass (tests, lint, build)",
            "No unresolved review comments",
            "PR description includes testing notes",
            "Acceptance criteria from sprint item are referenced"}
    );
    CHECK(
        labels_of(policy.qa) ==
        Words{
            "Functional testing (happy path + edge cases)",
            "Cross-browser testing (Chrome, Safari, Firefox, Mobile Safari)",
            "Mobile responsiveness",
            "Performance checks (page load, query performance)",
            "Data integrity (saves, validates, maintains relationships)",
            "Accessibility basics (keyboard nav, labels, contrast)"}
    );
    CHECK(
        labels_of(policy.gate2) ==
        Words{
            "All critical and major QA bugs fixed",
            "Product Lead has signed off on acceptance criteria",
            "Original requestor (or representative) has reviewed in staging",
            "Client-facing changes have explicit Product Lead approval",
            "Minor bugs documented with plan (fix post-release or accept)",
            "Rollback plan documented"}
    );
    CHECK(policy.pre_deployment.size() == 7);
    CHECK(policy.steps.size() == 8);
    CHECK(
        labels_of(policy.smoke) ==
        Words{
            "Application loads and responds",
            "Login works",
            "Core features functional (email, contacts, campaigns)",
            "New feature works as tested in staging",
            "No new errors in error logs",
            "Database migrations completed successfully"}
    );
    CHECK(policy.monitoring.size() == 5);
}

TEST_CASE("Gate 1: At least one peer review approval", "[commands][document]")
{
    check_gate1("approved", "At least one peer review approval");
}

TEST_CASE("Gate 1: All CI checks pass (tests, lint, build)", "[commands][document]")
{
    check_gate1("ci_green", "All CI checks pass (tests, lint, build)");
}

TEST_CASE("Gate 1: No unresolved review comments", "[commands][document]")
{
    check_gate1("threads_resolved", "No unresolved review comments");
}

TEST_CASE("Gate 1: PR description includes testing notes", "[commands][document]")
{
    check_gate1("testing_notes", "PR description includes testing notes");
}

TEST_CASE("Gate 1: Acceptance criteria from sprint item are referenced", "[commands][document]")
{
    check_gate1("issue_referenced", "Acceptance criteria from sprint item are referenced");
}

TEST_CASE("QA: Functional testing (happy path + edge cases)", "[commands][document]")
{
    check_qa("functional", "Functional testing (happy path + edge cases)");
}

TEST_CASE("QA: Cross-browser testing (Chrome, Safari, Firefox, Mobile Safari)", "[commands][document]")
{
    check_qa("cross_browser", "Cross-browser testing (Chrome, Safari, Firefox, Mobile Safari)");
}

TEST_CASE("QA: Mobile responsiveness", "[commands][document]")
{
    check_qa("mobile", "Mobile responsiveness");
}

TEST_CASE("QA: Performance checks (page load, query performance)", "[commands][document]")
{
    check_qa("performance", "Performance checks (page load, query performance)");
}

TEST_CASE("QA: Data integrity (saves, validates, maintains relationships)", "[commands][document]")
{
    check_qa("data_integrity", "Data integrity (saves, validates, maintains relationships)");
}

TEST_CASE("QA: Accessibility basics (keyboard nav, labels, contrast)", "[commands][document]")
{
    check_qa("accessibility", "Accessibility basics (keyboard nav, labels, contrast)");
}

TEST_CASE("Gate 2 item: All critical and major QA bugs fixed", "[commands][document]")
{
    check_asked_before_start("gate2", "qa_bugs", "All critical and major QA bugs fixed", "petra");
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

TEST_CASE("Gate 2 item: Minor bugs documented with plan (fix post-release or accept)", "[commands][document]")
{
    check_asked_before_start(
        "gate2", "minor_bugs", "Minor bugs documented with plan (fix post-release or accept)", "petra"
    );
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

TEST_CASE("Pre-deployment item: Database migrations tested in staging and reversible", "[commands][document]")
{
    check_asked_before_start(
        "pre_deployment", "migrations", "Database migrations tested in staging and reversible", "bob"
    );
}

TEST_CASE("Pre-deployment item: Environment variables configured in production", "[commands][document]")
{
    check_asked_before_start(
        "pre_deployment", "environment", "Environment variables configured in production", "bob"
    );
}

TEST_CASE("Pre-deployment item: No breaking dependency changes", "[commands][document]")
{
    check_asked_before_start("pre_deployment", "dependencies", "No breaking dependency changes", "bob");
}

TEST_CASE("Pre-deployment item: Deployment runbook reviewed", "[commands][document]")
{
    check_asked_before_start("pre_deployment", "runbook", "Deployment runbook reviewed", "bob");
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

TEST_CASE("Step 1: Send pre-deployment notification", "[commands][document]")
{
    check_step("notify", "Send pre-deployment notification");
    StagedDeployment scene;
    scene.make_startable();
    const auto steps = events_of<StepDone>(scene.say("bob", "start"));
    REQUIRE(steps.size() == 1);  // noted by itself: the start asked for it
    CHECK(steps.front().step == "notify");
}

TEST_CASE(
    "Step 2: Merge to production branch (squash commits, reference Linear issue)", "[commands][document]"
)
{
    check_step("merge", "Merge to production branch (squash commits, reference Linear issue)");
}

TEST_CASE("Step 3: Deploy following the Deployment Workflow", "[commands][document]")
{
    check_step("deploy", "Deploy following the Deployment Workflow");
    StagedDeployment scene;
    scene.policy.services.front().deploy.command = {"deploy"};
    scene.make_startable();
    // Step 2 comes before step 3.
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

TEST_CASE("Step 4: Run database migrations (if applicable)", "[commands][document]")
{
    check_step("migrate", "Run database migrations (if applicable)");
}

TEST_CASE("Step 5: Clear caches (if applicable)", "[commands][document]")
{
    check_step("caches", "Clear caches (if applicable)");
}

TEST_CASE("Step 6: Smoke test (5-10 minutes)", "[commands][document]")
{
    check_step("smoke", "Smoke test (5-10 minutes)");
}

TEST_CASE("Step 7: Send post-deployment notification", "[commands][document]")
{
    check_step("announce", "Send post-deployment notification");
}

TEST_CASE("Step 8: Enter 24-hour monitoring period", "[commands][document]")
{
    check_step("watch", "Enter 24-hour monitoring period");
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

TEST_CASE("Smoke test: Application loads and responds", "[commands][document]")
{
    check_smoke("loads", "Application loads and responds");
}

TEST_CASE("Smoke test: Login works", "[commands][document]") { check_smoke("login", "Login works"); }

TEST_CASE("Smoke test: Core features functional (email, contacts, campaigns)", "[commands][document]")
{
    check_smoke("core", "Core features functional (email, contacts, campaigns)");
}

TEST_CASE("Smoke test: New feature works as tested in staging", "[commands][document]")
{
    check_smoke("feature", "New feature works as tested in staging");
}

TEST_CASE("Smoke test: No new errors in error logs", "[commands][document]")
{
    check_smoke("logs", "No new errors in error logs");
}

TEST_CASE("Smoke test: Database migrations completed successfully", "[commands][document]")
{
    check_smoke("migrations", "Database migrations completed successfully");
}

TEST_CASE("Monitoring: Errors", "[commands][document]")
{
    check_monitoring("errors", "Errors: New error patterns, error rate spikes");
}

TEST_CASE("Monitoring: Performance", "[commands][document]")
{
    check_monitoring("performance", "Performance: Server CPU/memory, query times, page load");
}

TEST_CASE("Monitoring: User behavior", "[commands][document]")
{
    check_monitoring("behavior", "User behavior: Support tickets, chat mentions, direct feedback");
}

TEST_CASE("Monitoring: Feature adoption", "[commands][document]")
{
    check_monitoring("adoption", "Feature adoption: Are users finding and using the new feature?");
}

TEST_CASE("Monitoring: Database", "[commands][document]")
{
    check_monitoring("database", "Database: Query performance, connection pool, disk usage");
}

}  // namespace slipway::testing
