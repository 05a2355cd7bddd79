// Cases of docs/tests/edge-cases.md that no other test shows.
#include "tests/end_to_end/live_deployment.hpp"

#include <catch2/generators/catch_generators.hpp>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace demo {

namespace {

constexpr auto signed_off = "SELECT count(*) FROM events WHERE kind = 'signed_off'";
constexpr auto spoken = "Stakeholder sign-off: Petra Pohl, today";

/// What the bot logs while this lives.
class LogLines {
public:
    LogLines() { spdlog::default_logger()->sinks().push_back(sink_); }

    ~LogLines() { spdlog::default_logger()->sinks().pop_back(); }

    LogLines(const LogLines&) = delete;
    LogLines& operator=(const LogLines&) = delete;

    [[nodiscard]] bool has(const std::string& words) const
    {
        return text_.str().find(words) != std::string::npos;
    }

private:
    std::ostringstream text_;
    std::shared_ptr<spdlog::sinks::sink> sink_ = std::make_shared<spdlog::sinks::ostream_sink_mt>(text_);
};

/// The event that told the bot of a reply, once more as `id`.
json::object told_again(BotInSimulator& world, const std::string& ts, const std::string& id)
{
    for (const auto& sent : world.server.hub.all_sent()) {
        if (sent.type == "events_api" && json::serialize(sent.payload).find(ts) != std::string::npos) {
            auto payload = sent.payload;
            payload["event_id"] = id.empty() ? simulator::text_at(payload, "event_id") : id;
            return payload;
        }
    }
    return {};
}

}  // namespace

TEST_CASE(
    "a malformed envelope is acknowledged where it can be, kept, and holds nothing up",
    "[end_to_end][edge_cases]"
)
{
    Team world;
    REQUIRE(world.until([&] { return world.server.hub.connections() == 2; }));
    world.server.hub.send_raw("{\"envelope_id\":\"e-1\",\"type\":\"events_api\",\"payload\":[1,2");
    world.server.hub.send_raw(R"({"envelope_id":"e-2","type":"slash_commands","payload":{"command":7}})");
    world.server.hub.send_raw(R"({"envelope_id":"e-3","type":"something_new","payload":{}})");
    world.server.hub.send_raw("\xff\xfe not JSON at all");
    world.alice.types("/deploy list");
    CHECK(world.is_ready());
    CHECK(world.until([&] {
        return world.rows("SELECT envelope_id FROM dead_letters") == Rows{"e-1", "e-2"};
    }));
    for (const auto* id : {"e-1", "e-2", "e-3"}) {
        CAPTURE(id);
        CHECK(world.until([&] {  // the simulator did not count what it was made to send
            const auto complaints = world.server.transcript.of(simulator::Entry::Kind::complaint);
            return std::count_if(complaints.begin(), complaints.end(), [&](const simulator::Entry& each) {
                       return simulator::text_at(each.facts, "text").find(id) != std::string::npos;
                   }) == 1;
        }));
    }
}

TEST_CASE("a token that Slack refuses ends the program with a sentence", "[end_to_end][edge_cases]")
{
    BotInSimulator world;
    const auto [token, variable] =
        GENERATE(std::pair{"xoxb-test", "SLACK_BOT_TOKEN"}, std::pair{"xapp-test", "SLACK_APP_TOKEN"});
    world.server.workspace.refused_tokens[token] = "token_revoked";
    world.launch_bot();
    REQUIRE(world.until([&] { return !world.is_bot_running(); }));
    CAPTURE(world.bot_failure());
    CHECK(contains(world.bot_failure(), variable));
    CHECK_FALSE(contains(world.bot_failure(), token));
}

TEST_CASE(
    "a channel that takes nothing of the bot's: the planner is told, and the card comes once it does",
    "[end_to_end][edge_cases]"
)
{
    struct Row {
        const char* told;
        void (*close)(simulator::Channel&);
    };

    const auto row = GENERATE(values<Row>(
        {{"/invite @slipway", [](simulator::Channel& channel) { channel.members.erase("U0SLIPWAY"); }},
         {"couldn't deliver", [](simulator::Channel& channel) { channel.is_archived = true; }},
         {"couldn't deliver",
          [](simulator::Channel& channel) { channel.restriction = "restricted_action_read_only_channel"; }}}
    ));
    Team world;
    auto& channel = world.server.workspace.channels.at(deploys);
    const auto open = channel;
    row.close(channel);
    world.alice.types("/deploy plan");
    REQUIRE(world.until([&] { return world.server.people.modal_of("U0ALICE") != nullptr; }));
    world.server.people.submit("U0ALICE", example_plan());
    REQUIRE(world.until([&] { return was_told(world, "U0ALICE", row.told); }));
    CHECK(card_of(world, "D-1") == nullptr);
    channel = open;
    world.clock.advance(2min);
    CHECK(world.until([&] { return thread_says(world, "D-1", "Please sign off"); }));
}

