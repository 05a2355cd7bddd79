// The workspace page as a browser sees it: the files it gets, what each person may see, what an act does.
#include "tests/simulator/page.hpp"

#include "bot/net/transport.hpp"
#include "tests/demo/record.hpp"
#include "tests/demo/team_member.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include <catch2/catch_test_macros.hpp>

namespace demo {

namespace {

namespace asio = boost::asio;

/// A world with the page on a free port.
class PageWorld : public BotInSimulator {
public:
    PageWorld()
        : record(store_path),
          page(
              context.get_executor(),
              server,
              {[this] { return record.version(); }, [this] { return record.read(); }, {}},
              {}
          )
    {
        start_bot();
        asio::co_spawn(
            context,
            page.run(),
            asio::bind_cancellation_slot(end_.slot(), [this](std::exception_ptr) { ended_ = true; })
        );
    }

    ~PageWorld()
    {
        end_.emit(asio::cancellation_type::terminal);
        (void)until([this] { return ended_; });
    }

    PageWorld(const PageWorld&) = delete;
    PageWorld& operator=(const PageWorld&) = delete;

    slipway::net::HttpResponse send(slipway::net::HttpRequest request)
    {
        const auto client = slipway::net::make_http_client(context.get_executor(), {});
        slipway::net::HttpResponse response;
        bool answered = false;
        request.url = page.address() + request.url;
        asio::co_spawn(
            context,
            client->send(std::move(request)),
            [&](std::exception_ptr, slipway::net::Outcome<slipway::net::HttpResponse> outcome) {
                answered = true;
                response = outcome ? *outcome : slipway::net::HttpResponse{};
            }
        );
        REQUIRE(until([&] { return answered; }));
        return response;
    }

    slipway::net::HttpResponse get(const std::string& path, slipway::net::Headers headers = {})
    {
        return send({"GET", path, std::move(headers), {}});
    }

    slipway::net::HttpResponse act(const json::object& wish)
    {
        return send({"POST", "page/act", {{"Content-Type", "application/json"}}, json::serialize(wish)});
    }

    json::object seen_by(const std::string& user)
    {
        return json::parse(get("page/state?as=" + user).body).as_object();
    }

