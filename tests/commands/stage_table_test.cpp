// Who may say what and when: every cell of (stage, verb, person), written by hand from the document and the
// table of verbs.
#include "commands/verbs/authority.hpp"
#include "tests/commands/stage_scenes.hpp"

#include <array>
#include <set>
#include <sstream>

namespace slipway::testing {

namespace {

/// One line of the table: these people, saying `verb`, in the eight stages: '+' allowed, 's' refused for the
/// stage, 'n' because others may say it, 'o' as `other` says.
struct StageRow {
    const char* verb;
    const char* people;
    const char*
        cells;  ///< planned, signed off, deploying, watching, done, rolling back, rolled back, cancelled
    const char* other = "";
};

constexpr auto everybody = "alice bob carl dana petra raj anne jane zoe";

const std::vector<StageRow> table{
    // Looking is free.
    {"overview", everybody, "++++++++"},
    {"list", everybody, "++++++++"},
    {"status", everybody, "++++++++"},
    {"history", everybody, "++++++++"},
    {"help", everybody, "++++++++"},
    {"oncall", everybody, "++++++++"},
    {"runbook", everybody, "++++++++"},
    {"check", everybody, "++ssssss"},
    {"mention", everybody, "++++++++"},
    // The plan.
    {"plan", "alice bob carl dana petra", "++++++++"},
    {"plan", "raj anne jane zoe", "nnnnnnnn"},
    {"amend", "alice dana", "++ssssss"},
    {"amend", "bob carl petra raj anne jane zoe", "nnnnnnnn"},
    {"reschedule", "alice bob dana", "++ssssss"},
    {"reschedule", "carl petra raj anne jane zoe", "nnnnnnnn"},
    {"cancel", "alice bob dana petra", "++ssssss"},
    {"cancel", "carl raj anne jane zoe", "nnnnnnnn"},
    // Gate 2: the Product Lead and the requestor of a client-facing change; never the author.
    {"signoff", "petra jane", "+ossssss", "sign_off_already"},
    {"signoff", "alice", "oooooooo", "sign_off_author"},
    {"signoff", "bob carl dana raj anne zoe", "oooooooo", "sign_off_no_role"},
    {"decline", "petra jane", "++ssssss"},
    {"decline", "alice", "oooooooo", "sign_off_author"},
    {"decline", "bob carl dana raj anne zoe", "oooooooo", "sign_off_no_role"},
    {"delegate", "petra jane", "+ossssss", "delegate_nothing"},
    {"delegate", "alice", "oooooooo", "sign_off_author"},
    {"delegate", "bob carl dana raj anne zoe", "oooooooo", "sign_off_no_role"},
    {"withdraw", "petra jane", "o+ssssss", "withdraw_nothing"},
    {"withdraw", "alice bob carl dana raj anne zoe", "oossssss", "withdraw_nothing"},
    {"reply", "petra jane", "+ossssss", "sign_off_already"},
    {"reply", "alice", "oooooooo", "sign_off_author"},
    {"reply", "bob carl dana raj anne zoe", "oooooooo", "sign_off_no_role"},
    // Lists.
    {"tick", "alice bob carl dana petra jane", "++ssssss"},
    {"tick", "raj anne zoe", "nnnnnnnn"},
    {"untick", "alice bob carl dana petra jane", "++ssssss"},
    {"untick", "raj anne zoe", "nnnnnnnn"},
    // The way to the start.
    {"go", "dana", "++ssssss"},
    {"go", "alice bob carl petra raj anne jane zoe", "nnnnnnnn"},
    {"ready", "bob", "++ssssss"},
    {"ready", "alice carl dana petra raj anne jane zoe", "oooooooo", "ready_not_yours"},
    {"except", "dana", "++ssssss"},
    {"except", "alice bob carl petra raj anne jane zoe", "oooooooo", "except_dev_lead"},
    {"review", "dana", "++++++++"},
    {"review", "alice bob carl petra raj anne jane zoe", "nnnnnnnn"},
    {"start", "bob dana", "o+ssssss", "gate1_unticked"},
    {"start", "alice carl petra raj anne jane zoe", "nnnnnnnn"},
    {"wait", everybody, "++ssssss"},
    // Under way.
    {"step", "bob dana", "+++ss+ss"},
    {"step", "alice carl petra raj anne jane zoe", "nnnnnnnn"},
    {"retry", "bob dana", "ss+ss+ss"},
    {"retry", "alice carl petra raj anne jane zoe", "nnnnnnnn"},
    {"flag", "bob dana petra", "ss++++ss"},
    {"flag", "alice carl raj anne jane zoe", "nnnnnnnn"},
    {"done", "bob dana", "ss+sssss"},
    {"done", "alice carl petra raj anne jane zoe", "nnnnnnnn"},
    {"issue", "alice bob carl dana petra raj anne", "ss++s+ss"},
    {"issue", "jane zoe", "nnnnnnnn"},
    {"update", "bob dana", "ss++s++s"},
    {"update", "alice carl petra raj anne jane zoe", "nnnnnnnn"},
    {"clean", "bob", "sss+ssss"},
    {"clean", "alice carl dana petra raj anne jane zoe", "nnnnnnnn"},
    {"hold", "bob dana", "ss++ssss"},
    {"hold", "alice carl petra raj anne jane zoe", "nnnnnnnn"},
    // Back: the on-call developer and the Dev Lead, at once.
    {"rollback", "bob dana", "ss++soos", "rollback_already"},
    {"rollback", "alice carl petra raj anne jane zoe", "nnnnnnnn"},
    {"rolledback", "bob dana", "sssss+ss"},
    {"rolledback", "alice carl petra raj anne jane zoe", "nnnnnnnn"},
    {"postmortem", "alice bob carl dana petra raj anne", "sssss++s"},
    {"postmortem", "jane zoe", "nnnnnnnn"},
    // The team.
    {"freeze", "dana petra raj", "++++++++"},
    {"freeze", "alice bob carl anne jane zoe", "nnnnnnnn"},
    {"thaw", "dana petra raj", "++++++++"},
    {"thaw", "alice bob carl anne jane zoe", "nnnnnnnn"},
    {"unlock", "dana", "++++++++"},
    {"unlock", "alice bob carl petra raj anne jane zoe", "nnnnnnnn"},
    {"swap", "alice bob carl dana", "++++++++"},
    {"swap", "petra raj anne jane zoe", "nnnnnnnn"},
    {"confirm", "bob", "++++++++"},
    {"confirm", "alice carl dana", "oooooooo", "confirm_not_yours"},
    {"confirm", "petra raj anne jane zoe", "nnnnnnnn"},
    {"runbook_reviewed", "dana", "++++++++"},
    {"runbook_reviewed", "alice bob carl petra raj anne jane zoe", "nnnnnnnn"},
    // The bot's own words are nobody's.
    {"timer", everybody, "oooooooo", "verb_unknown"},
    {"signal", everybody, "oooooooo", "verb_unknown"},
    {"action_result", everybody, "oooooooo", "verb_unknown"},
};

std::vector<std::string> words_of(const std::string& text)
{
    std::istringstream stream(text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) {
        words.push_back(word);
    }
    return words;
}

std::string meaning_of(char cell, const StageRow& row)
{
    return cell == '+' ? "allowed" : cell == 's' ? "wrong_stage" : cell == 'n' ? "not_allowed" : row.other;
}

std::string outcome(const std::string& name, const std::string& verb, Stage stage)
{
    const auto* text = verb == "reply" ? "Stakeholder sign-off" : "";
    return outcome_of(scene_for(verb, stage).ask(name, verb, fields_for(verb, stage), text));
}

}  // namespace

TEST_CASE("every verb, by everybody, in every stage", "[commands][stages]")
{
    for (const auto& row : table) {
        REQUIRE(std::string(row.cells).size() == stages.size());
        for (const auto& name : words_of(row.people)) {
            for (std::size_t i = 0; i < stages.size(); ++i) {
                INFO(name << " says " << row.verb << " while it is " << to_string(stages.at(i)));
                CHECK(outcome(name, row.verb, stages.at(i)) == meaning_of(row.cells[i], row));
            }
        }
    }
}

TEST_CASE("the table has every verb, and everybody once for each", "[commands][stages]")
{
    std::map<std::string, std::multiset<std::string>> listed;
    for (const auto& row : table) {
        for (const auto& name : words_of(row.people)) {
            listed[row.verb].insert(name);
        }
    }
    const auto people = words_of(everybody);
    for (const auto& verb : verbs()) {
        INFO(verb.name);
        CHECK(listed[std::string(verb.name)] == std::multiset<std::string>(people.begin(), people.end()));
    }
    CHECK(listed.size() == verbs().size());
}

namespace {

/// What the bot says to itself, in the eight stages: '+' something follows, '.' nothing does any more or yet,
/// '-' it is never asked then.
struct OwnRow {
    const char* verb;
    const char* timer;
    const char* cells;
    std::chrono::minutes later{0};  ///< than 22:00, when everything in the scene happened
};

const std::vector<OwnRow> own_table{
    {"timer", "pre_notice", "++......"},
    {"timer", "chase_sign_offs", "+......."},
    {"timer", "tell_when_free:U0BOB", "++......"},
    {"timer", "check_in_1", "...+...."},
    {"timer", "watch_end", "...+...."},
    {"timer", "next_update_soon", "..++.+..", 26min},
    {"timer", "next_update_late", "..++.+..", 30min},
    {"timer", "automatic_rollback", "..++....", 2min},
    {"timer", "countdown", "..++....", 1min},
    {"timer", "chase_review", "+++++++-"},
    {"timer", "chase_postmortem", "-----++-"},
    {"signal", "", "++++...."},
    {"action_result", "", "--++-++-"},
};

/// A deployment in `stage` for which `row` would be asked, if it ever is.
StagedDeployment scene_of(const OwnRow& row, Stage stage)
{
    const std::string timer = row.timer;
    auto scene = scene_for(timer == "chase_review" ? "review" : "", stage);
    if (timer == "pre_notice" && stage == Stage::signed_off) {
        scene.happens("dana", Rescheduled{2, evening + 24h, 45min});
    }
    if (timer.starts_with("next_update") || timer == "automatic_rollback" || timer == "countdown") {
        raise_before_the_end(scene, stage);
    }
    scene.now += row.later;
    return scene;
}

bool something_follows(const OwnRow& row, Stage stage)
{
    const auto scene = scene_of(row, stage);
    boost::json::object facts{
        {"service", "web"},
        {"kind", "security"},
        {"detail", "CVE-2026-1"},
        {"user", "U0BOB"},
        {"reason", "Errors"},
        {"action", "deploy"}};
    const auto source = std::string(row.verb) == "timer" ? Source::timer : Source::signal;
    const auto decision = scene.by_bot(row.verb, source, std::move(facts), row.timer);
    return !decision.events.empty() || !decision.outbox.empty();
}

}  // namespace

TEST_CASE("what the bot says to itself, in every stage", "[commands][stages]")
{
    for (const auto& row : own_table) {
        REQUIRE(std::string(row.cells).size() == stages.size());
        for (std::size_t i = 0; i < stages.size(); ++i) {
            INFO(row.verb << " " << row.timer << " while it is " << to_string(stages.at(i)));
            if (row.cells[i] != '-') {
                CHECK(something_follows(row, stages.at(i)) == (row.cells[i] == '+'));
            }
        }
    }
}

TEST_CASE("strangers may say nothing in any stage, not even look", "[commands][stages]")
{
    const auto stage = stages;
    auto bot = person_called("dana");
    bot.is_bot = true;
    auto guest = person_called("dana");
    guest.is_guest = true;
    auto deactivated = person_called("dana");
    deactivated.is_deactivated = true;
    auto external = person_called("dana");
    external.is_external = true;
    const std::vector<std::pair<Person, std::string>> strangers{
        {bot, "not_counted_bot"},
        {guest, "not_counted_guest"},
        {deactivated, "not_counted_deactivated"},
        {external, "not_counted_external"},
    };
    for (const auto& verb : verbs()) {
        for (const auto each : stage) {
            const auto scene = scene_for(std::string(verb.name), each);
            for (const auto& [person, sentence] : strangers) {
                Request request;
                request.verb = verb.name;
                request.deployment = scene.deployment.id;
                request.fields = fields_for(request.verb, each);
                request.text = request.verb == "reply" ? "Stakeholder sign-off" : "";
                INFO(verb.name << " while it is " << to_string(each));
                const auto wanted = verb.offered == Offered::to_bot ? "verb_unknown" : sentence;
                CHECK(outcome_of(decide(request, scene.seen_by(person))) == wanted);
            }
        }
    }
}

TEST_CASE("each list is ticked in its stages and refused in the others", "[commands][stages]")
{
    struct ListRow {
        const char* list;
        const char* item;
        const char* cells;
    };

    const std::vector<ListRow> lists{
        {"gate1", "approved", "+ossssss"},
        {"qa", "mobile", "++ssssss"},
        {"gate2", "qa_bugs", "+ossssss"},
        {"pre_deployment", "runbook", "+ossssss"},
        {"steps", "merge", "+++sssss"},
        {"smoke", "login", "ss+sssss"},
        {"check_in_1", "errors", "sss+ssss"},
        {"check_in_2", "errors", "sss+ssss"},
        {"check_in_3", "errors", "sss+ssss"},
        {"rollback_steps", "rollback", "sssss+ss"},
        {"rollback_smoke", "login", "sssss+ss"},
    };
    for (const auto& row : lists) {
        for (std::size_t i = 0; i < stages.size(); ++i) {
            StagedDeployment scene;
            scene.reach(stages.at(i));
            scene.now = evening + 4h;  // all check-ins but the last were due
            INFO(row.list << " while it is " << to_string(stages.at(i)));
            CHECK(
                outcome_of(scene.ask("carl", "tick", {{"checklist", row.list}, {"item", row.item}})) ==
                meaning_of(row.cells[i], {"tick", "carl", row.cells, "item_ticked_already"})
            );
        }
    }
}

TEST_CASE("a button shown for an older plan is refused, but a rollback never is", "[commands][stages]")
{
    for (const auto& verb : verbs()) {
        if (verb.offered == Offered::to_bot || verb.name == "reply") {
            continue;
        }
        StagedDeployment scene;
        scene.reach(Stage::deploying);
        Request request;
        request.verb = verb.name;
        request.deployment = scene.deployment.id;
        request.expected_revision = scene.deployment.revision + 1;
        const auto snapshot = scene.seen_by(person_called("dana"));
        if (!authorize(verb, request, snapshot)) {
            continue;
        }
        INFO(verb.name);
        CHECK(
            outcome_of(decide(request, snapshot)) == (verb.name == "rollback" ? "allowed" : "stale_revision")
        );
    }
}

TEST_CASE("a deployment that does not exist, or none, is said to be so", "[commands][stages]")
{
    const StagedDeployment scene;
    auto snapshot = scene.seen_by(person_called("dana"));
    snapshot.deployment.reset();
    for (const auto& verb : verbs()) {
        if (!verb.needs_deployment || verb.offered == Offered::to_bot) {
            continue;
        }
        INFO(verb.name);
        Request request;
        request.verb = verb.name;
        CHECK(outcome_of(decide(request, snapshot)) == "deployment_missing");
        request.deployment = DeploymentId{99};
        CHECK(outcome_of(decide(request, snapshot)) == "deployment_unknown");
    }
}

}  // namespace slipway::testing
