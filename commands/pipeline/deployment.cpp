#include "commands/pipeline/deployment.hpp"

#include "commands/pipeline/lists.hpp"

#include <algorithm>
#include <stdexcept>

namespace slipway {

Deployment::Deployment() = default;
Deployment::Deployment(const Deployment&) = default;
Deployment::Deployment(Deployment&&) noexcept = default;
Deployment& Deployment::operator=(const Deployment&) = default;
Deployment& Deployment::operator=(Deployment&&) noexcept = default;
Deployment::~Deployment() = default;

namespace {

[[noreturn]] void broken(const Deployment& deployment, const std::string& event, const std::string& why)
{
    throw std::logic_error(
        "event '" + event + "' cannot follow in " + to_string(deployment.id) + " (" +
        to_string(deployment.stage) + "): " + why
    );
}

/// What a new revision no longer holds (design 4.4): the old one's approvals.
void void_approvals(Deployment& deployment)
{
    deployment.declines.clear();
    auto observed = deployment.ticks.extract(lists::failing_before);  // nobody's approval, but what was seen
    deployment.ticks.clear();
    if (!observed.empty()) {
        deployment.ticks.insert(std::move(observed));
    }
    deployment.exceptions.clear();
    deployment.go.reset();
    deployment.ready.reset();
    deployment.stage = Stage::planned;
}

bool is_open(const Issue& issue) { return !issue.closed; }

struct Applier {
    Deployment& deployment;
    const RecordedEvent& recorded;

    [[nodiscard]] Tick tick() const { return {UserId(recorded.actor), recorded.at}; }

    void expect(bool holds, const char* why) const
    {
        if (!holds) {
            broken(deployment, kind_of(recorded.event), why);
        }
    }

    [[nodiscard]] bool before_start() const
    {
        return deployment.stage == Stage::planned || deployment.stage == Stage::signed_off;
    }

    [[nodiscard]] bool live() const
    {
        return deployment.stage == Stage::deploying || deployment.stage == Stage::watching;
    }

    void expect_revision(int revision) const
    {
        expect(revision == deployment.revision, "it is about another revision");
    }

    void expect_not_ended() const { expect(!is_ended(deployment.stage), "it has ended"); }

    void expect_before_start() const { expect(before_start(), "it has started"); }

    void operator()(const Planned& event) const
    {
        expect(deployment.history.empty(), "a deployment is planned once");
        deployment.id = recorded.deployment;
        deployment.plan = event.plan;
        deployment.author = UserId(recorded.actor);
        name_on_call(event.on_call);
        deployment.planned_at = recorded.at;
        deployment.starts_at = event.starts_at;
        deployment.duration = event.duration;
        deployment.flag_stage = event.plan.flag.empty() ? "" : "off";
    }

    void operator()(const Amended& event) const
    {
        expect(before_start(), "the plan is fixed once it started");
        expect(event.revision == deployment.revision + 1, "revisions grow by one");
        deployment.revision = event.revision;
        if (event.plan.flag != deployment.plan.flag) {
            deployment.flag_stage = event.plan.flag.empty() ? "" : "off";
        }
        deployment.plan = event.plan;
        void_approvals(deployment);
    }

    void operator()(const Rescheduled& event) const
    {
        expect(before_start(), "the time is fixed once it started");
        expect(event.schedule == deployment.schedule + 1, "schedules grow by one");
        deployment.schedule = event.schedule;
        deployment.starts_at = event.starts_at;
        deployment.duration = event.duration;
        deployment.ready.reset();  // said for another time
    }

    void operator()(const SignedOff& event) const
    {
        expect_not_ended();
        expect_revision(event.revision);
        deployment.sign_offs.push_back({event, recorded.at, false});
        std::erase_if(deployment.declines, [&](const Declined& each) { return each.user == event.user; });
    }

    void operator()(const SignOffWithdrawn& event) const
    {
        bool found = false;
        for (auto& sign_off : deployment.sign_offs) {
            if (sign_off.given.user == event.user && sign_off.given.revision == deployment.revision) {
                found = found || !sign_off.withdrawn;
                sign_off.withdrawn = true;
            }
        }
        expect(found, "nobody of that name has a sign-off to withdraw");
    }

    void operator()(const Declined& event) const
    {
        expect_not_ended();
        expect_revision(event.revision);
        deployment.declines.push_back(event);
    }

    void operator()(const SignOffDelegated& event) const
    {
        expect_before_start();
        deployment.delegations.push_back(event);
    }

    void operator()(const GatePassed& event) const
    {
        expect(event.gate >= 1 && event.gate <= 3, "there are three gates");
        expect_revision(event.revision);
        if (event.gate == 3) {
            expect(deployment.stage == Stage::deploying, "Gate 3 comes after the start");
            return;
        }
        expect_before_start();
        if (event.gate == 2) {
            deployment.stage = Stage::signed_off;
        }
    }

