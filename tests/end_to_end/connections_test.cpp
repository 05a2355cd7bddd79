// Connections to Slack that are refused, renewed, cut or dead, and what is said meanwhile.
#include "tests/end_to_end/live_deployment.hpp"

#include <catch2/generators/catch_generators.hpp>

#include <algorithm>

namespace demo {

namespace {

using Kind = simulator::Entry::Kind;

constexpr auto sign_offs_recorded = "SELECT count(*) FROM events WHERE kind = 'signed_off'";

/// Lets `time` pass by `step`, both sides at work, until `holds`. False when it never did.
bool within(
    BotInSimulator& world,
    std::chrono::milliseconds time,
    std::chrono::milliseconds step,
    const std::function<bool()>& holds
)
{
    const auto ends = world.clock.steady_now() + time;
    while (!holds() && world.clock.steady_now() < ends) {
        world.clock.advance(step);
        (void)world.until(holds, 40ms);  // pings are answered meanwhile
    }
    return holds();
}

struct Planned : PlannedDeployment {
    Planned()
    {
        REQUIRE(until([&] { return server.hub.connections() == 2; }));
    }

    /// Slack's last attempt is over.
    void let_slack_give_up()
    {
        const auto is_lost = [&] { return server.hub.all_sent().back().lost; };
        REQUIRE(within(*this, 10min, 10s, is_lost));
    }

    /// The event that told of the message `ts`, or null.
    [[nodiscard]] const simulator::Sent* told_of(const std::string& ts) const
    {
        for (const auto& sent : server.hub.all_sent()) {
            if (sent.type == "events_api" && json::serialize(sent.payload).find(ts) != std::string::npos) {
                return &sent;
            }
        }
        return nullptr;
    }

