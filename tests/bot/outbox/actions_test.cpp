#include "bot/outbox/actions.hpp"

#include "tests/bot/desk.hpp"

#include <catch2/catch_test_macros.hpp>

namespace slipway {

namespace {

namespace asio = boost::asio;
using testing::Desk;

/// The actions of web, each a webhook.
struct Yard : Desk {
    Yard()
    {
        http.answer("hook", "done");
        for (auto* action : {&policy.services.front().deploy, &policy.services.front().rollback}) {
            action->webhook_url = std::string(testing::FakeSlack::url) + "hook";
        }
    }

    /// Whether `action` is run for D-1 in `stage`.
    bool runs(const std::string& action, Stage stage, const std::set<std::string>& done = {})
    {
        Deployment deployment;
        deployment.id = DeploymentId{1};
        deployment.plan.service = "web";
        deployment.stage = stage;
        for (const auto& step : done) {
            deployment.ticks["rollback_steps"][step] = {};
        }
        const auto before = http.calls("hook");
        act(RunAction{action}, std::move(deployment));
        return http.calls("hook") > before;
    }

    void act(Saying saying, Deployment deployment)
    {
        storage::OutboxRow row;
        row.id = "row-" + std::to_string(++rows);
        row.deployment = DeploymentId{1};
        row.saying = std::move(saying);
        asio::co_spawn(
            context,
            actions.act(std::move(row), std::move(deployment), false),
            [](std::exception_ptr error) { CHECK(error == nullptr); }
        );
        context.restart();
        context.run();
    }

    int rows = 0;
    Actions actions{
        {context.get_executor(),
         policy,
         judge,
         clock,
         {http, clock, policy, "https://slack.test/api", "", "signal-test", {}}}};
};

}  // namespace

TEST_CASE("an action runs only while what it was queued for is wanted", "[bot][actions]")
{
    Yard yard;
    CHECK(yard.runs("deploy", Stage::deploying));
    CHECK_FALSE(yard.runs("deploy", Stage::rolling_back));
    CHECK(yard.runs("rollback", Stage::rolling_back));
    CHECK_FALSE(yard.runs("rollback", Stage::rolled_back));
    CHECK_FALSE(yard.runs("rollback", Stage::rolling_back, {"rollback"}));
    SECTION("and no deploy that was to be ended is begun afterwards")
    {
        yard.act(EndAction{"deploy"}, {});
        CHECK_FALSE(yard.runs("deploy", Stage::deploying));
        CHECK(yard.runs("rollback", Stage::rolling_back));
    }
}

}  // namespace slipway
