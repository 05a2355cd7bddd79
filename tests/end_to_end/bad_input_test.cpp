#include "tests/demo/team_member.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>

namespace demo {

namespace {

using Rows = std::vector<std::string>;
using What = simulator::Fault::What;

simulator::Fault fault(const std::string& on, What what, int times = 1)
{
    simulator::Fault made;
    made.on = on;
    made.what = what;
    made.times = times;
    return made;
}

}  // namespace

TEST_CASE("an unknown verb is answered with the nearest one", "[end_to_end][bad_input]")
{
    BotInSimulator world;
    world.start_bot();
    TeamMember alice(world, "U0ALICE");
    alice.types("/deploy statsu");
    CHECK(was_whispered(world, "U0ALICE", "Did you mean `/deploy status`?"));
}

TEST_CASE(
    "a malformed envelope is acknowledged where it can be, kept, and holds nothing up",
    "[end_to_end][bad_input]"
)
{
    BotInSimulator world;
    world.start_bot();
    REQUIRE(world.until([&] { return world.server.hub.connections() == 2; }));
    world.server.hub.send_raw("{\"envelope_id\":\"e-1\",\"type\":\"events_api\",\"payload\":[1,2");
    world.server.hub.send_raw(R"({"envelope_id":"e-2","type":"slash_commands","payload":{"command":7}})");
    world.server.hub.send_raw(R"({"envelope_id":"e-3","type":"something_new","payload":{}})");
    world.server.hub.send_raw("\xff\xfe not JSON at all");
    TeamMember alice(world, "U0ALICE");
    alice.types("/deploy list");
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

TEST_CASE(
    "a channel that the bot is not in: the planner is told, and the card comes once it is",
    "[end_to_end][bad_input]"
)
{
    BotInSimulator world;
    world.server.workspace.channels.at(deploys).members.erase(world.server.workspace.bot_user);
    world.start_bot();
    TeamMember alice(world, "U0ALICE");
    alice.types("/deploy plan");
    REQUIRE(world.until([&] { return world.server.people.modal_of("U0ALICE") != nullptr; }));
    world.server.people.submit("U0ALICE", example_plan());
    REQUIRE(world.until([&] { return was_told(world, "U0ALICE", "/invite @slipway"); }));
    CHECK(card_of(world, "D-1") == nullptr);
    world.server.workspace.channels.at(deploys).members.insert(world.server.workspace.bot_user);
    world.clock.advance(std::chrono::minutes{2});
    CHECK(world.until([&] { return thread_says(world, "D-1", "Please sign off"); }));
}

TEST_CASE(
    "a Linear issue that does not exist: whoever signed off is told, the sign-off stands",
    "[end_to_end][bad_input]"
)
{
    BotInSimulator world;
    world.start_bot();
    TeamMember alice(world, "U0ALICE");
    TeamMember petra(world, "U0PETRA");
    REQUIRE(alice.plans({{"linear_issue", "ENG-999"}}));
    petra.replies("D-1", "Stakeholder sign-off: Petra Pohl, today");
    CHECK(was_told(world, "U0PETRA", "ENG-999"));
    CHECK(world.rows("SELECT state FROM sign_offs") == Rows{"valid"});
}

TEST_CASE("a Linear key that is refused: the comment waits for the right one", "[end_to_end][bad_input]")
{
    BotInSimulator world;
    world.server.linear.key = "lin-other";
    world.start_bot();
    TeamMember alice(world, "U0ALICE");
    REQUIRE(alice.plans());
    world.server.people.reply(
        "U0PETRA", deploys, card_of(world, "D-1")->ts, "Stakeholder sign-off: Petra Pohl, today"
    );
    REQUIRE(world.until([&] { return was_told(world, "U0PETRA", "LINEAR_API_KEY"); }));
    world.stop_bot();
    world.environment["LINEAR_API_KEY"] = "lin-other";
    world.start_bot();
    world.clock.advance(std::chrono::minutes{2});
    REQUIRE(world.until([&] { return world.server.linear.comments.size() == 1; }));
    CHECK(world.server.linear.comments.front().body == "Stakeholder sign-off: Petra Pohl, 2026-11-24");
}

TEST_CASE(
    "an issue that Linear lets the bot not comment on: its comment waits, others do not",
    "[end_to_end][bad_input]"
)
{
    BotInSimulator world;
    world.server.linear.forbidden = {"ENG-1"};
    world.start_bot();
    TeamMember alice(world, "U0ALICE");
    REQUIRE(alice.plans({{"linear_issue", "ENG-1"}}));
    REQUIRE(alice.plans({{"linear_issue", "ENG-2"}, {"service", "api"}}));
    for (const auto* deployment : {"D-1", "D-2"}) {
        world.server.people.reply(
            "U0PETRA", deploys, card_of(world, deployment)->ts, "Stakeholder sign-off: Petra Pohl, today"
        );
    }
    auto& comments = world.server.linear.comments;
    REQUIRE(world.until([&] { return was_told(world, "U0PETRA", "comment on ENG-1") && !comments.empty(); }));
    CHECK(comments.front().issue == "ENG-2");
    world.server.linear.forbidden.clear();
    world.clock.advance(std::chrono::minutes{2});
    REQUIRE(world.until([&] { return comments.size() == 2; }));
    CHECK(comments.back().issue == "ENG-1");
    CHECK(comments.back().body == "Stakeholder sign-off: Petra Pohl, 2026-11-24");
}

TEST_CASE("a token that Slack refuses ends the program with a sentence", "[end_to_end][bad_input]")
{
    BotInSimulator world;
    SECTION("bot token")
    {
        world.server.workspace.refused_tokens["xoxb-test"] = "token_revoked";
        world.launch_bot();
        REQUIRE(world.until([&] { return !world.is_bot_running(); }));
        CHECK(world.bot_failure().find("SLACK_BOT_TOKEN") != std::string::npos);
        CHECK(world.bot_failure().find("xoxb-test") == std::string::npos);
    }
    SECTION("app-level token")
    {
        world.server.workspace.refused_tokens["xapp-test"] = "invalid_auth";
        world.launch_bot();
        REQUIRE(world.until([&] { return !world.is_bot_running(); }));
        CAPTURE(world.bot_failure());
        CHECK(world.bot_failure().find("SLACK_APP_TOKEN") != std::string::npos);
    }
}

TEST_CASE("roles that Slack does not know are all named, and nothing starts", "[end_to_end][bad_input]")
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

TEST_CASE("mistakes in the form appear at their fields", "[end_to_end][bad_input]")
{
    BotInSimulator world;
    world.start_bot();
    TeamMember alice(world, "U0ALICE");
    REQUIRE(alice.plans({{"linear_issue", "somewhere"}, {"rollback_plan", ""}, {"duration", "soon"}}));
    CHECK(alice.sees_error("linear_issue", "ENG-123"));
    CHECK(alice.sees_error("rollback_plan", "undo this"));
    CHECK(alice.sees_error("duration", "45m"));
    CHECK(world.rows("SELECT * FROM events WHERE kind <> 'rotation_set'").empty());
    REQUIRE(alice.submits(example_plan()));
    CHECK(card_of(world, "D-1") != nullptr);
}

TEST_CASE("a form that is submitted twice is done once", "[end_to_end][bad_input]")
{
    BotInSimulator world;
    world.start_bot();
    auto& people = world.server.people;
    TeamMember alice(world, "U0ALICE");
    alice.types("/deploy plan");
    auto mistaken = example_plan();
    mistaken["duration"] = "soon";
    REQUIRE(alice.submits(mistaken));
    CHECK(alice.sees_error("duration", "45m"));
    (void)people.submit("U0ALICE", example_plan());
    (void)people.submit("U0ALICE", example_plan());
    REQUIRE(world.settle());
    CHECK(people.modal_of("U0ALICE") == nullptr);
    CHECK(
        world.rows("SELECT deployment, kind FROM events WHERE kind <> 'rotation_set'") == Rows{"D-1|planned"}
    );
}

TEST_CASE("a form that could not be stored stays open", "[end_to_end][faults]")
{
    BotInSimulator world;
    world.start_bot();
    auto& people = world.server.people;
    TeamMember alice(world, "U0ALICE");
    alice.types("/deploy plan");
    SQLite::Database other(world.store_path.string(), SQLite::OPEN_READWRITE, 2'000);
    other.exec("CREATE TRIGGER full BEFORE INSERT ON inbox BEGIN SELECT RAISE(ABORT, 'disk full'); END");
    const auto sent = people.submit("U0ALICE", example_plan());
    REQUIRE(world.until([&] { return world.server.hub.sent(sent)->lost; }));
    CHECK_FALSE(world.server.hub.sent(sent)->acked);
    REQUIRE(people.modal_of("U0ALICE") != nullptr);
    other.exec("DROP TRIGGER full");
    REQUIRE(alice.submits(example_plan()));
    CHECK(card_of(world, "D-1") != nullptr);
    CHECK(world.rows("SELECT kind FROM events WHERE kind <> 'rotation_set'") == Rows{"planned"});
}

TEST_CASE("a button that could not be heard is not acknowledged", "[end_to_end][faults]")
{
    BotInSimulator world;
    world.start_bot();
    TeamMember alice(world, "U0ALICE");
    REQUIRE(alice.plans());
    auto& people = world.server.people;
    const auto is_unanswered = [&](const std::string& sent) {
        return world.until([&] { return world.server.hub.sent(sent)->lost; }) &&
               !world.server.hub.sent(sent)->acked;
    };
    SECTION("because Slack does not say who pressed it")
    {
        world.server.faults.add(fault("users.info", What::refuse));
        const auto value = R"({"v":1,"d":1,"r":1})";
        CHECK(is_unanswered(people.press_forged("U0JANE", deploys, "verb:signoff", value)));
    }
    SECTION("because its form could not be opened")
    {
        world.server.faults.add(fault("views.open", What::refuse));
        const auto value = R"({"v":1,"d":1,"r":1})";
        CHECK(is_unanswered(people.press_forged("U0ALICE", deploys, "verb:amend", value)));
    }
}

TEST_CASE("a command whose form did not open is answered with a button for it", "[end_to_end][faults]")
{
    BotInSimulator world;
    world.start_bot();
    world.server.faults.add(fault("views.open", What::refuse));
    TeamMember alice(world, "U0ALICE");
    alice.types("/deploy plan");
    REQUIRE(alice.presses_in_whisper("verb:plan"));
    REQUIRE(alice.submits(example_plan()));
    CHECK(card_of(world, "D-1") != nullptr);
}

TEST_CASE("a forged button does nothing that its presser may not", "[end_to_end][bad_input]")
{
    BotInSimulator world;
    world.start_bot();
    TeamMember alice(world, "U0ALICE");
    REQUIRE(alice.plans());
    auto& people = world.server.people;
    people.press_forged("U0JANE", deploys, "verb:go", R"({"v":1,"d":1,"r":1})");
    people.press_forged("U0JANE", deploys, "verb:timer", R"({"v":1,"d":1,"r":1})");
    people.press_forged("U0JANE", deploys, "verb:signoff", "no JSON");
    people.press_forged("U0JANE", deploys, "verb:signoff", R"({"v":1,"d":"1","r":-5})");
    REQUIRE(world.settle());
    CHECK(world.rows("SELECT kind FROM events WHERE kind <> 'rotation_set'") == Rows{"planned"});
}

TEST_CASE("what Slack answers while it is troubled is tried again and said once", "[end_to_end][faults]")
{
    struct Case {
        const char* name;
        simulator::Fault trouble;
    };

    auto late = fault("chat.postMessage", What::rate_limited);
    late.retry_after = std::chrono::seconds{2};
    auto applied = fault("chat.postMessage", What::reset);
    applied.after_applying = true;
    auto applied_dropped = fault("chat.postMessage", What::drop, 2);
    applied_dropped.after_applying = true;
    auto broken = fault("chat.postMessage", What::status);
    broken.status = 503;
    const auto [name, trouble] = GENERATE_COPY(
        Case{"429 with Retry-After", late},
        Case{"reset before it was applied", fault("chat.postMessage", What::reset)},
        Case{"reset after it was applied", applied},
        Case{"dropped twice after it was applied", applied_dropped},
        Case{"half an answer", fault("chat.postMessage", What::truncate)},
        Case{"HTML from a proxy", fault("chat.postMessage", What::html)},
        Case{"503", broken}
    );
    CAPTURE(name);
    BotInSimulator world;
    world.start_bot();
    world.server.faults.add(trouble);
    TeamMember alice(world, "U0ALICE");
    REQUIRE(alice.plans());
    REQUIRE(
        world.until([&] { return thread_says(world, "D-1", "Please sign off"); }, std::chrono::seconds{20})
    );
    int cards = 0;
    int asked = 0;
    for (const auto& [ts, message] : world.server.workspace.channels.at(deploys).messages) {
        cards += message.text.starts_with("D-1 ") ? 1 : 0;
        asked += message.text.find("Please sign off") != std::string::npos ? 1 : 0;
    }
    CHECK(cards == 1);
    CHECK(asked == 1);
    CHECK(world.server.faults.empty());
}

TEST_CASE("the Linear comment is delivered once, whatever fails", "[end_to_end][faults]")
{
    auto applied = fault("commentCreate", What::reset);
    applied.after_applying = true;
    auto limited = fault("commentCreate", What::rate_limited);
    limited.status = 400;
    auto broken = fault("commentCreate", What::status);
    broken.status = 502;
    auto limited_with_200 = limited;
    limited_with_200.status = 200;
    const auto trouble = GENERATE_COPY(
        fault("commentCreate", What::reset),
        applied,
        limited,
        limited_with_200,
        broken,
        fault("commentCreate", What::html),
        fault("commentCreate", What::truncate)
    );
    CAPTURE(to_string(trouble.what), trouble.after_applying, trouble.status);
    BotInSimulator world;
    world.start_bot();
    TeamMember alice(world, "U0ALICE");
    REQUIRE(alice.plans());
    world.server.faults.add(trouble);
    world.server.people.reply(
        "U0PETRA", deploys, card_of(world, "D-1")->ts, "Stakeholder sign-off: Petra Pohl, today"
    );
    REQUIRE(world.until(
        [&] {
            return world.rows("SELECT state FROM outbox WHERE kind = 'linear_comment'") == Rows{"delivered"};
        },
        std::chrono::seconds{20}
    ));
    REQUIRE(world.server.linear.comments.size() == 1);
    CHECK(world.server.linear.comments.front().body == "Stakeholder sign-off: Petra Pohl, 2026-11-24");
    CHECK(
        world.server.linear.comments.front().id ==
        world.rows("SELECT linear_comment_id FROM sign_offs").front()
    );
}

TEST_CASE("what was not yet said survives a restart", "[end_to_end][faults]")
{
    BotInSimulator world;
    world.start_bot();
    TeamMember alice(world, "U0ALICE");
    world.server.faults.add(fault("chat.postMessage", What::hold, 0));
    alice.types("/deploy plan");
    REQUIRE(world.until([&] { return world.server.people.modal_of("U0ALICE") != nullptr; }));
    world.server.people.submit("U0ALICE", example_plan());
    REQUIRE(world.until([&] { return world.server.transcript.of(simulator::Entry::Kind::fault).size() == 1; })
    );
    world.stop_bot();
    CHECK(card_of(world, "D-1") == nullptr);
    world.server.faults.clear();
    world.start_bot();
    CHECK(world.until([&] { return thread_says(world, "D-1", "Please sign off"); }));
}

TEST_CASE("every disconnect that Slack announces is survived without a gap", "[end_to_end][socket_mode]")
{
    const auto* reason = GENERATE("warning", "refresh_requested", "too_many_websockets");
    CAPTURE(reason);
    BotInSimulator world;
    world.start_bot();
    REQUIRE(world.until([&] { return world.server.hub.connections() == 2; }));
    const auto before = world.server.hub.ever_connected();
    world.server.hub.disconnect(reason, false);
    TeamMember alice(world, "U0ALICE");
    alice.types("/deploy list");
    CHECK(was_whispered(world, "U0ALICE", ""));
    CHECK(world.is_ready());
    CHECK(world.until([&] { return world.server.hub.ever_connected() > before; }));
}

TEST_CASE("connections that are cut are opened again", "[end_to_end][socket_mode]")
{
    BotInSimulator world;
    world.start_bot();
    REQUIRE(world.until([&] { return world.server.hub.connections() == 2; }));
    world.server.hub.cut();
    REQUIRE(world.until([&] { return world.server.hub.ever_connected() >= 4 && world.is_ready(); }));
    TeamMember alice(world, "U0ALICE");
    REQUIRE(alice.plans());
    CHECK(card_of(world, "D-1") != nullptr);
}

TEST_CASE("a link that is disabled makes the bot not ready", "[end_to_end][socket_mode]")
{
    BotInSimulator world;
    world.start_bot();
    world.server.hub.disconnect("link_disabled");
    CHECK(world.until([&] { return !world.is_ready(); }));
    CHECK(world.is_bot_running());
}

}  // namespace demo
