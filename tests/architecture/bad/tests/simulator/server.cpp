#include "bot/config/config.hpp"  // BAD
#include "bot/net/http.hpp"
#include "commands/pipeline/decision.hpp"   // BAD
#include "tests/demo/bot_in_simulator.hpp"  // BAD
#include "tests/simulator/clock.hpp"

#include <commands/text/types.hpp>  // BAD
