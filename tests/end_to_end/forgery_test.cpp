// Payloads that no button or form of ours made.
#include "bot/runtime/signature.hpp"
#include "commands/verbs/table.hpp"
#include "tests/demo/team_member.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

namespace demo {

namespace {

using Rows = std::vector<std::string>;

/// A world in which Alice has planned D-1 and D-2.
struct TwoPlans : BotInSimulator {
    explicit TwoPlans(Options options = {}) : BotInSimulator(std::move(options))
    {
        start_bot();
        REQUIRE(alice.plans());
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
                    "actor":"U0DANA","roles":["dev_lead"],"name":"Dana Diaz"})"
            );
        }
        REQUIRE(settle());
    }

    /// A submission that Slack would send of a form `callback` with `metadata` in it.
    void forge_form(const std::string& user, const std::string& callback, const std::string& metadata)
    {
        const auto person = server.workspace.users.at(user);
        json::array blocks;
        for (const auto* field : {"reason", "note", "starts_at", "duration"}) {
            blocks.push_back(json::object{{"type", "input"}, {"block_id", field}});
        }
        server.hub.send(
            "interactive",
            {{"type", "view_submission"},
             {"user", {{"id", user}, {"team_id", person.team_id}}},
             {"team", {{"id", "T0TEAM"}}},
             {"trigger_id", server.workspace.next_id("forged")},
             {"view",
              {{"callback_id", callback},
               {"private_metadata", metadata},
               {"blocks", std::move(blocks)},
               {"state",
                {{"values",
                  {{"reason", {{"value", {{"type", "plain_text_input"}, {"value", "because"}}}}},
                   {"note", {{"value", {{"type", "plain_text_input"}, {"value", "a note"}}}}},
                   {"starts_at",
                    {{"value", {{"type", "datetimepicker"}, {"selected_date_time", 1795575600}}}}},
                   {"duration", {{"value", {{"type", "plain_text_input"}, {"value", "2h"}}}}}}}}}}}},
            true
        );
    }

    TeamMember alice{*this, "U0ALICE"};
    Rows before;
};

}  // namespace

TEST_CASE("no forged button gives a stranger anything, whatever it carries", "[end_to_end][forgery]")
{
    const auto* stranger = GENERATE("U0GUEST", "U0OTHER", "U0GONE", "U0ROBOT");
    CAPTURE(stranger);
    TwoPlans world;
    world.forge_every_button(stranger);
    CHECK(world.events() == world.before);
    CHECK(world.rows("SELECT 1 FROM timers WHERE name LIKE 'tell_when_free%'").empty());
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
        if (verb.form.fields.empty()) {
            continue;
        }
        CAPTURE(verb.name);
        const std::string name(verb.name);
        world.server.workspace.ephemerals.clear();
        visitor.types("/deploy " + name + (verb.needs_deployment ? " D-1" : ""));
        CHECK(world.server.workspace.ephemerals.size() == 1);
        world.server.people.press_forged(
            stranger, deploys, "verb:" + name, R"({"v":1,"d":1,"r":1,"checklist":"gate1","file":true})"
        );
        REQUIRE(world.settle());
    }
    CHECK(world.server.transcript.calls("views.open") == shown);
    CHECK(world.server.people.modal_of(stranger) == nullptr);
    CHECK(world.events() == world.before);
    world.server.people.open_home(stranger);
    REQUIRE(world.settle());
    REQUIRE(world.until([&] { return world.server.workspace.homes.contains(stranger); }));
    const auto& home = world.server.workspace.views.at(world.server.workspace.homes.at(stranger)).body;
    CHECK(home.at("blocks").as_array().size() == 1);
    CHECK(json::serialize(home).find("for full members of this workspace") != std::string::npos);
}

TEST_CASE("a form opens only for who may say its verb", "[end_to_end][forgery]")
{
    TwoPlans world;
    TeamMember jose(world, "U0JOSE");
    const auto shown = world.server.transcript.calls("views.open");
    jose.types("/deploy amend D-1");
    CHECK(was_whispered(world, "U0JOSE", "can do this (`amend`)"));
    jose.types("/deploy plan");
    CHECK(was_whispered(world, "U0JOSE", "can do this (`plan`)"));
    REQUIRE(jose.presses("D-1", "verb:decline"));
    CHECK(was_whispered(world, "U0JOSE", "and you don't hold any of those roles"));
    CHECK(world.server.transcript.calls("views.open") == shown);
    REQUIRE(jose.presses("D-2", "verb:decline"));  // he asked for that one
    CHECK(world.server.transcript.calls("views.open") == shown + 1);
    world.alice.types("/deploy cancel D-1 not needed");
    world.alice.types("/deploy amend D-1");
    CHECK(was_whispered(world, "U0ALICE", "D-1 is cancelled"));
    world.alice.types("/deploy amend D-7");
    CHECK(was_whispered(world, "U0ALICE", "There's no D-7"));
    CHECK(world.server.transcript.calls("views.open") == shown + 1);
}

