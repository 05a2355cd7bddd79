#pragma once

#include "commands/pipeline/people.hpp"
#include "commands/pipeline/policy.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace slipway {

/// A user id, an e-mail or "@usergroup" as written, and where: the bot resolves it against Slack and then may
/// have to say what is wrong with it.
struct ConfigEntry {
    std::string text;
    std::string key;  ///< "roles.developers"
    std::string file;
    std::size_t line = 0;
};

/// slipway.toml and the environment, read and checked.
struct Config {
    Policy policy;
    ChannelId channel;

    std::map<Role, std::vector<ConfigEntry>> roles;
    std::vector<ConfigEntry> rotation;

    std::filesystem::path store_path = "slipway.db";
    std::filesystem::path templates_dir;  ///< empty: the embedded ones
    std::filesystem::path runbook_file;   ///< Markdown; empty: none

    ChannelId audit_channel;  ///< where the head of the ledger is posted daily; empty: nowhere

    std::string prometheus_url;  ///< without a "/" at its end; empty: nothing is polled

    std::string http_address = "127.0.0.1";
    std::uint16_t http_port = 8787;  ///< 0: the system chooses
    std::string ca_file;
    std::string proxy;  ///< as HTTPS_PROXY, may hold a password: never print it
    std::string no_proxy;
    int socket_connections = 2;
    std::string log_level = "info";

    std::string slack_api_url = "https://slack.com/api/";  ///< ends in "/"
    std::string linear_api_url = "https://api.linear.app/graphql";
    std::string github_api_url = "https://api.github.com";

    std::string slack_app_token, slack_bot_token, linear_api_key, github_token;
    std::string signal_secret;  ///< empty: no signals are taken

    std::vector<std::string> warnings;  ///< what can be done with it, but is hardly meant
};

/// One mistake of the operator: "slipway.toml:12: …".
struct ConfigMistake {
    std::string file;      ///< or the name of an environment variable
    std::size_t line = 0;  ///< 0: the file as a whole, or the environment
    std::string message;
};

/// All mistakes at once, ordered by line; `what()` has a line for each.
class ConfigMistakes : public std::runtime_error {
public:
    explicit ConfigMistakes(std::vector<ConfigMistake> mistakes);

    [[nodiscard]] const std::vector<ConfigMistake>& mistakes() const { return mistakes_; }

private:
    std::vector<ConfigMistake> mistakes_;
};

using Environment = std::map<std::string, std::string>;

/// The process's environment.
[[nodiscard]] Environment process_environment();

/// What is done with a configuration: who only looks at the record needs no tokens.
enum class Purpose { look, run };

/// Reads `file`, then lets the environment override it. Throws ConfigMistakes with every mistake of both; for
/// `run` with every token and secret that is missing, too.
[[nodiscard]] Config load_config(
    const std::filesystem::path& file, const Environment& environment, Purpose purpose = Purpose::look
);

/// What is probably meant by a zone that keeps winter time all year ("EST"); empty for any other.
[[nodiscard]] std::string zone_with_summer(const std::string& zone);

/// "C0DEPLOYS", as Slack calls channels; not "#deploys".
[[nodiscard]] bool is_channel_id(const std::string& text);

/// A key that slipway.toml may have.
struct ConfigKey {
    std::string name;  ///< "slack.channel"; "window[].from" inside an array of tables
    std::string type, help;
    std::string default_value,
        example;  ///< either or none; as TOML, but for the quotes of a string's default
};

/// Every key, in the order of the table in docs/config.md, which is where they are listed.
[[nodiscard]] const std::vector<ConfigKey>& config_keys();

}  // namespace slipway
