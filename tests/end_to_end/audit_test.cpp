// What an auditor does with the real program: the head that is posted daily, a ledger somebody forged, packs.
#include "storage/chain.hpp"
#include "tests/end_to_end/live_deployment.hpp"
#include "tests/end_to_end/program.hpp"
#include "tests/storage/temporary_store.hpp"

#include <catch2/generators/catch_generators.hpp>

#include <fstream>
#include <regex>

namespace demo {

namespace {

using slipway::storage::testing::tamper;

/// A bot that posts the head of its ledger into a channel of its own, and the auditor's terminal.
struct Audited : BotInSimulator {
    Program program{folder / "", {}};
    TeamMember alice{*this, "U0ALICE"};

    Audited() : BotInSimulator(configured("[audit]\nchannel = \"C0AUDIT\"\n"))
    {
        server.workspace.add_channel(
            {.id = "C0AUDIT", .name = "audit", .members = {"U0RAJ", server.workspace.bot_user}}
        );
        std::ofstream(folder / "slipway.toml")
            << example_config() << "[store]\npath = \"" << store_path.string() << "\"\n";
        start_bot();
    }

    /// "2026-11-24 <hash>", oldest first.
    [[nodiscard]] std::vector<std::string> posted_heads() const
    {
        static const std::regex head(R"(Head of the ledger on (\S+): `([0-9a-f]{64})`)");
        std::vector<std::string> found;
        for (const auto& [ts, message] : server.workspace.channels.at("C0AUDIT").messages) {
            std::smatch part;
            const auto text = readable(message.text, message.blocks);
            if (std::regex_search(text, part, head)) {
                found.push_back(part[1].str() + " " + part[2].str());
            }
        }
        return found;
    }

