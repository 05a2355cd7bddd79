#include "bot/cli/commands.hpp"

#include "bot/chores/runbook.hpp"
#include "bot/cli/doctor.hpp"
#include "bot/cli/manifest.hpp"
#include "bot/cli/pages.hpp"
#include "bot/cli/run.hpp"
#include "bot/config/config.hpp"
#include "bot/runtime/clock.hpp"
#include "bot/runtime/log.hpp"
#include "commands/pipeline/runbook.hpp"
#include "commands/verbs/table.hpp"
#include "storage/audit.hpp"
#include "storage/store.hpp"
#include "templates/render.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

namespace slipway {

namespace {

using storage::Store;

Config configuration(const CommandLine& chosen, Purpose purpose = Purpose::look)
{
    auto config = load_config(chosen.config, process_environment(), purpose);
    begin_log(config.log_level);
    return config;
}

void require_record(const CommandLine& chosen, const Config& config)
{
    if (!std::filesystem::exists(config.store_path)) {
        throw std::runtime_error(
            "there is no record at " + config.store_path.string() +
            " yet: the first `slipway run` creates it; if the bot has run, check store.path in " +
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
    const auto config = configuration(chosen, Purpose::run);
    for (const auto& warning : config.warnings) {
        log::warn("{}: {}", chosen.config, warning);
    }
    return run_bot(config);
}

std::ifstream readable(const std::string& path)
{
    std::ifstream file(path);
    if (!file) {
        throw std::runtime_error("cannot read " + path + ": " + std::generic_category().message(errno));
    }
    if (std::error_code ignored; std::filesystem::is_directory(path, ignored)) {
        throw std::runtime_error(path + " is a folder; name the file that `audit export` wrote");
    }
    return file;
}

/// The ledger, or a file that `audit export` wrote: that one without config and database.
AuditFinding look_through(const CommandLine& chosen)
{
    AuditFinding finding;
    if (chosen.argument.empty()) {
        with_record(chosen, [&](Store& store, const Config&) {
            finding = verify_ledger(store, chosen.head);
        });
        return finding;
    }
    auto file = readable(chosen.argument);
    if (chosen.population_file.empty()) {
        return verify_export(file, chosen.head);
    }
    auto population = readable(chosen.population_file);
    return verify_export(file, chosen.head, &population);
}

int verify(const CommandLine& chosen)
{
    const auto found = look_through(chosen);
    const auto what = chosen.argument.empty()    ? std::string("the ledger")
                      : found.deployment.empty() ? chosen.argument
                                                 : "the export of " + found.deployment;
    if (!found.broken.empty()) {
        std::cerr << what << " is broken: " << found.broken << '\n';
        return 1;
    }
    if (!chosen.head.empty() && !found.has_head) {
        std::cerr << what << " has no row with the hash " << chosen.head
                  << (found.deployment.empty()
                          ? ": it has been rebuilt or cut off since that was noted\n"
                          : "; only an export without --deployment is sure to have it\n");
        return 1;
    }
    std::cout << what << " is " << (found.is_complete ? "intact" : "intact as far as it goes") << "; "
              << found.rows << " rows, head " << found.head << '\n';
    if (!found.is_complete) {
        std::cout << "whether a row is missing from it was not checked: add --population FILE, a file that "
                     "`slipway audit export --population` wrote\n";
    }
    return 0;
}

/// The deployment that `text` names ("D-12", "d12"); none for anything else.
std::optional<DeploymentId> deployment_named(const std::string& text)
{
    const auto request = parse_slash(text, "status");
    return request ? request->deployment : std::nullopt;
}

int print_export(const CommandLine& chosen)
{
    const auto deployment = deployment_named(chosen.deployment);
    if (!chosen.deployment.empty() && !deployment) {
        std::cerr << "\"" << chosen.deployment << "\" is not a deployment: write --deployment D-12\n";
        return 2;
    }
    with_record(chosen, [&](Store& store, const Config&) {
        const auto format = export_format_from(chosen.format).value();
        chosen.population ? export_population(store, format, std::cout)
                          : export_ledger(store, deployment, format, std::cout);
    });
    return 0;
}

/// The file where it is there and fit to be shown, else the copy that the bot keeps.
std::string runbook_text(const CommandLine& chosen)
{
    const auto config = configuration(chosen);
    const auto file = config.runbook_file.empty() ? RunbookFile{} : read_runbook(config.runbook_file);
    const auto lines = lines_with_credentials(file.markdown);
    if (!file.markdown.empty() && lines.empty()) {
        return file.markdown;
    }
    if (!lines.empty()) {
        std::cerr << config.runbook_file.string() << ':' << lines.front()
                  << ": looks like a credential; here is the last good copy\n";
    }
    if (!file.trouble.empty()) {
        std::cerr << config.runbook_file.string() << ' ' << file.trouble
                  << "; here is the last good copy, if there is one\n";
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
        std::cerr << "there is no runbook yet: set runbook.file in " << chosen.config << '\n';
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
    for (const auto& section : missing_sections(markdown)) {
        if (chosen.argument.empty()) {
            std::cerr << "the runbook is missing the section '" << section << "'\n";
        }
    }
    return 0;
}

int check_templates(const CommandLine& chosen)
{
    const auto config = configuration(chosen);
    const templates::Library library(config.templates_dir, config.policy.command);
    std::cout << "the templates are in order\n";
    return 0;
}

int list_sentences(const CommandLine& chosen)
{
    if (!std::filesystem::exists(chosen.config)) {  // nothing is overridden yet
        std::cout << templates::Library().sentences_reference();
        return 0;
    }
    const auto config = configuration(chosen);
    std::cout << templates::Library(config.templates_dir, config.policy.command).sentences_reference();
    return 0;
}

int print_postmortem(const CommandLine& chosen)
{
    const auto named = deployment_named(chosen.argument);
    if (!named) {
        std::cerr << "say which deployment: slipway postmortem D-12\n";
        return 2;
    }
    int code = 1;
    with_record(chosen, [&](Store& store, const Config& config) {
        const auto deployment = store.load(*named);
        if (!deployment) {
            std::cerr << "there is no " << to_string(*named) << '\n';
            return;
        }
        const templates::Library library(config.templates_dir, config.policy.command);
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
        std::cerr << chosen.config << " already exists; nothing was changed\n";
        return 1;
    }
    const auto text = first_config(interview(chosen.answers, std::cin, std::cout));
    const auto written = chosen.config + ".new";
    std::error_code error;
    try {
        std::ofstream file(written);
        file << text;
        file.close();
        if (!file) {
            std::filesystem::remove(written, error);
            std::cerr << "cannot write " << chosen.config << '\n';
            return 1;
        }
        (void)load_config(written, {});  // what it does not take itself it does not leave behind
    }
    catch (...) {
        std::filesystem::remove(written, error);
        throw;
    }
    std::filesystem::rename(written, chosen.config);
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
    text("--timezone", answers.timezone, "The team's time zone, for example America/New_York");
    list("--developers", answers.developers, "User ids, e-mails or @usergroups, separated by commas");
    list("--dev-lead", answers.dev_lead, "The Dev Lead");
    list("--product-lead", answers.product_lead, "The Product Lead");
    list("--rnd-lead", answers.rnd_lead, "The R&D Lead");
    list("--account-manager", answers.account_manager, "The Account Manager");
    list("--on-call", answers.rotation, "The on-call rotation, in turn (by default, the developers)");
    text("--sprint-start", answers.sprint_start, "First day of any sprint, for example 2026-11-16");
    list("--service", answers.services, "What is deployed: web,api");
    init.add_flag(
        "--defaults", answers.ask_nothing, "Ask nothing; use the default for whatever is not given"
    );
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
        "Check everything the bot needs; each line says how to fix what is wrong",
        [](const CommandLine& asked) { return doctor(configuration(asked), asked.argument); }
    )->add_option("--issue", chosen.argument, "Also look up this Linear issue, for example ENG-123");
    declare_init(
        *add(app, "init", "Ask what is needed and write a commented slipway.toml", &write_first_config),
        chosen.answers
    );
    add(app, "manifest", "Print the Slack app's manifest", [](const CommandLine&) {
        std::cout << app_manifest();
        return 0;
    });
    auto* audit = app.add_subcommand("audit", "The ledger: verify or export it");
    audit->require_subcommand(1);
    auto* verified = add(*audit, "verify", "Check the hash chain and name the first broken row", &verify);
    auto* file = verified->add_option("file", chosen.argument, "An export to check instead of the ledger");
    verified->add_option("--head", chosen.head, "A hash noted earlier, which the ledger has to contain");
    verified
        ->add_option(
            "--population",
            chosen.population_file,
            "The export of the population, to tell whether rows are missing"
        )
        ->needs(file);
    auto* exported = add(*audit, "export", "Print the ledger", &print_export);
    exported->add_option("--format", chosen.format, "csv, jsonl or md")
        ->check(CLI::IsMember({"csv", "jsonl", "md"}));
    exported->add_option("--deployment", chosen.deployment, "Everything about this one, for example D-12");
    exported->add_flag("--population", chosen.population, "One line per deployment");
    add(app, "runbook", "Print the runbook, with or without a network", &show_runbook)
        ->add_option("section", chosen.argument, "One section");
    auto* templates = app.add_subcommand("templates", "The text files");
    templates->require_subcommand(1);
    add(*templates, "check", "Check overridden templates", &check_templates);
    add(*templates, "list", "Print every sentence the bot can say", &list_sentences);
    add(app, "postmortem", "Print the post-mortem draft", &print_postmortem)
        ->add_option("deployment", chosen.argument, "D-12")
        ->required();
    add(app, "backup", "Copy the database while the bot runs", &back_up)
        ->add_option("file", chosen.argument, "Where to write the copy")
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

}  // namespace slipway
