#include "tests/storage/faulty_disk.hpp"
#include "tests/storage/temporary_store.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <limits>

namespace slipway::storage::testing {

namespace {

/// One act: an event, a sign-off, a card, a Linear comment, a timer and an inbox key, all in one job.
Store::Job act(int number)
{
    return [number](Store& store) {
        const auto name = std::to_string(number);
        if (!store.first_sight("act " + name, noon)) {
            return;
        }
        auto decision = decision_of(number, {planned("service " + name), signed_off("U0PETRA")});
        decision.outbox = {
            {CardRefresh{}, "card " + name}, {LinearComment{"ENG-1", name}, "comment " + name}};
        decision.timers = {{"pre_notice", noon}};
        store.record(decision, UserId("U0ALICE"), noon, deploys, {});
    };
}

/// How many acts the database holds; checks that each is there whole and that nothing else is.
int acts_in(const std::filesystem::path& path)
{
    Store store(path);
    int acts = -1;
    run(store, [&](Store& each) {
        acts = static_cast<int>(each.active().size());
        CHECK_FALSE(each.verify_chain().has_value());
        CHECK(each.outbox_waiting() == 2 * acts);
        CHECK(each.due_timers(noon).size() == static_cast<std::size_t>(acts));
        CHECK(each.next_deployment_id() == DeploymentId{acts + 1});
    });
    const auto number = std::to_string(acts);
    CHECK(value(path, "SELECT count(*) FROM events") == std::to_string(2 * acts));
    CHECK(value(path, "SELECT count(*) FROM sign_offs WHERE state = 'valid'") == number);
    CHECK(value(path, "SELECT count(*) FROM inbox") == number);
    CHECK_FALSE(store.damage().has_value());
    return acts;
}

/// Acts, and after each finds it and those before it in what `crash` leaves of the database.
void check_every_act(
    const TemporaryStore& home,
    const std::function<void(const std::filesystem::path& database, const std::filesystem::path& to)>& crash
)
{
    for (int number = 1; number <= 15; ++number) {
        CAPTURE(number);
        home.job(act(number));
        if (number == 10) {  // big enough that the log is written back into the database
            home.job([](Store& store) { store.keep_runbook(std::string(5'000'000, '#'), "file", noon); });
        }
        const auto left = home.folder / ("left" + std::to_string(number));
        crash(home.path, left);
        CHECK(acts_in(left) == number);
    }
}

}  // namespace

TEST_CASE("killed after any commit, the bot finds everything it acknowledged", "[storage][crash]")
{
    const TemporaryStore home;
    check_every_act(home, copy_database);
}

TEST_CASE("killed in the middle of a commit, the bot finds all of it or nothing", "[storage][crash]")
{
    const TemporaryStore home;
    for (int number = 1; number <= 6; ++number) {
        home.job(act(number));
    }
    const auto log = home.path.string() + "-wal";
    const auto size = std::filesystem::file_size(log);
    int before = 0;
    std::set<int> seen;
    // Odd steps: the cut falls at every place within a page and its header.
    for (std::uintmax_t cut = 0; cut <= size; cut += 4'999) {
        CAPTURE(cut);
        const auto copy = home.folder / ("copy" + std::to_string(cut));
        copy_database(home.path, copy);
        std::filesystem::resize_file(copy.string() + "-wal", cut);
        const auto found = acts_in(copy);
        CHECK(found >= before);
        before = found;
        seen.insert(found);
    }
    CHECK(seen.size() >= 6);
}

TEST_CASE("when the power goes, everything committed is on the disk", "[storage][crash]")
{
    FaultyDisk disk;
    const TemporaryStore home;
    check_every_act(home, [&](const auto& database, const auto& to) { disk.power_cut(database, to); });
}

TEST_CASE("jobs that share a commit share its flush", "[storage][group_commit]")
{
    FaultyDisk disk;
    const TemporaryStore home;
    home.job(act(1));
    const auto flushes = [&](const std::vector<Store::Job>& jobs) {
        const int before = disk.flushes;
        (void)home.store->transaction(jobs);
        return disk.flushes - before;
    };
    CHECK(flushes({act(2)}) == 1);
    CHECK(flushes({act(3), act(4), act(5), act(6), act(7), act(8)}) == 1);
}

TEST_CASE("that the disk takes nothing is seen by writing, not by looking", "[storage][crash]")
{
    FaultyDisk disk;
    const TemporaryStore home;
    const auto look = [](Store& store) { (void)store.team(); };
    const auto prove = [](Store& store) { store.prove_writable(); };
    const auto writes_of = [&](const Store::Job& job) {
        const int before = disk.writes;
        home.job(job);
        return disk.writes - before;
    };
    CHECK(writes_of(look) == 0);
    CHECK(writes_of(prove) > 0);
    disk.fail_from = disk.writes + 1;
    disk.fail_until = std::numeric_limits<int>::max();
    CHECK_NOTHROW(home.job(look));
    CHECK_THROWS(home.job(prove));
}

TEST_CASE("whatever write fails, what was acknowledged stays and the rest is told", "[storage][crash]")
{
    const auto code = GENERATE(SQLITE_FULL, SQLITE_IOERR_WRITE);
    const auto lasts = GENERATE(1, std::numeric_limits<int>::max() / 2);
    CAPTURE(code, lasts);
    constexpr int acts = 3;
    bool was_hit = true;
    for (int nth = 1; was_hit; nth += 1 + nth / 16) {  // each of the first writes, then samples
        CAPTURE(nth);
        FaultyDisk disk;
        const TemporaryFolder folder;
        const auto path = folder / "slipway.db";
        disk.fail_from = nth;
        disk.fail_until = nth + lasts - 1;
        disk.fail_with = code;
        int acknowledged = 0;
        int attempted = 0;
        try {
            Store store(path);
            for (; attempted < acts; ++attempted) {
                try {
                    run(store, act(acknowledged + 1));
                    ++acknowledged;
                }
                catch (const Unavailable&) {
                }
            }
        }
        catch (const StoreError&) {
        }
        was_hit = disk.writes >= nth;
        disk.fail_from = 0;
        if (lasts == 1 && attempted == acts) {
            CHECK(acknowledged >= acts - 1);  // one bad moment costs one act at most
        }
        const int found = acts_in(path);
        CHECK(found >= acknowledged);
        CHECK(found <= acknowledged + 1);  // a commit whose flush failed may be there all the same
    }
}

}  // namespace slipway::storage::testing
