#include "tests/storage/temporary_store.hpp"

#include <boost/json/serialize.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_adapters.hpp>
#include <catch2/generators/catch_generators_random.hpp>

#include <random>

namespace slipway::storage::testing {

namespace {

/// Events as people might cause them, in any order; many cannot follow.
struct Anything {
    std::mt19937 random;

    int up_to(int most) { return std::uniform_int_distribution(1, most)(random); }

    std::string somebody() { return "U0" + std::to_string(up_to(3)); }

    Event event()
    {
        switch (up_to(11)) {
            case 1:
                return planned("service " + std::to_string(up_to(3)));
            case 2:
                return amended(up_to(3));
            case 3:
            case 4:
                return signed_off(somebody(), up_to(3));
            case 5:
                return withdrawn(somebody());
            case 6:
                return GatePassed{2, up_to(2)};
            case 7:
                return started();
            case 8:
                return Completed{};
            case 9:
                return RollbackStarted{"errors", {"revert"}};
            case 10:
                return up_to(2) == 1 ? Event(RolledBack{}) : Event(DeclaredClean{});
            default:
                return Cancelled{"no"};
        }
    }

    Event team_event()
    {
        return up_to(2) == 1 ? Event(FreezeBegun{somebody(), noon, "why"}) : Event(FreezeEnded{somebody()});
    }

    Decision decision()
    {
        auto made = decision_of(up_to(4));
        for (int i = up_to(3); i > 0; --i) {
            made.events.push_back(event());
        }
        if (up_to(5) == 1) {
            made.team_events.push_back(team_event());
        }
        return made;
    }
};

std::string told(const Deployment& deployment)
{
    auto text = to_string(deployment.id) + " " + to_string(deployment.stage) + " " +
                std::to_string(deployment.revision);
    for (const auto& each : deployment.history) {
        text += "\n" + kind_of(each.event) + boost::json::serialize(to_json(each.event)) + iso(each.at);
    }
    return text;
}

/// Everything that `store` tells, as text.
std::string told(Store& store)
{
    std::string text;
    run(store, [&](Store& each) {
        for (const auto& deployment : each.active()) {
            text += told(deployment) + "\n";
        }
        for (const auto& deployment : each.recent(10)) {
            text += told(deployment) + "\n";
        }
        for (const auto& freeze : each.team().freezes) {
            text += freeze.service + "\n";
        }
    });
    return text;
}

void check_projections(const std::filesystem::path& path, Store& store)
{
    for (int number = 1; number <= 4; ++number) {
        std::optional<Deployment> deployment;
        run(store, [&](Store& each) { deployment = each.load({number}); });
        const auto name = std::to_string(number);
        const auto stage = rows(path, "SELECT stage FROM deployments WHERE number = " + name);
        REQUIRE(stage.size() == (deployment ? 1U : 0U));
        if (!deployment) {
            continue;
        }
        CHECK(stage.front() == to_string(deployment->stage));
        std::multiset<std::string> expected;
        for (const auto& each : valid_sign_offs(*deployment)) {
            expected.insert(each.given.user.str());
        }
        const auto valid = rows(
            path, "SELECT user_id FROM sign_offs WHERE state = 'valid' AND deployment = 'D-" + name + "'"
        );
        CHECK(std::multiset<std::string>(valid.begin(), valid.end()) == expected);
    }
}

}  // namespace

TEST_CASE("whatever happens, what is kept folded is what the file tells", "[storage][property]")
{
    const auto seed = GENERATE(take(30, random(0, 1'000'000)));
    CAPTURE(seed);
    Anything anything{std::mt19937(static_cast<unsigned>(seed))};
    TemporaryStore home;
    int failed = 0;
    for (int round = 0; round < 12; ++round) {
        std::vector<Store::Job> jobs;
        for (int i = anything.up_to(4); i > 0; --i) {
            const bool gives_up = anything.up_to(6) == 1;
            jobs.emplace_back([&home, decision = anything.decision(), gives_up](Store& store) {
                store.record(decision, UserId("U0ALICE"), noon, deploys, home.new_uuid());
                if (gives_up) {
                    throw std::runtime_error("after all");
                }
            });
        }
        for (const auto& outcome : home.store->transaction(jobs)) {
            failed += outcome ? 1 : 0;
        }
        Store fresh(home.path, Store::Access::read_only);
        CHECK(told(*home.store) == told(fresh));
        CHECK_FALSE(home.ask([](Store& store) { return store.verify_chain(); }).has_value());
    }
    check_projections(home.path, *home.store);
    CHECK(failed > 0);
    const auto before = told(*home.store);
    home.reopen();
    CHECK(told(*home.store) == before);
}

TEST_CASE("a long walk through old deployments reads each of them right", "[storage][ledger]")
{
    TemporaryStore home;
    constexpr int many = 600;
    home.job([&](Store& store) {
        for (int number = 1; number <= many; ++number) {
            auto decision = decision_of(number, {planned(), Cancelled{std::to_string(number)}});
            store.record(decision, UserId("U0ALICE"), noon, deploys, home.new_uuid());
        }
    });
    home.reopen();
    home.job([](Store& store) {
        for (int number = 1; number <= many; ++number) {
            CHECK(store.load({number})->end_reason == std::to_string(number));
        }
    });
}

}  // namespace slipway::storage::testing
