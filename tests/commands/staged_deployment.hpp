#pragma once

#include "commands/verbs/table.hpp"
#include "tests/support/cast.hpp"
#include "tests/support/plan.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace slipway::testing {

using namespace std::chrono_literals;

/// Wall time in New York's winter, Eastern Standard: "2026-11-24 22:00".
[[nodiscard]] inline Instant est(const std::string& wall)
{
    return instant_from(wall.substr(0, 10) + "T" + wall.substr(11) + ":00.000Z") + 5h;
}

/// "alice" -> U0ALICE.
[[nodiscard]] inline UserId id_of(const std::string& name) { return UserId(cast::called(name).id()); }

[[nodiscard]] inline Person person_called(const std::string& name)
{
    const auto& who = cast::called(name);
    Person person;
    person.id = id_of(name);
    person.real_name = who.real_name;
    person.display_name = name;
    person.is_guest = who.kind == cast::Kind::guest;
    person.is_deactivated = who.kind == cast::Kind::deactivated;
    person.is_external = who.kind == cast::Kind::external;
    person.is_bot = who.kind == cast::Kind::robot;
    return person;
}

/// The sentences that `result` refuses with; empty where it is allowed.
[[nodiscard]] inline std::vector<std::string> refusals_of(const Result<Decision>& result)
{
    std::vector<std::string> ids;
    if (!result) {
        const auto refusal = result.error();
        for (const auto& sentence : refusal.sentences) {
            ids.push_back(sentence.id);
        }
    }
    return ids;
}

/// "allowed", or the id of the first sentence of the refusal.
[[nodiscard]] inline std::string outcome_of(const Result<Decision>& result)
{
    const auto ids = refusals_of(result);
    return result.has_value() ? "allowed" : ids.front();
}

template <class Said>
[[nodiscard]] std::vector<Said> all_of(const Decision& decision)
{
    std::vector<Said> found;
    for (const auto& draft : decision.outbox) {
        if (const auto* said = std::get_if<Said>(&draft.saying)) {
            found.push_back(*said);
        }
    }
    return found;
}

template <class Happened>
[[nodiscard]] std::vector<Happened> events_of(const Decision& decision)
{
    std::vector<Happened> found;
    for (const auto& event : decision.events) {
        if (const auto* happened = std::get_if<Happened>(&event)) {
            found.push_back(*happened);
        }
    }
    return found;
}

/// Ids of everything `decision` says in words, to whomever.
[[nodiscard]] inline std::vector<std::string> sentences_of(const Decision& decision)
{
    std::vector<std::string> ids;
    for (const auto& note : all_of<ThreadNote>(decision)) {
        ids.push_back(note.sentence.id);
    }
    for (const auto& message : all_of<DirectMessage>(decision)) {
        ids.push_back(message.sentence.id);
    }
    for (const auto& whisper : all_of<Whisper>(decision)) {
        ids.push_back(whisper.sentence.id);
    }
    for (const auto& sentence : decision.reply) {
        ids.push_back(sentence.id);
    }
    return ids;
}

[[nodiscard]] inline bool has(const std::vector<std::string>& list, const std::string& wanted)
{
    return std::find(list.begin(), list.end(), wanted) != list.end();
}

/// When the timer `name` fires after `decision`: none where it is not set or cleared.
[[nodiscard]] inline std::optional<Instant> due_of(const Decision& decision, const std::string& name)
{
    std::optional<Instant> due;
    for (const auto& timer : decision.timers) {
        due = timer.name == name ? timer.due : due;
    }
    return due;
}

/// What a form of the plan sends, and no more than it needs but for `more`.
[[nodiscard]] inline boost::json::object plan_fields(const boost::json::object& more = {})
{
    boost::json::object fields{
        {"what", "Faster search"},
        {"linear_issue", "ENG-123"},
        {"service", "web"},
        {"rollback_plan", "Revert commit"}};
    for (const auto& [key, value] : more) {
        fields[key] = value;
    }
    return fields;
}

/// What the form of `usual_plan()` sends, with `more` typed over it.
[[nodiscard]] inline boost::json::object usual_fields(const boost::json::object& more = {})
{
    auto fields = plan_fields({{"changes", "New index\nCached results"}, {"client_facing", "yes"}});
    for (const auto& [key, value] : more) {
        fields[key] = value;
    }
    return fields;
}

