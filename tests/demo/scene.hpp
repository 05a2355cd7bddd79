#pragma once

#include "tests/demo/bot_in_simulator.hpp"

namespace demo {

/// Leaves a workspace to play with: people talk, one plan waits for its last sign-off before the next window,
/// another for its first.
void set_the_scene(BotInSimulator& world);

}  // namespace demo
