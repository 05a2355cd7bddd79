#include "tests/storms/team.hpp"

#include <algorithm>
#include <array>

namespace simulation {

namespace {

const std::string deploys = "C0DEPLOYS";

/// What somebody types: %D is a deployment, %M a marker that ends up in an event of the kind. When it was
/// done, the answer says `when_done`; an empty one is no answer, a null one means that it may be done without
/// the event.
struct Typed {
    const char *user, *command, *text, *event;
    const char* when_done = "";
};

constexpr std::array typed{
    Typed{"U0DANA", "/deploy", "start %D %M", "exception_recorded", nullptr},
    Typed{"U0DANA", "/deploy", "start %D %M", "exception_recorded", nullptr},
    Typed{"U0DANA", "/deploy", "start %D %M", "exception_recorded", nullptr},
    Typed{"U0DANA", "/deploy", "exception %D %M", "exception_recorded"},
    Typed{"U0DANA", "/deploy", "go %D", ""},
    Typed{"U0DANA", "/deploy", "unlock api %M", "service_unlocked", "api is unlocked"},
    Typed{"U0DANA", "/deploy", "unlock web %M", "service_unlocked", "web is unlocked"},
    Typed{"U0DANA", "/deploy", "freeze web for 20m %M", "freeze_begun", " froze web until"},
    Typed{"U0DANA", "/deploy", "thaw", ""},
    Typed{"U0DANA", "/deploy", "review %D %M", "review_done"},
    Typed{"U0DANA", "/rollback", "%D %M", "rollback_started"},
    Typed{"U0BOB", "/rollback", "%D %M", "rollback_started"},
    Typed{"U0BOB", "/rollback", "", ""},
    Typed{"U0BOB", "/deploy", "start %D", ""},
    Typed{"U0BOB", "/deploy", "ready %D", ""},
    Typed{"U0BOB", "/deploy", "done %D", ""},
    Typed{"U0BOB", "/deploy", "done %D", ""},
    Typed{"U0BOB", "/deploy", "step %D merge", ""},
    Typed{"U0BOB", "/deploy", "step %D revert", ""},
    Typed{"U0BOB", "/deploy", "rolledback %D", ""},
    Typed{"U0BOB", "/deploy", "clean %D", ""},
    Typed{"U0BOB", "/deploy", "issue %D", ""},
    Typed{"U0BOB", "/deploy", "update %D %M", "issue_updated"},
    Typed{"U0ALICE", "/deploy", "update %D %M", "issue_updated"},
    Typed{"U0PETRA", "/deploy", "signoff %D %M", "signed_off"},
    Typed{"U0JANE", "/deploy", "signoff %D %M", "signed_off"},
    Typed{"U0PETRA", "/deploy", "decline %D %M", "declined"},
    Typed{"U0PETRA", "/deploy", "withdraw %D", ""},
    Typed{"U0ALICE", "/deploy", "cancel %D %M", "cancelled"},
    Typed{"U0ALICE", "/deploy", "amend %D", ""},
    Typed{"U0ALICE", "/deploy", "status %D", ""},
    Typed{"U0RAJ", "/deploy", "list", ""},
    Typed{"U0RAJ", "/deploy", "history %D", ""},
    Typed{"U0ANNE", "/deploy", "check %D", ""},
    Typed{"U0ANNE", "/deploy", "", ""},
};

/// The event that a submitted form leads to.
std::string event_of(const std::string& form)
{
    static const std::map<std::string, std::string> events{
        {"modal:plan", "planned"},
        {"modal:amend", "amended"},
        {"modal:cancel", "cancelled"},
        {"modal:decline", "declined"},
        {"modal:issue", "issue_raised"},
        {"modal:update", "issue_updated"},
        {"modal:except", "exception_recorded"},
        {"modal:freeze", "freeze_begun"},
        {"modal:done", "completed"},
    };
    const auto found = events.find(form);
    return found == events.end() ? std::string{} : found->second;
}

std::string replaced(std::string text, const std::string& what, const std::string& by)
{
    if (const auto at = text.find(what); at != std::string::npos) {
        text.replace(at, what.size(), by);
    }
    return text;
}

void collect_buttons(const json::value& value, std::vector<json::object>& found)
{
    if (value.is_array()) {
        for (const auto& each : value.get_array()) {
            collect_buttons(each, found);
        }
    }
    else if (value.is_object()) {
        const auto& element = value.get_object();
        if (text_at(element, "type") == "button") {
            found.push_back(element);
        }
        if (text_at(element, "type") == "overflow") {  // each option is one more way to press
            for (const auto& option : element.at("options").as_array()) {
                found.push_back(
                    {{"type", "overflow"},
                     {"action_id", element.at("action_id")},
                     {"value", option.at("value")}}
                );
            }
        }
        for (const auto& [key, each] : value.get_object()) {
            collect_buttons(each, found);
        }
    }
}

}  // namespace

Team::Team(Timeline& timeline, const VirtualClock& clock, Dice& dice, Slack& slack)
    : timeline_(timeline), clock_(clock), dice_(dice), slack_(slack)
{
    slack_.on_form = [this](const Form& form) {
        const bool asks = form.view.contains("submit");
        if (asks && dice_.chance(0.9)) {
            timeline_.after(dice_.between(Milliseconds{800}, Milliseconds{15'000}), [this, form] {
                fill(
                    form, Act{.marker = new_marker(), .event = event_of(text_at(form.view, "callback_id"))}, 3
                );
            });
        }
    };
}

std::vector<const Message*> Team::cards() const
{
    std::vector<const Message*> found;
    const auto channel = slack_.channels.find(deploys);
    if (channel != slack_.channels.end()) {
        for (const auto& message : channel->second) {
            if (message.user == "U0BOT" && message.thread_ts.empty() && message.text.starts_with("D-")) {
                found.push_back(&message);
            }
        }
    }
    return found;
}

std::string Team::some_deployment()
{
    const auto shown = cards();
    return shown.empty() ? "D-1" : dice_.pick(shown)->text.substr(0, dice_.pick(shown)->text.find(' '));
}

void Team::do_something()
{
    const auto& user = dice_.pick(people()).first;
    const auto what = dice_.below(100);
    const auto shown = cards().size();
    if (shown == 0 || (what < 8 && shown < 7)) {
        plan(user);
    }
    else if (what < 50) {
        press(user);
    }
    else if (what < 65) {
        reply(user);
    }
    else if (what < 97) {
        type(user);
    }
    else {
        slack_.open_home(user);
    }
}

void Team::plan(const std::string& user) { slack_.slash(user, "/deploy", "plan", Act{}); }

void Team::press(const std::string& user)
{
    struct Seen {
        Message message;
        json::object button;
    };

    std::vector<Seen> seen;
    const auto look = [&](const Message& message) {
        std::vector<json::object> buttons;
        collect_buttons(message.blocks, buttons);
        for (auto& button : buttons) {
            seen.push_back({message, std::move(button)});
        }
    };
    for (const auto& channel : {deploys, "D" + user}) {
        for (const auto& message : slack_.channels[channel]) {
            look(message);
        }
    }
    for (const auto& whispered : slack_.whispers) {
        if (whispered.user == user) {
            look(Message{whispered.channel, "0.000001", {}, "U0BOT", whispered.text, {}, whispered.blocks});
        }
    }
    if (seen.empty()) {
        return;
    }
    const auto chosen = dice_.pick(seen);
    slack_.press(user, chosen.message, chosen.button, Act{});
    if (dice_.chance(0.2)) {  // a double click
        slack_.press(user, chosen.message, chosen.button, Act{});
    }
    if (dice_.chance(0.1)) {  // two people at once
        slack_.press(dice_.pick(people()).first, chosen.message, chosen.button, Act{});
    }
}

void Team::reply(const std::string& user)
{
    const auto shown = cards();
    if (shown.empty()) {
        return;
    }
    const std::string name = people().at(user);
    const std::vector<std::string> texts{
        "Stakeholder sign-off: " + name + ", today",
        "**stakeholder signoff** - " + name,
        "Stakeholder sign-off: " + name,
        "Stakeholder sign-off: Somebody Else, today",
        "Withdraw sign-off: " + name,
        "Looks good to me",
    };
    slack_.reply(user, *dice_.pick(shown), dice_.pick(texts), Act{});
}

void Team::type(const std::string& user)
{
    const auto& line = dice_.pick(typed);
    const auto marker = new_marker();
    auto text = replaced(replaced(line.text, "%D", some_deployment()), "%M", marker);
    Act act;
    if (*line.event != '\0') {
        act.marker = marker;
        act.event = line.event;
        act.when_done = line.when_done == nullptr ? std::nullopt : std::optional<std::string>(line.when_done);
    }
    slack_.slash(dice_.chance(0.9) ? line.user : user, line.command, text, std::move(act));
}

void Team::fill(const Form& form, Act act, int tries)
{
    if (!at_work_ || !slack_.forms.contains(form.id) || tries == 0) {
        return;
    }
    const auto index = slack_.submit(form, values_of(form, act.marker), act);
    if (dice_.chance(0.1)) {  // pressed twice
        slack_.submit(form, values_of(form, act.marker), slack_.acts.at(index));
    }
    // Slack tells people that it had trouble, and leaves the form open.
    timeline_.after(dice_.between(Milliseconds{3'200}, Milliseconds{9'000}), [this, form, index, tries] {
        fill(form, slack_.acts.at(index), tries - 1);
    });
}

json::object Team::values_of(const Form& form, const std::string& marker)
{
    json::object values;
    for (const auto& each : form.view.at("blocks").as_array()) {
        const auto& block = each.as_object();
        if (text_at(block, "type") == "input") {
            const auto name = text_at(block, "block_id");
            const auto& element = block.at("element").as_object();
            values[name] = {{text_at(element, "action_id"), state_of(name, element, marker)}};
        }
    }
    return values;
}

json::object Team::state_of(const std::string& block, const json::object& element, const std::string& marker)
{
    const auto type = text_at(element, "type");
    json::object state{{"type", type}};
    if (type == "plain_text_input") {
        static const std::map<std::string, std::string> texts{
            {"linear_issue", "ENG-123"},
            {"duration", "30m"},
            {"client", ""},
            {"pull_request", ""},
            {"commit", ""},
            {"service", "web"},
            {"from", "tue 22:00"},
            {"to", "6h"},
            {"flag", ""},
        };
        const auto known = texts.find(block);
        state["value"] = known == texts.end() ? marker + " " + block : known->second;
    }
    else if (type == "static_select") {
        const auto& options = element.at("options").as_array();
        state["selected_option"] = {
            {"value",
             block == "priority" && dice_.chance(0.6) ? json::value("P0") : dice_.pick(options).at("value")}};
    }
    else if (type == "checkboxes") {
        json::array chosen;
        const bool all = dice_.chance(0.8);
        for (const auto& option : element.at("options").as_array()) {
            if (all || dice_.chance(0.4)) {
                chosen.push_back(json::object{{"value", option.at("value")}});
            }
        }
        state["selected_options"] = std::move(chosen);
    }
    else if (type == "users_select") {
        state["selected_user"] = block == "requested_by" ? "U0JANE"
                                 : block == "on_call"    ? "U0BOB"
                                                         : "U0ALICE";
    }
    else if (dice_.chance(0.5)) {
        constexpr std::size_t a_day = 86'400;
        state["selected_date_time"] =
            std::chrono::floor<std::chrono::seconds>(clock_.true_time().time_since_epoch()).count() +
            static_cast<std::int64_t>(dice_.below(a_day));
    }
    return state;
}

}  // namespace simulation
