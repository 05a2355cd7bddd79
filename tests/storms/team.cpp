#include "tests/storms/team.hpp"

#include "tests/simulator/inputs.hpp"

#include <algorithm>
#include <array>

namespace simulation {

namespace {

const std::string deploys = "C0DEPLOYS";

constexpr std::array people{"U0ALICE", "U0ANNE", "U0BOB", "U0DANA", "U0JANE", "U0PETRA", "U0RAJ"};

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

}  // namespace

Team::Team(Timeline& timeline, const VirtualClock& clock, Dice& dice, Outside& outside)
    : timeline_(timeline), clock_(clock), dice_(dice), outside_(outside)
{
    outside_.on_form = [this](const std::string& view_id) { look_at(view_id); };
}

std::vector<const simulator::Message*> Team::cards() const
{
    std::vector<const simulator::Message*> found;
    for (const auto& [ts, message] : outside_.workspace.channels.at(deploys).messages) {
        if (message.user == outside_.workspace.bot_user && message.thread_ts.empty() &&
            message.text.starts_with("D-")) {
            found.push_back(&message);
        }
    }
    return found;
}

std::string Team::some_deployment()
{
    const auto shown = cards();
    if (shown.empty()) {
        return "D-1";
    }
    const auto& text = dice_.pick(shown)->text;
    return text.substr(0, text.find(' '));
}

void Team::do_something()
{
    const std::string user = dice_.pick(people);
    const auto what = dice_.below(100);
    const auto shown = cards().size();
    if (shown == 0 || (what < 8 && shown < 7)) {
        slash(user, "/deploy", "plan", Act{});
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
        outside_.people.open_home(user);
    }
}

void Team::slash(const std::string& user, const std::string& command, const std::string& text, Act act)
{
    act.who = user;
    act.what = command + " " + text;
    act.must_be_remembered = true;
    outside_.envelopes.act(std::move(act), [&] { outside_.people.slash(user, deploys, command, text); });
}

std::vector<Team::Seen> Team::seen_by(const std::string& user) const
{
    std::vector<Seen> seen;
    const auto look = [&seen](const std::string& channel, const std::string& ts, const json::array& blocks) {
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            for (const auto* element : simulator::elements_of(blocks[i].as_object())) {
                const simulator::People::Place place{
                    channel, ts, {}, static_cast<int>(i), text_at(*element, "action_id")};
                if (text_at(*element, "type") == "button") {
                    seen.push_back({place, nullptr});
                }
                if (text_at(*element, "type") == "overflow") {  // each option is one more way to press
                    for (const auto& option : element->at("options").as_array()) {
                        seen.push_back({place, option.at("value")});
                    }
                }
            }
        }
    };
    for (const auto& channel : {deploys, "D0" + user}) {
        const auto* found = outside_.workspace.channel(channel);
        for (const auto& [ts, message] : found == nullptr ? decltype(found->messages){} : found->messages) {
            look(channel, ts, message.blocks);
        }
    }
    for (const auto& whispered : outside_.workspace.ephemerals) {
        if (whispered.user == user) {
            look(whispered.channel, whispered.ts, whispered.blocks);
        }
    }
    return seen;
}

void Team::press(const std::string& user)
{
    const auto seen = seen_by(user);
    if (seen.empty()) {
        return;
    }
    const auto chosen = dice_.pick(seen);
    use(user, chosen);
    if (dice_.chance(0.2)) {  // a double click
        use(user, chosen);
    }
    if (dice_.chance(0.1)) {  // two people at once
        use(dice_.pick(people), chosen);
    }
}

void Team::use(const std::string& user, const Seen& seen)
{
    Act act{.who = user, .must_be_remembered = true};
    act.what = "presses " + seen.place.action_id + " " + json::serialize(seen.value);
    outside_.envelopes.act(std::move(act), [&] { outside_.people.use(user, seen.place, seen.value); });
}

void Team::reply(const std::string& user)
{
    const auto shown = cards();
    if (shown.empty()) {
        return;
    }
    const auto name = outside_.workspace.users.at(user).real_name;
    const std::vector<std::string> texts{
        "Stakeholder sign-off: " + name + ", today",
        "**stakeholder signoff** - " + name,
        "Stakeholder sign-off: " + name,
        "Stakeholder sign-off: Somebody Else, today",
        "Withdraw sign-off: " + name,
        "Looks good to me",
    };
    const auto thread = dice_.pick(shown)->ts;
    const auto& text = dice_.pick(texts);
    Act act{.who = user, .event = "signed_off", .must_be_remembered = true};
    act.what = "replies " + text + " under " + thread;
    std::string ts;
    auto& said = outside_.envelopes.act(std::move(act), [&] {
        ts = outside_.people.reply(user, deploys, thread, text);
    });
    said.thread = thread;
    said.ts = ts;
    said.at = clock_.true_time();
    said.marker = "/p" + ts;  // in the link that its event holds
    std::erase(said.marker, '.');
}

