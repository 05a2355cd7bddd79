#include "bot/cli/mistakes.hpp"

#include "commands/text/edit_distance.hpp"
#include "commands/text/phrases.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <vector>

namespace slipway {

namespace {

/// The one of `known` that `word` was probably meant to be; empty where any would be a guess.
std::string nearest(const std::string& word, const std::vector<std::string>& known)
{
    std::string found;
    std::size_t best = 3;  // farther ones would be a guess
    for (const auto& each : known) {
        const auto distance = edit_distance(word, each);
        if (distance < best) {
            best = distance;
            found = each;
        }
    }
    return found;
}

/// The command that was named last, as far as it was understood.
const CLI::App& innermost(const CLI::App& app)
{
    const auto* level = &app;
    while (!level->get_subcommands().empty()) {
        level = level->get_subcommands().front();
    }
    return *level;
}

/// "slipway audit verify".
std::string path_of(const CLI::App& command)
{
    return (command.get_parent() == nullptr ? "" : path_of(*command.get_parent()) + " ") + command.get_name();
}

std::string wrong_command(const CLI::App& level, const std::vector<std::string>& words)
{
    const auto parent = level.get_parent() == nullptr ? "" : level.get_name() + " ";
    std::vector<std::string> names;
    for (const auto* command : level.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(command->get_name());
    }
    const auto word = std::find_if(words.begin(), words.end(), [](const std::string& each) {
        return !each.starts_with('-');
    });
    if (word == words.end()) {
        return "give a command: " + joined(names);
    }
    const auto meant = nearest(*word, names);
    return "there is no command '" + parent + *word + "'" +
           (meant.empty() ? ": " + joined(names) : "; did you mean '" + parent + meant + "'?");
}

std::string wrong_option(const CLI::App& level, const std::string& word)
{
    std::vector<std::string> names;
    for (const auto* command = &level; command != nullptr; command = command->get_parent()) {
        for (const auto* option : command->get_options()) {
            for (const auto& name : option->get_lnames()) {
                names.push_back("--" + name);
            }
        }
    }
    const auto meant = nearest(word, names);
    return "there is no option '" + word + "'" + (meant.empty() ? "" : "; did you mean '" + meant + "'?");
}

/// "give the file: slipway backup FILE", where that is what is missing.
std::string missing_argument(const CLI::App& level)
{
    for (const auto* option : level.get_options()) {
        if (option->get_positional() && option->get_required() && option->count() == 0) {
            auto shown = option->get_name(true);
            std::transform(shown.begin(), shown.end(), shown.begin(), [](unsigned char letter) {
                return static_cast<char>(std::toupper(letter));
            });
            return "give the " + option->get_name(true) + ": " + path_of(level) + " " + shown;
        }
    }
    return {};
}

}  // namespace

std::string mistake_in(const CLI::App& app, const std::string& parsers_words)
{
    const auto& level = innermost(app);
    const auto words = app.remaining(true);
    const auto option = std::find_if(words.begin(), words.end(), [](const std::string& each) {
        return each.starts_with('-');
    });
    std::string mistake;
    if (!level.get_subcommands([](const CLI::App*) { return true; }).empty()) {
        mistake = wrong_command(level, words);
    }
    else if (option != words.end()) {
        mistake = wrong_option(level, *option);
    }
    else if (!words.empty()) {
        mistake = "unexpected word '" + words.front() + "'";
    }
    else {
        mistake = missing_argument(level);
    }
    return (mistake.empty() ? parsers_words : mistake) + "\n" + path_of(level) + " --help shows its usage";
}

}  // namespace slipway
