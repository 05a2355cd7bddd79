#include "commands/verbs/table.hpp"
#include "templates/markup.hpp"
#include "templates/people.hpp"
#include "templates/render.hpp"
#include "tests/support/plan.hpp"

#include <boost/json/serialize.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace slipway::templates {

namespace {

namespace json = boost::json;

using namespace std::chrono_literals;

using slipway::testing::evening;

/// D-1 as planned, with whatever happened since.
struct ShownDeployment {
    Policy policy = document_policy();
    RoleBook roles;
    TeamState team;
    Deployment deployment;

    explicit ShownDeployment(const std::string& what = "Faster search")
    {
        Planned planned{slipway::testing::usual_plan(), evening, 45min, UserId("U0BOB")};
        planned.plan.what = what;
        policy.services.push_back({.name = "web"});
        roles.members[Role::dev_lead] = {UserId("U0DANA")};
        happens("U0ALICE", planned, evening - 7h);
    }

    void happens(const std::string& actor, Event event, Instant at)
    {
        RecordedEvent recorded;
        recorded.deployment = DeploymentId{1};
        recorded.actor = actor;
        recorded.at = at;
        recorded.event = std::move(event);
        deployment.id = DeploymentId{1};
        apply(deployment, recorded);
    }

    [[nodiscard]] View view() const
    {
        static const Library words;
        return {
            evening,
            &policy,
            &roles,
            &team,
            {{UserId("U0BOB"), "Bob Baker"},
             {UserId("U0DANA"), "Dana Diaz"},
             {UserId("U0ALICE"), "Alice Archer"}},
            &words,
            verbs()};
    }
};

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

/// A folder with one file that overrides a template.
class Override {
public:
    Override(const std::string& name, const std::string& text)
        : folder_(std::filesystem::temp_directory_path() / ("slipway-templates-" + std::to_string(getpid())))
    {
        std::filesystem::create_directories(folder_);
        std::ofstream(folder_ / name) << text;
    }

    ~Override()
    {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    Override(const Override&) = delete;
    Override& operator=(const Override&) = delete;

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

private:
    std::filesystem::path folder_;
};

std::ptrdiff_t letters_in(const std::string& text)
{
    return std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xC0) != 0x80; });
}

/// The notice in Slack's markup, as it stands in the template.
std::string written(const Library& library, const Notice& notice, const ShownDeployment& scene)
{
    std::string text;
    for (const auto& block : library.notice(notice, scene.deployment, scene.view()).blocks) {
        text += text.empty() ? "" : "\n\n";
        text += block.at("type") == "header" ? "## " : "";
        text += std::string(block.at("text").at("text").as_string());
    }
    return text + "\n";
}

