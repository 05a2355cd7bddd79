#include "bot/outbox/action_runner.hpp"

#include "tests/bot/fake_slack.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

namespace slipway::executors {

namespace {

namespace json = boost::json;
using testing::FakeSlack;

const std::string workflow = "repos/acme/infra/actions/workflows/deploy.yml";

json::object run(int id, const std::string& conclusion)
{
    json::object shown{
        {"id", id},
        {"status", conclusion.empty() ? "in_progress" : "completed"},
        {"html_url", "https://github.com/acme/infra/actions/runs/" + std::to_string(id)}};
    shown["conclusion"] = conclusion.empty() ? json::value(nullptr) : json::value(conclusion);
    return shown;
}

/// What runs the actions of web's D-1, and whom it asks.
struct Shop {
    FakeSlack http;
    testing::SharedClock clock;
    Policy policy = document_policy();
    ActionRunner runner{
        {http, clock, policy, "https://slack.test/api", "ghp-test", "signal-test", {"sesame"}}};

    Shop()
    {
        list({});
        http.answer(workflow + "/dispatches", "", 204);
    }

    /// What GitHub lists from now on, after run 5 of long ago.
    void list(json::array runs)
    {
        runs.push_back(run(5, "success"));
        http.answer(workflow + "/runs", json::serialize(json::object{{"workflow_runs", std::move(runs)}}));
    }

    /// The same once it is dispatched.
    void list_after_dispatch(const json::array& runs)
    {
        http.on_call = [this, runs] {
            if (http.asked.back().method == "POST") {
                list(runs);
            }
        };
    }

    Outcome dispatch(const std::string& service = "web")
    {
        Action action;
        action.github_workflow = "acme/infra/deploy.yml@main";
        return perform(action, service);
    }

    Outcome perform(Action action, const std::string& service = "web")
    {
        return testing::result_of(start(std::move(action), service), context);
    }

    boost::asio::awaitable<Outcome> start(Action action, const std::string& service = "web")
    {
        Deployment deployment;
        deployment.id = DeploymentId{1};
        deployment.plan.service = service;
        return runner.run(
            std::move(action), "deploy", std::move(deployment), std::make_shared<Stop>(context.get_executor())
        );
    }

