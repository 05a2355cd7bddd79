#include "commands/pipeline/gates.hpp"
#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/unicode.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/verbs/verbs.hpp"
#include "templates/buttons.hpp"
#include "templates/markup.hpp"
#include "templates/people.hpp"
#include "templates/render.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace slipway::templates {

namespace json = boost::json;

namespace {

constexpr std::size_t longest_value = 2'000;  // of a button, in code points
constexpr std::size_t longest_label = 75;

/// `value` as the button carries it: a reason or a note that does not fit is shortened, the longest first.
std::string packed(json::object value)
{
    auto text = json::serialize(value);
    while (from_utf8(text).size() > longest_value) {
        json::value* longest = nullptr;
        for (auto& [key, given] : value) {
            if (given.is_string() &&
                (longest == nullptr || given.get_string().size() > longest->get_string().size())) {
                longest = &given;
            }
        }
        if (longest == nullptr) {
            throw std::logic_error("a button's value is too long: " + shortened(text, longest_label));
        }
        const std::string whole(longest->get_string());
        *longest = json::value(shortened(whole, from_utf8(whole).size() / 2));
        text = json::serialize(value);
    }
    return text;
}

std::string action_id_of(const Button& shown)
{
    return "verb:" + shown.verb + (shown.suffix.empty() ? "" : ":" + shown.suffix);
}

}  // namespace

Snapshot as_snapshot(const View& view)
{
    Snapshot snapshot;
    snapshot.now = view.now;
    snapshot.policy = view.policy;
    snapshot.roles = view.roles;
    snapshot.team = *view.team;
    return snapshot;
}

std::string mention(const UserId& user) { return user.empty() ? "nobody" : "<@" + user.str() + ">"; }

std::string name_in_markdown(const UserId& user, const View& view)
{
    const auto found = view.names.find(user);
    return user.empty() ? "nobody" : escape_markdown(found == view.names.end() ? user.str() : found->second);
}

std::string date_token(Instant at, const Policy& policy)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count();
    return "<!date^" + std::to_string(seconds) + "^{date_short_pretty} {time}|" + team_time(at, policy) + ">";
}

std::string issue_url(const std::string& identifier) { return "https://linear.app/issue/" + identifier; }

json::object button_value(const Deployment& deployment)
{
    return {{"v", 1}, {"d", deployment.id.number}, {"r", deployment.revision}};
}

json::object button(const Deployment& deployment, const Button& shown)
{
    return button(button_value(deployment), shown);
}

json::object button(json::object value, const Button& shown)
{
    for (const auto& [key, given] : shown.fields) {
        value[key] = given;
    }
    json::object block{
        {"type", "button"},
        {"action_id", action_id_of(shown)},
        {"text", plain_text(shown.label, longest_label)},
        {"value", packed(std::move(value))},
    };
    if (!shown.style.empty()) {
        block["style"] = shown.style;
    }
    if (!shown.confirm.empty()) {
        block["confirm"] = {
            {"title", plain_text("Are you sure?", 100)},
            {"text", plain_text(shown.confirm, 300)},
            {"confirm", plain_text(shown.label, 30)},
            {"deny", plain_text("Not now", 30)},
        };
    }
    return block;
}

json::object menu(const Deployment& deployment, const std::string& name, const std::vector<Button>& shown)
{
    constexpr std::size_t longest_option = 150;
    json::array options;
    for (const auto& each : shown) {
        auto value = button_value(deployment);
        value["press"] = action_id_of(each);
        for (const auto& [key, given] : each.fields) {
            value[key] = given;
        }
        const auto text = json::serialize(value);
        if (text.size() > longest_option) {
            throw std::logic_error("a menu's value is too long: " + text);
        }
        options.push_back(json::object{{"text", plain_text(each.label, longest_label)}, {"value", text}});
    }
    return {{"type", "overflow"}, {"action_id", "menu:" + name}, {"options", std::move(options)}};
}

json::array row_of(const std::vector<json::object>& buttons, const std::optional<Deployment>& deployment)
{
    json::array row;
    for (const auto& given : buttons) {
        Button shown;
        shown.verb = std::string(given.at("verb").as_string());
        shown.label = std::string(given.at("label").as_string());
        shown.fields = given.at("fields").as_object();
        if (!row.empty()) {  // two buttons of one verb need names of their own
            shown.suffix = std::to_string(row.size() + 1);
        }
        row.push_back(button(deployment ? button_value(*deployment) : json::object{{"v", 1}}, shown));
    }
    return row.empty() ? json::array{}
                       : json::array{json::object{{"type", "actions"}, {"elements", std::move(row)}}};
}

