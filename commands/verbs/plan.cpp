// plan, amend, reschedule, cancel.
#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/text/pattern.hpp"
#include "commands/verbs/forms.hpp"
#include "commands/verbs/shared.hpp"
#include "commands/verbs/verbs.hpp"

#include <algorithm>
#include <cstdint>
#include <sstream>

namespace slipway::decisions {

namespace {

namespace json = boost::json;

constexpr std::chrono::minutes usual_duration{30};
constexpr std::int64_t last_second = 253'402'300'799;  ///< of the year 9999: what the ledger can write

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
        const auto refusal = parsed.error();  // Boost.System gives it by value
        mistakes.insert(mistakes.end(), refusal.sentences.begin(), refusal.sentences.end());
        return false;
    }
};

/// "U0ALICE" as modals give it, or a mention as people type it; empty for none.
UserId read_person(Draft& draft, const Request& request, const std::string& key)
{
    const auto typed = field(request, key);
    auto person = person_in(typed);
    if (person.empty() && !typed.empty()) {
        draft.mistakes.push_back(say_at(key, "person_unknown", {{"text", typed}}));
    }
    return person;
}

/// Who will be on call for the deployment; empty: whoever was before.
UserId read_on_call(Draft& draft, const Request& request, const Snapshot& snapshot)
{
    const auto person = read_person(draft, request, "on_call");
    if (!person.empty() && !is_trained(person, snapshot)) {
        draft.mistakes.push_back(say_at("on_call", "swap_not_developer", {{"person", mention(person)}}));
    }
    return person;
}

/// Nothing is guessed: what is neither yes nor no is a mistake, what was left out is no.
bool read_yes(Draft& draft, const Request& request, const std::string& key)
{
    const auto typed = field(request, key);
    if (!typed.empty() && typed != "yes" && typed != "no") {
        draft.mistakes.push_back(say_at(key, "yes_or_no", {{"text", typed}}));
    }
    return typed == "yes";
}

Priority read_priority(Draft& draft, const Request& request)
{
    const auto typed = field(request, "priority");
    const auto priority = typed.empty() ? Priority::normal : priority_from(typed);
    if (!priority) {
        draft.mistakes.push_back(say_at("priority", "priority_unknown", {{"text", typed}}));
    }
    return priority.value_or(Priority::normal);
}

/// A commit's hash, whole or shortened as git does it; empty for none.
std::string read_commit(Draft& draft, const Request& request)
{
    static const Pattern form("[0-9a-fA-F]{4,64}");
    auto typed = field(request, "commit");
    draft.require(typed.empty() || form.matches(typed), "commit", "commit_unknown");
    std::transform(typed.begin(), typed.end(), typed.begin(), [](unsigned char letter) {
        return static_cast<char>(std::tolower(letter));
    });
    return typed;
}

void read_service(Draft& draft, const std::string& typed, const Policy& policy)
{
    auto& service = draft.planned.plan.service;
    service = typed.empty() && policy.services.size() == 1 ? policy.services.front().name : typed;
    if (const auto* found = find_service(policy, service); found != nullptr) {
        service = found->name;
        return;
    }
    const auto known = joined(policy.services, [](const Service& each) { return each.name; });
    draft.mistakes.push_back(say_at("service", "service_unknown", {{"service", service}, {"known", known}}));
}

/// A form gives back the time it was opened with, to the second, though it may have passed meanwhile.
bool is_time_of(const std::optional<Deployment>& deployment, Instant at)
{
    return deployment && deployment->starts_at &&
           std::chrono::floor<std::chrono::seconds>(*deployment->starts_at) == at;
}

/// A length, or when it ends where it is known when it begins.
Result<std::chrono::minutes> read_length(
    const std::string& typed, const std::optional<Instant>& begins, const Policy& policy
)
{
    auto length = parse_duration(typed);
    if (const auto ends = begins ? parse_end(typed, *begins, policy) : Result<Instant>(Refusal{}); ends) {
        return parse_duration(std::to_string(std::chrono::floor<std::chrono::minutes>(*ends - *begins).count()
        ));
    }
    return length;
}

