#include "bot/chores/despite_the_disk.hpp"

#include "bot/runtime/log.hpp"

namespace slipway {

boost::asio::awaitable<void> despite_the_disk(
    std::reference_wrapper<Clock> clock, std::string name, std::function<boost::asio::awaitable<void>()> loop
)
{
    for (;;) {
        std::string why;
        try {
            auto running = loop();
            co_await std::move(running);
        }
        catch (const storage::Unavailable& error) {
            why = error.what();
        }
        log::error("{} waits for the database: {}", name, why);
        co_await clock.get().sleep_for(disk_looked_at_again);
    }
}

boost::asio::awaitable<void> watch_the_disk(
    std::reference_wrapper<Clock> clock, std::reference_wrapper<WatchedStorage> storage
)
{
    for (;;) {
        if (!storage.get().is_writable()) {
            co_await storage.get().try_again();
        }
        co_await clock.get().sleep_for(disk_looked_at_again);
    }
}

}  // namespace slipway
