#include "commands/pipeline/gate1_facts.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch_test_macros.hpp>

namespace slipway {

namespace {

namespace json = boost::json;

json::object review(const char* by, const char* state, const char* commit, const char* part = "MEMBER")
{
    return {{"user", {{"login", by}}}, {"state", state}, {"commit_id", commit}, {"author_association", part}};
}

json::object run(int id, const char* name, const char* conclusion, int app = 1)
{
    return {{"id", id}, {"name", name}, {"conclusion", conclusion}, {"app", {{"id", app}}}};
}

/// A pull request of Alice's that passes Gate 1; tests spoil one thing each.
GitHubAnswers good()
{
    GitHubAnswers answers;
    answers.pull_request = json::parse(R"({
        "title": "ENG-123 Faster search", "user": {"login": "alice"}, "head": {"sha": "abc123"},
        "state": "open", "draft": false, "mergeable_state": "clean",
        "base": {"ref": "main", "repo": {"default_branch": "main"}},
        "body": "What it does.\n\n## Testing\n\nTried it in staging."})")
                               .as_object();
    answers.reviews = json::array{review("bob", "APPROVED", "abc123")};
    answers.check_runs = json::array{run(1, "test", "success"), run(2, "lint", "skipped")};
    answers.status = json::parse(R"({"total_count": 0, "state": "pending"})").as_object();
    answers.threads = json::parse(R"([{"isResolved": true}])").as_array();
    return answers;
}

std::string why(const GitHubAnswers& answers, const char* condition)
{
    return gate1_facts(answers, "ENG-123").conditions.at(condition).why;
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
    }
    CHECK(gate1_facts(good(), "ENG-123").unfit.empty());
    const auto nothing = gate1_facts(GitHubAnswers{}, "ENG-123");
    for (const auto* condition : {"approved", "ci_green", "testing_notes", "issue_referenced"}) {
        CAPTURE(condition);
        CHECK_FALSE(nothing.conditions.at(condition).holds);
    }
}

TEST_CASE(
    "a pull request is fit while it is open or merged, no draft, and aimed at production", "[commands][gates]"
)
{
    struct Row {
        const char* meaning;
        json::object differs;
        const char* unfit;
    };

    const auto aimed_at = [](const char* branch) {
        return json::object{{"base", {{"ref", branch}, {"repo", {{"default_branch", "main"}}}}}};
    };
    for (const auto& row : std::vector<Row>{
             {"open", {}, ""},
             {"a draft", {{"draft", true}}, "The pull request is a draft"},
             {"closed",
              {{"state", "closed"}, {"merged", false}},
              "The pull request was closed without being merged"},
             {"merged", {{"state", "closed"}, {"merged", true}, {"mergeable_state", "unknown"}}, ""},
             {"in conflict",
              {{"mergeable_state", "dirty"}},
              "The pull request conflicts with its base branch"},
             {"the production branch", aimed_at("production"), ""},
             {"another branch",
              aimed_at("develop"),
              "The pull request is aimed at develop, neither at production nor at main"}}) {
        CAPTURE(row.meaning);
        auto answers = good();
        for (const auto& [key, value] : row.differs) {
            answers.pull_request[key] = value;
        }
        CHECK(gate1_facts(answers, "ENG-123").unfit == row.unfit);
    }
}

TEST_CASE("at least one peer review approval", "[commands][gates]")
{
    auto answers = good();
    std::string reason;
    SECTION("of the head commit, not of an older one")
    {
        answers.reviews = {review("bob", "APPROVED", "old")};
        reason = "bob approved it at old, and the head is abc123 now";
    }
    SECTION("from somebody with a part in the repository")
    {
        answers.reviews = {
            review("eve", "APPROVED", "abc123", "NONE"), review("fay", "APPROVED", "abc123", "CONTRIBUTOR")};
        reason =
            "eve approved it but is no member or collaborator, fay approved it but is no member or "
            "collaborator";
    }
    SECTION("not from the author") { answers.reviews = {review("alice", "APPROVED", "abc123", "OWNER")}; }
    SECTION("not taken back") { answers.reviews.push_back(review("bob", "CHANGES_REQUESTED", "abc123")); }
    SECTION("not from a bot")
    {
        answers.reviews = {review("bob", "APPROVED", "abc123")};
        answers.reviews.front().as_object()["user"].as_object()["type"] = "Bot";
    }
    SECTION("a comment is none") { answers.reviews = {review("bob", "COMMENTED", "abc123")}; }
    CHECK_FALSE(holds(answers, "approved"));
    CHECK(why(answers, "approved") == reason);
}

TEST_CASE("a comment after the approval takes nothing back", "[commands][gates]")
{
    auto answers = good();
    answers.reviews.push_back(review("bob", "COMMENTED", "abc123"));
    CHECK(holds(answers, "approved"));
}