void read_times(Draft& draft, const Request& request, const Snapshot& snapshot)
{
    draft.planned.duration = usual_duration;
    const auto* when = request.fields.if_contains("starts_at");
    if (when != nullptr && when->is_int64() && when->get_int64() > last_second) {
        const auto typed = std::to_string(when->get_int64());
        draft.mistakes.push_back(say_at("starts_at", "time_unknown", {{"text", typed}}));
    }
    else if (when != nullptr && when->is_int64() && when->get_int64() > 0) {
        const Instant at{std::chrono::seconds{when->get_int64()}};
        const bool stays = is_time_of(snapshot.deployment, at);
        draft.planned.starts_at = stays ? snapshot.deployment->starts_at : at;
        if (at < snapshot.now && !stays) {
            draft.mistakes.push_back(
                say_at("starts_at", "time_past", {{"when", team_time(at, *snapshot.policy)}})
            );
        }
    }
    else if (const auto typed = field(request, "starts_at"); !typed.empty()) {
        Instant at;
        if (draft.take(parse_when(typed, snapshot.now, *snapshot.policy), at)) {
            draft.planned.starts_at = at;
        }
    }
    if (const auto typed = field(request, "duration"); !typed.empty()) {
        draft.take(read_length(typed, draft.planned.starts_at, *snapshot.policy), draft.planned.duration);
    }
}

/// Every field, with every mistake. Where nobody was named as requestor it is `requestor`.
Draft read_draft(const Request& request, const Snapshot& snapshot, const UserId& requestor)
{
    Draft draft;
    auto& plan = draft.planned.plan;
    plan.what = field(request, "what");
    draft.require(!plan.what.empty(), "what", "what_missing");
    plan.linear_issue = issue_named_by(request);
    const bool unnamed = field(request, "linear_issue").empty() && !mirrors(*snapshot.policy);
    draft.require(!plan.linear_issue.empty() || unnamed, "linear_issue", "linear_issue_unknown");
    if (request.fields.contains("not_in_linear")) {
        draft.mistakes.push_back(
            say_at("linear_issue", "linear_issue_not_there", {{"issue", plan.linear_issue}})
        );
    }
    read_service(draft, field(request, "service"), *snapshot.policy);
    plan.changes = lines_of(field(request, "changes"));
    const auto impact = field(request, "expected_impact");
    plan.expected_impact = impact.empty() ? "None" : impact;
    plan.rollback_plan = field(request, "rollback_plan");
    draft.require(!plan.rollback_plan.empty(), "rollback_plan", "rollback_plan_missing");
    plan.client_facing = read_yes(draft, request, "client_facing");
    const auto requested_by = read_person(draft, request, "requested_by");
    plan.requested_by = requested_by.empty() ? requestor : requested_by;
    plan.requested_by_client = field(request, "client");
    plan.pull_request = field(request, "pull_request");
    const bool address = plan.pull_request.empty() || plan.pull_request.starts_with("https://");
    draft.require(address, "pull_request", "pull_request_unknown");
    plan.commit = read_commit(draft, request);
    plan.complex = read_yes(draft, request, "complex");
    plan.has_migrations = read_yes(draft, request, "migrations");
    plan.flag = field(request, "flag");
    plan.priority = read_priority(draft, request);
    draft.planned.on_call = read_on_call(draft, request, snapshot);
    return draft;
}

/// Whether `named` takes over from whoever is on call for the deployment; nobody, whom the form showed and
/// who is on call then anyway change nothing. Not material: the sign-offs stay.
bool name_on_call(Decision& decision, const UserId& named, const Snapshot& snapshot)
{
    const auto shown = snapshot.deployment->on_call.empty() ? UserId{} : on_call_of(snapshot);
    const auto deployment = after(decision, snapshot);
    const auto then = on_call_for(deployment, snapshot.now, snapshot.team, *snapshot.policy);
    if (named.empty() || named == shown || named == then) {
        return false;
    }
    decision.events.emplace_back(OnCallAssigned{named});
    say_in_thread(decision, say("on_call_named", facts_of(snapshot, {{"on_call", mention(named)}})));
    return true;
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
    const bool p0 = deployment.plan.priority == Priority::p0;  // starts at any time
    if (!p0 && (grade == Grade::avoid || grade == Grade::emergency_only)) {
        decision.reply.push_back(
            say("warn_outside_window",
                {{"when", team_time(start, policy)},
                 {"grade", to_string(grade)},
                 {"slots", slots_of(deployment, snapshot, start)}})
        );
        decision.reply_buttons = slot_buttons(deployment, snapshot, start);
    }
    else if (!p0 && !fits_window(start, deployment.duration, policy)) {
        decision.reply.push_back(say("warn_does_not_fit", {{"when", team_time(start, policy)}}));
    }
    if (const auto* freeze = freeze_at(snapshot.team, deployment.plan.service, start)) {
        decision.reply.push_back(
            say("warn_frozen", {{"until", team_time(freeze->until, policy)}, {"reason", freeze->reason}})
        );
    }
}

