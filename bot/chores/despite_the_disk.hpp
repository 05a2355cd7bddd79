#pragma once

#include "bot/runtime/clock.hpp"
#include "bot/runtime/watched_storage.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string>

namespace slipway {

/// Runs `loop`, and again whenever the database could not be read or written: what was due is still in the
/// record, and sockets and people are served meanwhile. `name` is what the log calls it.
[[nodiscard]] boost::asio::awaitable<void> despite_the_disk(
    std::reference_wrapper<Clock> clock, std::string name, std::function<boost::asio::awaitable<void>()> loop
);

/// Tries the disk again while it takes nothing, so that /readyz tells when it does although nobody writes.
/// Runs until cancelled.
[[nodiscard]] boost::asio::awaitable<void> watch_the_disk(
    std::reference_wrapper<Clock> clock, std::reference_wrapper<WatchedStorage> storage
);

}  // namespace slipway
