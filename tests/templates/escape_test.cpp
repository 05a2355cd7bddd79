// People's text in Slack's mrkdwn and in Markdown: it pings nobody and reads as it was typed.
#include "templates/markup.hpp"
#include "tests/templates/shown_deployment.hpp"

#include <boost/json/serialize.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

namespace slipway::templates {

namespace {

namespace json = boost::json;
using namespace testing;

struct Row {
    const char* meaning;
    std::string typed, in_slack, in_markdown;
};

#define ZW "\xE2\x80\x8B"

const std::vector<Row>& rows()
{
    static const std::vector<Row> table{
        {"plain", "Faster search", "Faster search", "Faster search"},
        {"a channel ping", "<!channel>", "&lt;!channel&gt;", R"(\<!channel\>)"},
        {"a ping of everyone here", "<!here|x>", "&lt;!here|x&gt;", R"(\<!here\|x\>)"},
        {"a mention", "<@U0DANA>", "&lt;@U0DANA&gt;", R"(\<@U0DANA\>)"},
        {"a group", "<!subteam^S1>", "&lt;!subteam^S1&gt;", R"(\<!subteam^S1\>)"},
        {"an ampersand", "R&D", "R&amp;D", R"(R\&D)"},
        {"an entity stays as typed", "&lt;b&gt;", "&amp;lt;b&amp;gt;", R"(\&lt;b\&gt;)"},
        {"bold", "*b*", ZW "*" ZW "b" ZW "*" ZW, R"(\*b\*)"},
        {"italics", "_b_", ZW "_" ZW "b" ZW "_" ZW, R"(\_b\_)"},
        {"snake case", "new_search_v2", "new_search_v2", R"(new\_search\_v2)"},
        {"snake case of another script",
         "gr\u00F6\u00DFe_neu",
         "gr\u00F6\u00DFe_neu",
         "gr\u00F6\u00DFe\\_neu"},
        {"a command",
         "./roll_back.sh --to_prev",
         "./roll_back.sh --to_prev",
         R"(./roll\_back.sh --to\_prev)"},
        {"a command with signs of its own",
         "~/x.sh */5 * * *",
         "~/x.sh */5 * * *",
         R"(\~/x.sh \*/5 \* \* \*)"},
        {"an address",
         "see https://a.example/_x_?a=1&b=_ _soon_",
         "see https://a.example/_x_?a=1&amp;b=_ " ZW "_" ZW "soon" ZW "_" ZW,
         R"(see https://a.example/\_x\_?a=1\&b=\_ \_soon\_)"},
        {"code with signs in it", "run `rm _a_ <b`", "run `rm _a_ &lt;b`", R"(run \`rm \_a\_ \<b\`)"},
        {"a backtick by itself", "a ` b", "a " ZW "`" ZW " b", R"(a \` b)"},
        {"strike", "~x~", ZW "~" ZW "x" ZW "~" ZW, R"(\~x\~)"},
        {"code", "`x`", "`x`", R"(\`x\`)"},
        {"a link", "[a](b)", "[a](b)", R"(\[a\](b))"},
        {"a backslash", R"(a\b)", R"(a\b)", R"(a\\b)"},
        {"a heading", "# a", "# a", R"(\# a)"},
        {"a bullet", "- a", "- a", R"(\- a)"},
        {"a dash inside", "a - b", "a - b", "a - b"},
        {"a hash inside", "C# and #1", "C# and #1", "C# and #1"},
        {"another bullet", "+ a", "+ a", R"(\+ a)"},
        {"another numbered item", "1) a", "1) a", R"(1\) a)"},
        {"a numbered item", "1. a", "1. a", R"(1\. a)"},
        {"a version number inside", "to 1.2.3", "to 1.2.3", "to 1.2.3"},
        {"a line break", "a\nb", "a b", "a b"},
        {"a carriage return", "a\rb", "a b", "a b"},
        {"a tab", "a\tb", "a b", "a b"},
        {"another control character", "x\x01y\x7Fz", "x y z", "x y z"},
        {"a line separator", "a\u2028b", "a b", "a b"},
        {"a zero-width space", "a" ZW "b", "ab", "ab"},
        {"a byte order mark", "\uFEFFa", "a", "a"},
        {"a soft hyphen", "a\u00ADb", "ab", "ab"},
        {"right-to-left override", "a\u202Eb", "ab", "ab"},
        {"right-to-left isolate", "a\u2067b", "ab", "ab"},
        {"invisible tag letters", "a\U000E0041b", "ab", "ab"},
        {"an emoji of several joined",
         "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB",
         "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB",
         "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB"},
        {"right-to-left letters", "\xD7\xA9\xD7\x9C", "\xD7\xA9\xD7\x9C", "\xD7\xA9\xD7\x9C"},
        {"broken UTF-8", "x\xFFy", "x\uFFFDy", "x\uFFFDy"},
    };
    return table;
}

#undef ZW

}  // namespace

TEST_CASE("what people type is shown as they typed it and pings nobody", "[templates][escape]")
{
    for (const auto& row : rows()) {
        CAPTURE(row.meaning);
        CHECK(escape_mrkdwn(row.typed) == row.in_slack);
        CHECK(escape_markdown(row.typed) == row.in_markdown);
    }
}

/// `value` without its plain_text, which Slack shows as it stands and does not read for mentions.
static json::value without_plain_text(json::value value)
{
    if (auto* list = value.if_array()) {
        for (auto& each : *list) {
            each = without_plain_text(std::move(each));
        }
    }
    if (auto* object = value.if_object()) {
        const auto* type = object->if_contains("type");
        if (type != nullptr && *type == "plain_text") {
            object->erase("text");
        }
        for (auto& [key, each] : *object) {
            each = without_plain_text(std::move(each));
        }
    }
    return value;
}

TEST_CASE("every place that shows people's text escapes it", "[templates][escape]")
{
    const std::string hostile = "<!channel> <@U0EVIL> *x*\n<!here>";
    auto plan = ShownDeployment::plan_called(hostile);
    plan.changes = {hostile};
    plan.expected_impact = hostile;
    plan.rollback_plan = hostile;
    plan.linear_issue = hostile;
    plan.pull_request = hostile;
    plan.service = hostile;
    ShownDeployment scene(plan);
    scene.happens("U0PETRA", Declined{1, UserId("U0PETRA"), hostile, hostile}, -6h);
    scene.happens("U0ALICE", started(), 0min);
    scene.happens("U0BOB", issue_raised(hostile), 5min);
    const Library library;
    std::vector<SlackMessage> messages{card(scene.deployment, scene.view())};
    for (const auto* kind : {"pre_deployment", "post_deployment", "escalation", "rollback"}) {
        messages.push_back(library.notice({kind, notice_facts(hostile), {}}, scene.deployment, scene.view()));
    }
    for (const auto& message : messages) {
        const auto all = message.text + json::serialize(without_plain_text(message.blocks));
        CAPTURE(all);
        for (const auto* ping : {"<!channel", "<!here", "<@U0EVIL"}) {
            CHECK(all.find(ping) == std::string::npos);
        }
    }
}

TEST_CASE("every mrkdwn text is verbatim, so that Slack does not look for mentions", "[templates][escape]")
{
    CHECK(mrkdwn_text("@here #general").at("verbatim") == true);
}

TEST_CASE("a sentence keeps people's text on its line", "[templates][escape]")
{
    const Library library;
    const auto text = library.mrkdwn(
        say("declined",
            {{"name", "Eve"}, {"deployment", "D-1"}, {"reason", "no\n:white_check_mark: Petra signed off"}})
    );
    CHECK(text.find('\n') == std::string::npos);
}

TEST_CASE("a text that cannot mention names people, dates and links in words", "[templates][escape]")
{
    const std::map<UserId, std::string> names{{UserId("U0BOB"), "Bob Baker"}};

    struct Spoken {
        std::string text, words;
    };

    const auto row = GENERATE(values<Spoken>(
        {{"<@U0BOB> has not said ready", "Bob Baker has not said ready"},
         {"ask <@U0BOB>, <@U0EVE> or <@U0JANE|jane>", "ask Bob Baker, U0EVE or jane"},
         {"at <!date^1764039600^{date_short}|Tue 22:00 EST>", "at Tue 22:00 EST"},
         {"see <https://example.org|the issue> <https://example.org>", "see the issue https://example.org"},
         {"a < b and c > d", "a < b and c > d"},
         {"open <@U0BOB", "open <@U0BOB"},
         {"<<@U0BOB>>", "<Bob Baker>"}}
    ));
    CHECK(without_tokens(row.text, names) == row.words);
}

TEST_CASE("the error at a modal's field says who by name", "[templates][escape]")
{
    const Library library;
    const auto sentence = say("on_call_not_ready", {{"on_call", "<@U0BOB>"}});
    const auto text = library.plain(sentence, {{UserId("U0BOB"), "Bob Baker"}});
    CHECK(text.starts_with("Bob Baker hasn't confirmed"));
}

TEST_CASE("a runbook keeps its lines and its commands, and pings nobody", "[templates][escape]")
{
    const Library library;
    const std::string runbook =
        "## Rollback Commands\n\n`kubectl rollout undo deploy/my_service`\n<!channel> a && b";
    CHECK(
        library.mrkdwn(say("runbook_text", {{"text", runbook}})) ==
        "## Rollback Commands\n\n`kubectl rollout undo deploy/my_service`\n&lt;!channel&gt; a &amp;&amp; b"
    );
}

TEST_CASE("the addresses of a runbook can be pressed", "[templates][escape]")
{
    struct Row {
        std::string text, shown;
    };

    for (const auto& row : std::vector<Row>{
             {"see https://sentry.example/web?a=1&b=2.", "see <https://sentry.example/web?a=1&amp;b=2>."},
             {"(https://a.example), https://b.example", "(<https://a.example>), <https://b.example>"},
             {"the [graphs](https://a.example/x) & [logs](https://b.example)",
              "the <https://a.example/x|graphs> &amp; <https://b.example|logs>"},
             {"`curl https://a.example`", "`curl <https://a.example>`"},
             {"nowhere: https://", "nowhere: <https://>"},
             {"] (https://a.example", "] (<https://a.example>"},
             {"<https://a.example|@here>", "&lt;<https://a.example>|@here&gt;"}}) {
        CAPTURE(row.text);
        CHECK(verbatim(row.text) == row.shown);
    }
}

TEST_CASE("a fence of code stays one, also where it goes on in the next block", "[templates][escape]")
{
    const auto blocks = blocks_of("## Rollback\n\n```sh\n## list\n\nls\n```\nThen:\n");
    REQUIRE(blocks.size() == 2);
    const auto text = [&](const json::array& list, std::size_t at) {
        return std::string(list.at(at).at_pointer("/text/text").as_string());
    };
    CHECK(text(blocks, 1) == "```\n## list\n\nls\n```\nThen:");
    std::string commands;
    for (int number = 0; number < 400; ++number) {
        commands += "command number " + std::to_string(number) + "\n";
    }
    const auto long_one = blocks_of("~~~\n" + commands);
    REQUIRE(long_one.size() == 3);
    std::string all;
    for (std::size_t at = 0; at < long_one.size(); ++at) {
        const auto shown = text(long_one, at);
        CHECK(shown.starts_with("```\n"));
        CHECK(shown.ends_with("\n```"));
        all += shown.substr(4, shown.size() - 7);
    }
    CHECK(all == commands);
}

TEST_CASE("what a program printed is quoted line by line and pings nobody", "[templates][escape]")
{
    const Library library;
    const json::object facts{{"action", "deploy"}, {"deployment", "D-1"}, {"output", "one_a\ntwo <!here>"}};
    CHECK(
        library.mrkdwn(say("action_done", facts)) == "`deploy` of D-1 is done.\n>>> one_a\ntwo &lt;!here&gt;"
    );
    CHECK(
        library.mrkdwn(say("action_done", {{"action", "deploy"}, {"deployment", "D-1"}, {"output", ""}})) ==
        "`deploy` of D-1 is done."
    );
}

}  // namespace slipway::templates
