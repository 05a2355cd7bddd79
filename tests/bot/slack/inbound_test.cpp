#include "bot/slack/carried.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch_test_macros.hpp>

#include <random>
#include <string>
#include <vector>

namespace slipway::slack {

namespace {

Envelope envelope(const std::string& type, const std::string& payload, const std::string& id = "e1")
{
    return {id, type, true, boost::json::parse(payload).as_object()};
}

Inbound decoded(const std::string& type, const std::string& payload)
{
    return decode(envelope(type, payload));
}

template <class Kind>
bool is(const Inbound& inbound)
{
    return std::holds_alternative<Kind>(inbound);
}

constexpr auto message =
    R"({"team_id":"T0","event_id":"Ev1","event":{"type":"message","channel":"C0","user":"U0",
    "text":"hello","ts":"2.0","thread_ts":"1.0"%}})";

std::string with(const std::string& more)
{
    std::string text = message;
    text.replace(text.find('%'), 1, more);
    return text;
}

}  // namespace

TEST_CASE("slash commands", "[bot][inbound]")
{
    const auto command = decoded(
        "slash_commands",
        R"({"command":"/deploy","text":"plan it","user_id":"U0","channel_id":"C0","team_id":"T0","trigger_id":"1.2"})"
    );
    REQUIRE(is<SlashCommand>(command));
    CHECK(std::get<SlashCommand>(command).text == "plan it");
    CHECK(std::get<SlashCommand>(command).sender.trigger_id == "1.2");
    CHECK(is<Malformed>(decoded("slash_commands", R"({"command":"/deploy"})")));
    CHECK(is<Malformed>(decoded("slash_commands", R"({"command":7,"user_id":[]})")));
}

TEST_CASE("replies in threads are heard, with who, where and under what, all else is not", "[bot][inbound]")
{
    const auto plain = decoded("events_api", with(""));
    REQUIRE(is<ThreadReply>(plain));
    const auto& reply = std::get<ThreadReply>(plain);
    CHECK(reply.sender.user == UserId("U0"));
    CHECK(reply.sender.channel == ChannelId("C0"));
    CHECK(reply.text == "hello");
    CHECK(reply.ts == "2.0");
    CHECK(reply.thread_ts == "1.0");
    CHECK(is<Ignored>(decoded("events_api", with(R"(,"bot_id":"B0")"))));
    CHECK(is<Ignored>(decoded(
        "events_api", R"({"event":{"type":"message","channel":"C0","user":"U0","text":"top","ts":"2.0"}})"
    )));
    CHECK(is<Ignored>(decoded("events_api", R"({"event":{"type":"something_new"}})")));
}

TEST_CASE("a revoked token and a removed app are noticed", "[bot][inbound]")
{
    CHECK(is<AccessLost>(
        decoded("events_api", R"({"event":{"type":"tokens_revoked","tokens":{"bot":["U0"]}}})")
    ));
    CHECK(is<AccessLost>(decoded("events_api", R"({"event":{"type":"app_uninstalled"}})")));
    for (const auto* of_people : {R"({"oauth":["U0ALICE"],"bot":[]})", R"({"oauth":["U0ALICE"]})"}) {
        CAPTURE(of_people);
        CHECK(is<Ignored>(decoded(
            "events_api", std::string(R"({"event":{"type":"tokens_revoked","tokens":)") + of_people + "}}"
        )));
    }
}

