#include "bot/cli/init.hpp"  // BAD
#include "bot/config/config.hpp"
