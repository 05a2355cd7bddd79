// What slipway.toml names and Slack knows: who is on call is a fact, and who is gone can do nothing.
#include "commands/pipeline/on_call.hpp"
#include "tests/commands/team_in_memory.hpp"
#include "tests/commands/unmet.hpp"

namespace slipway::testing {

namespace {

/// Sprints of two weeks from Monday 2026-11-16: Bob, then Carl from the 30th. It is the 23rd.
const Instant next_turn = est("2026-11-30 00:00");

struct World : TeamInMemory {
    World()
    {
        restart();
        reads(policy.rotation);
        said.clear();
    }

    /// The bot reads `people` as the rotation, and finds `gone` in it or in the roles.
    void reads(std::vector<UserId> people, std::vector<UserId> gone = {})
    {
        policy.rotation = std::move(people);
        DirectoryChanged changes{std::move(gone), {}};
        for (const auto& user : changes.gone) {
            changes.troubles.push_back(user.str() + " is deactivated in Slack");
        }
        Request request;
        request.verb = "timer";
        request.text = "directory";
        request.source = Source::timer;
        request.fields = {
            {"rotation_set", to_json(Event(rotation_of(policy, policy.rotation)))},
            {"directory_changed", to_json(Event(std::move(changes)))}};
        REQUIRE(wish(request, Person{.id = UserId("slipway"), .is_bot = true}).has_value());
    }

    void plan(const char* when)
    {
        REQUIRE(say("alice",
                    "plan",
                    {},
                    {{"what", "Faster search"},
                     {"linear_issue", "ENG-1"},
                     {"service", "web"},
                     {"rollback_plan", "Revert"},
                     {"starts_at", when}}
        ).has_value());
        said.clear();
    }

    /// "U0BOB rotation_changed", in the order of telling.
    [[nodiscard]] std::vector<std::string> told() const
    {
        std::vector<std::string> lines;
        for (const auto& each : said) {
            if (const auto* message = std::get_if<DirectMessage>(&each.saying)) {
                lines.push_back(message->user.str() + " " + message->sentence.id);
            }
        }
        return lines;
    }

    [[nodiscard]] UserId on_call(Instant at) const { return on_call_at(at, team, policy); }

    [[nodiscard]] UserId on_call_of(int number) const { return on_call_for(at(number), now, team, policy); }

