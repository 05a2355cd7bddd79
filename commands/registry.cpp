#include "commands/registry.hpp"

#include "commands/authority.hpp"
#include "commands/edit_distance.hpp"
#include "commands/verbs/verbs.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace slipway {

namespace {

using enum Offered;
namespace on = decisions;

constexpr auto before_start = stage_set({Stage::planned, Stage::signed_off});
constexpr auto after_start =
    stage_set({Stage::deploying, Stage::watching, Stage::rolling_back, Stage::rolled_back});

// name, usage, summary, example, needs a deployment, modal, offered, decide, stages. An empty usage keeps a
// verb out of help.
constexpr std::array table{
    Verb{"overview", "", "", "", false, "", to_people, on::overview, any_stage},
    Verb{
        "plan",
        "plan [what]",
        "Plan a deployment",
        "/deploy plan Faster search",
        false,
        "plan",
        to_people,
        on::plan,
        any_stage},
    Verb{
        "list",
        "list",
        "All deployments under way",
        "/deploy list",
        false,
        "",
        to_people,
        on::list,
        any_stage},
    Verb{
        "status",
        "status [D-n]",
        "Where a deployment stands",
        "/deploy status D-12",
        false,
        "",
        to_people,
        on::status,
        any_stage},
    Verb{
        "check",
        "check D-n",
        "Would it start now, and if not, why",
        "/deploy check D-12",
        true,
        "",
        to_people,
        on::check,
        before_start},
    Verb{
        "signoff",
        "signoff D-n [note]",
        "Sign a plan off",
        "/deploy signoff D-12",
        true,
        "signoff",
        to_people,
        on::signoff,
        before_start},
    Verb{
        "withdraw",
        "withdraw D-n",
        "Take your sign-off back",
        "/deploy withdraw D-12",
        true,
        "",
        to_people,
        on::withdraw,
        before_start},
    Verb{
        "decline",
        "decline D-n reason",
        "Say no, and why",
        "/deploy decline D-12 Totals are off",
        true,
        "decline",
        to_people,
        on::decline,
        before_start},
    Verb{
        "delegate",
        "delegate D-n @person",
        "Ask somebody else for the sign-off that waits for you",
        "/deploy delegate D-12 @jane",
        true,
        "delegate",
        to_people,
        on::delegate,
        before_start},
    Verb{
        "amend",
        "amend D-n",
        "Change the plan; sign-offs start again",
        "/deploy amend D-12",
        true,
        "amend",
        to_people,
        on::amend,
        before_start},
    Verb{
        "reschedule",
        "reschedule D-n when",
        "Change the time",
        "/deploy reschedule D-12 wed 22:00 for 45m",
        true,
        "reschedule",
        to_people,
        on::reschedule,
        before_start},
    Verb{
        "tick",
        "tick D-n list [item]",
        "Tick items of a checklist",
        "/deploy tick D-12 smoke login",
        true,
        "checklist",
        to_people,
        on::tick,
        any_stage},
    Verb{
        "untick",
        "untick D-n list item",
        "Clear a tick",
        "/deploy untick D-12 smoke login",
        true,
        "",
        to_people,
        on::untick,
        any_stage},
    Verb{"go", "go D-n", "The Dev Lead's go", "/deploy go D-12", true, "", to_people, on::go, before_start},
    Verb{
        "ready",
        "ready D-n",
        "On-call: I am here for the window and two hours after",
        "/deploy ready D-12",
        true,
        "",
        to_people,
        on::ready,
        before_start},
    Verb{
        "except",
        "exception D-n reason",
        "Record an exception for what is unmet",
        "/deploy exception D-12 Login is down",
        true,
        "except",
        to_people,
        on::except,
        before_start},
    Verb{
        "review",
        "review D-n note",
        "The retroactive review of an exception",
        "/deploy review D-12 The right call",
        true,
        "",
        to_people,
        on::review,
        any_stage},
    Verb{
        "start",
        "start D-n [reason]",
        "Start it; with a reason: as an exception",
        "/deploy start D-12",
        true,
        "",
        to_people,
        on::start,
        before_start},
    Verb{
        "wait",
        "wait D-n",
        "Tell me when its service is free",
        "/deploy wait D-12",
        true,
        "",
        to_people,
        on::wait,
        before_start},
    Verb{
        "step",
        "step D-n name",
        "Note a step as done",
        "/deploy step D-12 merge",
        true,
        "",
        to_people,
        on::step,
        stage_set({Stage::planned, Stage::signed_off, Stage::deploying, Stage::rolling_back})},
    Verb{
        "retry",
        "retry D-n [action]",
        "Run again what failed: the deploy, or a step of the rollback",
        "/deploy retry D-12",
        true,
        "",
        to_people,
        on::retry,
        stage_set({Stage::deploying, Stage::rolling_back})},
    Verb{
        "flag",
        "flag D-n stage",
        "Move the feature flag: off, internal, subset, all",
        "/deploy flag D-12 internal",
        true,
        "",
        to_people,
        on::flag,
        stage_set({Stage::deploying, Stage::watching, Stage::done, Stage::rolling_back})},
    Verb{
        "done",
        "done D-n [known issues]",
        "Smoke tests passed: announce it and begin the watch",
        "/deploy done D-12",
        true,
        "done",
        to_people,
        on::done,
        stage_set({Stage::deploying})},
    Verb{
        "issue",
        "issue D-n [what]",
        "Escalate a problem",
        "/deploy issue D-12",
        true,
        "issue",
        to_people,
        on::issue,
        stage_set({Stage::deploying, Stage::watching, Stage::rolling_back})},
    Verb{
        "update",
        "update D-n what",
        "Tell how the problem stands",
        "/deploy update D-12 Found the cause",
        true,
        "update",
        to_people,
        on::update,
        after_start},
    Verb{
        "clean",
        "clean D-n",
        "After 24 quiet hours: declare it clean",
        "/deploy clean D-12",
        true,
        "",
        to_people,
        on::clean,
        stage_set({Stage::watching})},
    Verb{
        "cancel",
        "cancel D-n reason",
        "Call a planned deployment off",
        "/deploy cancel D-12 Not needed",
        true,
        "cancel",
        to_people,
        on::cancel,
        before_start},
    Verb{
        "rollback",
        "rollback [D-n] [reason]",
        "Roll back now; no approval needed",
        "/rollback D-12 Errors at login",
        false,
        "rollback",
        to_people,
        on::rollback,
        any_stage},
    Verb{
        "rolledback",
        "rolledback D-n",
        "The old version works: its smoke tests pass",
        "/deploy rolledback D-12",
        true,
        "",
        to_people,
        on::rolledback,
        stage_set({Stage::rolling_back})},
    Verb{
        "hold",
        "hold D-n",
        "Stop an automatic rollback before it begins",
        "/deploy hold D-12",
        true,
        "",
        to_people,
        on::hold,
        stage_set({Stage::deploying, Stage::watching})},
    Verb{
        "freeze",
        "freeze [service] for 2h reason",
        "Stop deployments for a while",
        "/deploy freeze web for 2h Sale",
        false,
        "freeze",
        to_people,
        on::freeze,
        any_stage},
    Verb{
        "thaw",
        "thaw [service]",
        "End a freeze",
        "/deploy thaw web",
        false,
        "",
        to_people,
        on::thaw,
        any_stage},
    Verb{
        "unlock",
        "unlock service [reason]",
        "Allow deployments again after a rollback",
        "/deploy unlock web",
        false,
        "",
        to_people,
        on::unlock,
        any_stage},
    Verb{
        "oncall",
        "oncall",
        "Who is on call now and next",
        "/deploy oncall",
        false,
        "",
        to_people,
        on::oncall,
        any_stage},
    Verb{
        "swap",
        "oncall swap @person when for 6h",
        "Somebody else takes a stretch of on-call",
        "/deploy oncall swap @bob tue 22:00 for 6h",
        false,
        "swap",
        to_people,
        on::swap,
        any_stage},
    Verb{
        "confirm",
        "oncall confirm [D-n]",
        "I am on call then and know it",
        "/deploy oncall confirm",
        false,
        "",
        to_people,
        on::confirm,
        any_stage},
    Verb{
        "runbook",
        "runbook [section]",
        "The runbook, or one section of it",
        "/deploy runbook Rollback Commands",
        false,
        "",
        to_people,
        on::runbook,
        any_stage},
    Verb{
        "runbook_reviewed",
        "runbook reviewed [note]",
        "The quarterly review is done",
        "/deploy runbook reviewed",
        false,
        "",
        to_people,
        on::runbook_reviewed,
        any_stage},
    Verb{
        "postmortem",
        "postmortem D-n [link]",
        "The draft again, or link the finished one",
        "/deploy postmortem D-12",
        true,
        "postmortem",
        to_people,
        on::postmortem,
        stage_set({Stage::rolling_back, Stage::rolled_back})},
    Verb{
        "history",
        "history [D-n]",
        "Everything that happened to a deployment",
        "/deploy history D-12",
        false,
        "",
        to_people,
        on::history,
        any_stage},
    Verb{
        "help",
        "help [verb]",
        "This list, or one verb; `help pipeline` shows the tables",
        "/deploy help plan",
        false,
        "",
        to_people,
        on::help,
        any_stage},
    Verb{"reply", "", "", "", true, "", to_people, on::reply, any_stage},
    Verb{"timer", "", "", "", false, "", to_bot, on::timer, any_stage},
    Verb{"signal", "", "", "", false, "", to_bot, on::signal, any_stage},
    Verb{"action_result", "", "", "", true, "", to_bot, on::action_result, any_stage},
};

struct Spelling {
    std::string_view other, name;
};

constexpr std::array spellings{
    Spelling{"sign-off", "signoff"},
    Spelling{"exception", "except"},
    Spelling{"roll-back", "rollback"},
    Spelling{"rolled-back", "rolledback"},
    Spelling{"on-call", "oncall"},
    Spelling{"post-mortem", "postmortem"},
};

/// Whether the button or modal was shown for another revision. A rollback is never held up by that.
bool is_stale(const Request& request, const Snapshot& snapshot)
{
    return snapshot.deployment && request.expected_revision && request.verb != "rollback" &&
           *request.expected_revision != snapshot.deployment->revision;
}

}  // namespace