    [[nodiscard]] std::size_t acknowledged(const std::string& envelope) const
    {
        return server.transcript.of(Kind::ack, envelope).size();
    }
};

std::string readiness(BotInSimulator& world)
{
    slipway::net::HttpRequest request;
    request.url = "/readyz";
    const auto response = world.ask_bot(std::move(request));
    return std::to_string(response.status) + " " + response.body;
}

}  // namespace

TEST_CASE("what was said while the bot was away is heard after its start, once", "[end_to_end][connections]")
{
    Planned world;
    world.stop_bot();
    world.petra_replies();
    world.let_slack_give_up();
    world.start_bot();
    REQUIRE(world.until([&] { return world.rows(sign_offs_recorded) == Rows{"1"}; }));
    REQUIRE(world.settle());
    CHECK(thread_says(world, "D-1", "Petra Pohl signed off"));
    world.stop_bot();
    world.start_bot();
    world.petra.types("/deploy withdraw D-1");
    REQUIRE(world.settle());
    CHECK(world.rows(sign_offs_recorded) == Rows{"1"});
    CHECK(world.server.linear.comments.size() == 2);
}

TEST_CASE(
    "what was said while there was no connection is heard when there is one again",
    "[end_to_end][connections]"
)
{
    Planned world;
    world.network_fails_at = slipway::net::Step::connect;
    world.server.hub.cut();
    REQUIRE(world.until([&] { return !world.is_ready() && world.server.hub.connections() == 0; }));
    CHECK(readiness(world).starts_with("503 not ready: "));
    world.petra_replies();
    world.let_slack_give_up();
    CHECK(world.rows(sign_offs_recorded) == Rows{"0"});
    world.network_fails_at.reset();
    REQUIRE(within(world, 10min, 2s, [&] { return world.rows(sign_offs_recorded) == Rows{"1"}; }));
    REQUIRE(world.settle());
    CHECK(readiness(world) == "200 ready\n");
    CHECK(world.server.linear.comments.size() == 1);
}

TEST_CASE(
    "who is deactivated keeps the bot neither from running nor from starting", "[end_to_end][connections]"
)
{
    Planned world;  // for Bob's on-call, in Alice's sprint
    CHECK(card_text(world, "D-1").find("<@U0BOB>") != std::string::npos);
    world.server.workspace.users.at("U0BOB").deleted = true;
    const bool at_start = GENERATE(true, false);
    CAPTURE(at_start);
    if (at_start) {
        world.stop_bot();
        world.start_bot();
    }
    else {
        world.advance(6min);
    }
    REQUIRE(world.until([&] { return was_told(world, "U0DANA", "U0BOB is deactivated in Slack"); }));
    REQUIRE(world.settle());
    CHECK(was_told(world, "U0ALICE", "was on call for D-1"));
    CHECK(card_text(world, "D-1").find("*On-call*: <@U0ALICE>") != std::string::npos);
    CHECK(readiness(world) == "200 ready\nslipway.toml and Slack differ: U0BOB is deactivated in Slack\n");
    world.stop_bot();
    world.start_bot();
    world.advance(6min);
    CHECK(times_told(world, "U0DANA", "U0BOB is deactivated in Slack") == 1);
}

TEST_CASE(
    "nothing that was said to a half-open connection is lost, and it is replaced within 15 s",
    "[end_to_end][connections]"
)
{
    Planned world;
    world.server.faults.add({.on = "hello", .what = What::half_open});
    const auto& hub = world.server.hub;
    const auto before = hub.ever_connected();
    world.server.hub.disconnect("refresh_requested", false);
    REQUIRE(world.until([&] { return hub.ever_connected() == before + 1; }));
    const auto died = world.clock.steady_now();
    world.petra_replies();  // each connection in turn: one of the two goes to the dead one
    world.server.people.reply("U0JANE", deploys, card_of(world, "D-1")->ts, "Stakeholder sign-off: Jane Doe");
    REQUIRE(within(world, 20s, 500ms, [&] { return hub.ever_connected() == before + 2; }));
    CHECK(world.clock.steady_now() - died <= 15s);
    CHECK(world.is_ready());
    REQUIRE(within(world, 10min, 1s, [&] { return world.rows(sign_offs_recorded) == Rows{"2"}; }));
}

TEST_CASE("a refused handshake is tried with a new ticket, in one loop only", "[end_to_end][connections]")
{
    BotInSimulator world;
    const int status = GENERATE(409, 408, 503);
    CAPTURE(status);
    world.server.faults.add({.on = "link", .what = What::status, .times = 3, .status = status});
    world.start_bot();
    const auto& hub = world.server.hub;
    REQUIRE(world.until([&] { return hub.connections() == 2; }));
    CHECK(world.server.transcript.calls("apps.connections.open") == 3 + 2);
    CHECK_FALSE(within(world, 1min, 2s, [&] { return hub.ever_connected() > 2; }));
    CHECK(world.server.transcript.calls("apps.connections.open") == 3 + 2);
}

TEST_CASE("Socket Mode that was switched off is named where the operator looks", "[end_to_end][connections]")
{
    BotInSimulator world;
    world.start_bot();
    world.server.hub.disconnect("link_disabled");
    REQUIRE(world.until([&] { return !world.is_ready(); }));
    CHECK(
        readiness(world) ==
        "503 not ready: Socket Mode is switched off for this app; switch it on under Settings, Socket Mode\n"
    );
}

TEST_CASE(
    "one envelope on two sockets is acted on once and acknowledged on both", "[end_to_end][connections]"
)
{
    Planned world;
    world.server.faults.add({.on = "envelope", .what = What::duplicate});
    const auto ts = world.petra_replies();
    const auto envelope = world.told_of(ts)->envelope_id;
    REQUIRE(world.until([&] { return world.acknowledged(envelope) == 2; }));
    REQUIRE(world.settle());
    CHECK(world.rows(sign_offs_recorded) == Rows{"1"});
    CHECK(world.server.linear.comments.size() == 1);
}

TEST_CASE("whichever acknowledgement of a command wins, it holds the answer", "[end_to_end][connections]")
{
    Planned world;
    simulator::Fault twice;
    twice.on = "envelope";
    twice.what = What::duplicate;
    world.server.faults.add(twice);
    const auto* command = GENERATE("help", "check D-1");
    const auto envelope = world.server.people.slash("U0BOB", deploys, "/deploy", command);
    REQUIRE(world.until([&] { return world.acknowledged(envelope) == 2; }));
    for (const auto& each : world.server.transcript.of(Kind::ack, envelope)) {
        CHECK(each.facts.at("answers").as_bool());
    }
}

TEST_CASE("an event is acted on once, whichever of its attempts arrives first", "[end_to_end][connections]")
{
    Planned world;
    const int lost = GENERATE(1, 2, 3);
    CAPTURE(lost);
    world.server.faults.add({.on = "envelope", .what = What::drop, .times = lost});
    const auto ts = world.petra_replies();
    REQUIRE(within(world, 10min, 2s, [&] { return world.rows(sign_offs_recorded) == Rows{"1"}; }));
    CHECK(world.told_of(ts)->attempt >= lost);
    const auto payload = world.told_of(ts)->payload;
    for (int again = 0; again < 3; ++again) {
        world.server.hub.send("events_api", payload, false);
    }
    const auto& hub = world.server.hub;
    REQUIRE(within(world, 10min, 2s, [&] { return hub.answered() == hub.all_sent().size(); }));
    CHECK(world.rows(sign_offs_recorded) == Rows{"1"});
}

TEST_CASE("what was delivered before a warning is acknowledged after it", "[end_to_end][connections]")
{
    Planned world;
    const auto* reason = GENERATE("warning", "refresh_requested");
    CAPTURE(reason);
    world.server.faults.add({.on = "users.info", .what = What::delay, .delay = 500ms});
    const auto envelope = world.server.people.slash("U0JOSE", deploys, "/deploy", "list");
    REQUIRE(world.until([&] { return !world.server.transcript.of(Kind::fault).empty(); }));
    CHECK(world.acknowledged(envelope) == 0);
    world.server.hub.disconnect(reason);
    REQUIRE(world.until([&] { return world.acknowledged(envelope) == 1; }));
    CHECK(world.server.hub.sent(envelope)->acked);
    REQUIRE(world.settle());
    CHECK(was_whispered(world, "U0JOSE", "D-1"));
}

}  // namespace demo
