// One test for each line of the document's Deployment Communication: when each notice goes out, to whom, and
// with which facts. Their wording is templates/.
#include "tests/commands/team_in_memory.hpp"

namespace slipway::testing {

namespace {

std::string fact(const Notice& notice, const char* key)
{
    const auto* value = notice.facts.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

/// A deployment planned now for `starts_at`, and all that was decided.
Decision planned_for(StagedDeployment& scene, Instant starts_at)
{
    const auto decided = scene.ask(
        "alice",
        "plan",
        plan_fields(
            {{"client_facing", "yes"},
             {"requested_by", "U0JANE"},
             {"starts_at",
              std::chrono::duration_cast<std::chrono::seconds>(starts_at.time_since_epoch()).count()}}
        )
    );
    REQUIRE(decided.has_value());
    return *decided;
}

Decision raise(StagedDeployment& scene, const char* severity)
{
    return scene.say(
        "bob",
        "issue",
        {{"what", "Errors at login"},
         {"severity", severity},
         {"impact", "40 clients"},
         {"status", "Investigating"}}
    );
}

}  // namespace

TEST_CASE("Pre-deployment notification: 1 hour before the planned deployment", "[commands][document]")
{
    struct Row {
        std::chrono::milliseconds ahead;
        bool at_once, late;
    };

    for (const auto& row :
         {Row{61min, false, false},
          Row{60min + 1s, false, false},
          Row{60min, true, false},
          Row{60min - 1s, true, true},
          Row{5min, true, true}}) {
        CAPTURE(row.ahead.count());
        StagedDeployment scene;
        const auto decision = planned_for(scene, scene.now + row.ahead);
        const auto notices = all_of<Notice>(decision);
        REQUIRE(notices.size() == (row.at_once ? 1 : 0));
        if (row.at_once) {
            CHECK(notices.front().facts.at("late") == row.late);
        }
        else {
            CHECK(due_of(decision, "pre_notice") == scene.now + row.ahead - 60min);
        }
    }
}

TEST_CASE("Pre-deployment notification: exactly once for each schedule", "[commands][document]")
{
    StagedDeployment scene;
    scene.now = evening - 1h;
    scene.take("slipway", scene.fire("pre_notice"));
    CHECK(scene.fire("pre_notice").outbox.empty());
    const auto moved = scene.say("dana", "reschedule", {{"starts_at", "wed 22:00"}});
    CHECK(due_of(moved, "pre_notice") == evening + 23h);
    scene.now = evening + 23h;
    scene.take("slipway", scene.fire("pre_notice"));
    CHECK(scene.fire("pre_notice").outbox.empty());
    CHECK(scene.deployment.notice_sent_for_schedule == 2);
}

TEST_CASE("Pre-deployment notification: after an hour's sleep it is marked late", "[commands][document]")
{
    for (const auto& [delay, late] : {std::pair(59s, false), std::pair(61s, true)}) {
        StagedDeployment scene;
        scene.now = evening - 1h + delay;
        CHECK(all_of<Notice>(scene.fire("pre_notice")).front().facts.at("late") == late);
    }
}

TEST_CASE("Pre-deployment notification: an hour ahead over a change of the clock", "[commands][document]")
{
    struct Row {
        const char* starts_at;
        Instant said_at;
    };

    // In New York 2027-03-14 has no hour from two to three, 2027-11-07 has that from one to two twice.
    for (const auto& row :
         {Row{"2027-03-14 03:30", Instant(date::sys_days{date::year{2027} / 3 / 14}) + 6h + 30min},
          Row{"2027-11-07 02:30", Instant(date::sys_days{date::year{2027} / 11 / 7}) + 6h + 30min}}) {
        INFO(row.starts_at);
        TeamInMemory world;
        const auto planned = world.say(
            "alice", "plan", std::nullopt, plan_fields({{"priority", "P0"}, {"starts_at", row.starts_at}})
        );
        REQUIRE(planned.has_value());
        world.move_to(row.said_at + 24h);
        std::vector<Instant> said_at;
        for (const auto& each : world.said) {
            const auto* notice = std::get_if<Notice>(&each.saying);
            if (notice != nullptr && notice->kind == "pre_deployment") {
                said_at.push_back(each.at);
                CHECK(notice->facts.at("late") == false);
            }
        }
        CHECK(said_at == std::vector{row.said_at});
    }
}

TEST_CASE("Pre-deployment notification: What, When, Duration, On-call, Dev Lead", "[commands][document]")
{
    StagedDeployment scene;
    scene.now = evening - 1h;
    scene.sign("petra", {Role::product_lead});
    const auto notice = all_of<Notice>(scene.fire("pre_notice")).front();
    CHECK(notice.kind == "pre_deployment");
    CHECK(fact(notice, "starts_at") == iso(evening));
    CHECK(notice.facts.at("duration_minutes") == 45);
    CHECK(fact(notice, "on_call") == "U0BOB");
    CHECK(fact(notice, "dev_lead") == "U0DANA");
    // Design 4.8: who has still to sign is named and pinged.
    CHECK(notice.facts.at("missing") == boost::json::array{"Original requestor"});
    CHECK(notice.pings == std::vector{id_of("jane")});
}

TEST_CASE("Post-deployment notification: immediately after successful deployment", "[commands][document]")
{
    StagedDeployment scene;
    scene.reach(Stage::deploying);
    CHECK(outcome_of(scene.ask("bob", "done")) == "smoke_unticked");
    scene.pass_smoke_tests();
    const auto notices = all_of<Notice>(scene.say("bob", "done", {{"known_issues", "A slow chart"}}));
    REQUIRE(notices.size() == 1);
    CHECK(notices.front().kind == "post_deployment");
    CHECK(fact(notices.front(), "at") == iso(scene.now));
    CHECK(fact(notices.front(), "on_call") == "U0BOB");
    CHECK(fact(notices.front(), "dev_lead") == "U0DANA");
    CHECK(fact(notices.front(), "known_issues") == "A slow chart");
    StagedDeployment without;
    without.reach(Stage::deploying);
    without.pass_smoke_tests();
    CHECK(fact(all_of<Notice>(without.say("bob", "done")).front(), "known_issues") == "None");
}

TEST_CASE(
    "Escalation: What, When detected, Severity, Impact, Status, Point of contact", "[commands][document]"
)
{
    StagedDeployment scene;
    scene.reach(Stage::watching);
    const auto raised = raise(scene, "P1");
    REQUIRE(events_of<NoticeSent>(raised).size() == 1);
    CHECK(events_of<NoticeSent>(raised).front().notice == "escalation");
    const auto notice = all_of<Notice>(raised).front();
    CHECK(notice.kind == "escalation");
    CHECK(fact(notice, "what") == "Errors at login");
    CHECK(fact(notice, "detected_at") == iso(scene.now));
    CHECK(fact(notice, "severity") == "P1");
    CHECK(fact(notice, "impact") == "40 clients");
    CHECK(fact(notice, "status") == "Investigating");
    CHECK(fact(notice, "on_call") == "U0BOB");
    CHECK(notice.pings == std::vector{id_of("bob")});
}

TEST_CASE("Escalation: Severity is P0, P1 or P2", "[commands][document]")
{
    StagedDeployment scene;
    scene.reach(Stage::watching);
    for (const auto* severity : {"P0", "P1", "P2", "p1"}) {
        INFO(severity);
        CHECK(outcome_of(scene.ask("bob", "issue", {{"what", "x"}, {"severity", severity}})) == "allowed");
    }
    for (const auto* severity : {"P3", "normal", "high"}) {
        INFO(severity);
        CHECK(
            outcome_of(scene.ask("bob", "issue", {{"what", "x"}, {"severity", severity}})) ==
            "severity_unknown"
        );
    }
}

TEST_CASE(
    "Escalation: Status follows, Investigating, Rollback in progress, Rolled back", "[commands][document]"
)
{
    StagedDeployment scene;
    scene.reach(Stage::watching);
    raise(scene, "P1");
    CHECK(scene.deployment.issues.front().status == "Investigating");
    scene.say("bob", "rollback");
    CHECK(scene.deployment.issues.front().status == "Rollback in progress");
    raise(scene, "P2");
    scene.do_rollback_steps();
    const auto ended = scene.say("bob", "rolledback");
    CHECK(scene.deployment.issues.front().status == "Rolled back");
    CHECK(open_issues(scene.deployment).empty());
    // Who read of them in the channel reads there, once, that they are over.
    const auto notices = all_of<Notice>(ended);
    REQUIRE(notices.size() == 1);
    CHECK(fact(notices.front(), "status") == "Rolled back");
    CHECK(fact(notices.front(), "severity") == "P1");
    CHECK(fact(notices.front(), "what") == "Errors at login; Errors at login");
    CHECK(fact(notices.front(), "next_update").empty());
}

TEST_CASE("Escalation: the channel is told when a trouble is resolved", "[commands][document]")
{
    StagedDeployment scene;
    scene.reach(Stage::watching);
    raise(scene, "P1");
    const auto notices =
        all_of<Notice>(scene.say("bob", "update", {{"note", "Fixed"}, {"status", "Resolved"}}));
    REQUIRE(notices.size() == 1);
    CHECK(notices.front().kind == "escalation");
    CHECK(fact(notices.front(), "status") == "Resolved: Fixed");
    CHECK(fact(notices.front(), "next_update").empty());
    CHECK(outcome_of(scene.ask("bob", "update", {{"note", "Fixed"}})) == "update_nothing");
}

TEST_CASE("Escalation: severity and impact change with an update", "[commands][document]")
{
    StagedDeployment scene;
    scene.reach(Stage::watching);
    raise(scene, "P1");
    const auto worse = scene.say(
        "bob", "update", {{"note", "It is everybody"}, {"severity", "P0"}, {"impact", "All clients"}}
    );
    const auto notice = all_of<Notice>(worse).front();
    CHECK(fact(notice, "severity") == "P0");
    CHECK(fact(notice, "impact") == "All clients");
    CHECK(fact(notice, "next_update") == iso(scene.now + 30min));
    CHECK(notice.pings == std::vector{id_of("bob"), id_of("dana")});
    CHECK(scene.deployment.issues.front().severity == Priority::p0);
    CHECK(scene.deployment.issues.front().raised.severity == Priority::p1);
    const auto same = scene.say("bob", "update", {{"note", "Still"}, {"severity", "P0"}});
    CHECK(all_of<Notice>(same).front().pings.empty());
    CHECK(events_of<IssueUpdated>(same).front().impact.empty());
    CHECK(
        outcome_of(scene.ask("bob", "update", {{"note", "x"}, {"severity", "high"}})) == "severity_unknown"
    );
}

TEST_CASE("the next update is promised, asked for and called late by severity", "[commands][document]")
{
    struct Row {
        const char* name;
        const char* severity;
        std::chrono::minutes within;
    };

    for (const auto& row :
         {Row{"Escalation: next update within 30 minutes for P0", "P0", 30min},
          Row{"Escalation: next update within 1 hour for P1", "P1", 60min},
          Row{"Escalation: next update within 4 hours for P2", "P2", 240min}}) {
        INFO(row.name);
        StagedDeployment scene;
        scene.reach(Stage::watching);
        const auto raised = raise(scene, row.severity);
        CHECK(fact(all_of<Notice>(raised).front(), "next_update") == iso(scene.now + row.within));
        CHECK(due_of(raised, "next_update_soon") == scene.now + row.within - 5min);
        CHECK(due_of(raised, "next_update_late") == scene.now + row.within);
        scene.now += 7min;
        const auto updated = scene.say("bob", "update", {{"note", "Found it"}, {"status", "Investigating"}});
        CHECK(due_of(updated, "next_update_late") == scene.now + row.within);  // each update moves the clock
        const auto resolved = scene.say("bob", "update", {{"note", "Fixed"}, {"status", "Resolved"}});
        CHECK_FALSE(due_of(resolved, "next_update_late"));
        CHECK_FALSE(due_of(resolved, "next_update_soon"));
    }
}

TEST_CASE("Escalation: an update that is due is asked for, and said to be late", "[commands][document]")
{
    StagedDeployment scene;
    scene.reach(Stage::watching);
    raise(scene, "P0");
    scene.now += 25min;
    const auto soon = all_of<DirectMessage>(scene.fire("next_update_soon"));
    REQUIRE(soon.size() == 1);
    CHECK(soon.front().user == id_of("bob"));
    CHECK(soon.front().buttons.front().verb == "update");
    scene.now += 5min;
    const auto late = all_of<ThreadNote>(scene.fire("next_update_late"));
    REQUIRE(late.size() == 1);
    CHECK(late.front().sentence.id == "update_late");
    CHECK(late.front().pings == std::vector{id_of("bob")});
}

TEST_CASE("Escalation: each of two troubles keeps its own clock", "[commands][document]")
{
    StagedDeployment scene;
    scene.reach(Stage::watching);
    const auto begun = scene.now;
    scene.say("bob", "issue", {{"what", "Logins"}, {"severity", "P0"}});
    scene.now += 10min;
    const auto second = scene.say("bob", "issue", {{"what", "A chart"}, {"severity", "P1"}});
    CHECK(due_of(second, "next_update_late") == begun + 30min);  // what readers of the first were promised
    SECTION("an update of one moves the other's by nothing")
    {
        scene.now += 5min;
        const auto updated = scene.say("bob", "update", {{"note", "Found it"}, {"issue", "2"}});
        CHECK(scene.deployment.issues.back().next_update == begun + 75min);
        CHECK(scene.deployment.issues.front().next_update == begun + 30min);
        CHECK(due_of(updated, "next_update_soon") == begun + 25min);
        CHECK(due_of(updated, "next_update_late") == begun + 30min);
    }
    SECTION("both are asked for, and both are called late")
    {
        const auto says = [&](const Decision& decision) {
            return std::string(all_of<ThreadNote>(decision).front().sentence.facts.at("problems").as_string()
            );
        };
        const auto due = [&](const Decision& decision) {
            return boost::json::object{{"due", iso(due_of(decision, "next_update_late").value())}};
        };
        scene.now = begun + 25min;
        auto decision = scene.fire("next_update_soon");
        CHECK(all_of<DirectMessage>(decision).front().buttons.front().fields.at("issue") == 1);
        CHECK(due_of(decision, "next_update_soon") == begun + 65min);
        auto facts = due(decision);
        scene.now = begun + 30min;
        decision = scene.fire("next_update_late", facts);
        CHECK(says(decision) == "Logins");
        CHECK(due_of(decision, "next_update_late") == begun + 70min);
        facts = due(decision);
        scene.now = begun + 70min;
        decision = scene.fire("next_update_late", facts);
        CHECK(says(decision) == "A chart");
        CHECK_FALSE(due_of(decision, "next_update_late"));
    }
    SECTION("the end of one leaves the other's")
    {
        const auto resolved =
            scene.say("bob", "update", {{"note", "Fixed"}, {"status", "Resolved"}, {"issue", "1"}});
        CHECK(due_of(resolved, "next_update_late") == begun + 70min);
        CHECK(outcome_of(scene.ask("bob", "update", {{"note", "x"}, {"issue", "1"}})) == "update_issue_over");
    }
    SECTION("a rollback carries both")
    {
        scene.say("bob", "rollback");
        for (const auto& issue : scene.deployment.issues) {
            CHECK(issue.status == "Rollback in progress");
        }
    }
}

TEST_CASE("who declined is not chased for a sign-off, the others are", "[commands][document]")
{
    StagedDeployment scene;
    scene.now = evening - 48h;
    scene.say("jane", "decline", {{"reason", "Totals are off"}});
    const auto messages = all_of<DirectMessage>(scene.fire("chase_sign_offs"));
    REQUIRE(messages.size() == 1);
    CHECK(messages.front().user == id_of("petra"));
    CHECK(due_of(scene.fire("chase_sign_offs"), "chase_sign_offs") == scene.now + 24h);
}

TEST_CASE("a time that no calendar holds is refused", "[commands][document]")
{
    const StagedDeployment scene;
    for (const std::int64_t seconds :
         {std::int64_t{253'402'300'800},
          std::int64_t{9'223'372'036'854'775'807},
          std::int64_t{9'300'000'000'000'000}}) {
        CAPTURE(seconds);
        const auto decided = scene.ask("alice", "plan", plan_fields({{"starts_at", seconds}}));
        CHECK(refusals_of(decided) == std::vector<std::string>{"time_unknown"});
    }
}

}  // namespace slipway::testing