/// Two of one service cannot deploy at once: better known now than at the later one's start.
void warn_about_neighbours(Decision& decision, const Deployment& deployment, const Snapshot& snapshot)
{
    for (const auto& other : snapshot.active) {
        const bool meets = deployment.starts_at && other.starts_at && other.id != deployment.id &&
                           other.plan.service == deployment.plan.service &&
                           before_start.contains(other.stage) &&
                           *other.starts_at < *deployment.starts_at + deployment.duration &&
                           *deployment.starts_at < *other.starts_at + other.duration;
        if (meets) {
            decision.reply.push_back(
                say("warn_planned_beside",
                    {{"other", to_string(other.id)},
                     {"service", other.plan.service},
                     {"when", team_time(*other.starts_at, *snapshot.policy)},
                     {"deployment", to_string(deployment.id)}})
            );
        }
    }
}

void warn_about_cover(Decision& decision, const Deployment& deployment, const Snapshot& snapshot)
{
    const auto& policy = *snapshot.policy;
    const auto& start = deployment.starts_at;
    if (!start || covered_by_on_call(*start, deployment.duration, policy).ends <= snapshot.now) {
        return;
    }
    const auto on_call = on_call_for(deployment, snapshot.now, snapshot.team, policy);
    if (on_call.empty() || !uncovered(on_call, *start, deployment.duration, snapshot.team, policy).empty()) {
        decision.reply.push_back(
            say("warn_not_covered",
                cover_facts(on_call, covered_by_on_call(*start, deployment.duration, policy), policy))
        );
    }
}

/// A role that nobody can fill keeps Gate 2 closed for ever: better known now than on the evening.
void warn_about_signers(Decision& decision, const Deployment& deployment, const Snapshot& snapshot)
{
    for (const auto role : required_sign_offs(deployment.plan)) {
        if (people_for({role}, deployment, *snapshot.roles, *snapshot.policy).empty()) {
            const auto* id = role == Role::requestor ? "sign_off_no_requestor" : "sign_off_nobody";
            decision.reply.push_back(
                say(id, {{"role", title_of(role)}, {"deployment", to_string(deployment.id)}})
            );
        }
    }
}

std::string in_one_line(const std::vector<std::string>& lines)
{
    std::string text;
    for (const auto& line : lines) {
        text += (text.empty() ? "" : "; ") + line;
    }
    return text;
}

/// "Rollback plan: revert the commit -> switch the flag off", one for each changed field.
json::array differences(const Plan& before, const Plan& now)
{
    constexpr std::size_t shown = 80;
    json::array lines;
    const auto compare = [&](const char* label, const std::string& old_text, const std::string& new_text) {
        if (old_text != new_text) {
            const auto from = old_text.empty() ? "-" : shortened(old_text, shown);
            const auto to = new_text.empty() ? "-" : shortened(new_text, shown);
            lines.emplace_back(std::string(label) + ": " + from + " \xE2\x86\x92 " + to);
        }
    };
    const auto yes = [](bool value) { return std::string(value ? "yes" : "no"); };
    compare("What", before.what, now.what);
    compare("Linear issue", before.linear_issue, now.linear_issue);
    compare("Service", before.service, now.service);
    compare("Changes included", in_one_line(before.changes), in_one_line(now.changes));
    compare("Expected impact", before.expected_impact, now.expected_impact);
    compare("Rollback plan", before.rollback_plan, now.rollback_plan);
    compare("Client-facing", yes(before.client_facing), yes(now.client_facing));
    if (before.requested_by != now.requested_by) {
        lines.emplace_back("Requested by");  // ids mean nothing to people, and names may not ping here
    }
    compare("Client", before.requested_by_client, now.requested_by_client);
    compare("Pull request", before.pull_request, now.pull_request);
    compare("Commit", before.commit, now.commit);
    compare("Complex or architectural", yes(before.complex), yes(now.complex));
    compare("Database migrations", yes(before.has_migrations), yes(now.has_migrations));
    compare("Feature flag", before.flag, now.flag);
    compare("Priority", to_string(before.priority), to_string(now.priority));
    return lines;
}

