#include "bot/github/answer.hpp"

#include "commands/pipeline/windows.hpp"

#include <charconv>
#include <optional>

namespace slipway::github {

namespace {

std::optional<std::chrono::seconds> seconds_in(const std::string& digits)
{
    constexpr std::int64_t end_of_time = 253'402'300'799;  // the year 9999
    std::int64_t seconds = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
    const bool is_usable = read.ec == std::errc{} && seconds > 0 && seconds <= end_of_time;
    return is_usable ? std::optional(std::chrono::seconds{seconds}) : std::nullopt;
}

bool is_used_up(const net::HttpResponse& answer)
{
    return net::header(answer.headers, "X-RateLimit-Remaining") == "0";
}

bool is_limited(const net::HttpResponse& answer)
{
    const bool may_be = answer.status == 403 || answer.status == 429;
    const bool secondary = answer.body.find("rate limit") != std::string::npos;
    return may_be &&
           (answer.status == 429 || net::retry_after(answer.headers) || is_used_up(answer) || secondary);
}

/// Until when GitHub answers nobody with this token.
std::string rate_limit(const net::HttpResponse& answer, Instant now, const Policy& policy)
{
    const std::string limit = "GitHub's rate limit is used up";
    const auto until = [&](Instant at) { return limit + " until " + team_time(at, policy); };
    if (const auto rest = net::retry_after(answer.headers)) {
        return until(now + *rest);
    }
    const auto reset = seconds_in(net::header(answer.headers, "X-RateLimit-Reset"));
    return is_used_up(answer) && reset ? until(Instant{*reset}) : limit + "; try again in a minute";
}

bool wants_sso(const net::HttpResponse& answer)
{
    return !net::header(answer.headers, "X-GitHub-SSO").empty();
}

std::string of_status(int status) { return " (HTTP " + std::to_string(status) + ")"; }

}  // namespace

bool is_redirect(int status) { return status == 301 || status == 302 || status == 307 || status == 308; }

bool wants_other_token(const net::HttpResponse& answer)
{
    const bool is_refused = answer.status == 401 || answer.status == 403 || answer.status == 404;
    return is_refused && !wants_sso(answer) && !is_limited(answer);
}

std::string why_refused(const net::HttpResponse& answer, Instant now, const Policy& policy)
{
    const auto status = answer.status;
    if (is_limited(answer)) {
        return rate_limit(answer, now, policy);
    }
    if (wants_sso(answer)) {
        return "GitHub wants GITHUB_TOKEN to be authorized for the organization's single sign-on (SAML): its "
               "owner does that in GitHub's settings, under the token";
    }
    if (status == 401) {
        return "GitHub refuses the token" + of_status(status) + ": it is wrong, expired or revoked";
    }
    if (status == 403) {
        return "GitHub refuses the token" + of_status(status) + ": it lacks a permission this needs";
    }
    if (status == 404) {
        return "GitHub doesn't know it, or GITHUB_TOKEN may not see it" + of_status(status);
    }
    if (is_redirect(status)) {
        return "the repository has moved: give the new address of the pull request or workflow" +
               of_status(status);
    }
    if (status >= 500) {
        return "GitHub is having trouble; try again in a minute" + of_status(status);
    }
    return "GitHub answered HTTP " + std::to_string(status);
}

}  // namespace slipway::github
