// Gates 1 to 3, the checklist before the start and all that a start asks for: each item of the document's
// lists.
#include "commands/pipeline/gates.hpp"

#include "tests/commands/scene.hpp"

#include <set>

namespace slipway::testing {

namespace {

using Keys = std::set<std::string>;

Keys unmet_of(const std::vector<Condition>& conditions)
{
    Keys keys;
    for (const auto& condition : conditions) {
        if (!condition.holds) {
            keys.insert(condition.key);
        }
    }
    return keys;
}

Keys unmet_to_start(const Scene& scene)
{
    return unmet_of(start_conditions(scene.deployment, scene.seen_by(person_called("bob"))));
}

std::vector<std::string> labels_of(const Checklist& list)
{
    std::vector<std::string> labels;
    for (const auto& item : list) {
        labels.push_back(item.label);
    }
    return labels;
}

/// A deployment that would start, in which `break_it` undoes one thing.
template <class Break>
Keys unmet_after(Break break_it, const Plan& plan = usual_plan())
{
    Scene scene(plan);
    scene.make_startable();
    REQUIRE(unmet_to_start(scene).empty());
    break_it(scene);
    return unmet_to_start(scene);
}

Plan plan_with(void (*change)(Plan&))
{
    auto plan = usual_plan();
    change(plan);
    return plan;
}

std::set<Role> roles_for(void (*change)(Plan&)) { return required_sign_offs(plan_with(change)); }

const std::vector<std::string> gate1_keys{
    "approved", "ci_green", "threads_resolved", "testing_notes", "issue_referenced"};

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

// Gate 1.

TEST_CASE(
    "Gate 1: each of its five conditions blocks the start while it alone is missing", "[commands][gates]"
)
{
    for (const auto& item : gate1_keys) {
        INFO(item);
        CHECK(unmet_after([&](Scene& scene) {
                  scene.happens("carl", ItemCleared{"gate1", item, ""});
              }) == Keys{"gate1:" + item});
    }
}

TEST_CASE("Gate 1: the author's own word counts for none of its conditions", "[commands][gates]")
{
    for (const auto& item : gate1_keys) {
        INFO(item);
        const Scene scene;
        CHECK(
            refusals_of(scene.ask("alice", "tick", {{"checklist", "gate1"}, {"item", item}})) ==
            std::vector<std::string>{"tick_own_change"}
        );
        // Nor where the ledger of another configuration holds it.
        CHECK(unmet_after([&](Scene& before) {
                  before.happens("carl", ItemCleared{"gate1", item, ""});
                  before.tick("alice", "gate1", {item.c_str()});
              }) == Keys{"gate1:" + item});
    }
}

TEST_CASE("Gate 1: any developer of the team vouches, a Product Lead does not", "[commands][gates]")
{
    const Scene scene;
    const boost::json::object approved{{"checklist", "gate1"}, {"item", "approved"}};
    for (const auto* name : {"bob", "carl", "dana"}) {
        INFO(name);
        CHECK(outcome_of(scene.ask(name, "tick", approved)) == "allowed");
    }
    CHECK(outcome_of(scene.ask("petra", "tick", approved)) == "tick_developers");
    CHECK(outcome_of(scene.ask("jane", "tick", approved)) == "tick_developers");
}

TEST_CASE("Gate 1: what GitHub says stands over what people ticked, each way", "[commands][gates]")
{
    for (const auto& item : gate1_keys) {
        INFO(item);
        CHECK(unmet_after([&](Scene& scene) { scene.github = {{item, false}}; }) == Keys{"gate1:" + item});
        CHECK(unmet_after([&](Scene& scene) {
                  scene.happens("carl", ItemCleared{"gate1", item, ""});
                  scene.github = {{item, true}};
              }).empty());
        // What is neither yes nor no is no.
        CHECK(unmet_after([&](Scene& scene) { scene.github = {{item, "yes"}}; }) == Keys{"gate1:" + item});
    }
}

TEST_CASE(
    "Gate 1: while GitHub cannot be reached all five conditions block, with the reason", "[commands][gates]"
)
{
    Scene scene;
    scene.make_startable();
    scene.github = {{"unreachable", "timed out"}};
    CHECK(unmet_to_start(scene).size() == 5);
    const auto refused = scene.ask("bob", "start");
    REQUIRE_FALSE(refused.has_value());
    const auto refusal = refused.error();
    CHECK(refusal.sentences.front().id == "github_unreachable");
    CHECK(refusal.sentences.front().facts.at("why") == "timed out");
}

TEST_CASE("Gate 1: the facts of GitHub are copied into the ledger when they are used", "[commands][gates]")
{
    Scene scene;
    scene.pass_gate2();
    scene.prepare();
    scene.give_word();
    scene.github = {{"approved_evidence", "carl approved abc123"}};
    for (const auto& item : gate1_keys) {
        scene.github[item] = true;
    }
    const auto decision = scene.say("bob", "start");
    const auto ticked = events_of<ItemTicked>(decision);
    REQUIRE(ticked.size() == 5);
    for (const auto& each : ticked) {
        CHECK(each.by_bot);
        CHECK(each.checklist == "gate1");
    }
    CHECK(ticked.front().evidence == "carl approved abc123");
    REQUIRE(events_of<GatePassed>(decision).size() == 1);
    CHECK(events_of<GatePassed>(decision).front().gate == 1);
}

TEST_CASE("Gate 1: where GitHub is asked nobody ticks it by hand", "[commands][gates]")
{
    Scene scene(plan_with([](Plan& plan) { plan.pull_request = "https://github.com/acme/web/pull/12"; }));
    const auto tick = [&](const char* verb, const std::string& item) {
        return outcome_of(scene.ask("carl", verb, {{"checklist", "gate1"}, {"item", item}}));
    };
    CHECK(tick("tick", "approved") == "allowed");
    scene.policy.gate1_by_github = true;
    boost::json::array all;
    for (const auto& item : gate1_keys) {
        INFO(item);
        CHECK(tick("tick", item) == "gate1_by_github");
        all.emplace_back(item);
        scene.tick("carl", "gate1", {item.c_str()});
        CHECK(tick("untick", item) == "gate1_by_github");
    }
    CHECK(
        outcome_of(scene.ask("carl", "tick", {{"checklist", "gate1"}, {"items", all}})) == "gate1_by_github"
    );
    // What was ticked before the token was there is not taken for what GitHub says.
    scene.make_startable();
    for (const auto& item : gate1_keys) {
        scene.github[item] = item != "ci_green";
    }
    CHECK(unmet_to_start(scene) == Keys{"gate1:ci_green"});
    // Without a pull request there is nothing to ask about.
    scene.deployment.plan.pull_request.clear();
    CHECK(tick("untick", "approved") == "allowed");
}

TEST_CASE("Gate 1: Dev Lead reviews complex or architectural changes", "[commands][gates]")
{
    const boost::json::object review{{"checklist", "gate1"}, {"item", "dev_lead"}};
    SECTION("only those")
    {
        const Scene scene;
        CHECK(outcome_of(scene.ask("dana", "tick", review)) == "item_unknown");
    }
    Scene scene(plan_with([](Plan& plan) { plan.complex = true; }));
    scene.make_startable();
    CHECK(unmet_to_start(scene) == Keys{"gate1:dev_lead"});
    const auto refused = scene.ask("bob", "start");
    CHECK(refusals_of(refused).front() == "gate1_dev_lead");
    SECTION("another developer's word is not enough")
    {
        CHECK(outcome_of(scene.ask("carl", "tick", review)) == "gate1_dev_lead");
        scene.tick("carl", "gate1", {"dev_lead"});
        CHECK(unmet_to_start(scene) == Keys{"gate1:dev_lead"});
    }
    SECTION("nor the author's, though she be Dev Lead")
    {
        scene.roles.members[Role::dev_lead].insert(id_of("alice"));
        CHECK(outcome_of(scene.ask("alice", "tick", review)) == "tick_own_change");
    }
    SECTION("the Dev Lead's is, also where the rest is read from GitHub")
    {
        scene.policy.gate1_by_github = true;
        scene.deployment.plan.pull_request = "https://github.com/acme/web/pull/12";
        for (const auto& item : gate1_keys) {
            scene.github[item] = true;
        }
        CHECK(unmet_to_start(scene) == Keys{"gate1:dev_lead"});
        scene.say("dana", "tick", review);
        CHECK(unmet_to_start(scene).empty());
        CHECK(
            outcome_of(scene.ask("dana", "untick", {{"checklist", "gate1"}, {"item", "approved"}})) ==
            "gate1_by_github"
        );
        // A form that shows the one item changes that one.
        scene.say("dana", "tick", {{"checklist", "gate1"}, {"items", boost::json::array{}}});
        CHECK(unmet_to_start(scene) == Keys{"gate1:dev_lead"});
    }
}

TEST_CASE("a sign-off is of one commit: another head at the start asks for an amendment", "[commands][gates]")
{
    struct Row {
        const char* signed_off;
        const char* head;
        bool same;
    };

    const std::string head = "1f3c9ab0000000000000000000000000000000aa";
    for (const auto& row :
         {Row{"", head.c_str(), true},
          Row{"1f3c9ab", head.c_str(), true},
          Row{head.c_str(), head.c_str(), true},
          Row{"1f3c9ab", "2222222222", false}}) {
        CAPTURE(row.signed_off, row.head);
        auto plan = usual_plan();
        plan.commit = row.signed_off;
        Scene scene(plan);
        scene.make_startable();
        CHECK(unmet_to_start(scene).empty());  // not known
        scene.github = {{"head", row.head}};
        CHECK(unmet_to_start(scene) == (row.same ? Keys{} : Keys{"commit"}));
        if (row.same) {
            const auto started = events_of<Started>(scene.say("bob", "start"));
            CHECK(started.front().commit == row.head);
        }
        else {
            CHECK(refusals_of(scene.ask("bob", "start")).front() == "commit_differs");
        }
    }
    const Scene scene;
    const auto amended = [&](const char* commit) {
        return outcome_of(scene.ask(
            "alice",
            "amend",
            {{"what", "Faster search"},
             {"linear_issue", "ENG-123"},
             {"service", "web"},
             {"rollback_plan", "Revert commit"},
             {"commit", commit}}
        ));
    };
    CHECK(amended("1F3C9AB") == "allowed");
    CHECK(amended("the newest") == "commit_unknown");
    CHECK(amended("abc") == "commit_unknown");
}

// Gate 2.

TEST_CASE("Gate 2: All critical and major QA bugs fixed", "[commands][gates]")
{
    CHECK(unmet_after([](Scene& scene) {
              scene.happens("petra", ItemCleared{"gate2", "qa_bugs", ""});
          }) == Keys{"gate2:qa_bugs"});
}

TEST_CASE("Gate 2: Product Lead has signed off, which is the explicit approval too", "[commands][gates]")
{
    CHECK(unmet_after([](Scene& scene) {
              scene.happens("petra", SignOffWithdrawn{id_of("petra"), "Petra Park", {}, ""});
          }) == Keys{"gate2:product_lead", "gate2:client_facing"});
}

TEST_CASE("Gate 2: Original requestor has reviewed in staging", "[commands][gates]")
{
    CHECK(unmet_after([](Scene& scene) {
              scene.happens("jane", SignOffWithdrawn{id_of("jane"), "Jane Doe", {}, ""});
          }) == Keys{"gate2:requestor"});
}

TEST_CASE("Gate 2: Minor bugs documented with plan", "[commands][gates]")
{
    CHECK(unmet_after([](Scene& scene) {
              scene.happens("petra", ItemCleared{"gate2", "minor_bugs", ""});
          }) == Keys{"gate2:minor_bugs"});
}

TEST_CASE("Gate 2: Rollback plan documented", "[commands][gates]")
{
    CHECK(unmet_after([](Scene& scene) {
              scene.deployment.plan.rollback_plan.clear();
          }) == Keys{"gate2:rollback_plan"});
}

TEST_CASE(
    "Gate 2: a decline blocks, with name and reason, until a new revision or its own sign-off",
    "[commands][gates]"
)
{
    Scene scene;
    scene.make_startable();
    scene.say("jane", "decline", {{"reason", "Totals are off"}});
    CHECK(unmet_to_start(scene) == Keys{"gate2:requestor", "gate2:not_declined"});
    CHECK(scene.deployment.stage == Stage::planned);
    SECTION("a new revision asks everybody again")
    {
        auto plan = scene.deployment.plan;
        plan.changes.push_back("Totals mended");
        scene.happens("alice", Amended{2, plan});
        CHECK(scene.deployment.declines.empty());
    }
    SECTION("who declined may sign after all, and had signed before")
    {
        scene.say("jane", "signoff");
        CHECK(unmet_to_start(scene).empty());
        CHECK(scene.deployment.stage == Stage::signed_off);
    }
    SECTION("somebody else's sign-off does not lift it")
    {
        CHECK(outcome_of(scene.ask("petra", "signoff")) == "sign_off_already");
        CHECK(unmet_to_start(scene) == Keys{"gate2:requestor", "gate2:not_declined"});
    }
}

TEST_CASE(
    "Gate 2: a reply that reaches us late counts for the day and the plan it was written under",
    "[commands][gates]"
)
{
    Scene scene;
    const auto hear = [&](Instant said_at) {
        Request request;
        request.verb = "reply";
        request.deployment = scene.deployment.id;
        request.text = "Stakeholder sign-off: Petra Park";
        request.source = Source::reply;
        request.said_at = said_at;
        return decide(request, scene.seen_by(person_called("petra")));
    };
    scene.now = est("2026-11-25 08:00");
    const auto of_last_night = hear(est("2026-11-24 23:50"));
    REQUIRE(of_last_night.has_value());
    CHECK(events_of<SignedOff>(*of_last_night).front().signed_on == date::year{2026} / 11 / 24);
    auto plan = scene.deployment.plan;
    plan.changes.push_back("Totals mended");
    scene.happens("alice", Amended{2, plan});
    CHECK(outcome_of(hear(est("2026-11-25 07:59"))) == "sign_off_outdated");
    CHECK(outcome_of(hear(est("2026-11-25 08:00"))) == "allowed");
}

TEST_CASE("a plan without a time that was announced all the same can be looked at", "[commands][gates]")
{
    Scene scene;
    scene.deployment.starts_at.reset();
    scene.happens("slipway", NoticeSent{"pre_deployment", scene.deployment.schedule, true});
    CHECK_FALSE(unmet_to_start(scene).contains("pre_deployment:notified"));
}

TEST_CASE("Gate 2: two who declined both have to sign", "[commands][gates]")
{
    Scene scene;
    scene.say("jane", "decline", {{"reason", "Totals are off"}});
    scene.say("petra", "decline", {{"reason", "So is the footer"}});
    scene.say("petra", "signoff");
    REQUIRE(scene.deployment.declines.size() == 1);
    CHECK(scene.deployment.declines.front().user == id_of("jane"));
    scene.say("jane", "signoff");
    CHECK(scene.deployment.declines.empty());
}

TEST_CASE("who signs: by kind of change", "[commands][gates][sign_off]")
{
    using Roles = std::set<Role>;
    CHECK(roles_for([](Plan&) {}) == Roles{Role::product_lead, Role::requestor});
    CHECK(roles_for([](Plan& plan) {
              plan.requested_by_client = "Acme";
          }) == Roles{Role::product_lead, Role::requestor, Role::account_manager});
    CHECK(roles_for([](Plan& plan) {
              plan.client_facing = false;
          }) == Roles{Role::product_lead, Role::dev_lead});
    // For internal changes a client's name changes nothing.
    CHECK(roles_for([](Plan& plan) {
              plan.client_facing = false;
              plan.requested_by_client = "Acme";
          }) == Roles{Role::product_lead, Role::dev_lead});
}

TEST_CASE("one person of two roles counts for both", "[commands][gates][sign_off]")
{
    auto plan = usual_plan();
    plan.requested_by = id_of("petra");
    Scene scene(plan);
    CHECK(missing_sign_offs(scene.deployment, scene.policy).size() == 2);
    const auto decision = scene.say("petra", "signoff");
    CHECK(missing_sign_offs(scene.deployment, scene.policy).empty());
    CHECK(events_of<SignedOff>(decision).front().roles == std::vector{Role::product_lead, Role::requestor});
}

TEST_CASE("two Product Leads are not a Product Lead and a requestor", "[commands][gates][sign_off]")
{
    Scene scene;
    scene.roles.members[Role::product_lead].insert(id_of("raj"));
    scene.say("petra", "signoff");
    scene.say("raj", "signoff");
    CHECK(missing_sign_offs(scene.deployment, scene.policy) == std::set<Role>{Role::requestor});
}

TEST_CASE("four eyes: the author never counts, unless configured", "[commands][gates][sign_off]")
{
    auto plan = usual_plan();
    plan.requested_by = id_of("alice");
    Scene scene(plan);
    scene.roles.members[Role::product_lead].insert(id_of("alice"));
    CHECK(outcome_of(scene.ask("alice", "signoff")) == "sign_off_author");
    scene.sign("alice", {Role::product_lead, Role::requestor});
    CHECK(missing_sign_offs(scene.deployment, scene.policy).size() == 2);
    scene.policy.four_eyes = false;
    CHECK(missing_sign_offs(scene.deployment, scene.policy).empty());
}

TEST_CASE(
    "a new revision voids the sign-offs and ticks, and asks again with the difference",
    "[commands][gates][sign_off]"
)
{
    Scene scene;
    scene.make_startable();
    const auto decision = scene.say(
        "alice",
        "amend",
        {{"what", "Faster search"},
         {"linear_issue", "ENG-123"},
         {"service", "web"},
         {"changes", "New index\nCached results"},
         {"rollback_plan", "Switch the flag off"},
         {"client_facing", "yes"}}
    );
    CHECK(scene.deployment.revision == 2);
    CHECK(scene.deployment.stage == Stage::planned);
    CHECK(valid_sign_offs(scene.deployment).empty());
    CHECK(scene.deployment.ticks.empty());
    CHECK_FALSE(scene.deployment.go);
    CHECK_FALSE(scene.deployment.ready);
    const auto sentences = sentences_of(decision);
    CHECK(std::count(sentences.begin(), sentences.end(), "asked_again") == 2);
    const auto note = all_of<ThreadNote>(decision).front();
    CHECK(note.sentence.id == "amended");
    REQUIRE(note.sentence.facts.at("changed").as_array().size() == 1);
    CHECK(
        note.sentence.facts.at("changed").as_array().front() ==
        "Rollback plan: Revert commit \u2192 Switch the flag off"
    );
    CHECK(note.pings.empty());  // each is asked by a message of their own
    CHECK(all_of<DirectMessage>(decision).size() == 2);
}

TEST_CASE("an amendment that changes nothing keeps the sign-offs", "[commands][gates][sign_off]")
{
    Scene scene;
    scene.make_startable();
    const auto same = scene.ask(
        "alice",
        "amend",
        {{"what", "Faster search"},
         {"linear_issue", "ENG-123"},
         {"service", "web"},
         {"changes", "New index\nCached results"},
         {"rollback_plan", "Revert commit"},
         {"client_facing", "yes"}}
    );
    CHECK(outcome_of(same) == "amend_nothing");
}

TEST_CASE("every member of the plan is material", "[commands][gates][sign_off]")
{
    const std::vector<std::pair<const char*, const char*>> changes{
        {"what", "Slower search"},
        {"linear_issue", "ENG-9"},
        {"service", "api"},
        {"changes", "New index"},
        {"expected_impact", "Brief downtime"},
        {"rollback_plan", "Flag off"},
        {"client_facing", "no"},
        {"requested_by", "U0CARL"},
        {"client", "Acme"},
        {"pull_request", "https://github.com/acme/web/pull/7"},
        {"commit", "abc123"},
        {"migrations", "yes"},
        {"flag", "search"},
        {"priority", "P1"},
        {"complex", "yes"},
    };
    for (const auto& [key, value] : changes) {
        INFO(key);
        Scene scene;
        boost::json::object fields{
            {"what", "Faster search"},
            {"linear_issue", "ENG-123"},
            {"service", "web"},
            {"changes", "New index\nCached results"},
            {"rollback_plan", "Revert commit"},
            {"client_facing", "yes"}};
        fields[key] = value;
        scene.say("alice", "amend", fields);
        CHECK(scene.deployment.revision == 2);
    }
}

TEST_CASE("missing sign-offs are chased a day later, and daily from then on", "[commands][gates][sign_off]")
{
    Scene scene;
    scene.say("jane", "signoff");
    const auto chased = scene.fire("chase_sign_offs");
    const auto messages = all_of<DirectMessage>(chased);
    REQUIRE(messages.size() == 1);
    CHECK(messages.front().user == id_of("petra"));
    CHECK(messages.front().sentence.id == "chase_sign_off");
    CHECK(due_of(chased, "chase_sign_offs") == scene.now + 24h);
    scene.say("petra", "signoff");
    CHECK(scene.fire("chase_sign_offs").outbox.empty());
}

TEST_CASE("a sign-off that is taken back is asked for again", "[commands][gates][sign_off]")
{
    Scene scene;
    scene.say("jane", "signoff");
    scene.say("petra", "signoff");
    REQUIRE(scene.deployment.stage == Stage::planned);  // the bugs are not ticked yet
    REQUIRE_FALSE(due_of(scene.fire("chase_sign_offs"), "chase_sign_offs"));
    CHECK(due_of(scene.say("petra", "withdraw"), "chase_sign_offs") == scene.now + 24h);
}

// The checklist before the start.

TEST_CASE("Pre-deployment: Staging sign-off complete (Gate 2 passed)", "[commands][gates]")
{
    Scene scene;
    scene.make_startable();
    const auto holds = [&] {
        return pre_deployment(scene.deployment, scene.seen_by(person_called("bob"))).front().holds;
    };
    CHECK(holds());
    scene.say("jane", "withdraw");
    CHECK_FALSE(holds());
}

TEST_CASE("Pre-deployment: Database migrations tested, asked only where there are any", "[commands][gates]")
{
    const auto clear = [](Scene& scene) {
        scene.happens("bob", ItemCleared{"pre_deployment", "migrations", ""});
    };
    CHECK(unmet_after(clear).empty());
    CHECK(unmet_after(clear, plan_with([](Plan& plan) {
                          plan.has_migrations = true;
                      })) == Keys{"pre_deployment:migrations"});
}

TEST_CASE(
    "Pre-deployment: environment variables, dependencies and runbook are ticked by name", "[commands][gates]"
)
{
    for (const auto* item : {"environment", "dependencies", "runbook"}) {
        INFO(item);
        CHECK(unmet_after([&](Scene& scene) {
                  scene.happens("bob", ItemCleared{"pre_deployment", item, ""});
              }) == Keys{"pre_deployment:" + std::string(item)});
    }
}

TEST_CASE("Pre-deployment: what the bot knows nobody can tick", "[commands][gates]")
{
    const Scene scene;
    for (const auto* item : {"gate2", "on_call", "notified", "migrations"}) {
        INFO(item);
        CHECK(
            outcome_of(scene.ask("bob", "tick", {{"checklist", "pre_deployment"}, {"item", item}})) ==
            "item_unknown"
        );
    }
    for (const auto* item : {"product_lead", "requestor", "client_facing", "rollback_plan"}) {
        INFO(item);
        CHECK(
            outcome_of(scene.ask("petra", "tick", {{"checklist", "gate2"}, {"item", item}})) == "item_unknown"
        );
    }
}

TEST_CASE(
    "Pre-deployment: On-call developer identified and available, by their own ready", "[commands][gates]"
)
{
    const Keys on_call{"pre_deployment:on_call"};
    CHECK(unmet_after([](Scene& scene) {
              scene.happens("dana", Rescheduled{2, evening, 30min});
              scene.happens("slipway", NoticeSent{"pre_deployment", 2, false});
          }) == on_call);
    CHECK(unmet_after([](Scene& scene) {
              scene.happens("dana", OnCallAssigned{id_of("carl")});
          }) == Keys{"pre_deployment:on_call", "on_call_cover"});
}

TEST_CASE("Pre-deployment: Team notified of this very schedule", "[commands][gates]")
{
    CHECK(unmet_after([](Scene& scene) {
              scene.happens("dana", Rescheduled{2, evening, 30min});
              scene.happens("bob", OnCallReady{id_of("bob")});
          }) == Keys{"pre_deployment:notified"});
}

// The start.

TEST_CASE("the Dev Lead's go", "[commands][gates]")
{
    CHECK(unmet_after([](Scene& scene) { scene.deployment.go.reset(); }) == Keys{"go"});
}

TEST_CASE("a fresh plan is refused with everything that is unmet, and the next slots", "[commands][gates]")
{
    Scene scene;
    scene.now = est("2026-11-23 12:00");
    const auto ids = refusals_of(scene.ask("bob", "start"));
    for (const auto* id :
         {"gate1_unticked",
          "gate2_unticked",
          "sign_off_missing",
          "pre_deployment_unticked",
          "on_call_not_ready",
          "notice_not_yet",
          "window_closed",
          "go_missing"}) {
        INFO(id);
        CHECK(has(ids, id));
    }
    CHECK_FALSE(has(ids, "notice_not_sent"));  // it has its time already
    CHECK_FALSE(has(ids, "slots_next"));       // the window's own sentence names them
    scene.now = evening;
    CHECK(has(refusals_of(scene.ask("bob", "start")), "slots_next"));
}

TEST_CASE("/deploy check says what the start would say", "[commands][gates]")
{
    for (const auto at : {est("2026-11-23 12:00"), evening, est("2026-11-28 12:00")}) {
        for (const bool startable : {false, true}) {
            Scene scene;
            if (startable) {
                scene.make_startable();
            }
            scene.now = at;
            const auto refused = refusals_of(scene.ask("bob", "start"));
            const auto checked = scene.ask("zoe", "check");
            REQUIRE(checked.has_value());
            auto told = sentences_of(*checked);
            CHECK(told.front() == (refused.empty() ? "check_would_start" : "check_would_not_start"));
            told.erase(told.begin());
            CHECK(told == refused);
        }
    }
}

TEST_CASE(
    "Windows: weekdays outside a window need a Dev Lead's exception with a reason",
    "[commands][gates][windows]"
)
{
    Scene scene;
    scene.make_startable();
    scene.arrive_at(est("2026-11-27 12:00"));
    CHECK(unmet_to_start(scene) == Keys{"window"});
    CHECK(has(refusals_of(scene.ask("bob", "start", {}, "Login is down")), "except_dev_lead"));
    const auto decision = scene.say("dana", "start", {}, "Login is down");
    const auto exceptions = events_of<ExceptionRecorded>(decision);
    REQUIRE(exceptions.size() == 1);
    CHECK(exceptions.front().conditions == std::vector<std::string>{"window"});
    CHECK(exceptions.front().reason == "Login is down");
    CHECK(exceptions.front().as == Role::dev_lead);
    CHECK_FALSE(exceptions.front().review_due);
    CHECK(scene.deployment.stage == Stage::deploying);
}

TEST_CASE("Windows: weekends are emergency only, whatever the exception", "[commands][gates][windows]")
{
    Scene scene;
    scene.make_startable();
    scene.now = est("2026-11-27 12:00");
    scene.say("dana", "except", {{"reason", "Login is down"}});
    CHECK(unmet_to_start(scene).empty());
    scene.now = est("2026-11-28 12:00");
    CHECK(has(refusals_of(scene.ask("dana", "start", {}, "Login is down")), "window_weekend"));
    scene.deployment.plan.priority = Priority::p1;
    CHECK(outcome_of(scene.ask("dana", "start", {}, "Login is down")) != "allowed");
    scene.deployment.plan.priority = Priority::p0;
    CHECK(outcome_of(scene.ask("bob", "start")) == "allowed");
}

TEST_CASE("Exceptions: P0 hotfixes deploy immediately regardless of window", "[commands][gates][windows]")
{
    for (const auto* wall :
         {"2026-11-23 03:00",
          "2026-11-24 12:00",
          "2026-11-27 22:00",
          "2026-11-28 12:00",
          "2026-11-29 23:59"}) {
        INFO(wall);
        Scene scene(plan_with([](Plan& plan) { plan.priority = Priority::p0; }));
        scene.make_startable();
        scene.now = est(wall);
        CHECK_FALSE(unmet_to_start(scene).contains("window"));
        scene.deployment.plan.priority = Priority::normal;
        CHECK(unmet_to_start(scene).contains("window"));
    }
}

TEST_CASE(
    "Exceptions: P1 fixes deploy during business hours with the Dev Lead's go", "[commands][gates][windows]"
)
{
    struct Row {
        const char* wall;
        bool go, open;
    };

    const std::vector<Row> rows{
        {"2026-11-23 08:59", true, false},
        {"2026-11-23 09:00", true, true},
        {"2026-11-23 16:59", true, true},
        {"2026-11-23 17:00", true, false},
        {"2026-11-27 12:00", true, true},
        {"2026-11-27 12:00", false, false},
        {"2026-11-28 12:00", true, false},
        {"2026-11-24 22:00", false, true},
    };
    for (const auto& row : rows) {
        INFO(row.wall << (row.go ? " with go" : " without"));
        Scene scene(plan_with([](Plan& plan) { plan.priority = Priority::p1; }));
        scene.make_startable();
        scene.now = est(row.wall);
        if (!row.go) {
            scene.deployment.go.reset();
        }
        CHECK(unmet_to_start(scene).contains("window") != row.open);
    }
}

TEST_CASE(
    "Exceptions: behind a flag that stays off, with the Dev Lead's go, any weekday",
    "[commands][gates][windows]"
)
{
    Scene scene(plan_with([](Plan& plan) { plan.flag = "search"; }));
    scene.make_startable();
    scene.arrive_at(est("2026-11-27 12:00"));
    CHECK(unmet_to_start(scene).empty());
    scene.deployment.go.reset();
    CHECK(unmet_to_start(scene) == Keys{"window", "go"});
    scene.give_word();
    scene.now = est("2026-11-28 12:00");
    CHECK(unmet_to_start(scene).contains("window"));
}

TEST_CASE(
    "Exceptions: a P0's on-call developer records one too, a normal change's may not", "[commands][gates]"
)
{
    Scene scene(plan_with([](Plan& plan) { plan.priority = Priority::p0; }));
    scene.happens("slipway", NoticeSent{"pre_deployment", 1, false});
    const auto decision = scene.say("bob", "start", {}, "Login is down");
    const auto exception = events_of<ExceptionRecorded>(decision).front();
    CHECK(exception.as == Role::on_call);
    CHECK(exception.review_due == scene.now + 24h);
    CHECK(has(exception.conditions, "gate1:ci_green"));
    CHECK(has(exception.conditions, "gate2:product_lead"));
    CHECK(due_of(decision, "chase_review") == scene.now + 24h);
    const Scene normal;
    CHECK(has(refusals_of(normal.ask("bob", "start", {}, "Login is down")), "except_dev_lead"));
}

TEST_CASE("an exception that passes over a gate is reviewed, whatever the change", "[commands][gates]")
{
    struct Row {
        const char* meaning;
        void (*undo)(Scene&);
        bool reviewed;
    };

    const std::vector<Row> rows{
        {"Gate 1",
         [](Scene& scene) {
             scene.happens("carl", ItemCleared{"gate1", "ci_green", ""});
         },
         true},
        {"Gate 2",
         [](Scene& scene) {
             scene.happens("petra", ItemCleared{"gate2", "qa_bugs", ""});
         },
         true},
        {"the checklist",
         [](Scene& scene) {
             scene.happens("bob", ItemCleared{"pre_deployment", "runbook", ""});
         },
         true},
        {"a freeze",
         [](Scene& scene) {
             scene.happens_to_team("raj", FreezeBegun{"web", evening + 2h, "Sale"});
         },
         false},
        {"the go", [](Scene& scene) { scene.deployment.go.reset(); }, false},
    };
    for (const auto& row : rows) {
        INFO(row.meaning);
        Scene scene;
        scene.make_startable();
        row.undo(scene);
        const auto decision = scene.say("dana", "start", {}, "The sale begins at noon");
        const auto exception = events_of<ExceptionRecorded>(decision).front();
        CHECK(exception.review_due.has_value() == row.reviewed);
        CHECK(due_of(decision, "chase_review").has_value() == row.reviewed);
        const auto note = all_of<ThreadNote>(decision).front();
        CHECK(note.sentence.facts.contains("review") == row.reviewed);
        CHECK((outcome_of(scene.ask("dana", "review", {{"note", "Right"}})) == "allowed") == row.reviewed);
    }
}

TEST_CASE("an exception's review is chased daily until somebody writes it", "[commands][gates]")
{
    Scene scene(plan_with([](Plan& plan) { plan.priority = Priority::p0; }));
    scene.say("dana", "start", {}, "Login is down");
    const auto chased = scene.fire("chase_review");
    CHECK(has(sentences_of(chased), "review_due"));
    CHECK(due_of(chased, "chase_review") == est("2026-11-25 09:00"));  // not every night at this hour
    CHECK(outcome_of(scene.ask("dana", "review")) == "review_note_missing");
    scene.say("dana", "review", {{"note", "The right call"}});
    CHECK(outcome_of(scene.ask("dana", "review", {{"note", "Again"}})) == "review_nothing");
    CHECK(scene.fire("chase_review").outbox.empty());
    CHECK_FALSE(due_of(scene.fire("chase_review"), "chase_review"));
}

TEST_CASE("an exception of an older revision is still to be reviewed", "[commands][gates]")
{
    Scene scene(plan_with([](Plan& plan) { plan.priority = Priority::p0; }));
    scene.say("dana", "except", {{"reason", "Login is down"}});
    auto plan = scene.deployment.plan;
    plan.changes.push_back("More");
    scene.happens("alice", Amended{2, plan});
    CHECK(outcome_of(scene.ask("dana", "review", {{"note", "The right call"}})) == "allowed");
}

TEST_CASE("an exception after a review is to be reviewed again", "[commands][gates]")
{
    Scene scene(plan_with([](Plan& plan) { plan.priority = Priority::p0; }));
    scene.say("dana", "except", {{"reason", "Login is down"}});
    scene.say("dana", "review", {{"note", "The right call"}});
    scene.happens_to_team("dana", FreezeBegun{"web", evening + 5h, "Sale"});
    scene.say("dana", "except", {{"reason", "Still down"}});
    CHECK(outcome_of(scene.ask("dana", "review", {{"note", "Again"}})) == "allowed");
}

TEST_CASE(
    "Freezes: one of the service or of all stops the start until it ends or is thawed", "[commands][gates]"
)
{
    for (const auto* service : {"web", ""}) {
        Scene scene;
        scene.make_startable();
        scene.happens_to_team("dana", FreezeBegun{service, evening + 2h, "Sale"});
        CHECK(unmet_to_start(scene) == Keys{"freeze"});
        scene.now = evening + 2h - 1ms;
        CHECK(unmet_to_start(scene) == Keys{"freeze"});
        scene.now = evening + 2h;
        CHECK(unmet_to_start(scene).empty());
        scene.now = evening + 1h;
        scene.happens_to_team("dana", FreezeEnded{service});
        CHECK(unmet_to_start(scene).empty());
    }
    CHECK(unmet_after([](Scene& scene) {
              scene.happens_to_team("dana", FreezeBegun{"api", evening + 2h, "Sale"});
          }).empty());
}

TEST_CASE("Freezes: an exception is about those of its time, not about those to come", "[commands][gates]")
{
    Scene scene;
    scene.make_startable();
    scene.happens_to_team("dana", FreezeBegun{"web", evening + 2h, "Sale"});
    scene.now += 1min;
    scene.say("dana", "except", {{"reason", "Needed for the sale"}});
    CHECK(unmet_to_start(scene).empty());
    scene.now += 1min;
    scene.happens_to_team("dana", FreezeBegun{"web", evening + 3h, "Outage"});
    CHECK(unmet_to_start(scene) == Keys{"freeze"});
}

TEST_CASE(
    "a service locked after a rollback stays locked, whatever the reason, until it is unlocked",
    "[commands][gates]"
)
{
    Scene scene;
    scene.make_startable();
    scene.happens_to_team("bob", ServiceLocked{"web", DeploymentId{11}});
    CHECK(unmet_to_start(scene) == Keys{"lock"});
    CHECK(has(refusals_of(scene.ask("dana", "start", {}, "Login is down")), "service_locked"));
    scene.say("dana", "unlock", {{"service", "web"}});
    CHECK(unmet_to_start(scene).empty());
}

TEST_CASE("one deployment of a service at a time, whatever the reason", "[commands][gates]")
{
    struct Row {
        Stage stage;
        bool busy;
    };

    const std::vector<Row> rows{
        {Stage::planned, false},
        {Stage::signed_off, false},
        {Stage::deploying, true},
        {Stage::watching, false},
        {Stage::rolling_back, true},
    };
    for (const auto& row : rows) {
        INFO(to_string(row.stage));
        Scene other;
        other.reach(row.stage);
        other.deployment.id = DeploymentId{11};
        Scene scene;
        scene.make_startable();
        scene.others = {other.deployment};
        CHECK(unmet_to_start(scene) == (row.busy ? Keys{"alone"} : Keys{}));
        CHECK((outcome_of(scene.ask("dana", "start", {}, "Login is down")) == "allowed") != row.busy);
        CHECK(outcome_of(scene.ask("zoe", "wait")) == (row.busy ? "allowed" : "wait_is_free"));
        scene.others.front().plan.service = "api";
        CHECK(unmet_to_start(scene).empty());
    }
}

TEST_CASE("who waits for a service that is locked is told when it is unlocked", "[commands][gates]")
{
    Scene scene;
    scene.make_startable();
    scene.happens_to_team("bob", ServiceLocked{"web", DeploymentId{11}});
    const auto refused = scene.ask("bob", "start");
    REQUIRE_FALSE(refused.has_value());
    const auto refusal = refused.error();
    CHECK(refusal.buttons.front().at("verb") == "wait");
    const std::string timer = "tell_when_free:U0BOB";
    CHECK(due_of(scene.say("bob", "wait"), timer) == scene.now + 1min);
    const auto still = scene.fire(timer, {{"user", "U0BOB"}});
    CHECK(still.outbox.empty());
    CHECK(due_of(still, timer) == scene.now + 1min);
    scene.say("dana", "unlock", {{"service", "web"}});
    CHECK(
        all_of<DirectMessage>(scene.fire(timer, {{"user", "U0BOB"}})).front().sentence.id == "service_free"
    );
    CHECK(outcome_of(scene.ask("bob", "wait")) == "wait_is_free");
}

TEST_CASE("thawing one service under a freeze of all says what would", "[commands][gates]")
{
    Scene scene;
    const auto thaw = [&](const char* service) {
        return outcome_of(scene.ask("dana", "thaw", {{"service", service}}));
    };
    CHECK(thaw("web") == "thaw_nothing");
    scene.happens_to_team("dana", FreezeBegun{"", evening + 2h, "Sale"});
    CHECK(thaw("web") == "thaw_all_frozen");
    CHECK(thaw("all") == "allowed");
    scene.happens_to_team("dana", FreezeBegun{"web", evening + 2h, "Sale"});
    CHECK(thaw("web") == "allowed");
    scene.now = evening + 2h;
    CHECK(thaw("web") == "thaw_nothing");
}

TEST_CASE("a notice stands for its evening, not for every later one", "[commands][gates]")
{
    Scene scene;
    scene.make_startable();
    const auto unmet = [&](Instant at) {
        scene.now = at;
        return unmet_to_start(scene);
    };
    CHECK(unmet(est("2026-11-25 01:59")).empty());  // of the window that was announced
    CHECK(unmet(est("2026-11-25 22:00")) == Keys{"pre_deployment:notified"});
    CHECK(refusals_of(scene.ask("bob", "start")).front() == "notice_passed");
    const auto moved = scene.say("dana", "reschedule", {{"starts_at", "22:30"}});
    CHECK(all_of<Notice>(moved).size() == 1);
    scene.say("bob", "ready");
    CHECK(unmet(est("2026-11-25 22:30")).empty());
    // Outside the windows it stands as long as one of them is.
    Scene by_day(plan_with([](Plan& plan) { plan.priority = Priority::p0; }));
    by_day.make_startable();
    by_day.happens("dana", Rescheduled{2, est("2026-11-27 10:00"), 45min});
    by_day.happens("slipway", NoticeSent{"pre_deployment", 2, false});
    by_day.happens("bob", OnCallReady{id_of("bob")});
    by_day.now = est("2026-11-27 14:00");
    CHECK(unmet_to_start(by_day).empty());
    by_day.now += 1min;
    CHECK(unmet_to_start(by_day) == Keys{"pre_deployment:notified"});
}

TEST_CASE("who waits is told once, when the service is free", "[commands][gates]")
{
    Scene other;
    other.reach(Stage::deploying);
    other.deployment.id = DeploymentId{11};
    Scene scene;
    scene.others = {other.deployment};
    const auto noted = scene.say("carl", "wait");
    const std::string timer = "tell_when_free:U0CARL";
    CHECK(due_of(noted, timer) == scene.now + 1min);
    const auto still = scene.fire(timer, {{"user", "U0CARL"}});
    CHECK(still.outbox.empty());
    CHECK(due_of(still, timer) == scene.now + 1min);
    scene.others.clear();
    const auto told = scene.fire(timer, {{"user", "U0CARL"}});
    REQUIRE(all_of<DirectMessage>(told).size() == 1);
    CHECK(all_of<DirectMessage>(told).front().user == id_of("carl"));
    CHECK_FALSE(due_of(told, timer));
}

// Gate 3.

TEST_CASE("Gate 3: each smoke test keeps the deployment from being done", "[commands][gates]")
{
    for (const auto* item : {"loads", "login", "core", "feature", "logs", "migrations"}) {
        INFO(item);
        auto plan = usual_plan();
        plan.has_migrations = true;
        Scene scene(plan);
        scene.reach(Stage::deploying);
        scene.pass_smoke_tests();
        CHECK(outcome_of(scene.ask("bob", "done")) == "allowed");
        scene.happens("bob", ItemCleared{"smoke", item, ""});
        CHECK(refusals_of(scene.ask("bob", "done")) == std::vector<std::string>{"smoke_unticked"});
    }
}

TEST_CASE("Gate 3: what is still wrong is announced as known, and kept", "[commands][gates]")
{
    Scene scene;
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
    scene.say("bob", "update", {{"note", "Mended"}, {"status", "Resolved"}});
    CHECK(known("") == "Old icons");
}

TEST_CASE("Gate 3: migrations are tested only where there are any", "[commands][gates]")
{
    Scene scene;
    scene.reach(Stage::deploying);
    CHECK(smoke_tests(scene.deployment, scene.policy).size() == 5);
    scene.pass_smoke_tests();
    CHECK(outcome_of(scene.ask("bob", "done")) == "allowed");
}

TEST_CASE("Gate 3: the announcement and the watch with its check-ins follow", "[commands][gates]")
{
    Scene scene;
    scene.reach(Stage::deploying);
    scene.pass_smoke_tests();
    const auto decision = scene.say("bob", "done");
    CHECK(scene.deployment.stage == Stage::watching);
    REQUIRE(all_of<Notice>(decision).size() == 1);
    CHECK(all_of<Notice>(decision).front().kind == "post_deployment");
    CHECK(due_of(decision, "check_in_1") == scene.now + 1h);
    CHECK(due_of(decision, "check_in_2") == scene.now + 4h);
    CHECK(due_of(decision, "check_in_3") == scene.now + 12h);
    CHECK(due_of(decision, "watch_end") == scene.now + 24h);
}

TEST_CASE("Monitoring: it is declared clean after 24 hours, not a moment before", "[commands][gates]")
{
    Scene scene;
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

TEST_CASE("Monitoring: of two troubles, both must be over before it is clean", "[commands][gates]")
{
    Scene scene;
    scene.reach(Stage::watching);
    scene.now = evening + 24h;
    scene.say("bob", "issue", {{"what", "Slow queries"}, {"severity", "P2"}});
    scene.say("bob", "issue", {{"what", "Errors at login"}, {"severity", "P1"}});
    scene.say("bob", "update", {{"note", "Mended"}, {"status", "Resolved"}});
    CHECK(outcome_of(scene.ask("bob", "clean")) == "clean_open_issue");
    scene.say("bob", "update", {{"note", "An index"}, {"status", "Resolved"}});
    CHECK(outcome_of(scene.ask("bob", "clean")) == "allowed");
}

TEST_CASE(
    "Monitoring: check-ins ask for the five categories, and the end asks until it is declared",
    "[commands][gates]"
)
{
    Scene scene;
    scene.reach(Stage::watching);
    for (const auto* name : {"check_in_1", "check_in_2", "check_in_3"}) {
        INFO(name);
        const auto asked = all_of<DirectMessage>(scene.fire(name));
        REQUIRE(asked.size() == 1);
        CHECK(asked.front().user == id_of("bob"));
        CHECK(asked.front().buttons.front().at("fields").as_object().at("checklist") == name);
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

TEST_CASE("Steps: each of the eight is noted by name, once", "[commands][gates]")
{
    Scene scene;
    scene.reach(Stage::deploying);
    for (const auto& step : scene.policy.steps) {
        INFO(step.key);
        CHECK(outcome_of(scene.ask("bob", "step", {{"step", step.key}})) == "allowed");
        scene.say("bob", "step", {{"step", step.label}});
        CHECK(outcome_of(scene.ask("bob", "step", {{"step", step.key}})) == "item_ticked_already");
    }
    CHECK(outcome_of(scene.ask("bob", "step", {{"step", "dance"}})) == "step_unknown");
}

TEST_CASE("Flags: off, internal, subset, all, one step at a time, and back in any", "[commands][gates]")
{
    const std::vector<std::string> order{"off", "internal", "subset", "all"};
    for (std::size_t from = 0; from < order.size(); ++from) {
        for (std::size_t to = 0; to < order.size(); ++to) {
            INFO(order[from] << " to " << order[to]);
            Scene scene(plan_with([](Plan& plan) { plan.flag = "search"; }));
            scene.reach(Stage::watching);
            scene.deployment.flag_stage = order[from];
            const bool allowed = to == from + 1 || to < from;
            CHECK(
                outcome_of(scene.ask("bob", "flag", {{"flag_stage", order[to]}})) ==
                (allowed ? "allowed" : "flag_one_step")
            );
        }
    }
    Scene without;
    without.reach(Stage::watching);
    CHECK(outcome_of(without.ask("bob", "flag", {{"flag_stage", "internal"}})) == "flag_none");
}

}  // namespace slipway::testing
