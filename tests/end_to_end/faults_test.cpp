// What the world does to a bot: networks and clocks that go, disks that are full or held, floods.
#include "tests/end_to_end/live_deployment.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <fstream>

namespace demo {

namespace {

using Rows = std::vector<std::string>;
using What = simulator::Fault::What;

struct Planned : BotInSimulator {
    Planned()
    {
        start_bot();
        REQUIRE(alice.plans());
        REQUIRE(card_of(*this, "D-1") != nullptr);
    }

    [[nodiscard]] int said(const std::string& text)
    {
        const auto& messages = server.workspace.channels.at(deploys).messages;
        return static_cast<int>(std::count_if(messages.begin(), messages.end(), [&](const auto& each) {
            return readable(each.second.text, each.second.blocks).find(text) != std::string::npos;
        }));
    }

    TeamMember alice{*this, "U0ALICE"}, petra{*this, "U0PETRA"}, jane{*this, "U0JANE"};
};

}  // namespace

TEST_CASE("ten minutes without a network: it recovers alone and says everything once", "[end_to_end][faults]")
{
    const auto step = GENERATE(
        slipway::net::Step::resolve,
        slipway::net::Step::proxy,
        slipway::net::Step::connect,
        slipway::net::Step::tls
    );
    CAPTURE(step_name(step));
    Planned world;
    world.network_fails_at = step;
    // Linear and Slack are away for the bot; what people say reaches it once more before its sockets go too.
    world.server.people.reply(
        "U0PETRA", deploys, card_of(world, "D-1")->ts, "Stakeholder sign-off: Petra Pohl, today"
    );
    REQUIRE(world.until([&] {
        return world.rows("SELECT 1 FROM events WHERE kind = 'signed_off'").size() == 1;
    }));
    world.server.hub.cut();
    REQUIRE(world.until([&] { return !world.is_ready(); }));
    for (int minute = 0; minute < 10; ++minute) {
        world.clock.advance(1min);
        (void)world.until([] { return false; }, 50ms);
        REQUIRE(world.is_bot_running());
        CHECK_FALSE(world.is_ready());
    }
    world.network_fails_at.reset();
    world.clock.advance(5min);
    REQUIRE(world.until([&] { return world.is_ready(); }));
    world.jane.replies("D-1", "Stakeholder sign-off: Jane Doe, today");
    REQUIRE(world.settle());
    CHECK(world.said("Petra Pohl signed off") == 1);
    CHECK(world.said("Jane Doe signed off") == 1);
    CHECK(world.server.linear.comments.size() == 2);
}

TEST_CASE(
    "the clock is put back and forward by hours: nothing is held up or said twice", "[end_to_end][faults]"
)
{
    Planned world;
    const auto hours = GENERATE(-5h, 3h);
    CAPTURE(hours.count());
    world.clock.advance(hours);
    world.petra.replies("D-1", "Stakeholder sign-off: Petra Pohl, today");
    CHECK(world.said("Petra Pohl signed off") == 1);
    world.clock.advance(-hours);
    world.jane.replies("D-1", "Stakeholder sign-off: Jane Doe, today");
    CHECK(world.said("Jane Doe signed off") == 1);
    world.advance_to("2026-11-24 21:05");  // the notice is due at 21:00
    REQUIRE(world.until([&] { return world.said("Planned Deployment") == 1; }));
    world.clock.advance(-2h);
    REQUIRE(world.settle());
    world.advance_to("2026-11-24 21:30");
    CHECK(world.said("Planned Deployment") == 1);
    CHECK(world.rows("SELECT count(*) FROM events WHERE kind = 'notice_sent'") == Rows{"1"});
}

TEST_CASE("a storm of 429s is waited out: everything is said, in order and once", "[end_to_end][faults]")
{
    Planned world;
    simulator::Fault storm;
    storm.on = "chat.postMessage";
    storm.what = What::rate_limited;
    storm.times = 15;
    storm.retry_after = 3s;
    world.server.faults.add(storm);
    const auto* thread = &card_of(world, "D-1")->ts;
    world.server.people.reply("U0PETRA", deploys, *thread, "Stakeholder sign-off: Petra Pohl, today");
    world.server.people.reply("U0JANE", deploys, *thread, "Stakeholder sign-off: Jane Doe, today");
    REQUIRE(world.until([&] { return world.said("Jane Doe signed off") == 1; }, 60s));
    CHECK(world.said("Petra Pohl signed off") == 1);
    CHECK(world.server.faults.empty());
}

TEST_CASE("a body of 100 MB is not read, and what it should have said is found out", "[end_to_end][faults]")
{
    Planned world;
    simulator::Fault flood;
    flood.what = What::huge;
    flood.after_applying = true;
    flood.on = GENERATE("chat.postMessage", "commentCreate");
    CAPTURE(flood.on);
    world.server.faults.add(flood);
    world.server.people.reply(
        "U0PETRA", deploys, card_of(world, "D-1")->ts, "Stakeholder sign-off: Petra Pohl, today"
    );
    REQUIRE(world.until([&] { return world.server.faults.empty(); }));
    world.clock.advance(1min);
    REQUIRE(world.settle());
    CHECK(world.said("Petra Pohl signed off") == 1);
    CHECK(world.server.linear.comments.size() == 1);
}

TEST_CASE("another program holds the database: it is waited for, and nothing is lost", "[end_to_end][faults]")
{
    Planned world;
    const bool beyond_patience = GENERATE(false, true);
    CAPTURE(beyond_patience);
    SQLite::Database other(world.store_path.string(), SQLite::OPEN_READWRITE, 2'000);
    other.exec("BEGIN IMMEDIATE");
    world.server.people.reply(
        "U0PETRA", deploys, card_of(world, "D-1")->ts, "Stakeholder sign-off: Petra Pohl, today"
    );
    (void)world.until([] { return false; }, beyond_patience ? 6'500ms : 1'000ms);
    CHECK(world.is_bot_running());
    other.exec("COMMIT");
    const auto& hub = world.server.hub;
    const auto is_heard = [&hub] { return hub.answered() == hub.all_sent().size(); };
    for (int tries = 0; tries < 5 && !world.until(is_heard, 6s); ++tries) {
        world.clock.advance(5min);  // Slack sends what was not acknowledged again
    }
    CHECK(world.rows("SELECT count(*) FROM events WHERE kind = 'signed_off'") == Rows{"1"});
    REQUIRE(world.settle());
    CHECK(world.said("Petra Pohl signed off") == 1);
    CHECK(world.server.linear.comments.size() == 1);
}

TEST_CASE("a disk that fails after a message went out does not make it go out twice", "[end_to_end][faults]")
{
    Planned world;
    // The answer to the post comes while another program holds the database for longer than it is waited for.
    SQLite::Database other(world.store_path.string(), SQLite::OPEN_READWRITE, 2'000);
    world.server.people.reply(
        "U0PETRA", deploys, card_of(world, "D-1")->ts, "Stakeholder sign-off: Petra Pohl, today"
    );
    REQUIRE(world.until([&] { return world.said("Petra Pohl signed off") == 1; }));
    other.exec("BEGIN IMMEDIATE");
    (void)world.until([] { return false; }, 6'500ms);
    other.exec("COMMIT");
    REQUIRE(world.settle());
    CHECK(world.said("Petra Pohl signed off") == 1);
    CHECK(world.rows("SELECT count(*) FROM outbox WHERE state <> 'delivered'") == Rows{"0"});
}

TEST_CASE("a direct message whose answer was lost is said once, whatever fails next", "[end_to_end][faults]")
{
    BotInSimulator world;
    {
        slipway::storage::Store store(world.store_path);
        const auto now = slipway::SystemClock().now();
        (void)store.transaction({[now](slipway::storage::Store& record) {
            const slipway::DirectMessage message{
                slipway::UserId("U0PETRA"), slipway::say("runbook_review_asked")};
            record.enqueue({message}, {}, slipway::ChannelId(deploys), "slipway", now, [] {
                return "5ab3fb0f-1454-4d63-a9f3-96be29ee77f1";
            });
        }});
    }
    simulator::Fault lost{"chat.postMessage", What::reset};
    lost.after_applying = true;
    world.server.faults.add(lost);
    simulator::Fault away{"conversations.open", What::refuse};
    away.skip = 1;
    world.server.faults.add(away);
    world.start_bot();
    REQUIRE(world.settle());
    CHECK(world.server.faults.empty());
    CHECK(world.server.workspace.direct_messages("U0PETRA").messages.size() == 1);
}

TEST_CASE("thousands of messages that wait go out in order, one a second", "[end_to_end][faults]")
{
    BotInSimulator::Options options;
    options.skips_pauses = false;
    BotInSimulator world(options);
    constexpr int messages = 2'000;
    {
        slipway::storage::Store store(world.store_path);
        slipway::SeededRandom random(1);
        const auto now = slipway::SystemClock().now();
        (void)store.transaction({[&](slipway::storage::Store& record) {
            for (int number = 1; number <= messages; ++number) {
                const slipway::DirectMessage message{
                    slipway::UserId("U0PETRA"), slipway::say("runbook_review_asked")};
                record.enqueue({message}, {}, slipway::ChannelId(deploys), "slipway", now, [&] {
                    return slipway::uuid_v4(random);
                });
            }
        }});
    }
    world.start_bot();
    const auto& said = world.server.workspace.direct_messages("U0PETRA").messages;
    const auto begun = world.clock.steady_now();
    while (said.size() < messages && world.clock.steady_now() - begun < 3h) {
        const auto before = said.size();
        world.clock.advance(1s);
        (void)world.until([&] { return said.size() > before; }, 1s);
    }
    CHECK(world.clock.steady_now() - begun >= std::chrono::seconds{messages - 1});
    std::vector<std::string> order;
    for (const auto& [ts, message] : said) {
        order.push_back(simulator::text_at(message.metadata->at("event_payload").as_object(), "outbox_id"));
    }
    CHECK(order == world.rows("SELECT id FROM outbox ORDER BY seq"));
    CHECK(world.server.transcript.of(simulator::Entry::Kind::complaint).empty());
}

TEST_CASE(
    "the bot token is refused while it runs: a rollback works, and all is said afterwards, once",
    "[end_to_end][faults]"
)
{
    StartedDeployment world;
    auto& workspace = world.server.workspace;
    const auto* code = GENERATE("token_revoked", "account_inactive");
    CAPTURE(code);
    workspace.refused_tokens[workspace.bot_token] = code;
    for (int minute = 0; minute < 10; ++minute) {
        world.clock.advance(1min);
        (void)world.until([] { return false; }, 50ms);
    }
    REQUIRE(world.is_bot_running());
    CHECK_FALSE(world.is_ready());
    world.server.people.slash("U0BOB", deploys, "/rollback", "D-1 Errors at login");
    REQUIRE(world.until([&] { return world.stage() == "rolling back"; }));
    world.clock.advance(5min);
    (void)world.until([] { return false; }, 50ms);
    CHECK(times_told(world, "U0DANA", "Rollback begun: ") == 0);
    workspace.refused_tokens.clear();
    world.clock.advance(2min);
    REQUIRE(world.until([&] { return world.is_ready(); }));
    REQUIRE(world.settle());
    for (const auto* user : {"U0DANA", "U0PETRA"}) {
        CAPTURE(user);
        CHECK(times_told(world, user, "Rollback begun: ") == 1);
    }
    CHECK_FALSE(was_told(world, "U0BOB", "couldn't deliver"));
    CHECK(world.rows("SELECT count(*) FROM outbox WHERE state = 'rejected'") == Rows{"0"});
}

TEST_CASE("revoking the token of a person does not make the bot unready", "[end_to_end][faults]")
{
    Planned world;
    world.server.workspace.tell({{"type", "tokens_revoked"}, {"tokens", {{"oauth", {"U0ALICE"}}}}});
    REQUIRE(world.settle());
    CHECK(world.is_ready());
}

TEST_CASE("while nothing can be stored it is not ready, and is again by itself", "[end_to_end][faults]")
{
    Planned world;
    world.disk_is_full = true;
    REQUIRE(world.until([&] { return !world.is_ready(); }));
    CHECK(world.is_bot_running());
    world.disk_is_full = false;
    REQUIRE(world.until([&] { return world.is_ready(); }));
}

TEST_CASE("the end of an action waits for the disk, and is not taken for a failure", "[end_to_end][faults]")
{
    const Folder folder;
    const auto begun = folder / "begun";
    const auto may_end = folder / "may_end";
    const auto ended = folder / "ended";
    BotInSimulator::Options options;
    options.config = example_config();
    const std::string web = "name = \"web\"\n";
    options.config.insert(
        options.config.find(web) + web.size(),
        "rollback = { command = [\"/bin/sh\", \"-c\", \"touch " + begun.string() + "; while [ ! -e " +
            may_end.string() + " ]; do sleep 0.02; done; echo reverted; touch " + ended.string() + "\"] }\n"
    );
    StartedDeployment world(options);
    world.server.people.slash("U0BOB", deploys, "/rollback", "D-1 Errors at login");
    REQUIRE(world.until([&] { return std::filesystem::exists(begun); }));
    world.disk_is_full = true;
    std::ofstream(may_end) << "now";
    REQUIRE(world.until([&] { return std::filesystem::exists(ended); }));
    (void)world.until([] { return false; }, 500ms);
    world.disk_is_full = false;
    REQUIRE(world.settle());
    CHECK(thread_says(world, "D-1", "reverted"));
    CHECK_FALSE(thread_says(world, "D-1", "failed"));
    CHECK_FALSE(was_told(world, "U0BOB", "failed"));
}

TEST_CASE("a signal that comes before it is known who holds which role is refused", "[end_to_end][faults]")
{
    BotInSimulator world;
    simulator::Fault away{"auth.test", What::status};
    away.status = 503;
    away.times = 0;
    world.server.faults.add(away);
    world.launch_bot();
    REQUIRE(world.until([&] { return !world.server.transcript.of(simulator::Entry::Kind::fault).empty(); }));
    const std::string signal = R"({"id":"1","service":"web","kind":"security","detail":"CVE-2026-1"})";
    CHECK(world.send_signal(signal) == 503);
    world.server.faults.clear();
    REQUIRE(world.until([&] { return world.is_ready(); }));
    CHECK(world.send_signal(signal) == 202);
}

TEST_CASE("a start that Slack asks to wait waits as long as that", "[end_to_end][faults]")
{
    BotInSimulator::Options options;
    options.skips_pauses = false;
    BotInSimulator world(options);
    simulator::Fault busy{"auth.test", What::rate_limited};
    busy.retry_after = 20s;
    world.server.faults.add(busy);
    world.launch_bot();
    REQUIRE(world.until([&] { return world.server.faults.empty(); }));
    world.clock.advance(15s);
    CHECK_FALSE(world.until([&] { return world.is_ready(); }, 1s));
    world.clock.advance(10s);
    CHECK(world.until([&] { return world.is_ready(); }));
}

}  // namespace demo