/// The plan as it was in `revision`.
Plan plan_of_revision(int revision, const Deployment& deployment)
{
    Plan plan;
    for (const auto& recorded : deployment.history) {
        if (const auto* planned = std::get_if<Planned>(&recorded.event)) {
            plan = planned->plan;
        }
        const auto* amended = std::get_if<Amended>(&recorded.event);
        if (amended != nullptr && amended->revision <= revision) {
            plan = amended->plan;
        }
    }
    return plan;
}

/// Whether `user` was asked to sign an earlier revision off.
bool was_asked(const UserId& user, const Deployment& deployment, const Snapshot& snapshot)
{
    auto earlier = deployment;
    for (int revision = 1; revision < deployment.revision; ++revision) {
        earlier.plan = plan_of_revision(revision, deployment);
        const auto roles = required_sign_offs(earlier.plan);
        if (people_for(roles, earlier, *snapshot.roles, *snapshot.policy).contains(user)) {
            return true;
        }
    }
    return false;
}

/// Tells each of those who are asked again what is different from what they signed last, and who was never
/// asked before the plan.
void compare_with_signed(Decision& decision, const Deployment& deployment, const Snapshot& snapshot)
{
    for (auto& draft : decision.outbox) {
        auto* asking = std::get_if<DirectMessage>(&draft.saying);
        if (asking == nullptr || asking->sentence.id != "asked_again") {
            continue;
        }
        if (!was_asked(asking->user, deployment, snapshot)) {
            const auto facts = asking_facts(deployment, snapshot);
            asking->sentence = say("ask_sign_off", facts);
            continue;
        }
        int signed_last = 0;
        for (const auto& sign_off : deployment.sign_offs) {
            signed_last = sign_off.given.user == asking->user ? sign_off.given.revision : signed_last;
        }
        if (signed_last > 0) {
            asking->sentence.facts["since"] = std::to_string(signed_last);
            asking->sentence.facts["changed"] =
                differences(plan_of_revision(signed_last, deployment), deployment.plan);
        }
    }
}

}  // namespace

Result<Decision> plan(const Request& request, const Snapshot& given)
{
    auto snapshot = given;
    snapshot.deployment.reset();  // a plan is a new deployment's, whichever one was named beside it
    auto draft = read_draft(request, snapshot, snapshot.actor.id);
    read_times(draft, request, snapshot);
    if (!draft.mistakes.empty()) {
        return Refusal{std::move(draft.mistakes)};
    }
    Decision decision;
    decision.deployment = snapshot.next_id;
    decision.events.emplace_back(draft.planned);
    decision.outbox.push_back({CardRefresh{}});
    const auto deployment = after(decision, snapshot);
    const auto facts = asking_facts(deployment, snapshot);
    say_in_thread(decision, say("planned", facts));
    ask_for_sign_offs(decision, deployment, snapshot, say("ask_sign_off", facts));
    schedule_pre_notice(decision, deployment, snapshot);
    ask_to_confirm(decision, deployment, snapshot);
    warn_about_time(decision, deployment, snapshot);
    warn_about_neighbours(decision, deployment, snapshot);
    warn_about_cover(decision, deployment, snapshot);
    warn_about_signers(decision, deployment, snapshot);
    return decision;
}

