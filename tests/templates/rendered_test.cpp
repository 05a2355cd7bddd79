// Every message, form and page as Slack gets it, block by block. The files below rendered/ are read by people
// when they change.
#include "commands/pipeline/checklists.hpp"
#include "tests/support/golden.hpp"
#include "tests/templates/shown_deployment.hpp"

#include <boost/json/serialize.hpp>

namespace slipway::templates {

namespace {

namespace json = boost::json;
using namespace testing;
using slipway::testing::check_golden;

/// One block or option a line.
void write(const json::array& blocks, std::ostream& out)
{
    for (const auto& each : blocks) {
        auto block = each.as_object();
        json::array parts;
        if (block.at("type") == "actions") {
            parts = block.at("elements").as_array();
            block.erase("elements");
        }
        if (auto* accessory = block.if_contains("accessory")) {
            auto& menu = accessory->as_object();
            if (auto* options = menu.if_contains("options")) {
                parts = options->as_array();
                menu.erase("options");
            }
        }
        out << "  " << json::serialize(block) << '\n';
        for (const auto& part : parts) {
            out << "    " << json::serialize(part) << '\n';
        }
    }
}

void write(const SlackMessage& message, std::ostream& out)
{
    out << "  fallback: " << json::serialize(json::value(message.text)) << '\n';
    write(message.blocks, out);
}

/// A change that has everything that a plan can have.
Plan full_plan()
{
    auto plan = ShownDeployment::plan_called("Faster *search* for <everybody>");
    plan.client_facing = true;
    plan.requested_by_client = "Globex & Sons";
    plan.pull_request = "https://github.com/acme/web/pull/7";
    plan.commit = "0123456789abcdef0123456789abcdef01234567";
    plan.has_migrations = true;
    plan.flag = "search";
    plan.priority = Priority::p1;
    plan.complex = true;
    plan.changes = {"New index", "Cached results"};
    return plan;
}

void shorten_policy(ShownDeployment& scene)
{
    scene.roles.members[Role::account_manager] = {UserId("U0ANNE")};
    scene.policy.services.push_back({.name = "api"});
    scene.policy.services.front().deploy.command = {"deploy"};
    scene.policy.services.front().disable_flag.command = {"flag"};
}

struct Shown {
    std::string what;
    ShownDeployment scene;
    std::chrono::minutes after{0};
};

/// From the plan to the end, by both ways.
std::vector<Shown> every_state(const Plan& plan)
{
    std::vector<Shown> states;
    ShownDeployment scene(plan);
    shorten_policy(scene);
    const auto keep = [&](const char* what, const ShownDeployment& shown, std::chrono::minutes after = 0min) {
        states.push_back({what, shown, after});
    };
    keep("planned, seven hours before", scene, -7h);
    auto declined = scene;
    declined.happens("U0PETRA", Declined{1, UserId("U0PETRA"), "Petra Pohl", "Totals are off"}, -6h);
    keep("declined", declined, -6h);
    auto frozen = scene;
    frozen.team.freezes.push_back({"web", UserId("U0DANA"), evening - 2h, evening + 2h, "The fair"});
    keep("frozen", frozen, -1h);
    auto locked = scene;
    locked.team.locked["web"] = {DeploymentId{7}, evening - 2h};
    keep("locked", locked, -1h);
    auto cancelled = scene;
    cancelled.happens("U0ALICE", Cancelled{"not needed"}, -6h);
    keep("cancelled", cancelled);
    auto timeless = scene;
    timeless.deployment.starts_at.reset();
    keep("without a time", timeless);
    for (const auto* item : {"approved", "ci_green", "threads_resolved", "testing_notes"}) {
        scene.happens("U0CARL", ItemTicked{"gate1", item, false, ""}, -5h);
    }
    scene.happens("U0PETRA", signed_off("U0PETRA"), -5h);
    keep("signed by one", scene, -4h);
    scene.happens("slipway", GatePassed{2, 1}, -4h);
    scene.happens("U0DANA", GoGiven{}, -3h);
    keep("signed off, the go given", scene, -3h);
    scene.happens("U0BOB", OnCallReady{UserId("U0BOB")}, -1h);
    keep("ready", scene, -30min);
    scene.happens("U0BOB", started(), 0min);
    keep("started", scene, 1min);
    scene.happens("U0BOB", StepDone{"merge", ""}, 2min);
    scene.happens("U0BOB", ActionBegun{"deploy"}, 2min);
    keep("the deploy runs", scene, 3min);
    auto failed = scene;
    failed.happens("slipway", ActionEnded{"deploy", false}, 4min);
    keep("the deploy failed", failed, 5min);
    scene.happens("slipway", ActionEnded{"deploy", true}, 4min);
    scene.happens("U0BOB", StepDone{"deploy", ""}, 4min);
    keep("deployed", scene, 5min);
    for (const auto* item : {"loads", "login", "core", "feature", "logs", "migrations"}) {
        scene.happens("U0BOB", ItemTicked{"smoke", item, false, ""}, 8min);
    }
    keep("smoke tests passed", scene, 9min);
    auto troubled = scene;
    troubled.happens("U0BOB", issue_raised(), 10min);
    keep("with an issue", troubled, 11min);
    IssueRaised urgent{"Errors", Priority::p0, "All", "Investigating", evening + 40min, "error_rate", "6 %"};
    urgent.rolls_back_at = evening + 13min;
    troubled.happens("slipway", urgent, 11min);
    keep("about to roll back by itself", troubled, 12min);
    troubled.happens("slipway", RollbackStarted{"Errors", {"disable_flag", "rollback"}, true}, 13min);
    keep("rolling back", troubled, 14min);
    troubled.happens("slipway", RollbackStepDone{"disable_flag", true, ""}, 15min);
    troubled.happens("U0BOB", RollbackStepDone{"rollback", true, ""}, 16min);
    keep("rolled back but for its smoke tests", troubled, 17min);
    troubled.happens("U0BOB", RolledBack{}, 20min);
    troubled.team.locked["web"] = {DeploymentId{1}, evening + 13min};
    keep("rolled back", troubled, 21min);
    troubled.happens("U0ALICE", PostmortemLinked{"https://docs.example.com/1"}, 22min);
    keep("with its post-mortem", troubled, 23min);
    scene.happens("U0BOB", Completed{"A typo"}, 30min);
    keep("watched", scene, 31min);
    keep("watched, after the first check-in", scene, 30min + 1h);
    keep("watched, when all check-ins were", scene, 30min + 13h);
    keep("watched, after a day", scene, 30min + 24h);
    scene.happens("U0BOB", DeclaredClean{1}, 25h);
    keep("done", scene, 25h);
    return states;
}

Request request_of(const std::string& verb, json::object fields = {})
{
    Request request;
    request.verb = verb;
    request.channel = ChannelId("C0DEPLOYS");
    request.fields = std::move(fields);
    return request;
}

}  // namespace

TEST_CASE("the card of every state is what was read", "[templates][rendered]")
{
    std::ostringstream out;
    for (const auto& state : every_state(full_plan())) {
        out << state.what << '\n';
        write(card(state.scene.deployment, state.scene.view(state.after)), out);
    }
    check_golden("tests/templates/rendered/cards.txt", out.str());
}

TEST_CASE("everybody's Home is what was read", "[templates][rendered]")
{
    std::ostringstream out;
    const auto states = every_state(ShownDeployment::plan_called("Faster search"));
    for (const auto* person : {"U0ALICE", "U0BOB", "U0DANA", "U0PETRA", "U0JANE", "U0ZOE"}) {
        for (const auto at : {0, 7, 9, 18, 21}) {
            const auto& state = states.at(static_cast<std::size_t>(at));
            const auto ended = is_ended(state.scene.deployment.stage);
            const std::vector<Deployment> it{state.scene.deployment}, none;
            out << person << " while it is " << state.what << '\n';
            const auto view =
                home(UserId(person), ended ? none : it, ended ? it : none, state.scene.view(state.after));
            write(view.at("blocks").as_array(), out);
        }
    }
    check_golden("tests/templates/rendered/homes.txt", out.str());
}

TEST_CASE("every form is what was read", "[templates][rendered]")
{
    std::ostringstream out;
    const auto show = [&](const Request& request, const Shown& state) {
        const auto deployment = state.scene.deployment;
        out << request.verb << ' ' << json::serialize(request.fields) << " while it is " << state.what
            << '\n';
        auto view =
            modal(request, request.verb == "plan" ? nullptr : &deployment, state.scene.view(state.after));
        const auto blocks = view.at("blocks").as_array();
        view.erase("blocks");
        out << "  " << json::serialize(view) << '\n';
        write(blocks, out);
    };
    const auto states = every_state(full_plan());
    for (const auto& verb : verbs()) {
        if (!verb.form.fields.empty() && verb.name != "tick") {
            const bool late = verb.stages.contains(Stage::watching) || verb.name == "done";
            show(request_of(std::string(verb.name)), states.at(late ? 14 : 0));
        }
    }
    show(request_of("plan", {{"what", "Typed before"}, {"linear_issue", "ENG-9"}}), states.front());
    for (const auto& state : states) {
        for (const auto* list :
             {"gate1",
              "qa",
              "gate2",
              "pre_deployment",
              "steps",
              "smoke",
              "check_in_1",
              "rollback_steps",
              "rollback_smoke"}) {
            const auto* row = find_list(list, state.scene.deployment, state.scene.policy);
            const bool offered = row != nullptr && row->stages.contains(state.scene.deployment.stage);
            const bool tells = state.what == "signed by one" || state.what == "deployed" ||
                               state.what == "rolling back" || state.what == "watched";
            if (offered && tells) {
                show(request_of("tick", {{"checklist", list}}), state);
            }
        }
    }
    check_golden("tests/templates/rendered/forms.txt", out.str());
}

TEST_CASE("every notice and the post-mortem are what was read", "[templates][rendered]")
{
    std::ostringstream out;
    const auto states = every_state(full_plan());
    const auto show = [&](const char* kind, json::object facts, const Shown& state) {
        out << kind << " while it is " << state.what << '\n';
        const Notice notice{kind, std::move(facts), {UserId("U0BOB"), UserId("U0DANA")}};
        write(library().notice(notice, state.scene.deployment, state.scene.view(state.after)), out);
    };
    const auto start = iso(evening);
    show(
        "pre_deployment",
        {{"starts_at", start},
         {"on_call", "U0BOB"},
         {"dev_lead", "U0DANA"},
         {"late", true},
         {"missing", json::array{"Product Lead", "Original requestor"}}},
        states.front()
    );
    show(
        "pre_deployment",
        {{"starts_at", start}, {"on_call", "U0BOB"}, {"late", false}, {"missing", json::array{}}},
        states.at(8)
    );
    show(
        "post_deployment",
        {{"at", iso(evening + 30min)},
         {"on_call", "U0BOB"},
         {"dev_lead", "U0DANA"},
         {"known_issues", "A typo"}},
        states.at(14)
    );
    for (const auto* next_update : {"2026-11-25T03:40:00.000Z", ""}) {
        show(
            "escalation",
            {{"what", "Errors"},
             {"detected_at", iso(evening + 10min)},
             {"severity", "P0"},
             {"impact", "All"},
             {"status", "Investigating"},
             {"next_update", next_update},
             {"on_call", "U0BOB"}},
            states.at(15)
        );
    }
    show("rollback", {{"reason", "Errors"}}, states.at(17));
    for (const auto at : {19, 20}) {
        const auto& state = states.at(static_cast<std::size_t>(at));
        out << "post-mortem while it is " << state.what << '\n'
            << library().postmortem(state.scene.deployment, state.scene.view(state.after)) << '\n';
    }
    check_golden("tests/templates/rendered/notices.txt", out.str());
}

}  // namespace slipway::templates
