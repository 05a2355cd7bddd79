#pragma once

#include "bot/net/http.hpp"
#include "commands/pipeline/gate1_facts.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace slipway::github {

/// Reads pull requests over REST and GraphQL.
class Client {
public:
    /// `http` must outlive this. `api_url` is https://api.github.com, or an enterprise server's …/api/v3.
    Client(net::HttpClient& http, std::string api_url, std::string token);

    /// The facts of Gate 1 (see gate1_facts), unreachable when any of them cannot be read: a fact that cannot
    /// be read is never taken for green (design 1.4). Ends within about two seconds
    /// (three with more than a hundred reviews), since somebody waits for the answer to a command.
    [[nodiscard]] boost::asio::awaitable<Gate1Facts> gate1(std::string url, std::string linear_issue);

private:
    [[nodiscard]] boost::asio::awaitable<boost::json::value> get(std::string path);
    [[nodiscard]] boost::asio::awaitable<boost::json::array> reviews_of(std::string pull);
    [[nodiscard]] boost::asio::awaitable<boost::json::value> threads(PullRequest pull_request);
    [[nodiscard]] boost::asio::awaitable<boost::json::value> read(net::HttpRequest request);

    net::HttpClient& http_;
    std::string api_url_;
    std::string token_;
};

}  // namespace slipway::github
