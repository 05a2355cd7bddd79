// Modals and App Home.
#include "tests/simulator/block_kit.hpp"
#include "tests/templates/scene.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <catch2/catch_test_macros.hpp>

namespace slipway::templates {

namespace {

namespace json = boost::json;
using namespace testing;
using Names = std::vector<std::string>;

Request request_for(const std::string& verb)
{
    Request request;
    request.verb = verb;
    request.channel = ChannelId("C0DEPLOYS");
    return request;
}

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

std::vector<Scene> planned_ones(int count)
{
    std::vector<Scene> scenes;
    for (int i = 1; i <= count; ++i) {
        Scene scene;
        scene.deployment.id = DeploymentId{i};
        scenes.push_back(scene);
    }
    return scenes;
}

json::array home_of(
    const char* person, const Scene& scene, bool ended = false, std::chrono::minutes after = 0min
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
    const Scene scene;
    const auto fields = fields_of(modal("plan", request_for("plan"), nullptr, scene.view()));
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
    const Scene scene;
    int opened = 0;
    for (const auto& verb : verbs()) {
        if (verb.modal.empty()) {
            continue;
        }
        CAPTURE(verb.name);
        ++opened;
        auto request = request_for(std::string(verb.name));
        if (verb.name == "tick") {
            request.fields = {{"checklist", "gate1"}};
        }
        const auto* deployment = verb.needs_deployment ? &scene.deployment : nullptr;
        const auto view = modal(std::string(verb.modal), request, deployment, scene.view());
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

TEST_CASE("a title stays within 24 letters whatever the number", "[templates][modal]")
{
    Scene scene;
    scene.deployment.id = DeploymentId{123'456'789};
    for (const auto* name : {"amend", "except", "issue", "reschedule", "checklist"}) {
        CAPTURE(name);
        auto request = request_for("tick");
        request.fields = {{"checklist", "gate1"}};
        CHECK(simulator::mistakes_in_view(modal(name, request, &scene.deployment, scene.view())) == Names{});
    }
}

TEST_CASE("planning begins with what was typed behind the command", "[templates][modal]")
{
    const Scene scene;
    const auto request = parse_slash("plan Faster search ENG-123 https://github.com/acme/web/pull/7");
    REQUIRE(request.has_value());
    const auto text = json::serialize(modal("plan", *request, nullptr, scene.view()));
    CHECK(text.find(R"("initial_value":"Faster search ENG-123 https)") != std::string::npos);
    CHECK(text.find(R"("initial_value":"ENG-123")") != std::string::npos);
    CHECK(text.find(R"("initial_value":"https://github.com/acme/web/pull/7")") != std::string::npos);
}

TEST_CASE("amending begins with the plan as it stands, what was typed wins", "[templates][modal]")
{
    const Scene scene;
    auto request = request_for("amend");
    request.fields = {{"rollback_plan", "Switch the flag off"}};
    const auto text = json::serialize(modal("amend", request, &scene.deployment, scene.view()));
    CHECK(text.find(R"("initial_value":"Faster search")") != std::string::npos);
    CHECK(text.find(R"("initial_value":"New index\nCached results")") != std::string::npos);
    CHECK(text.find(R"("initial_value":"Switch the flag off")") != std::string::npos);
    CHECK(text.find("Revert commit") == std::string::npos);
}

TEST_CASE("what is ticked already is ticked in the modal", "[templates][modal]")
{
    Scene scene;
    scene.happens("U0BOB", ItemTicked{"gate1", scene.policy.gate1.front().key, false, ""}, -5h);
    auto request = request_for("tick");
    request.fields = {{"checklist", "gate1"}};
    const auto view = modal("checklist", request, &scene.deployment, scene.view());
    const auto chosen = at(view, "/blocks/0/element/initial_options");
    REQUIRE(chosen.size() == 1);
    CHECK(chosen.front().at_pointer("/value") == json::value(scene.policy.gate1.front().key));
    CHECK(at(view, "/blocks/0/element/options").size() == 5);
}

TEST_CASE("the home tab shows each person what waits for them, with the button for it", "[templates][home]")
{
    Scene scene;
    const Names always{"plan", "freeze"};
    const auto waits = [&](const char* person, std::chrono::minutes after = 0min, bool ended = false) {
        auto names = buttons_in(home_of(person, scene, ended, after));
        REQUIRE(names.size() >= 2);
        CHECK(Names(names.end() - 2, names.end()) == always);
        names.resize(names.size() - 2);
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
        scene.happens("U0BOB", RollbackStarted{"Errors", {"revert"}, false}, 10min);
        CHECK(waits("U0BOB") == Names{"tick:1"});
        scene.happens("U0BOB", RolledBack{}, 20min);
        CHECK(waits("U0BOB", 30min, true) == Names{"postmortem:1"});
    }
}

TEST_CASE("the home tab says so where nothing waits and nothing is under way", "[templates][home]")
{
    const Scene scene;
    const auto view = home(UserId("U0BOB"), {}, {}, scene.view());
    CHECK(simulator::mistakes_in_view(view) == Names{});
    const auto text = json::serialize(view);
    CHECK(text.find("Nothing. :tada:") != std::string::npos);
    CHECK(text.find("No deployment is under way.") != std::string::npos);
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
