#include "tests/end_to_end/live_deployment.hpp"

#include <catch2/generators/catch_generators.hpp>

namespace demo {

namespace {

constexpr auto valid =
    "SELECT user_id || ' ' || source FROM sign_offs WHERE state = 'valid' ORDER BY user_id";

std::vector<std::string> comments(const BotInSimulator& world)
{
    std::vector<std::string> bodies;
    for (const auto& comment : world.server.linear.comments) {
        bodies.push_back(comment.issue + "|" + comment.body);
    }
    return bodies;
}

}  // namespace

TEST_CASE("a sign-off counts by reply, by button and by verb", "[end_to_end][sign_off]")
{
    BotInSimulator::Options options;
    options.tls = GENERATE(true, false);
    PlannedDeployment world(options);
    SECTION("reply")
    {
        const auto ts = world.petra.replies("D-1", "Stakeholder sign-off: Petra Pohl, 2026-11-24");
        CHECK(world.rows(valid) == Rows{"U0PETRA reply"});
        CHECK(
            world.rows("SELECT permalink FROM sign_offs").front().find("/archives/C0DEPLOYS/p") !=
            std::string::npos
        );
    }
    SECTION("button")
    {
        REQUIRE(world.petra.presses("D-1", "verb:signoff"));
        CHECK(world.rows(valid) == Rows{"U0PETRA button"});
    }
    SECTION("verb")
    {
        world.petra.types("/deploy signoff D-1");
        CHECK(world.rows(valid) == Rows{"U0PETRA verb"});
    }
    CHECK(comments(world) == Rows{"ENG-123|Stakeholder sign-off: Petra Pohl, 2026-11-24"});
    CHECK(
        world.rows("SELECT linear_comment_id FROM sign_offs") == Rows{world.server.linear.comments.front().id}
    );
}

TEST_CASE(
    "nobody signs for another: one press signs as oneself, on the day that was typed",
    "[end_to_end][sign_off]"
)
{
    PlannedDeployment world;
    world.petra.replies("D-1", "Stakeholder sign-off: Jane Doe, 2026-11-23");
    CHECK(world.rows(valid).empty());
    REQUIRE(was_whispered(world, "U0PETRA", "Petra Pohl"));
    const auto& whisper = world.server.workspace.ephemerals.back();
    REQUIRE(simulator::find_button(whisper.blocks, "verb:signoff") != nullptr);
    world.server.people.press("U0PETRA", deploys, whisper.ts, "verb:signoff");
    CHECK(world.until([&] { return world.rows(valid) == Rows{"U0PETRA button"}; }));
    REQUIRE(world.settle());
    CHECK(comments(world) == Rows{"ENG-123|Stakeholder sign-off: Petra Pohl, 2026-11-23"});
}

TEST_CASE("who does not count is told so, to them alone", "[end_to_end][sign_off]")
{
    PlannedDeployment world;
    for (const auto* user : {"U0GUEST", "U0OTHER", "U0GONE", "U0ALICE", "U0RAJ"}) {
        CAPTURE(user);
        TeamMember somebody(world, user);
        const auto name = world.server.workspace.users.at(user).real_name;
        const auto before = world.server.workspace.ephemerals.size();
        somebody.replies("D-1", "Stakeholder sign-off: " + name + ", today");
        CHECK(world.rows(valid).empty());
        CHECK(world.server.workspace.ephemerals.size() == before + 1);
        CHECK(world.server.workspace.ephemerals.back().user == user);
    }
    TeamMember robot(world, "U0ROBOT");
    robot.replies("D-1", "Stakeholder sign-off: Some Robot, today");
    CHECK(world.rows(valid).empty());
    CHECK(comments(world).empty());
}

TEST_CASE("editing or deleting the message changes nothing in the ledger", "[end_to_end][sign_off]")
{
    PlannedDeployment world;
    const std::string spoken = "Stakeholder sign-off: Petra Pohl, today";
    auto& people = world.server.people;
    people.edit("U0PETRA", deploys, world.petra.replies("D-1", "Looks good"), spoken);
    REQUIRE(world.settle());
    CHECK(world.rows(valid).empty());
    const auto ts = world.petra.replies("D-1", spoken);
    const auto before = world.rows("SELECT seq, kind, body FROM events");
    people.edit("U0PETRA", deploys, ts, "Never mind");
    REQUIRE(world.settle());
    world.server.workspace.remove(deploys, ts, "U0PETRA");
    REQUIRE(world.settle());
    CHECK(world.rows("SELECT seq, kind, body FROM events") == before);
    CHECK(world.rows(valid) == Rows{"U0PETRA reply"});
}

TEST_CASE("withdrawing is a new event and a comment of its own", "[end_to_end][sign_off]")
{
    PlannedDeployment world;
    world.petra.replies("D-1", "Stakeholder sign-off: Petra Pohl, today");
    REQUIRE(world.petra.presses("D-1", "verb:withdraw"));
    CHECK(world.rows("SELECT user_id, state FROM sign_offs") == Rows{"U0PETRA|withdrawn"});
    CHECK(
        comments(world) ==
        Rows{
            "ENG-123|Stakeholder sign-off: Petra Pohl, 2026-11-24",
            "ENG-123|Stakeholder sign-off withdrawn: Petra Pohl, 2026-11-24"}
    );
}

TEST_CASE("a name with markup reaches Linear as a name and pings nobody in Slack", "[end_to_end][sign_off]")
{
    BotInSimulator world;
    world.server.workspace.users.at("U0PETRA").real_name = "Petra *P* <!channel> [x](y)";
    world.start_bot();
    TeamMember alice(world, "U0ALICE");
    TeamMember petra(world, "U0PETRA");
    REQUIRE(alice.plans());
    petra.types("/deploy signoff D-1");
    CHECK(
        comments(world) ==
        Rows{R"(ENG-123|Stakeholder sign-off: Petra \*P\* \<\!channel\> \[x\]\(y\), 2026-11-24)"}
    );
    for (const auto& [ts, message] : world.server.workspace.channels.at(deploys).messages) {
        CHECK(readable(message.text, message.blocks).find("<!channel>") == std::string::npos);
    }
}

}  // namespace demo
