// What the checker must refuse: every line that ends in BAD, and no other (CheckTheChecker.cmake). Nothing of
// it is built.
#include "../storage/store.hpp"          // BAD
#include "bot/runtime/clock.hpp"         // BAD
#include "commands/../storage/lock.hpp"  // BAD
#include "commands/pipeline/decision.hpp"
#include "storage/store.hpp"   // BAD
#include "store.hpp"           // BAD
#include "templates/card.hpp"  // BAD

#include <boost/asio/awaitable.hpp>  // BAD
#include <boost/json/object.hpp>
#include <boost/system/result.hpp>

#include <date/date.h>
#include <spdlog/spdlog.h>    // BAD
#include <sqlite3.h>          // BAD
#include <storage/store.hpp>  // BAD
#include <time.h>             // BAD

#include <chrono>
#include <fstream>   // BAD
#include <iostream>  // BAD
#include <string>
#include <thread>  // BAD

namespace slipway {

Instant decide_late(Instant now)
{
    now = std::chrono::system_clock::now();               // BAD
    const auto begun = std::chrono::steady_clock::now();  // BAD
    const auto seconds = std::time(nullptr);              // BAD
    return now;
}

}  // namespace slipway
