#include "bot/config/config.hpp"
#include "bot/net/url.hpp"
#include "bot/router.hpp"  // BAD
#include "commands/policy.hpp"
