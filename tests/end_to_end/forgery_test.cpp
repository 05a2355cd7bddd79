// Payloads that no button or form of ours made.
#include "commands/verbs/table.hpp"
#include "tests/end_to_end/live_deployment.hpp"

#include <catch2/generators/catch_generators.hpp>

namespace demo {

namespace {

/// A world in which Alice has planned D-1 and D-2.
struct TwoPlans : PlannedDeployment {
    TwoPlans()
    {
        REQUIRE(alice.plans({{"service", "api"}, {"requested_by", "U0JOSE"}}));
        before = events();
    }

    [[nodiscard]] Rows events() const { return rows("SELECT seq, kind, actor FROM events"); }

    /// Everything a verb could want, so that it is refused for who asks and not for what is missing.
    void forge_every_button(const std::string& user)
    {
        for (const auto& verb : slipway::verbs()) {
            server.people.press_forged(
                user,
                deploys,
                "verb:" + std::string(verb.name),
                R"({"v":1,"d":1,"r":1,"reason":"because","checklist":"gate1","item":"approved","note":"a note",
                    "service":"web","duration":"2h","user":")" +
                    user + R"(","from":"in 1h","to":"6h","stage":"all","step":"merge","what":"x","text":"y",
                    "actor":"U0DANA","roles":["dev_lead"],"name":"Dana Diaz","file":true})"
            );
        }
        REQUIRE(settle());
    }

    /// A submission of the form of `decline`, with `metadata` in it.
    void forge_decline(const std::string& user, const std::string& metadata)
    {
        const json::object input{{"type", "input"}, {"block_id", "reason"}};
        const json::object typed{{"type", "plain_text_input"}, {"value", "because"}};
        server.hub.send(
            "interactive",
            {{"type", "view_submission"},
             {"user", {{"id", user}, {"team_id", server.workspace.users.at(user).team_id}}},
             {"team", {{"id", "T0TEAM"}}},
             {"trigger_id", server.workspace.next_id("forged")},
             {"view",
              {{"callback_id", "modal:decline"},
               {"private_metadata", metadata},
               {"blocks", json::array{input}},
               {"state", {{"values", {{"reason", {{"value", typed}}}}}}}}}},
            true
        );
        REQUIRE(settle());
    }

    Rows before;
};

}  // namespace

TEST_CASE("no forged button gives anybody what they may not have", "[end_to_end][forgery]")
{
    const auto* user = GENERATE("U0JOSE", "U0GUEST", "U0OTHER", "U0GONE", "U0ROBOT");  // José: nothing to D-1
    CAPTURE(user);
    TwoPlans world;
    world.forge_every_button(user);
    CHECK(world.events() == world.before);
}

TEST_CASE("no form opens and no page tells anything for who does not count", "[end_to_end][forgery]")
{
    const auto* stranger = GENERATE("U0GUEST", "U0OTHER", "U0GONE", "U0ROBOT");
    CAPTURE(stranger);
    TwoPlans world;
    world.server.workspace.channels.at(deploys).members.insert(stranger);
    const auto shown = world.server.transcript.calls("views.open");
    TeamMember visitor(world, stranger);
    for (const auto& verb : slipway::verbs()) {
        if (!verb.form.fields.empty()) {
            CAPTURE(verb.name);
            world.server.workspace.ephemerals.clear();
            visitor.types("/deploy " + std::string(verb.name) + (verb.needs_deployment ? " D-1" : ""));
            CHECK(world.server.workspace.ephemerals.size() == 1);
        }
    }
    world.forge_every_button(stranger);
    CHECK(world.server.transcript.calls("views.open") == shown);
    world.server.people.open_home(stranger);
    REQUIRE(world.settle());
    REQUIRE(world.until([&] { return world.server.workspace.homes.contains(stranger); }));
    const auto& home = world.server.workspace.views.at(world.server.workspace.homes.at(stranger)).body;
    CHECK(home.at("blocks").as_array().size() == 1);
    CHECK(contains(json::serialize(home), "for full members of this workspace"));
}

TEST_CASE("a form with another deployment in it is judged by that deployment", "[end_to_end][forgery]")
{
    TwoPlans world;
    // José may decline D-2, whose requestor he is. The number in his form says D-1, and another channel.
    world.forge_decline("U0JOSE", R"({"v":1,"d":1,"r":1,"c":"C0SECRET"})");
    CHECK(world.events() == world.before);
    CHECK(world.server.workspace.channels.at("C0SECRET").messages.empty());
    world.forge_decline("U0JOSE", R"({"v":1,"d":2,"r":1})");
    CHECK(world.rows("SELECT deployment, actor FROM events WHERE kind = 'declined'") == Rows{"D-2|U0JOSE"});
}

}  // namespace demo
