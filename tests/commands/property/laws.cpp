#include "tests/commands/property/laws.hpp"

#include "commands/pipeline/gates.hpp"
#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/windows.hpp"
#include "tests/commands/property/record.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace slipway::testing {

namespace {

template <class Happened>
const Happened* as(const RecordedEvent& recorded)
{
    return std::get_if<Happened>(&recorded.event);
}

std::string where(const RecordedEvent& recorded)
{
    return to_string(recorded.deployment) + " " + iso(recorded.at) + ": ";
}

}  // namespace

Complaints starts_without_gates(const TeamInMemory& world)
{
    Complaints complaints;
    std::map<DeploymentId, Record> records;
    TeamState team;
    for (std::size_t row = 0; row < world.ledger.size(); ++row) {
        const auto& each = world.ledger[row];
        if (each.deployment.number == 0) {
            apply(team, each);
            continue;
        }
        auto& record = records[each.deployment];
        if (as<ExceptionRecorded>(each) != nullptr && !may_record_exception(record, each, world, team)) {
            complaints.push_back(where(each) + "an exception of somebody who may not");
        }
        if (as<Started>(each) != nullptr) {
            for (const auto& missing : missing_for_start(record, each, world.github_at(row), world, team)) {
                complaints.push_back(where(each) + "started without " + missing);
            }
        }
        record.add(each);
    }
    return complaints;
}

Complaints sign_offs_of_other_revisions(const TeamInMemory& world)
{
    Complaints complaints;
    std::map<DeploymentId, Record> records;
    for (const auto& each : world.ledger) {
        auto& record = records[each.deployment];
        const auto* passed = as<GatePassed>(each);
        if (passed != nullptr && passed->gate == 2) {
            for (const auto& missing : missing_sign_offs_of(record, world)) {
                complaints.push_back(where(each) + "Gate 2 passed without " + missing);
            }
        }
        record.add(each);
    }
    for (const auto& [id, deployment] : world.deployments) {
        const auto& record = records[id];
        for (const auto& counted : valid_sign_offs(deployment)) {
            if (!record.signed_by.contains(counted.given.user) || counted.given.revision != record.revision) {
                complaints.push_back(to_string(id) + " counts a sign-off of another revision");
            }
        }
    }
    return complaints;
}

Complaints deployments_at_once(const TeamInMemory& world)
{
    Complaints complaints;
    std::map<DeploymentId, std::string> service_of;
    std::map<DeploymentId, bool> in_progress;  // true while deploying, false while rolling back
    for (const auto& each : world.ledger) {
        const auto id = each.deployment;
        if (const auto* planned = as<Planned>(each)) {
            service_of[id] = planned->plan.service;
        }
        if (const auto* amended = as<Amended>(each)) {
            service_of[id] = amended->plan.service;
        }
        if (as<Started>(each) != nullptr) {
            for (const auto& [other, deploying] : in_progress) {
                if (service_of[other] == service_of[id]) {
                    complaints.push_back(
                        where(each) + "started while " + to_string(other) + " was in progress"
                    );
                }
            }
            in_progress[id] = true;
        }
        if (as<RollbackStarted>(each) != nullptr) {
            in_progress[id] = false;
        }
        if (as<Completed>(each) != nullptr || as<RolledBack>(each) != nullptr) {
            in_progress.erase(id);
        }
    }
    return complaints;
}

Complaints differences_after_reading(const TeamInMemory& world)
{
    Complaints complaints;
    for (const auto& [id, deployment] : world.deployments) {
        if (told(fold(through_json(deployment.history))) != told(deployment)) {
            complaints.push_back(to_string(id) + " is another after it was read again");
        }
    }
    TeamState team;
    for (const auto& each : through_json(world.ledger)) {
        if (each.deployment.number == 0) {
            apply(team, each);
        }
    }
    if (told(team) != told(world.team)) {
        complaints.emplace_back("the team is another after it was read again");
    }
    return complaints;
}

