#include "tests/demo/team_member.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fstream>

namespace demo {

namespace {

void write(const std::filesystem::path& path, const std::string& text) { std::ofstream(path) << text; }

std::string with_runbook(const std::filesystem::path& path)
{
    return example_config() + "[runbook]\nfile = \"" + path.string() + "\"\n";
}

}  // namespace

TEST_CASE("the runbook is kept, shown by section, and a credential in it is refused", "[end_to_end][runbook]")
{
    const Folder folder;
    const auto path = folder / "runbook.md";
    write(path, "# Runbook\n## Rollback Commands\ngit revert HEAD\n");
    BotInSimulator::Options options;
    options.config = with_runbook(path);
    BotInSimulator world(options);
    world.start_bot();
    TeamMember bob(world, "U0BOB");
    REQUIRE(world.until([&] { return !world.rows("SELECT 1 FROM runbook").empty(); }));
    REQUIRE(world.until([&] { return was_told(world, "U0DANA", "Emergency Contacts"); }));
    bob.types("/deploy runbook rollback");
    CHECK(was_whispered(world, "U0BOB", "git revert HEAD"));
    write(path, "# Runbook\n## Rollback Commands\npassword: hunter22\n");
    world.clock.advance(std::chrono::minutes{11});
    REQUIRE(world.until([&] { return was_told(world, "U0DANA", "looks like a credential"); }));
    std::filesystem::remove(path);
    bob.types("/deploy runbook");
    CHECK(was_whispered(world, "U0BOB", "git revert HEAD"));
    CHECK_FALSE(was_whispered(world, "U0BOB", "hunter22"));
}

TEST_CASE(
    "in the last week of a quarter the Dev Lead is asked to review the runbook", "[end_to_end][runbook]"
)
{
    BotInSimulator world;
    world.start_bot();
    REQUIRE(world.settle());
    CHECK_FALSE(was_told(world, "U0DANA", "last week of the quarter"));
    world.advance_to("2026-12-28 12:00");
    REQUIRE(world.until([&] { return was_told(world, "U0DANA", "last week of the quarter"); }));
    TeamMember dana(world, "U0DANA");
    dana.types("/deploy runbook reviewed");
    CHECK(was_whispered(world, "U0DANA", "recorded"));
    const auto before = world.server.workspace.direct_messages("U0DANA").messages.size();
    world.advance_to("2026-12-29 13:00");
    CHECK(world.server.workspace.direct_messages("U0DANA").messages.size() == before);
}

}  // namespace demo