    void operator()(const GateReopened& event) const
    {
        expect_revision(event.revision);
        if (event.gate == 2 && deployment.stage == Stage::signed_off) {
            deployment.stage = Stage::planned;
        }
    }

    void operator()(const ItemTicked& event) const
    {
        expect_not_ended();
        deployment.ticks[event.checklist].insert_or_assign(event.item, tick());
    }

    void operator()(const ItemCleared& event) const
    {
        expect_not_ended();
        deployment.ticks[event.checklist].erase(event.item);
    }

    void operator()(const ExceptionRecorded& event) const
    {
        expect_before_start();
        expect_revision(event.revision);
        deployment.exceptions.push_back(event);
        if (!deployment.review_due) {
            deployment.review_due = event.review_due;
        }
    }

    void operator()(const ReviewDone&) const { deployment.review_due.reset(); }

    void operator()(const NoticeSent& event) const
    {
        if (event.notice == "pre_deployment") {
            deployment.notice_sent_for_schedule = event.schedule;
        }
    }

    void operator()(const OnCallAssigned& event) const
    {
        expect_not_ended();
        name_on_call(event.user);
        deployment.ready.reset();
    }

    void operator()(const GoGiven&) const
    {
        expect_before_start();
        deployment.go = tick();
    }

    void operator()(const OnCallReady&) const
    {
        expect_before_start();
        deployment.ready = tick();
    }

    void operator()(const Started& event) const
    {
        expect_before_start();
        deployment.stage = Stage::deploying;
        deployment.started = tick();
        name_on_call(event.on_call);
    }

    void operator()(const ActionBegun& event) const
    {
        expect_not_ended();
        expect(!is_action(deployment, event.action, ActionState::running), "it runs already");
        deployment.actions[event.action] = ActionState::running;
    }

    void operator()(const ActionEnded& event) const
    {
        expect_not_ended();
        deployment.actions[event.action] = event.succeeded ? ActionState::succeeded : ActionState::failed;
    }

    void operator()(const StepDone& event) const
    {
        expect_not_ended();
        deployment.ticks[lists::steps].insert_or_assign(event.step, tick());
    }

    /// Also after the end: a flag goes on to its clients long after the watch.
    void operator()(const FlagMoved& event) const
    {
        expect(event.from == deployment.flag_stage, "the flag is elsewhere");
        deployment.flag_stage = event.to;
    }

    void operator()(const Completed&) const
    {
        expect(deployment.stage == Stage::deploying, "only a deployment in progress is completed");
        deployment.stage = Stage::watching;
        deployment.finished_at = recorded.at;
    }

    void operator()(const IssueRaised& event) const
    {
        expect_not_ended();
        deployment.issues.push_back(
            {event,
             recorded.at,
             event.status,
             event.next_update,
             false,
             event.rolls_back_at,
             event.severity,
             event.impact}
        );
    }

    void operator()(const IssueUpdated& event) const
    {
        const auto open = open_issues(deployment);
        const auto number = event.issue.value_or(open.empty() ? 0 : open.back());
        expect(std::find(open.begin(), open.end(), number) != open.end(), "there is no issue to update");
        auto& issue = deployment.issues.at(static_cast<std::size_t>(number - 1));
        issue.status = event.status;
        issue.next_update = event.next_update;
        issue.closed = event.closed;
        issue.severity = event.severity.value_or(issue.severity);
        issue.impact = event.impact.empty() ? issue.impact : event.impact;
        if (event.stops_rollback) {
            stop_countdowns();
        }
    }

    void operator()(const RollbackStarted& event) const
    {
        expect(live(), "only what is deployed is rolled back");
        deployment.stage = Stage::rolling_back;
        deployment.rollback = event;
        deployment.rollback_started_at = recorded.at;
        stop_countdowns();
    }

    void operator()(const RollbackStepDone& event) const
    {
        expect(deployment.rollback.has_value(), "no rollback was started");
        if (event.succeeded) {
            deployment.ticks[lists::rollback_steps].insert_or_assign(event.step, tick());
        }
    }

    void operator()(const RolledBack&) const
    {
        expect(deployment.stage == Stage::rolling_back, "no rollback runs");
        end(Stage::rolled_back, deployment.rollback ? deployment.rollback->reason : "");
        deployment.rollback_finished_at = recorded.at;
    }

    void operator()(const DeclaredClean&) const
    {
        expect(deployment.stage == Stage::watching, "only a watched deployment is declared clean");
        end(Stage::done, "");
    }

    void operator()(const Cancelled& event) const
    {
        expect(before_start(), "what started is rolled back, not cancelled");
        end(Stage::cancelled, event.reason);
    }