/// One deployment, D-12, planned by Alice for Bob's on-call, and the team around it.
struct StagedDeployment {
    Policy policy = document_policy();
    RoleBook roles;
    TeamState team;
    Deployment deployment;
    std::vector<Deployment> others;  ///< other active ones
    std::optional<Gate1Facts> github;
    Instant now = evening;

    explicit StagedDeployment(const Plan& plan = usual_plan(), const std::string& on_call = "bob")
    {
        policy.services = {{.name = "web"}, {.name = "api"}};
        policy.rotation = {id_of("bob"), id_of("carl")};
        policy.sprint_start = date::year{2026} / 11 / 16;
        roles.members[Role::developer] = {id_of("alice"), id_of("bob"), id_of("carl")};
        roles.members[Role::dev_lead] = {id_of("dana")};
        roles.members[Role::product_lead] = {id_of("petra")};
        roles.members[Role::rnd_lead] = {id_of("raj")};
        roles.members[Role::account_manager] = {id_of("anne")};
        happens("alice", Planned{plan, evening, 45min, on_call.empty() ? UserId{} : id_of(on_call)});
    }

    void happens(const std::string& actor, Event event)
    {
        deployment.id = DeploymentId{12};
        apply(
            deployment,
            {deployment.id, actor == "slipway" ? actor : id_of(actor).str(), now, std::move(event)}
        );
    }

    void happens_to_team(const std::string& actor, Event event)
    {
        apply(team, {DeploymentId{0}, id_of(actor).str(), now, std::move(event)});
    }

    /// `to` takes over from `from`, as Dana has it.
    void swaps(const std::string& from, const std::string& to, Instant begins, Instant ends)
    {
        happens_to_team("dana", OnCallSwapped{id_of(from), id_of(to), begins, ends});
    }

    void tick(const std::string& actor, const std::string& list, std::initializer_list<const char*> items)
    {
        for (const auto* item : items) {
            happens(actor, ItemTicked{list, item, false, ""});
        }
    }

    void sign(const std::string& name, std::vector<Role> as)
    {
        SignedOff given;
        given.revision = deployment.revision;
        given.user = id_of(name);
        given.name = cast::called(name).real_name;
        given.roles = std::move(as);
        given.signed_on = date::year{2026} / 11 / 24;
        given.source = "reply";
        happens(name, given);
    }

    void pass_gate1()
    {
        tick(
            "carl", "gate1", {"approved", "ci_green", "threads_resolved", "testing_notes", "issue_referenced"}
        );
        happens("slipway", GatePassed{1, deployment.revision});
    }

    void pass_gate2()
    {
        tick("petra", "gate2", {"qa_bugs", "minor_bugs"});
        sign("petra", {Role::product_lead});
        sign(
            deployment.plan.client_facing ? "jane" : "dana",
            {deployment.plan.client_facing ? Role::requestor : Role::dev_lead}
        );
        happens("slipway", GatePassed{2, deployment.revision});
    }

    /// The checklist before the start, but for the on-call developer's ready.
    void prepare()
    {
        tick("bob", "pre_deployment", {"environment", "dependencies", "runbook"});
        if (deployment.plan.has_migrations) {
            tick("bob", "pre_deployment", {"migrations"});
        }
        happens("slipway", NoticeSent{"pre_deployment", deployment.schedule, false});
    }

    void give_word()
    {
        happens("dana", GoGiven{});
        happens("bob", OnCallReady{id_of("bob")});
    }

    /// All that a start asks for.
    void make_startable()
    {
        pass_gate1();
        pass_gate2();
        prepare();
        give_word();
    }

    /// The moment that was planned and announced.
    void arrive_at(Instant at)
    {
        now = at;
        deployment.starts_at = at;
    }

    void begin() { happens("bob", Started{id_of("bob"), "preferred"}); }

    void pass_smoke_tests()
    {
        tick("bob", "smoke", {"loads", "login", "core", "feature", "logs"});
        if (deployment.plan.has_migrations) {
            tick("bob", "smoke", {"migrations"});
        }
    }

    void complete()
    {
        happens("bob", GatePassed{3, deployment.revision});
        happens("bob", Completed{});
    }

    void roll_back()
    {
        std::vector<std::string> steps{"rollback"};
        if (!deployment.plan.flag.empty()) {
            steps.insert(steps.begin(), "disable_flag");
        }
        happens("bob", RollbackStarted{"Errors at login", steps, false});
    }