    [[nodiscard]] std::string head() const
    {
        return rows("SELECT hash FROM events ORDER BY seq DESC LIMIT 1").front();
    }
};

/// SQL of somebody who knows the chain: row `seq` says it was Eve, and every hash from there on fits again.
std::string rebuilt_from(const std::filesystem::path& path, std::int64_t seq)
{
    std::string sql;
    std::string last;
    slipway::storage::Store store(path, slipway::storage::Store::Access::read_only);
    store.for_each_ledger_row([&](slipway::storage::LedgerRow row) {
        row.actor = row.seq == seq ? "U0EVE" : row.actor;
        row.prev_hash = row.seq > seq ? last : row.prev_hash;
        row.hash = row.seq >= seq ? slipway::storage::chain_hash(row) : row.hash;
        last = row.hash;
        sql += "UPDATE events SET actor = '" + row.actor + "', prev_hash = '" + row.prev_hash +
               "', hash = '" + row.hash + "' WHERE seq = " + std::to_string(row.seq) + ";";
    });
    return sql + "UPDATE ledger_head SET hash = '" + last + "'";
}

}  // namespace

TEST_CASE("the head of the ledger is posted once a day, also over a restart", "[end_to_end][audit]")
{
    Audited world;
    world.advance(11min);
    const auto first = world.head();  // the rotation was read
    CHECK(world.posted_heads() == std::vector<std::string>{"2026-11-24 " + first});
    REQUIRE(world.alice.plans());
    world.advance(11min);
    REQUIRE(world.alice.plans({{"what", "Next one"}, {"starts_at", nullptr}}));
    world.advance(11min);
    world.stop_bot();
    world.start_bot();
    world.advance(11min);
    CHECK(world.posted_heads().size() == 1);
    world.advance_to("2026-11-25 00:05");
    world.advance(11min);
    const auto heads = world.posted_heads();
    REQUIRE(heads.size() == 2);
    CHECK(heads.back().starts_with("2026-11-25 "));
    CHECK(heads.back() != "2026-11-25 " + first);
    CHECK(world.rows("SELECT seq FROM events WHERE hash = '" + heads.back().substr(11) + "'").size() == 1);
}

TEST_CASE("a chain that was rebuilt verifies, and lacks the head that was posted", "[end_to_end][audit]")
{
    Audited world;
    REQUIRE(world.alice.plans());
    world.advance(11min);
    REQUIRE(world.posted_heads().size() == 1);
    const auto posted = world.posted_heads().front().substr(11);
    REQUIRE(world.alice.plans({{"what", "Next one"}, {"starts_at", nullptr}}));
    world.stop_bot();
    const auto with_head = "audit verify --head " + posted;
    CHECK(world.program.run(with_head).code == 0);
    tamper(world.store_path, rebuilt_from(world.store_path, 1));
    const auto alone = world.program.run("audit verify");
    CAPTURE(alone.said);
    CHECK(alone.code == 0);
    CHECK(alone.says("the ledger is intact"));
    const auto found = world.program.run(with_head);
    CAPTURE(found.said);
    CHECK(found.code == 1);
    CHECK(found.says("has no row with the hash " + posted + ": it has been rebuilt or cut off since"));
    REQUIRE(world.program.run("audit export --format jsonl").code == 0);
    std::filesystem::copy(world.folder / "said", world.folder / "ledger.jsonl");
    CHECK(world.program.run("audit verify ledger.jsonl").code == 0);
    CHECK(world.program.run("audit verify ledger.jsonl --head " + posted).code == 1);
}

TEST_CASE("a row of the ledger that was changed is named, with exit code 1", "[end_to_end][audit]")
{
    Audited world;
    REQUIRE(world.alice.plans());
    world.alice.types("/deploy cancel D-1 not needed");
    REQUIRE(world.settle());
    world.stop_bot();
    tamper(world.store_path, "UPDATE events SET actor = 'U0EVE' WHERE seq = 2");
    const auto changed = world.program.run("audit verify");
    CAPTURE(changed.said);
    CHECK(changed.code == 1);
    CHECK(changed.says("the ledger is broken: row 2 was changed"));
}

TEST_CASE("a pack is checked beside the population, without the database", "[end_to_end][audit]")
{
    Audited world;
    REQUIRE(world.alice.plans());
    REQUIRE(world.alice.plans({{"what", "Next one"}, {"starts_at", nullptr}}));
    world.alice.types("/deploy cancel D-1 not needed");
    REQUIRE(world.settle());
    world.stop_bot();
    const auto exported = [&](const std::string& arguments, const std::string& name) {
        REQUIRE(world.program.run("audit export " + arguments).code == 0);
        std::filesystem::copy(world.folder / "said", world.folder / name);
    };
    exported("--deployment D-1 --format md", "D-1.md");
    exported("--population --format csv", "population.csv");
    std::filesystem::remove(world.folder / "slipway.toml");
    const auto alone = world.program.run("audit verify D-1.md");
    CAPTURE(alone.said);
    CHECK(alone.code == 0);
    CHECK(alone.says("whether a row is missing from it was not checked"));
    const auto both = world.program.run("audit verify D-1.md --population population.csv");
    CAPTURE(both.said);
    CHECK(both.code == 0);
    CHECK(both.says("the export of D-1 is intact; "));
    CHECK_FALSE(both.says("not checked"));
    CHECK(world.program.run("audit verify --population population.csv").code == 2);

    // Somebody takes its end out of it.
    std::ifstream pack(world.folder / "D-1.md");
    std::ofstream forged(world.folder / "forged.md");
    for (std::string line; std::getline(pack, line);) {
        if (!contains(line, "\"cancelled\"")) {
            forged << line << '\n';
        }
    }
    forged.close();
    CHECK(world.program.run("audit verify forged.md").code == 0);
    const auto short_one = world.program.run("audit verify forged.md --population population.csv");
    CAPTURE(short_one.said);
    CHECK(short_one.code == 1);
    CHECK(short_one.says("the export of D-1 is broken: row 4 is missing"));
}

TEST_CASE("a body that is no JSON any more is exported as it stands, and named", "[end_to_end][audit]")
{
    Audited world;
    REQUIRE(world.alice.plans());
    world.stop_bot();
    tamper(world.store_path, "UPDATE events SET body = '{' WHERE seq = 1");
    const auto* format = GENERATE("csv", "jsonl", "md");
    CAPTURE(format);
    REQUIRE(world.program.run(std::string("audit export --format ") + format).code == 0);
    std::filesystem::copy(world.folder / "said", world.folder / "ledger");
    const auto found = world.program.run("audit verify ledger");
    CAPTURE(found.said);
    CHECK(found.code == 1);
    CHECK(found.says("row 1 was changed"));
}

}  // namespace demo
