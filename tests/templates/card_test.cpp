#include "templates/buttons.hpp"
#include "tests/templates/scene.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

namespace slipway::templates {

namespace {

namespace json = boost::json;
using namespace testing;
using Names = std::vector<std::string>;

Names offered(const Scene& scene) { return buttons_in(card(scene.deployment, scene.view()).blocks); }

bool offers(const Scene& scene, const std::string& name)
{
    const auto names = offered(scene);
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// Scenes in which D-1 has come to every stage there is.
std::vector<Scene> every_stage()
{
    std::vector<Scene> scenes;
    const auto keep = [&](const Scene& scene) { scenes.push_back(scene); };
    Scene scene;
    keep(scene);
    auto cancelled = scene;
    cancelled.happens("U0ALICE", Cancelled{"not needed"}, -6h);
    keep(cancelled);
    scene.happens("U0PETRA", signed_off("U0PETRA"), -6h);
    scene.happens("slipway", GatePassed{2, 1}, -6h);
    keep(scene);
    scene.happens("U0ALICE", started(), 0min);
    keep(scene);
    scene.happens("U0BOB", issue_raised(), 5min);
    keep(scene);
    auto back = scene;
    back.happens("U0BOB", RollbackStarted{"Errors", {"rollback"}, false}, 10min);
    keep(back);
    back.happens("U0BOB", RolledBack{}, 20min);
    back.team.locked["web"] = DeploymentId{1};
    keep(back);
    scene.happens("U0ALICE", Completed{}, 30min);
    keep(scene);
    scene.happens("U0BOB", DeclaredClean{}, 26h);
    keep(scene);
    return scenes;
}

}  // namespace

TEST_CASE("before the start the card offers exactly what can be done then", "[templates][card]")
{
    Scene scene;
    CHECK(
        offered(scene) ==
        Names{
            "tick:gate1",
            "tick:qa",
            "tick:gate2",
            "tick:pre_deployment",
            "check",
            "signoff",
            "decline",
            "go",
            "ready",
            "start",
            "amend",
            "reschedule",
            "except",
            "cancel"}
    );
    SECTION("a sign-off can be withdrawn once there is one")
    {
        scene.happens("U0PETRA", signed_off("U0PETRA"), -6h);
        CHECK(offers(scene, "withdraw"));
        scene.happens("U0PETRA", SignOffWithdrawn{UserId("U0PETRA"), "Petra Park", {}, ""}, -5h);
        CHECK_FALSE(offers(scene, "withdraw"));
    }
    SECTION("go and ready are offered until they were given")
    {
        scene.happens("U0DANA", GoGiven{}, -6h);
        CHECK_FALSE(offers(scene, "go"));
        CHECK(offers(scene, "ready"));
        scene.happens("U0BOB", OnCallReady{UserId("U0BOB")}, -5h);
        CHECK_FALSE(offers(scene, "ready"));
    }
}

TEST_CASE("the card counts all the items of a gate, also those the bot knows", "[templates][card]")
{
    Scene scene;
    const auto shows = [&](const char* text) {
        return json::serialize(card(scene.deployment, scene.view()).blocks).find(text) != std::string::npos;
    };
    // Known already: the rollback plan of Gate 2, and that there are no migrations.
    CHECK(shows("*Checklists*: Gate 1 0/5, QA 0/6, Gate 2 1/6, pre-deployment 1/7, go open"));
    scene.happens("U0PETRA", signed_off("U0PETRA"), -6h);
    CHECK(shows("Gate 2 3/6"));  // acceptance criteria, and the explicit approval
    scene.happens("U0CARL", ItemTicked{"gate1", "approved", false, ""}, -6h);
    scene.happens("U0CARL", ItemTicked{"pre_deployment", "runbook", false, ""}, -6h);
    scene.happens("slipway", NoticeSent{"pre_deployment", 1, false}, -1h);
    CHECK(shows("Gate 1 1/5"));
    CHECK(shows("pre-deployment 3/7"));
}

TEST_CASE(
    "where GitHub is asked about Gate 1 the card says so, and offers nothing to tick", "[templates][card]"
)
{
    auto plan = Scene::plan_called("Faster search");
    plan.pull_request = "https://github.com/acme/web/pull/7";
    Scene scene(plan);
    const auto shows = [&](const char* text) {
        return json::serialize(card(scene.deployment, scene.view()).blocks).find(text) != std::string::npos;
    };
    CHECK(shows("Gate 1 0/5"));
    scene.policy.gate1_by_github = true;
    CHECK(shows("*Checklists*: Gate 1 by GitHub, QA"));
    CHECK_FALSE(offers(scene, "tick:gate1"));
    plan.complex = true;
    scene.happens("U0ALICE", Amended{2, plan}, -6h);
    CHECK(shows("Gate 1 by GitHub (Dev Lead's review open)"));
    CHECK(offers(scene, "tick:gate1"));
    scene.happens("U0DANA", ItemTicked{"gate1", "dev_lead", false, ""}, -5h);
    CHECK(shows("Gate 1 by GitHub (Dev Lead reviewed)"));
}

TEST_CASE("after the start the card offers exactly what can be done then", "[templates][card]")
{
    Scene scene;
    scene.happens("U0ALICE", started(), 0min);
    CHECK(offered(scene) == Names{"tick:steps", "tick:smoke", "done", "issue", "rollback"});
    SECTION("an open issue can be updated")
    {
        scene.happens("U0BOB", issue_raised(), 5min);
        CHECK(offers(scene, "update"));
        scene.happens("U0BOB", IssueUpdated{"Resolved", "Fixed", evening, true}, 9min);
        CHECK_FALSE(offers(scene, "update"));
    }
    SECTION("the watch has its three check-ins")
    {
        scene.happens("U0ALICE", Completed{}, 30min);
        CHECK(
            offered(scene) ==
            Names{"tick:check_in_1", "tick:check_in_2", "tick:check_in_3", "issue", "clean", "rollback"}
        );
        scene.happens("U0BOB", DeclaredClean{}, 26h);
        CHECK(offered(scene).empty());
    }
    SECTION("what failed can be run again")
    {
        scene.happens("U0BOB", ActionBegun{"deploy"}, 5min);
        CHECK_FALSE(offers(scene, "retry"));
        scene.happens("slipway", ActionEnded{"deploy", false}, 6min);
        CHECK(offers(scene, "retry"));
        scene.happens("U0BOB", RollbackStarted{"Errors", {"rollback"}, false}, 10min);
        CHECK_FALSE(offers(scene, "retry"));
        scene.happens("U0BOB", ActionBegun{"rollback"}, 11min);
        scene.happens("slipway", ActionEnded{"rollback", false}, 12min);
        CHECK(offers(scene, "retry"));
    }
    SECTION("a rollback is verified, then filed and unlocked")
    {
        scene.happens("U0BOB", RollbackStarted{"Errors", {"rollback"}, false}, 10min);
        CHECK(offered(scene) == Names{"tick:rollback_steps", "tick:rollback_smoke", "rolledback", "issue"});
        scene.happens("U0BOB", RolledBack{}, 20min);
        scene.team.locked["web"] = DeploymentId{1};
        CHECK(offered(scene) == Names{"postmortem", "postmortem:file", "unlock"});
        scene.team.locked["web"] = DeploymentId{2};
        CHECK(offered(scene) == Names{"postmortem", "postmortem:file"});
        scene.happens("U0BOB", PostmortemLinked{"https://example.org/p"}, 2h);
        CHECK(offered(scene).empty());
    }
}

TEST_CASE("the card is a phone's screen: one row of buttons, the rest in menus", "[templates][card]")
{
    for (const auto& scene : every_stage()) {
        CAPTURE(to_string(scene.deployment.stage));
        int rows = 0;
        for (const auto& each : card(scene.deployment, scene.view()).blocks) {
            const auto& block = each.as_object();
            if (block.at("type") != "actions") {
                continue;
            }
            ++rows;
            const auto& elements = block.at("elements").as_array();
            const auto buttons =
                std::count_if(elements.begin(), elements.end(), [](const json::value& element) {
                    return element.at("type") == "button";
                });
            CHECK(buttons <= 6);
            CHECK(elements.size() - static_cast<std::size_t>(buttons) <= 1);
        }
        CHECK(rows <= 1);
    }
}

TEST_CASE("what cannot be taken back is never in a menu, which asks nothing", "[templates][card]")
{
    for (const auto& scene : every_stage()) {
        for (const auto& each : card(scene.deployment, scene.view()).blocks) {
            const auto text = json::serialize(each);
            const auto in_menus = text.find("overflow") == std::string::npos ? "" : text;
            for (const auto* verb : {"start", "done", "rollback", "unlock"}) {
                CHECK(in_menus.find(std::string(R"(\"press\":\"verb:)") + verb) == std::string::npos);
            }
        }
    }
}

TEST_CASE("the sign-off of somebody who was deactivated since is shown as such", "[templates][card]")
{
    Scene scene;
    scene.happens("U0PETRA", signed_off("U0PETRA"), -6h);
    auto view = scene.view();
    const auto shown = [&] { return json::serialize(card(scene.deployment, view).blocks); };
    CHECK(shown().find("<@U0PETRA>") != std::string::npos);
    CHECK(shown().find("deactivated") == std::string::npos);
    view.deactivated = {UserId("U0PETRA")};
    CHECK(shown().find("<@U0PETRA> (deactivated since)") != std::string::npos);
}

TEST_CASE("a flag moves one step at a time", "[templates][card]")
{
    auto plan = Scene::plan_called("Faster search");
    plan.flag = "fast_search";
    Scene scene(plan);
    CHECK_FALSE(offers(scene, "flag"));
    scene.happens("U0ALICE", started(), 0min);
    for (const auto& [from, to] : {std::pair{"off", "internal"}, {"internal", "subset"}, {"subset", "all"}}) {
        CAPTURE(from, to);
        REQUIRE(scene.deployment.flag_stage == from);
        CHECK(offers(scene, "flag"));
        const auto text = json::serialize(card(scene.deployment, scene.view()).blocks);
        CHECK(text.find(std::string(R"(\"flag_stage\":\")") + to) != std::string::npos);
        scene.happens("U0ALICE", FlagMoved{from, to}, 1min);
    }
    CHECK_FALSE(offers(scene, "flag"));
}

TEST_CASE("no card offers what its stage refuses", "[templates][card]")
{
    std::set<Stage> seen;
    for (const auto& scene : every_stage()) {
        seen.insert(scene.deployment.stage);
        CAPTURE(to_string(scene.deployment.stage));
        for (const auto& name : offered(scene)) {
            CAPTURE(name);
            const auto* verb = find_verb(name.substr(0, name.find(':')));
            REQUIRE(verb != nullptr);
            CHECK(verb->offered == Offered::to_people);
            CHECK(verb->stages.contains(scene.deployment.stage));
        }
    }
    CHECK(seen.size() == 8);
}

TEST_CASE("every checklist button opens a list with something to tick", "[templates][card][modal]")
{
    for (const auto& scene : every_stage()) {
        for (const auto& name : offered(scene)) {
            if (!name.starts_with("tick:")) {
                continue;
            }
            CAPTURE(name);
            Request request;
            request.verb = "tick";
            request.fields = {{"checklist", name.substr(5)}};
            const auto view = modal("checklist", request, &scene.deployment, scene.view());
            const auto options =
                view.at("blocks").as_array().back().at_pointer("/element/options").as_array();
            CHECK_FALSE(options.empty());
            CHECK(options.size() <= 10);
        }
    }
}

TEST_CASE("the steps of a rollback are ticked from its own list", "[templates][modal]")
{
    Scene scene;
    scene.happens("U0ALICE", started(), 0min);
    scene.happens("U0BOB", RollbackStarted{"Errors", {"disable_flag", "rollback"}, false}, 10min);
    Request request;
    request.verb = "tick";
    request.fields = {{"checklist", "rollback_steps"}};
    const auto view = modal("checklist", request, &scene.deployment, scene.view());
    const auto options = at(view, "/blocks/0/element/options");
    REQUIRE(options.size() == 2);
    CHECK(options[0].as_object().at("value") == "disable_flag");
    CHECK(options[1].as_object().at("value") == "rollback");
}

TEST_CASE("a button says which deployment and revision it was shown for", "[templates][card]")
{
    Scene scene;
    scene.happens("U0ALICE", Amended{2, Scene::plan_called("Even faster search")}, -6h);
    const auto blocks = card(scene.deployment, scene.view()).blocks;
    const auto& first = blocks.at(5).as_object().at("elements").as_array().front().as_object();
    CHECK(json::parse(first.at("value").as_string()) == json::value{{"v", 1}, {"d", 1}, {"r", 2}});
    const auto& lists = blocks.at(4).as_object().at("accessory").as_object().at("options").as_array();
    CHECK(
        json::parse(lists.front().as_object().at("value").as_string()) ==
        json::value{{"v", 1}, {"d", 1}, {"r", 2}, {"press", "verb:tick:gate1"}, {"checklist", "gate1"}}
    );
}

TEST_CASE("a button's value is shortened until Slack takes it", "[templates][card]")
{
    const Scene scene;
    for (const auto& reason : {std::string(5'000, 'x'), std::string(3'000, '"'), std::string(3'000, '\n')}) {
        Button shown;
        shown.verb = "rollback";
        shown.label = std::string(200, 'l');
        shown.fields = {{"reason", reason}, {"note", "short"}};
        const auto made = button(scene.deployment, shown);
        CHECK(made.at("value").as_string().size() <= 2'000);
        CHECK(made.at("text").as_object().at("text").as_string().size() <= 77);  // 74 letters and "…"
        const auto value = json::parse(made.at("value").as_string()).as_object();
        CHECK(value.at("d") == 1);
        CHECK(value.at("note") == "short");
        CHECK_FALSE(value.at("reason").as_string().empty());
    }
}

TEST_CASE("the text that a notification shows for a card pings nobody", "[templates][card][escape]")
{
    const Scene scene(Scene::plan_called("<!channel> <@U0DANA> & co"));
    const auto text = card(scene.deployment, scene.view()).text;
    CHECK(text == "D-1 &lt;!channel&gt; &lt;@U0DANA&gt; &amp; co: planned");
}

TEST_CASE("an address keeps its underscores and ampersands", "[templates][card]")
{
    auto plan = Scene::plan_called("Faster search");
    plan.pull_request = "https://github.com/acme/my_repo/pull/12?a=1&b=2|<x>";
    const Scene scene(plan);
    const auto text = json::serialize(card(scene.deployment, scene.view()).blocks);
    CHECK(
        text.find("<https://github.com/acme/my_repo/pull/12?a=1&amp;b=2%7C%3Cx%3E|Pull request>") !=
        std::string::npos
    );
}

}  // namespace slipway::templates
