// Gate 1, and the commit that was looked at.
#include "tests/commands/unmet.hpp"

namespace slipway::testing {

namespace {

const std::vector<std::string> gate1_keys{
    "approved", "ci_green", "threads_resolved", "testing_notes", "issue_referenced"};

Gate1Facts says(const std::string& item, bool holds)
{
    Gate1Facts facts;
    facts.conditions[item].holds = holds;
    return facts;
}

}  // namespace

TEST_CASE("Gate 1: the author's own word counts for none of its conditions", "[commands][gates]")
{
    for (const auto& item : gate1_keys) {
        INFO(item);
        const StagedDeployment scene;
        CHECK(
            refusals_of(scene.ask("alice", "tick", {{"checklist", "gate1"}, {"item", item}})) ==
            std::vector<std::string>{"tick_own_change"}
        );
        // Nor where the ledger of another configuration holds it, and then it is asked for again.
        StagedDeployment held;
        held.make_startable();
        held.happens("carl", ItemCleared{"gate1", item, ""});
        held.tick("alice", "gate1", {item.c_str()});
        CHECK(outcome_of(held.ask("bob", "start")) == "gate1_unticked");
        CHECK(unmet_after([&](StagedDeployment& before) {
                  before.happens("carl", ItemCleared{"gate1", item, ""});
                  before.tick("alice", "gate1", {item.c_str()});
              }) == Keys{"gate1:" + item});
    }
}

TEST_CASE("Gate 1: any developer of the team vouches, a Product Lead does not", "[commands][gates]")
{
    const StagedDeployment scene;
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
        CHECK(unmet_after([&](StagedDeployment& scene) {
                  scene.github = says(item, false);
              }) == Keys{"gate1:" + item});
        CHECK(unmet_after([&](StagedDeployment& scene) {
                  scene.happens("carl", ItemCleared{"gate1", item, ""});
                  scene.github = says(item, true);
              }).empty());
    }
}

TEST_CASE(
    "Gate 1: while GitHub cannot be reached all five conditions block, with the reason", "[commands][gates]"
)
{
    StagedDeployment scene;
    scene.make_startable();
    scene.github = Gate1Facts{.unreachable = "timed out"};
    CHECK(unmet_to_start(scene).size() == 5);
    const auto refused = scene.ask("bob", "start");
    REQUIRE_FALSE(refused.has_value());
    const auto refusal = refused.error();
    CHECK(refusal.sentences.front().id == "github_unreachable");
    CHECK(refusal.sentences.front().facts.at("why") == "timed out");
}

TEST_CASE("Gate 1: the facts of GitHub are copied into the ledger when they are used", "[commands][gates]")
{
    StagedDeployment scene;
    scene.pass_gate2();
    scene.prepare();
    scene.give_word();
    scene.github.emplace();
    for (const auto& item : gate1_keys) {
        scene.github->conditions[item] = {true, "GitHub: " + item};
    }
    const auto decision = scene.say("bob", "start");
    const auto ticked = events_of<ItemTicked>(decision);
    REQUIRE(ticked.size() == 5);
    for (const auto& each : ticked) {
        CHECK(each.by_bot);
        CHECK(each.checklist == "gate1");
    }
    CHECK(ticked.front().evidence == "GitHub: approved");
    REQUIRE(events_of<GatePassed>(decision).size() == 1);
    CHECK(events_of<GatePassed>(decision).front().gate == 1);
}

