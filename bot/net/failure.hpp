#pragma once

#include <exception>
#include <string>

namespace slipway::net {

/// Whether a task ended with `failure` because it was cancelled.
[[nodiscard]] bool is_cancellation(const std::exception_ptr& failure);

/// What the log says of the exception that a task ended with.
[[nodiscard]] std::string message_of(const std::exception_ptr& failure);

}  // namespace slipway::net
