#pragma once

#include <boost/json/object.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

/// "https://github.com/acme/web/pull/12" in its parts.
struct PullRequest {
    std::string repository;  ///< "acme/web"
    std::string number;
};

[[nodiscard]] std::optional<PullRequest> pull_request_from(const std::string& url);

/// A commit's hash as people read it.
[[nodiscard]] std::string short_commit(const std::string& commit);

/// What the API answered about one pull request.
struct GitHubAnswers {
    boost::json::object pull_request;  ///< GET /repos/{}/pulls/{}
    boost::json::array reviews;        ///< GET …/reviews, all pages
    boost::json::array check_runs;     ///< GET /repos/{}/commits/{}/check-runs, all pages
    boost::json::object status;        ///< GET /repos/{}/commits/{}/status
    boost::json::array threads;        ///< GraphQL: repository.pullRequest.reviewThreads, all pages
};

/// What GitHub says about the conditions of Gate 1 (pipeline document, Stage 1; design 4.3).
struct Gate1Facts {
    struct Fact {
        bool holds = false;
        std::string evidence{};  ///< where it holds, for the ledger
        std::string why{};       ///< where it doesn't and there is more to say than that: a sentence
    };

    std::string unreachable{};  ///< why a fact could not be read: none counts then; empty when all were
    std::string head{};         ///< the commit that they were read of
    std::string unfit{};        ///< what keeps the pull request itself from being deployed: a sentence
    std::string said{};         ///< title and description, where the issue is looked for
    std::map<std::string, Fact> conditions{};  ///< by key of Policy::gate1
};

/// The five conditions "approved", "ci_green", "threads_resolved", "testing_notes", "issue_referenced".
///
/// An approval counts for the head commit only, from somebody with a part in the repository, and neither
/// from the author nor from a bot; somebody's later "changes requested" takes theirs back. Of the checks of
/// one name and app the newest stands. Checks that do not exist are not green, nor are they while GitHub
/// blocks the merge: a required check that never reported is in no list.
[[nodiscard]] Gate1Facts gate1_facts(const GitHubAnswers& answers, const std::string& linear_issue);

/// Looks for the issue under the other names that Linear has for it: it gets a new one where it is moved to
/// another team.
void look_for_issue(Gate1Facts& facts, const std::vector<std::string>& names);

}  // namespace slipway
