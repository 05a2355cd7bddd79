#include "bot/slack/socket_mode.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

namespace slipway::slack {

namespace {

using namespace std::chrono_literals;

/// Socket Mode with a clock in its hand.
struct Bench {
    SteadyTime now = SteadyTime{} + 1h;
    SeededRandom random{7};
    SocketMode protocol;

    explicit Bench(int slots = 2) : protocol(slots, random, now) {}

    /// Lets `time` pass in small steps and gathers what is to be done.
    SocketActions pass(std::chrono::milliseconds time)
    {
        SocketActions all;
        for (const auto ends = now + time; now < ends; now += 100ms) {
            auto actions = protocol.tick(now);
            all.insert(all.end(), actions.begin(), actions.end());
        }
        return all;
    }

    /// The next connection that is to be opened, by `already` or within `time`.
    std::optional<ConnectionId> opening_within(std::chrono::milliseconds time, SocketActions already = {})
    {
        for (const auto ends = now + time; now < ends; now += 50ms) {
            auto actions = protocol.tick(now);
            actions.insert(actions.begin(), already.begin(), already.end());
            for (const auto& action : actions) {
                if (const auto* open = std::get_if<OpenConnection>(&action)) {
                    return open->connection;
                }
            }
        }
        return std::nullopt;
    }

    /// The same, opened and greeted.
    std::optional<ConnectionId> live_within(
        std::chrono::milliseconds time, int life_seconds = 18'060, SocketActions already = {}
    )
    {
        const auto id = opening_within(time, std::move(already));
        if (id) {
            (void)protocol.opened(*id, now);
            greet(*id, life_seconds);
        }
        return id;
    }

