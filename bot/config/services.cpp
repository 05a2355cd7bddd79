#include "bot/config/reader.hpp"
#include "bot/net/url.hpp"
#include "commands/text/letters.hpp"
#include "commands/text/pattern.hpp"

#include <algorithm>
#include <set>
#include <string_view>

namespace slipway {

std::string wrong_address(const std::string& url)
{
    const auto parsed = net::parse_url(url);
    if (!parsed) {
        return "is not an address: " + parsed.error().text;
    }
    if (!parsed->user.empty() || !parsed->password.empty()) {
        return "must not contain a user or a password";
    }
    return parsed->is_encrypted() || parsed->is_loopback()
               ? ""
               : "must be https:// (plain http is for this machine only)";
}

static Action read_action(Reader& reader, const toml::table& service, const char* name)
{
    Action action;
    const auto* node = service.get(name);
    if (node == nullptr) {
        return action;
    }
    const auto* table = node->as_table();
    if (table == nullptr) {
        reader.note(
            node, std::string("'") + name + "' must be an action such as { command = [\"./deploy.sh\"] }"
        );
        return action;
    }
    action.command = reader.list(*table, "command");
    action.webhook_url = reader.get<std::string>(*table, "webhook", "string").value_or("");
    action.github_workflow = reader.get<std::string>(*table, "github_workflow", "string").value_or("");
    const auto limit =
        reader.get<std::int64_t>(*table, "time_limit", "whole number of seconds").value_or(600);
    action.time_limit = std::chrono::seconds{limit};
    const int kinds = (action.command.empty() ? 0 : 1) + (action.webhook_url.empty() ? 0 : 1) +
                      (action.github_workflow.empty() ? 0 : 1);
    constexpr std::int64_t longest = 24 * 60 * 60;
    if (kinds != 1) {
        reader.note(
            node, std::string("'") + name + "' needs exactly one of command, webhook and github_workflow"
        );
    }
    if (limit < 1 || limit > longest) {
        reader.note(table->get("time_limit"), "'time_limit' must be 1 to 86400 seconds");
    }
    static const Pattern workflow(R"([\w.-]+/[\w.-]+/(?:[\w.-]+\.ya?ml|[0-9]+)(?:@[^@\s]+)?)");
    if (!action.github_workflow.empty() && !workflow.matches(action.github_workflow)) {
        reader.note(
            table->get("github_workflow"),
            "'github_workflow' must look like \"acme/web/deploy.yml@main\" (owner, repository, file, "
            "branch), not \"" +
                action.github_workflow + "\""
        );
    }
    if (const auto wrong = wrong_address(action.webhook_url); !action.webhook_url.empty() && !wrong.empty()) {
        reader.note(table->get("webhook"), "a webhook " + wrong);
    }
    if (!action.command.empty() && action.command.front().find_first_not_of(' ') == std::string::npos) {
        reader.note(table->get("command"), "'command' must begin with the program to run");
    }
    for (const auto& [key, value] : *table) {
        static const std::set<std::string_view> known{"command", "webhook", "github_workflow", "time_limit"};
        if (!known.contains(key.str())) {
            reader.note(&value, "unknown key '" + std::string(key.str()) + "' in '" + name + "'");
        }
    }
    return action;
}

/// Of a choice in a form: a hundred groups of a hundred each.
static constexpr std::size_t most_services = 10'000;

std::string wrong_service_name(const std::string& name)
{
    constexpr std::size_t longest_choice = 75;
    const auto letters = from_utf8(name);
    if (name == "all") {
        return "must not be \"all\": a freeze of all is one of every service";
    }
    if (letters.size() > longest_choice) {
        return "must be 75 letters long at most, since forms show no more";
    }
    return std::any_of(letters.begin(), letters.end(), is_control)
               ? "must not contain a line break or other control character"
               : "";
}

void read_services(Reader& reader, Policy& policy)
{
    const auto prometheus = reader.root().at_path("prometheus.url");
    const bool is_prometheus_missing = !prometheus || prometheus == "";
    const auto tables = reader.tables("service");
    if (tables.size() > most_services) {
        reader.note(tables.at(most_services), "there are more than 10000 services, which no form can show");
        return;
    }
    std::set<std::string> names;
    for (const auto* table : tables) {
        Service service;
        service.name = without_invisible(reader.get<std::string>(*table, "name", "string").value_or(""));
        if (service.name.empty()) {
            reader.note(table, "a service needs a name");
        }
        else if (const auto wrong = wrong_service_name(service.name); !wrong.empty()) {
            reader.note(table->get("name"), "the service's name " + wrong);
        }
        else if (!names.insert(service.name).second) {
            reader.note(table->get("name"), "the service '" + service.name + "' is listed twice");
        }
        service.error_rate_query = reader.get<std::string>(*table, "error_rate_query", "string").value_or("");
        if (!service.error_rate_query.empty() && is_prometheus_missing) {
            reader.note(
                table->get("error_rate_query"),
                "'error_rate_query' needs Prometheus; set its 'url' under [prometheus]"
            );
        }
        service.deploy = read_action(reader, *table, "deploy");
        service.disable_flag = read_action(reader, *table, "disable_flag");
        service.rollback = read_action(reader, *table, "rollback");
        service.reverse_migrations = read_action(reader, *table, "reverse_migrations");
        policy.services.push_back(std::move(service));
    }
    if (policy.services.empty()) {
        reader.note(nullptr, "there is no service; add [[service]] with a name");
    }
}

}  // namespace slipway
