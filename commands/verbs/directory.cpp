// What slipway.toml names and Slack knows: the rotation and those who are gone.
#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/verbs/shared.hpp"

#include <algorithm>

namespace slipway::decisions {

namespace {

namespace json = boost::json;

bool is_same(const RotationSet& one, const RotationSet& other)
{
    return one.people == other.people && one.sprint_start == other.sprint_start &&
           one.sprint_days == other.sprint_days;
}

/// Records `event`, and shows `snapshot` the team after it.
void happens(Decision& decision, const Event& event, Snapshot& snapshot)
{
    decision.team_events.push_back(event);
    apply(snapshot.team, {DeploymentId{}, snapshot.actor.id.str(), snapshot.now, event});
}

/// Those of `all` that `known` has not.
json::array fresh(const std::vector<std::string>& all, const std::vector<std::string>& known)
{
    json::array found;
    for (const auto& each : all) {
        if (std::find(known.begin(), known.end(), each) == known.end()) {
            found.emplace_back(each);
        }
    }
    return found;
}

std::set<UserId> everybody_in(const RoleBook& roles)
{
    std::set<UserId> people;
    for (const auto& [role, members] : roles.members) {
        people.insert(members.begin(), members.end());
    }
    return people;
}

/// Those who are in one rotation only, or whose turn it is now or next by either.
std::set<UserId> concerned(const TeamState& before, const RotationSet& wanted, const Snapshot& snapshot)
{
    std::set<UserId> people;
    const auto& policy = *snapshot.policy;
    const std::set<UserId> was(before.rotations.back().people.begin(), before.rotations.back().people.end());
    const std::set<UserId> is(wanted.people.begin(), wanted.people.end());
    std::set_symmetric_difference(
        was.begin(), was.end(), is.begin(), is.end(), std::inserter(people, people.end())
    );
    for (const auto* team : {&before, &snapshot.team}) {
        for (const auto at : {snapshot.now, wanted.holds_from}) {
            people.insert(on_call_at(at, *team, policy));
        }
    }
    for (const auto& deployment : snapshot.active) {
        const auto named = on_call_for(deployment, snapshot.now, before, policy);
        const auto then = on_call_for(deployment, snapshot.now, snapshot.team, policy);
        if (named != then) {
            people.insert({named, then});
        }
    }
    people.erase(UserId{});
    return people;
}

void redraw_active(Decision& decision, const Snapshot& snapshot)
{
    for (const auto& deployment : snapshot.active) {
        decision.other_cards.push_back(deployment.id);
    }
}

/// The Dev Leads and whoever planned a deployment that has lost its on-call developer.
void tell_of_lost_on_call(Decision& decision, const TeamState& before, const Snapshot& snapshot)
{
    const auto& policy = *snapshot.policy;
    if (!on_call_at(snapshot.now, before, policy).empty() &&
        on_call_at(snapshot.now, snapshot.team, policy).empty()) {
        const auto turn = turn_at(snapshot.now, snapshot.team, policy);
        tell_leads(decision, say("on_call_gone", {{"person", mention(turn)}}), snapshot);
    }
    for (const auto& deployment : snapshot.active) {
        const auto was = on_call_for(deployment, snapshot.now, before, policy);
        const auto is = on_call_for(deployment, snapshot.now, snapshot.team, policy);
        if (was == is || !snapshot.team.gone.contains(was)) {
            continue;
        }
        const auto lost =
            say("on_call_gone_for",
                {{"person", mention(was)},
                 {"deployment", to_string(deployment.id)},
                 {"what", deployment.plan.what},
                 {"on_call", is.empty() ? "" : mention(is)}});
        tell_leads(decision, lost, snapshot);
        for (const auto& person : std::set{deployment.author, is}) {
            if (!snapshot.roles->holds(person, Role::dev_lead)) {
                tell(decision, person, lost);
            }
        }
    }
}

}  // namespace

void tell_leads(Decision& decision, const Sentence& sentence, const Snapshot& snapshot)
{
    const auto leads = snapshot.roles->holders(Role::dev_lead);
    for (const auto& person : leads.empty() ? everybody_in(*snapshot.roles) : leads) {
        tell(decision, person, sentence);
    }
}

void set_rotation(Decision& decision, RotationSet wanted, Snapshot& snapshot)
{
    const auto before = snapshot.team;
    const auto& policy = *snapshot.policy;
    if (before.rotations.empty()) {
        happens(decision, wanted, snapshot);
        return;
    }
    if (is_same(before.rotations.back(), wanted)) {
        return;
    }
    const auto sprint = sprint_at(snapshot.now, before, policy);
    wanted.holds_from = sprint ? sprint->span.ends : snapshot.now;
    happens(decision, wanted, snapshot);
    const auto now = on_call_at(snapshot.now, snapshot.team, policy);
    const auto next = on_call_at(wanted.holds_from, snapshot.team, policy);
    const auto changed =
        say("rotation_changed",
            {{"rotation", joined(wanted.people, mention)},
             {"on_call", now.empty() ? "" : mention(now)},
             {"until", team_time(wanted.holds_from, policy)},
             {"next", mention(next)}});
    for (const auto& person : concerned(before, wanted, snapshot)) {
        tell(decision, person, changed);
    }
    redraw_active(decision, snapshot);
}

void note_directory(Decision& decision, const DirectoryChanged& found, Snapshot& snapshot)
{
    const auto before = snapshot.team;
    const std::set<UserId> gone(found.gone.begin(), found.gone.end());
    if (gone == before.gone && found.troubles == before.troubles) {
        return;
    }
    happens(decision, found, snapshot);
    if (auto begun = fresh(found.troubles, before.troubles); !begun.empty()) {
        std::set<UserId> people;
        std::set_difference(
            gone.begin(),
            gone.end(),
            before.gone.begin(),
            before.gone.end(),
            std::inserter(people, people.end())
        );
        const json::object facts{
            {"troubles", std::move(begun)}, {"people", people.empty() ? "" : mentions(people)}};
        tell_leads(decision, say("directory_troubles", facts), snapshot);
    }
    if (auto ended = fresh(before.troubles, found.troubles); !ended.empty()) {
        tell_leads(decision, say("directory_fixed", {{"troubles", std::move(ended)}}), snapshot);
    }
    tell_of_lost_on_call(decision, before, snapshot);
    redraw_active(decision, snapshot);
}

}  // namespace slipway::decisions
