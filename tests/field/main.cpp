// Tells one story to the whole bot. README.md beside it says what a story may hold.
#include "tests/end_to_end/live_deployment.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch_session.hpp>
#include <toml++/toml.h>

#include <iostream>
#include <memory>
#include <set>
#include <stdexcept>

namespace demo {

namespace {

std::string story_file;

std::string text_of(const toml::table& story, const char* key) { return story[key].value_or(std::string{}); }

/// What TOML holds, as the JSON that forms and GitHub speak.
json::value json_of(const toml::node& node)
{
    if (const auto* table = node.as_table()) {
        json::object object;
        for (const auto& [key, value] : *table) {
            object[std::string(key.str())] = json_of(value);
        }
        return object;
    }
    if (const auto* list = node.as_array()) {
        json::array array;
        for (const auto& value : *list) {
            array.push_back(json_of(value));
        }
        return array;
    }
    if (const auto text = node.value<std::string>(); text && node.is_string()) {
        return json::value(*text);
    }
    if (node.is_boolean()) {
        return node.value_or(false);
    }
    return node.is_integer() ? json::value(node.value_or<std::int64_t>(0)) : json::value(node.value_or(0.0));
}

json::object object_of(const toml::table& story, const char* key)
{
    const auto* node = story.get(key);
    return node == nullptr ? json::object{} : json_of(*node).as_object();
}

BotInSimulator::Options options_of(const toml::table& story)
{
    auto options = with_web(text_of(story, "web") + "\n");
    options.config += text_of(story, "config") + "\n";
    for (const auto& [name, value] : object_of(story, "environment")) {
        options.environment[std::string(name)] = std::string(value.as_string());
    }
    return options;
}

std::vector<std::string> lists_of(const toml::table& story)
{
    std::vector<std::string> lists{"gate1", "qa", "gate2", "pre_deployment"};
    if (const auto* given = story["lists"].as_array()) {
        lists.clear();
        for (const auto& list : *given) {
            lists.push_back(list.value_or(std::string{}));
        }
    }
    return lists;
}

std::unique_ptr<Team> world_of(const toml::table& story)
{
    const auto begins = story["begins"].value_or(std::string("team"));
    auto plan = object_of(story, "plan");
    if (begins == "ready") {
        return std::make_unique<ReadyDeployment>(options_of(story), std::move(plan), lists_of(story));
    }
    if (begins == "started") {
        return std::make_unique<StartedDeployment>(options_of(story), std::move(plan));
    }
    auto world = std::make_unique<Team>(options_of(story));
    if (begins == "planned") {
        REQUIRE(world->alice.plans(std::move(plan)));
    }
    else if (begins != "team") {
        throw std::invalid_argument("a story begins with team, planned, ready or started, not " + begins);
    }
    return world;
}

/// What GitHub says of the pull request from now on.
void change(simulator::PullRequest& shown, const json::object& facts)
{
    for (const auto& [key, value] : facts) {
        if (key == "reviews") {
            shown.reviews.clear();
            for (const auto& each : value.as_array()) {
                const auto text = [&](const char* name, std::string otherwise) {
                    const auto* found = each.as_object().if_contains(name);
                    return found == nullptr ? std::move(otherwise) : std::string(found->as_string());
                };
                shown.reviews.push_back(
                    {text("user", "bob-codes"),
                     text("state", "APPROVED"),
                     text("commit", shown.head),
                     text("association", "MEMBER")}
                );
            }
        }
        else if (key == "checks") {
            shown.checks.clear();
            for (const auto& each : value.as_array()) {
                const auto& check = each.as_array();
                shown.checks.push_back(
                    {std::string(check.at(0).as_string()),
                     std::string(check.at(1).as_string()),
                     std::string(check.at(2).as_string())}
                );
            }
        }
        else if (key == "threads") {
            shown.threads.clear();
            for (const auto& each : value.as_array()) {
                shown.threads.push_back(each.as_bool());
            }
        }
        else if (key == "head") {
            shown.head = value.as_string();
        }
        else if (key == "title") {
            shown.title = value.as_string();
        }
        else if (key == "body") {
            shown.body = value.as_string();
        }
        else {
            shown.more[key] = value;
        }
    }
}

class Story {
public:
    explicit Story(const toml::table& story) : world_(world_of(story))
    {
        world_->server.github.pull_requests.try_emplace(pull_request_12);
        change(pull_request(), object_of(story, "github"));
    }

    void tell(const toml::table& step)
    {
        act(step);
        REQUIRE(world_->settle());
        compare(step);
    }

private:
    simulator::PullRequest& pull_request() { return world_->server.github.pull_requests.at(pull_request_12); }

    TeamMember& member(const std::string& name)
    {
        const std::map<std::string, TeamMember*> people{
            {"alice", &world_->alice},
            {"bob", &world_->bob},
            {"dana", &world_->dana},
            {"petra", &world_->petra},
            {"jane", &world_->jane}};
        return *people.at(name);
    }

