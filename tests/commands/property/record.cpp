#include "tests/commands/property/record.hpp"

#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/windows.hpp"

#include <algorithm>

namespace slipway::testing {

namespace {

struct Reader {
    Record& record;
    const RecordedEvent& recorded;

    void take_plan(const Plan& plan) const
    {
        if (plan.flag != record.plan.flag) {
            record.flag_stage = plan.flag.empty() ? "" : "off";
        }
        record.plan = plan;
    }

    void operator()(const Planned& event) const
    {
        take_plan(event.plan);
        record.author = UserId(recorded.actor);
        record.on_call = event.on_call;
        record.on_call_named_at = recorded.at;
        record.starts_at = event.starts_at;
        record.duration = event.duration;
    }

    void operator()(const Amended& event) const
    {
        take_plan(event.plan);
        record.revision = event.revision;
        record.ticked.clear();
        record.signed_by.clear();
        record.declined_by.clear();
        record.excepted.clear();
        record.excepted_at.clear();
        record.ready.reset();
        record.go = false;
    }

    void operator()(const Rescheduled& event) const
    {
        record.schedule = event.schedule;
        record.starts_at = event.starts_at;
        record.duration = event.duration;
        record.ready.reset();
    }

    void operator()(const SignedOff& event) const
    {
        record.signed_by.insert(event.user);
        record.signed_at[event.user] = event.commit;
        record.declined_by.erase(event.user);
    }

    void operator()(const SignOffWithdrawn& event) const { record.signed_by.erase(event.user); }

    void operator()(const SignOffDelegated& event) const { record.delegations.push_back(event); }

    void operator()(const Declined& event) const { record.declined_by.insert(event.user); }

    void operator()(const ItemTicked& event) const
    {
        record.ticked[event.checklist + ":" + event.item] = UserId(recorded.actor);
    }

    void operator()(const ItemCleared& event) const
    {
        record.ticked.erase(event.checklist + ":" + event.item);
    }

    void operator()(const ExceptionRecorded& event) const
    {
        for (const auto& condition : event.conditions) {
            record.excepted[condition] = recorded.at;
            record.excepted_at[condition].insert(event.commit);
        }
    }

    void operator()(const NoticeSent& event) const
    {
        record.announced = event.notice == "pre_deployment" ? event.schedule : record.announced;
    }

    void operator()(const OnCallAssigned& event) const
    {
        record.on_call = event.user;
        record.on_call_named_at = recorded.at;
        record.ready.reset();
    }

    void operator()(const OnCallReady&) const { record.ready = UserId(recorded.actor); }

    void operator()(const GoGiven&) const { record.go = true; }

    void operator()(const Started& event) const
    {
        record.on_call = event.on_call;
        record.on_call_named_at = recorded.at;
        record.started = true;
    }

    void operator()(const FlagMoved& event) const { record.flag_stage = event.to; }

