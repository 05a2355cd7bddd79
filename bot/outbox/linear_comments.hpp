#pragma once

#include "bot/linear/client.hpp"
#include "bot/outbox/delivery.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace slipway {

/// Delivers comments to Linear, which refuses a second one with the same id.
class LinearComments {
public:
    explicit LinearComments(linear::Client& linear) : linear_(linear) {}

    /// `id`: the row's own.
    [[nodiscard]] boost::asio::awaitable<delivery::Outcome> deliver(LinearComment comment, std::string id);

private:
    linear::Client& linear_;
};

}  // namespace slipway
