// What every change leaves behind: the timer that goes on with it, the record of who was told, the card that
// shows it, and the name of somebody who may.
#include "commands/pipeline/gates.hpp"
#include "tests/commands/property/acts.hpp"
#include "tests/commands/property/laws.hpp"
#include "tests/commands/property/record.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace slipway::testing {

namespace {

std::string event_line(const RecordedEvent& recorded)
{
    return to_string(recorded.deployment) + " " + iso(recorded.at) + ": " + kind_of(recorded.event);
}

/// Compares the timers of one deployment with what its stage owes.
struct Owed {
    const TeamInMemory& world;
    const Deployment& deployment;
    Complaints& complaints;

    [[nodiscard]] std::optional<Instant> due(const std::string& timer) const
    {
        const auto found = world.timers.find({deployment.id, timer});
        return found == world.timers.end() ? std::nullopt : std::optional(found->second.due);
    }

    void complain(const std::string& timer, const std::string& what) const
    {
        complaints.push_back(
            to_string(deployment.id) + " (" + to_string(deployment.stage) + "): " + timer + " " + what
        );
    }

    /// `timer` fires at `at`, unless that has passed.
    void at(const std::string& timer, Instant at) const
    {
        if (at > world.now && due(timer) != at) {
            complain(timer, "is not due at " + iso(at));
        }
    }

    void within(const std::string& timer, std::chrono::hours most) const
    {
        const auto set = due(timer);
        if (!set || *set <= world.now || *set > world.now + most) {
            complain(timer, "is not due within " + std::to_string(most.count()) + " hours");
        }
    }

    void never(const std::string& timer) const
    {
        if (due(timer)) {
            complain(timer, "is set for nothing");
        }
    }
};

void before_start(const Owed& owed)
{
    const auto& deployment = owed.deployment;
    const auto& policy = owed.world.policy;
    if (deployment.starts_at && deployment.notice_sent_for_schedule != deployment.schedule) {
        owed.at("pre_notice", *deployment.starts_at - policy.notice_lead);
    }
    const bool far = !deployment.starts_at || *deployment.starts_at - owed.world.now > std::chrono::hours{4};
    if (deployment.stage == Stage::planned && !missing_sign_offs(deployment, policy).empty() && far) {
        owed.within("chase_sign_offs", std::chrono::hours{24});
    }
}

void while_watching(const Owed& owed)
{
    const auto begun = *owed.deployment.finished_at;
    int number = 0;
    for (const auto after : owed.world.policy.check_ins) {
        owed.at("check_in_" + std::to_string(++number), begun + after);
    }
    owed.at("watch_end", begun + std::chrono::hours{24});
    owed.within("watch_end", std::chrono::hours{4 * 24});  // then every morning of business
}

void updates(const Owed& owed)
{
    std::optional<Instant> next;
    for (const auto& issue : owed.deployment.issues) {
        if (!issue.closed && issue.next_update > owed.world.now && (!next || issue.next_update < *next)) {
            next = issue.next_update;
        }
    }
    if (next) {
        owed.at("next_update_late", *next);
        owed.at("next_update_soon", *next - std::chrono::minutes{5});
    }
    if (open_issue(owed.deployment) == nullptr) {
        owed.never("next_update_late");
        owed.never("next_update_soon");
    }
}

void of_team(const TeamInMemory& world, Complaints& complaints)
{
    for (const auto* name : {"hand_over", "runbook_review"}) {
        const auto found = world.timers.find({DeploymentId{}, name});
        if (found == world.timers.end() || found->second.due <= world.now) {
            complaints.push_back(std::string("nobody will think of ") + name);
        }
    }
    for (const auto& freeze : world.team.freezes) {
        const auto ends = [&](const auto& timer) {
            return timer.first.second.starts_with("freeze_over:") && timer.second.due == freeze.until;
        };
        if (freeze.until > world.now && std::none_of(world.timers.begin(), world.timers.end(), ends)) {
            complaints.push_back("no card shows the end of the freeze until " + iso(freeze.until));
        }
    }
}

/// Whether `record`'s people may bring `event` about; what is not listed the other laws look at.
struct Right {
    const Record& record;
    const RecordedEvent& recorded;
    const TeamInMemory& world;
    const TeamState& team;

    [[nodiscard]] UserId actor() const { return UserId(recorded.actor); }

