#include "commands/text/letters.hpp"
#include "commands/verbs/table.hpp"
#include "templates/buttons.hpp"
#include "templates/markup.hpp"
#include "tests/templates/shown_deployment.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <sstream>

namespace slipway::templates {

namespace {

namespace json = boost::json;
using namespace testing;
using Names = std::vector<std::string>;

Names names_offered(const ShownDeployment& scene)
{
    return buttons_in(card(scene.deployment, scene.view()).blocks);
}

/// The same as one line.
std::string offered(const ShownDeployment& scene)
{
    std::string line;
    for (const auto& name : names_offered(scene)) {
        line += (line.empty() ? "" : " ") + name;
    }
    return line;
}

bool offers(const ShownDeployment& scene, const std::string& name)
{
    const auto names = names_offered(scene);
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// The line of steps, and whom the card waits for.
std::string way(const ShownDeployment& scene, std::chrono::minutes after = 0min)
{
    const auto blocks = card(scene.deployment, scene.view(after)).blocks;
    return std::string(blocks.at(1).at_pointer("/text/text").as_string());
}

bool shows(const ShownDeployment& scene, const std::string& words, std::chrono::minutes after = 0min)
{
    const auto text = json::serialize(card(scene.deployment, scene.view(after)).blocks);
    return text.find(words) != std::string::npos;
}

/// The button of `verb`, empty where there is none.
json::object button_of(const std::string& verb, const json::array& blocks)
{
    for (auto& element : elements_in(blocks)) {
        if (element.at("action_id").as_string() == "verb:" + verb) {
            return element;
        }
    }
    return {};
}

json::object button_of(
    const std::string& verb, const ShownDeployment& scene, std::chrono::minutes after = 0min
)
{
    return button_of(verb, card(scene.deployment, scene.view(after)).blocks);
}

/// Scenes in which D-1 has come to every stage there is.
std::vector<ShownDeployment> every_stage()
{
    std::vector<ShownDeployment> scenes;
    const auto keep = [&](const ShownDeployment& scene) { scenes.push_back(scene); };
    ShownDeployment scene;
    keep(scene);
    auto cancelled = scene;
    cancelled.happens("U0ALICE", Cancelled{"not needed"}, -6h);
    keep(cancelled);
    scene.happens("U0PETRA", signed_off("U0PETRA"), -6h);
    scene.happens("slipway", GatePassed{2, 1}, -6h);
    keep(scene);
    scene.happens("U0ALICE", started(), 0min);
    keep(scene);
    scene.happens("U0BOB", issue_raised(), 5min);
    keep(scene);
    auto back = scene;
    back.happens("U0BOB", RollbackStarted{"Errors", {"rollback"}, false}, 10min);
    keep(back);
    back.happens("U0BOB", RolledBack{}, 20min);
    back.team.locked["web"] = {DeploymentId{1}};
    keep(back);
    scene.happens("U0ALICE", Completed{}, 30min);
    keep(scene);
    scene.happens("U0BOB", DeclaredClean{}, 26h);
    keep(scene);
    return scenes;
}

}  // namespace

TEST_CASE("before the start the card offers exactly what can be done then", "[templates][card]")
{
    ShownDeployment scene;
    CHECK(
        offered(scene) ==
        "signoff decline go ready start amend reschedule except cancel signoff:form delegate "
        "tick:gate1 tick:qa tick:gate2 tick:pre_deployment check"
    );
    SECTION("a sign-off can be withdrawn once there is one")
    {
        scene.happens("U0PETRA", signed_off("U0PETRA"), -6h);
        CHECK(offers(scene, "withdraw"));
        scene.happens("U0PETRA", SignOffWithdrawn{UserId("U0PETRA"), "Petra Pohl", {}, ""}, -5h);
        CHECK_FALSE(offers(scene, "withdraw"));
    }
    SECTION("where a command deploys what is merged, the merge can be noted once it is signed off")
    {
        scene.policy.services.front().deploy.command = {"./deploy"};
        CHECK_FALSE(offers(scene, "step"));
        scene.happens("slipway", GatePassed{2, 1}, -6h);
        CHECK(offers(scene, "step"));
        scene.happens("U0BOB", StepDone{"merge", ""}, -5h);
        CHECK_FALSE(offers(scene, "step"));
        scene.policy.services.front().deploy.command.clear();
        CHECK_FALSE(offers(scene, "step"));
    }
    SECTION("go and ready are offered until they were given")
    {
        scene.happens("U0DANA", GoGiven{}, -6h);
        CHECK_FALSE(offers(scene, "go"));
        CHECK(offers(scene, "ready"));
        scene.happens("U0BOB", OnCallReady{UserId("U0BOB")}, -5h);
        CHECK_FALSE(offers(scene, "ready"));
    }
}

TEST_CASE("where the author is the requestor the card says who has to do what about it", "[templates][card]")
{
    auto plan = ShownDeployment::plan_called("Faster search");
    plan.requested_by = UserId("U0ALICE");
    const ShownDeployment scene(plan);
    CHECK(shows(scene, "<@U0PETRA> (Product Lead) to sign off; <@U0ALICE> to name, with Amend, a repr"));
    CHECK_FALSE(shows(scene, "nobody yet"));
}

TEST_CASE("whoever takes on-call over is asked on the card whether they are ready", "[templates][card]")
{
    ShownDeployment scene;
    scene.happens("U0BOB", OnCallReady{UserId("U0BOB")}, -6h);
    CHECK_FALSE(offers(scene, "ready"));
    scene.team.swaps.push_back({UserId("U0BOB"), UserId("U0CARL"), evening - 1h, evening + 6h, evening - 5h});
    CHECK(offers(scene, "ready"));
    CHECK(shows(scene, "<@U0CARL> (on-call)"));
}

TEST_CASE("where nothing is mirrored to Linear an issue's key is no link to it", "[templates][card]")
{
    ShownDeployment scene;
    for (const bool mirrors : {true, false}) {
        scene.policy.mirror_sign_offs = mirrors;
        CHECK(shows(scene, "ENG-123"));
        CHECK(shows(scene, "linear.app") == mirrors);
    }
}

TEST_CASE("a press that moves a deployment, or ends its watch, asks first", "[templates][buttons]")
{
    ShownDeployment scene;
    const auto slot = std::chrono::duration_cast<std::chrono::seconds>((evening + 24h).time_since_epoch());
    const auto row = row_of(
        {{.verb = "reschedule", .label = "Move to Wed", .fields = {{"starts_at", slot.count()}}}},
        scene.deployment,
        scene.view()
    );
    CHECK(
        json::value(button_of("reschedule", row)).at_pointer("/confirm/text/text") ==
        "This moves D-1 to Wed Nov 25, 22:00 EST, and tells its author and whoever is on call."
    );
    const auto form = row_of({{.verb = "reschedule"}}, scene.deployment, scene.view());
    CHECK_FALSE(button_of("reschedule", form).contains("confirm"));
    scene.happens("U0ALICE", started(), 0min);
    scene.happens("U0ALICE", Completed{}, 30min);
    const auto clean = json::value(button_of("clean", scene, 25h));
    const std::string asked(clean.at_pointer("/confirm/text/text").as_string());
    CHECK(asked.ends_with(" Check-ins that nobody answered: 3."));
}

TEST_CASE("the card counts all the items of a gate, also those the bot knows", "[templates][card]")
{
    ShownDeployment scene;
    // Known already: the rollback plan of Gate 2, and that there are no migrations.
    CHECK(shows(scene, "*Checklists*: Gate 1 0/5, QA 0/6, Gate 2 1/6, pre-deployment 1/7"));
    scene.happens("U0PETRA", signed_off("U0PETRA"), -6h);
    CHECK(shows(scene, "Gate 2 3/6"));  // acceptance criteria, and the explicit approval
    scene.happens("U0CARL", ItemTicked{"gate1", "approved", false, ""}, -6h);
    scene.happens("U0CARL", ItemTicked{"pre_deployment", "runbook", false, ""}, -6h);
    scene.happens("slipway", NoticeSent{"pre_deployment", 1, false}, -1h);
    CHECK(shows(scene, "Gate 1 1/5"));
    CHECK(shows(scene, "pre-deployment 3/7"));
}

TEST_CASE(
    "where GitHub is asked about Gate 1 the card says so, and offers nothing to tick", "[templates][card]"
)
{
    ShownDeployment scene;
    scene.deployment.plan.pull_request = "https://github.com/acme/web/pull/7";
    CHECK(shows(scene, "Gate 1 0/5"));
    scene.policy.gate1_by_github = true;
    CHECK(shows(scene, "*Checklists*: Gate 1 by GitHub, QA"));
    CHECK_FALSE(offers(scene, "tick:gate1"));
    scene.deployment.plan.complex = true;
    CHECK(shows(scene, "Gate 1 by GitHub (Dev Lead's review open)"));
    CHECK(offers(scene, "tick:gate1"));
    scene.happens("U0DANA", ItemTicked{"gate1", "dev_lead", false, ""}, -5h);
    CHECK(shows(scene, "Gate 1 by GitHub (Dev Lead reviewed)"));
}

TEST_CASE("after the start the card offers exactly what can be done then", "[templates][card]")
{
    ShownDeployment scene;
    scene.happens("U0ALICE", started(), 0min);
    CHECK(offered(scene) == "tick:steps tick:smoke done issue rollback rollback:form runbook");
    SECTION("an open issue can be updated")
    {
        scene.happens("U0BOB", issue_raised(), 5min);
        CHECK(offers(scene, "update"));
        scene.happens("U0BOB", IssueUpdated{"Resolved", "Fixed", evening, true}, 9min);
        CHECK_FALSE(offers(scene, "update"));
    }
    SECTION("the watch has its three check-ins")
    {
        scene.happens("U0ALICE", Completed{}, 30min);
        CHECK(
            offered(scene) ==
            "issue clean rollback rollback:form runbook tick:check_in_1 tick:check_in_2 tick:check_in_3"
        );
        scene.happens("U0BOB", DeclaredClean{}, 26h);
        CHECK(offered(scene).empty());
    }
    SECTION("what failed can be run again")
    {
        scene.happens("U0BOB", ActionBegun{"deploy"}, 5min);
        CHECK_FALSE(offers(scene, "retry"));
        scene.happens("slipway", ActionEnded{"deploy", false}, 6min);
        CHECK(offers(scene, "retry"));
        scene.happens("U0BOB", RollbackStarted{"Errors", {"rollback"}, false}, 10min);
        CHECK_FALSE(offers(scene, "retry"));
        scene.happens("U0BOB", ActionBegun{"rollback"}, 11min);
        scene.happens("slipway", ActionEnded{"rollback", false}, 12min);
        CHECK(offers(scene, "retry"));
    }
    SECTION("a rollback is verified, then filed and unlocked")
    {
        scene.happens("U0BOB", RollbackStarted{"Errors", {"rollback"}, false}, 10min);
        CHECK(offered(scene) == "tick:rollback_steps tick:rollback_smoke rolledback issue runbook");
        scene.happens("U0BOB", RolledBack{}, 20min);
        scene.team.locked["web"] = {DeploymentId{1}};
        CHECK(offered(scene) == "postmortem postmortem:file unlock");
        scene.team.locked["web"] = {DeploymentId{2}};
        CHECK(offered(scene) == "postmortem postmortem:file");
        scene.happens("U0BOB", PostmortemLinked{"https://example.org/p"}, 2h);
        CHECK(offered(scene).empty());
    }
}

TEST_CASE(
    "the card is a phone's screen before its details: twelve lines, then one row of buttons",
    "[templates][card]"
)
{
    const auto lines_of = [](const std::string& text) {
        constexpr std::size_t phone = 48;  // letters in a line
        std::size_t lines = 0;
        std::istringstream stream(text);
        for (std::string line; std::getline(stream, line);) {
            lines += (from_utf8(line).size() + phone - 1) / phone;
        }
        return lines;
    };
    for (const auto& scene : every_stage()) {
        CAPTURE(to_string(scene.deployment.stage));
        const auto view = scene.view();
        std::size_t lines = 0;
        int rows = 0;
        for (const auto& each : card(scene.deployment, view).blocks) {
            const auto& block = each.as_object();
            if (block.at("type") != "actions") {
                const std::string text(each.at_pointer("/text/text").as_string());
                lines += rows == 0 ? lines_of(without_tokens(text, view.names)) : 0;
                continue;
            }
            ++rows;
            const auto& elements = block.at("elements").as_array();
            const auto buttons =
                std::count_if(elements.begin(), elements.end(), [](const json::value& element) {
                    return element.at("type") == "button";
                });
            CHECK(buttons <= 6);
            CHECK(elements.size() - static_cast<std::size_t>(buttons) <= 1);
        }
        CHECK(lines <= 12);
        CHECK(rows <= 1);
    }
}

TEST_CASE(
    "what cannot be taken back is in no menu, which asks nothing, unless it opens a form", "[templates][card]"
)
{
    const std::set<std::string> irrevocable{"start", "done", "rollback", "unlock", "clean"};
    for (const auto& scene : every_stage()) {
        for (const auto& element : elements_in(card(scene.deployment, scene.view()).blocks)) {
            for (const auto& option : options_of(element)) {
                const auto name = std::string(option.at("press").as_string()).substr(5);
                CAPTURE(name);
                Request request{.verb = name.substr(0, name.find(':')), .deployment = DeploymentId{1}};
                request.fields = option;
                request.source = Source::button;
                CHECK((!irrevocable.contains(request.verb) || wants_modal(request)));
            }
        }
    }
}

TEST_CASE("the way is a line of eight steps, the present one in bold", "[templates][card]")
{
    const auto line = [](const ShownDeployment& scene) {
        const auto text = way(scene);
        return text.substr(0, text.find('\n'));
    };
    const auto bold = [&](const ShownDeployment& scene) {
        const auto text = line(scene);
        const auto begin = text.find('*') + 1;
        return text.substr(begin, text.find('*', begin) - begin);
    };
    ShownDeployment scene;
    CHECK(line(scene) == "*planned* → QA → sign-off → ready → deploying → smoke tests → watching → done");
    scene.happens("U0CARL", ItemTicked{"qa", "mobile", false, ""}, -7h);
    CHECK(bold(scene) == "QA");
    scene.happens("U0PETRA", signed_off("U0PETRA"), -6h);
    CHECK(bold(scene) == "sign-off");
    auto cancelled = scene;
    cancelled.happens("U0ALICE", Cancelled{"not needed"}, -6h);
    CHECK(line(cancelled) == "planned → QA → sign-off → *cancelled*");
    scene.happens("slipway", GatePassed{2, 1}, -6h);
    CHECK(bold(scene) == "ready");
    scene.happens("U0BOB", started(), 0min);
    CHECK(bold(scene) == "deploying");
    auto back = scene;
    back.happens("U0BOB", RollbackStarted{"Errors", {"rollback"}, false}, 10min);
    CHECK(line(back) == "planned → QA → sign-off → ready → deploying → *rolling back*");
    back.happens("U0BOB", RolledBack{}, 20min);
    CHECK(line(back) == "planned → QA → sign-off → ready → deploying → *rolled back*");
    scene.happens("U0BOB", ItemTicked{"smoke", "login", false, ""}, 5min);
    CHECK(bold(scene) == "smoke tests");
    scene.happens("U0BOB", Completed{}, 30min);
    CHECK(bold(scene) == "watching");
    scene.happens("U0BOB", DeclaredClean{}, 26h);
    CHECK(bold(scene) == "done");
}

TEST_CASE("the card says by name who has to do what next", "[templates][card]")
{
    ShownDeployment scene;
    const auto waits = [&](std::chrono::minutes after = 0min) {
        const auto text = way(scene, after);
        const auto begin = text.find("*Waiting for*: ");
        return begin == std::string::npos ? "" : text.substr(begin + 15, text.find('\n', begin) - begin - 15);
    };
    CHECK(
        waits() ==
        "<@U0PETRA> (Product Lead) and <@U0JANE> (Original requestor) to sign off; <@U0DANA> (Dev Lead) to "
        "give the go; <@U0BOB> (on-call) to say they're ready"
    );
    scene.happens("U0PETRA", signed_off("U0PETRA"), -6h);
    CHECK(waits().starts_with("<@U0JANE> (Original requestor) to sign off; <@U0DANA>"));
    scene.happens("U0DANA", GoGiven{}, -6h);
    scene.happens("U0BOB", OnCallReady{UserId("U0BOB")}, -6h);
    CHECK(waits() == "<@U0JANE> (Original requestor) to sign off");
    auto by_jane = std::get<SignedOff>(signed_off("U0JANE"));
    by_jane.roles = {Role::requestor};
    scene.happens("U0JANE", by_jane, -6h);
    scene.happens("slipway", GatePassed{2, 1}, -6h);
    CHECK(waits() == "<@U0BOB> (on-call) to start it at 22:00 EST");
    scene.happens("U0BOB", started(), 0min);
    CHECK(waits() == "<@U0BOB> (on-call) to deploy it and tick the steps");
    scene.happens("U0BOB", StepDone{"deploy", ""}, 5min);
    CHECK(waits() == "<@U0BOB> (on-call) to run the smoke tests");
    SECTION("a rollback is finished, tested, written down, and the service unlocked")
    {
        scene.happens("U0BOB", issue_raised(), 5min);
        CHECK(waits().starts_with("<@U0BOB> (on-call) to give an update by 22:30 EST; "));
        scene.happens("U0BOB", RollbackStarted{"Errors", {"disable_flag", "rollback"}, false}, 10min);
        CHECK(waits().ends_with("<@U0BOB> (on-call) to finish the rollback: Flag off, Code reverted"));
        scene.happens("U0BOB", RollbackStepDone{"disable_flag", true, ""}, 11min);
        scene.happens("U0BOB", RollbackStepDone{"rollback", true, ""}, 12min);
        CHECK(waits().ends_with("<@U0BOB> (on-call) to test that the old version works"));
        scene.happens("U0BOB", RolledBack{}, 20min);
        scene.team.locked["web"] = {DeploymentId{1}};
        CHECK(waits() == "<@U0BOB> (on-call) to file the post-mortem; <@U0DANA> (Dev Lead) to unlock web");
    }
    SECTION("the watch asks for its check-ins, then whether it is clean")
    {
        for (const auto& test : scene.policy.smoke) {
            scene.happens("U0BOB", ItemTicked{"smoke", test.key, false, ""}, 6min);
        }
        CHECK(waits() == "<@U0BOB> (on-call) to announce it with Done");
        scene.happens("U0BOB", Completed{}, 30min);
        CHECK(waits(89min) == "<@U0BOB> (on-call) to check in at 23:30 EST");
        CHECK(waits(90min) == "<@U0BOB> (on-call) to check in at 02:30 EST");
        CHECK(waits(2h) == "<@U0BOB> (on-call) to check in at 02:30 EST");
        CHECK(waits(13h).starts_with("<@U0BOB> (on-call) to declare it clean from Wed"));
        CHECK(waits(24h + 30min) == "<@U0BOB> (on-call) to declare it clean");
        scene.happens("U0BOB", DeclaredClean{}, 26h);
        CHECK(waits(26h).empty());
    }
}

TEST_CASE("whom the card waits for is shown with what they say of themselves in Slack", "[templates][card]")
{
    const ShownDeployment scene;
    auto view = scene.view();
    view.statuses = {{UserId("U0PETRA"), "On *holiday*"}, {UserId("U0ALICE"), "Lunch"}};
    const auto text = json::serialize(card(scene.deployment, view).blocks);
    CHECK(text.find("<@U0PETRA> (status: On \xE2\x80\x8B*\xE2\x80\x8Bholiday") != std::string::npos);
    CHECK(text.find("Lunch") == std::string::npos);
}

TEST_CASE(
    "the card shows the window's grade and end, and counts down in the reader's own time", "[templates][card]"
)
{
    ShownDeployment scene;
    CHECK(shows(scene, "^{date_short_pretty} {time}, {ago}|", -7h));
    CHECK(shows(scene, "~45 minutes, preferred window until 02:00 EST", -7h));
    scene.happens("U0ALICE", Rescheduled{2, evening - 6h, 45min}, -7h);  // 16:00
    CHECK(shows(scene, "outside the deployment windows (avoid)", -7h));
}

TEST_CASE("before the start the card says what freezes or locks its service", "[templates][card]")
{
    ShownDeployment scene;
    const auto says = [&](const std::string& words) { return shows(scene, words, -7h); };
    const auto holds = [&] {
        return std::string(says("*Frozen*") ? "frozen" : says("*locked*") ? "locked" : "");
    };
    CHECK(holds().empty());
    scene.team.freezes = {{"web", UserId("U0DANA"), evening - 1h, evening + 1h, "Sale"}};
    CHECK(holds() == "frozen");
    CHECK(says("until Tue Nov 24, 23:00 EST by <@U0DANA>: Sale"));
    scene.team.freezes.front().service = "mail";
    CHECK(holds().empty());
    scene.team.freezes = {{"", UserId("U0DANA"), evening - 7h, evening - 1h, "Sale"}};
    CHECK(holds().empty());  // it is over before the start
    scene.team.locked["web"] = {DeploymentId{7}};
    CHECK(holds() == "locked");
    CHECK(says("since D-7 was rolled back"));
    scene.happens("U0ALICE", started(), 0min);
    CHECK(holds().empty());
}

TEST_CASE("the card points at declaring it clean once the watch is over, not before", "[templates][card]")
{
    ShownDeployment scene;
    scene.happens("U0BOB", started(), 0min);
    scene.happens("U0BOB", Completed{}, 0min);
    CHECK_FALSE(button_of("clean", scene, 23h).contains("style"));
    CHECK(button_of("clean", scene, 24h).contains("style"));
}

TEST_CASE("the card names what is missing, and how much more", "[templates][card]")
{
    ShownDeployment scene;
    CHECK(shows(
        scene,
        "*Missing*: At least one peer review approval; All CI checks pass (tests, lint, build) and 8 more"
    ));
    scene.happens("U0BOB", started(), 0min);
    for (const auto* test : {"loads", "login", "core", "feature"}) {
        scene.happens("U0BOB", ItemTicked{"smoke", test, false, ""}, 5min);
    }
    CHECK(shows(scene, "*Missing*: No new errors in error logs\\n"));
}

TEST_CASE(
    "a card that was cancelled counts no smoke tests, and a long reason is one line", "[templates][card]"
)
{
    ShownDeployment scene;
    scene.happens("U0PETRA", Declined{1, UserId("U0PETRA"), "Petra", std::string(500, 'x')}, -6h);
    CHECK(shows(scene, "declined: " + std::string(99, 'x') + "\xE2\x80\xA6"));
    scene.happens("U0ALICE", Cancelled{"not needed"}, -6h);
    CHECK_FALSE(shows(scene, "Smoke tests"));
    CHECK(shows(scene, "not needed"));
}

TEST_CASE(
    "what cannot be taken back asks first, and says what will happen to which deployment", "[templates][card]"
)
{
    auto plan = ShownDeployment::plan_called("Faster search");
    plan.flag = "fast_search";
    ShownDeployment scene(plan);
    scene.policy.services.front().rollback.command = {"./rollback"};
    const auto on_card = [&](const char* verb) { return button_of(verb, scene); };
    CHECK(on_card("start").at("confirm").at_pointer("/text/text").as_string().starts_with("Start D-1 now?"));
    CHECK_FALSE(on_card("signoff").contains("confirm"));
    scene.happens("U0BOB", started(), 0min);
    const auto told =
        "This rolls back D-1 at once: Flag off (by hand), Code reverted (automatic). It tells the leads and "
        "locks web until a Dev Lead unlocks it.";
    const auto alert =
        row_of({Button{.verb = "rollback", .label = "Roll back"}}, scene.deployment, scene.view());
    for (const auto& shown : {on_card("rollback"), button_of("rollback", alert)}) {
        CHECK(shown.at("style") == "danger");
        CHECK(shown.at("confirm").at_pointer("/style") == "danger");
        CHECK(shown.at("confirm").at_pointer("/text/text") == told);
    }
    const auto asked = row_of(
        {Button{.verb = "rollback", .label = "Roll back D-3", .fields = {{"d", 3}}}}, {}, scene.view()
    );
    CHECK(
        button_of("rollback", asked).at("confirm").at_pointer("/text/text") ==
        "This rolls back D-3 at once. It tells the leads."
    );
    CHECK(on_card("flag").at("confirm").at_pointer("/text/text").as_string().ends_with("now at internal."));
    scene.happens("U0BOB", Completed{}, 0min);
    CHECK(on_card("clean").contains("confirm"));
}

TEST_CASE("the sign-off of somebody who was deactivated since is shown as such", "[templates][card]")
{
    ShownDeployment scene;
    scene.happens("U0PETRA", signed_off("U0PETRA"), -6h);
    auto view = scene.view();
    const auto shown = [&] { return json::serialize(card(scene.deployment, view).blocks); };
    CHECK(shown().find("<@U0PETRA>") != std::string::npos);
    CHECK(shown().find("deactivated") == std::string::npos);
    view.deactivated = {UserId("U0PETRA")};
    CHECK(shown().find("<@U0PETRA> (deactivated since)") != std::string::npos);
}

TEST_CASE("a flag moves one step at a time", "[templates][card]")
{
    auto plan = ShownDeployment::plan_called("Faster search");
    plan.flag = "fast_search";
    ShownDeployment scene(plan);
    CHECK_FALSE(offers(scene, "flag"));
    scene.happens("U0ALICE", started(), 0min);
    for (const auto& [from, to] : {std::pair{"off", "internal"}, {"internal", "subset"}, {"subset", "all"}}) {
        CAPTURE(from, to);
        REQUIRE(scene.deployment.flag_stage == from);
        CHECK(offers(scene, "flag"));
        CHECK(shows(scene, std::string(R"(\"flag_stage\":\")") + to));
        scene.happens("U0ALICE", FlagMoved{from, to}, 1min);
    }
    CHECK_FALSE(offers(scene, "flag"));
}

TEST_CASE("no card offers what its stage refuses", "[templates][card]")
{
    std::set<Stage> seen;
    for (const auto& scene : every_stage()) {
        seen.insert(scene.deployment.stage);
        CAPTURE(to_string(scene.deployment.stage));
        for (const auto& name : names_offered(scene)) {
            CAPTURE(name);
            const auto* verb = find_verb(name.substr(0, name.find(':')));
            REQUIRE(verb != nullptr);
            CHECK(verb->offered == Offered::to_people);
            CHECK(verb->stages.contains(scene.deployment.stage));
        }
    }
    CHECK(seen.size() == 8);
}

TEST_CASE("every checklist button opens a list with something to tick", "[templates][card][modal]")
{
    for (const auto& scene : every_stage()) {
        for (const auto& name : names_offered(scene)) {
            if (!name.starts_with("tick:")) {
                continue;
            }
            CAPTURE(name);
            const auto view = modal(request_for("tick", name.substr(5)), &scene.deployment, scene.view());
            const auto options = at(view, "/blocks").back().at_pointer("/element/options").as_array();
            CHECK_FALSE(options.empty());
            CHECK(options.size() <= 10);
        }
    }
}

TEST_CASE("a button says which deployment and revision it was shown for", "[templates][card]")
{
    ShownDeployment scene;
    scene.happens("U0ALICE", Amended{2, ShownDeployment::plan_called("Even faster search")}, -6h);
    const auto blocks = card(scene.deployment, scene.view()).blocks;
    const auto& first = blocks.at(2).as_object().at("elements").as_array().front().as_object();
    CHECK(json::parse(first.at("value").as_string()) == json::value{{"v", 1}, {"d", 1}, {"r", 2}});
    const auto& lists = blocks.back().as_object().at("accessory").as_object().at("options").as_array();
    CHECK(
        json::parse(lists.front().as_object().at("value").as_string()) ==
        json::value{{"v", 1}, {"d", 1}, {"r", 2}, {"press", "verb:tick:gate1"}, {"checklist", "gate1"}}
    );
}

TEST_CASE("a button's value is shortened until Slack takes it", "[templates][card]")
{
    const ShownDeployment scene;
    for (const auto& reason : {std::string(5'000, 'x'), std::string(3'000, '"'), std::string(3'000, '\n')}) {
        Button shown;
        shown.verb = "rollback";
        shown.label = std::string(200, 'l');
        shown.fields = {{"reason", reason}, {"note", "short"}};
        const auto made = button(scene.deployment, shown, scene.view());
        CHECK(made.at("value").as_string().size() <= 2'000);
        CHECK(made.at("text").as_object().at("text").as_string().size() <= 77);  // 74 letters and "…"
        const auto value = json::parse(made.at("value").as_string()).as_object();
        CHECK(value.at("d") == 1);
        CHECK(value.at("note") == "short");
        CHECK_FALSE(value.at("reason").as_string().empty());
    }
}

TEST_CASE("the text that a notification shows for a card pings nobody", "[templates][card][escape]")
{
    const ShownDeployment scene(ShownDeployment::plan_called("<!channel> <@U0DANA> & co"));
    const auto text = card(scene.deployment, scene.view()).text;
    CHECK(text == "D-1 &lt;!channel&gt; &lt;@U0DANA&gt; &amp; co: planned");
}

TEST_CASE("an address keeps its underscores and ampersands", "[templates][card]")
{
    ShownDeployment scene;
    scene.deployment.plan.pull_request = "https://github.com/acme/my_repo/pull/12?a=1&b=2|<x>";
    CHECK(shows(scene, "<https://github.com/acme/my_repo/pull/12?a=1&amp;b=2%7C%3Cx%3E|Pull request>"));
}

}  // namespace slipway::templates