std::span<const Verb> verbs() { return table; }

const Verb* find_verb(std::string_view name)
{
    for (const auto& spelling : spellings) {
        name = name == spelling.other ? spelling.name : name;
    }
    const auto* found =
        std::find_if(table.begin(), table.end(), [&](const Verb& verb) { return verb.name == name; });
    return found == table.end() ? nullptr : found;
}

bool wants_modal(const Request& request)
{
    const auto* verb = find_verb(request.verb);
    const bool can_be_asked =
        request.source == Source::slash || request.source == Source::button || request.source == Source::home;
    if (verb == nullptr || verb->modal.empty() || !can_be_asked) {
        return false;
    }
    if (verb->name == "plan" || verb->name == "amend" || verb->name == "issue") {
        return !request.fields.contains("what");
    }
    if (verb->name == "signoff" ||
        verb->name == "rollback") {  // one press does it, unless more is to be said
        return request.fields.contains("form") && request.deployment;
    }
    if (verb->name == "done") {  // typed, it is said at once
        return request.source != Source::slash && !request.fields.contains("known_issues");
    }
    if (verb->name == "postmortem") {  // without a link it shows the draft
        return request.fields.contains("file") && !request.fields.contains("link");
    }
    if (verb->name == "tick") {
        return request.fields.contains("checklist") && !request.fields.contains("items") &&
               !request.fields.contains("item");
    }
    // The others need one thing said in words, typed after the verb or given by the button.
    constexpr std::array told_by{"reason", "starts_at", "what", "note", "duration", "user"};
    return request.text.empty() && std::none_of(told_by.begin(), told_by.end(), [&](const char* key) {
               return request.fields.contains(key);
           });
}