Complaints unreachable_rollbacks(const TeamInMemory& world)
{
    Complaints complaints;
    for (const auto& [id, deployment] : world.deployments) {
        if (deployment.stage != Stage::deploying && deployment.stage != Stage::watching) {
            continue;
        }
        for (const auto& user :
             {on_call_for(deployment, world.now, world.team, world.policy),
              on_call_at(world.now, world.team, world.policy),
              id_of("dana")}) {
            Request request;
            request.verb = "rollback";
            request.deployment = id;
            request.source = Source::button;
            request.expected_revision = deployment.revision + 1;
            Person person;
            person.id = user;
            auto snapshot = world.seen_by(person, id);
            snapshot.github = Gate1Facts{.unreachable = "timed out"};
            const auto decided = decide(request, snapshot);
            if (!decided) {
                complaints.push_back(
                    to_string(id) + ": no rollback for " + user.str() + ", " + outcome_of(decided)
                );
                continue;
            }
            auto changed = deployment;
            for (const auto& event : decided->events) {
                apply(changed, {id, user.str(), world.now, event});
            }
            if (changed.stage != Stage::rolling_back) {
                complaints.push_back(to_string(id) + ": a rollback that does not roll back");
            }
        }
    }
    return complaints;
}

Complaints doings_of_strangers(const TeamInMemory& world)
{
    Complaints complaints;
    const auto is_of_stranger = [](const std::string& actor) {
        const auto& all = cast::everybody;
        return std::any_of(all.begin(), all.end(), [&](const cast::Person& who) {
            return who.kind != cast::Kind::member && who.user_id == actor;
        });
    };
    for (const auto& each : world.ledger) {
        if (is_of_stranger(each.actor)) {
            complaints.push_back(where(each) + kind_of(each.event) + " is the doing of " + each.actor);
        }
    }
    for (const auto& each : world.said) {
        if (is_of_stranger(each.cause.substr(0, each.cause.find(':')))) {
            complaints.push_back(iso(each.at) + ": something is said because of " + each.cause);
        }
    }
    return complaints;
}

Complaints doubled_notices(const TeamInMemory& world)
{
    Complaints complaints;
    for (const auto& [id, deployment] : world.deployments) {
        std::set<int> announced;
        for (const auto& each : deployment.history) {
            const auto* notice = as<NoticeSent>(each);
            if (notice != nullptr && notice->notice == "pre_deployment" &&
                !announced.insert(notice->schedule).second) {
                complaints.push_back(where(each) + "announced again");
            }
        }
    }
    return complaints;
}

Complaints timers_of_the_ended(const TeamInMemory& world)
{
    static const std::set<std::string> outlive{"chase_postmortem", "chase_review"};
    Complaints complaints;
    for (const auto& [key, timer] : world.timers) {
        const auto& [id, name] = key;
        const bool of_the_team = id.number == 0;
        if (!of_the_team && is_ended(world.deployments.at(id).stage) && !outlive.contains(name) &&
            !name.starts_with("tell_when_free:")) {
            complaints.push_back(name + " still waits for " + to_string(id) + ", which has ended");
        }
    }
    for (const auto& [id, deployment] : world.deployments) {
        bool ended = false;
        for (const auto& each : deployment.history) {
            const bool stage_changes = as<Started>(each) != nullptr || as<Completed>(each) != nullptr ||
                                       as<RollbackStarted>(each) != nullptr ||
                                       as<SignedOff>(each) != nullptr || as<Planned>(each) != nullptr;
            if (ended && stage_changes) {
                complaints.push_back(where(each) + kind_of(each.event) + " after the end");
            }
            ended = ended || as<DeclaredClean>(each) != nullptr || as<RolledBack>(each) != nullptr ||
                    as<Cancelled>(each) != nullptr;
        }
    }
    return complaints;
}

Complaints rollbacks_without_trigger(const TeamInMemory& world)
{
    static const std::set<std::string> immediate{
        "error_rate", "critical_feature", "database_corruption", "security"};
    Complaints complaints;
    for (const auto& [id, deployment] : world.deployments) {
        std::map<int, std::string> open;  // triggers of issues that are not over, by number
        int raised_so_far = 0;
        for (const auto& each : deployment.history) {
            if (const auto* raised = as<IssueRaised>(each)) {
                open[++raised_so_far] = raised->trigger;
            }
            const auto* updated = as<IssueUpdated>(each);
            if (updated != nullptr && updated->closed && !open.empty()) {
                open.erase(updated->issue.value_or(open.rbegin()->first));
            }
            const auto* rollback = as<RollbackStarted>(each);
            const bool grounds = std::any_of(open.begin(), open.end(), [](const auto& issue) {
                return immediate.contains(issue.second);
            });
            if (rollback != nullptr && rollback->automatic &&
                (!grounds || !world.policy.automatic_rollback)) {
                complaints.push_back(where(each) + "rolled back by itself without an open trigger");
            }
        }
    }
    return complaints;
}

