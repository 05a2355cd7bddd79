#include "bot/github/pull_request.hpp"

#include "bot/github/answer.hpp"
#include "tests/bot/fake_slack.hpp"

#include <boost/json/serialize.hpp>

#include <catch2/catch_test_macros.hpp>

namespace slipway::github {

namespace {

namespace json = boost::json;

constexpr auto api = "https://slack.test/api";

json::array checks(std::size_t count, std::size_t first_id)
{
    json::array runs;
    for (std::size_t each = 0; each < count; ++each) {
        const auto id = first_id + each;
        runs.push_back({{"id", id}, {"name", "check " + std::to_string(id)}, {"conclusion", "success"}});
    }
    return runs;
}

/// Everything that it was not told of is not found.
struct FakeGitHub : testing::FakeSlack {
    FakeGitHub()
    {
        otherwise = {404, {}, "{}"};
        serve("acme/web");
    }

    void answer(const std::string& path, const json::value& body)
    {
        FakeSlack::answer(path.substr(1), json::serialize(body));
    }

    /// The pull request 26 that passes Gate 1, under `repository`.
    void serve(const std::string& repository)
    {
        const auto base = "/repos/" + repository;
        answer(
            base + "/pulls/26",
            {{"title", "ENG-1"},
             {"body", "Test plan: ran it"},
             {"state", "open"},
             {"user", {{"login", "alice"}}},
             {"head", {{"sha", "2222"}}},
             {"base", {{"ref", "main"}, {"repo", {{"default_branch", "main"}, {"full_name", repository}}}}}}
        );
        answer(
            base + "/pulls/26/reviews?per_page=100",
            json::array{
                {{"user", {{"login", "bob"}}},
                 {"state", "APPROVED"},
                 {"commit_id", "2222"},
                 {"author_association", "MEMBER"}}}
        );
        answer(base + "/commits/2222/check-runs?per_page=100", {{"check_runs", checks(1, 1)}});
        answer(base + "/commits/2222/status", {{"total_count", 0}, {"state", "pending"}});
        answer_threads({{"totalCount", 0}, {"nodes", json::array{}}});
    }

    void answer_threads(const json::object& threads)
    {
        answer("/graphql", {{"data", {{"repository", {{"pullRequest", {{"reviewThreads", threads}}}}}}}});
    }
};

struct Reader {
    FakeGitHub http;
    testing::StillClock clock;
    Policy policy = document_policy();
    Client client{http, clock, policy, api, "ghp-test"};

