// Envelopes in, and all that goes out: each acknowledgement and each request to Slack and Linear, in their
// order. The files below conversations/ are read by people when they change.
#include "bot/outbox/courier.hpp"
#include "tests/bot/desk.hpp"
#include "tests/support/golden.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <catch2/catch_test_macros.hpp>

namespace slipway {

namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using testing::Desk;
using namespace std::chrono_literals;

/// A desk with its courier: after each envelope everything that is due is said.
class Conversation : public Desk {
public:
    Conversation()
    {
        for (int number = 2; number < 400; ++number) {
            timestamps_.push_back("1." + std::to_string(1'000'000 + number).substr(1));
        }
        http.answer("conversations.open", R"({"ok":true,"channel":{"id":"D0SOMEBODY"}})");
        http.answer(
            "files.getUploadURLExternal",
            R"({"ok":true,"upload_url":"https://slack.test/api/upload","file_id":"F0DRAFT"})"
        );
        http.on_call = [this] { number_message(); };
        http.answer("chat.postEphemeral", R"({"ok":true,"message_ts":"1.5"})");
        linear_http.otherwise = {
            200, {}, R"({"data":{"issue":{"id":"i1"},"commentCreate":{"success":true}}})"};
    }

    void tells(const std::string& heading, const Ack& ack)
    {
        out << heading << '\n' << "  acknowledged: " << (ack ? json::serialize(*ack) : "not") << '\n';
        deliver();
        for (auto* asked : {&http, &linear_http, &github_http}) {
            for (const auto& request : asked->asked) {
                const auto call = request.url.substr(request.url.find("/api/") + std::string("/api/").size());
                out << "  " << request.method << ' ' << call << ' ' << request.body << '\n';
            }
            asked->asked.clear();
        }
    }

    void types(const std::string& user, const std::string& text)
    {
        auto ack = slash(user, text);
        tells(user + " types /deploy " + text, ack);
    }

    void presses(const std::string& user, const std::string& verb, json::object more = {})
    {
        const auto heading = user + " presses " + verb + " " + json::serialize(more);
        auto ack = press(user, verb, std::move(more));
        tells(heading, ack);
    }

    void replies(const std::string& user, const std::string& text, const std::string& thread = "1.000001")
    {
        timestamp_ += 1;
        auto ack = reply(user, text, "1795575600.00" + std::to_string(1000 + timestamp_), thread);
        tells(user + " replies " + text, ack);
    }

    void opens_home(const std::string& user)
    {
        auto ack = handle(
            "events_api",
            {{"event_id", "Ev" + user}, {"event", {{"type", "app_home_opened"}, {"user", user}}}}
        );
        tells(user + " opens the Home", ack);
    }

    /// Submits the form of `verb`; a list is what is ticked.
    void submits(
        const std::string& user, const std::string& verb, const json::object& fields, json::object carried
    )
    {
        json::array blocks;
        json::object values;
        for (const auto& [key, value] : fields) {
            blocks.push_back(json::object{{"type", "input"}, {"block_id", key}});
            json::object given{{"value", value}};
            if (value.is_array()) {
                json::array options;
                for (const auto& each : value.get_array()) {
                    options.push_back(json::object{{"value", each}});
                }
                given = {{"selected_options", options}};
            }
            values[key] = json::object{{"typed", given}};
        }
        carried["v"] = 1;
        auto ack = handle(
            "interactive",
            {{"type", "view_submission"},
             {"user", {{"id", user}}},
             {"view",
              {{"id", "V" + std::to_string(envelopes)},
               {"callback_id", "modal:" + verb},
               {"private_metadata", json::serialize(carried)},
               {"blocks", blocks},
               {"state", {{"values", values}}}}}}
        );
        tells(user + " submits " + verb + " " + json::serialize(fields), ack);
    }

    std::ostringstream out;
    testing::FakeSlack linear_http;

private:
    /// Every message has a timestamp of its own.
    void number_message()
    {
        if (http.asked.back().url.ends_with("chat.postMessage")) {
            http.answer("chat.postMessage", R"({"ok":true,"ts":")" + timestamps_.at(next_++) + "\"}");
        }
    }

    void deliver()
    {
        asio::io_context work{1};
        Committed unheard;  // it lives for one delivery, and nobody rings for it
        Courier courier(
            work.get_executor(),
            {storage,
             slack,
             linear_,
             library,
             policy,
             clock,
             random,
             storage::testing::deploys,
             views,
             unheard,
             [this](storage::OutboxRow, Deployment, bool) -> asio::awaitable<void> { return nothing(); }}
        );
        asio::cancellation_signal end;
        asio::co_spawn(work, courier.run(), asio::bind_cancellation_slot(end.slot(), [](std::exception_ptr) {
                       }));
        for (int steps = 0; steps < 20'000 && waits(); ++steps) {
            work.run_one();
        }
        end.emit(asio::cancellation_type::terminal);
        asio::co_spawn(work, courier.break_off(), [](std::exception_ptr) {});
        work.run();
    }

