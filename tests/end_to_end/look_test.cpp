// What people look up: the document's tables as they are configured, the runbook without the bot.
#include "tests/end_to_end/live_deployment.hpp"

namespace demo {

namespace {

bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("/deploy help pipeline shows the document's two tables", "[end_to_end][look]")
{
    Team world;
    world.jane.types("/deploy help pipeline");
    const auto text = last_whisper(world, "U0JANE");
    for (const auto* row :
         {"*Development*: PR approved, CI passes. Peer developer (+ Dev Lead for complex) (<@U0DANA>). "
          "During sprint.",
          "*Staging*: Stakeholder sign-off. Product Lead + original requestor (<@U0PETRA>). 1-2 days.",
          "*Production*: Pre-deploy checklist. Dev Lead + on-call developer (<@U0ALICE>, <@U0DANA>). "
          "Deployment window: Tue, Wed 22:00-02:00 preferred; Thu 22:00-02:00 acceptable.",
          "*Monitoring*: 24hr clean. On-call developer (<@U0ALICE>). 24 hours post-deploy.",
          "*Error rate*: &gt; 5% from baseline. On-call (no approval needed).",
          "*Critical feature broken*: Any. On-call (no approval needed).",
          "*Database corruption*: Any. On-call (no approval needed).",
          "*Security vulnerability*: Any. On-call (no approval needed).",
          "*User-reported issues*: &gt; 10/hour. On-call (evaluate, likely rollback)."}) {
        CAPTURE(row, text);
        CHECK(contains(text, row));
    }
}

TEST_CASE("an App Home that is open shows what has happened since", "[end_to_end][look]")
{
    Team world;
    auto& workspace = world.server.workspace;
    const auto home = [&] {
        const auto found = workspace.homes.find("U0JANE");
        return found == workspace.homes.end() ? std::string{}
                                              : json::serialize(workspace.views.at(found->second).body);
    };
    world.server.people.open_home("U0JANE");
    REQUIRE(world.until([&] { return !home().empty(); }));
    CHECK_FALSE(contains(home(), "Faster search"));
    REQUIRE(world.alice.plans());
    REQUIRE(world.until([&] { return contains(home(), "verb:signoff"); }));
    CHECK(contains(home(), "Faster search"));
    world.jane.types("/deploy signoff D-1");
    CHECK(world.until([&] { return !contains(home(), "verb:signoff"); }));
}

TEST_CASE("/deploy help pipeline shows them as they are configured", "[end_to_end][look]")
{
    BotInSimulator::Options options;
    options.config =
        example_config() +
        "[triggers]\nerror_rate = 2.5\nerror_rate_unit = \"points\"\ntickets = 3\ntickets_minutes = 30\n"
        "[[window]]\ndays = [\"Mon\"]\nfrom = \"06:30\"\nto = \"08:00\"\ngrade = \"acceptable\"\n";
    Team world(options);
    world.jane.types("/deploy help pipeline");
    const auto text = last_whisper(world, "U0JANE");
    CAPTURE(text);
    CHECK(contains(text, "Deployment window: Mon 06:30-08:00 acceptable."));
    CHECK(contains(text, "&gt; 2.5 points from baseline"));
    CHECK(contains(text, "&gt; 3/30 minutes"));
}

TEST_CASE("a team's own checklists take the place of the document's", "[end_to_end][look]")
{
    BotInSimulator::Options options;
    options.config = example_config() +
                     "[checklists]\nsmoke = [\"loads\", \"search: Search finds a contact\"]\n"
                     "pre_deployment = [\"gate2\", \"on_call\", \"notified\", \"backup: Backup taken\"]\n";
    StartedDeployment world(options);
    world.plan_another();
    world.bob.types("/deploy check D-2");
    CHECK(contains(last_whisper(world, "U0BOB"), "Before deploying: Backup taken"));
    CHECK_FALSE(contains(last_whisper(world, "U0BOB"), "Environment variables"));
    world.bob.types("/deploy done D-1");
    CHECK(contains(last_whisper(world, "U0BOB"), "Search finds a contact"));
    CHECK_FALSE(contains(last_whisper(world, "U0BOB"), "Login works"));
    world.complete();
}

TEST_CASE("the example team's business hours are configured", "[end_to_end][look]")
{
    BotInSimulator::Options options;
    options.config = example_config() + "[business_hours]\nfrom = \"08:00\"\nto = \"15:00\"\n";
    Team world(options);
    REQUIRE(world.alice.plans({{"priority", "P1"}}));
    world.bob.types("/deploy check D-1");
    CHECK(contains(last_whisper(world, "U0BOB"), "To start earlier, a Dev Lead can record an exception")
    );  // 15:00 is over
}

}  // namespace demo
