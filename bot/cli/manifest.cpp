#include "bot/cli/manifest.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace slipway {

namespace json = boost::json;

namespace {

void print(const json::value& value, const std::string& margin, std::string& text)
{
    const auto deeper = margin + "    ";
    std::string separator = "\n";
    if (value.is_object() && !value.get_object().empty()) {
        text += '{';
        for (const auto& [key, member] : value.get_object()) {
            text += separator + deeper + json::serialize(json::string(key)) + ": ";
            print(member, deeper, text);
            separator = ",\n";
        }
        text += "\n" + margin + '}';
    }
    else if (value.is_array() && !value.get_array().empty()) {
        text += '[';
        for (const auto& element : value.get_array()) {
            text += separator + deeper;
            print(element, deeper, text);
            separator = ",\n";
        }
        text += "\n" + margin + ']';
    }
    else {
        text += json::serialize(value);
    }
}

}  // namespace

const std::vector<std::string>& bot_scopes()
{
    static const std::vector<std::string> scopes{
        "channels:history",  // conversations.history/replies, message.channels
        "channels:read",     // conversations.info
        "chat:write",        // chat.postMessage/update/postEphemeral
        "commands",          // /deploy, /rollback
        "files:write",       // the post-mortem file
        "groups:history",    // the same in a private channel
        "groups:read",
        "im:history",  // finding a direct message again
        "im:write",    // conversations.open
        "usergroups:read",
        "users:read",
        "users:read.email",
    };
    return scopes;
}

std::string app_manifest()
{
    json::array scopes;
    for (const auto& scope : bot_scopes()) {
        scopes.emplace_back(scope);
    }
    const json::object manifest{
        {"_metadata", {{"major_version", 2}, {"minor_version", 1}}},
        {"display_information",
         {{"name", "Slipway"},
          {"description", "Takes deployments down the team's pipeline, with a record of everything"}}},
        {"features",
         {{"app_home",
           {{"home_tab_enabled", true},
            {"messages_tab_enabled", true},
            {"messages_tab_read_only_enabled", false}}},
          {"bot_user", {{"display_name", "slipway"}, {"always_online", true}}},
          {"slash_commands",
           json::array{
               json::object{
                   {"command", "/deploy"},
                   {"description", "Plan, sign off, start and watch deployments"},
                   {"usage_hint", "plan | list | status D-12 | help"},
                   {"should_escape", true},
               },
               json::object{
                   {"command", "/rollback"},
                   {"description", "Roll a deployment back now (on-call developer)"},
                   {"usage_hint", "D-12 reason"},
                   {"should_escape", true},
               },
           }}}},
        {"oauth_config", {{"scopes", {{"bot", std::move(scopes)}}}}},
        {"settings",
         {{"event_subscriptions",
           {{"bot_events",
             json::array{
                 "app_home_opened",
                 "app_uninstalled",
                 "message.channels",
                 "message.groups",
                 "tokens_revoked"}}}},
          {"interactivity", {{"is_enabled", true}}},
          {"org_deploy_enabled", false},
          {"socket_mode_enabled", true},
          {"token_rotation_enabled", false}}},
    };
    std::string text;
    print(manifest, "", text);
    return text;
}

}  // namespace slipway