    [[nodiscard]] bool draws_card() const
    {
        return std::any_of(said.begin(), said.end(), [](const Said& each) {
            return std::holds_alternative<CardRefresh>(each.saying);
        });
    }
};

const auto alice = id_of("alice");
const auto bob = id_of("bob");
const auto carl = id_of("carl");
const auto dana = id_of("dana");

}  // namespace

TEST_CASE("a rotation edited in the middle of a sprint takes nobody off their turn", "[commands][rotation]")
{
    World world;
    const bool edits_dates = GENERATE(false, true);
    CAPTURE(edits_dates);
    world.plan("tue 22:00");  // tomorrow, Bob's sprint
    REQUIRE(world.on_call_of(1) == bob);
    REQUIRE(world.say("bob", "ready", 1).has_value());
    world.said.clear();
    if (edits_dates) {
        world.policy.sprint_start = date::year{2026} / 11 / 23;
    }
    world.reads({bob, dana, carl});
    CHECK(world.on_call(world.now) == bob);
    CHECK(world.on_call_of(1) == bob);
    CHECK(is_on_call_ready(world.at(1), world.now, world.team, world.policy));
    CHECK(world.on_call(next_turn - 1ms) == bob);
    CHECK(world.on_call(next_turn) == (edits_dates ? bob : dana));
    CHECK(world.on_call(est("2026-12-07 00:00")) == dana);
    CHECK(has(world.told(), "U0BOB rotation_changed"));
    CHECK(has(world.told(), "U0DANA rotation_changed"));
    CHECK(has(world.told(), "U0CARL rotation_changed"));  // it was their turn next
    const auto shown = world.say("zoe", "oncall");
    CHECK(shown->reply.back().facts.at("on_call") == (edits_dates ? "<@U0BOB>" : "<@U0DANA>"));
    SECTION("it is said once, and not again by a start")
    {
        world.said.clear();
        world.restart();
        world.reads(world.policy.rotation);
        CHECK(world.told().empty());
    }
    SECTION("what is edited back before the next sprint was never there")
    {
        world.policy.sprint_start = date::year{2026} / 11 / 16;
        world.reads({bob, carl});
        CHECK(world.on_call(next_turn) == carl);
        CHECK(world.on_call(next_turn + std::chrono::days{14}) == bob);
    }
    SECTION("whoever is on call in the next sprint confirms that, and hands over at its end")
    {
        world.said.clear();
        world.move_to(est("2026-11-30 09:00"));
        CHECK(has(world.told(), "U0BOB hand_over_from_you") == !edits_dates);
        CHECK(has(world.told(), "U0DANA hand_over_to_you") == !edits_dates);
    }
}

TEST_CASE("a deployment planned for the next sprint is its new turn's", "[commands][rotation]")
{
    World world;
    world.plan("2026-12-01 22:00");
    REQUIRE(world.on_call_of(1) == carl);
    world.reads({bob, alice});
    CHECK(world.on_call_of(1) == alice);
    CHECK(has(world.told(), "U0ALICE rotation_changed"));
    CHECK(has(world.told(), "U0CARL rotation_changed"));
    CHECK(world.draws_card());
}

TEST_CASE("the first rotation that is read holds since ever, and nobody is told", "[commands][rotation]")
{
    World world;
    CHECK(world.told().empty());
    REQUIRE(world.team.rotations.size() == 1);
    CHECK(world.on_call(next_turn - std::chrono::days{15}) == carl);
    world.reads({});  // taken out: until the sprint ends it is as it was
    CHECK(world.on_call(next_turn - 1ms) == bob);
    CHECK(world.on_call(next_turn).empty());
    CHECK(has(world.told(), "U0BOB rotation_changed"));
}

TEST_CASE("who is on call and gone is nobody's on-call, and the Dev Lead is asked", "[commands][gone]")
{
    World world;
    world.plan("tue 22:00");
    world.reads(world.policy.rotation, {bob});
    CHECK(world.on_call(world.now).empty());
    CHECK(world.on_call(next_turn) == carl);  // the turns of the others stay
    CHECK(world.on_call_of(1).empty());
    CHECK(missing_on_call(world.at(1), world.now, world.team, world.policy) == bob);
    const auto told = world.told();
    for (const auto* line :
         {"U0DANA directory_troubles",
          "U0DANA on_call_gone",
          "U0DANA on_call_gone_for",
          "U0ALICE on_call_gone_for"}) {
        CAPTURE(line);
        CHECK(std::count(told.begin(), told.end(), line) == 1);
    }
    CHECK(world.draws_card());
    CHECK(world.say("zoe", "oncall")->reply.front().id == "on_call_gone");
    CHECK(has(sentences_of(*world.say("dana", "check", 1)), "on_call_gone"));
    SECTION("it is said once")
    {
        world.said.clear();
        world.reads(world.policy.rotation, {bob});
        CHECK(world.told().empty());
    }
    SECTION("a swap puts it right")
    {
        REQUIRE(world.say("dana", "swap", {}, {{"user", "U0CARL"}, {"from", "now"}, {"to", "7d"}}).has_value()
        );
        CHECK(world.on_call(world.now) == carl);
        CHECK(world.on_call_of(1) == carl);
        SECTION("unless whoever took over goes too")
        {
            world.reads(world.policy.rotation, {bob, carl});
            CHECK(world.on_call(world.now).empty());
        }
    }
    SECTION("whoever comes back has their turn, and the Dev Lead knows")
    {
        world.said.clear();
        world.reads(world.policy.rotation);
        CHECK(world.on_call(world.now) == bob);
        CHECK(world.told() == std::vector<std::string>{"U0DANA directory_fixed"});
    }
}

TEST_CASE("who was named for a deployment and is gone leaves it to the rotation", "[commands][gone]")
{
    StagedDeployment scene;  // Bob was named
    scene.happens_to_team("bob", DirectoryChanged{{bob}, {}});
    CHECK(on_call_for(scene.deployment, scene.now, scene.team, scene.policy).empty());
    scene.policy.rotation = {carl};
    CHECK(on_call_for(scene.deployment, scene.now, scene.team, scene.policy) == carl);
}

TEST_CASE("without a Dev Lead everybody who holds a role is told", "[commands][gone]")
{
    World world;
    world.roles.members.erase(Role::dev_lead);
    world.reads(world.policy.rotation, {dana});
    CHECK(has(world.told(), "U0PETRA directory_troubles"));
    CHECK(has(world.told(), "U0ALICE directory_troubles"));
}

TEST_CASE("a hand-over to somebody who is gone goes to the Dev Lead", "[commands][gone]")
{
    World world;
    world.reads(world.policy.rotation, {carl});
    world.said.clear();
    world.move_to(est("2026-11-30 09:00"));
    CHECK(world.told() == std::vector<std::string>{"U0DANA on_call_gone"});
}

TEST_CASE("ready is awaited from whoever is on call, whoever said it before", "[commands][rotation]")
{
    StagedDeployment scene(usual_plan(), "");
    scene.make_startable();
    scene.now += 1min;
    CHECK(is_on_call_ready(scene.deployment, scene.now, scene.team, scene.policy));
    scene.happens_to_team("dana", OnCallSwapped{bob, carl, evening - 1h, evening + 12h});
    CHECK_FALSE(is_on_call_ready(scene.deployment, scene.now, scene.team, scene.policy));
    CHECK(has(sentences_of(*scene.ask("carl", "overview")), "overview_ready"));
}

}  // namespace slipway::testing