    void greet(ConnectionId id, int life_seconds = 18'060)
    {
        (void)protocol.text(
            id,
            R"({"type":"hello","num_connections":1,"debug_info":{"approximate_connection_time":)" +
                std::to_string(life_seconds) + "}}",
            now
        );
    }

    /// Answers pings for `time`, so that nothing is given up for dead.
    SocketActions live_on(std::chrono::milliseconds time)
    {
        SocketActions all;
        for (const auto ends = now + time; now < ends; now += 1s) {
            for (const auto& action : protocol.tick(now)) {
                if (const auto* ping = std::get_if<SendPing>(&action)) {
                    protocol.heard(ping->connection, now);
                }
                all.push_back(action);
            }
        }
        return all;
    }
};

template <class Action>
long count(const SocketActions& actions)
{
    return std::count_if(actions.begin(), actions.end(), [](const SocketAction& each) {
        return std::holds_alternative<Action>(each);
    });
}

template <class Action>
bool names(const SocketActions& actions, ConnectionId id)
{
    return std::any_of(actions.begin(), actions.end(), [id](const SocketAction& each) {
        const auto* action = std::get_if<Action>(&each);
        return action != nullptr && action->connection == id;
    });
}

std::string disconnect(const std::string& reason)
{
    return R"({"type":"disconnect","reason":")" + reason + "\"}";
}

}  // namespace

TEST_CASE("two connections, the second a little later", "[bot][socket_mode]")
{
    Bench bench;
    CHECK(count<OpenConnection>(bench.protocol.tick(bench.now)) == 1);
    CHECK(count<OpenConnection>(bench.pass(5s)) == 1);
    CHECK(bench.protocol.health().live == 0);
}

TEST_CASE("a connection is usable only after its hello, and is given up without one", "[bot][socket_mode]")
{
    Bench bench(1);
    const auto opened = bench.protocol.tick(bench.now);
    const auto id = std::get<OpenConnection>(opened.front()).connection;
    (void)bench.protocol.opened(id, bench.now);
    CHECK(bench.protocol.health().live == 0);
    CHECK(names<AbortConnection>(bench.pass(11s), id));
}

TEST_CASE("a warned connection is left only when its replacement has said hello", "[bot][socket_mode]")
{
    for (const auto* reason : {"warning", "refresh_requested"}) {
        CAPTURE(reason);
        Bench bench(1);
        const auto first = bench.live_within(5s);
        REQUIRE(first);
        const auto told = bench.protocol.text(*first, disconnect(reason), bench.now);
        CHECK(count<CloseConnection>(told) + count<AbortConnection>(told) == 0);
        const auto second = bench.live_within(5s, 18'060, told);
        REQUIRE(second);
        CHECK(*second != *first);
        CHECK(bench.protocol.any_live() == second);
        CHECK(names<CloseConnection>(bench.live_on(20s), *first));
    }
}

TEST_CASE("too_many_websockets: leave first, come back late", "[bot][socket_mode]")
{
    Bench bench(1);
    const auto first = bench.live_within(5s);
    REQUIRE(first);
    CHECK(names<CloseConnection>(
        bench.protocol.text(*first, disconnect("too_many_websockets"), bench.now), *first
    ));
    CHECK(count<OpenConnection>(bench.pass(29s)) == 0);
    CHECK(count<OpenConnection>(bench.pass(90s)) == 1);
}

TEST_CASE("link_disabled: not ready, and asks again only after minutes", "[bot][socket_mode]")
{
    Bench bench(1);
    const auto first = bench.live_within(5s);
    REQUIRE(first);
    (void)bench.protocol.text(*first, disconnect("link_disabled"), bench.now);
    CHECK(bench.protocol.health().link_disabled);
    CHECK(bench.protocol.health().live == 0);
    CHECK(count<OpenConnection>(bench.pass(4min)) == 0);
    REQUIRE(bench.live_within(10min));
    CHECK_FALSE(bench.protocol.health().link_disabled);
}

TEST_CASE("a peer that does not answer pings is given up for dead", "[bot][socket_mode]")
{
    Bench bench(1);
    const auto first = bench.live_within(5s);
    REQUIRE(first);
    const auto before = bench.pass(9s);
    CHECK(names<SendPing>(before, *first));
    CHECK_FALSE(names<AbortConnection>(before, *first));
    CHECK(names<AbortConnection>(bench.pass(3s), *first));
}

TEST_CASE("a peer that answers lives on", "[bot][socket_mode]")
{
    Bench bench(1);
    const auto first = bench.live_within(5s);
    REQUIRE(first);
    CHECK(count<AbortConnection>(bench.live_on(10min)) == 0);
    CHECK(bench.protocol.any_live() == first);
}

TEST_CASE("rotation comes before the announced end", "[bot][socket_mode]")
{
    Bench bench(1);
    const auto first = bench.live_within(5s, 600);
    REQUIRE(first);
    CHECK(count<OpenConnection>(bench.live_on(530s)) == 0);
    CHECK(count<OpenConnection>(bench.live_on(60s)) >= 1);
}

TEST_CASE("back-off grows, spreads, and is forgotten after hello and 30 seconds", "[bot][socket_mode]")
{
    Bench bench(1);
    std::vector<std::chrono::milliseconds> waits;
    SocketActions pending;
    const auto next_connection = [&] {
        const auto begun = bench.now;
        const auto id = bench.opening_within(5min, std::exchange(pending, {}));
        REQUIRE(id);
        waits.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(bench.now - begun));
        return *id;
    };
    for (int i = 0; i < 12; ++i) {
        pending = bench.protocol.failed(next_connection(), bench.now);
    }
    CHECK(*std::max_element(waits.begin(), waits.end()) > 2s);
    CHECK(*std::max_element(waits.begin(), waits.end()) <= 61s);
    const auto id = next_connection();
    (void)bench.protocol.opened(id, bench.now);
    bench.greet(id);
    (void)bench.live_on(31s);
    pending = bench.protocol.closed(id, bench.now);
    (void)next_connection();
    CHECK(waits.back() <= 1s);
}

TEST_CASE("Retry-After is kept", "[bot][socket_mode]")
{
    Bench bench(1);
    const auto opened = bench.protocol.tick(bench.now);
    (void)bench.protocol.failed(std::get<OpenConnection>(opened.front()).connection, bench.now, 20s);
    CHECK(count<OpenConnection>(bench.pass(19s)) == 0);
    CHECK(count<OpenConnection>(bench.pass(60s)) == 1);
}

TEST_CASE(
    "every frame with an envelope id is delivered, and what is no JSON keeps its id", "[bot][socket_mode]"
)
{
    Bench bench(1);
    const auto id = bench.live_within(5s);
    REQUIRE(id);
    const auto text = [&](const std::string& frame) { return bench.protocol.text(*id, frame, bench.now); };
    const auto good =
        text(R"({"envelope_id":"e1","type":"anything","payload":{},"accepts_response_payload":true})");
    REQUIRE(good.size() == 1);
    CHECK(std::get<Deliver>(good.front()).envelope.id == "e1");
    CHECK(std::get<Deliver>(good.front()).envelope.accepts_response_payload);
    const auto cut = text(R"({"envelope_id":"e2","type":"events_api","payload":{"eve)");
    REQUIRE(cut.size() == 1);
    CHECK(std::get<DeliverBroken>(cut.front()).envelope_id == "e2");
    CHECK(text("").empty());
    CHECK(text("{}").empty());
    CHECK(text("nonsense").empty());
    CHECK(bench.protocol.health().without_id == 2);
}

TEST_CASE("after stop nothing is opened", "[bot][socket_mode]")
{
    Bench bench;
    const auto id = bench.live_within(5s);
    REQUIRE(id);
    CHECK(names<CloseConnection>(bench.protocol.stop(), *id));
    (void)bench.protocol.closed(*id, bench.now);
    CHECK(count<OpenConnection>(bench.pass(10min)) == 0);
}

}  // namespace slipway::slack