TEST_CASE("a trigger that is too old or used: the person is told how to go on", "[end_to_end][edge_cases]")
{
    Team world;
    world.server.faults.add({.on = "views.open", .what = What::refuse, .error = "expired_trigger_id"});
    world.alice.types("/deploy plan");
    CHECK(was_whispered(world, "U0ALICE", "took longer than Slack allows for opening a form"));
    REQUIRE(world.alice.presses_in_whisper("verb:plan"));
    REQUIRE(world.alice.submits(example_plan()));
    CHECK(card_of(world, "D-1") != nullptr);
}

TEST_CASE(
    "a message that comes again, after a restart or as another event, is one sign-off",
    "[end_to_end][edge_cases]"
)
{
    PlannedDeployment world;
    const auto ts = world.petra.replies("D-1", spoken);
    world.petra.types("/deploy withdraw D-1");
    SECTION("after a restart")
    {
        world.stop_bot();
        world.start_bot();
        world.server.hub.send("events_api", told_again(world, ts, ""), false);
    }
    SECTION("as another event")
    {
        world.server.hub.send("events_api", told_again(world, ts, "Ev0ANOTHER"), false);
    }
    REQUIRE(world.settle());
    CHECK(world.rows(signed_off) == Rows{"1"});
    CHECK(world.server.linear.comments.size() == 2);
}

TEST_CASE("a card that somebody deleted is posted anew, once", "[end_to_end][edge_cases]")
{
    PlannedDeployment world;
    const auto deleted = card_of(world, "D-1")->ts;
    world.server.workspace.remove(deploys, deleted, "U0DANA");
    world.petra.types("/deploy signoff D-1");
    REQUIRE(card_of(world, "D-1") != nullptr);
    CHECK(card_of(world, "D-1")->ts != deleted);
    const auto& messages = world.server.workspace.channels.at(deploys).messages;
    CHECK(std::count_if(messages.begin(), messages.end(), [](const auto& each) {
              return each.second.thread_ts.empty() && each.second.text.starts_with("D-1 ");
          }) == 1);
    world.petra.replies("D-1", "Withdraw sign-off");
    CHECK(world.rows("SELECT state FROM sign_offs") == Rows{"withdrawn"});
}

TEST_CASE(
    "an answer too long for an acknowledgement comes in a message of its own", "[end_to_end][edge_cases]"
)
{
    const Folder folder;
    std::string section = "# Runbook\n## Rollback Commands\n";
    for (int step = 0; step < 11; ++step) {  // each & takes five bytes on its way
        section += std::string(450, '&') + " step " + std::to_string(step) + "\n\n";
    }
    std::ofstream(folder / "runbook.md") << section;
    Team world(configured("[runbook]\nfile = \"" + (folder / "runbook.md").string() + "\"\n"));
    REQUIRE(world.until([&] { return !world.rows("SELECT 1 FROM runbook").empty(); }));
    REQUIRE(world.settle());
    const auto show = [&](const std::string& channel) {
        const auto envelope =
            world.server.people.slash("U0ALICE", channel, "/deploy", "runbook Rollback Commands");
        REQUIRE(world.settle());
        CHECK(world.server.hub.sent(envelope)->answer.empty());
    };
    show(deploys);
    REQUIRE(world.until([&] { return was_whispered(world, "U0ALICE", "step 10"); }));
    CHECK(world.server.workspace.ephemerals.back().source == "chat.postEphemeral");
    show("C0SECRET");  // where the bot is not
    REQUIRE(world.until([&] { return was_told(world, "U0ALICE", "step 10"); }));
    world.server.faults.add(
        {.on = "chat.postEphemeral", .what = What::rate_limited, .retry_after = std::chrono::seconds{1}}
    );
    world.server.workspace.ephemerals.clear();
    show(deploys);
    REQUIRE(world.until([&] { return was_whispered(world, "U0ALICE", "step 10"); }));
    CHECK(world.server.transcript.of(simulator::Entry::Kind::complaint).empty());
}

TEST_CASE("two people who press at once: one act, the other is told", "[end_to_end][edge_cases]")
{
    auto options = configured("");
    options.config.replace(options.config.find("[\"U0DANA\"]"), 10, "[\"U0DANA\", \"U0RAJ\"]");
    PlannedDeployment world(options);
    const auto ts = card_of(world, "D-1")->ts;
    world.server.people.press("U0DANA", deploys, ts, "verb:go");
    world.server.people.press("U0RAJ", deploys, ts, "verb:go");
    REQUIRE(world.settle());
    CHECK(world.rows("SELECT count(*) FROM events WHERE kind = 'go_given'") == Rows{"1"});
    const bool dana_is_late = was_whispered(world, "U0DANA", "already been given");
    const bool raj_is_late = was_whispered(world, "U0RAJ", "already been given");
    CHECK(dana_is_late != raj_is_late);
}

