// One test for each of the document's rollback triggers, with its threshold and both sides of it.
#include "commands/pipeline/triggers.hpp"

#include "tests/commands/staged_deployment.hpp"

namespace slipway::testing {

namespace {

Finding error_rate(double rate, double baseline, ErrorRateUnit unit = ErrorRateUnit::relative)
{
    Signal signal;
    signal.service = "web";
    signal.kind = "error_rate";
    signal.error_rate = rate;
    signal.baseline = baseline;
    auto policy = document_policy();
    policy.error_rate_unit = unit;
    return judge_signal(signal, evening, policy).finding;
}

/// `count` tickets, one a minute, the oldest `oldest` ago.
boost::json::object tickets(int count, std::chrono::milliseconds oldest, Instant now)
{
    boost::json::array opened;
    for (int i = 0; i < count; ++i) {
        opened.emplace_back(iso(now - oldest + std::chrono::minutes{i}));
    }
    return {{"service", "web"}, {"kind", "tickets"}, {"tickets", std::move(opened)}};
}

boost::json::object signal_of(const std::string& kind, const std::string& detail)
{
    return {{"service", "web"}, {"kind", kind}, {"detail", detail}};
}

StagedDeployment live(Stage stage = Stage::watching)
{
    StagedDeployment scene;
    scene.reach(stage);
    return scene;
}

/// The row of the document's table.
TriggerRow row(const std::string& key)
{
    for (const auto& each : trigger_rows(document_policy())) {
        if (each.key == key) {
            return each;
        }
    }
    FAIL("there is no trigger " << key);
    return {};
}

void check_row(const std::string& key, const char* name, const char* threshold, const char* action)
{
    CHECK(row(key).name == name);
    CHECK(row(key).threshold == threshold);
    CHECK(row(key).action == action);
    const bool immediate = row(key).trigger_class == TriggerClass::immediate;
    CHECK(immediate == std::string(action).starts_with("Immediate"));
}

/// The trigger `key`: it is raised in the document's words, the on-call developer is pinged with the evidence
/// and one press that rolls back.
void check_alert(const Decision& decision, const std::string& key, const std::string& detail = {})
{
    const auto trigger = row(key);
    const auto raised = events_of<IssueRaised>(decision);
    REQUIRE(raised.size() == 1);
    CHECK(raised.front().what.starts_with(trigger.name + (detail.empty() ? "" : ": " + detail)));
    CHECK((raised.front().severity == Priority::p0) == (trigger.trigger_class == TriggerClass::immediate));
    const auto messages = all_of<DirectMessage>(decision);
    REQUIRE(messages.size() == 1);
    CHECK(messages.front().user == id_of("bob"));
    CHECK(messages.front().sentence.id == "trigger_fired");
    CHECK(messages.front().sentence.facts.at("action").as_string() == trigger.action);
    CHECK(messages.front().buttons.front().verb == "rollback");
    const auto notices = all_of<Notice>(decision);
    REQUIRE(notices.size() == 1);
    CHECK(notices.front().kind == "escalation");
    const auto& pings = notices.front().pings;
    CHECK(std::find(pings.begin(), pings.end(), id_of("bob")) != pings.end());
    CHECK(events_of<RollbackStarted>(decision).empty());  // the person decides
}

}  // namespace

TEST_CASE("Trigger: Error rate increase, > 5% from baseline, Immediate rollback", "[commands][document]")
{
    check_row("error_rate", "Error rate increase", "> 5% from baseline", "Immediate rollback");
    SECTION("five percent of the baseline: not at it, only above")
    {
        CHECK(error_rate(1.05, 1.0) == Finding::calm);
        CHECK(error_rate(1.0501, 1.0) == Finding::fires);
        CHECK(error_rate(3.15, 3.0) == Finding::calm);
        CHECK(error_rate(3.151, 3.0) == Finding::fires);
        CHECK(error_rate(0.9, 1.0) == Finding::calm);
        CHECK(error_rate(0.0, 0.0) == Finding::calm);
        CHECK(error_rate(0.01, 0.0) == Finding::fires);
    }
    SECTION("or five points, where that is configured")
    {
        CHECK(error_rate(6.0, 1.0, ErrorRateUnit::points) == Finding::calm);
        CHECK(error_rate(6.01, 1.0, ErrorRateUnit::points) == Finding::fires);
        CHECK(error_rate(1.06, 1.0, ErrorRateUnit::points) == Finding::calm);
    }
    SECTION("a rise from nothing, or of next to nothing, is evaluated by a person")
    {
        struct Row {
            double rate, baseline;
            ErrorRateUnit unit;
            bool immediate;
        };

        for (const auto& row :
             {Row{0.004, 0.0, ErrorRateUnit::relative, false},
              Row{50.0, 0.0, ErrorRateUnit::relative, false},
              Row{0.05, 0.001, ErrorRateUnit::relative, false},
              Row{0.052, 0.001, ErrorRateUnit::relative, true},
              Row{1.1, 1.0, ErrorRateUnit::relative, true},
              Row{5.01, 0.0, ErrorRateUnit::points, true}}) {
            CAPTURE(row.rate, row.baseline);
            auto scene = live(Stage::deploying);
            scene.policy.automatic_rollback = true;
            scene.policy.error_rate_unit = row.unit;
            const auto seen = scene.observe(
                {{"service", "web"},
                 {"kind", "error_rate"},
                 {"error_rate", row.rate},
                 {"baseline", row.baseline}}
            );
            CHECK(due_of(seen, "automatic_rollback").has_value() == row.immediate);
            const auto severity = events_of<IssueRaised>(seen).front().severity;
            CHECK(severity == (row.immediate ? Priority::p0 : Priority::p1));
        }
    }
    SECTION("one that was evaluated and has grown is told anew, once")
    {
        auto scene = live(Stage::deploying);
        const auto rate = [](double value) {
            return boost::json::object{
                {"service", "web"}, {"kind", "error_rate"}, {"error_rate", value}, {"baseline", 0.01}};
        };
        scene.take("slipway", scene.observe(rate(0.02)));
        CHECK(scene.observe(rate(0.03)).events.empty());
        const auto grown = scene.observe(rate(9.0));
        CHECK(events_of<IssueRaised>(grown).front().severity == Priority::p0);
        scene.take("slipway", grown);
        CHECK(scene.observe(rate(9.0)).events.empty());
        CHECK(scene.observe(rate(0.02)).events.empty());
    }
    SECTION("it pings with both numbers")
    {
        const auto decision =
            live(Stage::deploying)
                .observe(
                    {{"service", "web"}, {"kind", "error_rate"}, {"error_rate", 1.051}, {"baseline", 1.0}}
                );
        check_alert(decision, "error_rate");
        CHECK(events_of<IssueRaised>(decision).front().evidence == "1.051 % against a baseline of 1.0 %");
    }
}

TEST_CASE(
    "Trigger: Critical feature non-functional (Login, payments, email broken), Immediate rollback",
    "[commands][document]"
)
{
    check_row(
        "critical_feature",
        "Critical feature non-functional",
        "Login, payments, email broken",
        "Immediate rollback"
    );
    for (const auto* feature : {"login", "payments", "email"}) {
        INFO(feature);
        const auto broken = live().observe(signal_of("critical_feature", feature));
        check_alert(broken, "critical_feature", feature);
    }
}

TEST_CASE(
    "Trigger: Database corruption, any detected, Immediate rollback + investigation", "[commands][document]"
)
{
    check_row(
        "database_corruption",
        "Database corruption",
        "Any detected corruption",
        "Immediate rollback + investigation"
    );
    check_alert(live().observe(signal_of("database_corruption", "a broken page")), "database_corruption");
}

TEST_CASE(
    "Trigger: Security vulnerability, any exposed, Immediate rollback + security response",
    "[commands][document]"
)
{
    check_row(
        "security",
        "Security vulnerability",
        "Any exposed vulnerability",
        "Immediate rollback + security response"
    );
    check_alert(live().observe(signal_of("security", "CVE-2026-1")), "security");
}

TEST_CASE(
    "Trigger: User-reported issues, > 10 tickets within 1 hour, Evaluate, likely rollback",
    "[commands][document]"
)
{
    check_row("tickets", "User-reported issues", "> 10 tickets within 1 hour", "Evaluate, likely rollback");
    auto scene = live();
    scene.now += 2h;
    const auto now = scene.now;
    CHECK(scene.observe(tickets(10, 50min, now)).events.empty());
    const auto alert = scene.observe(tickets(11, 50min, now));
    check_alert(alert, "tickets");
    CHECK(events_of<IssueRaised>(alert).front().evidence == "11 tickets within 60 minutes");
    // The hour slides: what is an hour old does not count any more.
    CHECK(scene.observe(tickets(11, 60min, now)).events.empty());
    CHECK_FALSE(scene.observe(tickets(11, 60min - 1ms, now)).events.empty());
    CHECK(scene.observe(tickets(10, 60min - 1ms, now)).events.empty());
    // Evaluated by a person, whatever is configured.
    scene.policy.automatic_rollback = true;
    CHECK_FALSE(due_of(scene.observe(tickets(11, 50min, now)), "automatic_rollback"));
}

TEST_CASE("a trigger that is open is not raised again, another one is", "[commands][document]")
{
    auto scene = live();
    const auto corrupt = signal_of("database_corruption", "a broken page");
    scene.take("slipway", scene.observe(corrupt));
    CHECK(scene.observe(corrupt).events.empty());
    CHECK_FALSE(scene.observe(signal_of("security", "CVE-2026-1")).events.empty());
    scene.say("bob", "update", {{"note", "A false alarm"}, {"status", "Resolved"}});
    CHECK_FALSE(scene.observe(corrupt).events.empty());
}

TEST_CASE("of the named triggers each name is a trouble of its own", "[commands][document]")
{
    auto scene = live();
    const auto login = signal_of("critical_feature", "login");
    const auto payments = signal_of("critical_feature", "payments");
    scene.take("slipway", scene.observe(login));
    CHECK(scene.observe(login).events.empty());
    const auto second = scene.observe(payments);
    check_alert(second, "critical_feature", "payments");
    scene.take("slipway", second);
    CHECK(scene.observe(payments).events.empty());
    // So it is with what was failing before.
    auto before = live();
    for (const auto* name : {"login", "payments"}) {
        auto facts = signal_of("critical_feature", name);
        facts["was_failing_before"] = true;
        CHECK(has(sentences_of(before.observe(facts)), "signal_failing_before"));
        before.take("slipway", before.observe(facts));
        CHECK(before.observe(facts).outbox.empty());
    }
}

TEST_CASE("tickets that are enough by those of before the start are no trigger", "[commands][document]")
{
    auto scene = live();
    const auto started = scene.now;
    scene.now += 30min;
    // Of twelve, one a minute, eleven or ten were opened before the start.
    const auto old = scene.observe(tickets(12, scene.now - started + 11min, scene.now));
    CHECK(sentences_of(old) == std::vector<std::string>{"signal_failing_before"});
    CHECK(events_of<IssueRaised>(old).empty());
    const auto fresh = scene.observe(tickets(12, scene.now - started + 10min, scene.now));
    CHECK(events_of<IssueRaised>(fresh).size() == 1);
}

TEST_CASE("an error rate that is asked for is of the deployment it is asked for", "[commands][document]")
{
    auto tuesdays = live();
    tuesdays.now += 23h;
    auto wednesdays = live(Stage::deploying);
    wednesdays.deployment.id = DeploymentId{13};
    wednesdays.deployment.started->at = tuesdays.now;
    tuesdays.others = {wednesdays.deployment};
    tuesdays.policy.automatic_rollback = true;
    const auto asked = [&](const StagedDeployment& about, double baseline) {
        auto snapshot = tuesdays.seen_by(Person{});
        snapshot.actor.id = UserId("slipway");
        snapshot.deployment = about.deployment;
        Request request;
        request.verb = "signal";
        request.deployment = about.deployment.id;
        request.source = Source::signal;
        request.fields = {
            {"service", "web"}, {"kind", "error_rate"}, {"error_rate", 2.0}, {"baseline", baseline}};
        const auto decided = decide(request, snapshot);
        REQUIRE(decided.has_value());
        return *decided;
    };
    SECTION("by its own baseline")
    {
        CHECK(asked(tuesdays, 1.0).deployment == tuesdays.deployment.id);
        CHECK(events_of<IssueRaised>(asked(tuesdays, 1.0)).size() == 1);
        CHECK(events_of<IssueRaised>(asked(wednesdays, 2.0)).empty());
        CHECK(asked(wednesdays, 1.0).deployment == wednesdays.deployment.id);
    }
    SECTION("and the older one is not rolled back by itself under the newer one")
    {
        CHECK_FALSE(due_of(asked(tuesdays, 1.0), "automatic_rollback"));
        CHECK(due_of(asked(wednesdays, 1.0), "automatic_rollback") == tuesdays.now + 120s);
    }
    SECTION("one spike is one alert: of the younger, while it is open and while that one is rolled back")
    {
        auto& younger = tuesdays.others.front();
        for (const auto& event : asked(wednesdays, 1.0).events) {
            apply(younger, {younger.id, "slipway", tuesdays.now, event});
        }
        CHECK(asked(tuesdays, 1.0).outbox.empty());
        apply(younger, {younger.id, "U0BOB", tuesdays.now, RollbackStarted{"Errors", {"rollback"}, false}});
        CHECK(asked(tuesdays, 1.0).outbox.empty());
        // What is still so when the younger is back where it was is the older one's.
        apply(younger, {younger.id, "U0BOB", tuesdays.now, IssueUpdated{"Rolled back", "", {}, true}});
        CHECK(events_of<IssueRaised>(asked(tuesdays, 1.0)).size() == 1);
    }
    SECTION("nor is the younger's trouble another one of another kind")
    {
        apply(
            tuesdays.others.front(),
            {DeploymentId{13},
             "slipway",
             tuesdays.now,
             IssueRaised{"CVE", Priority::p0, "All", "Investigating", tuesdays.now, "security", "CVE-2026-1"}}
        );
        CHECK(events_of<IssueRaised>(asked(tuesdays, 1.0)).size() == 1);
    }
    SECTION("one that ended meanwhile is not judged any more, nor another in its place")
    {
        auto over = tuesdays;
        over.deployment.stage = Stage::done;
        CHECK(asked(over, 1.0).events.empty());
    }
}

TEST_CASE(
    "a signal is about the deployment that started last, whichever was planned first", "[commands][document]"
)
{
    auto scene = live();
    StagedDeployment other;
    other.now -= 20h;
    other.reach(Stage::watching);
    other.deployment.id = DeploymentId{13};
    scene.others = {other.deployment};
    const auto corrupt = signal_of("database_corruption", "a broken page");
    CHECK(scene.observe(corrupt).deployment == scene.deployment.id);
    scene.deployment.started->at = evening - 21h;
    CHECK(scene.observe(corrupt).deployment == other.deployment.id);
}

TEST_CASE("what is failing before the start is noted with what starts next", "[commands][document]")
{
    const auto broken = signal_of("critical_feature", "email");
    StagedDeployment scene;
    scene.now = evening - 30min;
    const auto planned = [&](int number, std::optional<Instant> starts_at) {
        StagedDeployment other;
        other.deployment.id = DeploymentId{number};
        other.deployment.starts_at = starts_at;
        return other.deployment;
    };
    // One without a time, one that should have started more than four hours ago, one of tomorrow.
    scene.others = {planned(8, std::nullopt), planned(9, scene.now - 4h - 1ms), planned(13, evening + 24h)};
    const auto noted = scene.observe(broken);
    CHECK(noted.deployment == scene.deployment.id);
    SECTION("of which one that may still start is the first")
    {
        scene.others.push_back(planned(14, scene.now - 4h));
        CHECK(scene.observe(broken).deployment == DeploymentId{14});
    }
    SECTION("and counts for an hour, from when it was seen last")
    {
        scene.take("slipway", noted);
        const auto seen = scene.now;
        scene.now = seen + 10min - 1ms;
        CHECK(scene.observe(broken).events.empty());  // a poll repeats it every minute
        const auto again = [&] {
            auto later = scene;
            later.now = seen + 10min;
            later.take("slipway", later.observe(broken));
            return later;
        };
        const auto says_at = [&](StagedDeployment starting, Instant at) {
            starting.now = at;
            starting.begin();
            return sentences_of(starting.observe(broken)).front();
        };
        CHECK(says_at(scene, seen + 60min) == "signal_failing_before");
        CHECK(says_at(scene, seen + 60min + 1ms) != "signal_failing_before");
        CHECK(says_at(again(), seen + 70min) == "signal_failing_before");
    }
    SECTION("and stays so when the plan is amended")
    {
        scene.take("slipway", noted);
        auto plan = scene.deployment.plan;
        plan.changes.push_back("More");
        scene.happens("alice", Amended{2, plan});
        scene.now = evening;
        scene.make_startable();
        scene.begin();
        CHECK(has(sentences_of(scene.observe(broken)), "signal_failing_before"));
    }
}

TEST_CASE(
    "missing data is unknown and what failed before is no trigger; each is said once", "[commands][document]"
)
{
    struct Row {
        boost::json::object facts;
        const char* sentence;
    };

    const std::vector<Row> rows{
        {{{"service", "web"}, {"kind", "error_rate"}}, "signal_no_data"},
        {{{"service", "web"}, {"kind", "error_rate"}, {"error_rate", 9.0}}, "signal_no_data"},
        {{{"service", "web"}, {"kind", "error_rate"}, {"error_rate", -1.0}, {"baseline", 1.0}},
         "signal_no_data"},
        {{{"service", "web"}, {"kind", "tickets"}}, "signal_no_data"},
        {{{"service", "web"}, {"kind", "critical_feature"}, {"was_failing_before", true}},
         "signal_failing_before"},
        {{{"service", "web"},
          {"kind", "error_rate"},
          {"error_rate", 9.0},
          {"baseline", 1.0},
          {"was_failing_before", true}},
         "signal_failing_before"},
    };
    for (const auto& each : rows) {
        auto scene = live();
        const auto decision = scene.observe(each.facts);
        CHECK(sentences_of(decision) == std::vector<std::string>{each.sentence});
        CHECK(events_of<IssueRaised>(decision).empty());
        scene.take("slipway", decision);
        CHECK(scene.observe(each.facts).outbox.empty());
    }
}

TEST_CASE("a trigger is about what is deploying or watched, and about nothing else", "[commands][document]")
{
    const auto corrupt = signal_of("database_corruption", "a broken page");
    for (const auto stage :
         {Stage::planned, Stage::signed_off, Stage::done, Stage::rolling_back, Stage::rolled_back}) {
        INFO(to_string(stage));
        auto scene = live(stage);
        CHECK(scene.observe(corrupt).outbox.empty());
    }
    for (const auto stage : {Stage::deploying, Stage::watching}) {
        INFO(to_string(stage));
        auto scene = live(stage);
        CHECK_FALSE(scene.observe(corrupt).outbox.empty());
        CHECK(scene.observe({{"service", "api"}, {"kind", "database_corruption"}}).outbox.empty());
    }
}

TEST_CASE("a trigger that a person reports goes the way of one that was measured", "[commands][document]")
{
    for (const auto& each : trigger_rows(document_policy())) {
        INFO(each.key);
        auto scene = live();
        const auto decision = scene.ask(
            "petra", "issue", {{"what", "Clients cannot pay"}, {"severity", "P2"}, {"trigger", each.key}}
        );
        REQUIRE(decision.has_value());
        const bool immediate = each.trigger_class == TriggerClass::immediate;
        check_alert(*decision, each.key, "Clients cannot pay");
        CHECK(events_of<IssueRaised>(*decision).front().trigger == each.key);
        CHECK(events_of<IssueRaised>(*decision).front().evidence == "Clients cannot pay");
        scene.policy.automatic_rollback = true;
        const auto counted = scene.ask("petra", "issue", {{"what", "x"}, {"trigger", each.key}});
        CHECK(due_of(*counted, "automatic_rollback").has_value() == immediate);
    }
    auto scene = live();
    CHECK(
        outcome_of(scene.ask("petra", "issue", {{"what", "x"}, {"trigger", "bad luck"}})) == "trigger_unknown"
    );
}

TEST_CASE(
    "what fits no trigger is urgent all the same: on-call gets the rollback's button", "[commands][document]"
)
{
    for (const auto& [severity, urgent] : {std::pair{"P0", true}, {"P1", true}, {"P2", false}}) {
        INFO(severity);
        auto scene = live();
        const auto decision = scene.ask("petra", "issue", {{"what", "Odd totals"}, {"severity", severity}});
        const auto messages = all_of<DirectMessage>(*decision);
        REQUIRE(messages.size() == (urgent ? 1 : 0));
        if (urgent) {
            CHECK(messages.front().user == id_of("bob"));
            CHECK(messages.front().sentence.id == "issue_to_on_call");
            CHECK(messages.front().buttons.front().verb == "rollback");
            CHECK(messages.front().buttons.front().fields.at("reason") == "Odd totals");
        }
        const auto own = scene.ask("bob", "issue", {{"what", "Odd totals"}, {"severity", severity}});
        CHECK(all_of<DirectMessage>(*own).empty());  // who reports it knows
    }
    auto back = live(Stage::rolling_back);
    const auto during = back.ask("petra", "issue", {{"what", "Odd totals"}, {"severity", "P0"}});
    CHECK(all_of<DirectMessage>(*during).front().buttons.empty());  // it is rolled back already
}

TEST_CASE("an automatic rollback counts down, visibly, and can be stopped", "[commands][document]")
{
    auto scene = live();
    scene.policy.automatic_rollback = true;
    const auto alert = scene.observe(signal_of("security", "CVE-2026-1"));
    CHECK(due_of(alert, "automatic_rollback") == scene.now + 120s);
    const auto message = all_of<DirectMessage>(alert).front();
    CHECK(message.sentence.id == "automatic_rollback_soon");
    CHECK(message.buttons.front().verb == "rollback");
    CHECK(message.buttons.back().verb == "hold");
    scene.take("slipway", alert);
    const boost::json::object facts{{"reason", "Security vulnerability"}};
    SECTION("it runs when the time is over")
    {
        const auto rollback = events_of<RollbackStarted>(scene.fire("automatic_rollback", facts));
        REQUIRE(rollback.size() == 1);
        CHECK(rollback.front().automatic);
    }
    SECTION("the bot was away at its time: it asks instead of rolling back by itself")
    {
        scene.now += 120s + 1min;
        CHECK_FALSE(events_of<RollbackStarted>(scene.fire("automatic_rollback", facts)).empty());
        scene.now += 1ms;
        const auto late = scene.fire("automatic_rollback", facts);
        CHECK(events_of<RollbackStarted>(late).empty());
        const auto asked = all_of<DirectMessage>(late);
        REQUIRE(asked.size() == 1);
        CHECK(asked.front().user == id_of("bob"));
        CHECK(asked.front().sentence.id == "automatic_rollback_missed");
        CHECK(asked.front().buttons.front().verb == "rollback");
        scene.take("slipway", late);
        CHECK_FALSE(automatic_rollback_at(scene.deployment));  // the card counts down no more
    }
    SECTION("somebody holds it")
    {
        const auto held = scene.say("bob", "hold");
        const auto change = std::find_if(held.timers.begin(), held.timers.end(), [](const TimerChange& each) {
            return each.name == "automatic_rollback";
        });
        REQUIRE(change != held.timers.end());
        CHECK_FALSE(change->due);
    }
    SECTION("the trouble is resolved meanwhile: there is no reason any more")
    {
        scene.say("bob", "update", {{"note", "A false alarm"}, {"status", "Resolved"}});
        CHECK(events_of<RollbackStarted>(scene.fire("automatic_rollback", facts)).empty());
    }
    SECTION("a second trigger does not put it off")
    {
        scene.now += 100s;
        const auto second = scene.observe(signal_of("database_corruption", "a broken page"));
        CHECK_FALSE(due_of(second, "automatic_rollback"));
    }
    SECTION("it is switched off meanwhile")
    {
        scene.policy.automatic_rollback = false;
        CHECK(scene.fire("automatic_rollback", facts).events.empty());
    }
    SECTION("never of a rollback")
    {
        scene.say("bob", "rollback");
        CHECK(scene.fire("automatic_rollback", facts).events.empty());
    }
}

}  // namespace slipway::testing
