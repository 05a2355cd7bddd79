#pragma once

#include "bot/inbox/catch_up.hpp"
#include "bot/inbox/router.hpp"
#include "tests/bot/fake_slack.hpp"
#include "tests/bot/inline_storage.hpp"
#include "tests/storage/temporary_store.hpp"
#include "tests/support/plan.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/json/serialize.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace slipway::testing {

namespace asio = boost::asio;
namespace json = boost::json;

/// What the bot does with an envelope, over a record in a temporary directory and a Slack that answers as it
/// is told to. The cast in their roles; Alice planned D-1 for Bob's on-call, and its card stands at 1.000001.
/// It is 22:00, when D-1 is to start.
struct Desk : storage::testing::TemporaryStore {
    using Ack = Router::Ack;

    Desk()
    {
        policy.services = {{.name = "web"}};
        policy.rotation = {UserId("U0BOB"), UserId("U0CARL")};
        policy.sprint_start = date::year{2026} / 11 / 16;
        auto book = std::make_shared<RoleBook>();
        book->members[Role::developer] = {UserId("U0ALICE"), UserId("U0BOB"), UserId("U0CARL")};
        book->members[Role::dev_lead] = {UserId("U0DANA")};
        book->members[Role::product_lead] = {UserId("U0PETRA")};
        judge.set_roles(book);
        for (const auto& who : cast::everybody) {
            http.add_user(who.id(), std::string(who.real_name));
        }
        http.answer("views.open", R"({"ok":true,"view":{"id":"V0FORM"}})");
        http.answer("views.update", R"({"ok":true,"view":{"id":"V0FORM"}})");
        http.answer("chat.getPermalink", R"({"ok":true,"permalink":"https://acme.slack.com/p1"})");
        events(1, {Planned{usual_plan(), evening, std::chrono::minutes{45}, UserId("U0BOB")}});
        job([](storage::Store& each) {
            each.remember_message({DeploymentId{1}, "card", storage::testing::deploys, "1.000001"});
        });
    }

    Ack handle(const std::string& type, json::object payload)
    {
        payload["trigger_id"] = "trigger-" + std::to_string(++envelopes);
        return handle(slack::Envelope{"e" + std::to_string(envelopes), type, true, std::move(payload)});
    }

    Ack handle(slack::Envelope envelope) { return result_of(router.handle(std::move(envelope)), context); }

    Ack slash(const std::string& user, const std::string& text)
    {
        return handle(
            "slash_commands",
            {{"user_id", user}, {"channel_id", "C0DEPLOYS"}, {"command", "/deploy"}, {"text", text}}
        );
    }

    /// Presses the button of `verb` about D-1.
    Ack press(const std::string& user, const std::string& verb, json::object more = {})
    {
        more["v"] = 1;
        more["d"] = 1;
        const json::object button{{"action_id", "verb:" + verb}, {"value", json::serialize(more)}};
        return handle(
            "interactive",
            {{"type", "block_actions"},
             {"user", {{"id", user}}},
             {"channel", {{"id", "C0DEPLOYS"}}},
             {"actions", json::array{button}}}
        );
    }

    /// Submits the form of `verb` about D-1 with a text in its only input.
    Ack submit(
        const std::string& user, const std::string& verb, const std::string& field, const std::string& text
    )
    {
        const json::object input{{"type", "input"}, {"block_id", field}};
        return handle(
            "interactive",
            {{"type", "view_submission"},
             {"user", {{"id", user}}},
             {"view",
              {{"id", "V0FORM"},
               {"callback_id", "modal:" + verb},
               {"private_metadata", R"({"v":1,"d":1})"},
               {"blocks", json::array{input}},
               {"state", {{"values", {{field, {{"typed", {{"value", text}}}}}}}}}}}}
        );
    }

    /// Says `text` in the channel, or under the message `thread`.
    Ack mention(const std::string& user, const std::string& text, const std::string& thread = "")
    {
        json::object event{
            {"type", "message"},
            {"channel", "C0DEPLOYS"},
            {"user", user},
            {"text", text},
            {"ts", "1795575600." + std::to_string(100'000 + envelopes)}};
        if (!thread.empty()) {
            event["thread_ts"] = thread;
        }
        return handle("events_api", {{"event_id", "Ev" + std::to_string(envelopes)}, {"event", event}});
    }

    /// Says `text` under the message `thread`.
    Ack reply(
        const std::string& user,
        const std::string& text,
        const std::string& ts = "1795575600.000100",
        const std::string& thread = "1.000001"
    )
    {
        return handle(
            "events_api",
            {{"event_id", "Ev" + std::to_string(envelopes)},
             {"event",
              {{"type", "message"},
               {"channel", "C0DEPLOYS"},
               {"user", user},
               {"text", text},
               {"ts", ts},
               {"thread_ts", thread}}}}
        );
    }

    /// How many events of `kind` the ledger has.
    [[nodiscard]] std::size_t happened(const std::string& kind) const
    {
        return storage::testing::rows(path, "SELECT seq FROM events WHERE kind = '" + kind + "'").size();
    }

    /// How many events the ledger has; one at first.
    [[nodiscard]] std::size_t recorded() const
    {
        return storage::testing::rows(path, "SELECT seq FROM events").size();
    }

    /// The bodies of what is to be said in `kind`, oldest first.
    [[nodiscard]] std::vector<std::string> to_say(const std::string& kind) const
    {
        return storage::testing::rows(
            path, "SELECT body FROM outbox WHERE kind = '" + kind + "' ORDER BY seq"
        );
    }

    asio::io_context context{1};
    FakeSlack http, github_http;
    StillClock clock;
    SeededRandom random{1};
    Config config;
    Policy policy = document_policy();
    StorageUntilFull storage{*store};
    slack::WebApi slack{http, clock, FakeSlack::url, "xoxb-test"};
    Directory directory{slack, clock, config};
    templates::Library library;
    int envelopes = 0;
    Committed committed;
    Judge judge{policy, storage::testing::deploys, storage, clock, random, committed};
    Views views{{policy, judge, library, clock, [this] { return KnownPeople{directory.names(), {}, {}}; }}};
    HomeKeeper home{context.get_executor(), {directory, slack, storage, library, clock, views, committed}};
    Forms forms{context.get_executor(), {judge, directory, slack, storage, library, policy, clock, views}};
    github::Client github{github_http, clock, policy, "https://slack.test/api/github", "ghp-test"};
    Router router{{judge, directory, home, forms, slack, storage, library, policy, clock, views, &github}};
    CatchUp catch_up{context.get_executor(), {router, slack, storage, clock}};
};

}  // namespace slipway::testing
