// What the world does to a bot: networks and clocks that go, disks that are full or held, floods.
#include "tests/end_to_end/live_deployment.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <fstream>

namespace demo {

namespace {

/// Petra is to be told something `times` times by the bot that starts next.
void leave_messages(const BotInSimulator& world, int times)
{
    slipway::storage::Store store(world.store_path);
    slipway::SeededRandom random(1);
    const auto now = slipway::SystemClock().now();
    (void)store.transaction({[&](slipway::storage::Store& record) {
        const slipway::DirectMessage message{
            slipway::UserId("U0PETRA"), slipway::say("runbook_review_asked")};
        for (int number = 1; number <= times; ++number) {
            record.enqueue({message}, {}, slipway::ChannelId(deploys), "slipway", now, [&] {
                return slipway::uuid_v4(random);
            });
        }
    }});
}

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
    PlannedDeployment world;
    world.network_fails_at = step;
    // Linear and Slack are away for the bot; what people say reaches it once more before its sockets go too.
    world.petra_replies();
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
    CHECK(times_said(world, "Petra Pohl signed off") == 1);
    CHECK(times_said(world, "Jane Doe signed off") == 1);
    CHECK(world.server.linear.comments.size() == 2);
}

TEST_CASE(
    "the clock is put back and forward by hours: nothing is held up or said twice", "[end_to_end][faults]"
)
{
    PlannedDeployment world;
    const auto hours = GENERATE(-5h, 3h);
    CAPTURE(hours.count());
    world.clock.advance(hours);
    world.petra.replies("D-1", "Stakeholder sign-off: Petra Pohl, today");
    CHECK(times_said(world, "Petra Pohl signed off") == 1);
    world.clock.advance(-hours);
    world.jane.replies("D-1", "Stakeholder sign-off: Jane Doe, today");
    CHECK(times_said(world, "Jane Doe signed off") == 1);
    world.advance_to("2026-11-24 21:05");  // the notice is due at 21:00
    REQUIRE(world.until([&] { return times_said(world, "Planned Deployment") == 1; }));
    world.clock.advance(-2h);
    REQUIRE(world.settle());
    world.advance_to("2026-11-24 21:30");
    CHECK(times_said(world, "Planned Deployment") == 1);
    CHECK(world.rows("SELECT count(*) FROM events WHERE kind = 'notice_sent'") == Rows{"1"});
}

TEST_CASE("a storm of 429s is waited out: everything is said, in order and once", "[end_to_end][faults]")
{
    PlannedDeployment world;
    world.server.faults.add(
        {.on = "chat.postMessage", .what = What::rate_limited, .times = 15, .retry_after = 3s}
    );
    world.petra_replies();
    world.server.people.reply(
        "U0JANE", deploys, card_of(world, "D-1")->ts, "Stakeholder sign-off: Jane Doe, today"
    );
    REQUIRE(world.until([&] { return times_said(world, "Jane Doe signed off") == 1; }, 60s));
    CHECK(times_said(world, "Petra Pohl signed off") == 1);
    CHECK(world.server.faults.empty());
}

TEST_CASE("a body of 100 MB is not read, and what it should have said is found out", "[end_to_end][faults]")
{
    PlannedDeployment world;
    const auto* call = GENERATE("chat.postMessage", "commentCreate");
    CAPTURE(call);
    world.server.faults.add({.on = call, .what = What::huge, .after_applying = true});
    world.petra_replies();
    REQUIRE(world.until([&] { return world.server.faults.empty(); }));
    world.clock.advance(1min);
    REQUIRE(world.settle());
    CHECK(times_said(world, "Petra Pohl signed off") == 1);
    CHECK(world.server.linear.comments.size() == 1);
}

TEST_CASE("another program holds the database: it is waited for, and nothing is lost", "[end_to_end][faults]")
{
    PlannedDeployment world;
    const bool beyond_patience = GENERATE(false, true);
    CAPTURE(beyond_patience);
    SQLite::Database other(world.store_path.string(), SQLite::OPEN_READWRITE, 2'000);
    other.exec("BEGIN IMMEDIATE");
    world.petra_replies();
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
    CHECK(times_said(world, "Petra Pohl signed off") == 1);
    CHECK(world.server.linear.comments.size() == 1);
}

TEST_CASE("a disk that fails after a message went out does not make it go out twice", "[end_to_end][faults]")
{
    PlannedDeployment world;
    // The answer to the post comes while another program holds the database for longer than it is waited for.
    SQLite::Database other(world.store_path.string(), SQLite::OPEN_READWRITE, 2'000);
    world.petra_replies();
    REQUIRE(world.until([&] { return times_said(world, "Petra Pohl signed off") == 1; }));
    other.exec("BEGIN IMMEDIATE");
    (void)world.until([] { return false; }, 6'500ms);
    other.exec("COMMIT");
    REQUIRE(world.settle());
    CHECK(times_said(world, "Petra Pohl signed off") == 1);
    CHECK(world.rows("SELECT count(*) FROM outbox WHERE state <> 'delivered'") == Rows{"0"});
}

TEST_CASE("a direct message whose answer was lost is said once, whatever fails next", "[end_to_end][faults]")
{
    BotInSimulator world;
    leave_messages(world, 1);
    world.server.faults.add({.on = "chat.postMessage", .what = What::reset, .after_applying = true});
    world.server.faults.add({.on = "conversations.open", .what = What::refuse, .skip = 1});
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
    leave_messages(world, messages);
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

TEST_CASE("while nothing can be stored it is not ready, and is again by itself", "[end_to_end][faults]")
{
    PlannedDeployment world;
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
    StartedDeployment world(with_web(
        "rollback = { command = [\"/bin/sh\", \"-c\", \"touch " + begun.string() + "; while [ ! -e " +
        may_end.string() + " ]; do sleep 0.02; done; echo reverted; touch " + ended.string() + "\"] }\n"
    ));
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
    world.server.faults.add({.on = "auth.test", .what = What::status, .times = 0, .status = 503});
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
    world.server.faults.add({.on = "auth.test", .what = What::rate_limited, .retry_after = 20s});
    world.launch_bot();
    REQUIRE(world.until([&] { return world.server.faults.empty(); }));
    world.clock.advance(15s);
    CHECK_FALSE(world.until([&] { return world.is_ready(); }, 1s));
    world.clock.advance(10s);
    CHECK(world.until([&] { return world.is_ready(); }));
}

TEST_CASE("what Slack answers while it is troubled is tried again and said once", "[end_to_end][faults]")
{
    const std::string post = "chat.postMessage";
    const auto trouble = GENERATE_COPY(values<simulator::Fault>(
        {{.on = post, .what = What::rate_limited, .retry_after = 2s},
         {.on = post, .what = What::reset},
         {.on = post, .what = What::reset, .after_applying = true},
         {.on = post, .what = What::drop, .times = 2, .after_applying = true},
         {.on = post, .what = What::truncate},
         {.on = post, .what = What::html},
         {.on = post, .what = What::status, .status = 503}}
    ));
    CAPTURE(to_string(trouble.what), trouble.after_applying);
    Team world;
    world.server.faults.add(trouble);
    REQUIRE(world.alice.plans());
    REQUIRE(world.until([&] { return times_said(world, "Please sign off") > 0; }, 20s));
    REQUIRE(world.settle());
    const auto& messages = world.server.workspace.channels.at(deploys).messages;
    CHECK(std::count_if(messages.begin(), messages.end(), [](const auto& each) {
              return each.second.text.starts_with("D-1 ");
          }) == 1);
    CHECK(times_said(world, "Please sign off") == 1);
    CHECK(world.server.faults.empty());
}

TEST_CASE("the Linear comment is delivered once, whatever fails", "[end_to_end][faults]")
{
    const std::string create = "commentCreate";
    const auto trouble = GENERATE_COPY(values<simulator::Fault>(
        {{.on = create, .what = What::reset},
         {.on = create, .what = What::reset, .after_applying = true},
         {.on = create, .what = What::rate_limited, .status = 400},
         {.on = create, .what = What::rate_limited, .status = 200},
         {.on = create, .what = What::status, .status = 502},
         {.on = create, .what = What::html},
         {.on = create, .what = What::truncate}}
    ));
    CAPTURE(to_string(trouble.what), trouble.after_applying, trouble.status);
    PlannedDeployment world;
    world.server.faults.add(trouble);
    world.petra_replies();
    REQUIRE(world.until(
        [&] {
            return world.rows("SELECT state FROM outbox WHERE kind = 'linear_comment'") == Rows{"delivered"};
        },
        20s
    ));
    REQUIRE(world.server.linear.comments.size() == 1);
    const auto& comment = world.server.linear.comments.front();
    CHECK(comment.body == "Stakeholder sign-off: Petra Pohl, 2026-11-24");
    CHECK(Rows{comment.id} == world.rows("SELECT linear_comment_id FROM sign_offs"));
}

TEST_CASE("roles that Slack does not know are all named, and nothing starts", "[end_to_end][faults]")
{
    BotInSimulator::Options options;
    options.config = R"([slack]
channel = "C0DEPLOYS"
[roles]
developers = ["U0NOBODY",
    "@nosuchgroup"]
dev_lead = ["nobody@acme.example"]
product_lead = ["petra@acme.example"]
[on_call]
rotation = ["U0ALICE", "U0ELSE"]
sprint_start = 2026-11-16
[[service]]
name = "web"
)";
    BotInSimulator world(options);
    world.launch_bot();
    REQUIRE(world.until([&] { return !world.is_bot_running(); }));
    const auto file = (world.folder / "slipway.toml").string();
    CHECK(
        world.bot_failure() ==
        file + ":4: roles.developers: there is no user U0NOBODY in this workspace\n" + file +
            ":5: roles.developers: there is no user group @nosuchgroup in this workspace\n" + file +
            ":6: roles.dev_lead: nobody in this workspace has the e-mail nobody@acme.example\n" + file +
            ":9: on_call.rotation: there is no user U0ELSE in this workspace"
    );
}

}  // namespace demo
