#include "bot/config/config.hpp"

#include "bot/config/reader.hpp"
#include "commands/text/edit_distance.hpp"
#include "commands/text/pattern.hpp"

#include <date/tz.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <sstream>

namespace slipway {

namespace {

/// The order in which to fix them.
const std::vector<ConfigMistake>& by_line(std::vector<ConfigMistake>& mistakes)
{
    std::stable_sort(mistakes.begin(), mistakes.end(), [](const ConfigMistake& a, const ConfigMistake& b) {
        return a.line < b.line;
    });
    return mistakes;
}

std::string described(const std::vector<ConfigMistake>& mistakes)
{
    std::string text;
    for (const auto& mistake : mistakes) {
        text += (text.empty() ? "" : "\n") + mistake.file;
        text += mistake.line > 0 ? ":" + std::to_string(mistake.line) : "";
        text += ": " + mistake.message;
    }
    return text;
}

std::string nearest_key(const std::string& name)
{
    std::string nearest;
    std::size_t best = 4;  // farther ones would be a guess
    for (const auto& key : config_keys()) {
        if (const auto distance = edit_distance(name, key.name); distance < best) {
            best = distance;
            nearest = key.name;
        }
    }
    return nearest;
}

bool is_known(const std::string& name)
{
    const auto& keys = config_keys();
    return std::any_of(keys.begin(), keys.end(), [&](const ConfigKey& key) { return key.name == name; });
}

bool is_section(const std::string& name)
{
    const auto& keys = config_keys();
    return std::any_of(keys.begin(), keys.end(), [&](const ConfigKey& key) {
        return key.name.starts_with(name + ".");
    });
}

bool looks_like_token(const toml::node& node)
{
    const auto text = node.value_exact<std::string>().value_or("");
    return text.starts_with("xoxb-") || text.starts_with("xapp-") || text.starts_with("lin_api_") ||
           text.starts_with("ghp_");
}

void refuse_unknown(Reader& reader, const toml::table& table, const std::string& prefix)
{
    for (const auto& [key, node] : table) {
        const auto name = prefix + std::string(key.str());
        if (looks_like_token(node)) {
            reader.note(
                &node,
                "'" + name + "' looks like a token; tokens come from the environment, never from this file"
            );
        }
        else if (node.is_table() && is_section(name)) {
            refuse_unknown(reader, *node.as_table(), name + ".");
        }
        else if (node.is_array_of_tables() && is_section(name + "[]")) {
            for (const auto& element : *node.as_array()) {
                refuse_unknown(reader, *element.as_table(), name + "[].");
            }
        }
        else if (!is_known(name)) {
            const auto nearest = nearest_key(name);
            reader.note(
                &node,
                "unknown key '" + name + "'" + (nearest.empty() ? "" : "; did you mean '" + nearest + "'?")
            );
        }
    }
}

std::optional<std::chrono::minutes> clock_time(const std::string& text)
{
    static const Pattern form("([01][0-9]|2[0-3]):([0-5][0-9])");
    const auto part = form.match(text);
    return part ? std::optional(std::chrono::minutes{std::stoi((*part)[1]) * 60 + std::stoi((*part)[2])})
                : std::nullopt;
}

void read_clock(Reader& reader, const toml::table& table, const std::string& key, std::chrono::minutes& into)
{
    if (const auto text = reader.get<std::string>(table, key, "time such as \"22:00\"")) {
        if (const auto time = clock_time(*text)) {
            into = *time;
        }
        else {
            reader.note(
                table.at_path(key).node(),
                "'" + key + "' must be a time such as \"22:00\", not \"" + *text + "\""
            );
        }
    }
}

std::vector<date::weekday> read_days(Reader& reader, const toml::table& table)
{
    static constexpr std::array names{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    std::vector<date::weekday> days;
    for (const auto& name : reader.list(table, "days")) {
        const auto* found = std::find(names.begin(), names.end(), name);
        if (found == names.end()) {
            reader.note(
                table.get("days"), "'" + name + "' is not a day; use Mon, Tue, Wed, Thu, Fri, Sat or Sun"
            );
        }
        else {
            days.emplace_back(static_cast<unsigned>(found - names.begin()));
        }
    }
    return days;
}

Grade read_grade(Reader& reader, const toml::table& table)
{
    const auto text = reader.get<std::string>(table, "grade", "string").value_or("preferred");
    for (const auto grade : {Grade::preferred, Grade::acceptable, Grade::avoid, Grade::emergency_only}) {
        if (to_string(grade) == text) {
            return grade;
        }
    }
    reader.note(
        table.get("grade"),
        "'" + text + "' is not a grade; use preferred, acceptable, avoid or emergency only"
    );
    return Grade::preferred;
}

void read_windows(Reader& reader, Policy& policy)
{
    const auto tables = reader.tables("window");
    if (!tables.empty()) {
        policy.windows.clear();
    }
    for (const auto* table : tables) {
        Window window;
        window.days = read_days(reader, *table);
        for (const auto* key : {"days", "from", "to"}) {
            if (!table->contains(key)) {
                reader.note(table, std::string("a window needs '") + key + "'");
            }
        }
        read_clock(reader, *table, "from", window.from);
        read_clock(reader, *table, "to", window.to);
        window.grade = read_grade(reader, *table);
        policy.windows.push_back(std::move(window));
    }
}

void read_on_call(Reader& reader, Config& config)
{
    config.rotation = reader.entries(reader.root(), "on_call.rotation");
    if (const auto* node = reader.root().at_path("on_call.sprint_start").node(); node != nullptr) {
        constexpr int first_year = 2000;
        constexpr int last_year = 2199;
        const auto day = node->value_exact<toml::date>();
        if (day && day->year >= first_year && day->year <= last_year) {
            config.policy.sprint_start = date::year{static_cast<int>(day->year)} /
                                         static_cast<int>(day->month) / static_cast<int>(day->day);
        }
        else {
            reader.note(
                node, "'on_call.sprint_start' must be a date of our time such as 2026-11-16, without quotes"
            );
        }
    }
    else if (!config.rotation.empty()) {
        reader.note(
            reader.root().get("on_call"), "a rotation needs 'on_call.sprint_start', the first day of a sprint"
        );
    }
    int days = 14;
    reader.number("on_call.sprint_days", 1, 365, days);
    config.policy.sprint_length = std::chrono::days{days};
}

void read_roles(Reader& reader, Config& config)
{
    const std::pair<const char*, Role> roles[] = {
        {"roles.developers", Role::developer},
        {"roles.dev_lead", Role::dev_lead},
        {"roles.product_lead", Role::product_lead},
        {"roles.rnd_lead", Role::rnd_lead},
        {"roles.account_manager", Role::account_manager},
    };
    for (const auto& [path, role] : roles) {
        config.roles[role] = reader.entries(reader.root(), path);
    }
    if (const auto four_eyes = reader.get<bool>(reader.root(), "roles.four_eyes", "boolean")) {
        config.policy.four_eyes = *four_eyes;
    }
}

void read_zone(Reader& reader, Config& config)
{
    auto& policy = config.policy;
    reader.text("timezone", policy.timezone);
    const auto better = zone_with_summer(policy.timezone);
    if (!better.empty()) {
        config.warnings.push_back(
            "'timezone' is " + policy.timezone +
            ", which knows no summer time: windows are an hour late then; set \"" + better + "\""
        );
    }
    try {
        policy.zone = date::locate_zone(policy.timezone);
    }
    catch (const std::runtime_error&) {
        reader.note(
            reader.root().get("timezone"),
            "there is no time zone '" + policy.timezone + "'; use a name such as " +
                (better.empty() ? "America/New_York" : better) + " (or install tzdata)"
        );
    }
}

void read_triggers(Reader& reader, Policy& policy)
{
    const auto positive = [&](const std::string& key, double& into) {
        if (const auto* node = reader.root().at_path(key).node(); node != nullptr) {
            if (const auto value = node->value<double>(); value && node->is_number() && *value > 0) {
                into = *value;
            }
            else {
                reader.note(node, "'" + key + "' must be a number above 0");
            }
        }
    };
    positive("triggers.error_rate", policy.error_rate_threshold);
    positive("triggers.error_rate_minimum", policy.error_rate_minimum);
    std::string unit = "relative";
    reader.text("triggers.error_rate_unit", unit);
    if (unit != "relative" && unit != "points") {
        reader.note(
            reader.root().at_path("triggers.error_rate_unit").node(),
            "'" + unit + "' is not a unit; use relative or points"
        );
    }
    policy.error_rate_unit = unit == "points" ? ErrorRateUnit::points : ErrorRateUnit::relative;
    reader.number("triggers.tickets", 1, 1'000'000, policy.tickets_threshold);
    std::int64_t minutes = policy.tickets_within.count();
    reader.number("triggers.tickets_minutes", 1, 24 * 60, minutes);
    policy.tickets_within = std::chrono::minutes{minutes};
    if (const auto automatic = reader.get<bool>(reader.root(), "triggers.automatic_rollback", "boolean")) {
        policy.automatic_rollback = *automatic;
    }
    std::int64_t delay = policy.automatic_rollback_delay.count();
    reader.number("triggers.automatic_rollback_delay", 10, 3'600, delay);
    policy.automatic_rollback_delay = std::chrono::seconds{delay};
}

void read_log_level(Reader& reader, std::string& level)
{
    static const std::set<std::string> levels{"trace", "debug", "info", "warn", "error"};
    reader.text("log_level", level);
    if (!levels.contains(level)) {
        reader.note(
            reader.root().get("log_level"),
            "'" + level + "' is not a log level; use trace, debug, info, warn or error"
        );
    }
}

void read_command(Reader& reader, std::string& command)
{
    static const Pattern form("/[a-z0-9_-]{1,31}");
    reader.text("command", command);
    if (!form.matches(command) || command == "/rollback") {
        reader.note(
            reader.root().get("command"),
            "'command' must be the slash command as Slack has it, such as \"/deploy\", and not \"" + command +
                "\""
        );
    }
}

/// A file that is there, or will be.
void read_store_path(Reader& reader, std::filesystem::path& path)
{
    std::error_code ignored;
    const auto text = path.string();
    const bool is_sqlites_own = text.empty() || text.starts_with(':') || text.starts_with("file:");
    const bool is_no_file =
        std::filesystem::exists(path, ignored) && !std::filesystem::is_regular_file(path, ignored);
    if (is_sqlites_own || is_no_file) {
        reader.note(
            reader.root().at_path("store.path").node(),
            "'store.path' must be a file, such as \"slipway.db\", not \"" + text + "\""
        );
    }
}

/// Empty where the file does not name it.
ChannelId read_channel(Reader& reader, const std::string& path)
{
    std::string channel;
    reader.text(path, channel);
    const auto* node = reader.root().at_path(path).node();
    const bool is_none = channel.empty() && path == "audit.channel";
    if (node != nullptr && node->is_string() && !is_none && !is_channel_id(channel)) {
        reader.note(
            node,
            "'" + path + "' must be a channel id such as \"C0DEPLOYS\", not \"" + channel +
                "\": in Slack, click the channel's name; it is at the end of About"
        );
    }
    return ChannelId(channel);
}

void read_mirror(Reader& reader, Policy& policy)
{
    if (!reader.root().at_path("linear.mirror")) {
        return;
    }
    policy.mirror_sign_offs = false;
    policy.mirror_lifecycle = false;
    for (const auto& entry : reader.entries(reader.root(), "linear.mirror")) {
        if (entry.text == "sign_offs") {
            policy.mirror_sign_offs = true;
        }
        else if (entry.text == "lifecycle") {
            policy.mirror_lifecycle = true;
        }
        else {
            reader.mistakes.push_back(
                {entry.file,
                 entry.line,
                 "'" + entry.text + "' in 'linear.mirror' is neither sign_offs nor lifecycle"}
            );
        }
    }
}

void read_file(Reader& reader, Config& config)
{
    refuse_unknown(reader, reader.root(), "");
    auto& policy = config.policy;
    read_zone(reader, config);
    read_command(reader, policy.command);
    read_log_level(reader, config.log_level);
    config.channel = read_channel(reader, "slack.channel");
    if (!reader.root().at_path("slack.channel")) {
        reader.note(
            reader.root().get("slack"),
            "'slack.channel' is missing: the id of the channel for cards and notices"
        );
    }
    reader.number("slack.connections", 1, 4, config.socket_connections);
    read_mirror(reader, policy);
    std::string path;
    for (auto [key, into] :
         {std::pair{"store.path", &config.store_path},
          std::pair{"templates.directory", &config.templates_dir},
          std::pair{"runbook.file", &config.runbook_file}}) {
        path = into->string();
        reader.text(key, path);
        *into = path;
    }
    read_store_path(reader, config.store_path);
    reader.text("prometheus.url", config.prometheus_url);
    while (config.prometheus_url.ends_with('/')) {
        config.prometheus_url.pop_back();
    }
    if (const auto wrong = wrong_address(config.prometheus_url);
        !config.prometheus_url.empty() && !wrong.empty()) {
        reader.note(reader.root().at_path("prometheus.url").node(), "'prometheus.url' " + wrong);
    }
    reader.text("http.address", config.http_address);
    reader.number("http.port", 0, 65'535, config.http_port);
    reader.text("tls.ca_file", config.ca_file);
    config.audit_channel = read_channel(reader, "audit.channel");
    read_roles(reader, config);
    read_on_call(reader, config);
    read_windows(reader, policy);
    read_services(reader, policy);
    read_clock(reader, reader.root(), "business_hours.from", policy.business_from);
    read_clock(reader, reader.root(), "business_hours.to", policy.business_to);
    if (policy.business_from >= policy.business_to) {
        reader.note(
            reader.root().get("business_hours"), "'business_hours.from' must be before 'business_hours.to'"
        );
    }
    read_triggers(reader, policy);
    read_checklists(reader, policy);
}

/// Without the white space around it, which a secret made with `echo` has.
std::string trimmed(const std::string& text)
{
    constexpr auto white = " \t\r\n";
    const auto first = text.find_first_not_of(white);
    return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(white) + 1 - first);
}

std::string value_of(const Environment& environment, const std::string& name)
{
    const auto found = environment.find(name);
    return found == environment.end() ? std::string{} : trimmed(found->second);
}

/// The variable itself, or the first line of the file that NAME_FILE names.
std::string secret_of(
    const Environment& environment, const std::string& name, std::vector<ConfigMistake>& mistakes
)
{
    const auto path = value_of(environment, name + "_FILE");
    if (path.empty()) {
        return value_of(environment, name);
    }
    std::ifstream file(path);
    std::string line;
    if (!std::getline(file, line)) {
        mistakes.push_back({name + "_FILE", 0, "cannot read " + path});
    }
    return trimmed(line);
}

/// A header takes no line break, and nobody types one.
bool has_control(const std::string& text)
{
    return std::any_of(text.begin(), text.end(), [](unsigned char each) { return std::iscntrl(each) != 0; });
}

void read_environment(const Environment& environment, Config& config, std::vector<ConfigMistake>& mistakes)
{
    for (auto [name, into] :
         {std::pair{"SLACK_APP_TOKEN", &config.slack_app_token},
          std::pair{"SLACK_BOT_TOKEN", &config.slack_bot_token},
          std::pair{"LINEAR_API_KEY", &config.linear_api_key},
          std::pair{"GITHUB_TOKEN", &config.github_token},
          std::pair{"SLIPWAY_SIGNAL_SECRET", &config.signal_secret}}) {
        *into = secret_of(environment, name, mistakes);
        if (has_control(*into)) {
            mistakes.push_back(
                {name, 0, "has a line break or another control in it; set it to the secret alone"}
            );
        }
    }
    config.policy.gate1_by_github = !config.github_token.empty();
    for (auto [name, into] :
         {std::pair{"SLACK_API_URL", &config.slack_api_url},
          std::pair{"LINEAR_API_URL", &config.linear_api_url},
          std::pair{"GITHUB_API_URL", &config.github_api_url}}) {
        if (const auto given = value_of(environment, name); !given.empty()) {
            *into = given;
        }
        if (auto wrong = wrong_address(*into); !wrong.empty()) {
            mistakes.push_back({name, 0, std::move(wrong)});
        }
    }
    if (!config.slack_api_url.ends_with('/')) {
        config.slack_api_url += '/';
    }
    config.proxy = value_of(environment, "HTTPS_PROXY");
    config.no_proxy = value_of(environment, "NO_PROXY");
}

/// What the actions of `service` cannot be run without.
void refuse_unarmed(Reader& reader, const toml::table& service, const Config& config)
{
    for (const auto* name : {"deploy", "disable_flag", "rollback", "reverse_migrations"}) {
        const auto* action = service[name].as_table();
        const auto* webhook = action == nullptr ? nullptr : action->get("webhook");
        const auto* workflow = action == nullptr ? nullptr : action->get("github_workflow");
        if (webhook != nullptr && config.signal_secret.empty()) {
            reader.note(
                webhook,
                "a webhook is signed with SLIPWAY_SIGNAL_SECRET; set it, or SLIPWAY_SIGNAL_SECRET_FILE"
            );
        }
        if (workflow != nullptr && config.github_token.empty()) {
            reader.note(workflow, "a workflow is started with GITHUB_TOKEN; set it, or GITHUB_TOKEN_FILE");
        }
    }
}

/// What the bot cannot run without, though nothing that stands in the file is wrong.
void refuse_missing_secrets(Reader& reader, const Config& config)
{
    for (const auto& [name, value] :
         {std::pair{"SLACK_APP_TOKEN", &config.slack_app_token},
          std::pair{"SLACK_BOT_TOKEN", &config.slack_bot_token}}) {
        if (value->empty()) {
            reader.mistakes.push_back({name, 0, "is not set; see README, A real workspace"});
        }
    }
    if (config.linear_api_key.empty() && config.policy.mirror_sign_offs) {
        reader.mistakes.push_back(
            {"LINEAR_API_KEY", 0, "is not set; set it, or put mirror = [] under [linear]"}
        );
    }
    const auto* services = reader.root()["service"].as_array();
    for (std::size_t i = 0; services != nullptr && i < services->size(); ++i) {
        if (const auto* service = services->get(i)->as_table()) {
            refuse_unarmed(reader, *service, config);
        }
    }
}

}  // namespace

std::string zone_with_summer(const std::string& zone)
{
    static const std::map<std::string, std::string> zones{
        {"EST", "America/New_York"},
        {"MST", "America/Denver"},
        {"Etc/GMT+5", "America/New_York"},
        {"Etc/GMT+6", "America/Chicago"},
        {"Etc/GMT+7", "America/Denver"},
        {"Etc/GMT+8", "America/Los_Angeles"}};
    const auto found = zones.find(zone);
    return found == zones.end() ? "" : found->second;
}

bool is_channel_id(const std::string& text)
{
    return text.size() > 3 && (text.front() == 'C' || text.front() == 'G') &&
           text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == std::string::npos;
}

ConfigMistakes::ConfigMistakes(std::vector<ConfigMistake> mistakes)
    : std::runtime_error(described(by_line(mistakes))), mistakes_(std::move(mistakes))
{}

Environment process_environment()
{
    Environment variables;
    for (char** each = environ; *each != nullptr; ++each) {
        const std::string entry = *each;
        const auto equals = entry.find('=');
        if (equals != std::string::npos) {
            variables[entry.substr(0, equals)] = entry.substr(equals + 1);
        }
    }
    return variables;
}

Config load_config(const std::filesystem::path& file, const Environment& environment, Purpose purpose)
{
    toml::table root;
    try {
        if (!std::filesystem::exists(file)) {
            throw ConfigMistakes({{file.string(), 0, "there is no such file; `slipway init` writes one"}});
        }
        if (!std::filesystem::is_regular_file(file)) {
            throw ConfigMistakes({{file.string(), 0, "is not a file"}});
        }
        root = toml::parse_file(file.string());
    }
    catch (const toml::parse_error& error) {
        throw ConfigMistakes({{file.string(), error.source().begin.line, std::string(error.description())}});
    }
    Config config;
    config.policy = document_policy();
    Reader reader(file.string(), root);
    read_file(reader, config);
    read_environment(environment, config, reader.mistakes);
    if (purpose == Purpose::run) {
        refuse_missing_secrets(reader, config);
    }
    if (!reader.mistakes.empty()) {
        throw ConfigMistakes(std::move(reader.mistakes));
    }
    return config;
}

}  // namespace slipway
