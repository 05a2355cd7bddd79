#pragma once

#include "bot/net/http_server.hpp"
#include "tests/simulator/changes.hpp"
#include "tests/simulator/clock.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace simulator {

/// Prometheus, as far as an instant query goes.
class Prometheus {
public:
    struct Question {
        std::string expression;
        Instant at;
    };

    /// What an expression is at a moment; none: the query finds no series.
    std::function<std::optional<double>(const Question&)> value = [](const Question&) { return 1.0; };

    std::vector<Question> asked;

    [[nodiscard]] slipway::net::ServerResponse answer(const slipway::net::ServerRequest& request);
};

/// Somebody else's service that takes webhooks.
class Hook {
public:
    explicit Hook(Changes& changes) : changes_(changes) {}

    int status = 200;
    std::string body = "thanks";
    std::vector<slipway::net::ServerRequest> received;

    [[nodiscard]] slipway::net::ServerResponse answer(const slipway::net::ServerRequest& request);

private:
    Changes& changes_;
};

}  // namespace simulator
