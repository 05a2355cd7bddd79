// The way a deployment goes when everybody does what is asked of them.
#include "commands/pipeline/gates.hpp"
#include "commands/pipeline/on_call.hpp"
#include "tests/commands/property/acts.hpp"

#include <algorithm>

namespace slipway::testing {

namespace {

namespace json = boost::json;

std::string name_of(const UserId& user)
{
    for (const auto& who : cast::everybody) {
        if (who.user_id == user.str()) {
            return std::string(who.name);
        }
    }
    return "zoe";
}

/// The first of `names` who is not the author.
std::string other_than_author(const Deployment& deployment, std::initializer_list<const char*> names)
{
    for (const auto* name : names) {
        if (id_of(name) != deployment.author) {
            return name;
        }
    }
    return {};
}

void tick_all(
    TeamInMemory& world,
    const std::string& name,
    int number,
    const std::string& list,
    std::initializer_list<const char*> items
)
{
    json::array keys;
    for (const auto* item : items) {
        keys.emplace_back(item);
    }
    (void)world.say(name, "tick", number, {{"checklist", list}, {"items", std::move(keys)}});
}

void sign(TeamInMemory& world, int number, const Deployment& deployment)
{
    for (const auto& person :
         people_for(missing_sign_offs(deployment, world.policy), deployment, world.roles, world.policy)) {
        (void)world.say(name_of(person), "signoff", number);
    }
    for (const auto& decline : deployment.declines) {
        (void)world.say(name_of(decline.user), "signoff", number);
    }
}

/// Does what the unmet condition `key` asks for.
void fix(TeamInMemory& world, int number, const std::string& key)
{
    const auto deployment = world.at(number);
    const auto on_call = name_of(on_call_for(deployment, world.now, world.team, world.policy));
    if (key == std::string("gate1:") + dev_lead_review) {
        (void)world.say("dana", "tick", number, {{"checklist", "gate1"}, {"item", dev_lead_review}});
    }
    else if (key == "commit") {
        world.github_says(github_facts(0));
        for (const auto& sign_off : valid_sign_offs(deployment)) {
            (void)world.say(name_of(sign_off.given.user), "signoff", number);
        }
    }
    else if (key.starts_with("gate1:") && is_read_from_github(deployment.plan, world.policy)) {
        world.github_says(github_facts(0));
    }
    else if (key.starts_with("gate1:")) {
        tick_all(
            world,
            other_than_author(deployment, {"carl", "bob"}),
            number,
            "gate1",
            {"approved", "ci_green", "threads_resolved", "testing_notes", "issue_referenced"}
        );
    }
    else if (key == "gate2:qa_bugs" || key == "gate2:minor_bugs") {
        tick_all(world, "petra", number, "gate2", {"qa_bugs", "minor_bugs"});
    }
    else if (key.starts_with("gate2:")) {
        sign(world, number, deployment);
    }
    else if (key == "pre_deployment:on_call" || key == "on_call_cover") {
        (void)world.say(on_call, "ready", number);
    }
    else if (key == "pre_deployment:notified") {
        if (deployment.starts_at && *deployment.starts_at > world.now) {
            world.move_to(*deployment.starts_at - world.policy.notice_lead);
        }
        else {
            (void)world.say("dana", "reschedule", number, {{"starts_at", "in 2h"}});
        }
    }
    else if (key.starts_with("pre_deployment:")) {
        tick_all(
            world, "bob", number, "pre_deployment", {"environment", "dependencies", "runbook", "migrations"}
        );
    }
    else if (key == "freeze") {
        (void)world.say("dana", "thaw", std::nullopt, {{"service", deployment.plan.service}});
        (void)world.say("dana", "thaw", std::nullopt, {{"service", "all"}});
    }
    else if (key == "lock") {
        (void)world.say("dana", "unlock", std::nullopt, {{"service", deployment.plan.service}});
    }
    else if (key == "go") {
        (void)world.say("dana", "go", number);
    }
    else if (key == "window") {
        const auto slots =
            next_slots(world.now, deployment.duration, deployment.plan.service, 1, world.team, world.policy);
        if (!slots.empty()) {
            world.move_to(slots.front());
        }
    }
}

void start(TeamInMemory& world, int number)
{
    const auto& deployment = world.at(number);
    const auto on_call = on_call_for(deployment, world.now, world.team, world.policy);
    auto seen = world.seen_by(person_called("dana"), DeploymentId{number});
    if (is_read_from_github(deployment.plan, world.policy)) {
        seen.github = world.github_at(world.ledger.size());
    }
    for (const auto& condition : start_conditions(deployment, seen)) {
        if (!condition.holds) {
            fix(world, number, condition.key);
            return;
        }
    }
    (void)world.say(name_of(on_call), "start", number);
}

void watch(TeamInMemory& world, int number)
{
    const auto& deployment = world.at(number);
    const auto on_call = name_of(on_call_for(deployment, world.now, world.team, world.policy));
    const auto ends = *deployment.finished_at + world.policy.watch_length;
    if (open_issue(deployment) != nullptr) {
        (void)world.say(on_call, "update", number, {{"note", "Fixed"}, {"status", "Resolved"}});
    }
    else if (world.now < ends) {
        world.move_to(ends);
    }
    else {
        (void)world.say(on_call, "clean", number);
    }
}

void go_back(TeamInMemory& world, int number, const std::string& on_call)
{
    const auto open = open_rollback_steps(world.at(number));
    if (open.empty()) {
        (void)world.say(on_call, "rolledback", number);
        return;
    }
    (void)world.say(on_call, "step", number, {{"step", open.front()}});
}

}  // namespace

void nudge(TeamInMemory& world, int number)
{
    const auto found = world.deployments.find(DeploymentId{number});
    if (found == world.deployments.end()) {
        (void)world.wish(request_of("plan", number % variants), person_called("alice"));
        return;
    }
    const auto on_call = name_of(on_call_for(found->second, world.now, world.team, world.policy));
    switch (found->second.stage) {
        case Stage::planned:
        case Stage::signed_off:
            start(world, number);
            return;
        case Stage::deploying:
            tick_all(
                world, on_call, number, "smoke", {"loads", "login", "core", "feature", "logs", "migrations"}
            );
            (void)world.say(on_call, "done", number);
            return;
        case Stage::watching:
            watch(world, number);
            return;
        case Stage::rolling_back:
            go_back(world, number, on_call);
            return;
        case Stage::rolled_back:
            (void)world.say("dana", "postmortem", number, {}, "https://docs.example.com/1");
            return;
        case Stage::done:
        case Stage::cancelled:
            return;
    }
}

}  // namespace slipway::testing
