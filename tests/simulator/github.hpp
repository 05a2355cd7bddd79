#pragma once

#include "bot/net/http_server.hpp"
#include "tests/simulator/changes.hpp"
#include "tests/simulator/json.hpp"
#include "tests/simulator/transcript.hpp"

#include <map>
#include <string>
#include <vector>

namespace simulator {

/// A pull request as GitHub shows it. What a fresh one lacks for Gate 1 is nothing.
struct PullRequest {
    struct Review {
        std::string user, state, commit;
        std::string association = "MEMBER";
    };

    struct Check {
        std::string name, status, conclusion;
    };

    std::string author = "alice-codes";
    std::string title = "Faster search (ENG-123)";
    std::string body = "A new index.\n\n## Testing\nRan the suite, clicked through staging.\n";
    std::string head = "1111111111111111111111111111111111111111";
    std::vector<Review> reviews{{"bob-codes", "APPROVED", "1111111111111111111111111111111111111111"}};
    std::vector<Check> checks{{"build", "completed", "success"}, {"lint", "completed", "success"}};
    std::vector<bool> threads{true};  ///< resolved or not
    json::object more{};              ///< what else GitHub says of it: "draft", "state"
};

/// A workflow that somebody dispatched.
struct Dispatch {
    std::string repository, workflow, reference;
    json::object inputs;
    int looks_until_end = 0;
};

/// GitHub's REST and GraphQL APIs, as much of them as Gate 1 and github_workflow need.
class GitHub {
public:
    GitHub(Changes& changes, Transcript& transcript) : changes_(changes), transcript_(transcript) {}

    std::string token = "github-test";
    std::map<std::string, PullRequest> pull_requests;  ///< by "acme/web/12"
    std::vector<Dispatch> dispatches;
    int looks_until_end = 1;  ///< how often a run is seen in progress before it is completed
    std::string conclusion = "success";
    std::map<std::string, std::string> conclusions;  ///< by service, where it is another
    bool names_runs = true;    ///< answers a dispatch with the run that it became, where that is asked for
    int looks_until_seen = 0;  ///< how often the runs are listed without those that were dispatched
    std::string older_conclusion;  ///< of a run that was there before; empty: there was none

    /// `path` and what follows it, without the prefix under which it is served.
    [[nodiscard]] slipway::net::ServerResponse answer(
        const std::string& path, const slipway::net::ServerRequest& request
    );

private:
    [[nodiscard]] slipway::net::ServerResponse threads_of(const json::object& question) const;
    [[nodiscard]] slipway::net::ServerResponse pull_request(
        const std::string& name, const std::string& part, std::size_t page
    ) const;
    [[nodiscard]] slipway::net::ServerResponse commit(const std::string& head, const std::string& part) const;
    [[nodiscard]] json::object run(std::size_t number);
    [[nodiscard]] slipway::net::ServerResponse workflow(
        const std::string& repository,
        const std::string& file,
        const std::string& part,
        const slipway::net::ServerRequest& request
    );

    Changes& changes_;
    Transcript& transcript_;
};

}  // namespace simulator
