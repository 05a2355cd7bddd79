#include "commands/verbs/table.hpp"

#include "commands/text/edit_distance.hpp"
#include "commands/verbs/authority.hpp"
#include "commands/verbs/shared.hpp"
#include "commands/verbs/verbs.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace slipway {

namespace {

using enum Offered;
namespace on = decisions;

constexpr auto after_start =
    stage_set({Stage::deploying, Stage::watching, Stage::rolling_back, Stage::rolled_back});

// Without a usage a verb stays out of help.
constexpr std::array table{
    Verb{
        .name = "overview",
        .decide = on::overview,
    },
    Verb{
        .name = "plan",
        .usage = "plan [what]",
        .summary = "Plan a deployment",
        .example = "/deploy plan Faster search",
        .modal = "plan",
        .decide = on::plan,
    },
    Verb{
        .name = "list",
        .usage = "list",
        .summary = "All deployments under way",
        .example = "/deploy list",
        .decide = on::list,
    },
    Verb{
        .name = "status",
        .usage = "status [D-n]",
        .summary = "Where a deployment stands",
        .example = "/deploy status D-12",
        .decide = on::status,
    },
    Verb{
        .name = "check",
        .usage = "check D-n",
        .summary = "Would it start now, and if not, why",
        .example = "/deploy check D-12",
        .needs_deployment = true,
        .decide = on::check,
        .stages = before_start,
    },
    Verb{
        .name = "signoff",
        .usage = "signoff D-n [note]",
        .summary = "Sign a plan off",
        .example = "/deploy signoff D-12",
        .needs_deployment = true,
        .modal = "signoff",
        .decide = on::signoff,
        .stages = before_start,
    },
    Verb{
        .name = "withdraw",
        .usage = "withdraw D-n",
        .summary = "Take your sign-off back",
        .example = "/deploy withdraw D-12",
        .needs_deployment = true,
        .decide = on::withdraw,
        .stages = before_start,
    },
    Verb{
        .name = "decline",
        .usage = "decline D-n reason",
        .summary = "Say no, and why",
        .example = "/deploy decline D-12 Totals are off",
        .needs_deployment = true,
        .modal = "decline",
        .decide = on::decline,
        .stages = before_start,
    },
    Verb{
        .name = "delegate",
        .usage = "delegate D-n @person",
        .summary = "Ask somebody else for the sign-off that waits for you",
        .example = "/deploy delegate D-12 @jane",
        .needs_deployment = true,
        .modal = "delegate",
        .decide = on::delegate,
        .stages = before_start,
    },
    Verb{
        .name = "amend",
        .usage = "amend D-n",
        .summary = "Change the plan; sign-offs start again",
        .example = "/deploy amend D-12",
        .needs_deployment = true,
        .modal = "amend",
        .decide = on::amend,
        .stages = before_start,
    },
    Verb{
        .name = "reschedule",
        .usage = "reschedule D-n when",
        .summary = "Change the time",
        .example = "/deploy reschedule D-12 wed 22:00 for 45m",
        .needs_deployment = true,
        .modal = "reschedule",
        .decide = on::reschedule,
        .stages = before_start,
    },
    Verb{
        .name = "tick",
        .usage = "tick D-n list [item]",
        .summary = "Tick items of a checklist",
        .example = "/deploy tick D-12 smoke login",
        .needs_deployment = true,
        .modal = "checklist",
        .decide = on::tick,
    },
    Verb{
        .name = "untick",
        .usage = "untick D-n list item",
        .summary = "Clear a tick",
        .example = "/deploy untick D-12 smoke login",
        .needs_deployment = true,
        .decide = on::untick,
    },
    Verb{
        .name = "go",
        .usage = "go D-n",
        .summary = "The Dev Lead's go",
        .example = "/deploy go D-12",
        .needs_deployment = true,
        .decide = on::go,
        .stages = before_start,
    },
    Verb{
        .name = "ready",
        .usage = "ready D-n",
        .summary = "On-call: I am here for the window and two hours after",
        .example = "/deploy ready D-12",
        .needs_deployment = true,
        .decide = on::ready,
        .stages = before_start,
    },
    Verb{
        .name = "except",
        .usage = "exception D-n reason",
        .summary = "Record an exception for what is unmet",
        .example = "/deploy exception D-12 Login is down",
        .needs_deployment = true,
        .modal = "except",
        .decide = on::except,
        .stages = before_start,
    },
    Verb{
        .name = "review",
        .usage = "review D-n note",
        .summary = "The retroactive review of an exception",
        .example = "/deploy review D-12 The right call",
        .needs_deployment = true,
        .decide = on::review,
    },
    Verb{
        .name = "start",
        .usage = "start D-n [reason]",
        .summary = "Start it; with a reason: as an exception",
        .example = "/deploy start D-12",
        .needs_deployment = true,
        .decide = on::start,
        .stages = before_start,
    },
    Verb{
        .name = "wait",
        .usage = "wait D-n",
        .summary = "Tell me when its service is free",
        .example = "/deploy wait D-12",
        .needs_deployment = true,
        .decide = on::wait,
        .stages = before_start,
    },
    Verb{
        .name = "step",
        .usage = "step D-n name",
        .summary = "Note a step as done",
        .example = "/deploy step D-12 merge",
        .needs_deployment = true,
        .decide = on::step,
        .stages = stage_set({Stage::planned, Stage::signed_off, Stage::deploying, Stage::rolling_back}),
    },
    Verb{
        .name = "retry",
        .usage = "retry D-n [action]",
        .summary = "Run again what failed: the deploy, or a step of the rollback",
        .example = "/deploy retry D-12",
        .needs_deployment = true,
        .decide = on::retry,
        .stages = stage_set({Stage::deploying, Stage::rolling_back}),
    },
    Verb{
        .name = "flag",
        .usage = "flag D-n stage",
        .summary = "Move the feature flag: off, internal, subset, all",
        .example = "/deploy flag D-12 internal",
        .needs_deployment = true,
        .decide = on::flag,
        .stages = stage_set({Stage::deploying, Stage::watching, Stage::done, Stage::rolling_back}),
    },
    Verb{
        .name = "done",
        .usage = "done D-n [known issues]",
        .summary = "Smoke tests passed: announce it and begin the watch",
        .example = "/deploy done D-12",
        .needs_deployment = true,
        .modal = "done",
        .decide = on::done,
        .stages = stage_set({Stage::deploying}),
    },
    Verb{
        .name = "issue",
        .usage = "issue D-n [what]",
        .summary = "Escalate a problem",
        .example = "/deploy issue D-12",
        .needs_deployment = true,
        .modal = "issue",
        .decide = on::issue,
        .stages = stage_set({Stage::deploying, Stage::watching, Stage::rolling_back}),
    },
    Verb{
        .name = "update",
        .usage = "update D-n what",
        .summary = "Tell how the problem stands",
        .example = "/deploy update D-12 Found the cause",
        .needs_deployment = true,
        .modal = "update",
        .decide = on::update,
        .stages = after_start,
    },
    Verb{
        .name = "clean",
        .usage = "clean D-n",
        .summary = "After 24 quiet hours: declare it clean",
        .example = "/deploy clean D-12",
        .needs_deployment = true,
        .decide = on::clean,
        .stages = stage_set({Stage::watching}),
    },
    Verb{
        .name = "cancel",
        .usage = "cancel D-n reason",
        .summary = "Call a planned deployment off",
        .example = "/deploy cancel D-12 Not needed",
        .needs_deployment = true,
        .modal = "cancel",
        .decide = on::cancel,
        .stages = before_start,
    },
    Verb{
        .name = "rollback",
        .usage = "rollback [D-n] [reason]",
        .summary = "Roll back now; no approval needed",
        .example = "/rollback D-12 Errors at login",
        .modal = "rollback",
        .decide = on::rollback,
    },
    Verb{
        .name = "rolledback",
        .usage = "rolledback D-n",
        .summary = "The old version works: its smoke tests pass",
        .example = "/deploy rolledback D-12",
        .needs_deployment = true,
        .decide = on::rolledback,
        .stages = stage_set({Stage::rolling_back}),
    },
    Verb{
        .name = "hold",
        .usage = "hold D-n",
        .summary = "Stop an automatic rollback before it begins",
        .example = "/deploy hold D-12",
        .needs_deployment = true,
        .decide = on::hold,
        .stages = stage_set({Stage::deploying, Stage::watching}),
    },
    Verb{
        .name = "freeze",
        .usage = "freeze [service] for 2h reason",
        .summary = "Stop deployments for a while",
        .example = "/deploy freeze web for 2h Sale",
        .modal = "freeze",
        .decide = on::freeze,
    },
    Verb{
        .name = "thaw",
        .usage = "thaw [service]",
        .summary = "End a freeze",
        .example = "/deploy thaw web",
        .decide = on::thaw,
    },
    Verb{
        .name = "unlock",
        .usage = "unlock service [reason]",
        .summary = "Allow deployments again after a rollback",
        .example = "/deploy unlock web",
        .decide = on::unlock,
    },
    Verb{
        .name = "oncall",
        .usage = "oncall",
        .summary = "Who is on call now and next",
        .example = "/deploy oncall",
        .decide = on::oncall,
    },
    Verb{
        .name = "swap",
        .usage = "oncall swap @person when for 6h",
        .summary = "Somebody else takes a stretch of on-call",
        .example = "/deploy oncall swap @bob tue 22:00 for 6h",
        .modal = "swap",
        .decide = on::swap,
    },
    Verb{
        .name = "confirm",
        .usage = "oncall confirm [D-n]",
        .summary = "I am on call then and know it",
        .example = "/deploy oncall confirm",
        .decide = on::confirm,
    },
    Verb{
        .name = "runbook",
        .usage = "runbook [section]",
        .summary = "The runbook, or one section of it",
        .example = "/deploy runbook Rollback Commands",
        .decide = on::runbook,
    },
    Verb{
        .name = "runbook_reviewed",
        .usage = "runbook reviewed [note]",
        .summary = "The quarterly review is done",
        .example = "/deploy runbook reviewed",
        .decide = on::runbook_reviewed,
    },
    Verb{
        .name = "postmortem",
        .usage = "postmortem D-n [link]",
        .summary = "The draft again, or link the finished one",
        .example = "/deploy postmortem D-12",
        .needs_deployment = true,
        .modal = "postmortem",
        .decide = on::postmortem,
        .stages = stage_set({Stage::rolling_back, Stage::rolled_back}),
    },
    Verb{
        .name = "history",
        .usage = "history [D-n]",
        .summary = "Everything that happened to a deployment",
        .example = "/deploy history D-12",
        .decide = on::history,
    },
    Verb{
        .name = "help",
        .usage = "help [verb]",
        .summary = "This list, or one verb; `help pipeline` shows the tables",
        .example = "/deploy help plan",
        .decide = on::help,
    },
    Verb{
        .name = "reply",
        .needs_deployment = true,
        .decide = on::reply,
    },
    Verb{
        .name = "timer",
        .offered = to_bot,
        .decide = on::timer,
    },
    Verb{
        .name = "signal",
        .offered = to_bot,
        .decide = on::signal,
    },
    Verb{
        .name = "action_result",
        .needs_deployment = true,
        .offered = to_bot,
        .decide = on::action_result,
    },
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

/// The service that `event` freezes, thaws, locks or unlocks; empty for all, none where it does no such
/// thing.
static std::optional<std::string> held_or_freed(const Event& event)
{
    if (const auto* begun = std::get_if<FreezeBegun>(&event)) {
        return begun->service;
    }
    if (const auto* ended = std::get_if<FreezeEnded>(&event)) {
        return ended->service;
    }
    if (const auto* locked = std::get_if<ServiceLocked>(&event)) {
        return locked->service;
    }
    if (const auto* unlocked = std::get_if<ServiceUnlocked>(&event)) {
        return unlocked->service;
    }
    return std::nullopt;
}

Result<Decision> decide(const Request& request, const Snapshot& snapshot)
{
    if (const auto admitted = admit(request, snapshot); !admitted) {
        return admitted.error();
    }
    auto result = find_verb(request.verb)->decide(request, snapshot);
    if (result) {
        for (const auto& event : result->team_events) {
            if (const auto service = held_or_freed(event)) {
                decisions::redraw_waiting(*result, *service, snapshot);
            }
        }
    }
    return result;
}

}  // namespace slipway