    void operator()(const PostmortemLinked& event) const { deployment.postmortem_link = event.link; }

    template <class OfTheTeam>
    void operator()(const OfTheTeam& event) const
    {
        broken(deployment, kind_of(event), "it belongs to the team");
    }

    void name_on_call(const UserId& user) const
    {
        deployment.on_call = user;
        deployment.on_call_named_at = recorded.at;
    }

    void stop_countdowns() const
    {
        for (auto& issue : deployment.issues) {
            issue.rolls_back_at.reset();
        }
    }

    void end(Stage stage, const std::string& reason) const
    {
        deployment.stage = stage;
        deployment.ended = tick();
        deployment.end_reason = reason;
    }
};

}  // namespace

std::string to_string(Stage stage)
{
    switch (stage) {
        case Stage::planned:
            return "planned";
        case Stage::signed_off:
            return "signed off";
        case Stage::deploying:
            return "deploying";
        case Stage::watching:
            return "watching";
        case Stage::done:
            return "done";
        case Stage::rolling_back:
            return "rolling back";
        case Stage::rolled_back:
            return "rolled back";
        case Stage::cancelled:
            return "cancelled";
    }
    return {};
}

bool is_ended(Stage stage)
{
    return stage == Stage::done || stage == Stage::rolled_back || stage == Stage::cancelled;
}

void apply(Deployment& deployment, const RecordedEvent& event)
{
    const Applier applier{deployment, event};
    applier.expect(
        !deployment.history.empty() || std::holds_alternative<Planned>(event.event),
        "nothing was planned before it"
    );
    applier.expect(
        deployment.history.empty() || event.deployment == deployment.id, "it is of another deployment"
    );
    std::visit(applier, event.event);
    deployment.history.push_back(event);
}

Deployment fold(const std::vector<RecordedEvent>& events)
{
    Deployment deployment;
    for (const auto& event : events) {
        apply(deployment, event);
    }
    return deployment;
}

std::vector<SignOff> valid_sign_offs(const Deployment& deployment)
{
    std::vector<SignOff> valid;
    for (const auto& sign_off : deployment.sign_offs) {
        if (!sign_off.withdrawn && sign_off.given.revision == deployment.revision) {
            std::erase_if(valid, [&](const SignOff& each) { return each.given.user == sign_off.given.user; });
            valid.push_back(sign_off);
        }
    }
    return valid;
}

UserId requestor_of(const Deployment& deployment)
{
    const auto& named = deployment.plan.requested_by;
    const auto& all = deployment.delegations;
    const auto newest = std::find_if(all.rbegin(), all.rend(), [&](const SignOffDelegated& each) {
        return each.role == Role::requestor && each.from == named;
    });
    return newest == all.rend() ? named : newest->to;
}

std::optional<Instant> automatic_rollback_at(const Deployment& deployment)
{
    std::optional<Instant> first;
    for (const auto& issue : deployment.issues) {
        const bool live = deployment.stage == Stage::deploying || deployment.stage == Stage::watching;
        if (live && !issue.closed && issue.rolls_back_at && (!first || *issue.rolls_back_at < *first)) {
            first = issue.rolls_back_at;
        }
    }
    return first;
}

const Issue* open_issue(const Deployment& deployment)
{
    const auto found = std::find_if(deployment.issues.rbegin(), deployment.issues.rend(), is_open);
    return found == deployment.issues.rend() ? nullptr : &*found;
}

std::vector<int> open_issues(const Deployment& deployment)
{
    std::vector<int> numbers;
    int number = 0;
    for (const auto& issue : deployment.issues) {
        ++number;
        if (is_open(issue)) {
            numbers.push_back(number);
        }
    }
    return numbers;
}

std::string open_issues_of(const Deployment& deployment)
{
    std::string text;
    for (const auto& issue : deployment.issues) {
        if (!issue.closed) {
            text += (text.empty() ? "" : "; ") + issue.raised.what;
        }
    }
    return text;
}

std::vector<std::string> open_rollback_steps(const Deployment& deployment)
{
    std::vector<std::string> open;
    if (deployment.rollback) {
        std::copy_if(
            deployment.rollback->steps.begin(),
            deployment.rollback->steps.end(),
            std::back_inserter(open),
            [&](const std::string& step) { return !is_ticked(deployment, lists::rollback_steps, step); }
        );
    }
    return open;
}

bool is_action(const Deployment& deployment, const std::string& action, ActionState state)
{
    const auto found = deployment.actions.find(action);
    return found != deployment.actions.end() && found->second == state;
}

bool is_ticked(const Deployment& deployment, const std::string& checklist, const std::string& item)
{
    const auto list = deployment.ticks.find(checklist);
    return list != deployment.ticks.end() && list->second.contains(item);
}

}  // namespace slipway