    [[nodiscard]] bool holds(Role role) const { return world.roles.holds(actor(), role); }

    [[nodiscard]] bool is_on_call() const { return is_on_call_for(record, recorded, world, team); }

    [[nodiscard]] bool runs_it() const { return is_on_call() || holds(Role::dev_lead); }

    /// Who may tick: the steps and smoke tests of a rollback are lists, too.
    [[nodiscard]] bool vouches() const
    {
        const auto& asked = record.delegations;
        return runs_it() || holds(Role::developer) || holds(Role::product_lead) ||
               actor() == record.plan.requested_by ||
               std::any_of(asked.begin(), asked.end(), [&](const SignOffDelegated& each) {
                   return each.to == actor();
               });
    }

    [[nodiscard]] bool is_author() const { return actor() == record.author; }

    bool operator()(const Planned&) const
    {
        return holds(Role::developer) || holds(Role::dev_lead) || holds(Role::product_lead);
    }

    bool operator()(const Amended&) const { return is_author() || holds(Role::dev_lead); }

    bool operator()(const Rescheduled&) const { return is_author() || runs_it(); }

    bool operator()(const Cancelled&) const { return is_author() || runs_it() || holds(Role::product_lead); }

    bool operator()(const SignedOff& event) const { return event.user == actor() && !is_author(); }

    bool operator()(const SignOffWithdrawn& event) const { return event.user == actor(); }

    bool operator()(const Declined& event) const { return event.user == actor() && !is_author(); }

    bool operator()(const GoGiven&) const { return holds(Role::dev_lead); }

    bool operator()(const ReviewDone&) const { return holds(Role::dev_lead); }

    bool operator()(const OnCallReady& event) const { return event.on_call == actor() && is_on_call(); }

    bool operator()(const Started& event) const { return runs_it() && !event.on_call.empty(); }

    bool operator()(const StepDone&) const { return runs_it(); }

    bool operator()(const Completed&) const { return runs_it(); }

    bool operator()(const DeclaredClean&) const { return is_on_call(); }

    bool operator()(const IssueUpdated&) const { return vouches(); }

    bool operator()(const RollbackStarted& event) const { return runs_it() && !event.automatic; }

    bool operator()(const RollbackStepDone&) const { return vouches(); }

    bool operator()(const RolledBack&) const { return vouches(); }

    bool operator()(const FlagMoved&) const { return vouches(); }

    bool operator()(const ItemTicked& event) const
    {
        const bool by_peer = !is_author() && (holds(Role::developer) || holds(Role::dev_lead));
        return event.checklist != "gate1" || event.by_bot || by_peer;
    }

    bool operator()(const FreezeBegun&) const { return leads(); }

    bool operator()(const FreezeEnded&) const { return leads(); }

    bool operator()(const ServiceUnlocked&) const { return holds(Role::dev_lead); }

    bool operator()(const RunbookReviewed&) const { return holds(Role::dev_lead); }

    bool operator()(const OnCallSwapped&) const { return holds(Role::developer) || holds(Role::dev_lead); }

    template <class Other>
    bool operator()(const Other&) const
    {
        return true;
    }

    [[nodiscard]] bool leads() const
    {
        return holds(Role::dev_lead) || holds(Role::product_lead) || holds(Role::rnd_lead);
    }
};

/// Everything about `decided` but how it was said.
std::string told(const Result<Decision>& decided)
{
    std::string text;
    for (const auto& id : refusals_of(decided)) {
        text += "refused " + id + "\n";
    }
    if (!decided) {
        return text;
    }
    for (auto event : decided->events) {
        if (auto* signed_off = std::get_if<SignedOff>(&event)) {
            signed_off->source.clear();
        }
        text += boost::json::serialize(to_json(event)) + "\n";
    }
    for (const auto& event : decided->team_events) {
        text += boost::json::serialize(to_json(event)) + "\n";
    }
    for (const auto& draft : decided->outbox) {
        text += boost::json::serialize(to_json(draft.saying)) + "\n";
    }
    for (const auto& timer : decided->timers) {
        text += timer.name + (timer.due ? iso(*timer.due) : "") + "\n";
    }
    for (const auto& sentence : decided->reply) {
        text += sentence.id + "\n";
    }
    return text;
}

}  // namespace

