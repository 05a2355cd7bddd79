#pragma once

#include "bot/net/http.hpp"
#include "commands/pipeline/policy.hpp"

#include <string>

namespace slipway::github {

/// Why GitHub didn't do what it was asked, as a person should hear it, with the fix where there is one: a
/// rate limit and until when (in team time), a token that isn't authorized for the organization, a repository
/// that has moved. For any answer but the one that was wanted.
/// Source: https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api
[[nodiscard]] std::string why_refused(const net::HttpResponse& answer, Instant now, const Policy& policy);

/// Whether a token of other rights is what it takes.
[[nodiscard]] bool wants_other_token(const net::HttpResponse& answer);

/// Whether the answer sends to another address.
[[nodiscard]] bool is_redirect(int status);

}  // namespace slipway::github