    template <class Other>
    void operator()(const Other&) const
    {}
};

/// The on-call developer of this deployment at `at`: who was named last, by name or by a swap over its start.
UserId on_call_of(const Record& record, Instant at, const TeamInMemory& world, const TeamState& team)
{
    const auto start = record.started ? at : record.starts_at.value_or(at);
    auto named = record.on_call.empty() ? on_call_at(start, team, world.policy) : record.on_call;
    for (const auto& swap : team.swaps) {
        if (swap.begins <= start && start < swap.ends && swap.made >= record.on_call_named_at) {
            named = swap.to;
        }
    }
    return named;
}

/// Whether people were told of this evening: of its window, or of four hours where there is none.
bool is_announced(const Record& record, Instant at, const TeamInMemory& world)
{
    if (record.announced != record.schedule || !record.starts_at) {
        return record.announced == record.schedule;
    }
    const auto window = judge_start(*record.starts_at, world.policy).window;
    const auto stands_until = window ? window->ends : *record.starts_at + std::chrono::hours{4};
    return at <= stands_until || at <= *record.starts_at + record.duration;
}

/// One unmet condition: the key an exception names it by, and words.
using Unmet = std::vector<std::pair<std::string, std::string>>;

void add_unticked(
    Unmet& unmet, const Record& record, const std::string& list, std::initializer_list<const char*> items
)
{
    for (const auto* item : items) {
        const auto key = list + ":" + item;
        if (!record.ticked.contains(key)) {
            unmet.emplace_back(key, key);
        }
    }
}

void add_gate1(Unmet& unmet, const Record& record, const Gate1Facts& github, const TeamInMemory& world)
{
    const bool by_github = world.policy.gate1_by_github && !record.plan.pull_request.empty();
    for (const auto* item :
         {"approved", "ci_green", "threads_resolved", "testing_notes", "issue_referenced"}) {
        const auto key = std::string("gate1:") + item;
        const auto tick = record.ticked.find(key);
        const auto fact = github.conditions.find(item);
        const bool by_peer = tick != record.ticked.end() && tick->second != record.author;
        const bool holds = by_github ? fact != github.conditions.end() && fact->second.holds : by_peer;
        if (!holds) {
            unmet.emplace_back(key, key);
        }
    }
    const auto review = record.ticked.find("gate1:dev_lead");
    const bool reviewed = review != record.ticked.end() && review->second != record.author &&
                          world.roles.holds(review->second, Role::dev_lead);
    if (record.plan.complex && !reviewed) {
        unmet.emplace_back("gate1:dev_lead", "the Dev Lead's review");
    }
    const auto& planned = record.plan.commit;
    const bool of_another =
        std::any_of(record.signed_by.begin(), record.signed_by.end(), [&](const UserId& user) {
            const auto& seen = record.signed_at.at(user);
            return planned.empty() && seen && *seen != github.head;
        });
    if (by_github && !github.head.empty() && (of_another || !github.head.starts_with(planned))) {
        unmet.emplace_back("commit", "a sign-off of this commit");
    }
}

/// Whether an exception about the head that GitHub shows names the condition.
bool is_excepted(const Record& record, const std::string& condition, const Gate1Facts& github)
{
    const auto heads = record.excepted_at.find(condition);
    return heads != record.excepted_at.end() &&
           (github.head.empty() || heads->second.contains("") || heads->second.contains(github.head));
}

void add_gate2(Unmet& unmet, const Record& record, const TeamInMemory& world)
{
    static const std::map<std::string, std::vector<std::string>> keys{
        {"Product Lead", {"gate2:product_lead", "gate2:client_facing"}},
        {"Original requestor", {"gate2:requestor"}},
        {"Account Manager", {"gate2:account_manager"}},
        {"Dev Lead", {"gate2:dev_lead"}},
    };
    add_unticked(unmet, record, "gate2", {"qa_bugs", "minor_bugs"});
    for (const auto& role : missing_sign_offs_of(record, world)) {
        unmet.emplace_back(keys.at(role).front(), "the sign-off of the " + role);
    }
    if (!record.declined_by.empty()) {
        unmet.emplace_back("gate2:not_declined", "the decline being settled");
    }
    if (record.plan.rollback_plan.empty()) {
        unmet.emplace_back("gate2:rollback_plan", "a rollback plan");
    }
}

void add_checklist(
    Unmet& unmet, const Record& record, Instant at, const TeamInMemory& world, const TeamState& team
)
{
    add_unticked(unmet, record, "pre_deployment", {"environment", "dependencies", "runbook"});
    if (record.plan.has_migrations) {
        add_unticked(unmet, record, "pre_deployment", {"migrations"});
    }
    const auto on_call = on_call_of(record, at, world, team);
    if (record.ready != on_call || on_call.empty()) {
        unmet.emplace_back("pre_deployment:on_call", "the on-call developer's ready");
    }
    if (!is_announced(record, at, world)) {
        unmet.emplace_back("pre_deployment:notified", "the notice of this schedule");
    }
    if (!record.go) {
        unmet.emplace_back("go", "the Dev Lead's go");
    }
}

/// pipeline document, Deployment Windows and Exceptions.
bool is_open_hour(const Record& record, Instant at, const TeamInMemory& world)
{
    const auto grade = judge_start(at, world.policy).grade;
    const bool weekday = grade != Grade::emergency_only;
    return grade == Grade::preferred || grade == Grade::acceptable || record.plan.priority == Priority::p0 ||
           (record.plan.priority == Priority::p1 && in_business_hours(at, world.policy) && record.go) ||
           (weekday && record.flag_stage == "off" && record.go) ||
           (weekday && record.excepted.contains("window"));
}

}  // namespace

void Record::add(const RecordedEvent& recorded) { std::visit(Reader{*this, recorded}, recorded.event); }

std::vector<std::string> missing_sign_offs_of(const Record& record, const TeamInMemory& world)
{
    const auto somebody = [&](auto&& is_one) {
        return std::any_of(record.signed_by.begin(), record.signed_by.end(), [&](const UserId& user) {
            return user != record.author && is_one(user);
        });
    };
    const auto holder = [&](Role role) {
        return somebody([&](const UserId& user) { return world.roles.holds(user, role); });
    };
    std::vector<std::string> missing;
    if (!holder(Role::product_lead)) {
        missing.emplace_back("Product Lead");
    }
    if (!record.plan.client_facing) {
        if (!holder(Role::dev_lead)) {
            missing.emplace_back("Dev Lead");
        }
        return missing;
    }
    const auto asked = [&](const UserId& user) {
        const auto& all = record.delegations;
        return user == record.plan.requested_by ||
               std::any_of(all.begin(), all.end(), [&](const SignOffDelegated& each) {
                   return each.role == Role::requestor && each.from == record.plan.requested_by &&
                          each.to == user;
               });
    };
    if (!somebody(asked)) {
        missing.emplace_back("Original requestor");
    }
    if (!record.plan.requested_by_client.empty() && !holder(Role::account_manager)) {
        missing.emplace_back("Account Manager");
    }
    return missing;
}

std::vector<std::string> missing_for_start(
    const Record& record,
    const RecordedEvent& start,
    const Gate1Facts& github,
    const TeamInMemory& world,
    const TeamState& team
)
{
    Unmet unmet;
    add_gate1(unmet, record, github, world);
    add_gate2(unmet, record, world);
    add_checklist(unmet, record, start.at, world, team);
    std::erase_if(unmet, [&](const auto& each) { return is_excepted(record, each.first, github); });
    std::vector<std::string> missing;
    for (const auto& [key, words] : unmet) {
        missing.push_back(words);
    }
    if (!is_open_hour(record, start.at, world)) {
        missing.emplace_back("an open window");
    }
    const auto locked = team.locked.find(record.plan.service);
    const auto passed = record.excepted.find("lock");
    const bool passes = locked != team.locked.end() && record.plan.priority == Priority::p0 &&
                        passed != record.excepted.end() && passed->second >= locked->second.since;
    if (locked != team.locked.end() && !passes) {
        missing.emplace_back("the service being unlocked");
    }
    const auto* freeze = freeze_at(team, record.plan.service, start.at);
    const auto excepted = record.excepted.find("freeze");
    if (freeze != nullptr && (excepted == record.excepted.end() || excepted->second < freeze->begun)) {
        missing.emplace_back("the freeze being over");
    }
    if (!world.roles.holds(UserId(start.actor), Role::dev_lead) &&
        !is_on_call_for(record, start, world, team)) {
        missing.emplace_back("somebody who may");
    }
    return missing;
}

bool is_on_call_for(
    const Record& record, const RecordedEvent& recorded, const TeamInMemory& world, const TeamState& team
)
{
    const UserId actor(recorded.actor);
    return actor == on_call_of(record, recorded.at, world, team) ||
           actor == on_call_at(recorded.at, team, world.policy);
}

bool may_record_exception(
    const Record& record, const RecordedEvent& exception, const TeamInMemory& world, const TeamState& team
)
{
    const UserId actor(exception.actor);
    const auto& event = std::get<ExceptionRecorded>(exception.event);
    const bool p0 = record.plan.priority == Priority::p0;
    const bool p1 = record.plan.priority == Priority::p1;
    const bool by_on_call = is_on_call_for(record, exception, world, team);
    const bool reviewed = event.review_due == exception.at + std::chrono::hours{24};
    const bool of_a_gate =
        std::any_of(event.conditions.begin(), event.conditions.end(), [](const std::string& key) {
            return key.starts_with("gate1:") || key.starts_with("gate2:") ||
                   key.starts_with("pre_deployment:");
        });
    return (world.roles.holds(actor, Role::dev_lead) || (p0 && by_on_call)) && !event.reason.empty() &&
           !event.conditions.empty() && (p0 || p1 || of_a_gate ? reviewed : !event.review_due);
}

}  // namespace slipway::testing
