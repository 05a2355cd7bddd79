#include "commands/pipeline/gates.hpp"

#include "commands/pipeline/lists.hpp"
#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/text/phrases.hpp"

#include <algorithm>

namespace slipway {

namespace {

constexpr int slots_offered = 3;

/// Whether an exception of this revision, recorded at `since` or later and about `head` where both are known,
/// names the condition.
bool is_excepted(
    const Deployment& deployment, const std::string& key, Instant since = {}, const std::string& head = {}
)
{
    return std::any_of(
        deployment.history.begin(),
        deployment.history.end(),
        [&](const RecordedEvent& recorded) {
            const auto* exception = std::get_if<ExceptionRecorded>(&recorded.event);
            return exception != nullptr && exception->revision == deployment.revision &&
                   recorded.at >= since &&
                   (head.empty() || exception->commit.empty() || exception->commit == head) &&
                   std::find(exception->conditions.begin(), exception->conditions.end(), key) !=
                       exception->conditions.end();
        }
    );
}

/// What is unmet says what to type about `deployment`.
std::vector<Condition> about(const Deployment& deployment, std::vector<Condition> conditions)
{
    for (auto& condition : conditions) {
        if (!condition.holds) {
            condition.why.facts["deployment"] = to_string(deployment.id);
        }
    }
    return conditions;
}

/// One item that somebody ticks by name; `sentence` says who.
Condition ticked(
    const Deployment& deployment,
    const std::string& checklist,
    const ChecklistItem& item,
    const char* sentence
)
{
    Condition condition{
        checklist + ":" + item.key, item.label, is_ticked(deployment, checklist, item.key), false, {}};
    if (!condition.holds) {
        condition.why = say(sentence, {{"label", item.label}});
    }
    return condition;
}

/// An item of Gate 1 on a developer's word; the author's own never counts (design 4.3).
Condition attested(const Deployment& deployment, const ChecklistItem& item)
{
    auto condition = ticked(deployment, lists::gate1, item, "gate1_unticked");
    if (condition.holds && deployment.ticks.at(lists::gate1).at(item.key).by == deployment.author) {
        condition.holds = false;
        condition.why = say("gate1_unticked", {{"label", item.label}});
    }
    return condition;
}

/// The Dev Lead's review of a complex change; the role counts when it is judged, not when it was ticked.
Condition reviewed_by_dev_lead(const Deployment& deployment, const RoleBook& roles)
{
    auto condition =
        attested(deployment, {dev_lead_review, "Dev Lead reviews complex or architectural changes"});
    condition.holds = condition.holds &&
                      roles.holds(deployment.ticks.at(lists::gate1).at(dev_lead_review).by, Role::dev_lead);
    condition.why = condition.holds ? Sentence{} : say("gate1_dev_lead");
    return condition;
}

Condition known(std::string key, std::string label, bool holds, Sentence why)
{
    return {std::move(key), std::move(label), holds, true, holds ? Sentence{} : std::move(why)};
}

std::string slot_list(const Deployment& deployment, const Snapshot& snapshot)
{
    const auto slots = next_slots(
        snapshot.now,
        deployment.duration,
        deployment.plan.service,
        slots_offered,
        snapshot.team,
        *snapshot.policy
    );
    return joined(slots, [&](Instant slot) { return team_time(slot, *snapshot.policy); });
}

/// Why the window is closed, and what would open it for this change.
const char* window_sentence(const Deployment& deployment, Grade grade, bool business_hours)
{
    if (grade == Grade::emergency_only) {
        return "window_weekend";
    }
    if (deployment.plan.priority == Priority::p1 && business_hours) {
        return "window_p1_go";
    }
    return deployment.flag_stage == "off" ? "window_flag_go" : "window_closed";
}

/// pipeline document, Deployment Windows and Exceptions; design 4.1 and 4.2. Dev Lead approval is the go.
Condition window_condition(const Deployment& deployment, const Snapshot& snapshot)
{
    const auto& policy = *snapshot.policy;
    const auto grade = judge_start(snapshot.now, policy).grade;
    const bool business_hours = in_business_hours(snapshot.now, policy);
    const bool by_grade = grade == Grade::preferred || grade == Grade::acceptable;
    const bool by_p0 = deployment.plan.priority == Priority::p0;
    const bool by_p1 = deployment.plan.priority == Priority::p1 && business_hours && deployment.go;
    // Weekends are for P0 only: neither a flag nor an exception opens them.
    const bool by_word =
        grade != Grade::emergency_only &&
        ((deployment.flag_stage == "off" && deployment.go) || is_excepted(deployment, "window"));
    return known(
        "window",
        "Deployment window",
        by_grade || by_p0 || by_p1 || by_word,
        say(window_sentence(deployment, grade, business_hours),
            {{"now", team_time(snapshot.now, policy)}, {"slots", slot_list(deployment, snapshot)}})
    );
}

Condition freeze_condition(const Deployment& deployment, const Snapshot& snapshot)
{
    const auto* freeze = freeze_of(deployment, snapshot.now, snapshot.team);
    boost::json::object facts;
    if (freeze != nullptr) {
        facts = {
            {"owner", "<@" + freeze->owner.str() + ">"},
            {"reason", freeze->reason},
            {"until", team_time(freeze->until, *snapshot.policy)},
            {"frozen", freeze->service.empty() ? "all" : freeze->service},
        };
    }
    return known("freeze", "No freeze", freeze == nullptr, say("frozen", std::move(facts)));
}

Condition lock_condition(const Deployment& deployment, const Snapshot& snapshot)
{
    const auto locked = snapshot.team.locked.find(deployment.plan.service);
    const bool free = locked == snapshot.team.locked.end();
    // The fix of what was rolled back passes, on a word that was given since.
    const bool p0 = deployment.plan.priority == Priority::p0;
    const bool passes = free || (p0 && is_excepted(deployment, "lock", locked->second.since));
    return known(
        "lock",
        "Service not locked",
        passes,
        say("service_locked",
            {{"service", deployment.plan.service},
             {"because_of", free ? "" : to_string(locked->second.because_of)},
             {"urgent", p0}})
    );
}

Condition alone_condition(const Deployment& deployment, const Snapshot& snapshot)
{
    const auto other =
        std::find_if(snapshot.active.begin(), snapshot.active.end(), [&](const Deployment& each) {
            return each.id != deployment.id && each.plan.service == deployment.plan.service &&
                   (each.stage == Stage::deploying || each.stage == Stage::rolling_back);
        });
    const bool alone = other == snapshot.active.end();
    return known(
        "alone",
        "One deployment at a time",
        alone,
        say("service_busy",
            {{"service", deployment.plan.service}, {"other", alone ? "" : to_string(other->id)}})
    );
}

Sentence nobody_on_call(const Deployment& deployment, const Snapshot& snapshot)
{
    const auto gone = missing_on_call(deployment, snapshot.now, snapshot.team, *snapshot.policy);
    return gone.empty() ? say("on_call_nobody") : say("on_call_gone", {{"person", mention(gone)}});
}

Condition cover_condition(const Deployment& deployment, const Snapshot& snapshot)
{
    const auto user = on_call_for(deployment, snapshot.now, snapshot.team, *snapshot.policy);
    const bool covered =
        !user.empty() &&
        (is_on_call_ready(deployment, snapshot.now, snapshot.team, *snapshot.policy) ||
         uncovered(user, snapshot.now, deployment.duration, snapshot.team, *snapshot.policy).empty());
    return known(
        "on_call_cover",
        "On-call covers the window and two hours after",
        covered,
        user.empty() ? nobody_on_call(deployment, snapshot)
                     : say("on_call_not_covered",
                           cover_facts(
                               user,
                               covered_by_on_call(snapshot.now, deployment.duration, *snapshot.policy),
                               *snapshot.policy
                           ))
    );
}

/// What a role validates beyond the list of Gate 2 (pipeline document, Who validates).
std::string validation_by(Role role)
{
    switch (role) {
        case Role::dev_lead:
            return "Dev Lead confirms technical implementation is sound";
        case Role::account_manager:
            return "Account Manager reviews from the client's perspective";
        case Role::product_lead:
        case Role::requestor:
        case Role::developer:
        case Role::rnd_lead:
        case Role::author:
        case Role::on_call:
            break;
    }
    return title_of(role) + " has signed off";
}

/// Who can give the sign-off of `role`, and what to do where nobody can.
Sentence sign_off_wanted(Role role, const std::set<UserId>& people)
{
    if (!people.empty()) {
        return say("sign_off_missing", {{"role", title_of(role)}, {"people", mentions(people)}});
    }
    return role == Role::requestor ? say("sign_off_no_requestor")
                                   : say("sign_off_nobody", {{"role", title_of(role)}});
}

Condition sign_off_condition(
    Role role,
    std::string key,
    std::string label,
    const Deployment& deployment,
    const RoleBook& roles,
    const Policy& policy
)
{
    return known(
        std::move(key),
        std::move(label),
        !missing_sign_offs(deployment, policy).contains(role),
        sign_off_wanted(role, people_for({role}, deployment, roles, policy))
    );
}

}  // namespace

std::string head_of(const std::optional<Gate1Facts>& github) { return github ? github->head : std::string{}; }

const Freeze* freeze_of(const Deployment& deployment, Instant at, const TeamState& team)
{
    const auto* freeze = freeze_at(team, deployment.plan.service, at);
    // An exception was about the freezes of its time, not about those to come.
    const bool lifted = freeze != nullptr && is_excepted(deployment, "freeze", freeze->begun);
    return lifted ? nullptr : freeze;
}

bool is_read_from_github(const Plan& plan, const Policy& policy)
{
    return policy.gate1_by_github && !plan.pull_request.empty();
}

/// The condition as GitHub says it is; none where it was not read there.
static std::optional<Condition> read_from_github(
    const ChecklistItem& item, const std::optional<Gate1Facts>& github
)
{
    const auto key = std::string(lists::gate1) + ":" + item.key;
    if (!github) {
        return std::nullopt;
    }
    if (!github->unreachable.empty()) {
        // A fact that cannot be read blocks; it is never taken for green (design 1.4).
        return known(key, item.label, false, say("github_unreachable", {{"why", github->unreachable}}));
    }
    const auto fact = github->conditions.find(item.key);
    if (fact == github->conditions.end()) {
        return std::nullopt;
    }
    return known(
        key,
        item.label,
        fact->second.holds,
        say("github_condition_unmet", {{"label", item.label}, {"why", fact->second.why}})
    );
}

std::vector<Condition> gate1(
    const Deployment& deployment,
    const std::optional<Gate1Facts>& github,
    const RoleBook& roles,
    const Policy& policy
)
{
    std::vector<Condition> conditions;
    for (const auto& item : policy.gate1) {
        auto read = read_from_github(item, github);
        conditions.push_back(read ? std::move(*read) : attested(deployment, item));
    }
    if (github && !github->unfit.empty()) {
        conditions.push_back(known(
            "gate1:pull_request",
            "The pull request can be deployed",
            false,
            say("github_unfit", {{"why", github->unfit}})
        ));
    }
    if (deployment.plan.complex) {
        conditions.push_back(reviewed_by_dev_lead(deployment, roles));
    }
    return about(deployment, std::move(conditions));
}

std::vector<Condition> gate2(const Deployment& deployment, const RoleBook& roles, const Policy& policy)
{
    std::vector<Condition> conditions;
    auto unlisted = required_sign_offs(deployment.plan);
    for (const auto& item : policy.gate2) {
        if (item.key == "product_lead" || item.key == "requestor") {
            const auto role = role_from(item.key);
            if (unlisted.erase(role) > 0) {
                conditions.push_back(
                    sign_off_condition(role, "gate2:" + item.key, item.label, deployment, roles, policy)
                );
            }
        }
        else if (item.key == "client_facing") {
            if (deployment.plan.client_facing) {
                conditions.push_back(sign_off_condition(
                    Role::product_lead, "gate2:client_facing", item.label, deployment, roles, policy
                ));
            }
        }
        else if (item.key == "rollback_plan") {
            conditions.push_back(known(
                "gate2:rollback_plan",
                item.label,
                !deployment.plan.rollback_plan.empty(),
                say("rollback_plan_missing")
            ));
        }
        else {
            conditions.push_back(ticked(deployment, lists::gate2, item, "gate2_unticked"));
        }
    }
    for (const auto role : unlisted) {
        conditions.push_back(sign_off_condition(
            role, "gate2:" + to_string(role), validation_by(role), deployment, roles, policy
        ));
    }
    conditions.push_back(known(
        "gate2:not_declined",
        "Nobody declined",
        deployment.declines.empty(),
        say("declined_by",
            {{"name", deployment.declines.empty() ? "" : deployment.declines.back().name},
             {"reason", deployment.declines.empty() ? "" : deployment.declines.back().reason}})
    ));
    return about(deployment, std::move(conditions));
}

namespace {

/// Until when the announced start is the one that people were told of.
Instant announced_until(Instant starts_at, std::chrono::minutes duration, const Policy& policy)
{
    constexpr std::chrono::hours as_long_as_a_window{4};
    const auto window = judge_start(starts_at, policy).window;
    return std::max(window ? window->ends : starts_at + as_long_as_a_window, starts_at + duration);
}

bool is_announced(const Deployment& deployment, const Snapshot& snapshot)
{
    const auto& starts_at = deployment.starts_at;
    return deployment.notice_sent_for_schedule == deployment.schedule &&
           (!starts_at || snapshot.now <= announced_until(*starts_at, deployment.duration, *snapshot.policy));
}

Sentence notice_missing(const Deployment& deployment, const Policy& policy)
{
    if (deployment.starts_at && deployment.notice_sent_for_schedule == deployment.schedule) {
        return say("notice_passed", {{"when", team_time(*deployment.starts_at, policy)}});
    }
    return deployment.starts_at
               ? say("notice_not_yet",
                     {{"when", team_time(*deployment.starts_at - policy.notice_lead, policy)}})
               : say("notice_not_sent");
}

}  // namespace

std::vector<Condition> pre_deployment(const Deployment& deployment, const Snapshot& snapshot)
{
    std::vector<Condition> conditions;
    for (const auto& item : snapshot.policy->pre_deployment) {
        const auto key = "pre_deployment:" + item.key;
        if (item.key == lists::gate2) {
            conditions.push_back(
                known(key, item.label, deployment.stage == Stage::signed_off, say("gate2_open"))
            );
        }
        else if (item.key == "on_call") {
            const auto user = on_call_for(deployment, snapshot.now, snapshot.team, *snapshot.policy);
            conditions.push_back(known(
                key,
                item.label,
                is_on_call_ready(deployment, snapshot.now, snapshot.team, *snapshot.policy),
                user.empty() ? nobody_on_call(deployment, snapshot)
                             : say("on_call_not_ready", {{"on_call", "<@" + user.str() + ">"}})
            ));
        }
        else if (item.key == "notified") {
            conditions.push_back(known(
                key,
                item.label,
                is_announced(deployment, snapshot),
                notice_missing(deployment, *snapshot.policy)
            ));
        }
        else if (item.key == "migrations" && !deployment.plan.has_migrations) {
            conditions.push_back(known(key, item.label, true, {}));
        }
        else {
            conditions.push_back(ticked(deployment, lists::pre_deployment, item, "pre_deployment_unticked"));
        }
    }
    return about(deployment, std::move(conditions));
}

namespace {

/// Why `head` is not what people signed off; no sentence where it is. The plan's commit is what everybody
/// signed, else the head of the moment.
std::optional<Sentence> other_commit(const Deployment& deployment, const std::string& head)
{
    auto commit = deployment.plan.commit;
    std::vector<std::string> people;
    for (const auto& sign_off : valid_sign_offs(deployment)) {
        const auto& seen = sign_off.given.commit;
        if (deployment.plan.commit.empty() && seen && *seen != head) {
            people.push_back(sign_off.given.name);
            commit = commit.empty() ? *seen : commit;
        }
    }
    if (people.empty() && head.starts_with(commit)) {
        return std::nullopt;
    }
    return say(
        commit.empty() ? "commit_not_seen" : "commit_differs",
        {{"commit", short_commit(commit)}, {"head", short_commit(head)}, {"people", joined(people)}}
    );
}

}  // namespace

/// A sign-off is of one commit where GitHub says which one is deployed.
static std::vector<Condition> commit_conditions(const Deployment& deployment, const std::string& head)
{
    if (head.empty()) {
        return {};
    }
    const auto why = other_commit(deployment, head);
    return {known("commit", "The commit that was signed off", !why, why.value_or(Sentence{}))};
}

std::vector<Condition> smoke_tests(const Deployment& deployment, const Policy& policy)
{
    std::vector<Condition> conditions;
    for (const auto& item : policy.smoke) {
        if (item.key != "migrations" || deployment.plan.has_migrations) {
            conditions.push_back(ticked(deployment, lists::smoke, item, "smoke_unticked"));
        }
    }
    return about(deployment, std::move(conditions));
}

std::vector<Condition> start_conditions(const Deployment& deployment, const Snapshot& snapshot)
{
    const auto& policy = *snapshot.policy;
    auto conditions = gate1(deployment, snapshot.github, *snapshot.roles, policy);
    const auto append = [&](std::vector<Condition> more) {
        conditions.insert(
            conditions.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end())
        );
    };
    const auto head = head_of(snapshot.github);
    append(commit_conditions(deployment, head));
    append(gate2(deployment, *snapshot.roles, policy));
    for (auto& condition : pre_deployment(deployment, snapshot)) {
        if (condition.key != "pre_deployment:gate2") {  // its unmet parts are already named
            conditions.push_back(std::move(condition));
        }
    }
    append(
        {window_condition(deployment, snapshot),
         freeze_condition(deployment, snapshot),
         lock_condition(deployment, snapshot),
         alone_condition(deployment, snapshot),
         cover_condition(deployment, snapshot)}
    );
    conditions.push_back(known("go", "Dev Lead's go", deployment.go.has_value(), say("go_missing")));
    for (auto& condition : conditions) {
        // Two deployments of a service at once stay refused whatever the reason; lock, window and freeze know
        // which exceptions are theirs.
        static const std::set<std::string> judged{"alone", "lock", "window", "freeze"};
        if (!judged.contains(condition.key) && is_excepted(deployment, condition.key, {}, head)) {
            condition.holds = true;
        }
    }
    return about(deployment, std::move(conditions));
}

bool all_hold(const std::vector<Condition>& conditions)
{
    return std::all_of(conditions.begin(), conditions.end(), [](const Condition& each) {
        return each.holds;
    });
}

}  // namespace slipway