std::string mistake_of(const std::filesystem::path& overrides)
{
    try {
        const Library library(overrides);
    }
    catch (const std::runtime_error& error) {
        return error.what();
    }
    return {};
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

TEST_CASE("a notice renders to header, sections and a plain fallback", "[templates][slack]")
{
    const ShownDeployment scene;
    const auto message = Library().notice(pre_deployment(), scene.deployment, scene.view());
    const auto& header = message.blocks.front().as_object();
    CHECK(header.at("type") == "header");
    CHECK(header.at("text").as_object().at("text") == "Planned Deployment");
    for (std::size_t i = 1; i < message.blocks.size(); ++i) {
        CHECK(message.blocks[i].as_object().at("type") == "section");
        CHECK(message.blocks[i].as_object().at("text").as_object().at("type") == "mrkdwn");
    }
    const auto all = json::serialize(message.blocks);
    CHECK(all.find("*What*: Faster search") != std::string::npos);
    CHECK(all.find("**") == std::string::npos);
    CHECK(all.find("<@U0BOB>") != std::string::npos);
    CHECK(message.text.starts_with("Planned Deployment"));
    CHECK(message.text.find('*') == std::string::npos);
}

TEST_CASE("people's text pings nobody and marks nothing up", "[templates][escape]")
{
    const ShownDeployment scene("<!channel> *bold* <@U0DANA> & `code` _x_");
    const Library library;
    const auto notice =
        json::serialize(library.notice(pre_deployment(), scene.deployment, scene.view()).blocks);
    const auto shown = card(scene.deployment, scene.view());
    auto marked_up = shown.blocks;
    marked_up.erase(marked_up.begin());  // the header is plain text: Slack shows it as it stands
    for (const auto& text : {notice, json::serialize(marked_up), shown.text}) {
        CHECK(text.find("<!channel>") == std::string::npos);
        CHECK(text.find("<@U0DANA> &") == std::string::npos);
    }
    CHECK(notice.find("&lt;!channel&gt;") != std::string::npos);
}

TEST_CASE("a very long plan stays inside Block Kit's limits", "[templates][slack]")
{
    ShownDeployment scene(std::string(5'000, 'w'));
    scene.deployment.plan.changes.assign(400, std::string(200, 'c'));
    scene.deployment.plan.rollback_plan = std::string(5'000, 'r');
    for (const auto& message :
         {Library().notice(pre_deployment(), scene.deployment, scene.view()),
          card(scene.deployment, scene.view())}) {
        CHECK(message.blocks.size() <= 50);
        for (const auto& each : message.blocks) {
            const auto& block = each.as_object();
            if (const auto* text = block.if_contains("text")) {
                const auto size = letters_in(std::string(text->as_object().at("text").as_string()));
                CHECK(size <= (block.at("type") == "header" ? 150 : 3'000));
            }
        }
    }
}

TEST_CASE(
    "a variable that does not exist is an error that names the file and the variable", "[templates][override]"
)
{
    const Override wrong("rollback.md", "Rolled back {{deploymnet}}.\n");
    const auto mistake = mistake_of(wrong.folder());
    CHECK(mistake.find("rollback.md") != std::string::npos);
    CHECK(mistake.find("deploymnet") != std::string::npos);
}

TEST_CASE("a section that is not closed is an error", "[templates][override]")
{
    const Override wrong("post_deployment.md", "## Done\n{{#changes}}\n- {{.}}\n");
    CHECK(mistake_of(wrong.folder()).find("post_deployment.md") != std::string::npos);
}

TEST_CASE("a text file in the directory overrides the embedded one", "[templates][override]")
{
    const Override other("rollback.md", "We went back: {{what}}.\n");
    const ShownDeployment scene;
    const Library library(other.folder());
    CHECK(written(library, {"rollback", {{"reason", "x"}}, {}}, scene) == "We went back: Faster search.\n");
}

TEST_CASE("the card offers what its state allows", "[templates][card]")
{
    ShownDeployment scene;
    const auto offered = [&] { return json::serialize(card(scene.deployment, scene.view()).blocks); };
    CHECK(offered().find("\"verb:signoff\"") != std::string::npos);
    CHECK(offered().find("\"verb:rollback\"") == std::string::npos);
    scene.happens("U0ALICE", Started{UserId("U0BOB"), "preferred"}, evening);
    CHECK(offered().find("\"verb:signoff\"") == std::string::npos);
    CHECK(offered().find("\"verb:done\"") != std::string::npos);
    CHECK(offered().find("\"verb:rollback\"") != std::string::npos);
    scene.happens("U0ALICE", Completed{}, evening + 1h);
    CHECK(offered().find("\"verb:clean\"") != std::string::npos);
    CHECK(offered().find("\"verb:rollback\"") != std::string::npos);
    scene.happens("U0BOB", DeclaredClean{}, evening + 26h);
    CHECK(offered().find("\"verb:") == std::string::npos);
}

TEST_CASE("the labels of the plan's modal are the fixed ones", "[templates][modal]")
{
    const ShownDeployment scene;
    Request request;
    request.verb = "plan";
    request.text = "Faster search";
    const auto view = modal(request, nullptr, scene.view());
    std::vector<std::string> labels;
    for (const auto& block : view.at("blocks").as_array()) {
        labels.emplace_back(block.as_object().at("label").as_object().at("text").as_string());
    }
    const std::vector<std::string> fixed{
        "What",
        "Linear issue",
        "Service",
        "When",
        "Duration",
        "On-call",
        "Changes included",
        "Expected impact",
        "Rollback plan",
        "Client-facing",
        "Requested by",
        "Pull request"};
    for (const auto& label : fixed) {
        CAPTURE(label);
        CHECK(std::find(labels.begin(), labels.end(), label) != labels.end());
    }
    CHECK(json::serialize(view).find(R"("initial_value":"Faster search")") != std::string::npos);
}

}  // namespace slipway::templates