void Team::type(const std::string& user)
{
    const auto& line = dice_.pick(typed);
    const auto marker = new_marker();
    const auto text = replaced(replaced(line.text, "%D", some_deployment()), "%M", marker);
    Act act;
    if (*line.event != '\0') {
        act.marker = marker;
        act.event = line.event;
        act.when_done = line.when_done == nullptr ? std::nullopt : std::optional<std::string>(line.when_done);
    }
    slash(dice_.chance(0.9) ? line.user : user, line.command, text, std::move(act));
}

/// Most fill in the form that they see, some close it; one that asks nothing is closed.
void Team::look_at(const std::string& view_id)
{
    const auto& body = outside_.workspace.views.at(view_id).body;
    if (body.contains("submit") && dice_.chance(0.9)) {
        const Act act{.marker = new_marker(), .event = event_of(text_at(body, "callback_id"))};
        timeline_.after(dice_.between(Milliseconds{800}, Milliseconds{15'000}), [this, view_id, act] {
            fill(view_id, act, 3);
        });
        return;
    }
    timeline_.after(Milliseconds{20'000}, [this, view_id, hash = outside_.workspace.views.at(view_id).hash] {
        const auto& view = outside_.workspace.views.at(view_id);
        const auto* top = outside_.people.modal_of(view.user);
        if (top != nullptr && top->id == view_id && view.hash == hash) {
            outside_.people.close_modal(view.user);
        }
    });
}

void Team::fill(const std::string& view_id, const Act& act, int tries)
{
    const auto& view = outside_.workspace.views.at(view_id);
    if (!at_work_ || !view.open) {
        return;
    }
    if (outside_.people.modal_of(view.user)->id != view_id) {  // another form lies upon it
        timeline_.after(Milliseconds{5'000}, [this, view_id, act, tries] { fill(view_id, act, tries); });
        return;
    }
    if (tries == 0) {
        outside_.people.close_modal(view.user);
        return;
    }
    const auto submit = [&](Act again) -> Act& {
        const auto fields = values_of(view.body, again.marker);
        again.who = view.user;
        again.what = "submits " + text_at(view.body, "callback_id");
        again.must_be_remembered = true;
        return outside_.envelopes.act(std::move(again), [&] { outside_.people.submit(view.user, fields); });
    };
    const auto number = submit(act).number - 1;
    if (dice_.chance(0.1)) {  // pressed twice
        submit(outside_.envelopes.acts.at(number));
    }
    // Slack tells people that it had trouble, and leaves the form open.
    timeline_.after(dice_.between(Milliseconds{3'200}, Milliseconds{9'000}), [this, view_id, number, tries] {
        fill(view_id, outside_.envelopes.acts.at(number), tries - 1);
    });
}

json::object Team::values_of(const json::object& view, const std::string& marker)
{
    json::object values;
    for (const auto& each : view.at("blocks").as_array()) {
        const auto& block = each.as_object();
        const auto name = text_at(block, "block_id");
        const bool asks = text_at(block, "type") == "input";
        if (asks &&
            (text_at(block.at("element").as_object(), "type") != "datetimepicker" || dice_.chance(0.5))) {
            values[name] = entered(name, block.at("element").as_object(), marker);
        }
    }
    return values;
}

json::value Team::entered(const std::string& block, const json::object& element, const std::string& marker)
{
    const auto type = text_at(element, "type");
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
        return json::string(known == texts.end() ? marker + " " + block : known->second);
    }
    if (type == "users_select") {
        return block == "requested_by" ? "U0JANE" : block == "on_call" ? "U0BOB" : "U0ALICE";
    }
    if (type == "datetimepicker") {
        constexpr std::size_t a_day = 86'400;
        return std::chrono::floor<std::chrono::seconds>(clock_.true_time().time_since_epoch()).count() +
               static_cast<std::int64_t>(dice_.below(a_day));
    }
    const auto& options = element.at("options").as_array();
    if (type == "static_select") {
        return block == "priority" && dice_.chance(0.6) ? json::value("P0") : dice_.pick(options).at("value");
    }
    json::array chosen;
    const bool all = dice_.chance(0.8);
    for (const auto& option : options) {
        if (all || dice_.chance(0.4)) {
            chosen.push_back(option.at("value"));
        }
    }
    return chosen;
}

}  // namespace simulation