TEST_CASE("App Home shows a colleague what is under way", "[end_to_end][forgery]")
{
    TwoPlans world;
    world.server.people.open_home("U0JOSE");
    REQUIRE(world.until([&] { return world.server.workspace.homes.contains("U0JOSE"); }));
    const auto& home = world.server.workspace.views.at(world.server.workspace.homes.at("U0JOSE")).body;
    CHECK(json::serialize(home).find("D-1") != std::string::npos);
    CHECK(json::serialize(home).find("D-2") != std::string::npos);
}

TEST_CASE("no forged button gives somebody a role they do not hold", "[end_to_end][forgery]")
{
    TwoPlans world;
    world.forge_every_button("U0JOSE");  // the requestor of D-2, nothing to D-1
    CHECK(world.events() == world.before);
}

TEST_CASE("metadata of a form that was tampered with changes nothing", "[end_to_end][forgery]")
{
    TwoPlans world;
    for (const auto* metadata :
         {"",
          "no JSON",
          "[]",
          R"({"d":1,"r":1})",
          R"({"v":2,"d":1,"r":1})",
          R"({"v":"1","d":1,"r":1})",
          R"({"v":1,"d":"1","r":1})",
          R"({"v":1,"d":-1,"r":1})",
          R"({"v":1,"d":99999999999999,"r":1})",
          R"({"v":1,"d":1,"r":7})"}) {
        for (const auto& verb : slipway::verbs()) {
            if (!verb.form.fields.empty() && verb.needs_deployment) {
                world.forge_form("U0DANA", "modal:" + std::string(verb.name), metadata);
            }
        }
    }
    for (const auto* callback : {"modal:", "modal:timer", "modal:signal", "modal:nothing", "cancel", ""}) {
        world.forge_form("U0DANA", callback, R"({"v":1,"d":1,"r":1})");
    }
    REQUIRE(world.settle());
    CHECK(world.events() == world.before);
}

TEST_CASE("a form with another deployment in it is judged by that deployment", "[end_to_end][forgery]")
{
    TwoPlans world;
    // José may decline D-2, whose requestor he is. The number in his form says D-1, and another channel.
    world.forge_form("U0JOSE", "modal:decline", R"({"v":1,"d":1,"r":1,"c":"C0SECRET"})");
    world.forge_form("U0JOSE", "modal:reschedule", R"({"v":1,"d":1,"r":1,"c":"C0SECRET"})");
    REQUIRE(world.settle());
    CHECK(world.events() == world.before);
    CHECK(world.server.workspace.channels.at("C0SECRET").messages.empty());
    world.forge_form("U0JOSE", "modal:decline", R"({"v":1,"d":2,"r":1})");
    REQUIRE(world.settle());
    CHECK(world.rows("SELECT deployment, actor FROM events WHERE kind = 'declined'") == Rows{"D-2|U0JOSE"});
}

TEST_CASE("a signal counts once, now, and signed", "[end_to_end][forgery]")
{
    TwoPlans world;
    const std::string body = R"({"id":"s-1","service":"web","kind":"error_rate","value":1.0,"baseline":1.0})";
    const auto send = [&](std::chrono::seconds age, const std::string& signed_body, const std::string& sent) {
        const auto at = std::chrono::floor<std::chrono::seconds>(world.clock.now().time_since_epoch()) - age;
        const auto timestamp = std::to_string(at.count());
        slipway::net::HttpRequest request;
        request.method = "POST";
        request.url = "/v1/signals";
        request.body = sent;
        request.headers = {
            {"X-Slipway-Timestamp", timestamp},
            {"X-Slipway-Signature",
             "sha256=" + slipway::hmac_sha256("signal-test", timestamp + "." + signed_body)},
        };
        return world.ask_bot(std::move(request)).status;
    };
    CHECK(send(0s, body, body) == 202);
    const auto keys = world.rows("SELECT count(*) FROM inbox WHERE key LIKE 'signal:%'");
    CHECK(keys == Rows{"1"});
    CHECK(send(0s, body, body) == 202);  // heard before: nothing is done
    CHECK(world.rows("SELECT count(*) FROM inbox WHERE key LIKE 'signal:%'") == keys);
    CHECK(send(299s, body, body) == 202);
    CHECK(send(302s, body, body) == 401);
    CHECK(send(-302s, body, body) == 401);
    CHECK(send(0s, body, body + " ") == 401);
    slipway::net::HttpRequest bare;
    bare.method = "POST";
    bare.url = "/v1/signals";
    bare.body = body;
    CHECK(world.ask_bot(bare).status == 401);
}

TEST_CASE("the HTTP port is for this machine only unless configured", "[end_to_end][forgery]")
{
    CHECK(slipway::Config{}.http_address == "127.0.0.1");
}

}  // namespace demo
