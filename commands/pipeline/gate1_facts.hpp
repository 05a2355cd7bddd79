#pragma once

#include <boost/json/object.hpp>

#include <optional>
#include <string>

namespace slipway::github {

/// "https://github.com/acme/web/pull/12" in its parts.
struct PullRequest {
    std::string repository;  ///< "acme/web"
    std::string number;
};

[[nodiscard]] std::optional<PullRequest> pull_request_from(const std::string& url);

/// What the API answered about one pull request.
struct Answers {
    boost::json::object pull_request;  ///< GET /repos/{}/pulls/{}
    boost::json::array reviews;        ///< GET …/reviews
    boost::json::object check_runs;    ///< GET /repos/{}/commits/{}/check-runs
    boost::json::object status;        ///< GET /repos/{}/commits/{}/status
    boost::json::object threads;       ///< GraphQL: repository.pullRequest.reviewThreads
};

/// The five conditions of Gate 1 (pipeline document, Stage 1; design 4.3) as Snapshot::github wants them:
/// "approved", "ci_green", "threads_resolved", "testing_notes", "issue_referenced", each with its
/// "…_evidence".
///
/// "head" is the commit they were read of. An approval counts for that one only, and neither from the author
/// nor from a bot; somebody's later "changes requested" takes theirs back. Checks that do not exist are not
/// green. More threads than were read are not all resolved.
[[nodiscard]] boost::json::object gate1_facts(const Answers& answers, const std::string& linear_issue);

}  // namespace slipway::github
