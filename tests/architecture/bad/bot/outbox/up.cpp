#include "bot/app.hpp"            // BAD
#include "bot/chores/home.hpp"    // BAD
#include "bot/config/config.hpp"  // BAD
#include "bot/inbox/router.hpp"   // BAD
#include "bot/judge.hpp"
#include "bot/outbox/courier.hpp"
#include "commands/verbs/table.hpp"