namespace {

struct StepOfLine {
    Stage stage;
    const char* label;
};

/// The way of a deployment in one line, the present step in bold.
std::string stage_line(const Deployment& deployment)
{
    static constexpr std::array way{
        StepOfLine{Stage::planned, "planned"},
        StepOfLine{Stage::signed_off, "signed off"},
        StepOfLine{Stage::deploying, "deploying"},
        StepOfLine{Stage::watching, "watching"},
        StepOfLine{Stage::done, "done"},
    };
    const bool on_the_way = std::any_of(way.begin(), way.end(), [&](const StepOfLine& step) {
        return step.stage == deployment.stage;
    });
    if (!on_the_way) {
        return "*" + to_string(deployment.stage) + "*" +
               (deployment.end_reason.empty() ? "" : ": " + escape_mrkdwn(deployment.end_reason));
    }
    std::string line;
    for (const auto& step : way) {
        line += line.empty() ? "" : " \xE2\x86\x92 ";
        line += step.stage == deployment.stage ? "*" + std::string(step.label) + "*" : step.label;
    }
    return line;
}

bool before_start(const Deployment& deployment)
{
    return deployment.stage == Stage::planned || deployment.stage == Stage::signed_off;
}

std::string sign_off_line(const Deployment& deployment, const View& view)
{
    std::string given;
    for (const auto& sign_off : valid_sign_offs(deployment)) {
        given += (given.empty() ? "" : ", ") + (":white_check_mark: " + mention(sign_off.given.user));
        given += view.deactivated.contains(sign_off.given.user) ? " (deactivated since)" : "";
    }
    std::string missing;
    for (const auto role : missing_sign_offs(deployment, *view.policy)) {
        missing += (missing.empty() ? "" : ", ") + title_of(role);
    }
    std::string line = "*Sign-offs*: " + (given.empty() ? "none yet" : given);
    if (!missing.empty() && before_start(deployment)) {
        line += "\n*Waits for*: " + missing;
    }
    for (const auto& declined : deployment.declines) {
        line += "\n:no_entry: " + mention(declined.user) + " declined: " + escape_mrkdwn(declined.reason);
    }
    return line;
}

std::string count_of(const std::string& name, const Deployment& deployment, const View& view)
{
    const auto list = decisions::conditions_of(name, deployment, as_snapshot(view));
    const auto hold =
        std::count_if(list.begin(), list.end(), [](const Condition& each) { return each.holds; });
    return std::to_string(hold) + "/" + std::to_string(list.size());
}

/// What GitHub says is known when somebody asks for it, and then it is no longer what it says now.
std::string gate1_count(const Deployment& deployment, const View& view)
{
    if (!is_read_from_github(deployment.plan, *view.policy)) {
        return "Gate 1 " + count_of("gate1", deployment, view);
    }
    const auto list = decisions::conditions_of("gate1", deployment, as_snapshot(view));
    const bool reviewed = !list.empty() && list.back().holds;
    return std::string("Gate 1 by GitHub") + (!deployment.plan.complex ? ""
                                              : reviewed               ? " (Dev Lead reviewed)"
                                                                       : " (Dev Lead's review open)");
}

std::string details(const Deployment& deployment, const View& view)
{
    const auto& plan = deployment.plan;
    const auto& policy = *view.policy;
    std::string text = "*Service*: " + escape_mrkdwn(plan.service) +
                       "   *Issue*: " + link(issue_url(plan.linear_issue), plan.linear_issue);
    if (!plan.pull_request.empty()) {
        text += "   " + link(plan.pull_request, "Pull request");
    }
    text += "\n*When*: ";
    text += deployment.starts_at ? team_time(*deployment.starts_at, policy) + " (" +
                                       date_token(*deployment.starts_at, policy) + " for you), ~" +
                                       std::to_string(deployment.duration.count()) + " minutes"
                                 : "no time yet";
    text += "\n*On-call*: " + mention(on_call_for(deployment, view.now, *view.team, policy));
    text += "   *Planned by*: " + mention(deployment.author);
    return text;
}

std::string checklists(const Deployment& deployment, const View& view)
{
    if (before_start(deployment)) {
        return "*Checklists*: " + gate1_count(deployment, view) + ", QA " + count_of("qa", deployment, view) +
               ", Gate 2 " + count_of("gate2", deployment, view) + ", pre-deployment " +
               count_of("pre_deployment", deployment, view) + (deployment.go ? ", go given" : ", go open") +
               (deployment.ready ? ", on-call ready" : ", on-call not ready");
    }
    if (deployment.stage == Stage::rolling_back) {
        return "*Smoke tests of the old version*: " + count_of("rollback_smoke", deployment, view);
    }
    return "*Smoke tests*: " + count_of("smoke", deployment, view);
}

Button checklist_button(const char* name, const char* label)
{
    return {.verb = "tick", .label = label, .fields = {{"checklist", name}}, .suffix = name};
}

Button rollback_button()
{
    return {
        .verb = "rollback",
        .label = "Roll back",
        .style = "danger",
        .confirm = "This starts the rollback at once, tells the leads and locks the service.",
    };
}

/// What the card offers: what brings the deployment forward as buttons, the rest in menus, so that it stays
/// shorter than a phone's screen.
struct Offer {
    std::vector<Button> lists;  ///< beside the line of the checklists
    std::vector<Button> row;
    std::vector<Button> more;  ///< behind the row
};

/// The service's deploy runs once the change is merged; that may be before the start.
bool waits_for_merge(const Deployment& deployment, const Policy& policy)
{
    const auto* service = find_service(policy, deployment.plan.service);
    const auto items = decisions::offered_items("steps", deployment, policy);
    const bool merges = std::any_of(items.begin(), items.end(), [](const ChecklistItem& item) {
        return item.key == "merge";
    });
    return merges && service != nullptr && !service->deploy.empty() &&
           !is_ticked(deployment, "steps", "merge");
}

Offer offer_before_start(const Deployment& deployment, const Policy& policy)
{
    const bool signed_off = deployment.stage == Stage::signed_off;
    Offer offer;
    for (const auto& [list, label] :
         {std::pair{"gate1", "Gate 1"},
          {"qa", "QA"},
          {"gate2", "Gate 2"},
          {"pre_deployment", "Pre-deployment"}}) {
        if (!decisions::offered_items(list, deployment, policy).empty()) {
            offer.lists.push_back(checklist_button(list, label));
        }
    }
    offer.lists.push_back({.verb = "check", .label = "Would it start?"});
    offer.row = {
        {.verb = "signoff", .label = "Sign off", .style = signed_off ? "" : "primary"},
        {.verb = "decline", .label = "Decline"},
    };
    if (!deployment.go) {
        offer.row.push_back({.verb = "go", .label = "Go (Dev Lead)"});
    }
    if (!deployment.ready) {
        offer.row.push_back({.verb = "ready", .label = "Ready (on-call)"});
    }
    if (signed_off && waits_for_merge(deployment, policy)) {
        offer.row.push_back({.verb = "step", .label = "Merged", .fields = {{"step", "merge"}}});
    }
    offer.row.push_back(
        {.verb = "start",
         .label = "Start",
         .style = signed_off ? "primary" : "",
         .confirm = "This starts the deployment now, if every gate and the window allow it."}
    );
    if (!valid_sign_offs(deployment).empty()) {
        offer.more.push_back({.verb = "withdraw", .label = "Withdraw sign-off"});
    }
    for (const auto& [verb, label] :
         {std::pair{"amend", "Amend"},
          {"reschedule", "Reschedule"},
          {"except", "Exception"},
          {"cancel", "Cancel"}}) {
        offer.more.push_back({.verb = verb, .label = label});
    }
    return offer;
}

/// The flag's next step forward, where there is one.
void add_flag(std::vector<Button>& buttons, const Deployment& deployment)
{
    static constexpr std::array stages{"off", "internal", "subset", "all"};
    const auto* at = std::find(stages.begin(), stages.end(), deployment.flag_stage);
    if (at != stages.end() && at + 1 != stages.end()) {
        buttons.push_back(
            {.verb = "flag", .label = std::string("Flag: ") + at[1], .fields = {{"flag_stage", at[1]}}}
        );
    }
}

void add_hold(std::vector<Button>& buttons, const Deployment& deployment)
{
    if (automatic_rollback_at(deployment)) {
        buttons.push_back({.verb = "hold", .label = "Cancel rollback", .style = "primary"});
    }
}

void add_update(std::vector<Button>& buttons, const Deployment& deployment)
{
    if (open_issue(deployment) != nullptr) {
        buttons.push_back({.verb = "update", .label = "Update"});
    }
}

void add_retry(std::vector<Button>& buttons, const Deployment& deployment)
{
    if (const auto action = decisions::action_to_retry(deployment); !action.empty()) {
        buttons.push_back({.verb = "retry", .label = "Run again", .fields = {{"action", action}}});
    }
}

Offer offer_while_deploying(const Deployment& deployment)
{
    Offer offer;
    auto& buttons = offer.row;
    buttons = {
        checklist_button("steps", "Steps"),
        checklist_button("smoke", "Smoke tests"),
        {.verb = "done", .label = "Done", .style = "primary"},
    };
    add_retry(buttons, deployment);
    add_flag(buttons, deployment);
    buttons.push_back({.verb = "issue", .label = "Report issue"});
    add_update(buttons, deployment);
    add_hold(buttons, deployment);
    buttons.push_back(rollback_button());
    return offer;
}

Offer offer_while_watching(const Deployment& deployment, const Policy& policy)
{
    Offer offer;
    auto& buttons = offer.row;
    constexpr std::size_t most_options = 5;
    for (std::size_t number = 1; number <= std::min(policy.check_ins.size(), most_options); ++number) {
        const auto hours = std::chrono::duration_cast<std::chrono::hours>(policy.check_ins[number - 1]);
        const auto list = "check_in_" + std::to_string(number);
        const auto label = "Check-in " + std::to_string(hours.count()) + " h";
        offer.lists.push_back(checklist_button(list.c_str(), label.c_str()));
    }
    add_flag(buttons, deployment);
    buttons.push_back({.verb = "issue", .label = "Report issue"});
    add_update(buttons, deployment);
    buttons.push_back({.verb = "clean", .label = "Declare clean", .style = "primary"});
    add_hold(buttons, deployment);
    buttons.push_back(rollback_button());
    return offer;
}

Offer offer_while_rolling_back(const Deployment& deployment)
{
    Offer offer;
    auto& buttons = offer.row;
    buttons = {
        checklist_button("rollback_steps", "Rollback steps"),
        checklist_button("rollback_smoke", "Smoke tests"),
        {.verb = "rolledback", .label = "Old version works", .style = "primary"},
        {.verb = "issue", .label = "Report issue"},
    };
    add_retry(buttons, deployment);
    add_update(buttons, deployment);
    return offer;
}

Offer offer_after_rollback(const Deployment& deployment, const TeamState& team)
{
    Offer offer;
    auto& buttons = offer.row;
    add_update(buttons, deployment);
    if (deployment.postmortem_link.empty()) {
        buttons.push_back({.verb = "postmortem", .label = "Post-mortem draft"});
        buttons.push_back(
            {.verb = "postmortem", .label = "File post-mortem", .fields = {{"file", true}}, .suffix = "file"}
        );
    }
    const auto locked = team.locked.find(deployment.plan.service);
    if (locked != team.locked.end() && locked->second == deployment.id) {
        buttons.push_back(
            {.verb = "unlock",
             .label = "Unlock " + deployment.plan.service,
             .confirm = "This allows deployments of the service again.",
             .fields = {{"service", deployment.plan.service}}}
        );
    }
    return offer;
}

Offer offer_of(const Deployment& deployment, const View& view)
{
    switch (deployment.stage) {
        case Stage::planned:
        case Stage::signed_off:
            return offer_before_start(deployment, *view.policy);
        case Stage::deploying:
            return offer_while_deploying(deployment);
        case Stage::watching:
            return offer_while_watching(deployment, *view.policy);
        case Stage::rolling_back:
            return offer_while_rolling_back(deployment);
        case Stage::rolled_back:
            return offer_after_rollback(deployment, *view.team);
        case Stage::done:
        case Stage::cancelled:
            break;
    }
    return {};
}

/// How long until the automatic rollback; the card is drawn anew while it counts down.
std::string countdown(Instant begins, const View& view)
{
    const auto left = std::max(begins - view.now, Instant::duration::zero());
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(left).count();
    return ":hourglass_flowing_sand: *Rolls back by itself in " + std::to_string(seconds) + " seconds*, at " +
           team_clock(begins, *view.policy) + ", unless somebody cancels it.";
}

}  // namespace

