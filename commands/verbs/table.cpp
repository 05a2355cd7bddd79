#include "commands/verbs/table.hpp"

#include "commands/text/edit_distance.hpp"
#include "commands/verbs/authority.hpp"
#include "commands/verbs/forms.hpp"
#include "commands/verbs/slash.hpp"
#include "commands/verbs/verbs.hpp"

#include <algorithm>

namespace slipway {

namespace {

using enum Offered;
using enum FormField::Kind;
namespace on = decisions;

constexpr auto after_start =
    stage_set({Stage::deploying, Stage::watching, Stage::rolling_back, Stage::rolled_back});

const std::vector<Verb>& table()
{
    static const std::vector<Role> on_duty{Role::on_call, Role::dev_lead};
    static const std::vector<Role> leads{Role::dev_lead, Role::product_lead, Role::rnd_lead};
    static const std::vector<Role> team{
        Role::developer, Role::dev_lead, Role::product_lead, Role::rnd_lead, Role::account_manager};
    static const std::vector<Role> vouchers{
        Role::developer, Role::dev_lead, Role::product_lead, Role::requestor, Role::on_call};
    static const std::vector<Verb> rows{
        {
            .name = "overview",
            .decide = on::overview,
        },
        {
            .name = "plan",
            .usage = "plan [what]",
            .summary = "Plan a deployment",
            .example = "/deploy plan Faster search",
            .label = "Plan",
            .who = {.roles = {Role::developer, Role::dev_lead, Role::product_lead}},
            .reads = Reads::issue,
            .parse = take_plan,
            .form = {.title = "Plan a deployment", .submit = "Plan it", .fields = plan_fields()},
            .asked_unless = {"what"},
            .typed = Typed::begins_the_form,
            .decide = on::plan,
        },
        {
            .name = "list",
            .usage = "list",
            .summary = "All deployments in progress",
            .example = "/deploy list",
            .decide = on::list,
        },
        {
            .name = "status",
            .usage = "status [D-n]",
            .summary = "Where a deployment stands",
            .example = "/deploy status D-12",
            .decide = on::status,
        },
        {
            .name = "check",
            .usage = "check D-n",
            .summary = "Would it start now? If not, why not?",
            .example = "/deploy check D-12",
            .label = "Check readiness",
            .needs_deployment = true,
            .stages = before_start,
            .reads = Reads::github,
            .decide = on::check,
        },
        {
            .name = "signoff",
            .also = "sign-off",
            .usage = "signoff D-n [note]",
            .summary = "Sign off a plan",
            .example = "/deploy signoff D-12",
            .label = "Sign off",
            .needs_deployment = true,
            .who = {.rule = may_sign},
            .stages = before_start,
            .reads = Reads::head,
            .form =
                {.title = "Sign off",
                 .submit = "Sign off",
                 .fields = {{.key = "note", .label = "Note", .kind = lines, .optional = true}}},
            .asked_if = "form",
            .decide = on::signoff,
        },
        {
            .name = "withdraw",
            .usage = "withdraw D-n",
            .summary = "Take your sign-off back",
            .example = "/deploy withdraw D-12",
            .label = "Withdraw sign-off",
            .needs_deployment = true,
            .stages = before_start,
            .decide = on::withdraw,
        },
        {
            .name = "decline",
            .usage = "decline D-n reason",
            .summary = "Say no, and why",
            .example = "/deploy decline D-12 Totals are off",
            .label = "Decline",
            .needs_deployment = true,
            .who = {.rule = may_sign},
            .stages = before_start,
            .form =
                {.title = "Decline",
                 .submit = "Decline",
                 .fields = {{.key = "reason", .label = "Reason", .kind = lines}}},
            .asked_unless = {"reason"},
            .decide = on::decline,
        },
        {
            .name = "delegate",
            .usage = "delegate D-n @person",
            .summary = "Ask someone else to sign off in your place",
            .example = "/deploy delegate D-12 @jane",
            .label = "Ask someone else",
            .needs_deployment = true,
            .who = {.rule = may_sign},
            .stages = before_start,
            .form =
                {.title = "Ask someone else",
                 .submit = "Ask them",
                 .fields = {{.key = "user", .label = "Who signs instead", .kind = person}}},
            .asked_unless = {"user"},
            .decide = on::delegate,
        },
        {
            .name = "amend",
            .usage = "amend D-n",
            .summary = "Change the plan; sign-offs start again",
            .example = "/deploy amend D-12",
            .label = "Amend",
            .needs_deployment = true,
            .who = {.roles = {Role::author, Role::dev_lead}},
            .stages = before_start,
            .reads = Reads::issue,
            .form = {.title = "Change", .fields = plan_fields()},
            .asked_unless = {"what"},
            .typed = Typed::begins_the_form,
            .decide = on::amend,
        },
        {
            .name = "reschedule",
            .usage = "reschedule D-n when",
            .summary = "Change the time",
            .example = "/deploy reschedule D-12 wed 22:00 for 45m",
            .label = "Reschedule",
            .confirm = "confirm_reschedule",
            .needs_deployment = true,
            .who = {.roles = {Role::author, Role::on_call, Role::dev_lead}},
            .stages = before_start,
            .form = {.title = "Move", .fields = reschedule_fields()},
            .asked_unless = {"starts_at", "duration"},
            .decide = on::reschedule,
        },
        {
            .name = "tick",
            .usage = "tick D-n list [item]",
            .summary = "Tick items of a checklist",
            .example = "/deploy tick D-12 smoke login",
            .needs_deployment = true,
            .who = {.roles = vouchers, .rule = may_tick},
            .parse = take_item,
            .form =
                {.fields = {{.key = "items", .label = "Tick what is true", .kind = ticks, .optional = true}}},
            .asked_if = "checklist",
            .asked_unless = {"items", "item"},
            .decide = on::tick,
        },
        {
            .name = "untick",
            .usage = "untick D-n list item",
            .summary = "Clear a tick",
            .example = "/deploy untick D-12 smoke login",
            .needs_deployment = true,
            .who = {.roles = vouchers, .rule = may_tick},
            .parse = take_item,
            .decide = on::untick,
        },
        {
            .name = "go",
            .usage = "go D-n",
            .summary = "The Dev Lead's go",
            .example = "/deploy go D-12",
            .label = "Go",
            .needs_deployment = true,
            .who = {.roles = {Role::dev_lead}},
            .stages = before_start,
            .decide = on::go,
        },
        {
            .name = "ready",
            .usage = "ready D-n",
            .summary = "On-call: I'll be here for the window and two hours after",
            .example = "/deploy ready D-12",
            .label = "Ready",
            .needs_deployment = true,
            .who = {.rule = may_be_ready},
            .stages = before_start,
            .decide = on::ready,
        },
        {
            .name = "except",
            .also = "exception",
            .usage = "exception D-n reason",
            .summary = "Record an exception for what isn't met",
            .example = "/deploy exception D-12 Login is down",
            .label = "Exception",
            .needs_deployment = true,
            .who = {.rule = may_record_exception},
            .stages = before_start,
            .reads = Reads::github,
            .form =
                {.title = "Record exception",
                 .submit = "Record it",
                 .fields = {{.key = "reason", .label = "Reason", .kind = lines}}},
            .asked_unless = {"reason"},
            .decide = on::except,
        },
        {
            .name = "review",
            .usage = "review D-n note",
            .summary = "The retroactive review of an exception",
            .example = "/deploy review D-12 The right call",
            .needs_deployment = true,
            .who = {.roles = {Role::dev_lead}},
            .decide = on::review,
        },
        {
            .name = "start",
            .usage = "start D-n [reason]",
            .summary = "Start it (with a reason: as an exception)",
            .example = "/deploy start D-12",
            .label = "Start",
            .confirm = "confirm_start",
            .needs_deployment = true,
            .who = {.roles = on_duty},
            .stages = before_start,
            .reads = Reads::github,
            .decide = on::start,
        },
        {
            .name = "wait",
            .usage = "wait D-n",
            .summary = "Tell me when its service is free",
            .example = "/deploy wait D-12",
            .label = "Tell me when it is free",
            .needs_deployment = true,
            .stages = before_start,
            .decide = on::wait,
        },
        {
            .name = "step",
            .usage = "step D-n name",
            .summary = "Mark a step as done",
            .example = "/deploy step D-12 merge",
            .needs_deployment = true,
            .who = {.roles = on_duty},
            .stages = stage_set({Stage::planned, Stage::signed_off, Stage::deploying, Stage::rolling_back}),
            .decide = on::step,
        },
        {
            .name = "retry",
            .usage = "retry D-n [action]",
            .summary = "Run again what failed: the deploy, or a rollback step",
            .example = "/deploy retry D-12",
            .label = "Run again",
            .confirm = "confirm_retry",
            .needs_deployment = true,
            .who = {.roles = on_duty},
            .stages = stage_set({Stage::deploying, Stage::rolling_back}),
            .decide = on::retry,
        },
        {
            .name = "flag",
            .usage = "flag D-n stage",
            .summary = "Move the feature flag: off, internal, subset, all",
            .example = "/deploy flag D-12 internal",
            .confirm = "confirm_flag",
            .needs_deployment = true,
            .who = {.roles = {Role::on_call, Role::dev_lead, Role::product_lead}},
            .stages = stage_set({Stage::deploying, Stage::watching, Stage::done, Stage::rolling_back}),
            .decide = on::flag,
        },
        {
            .name = "done",
            .usage = "done D-n [known issues]",
            .summary = "Smoke tests passed: announce it and begin the watch",
            .example = "/deploy done D-12",
            .label = "Done",
            .needs_deployment = true,
            .who = {.roles = on_duty},
            .stages = stage_set({Stage::deploying}),
            .form =
                {.title = "Announce",
                 .submit = "Announce",
                 .fields =
                     {{.key = "known_issues",
                       .label = "Known issues",
                       .kind = lines,
                       .optional = true,
                       .hint = "None",
                       .initial = what_is_open}}},
            .asked_unless = {"known_issues"},
            .typed = Typed::answers,
            .decide = on::done,
        },
        {
            .name = "issue",
            .usage = "issue D-n [what]",
            .summary = "Escalate a problem",
            .example = "/deploy issue D-12",
            .label = "Report issue",
            .needs_deployment = true,
            .who = {.roles = team},
            .stages = stage_set({Stage::deploying, Stage::watching, Stage::rolling_back}),
            .form = {.title = "Report a problem", .submit = "Report", .fields = issue_fields()},
            .asked_unless = {"what"},
            .typed = Typed::begins_the_form,
            .decide = on::issue,
        },
        {
            .name = "update",
            .usage = "update D-n what",
            .summary = "Say where the problem stands",
            .example = "/deploy update D-12 Found the cause",
            .label = "Update",
            .needs_deployment = true,
            .who = {.roles = on_duty},
            .stages = after_start,
            .form = {.title = "Update on", .fields = update_fields()},
            .asked_unless = {"note"},
            .decide = on::update,
        },
        {
            .name = "clean",
            .usage = "clean D-n",
            .summary = "Declare it clean after 24 quiet hours",
            .example = "/deploy clean D-12",
            .label = "Declare clean",
            .confirm = "confirm_clean",
            .needs_deployment = true,
            .who = {.roles = {Role::on_call}},
            .stages = stage_set({Stage::watching}),
            .decide = on::clean,
        },
        {
            .name = "cancel",
            .usage = "cancel D-n reason",
            .summary = "Call off a planned deployment",
            .example = "/deploy cancel D-12 Not needed",
            .label = "Cancel",
            .needs_deployment = true,
            .who = {.roles = {Role::author, Role::on_call, Role::dev_lead, Role::product_lead}},
            .stages = before_start,
            .form =
                {.title = "Cancel",
                 .submit = "Cancel deployment",
                 .fields = {{.key = "reason", .label = "Reason", .kind = lines}}},
            .asked_unless = {"reason"},
            .decide = on::cancel,
        },
        {
            .name = "rollback",
            .also = "roll-back",
            .usage = "rollback [D-n] [reason]",
            .summary = "Roll back now; no approval needed",
            .example = "/rollback D-12 Errors at login",
            .label = "Roll back",
            .style = "danger",
            .confirm = "confirm_rollback",
            .is_command = true,
            .never_stale = true,
            .who = {.roles = on_duty, .of_a_deployment = true},
            .form =
                {.title = "Roll back",
                 .submit = "Roll back",
                 .fields = {{.key = "reason", .label = "Reason", .kind = lines, .optional = true}}},
            .asked_if = "form",
            .decide = on::rollback,
        },
        {
            .name = "rolledback",
            .also = "rolled-back",
            .usage = "rolledback D-n",
            .summary = "The old version works: its smoke tests pass",
            .example = "/deploy rolledback D-12",
            .label = "Confirm rollback works",
            .confirm = "confirm_rolledback",
            .needs_deployment = true,
            .who = {.roles = on_duty},
            .stages = stage_set({Stage::rolling_back}),
            .decide = on::rolledback,
        },
        {
            .name = "hold",
            .usage = "hold D-n",
            .summary = "Stop an automatic rollback before it begins",
            .example = "/deploy hold D-12",
            .label = "Cancel rollback",
            .needs_deployment = true,
            .who = {.roles = on_duty},
            .stages = stage_set({Stage::deploying, Stage::watching}),
            .decide = on::hold,
        },
        {
            .name = "freeze",
            .usage = "freeze [service] for 2h reason",
            .summary = "Stop deployments for a while",
            .example = "/deploy freeze web for 2h Sale",
            .label = "Freeze",
            .who = {.roles = leads},
            .form =
                {.title = "Freeze",
                 .submit = "Freeze deployments",
                 .fields =
                     {{.key = "service", .label = "Service", .kind = choice, .choices = all_or_a_service},
                      {.key = "duration", .label = "Duration", .hint = "2h"},
                      {.key = "reason", .label = "Reason"}}},
            .asked_unless = {"duration", "reason"},
            .decide = on::freeze,
        },
        {
            .name = "thaw",
            .usage = "thaw [service]",
            .summary = "End a freeze",
            .example = "/deploy thaw web",
            .who = {.roles = leads},
            .decide = on::thaw,
        },
        {
            .name = "unlock",
            .usage = "unlock service [reason]",
            .summary = "Allow deployments again after a rollback",
            .example = "/deploy unlock web",
            .confirm = "confirm_unlock",
            .who = {.roles = {Role::dev_lead}},
            .decide = on::unlock,
        },
        {
            .name = "oncall",
            .also = "on-call",
            .usage = "oncall",
            .summary = "Who is on call now and next",
            .example = "/deploy oncall",
            .decide = on::oncall,
        },
        {
            .name = "swap",
            .usage = "oncall swap @person when for 6h",
            .summary = "Hand a stretch of on-call to someone",
            .example = "/deploy oncall swap @bob tue 22:00 for 6h",
            .who = {.roles = {Role::developer, Role::dev_lead}},
            .form =
                {.title = "Swap on-call",
                 .fields =
                     {{.key = "user", .label = "Who takes over", .kind = person},
                      {.key = "from", .label = "From", .hint = "tue 22:00"},
                      {.key = "to", .label = "For how long", .hint = "6h"}}},
            .asked_unless = {"user"},
            .decide = on::swap,
        },
        {
            .name = "confirm",
            .usage = "oncall confirm [D-n]",
            .summary = "Confirm that I'm on call",
            .example = "/deploy oncall confirm",
            .label = "Confirm",
            .who = {.roles = {Role::developer, Role::dev_lead, Role::on_call}},
            .decide = on::confirm,
        },
        {
            .name = "runbook",
            .usage = "runbook [section]",
            .summary = "The runbook, or one section of it",
            .example = "/deploy runbook Rollback Commands",
            .label = "Runbook",
            .reads = Reads::runbook,
            .decide = on::runbook,
        },
        {
            .name = "runbook_reviewed",
            .usage = "runbook reviewed [note]",
            .summary = "The quarterly review is done",
            .example = "/deploy runbook reviewed",
            .who = {.roles = {Role::dev_lead}},
            .decide = on::runbook_reviewed,
        },
        {
            .name = "postmortem",
            .also = "post-mortem",
            .usage = "postmortem D-n [link]",
            .summary = "Show the draft, or file the finished one",
            .example = "/deploy postmortem D-12",
            .label = "Post-mortem draft",
            .needs_deployment = true,
            .who = {.roles = team},
            .stages = stage_set({Stage::rolling_back, Stage::rolled_back}),
            .form =
                {.title = "File post-mortem",
                 .fields = {{.key = "link", .label = "Where it is", .hint = "https://"}}},
            .asked_if = "file",
            .asked_unless = {"link"},
            .decide = on::postmortem,
        },
        {
            .name = "history",
            .usage = "history [D-n]",
            .summary = "Everything that happened to a deployment",
            .example = "/deploy history D-12",
            .decide = on::history,
        },
        {
            .name = "help",
            .usage = "help [verb]",
            .summary = "This list, or one verb; `help pipeline` shows the tables",
            .example = "/deploy help plan",
            .decide = on::help,
        },
        {
            .name = "reply",
            .needs_deployment = true,
            .offered = in_threads,
            .reads = Reads::head,
            .decide = on::reply,
        },
        {
            .name = "mention",
            .offered = in_threads,
            .decide = on::mention_of_bot,
        },
        {
            .name = "timer",
            .offered = to_bot,
            .decide = on::timer,
        },
        {
            .name = "signal",
            .offered = to_bot,
            .decide = on::signal,
        },
        {
            .name = "action_result",
            .needs_deployment = true,
            .offered = to_bot,
            .decide = on::action_result,
        },
    };
    return rows;
}

}  // namespace

std::span<const Verb> verbs() { return table(); }

const Verb* find_verb(std::string_view name)
{
    const auto& rows = table();
    const auto found = std::find_if(rows.begin(), rows.end(), [&](const Verb& verb) {
        return verb.name == name || (!verb.also.empty() && verb.also == name);
    });
    return found == rows.end() ? nullptr : &*found;
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
    for (const auto& verb : table()) {
        if (!verb.usage.empty()) {
            consider(verb.name);
        }
    }
    for (const auto& verb : table()) {
        if (!verb.also.empty()) {
            consider(verb.also);
        }
    }
    return std::string(nearest);
}

}  // namespace slipway
