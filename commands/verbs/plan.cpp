// plan, amend, reschedule, cancel.
#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/verbs/verbs.hpp"

#include <algorithm>
#include <regex>
#include <sstream>

namespace slipway::decisions {

namespace {

namespace json = boost::json;

constexpr std::chrono::minutes usual_duration{30};
constexpr std::chrono::hours chase_after{24};

/// "ENG-123", alone or at the end of a linear.app address.
std::string issue_identifier(const std::string& text)
{
    static const std::regex form(
        R"((?:https://linear\.app/\S*/issue/)?([A-Za-z][A-Za-z0-9]{0,9}-[0-9]{1,7})(?:/\S*)?)"
    );
    std::smatch match;
    if (!std::regex_match(text, match, form)) {
        return {};
    }
    std::string identifier = match[1];
    std::transform(identifier.begin(), identifier.end(), identifier.begin(), [](unsigned char letter) {
        return static_cast<char>(std::toupper(letter));
    });
    return identifier;
}

std::vector<std::string> lines_of(const std::string& text)
{
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        const auto first = line.find_first_not_of(" \t\r-*");
        const auto last = line.find_last_not_of(" \t\r");
        if (first != std::string::npos) {
            lines.push_back(line.substr(first, last - first + 1));
        }
    }
    return lines;
}

/// What the modal or the text said, with every mistake at its field.
struct Draft {
    Planned planned;
    std::vector<Sentence> mistakes;

    void require(bool holds, const char* at, const char* sentence)
    {
        if (!holds) {
            mistakes.push_back(say_at(at, sentence));
        }
    }

