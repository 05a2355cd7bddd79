#pragma once

#include <boost/json/object.hpp>

#include <map>
#include <optional>
#include <string>

namespace slipway {

/// "https://github.com/acme/web/pull/12" in its parts.
struct PullRequest {
    std::string repository;  ///< "acme/web"
    std::string number;
};

[[nodiscard]] std::optional<PullRequest> pull_request_from(const std::string& url);

/// What the API answered about one pull request.
struct GitHubAnswers {
    boost::json::object pull_request;  ///< GET /repos/{}/pulls/{}
    boost::json::array reviews;        ///< GET …/reviews
    boost::json::object check_runs;    ///< GET /repos/{}/commits/{}/check-runs
    boost::json::object status;        ///< GET /repos/{}/commits/{}/status
    boost::json::object threads;       ///< GraphQL: repository.pullRequest.reviewThreads
};

/// What GitHub says about the conditions of Gate 1 (pipeline document, Stage 1; design 4.3).
struct Gate1Facts {
    struct Fact {
        bool holds = false;
        std::string evidence{};  ///< where it holds, for the ledger
    };

    std::string unreachable{};  ///< why a fact could not be read: none counts then; empty when all were
    std::string head{};         ///< the commit that they were read of
    std::map<std::string, Fact> conditions{};  ///< by key of Policy::gate1
};

/// The five conditions "approved", "ci_green", "threads_resolved", "testing_notes", "issue_referenced".
///
/// An approval counts for the head commit only, and neither from the author nor from a bot; somebody's later
/// "changes requested" takes theirs back. Checks that do not exist are not green. More threads than were read
/// are not all resolved.
[[nodiscard]] Gate1Facts gate1_facts(const GitHubAnswers& answers, const std::string& linear_issue);

}  // namespace slipway
