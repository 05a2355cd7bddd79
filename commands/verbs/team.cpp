// freeze, thaw, unlock, oncall, swap, confirm, runbook.
#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/runbook.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/verbs/verbs.hpp"

#include <algorithm>
#include <cctype>
#include <regex>
#include <sstream>

namespace slipway::decisions {

namespace {

std::string service_in_words(const std::string& service)
{
    return service.empty() ? "every service" : service;
}

/// The sprint or swap in which `user` is on call now or next; none within a year of sprints.
std::optional<Span> turn_of(const UserId& user, const Snapshot& snapshot)
{
    constexpr int sprints_ahead = 26;
    const auto& policy = *snapshot.policy;
    for (const auto& swap : snapshot.team.swaps) {
        if (swap.to == user && swap.ends > snapshot.now) {
            return Span{swap.begins, swap.ends};
        }
    }
    auto sprint = sprint_at(snapshot.now, policy);
    for (int ahead = 0; sprint && ahead < sprints_ahead; ++ahead) {
        if (sprint->on_call == user) {
            return sprint->span;
        }
        sprint = sprint_at(sprint->span.ends, policy);
    }
    return std::nullopt;
}

/// Those whose planned start falls into the freeze are told, so that nobody finds out at 22:00.
void tell_frozen(
    Decision& decision,
    const std::string& service,
    Instant until,
    const Sentence& sentence,
    const Snapshot& snapshot
)
{
    std::set<UserId> people;
    for (const auto& deployment : snapshot.active) {
        const bool before = deployment.stage == Stage::planned || deployment.stage == Stage::signed_off;
        const bool meant = service.empty() || deployment.plan.service == service;
        if (before && meant && deployment.starts_at && *deployment.starts_at < until) {
            people.insert(deployment.author);
            people.insert(on_call_for(deployment, snapshot.now, snapshot.team, *snapshot.policy));
        }
    }
    people.erase(UserId{});
    people.erase(snapshot.actor.id);
    for (const auto& person : people) {
        tell(decision, person, sentence);
    }
}

}  // namespace

Result<Decision> freeze(const Request& request, const Snapshot& snapshot)
{
    static const std::regex form(
        R"((?:(\S+)\s+)?for\s+([0-9]+\s*(?:d|days?|h|hours?|m|min|minutes?))\s+(.+))", std::regex::icase
    );
    auto service = field(request, "service");
    auto length = field(request, "duration");
    auto reason = field(request, "reason");
    std::smatch part;
    if (length.empty() && request.text.size() < 1'000 && std::regex_match(request.text, part, form)) {
        service = part[1];
        length = part[2];
        reason = part[3];
    }
    if (length.empty() || reason.empty()) {
        return refuse(say_at("reason", "freeze_usage", {{"command", snapshot.policy->command}}));
    }
    if (service == "all") {
        service.clear();
    }
    if (!service.empty() && find_service(*snapshot.policy, service) == nullptr) {
        return refuse(say_at("service", "service_unknown", {{"service", service}, {"known", "all"}}));
    }
    const auto duration = parse_duration(length);
    if (!duration) {
        return duration.error();
    }
    Decision decision;
    const auto until = snapshot.now + *duration;
    decision.team_events.emplace_back(FreezeBegun{service, until, reason});
    const auto begun =
        say("freeze_begun",
            {{"service", service_in_words(service)},
             {"until", team_time(until, *snapshot.policy)},
             {"actor", mention(snapshot.actor.id)},
             {"reason", reason}});
    decision.reply.push_back(begun);
    tell_frozen(decision, service, until, begun, snapshot);
    return decision;
}

Result<Decision> thaw(const Request& request, const Snapshot& snapshot)
{
    auto service = field_or_text(request, "service");
    if (service == "all") {
        service.clear();
    }
    const auto& freezes = snapshot.team.freezes;
    const bool frozen = std::any_of(freezes.begin(), freezes.end(), [&](const Freeze& each) {
        return each.service == service && each.until > snapshot.now;
    });
    if (!frozen) {
        return refuse(say("thaw_nothing", {{"service", service_in_words(service)}}));
    }
    Decision decision;
    decision.team_events.emplace_back(FreezeEnded{service});
    decision.reply.push_back(say("thawed", {{"service", service_in_words(service)}}));
    return decision;
}

Result<Decision> unlock(const Request& request, const Snapshot& snapshot)
{
    const auto text = field_or_text(request, "service");
    const auto separator = text.find(' ');
    const auto service = text.substr(0, separator);
    const auto locked = snapshot.team.locked.find(service);
    if (locked == snapshot.team.locked.end()) {
        return refuse(say("unlock_nothing", {{"service", service}}));
    }
    const auto reason =
        separator == std::string::npos ? field(request, "reason") : text.substr(separator + 1);
    Decision decision;
    decision.deployment = locked->second;
    decision.team_events.emplace_back(ServiceUnlocked{service, reason});
    const auto actor = mention(snapshot.actor.id);
    say_in_thread(decision, say("unlocked_by", {{"service", service}, {"actor", actor}, {"reason", reason}}));
    decision.reply.push_back(say("unlocked", {{"service", service}}));
    return decision;
}

Result<Decision> oncall(const Request&, const Snapshot& snapshot)
{
    const auto& policy = *snapshot.policy;
    Decision decision;
    const auto now = on_call_at(snapshot.now, snapshot.team, policy);
    if (now.empty()) {
        return refuse(say("on_call_nobody"));
    }
    decision.reply.push_back(say("on_call_now", {{"on_call", mention(now)}}));
    if (const auto sprint = sprint_at(snapshot.now, policy)) {
        const auto next = sprint_at(sprint->span.ends, policy);
        decision.reply.push_back(
            say("on_call_next",
                {{"on_call", mention(next->on_call)}, {"when", team_time(sprint->span.ends, policy)}})
        );
    }
    return decision;
}

Result<Decision> swap(const Request& request, const Snapshot& snapshot)
{
    static const std::regex mentioned(
        R"(.*<@([UW][A-Z0-9]+)(?:\|[^>]*)?>\s+(?:from\s+)?(.+)\s+(?:to|until|for)\s+(.+))"
    );
    auto user = field(request, "user");
    constexpr std::size_t longest = 500;
    auto from = field(request, "from");
    auto to = field(request, "to");
    std::smatch part;
    if (user.empty() && request.text.size() < longest && std::regex_match(request.text, part, mentioned)) {
        user = part[1];
        from = part[2];
        to = part[3];
    }
    if (user.empty() || from.empty() || to.empty()) {
        return refuse(say_at("user", "swap_usage", {{"command", snapshot.policy->command}}));
    }
    const bool trained = snapshot.roles->holds(UserId(user), Role::developer) ||
                         snapshot.roles->holds(UserId(user), Role::dev_lead);
    if (!trained) {
        return refuse(say_at("user", "swap_not_developer", {{"person", mention(UserId(user))}}));
    }
    const auto begins = parse_when(from, snapshot.now, *snapshot.policy);
    if (!begins) {
        return begins.error();
    }
    const auto length = parse_duration(to);
    const auto until = parse_when(to, *begins, *snapshot.policy);
    if (!length && !until) {
        return until.error();
    }
    const auto ends = length ? *begins + *length : *until;
    if (ends <= *begins) {
        return refuse(say_at("to", "swap_backwards"));
    }
    Decision decision;
    const auto before = on_call_at(*begins, snapshot.team, *snapshot.policy);
    decision.team_events.emplace_back(OnCallSwapped{before, UserId(user), *begins, ends});
    decision.reply.push_back(
        say("swapped",
            {{"on_call", "<@" + user + ">"},
             {"from", team_time(*begins, *snapshot.policy)},
             {"to", team_time(ends, *snapshot.policy)}})
    );
    for (const auto& person : std::set<UserId>{UserId(user), before}) {
        if (!person.empty() && person != snapshot.actor.id) {
            tell(decision, person, decision.reply.front());
        }
    }
    return decision;
}

Result<Decision> confirm(const Request&, const Snapshot& snapshot)
{
    const auto& user = snapshot.actor.id;
    const auto& policy = *snapshot.policy;
    auto turn = turn_of(user, snapshot);
    if (snapshot.deployment) {
        const auto& deployment = *snapshot.deployment;
        const auto begins = deployment.starts_at.value_or(snapshot.now);
        const bool named = on_call_of(snapshot) == user;
        turn = named ? std::optional(Span{begins, begins + deployment.duration + policy.on_call_margin})
                     : std::nullopt;
    }
    if (!turn) {
        return refuse(say("confirm_not_yours"));
    }
    if (has_confirmed(user, *turn, snapshot.team)) {
        return refuse(say("confirm_already"));
    }
    Decision decision;
    if (snapshot.deployment) {
        decision = about(snapshot);
    }
    decision.team_events.emplace_back(OnCallConfirmed{user, turn->begins, turn->ends});
    decision.reply.push_back(
        say("confirmed", {{"from", team_time(turn->begins, policy)}, {"to", team_time(turn->ends, policy)}})
    );
    return decision;
}

/// The text comes in as the field "runbook": what is stored of it is not part of the record, so no snapshot
/// holds it.
Result<Decision> runbook(const Request& request, const Snapshot&)
{
    constexpr std::size_t most_shown = 2'800;  // a section block holds 3,000 characters
    const auto text = field(request, "runbook");
    if (text.empty()) {
        return refuse(say("runbook_none"));
    }
    std::string headings;
    for (const auto& heading : headings_of(text)) {
        headings += (headings.empty() ? "" : ", ") + heading;
    }
    const auto shown = request.text.empty() ? text : section_called(text, request.text);
    if (shown.empty()) {
        return refuse(say("runbook_no_section", {{"section", request.text}, {"known", headings}}));
    }
    Decision decision;
    if (request.text.empty() && text.size() > most_shown) {
        decision.reply.push_back(say("runbook_sections", {{"sections", headings}}));
        return decision;
    }
    decision.reply.push_back(say("runbook_text", {{"text", shortened(shown, most_shown)}}));
    return decision;
}

Result<Decision> runbook_reviewed(const Request& request, const Snapshot&)
{
    Decision decision;
    decision.team_events.emplace_back(RunbookReviewed{request.text});
    decision.reply.push_back(say("runbook_review_noted"));
    return decision;
}

}  // namespace slipway::decisions
