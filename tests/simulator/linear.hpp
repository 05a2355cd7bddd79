#pragma once

#include "bot/net/http_server.hpp"
#include "tests/simulator/changes.hpp"
#include "tests/simulator/faults.hpp"
#include "tests/simulator/json.hpp"
#include "tests/simulator/transcript.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace simulator {

struct LinearComment {
    std::string id;
    std::string issue;
    std::string body;  ///< byte for byte as sent
};

/// Linear's GraphQL API, as much of it as a sign-off needs: viewer, issue, commentCreate.
class Linear {
public:
    Linear(Changes& changes, Transcript& transcript) : changes_(changes), transcript_(transcript) {}

    std::string key = "lin-test";
    std::set<std::string> issues{"ENG-1", "ENG-2", "ENG-3", "ENG-123"};
    std::set<std::string> forbidden{};  ///< issues of teams that the key's owner is no member of
    std::vector<LinearComment> comments{};

    [[nodiscard]] slipway::net::ServerResponse answer(const slipway::net::ServerRequest& request);

    /// RATELIMITED as Linear says it, with HTTP 400 or 200.
    [[nodiscard]] static slipway::net::ServerResponse rate_limited(int status);

private:
    [[nodiscard]] slipway::net::ServerResponse create_comment(const json::object& input);

    Changes& changes_;
    Transcript& transcript_;
};

}  // namespace simulator
