#include "bot/manifest.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>

namespace slipway {

namespace {

namespace json = boost::json;

using Names = std::set<std::string>;

json::object manifest() { return json::parse(app_manifest()).as_object(); }

/// The keys of `object`, none of which may be other than `allowed`.
void only(const json::object& object, const Names& allowed)
{
    for (const auto& [key, value] : object) {
        INFO(std::string(key));
        CHECK(allowed.contains(std::string(key)));
    }
}

void length(const json::value& text, std::size_t least, std::size_t most)
{
    REQUIRE(text.is_string());
    INFO(text.as_string().c_str());
    CHECK(text.as_string().size() >= least);
    CHECK(text.as_string().size() <= most);
}

Names strings(const json::value& list, std::size_t most)
{
    REQUIRE(list.is_array());
    CHECK(list.as_array().size() <= most);
    Names names;
    for (const auto& each : list.as_array()) {
        length(each, 1, 50);
        CHECK(names.insert(std::string(each.as_string())).second);
    }
    return names;
}

}  // namespace

// The rules of https://github.com/slackapi/manifest-schema, as far as our manifest has the parts.

TEST_CASE("the manifest has the parts Slack knows and no others", "[bot][manifest]")
{
    const auto all = manifest();
    only(all, {"_metadata", "display_information", "features", "oauth_config", "settings"});
    only(all.at("_metadata").as_object(), {"major_version", "minor_version"});
    only(
        all.at("display_information").as_object(),
        {"name", "description", "background_color", "long_description"}
    );
    only(all.at("features").as_object(), {"app_home", "bot_user", "shortcuts", "slash_commands"});
    only(all.at("oauth_config").as_object(), {"redirect_urls", "scopes"});
    only(
        all.at("settings").as_object(),
        {"event_subscriptions",
         "interactivity",
         "org_deploy_enabled",
         "socket_mode_enabled",
         "token_rotation_enabled"}
    );
}

TEST_CASE("the manifest keeps Slack's lengths", "[bot][manifest]")
{
    const auto all = manifest();
    const auto& display = all.at("display_information").as_object();
    length(display.at("name"), 1, 35);
    length(display.at("description"), 1, 140);
    const auto& features = all.at("features").as_object();
    length(features.at("bot_user").at("display_name"), 1, 80);
    CHECK(features.at("bot_user").at("always_online").is_bool());
    const auto& commands = features.at("slash_commands").as_array();
    CHECK(commands.size() >= 1);
    CHECK(commands.size() <= 50);
    for (const auto& command : commands) {
        only(command.as_object(), {"command", "description", "usage_hint", "should_escape"});
        length(command.at("command"), 2, 32);
        CHECK(command.at("command").as_string().starts_with("/"));
        length(command.at("description"), 1, 2'000);
        length(command.at("usage_hint"), 1, 1'000);
    }
    (void)strings(all.at("oauth_config").at("scopes").at("bot"), 255);
    (void)strings(all.at("settings").at("event_subscriptions").at("bot_events"), 100);
}

TEST_CASE("the manifest switches on what Slipway lives on", "[bot][manifest]")
{
    const auto all = manifest();
    const auto& settings = all.at("settings").as_object();
    CHECK(settings.at("socket_mode_enabled") == true);
    CHECK(settings.at("interactivity").at("is_enabled") == true);
    CHECK(settings.at("token_rotation_enabled") == false);  // tokens come from the environment, once
    const auto& home = all.at("features").at("app_home").as_object();
    only(home, {"home_tab_enabled", "messages_tab_enabled", "messages_tab_read_only_enabled"});
    CHECK(home.at("home_tab_enabled") == true);
    CHECK(home.at("messages_tab_enabled") == true);  // without it no direct message reaches anybody
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
        {"views.publish", {}},
        {"slash commands", {"commands"}},
        {"message.channels", {"channels:history"}},
        {"message.groups", {"groups:history"}},
        {"app_home_opened", {}},
        {"tokens_revoked", {}},
        {"app_uninstalled", {}},
    };
    Names needed;
    for (const auto& [what, scopes] : needs) {
        needed.insert(scopes.begin(), scopes.end());
    }
    const auto all = manifest();
    CHECK(strings(all.at("oauth_config").at("scopes").at("bot"), 255) == needed);
    for (const auto& event : strings(all.at("settings").at("event_subscriptions").at("bot_events"), 100)) {
        CAPTURE(event);
        CHECK(needs.contains(event));
    }

    // No call of the Web API is missing in the table above.
    std::ifstream file(std::string(SLIPWAY_SOURCE_DIR) + "/bot/slack/web_api.cpp");
    const std::string source{std::istreambuf_iterator<char>(file), {}};
    const std::regex method("\"((?:auth|chat|conversations|files|usergroups|users|views)[.][a-zA-Z.]+)\"");
    Names called;
    for (auto at = std::sregex_iterator(source.begin(), source.end(), method); at != std::sregex_iterator{};
         ++at) {
        called.insert((*at)[1]);
    }
    CHECK(called.size() > 10);
    for (const auto& name : called) {
        CAPTURE(name);
        CHECK(needs.contains(name));
    }
}

TEST_CASE("the bot asks for no scope that the manifest does not have", "[bot][manifest]")
{
    const auto& asked = bot_scopes();
    CHECK(std::is_sorted(asked.begin(), asked.end()));
    const auto all = manifest();
    CHECK(strings(all.at("oauth_config").at("scopes").at("bot"), 255) == Names(asked.begin(), asked.end()));
}

}  // namespace slipway
