#pragma once

#include "tests/demo/bot_in_simulator.hpp"

#include <ostream>
#include <string>

namespace demo {

/// Plays one deployment from plan to post-mortem and prints who said what, and what the bot, SQLite and
/// Linear then held. True when every step held.
[[nodiscard]] bool play_tour(BotInSimulator& world, std::ostream& out);

}  // namespace demo
