#include "tests/storage/temporary_store.hpp"

#include <catch2/catch_test_macros.hpp>

namespace slipway::storage::testing {

namespace {

std::vector<std::string> names(const std::vector<TimerRow>& timers)
{
    std::vector<std::string> found;
    for (const auto& each : timers) {
        found.push_back(to_string(each.deployment) + " " + each.name);
    }
    return found;
}

using Names = std::vector<std::string>;

struct Timers : TemporaryStore {
    void set(const std::string& name, std::optional<Instant> due, int deployment = 1)
    {
        job([&](Store& each) {
            each.change_timer({deployment}, {name, due, {{"set for", due ? iso(*due) : "never"}}});
        });
    }

    [[nodiscard]] std::vector<TimerRow> due_at(Instant moment) const
    {
        return ask([&](Store& each) { return each.due_timers(moment); });
    }

    [[nodiscard]] std::optional<Instant> next() const
    {
        return ask([](Store& each) { return each.next_timer_due(); });
    }
};

}  // namespace

TEST_CASE("a timer is due from its moment on", "[storage][timers]")
{
    Timers home;
    CHECK_FALSE(home.next().has_value());
    home.set("pre_notice", noon);
    CHECK(home.due_at(noon - 1ms).empty());
    CHECK(names(home.due_at(noon)) == Names{"D-1 pre_notice"});
    CHECK(names(home.due_at(noon + 24h)) == Names{"D-1 pre_notice"});
    CHECK(home.next() == noon);
    CHECK(home.due_at(noon).at(0).facts.at("set for") == "2026-11-24T12:00:00.000Z");
    home.reopen();
    CHECK(home.due_at(noon).size() == 1);
}

TEST_CASE("timers are due in the order of their moments", "[storage][timers]")
{
    Timers home;
    home.set("late", noon + 2s);
    home.set("early", noon + 1s);
    home.set("team's", noon + 1s, 0);
    home.set("not yet", noon + 1h);
    CHECK(names(home.due_at(noon + 2s)) == Names{"D-1 early", "D-0 team's", "D-1 late"});
    CHECK(home.next() == noon + 1s);
}

TEST_CASE("a timer that is set again replaces its predecessor", "[storage][timers]")
{
    Timers home;
    home.set("pre_notice", noon);
    home.set("pre_notice", noon, 2);
    const auto old = home.due_at(noon).at(0);
    home.set("pre_notice", noon + 1h);
    CHECK(names(home.due_at(noon)) == Names{"D-2 pre_notice"});
    CHECK(home.due_at(noon + 1h).size() == 2);
    CHECK(home.due_at(noon + 1h).at(1).due == noon + 1h);
    SECTION("and whoever held the old one learns that it is gone")
    {
        CHECK_FALSE(home.ask([&](Store& store) { return store.remove_timer(old.seq); }));
        CHECK(home.due_at(noon + 1h).size() == 2);
    }
}

TEST_CASE("a timer that is cleared is gone", "[storage][timers]")
{
    Timers home;
    home.set("pre_notice", noon);
    home.set("chase", noon);
    home.set("pre_notice", std::nullopt);
    home.set("never set", std::nullopt);
    CHECK(names(home.due_at(noon)) == Names{"D-1 chase"});
}

TEST_CASE("a timer fires once: it is removed in the transaction of what it causes", "[storage][timers]")
{
    Timers home;
    home.set("chase", noon);
    const auto timer = home.due_at(noon).at(0);
    const auto fire = [&](bool fails) {
        return home.store->transaction({[&](Store& store) {
            CHECK(store.remove_timer(timer.seq));
            if (fails) {
                throw std::runtime_error("not this time");
            }
        }});
    };
    CHECK(fire(true).at(0) != nullptr);
    CHECK(home.due_at(noon).size() == 1);
    CHECK(fire(false).at(0) == nullptr);
    CHECK(home.due_at(noon).empty());
    CHECK_FALSE(home.ask([&](Store& store) { return store.remove_timer(timer.seq); }));
}

TEST_CASE("a key is new once, whatever happens to the process", "[storage][inbox]")
{
    TemporaryStore home;
    const auto is_new = [&](const std::string& key, Instant now) {
        return home.ask([&](Store& store) { return store.first_sight(key, now); });
    };
    CHECK(is_new("event:Ev1", noon));
    CHECK_FALSE(is_new("event:Ev1", noon + 1h));
    CHECK(is_new("event:Ev2", noon + 1h));
    home.reopen();
    CHECK_FALSE(is_new("event:Ev1", noon + 2h));

    SECTION("until it is forgotten")
    {
        home.job([](Store& store) { store.forget_inbox_before(noon); });
        CHECK_FALSE(is_new("event:Ev1", noon + 2h));
        home.job([](Store& store) { store.forget_inbox_before(noon + 1ms); });
        CHECK(is_new("event:Ev1", noon + 2h));
        CHECK_FALSE(is_new("event:Ev2", noon + 2h));
    }
    SECTION("and is new again when the job that saw it failed")
    {
        CHECK_THROWS(home.job([](Store& store) {
            CHECK(store.first_sight("event:Ev3", noon));
            throw std::runtime_error("later");
        }));
        CHECK(is_new("event:Ev3", noon));
    }
}

TEST_CASE("what could not be understood is kept for the operator", "[storage][inbox]")
{
    const TemporaryStore home;
    home.job([](Store& store) { store.keep_dead_letter("env-1", "no payload", R"({"type":"odd"})", noon); });
    CHECK(
        rows(home.path, "SELECT * FROM dead_letters") ==
        std::vector<std::string>{R"(env-1|no payload|{"type":"odd"}|2026-11-24T12:00:00.000Z)"}
    );
}

TEST_CASE("a dead letter is kept without what Slack's secrets are in it", "[storage][inbox]")
{
    TemporaryStore home;
    for (const auto* body :
         {R"({"token": "secret", "response_url":"https://hooks/secret","x":{"token":"secret"},"text":"hi"})",
          R"({"text":"hi","token":"se\"cret","response_url" : "https://hooks/secret)"}) {
        home.job([&](Store& store) { store.keep_dead_letter("env-1", "cut", body, noon); });
    }
    for (const auto& body : rows(home.path, "SELECT body FROM dead_letters")) {
        CAPTURE(body);
        CHECK(body.find("cret") == std::string::npos);
        CHECK(body.find(R"("text":"hi")") != std::string::npos);
    }
}

TEST_CASE("dead letters are forgotten after their time", "[storage][inbox]")
{
    TemporaryStore home;
    home.job([](Store& store) {
        store.keep_dead_letter("old", "why", "{}", noon - 31 * 24h);
        store.keep_dead_letter("new", "why", "{}", noon - 29 * 24h);
        store.forget_dead_letters_before(noon - 30 * 24h);
    });
    CHECK(rows(home.path, "SELECT envelope_id FROM dead_letters") == std::vector<std::string>{"new"});
}

TEST_CASE("a posted message is found by its purpose and by its thread", "[storage][messages]")
{
    TemporaryStore home;
    home.job([](Store& store) {
        store.remember_message({{1}, "card", deploys, "1700000000.000100"});
        store.remember_message({{1}, "copy_of_card", deploys, "1700000000.000200"});
        store.remember_message({{2}, "card", deploys, "1700000000.000400"});
    });
    home.reopen();
    home.job([](Store& store) {
        CHECK(store.message_of({1}, "card")->ts == "1700000000.000100");
        CHECK(store.message_of({1}, "copy_of_card")->ts == "1700000000.000200");
        CHECK(store.message_of({2}, "card")->channel == deploys);
        CHECK_FALSE(store.message_of({2}, "copy_of_card").has_value());
        CHECK_FALSE(store.message_of({3}, "card").has_value());
        const auto cards = store.messages_of({1}, "c");
        REQUIRE(cards.size() == 2);
        CHECK(cards[0].purpose == "card");
        CHECK(cards[1].ts == "1700000000.000200");
        CHECK(store.messages_of({1}, "").size() == 2);
        CHECK(store.messages_of({1}, "c%").empty());
        CHECK(store.deployment_of_thread(deploys, "1700000000.000400") == DeploymentId{2});
        CHECK_FALSE(store.deployment_of_thread(ChannelId("C0OTHER"), "1700000000.000400").has_value());
        CHECK_FALSE(store.deployment_of_thread(deploys, "1700000000.0004").has_value());
    });
}

TEST_CASE("a card that was posted anew replaces the one before", "[storage][messages]")
{
    const TemporaryStore home;
    home.job([](Store& store) {
        store.remember_message({{1}, "card", deploys, "1.000001"});
        store.remember_message({{1}, "card", deploys, "1.000002"});
        CHECK(store.message_of({1}, "card")->ts == "1.000002");
        CHECK_FALSE(store.deployment_of_thread(deploys, "1.000001").has_value());
    });
}

TEST_CASE("whom each entry of slipway.toml meant is remembered", "[storage][people]")
{
    TemporaryStore home;
    const Store::Entries entries{
        {"@leads", {UserId("U0DANA"), UserId("U0RAJ")}},
        {"bob@acme.test", {UserId("U0BOB")}},
        {"@empty", {}}};
    home.job([&](Store& store) { store.remember_entries(entries); });
    CHECK(home.ask([](Store& store) { return store.entries(); }) == entries);
}

TEST_CASE("the last good copy of the runbook is kept, and read without the bot", "[storage][runbook]")
{
    TemporaryStore home;
    CHECK_FALSE(home.ask([](Store& store) { return store.runbook(); }).has_value());
    home.job([](Store& store) { store.keep_runbook("# Old", "file", noon); });
    home.job([](Store& store) { store.keep_runbook("# Runbook\n\0binary", "linear", noon + 1h); });
    Store reader(home.path, Store::Access::read_only);
    run(reader, [](Store& store) {
        const auto copy = store.runbook();
        REQUIRE(copy.has_value());
        CHECK(copy->markdown == "# Runbook\n");
        CHECK(copy->source == "linear");
        CHECK(copy->fetched_at == noon + 1h);
    });
}

}  // namespace slipway::storage::testing
