// The five triggers, by signal and by Prometheus, and the automatic rollback (pipeline document, Immediate
// Rollback Triggers; design 4.11).
#include "tests/end_to_end/live_deployment.hpp"

#include <algorithm>

namespace demo {

namespace {

using Rows = std::vector<std::string>;

constexpr auto issues = "SELECT count(*) FROM events WHERE kind = 'issue_raised'";
constexpr auto high = R"({"id":"high","service":"web","kind":"error_rate","error_rate":6.1,"baseline":1.0})";

bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

BotInSimulator::Options automatic()
{
    BotInSimulator::Options options;
    options.config = example_config() + "[triggers]\nautomatic_rollback = true\n";
    return options;
}

BotInSimulator::Options watched_by_prometheus()
{
    BotInSimulator::Options options;
    options.config = example_config();
    const std::string web = "name = \"web\"\n";
    options.config.insert(
        options.config.find(web) + web.size(), "error_rate_query = \"errors{job='web'} * 100\"\n"
    );
    options.config += "[prometheus]\nurl = \"{prometheus}\"\n";
    return options;
}

/// `count` tickets, one a minute, the newest now.
std::string tickets(const BotInSimulator& world, const std::string& id, int count)
{
    std::string list;
    for (int minutes = 0; minutes < count; ++minutes) {
        const auto at =
            std::chrono::floor<std::chrono::milliseconds>(world.clock.now()) - std::chrono::minutes{minutes};
        list += (list.empty() ? "\"" : ",\"") + date::format("%FT%TZ", at) + "\"";
    }
    return R"({"id":")" + id + R"(","service":"web","kind":"tickets","tickets":[)" + list + "]}";
}

}  // namespace

TEST_CASE("each trigger tells on-call its evidence and the document's action", "[end_to_end][triggers]")
{
    struct Row {
        const char* signal;
        const char* evidence;
        const char* action;
    };

    const std::vector<Row> table{
        {R"({"id":"1","service":"web","kind":"error_rate","error_rate":1.051,"baseline":1.0})",
         "1.051 % against a baseline of 1.0 %",
         "Immediate rollback."},
        {R"({"id":"2","service":"web","kind":"critical_feature","detail":"Payments broken"})",
         "Critical feature non-functional: Payments broken",
         "Immediate rollback."},
        {R"({"id":"3","service":"web","kind":"database_corruption","detail":"Checksums differ"})",
         "Database corruption: Checksums differ",
         "Immediate rollback + investigation."},
        {R"({"id":"4","service":"web","kind":"security","detail":"Key in the page"})",
         "Security vulnerability: Key in the page",
         "Immediate rollback + security response."},
    };
    StartedDeployment world;
    int raised = 0;
    for (const auto& row : table) {
        CAPTURE(row.signal);
        CHECK(world.send_signal(row.signal) == 202);
        REQUIRE(world.settle());
        CHECK(was_told(world, "U0BOB", row.evidence));
        CHECK(was_told(world, "U0BOB", row.action));
        CHECK(world.rows(issues) == Rows{std::to_string(++raised)});
    }
    CHECK(world.send_signal(tickets(world, "5", 10)) == 202);
    CHECK(world.rows(issues) == Rows{"4"});
    CHECK(world.send_signal(tickets(world, "6", 11)) == 202);
    REQUIRE(world.settle());
    CHECK(was_told(world, "U0BOB", "11 tickets within 60 minutes"));
    CHECK(was_told(world, "U0BOB", "Evaluate, likely rollback."));
    CHECK(times_said(world, "Deployment Issue Detected") == 5);
    REQUIRE(world.bob.presses_in_messages("verb:rollback"));
    CHECK(world.stage() == "rolling back");
}

TEST_CASE("a trigger is also raised by hand", "[end_to_end][triggers]")
{
    StartedDeployment world;
    world.petra.types("/deploy issue D-1 Clients cannot pay");
    SECTION("of the document's rows")
    {
        REQUIRE(world.petra.submits({{"severity", "P1"}, {"trigger", "critical_feature"}}));
        CHECK(was_told(
            world, "U0BOB", "Critical feature non-functional: Clients cannot pay. Immediate rollback."
        ));
        CHECK(contains(card_text(world, "D-1"), "*P0*"));
    }
    SECTION("or none of them")
    {
        REQUIRE(world.petra.submits({{"severity", "P0"}}));
        CHECK(was_told(world, "U0BOB", "P0: Clients cannot pay"));
    }
    CHECK(times_said(world, "Deployment Issue Detected") == 1);
    CHECK(contains(card_text(world, "D-1"), "Clients cannot pay"));
    REQUIRE(world.bob.presses_in_messages("verb:rollback"));
    CHECK(world.stage() == "rolling back");
}

TEST_CASE("what was failing before the start is shown as that, and is no trigger", "[end_to_end][triggers]")
{
    Team world;
    REQUIRE(world.alice.plans());
    world.advance_to("2026-11-24 21:50");
    CHECK(
        world.send_signal(R"({"id":"1","service":"web","kind":"critical_feature","detail":"E-mail broken"})"
        ) == 202
    );
    world.advance_to("2026-11-24 22:00");
    world.dana.types("/deploy start D-1 It cannot wait");
    CHECK(
        world.send_signal(R"({"id":"2","service":"web","kind":"critical_feature","detail":"E-mail broken"})"
        ) == 202
    );
    CHECK(
        world.send_signal(
            R"({"id":"3","service":"web","kind":"error_rate","error_rate":9,"baseline":1,"was_failing_before":true})"
        ) == 202
    );
    REQUIRE(world.settle());
    CHECK(thread_says(world, "D-1", "E-mail broken. It was already failing before this deployment"));
    CHECK(thread_says(world, "D-1", "9.0 % against a baseline of 1.0 %. It was already failing before"));
    CHECK(world.rows(issues) == Rows{"0"});
    // Something else of the same kind is a trigger.
    CHECK(
        world.send_signal(R"({"id":"4","service":"web","kind":"critical_feature","detail":"Login broken"})"
        ) == 202
    );
    CHECK(world.rows(issues) == Rows{"1"});
}

TEST_CASE("missing data is unknown, never fine, and said once", "[end_to_end][triggers]")
{
    StartedDeployment world;
    CHECK(world.send_signal(R"({"id":"1","service":"web","kind":"error_rate","error_rate":2})") == 202);
    CHECK(world.send_signal(R"({"id":"2","service":"web","kind":"error_rate","error_rate":3})") == 202);
    REQUIRE(world.settle());
    CHECK(times_said(world, "I can't read Error rate increase (2.0 %, no baseline)") == 1);
    CHECK(times_said(world, "I can't read") == 1);
    CHECK(world.rows(issues) == Rows{"0"});
}

TEST_CASE(
    "Prometheus is asked while it is live; the baseline is from before the start", "[end_to_end][triggers]"
)
{
    StartedDeployment world(watched_by_prometheus());
    auto& prometheus = world.server.prometheus;
    const auto started =
        slipway::instant_from(world.rows("SELECT at FROM events WHERE kind = 'started'").front());
    const auto before = std::chrono::floor<std::chrono::seconds>(started - std::chrono::minutes{1});
    prometheus.asked.clear();
    double rate = 1.04;
    prometheus.value = [&](const simulator::Prometheus::Question& question) {
        return std::optional(question.at < started ? 1.0 : rate);
    };
    world.advance(2min);
    REQUIRE(world.until([&] { return prometheus.asked.size() >= 2; }));
    CHECK(prometheus.asked[0].expression == "errors{job='web'} * 100");
    CHECK(prometheus.asked[0].at == before);
    CHECK(prometheus.asked[1].at > started);
    CHECK(world.rows(issues) == Rows{"0"});
    rate = 7.25;
    world.advance(2min);
    REQUIRE(world.until([&] { return was_told(world, "U0BOB", "7.25 % against a baseline of 1.0 %"); }));
    world.advance(5min);
    CHECK(world.rows(issues) == Rows{"1"});
    REQUIRE(world.bob.presses_in_messages("verb:rollback"));
    CHECK(world.stage() == "rolling back");
}

TEST_CASE("each deployment is judged by the baseline of its own start", "[end_to_end][triggers]")
{
    StartedDeployment world(watched_by_prometheus());
    world.complete();
    world.advance(30min);
    world.plan_another();
    world.dana.types("/deploy start D-2 This one too");
    REQUIRE(world.stage(2) == "deploying");
    const auto starts = world.rows("SELECT at FROM events WHERE kind = 'started' ORDER BY seq");
    REQUIRE(starts.size() == 2);
    auto& prometheus = world.server.prometheus;
    prometheus.asked.clear();
    std::string worse_since;
    std::string alerted;
    SECTION("D-1 made it worse, long before D-2 was there")
    {
        worse_since = starts[0];
        alerted = "D-1";
    }
    SECTION("it is worse since D-2 than ever before: one alert, though both are watched")
    {
        worse_since = starts[1];
        alerted = "D-2";
    }
    prometheus.value = [since = slipway::instant_from(worse_since)](
                           const simulator::Prometheus::Question& question
                       ) { return std::optional(question.at < since ? 1.0 : 3.0); };
    world.advance(2min);
    REQUIRE(world.until([&] { return world.rows(issues) != Rows{"0"}; }));
    world.advance(5min);
    CHECK(world.rows("SELECT deployment FROM events WHERE kind = 'issue_raised'") == Rows{alerted});
}

TEST_CASE("a Prometheus that does not answer leaves the error rate unknown", "[end_to_end][triggers]")
{
    BotInSimulator::Options options = watched_by_prometheus();
    StartedDeployment world(options);
    SECTION("it is away")
    {
        simulator::Fault fault;
        fault.on = "prometheus";
        fault.what = simulator::Fault::What::reset;
        fault.times = 0;
        world.server.faults.add(fault);
    }
    SECTION("it knows no such series")
    {
        world.server.prometheus.value = [](const auto&) { return std::nullopt; };
    }
    world.advance(2min);
    CHECK(world.until([&] { return thread_says(world, "D-1", "I can't read Error rate increase (no data)"); })
    );
    world.advance(10min);
    CHECK(times_said(world, "I can't read") == 1);
    CHECK(world.rows(issues) == Rows{"0"});
}

TEST_CASE("an automatic rollback counts down for all to see, then begins", "[end_to_end][triggers]")
{
    StartedDeployment world(automatic());
    CHECK(world.send_signal(high) == 202);
    REQUIRE(world.settle());
    CHECK(thread_says(world, "D-1", "It will be rolled back in 120 seconds unless"));
    CHECK(contains(card_text(world, "D-1"), "Rolls back automatically in 1"));
    world.clock.advance(60s);
    CHECK(world.until([&] {
        return contains(card_text(world, "D-1"), "Rolls back automatically in 5") ||
               contains(card_text(world, "D-1"), "Rolls back automatically in 4");
    }));
    CHECK(world.stage() == "deploying");
    world.advance(1min);
    CHECK(world.stage() == "rolling back");
    CHECK(
        world.rows(
            "SELECT actor, json_extract(body, '$.automatic') FROM events WHERE kind = 'rollback_started'"
        ) == Rows{"slipway|1"}
    );
    CHECK_FALSE(contains(card_text(world, "D-1"), "Rolls back automatically"));
    CHECK(was_told(world, "U0DANA", "is rolling back D-1"));
}

TEST_CASE("Cancel stops the automatic rollback", "[end_to_end][triggers]")
{
    StartedDeployment world(automatic());
    CHECK(world.send_signal(high) == 202);
    REQUIRE(world.settle());
    SECTION("on the card") { REQUIRE(world.dana.presses("D-1", "verb:hold")); }
    SECTION("in the alert") { REQUIRE(world.bob.presses_in_messages("verb:hold:2")); }
    SECTION("by verb") { world.bob.types("/deploy hold D-1"); }
    CHECK(thread_says(world, "D-1", "stopped the automatic rollback"));
    CHECK_FALSE(contains(card_text(world, "D-1"), "Rolls back automatically"));
    world.advance(10min);
    CHECK(world.stage() == "deploying");
}

TEST_CASE("not everybody may cancel it", "[end_to_end][triggers]")
{
    StartedDeployment world(automatic());
    CHECK(world.send_signal(high) == 202);
    REQUIRE(world.settle());
    REQUIRE(world.petra.presses("D-1", "verb:hold"));
    world.advance(2min);
    CHECK(world.stage() == "rolling back");
}

TEST_CASE("a rollback is never rolled back by itself", "[end_to_end][triggers]")
{
    StartedDeployment world(automatic());
    world.complete();
    world.plan_another();
    world.dana.types("/deploy start D-2 This one too");
    REQUIRE(world.stage(2) == "deploying");
    world.bob.types("/rollback D-2 Errors at login");
    REQUIRE(world.stage(2) == "rolling back");
    // What is still failing while D-2 goes back must not take D-1 back too.
    CHECK(world.send_signal(high) == 202);
    world.advance(5min);
    CHECK(world.stage(1) == "watching");
    CHECK(world.stage(2) == "rolling back");
    CHECK(was_told(world, "U0BOB", "6.1 % against a baseline of 1.0 %"));
    CHECK(world.rows("SELECT count(*) FROM events WHERE kind = 'rollback_started'") == Rows{"1"});
}

TEST_CASE("signals of a service that nobody deploys change nothing", "[end_to_end][triggers]")
{
    Team world;
    CHECK(world.send_signal(high) == 202);
    CHECK(world.rows("SELECT * FROM events WHERE kind <> 'rotation_set'").empty());
}

}  // namespace demo
