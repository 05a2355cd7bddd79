// Gate 1, read from a GitHub on loopback or attested by people (design 4.3).
#include "tests/end_to_end/live_deployment.hpp"

#include <functional>

namespace demo {

namespace {

using Rows = std::vector<std::string>;
using What = simulator::Fault::What;

constexpr auto name = "acme/web/12";

BotInSimulator::Options with_token()
{
    BotInSimulator::Options options;
    options.environment = {{"GITHUB_TOKEN", "github-test"}};
    return options;
}

/// D-1 lacks nothing that people say; its pull request is one that GitHub knows and finds no fault with.
struct OnGitHub : ReadyDeployment {
    OnGitHub()
        : ReadyDeployment(
              with_token(),
              {{"pull_request", "https://github.com/acme/web/pull/12"}},
              {"gate2", "pre_deployment"}
          )
    {
        server.github.pull_requests[name] = {};
        advance_to("2026-11-24 22:00");
    }

    simulator::PullRequest& pull_request() { return server.github.pull_requests.at(name); }
};

}  // namespace

TEST_CASE(
    "Gate 1 is read from GitHub, and what was read is in the ledger once it was used", "[end_to_end][gate1]"
)
{
    OnGitHub world;
    const auto facts =
        "SELECT json_extract(body, '$.item') || ': ' || json_extract(body, '$.evidence') "
        "FROM events WHERE kind = 'item_ticked' AND json_extract(body, '$.checklist') = 'gate1'";
    world.bob.types("/deploy check D-1");
    CHECK(was_whispered(world, "U0BOB", "would start now"));
    CHECK(world.rows(facts).empty());
    REQUIRE(world.bob.presses("D-1", "verb:start"));
    CHECK(world.stage() == "deploying");
    CHECK(
        world.rows(facts) ==
        Rows{
            "approved: GitHub: approved by bob-codes at 111111111111",
            "ci_green: GitHub: every check of 111111111111 passed",
            "threads_resolved: GitHub: no unresolved thread at 111111111111",
            "testing_notes: GitHub: the description has a testing section",
            "issue_referenced: GitHub: ENG-123 is referenced"}
    );
    CHECK(thread_says(world, "D-1", "Gate 1 passed"));
}

TEST_CASE("each condition of Gate 1 that GitHub denies blocks the start", "[end_to_end][gate1]")
{
    struct Row {
        const char* denied;
        std::function<void(simulator::PullRequest&)> spoil;
    };

    const std::vector<Row> table{
        {"At least one peer review approval", [](auto& shown) { shown.reviews.clear(); }},
        {"At least one peer review approval",  // older than the head commit
         [](auto& shown) { shown.head = "2222222222222222222222222222222222222222"; }},
        {"At least one peer review approval", [](auto& shown) { shown.reviews[0].user = shown.author; }},
        {"At least one peer review approval", [](auto& shown) { shown.reviews[0].user = "renovate[bot]"; }},
        {"At least one peer review approval",  // taken back on the second page of reviews
         [](auto& shown) {
             shown.reviews.resize(130, {"carl-codes", "COMMENTED", shown.head});
             shown.reviews[129] = {"bob-codes", "CHANGES_REQUESTED", shown.head};
         }},
        {"All CI checks pass (tests, lint, build)",
         [](auto& shown) { shown.checks[1].conclusion = "failure"; }},
        {"All CI checks pass (tests, lint, build)",
         [](auto& shown) {
             shown.checks[1] = {"lint", "in_progress", ""};
         }},
        {"No unresolved review comments",
         [](auto& shown) {
             shown.threads = {true, false};
         }},
        {"PR description includes testing notes", [](auto& shown) { shown.body = "ENG-123"; }},
        {"Acceptance criteria from sprint item are referenced",
         [](auto& shown) { shown.title = "Faster search (ENG-1234)"; }},
    };
    OnGitHub world;
    for (const auto& row : table) {
        CAPTURE(row.denied);
        world.pull_request() = {};
        row.spoil(world.pull_request());
        world.bob.types("/deploy start D-1");
        CHECK(
            last_whisper(world, "U0BOB").find(std::string("Not met on GitHub yet: ") + row.denied) !=
            std::string::npos
        );
        CHECK(world.stage() == "signed off");
    }
    world.pull_request() = {};
    world.bob.types("/deploy start D-1");
    CHECK(world.stage() == "deploying");
}

TEST_CASE("a GitHub that cannot be read blocks, and says why", "[end_to_end][gate1]")
{
    OnGitHub world;
    simulator::Fault fault;
    fault.on = "github";
    fault.times = 0;
    for (const auto what : {What::reset, What::html, What::hold}) {
        CAPTURE(to_string(what));
        fault.what = what;
        world.server.faults.add(fault);
        world.bob.types("/deploy start D-1");
        CHECK(last_whisper(world, "U0BOB").find("I couldn't read GitHub (") != std::string::npos);
        CHECK(world.stage() == "signed off");
        world.server.faults.clear();
    }
    world.server.github.token = "github-other";
    world.bob.types("/deploy start D-1");
    CHECK(last_whisper(world, "U0BOB").find("GitHub refuses the token (HTTP 401)") != std::string::npos);
    world.server.github.token = "github-test";
    world.bob.types("/deploy start D-1");
    CHECK(world.stage() == "deploying");
}

TEST_CASE("an approval is found on every page of reviews, and too many are not read", "[end_to_end][gate1]")
{
    OnGitHub world;
    auto& shown = world.pull_request();
    const auto approval = shown.reviews.front();
    shown.reviews.assign(400, {"carl-codes", "COMMENTED", shown.head});
    world.bob.types("/deploy start D-1");
    CHECK(last_whisper(world, "U0BOB").find("more reviews than are read") != std::string::npos);
    shown.reviews.back() = approval;
    shown.reviews.erase(shown.reviews.begin());
    world.bob.types("/deploy start D-1");
    CHECK(world.stage() == "deploying");
}

TEST_CASE("where GitHub is asked nobody ticks Gate 1 by hand, though it be red", "[end_to_end][gate1]")
{
    OnGitHub world;
    world.pull_request().checks[1].conclusion = "failure";
    CHECK(card_text(world, "D-1").find("Gate 1 by GitHub") != std::string::npos);
    for (const auto* item :
         {"approved", "ci_green", "threads_resolved", "testing_notes", "issue_referenced"}) {
        world.bob.types(std::string("/deploy tick D-1 gate1 ") + item);
        CHECK(last_whisper(world, "U0BOB").find("is read from GitHub") != std::string::npos);
    }
    CHECK(
        world
            .rows("SELECT 1 FROM events WHERE kind IN ('item_ticked', 'gate_passed') AND body LIKE '%gate1%'")
            .empty()
    );
    CHECK(world.rows("SELECT 1 FROM events WHERE kind = 'gate_passed' AND json_extract(body, '$.gate') = 1")
              .empty());
}

TEST_CASE("the commit that was signed off is the one that is started", "[end_to_end][gate1]")
{
    OnGitHub world;
    REQUIRE(world.alice.plans(
        {{"pull_request", "https://github.com/acme/web/pull/12"},
         {"commit", "2222222"},
         {"starts_at", nullptr}}
    ));
    world.dana.types("/deploy check D-2");
    CHECK(
        last_whisper(world, "U0DANA").find("now at 111111111111, but 2222222 was signed off") !=
        std::string::npos
    );
    world.bob.types("/deploy start D-1");
    CHECK(
        world.rows("SELECT json_extract(body, '$.commit') FROM events WHERE kind = 'started'") ==
        Rows{world.pull_request().head}
    );
}

TEST_CASE("without a token a developer who is not the author attests Gate 1", "[end_to_end][gate1]")
{
    ReadyDeployment world(
        {}, {{"pull_request", "https://github.com/acme/web/pull/12"}}, {"gate2", "pre_deployment"}
    );
    world.advance_to("2026-11-24 22:00");
    world.alice.types("/deploy tick D-1 gate1 approved");
    CHECK(was_whispered(world, "U0ALICE", "Gate 1 needs another developer"));
    world.jane.types("/deploy tick D-1 gate1 approved");
    CHECK(was_whispered(world, "U0JANE", "Only a developer other than the author can tick Gate 1"));
    REQUIRE(world.bob.ticks_all("D-1", "gate1"));
    CHECK(thread_says(world, "D-1", "Gate 1 passed"));
    CHECK(
        world.rows("SELECT DISTINCT actor FROM events WHERE kind = 'item_ticked' AND body LIKE '%gate1%'") ==
        Rows{"U0BOB"}
    );
    REQUIRE(world.bob.presses("D-1", "verb:start"));
    CHECK(world.stage() == "deploying");
}

}  // namespace demo
