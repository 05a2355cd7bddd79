#include "storage/chain.hpp"

#include "tests/storage/temporary_store.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

namespace slipway::storage::testing {

namespace {

void five_events(TemporaryStore& home)
{
    home.events(1, {planned(), signed_off("U0PETRA"), signed_off("U0DANA")});
    home.events(2, {planned("api"), signed_off("U0PETRA")});
}

std::optional<BrokenRow> broken(const std::filesystem::path& path)
{
    std::optional<BrokenRow> found;
    Store reader(path, Store::Access::read_only);
    run(reader, [&](Store& store) { found = store.verify_chain(); });
    return found;
}

/// A row that hashes rightly after the last one: what only somebody who knows the chain can forge.
void forge_next(const std::filesystem::path& path)
{
    const auto prev_hash = value(path, "SELECT hash FROM events ORDER BY seq DESC LIMIT 1");
    const auto seq = value(path, "SELECT max(seq) + 1 FROM events");
    const std::string at = "2026-11-24T12:00:00.000Z";
    const LedgerRow row{std::stoll(seq), "D-1", "go_given", "U0EVE", at, "{}", prev_hash, ""};
    tamper(
        path,
        "INSERT INTO events VALUES (" + seq + ", 'D-1', 'go_given', 'U0EVE', '" + at + "', '{}', '" +
            prev_hash + "', '" + chain_hash(row) + "')"
    );
}

}  // namespace

TEST_CASE("an untouched ledger verifies", "[storage][chain]")
{
    TemporaryStore home;
    SECTION("an empty one") {}
    SECTION("one with rows") { five_events(home); }
    SECTION("one that was written by several processes")
    {
        five_events(home);
        home.reopen();
        home.events(2, {amended(2)});
    }
    CHECK_FALSE(home.ask([](Store& store) { return store.verify_chain(); }).has_value());
    CHECK_FALSE(broken(home.path).has_value());
}

TEST_CASE("the hash is the SHA-256 that its description says", "[storage][chain]")
{
    // printf '64:%064d1:53:D-17:planned7:U0ALICE24:2026-11-24T12:00:00.000Z7:{"a":1}' 0 | sha256sum
    const LedgerRow row{
        5, "D-1", "planned", "U0ALICE", "2026-11-24T12:00:00.000Z", R"({"a":1})", std::string(64, '0'), ""};
    CHECK(chain_hash(row) == "c4ceb9df8e8e37bf11d9501eb6169c25acb868e408004904a62e936fb23ac355");
}

TEST_CASE("no two different rows are hashed as the same text", "[storage][chain]")
{
    LedgerRow row{1, "D-1", "ab", "c", "at", "body", std::string(64, '0'), ""};
    const auto hash = chain_hash(row);
    std::swap(row.kind, row.actor);
    CHECK(chain_hash(row) != hash);
    row.kind = "a";
    row.actor = "bc";
    CHECK(chain_hash(row) != hash);
    row.kind = "ab1:c";
    row.actor = "";
    CHECK(chain_hash(row) != hash);
}

TEST_CASE("the head of the chain is the newest row's hash", "[storage][chain]")
{
    TemporaryStore home;
    CHECK(home.ask([](Store& store) { return store.chain_head(); }) == std::string(64, '0'));
    five_events(home);
    CHECK(home.ask([](Store& store) {
        return store.chain_head();
    }) == value(home.path, "SELECT hash FROM events WHERE seq = 5"));
}

TEST_CASE("whatever was done to the ledger, the first broken row is named", "[storage][chain]")
{
    struct Row {
        const char* what;
        const char* sql;
        std::int64_t seq;
        const char* words;
    };

    const auto row = GENERATE(values<Row>({
        {"the first row changed", "UPDATE events SET actor = 'U0EVE' WHERE seq = 1", 1, "was changed"},
        {"deployment changed", "UPDATE events SET deployment = 'D-2' WHERE seq = 2", 2, "was changed"},
        {"kind changed", "UPDATE events SET kind = 'go_given' WHERE seq = 3", 3, "was changed"},
        {"time changed", "UPDATE events SET at = '2026-11-24T11:00:00.000Z' WHERE seq = 3", 3, "was changed"},
        {"body changed",
         "UPDATE events SET body = replace(body, 'DANA', 'EVE') WHERE seq = 3",
         3,
         "was changed"},
        {"last row changed", "UPDATE events SET body = '{}' WHERE seq = 5", 5, "was changed"},
        {"hash changed", "UPDATE events SET hash = prev_hash WHERE seq = 2", 2, "was changed"},
        {"last hash changed", "UPDATE events SET hash = prev_hash WHERE seq = 5", 5, "was changed"},
        {"link changed",
         "UPDATE events SET prev_hash = hash WHERE seq = 4",
         4,
         "does not follow the row before it"},
        {"text made a blob, which no query finds",
         "UPDATE events SET deployment = CAST(deployment AS BLOB) WHERE seq = 3",
         3,
         "was changed"},
        {"two rows changed", "UPDATE events SET actor = 'U0EVE' WHERE seq IN (2, 4)", 2, "was changed"},
        {"the first deleted", "DELETE FROM events WHERE seq = 1", 1, "is missing"},
        {"one in the middle deleted", "DELETE FROM events WHERE seq = 3", 3, "is missing"},
        {"the last deleted", "DELETE FROM events WHERE seq = 5", 5, "is missing"},
        {"the last three deleted", "DELETE FROM events WHERE seq > 2", 3, "is missing"},
        {"all deleted", "DELETE FROM events", 1, "is missing"},
        {"one deleted and the gap closed",
         "DELETE FROM events WHERE seq = 3; UPDATE events SET seq = seq - 1 WHERE seq > 3",
         3,
         "does not follow the row before it"},
        {"one inserted before the first",
         "INSERT INTO events SELECT 0, deployment, kind, actor, at, body, prev_hash, hash FROM events WHERE "
         "seq = 1",
         0,
         "was inserted before the first"},
        {"one inserted in the middle",
         "UPDATE events SET seq = -seq WHERE seq > 2; UPDATE events SET seq = 1 - seq WHERE seq < 0; "
         "INSERT INTO events SELECT 3, deployment, kind, 'U0EVE', at, body, hash, hash FROM events WHERE seq "
         "= 2",
         3,
         "was changed"},
        {"one inserted at the end without a link",
         "INSERT INTO events SELECT 6, deployment, kind, actor, at, body, prev_hash, hash FROM events WHERE "
         "seq = 5",
         6,
         "does not follow the row before it"},
        {"two rows swapped",
         "UPDATE events SET seq = -2 WHERE seq = 2; UPDATE events SET seq = 2 WHERE seq = 3; "
         "UPDATE events SET seq = 3 WHERE seq = -2",
         2,
         "does not follow the row before it"},
        {"the last two swapped",
         "UPDATE events SET seq = -4 WHERE seq = 4; UPDATE events SET seq = 4 WHERE seq = 5; "
         "UPDATE events SET seq = 5 WHERE seq = -4",
         4,
         "does not follow the row before it"},
        {"the contents of two rows swapped, their links left",
         "CREATE TEMP TABLE two AS SELECT * FROM events WHERE seq IN (2, 3); "
         "UPDATE events SET body = (SELECT body FROM two WHERE two.seq = 5 - events.seq) WHERE seq IN (2, 3)",
         2,
         "was changed"},
        {"the head of the ledger set back",
         "UPDATE ledger_head SET seq = 4",
         5,
         "was not written by Slipway"},
        {"the head of the ledger changed",
         "UPDATE ledger_head SET hash = ''",
         5,
         "is not the one that was written last"},
        {"the head of the ledger deleted", "DELETE FROM ledger_head", 1, "was not written by Slipway"},
    }));
    CAPTURE(row.what);
    TemporaryStore home;
    five_events(home);
    home.store.reset();
    tamper(home.path, row.sql);
    const auto found = broken(home.path);
    REQUIRE(found.has_value());
    CHECK(found->seq == row.seq);
    CHECK(found->what == "row " + std::to_string(row.seq) + " " + row.words);
}

TEST_CASE("a row that was forged behind Slipway's back is named", "[storage][chain]")
{
    TemporaryStore home;
    five_events(home);
    home.store.reset();
    forge_next(home.path);
    const auto found = broken(home.path);
    REQUIRE(found.has_value());
    CHECK(found->what == "row 6 was not written by Slipway");
}

TEST_CASE("every row can be read for an export, oldest first", "[storage][chain]")
{
    TemporaryStore home;
    five_events(home);
    std::string previous(64, '0');
    std::int64_t seq = 0;
    home.job([&](Store& store) {
        store.for_each_ledger_row([&](const LedgerRow& row) {
            CHECK(row.seq == ++seq);
            CHECK(row.prev_hash == previous);
            CHECK(row.hash == chain_hash(row));
            previous = row.hash;
        });
    });
    CHECK(seq == 5);
}

}  // namespace slipway::storage::testing