TEST_CASE("owners, members and collaborators review", "[commands][gates]")
{
    for (const auto* part : {"OWNER", "MEMBER", "COLLABORATOR"}) {
        auto answers = good();
        answers.reviews = {review("bob", "APPROVED", "abc123", part)};
        CHECK(holds(answers, "approved"));
    }
}

TEST_CASE("all CI checks pass", "[commands][gates]")
{
    auto answers = good();
    std::string reason;
    SECTION("a failure")
    {
        answers.check_runs.push_back(run(3, "build", "failure"));
        reason = "Not green: build (failure)";
    }
    SECTION("one still runs")
    {
        answers.check_runs.push_back(run(3, "build", ""));
        reason = "Not green: build (not finished)";
    }
    SECTION("no check at all is not green")
    {
        answers.check_runs.clear();
        reason = "No check has succeeded";
    }
    SECTION("checks that were all skipped are not green")
    {
        answers.check_runs = {run(1, "test", "skipped"), run(2, "lint", "neutral")};
        reason = "No check has succeeded";
    }
    SECTION("a failing commit status")
    {
        answers.status = json::parse(R"({"total_count":1,"state":"failure"})").as_object();
        reason = "Not green: commit statuses (failure)";
    }
    SECTION("a required check that never reported")
    {
        answers.pull_request["mergeable_state"] = "blocked";
        reason =
            "GitHub blocks the merge: a required check hasn't reported, or another rule of the branch isn't "
            "met";
    }
    SECTION("it succeeded once, and failed when it was started again")
    {
        answers.check_runs = {run(9, "test", "failure"), run(5, "test", "success")};
        reason = "Not green: test (failure)";
    }
    SECTION("the same name of another app is another check")
    {
        answers.check_runs = {run(5, "test", "failure", 1), run(9, "test", "success", 2)};
        reason = "Not green: test (failure)";
    }
    CHECK_FALSE(holds(answers, "ci_green"));
    CHECK(why(answers, "ci_green") == reason);
}

TEST_CASE("of the runs of one check the newest stands", "[commands][gates]")
{
    for (const auto* before : {"cancelled", "failure", "stale", ""}) {
        CAPTURE(before);
        auto answers = good();
        answers.check_runs = {run(5, "title-check", before), run(9, "title-check", "success")};
        CHECK(holds(answers, "ci_green"));
        std::swap(answers.check_runs.front(), answers.check_runs.back());
        CHECK(holds(answers, "ci_green"));
    }
}

TEST_CASE("no unresolved review comments", "[commands][gates]")
{
    auto answers = good();
    answers.threads.push_back(json::object{{"isResolved", false}});
    CHECK_FALSE(holds(answers, "threads_resolved"));
    CHECK(why(answers, "threads_resolved") == "Unresolved threads: 1");
}

TEST_CASE("the description includes testing notes", "[commands][gates]")
{
    auto answers = good();
    for (const auto* body :
         {"",
          "No notes.",
          "## Testing\n",
          "## Testing\n\n## Next\n\nx",
          "## Testing\n### Manual\n## Next\nx",
          "## Testing\n\n---\n",
          "## Testing\n- [ ] unit tests\n- [ ] staging",
          "**Testing:**",
          "Testing\n-------\n",
          "Testing:\n\nReviewers: Bob",
          "- [ ] Tested on staging",
          "See https://test.example",
          "The latest contest: we won.",
          "We tested it."}) {
        CAPTURE(body);
        answers.pull_request["body"] = body;
        CHECK_FALSE(holds(answers, "testing_notes"));
    }
    for (const auto* body :
         {"**How to test**\nRun it.",
          "### Test plan\r\n\r\n1. Run it",
          "x\n## Tests\n- unit",
          "## Testing\n\n### Manual\n\nClicked through search.",
          "## Testing\n\n### Unit\n\n### Manual\nClicked through search.\n## Next",
          "What it does.\n\n**Testing:** ran the suite and searched on staging.",
          "- **Tested**: on staging",
          "Test Plan: ran the suite",
          "Testing\n-------\nRan the suite.",
          "Testing\n---\nRan the suite.",
          "Testing\n=======\n\nRan the suite.\n\n---\nBye.",
          "<h2>Testing</h2>\nRan the suite.",
          "<h3>Tests</h3><p>Ran the suite.</p>",
          "## How to verify\n1. Search",
          "## Testing\n```\n# all of it\nmake test\n```",
          "## Testing\nRan it.\n\n---\n",
          "## Testing\n- [x] unit tests",
          "Testing:\n- ran the suite",
          "Tested on staging with three users.",
          "- [x] Tested in Firefox and Safari"}) {
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
    answers.pull_request["body"] = "Closes OPS-5.";
    auto facts = gate1_facts(answers, "ENG-123");
    CHECK(facts.conditions.at("issue_referenced").why == "Neither title nor description names ENG-123");
    look_for_issue(facts, {"ENG-123", "OPS-5"});
    CHECK(facts.conditions.at("issue_referenced").holds);
    CHECK(facts.conditions.at("issue_referenced").evidence == "GitHub: OPS-5 is referenced");
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
