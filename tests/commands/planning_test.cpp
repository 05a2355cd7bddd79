// What people hear at once of the plan they make, move or pass on.
#include "tests/commands/staged_deployment.hpp"

#include <catch2/generators/catch_generators.hpp>

namespace slipway::testing {

namespace {

using Refusals = std::vector<std::string>;

/// Tuesday noon; what Alice is told when she plans for `starts_at`.
Decision planned_for(const char* starts_at, const char* priority)
{
    StagedDeployment scene;
    scene.now = est("2026-11-24 12:00");
    const auto planned = scene.ask(
        "alice", "plan", plan_fields({{"on_call", "U0BOB"}, {"priority", priority}, {"starts_at", starts_at}})
    );
    REQUIRE(planned.has_value());
    return *planned;
}

}  // namespace

TEST_CASE("the planner hears at once that the time is no good, with better ones to press", "[commands][plan]")
{
    struct Row {
        const char* starts_at;
        const char* priority;
        bool is_warned;
    };

    const auto row = GENERATE(values<Row>({
        {"tue 22:00", "normal", false},
        {"fri 15:00", "normal", true},
        {"sat 11:30", "normal", true},
        {"sat 11:30", "P1", true},
        {"sat 11:30", "P0", false},
    }));
    CAPTURE(row.starts_at, row.priority);
    const auto planned = planned_for(row.starts_at, row.priority);
    CHECK(has(sentences_of(planned), "warn_outside_window") == row.is_warned);
    CHECK(planned.reply_buttons.size() == (row.is_warned ? 3U : 0U));
}

TEST_CASE("the planner hears at once of another deployment of the service at that time", "[commands][plan]")
{
    StagedDeployment scene;  // D-12 of web takes Tuesday 22:00 to 22:45
    scene.now = est("2026-11-24 12:00");
    scene.deployment.starts_at = est("2026-11-24 22:00");
    const auto warned = [&](const char* service, const char* starts_at) {
        const auto planned = scene.ask(
            "alice",
            "plan",
            {{"what", "Faster search"},
             {"linear_issue", "ENG-1"},
             {"service", service},
             {"rollback_plan", "Revert"},
             {"on_call", "U0BOB"},
             {"duration", "30m"},
             {"starts_at", starts_at}}
        );
        REQUIRE(planned.has_value());
        return has(sentences_of(*planned), "warn_planned_beside");
    };
    CHECK(warned("web", "tue 22:44"));
    CHECK(warned("web", "tue 21:31"));
    CHECK_FALSE(warned("web", "tue 22:45"));
    CHECK_FALSE(warned("web", "tue 21:30"));
    CHECK_FALSE(warned("api", "tue 22:00"));
}

TEST_CASE("better times are offered to press only to whoever may move it", "[commands][plan]")
{
    StagedDeployment scene;
    scene.reach(Stage::signed_off);
    scene.now = est("2026-11-24 15:00");
    const auto offered = [&](const char* name) {
        const auto checked = scene.ask(name, "check");
        REQUIRE(checked.has_value());
        const auto& buttons = checked->reply_buttons;
        return std::count_if(buttons.begin(), buttons.end(), [](const Button& button) {
            return button.verb == "reschedule";
        });
    };
    CHECK(offered("alice") == 3);
    CHECK(offered("bob") == 3);
    CHECK(offered("zoe") == 0);
}

TEST_CASE(
    "a role's sign-off is passed on to another holder of it, and never to the author", "[commands][plan]"
)
{
    StagedDeployment scene;
    scene.roles.members[Role::product_lead].insert(id_of("anne"));
    scene.roles.members[Role::product_lead].insert(id_of("alice"));
    const auto passes_on = [&](const char* from, const char* to) {
        return scene.ask(from, "delegate", {{"user", id_of(to).str()}});
    };
    CHECK(refusals_of(passes_on("petra", "raj")) == Refusals{"delegate_not_role"});
    CHECK(refusals_of(passes_on("petra", "alice")) == Refusals{"delegate_author"});
    CHECK(refusals_of(passes_on("petra", "petra")) == Refusals{"delegate_yourself"});
    const auto passed = passes_on("petra", "anne");
    REQUIRE(passed.has_value());
    CHECK(all_of<DirectMessage>(*passed).front().user == id_of("anne"));
    CHECK(passes_on("jane", "raj").has_value());  // for the requestor anybody may look
}

TEST_CASE("who plans what they asked for themselves hears which plan lacks a requestor", "[commands][plan]")
{
    const StagedDeployment scene;
    const auto plan_for = [&](const char* requestor) {
        return scene.ask(
            "alice", "plan", plan_fields({{"client_facing", "yes"}, {"requested_by", requestor}})
        );
    };
    const auto planned = plan_for("U0ALICE");
    REQUIRE(planned.has_value());
    const auto warned =
        std::find_if(planned->reply.begin(), planned->reply.end(), [](const Sentence& sentence) {
            return sentence.id == "sign_off_no_requestor";
        });
    REQUIRE(warned != planned->reply.end());
    CHECK(warned->facts.at("deployment") == "D-13");
    CHECK_FALSE(has(sentences_of(*plan_for("U0JANE")), warned->id));
}

TEST_CASE("a mention is a person; links, groups, channels and bare names are asked about", "[commands][plan]")
{
    const StagedDeployment scene;
    for (const auto* text :
         {"<#C0DEPLOYS|>",
          "<#C0DEPLOYS|deploys>",
          "<!subteam^S0DEVS|@developers>",
          "<mailto:jane@acme.example|jane@acme.example>",
          "<http://jane.example|jane.example>",
          "@jane",
          "Jane"}) {
        CAPTURE(text);
        CHECK(refusals_of(scene.ask("petra", "delegate", {}, text)) == Refusals{"person_unknown"});
    }
    CHECK(scene.ask("jane", "delegate", {}, "<@U0JOSE|jose> please").has_value());
}

TEST_CASE(
    "a plan needs a Linear issue where something is mirrored there, and one that Linear knows",
    "[commands][plan]"
)
{
    struct Row {
        bool mirrors_sign_offs, mirrors_lifecycle;
        const char* issue;
        bool is_unknown;
        const char* outcome;
    };

    const auto row = GENERATE(values<Row>({
        {true, false, "", false, "linear_issue_unknown"},
        {false, true, "", false, "linear_issue_unknown"},
        {false, false, "", false, ""},
        {false, false, "nonsense", false, "linear_issue_unknown"},
        {false, false, "ENG-123", false, ""},
        {true, false, "eng-200", true, "linear_issue_not_there"},
    }));
    CAPTURE(row.mirrors_sign_offs, row.mirrors_lifecycle, row.issue);
    StagedDeployment scene;
    scene.policy.mirror_sign_offs = row.mirrors_sign_offs;
    scene.policy.mirror_lifecycle = row.mirrors_lifecycle;
    auto fields = plan_fields({{"linear_issue", row.issue}});
    if (row.is_unknown) {
        fields["not_in_linear"] = true;
    }
    for (const auto* verb : {"plan", "amend"}) {
        const auto decided = scene.ask("alice", verb, fields);
        CHECK(decided.has_value() == std::string(row.outcome).empty());
        if (!decided) {
            CHECK(outcome_of(decided) == row.outcome);
            CHECK(decided.error().sentences.front().field == "linear_issue");
        }
    }
}

TEST_CASE(
    "what was planned without an issue is mirrored nowhere, also once mirroring is on", "[commands][plan]"
)
{
    auto plan = usual_plan();
    plan.linear_issue.clear();
    StagedDeployment scene(plan);
    scene.policy.mirror_lifecycle = true;
    CHECK(all_of<LinearComment>(scene.say("petra", "signoff")).empty());
    CHECK(scene.deployment.sign_offs.back().given.linear_comment_id.empty());
    CHECK(all_of<LinearComment>(scene.say("alice", "cancel", {}, "Not needed")).empty());
}

}  // namespace slipway::testing