    template <class T>
    bool take(Result<T> parsed, T& into)
    {
        if (parsed) {
            into = *parsed;
            return true;
        }
        mistakes.insert(mistakes.end(), parsed.error().sentences.begin(), parsed.error().sentences.end());
        return false;
    }
};

void read_service(Draft& draft, const std::string& typed, const Policy& policy)
{
    auto& service = draft.planned.plan.service;
    service = typed.empty() && policy.services.size() == 1 ? policy.services.front().name : typed;
    if (find_service(policy, service) == nullptr) {
        std::string known;
        for (const auto& each : policy.services) {
            known += (known.empty() ? "" : ", ") + each.name;
        }
        draft.mistakes.push_back(
            say_at("service", "service_unknown", {{"service", service}, {"known", known}})
        );
    }
}

void read_times(Draft& draft, const Request& request, const Snapshot& snapshot)
{
    draft.planned.duration = usual_duration;
    if (const auto typed = field(request, "duration"); !typed.empty()) {
        draft.take(parse_duration(typed), draft.planned.duration);
    }
    const auto* when = request.fields.if_contains("starts_at");
    if (when != nullptr && when->is_int64() && when->get_int64() > 0) {
        const Instant at{std::chrono::seconds{when->get_int64()}};
        draft.planned.starts_at = at;
        if (at < snapshot.now) {
            draft.mistakes.push_back(
                say_at("starts_at", "time_past", {{"text", ""}, {"when", team_time(at, *snapshot.policy)}})
            );
        }
    }
    else if (const auto typed = field(request, "starts_at"); !typed.empty()) {
        Instant at;
        if (draft.take(parse_when(typed, snapshot.now, *snapshot.policy), at)) {
            draft.planned.starts_at = at;
        }
    }
}

Draft read_draft(const Request& request, const Snapshot& snapshot)
{
    Draft draft;
    auto& plan = draft.planned.plan;
    plan.what = field(request, "what");
    draft.require(!plan.what.empty(), "what", "what_missing");
    plan.linear_issue = issue_identifier(field(request, "linear_issue"));
    draft.require(!plan.linear_issue.empty(), "linear_issue", "linear_issue_unknown");
    read_service(draft, field(request, "service"), *snapshot.policy);
    plan.changes = lines_of(field(request, "changes"));
    plan.expected_impact =
        field(request, "expected_impact").empty() ? "None" : field(request, "expected_impact");
    plan.rollback_plan = field(request, "rollback_plan");
    draft.require(!plan.rollback_plan.empty(), "rollback_plan", "rollback_plan_missing");
    plan.client_facing = field(request, "client_facing") == "yes";
    const auto requested_by = field(request, "requested_by");
    plan.requested_by = requested_by.empty() ? snapshot.actor.id : UserId(requested_by);
    plan.requested_by_client = field(request, "client");
    plan.pull_request = field(request, "pull_request");
    draft.require(
        plan.pull_request.empty() || plan.pull_request.starts_with("https://"),
        "pull_request",
        "pull_request_unknown"
    );
    plan.commit = field(request, "commit");
    plan.has_migrations = field(request, "migrations") == "yes";
    plan.flag = field(request, "flag");
    plan.priority = priority_from(field(request, "priority")).value_or(Priority::normal);
    draft.planned.on_call = UserId(field(request, "on_call"));
    read_times(draft, request, snapshot);
    return draft;
}

/// What the planner should know of the chosen time; nothing of it forbids the plan (design 4.1).
void warn_about_time(Decision& decision, const Deployment& deployment, const Snapshot& snapshot)
{
    if (!deployment.starts_at) {
        return;
    }
    const auto& policy = *snapshot.policy;
    const auto start = *deployment.starts_at;
    const auto grade = judge_start(start, policy).grade;
    if (grade == Grade::avoid || grade == Grade::emergency_only) {
        std::string slots;
        for (const auto slot :
             next_slots(start, deployment.duration, deployment.plan.service, 3, snapshot.team, policy)) {
            slots += (slots.empty() ? "" : ", ") + team_time(slot, policy);
        }
        decision.reply.push_back(
            say("warn_outside_window",
                {{"when", team_time(start, policy)}, {"grade", to_string(grade)}, {"slots", slots}})
        );
    }
    else if (!fits_window(start, deployment.duration, policy)) {
        decision.reply.push_back(say("warn_does_not_fit", {{"when", team_time(start, policy)}}));
    }
    const auto on_call = on_call_for(deployment, snapshot.now, snapshot.team, policy);
    if (on_call.empty() || !uncovered(on_call, start, deployment.duration, snapshot.team, policy).empty()) {
        decision.reply.push_back(say("warn_not_covered", {{"on_call", mention(on_call)}}));
    }
}

/// Asks everybody whose sign-off is missing: once in the thread, and each by a direct message with the
/// buttons.
void ask_for_sign_offs(
    Decision& decision, const Deployment& deployment, const Snapshot& snapshot, const char* sentence
)
{
    const auto missing = missing_sign_offs(deployment, *snapshot.policy);
    std::string roles;
    for (const auto role : missing) {
        roles += (roles.empty() ? "" : ", ") + title_of(role);
    }
    const auto people = people_for(missing, deployment, *snapshot.roles, *snapshot.policy);
    const json::object facts{
        {"deployment", to_string(deployment.id)},
        {"what", deployment.plan.what},
        {"revision", std::to_string(deployment.revision)},
        {"roles", roles},
        {"planner", mention(snapshot.actor.id)},
    };
    say_in_thread(decision, say(sentence, facts), as_list(people));
    for (const auto& person : people) {
        DirectMessage message{person, say("ask_sign_off", facts)};
        message.buttons = {
            {{"verb", "signoff"}, {"label", "Sign off"}, {"fields", json::object{}}},
            {{"verb", "decline"}, {"label", "Decline"}, {"fields", json::object{}}},
        };
        decision.outbox.push_back({std::move(message)});
    }
    decision.timers.push_back({"chase_sign_offs", snapshot.now + chase_after});
}

std::string difference(const Plan& before, const Plan& now)
{
    std::string text;
    const auto add = [&](const char* label, bool changed) {
        text += changed ? (text.empty() ? "" : ", ") + std::string(label) : "";
    };
    add("What", before.what != now.what);
    add("Linear issue", before.linear_issue != now.linear_issue);
    add("Service", before.service != now.service);
    add("Changes included", before.changes != now.changes);
    add("Expected impact", before.expected_impact != now.expected_impact);
    add("Rollback plan", before.rollback_plan != now.rollback_plan);
    add("Client-facing", before.client_facing != now.client_facing);
    add("Requested by",
        before.requested_by != now.requested_by || before.requested_by_client != now.requested_by_client);
    add("Pull request", before.pull_request != now.pull_request || before.commit != now.commit);
    add("Database migrations", before.has_migrations != now.has_migrations);
    add("Feature flag", before.flag != now.flag);
    add("Priority", before.priority != now.priority);
    return text;
}

}  // namespace

