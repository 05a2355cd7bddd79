// freeze, thaw, unlock, oncall, swap, and what timers ask for.
#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/triggers.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/verbs/verbs.hpp"

#include <algorithm>
#include <regex>

namespace slipway::decisions {

namespace {

constexpr std::chrono::hours chase_again{24};
constexpr std::chrono::hours ask_clean_again{4};

Result<Decision> chase_sign_offs(const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    const auto missing = missing_sign_offs(deployment, *snapshot.policy);
    if (deployment.stage != Stage::planned || missing.empty()) {
        return Decision{};
    }
    Decision decision;
    decision.deployment = deployment.id;
    for (const auto& person : people_for(missing, deployment, *snapshot.roles, *snapshot.policy)) {
        DirectMessage message{person, say("chase_sign_off", facts_of(snapshot))};
        message.buttons = {
            {{"verb", "signoff"}, {"label", "Sign off"}, {"fields", boost::json::object{}}},
            {{"verb", "decline"}, {"label", "Decline"}, {"fields", boost::json::object{}}},
        };
        decision.outbox.push_back({std::move(message)});
    }
    decision.timers.push_back({"chase_sign_offs", snapshot.now + chase_again});
    return decision;
}

Decision ask_on_call(const Snapshot& snapshot, const char* sentence)
{
    const auto on_call = on_call_for(*snapshot.deployment, snapshot.now, snapshot.team, *snapshot.policy);
    Decision decision;
    decision.deployment = snapshot.deployment->id;
    say_in_thread(decision, say(sentence, facts_of(snapshot, {{"on_call", mention(on_call)}})), {on_call});
    return decision;
}

bool is_live(const Snapshot& snapshot) { return !is_ended(snapshot.deployment->stage); }

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
    decision.reply.push_back(
        say("freeze_begun",
            {{"service", service.empty() ? "every service" : service},
             {"until", team_time(until, *snapshot.policy)},
             {"reason", reason}})
    );
    return decision;
}

Result<Decision> thaw(const Request& request, const Snapshot& snapshot)
{
    const auto service = request.text == "all" ? std::string{} : request.text;
    const auto& freezes = snapshot.team.freezes;
    const bool frozen = std::any_of(freezes.begin(), freezes.end(), [&](const Freeze& each) {
        return each.service == service && each.until > snapshot.now;
    });
    if (!frozen) {
        return refuse(say("thaw_nothing", {{"service", service.empty() ? "everything" : service}}));
    }
    Decision decision;
    decision.team_events.emplace_back(FreezeEnded{service});
    decision.reply.push_back(say("thawed", {{"service", service.empty() ? "every service" : service}}));
    return decision;
}

Result<Decision> unlock(const Request& request, const Snapshot& snapshot)
{
    const auto separator = request.text.find(' ');
    const auto service = request.text.substr(0, separator);
    const auto locked = snapshot.team.locked.find(service);
    if (locked == snapshot.team.locked.end()) {
        return refuse(say("unlock_nothing", {{"service", service}}));
    }
    const auto reason = separator == std::string::npos ? std::string{} : request.text.substr(separator + 1);
    Decision decision;
    decision.deployment = locked->second;
    decision.team_events.emplace_back(ServiceUnlocked{service, reason});
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
    auto from = field(request, "from");
    auto to = field(request, "to");
    std::smatch part;
    if (user.empty() && request.text.size() < 1'000 && std::regex_match(request.text, part, mentioned)) {
        user = part[1];
        from = part[2];
        to = part[3];
    }
    if (user.empty() || from.empty() || to.empty()) {
        return refuse(say_at("user", "swap_usage", {{"command", snapshot.policy->command}}));
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
    Decision decision;
    const auto before = on_call_at(*begins, snapshot.team, *snapshot.policy);
    decision.team_events.emplace_back(OnCallSwapped{before, UserId(user), *begins, ends});
    decision.reply.push_back(
        say("swapped",
            {{"on_call", "<@" + user + ">"},
             {"from", team_time(*begins, *snapshot.policy)},
             {"to", team_time(ends, *snapshot.policy)}})
    );
    return decision;
}

Result<Decision> timer(const Request& request, const Snapshot& snapshot)
{
    if (!snapshot.deployment || !is_live(snapshot)) {
        const bool owed = snapshot.deployment && request.text == "chase_postmortem";
        if (!owed) {
            return Decision{};
        }
    }
    const auto& name = request.text;
    const auto& deployment = *snapshot.deployment;
    if (name == "pre_notice") {
        Decision decision;
        decision.deployment = deployment.id;
        if (deployment.notice_sent_for_schedule != deployment.schedule) {
            const bool late =
                snapshot.now > *deployment.starts_at - snapshot.policy->notice_lead + std::chrono::minutes{1};
            send_pre_notice(decision, deployment, snapshot, late);
            decision.outbox.push_back({CardRefresh{}});
        }
        return decision;
    }
    if (name == "chase_sign_offs") {
        return chase_sign_offs(snapshot);
    }
    if (name.starts_with("check_in_")) {
        return ask_on_call(snapshot, "check_in");
    }
    if (name == "watch_end") {
        auto decision = ask_on_call(snapshot, "ask_clean");
        decision.timers.push_back({"watch_end", snapshot.now + ask_clean_again});
        return decision;
    }
    if (name == "next_update_soon" || name == "next_update_late") {
        return ask_on_call(snapshot, name == "next_update_soon" ? "update_due_soon" : "update_late");
    }
    if (name == "chase_review" || name == "chase_postmortem") {
        auto decision = ask_on_call(snapshot, name == "chase_review" ? "review_due" : "postmortem_due");
        decision.timers.push_back({name, snapshot.now + chase_again});
        return decision;
    }
    return Decision{};
}

}  // namespace slipway::decisions
