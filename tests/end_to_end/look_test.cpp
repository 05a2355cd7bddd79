// What people look up: the document's tables as they are configured, the runbook.
#include "tests/end_to_end/live_deployment.hpp"

#include <fstream>

namespace demo {

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

TEST_CASE("a team's own checklists take the place of the document's", "[end_to_end][look]")
{
    StartedDeployment world(
        configured("[checklists]\nsmoke = [\"loads\", \"search: Search finds a contact\"]\n"
                   "pre_deployment = [\"gate2\", \"on_call\", \"notified\", \"backup: Backup taken\"]\n")
    );
    world.plan_another();
    world.bob.types("/deploy check D-2");
    CHECK(contains(last_whisper(world, "U0BOB"), "Before deploying: Backup taken"));
    CHECK_FALSE(contains(last_whisper(world, "U0BOB"), "Environment variables"));
    world.bob.types("/deploy done D-1");
    CHECK(contains(last_whisper(world, "U0BOB"), "Search finds a contact"));
    CHECK_FALSE(contains(last_whisper(world, "U0BOB"), "Login works"));
    world.complete();
}

TEST_CASE("the runbook is kept, shown by section, and a credential in it is refused", "[end_to_end][look]")
{
    const Folder folder;
    const auto path = folder / "runbook.md";
    std::ofstream(path) << "# Runbook\n## Rollback Commands\ngit revert HEAD\n";
    Team world(configured("[runbook]\nfile = \"" + path.string() + "\"\n"));
    REQUIRE(world.until([&] { return !world.rows("SELECT 1 FROM runbook").empty(); }));
    REQUIRE(world.until([&] { return was_told(world, "U0DANA", "Emergency Contacts"); }));
    world.bob.types("/deploy runbook rollback");
    CHECK(was_whispered(world, "U0BOB", "git revert HEAD"));
    std::ofstream(path) << "# Runbook\n## Rollback Commands\npassword: hunter22\n";
    world.clock.advance(std::chrono::minutes{11});
    REQUIRE(world.until([&] { return was_told(world, "U0DANA", "looks like a credential"); }));
    std::filesystem::remove(path);
    world.bob.types("/deploy runbook");
    CHECK(was_whispered(world, "U0BOB", "git revert HEAD"));
    CHECK_FALSE(was_whispered(world, "U0BOB", "hunter22"));
}

}  // namespace demo
