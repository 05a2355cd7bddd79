#pragma once

#include "tests/demo/bot_in_simulator.hpp"

#include <string>
#include <vector>

namespace demo {

/// A person at work in the world's Slack: types, presses, fills in forms, and waits until the bot has
/// answered.
class TeamMember {
public:
    TeamMember(BotInSimulator& world, std::string user) : world_(world), user_(std::move(user)) {}

    /// "/deploy status D-1" in C0DEPLOYS, or in another channel.
    void types(const std::string& command, const std::string& channel = deploys);

    /// A reply in the thread of a card; gives its ts.
    std::string replies(const std::string& deployment, const std::string& text);

    /// Presses a button of the card, "verb:go". False when the card has none.
    [[nodiscard]] bool presses(const std::string& deployment, const std::string& button);

    /// Presses a button in the newest direct message that has it.
    [[nodiscard]] bool presses_in_messages(const std::string& button);

    /// Presses a button in the newest message that only they see.
    [[nodiscard]] bool presses_in_whisper(const std::string& button);

    /// Fills in the modal that is open and submits it. False when none opened.
    [[nodiscard]] bool submits(json::object fields);

    /// Plans by modal with `fields` over a complete example.
    [[nodiscard]] bool plans(json::object fields = {});

    /// Ticks all items of a checklist that its modal offers.
    [[nodiscard]] bool ticks_all(const std::string& deployment, const std::string& list);

    /// Whether the modal shows an error at `field` that contains `text`.
    [[nodiscard]] bool sees_error(const std::string& field, const std::string& text) const;

    [[nodiscard]] const std::string& id() const { return user_; }

private:
    BotInSimulator& world_;
    std::string user_;
    std::string last_envelope_;
};

/// All fields of the plan of the examples, to start on 2026-11-24 at 22:00.
[[nodiscard]] json::object example_plan();

}  // namespace demo