    void act(const toml::table& step)
    {
        const auto who = text_of(step, "who");
        if (const auto text = text_of(step, "types"); !text.empty()) {
            member(who).types(text);
        }
        if (const auto text = text_of(step, "replies"); !text.empty()) {
            member(who).replies("D-1", text);
        }
        if (const auto button = text_of(step, "presses"); !button.empty()) {
            REQUIRE(member(who).presses("D-1", button));
        }
        if (const auto list = text_of(step, "ticks"); !list.empty()) {
            REQUIRE(member(who).ticks_all("D-1", list));
        }
        if (step.contains("submits")) {
            REQUIRE(world_->until([&] { return world_->server.people.modal_of(member(who).id()) != nullptr; })
            );
            REQUIRE(member(who).submits(object_of(step, "submits")));
        }
        if (step.contains("plans")) {
            const auto mistakes = object_of(step, "mistakes");
            REQUIRE(member(who).plans(object_of(step, "plans")));
            for (const auto& [field, text] : mistakes) {
                CHECK(member(who).sees_error(std::string(field), std::string(text.as_string())));
            }
        }
        if (const auto wall = text_of(step, "at"); !wall.empty()) {
            world_->advance_to(wall);
        }
        if (const auto body = text_of(step, "signal"); !body.empty()) {
            CHECK(world_->send_signal(body) == step["status"].value_or(202));
        }
        if (step.contains("rate")) {
            world_->server.prometheus.value = [rate = step["rate"].value<double>()](const auto&) {
                return rate;
            };
        }
        if (step["restarts"].value_or(false)) {
            world_->stop_bot();
            world_->start_bot();
        }
        change(pull_request(), object_of(step, "github"));
    }

    void compare(const toml::table& step)
    {
        if (const auto text = text_of(step, "thread"); !text.empty()) {
            CHECK(world_->until([&] { return thread_says(*world_, "D-1", text); }));
        }
        if (const auto text = text_of(step, "channel"); !text.empty()) {
            CHECK(world_->until([&] { return times_said(*world_, text) > 0; }));
        }
        if (const auto text = text_of(step, "card"); !text.empty()) {
            INFO("the card: " << card_text(*world_, "D-1"));
            CHECK(world_->until([&] { return contains(card_text(*world_, "D-1"), text); }));
        }
        if (const auto stage = text_of(step, "stage"); !stage.empty()) {
            CHECK(world_->until([&] { return world_->stage() == stage; }));
        }
        for (const auto& [name, text] : object_of(step, "told")) {
            const std::string said(text.as_string());
            CHECK(world_->until([&, who = member(name).id()] { return was_told(*world_, who, said); }));
        }
        for (const auto& [name, text] : object_of(step, "whispered")) {
            const std::string said(text.as_string());
            INFO("shown last: " << last_whisper(*world_, member(name).id()));
            CHECK(world_->until([&, who = member(name).id()] { return was_whispered(*world_, who, said); }));
        }
        if (const auto text = text_of(step, "unsaid"); !text.empty()) {
            CHECK(times_said(*world_, text) == 0);
            for (const auto* each : {"alice", "bob", "dana", "petra", "jane"}) {
                CHECK_FALSE(was_told(*world_, member(each).id(), text));
                CHECK_FALSE(was_whispered(*world_, member(each).id(), text));
            }
        }
    }

    std::unique_ptr<Team> world_;
};

/// A word that nobody knows would be a step that proves nothing.
void refuse_unknown(const toml::table& table, const std::set<std::string>& known)
{
    for (const auto& [key, value] : table) {
        if (!known.contains(std::string(key.str()))) {
            throw std::invalid_argument(
                "README.md of these stories knows no '" + std::string(key.str()) + "'"
            );
        }
    }
}

}  // namespace

TEST_CASE("a story from the field")
{
    const auto story = toml::parse_file(story_file);
    refuse_unknown(
        story, {"about", "begins", "web", "config", "environment", "plan", "lists", "github", "then"}
    );
    INFO(text_of(story, "about"));
    Story told(story);
    const auto* steps = story["then"].as_array();
    REQUIRE(steps != nullptr);
    for (const auto& step : *steps) {
        const auto& table = *step.as_table();
        refuse_unknown(table, {"who",    "types",   "plans",  "submits", "mistakes", "replies",   "presses",
                               "ticks",  "at",      "signal", "status",  "rate",     "restarts",  "github",
                               "thread", "channel", "card",   "stage",   "told",     "whispered", "unsaid"});
        CAPTURE(table.source().begin.line);
        told.tell(table);
    }
}

}  // namespace demo

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::cerr << "usage: field_test STORY.toml\n";
        return 2;
    }
    demo::story_file = argv[1];
    return Catch::Session().run(1, argv);
}
