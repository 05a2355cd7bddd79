// One test for each of the document's rollback triggers, with its threshold and both sides of it.
#include "commands/pipeline/triggers.hpp"

#include "tests/commands/scene.hpp"

namespace slipway::testing {

namespace {

Finding found(const boost::json::object& facts, Scene& scene)
{
    Signal signal;
    signal.service = "web";
    signal.kind = std::string(facts.at("kind").as_string());
    if (const auto* rate = facts.if_contains("error_rate")) {
        signal.error_rate = rate->to_number<double>();
    }
    if (const auto* baseline = facts.if_contains("baseline")) {
        signal.baseline = baseline->to_number<double>();
    }
    return judge_signal(signal, scene.now, scene.policy).finding;
}

Finding error_rate(double rate, double baseline, ErrorRateUnit unit = ErrorRateUnit::relative)
{
    Scene scene;
    scene.policy.error_rate_unit = unit;
    return found({{"kind", "error_rate"}, {"error_rate", rate}, {"baseline", baseline}}, scene);
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

Scene live(Stage stage = Stage::watching)
{
    Scene scene;
    scene.reach(stage);
    return scene;
}

/// An immediate trigger: a P0 is raised in the document's words, the on-call developer is pinged with the
/// evidence and one press that rolls back.
void check_alert(
    const Decision& decision, const std::string& name, const std::string& action, Priority severity
)
{
    const auto raised = events_of<IssueRaised>(decision);
    REQUIRE(raised.size() == 1);
    CHECK(raised.front().what.starts_with(name));
    CHECK(raised.front().severity == severity);
    const auto messages = all_of<DirectMessage>(decision);
    REQUIRE(messages.size() == 1);
    CHECK(messages.front().user == id_of("bob"));
    CHECK(messages.front().sentence.id == "trigger_fired");
    CHECK(messages.front().sentence.facts.at("action").as_string() == action);
    CHECK(messages.front().buttons.front().at("verb") == "rollback");
    const auto notices = all_of<Notice>(decision);
    REQUIRE(notices.size() == 1);
    CHECK(notices.front().kind == "escalation");
    const auto& pings = notices.front().pings;
    CHECK(std::find(pings.begin(), pings.end(), id_of("bob")) != pings.end());
    CHECK(events_of<RollbackStarted>(decision).empty());  // the person decides
}

const TriggerRow& row(const std::string& key)
{
    static const auto rows = trigger_rows(document_policy());
    const auto found =
        std::find_if(rows.begin(), rows.end(), [&](const TriggerRow& each) { return each.key == key; });
    REQUIRE(found != rows.end());
    return *found;
}

}  // namespace

TEST_CASE("Trigger: Error rate increase, > 5% from baseline, Immediate rollback", "[commands][document]")
{
    CHECK(row("error_rate").name == "Error rate increase");
    CHECK(row("error_rate").threshold == "> 5% from baseline");
    CHECK(row("error_rate").action == "Immediate rollback");
    CHECK(row("error_rate").trigger_class == TriggerClass::immediate);
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
    SECTION("it pings with both numbers")
    {
        const auto decision =
            live(Stage::deploying)
                .observe({{"service", "web"}, {"kind", "error_rate"}, {"error_rate", 6.1}, {"baseline", 1.0}}
                );
        check_alert(decision, "Error rate increase", "Immediate rollback", Priority::p0);
        CHECK(events_of<IssueRaised>(decision).front().evidence == "6.1 % against a baseline of 1.0 %");
    }
}

TEST_CASE(
    "Trigger: Critical feature non-functional (Login, payments, email broken), Immediate rollback",
    "[commands][document]"
)
{
    CHECK(row("critical_feature").name == "Critical feature non-functional");
    CHECK(row("critical_feature").threshold == "Login, payments, email broken");
    for (const auto* feature : {"login", "payments", "email"}) {
        INFO(feature);
        check_alert(
            live().observe(signal_of("critical_feature", feature)),
            "Critical feature non-functional: " + std::string(feature),
            "Immediate rollback",
            Priority::p0
        );
    }
}

TEST_CASE(
    "Trigger: Database corruption, any detected, Immediate rollback + investigation", "[commands][document]"
)
{
    CHECK(row("database_corruption").name == "Database corruption");
    CHECK(row("database_corruption").threshold == "Any detected corruption");
    check_alert(
        live().observe(signal_of("database_corruption", "a broken page")),
        "Database corruption",
        "Immediate rollback + investigation",
        Priority::p0
    );
}

TEST_CASE(
    "Trigger: Security vulnerability, any exposed, Immediate rollback + security response",
    "[commands][document]"
)
{
    CHECK(row("security").name == "Security vulnerability");
    CHECK(row("security").threshold == "Any exposed vulnerability");
    check_alert(
        live().observe(signal_of("security", "CVE-2026-1")),
        "Security vulnerability",
        "Immediate rollback + security response",
        Priority::p0
    );
}

TEST_CASE(
    "Trigger: User-reported issues, > 10 tickets within 1 hour, Evaluate, likely rollback",
    "[commands][document]"
)
{
    CHECK(row("tickets").name == "User-reported issues");
    CHECK(row("tickets").threshold == "> 10 tickets within 1 hour");
    CHECK(row("tickets").trigger_class == TriggerClass::evaluate);
    auto scene = live();
    const auto now = scene.now;
    CHECK(scene.observe(tickets(10, 50min, now)).events.empty());
    check_alert(
        scene.observe(tickets(11, 50min, now)),
        "User-reported issues",
        "Evaluate, likely rollback",
        Priority::p1
    );
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

TEST_CASE("an automatic rollback counts down, visibly, and can be stopped", "[commands][document]")
{
    auto scene = live();
    scene.policy.automatic_rollback = true;
    const auto alert = scene.observe(signal_of("security", "CVE-2026-1"));
    CHECK(due_of(alert, "automatic_rollback") == scene.now + 120s);
    const auto message = all_of<DirectMessage>(alert).front();
    CHECK(message.sentence.id == "automatic_rollback_soon");
    CHECK(message.buttons.front().at("verb") == "rollback");
    CHECK(message.buttons.back().at("verb") == "hold");
    scene.take("slipway", alert);
    const boost::json::object facts{{"reason", "Security vulnerability"}};
    SECTION("it runs when the time is over")
    {
        const auto rollback = events_of<RollbackStarted>(scene.fire("automatic_rollback", facts));
        REQUIRE(rollback.size() == 1);
        CHECK(rollback.front().automatic);
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
