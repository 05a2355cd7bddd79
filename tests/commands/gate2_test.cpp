// Gate 2: its conditions, and who signs.
#include "commands/verbs/asks.hpp"
#include "tests/commands/unmet.hpp"

#include <map>

namespace slipway::testing {

TEST_CASE(
    "Gate 2: a decline blocks, with name and reason, until a new revision or its own sign-off",
    "[commands][gates]"
)
{
    StagedDeployment scene;
    scene.make_startable();
    scene.say("jane", "decline", {{"reason", "Totals are off"}});
    CHECK(unmet_to_start(scene) == Keys{"gate2:requestor", "gate2:not_declined"});
    CHECK(scene.deployment.stage == Stage::planned);
    SECTION("a new revision asks everybody again")
    {
        auto plan = scene.deployment.plan;
        plan.changes.push_back("Totals fixed");
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
    StagedDeployment scene;
    const auto hear = [&](Instant said_at) {
        Request request;
        request.verb = "reply";
        request.deployment = scene.deployment.id;
        request.text = "Stakeholder sign-off: Petra Pohl";
        request.source = Source::reply;
        request.said_at = said_at;
        return decide(request, scene.seen_by(person_called("petra")));
    };
    scene.now = est("2026-11-25 08:00");
    const auto of_last_night = hear(est("2026-11-24 23:50"));
    REQUIRE(of_last_night.has_value());
    CHECK(events_of<SignedOff>(*of_last_night).front().signed_on == date::year{2026} / 11 / 24);
    auto plan = scene.deployment.plan;
    plan.changes.push_back("Totals fixed");
    scene.happens("alice", Amended{2, plan});
    CHECK(outcome_of(hear(est("2026-11-25 07:59"))) == "sign_off_outdated");
    CHECK(outcome_of(hear(est("2026-11-25 08:00"))) == "allowed");
}

TEST_CASE(
    "a sign-off may bear the signer's own today, and the record the team's", "[commands][gates][sign_off]"
)
{
    struct Row {
        const char* date;
        std::chrono::hours east;
        bool counts;
    };

    for (const auto& row :
         {Row{"2026-11-25", 9h, true},
          Row{"2026-11-26", 9h, false},
          Row{"2026-11-25", -5h, false},
          Row{"2026-11-24", 9h, true},
          Row{"today", 9h, true},
          Row{"2026-11-24", -10h, true}}) {
        CAPTURE(row.date, row.east.count());
        const StagedDeployment scene;
        auto petra = person_called("petra");
        petra.utc_offset = row.east;
        Request request;
        request.verb = "reply";
        request.deployment = scene.deployment.id;
        request.text = std::string("Stakeholder sign-off: Petra Pohl, ") + row.date;
        request.source = Source::reply;
        const auto decided = decide(request, scene.seen_by(petra));
        CHECK(outcome_of(decided) == (row.counts ? "allowed" : "sign_off_date_future"));
        if (decided) {
            CHECK(events_of<SignedOff>(*decided).front().signed_on == date::year{2026} / 11 / 24);
        }
    }
}

TEST_CASE("a plan without a time that was announced all the same can be looked at", "[commands][gates]")
{
    StagedDeployment scene;
    scene.deployment.starts_at.reset();
    scene.happens("slipway", NoticeSent{"pre_deployment", scene.deployment.schedule, true});
    CHECK_FALSE(unmet_to_start(scene).contains("pre_deployment:notified"));
}

TEST_CASE("Gate 2: two who declined both have to sign", "[commands][gates]")
{
    StagedDeployment scene;
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
    StagedDeployment scene(plan);
    CHECK(missing_sign_offs(scene.deployment, scene.policy).size() == 2);
    const auto decision = scene.say("petra", "signoff");
    CHECK(missing_sign_offs(scene.deployment, scene.policy).empty());
    CHECK(events_of<SignedOff>(decision).front().roles == std::vector{Role::product_lead, Role::requestor});
}

TEST_CASE("two Product Leads are not a Product Lead and a requestor", "[commands][gates][sign_off]")
{
    StagedDeployment scene;
    scene.roles.members[Role::product_lead].insert(id_of("raj"));
    scene.say("petra", "signoff");
    scene.say("raj", "signoff");
    CHECK(missing_sign_offs(scene.deployment, scene.policy) == std::set<Role>{Role::requestor});
}

TEST_CASE("four eyes: the author never counts, unless configured", "[commands][gates][sign_off]")
{
    auto plan = usual_plan();
    plan.requested_by = id_of("alice");
    StagedDeployment scene(plan);
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
    StagedDeployment scene;
    scene.make_startable();
    const auto decision =
        scene.say("alice", "amend", usual_fields({{"rollback_plan", "Switch the flag off"}}));
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

TEST_CASE(
    "who becomes a signer only by an amendment is asked with the plan; who ceases to be one is released",
    "[commands][gates][sign_off]"
)
{
    auto plan = usual_plan();
    plan.client_facing = false;
    StagedDeployment scene(plan);
    const auto amended = scene.say(
        "alice",
        "amend",
        {{"what", plan.what},
         {"linear_issue", "ENG-123"},
         {"service", "web"},
         {"changes", "New index"},
         {"rollback_plan", plan.rollback_plan},
         {"client_facing", "yes"},
         {"requested_by", id_of("jane").str()}}
    );
    std::map<std::string, std::string> asked;
    for (const auto& message : all_of<DirectMessage>(amended)) {
        asked[message.user.str()] = message.sentence.id;
        if (message.user == id_of("jane")) {
            CHECK(message.sentence.facts.at("rollback_plan").as_string() == plan.rollback_plan);
        }
    }
    CHECK(
        asked ==
        std::map<std::string, std::string>{
            {id_of("petra").str(), "asked_again"}, {id_of("jane").str(), "ask_sign_off"}}
    );
    const auto end_for = [&](const char* name) {
        const DirectMessage asking{id_of(name), say("ask_sign_off"), {{.verb = "signoff"}}};
        return end_of_ask({1, id_of(name)}, asking, scene.deployment, scene.team, scene.roles, scene.policy)
            ->id;
    };
    CHECK(end_for("dana") == "ask_closed_released");
    CHECK(end_for("petra") == "ask_closed_changed");
}

TEST_CASE("an amendment that changes nothing keeps the sign-offs", "[commands][gates][sign_off]")
{
    StagedDeployment scene;
    scene.make_startable();
    const auto same = scene.ask("alice", "amend", usual_fields());
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
        StagedDeployment scene;
        scene.say("alice", "amend", usual_fields({{key, value}}));
        CHECK(scene.deployment.revision == 2);
    }
}

TEST_CASE("missing sign-offs are chased a day later, and daily from then on", "[commands][gates][sign_off]")
{
    StagedDeployment scene;
    scene.now = evening - 48h;
    scene.say("jane", "signoff");
    const auto chased = scene.fire("chase_sign_offs");
    const auto messages = all_of<DirectMessage>(chased);
    REQUIRE(messages.size() == 1);
    CHECK(messages.front().user == id_of("petra"));
    CHECK(messages.front().sentence.id == "chase_sign_off");
    CHECK(due_of(chased, "chase_sign_offs") == scene.now + 24h);
    CHECK(messages.front().sentence.facts.at("when") == "Tue Nov 24, 22:00 EST");
    CHECK(messages.front().sentence.facts.at("rollback_plan").as_string() == usual_plan().rollback_plan);
    scene.say("petra", "signoff");
    CHECK(scene.fire("chase_sign_offs").outbox.empty());
}

TEST_CASE(
    "no chase comes after the planned start, and one four hours before it", "[commands][gates][sign_off]"
)
{
    struct Row {
        std::chrono::minutes before_start;
        std::optional<std::chrono::minutes> chased;
    };

    for (const auto& row :
         {Row{28h + 1min, 4h + 1min},
          Row{28h, 4h},
          Row{27h, 4h},
          Row{4h + 1min, 4h},
          Row{4h, std::nullopt},
          Row{0h, std::nullopt},
          Row{-5h, std::nullopt}}) {
        CAPTURE(row.before_start.count());
        StagedDeployment scene;
        scene.now = evening - row.before_start;
        const auto due = due_of(scene.fire("chase_sign_offs"), "chase_sign_offs");
        CHECK(due == (row.chased ? std::optional(evening - *row.chased) : std::nullopt));
    }
}

TEST_CASE("a plan that is moved is chased for its new time", "[commands][gates][sign_off]")
{
    StagedDeployment scene;
    const auto moved = scene.say("alice", "reschedule", {}, "thu 22:00");
    CHECK(due_of(moved, "chase_sign_offs") == scene.now + 24h);
}

TEST_CASE("whoever is asked instead has a day before they are chased", "[commands][gates][sign_off]")
{
    StagedDeployment scene;
    scene.now = evening - 48h;
    const auto delegated = scene.say("jane", "delegate", {{"user", "U0ZOE"}});
    CHECK(due_of(delegated, "chase_sign_offs") == scene.now + 24h);
    const auto asked = all_of<DirectMessage>(delegated);
    REQUIRE(asked.size() == 1);
    CHECK(asked.front().user == id_of("zoe"));
}

TEST_CASE("a role's sign-off goes to a holder who may give it, by name", "[commands][gates][sign_off]")
{
    StagedDeployment scene;
    scene.roles.members[Role::product_lead] = {id_of("petra"), id_of("alice"), id_of("raj")};
    const auto refused = scene.ask("petra", "delegate", {{"user", "U0ZOE"}});
    REQUIRE(outcome_of(refused) == "delegate_not_role");
    const auto people = [](const Result<Decision>& result) {
        const auto refusal = result.error();
        return refusal.sentences.front().facts.at("people");
    };
    CHECK(people(refused) == "<@U0RAJ>");  // neither herself nor the author
    scene.policy.four_eyes = false;
    CHECK(people(scene.ask("petra", "delegate", {{"user", "U0ZOE"}})) == "<@U0ALICE>, <@U0RAJ>");
}

TEST_CASE("where nobody can sign, the refusal says what to do about it", "[commands][gates][sign_off]")
{
    auto plan = usual_plan();
    plan.requested_by = UserId{};
    StagedDeployment scene(plan);
    CHECK(has(refusals_of(scene.ask("bob", "start")), "sign_off_no_requestor"));
    CHECK_FALSE(has(refusals_of(scene.ask("bob", "start")), "sign_off_nobody"));
    scene.deployment.plan.requested_by = id_of("jane");
    scene.roles.members.erase(Role::product_lead);
    CHECK(has(refusals_of(scene.ask("bob", "start")), "sign_off_nobody"));
    CHECK_FALSE(has(refusals_of(scene.ask("bob", "start")), "sign_off_no_requestor"));
}

TEST_CASE("a sign-off that is taken back is asked for again", "[commands][gates][sign_off]")
{
    StagedDeployment scene;
    scene.now = evening - 48h;
    scene.say("jane", "signoff");
    scene.say("petra", "signoff");
    REQUIRE(scene.deployment.stage == Stage::planned);  // the bugs are not ticked yet
    REQUIRE_FALSE(due_of(scene.fire("chase_sign_offs"), "chase_sign_offs"));
    CHECK(due_of(scene.say("petra", "withdraw"), "chase_sign_offs") == scene.now + 24h);
}

}  // namespace slipway::testing
