#include "commands/verbs/shared.hpp"

#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/text/letters.hpp"
#include "commands/text/pattern.hpp"
#include "commands/verbs/authority.hpp"
#include "commands/verbs/table.hpp"

#include <algorithm>

namespace slipway::decisions {

namespace json = boost::json;

Decision about(const Snapshot& snapshot)
{
    Decision decision;
    decision.deployment = snapshot.deployment->id;
    decision.outbox.push_back({CardRefresh{}});
    return decision;
}

std::string titles_of(const std::vector<Role>& roles, const char* last)
{
    std::string text;
    for (std::size_t i = 0; i < roles.size(); ++i) {
        text += i == 0 ? "" : i + 1 == roles.size() ? last : ", ";
        text += title_of(roles[i]);
    }
    return text;
}

std::string titles_of(const std::set<Role>& roles)
{
    return titles_of(std::vector<Role>(roles.begin(), roles.end()));
}

std::string end_of(const std::string& text, std::size_t most)
{
    const auto letters = from_utf8(text);
    std::size_t begin = letters.size();
    for (std::size_t length = 0; begin > 0; --begin) {
        const auto letter = letters[begin - 1];
        const bool escaped = letter == U'&' || letter == U'<' || letter == U'>';  // "&amp;"
        length += escaped ? 5 : 1;
        if (length > most) {
            break;
        }
    }
    if (begin == 0) {
        return text;
    }
    const auto line = letters.find(U'\n', begin - 1);
    begin = line == std::u32string::npos || line + 1 == letters.size() ? begin : line + 1;
    return "\xE2\x80\xA6\n" + to_utf8(letters.substr(begin));
}

UserId person_in(const std::string& text)
{
    static const Pattern form(R"((?:<@)?([UW][A-Z0-9]{1,20})(?:\|[^>]*)?>?)");
    const auto match = form.match(text);
    return match ? UserId((*match)[1]) : UserId{};
}

UserId on_call_of(const Snapshot& snapshot)
{
    return on_call_for(*snapshot.deployment, snapshot.now, snapshot.team, *snapshot.policy);
}

bool is_trained(const UserId& user, const Snapshot& snapshot)
{
    return snapshot.roles->holds(user, Role::developer) || snapshot.roles->holds(user, Role::dev_lead);
}

bool is_busy(const std::vector<Condition>& conditions)
{
    return std::any_of(conditions.begin(), conditions.end(), [](const Condition& each) {
        return (each.key == "alone" || each.key == "lock") && !each.holds;
    });
}

UserId first_lead(const Snapshot& snapshot)
{
    const auto leads = snapshot.roles->holders(Role::dev_lead);
    return leads.empty() ? UserId{} : *leads.begin();
}

bool is_live(const Deployment& deployment)
{
    return deployment.stage == Stage::deploying || deployment.stage == Stage::watching;
}

std::string slots_of(const Deployment& deployment, const Snapshot& snapshot, Instant from)
{
    constexpr int offered = 3;
    const auto& service = deployment.plan.service;
    const auto slots =
        next_slots(from, deployment.duration, service, offered, snapshot.team, *snapshot.policy);
    return joined(slots, [&](Instant slot) { return team_time(slot, *snapshot.policy); });
}

std::vector<Button> slot_buttons(const Deployment& deployment, const Snapshot& snapshot, Instant from)
{
    constexpr int offered = 3;
    auto about_it = snapshot;
    about_it.deployment = deployment;
    if (!authorize(*find_verb("reschedule"), Request{}, about_it)) {
        return {};
    }
    const auto& policy = *snapshot.policy;
    const auto& service = deployment.plan.service;
    std::vector<Button> buttons;
    // Two more than are offered: the one that is open now, past when the button is pressed, and its own.
    for (const auto slot :
         next_slots(from, deployment.duration, service, offered + 2, snapshot.team, policy)) {
        if (slot > snapshot.now && slot != deployment.starts_at && buttons.size() < offered) {
            const auto seconds = std::chrono::floor<std::chrono::seconds>(slot.time_since_epoch()).count();
            buttons.push_back(
                press("reschedule", "Move to " + team_time(slot, policy), {{"starts_at", seconds}})
            );
        }
    }
    return buttons;
}

json::object facts_of(const Snapshot& snapshot)
{
    json::object facts{{"actor", mention(snapshot.actor.id)}};
    if (snapshot.deployment) {
        const auto& deployment = *snapshot.deployment;
        facts["deployment"] = to_string(deployment.id);
        facts["what"] = deployment.plan.what;
        facts["service"] = deployment.plan.service;
        facts["stage"] = to_string(deployment.stage);
    }
    return facts;
}

json::object facts_of(
    const Snapshot& snapshot, std::initializer_list<std::pair<json::string_view, json::value_ref>> more
)
{
    auto facts = facts_of(snapshot);
    for (const auto& [key, value] : more) {
        facts[key] = json::value(value);
    }
    return facts;
}

void say_in_thread(Decision& decision, Sentence sentence, std::vector<UserId> pings)
{
    std::erase(pings, UserId{});
    decision.outbox.push_back({ThreadNote{std::move(sentence), std::move(pings)}});
}

Button press(std::string_view verb, std::string label, json::object fields)
{
    const auto* row = find_verb(verb);
    return {
        .verb = std::string(row->name),
        .label = label.empty() ? std::string(row->label) : std::move(label),
        .fields = std::move(fields)};
}

void tell(Decision& decision, const UserId& user, Sentence sentence, std::vector<Button> buttons)
{
    if (!user.empty()) {  // nobody is on call: the thread says it, too
        decision.outbox.push_back({DirectMessage{user, std::move(sentence), std::move(buttons)}});
    }
}

Result<void> in_stage(const Snapshot& snapshot, StageSet stages)
{
    if (stages.contains(snapshot.deployment->stage)) {
        return {};
    }
    std::vector<std::string> words;
    for (int stage = 0; stage <= static_cast<int>(Stage::cancelled); ++stage) {
        if (stages.contains(static_cast<Stage>(stage))) {
            words.push_back(to_string(static_cast<Stage>(stage)));
        }
    }
    std::string wanted;
    for (std::size_t i = 0; i < words.size(); ++i) {
        wanted += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
    }
    return refuse(say("wrong_stage", facts_of(snapshot, {{"wanted", wanted}})));
}

std::vector<UserId> as_list(const std::set<UserId>& people) { return {people.begin(), people.end()}; }

Deployment after(const Decision& decision, const Snapshot& snapshot)
{
    auto deployment = snapshot.deployment.value_or(Deployment{});
    for (const auto& event : decision.events) {
        apply(deployment, {decision.deployment.value(), snapshot.actor.id.str(), snapshot.now, event});
    }
    return deployment;
}

static Sentence without_label(Sentence sentence)
{
    sentence.facts.erase("label");
    return sentence;
}

/// Says `sentence` unless it is said already; of items of one list only the label is said again.
static void add(const Sentence& sentence, std::vector<Sentence>& sentences)
{
    const auto said = std::find_if(sentences.begin(), sentences.end(), [&](const Sentence& each) {
        return without_label(each) == without_label(sentence);
    });
    if (said == sentences.end()) {
        sentences.push_back(sentence);
    }
    else if (*said != sentence) {
        auto& labels = said->facts.at("label").as_string();
        labels += "; ";
        labels += sentence.facts.at("label").as_string();
    }
}

Refusal refusal_of(const std::vector<Condition>& conditions)
{
    Refusal refusal;
    for (const auto& condition : conditions) {
        if (!condition.holds) {
            add(condition.why, refusal.sentences);
        }
    }
    return refusal;
}

Refusal refusal_to_start(const std::vector<Condition>& conditions, const Snapshot& snapshot)
{
    auto refusal = refusal_of(conditions);
    const bool slots_named =
        std::any_of(refusal.sentences.begin(), refusal.sentences.end(), [](const Sentence& each) {
            return each.facts.contains("slots");
        });
    const auto slots = slots_of(*snapshot.deployment, snapshot, snapshot.now);
    if (!slots_named && !slots.empty()) {
        refusal.sentences.push_back(say("slots_next", {{"slots", slots}}));
    }
    if (is_busy(conditions)) {
        refusal.buttons.push_back(press("wait"));
    }
    for (auto& button : slot_buttons(*snapshot.deployment, snapshot, snapshot.now)) {
        refusal.buttons.push_back(std::move(button));
    }
    return refusal;
}

void redraw_waiting(Decision& decision, const std::string& service, const Snapshot& snapshot)
{
    for (const auto& each : snapshot.active) {
        const bool waits = each.stage == Stage::planned || each.stage == Stage::signed_off;
        if (waits && (service.empty() || each.plan.service == service)) {
            decision.other_cards.push_back(each.id);
        }
    }
}

void mirror(Decision& decision, const Snapshot& snapshot, const std::string& what)
{
    const auto& issue = snapshot.deployment->plan.linear_issue;
    if (snapshot.policy->mirror_lifecycle && !issue.empty()) {
        decision.outbox.push_back({LinearComment{issue, to_string(snapshot.deployment->id) + ": " + what}});
    }
}

void clear_timers(Decision& decision, std::initializer_list<const char*> names)
{
    for (const auto* name : names) {
        decision.timers.push_back({name, std::nullopt});
    }
}

}  // namespace slipway::decisions
