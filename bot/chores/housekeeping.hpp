#pragma once

#include "bot/runtime/clock.hpp"
#include "bot/runtime/storage_thread.hpp"

#include <boost/asio/awaitable.hpp>

namespace slipway {

/// Forgets what nobody needs any more.
class Housekeeper {
public:
    struct Parts {
        StorageRunner& storage;
        Clock& clock;
    };

    explicit Housekeeper(Parts parts) : parts_(parts) {}

    /// Every hour; runs until cancelled.
    [[nodiscard]] boost::asio::awaitable<void> run();

private:
    [[nodiscard]] boost::asio::awaitable<void> forget();

    Parts parts_;
};

}  // namespace slipway