Result<Decision> amend(const Request& request, const Snapshot& snapshot)
{
    const auto& before = snapshot.deployment->plan;
    auto draft = read_draft(request, snapshot, before.requested_by);
    if (!draft.mistakes.empty()) {
        return Refusal{std::move(draft.mistakes)};
    }
    const auto changed = differences(before, draft.planned.plan);
    auto decision = about(snapshot);
    const bool named = name_on_call(decision, draft.planned.on_call, snapshot);
    if (changed.empty() && !named) {
        return refuse(say("amend_nothing", facts_of(snapshot)));
    }
    if (changed.empty()) {
        ask_to_confirm(decision, after(decision, snapshot), snapshot);
        return decision;
    }
    decision.events.emplace_back(Amended{snapshot.deployment->revision + 1, draft.planned.plan});
    const auto deployment = after(decision, snapshot);
    auto facts = asking_facts(deployment, snapshot);
    facts["actor"] = mention(snapshot.actor.id);
    facts["changed"] = changed;
    say_in_thread(decision, say("amended", facts));
    ask_for_sign_offs(decision, deployment, snapshot, say("asked_again", facts));
    compare_with_signed(decision, deployment, snapshot);
    if (named) {
        ask_to_confirm(decision, deployment, snapshot);
    }
    warn_about_signers(decision, deployment, snapshot);
    return decision;
}

Result<Decision> reschedule(const Request& request, const Snapshot& snapshot)
{
    auto asked = request;
    if (!request.text.empty() && !asked.fields.contains("starts_at")) {
        static const Pattern form(R"((.+?) ((?:for|until) .+))", Pattern::Case::ignored);
        const auto parts = form.match(request.text);
        asked.fields["starts_at"] = parts ? (*parts)[1] : request.text;
        if (parts) {
            asked.fields["duration"] = (*parts)[2];
        }
    }
    Draft draft;
    read_times(draft, asked, snapshot);
    const bool has_time = draft.planned.starts_at.has_value() || !draft.mistakes.empty();
    draft.require(has_time, "starts_at", "time_missing");
    const auto on_call = read_on_call(draft, asked, snapshot);
    if (!draft.mistakes.empty()) {
        return Refusal{std::move(draft.mistakes)};
    }
    const auto& before = *snapshot.deployment;
    const auto duration = field(asked, "duration").empty() ? before.duration : draft.planned.duration;
    const auto when = *draft.planned.starts_at;
    const bool moved = before.starts_at != when || before.duration != duration;
    const auto facts = facts_of(snapshot, {{"when", team_time(when, *snapshot.policy)}});
    if (moved && when < snapshot.now) {
        return refuse(say_at("starts_at", "time_past", facts));
    }
    auto decision = about(snapshot);
    if (moved) {
        decision.events.emplace_back(Rescheduled{before.schedule + 1, when, duration});
        std::set<UserId> concerned{before.author, on_call_of(snapshot)};
        concerned.erase(UserId{});
        concerned.erase(snapshot.actor.id);
        say_in_thread(decision, say("rescheduled", facts), as_list(concerned));
    }
    if (!name_on_call(decision, on_call, snapshot) && !moved) {
        return refuse(say("reschedule_nothing", facts));
    }
    const auto deployment = after(decision, snapshot);
    ask_to_confirm(decision, deployment, snapshot);
    if (moved) {
        if (deployment.stage == Stage::planned && !missing_sign_offs(deployment, *snapshot.policy).empty()) {
            chase_sign_offs_later(decision, snapshot);
        }
        schedule_pre_notice(decision, deployment, snapshot);
        warn_about_time(decision, deployment, snapshot);
        warn_about_neighbours(decision, deployment, snapshot);
    }
    warn_about_cover(decision, deployment, snapshot);
    return decision;
}

Result<Decision> cancel(const Request& request, const Snapshot& snapshot)
{
    const auto reason = field_or_text(request, "reason");
    if (reason.empty()) {
        return refuse(say_at("reason", "reason_missing"));
    }
    auto decision = about(snapshot);
    decision.events.emplace_back(Cancelled{reason});
    say_in_thread(decision, say("cancelled", facts_of(snapshot, {{"reason", reason}})));
    clear_timers(decision, {"pre_notice", "chase_sign_offs", "chase_review"});
    return decision;
}

}  // namespace slipway::decisions
