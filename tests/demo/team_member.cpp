#include "tests/demo/team_member.hpp"

namespace demo {

namespace {

std::string command_of(const std::string& typed) { return typed.substr(0, typed.find(' ')); }

std::string rest_of(const std::string& typed)
{
    const auto space = typed.find(' ');
    return space == std::string::npos ? std::string{} : typed.substr(space + 1);
}

}  // namespace

void TeamMember::types(const std::string& command, const std::string& channel)
{
    last_envelope_ = world_.server.people.slash(user_, channel, command_of(command), rest_of(command));
    (void)world_.settle();
}

std::string TeamMember::replies(const std::string& deployment, const std::string& text)
{
    const auto ts = world_.server.people.reply(user_, deploys, card_of(world_, deployment)->ts, text);
    (void)world_.settle();
    return ts;
}

bool TeamMember::presses(const std::string& deployment, const std::string& button)
{
    const auto* card = card_of(world_, deployment);
    if (card == nullptr) {
        return false;
    }
    last_envelope_ = world_.server.people.press(user_, deploys, card->ts, button);
    return !last_envelope_.empty() && world_.settle();
}

bool TeamMember::presses_in_messages(const std::string& button)
{
    auto& channel = world_.server.workspace.direct_messages(user_);
    for (auto message = channel.messages.rbegin(); message != channel.messages.rend(); ++message) {
        if (simulator::find_button(message->second.blocks, button) != nullptr) {
            last_envelope_ = world_.server.people.press(user_, channel.id, message->first, button);
            return !last_envelope_.empty() && world_.settle();
        }
    }
    return false;
}

bool TeamMember::presses_in_whisper(const std::string& button)
{
    const auto& all = world_.server.workspace.ephemerals;
    for (auto each = all.rbegin(); each != all.rend(); ++each) {
        if (each->user == user_ && simulator::find_button(each->blocks, button) != nullptr) {
            last_envelope_ = world_.server.people.press(user_, each->channel, each->ts, button);
            return !last_envelope_.empty() && world_.settle();
        }
    }
    return false;
}

bool TeamMember::submits(json::object fields)
{
    const auto asks = [this] {
        const auto* modal = world_.server.people.modal_of(user_);
        return modal != nullptr && modal->body.contains("submit");
    };
    if (!world_.until(asks)) {
        return false;
    }
    last_envelope_ = world_.server.people.submit(user_, std::move(fields));
    return world_.settle();
}

bool TeamMember::plans(json::object fields)
{
    auto plan = example_plan();
    for (auto& [key, value] : fields) {
        plan[key] = value;
    }
    types("/deploy plan");
    return submits(std::move(plan));
}

bool TeamMember::ticks_all(const std::string& deployment, const std::string& list)
{
    if (!presses(deployment, "verb:tick:" + list) ||
        !world_.until([this] { return world_.server.people.modal_of(user_) != nullptr; })) {
        return false;
    }
    json::array items;
    const auto& view = *world_.server.people.modal_of(user_);
    const auto& input = view.body.at("blocks").as_array().back().as_object();  // what is known stands above
    for (const auto& option : input.at("element").as_object().at("options").as_array()) {
        items.push_back(option.as_object().at("value"));
    }
    return submits({{"items", std::move(items)}});
}

bool TeamMember::sees_error(const std::string& field, const std::string& text) const
{
    const auto* sent = world_.server.hub.sent(last_envelope_);
    if (sent == nullptr || !sent->acked) {
        return false;
    }
    const auto* errors = simulator::object_at(sent->answer, "errors");
    return errors != nullptr && simulator::text_at(*errors, field).find(text) != std::string::npos;
}

json::object example_plan()
{
    constexpr auto evening = 1'795'575'600;  // 2026-11-24 22:00 in New York
    return {
        {"what", "Faster search"},
        {"linear_issue", "ENG-123"},
        {"service", "web"},
        {"starts_at", evening},
        {"duration", "45m"},
        {"on_call", "U0BOB"},
        {"changes", "New index\nCached results"},
        {"expected_impact", "Search answers in half the time"},
        {"rollback_plan", "Revert the merge commit and deploy"},
        {"client_facing", "yes"},
        {"requested_by", "U0JANE"},
        {"migrations", "no"},
    };
}

}  // namespace demo
