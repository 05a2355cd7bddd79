// The document's notices, word for word.
#include "templates/people.hpp"
#include "tests/templates/shown_deployment.hpp"

#include <catch2/catch_test_macros.hpp>

namespace slipway::templates {

namespace {

namespace json = boost::json;
using namespace testing;

Notice pre_deployment()
{
    return {
        "pre_deployment",
        {{"starts_at", iso(evening)},
         {"duration_minutes", 45},
         {"on_call", "U0BOB"},
         {"dev_lead", "U0DANA"},
         {"late", false},
         {"missing", json::array{}}},
        {}};
}

/// The notice in Slack's markup, as it stands in the template.
std::string written(const Library& library, const Notice& notice, const ShownDeployment& scene)
{
    std::string text;
    for (const auto& block : library.notice(notice, scene.deployment, scene.view()).blocks) {
        text += text.empty() ? "" : "\n\n";
        const bool is_header = block.at("type") == "header";
        CHECK(block.at("text").at("type") == (is_header ? "plain_text" : "mrkdwn"));
        text += is_header ? "## " : "";
        text += std::string(block.at("text").at("text").as_string());
    }
    return text + "\n";
}

}  // namespace

TEST_CASE("the pre-deployment notice, word for word", "[templates][document]")
{
    const ShownDeployment scene;
    CHECK(
        written(Library(), pre_deployment(), scene) ==
        R"(## Planned Deployment

*What*: Faster search (<https://linear.app/issue/ENG-123|ENG-123>)
*When*: Tue Nov 24, 22:00 EST ()" +
            date_token(evening, scene.policy) + R"( for you)
*Duration*: ~45 minutes
*On-call*: <@U0BOB>

*Changes included*:
• New index
• Cached results

*Expected impact*: None

*Rollback plan*: Revert commit

Questions? Reach out to <@U0DANA> or <@U0BOB>.
)"
    );
}

TEST_CASE("the post-deployment notice, word for word", "[templates][document]")
{
    const ShownDeployment scene;
    const Notice notice{
        "post_deployment",
        {{"at", iso(evening)}, {"on_call", "U0BOB"}, {"dev_lead", "U0DANA"}, {"known_issues", "None"}},
        {}};
    CHECK(written(Library(), notice, scene) == R"(## Deployment Complete

*What*: Faster search deployed successfully
*Time*: 22:00 EST
*Status*: All smoke tests passed

*What's new*:
• New index
• Cached results

*Known issues*: None

*Monitoring*: On-call (<@U0BOB>) monitoring for next 24 hours.

If you notice anything unusual, ping <@U0BOB> or <@U0DANA>.
)");
}

TEST_CASE("the escalation notice, word for word", "[templates][document]")
{
    const ShownDeployment scene;
    const Notice notice{
        "escalation",
        {{"what", "Errors at login"},
         {"detected_at", iso(evening)},
         {"severity", "P0"},
         {"impact", "A third of the clients"},
         {"status", "Investigating"},
         {"next_update", iso(evening + 30min)},
         {"on_call", "U0BOB"}},
        {}};
    CHECK(written(Library(), notice, scene) == R"(## Deployment Issue Detected

*What*: Errors at login
*When detected*: 22:00 EST
*Severity*: P0
*Impact*: A third of the clients

*Status*: Investigating

*Next update*: 22:30 EST

Point of contact: <@U0BOB>
)");
}

TEST_CASE("the team's rollback message, in the document's words", "[templates][document]")
{
    const ShownDeployment scene;
    const Notice notice{"rollback", {{"reason", "Errors at login"}}, {}};
    CHECK(
        written(Library(), notice, scene) ==
        "Rollback executed for D-1 (Faster search). Issue: Errors at login. Investigating.\n"
    );
}

TEST_CASE("what a notification shows of a notice is plain", "[templates][slack]")
{
    const ShownDeployment scene;
    const auto text = Library().notice(pre_deployment(), scene.deployment, scene.view()).text;
    CHECK(text.starts_with("Planned Deployment"));
    CHECK(text.find('*') == std::string::npos);
}

}  // namespace slipway::templates
