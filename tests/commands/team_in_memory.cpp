#include "tests/commands/team_in_memory.hpp"

#include "commands/pipeline/gates.hpp"
#include "commands/pipeline/windows.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <iterator>
#include <sstream>

namespace slipway::testing {

namespace {

namespace json = boost::json;

Person bot()
{
    Person person;
    person.id = UserId("slipway");
    person.is_bot = true;
    return person;
}

std::string shown(const Request& request)
{
    auto text = request.verb;
    text += request.deployment ? " " + to_string(*request.deployment) : "";
    text += request.text.empty() ? "" : " '" + request.text + "'";
    text += request.fields.empty() ? "" : " " + json::serialize(request.fields);
    return text;
}

std::string shown(const Result<Decision>& result)
{
    std::string text;
    if (!result) {
        for (const auto& id : refusals_of(result)) {
            text += (text.empty() ? "refused: " : ", ") + id;
        }
        return text;
    }
    for (const auto& event : result->events) {
        text += (text.empty() ? "" : ", ") + kind_of(event);
    }
    for (const auto& event : result->team_events) {
        text += (text.empty() ? "" : ", ") + kind_of(event);
    }
    return text.empty() ? "nothing changes" : text;
}

std::string iso(const std::optional<Instant>& at) { return at ? slipway::iso(*at) : "-"; }

std::string shown(const std::optional<Tick>& tick)
{
    return tick ? tick->by.str() + "@" + slipway::iso(tick->at) : "-";
}

template <class Happened>
std::string body(const Happened& event)
{
    return json::serialize(to_json(Event(event)));
}

}  // namespace

TeamInMemory::TeamInMemory()
{
    const StagedDeployment scene;
    policy = scene.policy;
    roles = scene.roles;
}

Snapshot TeamInMemory::seen_by(const Person& actor, std::optional<DeploymentId> about) const
{
    Snapshot snapshot;
    snapshot.now = now;
    snapshot.policy = &policy;
    snapshot.roles = &roles;
    snapshot.actor = actor;
    for (const auto& [id, deployment] : deployments) {
        if (about == id) {
            snapshot.deployment = deployment;
        }
        if (!is_ended(deployment.stage)) {
            snapshot.active.push_back(deployment);
        }
    }
    snapshot.team = team;
    const auto newest = deployments.empty() ? 0 : deployments.rbegin()->first.number;
    snapshot.next_id = DeploymentId{newest + 1};
    snapshot.fresh_uuid = "4b1c9a52-9a37-4a40-8a43-0d6f3f1f7a11";
    return snapshot;
}

const Gate1Facts& TeamInMemory::github_at(std::size_t index) const
{
    static const Gate1Facts silence{.unreachable = "timed out"};
    const auto found = std::find_if(github_.rbegin(), github_.rend(), [&](const auto& answer) {
        return answer.first <= index;
    });
    return found == github_.rend() ? silence : found->second;
}

Result<Decision> TeamInMemory::wish(const Request& request, const Person& actor)
{
    return settle(request, actor, actor.id.str() + ": " + request.verb);
}

Result<Decision> TeamInMemory::say(
    const std::string& name,
    const std::string& verb,
    std::optional<int> deployment,
    json::object fields,
    const std::string& text
)
{
    Request request;
    request.verb = verb;
    request.fields = std::move(fields);
    request.text = text;
    if (deployment) {
        request.deployment = DeploymentId{*deployment};
    }
    return settle(request, person_called(name), name + ": " + verb);
}

Result<Decision> TeamInMemory::observe(const json::object& fields)
{
    Request request;
    request.verb = "signal";
    request.fields = fields;
    request.source = Source::signal;
    return settle(request, bot(), "signal");
}

void TeamInMemory::end_action(bool succeeded)
{
    if (running.empty()) {
        return;
    }
    const auto [deployment, action] = running.front();
    running.erase(running.begin());
    Request request;
    request.verb = "action_result";
    request.source = Source::signal;
    request.deployment = deployment;
    request.fields = {{"action", action}, {"succeeded", succeeded}, {"output", "as it went"}};
    (void)settle(request, bot(), "action " + action);
}

void TeamInMemory::move_to(Instant until)
{
    for (;;) {
        std::optional<Instant> next;
        for (const auto& [key, timer] : timers) {
            next = !next || timer.due < *next ? timer.due : *next;
        }
        if (!next || *next > until) {
            break;
        }
        now = std::max(now, *next);
        fire_due();
    }
    now = std::max(now, until);
}

void TeamInMemory::sleep_until(Instant until)
{
    now = std::max(now, until);
    move_to(now);
}

void TeamInMemory::restart()
{
    timers[{DeploymentId{}, "calendar"}] = {now, next_seq_++, {}};
    move_to(now);
}

/// One look of the timekeeper: everything that is due now, in its order; what was replaced or cleared
/// meanwhile is left alone.
void TeamInMemory::fire_due()
{
    std::vector<std::pair<TimerKey, Timer>> due;
    std::copy_if(timers.begin(), timers.end(), std::back_inserter(due), [&](const auto& each) {
        return each.second.due <= now;
    });
    std::sort(due.begin(), due.end(), [](const auto& one, const auto& other) {
        return std::pair(one.second.due, one.second.seq) < std::pair(other.second.due, other.second.seq);
    });
    for (const auto& [key, timer] : due) {
        const auto still = timers.find(key);
        if (still == timers.end() || still->second.seq != timer.seq) {
            continue;
        }
        timers.erase(still);
        Request request;
        request.verb = "timer";
        request.text = key.second;
        request.fields = timer.facts;
        request.source = Source::timer;
        if (key.first.number > 0) {
            request.deployment = key.first;
        }
        (void)settle(request, bot(), "timer " + key.second);
    }
}

Result<Decision> TeamInMemory::settle(const Request& request, const Person& actor, const std::string& cause)
{
    auto snapshot = seen_by(actor, request.deployment);
    const auto* verb = find_verb(request.verb);
    const auto reads = verb == nullptr ? Reads::nothing : verb->reads;
    const bool asks = reads == Reads::github || reads == Reads::head;
    if (asks && snapshot.deployment && is_read_from_github(snapshot.deployment->plan, policy)) {
        snapshot.github = github_at(ledger.size());
        if (reads == Reads::head) {
            snapshot.github->conditions.clear();
        }
    }
    auto decided = decide(request, snapshot);
    log.push_back(
        team_time(now, policy) + "  " + actor.id.str() + " " + shown(request) + " -> " + shown(decided)
    );
    if (decided) {
        record(*decided, actor, cause);
    }
    return decided;
}

void TeamInMemory::record(const Decision& decision, const Person& actor, const std::string& cause)
{
    const auto about = decision.deployment.value_or(DeploymentId{});
    if (!decision.events.empty()) {
        auto changed = deployments.contains(about) ? deployments.at(about) : Deployment{};
        for (const auto& event : decision.events) {
            ledger.push_back({about, actor.id.str(), now, event});
            apply(changed, ledger.back());
        }
        deployments[about] = std::move(changed);
    }
    for (const auto& event : decision.team_events) {
        ledger.push_back({DeploymentId{}, actor.id.str(), now, event});
        apply(team, ledger.back());
    }
    for (const auto& draft : decision.outbox) {
        said.push_back({now, about, cause, draft.saying});
        if (const auto* action = std::get_if<RunAction>(&draft.saying)) {
            running.emplace_back(about, action->action);
        }
    }
    for (const auto& other : decision.other_cards) {
        said.push_back({now, other, cause, CardRefresh{}});
    }
    for (const auto& change : decision.timers) {
        timers.erase({about, change.name});
        if (change.due) {
            timers[{about, change.name}] = {*change.due, next_seq_++, change.facts};
        }
    }
}

std::string told(const Deployment& deployment)
{
    std::ostringstream text;
    text << to_string(deployment.id) << ' ' << to_string(deployment.stage) << " r" << deployment.revision
         << ' '
         << body(Planned{deployment.plan, deployment.starts_at, deployment.duration, deployment.on_call})
         << "\nby " << deployment.author.str() << " at " << iso(deployment.planned_at) << " schedule "
         << deployment.schedule << " notice " << deployment.notice_sent_for_schedule.value_or(0) << " flag "
         << deployment.flag_stage << "\ngo " << shown(deployment.go) << " ready " << shown(deployment.ready)
         << " started " << shown(deployment.started) << " finished " << iso(deployment.finished_at)
         << " on call since " << iso(deployment.on_call_named_at) << " ended " << shown(deployment.ended)
         << ' ' << deployment.end_reason << " review " << iso(deployment.review_due) << " postmortem "
         << deployment.postmortem_link << " rollback " << iso(deployment.rollback_started_at) << ' '
         << iso(deployment.rollback_finished_at);
    for (const auto& each : deployment.sign_offs) {
        text << "\nsign-off " << body(each.given) << iso(each.at) << (each.withdrawn ? " withdrawn" : "");
    }
    for (const auto& each : deployment.declines) {
        text << "\ndecline " << body(each);
    }
    for (const auto& [list, items] : deployment.ticks) {
        for (const auto& [item, tick] : items) {
            text << "\ntick " << list << ':' << item << ' ' << shown(std::optional(tick));
        }
    }
    for (const auto& each : deployment.exceptions) {
        text << "\nexception " << body(each);
    }
    for (const auto& each : deployment.issues) {
        text << "\nissue " << body(each.raised) << iso(each.at) << each.status << iso(each.next_update)
             << to_string(each.severity) << each.impact << (each.closed ? " closed" : "");
    }
    for (const auto& [name, state] : deployment.actions) {
        text << "\naction " << name << ' ' << static_cast<int>(state);
    }
    if (deployment.rollback) {
        text << "\nrollback " << body(*deployment.rollback);
    }
    for (const auto& each : deployment.history) {
        text << "\nevent " << iso(each.at) << ' ' << each.actor << ' ' << kind_of(each.event) << ' '
             << json::serialize(to_json(each.event));
    }
    return text.str();
}

std::string told(const TeamState& team)
{
    std::ostringstream text;
    for (const auto& each : team.freezes) {
        text << "freeze " << each.service << ' ' << each.owner.str() << ' ' << iso(each.begun) << ' '
             << iso(each.until) << ' ' << each.reason << '\n';
    }
    for (const auto& each : team.swaps) {
        text << "swap " << body(OnCallSwapped{each.from, each.to, each.begins, each.ends}) << iso(each.made)
             << '\n';
    }
    for (const auto& each : team.confirmations) {
        text << "confirmed " << body(each) << '\n';
    }
    for (const auto& [service, lock] : team.locked) {
        text << "locked " << service << ' ' << to_string(lock.because_of) << '\n';
    }
    for (const auto& each : team.rotations) {
        text << "rotation " << body(each) << '\n';
    }
    text << body(DirectoryChanged{{team.gone.begin(), team.gone.end()}, team.troubles}) << '\n';
    text << "reviewed " << iso(team.runbook_reviewed_at);
    return text.str();
}

std::vector<RecordedEvent> through_json(const std::vector<RecordedEvent>& events)
{
    std::vector<RecordedEvent> read;
    for (const auto& each : events) {
        const auto text = json::serialize(to_json(each.event));
        read.push_back(
            {each.deployment,
             each.actor,
             instant_from(slipway::iso(each.at)),
             event_from(kind_of(each.event), json::parse(text).as_object())}
        );
    }
    return read;
}

}  // namespace slipway::testing
