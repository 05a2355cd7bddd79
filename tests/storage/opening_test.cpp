#include "tests/storage/temporary_store.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

namespace slipway::storage::testing {

namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

auto says(const std::string& words) { return MessageMatches(ContainsSubstring(words)); }

void overwrite(const std::filesystem::path& file, std::int64_t at, const std::string& bytes)
{
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(at);
    stream << bytes;
}

/// Makes a database without a table: what a crash leaves before the commit of the first migration.
void make_empty(const std::filesystem::path& path)
{
    SQLite::Database(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
        .exec("PRAGMA journal_mode = WAL");
}

/// A database of some pages, closed.
void fill(TemporaryStore& home)
{
    for (int number = 1; number <= 40; ++number) {
        home.events(number, {planned("service " + std::to_string(number))});
    }
    home.store.reset();
}

}  // namespace

TEST_CASE("a new database gets the tables that other people's tools rely on", "[storage][migrations]")
{
    const TemporaryStore home;
    const auto columns = [&](const std::string& table) {
        return value(home.path, "SELECT group_concat(name, ', ') FROM pragma_table_info('" + table + "')");
    };
    CHECK(
        columns("sign_offs") ==
        "deployment, revision, user_id, name, roles, signed_on, recorded_at, state, source, permalink, "
        "linear_comment_id"
    );
    CHECK(columns("events") == "seq, deployment, kind, actor, at, body, prev_hash, hash");
    for (const auto* table : {"outbox", "timers", "inbox"}) {
        CHECK_FALSE(columns(table).empty());
    }
    CHECK(value(home.path, "PRAGMA journal_mode") == "wal");
    CHECK(value(home.path, "PRAGMA user_version") == "3");
}

TEST_CASE("a database is migrated once and keeps what it holds", "[storage][migrations]")
{
    TemporaryStore home;
    home.events(1, {planned()});
    home.reopen();
    CHECK(value(home.path, "PRAGMA user_version") == "3");
    CHECK(home.ask([](Store& store) { return store.load({1}); }).has_value());
}

TEST_CASE("a migration that was cut off starts again", "[storage][migrations]")
{
    const TemporaryFolder folder;
    const auto path = folder / "slipway.db";
    make_empty(path);
    const Store store(path);
    CHECK(value(path, "PRAGMA user_version") == "3");
}

TEST_CASE("a database of a newer Slipway is refused with a sentence", "[storage][migrations]")
{
    TemporaryStore home;
    home.store.reset();
    tamper(home.path, "PRAGMA user_version = 4");
    const auto access = GENERATE(Store::Access::read_write, Store::Access::read_only);
    CHECK_THROWS_MATCHES(
        Store(home.path, access), StoreError, says("newer Slipway (schema 4, this one knows 3)")
    );
    CHECK(value(home.path, "PRAGMA user_version") == "4");
}

TEST_CASE("a file of another program is left alone", "[storage]")
{
    const TemporaryFolder folder;
    const auto path = folder / "other.db";
    SQLite::Database(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
        .exec("CREATE TABLE theirs (x)");
    CHECK_THROWS_MATCHES(Store(path), StoreError, says("is not a Slipway database"));
    CHECK(rows(path, "SELECT name FROM sqlite_master") == std::vector<std::string>{"theirs"});
}

TEST_CASE("a damaged file is refused, saying how to restore", "[storage][damage]")
{
    struct Row {
        const char* what;
        std::function<void(const std::filesystem::path&)> damage;
    };

    const auto row = GENERATE(values<Row>(
        {{"not a database at all", [](const auto& path) { overwrite(path, 0, std::string(4'096, 'x')); }},
         {"a page in the middle overwritten",
          [](const auto& path) { overwrite(path, 4'096 * 4, std::string(4'096, '\xAA')); }},
         {"cut short", [](const auto& path) { std::filesystem::resize_file(path, 4'096 * 5); }}}
    ));
    CAPTURE(row.what);
    TemporaryStore home;
    fill(home);
    row.damage(home.path);
    CHECK_THROWS_MATCHES(
        Store(home.path), StoreError, says("put a backup made by `slipway backup` in its place")
    );
    // The refused one holds no lock: the operator restores and starts again.
    std::filesystem::remove(home.path);
    CHECK_NOTHROW(Store(home.path));
}

TEST_CASE("a ledger row that cannot be read is found at the start, not at a rollback", "[storage][damage]")
{
    TemporaryStore home;
    fill(home);
    tamper(home.path, "UPDATE events SET body = '{' WHERE seq = 7");
    CHECK_THROWS_MATCHES(Store(home.path), StoreError, says("is damaged"));
}

TEST_CASE("damage reads the whole file", "[storage][damage]")
{
    TemporaryStore home;
    fill(home);
    CHECK(Store(home.path).damage() == std::nullopt);
    tamper(
        home.path,
        "PRAGMA writable_schema = ON; "
        "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'timers') "
        "WHERE name = 'timers_by_due'"
    );
    CHECK(Store(home.path, Store::Access::read_only).damage().has_value());
    CHECK(damage_of(home.path).has_value());
}

TEST_CASE("damage is looked for in a database of any version", "[storage][damage]")
{
    TemporaryStore home;
    fill(home);
    tamper(home.path, "PRAGMA user_version = 1");
    CHECK_THROWS_MATCHES(Store(home.path, Store::Access::read_only), StoreError, says("an older Slipway"));
    CHECK(damage_of(home.path) == std::nullopt);
    CHECK_THROWS_MATCHES(damage_of(home.folder / "none.db"), StoreError, says("cannot open"));
}

TEST_CASE("a second bot on the same database is refused with a sentence", "[storage][lock]")
{
    const TemporaryStore home;
    const auto process = std::to_string(::getpid());
    CHECK_THROWS_MATCHES(
        Store(home.path), StoreError, says("is in use by another Slipway (process " + process + ")")
    );
    SECTION("through a symbolic link too")
    {
        std::filesystem::create_symlink(home.path, home.folder / "link.db");
        CHECK_THROWS_MATCHES(Store(home.folder / "link.db"), StoreError, says("in use"));
    }
    SECTION("but one on another database is welcome") { CHECK_NOTHROW(Store(home.folder / "other.db")); }
}

TEST_CASE("a bot that was killed leaves its database free", "[storage][lock]")
{
    const TemporaryFolder folder;
    const auto path = folder / "slipway.db";
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    const auto bot = ::fork();
    REQUIRE(bot >= 0);
    if (bot == 0) {
        const auto* store = new Store(path);  // never destroyed
        (void)!::write(ready[1], &store, 1);
        for (;;) {
            ::pause();
        }
    }
    char byte = 0;
    REQUIRE(::read(ready[0], &byte, 1) == 1);
    CHECK_THROWS_MATCHES(Store(path), StoreError, says("in use"));
    ::kill(bot, SIGKILL);
    ::waitpid(bot, nullptr, 0);
    CHECK_NOTHROW(Store(path));
    ::close(ready[0]);
    ::close(ready[1]);
}

TEST_CASE("a folder that does not exist is named", "[storage]")
{
    const TemporaryFolder folder;
    CHECK_THROWS_MATCHES(
        Store(folder / "nowhere/slipway.db"), StoreError, says("check that the folder exists")
    );
    CHECK_THROWS_MATCHES(
        Store(folder / "nothing.db", Store::Access::read_only), StoreError, says("check that it exists")
    );
    CHECK_FALSE(std::filesystem::exists(folder / "nothing.db"));
}

TEST_CASE("the database can be read while the bot runs", "[storage][read_only]")
{
    TemporaryStore home;
    home.events(1, {planned()});
    Store reader(home.path, Store::Access::read_only);
    const auto seen = [&] {
        std::size_t events = 0;
        run(reader, [&](Store& store) { events = store.load({1})->history.size(); });
        return events;
    };
    CHECK(seen() == 1);
    SECTION("it sees what the bot commits next")
    {
        home.events(1, {signed_off("U0PETRA")});
        CHECK(seen() == 2);
    }
    SECTION("a transaction of it sees one moment, and does not hold up the bot")
    {
        run(reader, [&](Store& store) {
            CHECK(store.load({1})->history.size() == 1);
            home.events(1, {signed_off("U0PETRA")});
            CHECK(store.load({1})->history.size() == 1);
        });
    }
    SECTION("it cannot write")
    {
        CHECK_THROWS_AS(run(reader, [](Store& store) { (void)store.first_sight("key", noon); }), Unavailable);
    }
    SECTION("it reads on when the bot was killed")
    {
        copy_database(home.path, home.folder / "left.db");
        Store left(home.folder / "left.db", Store::Access::read_only);
        run(left, [](Store& store) { CHECK(store.load({1}).has_value()); });
    }
}

TEST_CASE("a reader of an empty database asks for the bot to be started once", "[storage][read_only]")
{
    const TemporaryFolder folder;
    const auto path = folder / "empty.db";
    make_empty(path);
    CHECK_THROWS_MATCHES(
        Store(path, Store::Access::read_only), StoreError, says("is empty: no bot has written it yet")
    );
}

}  // namespace slipway::storage::testing
