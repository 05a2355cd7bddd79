// Gate 3, the 24 hours, flags (pipeline document, Deployment Steps, Post-Deployment Monitoring, Feature
// Flags).
#include "tests/end_to_end/live_deployment.hpp"

namespace demo {

namespace {

using Rows = std::vector<std::string>;

bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("Gate 3 passes with every smoke test, not before", "[end_to_end][watch]")
{
    StartedDeployment world({}, {{"migrations", "yes"}});
    world.bob.types("/deploy done D-1");
    for (const auto* test :
         {"Application loads and responds",
          "Login works",
          "Core features functional (email, contacts, campaigns)",
          "New feature works as tested in staging",
          "No new errors in error logs",
          "Database migrations completed successfully"}) {
        CAPTURE(test);
        CHECK(contains(last_whisper(world, "U0BOB"), test));
    }
    REQUIRE(world.bob.ticks_all("D-1", "smoke"));
    CHECK(thread_says(world, "D-1", "All smoke tests of D-1 are ticked"));
    REQUIRE(world.bob.presses("D-1", "verb:done"));
    REQUIRE(world.bob.submits({}));
    CHECK(world.stage() == "watching");
    CHECK(
        world.rows("SELECT body FROM events WHERE kind = 'gate_passed' AND body LIKE '%\"gate\":3%'")
            .size() == 1
    );
}

TEST_CASE("the eight deployment steps are noted by name", "[end_to_end][watch]")
{
    StartedDeployment world;
    for (const auto* step : {"merge", "deploy", "migrate", "caches"}) {
        world.bob.types(std::string("/deploy step D-1 ") + step);
    }
    world.complete();
    CHECK(
        world.rows("SELECT json_extract(body, '$.step') FROM events WHERE kind = 'step_done' ORDER BY seq") ==
        Rows{"notify", "merge", "deploy", "migrate", "caches", "smoke", "announce", "watch"}
    );
    CHECK(thread_says(world, "D-1", "Merge to production branch (squash commits, reference Linear issue)"));
}

TEST_CASE(
    "the watch asks at 1, 4 and 12 hours by category, and for the clean close at 24", "[end_to_end][watch]"
)
{
    StartedDeployment world;
    world.complete();
    const auto asked = [&] { return times_told(world, "U0BOB", "how does D-1 look?"); };
    world.advance(58min);
    CHECK(asked() == 0);
    world.advance(2min);
    CHECK(asked() == 1);
    REQUIRE(world.bob.presses_in_messages("verb:tick"));
    REQUIRE(world.until([&] { return world.server.people.modal_of("U0BOB") != nullptr; }));
    REQUIRE(world.bob.submits(
        {{"items", json::array{"errors", "performance", "behavior", "adoption", "database"}}}
    ));
    CHECK(thread_says(world, "D-1", "Errors: New error patterns, error rate spikes; Performance:"));
    world.advance(178min);
    CHECK(asked() == 1);
    world.advance(2min);
    CHECK(asked() == 2);
    world.advance(8h);
    CHECK(asked() == 3);
    REQUIRE(world.bob.presses("D-1", "verb:clean"));
    CHECK(contains(last_whisper(world, "U0BOB"), "You can declare it clean then"));
    world.advance(12h);
    CHECK(times_told(world, "U0BOB", "24 hours are over") == 1);
    world.advance_to("2026-11-26 08:59");
    CHECK(times_told(world, "U0BOB", "24 hours are over") == 1);
    world.advance_to("2026-11-26 09:00");
    CHECK(times_told(world, "U0BOB", "24 hours are over") == 2);
    REQUIRE(world.alice.presses("D-1", "verb:clean"));  // on call now, though not of this deployment
    CHECK(world.stage() == "done");
    world.advance(12h);
    CHECK(times_told(world, "U0BOB", "24 hours are over") == 2);
}

TEST_CASE("the flag moves off, internal, subset, all, and back", "[end_to_end][watch]")
{
    StartedDeployment world({}, {{"flag", "fast-search"}});
    world.bob.types("/deploy flag D-1 all");
    CHECK(
        contains(last_whisper(world, "U0BOB"), "One step at a time: the flag is at off, the next is internal")
    );
    REQUIRE(world.bob.presses("D-1", "verb:flag"));
    world.bob.types("/deploy flag D-1 subset");
    world.complete();
    world.petra.types("/deploy flag D-1 all");
    world.bob.types("/deploy flag D-1 internal");
    world.bob.types("/deploy flag D-1 off");
    CHECK(
        world.rows("SELECT json_extract(body, '$.from') || '>' || json_extract(body, '$.to') FROM events "
                   "WHERE kind = 'flag_moved' ORDER BY seq"
        ) == Rows{"off>internal", "internal>subset", "subset>all", "all>internal", "internal>off"}
    );
    CHECK(thread_says(world, "D-1", "moved the flag from subset to all"));
}

}  // namespace demo
