#include "bot/config/config.hpp"
#include "bot/inbox/router.hpp"  // BAD
#include "bot/net/url.hpp"
#include "commands/pipeline/policy.hpp"
