// Block Kit's limits, as the simulated Slack enforces them, for plans as long as people can make them.
#include "templates/markup.hpp"
#include "tests/simulator/block_kit.hpp"
#include "tests/templates/shown_deployment.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <catch2/catch_test_macros.hpp>

namespace slipway::templates {

namespace {

namespace json = boost::json;
using namespace testing;

using Mistakes = std::vector<std::string>;

/// Every text as long as a modal takes it (3,000), in letters that grow when they are escaped or counted in
/// bytes.
Plan longest_plan(const std::string& letter)
{
    std::string text;
    for (int i = 0; i < 3'000; ++i) {
        text += letter;
    }
    Plan plan = ShownDeployment::plan_called(text);
    plan.changes.assign(300, text.substr(0, letter.size() * 200));
    plan.expected_impact = text;
    plan.rollback_plan = text;
    plan.requested_by_client = text;
    plan.pull_request = "https://example.org/" + text;
    plan.flag = text;
    plan.has_migrations = true;
    return plan;
}

const std::vector<std::string>& letters()
{
    static const std::vector<std::string> each{"w", "&", "*", "\"", "\n", "\xC3\xBC", "\xF0\x9F\x8E\x89"};
    return each;
}

}  // namespace

TEST_CASE("the longest plan makes cards, notices and modals that Slack takes", "[templates][limits]")
{
    const Library library;
    for (const auto& letter : letters()) {
        CAPTURE(letter);
        ShownDeployment scene(longest_plan(letter));
        const auto text = scene.deployment.plan.what;
        for (int person = 0; person < 100; ++person) {
            scene.happens("U0PETRA", signed_off("U0SIGNER" + std::to_string(person)), -6h);
        }
        scene.happens("U0PETRA", Declined{1, UserId("U0PETRA"), text, text}, -6h);
        const auto looks_right = [&] {
            CHECK(simulator::mistakes_in_message(card(scene.deployment, scene.view()).blocks) == Mistakes{});
            CHECK_FALSE(card(scene.deployment, scene.view()).text.empty());
        };
        looks_right();
        Request request;
        for (const auto* name : {"plan", "amend", "decline", "cancel", "reschedule", "except"}) {
            CAPTURE(name);
            request.verb = name;
            request.text = text;
            CHECK(simulator::mistakes_in_view(modal(request, &scene.deployment, scene.view())) == Mistakes{});
        }
        scene.happens("U0ALICE", started(), 0min);
        scene.happens("U0BOB", issue_raised(text), 5min);
        looks_right();
        for (const auto* kind : {"pre_deployment", "post_deployment", "escalation", "rollback"}) {
            CAPTURE(kind);
            const auto message = library.notice(
                {kind, notice_facts(text), std::vector<UserId>(400, UserId("U0PERSON"))},
                scene.deployment,
                scene.view()
            );
            CHECK(simulator::mistakes_in_message(message.blocks) == Mistakes{});
            CHECK(simulator::code_points(message.text) <= 4'000);
        }
        scene.happens("U0BOB", RollbackStarted{text, {"rollback"}, false}, 10min);
        looks_right();
    }
}

TEST_CASE("a notice with a hundred headings and paragraphs stays within fifty blocks", "[templates][limits]")
{
    std::string text;
    for (int i = 0; i < 100; ++i) {
        text += "## Heading\n\nParagraph\n\n";
    }
    const auto blocks = blocks_of(text);
    CHECK(blocks.size() == 50);
    CHECK(simulator::mistakes_in_message(blocks) == Mistakes{});
}

TEST_CASE("a section holds 3,000 letters and a header 150", "[templates][limits]")
{
    const auto section_of = [](std::size_t size) {
        return simulator::code_points(
            std::string(section(std::string(size, 'x')).at("text").as_object().at("text").as_string())
        );
    };
    CHECK(section_of(3'000) == 3'000);
    CHECK(section_of(3'001) == 3'000);
    const auto header_of = [](std::size_t size) {
        return simulator::code_points(std::string(
            blocks_of("## " + std::string(size, 'x')).front().at_pointer("/text/text").as_string()
        ));
    };
    CHECK(header_of(150) == 150);
    CHECK(header_of(151) == 150);
}

}  // namespace slipway::templates
