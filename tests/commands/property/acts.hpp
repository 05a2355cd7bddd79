#pragma once

#include "tests/commands/team_in_memory.hpp"

#include <ostream>
#include <string>

namespace slipway::testing {

/// One thing that happens to a team. Small numbers, so that a failing sequence shrinks to few and plain acts.
struct Act {
    enum class Kind {
        nudge,        ///< whoever can brings the deployment one step further
        say,          ///< somebody says some verb about it, sensibly or not
        talk,         ///< somebody writes into its thread
        time,         ///< time passes, timers fire on the way
        away,         ///< the bot is away for that long, then starts again
        signal,       ///< the monitoring observes something
        action_ends,  ///< the oldest action under way ends
        github        ///< GitHub says something else from now on
    };

    Kind kind = Kind::nudge;
    int who = 0;         ///< of `everybody`
    int verb = 0;        ///< of `spoken_verbs`
    int deployment = 1;  ///< D-n; 0 for none
    int variant = 0;     ///< of what is said with the verb, of the span of time, of the signal

    void happen_to(TeamInMemory& world) const;

    /// "zoe says rollback D-2 {…}".
    [[nodiscard]] std::string words() const;
};

std::ostream& operator<<(std::ostream& stream, const Act& act);

/// The verbs that people may say, by name.
[[nodiscard]] const std::vector<std::string>& spoken_verbs();

constexpr int variants = 8;

/// What comes along with `verb` in one of its `variants`: what makes sense first, nonsense towards the end.
[[nodiscard]] Request request_of(const std::string& verb, int variant);

/// What GitHub says of Gate 1 in one of its `variants`: all well first.
[[nodiscard]] Gate1Facts github_facts(int variant);

/// Whoever can does the next thing that deployment `number` waits for; without such a deployment it is
/// planned.
void nudge(TeamInMemory& world, int number);

}  // namespace slipway::testing
