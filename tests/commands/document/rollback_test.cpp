// One test for each line of the document's Stage 4: who rolls back, how, and what follows.
#include "tests/commands/staged_deployment.hpp"

#include <set>

namespace slipway::testing {

namespace {

using Words = std::vector<std::string>;

StagedDeployment live_with(
    void (*change)(Plan&) = [](Plan&) {}, Stage stage = Stage::deploying
)
{
    auto plan = usual_plan();
    plan.client_facing = false;
    change(plan);
    StagedDeployment scene(plan);
    scene.reach(stage);
    return scene;
}

/// Whom `decision` tells of the rollback directly.
std::set<UserId> told(const Decision& decision)
{
    std::set<UserId> people;
    for (const auto& message : all_of<DirectMessage>(decision)) {
        if (message.sentence.id == "rollback_told") {
            people.insert(message.user);
        }
    }
    return people;
}

/// As what `name` is told of the rollback: the facts of their message beyond those of everybody's.
Words roles_told(const Decision& decision, const std::string& name)
{
    Words roles;
    for (const auto& message : all_of<DirectMessage>(decision)) {
        for (const auto* role :
             {"dev_lead", "product_lead", "rnd_lead", "account_manager", "client", "on_call"}) {
            const auto* fact = message.sentence.facts.if_contains(role);
            const bool given = fact != nullptr && *fact != boost::json::value("");
            if (message.sentence.id == "rollback_told" && message.user == id_of(name) && given) {
                roles.emplace_back(role);
            }
        }
    }
    return roles;
}

/// What `decision` runs, in order, and ends.
Words actions_of(const Decision& decision)
{
    Words actions;
    for (const auto& draft : decision.outbox) {
        if (const auto* run = std::get_if<RunAction>(&draft.saying)) {
            actions.push_back(run->action);
        }
        if (const auto* end = std::get_if<EndAction>(&draft.saying)) {
            actions.push_back("end " + end->action);
        }
    }
    return actions;
}

/// A change with a flag and migrations, of a service that has an action for each step of a rollback.
StagedDeployment with_actions()
{
    auto scene = live_with([](Plan& plan) {
        plan.flag = "search";
        plan.has_migrations = true;
    });
    auto& service = scene.policy.services.front();
    service.disable_flag.command = {"flag"};
    service.rollback.command = {"revert"};
    service.reverse_migrations.command = {"migrate", "back"};
    return scene;
}

/// The same, its deploy running.
StagedDeployment deploying()
{
    auto scene = with_actions();
    scene.policy.services.front().deploy.command = {"deploy"};
    scene.happens("bob", ActionBegun{"deploy"});
    return scene;
}

}  // namespace

TEST_CASE(
    "Rollback: the on-call developer has authority to execute it without additional approvals",
    "[commands][document]"
)
{
    for (const auto stage : {Stage::deploying, Stage::watching}) {
        INFO(to_string(stage));
        auto scene = live_with([](Plan&) {}, stage);
        scene.github = Gate1Facts{.unreachable = "timed out"};
        CHECK(outcome_of(scene.ask("bob", "rollback")) == "allowed");   // named in the plan
        CHECK(outcome_of(scene.ask("dana", "rollback")) == "allowed");  // Dev Lead
        for (const auto* name : {"alice", "carl", "petra", "raj", "anne", "jane", "zoe"}) {
            INFO(name);
            CHECK(outcome_of(scene.ask(name, "rollback")) == "not_allowed");
        }
        scene.deployment.on_call = id_of("carl");  // Bob is still the current sprint's
        CHECK(outcome_of(scene.ask("carl", "rollback")) == "allowed");
        CHECK(outcome_of(scene.ask("bob", "rollback")) == "allowed");
    }
}

TEST_CASE("Rollback: once, and no reason is asked for first; a given one is kept", "[commands][document]")
{
    auto scene = live_with();
    const auto with = scene.ask("bob", "rollback", {}, "Errors at login");
    CHECK(events_of<RollbackStarted>(*with).front().reason == "Errors at login");
    CHECK(events_of<RollbackStarted>(scene.say("bob", "rollback")).front().reason == "not given yet");
    CHECK(outcome_of(scene.ask("bob", "rollback")) == "rollback_already");
    scene.happens("bob", RolledBack{});
    CHECK(outcome_of(scene.ask("dana", "rollback")) == "rollback_already");
}

TEST_CASE("After rollback 1: Notify Dev Lead immediately", "[commands][document]")
{
    CHECK(roles_told(live_with().say("bob", "rollback"), "dana") == Words{"dev_lead"});
}

TEST_CASE("After rollback 2: Notify Product Lead (for stakeholder communication)", "[commands][document]")
{
    auto scene = live_with();
    const auto decision = scene.say("bob", "rollback");
    CHECK(told(decision) == std::set{id_of("dana"), id_of("petra")});
    CHECK(roles_told(decision, "petra") == Words{"product_lead"});
    auto both = live_with();
    both.roles.members[Role::product_lead] = {id_of("dana")};
    const auto once = both.say("bob", "rollback");
    CHECK(told(once) == std::set{id_of("dana")});
    CHECK(roles_told(once, "dana") == Words{"dev_lead", "product_lead"});  // in one message
}

TEST_CASE("the on-call developer is told where somebody else, or the bot, rolls back", "[commands][document]")
{
    auto scene = live_with();
    CHECK_FALSE(told(*scene.ask("bob", "rollback")).contains(id_of("bob")));
    CHECK(roles_told(*scene.ask("dana", "rollback"), "bob") == Words{"on_call"});
    scene.policy.automatic_rollback = true;
    scene.take(
        "slipway", scene.observe({{"service", "web"}, {"kind", "security"}, {"detail", "CVE-2026-1"}})
    );
    scene.now += 2min;
    CHECK(roles_told(scene.fire("automatic_rollback", {{"reason", "CVE"}}), "bob") == Words{"on_call"});
}

TEST_CASE("After rollback 3: Notify R&D Lead if business/revenue impact", "[commands][document]")
{
    struct Row {
        const char* reason;
        bool told;
    };

    for (const auto& row :
         {Row{"Errors at login", false},
          Row{"Payments fail", true},
          Row{"We lose revenue", true},
          Row{"the business is hit", true}}) {
        INFO(row.reason);
        auto scene = live_with();
        const auto decision = scene.say("bob", "rollback", {}, row.reason);
        CHECK(told(decision).contains(id_of("raj")) == row.told);
        CHECK(roles_told(decision, "raj") == (row.told ? Words{"rnd_lead"} : Words{}));
    }
    auto p0 = live_with();
    p0.say("bob", "issue", {{"what", "Errors"}, {"severity", "P0"}});
    CHECK(told(p0.say("bob", "rollback")).contains(id_of("raj")));
    auto clients = live_with([](Plan& plan) { plan.client_facing = true; });
    CHECK(told(clients.say("bob", "rollback")).contains(id_of("raj")));
}

TEST_CASE("After rollback 4: Schedule post-mortem within 24 hours", "[commands][document]")
{
    auto scene = live_with();
    CHECK(due_of(scene.say("bob", "rollback"), "chase_postmortem") == scene.now + 24h);
    scene.now += 24h;
    const auto chased = scene.fire("chase_postmortem");
    REQUIRE(all_of<DirectMessage>(chased).size() == 1);
    CHECK(all_of<DirectMessage>(chased).front().user == id_of("bob"));
    CHECK(all_of<DirectMessage>(chased).front().sentence.id == "postmortem_due");
    // Due at ten in the evening; whoever is late hears of it in the mornings, not every night.
    CHECK(due_of(chased, "chase_postmortem") == est("2026-11-26 09:00"));
    for (const auto* link : {"tomorrow", "http://a.b", "https://a b"}) {
        INFO(link);
        CHECK(outcome_of(scene.ask("carl", "postmortem", {}, link)) == "postmortem_link_unknown");
    }
    scene.say("carl", "postmortem", {}, "<https://docs.example.com/pm-12|the post-mortem>");
    CHECK(scene.deployment.postmortem_link == "https://docs.example.com/pm-12");
    CHECK(scene.fire("chase_postmortem").outbox.empty());
    CHECK_FALSE(due_of(scene.fire("chase_postmortem"), "chase_postmortem"));
}

TEST_CASE(
    "Rollback procedure 1: Identify the issue, what broke and which deployment caused it",
    "[commands][document]"
)
{
    auto scene = live_with();
    scene.say("bob", "issue", {{"what", "Errors at login"}, {"severity", "P1"}});
    const auto decision = scene.say("bob", "rollback");
    CHECK(events_of<RollbackStarted>(decision).front().reason == "Errors at login");
    CHECK(decision.deployment == scene.deployment.id);
    // What is over already is not what broke now.
    auto fixed = live_with();
    fixed.say("bob", "issue", {{"what", "A slow page"}, {"severity", "P1"}});
    fixed.say("bob", "update", {{"note", "Fixed"}, {"status", "Resolved"}});
    CHECK(events_of<RollbackStarted>(*fixed.ask("bob", "rollback")).front().reason == "not given yet");
    // Which of several: a bare rollback asks, with what would run.
    auto snapshot = scene.seen_by(person_called("bob"));
    StagedDeployment other = live_with([](Plan& plan) { plan.flag = "search"; });
    snapshot.active = {other.deployment};
    snapshot.deployment.reset();
    Request bare;
    bare.verb = "rollback";
    bare.text = "errors at login";
    const auto asked = decide(bare, snapshot);
    CHECK(asked->reply_buttons.front().fields.at("reason") == "errors at login");
    CHECK(sentences_of(*asked) == Words{"rollback_candidate", "rollback_which"});
    CHECK(asked->reply.front().facts.at("steps") == "Flag off, Code reverted");
    CHECK(asked->events.empty());
}

TEST_CASE("Rollback procedure 2: Revert to previous deployment (git revert + deploy)", "[commands][document]")
{
    auto scene = live_with();
    const auto decision = scene.say("bob", "rollback");
    CHECK(events_of<RollbackStarted>(decision).front().steps == Words{"rollback"});
    CHECK(has(sentences_of(decision), "rollback_by_hand_rollback"));
    auto run = live_with();
    run.policy.services.front().rollback.command = {"revert"};
    CHECK(actions_of(run.say("bob", "rollback")) == Words{"rollback"});
}

TEST_CASE(
    "Rollback steps wait for each other: the flag, then the code, then the data", "[commands][document]"
)
{
    auto scene = with_actions();
    CHECK(actions_of(scene.say("bob", "rollback")) == Words{"disable_flag"});
    CHECK(actions_of(scene.ends("disable_flag")) == Words{"rollback"});
    CHECK(actions_of(scene.ends("rollback")) == Words{"reverse_migrations"});
    const auto last = scene.ends("reverse_migrations");
    CHECK(actions_of(last).empty());
    CHECK(has(sentences_of(last), "rollback_verify"));
}

TEST_CASE(
    "a step that fails stops the rollback until somebody runs it again or did it", "[commands][document]"
)
{
    auto scene = with_actions();
    scene.say("dana", "rollback");
    scene.ends("disable_flag");
    const auto failed = scene.ends("rollback", false);
    CHECK(actions_of(failed).empty());  // the migrations are not reversed under the new code
    CHECK(has(sentences_of(failed), "rollback_step_failed"));
    const auto messages = all_of<DirectMessage>(failed);
    REQUIRE(messages.size() == 1);
    CHECK(messages.front().user == id_of("bob"));
    REQUIRE(messages.front().buttons.size() == 2);
    CHECK(messages.front().buttons[0].label == "Run again");
    CHECK(messages.front().buttons[1].label == "Done by hand");
    SECTION("run again")
    {
        const auto again = scene.say("bob", "retry", {{"action", "rollback"}});
        CHECK(actions_of(again) == Words{"rollback"});
        CHECK(
            outcome_of(scene.ask("dana", "retry", {{"action", "rollback"}})) == "retry_nothing"
        );  // it runs
        CHECK(actions_of(scene.ends("rollback")) == Words{"reverse_migrations"});
    }
    SECTION("done by hand")
    {
        CHECK(actions_of(scene.say("bob", "step", {{"step", "rollback"}})) == Words{"reverse_migrations"});
        CHECK(outcome_of(scene.ask("bob", "retry")) == "retry_nothing");
    }
    SECTION("what is not its turn is not run")
    {
        CHECK(outcome_of(scene.ask("bob", "retry", {{"action", "reverse_migrations"}})) == "retry_nothing");
    }
}

TEST_CASE(
    "a step done by hand while its command hangs is done: the next one queues behind it",
    "[commands][document]"
)
{
    auto scene = with_actions();
    scene.say("bob", "rollback");
    CHECK(actions_of(scene.say("bob", "step", {{"step", "disable_flag"}})) == Words{"rollback"});
    const auto late = scene.ends("disable_flag", false);  // no step of its own any more
    CHECK(actions_of(late).empty());
    CHECK_FALSE(has(sentences_of(late), "rollback_step_failed"));
    CHECK(actions_of(scene.ends("rollback")) == Words{"reverse_migrations"});
}

TEST_CASE("a step by hand is waited for: the migrations run after the press", "[commands][document]")
{
    auto scene = with_actions();
    scene.policy.services.front().rollback = {};
    const auto begun = scene.say("bob", "rollback");
    CHECK(actions_of(begun) == Words{"disable_flag"});
    CHECK_FALSE(has(sentences_of(begun), "rollback_by_hand_rollback"));
    const auto asked = scene.ends("disable_flag");
    CHECK(actions_of(asked).empty());
    CHECK(has(sentences_of(asked), "rollback_by_hand_rollback"));
    CHECK(all_of<DirectMessage>(asked).front().buttons.front().fields.at("step") == "rollback");
    CHECK(actions_of(scene.say("bob", "step", {{"step", "rollback"}})) == Words{"reverse_migrations"});
}

TEST_CASE("steps by hand that follow each other are asked for at once", "[commands][document]")
{
    auto scene = with_actions();
    scene.policy.services.front().rollback = {};
    scene.policy.services.front().reverse_migrations = {};
    scene.say("bob", "rollback");
    const auto asked = scene.ends("disable_flag");
    CHECK(all_of<DirectMessage>(asked).front().buttons.size() == 2);
    const auto one = scene.say("bob", "step", {{"step", "rollback"}});
    CHECK(all_of<DirectMessage>(one).empty());  // not asked again
    // Ticked in the list of the card, it is the same.
    const auto both =
        scene.say("bob", "tick", {{"checklist", "rollback_steps"}, {"item", "reverse_migrations"}});
    CHECK(has(sentences_of(both), "rollback_verify"));
}

TEST_CASE("a rollback does not wait for a deploy that hangs: it is ended first", "[commands][document]")
{
    auto scene = deploying();
    const auto decision = scene.say("bob", "rollback");
    CHECK(has(sentences_of(decision), "rollback_ends_deploy"));
    const auto of_actions = actions_of(decision);
    CHECK(of_actions == Words{"end deploy", "disable_flag"});
    // What comes of it is told, and disturbs no step.
    const auto late = scene.ends("deploy", false);
    CHECK(actions_of(late).empty());
    CHECK(has(sentences_of(late), "action_failed"));
    CHECK(all_of<DirectMessage>(late).empty());
    SECTION("one that has ended needs no end")
    {
        auto ended = deploying();
        ended.happens("slipway", ActionEnded{"deploy", true});
        CHECK(actions_of(ended.say("bob", "rollback")) == Words{"disable_flag"});
    }
    SECTION("what runs elsewhere has to be stopped there")
    {
        auto elsewhere = deploying();
        elsewhere.policy.services.front().deploy.command.clear();
        elsewhere.policy.services.front().deploy.webhook_url = "https://ci.example/deploy";
        const auto told_so = elsewhere.say("bob", "rollback");
        CHECK(has(sentences_of(told_so), "rollback_cannot_end_deploy"));
        CHECK(actions_of(told_so) == Words{"disable_flag"});
    }
}

TEST_CASE("a deploy that fails can be run again", "[commands][document]")
{
    auto scene = deploying();
    const auto failed = scene.ends("deploy", false);
    const auto buttons = all_of<DirectMessage>(failed).front().buttons;
    REQUIRE(buttons.size() == 3);
    CHECK(buttons.back().label == "Run again");
    CHECK(buttons.back().verb == "retry");
    CHECK(actions_of(scene.say("bob", "retry", {{"action", "deploy"}})) == Words{"deploy"});
    CHECK(outcome_of(scene.ask("bob", "retry", {{"action", "deploy"}})) == "retry_nothing");
}

TEST_CASE("what was only accepted is said and kept as that, not as done", "[commands][document]")
{
    for (const bool accepted : {true, false}) {
        auto scene = deploying();
        const auto deployed = scene.ends("deploy", true, "queued", accepted);
        CHECK(events_of<ActionEnded>(deployed).front().accepted == accepted);
        CHECK(all_of<ThreadNote>(deployed).front().sentence.facts.at("accepted") == accepted);
        CHECK(to_json(deployed.events.front()).at("accepted") == accepted);
        scene.say("bob", "rollback");
        const auto undone = scene.ends("rollback", true, "queued", accepted);
        CHECK(events_of<ActionEnded>(undone).front().accepted == accepted);
        CHECK(events_of<RollbackStepDone>(undone).front().accepted == accepted);
        CHECK(all_of<ThreadNote>(undone).front().sentence.facts.at("accepted") == accepted);
    }
    const auto older = event_from("action_ended", {{"action", "deploy"}, {"succeeded", true}});
    CHECK_FALSE(std::get<ActionEnded>(older).accepted);
}

TEST_CASE("of an action's output the end is shown, from the beginning of a line", "[commands][document]")
{
    auto scene = deploying();
    std::string output;
    for (int line = 1; line <= 200; ++line) {
        output += "line " + std::to_string(line) + " of what went on\n";
    }
    output += "E: no space left <&>\n(exit code 3)";
    const auto failed = scene.ends("deploy", false, output);
    const auto shown =
        std::string(all_of<ThreadNote>(failed).front().sentence.facts.at("output").as_string());
    CHECK(shown.ends_with("E: no space left <&>\n(exit code 3)"));
    CHECK(shown.starts_with("\xE2\x80\xA6\nline "));
    CHECK(shown.size() < 2'600);
    CHECK(shown.find("line 1 ") == std::string::npos);
}

TEST_CASE("Rollback procedure 2: Reverse database migrations if applicable", "[commands][document]")
{
    auto scene = live_with([](Plan& plan) { plan.has_migrations = true; });
    const auto decision = scene.say("bob", "rollback");
    CHECK(events_of<RollbackStarted>(decision).front().steps == Words{"rollback", "reverse_migrations"});
    CHECK(has(sentences_of(decision), "rollback_by_hand_reverse_migrations"));
}

TEST_CASE("Rollback procedure 2: Disable feature flag if applicable (fastest option)", "[commands][document]")
{
    auto scene = live_with([](Plan& plan) {
        plan.flag = "search";
        plan.has_migrations = true;
    });
    scene.say("bob", "flag", {{"flag_stage", "internal"}});
    const auto decision = scene.say("bob", "rollback");
    CHECK(
        events_of<RollbackStarted>(decision).front().steps ==
        Words{"disable_flag", "rollback", "reverse_migrations"}
    );
    scene.say("bob", "step", {{"step", "disable_flag"}});
    CHECK(scene.deployment.flag_stage == "off");
}

TEST_CASE(
    "Rollback procedure 3: Verify rollback, smoke test that the previous version works",
    "[commands][document]"
)
{
    auto scene = live_with();
    scene.say("bob", "rollback");
    scene.say("bob", "step", {{"step", "rollback"}});
    CHECK(scene.deployment.stage == Stage::rolling_back);
    CHECK(
        outcome_of(scene.ask("bob", "tick", {{"checklist", "rollback_smoke"}, {"item", "feature"}})) ==
        "item_unknown"  // the previous version has no new feature
    );
    for (const auto* item : {"loads", "login", "core", "logs"}) {
        CHECK(scene.deployment.stage == Stage::rolling_back);
        scene.say("bob", "tick", {{"checklist", "rollback_smoke"}, {"item", item}});
    }
    CHECK(scene.deployment.stage == Stage::rolled_back);
}

TEST_CASE("the old version is not verified while a step of the rollback is open", "[commands][document]")
{
    auto scene = live_with([](Plan& plan) { plan.has_migrations = true; });
    scene.say("bob", "rollback");
    const auto refused = scene.ask("bob", "rolledback");
    CHECK(outcome_of(refused) == "rollback_steps_open");
    CHECK(refused.error().sentences.front().facts.at("steps") == "Code reverted, Migrations reversed");
    for (const auto* item : {"loads", "login", "core", "logs"}) {
        scene.say("bob", "tick", {{"checklist", "rollback_smoke"}, {"item", item}});
    }
    const boost::json::object last{{"checklist", "rollback_smoke"}, {"item", "migrations"}};
    CHECK(outcome_of(scene.ask("bob", "tick", last)) == "rollback_steps_open");
    scene.say("bob", "step", {{"step", "rollback"}});
    CHECK(outcome_of(scene.ask("bob", "rolledback")) == "rollback_steps_open");
    scene.say("bob", "step", {{"step", "reverse_migrations"}});
    scene.say("bob", "tick", last);
    CHECK(scene.deployment.stage == Stage::rolled_back);
}

TEST_CASE("Rollback procedure 4: Communicate to the team", "[commands][document]")
{
    auto scene = live_with([](Plan& plan) { plan.has_migrations = true; });
    CHECK(all_of<Notice>(scene.say("bob", "rollback", {}, "Errors at login")).empty());
    CHECK(all_of<Notice>(scene.say("bob", "step", {{"step", "rollback"}})).empty());
    // It says that the rollback was executed, so it is said when it was.
    const auto notices = all_of<Notice>(scene.say("bob", "step", {{"step", "reverse_migrations"}}));
    REQUIRE(notices.size() == 1);
    CHECK(notices.front().kind == "rollback");
    CHECK(notices.front().facts.at("reason") == "Errors at login");
    const boost::json::object step{{"checklist", "rollback_steps"}, {"item", "rollback"}};
    scene.say("bob", "untick", step);
    CHECK(all_of<Notice>(scene.say("bob", "tick", step)).empty());  // once
}

TEST_CASE(
    "Rollback procedure 4: Clients (if affected): Account Manager sends brief notification",
    "[commands][document]"
)
{
    CHECK_FALSE(told(live_with().say("bob", "rollback")).contains(id_of("anne")));
    auto facing = live_with([](Plan& plan) { plan.client_facing = true; });
    CHECK(roles_told(facing.say("bob", "rollback"), "anne") == Words{"account_manager"});
    auto asked = live_with([](Plan& plan) { plan.requested_by_client = "Acme"; });
    CHECK(roles_told(asked.say("bob", "rollback"), "anne") == Words{"account_manager", "client"});
}

TEST_CASE("Rollback procedure 5 and 6: the post-mortem is drafted for the root cause", "[commands][document]")
{
    auto scene = live_with();
    scene.say("bob", "rollback");
    scene.do_rollback_steps();
    const auto finished = scene.say("bob", "rolledback");
    CHECK(all_of<PostmortemFile>(finished).size() == 1);
}

TEST_CASE("the post-mortem's draft is shared once for what it says", "[commands][document]")
{
    auto scene = live_with([](Plan& plan) { plan.has_migrations = true; });
    const auto files = [&] { return all_of<PostmortemFile>(scene.say("raj", "postmortem")).size(); };
    const auto check_current = [&] {
        CHECK(outcome_of(scene.ask("raj", "postmortem")) == "postmortem_drafted");
        CHECK(outcome_of(scene.ask("dana", "postmortem")) == "postmortem_drafted");
    };
    scene.say("bob", "rollback");
    CHECK(files() == 1);
    check_current();
    scene.say("bob", "tick", {{"checklist", "rollback_smoke"}, {"item", "login"}});
    check_current();  // the draft says nothing of that
    for (const auto* step : {"rollback", "reverse_migrations"}) {
        scene.say("bob", "step", {{"step", step}});
        CHECK(files() == 1);
        check_current();
    }
    scene.say("bob", "issue", {{"what", "Old sessions are lost"}, {"severity", "P2"}});
    CHECK(files() == 1);
    scene.say("bob", "update", {{"note", "They come back"}});
    CHECK(files() == 1);
    CHECK(all_of<PostmortemFile>(scene.say("bob", "rolledback")).size() == 1);
    check_current();
    scene.say("raj", "postmortem", {}, "https://docs.example.com/pm-12");
    check_current();
}

TEST_CASE("after a rollback the service stays locked until a Dev Lead unlocks it", "[commands][document]")
{
    auto scene = live_with();
    const auto decision = scene.say("bob", "rollback");
    REQUIRE(scene.team.locked.contains("web"));
    scene.do_rollback_steps();
    scene.say("bob", "rolledback");
    CHECK(scene.team.locked.contains("web"));
    CHECK(outcome_of(scene.ask("bob", "unlock", {{"service", "web"}})) == "not_allowed");
    const auto unlocked = scene.say("dana", "unlock", {{"service", "web"}});
    CHECK(scene.team.locked.empty());
    CHECK(all_of<CardRefresh>(unlocked).size() == 1);  // it offers no unlock any more
}

TEST_CASE("Runbook: Update after every incident", "[commands][document]")
{
    auto scene = live_with();
    scene.say("bob", "rollback");
    scene.do_rollback_steps();
    const auto finished = scene.say("bob", "rolledback");
    const auto messages = all_of<DirectMessage>(finished);
    REQUIRE(messages.size() == 1);
    CHECK(messages.front().user == id_of("dana"));
    CHECK(messages.front().sentence.id == "runbook_after_incident");
    for (const auto* severity : {"P0", "P1", "P2"}) {  // an incident that ends without a rollback is one too
        INFO(severity);
        auto fixed = live_with();
        fixed.say("bob", "issue", {{"what", "Errors"}, {"severity", severity}});
        const auto resolved = fixed.say("bob", "update", {{"note", "Fixed"}, {"status", "Resolved"}});
        CHECK(has(sentences_of(resolved), "runbook_after_issue") == (std::string(severity) != "P2"));
    }
}

TEST_CASE(
    "an action that ends after its deployment did is told, and is no step any more", "[commands][document]"
)
{
    for (const auto stage : {Stage::done, Stage::rolled_back}) {
        INFO(to_string(stage));
        auto scene = live_with([](Plan&) {}, stage);
        const auto late = scene.ends("deploy");
        CHECK(late.events.empty());
        CHECK(has(sentences_of(late), "action_done"));
    }
}

}  // namespace slipway::testing