    Gate1Facts read()
    {
        return testing::result_of(client.gate1("https://github.com/acme/web/pull/26", "ENG-1"));
    }
};

/// The conditions that hold.
int holding(const Gate1Facts& facts)
{
    return static_cast<int>(std::count_if(
        facts.conditions.begin(), facts.conditions.end(), [](const auto& each) { return each.second.holds; }
    ));
}

}  // namespace

TEST_CASE("a refusal of GitHub's says what would help", "[bot][github]")
{
    struct Row {
        const char* meaning;
        net::HttpResponse answer;
        std::string why;
        bool of_token = false;  ///< one of other rights would help
    };

    const auto policy = document_policy();
    const testing::StillClock clock;  // Tue Nov 24, 22:00 EST
    for (const auto& row : std::vector<Row>{
             {"the hour's limit",
              {403, {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1795576500"}}, ""},
              "GitHub's rate limit is used up until Tue Nov 24, 22:15 EST"},
             {"a secondary limit",
              {403, {{"Retry-After", "60"}}, R"({"message":"secondary rate limit"})"},
              "GitHub's rate limit is used up until Tue Nov 24, 22:01 EST"},
             {"a secondary limit without a time",
              {403, {{"x-ratelimit-remaining", "12"}}, R"({"message":"secondary rate limit"})"},
              "GitHub's rate limit is used up; try again in a minute"},
             {"too many", {429, {}, ""}, "GitHub's rate limit is used up; try again in a minute"},
             {"single sign-on",
              {403, {{"x-ratelimit-remaining", "12"}, {"X-GitHub-SSO", "required; url=https://x"}}, ""},
              "GitHub wants GITHUB_TOKEN to be authorized for the organization's single sign-on (SAML): its "
              "owner does that in GitHub's settings, under the token"},
             {"no token",
              {401, {}, ""},
              "GitHub refuses the token (HTTP 401): it is wrong, expired or revoked",
              true},
             {"no permission",
              {403, {{"x-ratelimit-remaining", "12"}, {"x-ratelimit-reset", "1795576500"}}, ""},
              "GitHub refuses the token (HTTP 403): it lacks a permission this needs",
              true},
             {"unknown",
              {404, {}, ""},
              "GitHub doesn't know it, or GITHUB_TOKEN may not see it (HTTP 404)",
              true},
             {"moved",
              {301, {{"Location", "https://elsewhere.test"}}, ""},
              "the repository has moved: give the new address of the pull request or workflow (HTTP 301)"},
             {"away", {502, {}, "<html>"}, "GitHub is having trouble; try again in a minute (HTTP 502)"},
             {"anything else", {422, {}, ""}, "GitHub answered HTTP 422"}}) {
        CAPTURE(row.meaning);
        CHECK(why_refused(row.answer, clock.now(), policy) == row.why);
        CHECK(wants_other_token(row.answer) == row.of_token);
    }
}

TEST_CASE("every page of checks and threads is read", "[bot][github]")
{
    Reader reader;
    REQUIRE(holding(reader.read()) == 5);
    const std::string runs = "/repos/acme/web/commits/2222/check-runs?per_page=100";
    for (std::size_t page = 1; page <= 11; ++page) {
        const auto address = page == 1 ? runs : runs + "&page=" + std::to_string(page);
        reader.http.answer(
            address,
            {{"check_runs",
              checks(
                  page < 3    ? 100
                  : page == 3 ? 20
                              : 0,
                  page * 100
              )}}
        );
    }
    CHECK(holding(reader.read()) == 5);
    reader.http.answer(
        runs + "&page=2", {{"check_runs", json::array{{{"name", "e2e"}, {"conclusion", "failure"}}}}}
    );
    CHECK(reader.read().conditions.at("ci_green").why == "Not green: e2e (failure)");
    for (std::size_t page = 2; page <= 10; ++page) {
        reader.http.answer(runs + "&page=" + std::to_string(page), {{"check_runs", checks(100, page * 100)}});
    }
    CHECK(reader.read().unreachable == "the pull request has more checks than the 1000 that I read");
    reader.http.serve("acme/web");
    reader.http.answer_threads({{"totalCount", 101}, {"nodes", json::array{{{"isResolved", true}}}}});
    const auto before = reader.http.calls("graphql");
    CHECK(reader.read().unreachable == "the pull request has more review threads than the 1000 that I read");
    CHECK(reader.http.calls("graphql") - before == 10);
}

TEST_CASE("a repository that was renamed is followed on GitHub's own server", "[bot][github]")
{
    Reader reader;
    reader.http.answers.clear();
    reader.http.serve("acme/shop");
    const auto redirect = [&](const std::string& to) {
        reader.http.answers["repos/acme/web/pulls/26"] = {301, {{"Location", to}}, ""};
    };
    redirect(std::string(api) + "/repos/acme/shop/pulls/26");
    CHECK(holding(reader.read()) == 5);
    CHECK(testing::result_of(reader.client.head("https://github.com/acme/web/pull/26")).head == "2222");
    for (const auto* elsewhere :
         {"https://evil.test/repos/acme/shop/pulls/26",
          "http://slack.test/api/repos/acme/shop/pulls/26",
          ""}) {
        CAPTURE(elsewhere);
        redirect(elsewhere);
        reader.http.asked.clear();
        CHECK(reader.read().unreachable.starts_with("the repository has moved"));
        CHECK(reader.http.asked.size() == 1);
    }
}

TEST_CASE("what GraphQL says where it gives nothing is told", "[bot][github]")
{
    Reader reader;
    reader.http.answer("/graphql", {{"errors", json::array{{{"message", "API rate limit exceeded"}}}}});
    CHECK(reader.read().unreachable == "GitHub does not list the review threads: API rate limit exceeded");
}

}  // namespace slipway::github
