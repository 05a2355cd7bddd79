#include "commands/pipeline/gate1_facts.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch_test_macros.hpp>

namespace slipway {

namespace {

namespace json = boost::json;

/// A pull request of Alice's that passes Gate 1; tests spoil one thing each.
GitHubAnswers good()
{
    GitHubAnswers answers;
    answers.pull_request = json::parse(R"({
        "title": "ENG-123 Faster search", "user": {"login": "alice"}, "head": {"sha": "abc123"},
        "body": "What it does.\n\n## Testing\n\nTried it in staging."})")
                               .as_object();
    answers.reviews =
        json::parse(R"([{"user": {"login": "bob"}, "state": "APPROVED", "commit_id": "abc123"}])").as_array();
    answers.check_runs =
        json::parse(
            R"({"total_count": 2, "check_runs": [{"conclusion": "success"}, {"conclusion": "skipped"}]})"
        )
            .as_object();
    answers.status = json::parse(R"({"total_count": 0, "state": "pending"})").as_object();
    answers.threads = json::parse(R"({"totalCount": 1, "nodes": [{"isResolved": true}]})").as_object();
    return answers;
}

bool holds(const GitHubAnswers& answers, const char* condition)
{
    return gate1_facts(answers, "ENG-123").conditions.at(condition).holds;
}

}  // namespace

TEST_CASE("all five conditions of Gate 1 are read", "[commands][gates]")
{
    for (const auto* condition :
         {"approved", "ci_green", "threads_resolved", "testing_notes", "issue_referenced"}) {
        CAPTURE(condition);
        CHECK(holds(good(), condition));
        CHECK_FALSE(holds(GitHubAnswers{}, condition));
    }
}

TEST_CASE("at least one peer review approval", "[commands][gates]")
{
    auto answers = good();
    SECTION("of the head commit, not of an older one")
    {
        answers.reviews =
            json::parse(R"([{"user":{"login":"bob"},"state":"APPROVED","commit_id":"old"}])").as_array();
    }
    SECTION("not from the author")
    {
        answers.reviews =
            json::parse(R"([{"user":{"login":"alice"},"state":"APPROVED","commit_id":"abc123"}])").as_array();
    }
    SECTION("not taken back")
    {
        answers.reviews.push_back(
            json::parse(R"({"user":{"login":"bob"},"state":"CHANGES_REQUESTED","commit_id":"abc123"})")
        );
    }
    SECTION("not from a bot")
    {
        answers.reviews =
            json::parse(R"([{"user":{"login":"bob","type":"Bot"},"state":"APPROVED","commit_id":"abc123"}])")
                .as_array();
    }
    SECTION("a comment is none")
    {
        answers.reviews =
            json::parse(R"([{"user":{"login":"bob"},"state":"COMMENTED","commit_id":"abc123"}])").as_array();
    }
    CHECK_FALSE(holds(answers, "approved"));
}

TEST_CASE("a comment after the approval takes nothing back", "[commands][gates]")
{
    auto answers = good();
    answers.reviews.push_back(
        json::parse(R"({"user":{"login":"bob"},"state":"COMMENTED","commit_id":"abc123"})")
    );
    CHECK(holds(answers, "approved"));
}

TEST_CASE("all CI checks pass", "[commands][gates]")
{
    auto answers = good();
    SECTION("a failure")
    {
        answers.check_runs =
            json::parse(R"({"total_count":1,"check_runs":[{"conclusion":"failure"}]})").as_object();
    }
    SECTION("one still runs")
    {
        answers.check_runs =
            json::parse(R"({"total_count":1,"check_runs":[{"conclusion":null}]})").as_object();
    }
    SECTION("no check at all is not green")
    {
        answers.check_runs = json::parse(R"({"total_count":0,"check_runs":[]})").as_object();
    }
    SECTION("more checks than were read") { answers.check_runs["total_count"] = 300; }
    SECTION("a failing commit status")
    {
        answers.status = json::parse(R"({"total_count":1,"state":"failure"})").as_object();
    }
    CHECK_FALSE(holds(answers, "ci_green"));
}

TEST_CASE("no unresolved review comments", "[commands][gates]")
{
    auto answers = good();
    answers.threads =
        json::parse(R"({"totalCount":2,"nodes":[{"isResolved":true},{"isResolved":false}]})").as_object();
    CHECK_FALSE(holds(answers, "threads_resolved"));
    answers.threads = json::parse(R"({"totalCount":101,"nodes":[{"isResolved":true}]})").as_object();
    CHECK_FALSE(holds(answers, "threads_resolved"));
}

TEST_CASE("the description includes testing notes", "[commands][gates]")
{
    auto answers = good();
    for (const auto* body :
         {"", "No notes.", "## Testing\n", "## Testing\n\n## Next\n\nx", "We tested it."}) {
        CAPTURE(body);
        answers.pull_request["body"] = body;
        CHECK_FALSE(holds(answers, "testing_notes"));
    }
    for (const auto* body :
         {"**How to test**\nRun it.", "### Test plan\r\n\r\n1. Run it", "x\n## Tests\n- unit"}) {
        CAPTURE(body);
        answers.pull_request["body"] = body;
        CHECK(holds(answers, "testing_notes"));
    }
}

TEST_CASE("a description of empty lines is read in no time", "[commands][gates]")
{
    auto answers = good();
    const std::string empty_lines(10'000, '\n');
    for (const std::string before : {"## Testing", "## Testing\n", "**Tests**  ", "x"}) {
        CAPTURE(before);
        answers.pull_request["body"] = before + empty_lines;
        CHECK_FALSE(holds(answers, "testing_notes"));
    }
    answers.pull_request["body"] = "## Testing" + empty_lines + "Ran it.";
    CHECK(holds(answers, "testing_notes"));
    answers.pull_request["body"] = "## Testing\n<!--\n" + empty_lines + "How did you test?\n-->\n";
    CHECK_FALSE(holds(answers, "testing_notes"));
    answers.pull_request["body"] = "## Testing\n<!-- how? -->\nRan it.";
    CHECK(holds(answers, "testing_notes"));
    answers.pull_request["body"] = "## Contest\nWe won.\n## Latest\nx";
    CHECK_FALSE(holds(answers, "testing_notes"));
}

TEST_CASE("the commit that was read of is told", "[commands][gates]")
{
    CHECK(gate1_facts(good(), "ENG-123").head == "abc123");
}

TEST_CASE("the sprint item is referenced", "[commands][gates]")
{
    auto answers = good();
    answers.pull_request["title"] = "Faster search";
    CHECK_FALSE(holds(answers, "issue_referenced"));
    answers.pull_request["body"] = "Closes ENG-1234";
    CHECK_FALSE(holds(answers, "issue_referenced"));
    answers.pull_request["body"] = "Closes eng-123.";
    CHECK(holds(answers, "issue_referenced"));
}

TEST_CASE("the addresses of pull requests", "[commands][gates]")
{
    CHECK(pull_request_from("https://github.com/acme/web/pull/12")->repository == "acme/web");
    CHECK(pull_request_from("https://github.com/acme/web/pull/12/files#diff")->number == "12");
    CHECK_FALSE(pull_request_from("https://github.com/acme/web/issues/12"));
    CHECK_FALSE(pull_request_from("https://github.com/acme/web/pull/"));
    CHECK_FALSE(pull_request_from("http://github.com/acme/web/pull/12"));
}

}  // namespace slipway