    void do_rollback_steps()
    {
        for (const auto& step : open_rollback_steps(deployment)) {
            happens("bob", RollbackStepDone{step, true, ""});
        }
    }

    /// Takes the fresh deployment to `stage`, by the shortest way.
    void reach(Stage stage)
    {
        if (stage == Stage::cancelled) {
            happens("alice", Cancelled{"Not needed"});
        }
        if (stage == Stage::planned || stage == Stage::cancelled) {
            return;
        }
        pass_gate1();
        pass_gate2();
        prepare();
        if (stage == Stage::signed_off) {
            return;
        }
        give_word();
        begin();
        if (stage == Stage::watching || stage == Stage::done) {
            pass_smoke_tests();
            complete();
        }
        if (stage == Stage::done) {
            happens("bob", DeclaredClean{});
        }
        if (stage == Stage::rolling_back || stage == Stage::rolled_back) {
            roll_back();
        }
        if (stage == Stage::rolled_back) {
            happens("bob", RolledBack{});
        }
    }

    [[nodiscard]] Snapshot seen_by(const Person& actor) const
    {
        Snapshot snapshot;
        snapshot.now = now;
        snapshot.policy = &policy;
        snapshot.roles = &roles;
        snapshot.actor = actor;
        snapshot.deployment = deployment;
        snapshot.active = others;
        if (!is_ended(deployment.stage)) {
            snapshot.active.push_back(deployment);
        }
        snapshot.team = team;
        snapshot.next_id = DeploymentId{13};
        snapshot.fresh_uuid = "4b1c9a52-9a37-4a40-8a43-0d6f3f1f7a11";
        snapshot.github = github;
        return snapshot;
    }

    /// What would follow if `name` said `verb` about D-12.
    [[nodiscard]] Result<Decision> ask(
        const std::string& name,
        const std::string& verb,
        boost::json::object fields = {},
        const std::string& text = {}
    ) const
    {
        Request request;
        request.verb = verb;
        request.text = text;
        request.fields = std::move(fields);
        auto snapshot = seen_by(person_called(name));
        if (verb == "plan") {
            snapshot.deployment.reset();  // it is about the one to come
        }
        else {
            request.deployment = deployment.id;
        }
        return decide(request, snapshot);
    }

    /// The same, and it is done; the test ends where it is refused.
    Decision say(
        const std::string& name,
        const std::string& verb,
        boost::json::object fields = {},
        const std::string& text = {}
    )
    {
        const auto decided = ask(name, verb, std::move(fields), text);
        INFO(name << " says " << verb << ": " << outcome_of(decided));
        REQUIRE(decided.has_value());
        take(name, *decided);
        return *decided;
    }

    /// What the timer `name` brings about now.
    [[nodiscard]] Decision fire(const std::string& timer, boost::json::object fields = {}) const
    {
        return by_bot("timer", Source::timer, std::move(fields), timer);
    }

    /// What a signal from outside brings about now.
    [[nodiscard]] Decision observe(boost::json::object fields) const
    {
        return by_bot("signal", Source::signal, std::move(fields), "");
    }

    /// What the end of `action` brings about, and it is done.
    Decision ends(
        const std::string& action,
        bool succeeded = true,
        const std::string& output = "as it went",
        bool accepted = false
    )
    {
        const auto decision = by_bot(
            "action_result",
            Source::signal,
            {{"action", action}, {"succeeded", succeeded}, {"output", output}, {"accepted", accepted}},
            ""
        );
        take("slipway", decision);
        return decision;
    }

    [[nodiscard]] Decision by_bot(
        const std::string& verb, Source source, boost::json::object fields, const std::string& text
    ) const
    {
        Person slipway;
        slipway.id = UserId("slipway");
        auto snapshot = seen_by(slipway);
        Request request;
        request.verb = verb;
        request.text = text;
        request.fields = std::move(fields);
        request.source = source;
        if (verb != "signal") {  // it names a service
            request.deployment = deployment.id;
        }
        else {
            snapshot.deployment.reset();
        }
        const auto decided = decide(request, snapshot);
        INFO(verb << " " << text << ": " << outcome_of(decided));
        REQUIRE(decided.has_value());
        return *decided;
    }

    void take(const std::string& name, const Decision& decision)
    {
        for (const auto& event : decision.events) {
            happens(name, event);
        }
        for (const auto& event : decision.team_events) {
            apply(team, {DeploymentId{0}, id_of(name).str(), now, event});
        }
    }
};

}  // namespace slipway::testing
