#include "bot/cli/manifest.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace slipway {

namespace {

namespace json = boost::json;

using Names = std::set<std::string>;

json::object manifest() { return json::parse(app_manifest()).as_object(); }

Names strings(const json::array& list)
{
    Names names;
    for (const auto& each : list) {
        names.insert(std::string(each.as_string()));
    }
    return names;
}

Names scopes_in(const json::object& manifest)
{
    return strings(manifest.at("oauth_config").at("scopes").at("bot").as_array());
}

std::string text_at_path(const std::string& path)
{
    std::ifstream file(SLIPWAY_SOURCE_DIR + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// What in a value breaks a JSON Schema, one line each. Knows the words that our excerpt uses; another word
/// is a mistake too, so that no rule stands there unchecked.
class Validation {
public:
    std::vector<std::string> mistakes;

    void look(const std::string& at, const json::value& value, const json::object& schema)
    {
        for (const auto& [word, rule] : schema) {
            const auto* object = value.if_object();
            const auto* list = value.if_array();
            if (word == "properties" && object != nullptr) {
                members(at, *object, rule.as_object());
            }
            else if (word == "items" && list != nullptr) {
                for (std::size_t i = 0; i < list->size(); ++i) {
                    look(at + "/" + std::to_string(i), (*list)[i], rule.as_object());
                }
            }
            else if (!holds(std::string(word), value, rule)) {
                mistakes.push_back(at + ": " + std::string(word) + " " + json::serialize(rule));
            }
        }
    }

private:
    void members(const std::string& at, const json::object& object, const json::object& properties)
    {
        for (const auto& [name, member] : object) {
            const auto* schema = properties.if_contains(name);
            const auto place = at + "/" + std::string(name);
            schema == nullptr ? mistakes.push_back(place + ": unknown")
                              : look(place, member, schema->as_object());
        }
    }

    static bool is(const json::value& value, const json::value& type)
    {
        return (type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
               (type == "string" && value.is_string()) || (type == "boolean" && value.is_bool()) ||
               (type == "integer" && value.is_int64());
    }

    /// A rule about values of another type holds.
    static bool holds(const std::string& word, const json::value& value, const json::value& rule)
    {
        static const Names others{"$comment", "properties", "items"};
        if (word == "type") {
            return is(value, rule);
        }
        if (word == "additionalProperties") {
            return rule == false;  // `members` takes no other
        }
        if (const auto* text = value.if_string()) {
            if (word == "minLength" || word == "maxLength") {
                const auto size = static_cast<std::int64_t>(text->size());
                return word == "minLength" ? size >= rule.as_int64() : size <= rule.as_int64();
            }
            if (word == "pattern") {
                return std::regex_search(std::string(*text), std::regex(std::string(rule.as_string())));
            }
        }
        if (const auto* list = value.if_array()) {
            if (word == "minItems" || word == "maxItems") {
                const auto size = static_cast<std::int64_t>(list->size());
                return word == "minItems" ? size >= rule.as_int64() : size <= rule.as_int64();
            }
            if (word == "uniqueItems") {
                return strings(*list).size() == list->size();
            }
        }
        if (const auto* object = value.if_object(); object != nullptr && word == "required") {
            const auto& wanted = rule.as_array();
            return std::all_of(wanted.begin(), wanted.end(), [&](const json::value& each) {
                return object->contains(each.as_string());
            });
        }
        return others.contains(word);
    }
};

std::vector<std::string> mistakes_in(const json::value& manifest)
{
    Validation validation;
    validation.look(
        "", manifest, json::parse(text_at_path("/tests/bot/cli/manifest.schema.json")).as_object()
    );
    return validation.mistakes;
}

}  // namespace

TEST_CASE("the manifest is one that Slack's schema takes", "[bot][manifest]")
{
    CHECK(mistakes_in(manifest()) == std::vector<std::string>{});
}

TEST_CASE("what the schema forbids is found in a manifest", "[bot][manifest]")
{
    struct Row {
        const char* holder;
        const char* key;
        json::value value;
        std::string mistake;
    };

    const json::array twice{"message.im", "message.im"};
    const std::vector<Row> rows{
        {"/display_information", "name", json::string(36, 'x'), "/display_information/name: maxLength 35"},
        {"/display_information", "name", json::string(), "/display_information/name: minLength 1"},
        {"", "display_information", json::object{}, "/display_information: required [\"name\"]"},
        {"/features/slash_commands/0",
         "command",
         json::string("deploy"),
         "/features/slash_commands/0/command: pattern \"^/\""},
        {"/features", "slash_commands", json::array{}, "/features/slash_commands: minItems 1"},
        {"/features/bot_user",
         "always_online",
         json::string("yes"),
         "/features/bot_user/always_online: type \"boolean\""},
        {"/settings", "socket_mode", true, "/settings/socket_mode: unknown"},
        {"/settings/event_subscriptions",
         "bot_events",
         twice,
         "/settings/event_subscriptions/bot_events: uniqueItems true"},
    };
    for (const auto& row : rows) {
        json::value changed = manifest();
        changed.at_pointer(row.holder).as_object()[row.key] = row.value;
        CAPTURE(row.holder, row.key);
        CHECK(mistakes_in(changed) == std::vector<std::string>{row.mistake});
    }
}

TEST_CASE("the manifest switches on what Slipway lives on", "[bot][manifest]")
{
    const auto all = manifest();
    const auto& settings = all.at("settings").as_object();
    CHECK(settings.at("socket_mode_enabled") == true);
    CHECK(settings.at("interactivity").at("is_enabled") == true);
    CHECK(settings.at("token_rotation_enabled") == false);  // tokens come from the environment, once
    const auto& home = all.at("features").at("app_home").as_object();
    CHECK(home.at("home_tab_enabled") == true);
    CHECK(home.at("messages_tab_enabled") == true);  // without it no direct message reaches anybody
    CHECK(
        home.at("messages_tab_read_only_enabled") == true
    );  // what people typed there would be heard by nobody
    Names commands;
    for (const auto& command : all.at("features").at("slash_commands").as_array()) {
        commands.insert(std::string(command.at("command").as_string()));
        CHECK(command.at("should_escape") == true);  // mentions arrive as ids
    }
    CHECK(commands == Names{"/deploy", "/rollback"});
    CHECK(app_manifest().find("_url") == std::string::npos);  // no public address
}

TEST_CASE("the scopes are those of the methods we call and the events we hear", "[bot][manifest]")
{
    // https://docs.slack.dev/reference/methods: of a method that takes several scopes, those for the kinds
    // of conversation we use it in.
    const std::map<std::string, Names> needs{
        {"auth.test", {}},
        {"chat.postMessage", {"chat:write"}},
        {"chat.update", {"chat:write"}},
        {"chat.postEphemeral", {"chat:write"}},
        {"chat.getPermalink", {}},
        {"conversations.history", {"channels:history", "groups:history", "im:history"}},
        {"conversations.replies", {"channels:history", "groups:history", "im:history"}},
        {"conversations.info", {"channels:read", "groups:read"}},
        {"conversations.open", {"im:write"}},
        {"files.getUploadURLExternal", {"files:write"}},
        {"files.completeUploadExternal", {"files:write"}},
        {"usergroups.list", {"usergroups:read"}},
        {"usergroups.users.list", {"usergroups:read"}},
        {"users.info", {"users:read"}},
        {"users.lookupByEmail", {"users:read.email", "users:read"}},
        {"views.open", {}},
        {"views.update", {}},
        {"views.publish", {}},
        {"slash commands", {"commands"}},
        {"message.channels", {"channels:history"}},
        {"message.groups", {"groups:history"}},
        {"app_home_opened", {}},
        {"tokens_revoked", {}},
        {"app_uninstalled", {}},
    };
    const auto source = text_at_path("/bot/slack/web_api.cpp");
    const std::regex method("\"((?:auth|chat|conversations|files|usergroups|users|views)[.][a-zA-Z.]+)\"");
    Names used{"slash commands"};
    for (auto at = std::sregex_iterator(source.begin(), source.end(), method); at != std::sregex_iterator{};
         ++at) {
        used.insert((*at)[1]);
    }
    CHECK(used.size() > 10);
    const auto all = manifest();
    used.merge(strings(all.at("settings").at("event_subscriptions").at("bot_events").as_array()));
    Names needed;
    for (const auto& name : used) {
        CAPTURE(name);
        REQUIRE(needs.contains(name));
        needed.insert(needs.at(name).begin(), needs.at(name).end());
    }
    CHECK(scopes_in(all) == needed);
    for (const auto& [name, scopes] : needs) {  // what is no longer used asks for nothing
        CAPTURE(name);
        CHECK(used.contains(name));
    }
}

}  // namespace slipway
