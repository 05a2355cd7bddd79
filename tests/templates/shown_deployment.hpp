#pragma once

#include "commands/verbs/table.hpp"
#include "templates/render.hpp"
#include "tests/support/plan.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <set>
#include <string>
#include <vector>

namespace slipway::templates::testing {

using namespace std::chrono_literals;

using slipway::testing::evening;

[[nodiscard]] inline const Library& library()
{
    static const Library embedded;
    return embedded;
}

/// D-1 as Alice planned it for Bob's on-call, and what happens to it.
struct ShownDeployment {
    Policy policy = document_policy();
    RoleBook roles;
    TeamState team;
    Deployment deployment;

    explicit ShownDeployment(const Plan& plan = plan_called("Faster search"))
    {
        policy.services.push_back({.name = "web"});
        roles.members[Role::dev_lead] = {UserId("U0DANA")};
        roles.members[Role::product_lead] = {UserId("U0PETRA")};
        happens("U0ALICE", Planned{plan, evening, 45min, UserId("U0BOB")}, -7h);
    }

    static Plan plan_called(const std::string& what)
    {
        auto plan = slipway::testing::usual_plan();
        plan.what = what;
        return plan;
    }

    /// `event` by `actor`, `after` the planned start.
    void happens(const std::string& actor, Event event, std::chrono::minutes after)
    {
        deployment.id = DeploymentId{1};
        apply(deployment, {deployment.id, actor, evening + after, std::move(event)});
    }

    [[nodiscard]] View view(std::chrono::minutes after = 0min) const
    {
        return {
            evening + after,
            &policy,
            &roles,
            &team,
            {{UserId("U0ALICE"), "Alice Archer"},
             {UserId("U0BOB"), "Bob Baker"},
             {UserId("U0DANA"), "Dana Diaz"}},
            &library(),
            verbs()};
    }
};

[[nodiscard]] inline Event started() { return Started{UserId("U0BOB"), "preferred"}; }

[[nodiscard]] inline Event issue_raised(const std::string& what = "Errors at login")
{
    return IssueRaised{
        what, Priority::p0, "A third of the clients", "Investigating", evening + 30min, "manual", ""};
}

[[nodiscard]] inline Event signed_off(const std::string& user)
{
    SignedOff given;
    given.revision = 1;
    given.user = UserId(user);
    given.name = "Petra Pohl";
    given.roles = {Role::product_lead};
    return given;
}

/// Every fact that a notice of any kind may show; people typed the `text`.
[[nodiscard]] inline boost::json::object notice_facts(const std::string& text)
{
    return {
        {"starts_at", iso(evening)},
        {"at", iso(evening)},
        {"detected_at", iso(evening)},
        {"next_update", iso(evening)},
        {"on_call", "U0BOB"},
        {"dev_lead", "U0DANA"},
        {"what", text},
        {"severity", text},
        {"impact", text},
        {"status", text},
        {"known_issues", text},
        {"reason", text},
        {"missing", boost::json::array{text}},
    };
}

[[nodiscard]] inline Request request_for(const std::string& verb, const std::string& checklist = {})
{
    Request request{.verb = verb, .channel = ChannelId("C0DEPLOYS")};
    if (!checklist.empty()) {
        request.fields = {{"checklist", checklist}};
    }
    return request;
}

/// The array at `pointer`.
[[nodiscard]] inline boost::json::array at(const boost::json::object& view, const char* pointer)
{
    return boost::json::value(view).at_pointer(pointer).as_array();
}

/// Everything in `blocks` that can be pressed, in the order it is shown.
[[nodiscard]] inline std::vector<boost::json::object> elements_in(const boost::json::array& blocks)
{
    std::vector<boost::json::object> elements;
    for (const auto& each : blocks) {
        const auto& block = each.as_object();
        if (const auto* accessory = block.if_contains("accessory")) {
            elements.push_back(accessory->as_object());
        }
        if (block.at("type") == "actions") {
            for (const auto& element : block.at("elements").as_array()) {
                elements.push_back(element.as_object());
            }
        }
    }
    return elements;
}

/// What the options of the menu `element` stand for; none where it is no menu.
[[nodiscard]] inline std::vector<boost::json::object> options_of(const boost::json::object& element)
{
    std::vector<boost::json::object> options;
    if (element.at("type") == "overflow") {
        for (const auto& option : element.at("options").as_array()) {
            options.push_back(boost::json::parse(option.at("value").as_string()).as_object());
        }
    }
    return options;
}

/// The action ids of every button in `blocks`, without "verb:", in the order they are shown; of a menu those
/// that its options stand for.
[[nodiscard]] inline std::vector<std::string> buttons_in(const boost::json::array& blocks)
{
    std::vector<std::string> names;
    for (const auto& element : elements_in(blocks)) {
        for (const auto& option : options_of(element)) {
            names.push_back(std::string(option.at("press").as_string()).substr(5));
        }
        if (element.at("type") != "overflow") {
            names.push_back(std::string(element.at("action_id").as_string()).substr(5));
        }
    }
    return names;
}

}  // namespace slipway::templates::testing
