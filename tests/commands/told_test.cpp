// What people are told of each other's acts: the thread, those who are asked again, forms and the history.
#include "tests/commands/team_in_memory.hpp"

namespace slipway::testing {

namespace {

namespace json = boost::json;

/// A plan in every detail.
json::object with(const json::object& more)
{
    auto fields = usual_fields(
        {{"requested_by", "U0JANE"},
         {"on_call", "U0BOB"},
         {"flag", "fast_search"},
         {"starts_at", "tue 22:00"}}
    );
    for (const auto& [key, value] : more) {
        fields[key] = value;
    }
    return fields;
}

/// Whether a line of the thread names `person`, by mention or as they signed.
bool is_named(const Decision& decision, const std::string& person)
{
    const auto notes = all_of<ThreadNote>(decision);
    return std::any_of(notes.begin(), notes.end(), [&](const ThreadNote& note) {
        const auto& facts = note.sentence.facts;
        return facts.contains("name")
                   ? facts.at("name") == json::value(cast::called(person).real_name)
                   : facts.contains("actor") &&
                         facts.at("actor") == json::value("<@" + id_of(person).str() + ">");
    });
}

/// The field that the first refusal is shown at.
std::string field_of(const Result<Decision>& result)
{
    return result ? "" : result.error().sentences.front().field;
}

}  // namespace

TEST_CASE(
    "every act on a deployment is a line of its thread, with the name of who did it", "[commands][thread]"
)
{
    struct Act {
        std::string who, verb;
        json::object fields{};
        std::string text{};
    };

    const std::vector<Act> acts{
        {"petra", "signoff"},
        {"petra", "withdraw"},
        {"petra", "decline", {}, "The totals are off"},
        {"jane", "delegate", {}, "<@U0CARL>"},
        {"alice", "amend", with({{"what", "Even faster search"}})},
        {"alice", "reschedule", {}, "wed 22:00"},
        {"carl", "tick", {{"checklist", "gate1"}, {"item", "approved"}}},
        {"carl", "untick", {{"checklist", "gate1"}, {"item", "approved"}}},
        {"dana", "go"},
        {"bob", "ready"},
        {"bob", "confirm"},
        {"dana", "except", {}, "It cannot wait"},
        {"dana", "start", {}, "It cannot wait"},
        {"dana", "review", {}, "The right call"},
        {"bob", "step", {{"step", "merge"}}},
        {"bob", "flag", {{"flag_stage", "internal"}}},
        {"bob", "tick", {{"checklist", "smoke"}, {"items", {"loads", "login", "core", "feature", "logs"}}}},
        {"bob", "issue", {}, "Errors at login"},
        {"bob", "update", {}, "Found the cause"},
        {"bob", "done"},
        {"bob", "rollback", {}, "Errors at login"},
        {"bob", "step", {{"step", "disable_flag"}}},
        {"bob", "step", {{"step", "rollback"}}},
        {"bob", "rolledback"},
        {"bob", "postmortem", {}, "https://example.org/p"},
        {"dana", "unlock", {}, "web"},
    };
    TeamInMemory world;
    const auto planned = world.say("alice", "plan", {}, with({}));
    REQUIRE(planned.has_value());
    CHECK(all_of<ThreadNote>(*planned).front().sentence.facts.at("planner") == "<@U0ALICE>");
    for (const auto& act : acts) {
        CAPTURE(act.who, act.verb);
        const auto decided = world.say(
            act.who, act.verb, act.verb == "unlock" ? std::nullopt : std::optional(1), act.fields, act.text
        );
        CAPTURE(outcome_of(decided));
        REQUIRE(decided.has_value());
        if (act.verb != "step" || world.at(1).stage != Stage::rolling_back) {
            CHECK(is_named(*decided, act.who));
        }
    }
}

TEST_CASE("of a move the author and whoever is on call are told, not who moved it", "[commands][thread]")
{
    struct Row {
        const char* who;
        std::vector<UserId> told;
    };

    for (const auto& row :
         {Row{"dana", {id_of("alice"), id_of("bob")}},
          Row{"alice", {id_of("bob")}},
          Row{"bob", {id_of("alice")}}}) {
        CAPTURE(row.who);
        TeamInMemory world;
        REQUIRE(world.say("alice", "plan", {}, with({})).has_value());
        const auto moved = world.say(row.who, "reschedule", 1, {{"starts_at", "wed 22:00"}});
        REQUIRE(moved.has_value());
        CHECK(all_of<ThreadNote>(*moved).front().pings == row.told);
    }
}

TEST_CASE("who calls the bot by its name is told how to talk to it", "[commands][look]")
{
    const StagedDeployment scene;
    const auto told = scene.ask("zoe", "mention");
    REQUIRE(told.has_value());
    REQUIRE(told->reply.size() == 1);
    CHECK(told->reply.front().id == "mentioned");
    CHECK(told->reply.front().facts.at("deployment") == "D-12");
    CHECK(told->events.empty());
}

TEST_CASE("help explains the verbs of people, and no other", "[commands][look]")
{
    const StagedDeployment scene;
    const auto help = [&](const std::string& text) { return scene.ask("zoe", "help", {}, text); };
    const auto told = help("freeze");
    REQUIRE(told.has_value());
    CHECK(told->reply.front().id == "help_verb");
    CHECK(outcome_of(help("timer")) == "verb_unknown");
    CHECK(outcome_of(help("freez")) == "verb_unknown");
}

TEST_CASE("the Linear issue hears of the lifecycle where that is configured", "[commands][linear]")
{
    struct Row {
        const char* verb;
        Stage stage;
        const char* comment;
    };

    for (const auto& row :
         {Row{"start", Stage::signed_off, "D-12: deployment started"},
          Row{"done", Stage::deploying, "D-12: deployment complete, all smoke tests passed"},
          Row{"clean", Stage::watching, "D-12: 24 hours clean"},
          Row{"rolledback", Stage::rolling_back, "D-12: rolled back, previous version verified"}}) {
        INFO(row.verb);
        StagedDeployment scene;
        scene.reach(row.stage);
        if (row.stage == Stage::signed_off) {
            scene.give_word();
        }
        scene.pass_smoke_tests();
        scene.do_rollback_steps();
        scene.now = row.stage == Stage::watching ? evening + 24h : evening;
        CHECK(all_of<LinearComment>(*scene.ask("bob", row.verb)).empty());
        scene.policy.mirror_lifecycle = true;
        const auto comments = all_of<LinearComment>(*scene.ask("bob", row.verb));
        REQUIRE(comments.size() == 1);
        CHECK(comments.front().issue == "ENG-123");
        CHECK(comments.front().body == row.comment);
    }
}

TEST_CASE("the status names whose sign-off is missing, until the start", "[commands][look]")
{
    StagedDeployment scene;
    scene.sign("petra", {Role::product_lead});
    const auto waits_for = [&] {
        const auto shown = scene.ask("zoe", "status")->reply;
        return shown.size() < 2 ? json::value() : shown[1].facts.at("roles");
    };
    CHECK(waits_for() == "Original requestor");
    scene.begin();  // by an exception: nobody is asked for it any more
    CHECK(waits_for().is_null());
}

TEST_CASE("who is asked again hears what changed since they signed last", "[commands][sign_off]")
{
    TeamInMemory world;
    REQUIRE(world.say("alice", "plan", {}, with({})).has_value());
    REQUIRE(world.say("petra", "signoff", 1).has_value());
    REQUIRE(world.say("alice", "amend", 1, with({{"rollback_plan", "Switch the flag off"}})).has_value());
    REQUIRE(world.say("jane", "signoff", 1).has_value());
    const auto amended = world.say(
        "alice", "amend", 1, with({{"rollback_plan", "Switch the flag off"}, {"what", "Fast search"}})
    );
    REQUIRE(amended.has_value());
    std::map<std::string, json::object> told;
    for (const auto& message : all_of<DirectMessage>(*amended)) {
        told[message.user.str()] = message.sentence.facts;
    }
    REQUIRE(told.size() == 2);
    const json::value what("What: Faster search \u2192 Fast search");
    CHECK(told.at("U0JANE").at("since") == "2");
    CHECK(told.at("U0JANE").at("changed") == json::array{what});
    CHECK(told.at("U0PETRA").at("since") == "1");
    CHECK(
        told.at("U0PETRA").at("changed") ==
        json::array{what, "Rollback plan: Revert commit \u2192 Switch the flag off"}
    );
}

TEST_CASE("who is asked for a sign-off hears what is in the plan", "[commands][sign_off]")
{
    TeamInMemory world;
    const auto planned =
        world.say("alice", "plan", {}, with({{"changes", "one\ntwo\nthree\nfour\nfive\nsix\nseven"}}));
    REQUIRE(planned.has_value());
    const auto asking = all_of<DirectMessage>(*planned).front().sentence;
    CHECK(asking.id == "ask_sign_off");
    CHECK(asking.facts.at("changes") == json::array{"one", "two", "three", "four", "five", "and 2 more"});
    CHECK(asking.facts.at("rollback_plan") == "Revert commit");
}

TEST_CASE(
    "cards that wait for their start are drawn anew when what holds them up changes", "[commands][look]"
)
{
    TeamInMemory world;
    REQUIRE(world.say("alice", "plan", {}, with({})).has_value());
    REQUIRE(world.say("alice", "plan", {}, with({{"service", "api"}})).has_value());
    using Cards = std::vector<DeploymentId>;
    const Cards web{DeploymentId{1}};
    const Cards both{DeploymentId{1}, DeploymentId{2}};
    const auto redrawn = [&](const char* verb, const char* text) {
        const auto decided = world.say("dana", verb, {}, {}, text);
        return decided ? decided->other_cards : Cards{};
    };
    CHECK(redrawn("freeze", "web for 2h Sale") == web);
    CHECK(redrawn("freeze", "all for 3h Sale") == both);
    CHECK(redrawn("thaw", "all") == both);
    world.said.clear();
    const auto cards = [&] {
        return std::count_if(world.said.begin(), world.said.end(), [](const Said& each) {
            return kind_of(each.saying) == "card";
        });
    };
    world.move_to(world.now + 2h);
    REQUIRE(cards() == 1);
    world.move_to(world.now + 1h);
    CHECK(cards() == 3);
}

TEST_CASE("the channel, and whom a freeze held up, hear of its beginning and its end", "[commands][look]")
{
    TeamInMemory world;
    REQUIRE(world.say("alice", "plan", {}, with({{"starts_at", "tue 22:00"}})).has_value());
    using Told = std::vector<std::string>;  // "" for the channel
    const auto told = [&](const char* sentence) {
        Told people;
        for (const auto& each : world.said) {
            if (const auto* line = std::get_if<Announcement>(&each.saying);
                line && line->sentence.id == sentence) {
                CHECK(line->channel.empty());
                people.emplace_back();
            }
            if (const auto* line = std::get_if<DirectMessage>(&each.saying);
                line && line->sentence.id == sentence) {
                people.push_back(line->user.str());
            }
        }
        std::sort(people.begin(), people.end());
        return people;
    };
    const auto freeze = [&](const char* text) {
        world.said.clear();
        REQUIRE(world.say("dana", "freeze", {}, {}, text).has_value());
    };
    const Told all{"", "U0ALICE", "U0BOB"};
    SECTION("ended by hand: once, not again when its time is over")
    {
        freeze("web for 10d Sale");
        CHECK(told("freeze_begun") == all);
        REQUIRE(world.say("dana", "thaw", {}, {}, "web").has_value());
        CHECK(told("thawed") == all);
        world.move_to(world.now + 10 * 24h);
        CHECK(told("freeze_over").empty());
    }
    SECTION("by itself, once the longer one is over")
    {
        freeze("all for 10d Sale");
        REQUIRE(world.say("dana", "freeze", {}, {}, "all for 12d Sale").has_value());
        world.move_to(world.now + 11 * 24h);
        CHECK(told("freeze_over").empty());
        world.move_to(world.now + 24h);
        CHECK(told("freeze_over") == all);
    }
    SECTION("of another service: the channel alone")
    {
        freeze("api for 2h Sale");
        CHECK(told("freeze_begun") == Told{""});
        world.move_to(world.now + 2h);
        CHECK(told("freeze_over") == Told{""});
    }
}

TEST_CASE("what is open in one checklist is said in one line", "[commands][look]")
{
    TeamInMemory world;
    REQUIRE(world.say("alice", "plan", {}, with({})).has_value());
    REQUIRE(world.say("carl", "tick", 1, {{"checklist", "gate1"}, {"item", "ci_green"}}).has_value());
    const auto refused = world.say("bob", "start", 1);
    REQUIRE_FALSE(refused.has_value());
    std::map<std::string, std::vector<json::object>> open;
    for (const auto& sentence : refused.error().sentences) {
        open[sentence.id].push_back(sentence.facts);
    }
    REQUIRE(open["gate1_unticked"].size() == 1);
    CHECK(
        open["gate1_unticked"].front().at("label") ==
        "At least one peer review approval; No unresolved review comments; PR description includes testing "
        "notes; Acceptance criteria from sprint item are referenced"
    );
    CHECK(open["gate2_unticked"].size() == 1);
    CHECK(open["pre_deployment_unticked"].size() == 1);
    CHECK(open["sign_off_missing"].size() == 2);  // each is somebody else's to give
}

TEST_CASE("what is wrong with a form is shown at its field", "[commands][modal]")
{
    TeamInMemory world;
    const auto swap = [&](const char* user, const char* from, const char* to) {
        return field_of(world.say("bob", "swap", {}, {{"user", user}, {"from", from}, {"to", to}}));
    };
    CHECK(swap("", "tue 22:00", "6h") == "user");
    CHECK(swap("U0ZOE", "tue 22:00", "6h") == "user");
    CHECK(swap("U0CARL", "", "6h") == "from");
    CHECK(swap("U0CARL", "someday", "6h") == "from");
    CHECK(swap("U0CARL", "tue 22:00", "") == "to");
    CHECK(swap("U0CARL", "tue 22:00", "for ever") == "to");
    CHECK(swap("U0CARL", "tue 22:00", "6h").empty());
    const auto freeze = [&](const char* service, const char* duration, const char* reason) {
        return field_of(world.say(
            "dana", "freeze", {}, {{"service", service}, {"duration", duration}, {"reason", reason}}
        ));
    };
    CHECK(freeze("web", "", "Sale") == "duration");
    CHECK(freeze("web", "a while", "Sale") == "duration");
    CHECK(freeze("web", "2h", "") == "reason");
    CHECK(freeze("nonesuch", "2h", "Sale") == "service");
    CHECK(freeze("web", "2h", "Sale").empty());
}

TEST_CASE("the history says what was deployed, and what each event was about", "[commands][look]")
{
    TeamInMemory world;
    REQUIRE(world.say("alice", "plan", {}, with({})).has_value());
    REQUIRE(world.say("carl", "tick", 1, {{"checklist", "gate1"}, {"item", "approved"}}).has_value());
    REQUIRE(world.say("alice", "cancel", 1, {}, "Not needed").has_value());
    const auto told = world.say("zoe", "history", 1);
    REQUIRE(told.has_value());
    REQUIRE(told->reply.size() == 4);
    CHECK(told->reply[0].facts.at("what") == "Faster search");
    for (const auto& [line, item] :
         {std::pair{1, "Faster search"}, {2, "At least one peer review approval"}, {3, "Not needed"}}) {
        CHECK(told->reply[static_cast<std::size_t>(line)].facts.at("item") == item);
    }
    CHECK(told->reply[2].facts.at("kind") == "item ticked");
}

TEST_CASE("a long history says how much of it is earlier, and of which gate it speaks", "[commands][look]")
{
    StagedDeployment scene;
    scene.reach(Stage::signed_off);
    while (scene.deployment.history.size() < 23) {
        scene.tick("carl", "qa", {"functional"});
    }
    const auto told = scene.ask("zoe", "history");
    REQUIRE(told.has_value());
    CHECK(told->reply[1].id == "history_earlier");
    CHECK(told->reply[1].facts.at("count") == "3");
    CHECK(std::any_of(told->reply.begin() + 2, told->reply.end(), [](const Sentence& line) {
        return line.facts.at("kind") == "gate passed" && line.facts.at("item") == "2";
    }));
}

TEST_CASE("a button is stored as its verb, its label and its fields", "[commands][buttons]")
{
    Button pressed{.verb = "signoff", .label = "Sign off", .fields = {{"form", true}}};
    const Saying asked = DirectMessage{UserId("U0PETRA"), say("chase_sign_off"), {pressed}};
    const auto stored = to_json(asked);
    CHECK(
        stored.at("buttons") ==
        json::value{{{"verb", "signoff"}, {"label", "Sign off"}, {"fields", {{"form", true}}}}}
    );
    const auto read = saying_from("direct_message", stored);
    CHECK(std::get<DirectMessage>(read).buttons == std::vector{pressed});
}

}  // namespace slipway::testing
