#include "commands/pipeline/checklists.hpp"
#include "commands/pipeline/gates.hpp"
#include "commands/pipeline/lists.hpp"
#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/windows.hpp"
#include "templates/awaited.hpp"
#include "templates/markup.hpp"
#include "templates/offer.hpp"
#include "templates/people.hpp"

#include <algorithm>
#include <array>

namespace slipway::templates {

namespace json = boost::json;

namespace {

constexpr std::size_t longest_title = 80;
constexpr std::size_t longest_reason = 100;

/// The eight steps of the way. The enumerators are in its order.
enum class Step { planned, qa, sign_off, ready, deploying, smoke_tests, watching, done };

constexpr std::array step_words{
    "planned", "QA", "sign-off", "ready", "deploying", "smoke tests", "watching", "done"};

/// What nobody has to wait for: QA is skipped by whoever signs off without its list.
Step step_before_start(const Deployment& deployment, const Policy& policy)
{
    if (deployment.stage == Stage::signed_off) {
        return Step::ready;
    }
    const auto is_done = [&](const ChecklistItem& item) {
        return is_ticked(deployment, lists::qa, item.key);
    };
    const auto& list = policy.qa;
    if (!valid_sign_offs(deployment).empty() || std::all_of(list.begin(), list.end(), is_done)) {
        return Step::sign_off;
    }
    return std::any_of(list.begin(), list.end(), is_done) ? Step::qa : Step::planned;
}

/// How far the deployment came; of one that ended early, before it did.
Step step_of(const Deployment& deployment, const Policy& policy)
{
    if (!deployment.started) {
        return step_before_start(deployment, policy);
    }
    if (deployment.stage == Stage::done) {
        return Step::done;
    }
    if (deployment.finished_at) {
        return Step::watching;
    }
    const auto tests = deployment.ticks.find(lists::smoke);
    const bool is_tested = tests != deployment.ticks.end() && !tests->second.empty();
    return is_tested || is_ticked(deployment, lists::steps, "deploy") ? Step::smoke_tests : Step::deploying;
}

/// Where the way of a deployment broke off; empty where it goes on.
std::string broken_off(const Deployment& deployment)
{
    const bool breaks_off = deployment.stage == Stage::rolling_back ||
                            deployment.stage == Stage::rolled_back || deployment.stage == Stage::cancelled;
    return breaks_off ? to_string(deployment.stage) : "";
}

/// The way of a deployment in one line, the present step in bold.
std::string step_line(const Deployment& deployment, const Policy& policy)
{
    const auto present = static_cast<std::size_t>(step_of(deployment, policy));
    const auto end = broken_off(deployment);
    std::string line;
    for (std::size_t step = 0; step < step_words.size() && (end.empty() || step <= present); ++step) {
        const std::string word = step_words.at(step);
        line += (line.empty() ? "" : " \xE2\x86\x92 ");
        line += step == present && end.empty() ? "*" + word + "*" : word;
    }
    return line + (end.empty() ? "" : " \xE2\x86\x92 *" + end + "*");
}

std::string count_of(const std::string& name, const Deployment& deployment, const View& view)
{
    const auto list = conditions_of(name, deployment, as_snapshot(view));
    const auto hold =
        std::count_if(list.begin(), list.end(), [](const Condition& each) { return each.holds; });
    return std::to_string(hold) + "/" + std::to_string(list.size());
}

/// What GitHub says is known when somebody asks for it, and then it is no longer what it says now.
std::string gate1_count(const Deployment& deployment, const View& view)
{
    if (!is_read_from_github(deployment.plan, *view.policy)) {
        return "Gate 1 " + count_of(lists::gate1, deployment, view);
    }
    const auto list = conditions_of(lists::gate1, deployment, as_snapshot(view));
    const bool reviewed = !list.empty() && list.back().holds;
    return std::string("Gate 1 by GitHub") + (!deployment.plan.complex ? ""
                                              : reviewed               ? " (Dev Lead reviewed)"
                                                                       : " (Dev Lead's review open)");
}

std::string checklists(const Deployment& deployment, const View& view)
{
    switch (deployment.stage) {
        case Stage::planned:
        case Stage::signed_off:
            return "*Checklists*: " + gate1_count(deployment, view) + ", QA " +
                   count_of(lists::qa, deployment, view) + ", Gate 2 " +
                   count_of(lists::gate2, deployment, view) + ", pre-deployment " +
                   count_of(lists::pre_deployment, deployment, view);
        case Stage::rolling_back:
            return "*Smoke tests of the old version*: " + count_of(lists::rollback_smoke, deployment, view);
        case Stage::deploying:
        case Stage::watching:
            return "*Smoke tests*: " + count_of(lists::smoke, deployment, view);
        case Stage::done:
        case Stage::rolled_back:
        case Stage::cancelled:
            break;
    }
    return {};
}

/// What people have still to tick for the next act; what somebody has to say or sign is `awaited`.
std::vector<std::string> open_items(const Deployment& deployment, const View& view)
{
    std::vector<std::string> items;
    const auto add = [&](const char* list) {
        for (const auto& each : conditions_of(list, deployment, as_snapshot(view))) {
            if (!each.holds && !each.known_to_bot) {
                items.push_back(each.label);
            }
        }
    };
    if (before_start.contains(deployment.stage)) {
        if (!is_read_from_github(deployment.plan, *view.policy) || deployment.plan.complex) {
            add(lists::gate1);
        }
        add(lists::gate2);
        add(lists::pre_deployment);
    }
    else if (deployment.stage == Stage::deploying) {
        add(lists::smoke);
    }
    else if (deployment.stage == Stage::rolling_back) {
        add(lists::rollback_smoke);
    }
    return items;
}

std::string missing(const Deployment& deployment, const View& view)
{
    constexpr std::size_t most_named = 2;
    const auto items = open_items(deployment, view);
    if (items.empty()) {
        return {};
    }
    std::string named;
    for (std::size_t at = 0; at < std::min(items.size(), most_named); ++at) {
        named += (named.empty() ? "" : "; ") + items[at];
    }
    const auto more = items.size() > most_named ? std::to_string(items.size() - most_named) : "";
    return view.library->mrkdwn(say("card_missing", {{"items", named}, {"more", more}}));
}

/// The window that `at` is judged by, for sentences that name it.
json::object window_facts(Instant at, const Policy& policy)
{
    const auto judged = judge_start(at, policy);
    return {
        {"grade", to_string(judged.grade)},
        {"until", judged.window ? team_clock(judged.window->ends, policy) : ""}};
}

/// The moment that counts in this stage.
std::string when(const Deployment& deployment, const View& view)
{
    const auto& policy = *view.policy;
    const auto moment = [&](const char* sentence, Instant at, json::object facts = {}) {
        facts["team"] = team_time(at, policy);
        facts["reader"] = countdown_token(at, policy);
        return view.library->mrkdwn(Sentence{sentence, std::move(facts)});
    };
    const auto end_reason = shortened(one_line(deployment.end_reason), longest_reason);
    switch (deployment.stage) {
        case Stage::planned:
        case Stage::signed_off: {
            if (!deployment.starts_at) {
                return view.library->mrkdwn(say("card_no_time"));
            }
            auto facts = window_facts(*deployment.starts_at, policy);
            facts["minutes"] = std::to_string(deployment.duration.count());
            return moment("card_when", *deployment.starts_at, std::move(facts));
        }
        case Stage::deploying:
            return moment(
                "card_started", deployment.started->at, window_facts(deployment.started->at, policy)
            );
        case Stage::watching:
            return moment("card_watched", *deployment.finished_at + policy.watch_length);
        case Stage::rolling_back: {
            const auto reason = shortened(one_line(deployment.rollback->reason), longest_reason);
            return moment("card_rolling_back", *deployment.rollback_started_at, {{"reason", reason}});
        }
        case Stage::rolled_back:
        case Stage::done:
        case Stage::cancelled:
            return moment("card_ended", deployment.ended->at, {{"reason", end_reason}});
    }
    return {};
}

/// What nobody of this deployment can settle: its service is frozen when it is to start, or locked.
std::string held(const Deployment& deployment, const View& view)
{
    if (!before_start.contains(deployment.stage)) {
        return {};
    }
    const auto& service = deployment.plan.service;
    const auto start = std::max(deployment.starts_at.value_or(view.now), view.now);
    if (const auto locked = view.team->locked.find(service); locked != view.team->locked.end()) {
        return view.library->mrkdwn(
            say("card_locked", {{"service", service}, {"because_of", to_string(locked->second.because_of)}})
        );
    }
    if (const auto* freeze = freeze_of(deployment, start, *view.team)) {
        return view.library->mrkdwn(
            say("card_frozen",
                {{"until", team_time(freeze->until, *view.policy)},
                 {"owner", mention(freeze->owner)},
                 {"reason", shortened(one_line(freeze->reason), longest_reason)}})
        );
    }
    return {};
}

/// The newest decline: the one that its author has to do something about.
std::string declined(const Deployment& deployment, const View& view)
{
    if (deployment.declines.empty() || !before_start.contains(deployment.stage)) {
        return {};
    }
    const auto& newest = deployment.declines.back();
    const auto earlier = deployment.declines.size() - 1;
    return view.library->mrkdwn(
        say("card_declined",
            {{"person", mention(newest.user)},
             {"reason", shortened(one_line(newest.reason), longest_reason)},
             {"more", earlier == 0 ? "" : std::to_string(earlier)}})
    );
}

std::string trouble(const Deployment& deployment)
{
    const auto* issue = open_issue(deployment);
    return issue == nullptr ? std::string{}
                            : ":rotating_light: *" + to_string(issue->severity) + "* " +
                                  escape_mrkdwn(shortened(one_line(issue->raised.what), longest_reason)) +
                                  " (" + escape_mrkdwn(issue->status) + ")";
}

/// How long until the automatic rollback; the card is drawn anew while it counts down.
std::string countdown(const Deployment& deployment, const View& view)
{
    const auto begins = automatic_rollback_at(deployment);
    if (!begins) {
        return {};
    }
    const auto left = std::max(*begins - view.now, Instant::duration::zero());
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(left).count();
    return view.library->mrkdwn(say(
        "card_countdown", {{"seconds", std::to_string(seconds)}, {"at", team_clock(*begins, *view.policy)}}
    ));
}

std::string sign_off_line(const Deployment& deployment, const View& view)
{
    constexpr std::size_t most_named = 6;
    const auto given = valid_sign_offs(deployment);
    std::string people;
    for (std::size_t at = 0; at < std::min(given.size(), most_named); ++at) {
        const auto& user = given[at].given.user;
        people += (people.empty() ? "" : ", ") + (":white_check_mark: " + mention(user));
        people += view.deactivated.contains(user) ? " (deactivated since)" : "";
    }
    people += given.size() > most_named ? ", " + std::to_string(given.size() - most_named) + " more" : "";
    return "*Sign-offs*: " + (people.empty() ? "none yet" : people);
}

std::string links(const Deployment& deployment, const Policy& policy)
{
    const auto& plan = deployment.plan;
    std::string text = "*Service*: " + escape_mrkdwn(plan.service);
    if (!plan.linear_issue.empty()) {
        text += "   *Issue*: " + issue_link(plan.linear_issue, policy);
    }
    if (!plan.pull_request.empty()) {
        text += "   " + link(plan.pull_request, "Pull request");
    }
    if (!deployment.postmortem_link.empty()) {
        text += "   " + link(deployment.postmortem_link, "Post-mortem");
    }
    return text;
}

std::string people(const Deployment& deployment, const View& view)
{
    const auto gone = missing_on_call(deployment, view.now, *view.team, *view.policy);
    return "*On-call*: " + mention(on_call_for(deployment, view.now, *view.team, *view.policy)) +
           (gone.empty() ? "" : " (" + mention(gone) + " can no longer act in Slack)") +
           "   *Planned by*: " + mention(deployment.author);
}

json::object with_menu(
    const std::string& text,
    const Deployment& deployment,
    const char* name,
    const std::vector<Button>& shown,
    const View& view
)
{
    auto block = section(text);
    if (!shown.empty()) {
        block["accessory"] = menu(deployment, name, shown, view);
    }
    return block;
}

/// A section of those of `lines` that say something; each but the first begins a line.
std::string joined(std::initializer_list<std::string> lines)
{
    std::string text;
    for (const auto& line : lines) {
        text += line.empty() ? "" : (text.empty() ? "" : "\n") + line;
    }
    return text;
}

}  // namespace

SlackMessage card(const Deployment& deployment, const View& view)
{
    const auto title = to_string(deployment.id) + " " + one_line(deployment.plan.what);
    const auto offer = offer_of(deployment, view);
    json::array blocks{
        json::object{{"type", "header"}, {"text", plain_text(title, longest_title)}},
        section(joined(
            {step_line(deployment, *view.policy),
             trouble(deployment),
             countdown(deployment, view),
             held(deployment, view),
             declined(deployment, view),
             awaited(deployment, view),
             missing(deployment, view),
             when(deployment, view)}
        )),
    };
    json::array row;
    for (const auto& each : offer.row) {
        row.push_back(button(deployment, each, view));
    }
    if (!offer.more.empty()) {
        row.push_back(menu(deployment, "more", offer.more, view));
    }
    if (!row.empty()) {
        blocks.push_back(json::object{{"type", "actions"}, {"elements", std::move(row)}});
    }
    blocks.push_back(section(joined({people(deployment, view), links(deployment, *view.policy)})));
    if (deployment.stage != Stage::cancelled) {
        blocks.push_back(
            with_menu(sign_off_line(deployment, view), deployment, "sign_offs", offer.sign_offs, view)
        );
    }
    if (const auto counted = checklists(deployment, view); !counted.empty()) {
        blocks.push_back(with_menu(counted, deployment, "lists", offer.lists, view));
    }
    return {shortened(escape_mrkdwn(title), 3'000) + ": " + to_string(deployment.stage), std::move(blocks)};
}

}  // namespace slipway::templates
