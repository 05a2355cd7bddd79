#include "bot/slack/socket_mode.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace slipway::slack {

namespace {

using namespace std::chrono_literals;

std::string disconnect(const std::string& reason)
{
    return R"({"type":"disconnect","reason":")" + reason + "\"}";
}

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
    ConnectionId opening_within(std::chrono::milliseconds time, SocketActions already = {})
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
        FAIL("nothing is opened");
        return {};
    }

    /// The same, opened and greeted.
    ConnectionId live_within(
        std::chrono::milliseconds time, int life_seconds = 18'060, SocketActions already = {}
    )
    {
        const auto id = opening_within(time, std::move(already));
        (void)protocol.opened(id, now);
        greet(id, life_seconds);
        return id;
    }

    ConnectionId live(int life_seconds = 18'060) { return live_within(5s, life_seconds); }

    /// How many are opened in `time` where each ends after 100 ms, told to go if there is a `reason`.
    int attempts_within(std::chrono::milliseconds time, const std::string& reason, bool is_greeted)
    {
        int attempts = 0;
        SocketActions told;
        for (const auto ends = now + time; now < ends; ++attempts) {
            const auto id = opening_within(2min, std::exchange(told, {}));
            (void)protocol.opened(id, now);
            if (is_greeted) {
                greet(id);
            }
            now += 100ms;
            told = reason.empty() ? SocketActions{} : say(id, disconnect(reason));
            auto more = protocol.closed(id, now);
            told.insert(told.end(), more.begin(), more.end());
        }
        return attempts;
    }

    void greet(ConnectionId id, std::int64_t life_seconds = 18'060)
    {
        (void)say(
            id,
            R"({"type":"hello","num_connections":1,"debug_info":{"approximate_connection_time":)" +
                std::to_string(life_seconds) + "}}"
        );
    }

    SocketActions say(ConnectionId id, const std::string& frame) { return protocol.text(id, frame, now); }

    /// Answers pings for `time`, so that nothing is given up for dead.
    SocketActions live_on(std::chrono::milliseconds time)
    {
        SocketActions all;
        for (const auto ends = now + time; now < ends; now += 1s) {
            for (const auto& action : protocol.tick(now)) {
                if (const auto* ping = std::get_if<SendPing>(&action)) {
                    protocol.heard(ping->connection);
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

/// What is told to the operator, the bad news in capitals.
std::vector<std::string> told(const SocketActions& actions)
{
    std::vector<std::string> lines;
    for (const auto& action : actions) {
        if (const auto* tell = std::get_if<Tell>(&action)) {
            lines.push_back((tell->is_trouble ? "WARN " : "info ") + tell->what);
        }
    }
    return lines;
}

/// Whether exactly one line is told, and it is this bad or good news with `words` in it.
bool tells(const SocketActions& actions, const std::string& level, const std::string& words)
{
    const auto lines = told(actions);
    return lines.size() == 1 && lines.front().starts_with(level) &&
           lines.front().find(words) != std::string::npos;
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
    const auto id = bench.opening_within(1s);
    (void)bench.protocol.opened(id, bench.now);
    CHECK(bench.protocol.health().live == 0);
    CHECK(names<AbortConnection>(bench.pass(11s), id));
}

TEST_CASE("a warned connection is left only when its replacement has said hello", "[bot][socket_mode]")
{
    for (const auto* reason : {"warning", "refresh_requested"}) {
        CAPTURE(reason);
        Bench bench(1);
        const auto first = bench.live();
        const auto told = bench.say(first, disconnect(reason));
        CHECK(count<CloseConnection>(told) + count<AbortConnection>(told) == 0);
        const auto second = bench.live_within(5s, 18'060, told);
        CHECK(second != first);
        CHECK(bench.protocol.any_live() == second);
        CHECK(names<CloseConnection>(bench.live_on(20s), first));
    }
}

TEST_CASE("too_many_websockets: leave first, come back late", "[bot][socket_mode]")
{
    Bench bench(1);
    const auto first = bench.live();
    CHECK(names<CloseConnection>(bench.say(first, disconnect("too_many_websockets")), first));
    CHECK(count<OpenConnection>(bench.pass(29s)) == 0);
    CHECK(count<OpenConnection>(bench.pass(90s)) == 1);
}

TEST_CASE("link_disabled: not ready, and every slot asks again only after minutes", "[bot][socket_mode]")
{
    Bench bench;
    for (const auto id : {bench.live(), bench.live()}) {
        (void)bench.say(id, disconnect("link_disabled"));
    }
    CHECK(bench.protocol.health().link_disabled);
    CHECK(bench.protocol.health().live == 0);
    CHECK(count<OpenConnection>(bench.pass(4min)) == 0);
    (void)bench.live_within(10min);
    CHECK_FALSE(bench.protocol.health().link_disabled);
}

TEST_CASE("a peer that does not answer pings is given up for dead", "[bot][socket_mode]")
{
    Bench bench(1);
    const auto first = bench.live();
    const auto before = bench.pass(11s);
    CHECK(count<SendPing>(before) == 2);
    CHECK_FALSE(names<AbortConnection>(before, first));
    const auto silent = bench.pass(3s);
    CHECK(names<AbortConnection>(silent, first));
    CHECK(count<OpenConnection>(silent) + count<OpenConnection>(bench.pass(1s)) == 1);
}

TEST_CASE("a bot that was stopped for hours asks before it gives a peer up for dead", "[bot][socket_mode]")
{
    Bench bench;
    const auto first = bench.live();
    const auto second = bench.live();
    bench.now += 3h;
    const auto awake = bench.protocol.tick(bench.now);
    CHECK(count<SendPing>(awake) == 2);
    CHECK(count<AbortConnection>(awake) == 0);
    bench.protocol.heard(first);
    const auto later = bench.pass(9s);
    CHECK_FALSE(names<AbortConnection>(later, first));
    CHECK(names<AbortConnection>(later, second));
}

TEST_CASE("back-off grows, spreads, and is forgotten after a hello", "[bot][socket_mode]")
{
    Bench bench(1);
    std::vector<std::chrono::milliseconds> waits;
    SocketActions pending;
    const auto next_connection = [&] {
        const auto begun = bench.now;
        const auto id = bench.opening_within(5min, std::exchange(pending, {}));
        waits.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(bench.now - begun));
        return id;
    };
    for (int i = 0; i < 12; ++i) {
        pending = bench.protocol.failed(next_connection(), bench.now);
    }
    CHECK(*std::max_element(waits.begin(), waits.end()) > 2s);
    CHECK(*std::max_element(waits.begin(), waits.end()) <= 61s);
    const auto id = next_connection();
    (void)bench.protocol.opened(id, bench.now);
    bench.greet(id);
    (void)bench.live_on(2s);
    pending = bench.protocol.closed(id, bench.now);
    (void)next_connection();
    CHECK(waits.back() <= 1s);
}

TEST_CASE("Retry-After is kept", "[bot][socket_mode]")
{
    Bench bench(1);
    (void)bench.protocol.failed(bench.opening_within(1s), bench.now, 20s);
    CHECK(count<OpenConnection>(bench.pass(19s)) == 0);
    CHECK(count<OpenConnection>(bench.pass(60s)) == 1);
}

TEST_CASE(
    "every frame with an envelope id is delivered, and what is no JSON keeps its id", "[bot][socket_mode]"
)
{
    Bench bench(1);
    const auto id = bench.live();
    const auto good = bench.say(
        id, R"({"envelope_id":"e1","type":"anything","payload":{},"accepts_response_payload":true})"
    );
    REQUIRE(count<Deliver>(good) == 1);
    CHECK(std::get<Deliver>(good.back()).envelope.id == "e1");
    CHECK(std::get<Deliver>(good.back()).envelope.accepts_response_payload);
    const auto cut = bench.say(id, R"({"envelope_id":"e2","type":"events_api","payload":{"eve)");
    REQUIRE(cut.size() == 1);
    CHECK(std::get<DeliverBroken>(cut.front()).envelope_id == "e2");
    CHECK(bench.say(id, "").empty());
    CHECK(count<DeliverBroken>(bench.say(id, "{}")) == 0);
    CHECK(count<DeliverBroken>(bench.say(id, "nonsense")) == 0);
    CHECK(bench.protocol.health().without_id == 2);
}

TEST_CASE("two slots are never empty at once while one is replaced", "[bot][socket_mode]")
{
    Bench bench;
    const auto first = bench.live();
    const auto second = bench.live();
    CHECK(bench.protocol.health().live == 2);
    const auto told = bench.say(first, disconnect("warning"));
    CHECK(count<OpenConnection>(told) == 1);
    CHECK(bench.protocol.health().live == 1);
    CHECK(bench.protocol.any_live() == second);
    (void)bench.live_within(1s, 18'060, told);
    CHECK(bench.protocol.health().live == 2);
    CHECK(bench.protocol.health().own == 3);  // the old one still reads and acknowledges
}

TEST_CASE("a connection that is being left still delivers", "[bot][socket_mode]")
{
    Bench bench(1);
    const auto first = bench.live();
    (void)bench.say(first, disconnect("warning"));
    const auto late = bench.say(first, R"({"envelope_id":"e1","type":"events_api","payload":{}})");
    REQUIRE(late.size() == 1);
    CHECK(std::get<Deliver>(late.front()).connection == first);
}

TEST_CASE("an envelope before the hello is delivered too", "[bot][socket_mode]")
{
    Bench bench(1);
    const auto id = bench.opening_within(1s);
    (void)bench.protocol.opened(id, bench.now);
    const auto early = bench.say(id, R"({"envelope_id":"e1","type":"slash_commands","payload":{}})");
    CHECK(count<Deliver>(early) == 1);
    CHECK_FALSE(bench.protocol.any_live());
}

TEST_CASE("every wait between attempts may be short: the jitter is full", "[bot][socket_mode]")
{
    // After eight failures the wait is anything up to a minute: over many seeds some wait less than ten
    // seconds of it, some more than fifty, and none longer.
    bool is_short = false;
    bool is_long = false;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        CAPTURE(seed);
        SeededRandom random(seed);
        SteadyTime now{};
        SteadyTime failed_at{};
        SocketMode protocol(1, random, now);
        std::chrono::nanoseconds wait{};
        for (int attempt = 0; attempt <= 8; ++attempt) {
            auto opened = protocol.tick(now);
            for (; opened.empty(); opened = protocol.tick(now)) {
                now += 100ms;
            }
            wait = now - failed_at;
            failed_at = now;
            (void)protocol.failed(std::get<OpenConnection>(opened.front()).connection, now);
        }
        CHECK(wait <= 60'100ms);
        is_short = is_short || wait < 10s;
        is_long = is_long || wait > 50s;
    }
    CHECK(is_short);
    CHECK(is_long);
}

TEST_CASE(
    "who greets and then breaks or sends away is asked every two seconds, no more", "[bot][socket_mode]"
)
{
    for (const auto* reason : {"refresh_requested", "warning", "something_new", ""}) {
        CAPTURE(reason);
        const auto attempts = Bench(1).attempts_within(5min, reason, true);
        CHECK(attempts >= 140);
        CHECK(attempts <= 151);
    }
}

TEST_CASE("who never greets is asked less and less often", "[bot][socket_mode]")
{
    for (const auto* reason : {"", "warning"}) {
        CAPTURE(reason);
        CHECK(Bench(1).attempts_within(10min, reason, false) < 60);
    }
}

TEST_CASE("renewals and cuts, however often, leave nobody deaf", "[bot][socket_mode]")
{
    struct Row {
        const char* what;
        std::chrono::milliseconds every, lasting;
        bool all;  ///< of the connections, else the oldest
        std::chrono::milliseconds longest;
    };

    // Whoever is told to go is cut at once, and a new connection has its hello after 10 ms.
    const auto row = GENERATE(values<Row>(
        {{"one renewed every 4 s", 4s, 90s, false, 0ms},
         {"one renewed every 2 s", 2s, 600s, false, 0ms},
         {"all renewed every 20 s", 20s, 150s, true, 20ms},
         {"all renewed every 2 s", 2s, 600s, true, 20ms}}
    ));
    CAPTURE(row.what);
    Bench bench;
    std::map<ConnectionId, SteadyTime> hello_at;
    std::vector<ConnectionId> live;
    const auto perform = [&](const SocketActions& actions) {
        for (const auto& action : actions) {
            if (const auto* open = std::get_if<OpenConnection>(&action)) {
                hello_at[open->connection] = bench.now + 10ms;
            }
            if (const auto* ping = std::get_if<SendPing>(&action)) {
                bench.protocol.heard(ping->connection);
            }
        }
    };
    const auto begun = bench.now + 10s;
    auto next = begun;
    std::chrono::milliseconds deaf{0};
    std::chrono::milliseconds longest{0};
    for (const auto ends = begun + row.lasting; bench.now < ends; bench.now += 10ms) {
        perform(bench.protocol.tick(bench.now));
        for (const auto& [id, at] : std::exchange(hello_at, {})) {
            if (at > bench.now) {
                hello_at[id] = at;
                continue;
            }
            (void)bench.protocol.opened(id, bench.now);
            bench.greet(id);
            live.push_back(id);
        }
        deaf = bench.protocol.any_live() || bench.now < begun ? 0ms : deaf + 10ms;
        longest = std::max(longest, deaf);
        if (bench.now < next) {
            continue;
        }
        next += row.every;
        const auto count = row.all ? live.size() : std::min<std::size_t>(live.size(), 1);
        for (std::size_t i = 0; i < count; ++i) {
            perform(bench.say(live[i], disconnect("refresh_requested")));
            perform(bench.protocol.closed(live[i], bench.now));
        }
        live.erase(live.begin(), live.begin() + static_cast<long>(count));
    }
    CHECK(longest <= row.longest);
}

TEST_CASE("an old connection is not left while its replacement cannot be opened", "[bot][socket_mode]")
{
    Bench bench(1);
    const auto first = bench.live(3'600);
    (void)bench.live_on(3'235s);  // 90 % and a little: the rotation has begun
    bool left = false;
    for (const auto ends = bench.now + 2min; bench.now < ends; bench.now += 1s) {
        for (const auto& action : bench.protocol.tick(bench.now)) {
            if (const auto* open = std::get_if<OpenConnection>(&action)) {
                (void)bench.protocol.failed(open->connection, bench.now);
            }
            left = left || std::holds_alternative<CloseConnection>(action);
        }
        bench.protocol.heard(first);
    }
    CHECK_FALSE(left);
}

TEST_CASE("after a tick there is time to sleep, in every state", "[bot][socket_mode]")
{
    Bench bench(1);
    const auto is_rested = [&] {
        (void)bench.protocol.tick(bench.now);
        return bench.protocol.next_tick(bench.now) > bench.now;
    };
    const auto first = bench.opening_within(1s);
    CHECK(is_rested());  // opening
    (void)bench.protocol.opened(first, bench.now);
    CHECK(is_rested());  // waiting for the hello
    bench.greet(first, 600);
    CHECK(is_rested());  // live
    CHECK(count<OpenConnection>(bench.live_on(545s)) == 1);
    CHECK(is_rested());  // live, its replacement opening
    (void)bench.say(first, disconnect("warning"));
    CHECK(is_rested());  // being left
    (void)bench.protocol.stop();
    CHECK(is_rested());
}

TEST_CASE("what a connection says after it was forgotten changes nothing", "[bot][socket_mode]")
{
    Bench bench(1);
    const auto first = bench.live();
    (void)bench.protocol.closed(first, bench.now);
    CHECK(bench.protocol.closed(first, bench.now).size() <= 1);
    CHECK(bench.protocol.failed(first, bench.now).empty());
    CHECK(names<AbortConnection>(bench.protocol.opened(first, bench.now), first));
    bench.greet(first);
    CHECK(bench.protocol.health().live == 0);
}

TEST_CASE("more connections of the app than ours can be seen", "[bot][socket_mode]")
{
    Bench bench(1);
    const auto id = bench.live();
    const auto greeted = bench.say(id, R"({"type":"hello","num_connections":3})");
    CHECK(bench.protocol.health().announced == 3);
    CHECK(bench.protocol.health().own == 1);
    CHECK(tells(greeted, "WARN", "Slack counts 3 connections of this app, 1 are ours"));
    CHECK(told(bench.say(id, R"({"type":"hello","num_connections":1})")).empty());
}

TEST_CASE(
    "what befalls the connections is told to the operator, once until the next hello", "[bot][socket_mode]"
)
{
    Bench bench;
    const auto first = bench.live();
    const auto second = bench.live();
    SECTION("a renewal, as something ordinary")
    {
        CHECK(tells(bench.say(first, disconnect("refresh_requested")), "info", "refresh_requested"));
        CHECK(told(bench.say(second, disconnect("refresh_requested"))).empty());
        CHECK(bench.protocol.health().trouble.empty());
    }
    SECTION("Socket Mode that was switched off, with the fix")
    {
        const auto* fix =
            "Socket Mode is switched off for this app; switch it on under Settings, Socket Mode";
        CHECK(tells(bench.say(first, disconnect("link_disabled")), "WARN", fix));
        CHECK(told(bench.say(second, disconnect("link_disabled"))).empty());
        CHECK(bench.protocol.health().trouble == fix);
        const auto again = bench.live_within(10min);
        CHECK(bench.protocol.health().trouble.empty());
        CHECK(tells(bench.say(again, disconnect("link_disabled")), "WARN", fix));
    }
    SECTION("too many connections")
    {
        CHECK(tells(bench.say(first, disconnect("too_many_websockets")), "WARN", "too_many_websockets"));
        CHECK(bench.protocol.health().trouble.find("stop the other programs") != std::string::npos);
    }
    SECTION("a reason that nobody knows")
    {
        CHECK(tells(bench.say(first, disconnect("moved")), "WARN", "(moved)"));
    }
    SECTION("half-open connections") { CHECK(tells(bench.pass(12s), "WARN", "fell silent")); }
    SECTION("an end without a word")
    {
        CHECK(tells(bench.protocol.closed(first, bench.now, 1011), "WARN", "ended unasked (1011)"));
        (void)bench.protocol.closed(second, bench.now);
        const auto id = bench.opening_within(2min);
        (void)bench.protocol.opened(id, bench.now);
        CHECK(tells(bench.say(id, R"({"type":"hello"})"), "info", "connected to Slack again"));
    }
    SECTION("frames that cannot be read and have no id")
    {
        CHECK(tells(bench.say(first, "nonsense"), "WARN", "has no envelope id"));
        CHECK(told(bench.say(first, R"({"type":"slash_commands"})")).empty());
    }
    SECTION("envelopes of a kind that is not known")
    {
        const std::string news = R"({"envelope_id":"e1","type":"news","payload":{}})";
        CHECK(tells(bench.say(first, news), "info", "unknown type 'news'"));
        CHECK(told(bench.say(second, news)).empty());
        CHECK(told(bench.say(first, R"({"envelope_id":"e2","type":"interactive","payload":{}})")).empty());
    }
    SECTION("why a connection could not be had, for /readyz")
    {
        (void)bench.protocol.closed(first, bench.now);
        const auto id = bench.opening_within(2min);
        (void)bench.protocol.failed(id, bench.now, 0ms, "refused with status 409");
        CHECK(bench.protocol.health().trouble == "refused with status 409");
    }
}

TEST_CASE(
    "a connection that is cut in the middle of a frame is replaced within a second", "[bot][socket_mode]"
)
{
    Bench bench;
    const auto first = bench.live();
    (void)bench.live();
    (void)bench.live_on(31s);
    const auto broken_at = bench.now;
    (void)bench.live_within(5s, 18'060, bench.protocol.closed(first, bench.now));
    CHECK(bench.now - broken_at < 1s);
    CHECK(bench.protocol.health().live == 2);
}

TEST_CASE("a connection is replaced at 90 % of its announced life without a gap", "[bot][socket_mode]")
{
    Bench bench(1);
    const auto begun = bench.now;
    const auto first = bench.live(1'000);
    CHECK(count<OpenConnection>(bench.live_on(898s)) == 0);
    const auto replacement = bench.opening_within(100s);
    CHECK(bench.now - begun >= 900s);
    CHECK(bench.now - begun <= 903s);
    CHECK(bench.protocol.any_live() == first);  // it serves until the other one does
    (void)bench.protocol.opened(replacement, bench.now);
    bench.greet(replacement, 1'000);
    CHECK(bench.protocol.any_live() == replacement);
    CHECK(names<CloseConnection>(bench.live_on(20s), first));
}

TEST_CASE("a life that no connection has is taken for a day", "[bot][socket_mode]")
{
    Bench bench(1);
    bench.greet(bench.live(), 360'011'111'111'111'111);
    CHECK(count<OpenConnection>(bench.live_on(21h)) == 0);
    CHECK(count<OpenConnection>(bench.live_on(1h)) == 1);
}

TEST_CASE("after stop nothing is opened", "[bot][socket_mode]")
{
    Bench bench;
    const auto id = bench.live();
    CHECK(names<CloseConnection>(bench.protocol.stop(), id));
    (void)bench.protocol.closed(id, bench.now);
    CHECK(count<OpenConnection>(bench.pass(10min)) == 0);
}

}  // namespace slipway::slack