TEST_CASE("emoji, right-to-left marks, NUL and half a surrogate break nothing", "[end_to_end][edge_cases]")
{
    PlannedDeployment world;
    world.server.hub.send_raw(
        R"({"envelope_id":"half","type":"events_api","payload":{"event_id":"Ev0HALF","event":{"type":"message",
           "channel":"C0DEPLOYS","user":"U0PETRA","ts":"1795550000.000100","thread_ts":")" +
        card_of(world, "D-1")->ts + R"(","text":"Stakeholder sign-off: Petra Pohl \ud800"}}})"
    );
    REQUIRE(world.until([&] { return !world.rows("SELECT 1 FROM dead_letters").empty(); }));
    CHECK(world.rows("SELECT envelope_id FROM dead_letters") == Rows{"half"});
    world.petra.replies("D-1", std::string("Fine \xF0\x9F\x9A\x80\xE2\x80\xAE by me\0 too", 23));
    world.petra.types(
        "/deploy decline D-1 \xE2\x80\xAE\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x9A\x80 totals off"
    );
    CHECK(thread_says(world, "D-1", "totals off"));
    for (const auto& [ts, message] : world.server.workspace.channels.at(deploys).messages) {
        const bool is_ours = !message.bot_id.empty();
        CHECK_FALSE(
            (is_ours && readable(message.text, message.blocks).find("\xE2\x80\xAE") != std::string::npos)
        );
    }
    world.petra.replies("D-1", "Stakeholder sign-off: \xE2\x80\x8FPetra Pohl");
    CHECK(world.rows(signed_off) == Rows{"1"});
    CHECK(world.is_bot_running());
}

TEST_CASE("a workspace where the command has another name", "[end_to_end][edge_cases]")
{
    BotInSimulator::Options options;
    options.config = "command = \"/ship\"\n" + example_config();
    PlannedDeployment world(options);
    world.bob.types("/ship status D-1");
    CHECK(was_whispered(world, "U0BOB", "Faster search"));
    world.bob.types("/ship freeze web");
    world.bob.types("/ship oncall swap @nobody");
    world.bob.types("/ship list nonsense");
    world.bob.types("/ship start");
    CHECK(was_whispered(world, "U0BOB", "Type `/ship start"));
    CHECK_FALSE(was_whispered(world, "U0BOB", "`/deploy"));
}

TEST_CASE("a missing scope is named to who asked, and in the log", "[end_to_end][edge_cases]")
{
    PlannedDeployment world;
    LogLines log;
    world.server.faults.add(
        {.on = "chat.postMessage",
         .what = What::refuse,
         .error = "missing_scope",
         .needed = "chat:write.public"}
    );
    world.petra.replies("D-1", spoken);
    REQUIRE(world.until([&] { return was_told(world, "U0PETRA", "is missing the scope `chat:write.public`"); }
    ));
    CHECK(log.has("chat:write.public"));
}

TEST_CASE(
    "what Slack refuses for good is told to who asked, and holds nothing up", "[end_to_end][edge_cases]"
)
{
    PlannedDeployment world;
    const auto* error = GENERATE("msg_too_long", "invalid_blocks", "cannot_reply_to_message");
    CAPTURE(error);
    world.server.faults.add({.on = "chat.postMessage", .what = What::refuse, .error = error});
    world.petra.replies("D-1", spoken);
    CHECK(was_told(world, "U0PETRA", "couldn't deliver a message about D-1"));
    world.jane.replies("D-1", "Stakeholder sign-off: Jane Doe, today");
    CHECK(thread_says(world, "D-1", "Jane Doe signed off"));
}

TEST_CASE("who is not in the channel is told directly", "[end_to_end][edge_cases]")
{
    PlannedDeployment world;
    world.server.workspace.channels.at(deploys).members.erase("U0RAJ");
    world.server.people.press_forged("U0RAJ", deploys, "verb:go", R"({"v":1,"d":1,"r":1})");
    REQUIRE(world.settle());
    CHECK(was_told(world, "U0RAJ", "Dev Lead"));
}

TEST_CASE("a command where the bot is not present is answered all the same", "[end_to_end][edge_cases]")
{
    PlannedDeployment world;
    world.alice.types("/deploy list", "C0SECRET");
    CHECK(was_whispered(world, "U0ALICE", "D-1"));
}

}  // namespace demo