Result<Decision> plan(const Request& request, const Snapshot& snapshot)
{
    auto draft = read_draft(request, snapshot);
    if (!draft.mistakes.empty()) {
        return Refusal{std::move(draft.mistakes)};
    }
    Decision decision;
    decision.deployment = snapshot.next_id;
    decision.events.emplace_back(draft.planned);
    decision.outbox.push_back({CardRefresh{}});
    const auto deployment = after(decision, snapshot);
    ask_for_sign_offs(decision, deployment, snapshot, "planned");
    schedule_pre_notice(decision, deployment, snapshot);
    warn_about_time(decision, deployment, snapshot);
    return decision;
}

Result<Decision> amend(const Request& request, const Snapshot& snapshot)
{
    const auto stage = in_stage(snapshot, {Stage::planned, Stage::signed_off});
    if (!stage) {
        return stage.error();
    }
    auto draft = read_draft(request, snapshot);
    std::erase_if(draft.mistakes, [](const Sentence& each) {
        return each.field == "starts_at" || each.field == "duration";
    });
    if (!draft.mistakes.empty()) {
        return Refusal{std::move(draft.mistakes)};
    }
    const auto& before = snapshot.deployment->plan;
    const auto changed = difference(before, draft.planned.plan);
    if (changed.empty()) {
        return refuse(say("amend_nothing", facts_of(snapshot)));
    }
    auto decision = about(snapshot);
    decision.events.emplace_back(Amended{snapshot.deployment->revision + 1, draft.planned.plan});
    const auto deployment = after(decision, snapshot);
    say_in_thread(decision, say("amended", facts_of(snapshot, {{"changed", changed}})));
    ask_for_sign_offs(decision, deployment, snapshot, "asked_again");
    return decision;
}

Result<Decision> reschedule(const Request& request, const Snapshot& snapshot)
{
    const auto stage = in_stage(snapshot, {Stage::planned, Stage::signed_off});
    if (!stage) {
        return stage.error();
    }
    auto asked = request;
    if (!request.text.empty() && !asked.fields.contains("starts_at")) {
        asked.fields["starts_at"] = request.text;
    }
    Draft draft;
    read_times(draft, asked, snapshot);
    draft.require(
        draft.planned.starts_at.has_value() || !draft.mistakes.empty(), "starts_at", "time_missing"
    );
    if (!draft.mistakes.empty()) {
        return Refusal{std::move(draft.mistakes)};
    }
    const auto duration =
        field(asked, "duration").empty() ? snapshot.deployment->duration : draft.planned.duration;
    auto decision = about(snapshot);
    decision.events.emplace_back(Rescheduled{
        snapshot.deployment->schedule + 1, *draft.planned.starts_at, duration});
    const auto deployment = after(decision, snapshot);
    say_in_thread(
        decision,
        say("rescheduled",
            facts_of(snapshot, {{"when", team_time(*draft.planned.starts_at, *snapshot.policy)}}))
    );
    schedule_pre_notice(decision, deployment, snapshot);
    warn_about_time(decision, deployment, snapshot);
    return decision;
}

Result<Decision> cancel(const Request& request, const Snapshot& snapshot)
{
    const auto stage = in_stage(snapshot, {Stage::planned, Stage::signed_off});
    if (!stage) {
        return stage.error();
    }
    const auto reason = field(request, "reason").empty() ? request.text : field(request, "reason");
    if (reason.empty()) {
        return refuse(say_at("reason", "reason_missing"));
    }
    auto decision = about(snapshot);
    decision.events.emplace_back(Cancelled{reason});
    say_in_thread(decision, say("cancelled", facts_of(snapshot, {{"reason", reason}})));
    decision.timers.push_back({"pre_notice", std::nullopt});
    decision.timers.push_back({"chase_sign_offs", std::nullopt});
    return decision;
}

}  // namespace slipway::decisions
