#include "bot/cli.hpp"

#include "bot/app.hpp"
#include "bot/config.hpp"
#include "bot/doctor.hpp"
#include "bot/manifest.hpp"
#include "commands/pipeline/runbook.hpp"
#include "storage/store.hpp"
#include "templates/render.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <CLI/CLI.hpp>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

namespace slipway {

namespace {

using storage::Store;

Config configuration(const CommandLine& chosen)
{
    auto config = load_config(chosen.config, process_environment());
    spdlog::set_level(spdlog::level::from_str(config.log_level));
    spdlog::flush_on(spdlog::level::trace);  // a pipe or a file would keep the last lines to itself
    return config;
}

/// Runs `look` on the record while the bot may be running.
template <class Look>
void with_record(const CommandLine& chosen, Look look)
{
    const auto config = configuration(chosen);
    Store store(config.store_path, Store::Access::read_only);
    const auto outcomes = store.transaction({[&](Store& record) { look(record, config); }});
    if (outcomes.front()) {
        std::rethrow_exception(outcomes.front());
    }
}

int run_the_bot(const CommandLine& chosen)
{
    const auto config = configuration(chosen);
    std::vector<ConfigMistake> missing;
    for (const auto& [name, value] :
         {std::pair{"SLACK_APP_TOKEN", &config.slack_app_token},
          std::pair{"SLACK_BOT_TOKEN", &config.slack_bot_token}}) {
        if (value->empty()) {
            missing.push_back({name, 0, std::string("is not set; see README, A real workspace")});
        }
    }
    if (config.linear_api_key.empty() && config.policy.mirror_sign_offs) {
        missing.push_back({"LINEAR_API_KEY", 0, "is not set; set it, or say mirror = [] under [linear]"});
    }
    if (!missing.empty()) {
        throw ConfigMistakes(std::move(missing));
    }
    return run_bot(config);
}

int verify(const CommandLine& chosen)
{
    int code = 0;
    with_record(chosen, [&](Store& store, const Config&) {
        if (const auto broken = store.verify_chain()) {
            std::cerr << "the ledger is broken: " << broken->what << '\n';
            code = 1;
        }
        else {
            std::cout << "the ledger is intact; head " << store.chain_head() << '\n';
        }
    });
    return code;
}

std::string csv(const std::string& text)
{
    std::string quoted = "\"";
    for (const char letter : text) {
        quoted += letter == '"' ? std::string("\"\"") : std::string(1, letter);
    }
    return quoted + '"';
}

void print_row(const storage::LedgerRow& row, const std::string& format)
{
    if (format == "csv") {
        std::cout << row.seq << ',' << csv(row.deployment) << ',' << csv(row.kind) << ',' << csv(row.actor)
                  << ',' << csv(row.at) << ',' << csv(row.body) << ',' << row.prev_hash << ',' << row.hash
                  << '\n';
    }
    else if (format == "jsonl") {
        const boost::json::object object{
            {"seq", row.seq},
            {"deployment", row.deployment},
            {"kind", row.kind},
            {"actor", row.actor},
            {"at", row.at},
            {"body", boost::json::parse(row.body)},
            {"prev_hash", row.prev_hash},
            {"hash", row.hash},
        };
        std::cout << boost::json::serialize(object) << '\n';
    }
    else {
        std::cout << "| " << row.seq << " | " << row.deployment << " | " << row.kind << " | " << row.actor
                  << " | " << row.at << " | `" << row.hash.substr(0, 12) << "` |\n";
    }
}

int export_ledger(const CommandLine& chosen)
{
    with_record(chosen, [&](Store& store, const Config&) {
        if (chosen.format == "csv") {
            std::cout << "seq,deployment,kind,actor,at,body,prev_hash,hash\n";
        }
        else if (chosen.format == "md") {
            std::cout << "| seq | deployment | kind | actor | at | hash |\n|---|---|---|---|---|---|\n";
        }
        store.for_each_ledger_row([&](const storage::LedgerRow& row) {
            if (chosen.deployment.empty() || row.deployment == chosen.deployment) {
                print_row(row, chosen.format);
            }
        });
    });
    return 0;
}

/// The file where it is there and fit to be shown, else the copy that the bot keeps.
std::string runbook_text(const CommandLine& chosen)
{
    const auto config = configuration(chosen);
    const std::ifstream file(config.runbook_file);
    std::ostringstream text;
    text << file.rdbuf();
    const auto lines = lines_with_credentials(text.str());
    if (file && lines.empty()) {
        return text.str();
    }
    if (!lines.empty()) {
        std::cerr << config.runbook_file.string() << ':' << lines.front()
                  << ": looks like a credential; here is the last good copy\n";
    }
    std::string kept;
    if (std::filesystem::exists(config.store_path)) {
        with_record(chosen, [&](Store& store, const Config&) {
            const auto copy = store.runbook();
            kept = copy ? copy->markdown : "";
        });
    }
    return kept;
}

int show_runbook(const CommandLine& chosen)
{
    const auto markdown = runbook_text(chosen);
    if (markdown.empty()) {
        std::cerr << "no runbook is kept yet: name its file as runbook.file in " << chosen.config << '\n';
        return 1;
    }
    const auto shown = chosen.argument.empty() ? markdown : section_called(markdown, chosen.argument);
    if (shown.empty()) {
        std::cerr << "the runbook has no section '" << chosen.argument << "'; it has:\n";
        for (const auto& heading : headings_of(markdown)) {
            std::cerr << "  " << heading << '\n';
        }
        return 1;
    }
    std::cout << shown;
    return 0;
}

int check_templates(const CommandLine& chosen)
{
    const auto config = configuration(chosen);
    const templates::Library library(config.templates_dir);
    std::cout << "the templates are in order\n";
    return 0;
}

int print_postmortem(const CommandLine& chosen)
{
    auto request = parse_slash(chosen.argument, "postmortem");
    if (!request || !request->deployment) {
        std::cerr << "say which deployment: slipway postmortem D-12\n";
        return 2;
    }
    int code = 1;
    with_record(chosen, [&](Store& store, const Config& config) {
        const auto deployment = store.load(*request->deployment);
        if (!deployment) {
            std::cerr << "there is no " << to_string(*request->deployment) << '\n';
            return;
        }
        const templates::Library library(config.templates_dir);
        const auto team = store.team();
        const RoleBook roles;
        const auto now = SystemClock().now();
        std::map<UserId, std::string> names;  // Slack may be out of reach: those that the ledger has
        for (const auto& sign_off : deployment->sign_offs) {
            names[sign_off.given.user] = sign_off.given.name;
        }
        std::cout << library.postmortem(*deployment, {now, &config.policy, &roles, &team, names});
        code = 0;
    });
    return code;
}

int back_up(const CommandLine& chosen)
{
    const auto config = configuration(chosen);
    Store store(config.store_path, Store::Access::read_only);
    store.backup(chosen.argument);
    std::cout << "backed up to " << chosen.argument << '\n';
    return 0;
}

int write_config(const CommandLine& chosen)
{
    if (std::filesystem::exists(chosen.config)) {
        std::cerr << chosen.config << " is there already; nothing was changed\n";
        return 1;
    }
    std::string channel = chosen.argument;
    if (channel.empty()) {
        std::cout << "Id of the Slack channel for deployments (C…, under the channel's name): " << std::flush;
        std::getline(std::cin, channel);
    }
    std::ofstream file(chosen.config);
    file << "# Slipway. Every key: docs/config.md. Tokens come from the environment, never from here.\n"
            "timezone = \"America/New_York\"\n\n[slack]\nchannel = \""
         << channel
         << "\"\n\n[linear]\nmirror = [\"sign_offs\"]                 # also: \"lifecycle\"\n\n[store]\npath "
            "= \"slipway.db\"\n\n"
            "[roles]                                # user ids, e-mails or \"@usergroup\"\ndevelopers = "
            "[]\ndev_lead = []\n"
            "product_lead = []\nrnd_lead = []\naccount_manager = []\n\n[on_call]\nrotation = "
            "[]\nsprint_start = 2026-11-16\n"
            "sprint_days = 14\n\n[[service]]\nname = \"web\"\n";
    std::cout << "wrote " << chosen.config << "; fill in the roles, then run: slipway doctor\n";
    return file ? 0 : 1;
}

}  // namespace

void declare_commands(CLI::App& app, CommandLine& chosen)
{
    const auto add = [&](CLI::App& parent, const char* name, const char* help, int (*run)(const CommandLine&)
                     ) {
        auto* command = parent.add_subcommand(name, help);
        command->callback([&chosen, run] { chosen.run = [&chosen, run] { return run(chosen); }; });
        return command;
    };
    add(app, "run", "Run the bot", &run_the_bot);
    add(app,
        "doctor",
        "Check configuration, tokens, channel, people, disk and clock",
        [](const CommandLine& asked) { return doctor(configuration(asked)); });
    add(app, "init", "Write a commented slipway.toml", &write_config)
        ->add_option("--channel", chosen.argument, "Id of the channel, to be asked nothing");
    add(app, "manifest", "Print the Slack app's manifest", [](const CommandLine&) {
        std::cout << app_manifest() << '\n';
        return 0;
    });
    auto* audit = app.add_subcommand("audit", "The ledger: verify or export it");
    audit->require_subcommand(1);
    add(*audit, "verify", "Check the hash chain; names the first broken row", &verify);
    auto* exported = add(*audit, "export", "Print the ledger", &export_ledger);
    exported->add_option("--format", chosen.format, "csv, jsonl or md")
        ->check(CLI::IsMember({"csv", "jsonl", "md"}));
    exported->add_option("--deployment", chosen.deployment, "Only this one, D-12");
    add(app, "runbook", "Print the runbook, network or not", &show_runbook)
        ->add_option("section", chosen.argument, "One section");
    auto* templates = app.add_subcommand("templates", "The text files");
    templates->require_subcommand(1);
    add(*templates, "check", "Check overridden templates", &check_templates);
    add(app, "postmortem", "Print the post-mortem draft", &print_postmortem)
        ->add_option("deployment", chosen.argument, "D-12")
        ->required();
    add(app, "backup", "Copy the database while the bot runs", &back_up)
        ->add_option("file", chosen.argument, "Where to")
        ->required();
}

}  // namespace slipway
