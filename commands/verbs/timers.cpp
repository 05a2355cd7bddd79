// timer: what happens by itself at its time.
#include "commands/pipeline/calendar.hpp"
#include "commands/pipeline/lists.hpp"
#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/runbook.hpp"
#include "commands/pipeline/triggers.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/verbs/shared.hpp"
#include "commands/verbs/verbs.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace slipway::decisions {

namespace {

namespace json = boost::json;

constexpr std::chrono::hours day{24};
constexpr std::chrono::minutes late_after{1};  ///< a timer that fires a moment after its time is not late

Decision of_deployment(const Snapshot& snapshot)
{
    Decision decision;
    decision.deployment = snapshot.deployment->id;
    return decision;
}

/// Asks the on-call developer with the buttons that answer; in the thread where nobody is on call. The card
/// names what is due next.
Decision ask_on_call(const Snapshot& snapshot, const char* sentence, std::vector<Button> buttons)
{
    auto decision = about(snapshot);
    const auto on_call = on_call_of(snapshot);
    const auto asked = say(sentence, facts_of(snapshot, {{"on_call", mention(on_call)}}));
    if (on_call.empty()) {
        say_in_thread(decision, asked);
    }
    else {
        tell(decision, on_call, asked, std::move(buttons));
    }
    return decision;
}

Result<Decision> fire_pre_notice(const Request&, const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    if (!before_start.contains(deployment.stage) || !deployment.starts_at ||
        deployment.notice_sent_for_schedule == deployment.schedule) {
        return Decision{};
    }
    auto decision = about(snapshot);
    const auto due = *deployment.starts_at - snapshot.policy->notice_lead;
    send_pre_notice(decision, deployment, snapshot, snapshot.now > due + late_after);
    return decision;
}

Result<Decision> fire_chase_sign_offs(const Request&, const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    const auto missing = missing_sign_offs(deployment, *snapshot.policy);
    if (deployment.stage != Stage::planned || missing.empty()) {
        return Decision{};
    }
    auto decision = of_deployment(snapshot);
    const auto facts = asking_facts(deployment, snapshot);
    ask_for_sign_offs(decision, deployment, snapshot, say("chase_sign_off", facts));
    return decision;
}

Result<Decision> fire_check_in(const Request& request, const Snapshot& snapshot)
{
    if (snapshot.deployment->stage != Stage::watching) {
        return Decision{};
    }
    return ask_on_call(
        snapshot, "check_in", {press("tick", "Check in", {{"checklist", request.text}}), press("issue")}
    );
}

Result<Decision> fire_watch_end(const Request&, const Snapshot& snapshot)
{
    if (snapshot.deployment->stage != Stage::watching) {
        return Decision{};
    }
    auto decision = ask_on_call(snapshot, "ask_clean", {press("clean"), press("issue")});
    decision.timers.push_back({"watch_end", next_morning(snapshot.now, *snapshot.policy)});
    return decision;
}

bool waits_for_update(const Deployment& deployment)
{
    return !is_ended(deployment.stage) && open_issue(deployment) != nullptr;
}

/// Of the open troubles the one whose update is due next.
std::optional<int> due_next(const Deployment& deployment, Instant now)
{
    std::optional<int> next;
    std::optional<Instant> due;
    for (const auto number : open_issues(deployment)) {
        const auto at = deployment.issues.at(static_cast<std::size_t>(number - 1)).next_update;
        if (at > now && (!due || at < *due)) {
            next = number;
            due = at;
        }
    }
    return next;
}

Result<Decision> fire_next_update_soon(const Request&, const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    const auto next = due_next(deployment, snapshot.now);
    if (!waits_for_update(deployment) || !next) {
        return Decision{};
    }
    const auto& issue = deployment.issues.at(static_cast<std::size_t>(*next - 1));
    auto decision = of_deployment(snapshot);
    if (issue.next_update - snapshot.now <= update_reminder) {  // else it fires late, and another's is next
        decision = ask_on_call(snapshot, "update_due_soon", {press("update", {}, {{"issue", *next}})});
    }
    set_update_clock(decision, deployment, snapshot.now);
    return decision;
}

/// Those that fell due since the timer was set for the first of them are called late once.
Result<Decision> fire_next_update_late(const Request& request, const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    if (!waits_for_update(deployment)) {
        return Decision{};
    }
    const auto since = field(request, "due").empty() ? Instant{} : instant_from(field(request, "due"));
    std::string problems;
    for (const auto number : open_issues(deployment)) {
        const auto& issue = deployment.issues.at(static_cast<std::size_t>(number - 1));
        if (issue.next_update <= snapshot.now && issue.next_update >= since) {
            problems += (problems.empty() ? "" : "; ") + issue.raised.what;
        }
    }
    auto decision = of_deployment(snapshot);
    set_update_clock(decision, deployment, snapshot.now);
    if (problems.empty()) {
        return decision;
    }
    const auto on_call = on_call_of(snapshot);
    say_in_thread(
        decision,
        say("update_late", facts_of(snapshot, {{"on_call", mention(on_call)}, {"problems", problems}})),
        {on_call}
    );
    return decision;
}

Result<Decision> fire_chase_review(const Request& request, const Snapshot& snapshot)
{
    if (!snapshot.deployment->review_due) {
        return Decision{};
    }
    auto decision = of_deployment(snapshot);
    for (const auto& lead : snapshot.roles->holders(Role::dev_lead)) {
        tell(decision, lead, say("review_due", facts_of(snapshot)));
    }
    decision.timers.push_back({request.text, next_morning(snapshot.now, *snapshot.policy)});
    return decision;
}

Result<Decision> fire_chase_postmortem(const Request& request, const Snapshot& snapshot)
{
    if (!snapshot.deployment->postmortem_link.empty()) {
        return Decision{};
    }
    auto decision = ask_on_call(
        snapshot,
        "postmortem_due",
        {press("postmortem", "File it", {{"file", true}}), press("postmortem", "Draft")}
    );
    decision.timers.push_back({request.text, next_morning(snapshot.now, *snapshot.policy)});
    return decision;
}

Result<Decision> fire_tell_when_free(const Request& request, const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    if (!before_start.contains(deployment.stage)) {
        return Decision{};
    }
    auto decision = of_deployment(snapshot);
    if (is_busy(start_conditions(deployment, snapshot))) {
        decision.timers.push_back({request.text, snapshot.now + service_looked_at_again, request.fields});
        return decision;
    }
    tell(decision, UserId(field(request, "user")), say("service_free", facts_of(snapshot)), {press("start")});
    return decision;
}

Result<Decision> fire_automatic_rollback(const Request& request, const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    // Stopped, or switched off meanwhile: nothing rolls back by itself any more.
    const auto begins = automatic_rollback_at(deployment);
    if (!begins || !may_roll_back_by_itself(snapshot)) {
        return Decision{};
    }
    const auto reason = field(request, "reason");
    if (snapshot.now <= *begins + late_after) {
        return begin_rollback(reason, true, snapshot);
    }
    // Nobody saw the end of the countdown, and much may have happened while the bot was away.
    const auto missed =
        say("automatic_rollback_missed",
            facts_of(snapshot, {{"problem", reason}, {"at", team_time(*begins, *snapshot.policy)}}));
    const auto& issue = *open_issue(deployment);
    auto decision = about(snapshot);
    decision.events.emplace_back(IssueUpdated{
        issue.status, "Too late to roll back by itself", issue.next_update, false, true});
    say_in_thread(decision, missed);
    tell(decision, on_call_of(snapshot), missed, {press("rollback", {}, {{"reason", reason}})});
    clear_timers(decision, {"countdown"});
    return decision;
}

/// The card shows how long is left.
Result<Decision> fire_countdown(const Request& request, const Snapshot& snapshot)
{
    const auto begins = automatic_rollback_at(*snapshot.deployment);
    if (!begins) {
        return Decision{};
    }
    auto decision = about(snapshot);
    if (*begins > snapshot.now) {
        decision.timers.push_back({request.text, snapshot.now + countdown_step});
    }
    return decision;
}

// The team's own: said by the calendar, of no deployment.

void set_hand_over(Decision& decision, const Snapshot& snapshot)
{
    const auto next = next_hand_over(snapshot.now, snapshot.team, *snapshot.policy);
    decision.timers.push_back(
        next ? TimerChange{"hand_over", next->said_at, {{"sprint_begins", iso(next->sprint_begins)}}}
             : TimerChange{"hand_over", std::nullopt}
    );
}

/// Sets what the calendar asks for next; fired at every start of the bot, after what it missed.
Result<Decision> fire_calendar(const Request&, const Snapshot& snapshot)
{
    Decision decision;
    set_hand_over(decision, snapshot);
    decision.timers.push_back({"runbook_review", next_review_request(snapshot.now, *snapshot.policy)});
    return decision;
}

/// The cards that showed the freeze show it no more, and whoever waited for its end hears of it; not where it
/// was ended by hand, or another one took its place.
Result<Decision> fire_freeze_over(const Request& request, const Snapshot& snapshot)
{
    Decision decision;
    const auto service = field(request, "service");
    const auto until = field(request, "until");
    const auto& freezes = snapshot.team.freezes;
    const bool ran_out = std::any_of(freezes.begin(), freezes.end(), [&](const Freeze& freeze) {
        return freeze.service == service && iso(freeze.until) == until;
    });
    redraw_waiting(decision, service, snapshot);
    if (ran_out) {
        const auto over = say("freeze_over", {{"service", service_in_words(service)}});
        tell_of_freeze(decision, service, instant_from(until), over, snapshot);
    }
    return decision;
}

/// "D-12 (watching), D-14 (planned)": what goes on while on-call changes hands.
std::string under_way(const Snapshot& snapshot)
{
    return joined(snapshot.active, [](const Deployment& deployment) {
        return to_string(deployment.id) + " (" + to_string(deployment.stage) + ")";
    });
}

/// Both are told, at the sprint that begins; where the bot was away meanwhile, at the one of today.
Result<Decision> fire_hand_over(const Request& request, const Snapshot& snapshot)
{
    const auto& policy = *snapshot.policy;
    Decision decision;
    set_hand_over(decision, snapshot);
    const auto at = std::max(snapshot.now, instant_from(field(request, "sprint_begins")));
    const auto sprint = sprint_at(at, snapshot.team, policy);
    const auto comes = on_call_at(at, snapshot.team, policy);
    const auto before = sprint ? sprint_at(sprint->span.begins - day, snapshot.team, policy) : std::nullopt;
    const auto goes = before ? before->on_call : UserId{};
    if (!sprint || comes == goes) {
        return decision;
    }
    const auto from = team_time(sprint->span.begins, policy);
    const auto to = team_time(sprint->span.ends, policy);
    if (comes.empty()) {
        tell_leads(decision, say("on_call_gone", {{"person", mention(sprint->on_call)}}), snapshot);
        return decision;
    }
    tell(
        decision,
        comes,
        say("hand_over_to_you",
            {{"person", mention(goes)}, {"from", from}, {"to", to}, {"deployments", under_way(snapshot)}}),
        {press("confirm")}
    );
    tell(decision, goes, say("hand_over_from_you", {{"person", mention(comes)}, {"from", from}}));
    return decision;
}

/// What slipway.toml names, as Slack knows it now.
Result<Decision> fire_directory(const Request& request, const Snapshot& snapshot)
{
    Decision decision;
    auto changed = snapshot;
    const auto read = [&](const char* kind) { return event_from(kind, request.fields.at(kind).as_object()); };
    if (request.fields.contains("rotation_set")) {
        set_rotation(decision, std::get<RotationSet>(read("rotation_set")), changed);
    }
    note_directory(decision, std::get<DirectoryChanged>(read("directory_changed")), changed);
    if (!decision.team_events.empty()) {  // else a hand-over that came due meanwhile would be forgotten
        set_hand_over(decision, changed);
    }
    return decision;
}

Result<Decision> fire_runbook_review(const Request&, const Snapshot& snapshot)
{
    const auto& policy = *snapshot.policy;
    Decision decision;
    decision.timers.push_back({"runbook_review", next_review_request(snapshot.now, policy)});
    if (is_review_due(snapshot.now, snapshot.team.runbook_reviewed_at, policy)) {
        for (const auto& lead : snapshot.roles->holders(Role::dev_lead)) {
            tell(decision, lead, say("runbook_review_asked"));
        }
    }
    return decision;
}

struct Firing {
    std::string_view name;  ///< of the timer, up to a number or a colon
    Result<Decision> (*decide)(const Request&, const Snapshot&);
};

constexpr std::array firings{
    Firing{"pre_notice", fire_pre_notice},
    Firing{"chase_sign_offs", fire_chase_sign_offs},
    Firing{lists::check_in, fire_check_in},
    Firing{"watch_end", fire_watch_end},
    Firing{"next_update_soon", fire_next_update_soon},
    Firing{"next_update_late", fire_next_update_late},
    Firing{"chase_review", fire_chase_review},
    Firing{"chase_postmortem", fire_chase_postmortem},
    Firing{"tell_when_free:", fire_tell_when_free},
    Firing{"automatic_rollback", fire_automatic_rollback},
    Firing{"countdown", fire_countdown},
};

constexpr std::array team_firings{
    Firing{"calendar", fire_calendar},
    Firing{"freeze_over:", fire_freeze_over},
    Firing{"hand_over", fire_hand_over},
    Firing{"directory", fire_directory},
    Firing{"runbook_review", fire_runbook_review},
};

}  // namespace

Result<Decision> timer(const Request& request, const Snapshot& snapshot)
{
    const auto known = snapshot.deployment ? std::span<const Firing>(firings) : team_firings;
    const auto firing = std::find_if(known.begin(), known.end(), [&](const Firing& each) {
        return request.text.starts_with(each.name);
    });
    return firing == known.end() ? Decision{} : firing->decide(request, snapshot);
}

}  // namespace slipway::decisions