Complaints timers_that_are_owed(const TeamInMemory& world)
{
    Complaints complaints;
    of_team(world, complaints);
    for (const auto& [id, deployment] : world.deployments) {
        const Owed owed{world, deployment, complaints};
        if (deployment.stage == Stage::planned || deployment.stage == Stage::signed_off) {
            before_start(owed);
        }
        else {
            owed.never("pre_notice");
            owed.never("chase_sign_offs");
        }
        if (deployment.stage == Stage::watching) {
            while_watching(owed);
        }
        else {
            for (const auto* timer : {"check_in_1", "check_in_2", "check_in_3", "watch_end"}) {
                owed.never(timer);
            }
        }
        if (!is_ended(deployment.stage)) {
            updates(owed);
        }
        if (const auto begins = automatic_rollback_at(deployment)) {
            owed.at("automatic_rollback", *begins);
        }
        if (deployment.review_due && deployment.stage != Stage::cancelled) {
            owed.within("chase_review", std::chrono::hours{4 * 24});
        }
        if (deployment.rollback && deployment.postmortem_link.empty()) {
            owed.within("chase_postmortem", std::chrono::hours{4 * 24});
        }
    }
    return complaints;
}

Complaints notices_off_the_record(const TeamInMemory& world)
{
    Complaints complaints;
    std::map<std::pair<DeploymentId, std::string>, int> open;
    for (const auto& each : world.said) {
        if (const auto* notice = std::get_if<Notice>(&each.saying)) {
            ++open[{each.deployment, notice->kind}];
        }
        if (std::holds_alternative<PostmortemFile>(each.saying)) {
            ++open[{each.deployment, "postmortem"}];
        }
    }
    for (const auto& each : world.ledger) {
        if (const auto* sent = std::get_if<NoticeSent>(&each.event)) {
            --open[{each.deployment, sent->notice}];
        }
    }
    for (const auto& [notice, count] : open) {
        if (count != 0) {
            complaints.push_back(
                to_string(notice.first) + ": the ledger differs by " + std::to_string(count) +
                " of the notice " + notice.second
            );
        }
    }
    return complaints;
}

Complaints changes_without_card(const TeamInMemory& world)
{
    Complaints complaints;
    std::set<std::pair<DeploymentId, Instant>> drawn;
    for (const auto& each : world.said) {
        if (std::holds_alternative<CardRefresh>(each.saying)) {
            drawn.insert({each.deployment, each.at});
        }
    }
    for (const auto& each : world.ledger) {
        if (each.deployment.number > 0 && each.actor != "slipway" &&
            !drawn.contains({each.deployment, each.at})) {
            complaints.push_back(event_line(each) + " is not drawn on the card");
        }
    }
    return complaints;
}

Complaints doings_without_right(const TeamInMemory& world)
{
    Complaints complaints;
    std::map<DeploymentId, Record> records;
    TeamState team;
    for (const auto& each : world.ledger) {
        auto& record = records[each.deployment];
        const bool follows =
            std::holds_alternative<NoticeSent>(each.event);  // from what another event was allowed for
        if (each.actor != "slipway" && !follows &&
            !std::visit(Right{record, each, world, team}, each.event)) {
            complaints.push_back(event_line(each) + " is not for " + each.actor + " to do");
        }
        if (each.deployment.number == 0) {
            apply(team, each);
        }
        record.add(each);
    }
    return complaints;
}

Complaints ways_that_differ(const TeamInMemory& world)
{
    Complaints complaints;
    const auto size = world.ledger.size();
    const auto variant = static_cast<int>(size % variants);
    const std::string actor(cast::everybody.at(size % cast::everybody.size()).name);
    const auto newest = world.deployments.empty() ? DeploymentId{} : world.deployments.rbegin()->first;
    for (const auto& verb : spoken_verbs()) {
        auto request = request_of(verb, variant);
        request.expected_revision.reset();
        if (newest.number > 0) {
            request.deployment = newest;
        }
        const auto by = [&](Source source) {
            request.source = source;
            return told(decide(request, world.seen_by(person_called(actor), request.deployment)));
        };
        if (by(Source::slash) != by(Source::button) || by(Source::slash) != by(Source::modal)) {
            complaints.push_back(
                actor + " says " + verb + ": typed, pressed and submitted it is not the same"
            );
        }
    }
    return complaints;
}

}  // namespace slipway::testing
