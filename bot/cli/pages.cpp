#include "bot/cli/pages.hpp"

#include "bot/cli/texts.hpp"

#include <CLI/CLI.hpp>

#include <sstream>

namespace slipway {

namespace {

std::vector<const CLI::App*> commands_of(const CLI::App& app)
{
    return app.get_subcommands([](const CLI::App*) { return true; });
}

/// "--config", "-h": as typed.
std::vector<std::string> spellings_of(const CLI::Option& option)
{
    std::vector<std::string> names;
    for (const auto& name : option.get_snames()) {
        names.push_back("-" + name);
    }
    for (const auto& name : option.get_lnames()) {
        names.push_back("--" + name);
    }
    return names;
}

/// Every word that may follow `app` as a command or an option.
std::string words_after(const CLI::App& app)
{
    std::string words;
    for (const auto* command : commands_of(app)) {
        words += command->get_name() + " ";
    }
    for (const auto* option : app.get_options()) {
        for (const auto& name : spellings_of(*option)) {
            words += name + " ";
        }
    }
    return words;
}

/// One line of the script's table for `app` and each command below it.
void add_row(const CLI::App& app, const std::string& path, std::ostream& out)
{
    out << "        \"" << path << "\") words=\"" << words_after(app) << "\" ;;\n";
    for (const auto* command : commands_of(app)) {
        add_row(*command, path + (path.empty() ? "" : " ") + command->get_name(), out);
    }
}

/// `text` as roff takes it: a backslash doubled, a hyphen that is typed kept one, no leading dot.
std::string roff(const std::string& text)
{
    std::string escaped;
    for (const char letter : text) {
        escaped += letter == '\\' ? "\\e" : letter == '-' ? "\\-" : std::string(1, letter);
    }
    return escaped.starts_with('.') || escaped.starts_with('\'') ? "\\&" + escaped : escaped;
}

void describe_command(const CLI::App& command, const std::string& path, std::ostream& out)
{
    std::string line = path;
    for (const auto* option : command.get_options()) {
        if (option->get_positional()) {
            const auto name = option->get_name(true);
            line += option->get_required() ? " " + name : " [" + name + "]";
        }
    }
    out << ".TP\n.B " << roff(line) << "\n" << roff(command.get_description()) << ".\n";
    for (const auto* option : command.get_options()) {
        const auto names = spellings_of(*option);
        if (!names.empty() && names.back() != "--help") {
            out << ".RS\n.TP\n.B " << roff(names.back()) << "\n"
                << roff(option->get_description()) << ".\n.RE\n";
        }
    }
}

void describe(const CLI::App& app, const std::string& path, std::ostream& out)
{
    const auto commands = commands_of(app);
    if (commands.empty()) {
        describe_command(app, path, out);
    }
    for (const auto* command : commands) {
        describe(*command, path + " " + command->get_name(), out);
    }
}

/// The embedded text `name` with what the program knows in place of its marks, each a line.
std::string page(const std::string& name, const std::map<std::string, std::string>& marks)
{
    auto text = cli_texts().at(name);
    for (const auto& [mark, words] : marks) {
        text.replace(text.find(mark), mark.size(), words);
    }
    return text;
}

}  // namespace

std::string bash_completion(const CLI::App& app)
{
    std::ostringstream rows;
    add_row(app, "", rows);
    return page("completion.bash", {{"@WORDS@\n", rows.str()}});
}

std::string manual_page(const CLI::App& app)
{
    std::ostringstream commands;
    describe(app, "slipway", commands);
    std::ostringstream options;
    for (const auto* option : app.get_options()) {
        options << ".TP\n.B " << roff(spellings_of(*option).back()) << "\n"
                << roff(option->get_description()) << ".\n";
    }
    return page("slipway.1", {{"@COMMANDS@\n", commands.str()}, {"@OPTIONS@\n", options.str()}});
}

}  // namespace slipway