    [[nodiscard]] bool waits() const
    {
        return !storage::testing::rows(path, "SELECT id FROM outbox WHERE state = 'waiting'").empty();
    }

    static asio::awaitable<void> nothing() { co_return; }

    linear::Client linear_{linear_http, "https://linear.test/api/graphql", "lin-test"};
    std::vector<std::string> timestamps_;
    std::size_t next_ = 0;
    int timestamp_ = 0;
};

}  // namespace

TEST_CASE("an evening's envelopes are answered as it was read", "[bot][conversation]")
{
    Conversation team;
    team.types("U0ALICE", "");
    team.types("U0ALICE", "plan Slower search");
    team.submits(
        "U0ALICE",
        "plan",
        {{"what", "Slower search"},
         {"linear_issue", "ENG-7"},
         {"service", "web"},
         {"rollback_plan", ""},
         {"starts_at", "1795575600"}},
        {{"c", "C0DEPLOYS"}}
    );
    team.submits(
        "U0ALICE",
        "plan",
        {{"what", "Slower search"},
         {"linear_issue", "ENG-7"},
         {"service", "web"},
         {"rollback_plan", "Revert"}},
        {{"c", "C0DEPLOYS"}}
    );
    team.replies("U0PETRA", "Stakeholder sign-off: Petra Pohl, today");
    team.replies("U0JANE", "Stakeholder sign-off: Janet Dough, today");
    team.replies("U0ZOE", "Stakeholder sign-off: Zoe Zorn, today");
    team.replies("U0ZOE", "I will look at it");
    team.presses("U0JANE", "signoff", {{"date", "2026-11-24"}, {"r", 1}});
    team.presses("U0CARL", "tick", {{"checklist", "gate1"}});
    team.submits(
        "U0CARL",
        "tick",
        {{"items",
          json::array{"approved", "ci_green", "threads_resolved", "testing_notes", "issue_referenced"}}},
        {{"d", 1}, {"r", 1}, {"checklist", "gate1"}}
    );
    team.presses("U0PETRA", "tick", {{"checklist", "gate2"}, {"item", "qa_bugs"}});
    team.types("U0PETRA", "tick D-1 gate2 minor_bugs");
    team.presses("U0DANA", "go", {{"r", 1}});
    team.presses("U0BOB", "ready", {{"r", 2}});
    team.presses("U0BOB", "ready", {{"r", 1}});
    team.types("U0BOB", "start D-1");
    team.types("U0DANA", "start D-1 It cannot wait");
    team.presses("U0BOB", "issue");
    team.submits(
        "U0BOB", "issue", {{"what", "Errors"}, {"severity", "P0"}, {"impact", "All"}}, {{"d", 1}, {"r", 1}}
    );
    team.types("U0CARL", "rollback D-1 Errors");
    team.presses("U0BOB", "rollback");
    team.types("U0BOB", "postmortem D-1");
    team.types("U0ZOE", "stauts D-1");
    team.types("U0ZOE", "status D-1");
    team.types("U0ZOE", "status D-99");
    team.types("U0GUEST", "list");
    team.opens_home("U0BOB");
    team.opens_home("U0ZOE");
    testing::check_golden("tests/bot/conversations/evening.txt", team.out.str());
}

TEST_CASE("what Slack and Linear refuse is dealt with as it was read", "[bot][conversation]")
{
    Conversation team;
    team.linear_http.otherwise = {
        200, {}, R"({"errors":[{"message":"Entity not found","extensions":{"code":"INPUT_ERROR"}}]})"};
    team.replies("U0PETRA", "Stakeholder sign-off");
    team.http.answer("chat.postEphemeral", R"({"ok":false,"error":"user_not_in_channel"})");
    team.presses("U0ZOE", "go");
    team.http.answer("conversations.open", R"({"ok":false,"error":"cannot_dm_bot"})");
    team.presses("U0ZOE", "go");
    team.http.answer("chat.update", R"({"ok":false,"error":"message_not_found"})");
    team.presses("U0DANA", "go");
    team.http.answer("chat.update", R"({"ok":false,"error":"edit_window_closed"})");
    team.presses("U0BOB", "ready");
    team.http.answer("chat.update", R"({"ok":true})");
    team.http.answer("views.open", R"({"ok":false,"error":"expired_trigger_id"})");
    team.presses("U0CARL", "tick", {{"checklist", "gate1"}});
    team.types("U0ALICE", "plan");
    testing::check_golden("tests/bot/conversations/refusals.txt", team.out.str());
}

}  // namespace slipway