Complaints rollback_steps_out_of_order(const TeamInMemory& world)
{
    Complaints complaints;
    for (const auto& [id, deployment] : world.deployments) {
        std::vector<std::string> steps;
        std::set<std::string> done;
        std::set<std::string> running;
        for (const auto& each : deployment.history) {
            if (const auto* rollback = as<RollbackStarted>(each)) {
                steps = rollback->steps;
            }
            if (const auto* step = as<RollbackStepDone>(each); step != nullptr && step->succeeded) {
                done.insert(step->step);
                running.erase(step->step);
            }
            if (const auto* cleared = as<ItemCleared>(each)) {
                done.erase(cleared->checklist == "rollback_steps" ? cleared->item : "");
            }
            if (const auto* ended = as<ActionEnded>(each)) {
                running.erase(ended->action);
            }
            const auto* begun = as<ActionBegun>(each);
            if (begun != nullptr && begun->action != "deploy") {
                const auto at = std::find(steps.begin(), steps.end(), begun->action);
                const bool in_order = std::all_of(steps.begin(), at, [&](const std::string& before) {
                    return done.contains(before);
                });
                if (at == steps.end() || !in_order || !running.empty()) {
                    complaints.push_back(where(each) + begun->action + " began before its turn");
                }
                running.insert(begun->action);
            }
            const bool all = std::all_of(steps.begin(), steps.end(), [&](const std::string& step) {
                return done.contains(step);
            });
            if (as<RolledBack>(each) != nullptr && !all) {
                complaints.push_back(where(each) + "verified with steps open");
            }
        }
    }
    return complaints;
}

namespace {

/// What `verb` said by Dana about `id` leads to: the sentences and buttons of a refusal, or of an answer.
Refusal answer_to(const std::string& verb, const DeploymentId& id, const TeamInMemory& world)
{
    auto snapshot = world.seen_by(person_called("dana"), id);
    if (is_read_from_github(snapshot.deployment->plan, world.policy)) {
        snapshot.github = world.github_at(world.ledger.size());
    }
    Request request;
    request.verb = verb;
    request.deployment = id;
    const auto decided = decide(request, snapshot);
    return decided ? Refusal{decided->reply, decided->reply_buttons} : decided.error();
}

bool is_before_start(const Deployment& deployment)
{
    return deployment.stage == Stage::planned || deployment.stage == Stage::signed_off;
}

}  // namespace

Complaints checks_that_differ(const TeamInMemory& world)
{
    constexpr int most_nudges = 20;
    Complaints complaints;
    for (const auto& [id, deployment] : world.deployments) {
        auto ahead = world;
        for (int nudges = 0; nudges < most_nudges && is_before_start(ahead.deployments.at(id)); ++nudges) {
            const auto started = answer_to("start", id, ahead);
            auto checked = answer_to("check", id, ahead);
            const auto wanted = started.sentences.empty() ? "check_would_start" : "check_would_not_start";
            const bool same_word = checked.sentences.front().id == wanted;
            checked.sentences.erase(checked.sentences.begin());
            if (!same_word || checked.sentences != started.sentences || checked.buttons != started.buttons) {
                complaints.push_back(
                    to_string(id) + ": check says something else than the start, " + std::to_string(nudges) +
                    " steps further"
                );
            }
            nudge(ahead, id.number);
        }
    }
    return complaints;
}

Complaints unreadable_sayings(const TeamInMemory& world)
{
    Complaints complaints;
    for (const auto& each : world.said) {
        const auto text = boost::json::serialize(to_json(each.saying));
        const auto read = saying_from(kind_of(each.saying), boost::json::parse(text).as_object());
        if (boost::json::serialize(to_json(read)) != text) {
            complaints.push_back("it reads otherwise than it was written: " + text);
        }
    }
    return complaints;
}

}  // namespace slipway::testing
