#pragma once

#include "bot/net/http.hpp"
#include "bot/runtime/clock.hpp"
#include "commands/pipeline/gate1_facts.hpp"
#include "commands/pipeline/policy.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace slipway::github {

/// Reads pull requests over REST and GraphQL.
class Client {
public:
    /// All must outlive this. `api_url` is https://api.github.com, or an enterprise server's …/api/v3.
    Client(
        net::HttpClient& http,
        const Clock& clock,
        const Policy& policy,
        std::string api_url,
        std::string token
    );

    /// The facts of Gate 1 (see gate1_facts), unreachable when any of them cannot be read: a fact that cannot
    /// be read is never taken for green (design 1.4). Ends within about two seconds
    /// (one more for each three hundred reviews or checks), since somebody waits for the answer to a command.
    [[nodiscard]] boost::asio::awaitable<Gate1Facts> gate1(std::string url, std::string linear_issue);

    /// The head of the pull request alone, or why it is unreachable, within one second.
    [[nodiscard]] boost::asio::awaitable<Gate1Facts> head(std::string url);

private:
    [[nodiscard]] boost::asio::awaitable<Gate1Facts> read_gate1(
        PullRequest pull_request, std::string linear_issue
    );
    [[nodiscard]] boost::asio::awaitable<Gate1Facts> read_head(PullRequest pull_request);
    [[nodiscard]] boost::asio::awaitable<boost::json::object> pull(PullRequest pull_request);
    [[nodiscard]] boost::asio::awaitable<boost::json::value> get(std::string path);
    [[nodiscard]] boost::asio::awaitable<boost::json::array> pages(std::string path, std::string member);
    [[nodiscard]] boost::asio::awaitable<boost::json::array> threads(PullRequest pull_request);
    [[nodiscard]] boost::asio::awaitable<boost::json::value> read(net::HttpRequest request);

    net::HttpClient& http_;
    const Clock& clock_;
    const Policy& policy_;
    std::string api_url_;
    std::string token_;
};

}  // namespace slipway::github
