#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/windows.hpp"
#include "templates/markup.hpp"
#include "templates/mustache.hpp"
#include "templates/people.hpp"
#include "templates/render.hpp"

#include <stdexcept>

namespace slipway::templates {

namespace {

namespace json = boost::json;

std::string text_of(const json::object& facts, const char* key)
{
    const auto* value = facts.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string{};
}

json::object variables(const Notice& notice, const Deployment& deployment, const Policy& policy)
{
    const auto& facts = notice.facts;
    json::object values{
        {"deployment", to_string(deployment.id)},
        {"what", deployment.plan.what},
        {"linear_issue_link", issue_link(deployment.plan.linear_issue, policy)},
        {"expected_impact", deployment.plan.expected_impact},
        {"rollback_plan", deployment.plan.rollback_plan},
        {"on_call", mention(UserId(text_of(facts, "on_call")))},
        {"dev_lead", mention(UserId(text_of(facts, "dev_lead")))},
        {"duration", std::to_string(deployment.duration.count())},
        {"problem", text_of(facts, "what")},
        {"severity", text_of(facts, "severity")},
        {"impact", text_of(facts, "impact")},
        {"status", text_of(facts, "status")},
        {"known_issues", text_of(facts, "known_issues")},
        {"reason", text_of(facts, "reason")},
    };
    json::array changes;
    for (const auto& change : deployment.plan.changes) {
        changes.emplace_back(change);
    }
    if (changes.empty()) {
        changes.emplace_back(deployment.plan.what);
    }
    values["changes"] = std::move(changes);
    for (const auto& [key, name] :
         {std::pair{"at", "time"}, {"detected_at", "detected_at"}, {"next_update", "next_update"}}) {
        if (const auto at = text_of(facts, key); !at.empty()) {
            values[name] = team_clock(instant_from(at), policy);
        }
    }
    if (text_of(facts, "next_update").empty()) {
        values["next_update"] = "None, this is over";
    }
    if (const auto text = text_of(facts, "starts_at"); !text.empty()) {
        const auto at = instant_from(text);
        values["when"] = team_time(at, policy) + " (" + date_token(at, policy) + " for you)";
    }
    if (const auto* late = facts.if_contains("late")) {
        values["late"] = *late;
    }
    if (const auto* missing = facts.if_contains("missing");
        missing != nullptr && !missing->as_array().empty()) {
        values["missing"] = joined(missing->as_array(), [](const json::value& role) {
            return std::string(role.as_string());
        });
        values["has_missing"] = true;
    }
    return values;
}

}  // namespace

SlackMessage Library::notice(const Notice& notice, const Deployment& deployment, const View& view) const
{
    const auto values = variables(notice, deployment, *view.policy);
    auto mrkdwn = fill(mrkdwn_structure(files_.at(notice.kind + ".md")), values, &escape_mrkdwn);
    std::string pings;
    for (const auto& user : notice.pings) {
        pings += (pings.empty() ? "" : " ") + mention(user);
    }
    if (!pings.empty()) {
        mrkdwn += "\n" + pings + "\n";
    }
    return {fallback_of(mrkdwn), blocks_of(mrkdwn)};
}

}  // namespace slipway::templates