TEST_CASE("modals: values by block, and what was left empty is absent", "[bot][inbound]")
{
    const auto submission = decoded(
        "interactive",
        R"({"type":"view_submission","user":{"id":"U0","team_id":"T0"},"view":{"callback_id":"modal:plan",
            "private_metadata":"{}","blocks":[{"type":"input","block_id":"what"},{"type":"input","block_id":"flag"}],
            "state":{"values":{
                "what":{"value":{"type":"plain_text_input","value":"Search"}},
                "flag":{"value":{"type":"plain_text_input","value":null}},
                "service":{"value":{"type":"static_select","selected_option":{"value":"web"}}},
                "starts_at":{"value":{"type":"datetimepicker","selected_date_time":1795575600}},
                "on_call":{"value":{"type":"users_select","selected_user":"U0BOB"}},
                "items":{"value":{"type":"checkboxes","selected_options":[{"value":"a"},{"value":"b"}]}}}}}})"
    );
    REQUIRE(is<ViewSubmission>(submission));
    const auto& fields = std::get<ViewSubmission>(submission).fields;
    CHECK(fields.at("what") == "Search");
    CHECK_FALSE(fields.contains("flag"));
    CHECK(fields.at("service") == "web");
    CHECK(fields.at("starts_at") == 1795575600);
    CHECK(fields.at("on_call") == "U0BOB");
    CHECK(fields.at("items") == boost::json::parse(R"(["a","b"])"));
}

TEST_CASE("buttons: in a message, in a menu and in App Home", "[bot][inbound]")
{
    const auto in_message = decoded(
        "interactive",
        R"({"type":"block_actions","user":{"id":"U0","username":"a","team_id":"T0"},"team":{"id":"T9"},
            "container":{"type":"message","message_ts":"1.0","channel_id":"C0","is_ephemeral":false},
            "channel":{"id":"C0","name":"deploys"},"trigger_id":"1.2",
            "actions":[{"action_id":"verb:signoff:1","block_id":"b","value":"{\"v\":1,\"d\":12}","type":"button"}]})"
    );
    REQUIRE(is<ButtonPress>(in_message));
    const auto& press = std::get<ButtonPress>(in_message);
    CHECK(press.sender.user == UserId("U0"));
    CHECK(press.sender.channel == ChannelId("C0"));
    CHECK(press.sender.trigger_id == "1.2");
    CHECK(press.action_id == "verb:signoff:1");
    CHECK(press.value == R"({"v":1,"d":12})");

    const auto in_menu = decoded(
        "interactive",
        R"({"type":"block_actions","user":{"id":"U0"},"container":{"type":"message","message_ts":"1.0"},
            "actions":[{"action_id":"menu:more","type":"overflow",
                        "selected_option":{"text":{"type":"plain_text","text":"Cancel"},
                                           "value":"{\"press\":\"verb:cancel\"}"}}]})"
    );
    REQUIRE(is<ButtonPress>(in_menu));
    CHECK(std::get<ButtonPress>(in_menu).action_id == "menu:more");
    CHECK(std::get<ButtonPress>(in_menu).value == R"({"press":"verb:cancel"})");

    const auto in_home = decoded(
        "interactive",
        R"({"type":"block_actions","user":{"id":"U0"},"team":{"id":"T9"},
            "container":{"type":"view","view_id":"V0"},"actions":[{"action_id":"verb:plan"}]})"
    );
    REQUIRE(is<ButtonPress>(in_home));
    CHECK(std::get<ButtonPress>(in_home).action_id == "verb:plan");
    CHECK(std::get<ButtonPress>(in_home).sender.channel.empty());
}

TEST_CASE("App Home opened", "[bot][inbound]")
{
    const auto opened = decoded(
        "events_api",
        R"({"team_id":"T0","event":{"type":"app_home_opened","user":"U0","channel":"D0","tab":"home"}})"
    );
    REQUIRE(is<HomeOpened>(opened));
    CHECK(std::get<HomeOpened>(opened).sender.user == UserId("U0"));
}

