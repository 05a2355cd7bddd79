// Everything that follows from what people say, written out: events, messages, timers, answers and refusals,
// with their facts. The files below transcripts/ are read by people when they change.
#include "commands/pipeline/checklists.hpp"
#include "commands/pipeline/windows.hpp"
#include "tests/commands/stage_scenes.hpp"
#include "tests/commands/team_in_memory.hpp"
#include "tests/support/golden.hpp"

#include <boost/json/serialize.hpp>

namespace slipway::testing {

namespace {

namespace json = boost::json;

std::string written(const Sentence& sentence)
{
    return sentence.id + (sentence.facts.empty() ? "" : " " + json::serialize(sentence.facts)) +
           (sentence.field.empty() ? "" : " at " + sentence.field);
}

std::string written(const std::vector<Button>& buttons)
{
    std::string text;
    for (const auto& button : buttons) {
        text += " [" + button.label + ": " + button.verb +
                (button.fields.empty() ? "" : " " + json::serialize(button.fields)) + "]";
    }
    return text;
}

std::string written(const Saying& saying) { return kind_of(saying) + " " + json::serialize(to_json(saying)); }

void write(const std::vector<Sentence>& sentences, const char* as, std::ostream& out)
{
    for (const auto& sentence : sentences) {
        out << "  " << as << ' ' << written(sentence) << '\n';
    }
}

/// What follows, one line each.
void write(const Result<Decision>& result, const Policy& policy, std::ostream& out)
{
    if (!result) {
        const auto refusal = result.error();
        write(refusal.sentences, "refused:", out);
        if (!refusal.buttons.empty()) {
            out << "  buttons:" << written(refusal.buttons) << '\n';
        }
        return;
    }
    for (const auto* events : {&result->events, &result->team_events}) {
        for (const auto& event : *events) {
            out << "  event: " << kind_of(event) << ' ' << json::serialize(to_json(event)) << '\n';
        }
    }
    for (const auto& draft : result->outbox) {
        out << "  says: " << written(draft.saying) << (draft.id.empty() ? "" : " as " + draft.id) << '\n';
    }
    for (const auto& timer : result->timers) {
        out << "  timer: " << timer.name << ' ' << (timer.due ? team_time(*timer.due, policy) : "cleared")
            << (timer.facts.empty() ? "" : " " + json::serialize(timer.facts)) << '\n';
    }
    write(result->reply, "answer:", out);
    if (!result->reply_buttons.empty()) {
        out << "  buttons:" << written(result->reply_buttons) << '\n';
    }
    for (const auto& other : result->other_cards) {
        out << "  card of " << to_string(other) << '\n';
    }
}

/// Who may say the verb, for most of them.
std::string usual_speaker(const std::string& verb)
{
    static const std::map<std::string, std::string> speakers{
        {"signoff", "petra"},
        {"withdraw", "petra"},
        {"decline", "petra"},
        {"delegate", "petra"},
        {"reply", "jane"},
        {"amend", "alice"},
        {"cancel", "alice"},
        {"ready", "bob"},
        {"confirm", "bob"},
        {"clean", "bob"},
        {"rollback", "bob"},
        {"tick", "carl"},
        {"untick", "carl"}};
    const auto found = speakers.find(verb);
    return found == speakers.end() ? "dana" : found->second;
}

/// A week of the team: every timer fires at its moment.
class Week {
public:
    TeamInMemory world;

    explicit Week(std::ostream& out) : out_(out) { world.restart(); }

    void at(const std::string& wall)
    {
        world.move_to(est(wall));
        tell_what_was_said();
    }

    void says(
        const std::string& name,
        const std::string& verb,
        std::optional<int> deployment = std::nullopt,
        json::object fields = {},
        const std::string& text = {}
    )
    {
        note(name + " says " + verb + (deployment ? " D-" + std::to_string(*deployment) : "") + " " + text);
        const auto result = world.say(name, verb, deployment, std::move(fields), text);
        write(result, world.policy, out_);
        told_ = world.said.size();
    }

    void observes(const json::object& signal)
    {
        note("a signal: " + json::serialize(signal));
        write(world.observe(signal), world.policy, out_);
        told_ = world.said.size();
    }

    void ends_action(bool succeeded)
    {
        note(std::string("an action ends, ") + (succeeded ? "well" : "badly"));
        world.end_action(succeeded);
        tell_what_was_said();
    }

    void ticks(const std::string& name, int deployment, const std::string& list)
    {
        json::array items;
        for (const auto& item : offered_items(list, world.at(deployment), world.policy)) {
            items.emplace_back(item.key);
        }
        says(name, "tick", deployment, {{"checklist", list}, {"items", items}});
    }

private:
    void note(const std::string& what) { out_ << team_time(world.now, world.policy) << ": " << what << '\n'; }