    boost::asio::io_context context{1};
};

bool says(const Outcome& outcome, const std::string& words)
{
    return outcome.output.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("the run that GitHub names is the one that counts", "[bot][actions]")
{
    Shop shop;
    shop.http.answer(workflow + "/dispatches", R"({"workflow_run_id":8})");
    shop.list_after_dispatch({run(7, "success"), run(8, "failure")});
    shop.http.answer("repos/acme/infra/actions/runs/8", json::serialize(run(8, "failure")));
    const auto outcome = shop.dispatch();
    CHECK_FALSE(outcome.succeeded);
    CHECK_FALSE(outcome.unknown);
    CHECK(says(outcome, "failure https://github.com/acme/infra/actions/runs/8"));
    const auto& asked = shop.http.asked.at(1);
    CHECK(asked.url.ends_with("/dispatches"));
    CHECK(json::parse(asked.body).at("return_run_details") == true);
}

TEST_CASE("a run that GitHub does not name is the only new one, or unknown", "[bot][actions]")
{
    Shop shop;
    SECTION("the only one")
    {
        shop.list_after_dispatch({run(7, "success")});
        const auto outcome = shop.dispatch();
        CHECK(outcome.succeeded);
        CHECK(says(outcome, "actions/runs/7"));
    }
    SECTION("somebody began another in the same seconds")
    {
        shop.list_after_dispatch({run(8, ""), run(7, "success")});
        const auto outcome = shop.dispatch();
        CHECK_FALSE(outcome.succeeded);
        CHECK(outcome.unknown);
        CHECK(says(outcome, "actions/runs/7"));
        CHECK(says(outcome, "actions/runs/8"));
    }
    SECTION("none is seen")
    {
        const auto outcome = shop.dispatch();
        CHECK(outcome.unknown);
        CHECK(says(outcome, "it did not end within 600 s"));
    }
}

TEST_CASE("of two of ours that GitHub does not name, neither takes a run for its own", "[bot][actions]")
{
    Shop shop;
    Action action;
    action.github_workflow = "acme/infra/deploy.yml@main";
    std::vector<Outcome> outcomes;
    const auto keep = [&](std::exception_ptr failure, Outcome outcome) {
        REQUIRE(failure == nullptr);
        outcomes.push_back(std::move(outcome));
    };
    shop.http.on_call = [&shop, looks = 0]() mutable {
        if (shop.http.calls(workflow + "/dispatches") == 2) {  // the second run is listed late
            shop.list(
                ++looks < 12 ? json::array{run(7, "success")} : json::array{run(8, ""), run(7, "success")}
            );
        }
    };
    boost::asio::co_spawn(shop.context, shop.start(action, "web"), keep);
    boost::asio::co_spawn(shop.context, shop.start(action, "api"), keep);
    shop.context.run();
    REQUIRE(outcomes.size() == 2);
    CHECK(outcomes[0].unknown);
    CHECK(outcomes[1].unknown);
}

TEST_CASE("the inputs that a workflow does not declare are named", "[bot][actions]")
{
    const std::string file =
        "on:\n  push:\n    inputs: none\n  workflow_dispatch:\n\n    # what to deploy\n    inputs:\n"
        "      deployment:\n        # service: comes later\n        type: string\n      service:\n        - "
        "x\n"
        "      action: {}\njobs:\n  commit:\n    inputs:\n      flag:\n";
    CHECK(undeclared_inputs(file) == std::vector<std::string>{"commit", "flag"});
}

TEST_CASE("what a webhook answers is fit for the record", "[bot][actions]")
{
    Shop shop;
    Action action;
    action.webhook_url = "https://slack.test/api/hook";
    SECTION("bytes of another encoding, colours and a key")
    {
        shop.http.answer("hook", "\x1b[31md\xe9ploiement: AKIAABCDEFGHIJKLMNOP\x1b[0m", 500);
        const auto outcome = shop.perform(action);
        CHECK_FALSE(outcome.succeeded);
        CHECK(outcome.output == "d\uFFFDploiement: ***\n(HTTP 500)");
    }
    SECTION("a secret that a control letter hides, and a key that is cut off")
    {
        shop.http.answer("hook", "sesa\x01me\n-----BEGIN PRIVATE KEY-----\n" + std::string(17'000, 'A'), 500);
        const auto output = shop.perform(action).output;
        CHECK(output.find("sesame") == std::string::npos);
        CHECK(output.find("AAAA") == std::string::npos);
    }
    SECTION("accepted is not done")
    {
        shop.http.answer("hook", R"({"queued":true})", 202);
        const auto outcome = shop.perform(action);
        CHECK(outcome.succeeded);
        CHECK(outcome.accepted);
    }
    SECTION("a key that the cut falls into")
    {
        std::string key;
        for (int line = 0; line < 50; ++line) {
            key += std::string(64, 'M') + "\n";
        }
        shop.http.answer(
            "hook",
            "-----BEGIN PRIVATE KEY-----\n" + key + "-----END PRIVATE KEY-----\n" + std::string(14'000, 'x'),
            500
        );
        const auto outcome = shop.perform(action);
        CHECK(outcome.output.starts_with("***\nxxx"));
        CHECK_FALSE(says(outcome, "MM"));
    }
    SECTION("a proxy that gave up knows nothing")
    {
        shop.http.answer("hook", "Gateway Time-out", 504);
        CHECK(shop.perform(action).unknown);
    }
    SECTION("a body without end")
    {
        shop.http.answer("hook", std::string(8'000'000, 'x') + " the end", 500);
        const auto outcome = shop.perform(action);
        CHECK(outcome.output.size() < 64 * 1024);
        CHECK(says(outcome, "the end\n(HTTP 500)"));
    }
}

}  // namespace slipway::executors
