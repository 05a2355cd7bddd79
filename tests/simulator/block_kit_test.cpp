// The validator at the simulated Slack's door, by the cases of nicklambourne/slackblocks (MIT): every limit
// of a part that Slipway uses, one beyond it refused. What Slipway doesn't use is refused whole.
#include "tests/simulator/block_kit.hpp"

#include <catch2/catch_test_macros.hpp>

namespace simulator {

namespace {

using Mistakes = std::vector<std::string>;

std::string letters(std::size_t count, const std::string& letter = "x")
{
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += letter;
    }
    return text;
}

json::object plain(const std::string& text) { return {{"type", "plain_text"}, {"text", text}}; }

json::object mrkdwn(const std::string& text) { return {{"type", "mrkdwn"}, {"text", text}}; }

/// `value` as often as `count`.
json::array times(std::size_t count, const json::value& value)
{
    json::array all;
    all.resize(count, value);
    return all;
}

json::object option(const std::string& value) { return {{"text", plain(value)}, {"value", value}}; }

json::array options(std::size_t count)
{
    json::array all;
    for (std::size_t i = 0; i < count; ++i) {
        all.push_back(option("o" + std::to_string(i)));
    }
    return all;
}

/// `object` with `more` over it.
json::object with(json::object object, const json::object& more)
{
    for (const auto& [key, value] : more) {
        object[key] = value;
    }
    return object;
}

json::object section(const json::object& more = {}) { return with({{"type", "section"}}, more); }

json::object actions(const json::object& element)
{
    return {{"type", "actions"}, {"elements", json::array{element}}};
}

json::object input(const json::object& element, const json::object& more = {})
{
    return with({{"type", "input"}, {"label", plain("Label")}, {"element", element}}, more);
}

json::object button(const json::object& more = {})
{
    return with({{"type", "button"}, {"text", plain("Click Me")}, {"action_id", "button"}}, more);
}

json::object confirmation(const json::object& more = {})
{
    const json::object dialog{
        {"title", plain("Maybe?")},
        {"text", plain("Would you like to play checkers?")},
        {"confirm", plain("Yes")},
        {"deny", plain("Nope!")}};
    return button({{"confirm", with(dialog, more)}});
}

json::object choice(const std::string& type, const json::object& more)
{
    return with({{"type", type}, {"action_id", "choice"}}, more);
}

json::object group(const std::string& label, const json::array& all)
{
    return {{"label", plain(label)}, {"options", all}};
}

json::object modal(const json::object& more = {})
{
    return with(
        {{"type", "modal"},
         {"title", plain("Hello, world!")},
         {"blocks", json::array{section({{"text", mrkdwn("first section block")}})}},
         {"close", plain("Close button")},
         {"submit", plain("Submit button")}},
        more
    );
}

struct Case {
    std::string name;
    json::object block;
};

Mistakes mistakes_in(const json::object& block) { return mistakes_in_message(json::array{block}); }

const std::string long_url = "https://ndl.im/" + letters(2'985);

}  // namespace

TEST_CASE("what Slack takes is taken, up to the last letter", "[block_kit]")
{
    const std::vector<Case> cases{
        {"section of text", section({{"text", mrkdwn(letters(3'000))}})},
        {"text that is not linked", section({{"text", with(mrkdwn("hi"), {{"verbatim", true}})}})},
        {"header", {{"type", "header"}, {"text", plain(letters(150))}}},
        {"header of emoji, a code point each",
         {{"type", "header"}, {"text", plain(letters(150, "\xF0\x9F\x98\x80"))}}},
        {"divider", {{"type", "divider"}, {"block_id", letters(255)}}},
        {"button", actions(button({{"value", letters(2'000)}, {"accessibility_label", letters(75)}}))},
        {"button with a style", actions(button({{"style", "primary"}}))},
        {"button of 75 letters", actions(button({{"text", plain(letters(75))}}))},
        {"button that is a link", actions(button({{"url", long_url}}))},
        {"button that asks first", actions(confirmation())},
        {"25 buttons",
         [] {
             json::array all;
             for (int i = 0; i < 25; ++i) {
                 all.push_back(button({{"action_id", "b" + std::to_string(i)}}));
             }
             return json::object{{"type", "actions"}, {"elements", all}};
         }()},
        {"checkboxes",
         actions(choice("checkboxes", {{"options", options(10)}, {"initial_options", options(1)}}))},
        {"checkboxes in mrkdwn",
         actions(choice(
             "checkboxes",
             {{"options",
               json::array{{{"text", mrkdwn("*a*")}, {"value", "a"}, {"description", plain("*a*")}}}}}
         ))},
        {"overflow", actions(choice("overflow", {{"options", options(5)}}))},
        {"select",
         actions(choice("static_select", {{"options", options(100)}, {"placeholder", plain("Pick")}}))},
        {"select of groups",
         actions(choice("static_select", {{"option_groups", times(100, group("Group A", options(3)))}}))},
        {"option of 150 letters",
         actions(choice("overflow", {{"options", json::array{with(option("a"), {{"value", letters(150)}})}}})
         )},
        {"select of a person", actions(choice("users_select", {{"initial_user", "U064B5H1309"}}))},
        {"date and time", actions(choice("datetimepicker", {{"initial_date_time", 1'628'633'830}}))},
        {"input",
         input(
             choice("plain_text_input", {{"max_length", 3'000}}),
             {{"hint", plain("Hint")}, {"optional", true}}
         )},
    };
    for (const auto& [name, block] : cases) {
        CAPTURE(name);
        CHECK(mistakes_in(block) == Mistakes{});
    }
}

TEST_CASE("what Slack refuses is refused, from the first letter too many", "[block_kit]")
{
    const auto text_of = [](std::size_t count) { return section({{"text", mrkdwn(letters(count))}}); };
    const auto of_option = [](const json::object& more) {
        return actions(choice("overflow", {{"options", json::array{with(option("a"), more)}}}));
    };
    const std::vector<Case> cases{
        {"text-empty", text_of(0)},
        {"text-too-long", text_of(3'001)},
        {"button-action-id-too-long", actions(button({{"action_id", letters(256)}}))},
        {"button-text-too-long", actions(button({{"text", plain(letters(76))}}))},
        {"button-url-too-long", actions(button({{"url", long_url + "x"}}))},
        {"button-value-too-long", actions(button({{"value", letters(2'001)}}))},
        {"button-accessibility-label-too-long", actions(button({{"accessibility_label", letters(76)}}))},
        {"button-text-of-mrkdwn", actions(button({{"text", mrkdwn("*now*")}}))},
        {"button-style-unknown", actions(button({{"style", "warning"}}))},
        {"confirmation-title-too-long", actions(confirmation({{"title", plain(letters(101))}}))},
        {"confirmation-text-too-long", actions(confirmation({{"text", plain(letters(301))}}))},
        {"confirmation-confirm-too-long", actions(confirmation({{"confirm", plain(letters(31))}}))},
        {"confirmation-deny-too-long", actions(confirmation({{"deny", plain(letters(31))}}))},
        {"option-text-too-long", of_option({{"text", plain(letters(76))}})},
        {"option-value-too-long", of_option({{"value", letters(151)}})},
        {"option-url-too-long", of_option({{"url", letters(3'001, "\xF0\x9F\x98\x80")}})},
        {"option-description-too-long", of_option({{"description", plain(letters(76))}})},
        {"option-twice", actions(choice("overflow", {{"options", times(2, option("a"))}}))},
        {"option-group-label-too-long",
         actions(choice("static_select", {{"option_groups", json::array{group(letters(76), options(1))}}}))},
        {"option-group-empty",
         actions(choice("static_select", {{"option_groups", json::array{group("A", {})}}}))},
        {"option-group-too-many-options",
         actions(choice("static_select", {{"option_groups", json::array{group("A", options(101))}}}))},
        {"select-placeholder-too-long",
         actions(choice("static_select", {{"options", options(1)}, {"placeholder", plain(letters(151))}}))},
        {"select-too-many-options", actions(choice("static_select", {{"options", options(101)}}))},
        {"select-too-many-option-groups",
         actions(choice("static_select", {{"option_groups", times(101, group("A", options(1)))}}))},
        {"static-select-options-and-groups",
         actions(choice(
             "static_select",
             {{"options", options(1)}, {"option_groups", json::array{group("A", options(1))}}}
         ))},
        {"select-starts-with-an-unknown-option",
         actions(choice("static_select", {{"options", options(1)}, {"initial_option", option("other")}}))},
        {"overflow-empty", actions(choice("overflow", {{"options", json::array{}}}))},
        {"overflow-too-many-options", actions(choice("overflow", {{"options", options(6)}}))},
        {"checkboxes-empty", actions(choice("checkboxes", {{"options", json::array{}}}))},
        {"checkboxes-too-many-options", actions(choice("checkboxes", {{"options", options(11)}}))},
        {"plain-text-input-max-length-too-large", input(choice("plain_text_input", {{"max_length", 3'001}}))},
        {"actions-too-many-elements",
         [] {
             json::array all;
             for (int i = 0; i < 26; ++i) {
                 all.push_back(button({{"action_id", "b" + std::to_string(i)}}));
             }
             return json::object{{"type", "actions"}, {"elements", all}};
         }()},
        {"actions-with-an-action-id-twice", {{"type", "actions"}, {"elements", times(2, button())}}},
        {"header-text-too-long", {{"type", "header"}, {"text", plain(letters(151))}}},
        {"header-of-mrkdwn", {{"type", "header"}, {"text", mrkdwn("*Hello*")}}},
        {"input-label-too-long", input(choice("plain_text_input", {}), {{"label", plain(letters(2'001))}})},
        {"input-hint-too-long", input(choice("plain_text_input", {}), {{"hint", plain(letters(2'001))}})},
        {"input-invalid-element", input(button())},
        {"section-missing-content", section()},
        {"section-with-an-unknown-key", section({{"text", mrkdwn("Hello")}, {"colour", "red"}})},
        {"block-id-too-long", {{"type", "divider"}, {"block_id", letters(256)}}},
    };
    for (const auto& [name, block] : cases) {
        CAPTURE(name);
        CHECK(mistakes_in(block).size() == 1);  // what is meant, and nothing beside it
    }
}

TEST_CASE("what Slipway does not use is refused whole", "[block_kit]")
{
    const auto refused = [](const std::string& words, const std::string& at) {
        return Mistakes{"[ERROR] unsupported type" + words + " [json-pointer:/blocks/0" + at + "/type]"};
    };
    for (const std::string type :
         {"carousel", "context", "image", "markdown", "rich_text", "table", "video"}) {
        CHECK(mistakes_in({{"type", type}, {"text", "Hello"}}) == refused(": " + type, ""));
    }
    for (const std::string type :
         {"datepicker",
          "email_text_input",
          "file_input",
          "multi_users_select",
          "number_input",
          "radio_buttons"}) {
        CHECK(mistakes_in(input(choice(type, {}))) == refused(" here: " + type, "/element"));
        CHECK(mistakes_in(actions(choice(type, {}))) == refused(" here: " + type, "/elements/0"));
    }
}

TEST_CASE("a message has at most fifty blocks, each with an id of its own, and a text", "[block_kit]")
{
    const json::object line{{"type", "divider"}};
    const json::object named{{"type", "divider"}, {"block_id", "same"}};

    struct Row {
        std::string name;
        json::object message;
        bool is_taken;
    };

    const std::vector<Row> rows{
        {"text alone", {{"text", "Hello"}}, true},
        {"fifty blocks", {{"text", "Hello"}, {"blocks", times(50, line)}}, true},
        {"one more", {{"text", "Hello"}, {"blocks", times(51, line)}}, false},
        {"an id twice", {{"text", "Hello"}, {"blocks", times(2, named)}}, false},
        {"nothing for the notification", {{"text", ""}, {"blocks", json::array{line}}}, false},
        {"nothing at all", {}, false},
        {"a text that is cut off", {{"text", letters(40'001)}}, false},
        {"an attachment", {{"text", "Hello"}, {"attachments", json::array{}}}, false},
        {"no block", {{"text", "Hello"}, {"blocks", json::array{"Hello"}}}, false},
    };
    for (const auto& [name, message, is_taken] : rows) {
        CAPTURE(name);
        CHECK(mistakes_in_message(message).empty() == is_taken);
    }
}

TEST_CASE("a modal and a home tab keep their own limits", "[block_kit]")
{
    const json::object line{{"type", "divider"}};
    const auto asks = input(choice("plain_text_input", {}));

    struct Row {
        std::string name;
        json::object view;
        bool is_taken;
    };

    std::vector<Row> rows{
        {"modal", modal(), true},
        {"home", {{"type", "home"}, {"blocks", json::array{line}}}, true},
        {"modal-at-its-limits",
         modal(
             {{"blocks", times(100, line)},
              {"private_metadata", letters(3'000)},
              {"callback_id", letters(255)},
              {"title", plain(letters(24))},
              {"close", plain(letters(24))},
              {"submit", plain(letters(24))}}
         ),
         true},
        {"view-missing-blocks", modal({{"blocks", json::array{}}}), false},
        {"view-too-many-blocks", modal({{"blocks", times(101, line)}}), false},
        {"view-private-metadata-too-long", modal({{"private_metadata", letters(3'001)}}), false},
        {"view-callback-id-too-long", modal({{"callback_id", letters(256)}}), false},
        {"view-title-too-long", modal({{"title", plain(letters(25))}}), false},
        {"view-close-too-long", modal({{"close", plain(letters(25))}}), false},
        {"view-submit-too-long", modal({{"submit", plain(letters(25))}}), false},
        {"view-too-large",
         modal({{"blocks", times(100, section({{"text", mrkdwn(letters(2'500))}}))}}),
         false},
        {"home-with-a-title",
         {{"type", "home"}, {"title", plain("Home")}, {"blocks", json::array{line}}},
         false},
        {"input-with-submit", modal({{"blocks", json::array{asks}}}), true},
    };
    auto without_submit = modal({{"blocks", json::array{asks}}});
    without_submit.erase("submit");
    rows.push_back({"input-needs-submit", without_submit, false});
    for (const auto& [name, view, is_taken] : rows) {
        CAPTURE(name);
        CHECK(mistakes_in_view(view).empty() == is_taken);
    }
}

TEST_CASE("an acknowledgement says only what its envelope takes", "[block_kit]")
{
    const auto form =
        modal({{"blocks", json::array{input(choice("plain_text_input", {}), {{"block_id", "what"}})}}});
    const auto submitted = [&](const json::object& answer) {
        return mistakes_in_submission_answer(answer, form);
    };

    struct Row {
        std::string name;
        Mistakes mistakes;
        bool is_taken;
    };

    const json::object error_at_what{{"response_action", "errors"}, {"errors", {{"what", "Say what."}}}};
    const json::object error_at_who{{"response_action", "errors"}, {"errors", {{"who", "Say who."}}}};
    const std::vector<Row> rows{
        {"a command answered by nothing", mistakes_in_slash_answer({}), true},
        {"by a text", mistakes_in_slash_answer({{"text", "Done."}}), true},
        {"to all", mistakes_in_slash_answer({{"text", "Done."}, {"response_type", "in_channel"}}), true},
        {"to nobody known", mistakes_in_slash_answer({{"text", "Done."}, {"response_type", "all"}}), false},
        {"by blocks without a text", mistakes_in_slash_answer({{"blocks", json::array{}}}), false},
        {"by a wrong block",
         mistakes_in_slash_answer({{"text", "Done."}, {"blocks", json::array{section()}}}),
         false},
        {"by what is no message", mistakes_in_slash_answer({{"text", "Done."}, {"view", modal()}}), false},
        {"a form answered by nothing", submitted({}), true},
        {"by an error at its field", submitted(error_at_what), true},
        {"by an error at no field", submitted(error_at_who), false},
        {"by no error", submitted({{"response_action", "errors"}, {"errors", json::object{}}}), false},
        {"by an error without words",
         submitted({{"response_action", "errors"}, {"errors", {{"what", ""}}}}),
         false},
        {"by another form", submitted({{"response_action", "update"}, {"view", modal()}}), false},
        {"by a message", submitted({{"text", "Done."}}), false},
    };
    for (const auto& [name, mistakes, is_taken] : rows) {
        CAPTURE(name, mistakes);
        CHECK(mistakes.empty() == is_taken);
    }
}

TEST_CASE("a mistake says where and what, as Slack does", "[block_kit]")
{
    const auto mistakes = mistakes_in(actions(button({{"text", plain(letters(76))}})));
    REQUIRE(mistakes.size() == 1);
    CHECK(
        mistakes.front() ==
        "[ERROR] must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]"
    );
}

}  // namespace simulator
