// freeze, thaw, unlock, oncall, swap, confirm, runbook.
#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/runbook.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/text/pattern.hpp"
#include "commands/verbs/shared.hpp"
#include "commands/verbs/verbs.hpp"

#include <algorithm>
#include <iterator>
#include <sstream>

namespace slipway::decisions {

std::string service_in_words(const std::string& service)
{
    return service.empty() ? "every service" : service;
}

namespace {

/// The service that was typed, empty for all: one of `recorded`, which may have left the configuration, or
/// one that there is. A refusal names those.
Result<std::string> service_in(
    const std::string& typed, const std::vector<std::string>& recorded, const Snapshot& snapshot
)
{
    if (typed.empty() || is_called("all", typed)) {
        return std::string{};
    }
    const auto known = std::find_if(recorded.begin(), recorded.end(), [&](const std::string& name) {
        return is_called(name, typed);
    });
    if (known != recorded.end()) {
        return *known;
    }
    if (const auto* service = find_service(*snapshot.policy, typed)) {
        return service->name;
    }
    const auto names = joined(snapshot.policy->services, [](const Service& each) { return each.name; });
    return refuse(say_at("service", "service_unknown", {{"service", typed}, {"known", names + ", all"}}));
}

/// The sprint in which `user` is on call now or next, and every swap to them that is not over, the earliest
/// first; none within a year of sprints.
std::vector<Span> turns_of(const UserId& user, const Snapshot& snapshot)
{
    constexpr int sprints_ahead = 26;
    const auto& policy = *snapshot.policy;
    std::vector<Span> turns;
    for (const auto& swap : snapshot.team.swaps) {
        if (swap.to == user && swap.ends > snapshot.now) {
            turns.push_back({swap.begins, swap.ends});
        }
    }
    auto sprint = sprint_at(snapshot.now, snapshot.team, policy);
    for (int ahead = 0; sprint && ahead < sprints_ahead; ++ahead) {
        if (sprint->on_call == user) {
            turns.push_back(sprint->span);
            break;
        }
        sprint = sprint_at(sprint->span.ends, snapshot.team, policy);
    }
    std::sort(turns.begin(), turns.end(), [](const Span& one, const Span& other) {
        return one.begins < other.begins;
    });
    return turns;
}

/// The first turn that `user` has not confirmed yet, else the first.
std::optional<Span> turn_of(const UserId& user, const Snapshot& snapshot)
{
    const auto turns = turns_of(user, snapshot);
    const auto open = std::find_if(turns.begin(), turns.end(), [&](const Span& turn) {
        return !has_confirmed(user, turn, snapshot.team);
    });
    return open != turns.end() ? std::optional(*open)
           : turns.empty()     ? std::nullopt
                               : std::optional(turns.front());
}

/// The same, shown at the field of the form that it is about.
Refusal at_field(Refusal refusal, const char* field)
{
    for (auto& sentence : refusal.sentences) {
        sentence.field = field;
    }
    return refusal;
}

/// "@bob tue 22:00 for 6h" in its parts.
struct SpokenSwap {
    std::string user, from, to;
};

SpokenSwap swap_in(const std::string& text)
{
    const auto open = text.find("<@");
    const auto close = text.find('>', open);
    if (open == std::string::npos || close == std::string::npos) {
        return {};
    }
    std::istringstream stream(text.substr(close + 1));
    const std::vector<std::string> words{std::istream_iterator<std::string>(stream), {}};
    const auto until = std::find_if(words.rbegin(), words.rend(), [](const std::string& word) {
        return word == "to" || word == "until" || word == "for";
    });
    const auto joined = [](auto word, auto end) {
        std::string all;
        for (; word != end; ++word) {
            all += (all.empty() ? "" : " ") + *word;
        }
        return all;
    };
    auto begin = words.begin();
    begin += begin != words.end() && *begin == "from" ? 1 : 0;
    const auto end = until == words.rend() ? begin : std::max(begin, until.base() - 1);
    return {
        person_in(text.substr(open, close + 1 - open)).str(),
        joined(begin, end),
        joined(until.base(), words.end())};
}

/// As many whole lines of `text` as an answer to a command has room for.
std::string fitting(const std::string& text)
{
    constexpr std::size_t most_bytes = 6'000;  // Slack takes 16 KiB, in which each word stands twice
    if (text.size() <= most_bytes) {
        return text;
    }
    const auto end = text.rfind('\n', most_bytes);
    return end == std::string::npos ? shortened(text, most_bytes / 4) : text.substr(0, end + 1);
}

}  // namespace

void tell_of_freeze(
    Decision& decision,
    const std::string& service,
    Instant until,
    const Sentence& sentence,
    const Snapshot& snapshot
)
{
    decision.outbox.push_back({Announcement{.channel = {}, .sentence = sentence}});
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

Result<Decision> freeze(const Request& request, const Snapshot& snapshot)
{
    static const Pattern form(R"((?:(\S+)\s+)?((?:for|until|till)\s.+))", Pattern::Case::ignored);
    const auto& policy = *snapshot.policy;
    auto typed = field(request, "service");
    auto reason = field(request, "reason");
    const auto length = field(request, "duration");
    Result<Instant> ends = parse_end(length, snapshot.now, policy);
    if (const auto part = form.match(request.text); part && length.empty()) {
        typed = (*part)[1];
        const auto span = take_span((*part)[2], snapshot.now, policy);
        ends = span ? Result<Instant>(span->ends) : span.error();
        reason = span ? span->rest : (*part)[2];
    }
    else if (length.empty()) {
        return refuse(say_at("duration", "freeze_usage"));
    }
    if (!ends) {
        return at_field(ends.error(), "duration");
    }
    if (reason.empty()) {
        return refuse(say_at("reason", "freeze_usage"));
    }
    const auto meant = service_in(typed, {}, snapshot);
    if (!meant) {
        return meant.error();
    }
    const auto& service = *meant;
    Decision decision;
    const auto until = *ends;
    decision.team_events.emplace_back(FreezeBegun{service, until, reason});
    decision.timers.push_back(
        {"freeze_over:" + iso(until) + ":" + service, until, {{"service", service}, {"until", iso(until)}}}
    );
    const auto begun =
        say("freeze_begun",
            {{"service", service_in_words(service)},
             {"frozen", service.empty() ? "all" : service},
             {"until", team_time(until, *snapshot.policy)},
             {"actor", mention(snapshot.actor.id)},
             {"reason", reason}});
    decision.reply.push_back(begun);
    tell_of_freeze(decision, service, until, begun, snapshot);
    return decision;
}

Result<Decision> thaw(const Request& request, const Snapshot& snapshot)
{
    const auto& freezes = snapshot.team.freezes;
    std::vector<std::string> frozen_ones;
    for (const auto& each : freezes) {
        frozen_ones.push_back(each.service);
    }
    const auto meant = service_in(field_or_text(request, "service"), frozen_ones, snapshot);
    if (!meant) {
        return meant.error();
    }
    const auto& service = *meant;
    Instant until;
    for (const auto& each : freezes) {
        until = each.service == service ? std::max(until, each.until) : until;
    }
    const bool frozen = until > snapshot.now;
    const bool all_frozen = std::any_of(freezes.begin(), freezes.end(), [&](const Freeze& each) {
        return each.service.empty() && each.until > snapshot.now;
    });
    if (!frozen && all_frozen) {
        return refuse(say("thaw_all_frozen", {{"service", service}}));
    }
    if (!frozen) {
        return refuse(say("thaw_nothing", {{"service", service_in_words(service)}}));
    }
    Decision decision;
    decision.team_events.emplace_back(FreezeEnded{service});
    const auto thawed =
        say("thawed", {{"service", service_in_words(service)}, {"actor", mention(snapshot.actor.id)}});
    decision.reply.push_back(thawed);
    tell_of_freeze(decision, service, until, thawed, snapshot);
    return decision;
}

Result<Decision> unlock(const Request& request, const Snapshot& snapshot)
{
    const auto text = field_or_text(request, "service");
    const auto separator = text.find(' ');
    std::vector<std::string> locked_ones;
    for (const auto& [name, lock] : snapshot.team.locked) {
        locked_ones.push_back(name);
    }
    const auto meant = service_in(text.substr(0, separator), locked_ones, snapshot);
    if (!meant) {
        return meant.error();
    }
    const auto& service = *meant;
    const auto locked = snapshot.team.locked.find(service);
    if (locked == snapshot.team.locked.end()) {
        return refuse(say("unlock_nothing", {{"service", service}}));
    }
    const auto reason =
        separator == std::string::npos ? field(request, "reason") : text.substr(separator + 1);
    Decision decision;
    decision.deployment = locked->second.because_of;
    decision.outbox.push_back({CardRefresh{}});  // it offered the unlock
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
    const auto turn = turn_at(snapshot.now, snapshot.team, policy);
    if (turn.empty()) {
        return refuse(say("on_call_nobody"));
    }
    decision.reply.push_back(
        now.empty() ? say("on_call_gone", {{"person", mention(turn)}})
                    : say("on_call_now", {{"on_call", mention(now)}})
    );
    if (const auto sprint = sprint_at(snapshot.now, snapshot.team, policy)) {
        const auto ends = sprint->span.ends;
        const auto next = sprint_at(ends, snapshot.team, policy);
        const auto gone = next && snapshot.team.gone.contains(next->on_call);
        decision.reply.push_back(
            say("on_call_next",
                {{"on_call", next ? mention(next->on_call) : ""},
                 {"when", team_time(ends, policy)},
                 {"gone", gone}})
        );
    }
    auto swaps = snapshot.team.swaps;
    std::erase_if(swaps, [&](const Swap& each) { return each.ends <= snapshot.now; });
    std::stable_sort(swaps.begin(), swaps.end(), [](const Swap& one, const Swap& other) {
        return one.begins < other.begins;
    });
    for (const auto& each : swaps) {
        decision.reply.push_back(
            say("swapped",
                {{"on_call", mention(each.to)},
                 {"from", team_time(each.begins, policy)},
                 {"to", team_time(each.ends, policy)}})
        );
    }
    return decision;
}

Result<Decision> swap(const Request& request, const Snapshot& snapshot)
{
    SpokenSwap asked{field(request, "user"), field(request, "from"), field(request, "to")};
    if (asked.user.empty()) {
        asked = swap_in(request.text);
    }
    if (asked.user.empty() || asked.from.empty() || asked.to.empty()) {
        const auto* missing = asked.user.empty() ? "user" : asked.from.empty() ? "from" : "to";
        return refuse(say_at(missing, "swap_usage"));
    }
    const UserId user(asked.user);
    if (!is_trained(user, snapshot)) {
        return refuse(say_at("user", "swap_not_developer", {{"person", mention(user)}}));
    }
    const auto begins = parse_when(asked.from, snapshot.now, *snapshot.policy);
    if (!begins) {
        return at_field(begins.error(), "from");
    }
    const auto end = parse_end(asked.to, *begins, *snapshot.policy);
    if (!end) {
        return at_field(end.error(), "to");
    }
    const auto ends = *end;
    if (ends <= *begins) {
        return refuse(say_at("to", "swap_backwards"));
    }
    Decision decision;
    const auto before = on_call_at(*begins, snapshot.team, *snapshot.policy);
    decision.team_events.emplace_back(OnCallSwapped{before, user, *begins, ends});
    decision.reply.push_back(
        say("swapped",
            {{"on_call", mention(user)},
             {"from", team_time(*begins, *snapshot.policy)},
             {"to", team_time(ends, *snapshot.policy)}})
    );
    std::set<UserId> people{user, before};
    auto swapped = snapshot.team;
    swapped.swaps.push_back({before, user, *begins, ends, snapshot.now});
    for (const auto& deployment : snapshot.active) {
        const auto named = on_call_for(deployment, snapshot.now, snapshot.team, *snapshot.policy);
        if (named != on_call_for(deployment, snapshot.now, swapped, *snapshot.policy)) {
            people.insert(named);
            decision.other_cards.push_back(deployment.id);
        }
    }
    for (const auto& person : people) {
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
        turn = named ? std::optional(covered_by_on_call(begins, deployment.duration, policy)) : std::nullopt;
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
        say_in_thread(decision, say("confirmed_in_thread", facts_of(snapshot)));
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
    const auto text = field(request, "runbook");
    if (text.empty()) {
        return refuse(say("runbook_none"));
    }
    const auto headings = joined(headings_of(text));
    const auto shown = request.text.empty() ? text : section_called(text, request.text);
    if (shown.empty()) {
        return refuse(say("runbook_no_section", {{"section", request.text}, {"known", headings}}));
    }
    Decision decision;
    const auto fits = fitting(shown);
    if (request.text.empty() && fits != shown) {
        decision.reply.push_back(say("runbook_sections", {{"sections", headings}}));
        return decision;
    }
    decision.reply.push_back(say("runbook_text", {{"text", fits}}));
    if (fits != shown) {
        decision.reply.push_back(say("runbook_goes_on", {{"section", request.text}}));
    }
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