SlackMessage card(const Deployment& deployment, const View& view)
{
    const auto title = to_string(deployment.id) + " " + one_line(deployment.plan.what);
    const auto offer = offer_of(deployment, view);
    auto lists = section(checklists(deployment, view));
    if (!offer.lists.empty()) {
        lists["accessory"] = menu(deployment, "lists", offer.lists);
    }
    json::array blocks{
        json::object{{"type", "header"}, {"text", plain_text(title, 150)}},
        section(stage_line(deployment)),
        section(details(deployment, view)),
        section(sign_off_line(deployment, view)),
        std::move(lists),
    };
    if (const auto* issue = open_issue(deployment)) {
        blocks.push_back(section(
            ":rotating_light: *" + to_string(issue->severity) + "* " + escape_mrkdwn(issue->raised.what) +
            " (" + escape_mrkdwn(issue->status) + ")"
        ));
    }
    if (const auto begins = automatic_rollback_at(deployment)) {
        blocks.push_back(section(countdown(*begins, view)));
    }
    json::array row;
    for (const auto& each : offer.row) {
        row.push_back(button(deployment, each));
    }
    if (!offer.more.empty()) {
        row.push_back(menu(deployment, "more", offer.more));
    }
    if (!row.empty()) {
        blocks.push_back(json::object{{"type", "actions"}, {"elements", std::move(row)}});
    }
    return {shortened(escape_mrkdwn(title), 3'000) + ": " + to_string(deployment.stage), std::move(blocks)};
}

}  // namespace slipway::templates