    Record record;
    simulator::Page page;

private:
    asio::cancellation_signal end_;
    bool ended_ = false;
};

bool mentions(const json::value& value, const std::string& text)
{
    return json::serialize(value).find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("the page is served with a policy that lets nothing foreign in", "[simulator][page]")
{
    PageWorld world;
    const auto index = world.get("");
    CHECK(index.status == 200);
    CHECK(index.body.find("js/main.js") != std::string::npos);
    const auto policy = slipway::net::header(index.headers, "Content-Security-Policy");
    CHECK(policy.find("default-src 'none'; script-src 'self'") != std::string::npos);
    CHECK(slipway::net::header(world.get("js/main.js").headers, "Content-Type").starts_with("text/javascript")
    );
    CHECK(world.get("nothing").status == 404);
    CHECK(world.get("../server.cpp").status == 404);
}

TEST_CASE("the page answers to its own name only, and to no page of another site", "[simulator][page]")
{
    PageWorld world;
    CHECK(world.get("page/state?as=U0ALICE").status == 200);
    CHECK(world.get("page/state?as=U0ALICE", {{"Origin", "http://evil.example"}}).status == 403);
    CHECK(world.get("page/state?as=U0NOBODY").status == 404);
    const json::object hello{{"as", "U0ALICE"}, {"do", "say"}, {"channel", "C0DEPLOYS"}, {"text", "Hello"}};
    CHECK(
        world.send({"POST", "page/act", {{"Content-Type", "text/plain"}}, json::serialize(hello)}).status ==
        415
    );
    CHECK(world.act(hello).status == 200);
}

TEST_CASE("everybody sees what Slack would show them, and no more", "[simulator][page]")
{
    PageWorld world;
    const TeamMember alice(world, "U0ALICE");
    CHECK(
        world
            .act(
                {{"as", "U0ALICE"},
                 {"do", "slash"},
                 {"channel", deploys},
                 {"command", "/deploy"},
                 {"text", "lisst"}}
            )
            .status == 200
    );
    REQUIRE(world.settle());
    CHECK(mentions(world.seen_by("U0ALICE")["ephemerals"], "Did you mean"));
    CHECK_FALSE(mentions(world.seen_by("U0BOB")["ephemerals"], "Did you mean"));
    CHECK(mentions(world.seen_by("U0ALICE")["channels"], "C0SECRET"));
    CHECK_FALSE(mentions(world.seen_by("U0BOB")["channels"], "C0SECRET"));
    CHECK_FALSE(mentions(world.seen_by("U0BOB")["channels"], "D0U0ALICE"));

    const json::object whispers = world.seen_by("U0ALICE")["ephemerals"].as_array().front().as_object();
    const auto ts = simulator::text_at(whispers, "ts");
    CHECK(world.act({{"as", "U0BOB"}, {"do", "dismiss"}, {"ts", ts}}).status == 200);
    CHECK(world.seen_by("U0ALICE")["ephemerals"].as_array().size() == 1);
    CHECK(world.act({{"as", "U0ALICE"}, {"do", "dismiss"}, {"ts", ts}}).status == 200);
    CHECK(world.seen_by("U0ALICE")["ephemerals"].as_array().empty());
}

TEST_CASE("a modal filled in on the page is a submission to the bot", "[simulator][page]")
{
    PageWorld world;
    (void)world.act(
        {{"as", "U0ALICE"}, {"do", "slash"}, {"channel", deploys}, {"command", "/deploy"}, {"text", "plan"}}
    );
    REQUIRE(world.until([&] { return world.server.people.modal_of("U0ALICE") != nullptr; }));

    auto plan = example_plan();
    plan["linear_issue"] = "the search one";
    (void)world.act({{"as", "U0ALICE"}, {"do", "submit"}, {"fields", plan}});
    REQUIRE(world.settle());
    const auto refused = world.seen_by("U0ALICE")["modals"].as_array();
    REQUIRE(refused.size() == 1);
    CHECK(mentions(refused.front().at("errors").at("linear_issue"), "ENG-123"));

    (void)world.act({{"as", "U0ALICE"}, {"do", "submit"}, {"fields", example_plan()}});
    REQUIRE(world.settle());
    auto seen = world.seen_by("U0ALICE");
    CHECK(seen["modals"].as_array().empty());
    REQUIRE(card_of(world, "D-1") != nullptr);
    CHECK(mentions(seen["record"].at("events"), "planned"));
    CHECK(mentions(seen["record"].at("timers"), "pre_notice"));
}

TEST_CASE("a button pressed on the page acts once, and not from a channel one is not in", "[simulator][page]")
{
    PageWorld world;
    TeamMember alice(world, "U0ALICE");
    REQUIRE(alice.plans());
    const auto ts = card_of(world, "D-1")->ts;
    const json::object sign_off{
        {"do", "use"}, {"channel", deploys}, {"ts", ts}, {"action_id", "verb:signoff"}};
    auto by_petra = sign_off;
    by_petra["as"] = "U0PETRA";
    CHECK(world.act(by_petra).status == 200);
    REQUIRE(world.settle());
    CHECK(world.rows("SELECT user_id FROM sign_offs") == std::vector<std::string>{"U0PETRA"});
    CHECK(mentions(world.seen_by("U0PETRA")["linear"], "Stakeholder sign-off: Petra Pohl, 2026-11-24"));

    auto gone = by_petra;
    gone["action_id"] = "verb:nothing";
    CHECK(world.act(gone).status == 409);
    auto deactivated = sign_off;
    deactivated["as"] = "U0GONE";
    CHECK(world.act(deactivated).status == 409);
    world.server.workspace.channels.at(deploys).members.erase("U0JANE");
    auto by_jane = sign_off;
    by_jane["as"] = "U0JANE";
    CHECK(world.act(by_jane).status == 409);
}

TEST_CASE("the clock is moved from the page, forward only", "[simulator][page]")
{
    PageWorld world;
    const auto before = world.clock.now();
    CHECK(world.act({{"as", "U0ALICE"}, {"do", "clock"}, {"minutes", 60}}).status == 200);
    CHECK(world.clock.now() - before >= 60min);
    CHECK(world.act({{"as", "U0ALICE"}, {"do", "clock"}, {"minutes", -5}}).status == 409);
    CHECK(world.act({{"as", "U0ALICE"}, {"do", "clock"}, {"to", 1'000'000'000}}).status == 409);
}

TEST_CASE("while the tour plays nobody can act", "[simulator][page]")
{
    PageWorld world;
    world.page.set_notice("The tour is playing.");
    const auto refused =
        world.act({{"as", "U0ALICE"}, {"do", "say"}, {"channel", deploys}, {"text", "Hello"}});
    CHECK(refused.status == 409);
    CHECK(refused.body.find("The tour is playing.") != std::string::npos);
}

}  // namespace demo