    void tell_what_was_said()
    {
        std::string cause;
        for (; told_ < world.said.size(); ++told_) {
            const auto& each = world.said[told_];
            const auto heading = team_time(each.at, world.policy) + ": " + each.cause + " of " +
                                 (each.deployment.number > 0 ? to_string(each.deployment) : "the team");
            out_ << (heading == cause ? "" : heading + '\n') << "  says: " << written(each.saying) << '\n';
            cause = heading;
        }
    }

    std::ostream& out_;
    std::size_t told_ = 0;
};

}  // namespace

TEST_CASE("what follows from every verb in every stage is what was read", "[commands][transcript]")
{
    std::ostringstream out;
    for (const auto& verb : verbs()) {
        const std::string name(verb.name);
        if (verb.offered == Offered::to_bot || name == "help" || name == "runbook") {
            continue;
        }
        std::string before;
        for (const auto stage : stages) {
            const auto scene = scene_for(name, stage);
            const auto speaker = usual_speaker(name);
            const auto* text = name == "reply" ? "Stakeholder sign-off" : "";
            std::ostringstream told;
            write(scene.ask(speaker, name, fields_for(name, stage), text), scene.policy, told);
            if (told.str() != before && told.str().find("refused: wrong_stage") == std::string::npos) {
                out << speaker << " says " << name << " while it is " << to_string(stage) << '\n'
                    << told.str();
            }
            before = told.str();
        }
    }
    check_golden("tests/commands/transcripts/every_verb.txt", out.str());
}

TEST_CASE("an ordinary week goes as it was read", "[commands][transcript]")
{
    std::ostringstream out;
    Week week(out);
    week.world.policy.mirror_lifecycle = true;
    week.world.policy.services[0].deploy.command = {"deploy"};
    week.at("2026-11-24 10:00");
    week.says(
        "alice",
        "plan",
        {},
        plan_fields(
            {{"starts_at", "2026-11-24 22:00"},
             {"client_facing", "yes"},
             {"requested_by", "U0JANE"},
             {"client", "Globex"},
             {"migrations", "yes"},
             {"flag", "search"},
             {"complex", "yes"},
             {"changes", "New index\nCached results"},
             {"expected_impact", "None"}}
        )
    );
    week.says("carl", "plan", {}, plan_fields({{"service", "api"}, {"starts_at", "2026-11-24 22:15"}}));
    week.says("bob", "plan", {}, plan_fields({{"starts_at", "2026-11-28 12:00"}, {"on_call", "U0CARL"}}));
    week.says("petra", "signoff", 1, {{"note", "Looks right"}});
    week.says("jane", "reply", 1, {}, "Stakeholder sign-off: Jane Doe, today");
    week.says("jane", "reply", 1, {}, "Stakeholder sign-off: Janet Dough, today");
    week.says("anne", "decline", 1, {}, "Globex asked for another day");
    week.says("anne", "signoff", 1);
    week.says("petra", "withdraw", 1);
    week.says(
        "alice",
        "amend",
        1,
        plan_fields(
            {{"client_facing", "yes"},
             {"requested_by", "U0JANE"},
             {"client", "Globex"},
             {"migrations", "yes"},
             {"flag", "search"},
             {"changes", "New index"}}
        )
    );
    week.says("jane", "delegate", 1, {{"user", "U0ZOE"}});
    for (const auto* name : {"petra", "anne", "zoe"}) {
        week.says(name, "signoff", 1);
    }
    week.ticks("carl", 1, "gate1");
    week.ticks("dana", 1, "gate1");
    week.ticks("petra", 1, "qa");
    week.ticks("petra", 1, "gate2");
    week.ticks("bob", 1, "pre_deployment");
    week.says("bob", "untick", 1, {{"checklist", "pre_deployment"}, {"item", "runbook"}});
    week.says("bob", "tick", 1, {{"checklist", "pre_deployment"}, {"item", "runbook"}});
    week.says("dana", "go", 1);
    week.says("bob", "check", 1);
    week.at("2026-11-24 21:30");
    week.says("bob", "ready", 1);
    week.says("bob", "start", 1);
    week.at("2026-11-24 22:00");
    week.says("bob", "start", 1);
    week.says("carl", "start", 2);
    week.says("bob", "step", 1, {}, "merge");
    week.ends_action(false);
    week.says("bob", "retry", 1);
    week.ends_action(true);
    week.says("bob", "flag", 1, {}, "internal");
    week.says("bob", "done", 1);
    week.ticks("bob", 1, "smoke");
    week.says("bob", "done", 1, {{"known_issues", "A typo"}});
    week.at("2026-11-25 01:00");
    week.ticks("bob", 1, "check_in_1");
    week.says("bob", "clean", 1);
    week.at("2026-11-25 23:00");
    week.says("bob", "clean", 1);
    week.says("bob", "status", 1);
    week.says("bob", "history", 1);
    week.says("bob", "list");
    check_golden("tests/commands/transcripts/ordinary_week.txt", out.str());
}

TEST_CASE("a week with trouble goes as it was read", "[commands][transcript]")
{
    std::ostringstream out;
    Week week(out);
    auto& web = week.world.policy.services[0];
    web.deploy.command = {"deploy"};
    web.rollback.command = {"revert"};
    web.disable_flag.command = {"flag"};
    week.world.policy.automatic_rollback = true;
    week.at("2026-11-24 21:00");
    week.says(
        "alice",
        "plan",
        {},
        plan_fields(
            {{"starts_at", "2026-11-24 22:00"},
             {"flag", "search"},
             {"migrations", "yes"},
             {"client_facing", "yes"},
             {"client", "Globex"},
             {"requested_by", "U0JANE"}}
        )
    );
    week.says("dana", "start", 1, {}, "The sale begins at midnight");
    week.says("bob", "step", 1, {}, "merge");
    week.observes({{"service", "web"}, {"kind", "error_rate"}, {"value", 5.2}, {"baseline", 1.0}});
    week.says("bob", "hold", 1);
    week.ends_action(true);
    week.says(
        "carl",
        "issue",
        1,
        {{"what", "Errors at login"}, {"severity", "P0"}, {"impact", "All clients; revenue"}}
    );
    week.says("bob", "issue", 1, {{"what", "Slow pages"}, {"severity", "P2"}});
    week.says("bob", "update", 1, {{"note", "Found the cause"}, {"severity", "P1"}});
    week.observes({{"service", "web"}, {"kind", "tickets"}, {"count", 11}});
    week.observes({{"service", "web"}, {"kind", "security"}, {"detail", "CVE-2026-1"}});
    week.at("2026-11-24 21:30");
    week.ends_action(true);
    week.ends_action(false);
    week.says("bob", "retry", 1);
    week.ends_action(true);
    week.says("bob", "step", 1, {}, "reverse_migrations");
    week.says("bob", "rolledback", 1);
    week.says("alice", "postmortem", 1);
    week.at("2026-11-26 09:30");
    week.says("alice", "postmortem", 1, {}, "https://docs.example.com/postmortem");
    week.says("dana", "review", 1, {}, "Too hasty");
    week.says("alice", "plan", {}, plan_fields({{"starts_at", "2026-11-26 22:00"}, {"priority", "P0"}}));
    week.says("bob", "except", 2, {}, "The fix of D-1");
    week.says("dana", "unlock", {}, {}, "web It is safe again");
    week.says("bob", "start", 2, {}, "The fix of D-1");
    week.says("dana", "rollback", 2, {}, "Worse than before");
    week.says("dana", "tick", 2, {{"checklist", "rollback_steps"}, {"items", json::array{"rollback"}}});
    week.says("dana", "rollback");
    check_golden("tests/commands/transcripts/week_with_trouble.txt", out.str());
}

TEST_CASE("what the team arranges goes as it was read", "[commands][transcript]")
{
    std::ostringstream out;
    Week week(out);
    week.at("2026-11-23 15:00");
    week.says("alice", "plan", {}, plan_fields({{"starts_at", "2026-11-24 22:00"}}));
    week.says("alice", "plan", {}, plan_fields({{"starts_at", "2026-11-24 22:10"}}));
    week.says("dana", "freeze", {}, {}, "web for 30h The fair");
    week.says("petra", "freeze", {}, {}, "all until fri 12:00 The sale");
    week.says("bob", "wait", 1);
    week.says("raj", "thaw", {}, {}, "web");
    week.says("petra", "thaw");
    week.says("bob", "swap", {}, {}, "<@U0CARL> tue 18:00 for 12h");
    week.says("bob", "swap", {}, {}, "<@U0JANE> tue 18:00 for 12h");
    week.says("carl", "confirm");
    week.says("carl", "confirm", 1);
    week.says("bob", "oncall");
    week.says("alice", "reschedule", 1, {}, "wed 22:00 for 45m");
    week.says("alice", "reschedule", 2, {{"on_call", "U0CARL"}, {"starts_at", "2026-11-25 23:00"}});
    week.says("dana", "runbook_reviewed", {}, {}, "All there");
    week.says("alice", "overview");
    week.says("petra", "overview");
    week.says("zoe", "overview");
    week.says("alice", "cancel", 2, {}, "Not needed");
    week.at("2026-12-02 09:00");
    week.says(
        "bob",
        "plan",
        {},
        {{"what", ""},
         {"service", "wbe"},
         {"linear_issue", "nonsense"},
         {"starts_at", "yesterday"},
         {"duration", "forever"},
         {"pull_request", "ftp://x"},
         {"commit", "zz"}}
    );
    check_golden("tests/commands/transcripts/what_the_team_arranges.txt", out.str());
}

}  // namespace slipway::testing
