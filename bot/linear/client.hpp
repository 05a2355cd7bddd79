#pragma once

#include "bot/net/http.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include <chrono>
#include <string>
#include <variant>
#include <vector>

namespace slipway::linear {

/// The comment is there, now or since an earlier attempt.
struct Delivered {};

/// Not now: rate limit, outage, no answer. Repeating is safe: the comment's id makes it idempotent.
struct RetryLater {
    std::chrono::milliseconds after{0};  ///< 0 where Linear did not say
    std::string why;
};

/// No, for good or until somebody fixes it.
struct Rejected {
    enum class Reason {
        no_such_issue,
        bad_key,
        forbidden,  ///< the key's owner may not do it there
        over_plan,  ///< the workspace's plan lacks it, or its limit is reached
        other,
    };
    Reason reason = Reason::other;
    std::string message;
};

using Delivery = std::variant<Delivered, RetryLater, Rejected>;

/// What `comment_create`'s answer means. Classified by `extensions.code`, never by the HTTP status alone:
/// Linear sends rate limits as HTTP 400 or 200, and a repeated id as HTTP 200 with an error. Source:
/// https://linear.app/developers/graphql
[[nodiscard]] Delivery read_comment_answer(
    const net::Outcome<net::HttpResponse>& outcome, const std::string& comment_id
);

/// Linear's GraphQL API: the few calls Slipway makes.
class Client {
public:
    /// `key` goes out as it is: a personal key without "Bearer", an OAuth token with it. `http` must outlive
    /// the client.
    Client(net::HttpClient& http, std::string url, std::string key);

    /// Creates the comment `id` (a UUID v4) on `issue` ("ENG-123") with `body` byte for byte.
    [[nodiscard]] boost::asio::awaitable<Delivery> comment_create(
        std::string id, std::string issue, std::string body
    );

    /// Whether the key works, and whether `issue` exists where it is not empty.
    [[nodiscard]] boost::asio::awaitable<Delivery> check(std::string issue, net::Limits limits = {});

    /// What `issue` is and was called: it gets another identifier where it is moved to another team. Empty
    /// where Linear doesn't say so within a second, since somebody waits.
    [[nodiscard]] boost::asio::awaitable<std::vector<std::string>> names_of(std::string issue);

private:
    [[nodiscard]] boost::asio::awaitable<net::Outcome<net::HttpResponse>> query(
        std::string text, boost::json::object variables, net::Limits limits = {}
    );

    net::HttpClient& http_;
    std::string url_;
    std::string key_;
};

}  // namespace slipway::linear