TEST_CASE("Gate 1: where GitHub is asked nobody ticks it by hand", "[commands][gates]")
{
    StagedDeployment scene(plan_with([](Plan& plan) {
        plan.pull_request = "https://github.com/acme/web/pull/12";
    }));
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
    scene.github.emplace();
    for (const auto& item : gate1_keys) {
        scene.github->conditions[item].holds = item != "ci_green";
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
        const StagedDeployment scene;
        CHECK(outcome_of(scene.ask("dana", "tick", review)) == "item_unknown");
    }
    StagedDeployment scene(plan_with([](Plan& plan) { plan.complex = true; }));
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
        scene.github.emplace();
        for (const auto& item : gate1_keys) {
            scene.github->conditions[item].holds = true;
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
        StagedDeployment scene(plan);
        scene.make_startable();
        CHECK(unmet_to_start(scene).empty());  // not known
        scene.github = Gate1Facts{.head = row.head};
        CHECK(unmet_to_start(scene) == (row.same ? Keys{} : Keys{"commit"}));
        if (row.same) {
            const auto started = events_of<Started>(scene.say("bob", "start"));
            CHECK(started.front().commit == row.head);
        }
        else {
            CHECK(refusals_of(scene.ask("bob", "start")).front() == "commit_differs");
        }
    }
    const StagedDeployment scene;
    const auto amended = [&](const char* commit) {
        return outcome_of(scene.ask("alice", "amend", plan_fields({{"commit", commit}})));
    };
    CHECK(amended("1F3C9AB") == "allowed");
    CHECK(amended("the newest") == "commit_unknown");
    CHECK(amended("abc") == "commit_unknown");
}

TEST_CASE("the head that was there when people signed is what they signed", "[commands][gates]")
{
    const std::string seen(40, '2'), pushed(40, '3');
    StagedDeployment scene;
    scene.make_startable();
    const auto unmet_at = [&](const std::string& head) {
        scene.github = Gate1Facts{.head = head};
        return unmet_to_start(scene);
    };
    CHECK(unmet_at(seen).empty());  // signed before GitHub was asked
    scene.say("petra", "withdraw");
    scene.say("petra", "signoff");
    CHECK(unmet_at(seen).empty());
    CHECK(outcome_of(scene.ask("petra", "signoff")) == "sign_off_already");
    CHECK(unmet_at(pushed) == Keys{"commit"});
    const auto refused = scene.ask("bob", "start").error();
    CHECK(refused.sentences.front().id == "commit_differs");
    CHECK(refused.sentences.front().facts.at("people") == "Petra Pohl");
    SECTION("they sign again") { scene.say("petra", "signoff"); }
    SECTION("or the plan names the new one, and everybody is asked again")
    {
        auto plan = scene.deployment.plan;
        plan.commit = pushed;
        scene.happens("alice", Amended{2, plan});
        scene.make_startable();
    }
    CHECK(unmet_at(pushed).empty());
    CHECK(unmet_at(seen) == Keys{"commit"});
}

TEST_CASE("a sign-off while GitHub could not be read is of no commit", "[commands][gates]")
{
    StagedDeployment scene;
    scene.make_startable();
    scene.say("petra", "withdraw");
    scene.github = Gate1Facts{.unreachable = "timed out"};
    const auto signed_off = all_of<ThreadNote>(scene.say("petra", "signoff")).front();
    CHECK(signed_off.sentence.facts.at("unread") == "timed out");
    scene.github = Gate1Facts{.head = "2222"};
    CHECK(unmet_to_start(scene) == Keys{"commit"});
    CHECK(refusals_of(scene.ask("bob", "start")).front() == "commit_not_seen");
    scene.say("petra", "signoff");
    CHECK(unmet_to_start(scene).empty());
}

TEST_CASE("an exception is about the head of its time", "[commands][gates]")
{
    StagedDeployment scene;
    scene.make_startable();
    scene.github = says("ci_green", false);
    scene.github->head = "2222";
    CHECK(unmet_to_start(scene) == Keys{"gate1:ci_green"});
    scene.say("dana", "except", {{"reason", "A flaky test"}});
    CHECK(unmet_to_start(scene).empty());
    scene.github->head = "3333";
    CHECK(unmet_to_start(scene) == Keys{"gate1:ci_green"});
}

TEST_CASE("a pull request that isn't to be deployed blocks, with its reason", "[commands][gates]")
{
    StagedDeployment scene;
    scene.make_startable();
    scene.github = Gate1Facts{.unfit = "The pull request is a draft"};
    CHECK(unmet_to_start(scene) == Keys{"gate1:pull_request"});
    const auto refused = scene.ask("bob", "start").error();
    CHECK(refused.sentences.front().facts.at("why") == "The pull request is a draft");
}

}  // namespace slipway::testing
