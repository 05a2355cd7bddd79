#include "tests/storage/temporary_store.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <thread>

namespace slipway::storage::testing {

namespace {

Store::Job remember(const std::string& key)
{
    return [key](Store& store) { (void)store.first_sight(key, noon); };
}

Store::Job fail_after(const std::string& key)
{
    return [key](Store& store) {
        (void)store.first_sight(key, noon);
        throw std::runtime_error(key);
    };
}

const std::string keys = "SELECT key FROM inbox ORDER BY key";

}  // namespace

TEST_CASE("of jobs that share a commit one that fails is undone alone", "[storage][group_commit]")
{
    const TemporaryStore home;
    const auto failing = GENERATE(0U, 1U, 2U);
    CAPTURE(failing);
    std::vector<Store::Job> jobs{remember("a"), remember("b"), remember("c")};
    std::vector<std::string> kept{"a", "b", "c"};
    jobs.at(failing) = fail_after(kept.at(failing));
    const auto outcomes = home.store->transaction(jobs);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK((outcomes.at(i) != nullptr) == (i == failing));
    }
    CHECK_THROWS_AS(std::rethrow_exception(outcomes.at(failing)), std::runtime_error);
    kept.erase(kept.begin() + failing);
    CHECK(rows(home.path, keys) == kept);
}

TEST_CASE("what one job failed to fold is not shown to the next", "[storage][group_commit]")
{
    TemporaryStore home;
    home.events(1, {planned()});
    auto decision = decision_of(1, {amended(2)});
    decision.team_events = {FreezeBegun{"web", noon + 1h, "audit"}};
    const auto outcomes = home.store->transaction(
        {[&](Store& store) {
             store.record(decision, UserId("U0ALICE"), noon, deploys, home.new_uuid());
             CHECK(store.load({1})->revision == 2);
             CHECK(store.team().freezes.size() == 1);
             throw std::runtime_error("after all");
         },
         [](Store& store) {
             CHECK(store.load({1})->revision == 1);
             CHECK(store.team().freezes.empty());
         }}
    );
    CHECK(outcomes.at(0) != nullptr);
    CHECK(outcomes.at(1) == nullptr);
}

TEST_CASE("jobs that share a commit see what those before them did", "[storage][group_commit]")
{
    const TemporaryStore home;
    bool first = false;
    bool second = true;
    (void)home.store->transaction(
        {[&](Store& store) { first = store.first_sight("key", noon); },
         [&](Store& store) { second = store.first_sight("key", noon); }}
    );
    CHECK(first);
    CHECK_FALSE(second);
}

TEST_CASE("nothing of a transaction is seen before its commit", "[storage][group_commit]")
{
    const TemporaryStore home;
    home.job([&](Store& store) {
        (void)store.first_sight("key", noon);
        CHECK(rows(home.path, keys).empty());
    });
    CHECK(rows(home.path, keys).size() == 1);
}

TEST_CASE("a transaction waits for another writer instead of failing", "[storage]")
{
    const TemporaryStore home;
    SQLite::Database other(home.path.string(), SQLite::OPEN_READWRITE);
    other.exec("BEGIN IMMEDIATE");
    std::thread letting_go([&] {
        std::this_thread::sleep_for(50ms);
        other.exec("COMMIT");
    });
    CHECK_NOTHROW(home.job(remember("key")));
    letting_go.join();
}

TEST_CASE("an exception of any kind undoes its job", "[storage][group_commit]")
{
    const TemporaryStore home;
    const auto outcomes = home.store->transaction({[](Store& store) {
        (void)store.first_sight("key", noon);
        throw 7;
    }});
    CHECK_THROWS_AS(std::rethrow_exception(outcomes.at(0)), int);
    CHECK(rows(home.path, keys).empty());
}

TEST_CASE("a transaction of no jobs is nothing", "[storage]")
{
    CHECK(TemporaryStore().store->transaction({}).empty());
}

}  // namespace slipway::storage::testing
