// Modals and App Home.
#include "commands/verbs/table.hpp"
#include "templates/buttons.hpp"
#include "tests/simulator/block_kit.hpp"
#include "tests/templates/shown_deployment.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <catch2/catch_test_macros.hpp>

namespace slipway::templates {

namespace {

namespace json = boost::json;
using namespace testing;
using Names = std::vector<std::string>;

/// {block id, label} of every input, in order.
std::vector<std::pair<std::string, std::string>> fields_of(const json::object& view)
{
    std::vector<std::pair<std::string, std::string>> fields;
    for (const auto& each : view.at("blocks").as_array()) {
        fields.emplace_back(
            each.at_pointer("/block_id").as_string(), each.at_pointer("/label/text").as_string()
        );
    }
    return fields;
}

std::vector<ShownDeployment> planned_ones(int count)
{
    std::vector<ShownDeployment> scenes;
    for (int i = 1; i <= count; ++i) {
        ShownDeployment scene;
        scene.deployment.id = DeploymentId{i};
        scenes.push_back(scene);
    }
    return scenes;
}

json::array home_of(
    const char* person, const ShownDeployment& scene, bool ended = false, std::chrono::minutes after = 0min
)
{
    const std::vector<Deployment> it{scene.deployment};
    const std::vector<Deployment> none;
    const auto view = home(UserId(person), ended ? none : it, ended ? it : none, scene.view(after));
    CHECK(simulator::mistakes_in_view(view) == Names{});
    return view.at("blocks").as_array();
}

}  // namespace

TEST_CASE("the plan's fields carry the labels other tools rely on", "[templates][modal]")
{
    const ShownDeployment scene;
    const auto fields = fields_of(modal(request_for("plan"), nullptr, scene.view()));
    const std::vector<std::pair<std::string, std::string>> fixed{
        {"what", "What"},
        {"linear_issue", "Linear issue"},
        {"service", "Service"},
        {"starts_at", "When"},
        {"duration", "Duration"},
        {"on_call", "On-call"},
        {"changes", "Changes included"},
        {"expected_impact", "Expected impact"},
        {"rollback_plan", "Rollback plan"},
        {"client_facing", "Client-facing"},
        {"requested_by", "Requested by"},
        {"pull_request", "Pull request"}};
    for (const auto& field : fixed) {
        CAPTURE(field.first);
        CHECK(std::find(fields.begin(), fields.end(), field) != fields.end());
    }
}

TEST_CASE("every verb with a modal opens one that Slack takes", "[templates][modal]")
{
    const ShownDeployment scene;
    int opened = 0;
    for (const auto& verb : verbs()) {
        if (verb.form.fields.empty()) {
            continue;
        }
        CAPTURE(verb.name);
        ++opened;
        const auto request = request_for(std::string(verb.name), verb.name == "tick" ? "gate1" : "");
        const auto* deployment = verb.needs_deployment ? &scene.deployment : nullptr;
        const auto view = modal(request, deployment, scene.view());
        CHECK(simulator::mistakes_in_view(view) == Names{});
        CHECK(std::string(view.at("callback_id").as_string()) == "modal:" + std::string(verb.name));
        const auto metadata = json::parse(view.at("private_metadata").as_string()).as_object();
        CHECK(metadata.at("v") == 1);
        CHECK(metadata.at("c") == "C0DEPLOYS");
        CHECK(metadata.contains("d") == verb.needs_deployment);
        for (const auto& block : view.at("blocks").as_array()) {
            CHECK(block.at_pointer("/element/action_id") == "value");
        }
    }
    CHECK(opened >= 10);
}

TEST_CASE(
    "a sign-off with a note and a rollback with a reason have forms; both may be left empty",
    "[templates][modal]"
)
{
    ShownDeployment scene;
    scene.policy.services.front().rollback.command = {"./rollback"};
    const auto sign_off = modal(request_for("signoff"), &scene.deployment, scene.view());
    CHECK(fields_of(sign_off) == std::vector<std::pair<std::string, std::string>>{{"note", "Note"}});
    CHECK(sign_off.at("blocks").at(0).at("optional") == true);
    const auto rollback = modal(request_for("rollback"), &scene.deployment, scene.view());
    CHECK(simulator::mistakes_in_view(rollback) == Names{});
    CHECK(
        rollback.at("blocks").at(0).at_pointer("/text/text") ==
        "This rolls back D-1 at once: Code reverted (automatic). It tells the leads and locks web until a "
        "Dev Lead unlocks it."
    );
    CHECK(rollback.at("blocks").at(1).at("optional") == true);
    CHECK(json::value(rollback).at_pointer("/submit/text") == "Roll back");
}

TEST_CASE("a move begins with the time and the length that are planned", "[templates][modal]")
{
    const ShownDeployment scene;
    const auto view = modal(request_for("reschedule"), &scene.deployment, scene.view());
    CHECK(view.at("blocks").at(1).at_pointer("/element/initial_value") == "45m");
}

TEST_CASE("a title stays within 24 letters whatever the number", "[templates][modal]")
{
    ShownDeployment scene;
    scene.deployment.id = DeploymentId{123'456'789};
    for (const auto* name : {"amend", "except", "issue", "reschedule", "tick"}) {
        CAPTURE(name);
        const auto view = modal(request_for(name, "gate1"), &scene.deployment, scene.view());
        CHECK(simulator::mistakes_in_view(view) == Names{});
    }
}

TEST_CASE("the service is chosen already where there is only one", "[templates][modal]")
{
    ShownDeployment scene;
    const auto chooses = [&] {
        const auto view = modal(request_for("plan"), nullptr, scene.view());
        return view.at("blocks").at(2).at("element").as_object().contains("initial_option");
    };
    CHECK(chooses());
    scene.policy.services.push_back({.name = "api"});
    CHECK_FALSE(chooses());
}

TEST_CASE("more services than a menu takes are in groups, also in a freeze's form", "[templates][modal]")
{
    ShownDeployment scene;
    const auto menu = [&](const char* verb, std::size_t at) {
        const auto view = modal(request_for(verb), nullptr, scene.view());
        CHECK(simulator::mistakes_in_view(view) == Names{});
        return view.at("blocks").at(at).at("element").as_object();
    };
    const auto choices = menu("freeze", 0).at("options").as_array();
    REQUIRE(choices.size() == 2);
    CHECK(choices[0].at_pointer("/value") == "all");
    CHECK(choices[1].at_pointer("/value") == "web");
    while (scene.policy.services.size() < 121) {
        scene.policy.services.push_back({.name = "api-" + std::to_string(scene.policy.services.size())});
    }
    for (const auto& [verb, at, last] : {std::tuple{"plan", 2U, 21U}, {"freeze", 0U, 22U}}) {
        const auto groups = menu(verb, at).at("option_groups").as_array();
        REQUIRE(groups.size() == 2);
        CHECK(groups[0].at("options").as_array().size() == 100);
        CHECK(groups[1].at("options").as_array().size() == last);
    }
}

TEST_CASE("planning begins with what was typed behind the command", "[templates][modal]")
{
    const ShownDeployment scene;
    const auto request = parse_slash("plan Faster search ENG-123 https://github.com/acme/web/pull/7");
    REQUIRE(request.has_value());
    const auto text = json::serialize(modal(*request, nullptr, scene.view()));
    CHECK(text.find(R"("initial_value":"Faster search ENG-123 https)") != std::string::npos);
    CHECK(text.find(R"("initial_value":"ENG-123")") != std::string::npos);
    CHECK(text.find(R"("initial_value":"https://github.com/acme/web/pull/7")") != std::string::npos);
}

TEST_CASE("amending begins with the plan as it stands, what was typed wins", "[templates][modal]")
{
    const ShownDeployment scene;
    auto request = request_for("amend");
    request.fields = {{"rollback_plan", "Switch the flag off"}};
    const auto text = json::serialize(modal(request, &scene.deployment, scene.view()));
    CHECK(text.find(R"("initial_value":"Faster search")") != std::string::npos);
    CHECK(text.find(R"("initial_value":"New index\nCached results")") != std::string::npos);
    CHECK(text.find(R"("initial_value":"Switch the flag off")") != std::string::npos);
    CHECK(text.find("Revert commit") == std::string::npos);
}

TEST_CASE("what is ticked already is ticked in the modal", "[templates][modal]")
{
    ShownDeployment scene;
    scene.happens("U0BOB", ItemTicked{"gate1", scene.policy.gate1.front().key, false, ""}, -5h);
    const auto request = request_for("tick", "gate1");
    const auto view = modal(request, &scene.deployment, scene.view());
    const auto chosen = at(view, "/blocks/0/element/initial_options");
    REQUIRE(chosen.size() == 1);
    CHECK(chosen.front().at_pointer("/value") == json::value(scene.policy.gate1.front().key));
    CHECK(at(view, "/blocks/0/element/options").size() == 5);
}

TEST_CASE("the steps of a rollback are ticked from its own list", "[templates][modal]")
{
    ShownDeployment scene;
    scene.happens("U0ALICE", started(), 0min);
    scene.happens("U0BOB", RollbackStarted{"Errors", {"disable_flag", "rollback"}, false}, 10min);
    const auto view = modal(request_for("tick", "rollback_steps"), &scene.deployment, scene.view());
    const auto options = at(view, "/blocks/0/element/options");
    REQUIRE(options.size() == 2);
    CHECK(options[0].at("value") == "disable_flag");
    CHECK(options[1].at("value") == "rollback");
}

TEST_CASE(
    "a checklist's form shows what the bot knows, and why, above what people tick", "[templates][modal]"
)
{
    const Library library;
    ShownDeployment scene;
    scene.happens("U0PETRA", signed_off("U0PETRA"), -6h);
    auto view = scene.view(-6h);
    view.library = &library;
    const auto form = [&](const char* list) {
        auto made = modal(request_for("tick", list), &scene.deployment, view);
        CHECK(simulator::mistakes_in_view(made) == Names{});
        return made.at("blocks").as_array();
    };
    const auto known = [](const json::array& blocks) {
        return std::string(blocks.front().at_pointer("/text/text").as_string());
    };
    const auto gate2 = form("gate2");
    REQUIRE(gate2.size() == 2);
    CHECK(
        known(gate2) ==
        ":white_check_mark: Product Lead has signed off on acceptance criteria\n"
        ":white_large_square: Original requestor (or representative) has reviewed in staging: The Original "
        "requestor (<@U0JANE>) hasn't signed off yet: `/deploy signoff D-1`.\n"
        ":white_check_mark: Client-facing changes have explicit Product Lead approval\n"
        ":white_check_mark: Rollback plan documented"
    );
    CHECK(gate2.back().at_pointer("/element/options").as_array().size() == 2);  // six in all
    const auto pre_deployment = form("pre_deployment");
    REQUIRE(pre_deployment.size() == 2);
    const auto text = known(pre_deployment);
    for (const auto* line :
         {":white_large_square: Staging sign-off complete (Gate 2 passed): Gate 2",
          ":white_check_mark: Database migrations tested in staging and reversible\n",
          ":white_large_square: On-call developer identified and available: <@U0BOB> hasn't confirmed "
          "they're ready",
          ":white_large_square: Team notified of planned deployment (pre-deployment communication sent): The "
          "team hasn't been told yet"}) {
        CAPTURE(line, text);
        CHECK(text.find(line) != std::string::npos);
    }
    CHECK(pre_deployment.back().at_pointer("/element/options").as_array().size() == 3);  // seven in all
    CHECK(form("qa").size() == 1);
    scene.policy.gate1_by_github = true;
    scene.deployment.plan.pull_request = "https://github.com/acme/web/pull/7";
    CHECK(form("gate1").size() == 1);
    CHECK(known(form("gate1")).find("is read from GitHub") != std::string::npos);
    scene.deployment.plan.complex = true;
    CHECK(form("gate1").back().at_pointer("/element/options").as_array().size() == 1);
    scene.happens("U0BOB", started(), 0min);
    const auto steps = form("steps");
    CHECK(known(steps).find(":white_large_square: Smoke test") != std::string::npos);
    CHECK(known(steps).find(":white_large_square: Enter 24-hour monitoring") != std::string::npos);
    CHECK(json::serialize(steps.back()).find("moke test") == std::string::npos);
    scene.happens("U0BOB", Completed{}, 30min);
    CHECK(form("check_in_1").back().at_pointer("/label/text") == "Tick what you looked at and found fine");
}

TEST_CASE("the form of Done begins with what is still wrong", "[templates][modal]")
{
    ShownDeployment scene;
    scene.happens("U0ALICE", started(), 0min);
    const auto form = [&] {
        return json::serialize(modal(request_for("done"), &scene.deployment, scene.view()));
    };
    CHECK(form().find("Known issues") != std::string::npos);
    CHECK(form().find("initial_value") == std::string::npos);
    scene.happens("U0BOB", issue_raised("Old icons"), 5min);
    CHECK(form().find(R"("initial_value":"Old icons")") != std::string::npos);
}

TEST_CASE("on-call can be named anew with the plan and with its time", "[templates][modal]")
{
    ShownDeployment scene;
    const auto named = [&](const char* name) {
        const auto text = json::serialize(modal(request_for(name), &scene.deployment, scene.view()));
        return text.find(R"("initial_user":"U0CARL")") != std::string::npos  ? "Carl"
               : text.find(R"("initial_user":"U0BOB")") != std::string::npos ? "Bob"
                                                                             : "nobody";
    };
    for (const auto* name : {"amend", "reschedule"}) {
        CHECK(named(name) == std::string("Bob"));
    }
    scene.team.swaps.push_back({UserId("U0BOB"), UserId("U0CARL"), evening - 1h, evening + 6h, evening - 2h});
    for (const auto* name : {"amend", "reschedule"}) {
        CHECK(named(name) == std::string("Carl"));
    }
}

TEST_CASE("the form of an update begins with how the trouble stands", "[templates][modal]")
{
    ShownDeployment scene;
    const auto value_of = [](const json::object& view, const std::string& block, const char* pointer) {
        for (const auto& each : view.at("blocks").as_array()) {
            if (each.as_object().at("block_id").as_string() == block) {
                boost::system::error_code none;
                const auto* found = each.find_pointer(pointer, none);
                return found == nullptr ? std::string{} : std::string(found->as_string());
            }
        }
        return std::string("no field");
    };
    scene.happens("U0ALICE", started(), 0min);
    scene.happens("U0BOB", issue_raised(), 1min);
    scene.happens("U0BOB", IssueUpdated{"Rollback in progress", "Back", evening, false}, 2min);
    const auto one = modal(request_for("update"), &scene.deployment, scene.view());
    CHECK(simulator::mistakes_in_view(one) == Names{});
    CHECK(value_of(one, "status", "/element/initial_option/value") == "Rollback in progress");
    CHECK(value_of(one, "severity", "/element/initial_option/value") == "P0");
    CHECK(value_of(one, "impact", "/element/initial_value") == "A third of the clients");
    CHECK(value_of(one, "issue", "/element") == "no field");
    scene.happens("U0BOB", issue_raised("A chart is empty"), 3min);
    auto request = request_for("update");
    request.fields = {{"issue", 1}};
    const auto two = modal(request, &scene.deployment, scene.view());
    CHECK(simulator::mistakes_in_view(two) == Names{});
    CHECK(value_of(two, "issue", "/element/initial_option/text/text") == "Errors at login");
    CHECK(value_of(two, "status", "/element/initial_option/value") == "Rollback in progress");
    CHECK(value_of(two, "severity", "/element/initial_option/value").empty()
    );  // else the other's would change
    const auto report = modal(request_for("issue"), &scene.deployment, scene.view());
    CHECK(simulator::mistakes_in_view(report) == Names{});
    CHECK(value_of(report, "trigger", "/element/options/0/text/text") == "Error rate increase");
    CHECK(value_of(report, "trigger", "/element/initial_option/value").empty());
}

TEST_CASE("the home tab shows each person what waits for them, with the button for it", "[templates][home]")
{
    ShownDeployment scene;
    const Names always{"plan", "freeze", "runbook"};
    const auto waits = [&](const char* person, std::chrono::minutes after = 0min, bool ended = false) {
        auto names = buttons_in(home_of(person, scene, ended, after));
        REQUIRE(names.size() >= always.size());
        const auto rest = names.size() - always.size();
        CHECK(Names(names.begin() + static_cast<std::ptrdiff_t>(rest), names.end()) == always);
        names.resize(rest);
        return names;
    };
    CHECK(waits("U0PETRA") == Names{"signoff:1"});
    CHECK(waits("U0DANA") == Names{"go:1"});
    CHECK(waits("U0BOB") == Names{"ready:1"});
    CHECK(waits("U0STRANGER").empty());
    scene.happens("U0DANA", GoGiven{}, -6h);
    CHECK(waits("U0DANA").empty());
    scene.happens("U0ALICE", started(), 0min);
    CHECK(waits("U0PETRA").empty());
    CHECK(waits("U0BOB") == Names{"tick:1"});
    SECTION("the watch waits for nobody until its 24 hours are over")
    {
        scene.happens("U0BOB", Completed{}, 30min);
        CHECK(waits("U0BOB", 24h + 29min).empty());
        CHECK(waits("U0BOB", 24h + 30min) == Names{"clean:1"});
    }
    SECTION("a rollback waits to be verified, then for its post-mortem")
    {
        scene.happens("U0BOB", RollbackStarted{"Errors", {"rollback"}, false}, 10min);
        CHECK(waits("U0BOB") == Names{"tick:1"});
        scene.happens("U0BOB", RolledBack{}, 20min);
        CHECK(waits("U0BOB", 30min, true) == Names{"postmortem:1"});
    }
}

TEST_CASE(
    "the home tab counts down, and names the next window, what is frozen, and who is on call now and next",
    "[templates][home]"
)
{
    ShownDeployment scene;
    scene.policy.rotation = {UserId("U0BOB"), UserId("U0CARL")};
    scene.policy.sprint_start = date::year{2026} / 11 / 16;
    scene.team.freezes.push_back({"web", UserId("U0DANA"), evening - 8h, evening - 1h, "Sale"});
    scene.team.freezes.push_back({"", UserId("U0DANA"), evening - 9h, evening - 8h, "Over"});
    const auto text = json::serialize(home_of("U0STRANGER", scene, false, -7h));
    for (const auto* shown :
         {"{date_short_pretty} {time}, {ago}",
          "*On call now*: <@U0BOB>   *Next*: <@U0CARL>, from ",
          "*Next window*: ",
          "*web* is frozen until ",
          ": Sale"}) {
        CAPTURE(shown, text);
        CHECK(text.find(shown) != std::string::npos);
    }
    CHECK(text.find("Over") == std::string::npos);
}

TEST_CASE("the home tab says so where nothing waits and nothing is under way", "[templates][home]")
{
    const ShownDeployment scene;
    const auto view = home(UserId("U0BOB"), {}, {}, scene.view());
    CHECK(simulator::mistakes_in_view(view) == Names{});
    const auto text = json::serialize(view);
    CHECK(text.find("All clear. :tada:") != std::string::npos);
    CHECK(text.find("No deployment is under way.") != std::string::npos);
}

TEST_CASE("times of the home tab name their zone, and another year", "[templates][home]")
{
    ShownDeployment scene;
    auto text = json::serialize(home(UserId("U0BOB"), {scene.deployment}, {}, scene.view()));
    CHECK(text.find("planned, Tue Nov 24, 22:00 EST (for you: <!date^") != std::string::npos);
    scene.happens("U0ALICE", Cancelled{"not now"}, 0min);
    text = json::serialize(home(UserId("U0BOB"), {}, {scene.deployment}, scene.view(24h)));
    CHECK(text.find("cancelled, Tue Nov 24, 22:00 EST") != std::string::npos);
    text = json::serialize(home(UserId("U0BOB"), {}, {scene.deployment}, scene.view(24h * 60)));
    CHECK(text.find("cancelled, Tue Nov 24 2026, 22:00 EST") != std::string::npos);
}

TEST_CASE("the home tab ends with the last five that ended", "[templates][home]")
{
    std::vector<Deployment> ended;
    for (int number = 1; number <= 6; ++number) {
        ShownDeployment scene;
        scene.happens("U0ALICE", Cancelled{"not now"}, -1h);
        scene.deployment.id = DeploymentId{number};
        ended.push_back(scene.deployment);
    }
    const auto text = json::serialize(home(UserId("U0BOB"), {}, ended, ShownDeployment().view()));
    CHECK(text.find("*D-5*") != std::string::npos);
    CHECK(text.find("*D-6*") == std::string::npos);
}

TEST_CASE("a home tab with five hundred deployments is one that Slack takes", "[templates][home]")
{
    const auto scenes = planned_ones(500);
    std::vector<Deployment> active;
    for (const auto& scene : scenes) {
        active.push_back(scene.deployment);
    }
    const auto view = home(UserId("U0PETRA"), active, active, scenes.front().view());
    CHECK(simulator::mistakes_in_view(view) == Names{});
    CHECK(view.at("blocks").as_array().size() <= 100);
}

}  // namespace slipway::templates
