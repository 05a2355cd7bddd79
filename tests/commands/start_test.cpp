// The checklist before the start, and all that a start asks for.
#include "tests/commands/unmet.hpp"

namespace slipway::testing {

TEST_CASE("Pre-deployment: Database migrations tested, asked only where there are any", "[commands][gates]")
{
    const auto clear = [](StagedDeployment& scene) {
        scene.happens("bob", ItemCleared{"pre_deployment", "migrations", ""});
    };
    CHECK(unmet_after(clear).empty());
    CHECK(unmet_after(clear, plan_with([](Plan& plan) {
                          plan.has_migrations = true;
                      })) == Keys{"pre_deployment:migrations"});
}

TEST_CASE("Pre-deployment: what the bot knows nobody can tick", "[commands][gates]")
{
    const StagedDeployment scene;
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
    CHECK(unmet_after([](StagedDeployment& scene) {
              scene.happens("dana", Rescheduled{2, evening, 30min});
              scene.happens("slipway", NoticeSent{"pre_deployment", 2, false});
          }) == on_call);
    CHECK(unmet_after([](StagedDeployment& scene) {
              scene.happens("dana", OnCallAssigned{id_of("carl")});
          }) == Keys{"pre_deployment:on_call", "on_call_cover"});
}

TEST_CASE("Pre-deployment: Team notified of this very schedule", "[commands][gates]")
{
    CHECK(unmet_after([](StagedDeployment& scene) {
              scene.happens("dana", Rescheduled{2, evening, 30min});
              scene.happens("bob", OnCallReady{id_of("bob")});
          }) == Keys{"pre_deployment:notified"});
}

// The start.

TEST_CASE("the Dev Lead's go", "[commands][gates]")
{
    CHECK(unmet_after([](StagedDeployment& scene) { scene.deployment.go.reset(); }) == Keys{"go"});
}

TEST_CASE("a fresh plan is refused with everything that is unmet, and the next slots", "[commands][gates]")
{
    StagedDeployment scene;
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

TEST_CASE(
    "Windows: weekdays outside a window need a Dev Lead's exception with a reason",
    "[commands][gates][windows]"
)
{
    StagedDeployment scene;
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
    StagedDeployment scene;
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

TEST_CASE(
    "Exceptions: a P0's on-call developer records one too, a normal change's may not", "[commands][gates]"
)
{
    StagedDeployment scene(plan_with([](Plan& plan) { plan.priority = Priority::p0; }));
    scene.happens("slipway", NoticeSent{"pre_deployment", 1, false});
    const auto decision = scene.say("bob", "start", {}, "Login is down");
    const auto exception = events_of<ExceptionRecorded>(decision).front();
    CHECK(exception.as == Role::on_call);
    CHECK(exception.review_due == scene.now + 24h);
    CHECK(has(exception.conditions, "gate1:ci_green"));
    CHECK(has(exception.conditions, "gate2:product_lead"));
    CHECK(due_of(decision, "chase_review") == scene.now + 24h);
    const StagedDeployment normal;
    CHECK(has(refusals_of(normal.ask("bob", "start", {}, "Login is down")), "except_dev_lead"));
}

TEST_CASE("an exception that passes over a gate is reviewed, whatever the change", "[commands][gates]")
{
    struct Row {
        const char* meaning;
        void (*undo)(StagedDeployment&);
        bool reviewed;
    };

    const std::vector<Row> rows{
        {"Gate 1",
         [](StagedDeployment& scene) {
             scene.happens("carl", ItemCleared{"gate1", "ci_green", ""});
         },
         true},
        {"Gate 2",
         [](StagedDeployment& scene) {
             scene.happens("petra", ItemCleared{"gate2", "qa_bugs", ""});
         },
         true},
        {"the checklist",
         [](StagedDeployment& scene) {
             scene.happens("bob", ItemCleared{"pre_deployment", "runbook", ""});
         },
         true},
        {"a freeze",
         [](StagedDeployment& scene) {
             scene.happens_to_team("raj", FreezeBegun{"web", evening + 2h, "Sale"});
         },
         false},
        {"the go", [](StagedDeployment& scene) { scene.deployment.go.reset(); }, false},
    };
    for (const auto& row : rows) {
        INFO(row.meaning);
        StagedDeployment scene;
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
    StagedDeployment scene(plan_with([](Plan& plan) { plan.priority = Priority::p0; }));
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
    StagedDeployment scene(plan_with([](Plan& plan) { plan.priority = Priority::p0; }));
    CHECK(
        due_of(scene.say("dana", "except", {{"reason", "Login is down"}}), "chase_review") == scene.now + 24h
    );
    auto plan = scene.deployment.plan;
    plan.changes.push_back("More");
    scene.happens("alice", Amended{2, plan});
    scene.now += 23h;  // a further exception does not put the first one's review off
    CHECK_FALSE(due_of(scene.say("dana", "except", {{"reason", "Still down"}}), "chase_review"));
    CHECK(outcome_of(scene.ask("dana", "review", {{"note", "The right call"}})) == "allowed");
}

TEST_CASE("an exception after a review is to be reviewed again", "[commands][gates]")
{
    StagedDeployment scene(plan_with([](Plan& plan) { plan.priority = Priority::p0; }));
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
        StagedDeployment scene;
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
    CHECK(unmet_after([](StagedDeployment& scene) {
              scene.happens_to_team("dana", FreezeBegun{"api", evening + 2h, "Sale"});
          }).empty());
}

TEST_CASE("Freezes: an exception is about those of its time, not about those to come", "[commands][gates]")
{
    StagedDeployment scene;
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
    StagedDeployment scene;
    scene.make_startable();
    scene.happens_to_team("bob", ServiceLocked{"web", DeploymentId{11}});
    CHECK(unmet_to_start(scene) == Keys{"lock"});
    CHECK(has(refusals_of(scene.ask("dana", "start", {}, "Login is down")), "service_locked"));
    scene.say("dana", "unlock", {{"service", "web"}});
    CHECK(unmet_to_start(scene).empty());
}

TEST_CASE("a P0 fix passes the lock with the exception that lifts the rest, once", "[commands][gates]")
{
    StagedDeployment scene(plan_with([](Plan& plan) { plan.priority = Priority::p0; }));
    scene.happens_to_team("bob", ServiceLocked{"web", DeploymentId{11}});
    const auto refused = scene.ask("bob", "start").error();
    CHECK(std::any_of(refused.sentences.begin(), refused.sentences.end(), [](const Sentence& each) {
        return each.id == "service_locked" && each.facts.at("urgent") == true;
    }));
    scene.now += 1min;
    const auto recorded = scene.say("bob", "except", {{"reason", "Login is down"}});
    CHECK(has(events_of<ExceptionRecorded>(recorded).front().conditions, "lock"));
    CHECK(unmet_to_start(scene).empty());
    CHECK(scene.team.locked.contains("web"));
    scene.now += 1min;
    scene.happens_to_team("bob", ServiceLocked{"web", DeploymentId{13}});
    CHECK(unmet_to_start(scene) == Keys{"lock"});
    CHECK(outcome_of(scene.ask("bob", "start", {}, "Login is still down")) == "allowed");
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
        StagedDeployment other;
        other.reach(row.stage);
        other.deployment.id = DeploymentId{11};
        StagedDeployment scene;
        scene.make_startable();
        scene.others = {other.deployment};
        CHECK(unmet_to_start(scene) == (row.busy ? Keys{"alone"} : Keys{}));
        CHECK((outcome_of(scene.ask("dana", "start", {}, "Login is down")) == "allowed") != row.busy);
        CHECK(outcome_of(scene.ask("zoe", "wait")) == (row.busy ? "allowed" : "wait_is_free"));
        scene.others.front().plan.service = "api";
        CHECK(unmet_to_start(scene).empty());
    }
}

TEST_CASE("a freeze is told to those whose start it stops, to nobody else", "[commands][gates]")
{
    struct Row {
        const char* meaning;
        Stage stage;
        const char* service;
        std::chrono::minutes length;
        bool told;
    };

    const std::vector<Row> rows{
        {"planned", Stage::planned, "web", 121min, true},
        {"signed off, and all is frozen", Stage::signed_off, "all", 121min, true},
        {"it is over when they start", Stage::planned, "web", 120min, false},
        {"of another service", Stage::planned, "api", 121min, false},
        {"it goes on: nothing starts any more", Stage::deploying, "web", 121min, false},
        {"watched", Stage::watching, "web", 121min, false},
    };
    for (const auto& row : rows) {
        INFO(row.meaning);
        StagedDeployment scene;
        scene.reach(row.stage);
        scene.now = evening - 2h;
        const auto frozen = scene.ask(
            "dana",
            "freeze",
            {{"service", row.service},
             {"duration", std::to_string(row.length.count()) + "m"},
             {"reason", "Sale"}}
        );
        REQUIRE(frozen.has_value());
        std::vector<UserId> told;
        for (const auto& message : all_of<DirectMessage>(*frozen)) {
            told.push_back(message.user);
        }
        CHECK(told == (row.told ? std::vector{id_of("alice"), id_of("bob")} : std::vector<UserId>{}));
    }
}

TEST_CASE("thawing one service under a freeze of all says what would", "[commands][gates]")
{
    StagedDeployment scene;
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
    StagedDeployment scene;
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
    StagedDeployment by_day(plan_with([](Plan& plan) { plan.priority = Priority::p0; }));
    by_day.make_startable();
    by_day.happens("dana", Rescheduled{2, est("2026-11-27 10:00"), 45min});
    by_day.happens("slipway", NoticeSent{"pre_deployment", 2, false});
    by_day.happens("bob", OnCallReady{id_of("bob")});
    by_day.now = est("2026-11-27 14:00");
    CHECK(unmet_to_start(by_day).empty());
    by_day.now += 1min;
    CHECK(unmet_to_start(by_day) == Keys{"pre_deployment:notified"});
}

TEST_CASE("who waits for a service is told once, when it is free", "[commands][gates]")
{
    StagedDeployment scene;
    scene.make_startable();
    const std::string timer = "tell_when_free:U0BOB";
    const auto fires = [&] { return scene.fire(timer, {{"user", "U0BOB"}}); };
    const auto waits = [&] {
        const auto refused = scene.ask("bob", "start");
        REQUIRE_FALSE(refused.has_value());
        const auto refusal = refused.error();
        CHECK(refusal.buttons.front().verb == "wait");
        CHECK(due_of(scene.say("bob", "wait"), timer) == scene.now + 1min);
        CHECK(fires().outbox.empty());
        CHECK(due_of(fires(), timer) == scene.now + 1min);
    };
    SECTION("locked")
    {
        scene.happens_to_team("bob", ServiceLocked{"web", DeploymentId{11}});
        waits();
        scene.say("dana", "unlock", {{"service", "web"}});
    }
    SECTION("busy")
    {
        StagedDeployment other;
        other.reach(Stage::deploying);
        other.deployment.id = DeploymentId{11};
        scene.others = {other.deployment};
        waits();
        scene.others.clear();
    }
    const auto told = all_of<DirectMessage>(fires());
    REQUIRE(told.size() == 1);
    CHECK(told.front().user == id_of("bob"));
    CHECK(told.front().sentence.id == "service_free");
    CHECK_FALSE(due_of(fires(), timer));
    CHECK(outcome_of(scene.ask("bob", "wait")) == "wait_is_free");
}

TEST_CASE("a freeze is typed as times are everywhere", "[commands][freeze]")
{
    struct Row {
        std::string typed, service;
        Instant until;
        std::string reason;
    };

    const auto web = [](const std::string& typed, Instant until, const std::string& reason) {
        return Row{typed, "web", until, reason};
    };
    for (const auto& row : std::vector<Row>{
             web("web for 2h Sale", evening + 2h, "Sale"),
             web("web for 1h30m Sale", evening + 90min, "Sale"),
             web("web for 1 h 30 m Sale", evening + 90min, "Sale"),
             web("web for 2 weeks Sale", evening + 24h * 14, "Sale"),
             web("web for 2h 30 people at the fair", evening + 2h, "30 people at the fair"),
             web("web until fri 17:00 launch", est("2026-11-27 17:00"), "launch"),
             web("web until 23:30 et launch", est("2026-11-24 23:30"), "launch"),
             web("web until Dec 1, 2026 at 10 pm EST for the launch",
                 est("2026-12-01 22:00"),
                 "for the launch"),
             web("Web for 2h Sale", evening + 2h, "Sale"),
             web("we\u200Bb for 2h Sale", evening + 2h, "Sale"),
             {"for 2h Sale", "", evening + 2h, "Sale"},
             {"ALL until tomorrow 9am Sale", "", est("2026-11-25 09:00"), "Sale"}}) {
        CAPTURE(row.typed);
        const StagedDeployment scene;
        const auto request = parse_slash("freeze " + row.typed);
        REQUIRE(request.has_value());
        const auto decided = decide(*request, scene.seen_by(person_called("dana")));
        REQUIRE(decided.has_value());
        const auto& begun = std::get<FreezeBegun>(decided->team_events.front());
        CHECK(begun.service == row.service);
        CHECK(begun.until == row.until);
        CHECK(begun.reason == row.reason);
    }
    StagedDeployment scene;
    for (const auto& [typed, id] : std::vector<std::pair<const char*, const char*>>{
             {"web for 40d Sale", "duration_unknown"},
             {"web until mon nov 23 17:00 Sale", "time_past"},
             {"web until pigs fly", "time_unknown"},
             {"web for 2h", "freeze_usage"},
             {"web", "freeze_usage"}}) {
        CAPTURE(typed);
        CHECK(outcome_of(scene.ask("dana", "freeze", {}, typed)) == id);
    }
    for (const auto* verb : {"freeze", "thaw", "unlock"}) {
        CAPTURE(verb);
        const auto refused =
            scene.ask("dana", verb, {}, std::string(verb) == "freeze" ? "wbe for 2h x" : "wbe");
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().sentences.front().facts.at("known") == "web, api, all");
    }
    scene.happens_to_team("dana", FreezeBegun{"web", evening + 2h, "Sale"});
    scene.say("dana", "thaw", {}, "WEB");
    CHECK(scene.team.freezes.empty());
    scene.happens_to_team("bob", ServiceLocked{"web", DeploymentId{11}});
    scene.say("dana", "unlock", {}, "Web Fixed");
    CHECK(scene.team.locked.empty());
    scene.say("dana", "swap", {}, "<@U0CARL> tue 22:00 for 1 h 30 m");
    CHECK(scene.team.swaps.back().ends - scene.team.swaps.back().begins == 90min);
    scene.say("dana", "swap", {}, "<@U0CARL> tue 22:00 until wed 9am");
    CHECK(scene.team.swaps.back().ends == est("2026-11-25 09:00"));
    scene.say("alice", "reschedule", {}, "wed 22:00 until 23:15");
    CHECK(scene.deployment.duration == 75min);
}

}  // namespace slipway::testing
