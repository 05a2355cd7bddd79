#include "bot/cli/pages.hpp"

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

}  // namespace

std::string bash_completion(const CLI::App& app)
{
    std::ostringstream rows;
    add_row(app, "", rows);
    return "# bash completion of slipway; made by `slipway completion bash`\n"
           "_slipway() {\n"
           "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
           "    local path=\"\" words=\"\" word\n"
           "    COMPREPLY=()\n"
           "    case $previous in\n"
           "        --config) COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n"
           "        --format) COMPREPLY=($(compgen -W \"csv jsonl md\" -- \"$current\")); return ;;\n"
           "        backup) COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n"
           "        completion) COMPREPLY=($(compgen -W bash -- \"$current\")); return ;;\n"
           "    esac\n"
           "    local before=\"\"\n"
           "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
           "        case $before:$word in\n"
           "            --*:* | *:-* | *:*[!a-z]*) ;;\n"
           "            *) path=\"${path:+$path }$word\" ;;\n"
           "        esac\n"
           "        before=$word\n"
           "    done\n"
           "    case $path in\n" +
           rows.str() +
           "    esac\n"
           "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
           "}\n"
           "complete -F _slipway slipway\n";
}

std::string manual_page(const CLI::App& app)
{
    std::ostringstream out;
    out << ".TH SLIPWAY 1\n.SH NAME\nslipway \\- take deployments down a team's written pipeline, in Slack\n"
        << ".SH SYNOPSIS\n.B slipway\n[\\fB\\-\\-config\\fR \\fIFILE\\fR] \\fICOMMAND\\fR "
           "[\\fIARGUMENTS\\fR]\n"
        << ".SH COMMANDS\n";
    describe(app, "slipway", out);
    out << ".SH OPTIONS\n";
    for (const auto* option : app.get_options()) {
        out << ".TP\n.B " << roff(spellings_of(*option).back()) << "\n"
            << roff(option->get_description()) << ".\n";
    }
    out << ".SH EXIT STATUS\n0 done, 1 failed, 2 a mistake in the command or the configuration.\n"
        << ".SH ENVIRONMENT\n"
        << ".TP\n.B SLACK_APP_TOKEN, SLACK_BOT_TOKEN, LINEAR_API_KEY, GITHUB_TOKEN, SLIPWAY_SIGNAL_SECRET\n"
        << "The tokens; each may also come from the file that the variable with _FILE behind it names.\n"
        << ".TP\n.B SLIPWAY_CONFIG\nThe configuration file.\n"
        << ".TP\n.B HTTPS_PROXY, NO_PROXY\nHonoured.\n"
        << ".SH FILES\n.TP\n.I slipway.toml\nThe configuration.\n.TP\n.I slipway.db\nThe record, SQLite.\n";
    return out.str();
}

}  // namespace slipway