TEST_CASE(
    "a reply that is shown to the channel too or brings a file is a reply, other subtypes are not",
    "[bot][inbound]"
)
{
    for (const auto* subtype : {"thread_broadcast", "file_share"}) {
        CAPTURE(subtype);
        const auto said = decoded("events_api", with(std::string(R"(,"subtype":")") + subtype + '"'));
        REQUIRE(is<ThreadReply>(said));
        CHECK(std::get<ThreadReply>(said).text == "hello");
    }
    for (const auto* subtype :
         {"me_message",
          "bot_message",
          "channel_join",
          "message_changed",
          "message_deleted",
          "something_new"}) {
        CAPTURE(subtype);
        CHECK(is<Ignored>(decoded("events_api", with(std::string(R"(,"subtype":")") + subtype + '"'))));
    }
}

TEST_CASE("a thread that is read again tells what people said, unless it was edited", "[bot][inbound]")
{
    const auto read = [](const std::string& more) {
        auto said = boost::json::parse(
            R"({"type":"message","user":"U0","text":"hello","ts":"2.0","thread_ts":"1.0")" + more + "}"
        );
        return reply_of(said.as_object(), ChannelId("C0"));
    };
    const auto reply = read("");
    REQUIRE(reply);
    CHECK(reply->sender.user == UserId("U0"));
    CHECK(reply->sender.channel == ChannelId("C0"));
    CHECK(reply->text == "hello");
    CHECK(reply->ts == "2.0");
    CHECK(reply->thread_ts == "1.0");
    CHECK(read(R"(,"subtype":"thread_broadcast")"));
    CHECK_FALSE(read(R"(,"bot_id":"B0")"));
    CHECK_FALSE(read(R"(,"edited":{"user":"U0","ts":"3.0"})"));
    CHECK_FALSE(read(R"(,"subtype":"channel_join")"));
    CHECK_FALSE(reply_of({}, ChannelId("C0")));
}

TEST_CASE(
    "what a button carries is taken in its own version, and only where it makes sense", "[bot][inbound]"
)
{
    for (const auto* text :
         {"", "no JSON", "[]", "7", "{}", R"({"d":1})", R"({"v":2,"d":1})", R"({"v":"1"})"}) {
        CAPTURE(text);
        CHECK_FALSE(carried(text));
    }
    const auto request_of = [](const char* text) {
        Request request;
        fill_from(request, carried(text).value());
        return request;
    };
    const auto whole = request_of(R"({"v":1,"d":12,"r":3,"c":"C0","press":"verb:go","reason":"why"})");
    CHECK(whole.deployment == DeploymentId{12});
    CHECK(whole.expected_revision == 3);
    CHECK(whole.channel == ChannelId("C0"));
    CHECK(whole.fields == boost::json::object{{"reason", "why"}});
    // What was typed after a command whose form came too late is not lost.
    CHECK(request_of(R"({"v":1,"typed":"Faster search"})").text == "Faster search");
    CHECK(request_of(R"({"v":1,"typed":"Faster search"})").fields.empty());
    for (const auto* text :
         {R"({"v":1,"d":0,"r":0})",
          R"({"v":1,"d":-1,"r":-1})",
          R"({"v":1,"d":"12","r":[3],"c":7})",
          R"({"v":1,"d":1e3,"r":1.5})",
          R"({"v":1,"d":1000000000,"r":99999999999999999999})"}) {
        CAPTURE(text);
        const auto request = request_of(text);
        CHECK_FALSE(request.deployment);
        CHECK_FALSE(request.expected_revision);
        CHECK(request.channel.empty());
    }
}

TEST_CASE("what nobody of ours has sent is ignored, not kept as broken", "[bot][inbound]")
{
    for (const auto* payload :
         {R"({"type":"shortcut","user":{"id":"U0"},"callback_id":"x","trigger_id":"1.2"})",
          R"({"type":"message_action","user":{"id":"U0"},"callback_id":"x","message":{}})",
          R"({"type":"view_closed","user":{"id":"U0"},"view":{"callback_id":"modal:plan"},"is_cleared":true})",
          R"({"type":"block_suggestion","user":{"id":"U0"},"action_id":"a","value":"x"})"}) {
        CAPTURE(payload);
        CHECK(is<Ignored>(decoded("interactive", payload)));
    }
    // app_rate_limited comes without an inner event.
    CHECK(is<Ignored>(
        decoded("events_api", R"({"type":"app_rate_limited","team_id":"T0","minute_rate_limited":1})")
    ));
    CHECK(is<Ignored>(decoded("events_api", R"({"event":{"type":"reaction_added","user":"U0"}})")));
    CHECK(is<Ignored>(decoded("something_new", R"({"user":{"id":"U0"}})")));
}

TEST_CASE("what is not as documented is kept as broken", "[bot][inbound]")
{
    for (const auto* payload :
         {R"({})",
          R"({"type":"block_actions"})",
          R"({"type":"block_actions","user":{"id":"U0"}})",
          R"({"type":"block_actions","user":{"id":"U0"},"actions":[]})",
          R"({"type":"block_actions","user":{"id":"U0"},"actions":["x"]})",
          R"({"type":"view_submission","user":{"id":"U0"}})",
          R"({"type":"view_submission","user":{"id":"U0"},"view":[]})",
          R"({"type":"view_submission","user":"U0","view":{}})"}) {
        CAPTURE(payload);
        CHECK(is<Malformed>(decoded("interactive", payload)));
    }
}

TEST_CASE("a modal tells which of its blocks can show an error", "[bot][inbound]")
{
    const auto submission = decoded(
        "interactive",
        R"({"type":"view_submission","user":{"id":"U0"},"view":{"callback_id":"modal:plan","private_metadata":"m",
            "blocks":[{"type":"section","block_id":"s"},{"type":"input","block_id":"what"},
                      {"type":"input","block_id":"flag"}],"state":{"values":[]}}})"
    );
    REQUIRE(is<ViewSubmission>(submission));
    CHECK(std::get<ViewSubmission>(submission).block_ids == std::vector<std::string>{"what", "flag"});
    CHECK(std::get<ViewSubmission>(submission).private_metadata == "m");
    CHECK(std::get<ViewSubmission>(submission).fields.empty());
}

TEST_CASE("whatever comes in an envelope, it is decoded without a throw", "[bot][inbound]")
{
    static const std::vector<std::string> values{
        "null",
        "7",
        "\"\"",
        "\"x\"",
        "[]",
        "{}",
        "true",
        R"({"id":7})",
        R"({"values":[]})",
        R"({"id":"U0"})"};
    static const std::vector<std::string> keys{
        "type",
        "event",
        "user",
        "channel",
        "actions",
        "view",
        "state",
        "team",
        "container",
        "command",
        "text",
        "message"};
    std::mt19937 random(11);
    const auto pick = [&](const auto& list) {
        return list[std::uniform_int_distribution<std::size_t>(0, list.size() - 1)(random)];
    };
    for (int round = 0; round < 3'000; ++round) {
        std::string payload = "{";
        for (const auto& key : keys) {
            payload += (payload.size() > 1 ? ",\"" : "\"") + key + "\":" + pick(values);
        }
        const auto shape = round % 3 == 0   ? R"(,"type":"block_actions"})"
                           : round % 3 == 1 ? R"(,"type":"view_submission"})"
                                            : "}";
        INFO(payload + shape);
        for (const auto* type : {"slash_commands", "interactive", "events_api", "other"}) {
            CHECK_NOTHROW(decoded(type, payload + shape));
        }
    }
}

TEST_CASE("what makes two deliveries the same", "[bot][inbound]")
{
    const auto first = dedupe_keys(envelope("events_api", R"({"event_id":"Ev1","event":{}})", "e1"));
    CHECK_FALSE(first.empty());
    CHECK(first == dedupe_keys(envelope("events_api", R"({"event_id":"Ev1","event":{}})", "e2")));
    CHECK(first != dedupe_keys(envelope("events_api", R"({"event_id":"Ev2","event":{}})", "e2")));
}

TEST_CASE("a press is the same by its envelope or by its trigger", "[bot][inbound]")
{
    using Keys = std::vector<std::string>;
    CHECK(
        dedupe_keys(envelope("interactive", R"({"trigger_id":"1.2"})")) == Keys{"envelope:e1", "trigger:1.2"}
    );
    CHECK(dedupe_keys(envelope("interactive", "{}")) == Keys{"envelope:e1"});
    // An event without an id is told apart by its envelope.
    CHECK(dedupe_keys(envelope("events_api", "{}")) == Keys{"envelope:e1"});
}

}  // namespace slipway::slack
