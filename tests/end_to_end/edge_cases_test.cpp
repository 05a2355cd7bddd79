// Cases of docs/tests/edge-cases.md that no other test shows.
#include "tests/demo/team_member.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace demo {

namespace {

using Rows = std::vector<std::string>;
using What = simulator::Fault::What;

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

struct Planned : BotInSimulator {
    explicit Planned(Options options = {}) : BotInSimulator(std::move(options))
    {
        start_bot();
        REQUIRE(alice.plans());
        REQUIRE(card_of(*this, "D-1") != nullptr);
    }

    TeamMember alice{*this, "U0ALICE"}, petra{*this, "U0PETRA"}, dana{*this, "U0DANA"};
};

simulator::Fault refusal(const std::string& on, const std::string& error, int times = 1)
{
    simulator::Fault fault;
    fault.on = on;
    fault.what = What::refuse;
    fault.error = error;
    fault.times = times;
    return fault;
}

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

TEST_CASE("an event that comes again after a restart is known", "[end_to_end][edge_cases]")
{
    Planned world;
    const auto ts = world.petra.replies("D-1", spoken);
    world.stop_bot();
    world.start_bot();
    world.server.hub.send("events_api", told_again(world, ts, ""), false);
    REQUIRE(world.settle());
    CHECK(world.rows(signed_off) == Rows{"1"});
    CHECK(world.server.linear.comments.size() == 1);
}

TEST_CASE("one message that comes as two events is one sign-off", "[end_to_end][edge_cases]")
{
    Planned world;
    const auto ts = world.petra.replies("D-1", spoken);
    world.petra.types("/deploy withdraw D-1");
    world.server.hub.send("events_api", told_again(world, ts, "Ev0ANOTHER"), false);
    REQUIRE(world.settle());
    CHECK(world.rows(signed_off) == Rows{"1"});
}

TEST_CASE(
    "a button pressed twice at once acts once, and the second press is told so", "[end_to_end][edge_cases]"
)
{
    Planned world;
    const auto ts = card_of(world, "D-1")->ts;
    world.server.people.press("U0PETRA", deploys, ts, "verb:signoff");
    world.server.people.press("U0PETRA", deploys, ts, "verb:signoff");
    REQUIRE(world.settle());
    CHECK(world.rows(signed_off) == Rows{"1"});
    CHECK(was_whispered(world, "U0PETRA", "already"));
}

TEST_CASE("a card that somebody deleted is posted anew, once", "[end_to_end][edge_cases]")
{
    Planned world;
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

TEST_CASE("a trigger that is too old or used: the person is told how to go on", "[end_to_end][edge_cases]")
{
    BotInSimulator world;
    world.start_bot();
    const auto* error = GENERATE("expired_trigger_id", "trigger_expired", "exchanged_trigger_id");
    CAPTURE(error);
    world.server.faults.add(refusal("views.open", error));
    TeamMember alice(world, "U0ALICE");
    alice.types("/deploy plan");
    CHECK(was_whispered(world, "U0ALICE", "took longer than Slack allows for opening a form"));
}

TEST_CASE(
    "a form is there at once, and filled when Slack has said who asks for it", "[end_to_end][edge_cases]"
)
{
    Planned world;
    const LogLines log;
    TeamMember jane(world, "U0JANE");
    simulator::Fault slow;
    slow.on = "users.info";
    slow.what = What::delay;
    slow.delay = 3s;  // as long as a trigger lives
    world.server.faults.add(slow);
    auto& people = world.server.people;
    const auto shown = [&](const std::string& user) {
        const auto* modal = people.modal_of(user);
        return modal == nullptr ? std::string{} : json::serialize(modal->body);
    };

    SECTION("who may: with the fields")
    {
        REQUIRE(jane.presses("D-1", "verb:decline"));
        REQUIRE(world.until([&] {
            return shown("U0JANE").find("your form is on its way") != std::string::npos;
        }));
        REQUIRE(world.until([&] { return shown("U0JANE").find("modal:decline") != std::string::npos; }));
        REQUIRE(jane.submits({{"reason", "The totals are off"}}));
        REQUIRE(world.until([&] {
            return world.rows("SELECT kind FROM events WHERE kind = 'declined'").size() == 1;
        }));
    }
    SECTION("who may not: with the reason")
    {
        TeamMember jose(world, "U0JOSE");
        REQUIRE(jose.presses("D-1", "verb:decline"));
        REQUIRE(world.until([&] {
            return shown("U0JOSE").find("you don't hold any of those roles") != std::string::npos;
        }));
    }
    SECTION("who closed it meanwhile: nothing")
    {
        REQUIRE(jane.presses("D-1", "verb:decline"));
        REQUIRE(world.until([&] { return people.modal_of("U0JANE") != nullptr; }));
        people.close_modal("U0JANE");
        REQUIRE(world.until([&] { return log.has("views.update: not_found"); }));
        CHECK(people.modal_of("U0JANE") == nullptr);
    }
}

TEST_CASE("a list that does not exist is named instead of shown as a form", "[end_to_end][edge_cases]")
{
    Planned world;
    world.alice.types("/deploy tick D-1 smok");
    CHECK(was_whispered(world, "U0ALICE", "There's no checklist called \"smok\""));
    world.server.people.press_forged(
        "U0DANA", deploys, "verb:tick", R"({"v":1,"d":1,"r":1,"checklist":"rollback_steps"})"
    );
    REQUIRE(world.settle());
    CHECK(was_whispered(world, "U0DANA", "D-1 is planned"));
    CHECK(world.server.people.modal_of("U0ALICE") == nullptr);
    CHECK(world.server.people.modal_of("U0DANA") == nullptr);
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
    BotInSimulator::Options options;
    options.config = example_config() + "[runbook]\nfile = \"" + (folder / "runbook.md").string() + "\"\n";
    BotInSimulator world(options);
    world.start_bot();
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
    simulator::Fault busy;
    busy.on = "chat.postEphemeral";
    busy.what = What::rate_limited;
    busy.retry_after = 1s;
    world.server.faults.add(busy);
    world.server.workspace.ephemerals.clear();
    show(deploys);
    REQUIRE(world.until([&] { return was_whispered(world, "U0ALICE", "step 10"); }));
    CHECK(world.server.transcript.of(simulator::Entry::Kind::complaint).empty());
}

TEST_CASE("two people who press at once: one act, the other is told", "[end_to_end][edge_cases]")
{
    BotInSimulator::Options options;
    options.config = example_config();
    options.config.replace(options.config.find("[\"U0DANA\"]"), 10, "[\"U0DANA\", \"U0RAJ\"]");
    Planned world(options);
    const auto ts = card_of(world, "D-1")->ts;
    world.server.people.press("U0DANA", deploys, ts, "verb:go");
    world.server.people.press("U0RAJ", deploys, ts, "verb:go");
    REQUIRE(world.settle());
    CHECK(world.rows("SELECT count(*) FROM events WHERE kind = 'go_given'") == Rows{"1"});
    const bool dana_is_late = was_whispered(world, "U0DANA", "already been given");
    const bool raj_is_late = was_whispered(world, "U0RAJ", "already been given");
    CHECK(dana_is_late != raj_is_late);
}

TEST_CASE("a Home that Slack does not take is published when it is opened again", "[end_to_end][edge_cases]")
{
    Planned world;
    const auto* error = GENERATE("hash_conflict", "not_found", "internal_error");
    CAPTURE(error);
    world.server.faults.add(refusal("views.publish", error));
    world.server.people.open_home("U0PETRA");
    REQUIRE(world.settle());
    CHECK_FALSE(world.server.workspace.homes.contains("U0PETRA"));
    world.server.people.open_home("U0PETRA");
    REQUIRE(world.until([&] { return world.server.workspace.homes.contains("U0PETRA"); }));
    CHECK(world.server.transcript.calls("views.update") == 0);
}

TEST_CASE("a command of thousands of signs, tabs and invisible ones is read", "[end_to_end][edge_cases]")
{
    Planned world;
    const std::string reason(4'500, 'x');
    world.petra.types(
        "/deploy \tdecline\xC2\xA0"
        "D\xE2\x80\x91"
        "1\xE2\x80\x8B \t" +
        reason
    );
    CHECK(world.rows("SELECT count(*) FROM events WHERE kind = 'declined'") == Rows{"1"});
    CHECK(
        world.rows("SELECT body FROM events WHERE kind = 'declined'").front().find(reason) !=
        std::string::npos
    );
    CHECK(thread_says(world, "D-1", "Petra Pohl declined"));
    CHECK(world.server.transcript.of(simulator::Entry::Kind::complaint).empty());
}

TEST_CASE(
    "a mention is a person; links, groups, channels and bare names are asked about",
    "[end_to_end][edge_cases]"
)
{
    Planned world;
    for (const auto* text :
         {"<#C0DEPLOYS|>",
          "<#C0DEPLOYS|deploys>",
          "<!subteam^S0DEVS|@developers>",
          "<mailto:jane@acme.example|jane@acme.example>",
          "<http://jane.example|jane.example>",
          "@jane",
          "Jane"}) {
        CAPTURE(text);
        world.server.workspace.ephemerals.clear();
        world.petra.types(std::string("/deploy delegate D-1 ") + text);
        CHECK(was_whispered(world, "U0PETRA", "I don't know who"));
        CHECK(was_whispered(world, "U0PETRA", "mention one with @"));
    }
    CHECK(world.rows("SELECT 1 FROM events WHERE kind = 'sign_off_delegated'").empty());
    TeamMember jane(world, "U0JANE");
    jane.types("/deploy delegate D-1 <@U0JOSE|jose>");
    CHECK(world.rows("SELECT count(*) FROM events WHERE kind = 'sign_off_delegated'") == Rows{"1"});
}

TEST_CASE("emoji, right-to-left marks, NUL and half a surrogate break nothing", "[end_to_end][edge_cases]")
{
    Planned world;
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
    Planned world(options);
    TeamMember bob(world, "U0BOB");
    bob.types("/ship status D-1");
    CHECK(was_whispered(world, "U0BOB", "Faster search"));
    bob.types("/ship freeze web");
    bob.types("/ship oncall swap @nobody");
    bob.types("/ship list nonsense");
    bob.types("/ship start");
    CHECK(was_whispered(world, "U0BOB", "Type `/ship start"));
    CHECK_FALSE(was_whispered(world, "U0BOB", "`/deploy"));
}

TEST_CASE("a missing scope is named to who asked, and in the log", "[end_to_end][edge_cases]")
{
    Planned world;
    LogLines log;
    auto fault = refusal("chat.postMessage", "missing_scope");
    fault.needed = "chat:write.public";
    world.server.faults.add(fault);
    world.petra.replies("D-1", spoken);
    REQUIRE(world.until([&] { return was_told(world, "U0PETRA", "is missing the scope `chat:write.public`"); }
    ));
    CHECK(log.has("chat:write.public"));
}

TEST_CASE("an app that was removed is not ready and keeps its state", "[end_to_end][edge_cases]")
{
    Planned world;
    world.server.workspace.tell({{"type", "tokens_revoked"}, {"tokens", {{"bot", {"U0SLIPWAY"}}}}});
    REQUIRE(world.until([&] { return !world.is_ready(); }));
    CHECK(world.is_bot_running());
    CHECK(world.rows("SELECT stage FROM deployments") == Rows{"planned"});
}

TEST_CASE(
    "a channel that is archived or closed to apps: told, and said once it is open", "[end_to_end][edge_cases]"
)
{
    BotInSimulator world;
    auto& channel = world.server.workspace.channels.at(deploys);
    const bool archived = GENERATE(true, false);
    channel.is_archived = archived;
    channel.restriction = archived ? "" : "restricted_action_read_only_channel";
    world.start_bot();
    TeamMember alice(world, "U0ALICE");
    alice.types("/deploy plan");
    REQUIRE(world.until([&] { return world.server.people.modal_of("U0ALICE") != nullptr; }));
    world.server.people.submit("U0ALICE", example_plan());
    REQUIRE(world.until([&] { return was_told(world, "U0ALICE", "couldn't deliver"); }));
    channel.is_archived = false;
    channel.restriction.clear();
    world.clock.advance(2min);
    CHECK(world.until([&] { return thread_says(world, "D-1", "Please sign off"); }));
}

TEST_CASE(
    "what Slack refuses for good is told to who asked, and holds nothing up", "[end_to_end][edge_cases]"
)
{
    Planned world;
    const auto* error = GENERATE("msg_too_long", "invalid_blocks", "cannot_reply_to_message");
    CAPTURE(error);
    world.server.faults.add(refusal("chat.postMessage", error));
    world.petra.replies("D-1", spoken);
    CHECK(was_told(world, "U0PETRA", "couldn't deliver a message about D-1"));
    TeamMember jane(world, "U0JANE");
    jane.replies("D-1", "Stakeholder sign-off: Jane Doe, today");
    CHECK(thread_says(world, "D-1", "Jane Doe signed off"));
}

TEST_CASE("who is not in the channel is told directly", "[end_to_end][edge_cases]")
{
    Planned world;
    world.server.workspace.channels.at(deploys).members.erase("U0RAJ");
    world.server.people.press_forged("U0RAJ", deploys, "verb:go", R"({"v":1,"d":1,"r":1})");
    REQUIRE(world.settle());
    CHECK(was_told(world, "U0RAJ", "Dev Lead"));
}

TEST_CASE("a command where the bot is not present is answered all the same", "[end_to_end][edge_cases]")
{
    Planned world;
    world.alice.types("/deploy list", "C0SECRET");
    CHECK(was_whispered(world, "U0ALICE", "D-1"));
}

TEST_CASE("a form that is sent after the deployment ended says so in the form", "[end_to_end][edge_cases]")
{
    Planned world;
    REQUIRE(world.petra.presses("D-1", "verb:decline"));
    REQUIRE(world.until([&] { return world.server.people.modal_of("U0PETRA") != nullptr; }));
    world.alice.types("/deploy cancel D-1 not needed");
    REQUIRE(world.rows("SELECT stage FROM deployments") == Rows{"cancelled"});
    REQUIRE(world.petra.submits({{"reason", "The totals are off"}}));
    CHECK(world.petra.sees_error("reason", "cancelled"));
}

TEST_CASE("a user group that is empty, gone or unreadable gives nobody a role", "[end_to_end][edge_cases]")
{
    BotInSimulator::Options options;
    options.config = example_config();
    options.config.replace(options.config.find("[\"U0DANA\"]"), 10, "[\"@nobody\"]");
    Planned world(options);
    world.dana.types("/deploy go D-1");
    CHECK(was_whispered(world, "U0DANA", "Dev Lead"));
    world.server.workspace.groups["S0EMPTY"].users = {"U0DANA"};
    world.advance(6min);  // roles are read again every five minutes
    const auto went = [&] { return world.rows("SELECT count(*) FROM events WHERE kind = 'go_given'"); };
    REQUIRE(world.until([&] {
        world.dana.types("/deploy go D-1");
        return went() == Rows{"1"};
    }));
    world.server.faults.add(refusal("usergroups.list", "plan_upgrade_required", 0));
    world.server.faults.add(refusal("usergroups.users.list", "plan_upgrade_required", 0));
    world.advance(6min);
    REQUIRE(world.until([&] { return !world.server.transcript.of(simulator::Entry::Kind::fault).empty(); }));
    REQUIRE(world.settle());
    world.server.workspace.ephemerals.clear();
    REQUIRE(world.alice.presses("D-1", "verb:amend"));
    REQUIRE(world.alice.submits({{"rollback_plan", "Switch the flag off"}}));
    world.dana.types("/deploy go D-1");
    CHECK(went() == Rows{"1"});
    CHECK(was_whispered(world, "U0DANA", "Dev Lead"));
}

}  // namespace demo