std::string nearest_verb(std::string_view word)
{
    std::string_view nearest;
    std::size_t distance = word.size() < 4 ? 2 : 3;  // farther ones would be a guess
    const auto consider = [&](std::string_view name) {
        if (const auto candidate = edit_distance(word, name); candidate < distance) {
            nearest = name;
            distance = candidate;
        }
    };
    for (const auto& verb : table) {
        if (!verb.usage.empty()) {
            consider(verb.name);
        }
    }
    for (const auto& spelling : spellings) {
        consider(spelling.other);
    }
    return std::string(nearest);
}

Result<void> admit(const Request& request, const Snapshot& snapshot)
{
    const auto* verb = find_verb(request.verb);
    if (verb == nullptr) {
        return refuse(say("verb_unknown", {{"word", request.verb}, {"nearest", nearest_verb(request.verb)}}));
    }
    // Ordinary talk in a thread is nobody's business; `reply` asks for authority once it knows that a
    // sign-off was meant.
    const bool overheard = verb->decide == on::reply;
    if (const auto actor = authorize_actor(*verb, request, snapshot); !overheard && !actor) {
        return actor.error();
    }
    if (verb->needs_deployment && !request.deployment) {
        return refuse(say("deployment_missing", {{"usage", std::string(verb->usage)}}));
    }
    if (request.deployment && !snapshot.deployment) {
        return refuse(say("deployment_unknown", {{"deployment", to_string(*request.deployment)}}));
    }
    if (const auto allowed = authorize(*verb, request, snapshot); !overheard && !allowed) {
        return allowed.error();
    }
    if (is_stale(request, snapshot)) {
        return refuse(say("stale_revision", {{"deployment", to_string(snapshot.deployment->id)}}));
    }
    if (snapshot.deployment) {
        if (const auto stage = on::in_stage(snapshot, verb->stages); !stage) {
            return stage.error();
        }
    }
    return {};
}

Result<Decision> decide(const Request& request, const Snapshot& snapshot)
{
    if (const auto admitted = admit(request, snapshot); !admitted) {
        return admitted.error();
    }
    return find_verb(request.verb)->decide(request, snapshot);
}

}  // namespace slipway
