#include "tests/storage/temporary_store.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <set>
#include <thread>

namespace slipway::storage::testing {

namespace {

auto complains(const std::string& words)
{
    return Catch::Matchers::MessageMatches(Catch::Matchers::ContainsSubstring(words));
}

bool verifies(Store& store)
{
    bool holds = false;
    run(store, [&](Store& each) { holds = !each.verify_chain().has_value(); });
    return holds;
}

}  // namespace

TEST_CASE("a backup is one file that a bot can go on with", "[storage][backup]")
{
    TemporaryStore home;
    home.events(1, {planned(), signed_off("U0PETRA")});
    home.enqueue(ThreadNote{say("note")});
    const auto copy = home.folder / "copy.db";
    Store(home.path, Store::Access::read_only).backup(copy);
    home.events(1, {amended(2)});

    CHECK_FALSE(std::filesystem::exists(copy.string() + "-wal"));
    CHECK_FALSE(std::filesystem::exists(copy.string() + ".partial"));
    // The restore drill of docs: the bot is stopped, the file put in its place, the bot started.
    home.store.reset();
    std::filesystem::rename(copy, home.path);
    home.reopen();
    CHECK(home.ask([](Store& store) { return store.load({1}); })->revision == 1);
    CHECK(home.ask([](Store& store) { return store.outbox_waiting(); }) == 1);
    CHECK(verifies(*home.store));
    CHECK_NOTHROW(home.events(1, {amended(2)}));
}

TEST_CASE("a backup goes to a new file and leaves everybody else's alone", "[storage][backup]")
{
    TemporaryStore home;
    home.events(1, {planned()});
    Store reader(home.path, Store::Access::read_only);
    CHECK_THROWS_MATCHES(reader.backup(""), StoreError, complains("name the file"));
    const auto copy = home.folder / "copy.db";
    SECTION("a file of the same name with .partial at its end")
    {
        std::filesystem::create_directory(copy.string() + ".partial");
        reader.backup(copy);
        CHECK(std::filesystem::is_directory(copy.string() + ".partial"));
    }
    SECTION("a link to nothing")
    {
        std::filesystem::create_symlink("nothing", copy);
        CHECK_THROWS_MATCHES(reader.backup(copy), StoreError, complains("exists already; name a new file"));
        CHECK(std::filesystem::is_symlink(copy));
    }
    SECTION("what SQLite would read as an address of its own")
    {
        const auto before = std::filesystem::current_path();
        std::filesystem::current_path(home.folder / "");
        reader.backup("file:x?mode=memory");
        std::filesystem::current_path(before);
        CHECK(std::filesystem::is_regular_file(home.folder / "file:x?mode=memory"));
    }
}

TEST_CASE("a backup while the bot writes is of one moment", "[storage][backup]")
{
    TemporaryStore home;
    home.events(1, {planned()});
    std::atomic<bool> enough = false;
    std::atomic<int> revision = 1;
    std::thread bot([&] {
        while (!enough) {
            // Event and sign-off row go together, in the bot and thus in every copy.
            home.events(1, {amended(revision + 1), signed_off("U0PETRA", revision + 1)});
            ++revision;
        }
    });
    Store reader(home.path, Store::Access::read_only);
    for (int i = 0; i < 8; ++i) {
        const int before = revision;
        const auto copy = home.folder / ("copy" + std::to_string(i));
        reader.backup(copy);
        const int after = revision;
        CAPTURE(i, before, after);
        Store restored(copy);
        CHECK(verifies(restored));
        run(restored, [&](Store& store) {
            const auto copied = store.load({1})->revision;
            CHECK(copied >= before);
            CHECK(copied <= after + 1);
            CHECK(std::to_string(copied - 1) == value(copy, "SELECT count(*) FROM sign_offs"));
        });
    }
    enough = true;
    bot.join();
}

TEST_CASE("the bot's own store can be backed up between its transactions", "[storage][backup]")
{
    TemporaryStore home;
    home.events(1, {planned()});
    home.store->backup(home.folder / "copy.db");
    CHECK(value(home.folder / "copy.db", "SELECT count(*) FROM events") == "1");
    CHECK_THROWS_AS(
        home.job([&](Store& store) { store.backup(home.folder / "other.db"); }), std::logic_error
    );
}

TEST_CASE("a backup never overwrites anything", "[storage][backup]")
{
    TemporaryStore home;
    home.events(1, {planned()});
    Store reader(home.path, Store::Access::read_only);
    CHECK_THROWS_MATCHES(reader.backup(home.path), StoreError, complains("exists already; name a new file"));
    CHECK(home.ask([](Store& store) { return store.load({1}); }).has_value());
}

TEST_CASE("of several backups to one name at once one is made, and the others say so", "[storage][backup]")
{
    TemporaryStore home;
    home.events(1, {planned()});
    home.store.reset();
    const auto copy = home.folder / "copy.db";
    std::vector<pid_t> processes;
    for (int each = 0; each < 8; ++each) {
        processes.push_back(::fork());
        if (processes.back() == 0) {
            try {
                Store(home.path, Store::Access::read_only).backup(copy);
                ::_exit(0);
            }
            catch (const StoreError& error) {
                const std::string why = error.what();
                ::_exit(why.find("exists already; name a new file") != std::string::npos ? 1 : 2);
            }
            catch (...) {
                ::_exit(3);
            }
        }
    }
    std::multiset<int> ends;
    for (const auto process : processes) {
        int status = 0;
        ::waitpid(process, &status, 0);
        ends.insert(WEXITSTATUS(status));
    }
    CHECK(ends == std::multiset<int>{0, 1, 1, 1, 1, 1, 1, 1});
    for (const auto& file : std::filesystem::directory_iterator(home.folder / "")) {
        CHECK(file.path().string().find(".partial") == std::string::npos);
    }
}

TEST_CASE("a damaged copy is no backup", "[storage][backup]")
{
    TemporaryStore home;
    home.events(1, {planned()});
    home.store.reset();
    tamper(
        home.path,
        "PRAGMA writable_schema = ON; "
        "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'timers') "
        "WHERE name = 'timers_by_due'"
    );
    const auto copy = home.folder / "copy.db";
    CHECK_THROWS_MATCHES(
        Store(home.path, Store::Access::read_only).backup(copy),
        StoreError,
        complains("keep the last good backup")
    );
    CHECK_FALSE(std::filesystem::exists(copy));
}

TEST_CASE("a backup that cannot be written says where", "[storage][backup]")
{
    const TemporaryStore home;
    const auto nowhere = home.folder / "nowhere/copy.db";
    CHECK_THROWS_MATCHES(
        home.store->backup(nowhere), StoreError, complains("cannot back up to " + nowhere.string())
    );
}

}  // namespace slipway::storage::testing
