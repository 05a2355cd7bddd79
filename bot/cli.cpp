#include "bot/cli.hpp"

#include "bot/app.hpp"
#include "bot/cli_pages.hpp"
#include "bot/config.hpp"
#include "bot/doctor.hpp"
#include "bot/manifest.hpp"
#include "commands/edit_distance.hpp"
#include "commands/pipeline/runbook.hpp"
#include "storage/store.hpp"
#include "templates/render.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <CLI/CLI.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
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

void require_record(const CommandLine& chosen, const Config& config)
{
    if (!std::filesystem::exists(config.store_path)) {
        throw std::runtime_error(
            "there is no record at " + config.store_path.string() +
            " yet: the first `slipway run` makes it; if the bot has run, check store.path in " +
            chosen.config + " and the folder you are in"
        );
    }
}

/// Runs `look` on the record while the bot may be running.
template <class Look>
void with_record(const CommandLine& chosen, Look look)
{
    const auto config = configuration(chosen);
    require_record(chosen, config);
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
        std::cout << library.postmortem(*deployment, {now, &config.policy, &roles, &team, store.names()});
        code = 0;
    });
    return code;
}

int back_up(const CommandLine& chosen)
{
    const auto config = configuration(chosen);
    require_record(chosen, config);
    Store store(config.store_path, Store::Access::read_only);
    store.backup(chosen.argument);
    std::cout << "backed up to " << chosen.argument << '\n';
    return 0;
}

int write_first_config(const CommandLine& chosen)
{
    if (std::filesystem::exists(chosen.config)) {
        std::cerr << chosen.config << " is there already; nothing was changed\n";
        return 1;
    }
    const auto text = first_config(interview(chosen.answers, std::cin, std::cout));
    std::ofstream file(chosen.config);
    file << text << std::flush;
    if (!file) {
        std::cerr << "cannot write " << chosen.config << '\n';
        return 1;
    }
    std::cout << "wrote " << chosen.config << "; next: slipway doctor\n";
    return 0;
}

void declare_init(CLI::App& init, Answers& answers)
{
    const auto text = [&](const char* name, std::optional<std::string>& into, const char* help) {
        init.add_option_function<std::string>(
            name, [&into](const std::string& given) { into = given; }, help
        );
    };
    const auto list = [&](const char* name, std::optional<std::vector<std::string>>& into, const char* help) {
        init.add_option_function<std::vector<std::string>>(
                name, [&into](const std::vector<std::string>& given) { into = given; }, help
        )
            ->delimiter(',');
    };
    text("--channel", answers.channel, "Id of the channel for deployments, C0…");
    text("--timezone", answers.timezone, "The team's time zone, America/New_York");
    list("--developers", answers.developers, "User ids, e-mails or @usergroups, separated by commas");
    list("--dev-lead", answers.dev_lead, "The Dev Lead");
    list("--product-lead", answers.product_lead, "The Product Lead");
    list("--rnd-lead", answers.rnd_lead, "The R&D Lead");
    list("--account-manager", answers.account_manager, "The Account Manager");
    list("--on-call", answers.rotation, "The on-call rotation, in turn (the developers unless given)");
    text("--sprint-start", answers.sprint_start, "First day of any sprint, 2026-11-16");
    list("--service", answers.services, "What is deployed: web,api");
    init.add_flag("--defaults", answers.ask_nothing, "Ask nothing: the default for whatever is not given");
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
        "Check everything the bot needs; each line says how to mend what is wrong",
        [](const CommandLine& asked) { return doctor(configuration(asked), asked.argument); }
    )->add_option("--issue", chosen.argument, "A Linear issue to look up too, ENG-123");
    declare_init(
        *add(app, "init", "Ask what is needed and write a commented slipway.toml", &write_first_config),
        chosen.answers
    );
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
    auto* completion =
        app.add_subcommand("completion", "Print a script that completes commands in the shell");
    completion->callback([&app, &chosen] {
        chosen.run = [&app] {
            std::cout << bash_completion(app);
            return 0;
        };
    });
    completion->add_option("shell", chosen.argument, "bash (zsh reads it too, after bashcompinit)")
        ->check(CLI::IsMember({"bash"}))
        ->required();
    auto* manual = app.add_subcommand("man", "Print the manual page (roff)");
    manual->callback([&app, &chosen] {
        chosen.run = [&app] {
            std::cout << manual_page(app);
            return 0;
        };
    });
}

std::string unknown_command(const CLI::App& app)
{
    const auto* level = &app;
    while (!level->get_subcommands().empty()) {
        level = level->get_subcommands().front();
    }
    const auto words = app.remaining(true);
    const auto word = std::find_if(words.begin(), words.end(), [](const std::string& each) {
        return !each.starts_with('-');
    });
    const auto commands = level->get_subcommands([](const CLI::App*) { return true; });
    if (commands.empty()) {
        return {};
    }
    const auto parent = level->get_parent() == nullptr ? "" : level->get_name() + " ";
    std::string nearest;
    std::string all;
    std::size_t best = 3;  // farther ones would be a guess
    for (const auto* command : commands) {
        all += (all.empty() ? "" : ", ") + command->get_name();
        const auto distance = word == words.end() ? best : edit_distance(*word, command->get_name());
        if (distance < best) {
            best = distance;
            nearest = command->get_name();
        }
    }
    const auto missing =
        word == words.end() ? "say what to do" : "there is no command '" + parent + *word + "'";
    return missing + (nearest.empty() ? ": " + all : "; did you mean '" + parent + nearest + "'?") +
           "\nslipway " + parent + "--help says what each does";
}

}  // namespace slipway
