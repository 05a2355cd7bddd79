#include "bot/cli/init.hpp"

#include "bot/config/config.hpp"
#include "bot/config/reader.hpp"
#include "commands/text/letters.hpp"
#include "commands/text/phrases.hpp"

#include <date/tz.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <sstream>

namespace slipway {

namespace {

/// Why an answer cannot be read, empty where it can.
using Check = std::string (*)(const std::string&);

std::string wrong_channel(const std::string& text)
{
    return is_channel_id(text) ? ""
                               : "give its id, such as C0DEPLOYS: in Slack, click the channel's name; it is "
                                 "at the end of About";
}

std::string wrong_zone(const std::string& text)
{
    try {
        (void)date::locate_zone(text);
        const auto better = zone_with_summer(text);
        return better.empty() ? "" : text + " knows no summer time; use " + better;
    }
    catch (const std::runtime_error&) {
        return "there is no time zone '" + text + "'; use a name such as America/New_York or Europe/Berlin";
    }
}

std::string wrong_date(const std::string& text)
{
    std::istringstream stream(text);
    date::year_month_day day{};
    stream >> date::parse("%F", day);
    return !stream.fail() && day.ok() && text.size() == 10 ? "" : "write the day as 2026-11-16";
}

std::string anything(const std::string&) { return {}; }

std::string this_monday()
{
    const auto today = std::chrono::floor<date::days>(std::chrono::system_clock::now());
    return date::format("%F", today - (date::weekday(today) - date::Monday));
}

std::vector<std::string> parts_of(const std::string& text)
{
    std::vector<std::string> parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, ',');) {
        const auto first = part.find_first_not_of(" \t\r");
        if (first != std::string::npos) {
            parts.push_back(part.substr(first, part.find_last_not_of(" \t\r") + 1 - first));
        }
    }
    return parts;
}

std::string wrong_service(const std::string& text)
{
    for (const auto& name : parts_of(text)) {
        if (const auto wrong = wrong_service_name(name); !wrong.empty()) {
            return "a service's name " + wrong;
        }
    }
    return text.empty() ? "name at least one, such as web" : "";
}

struct Question {
    const char* option;
    const char* asked;
    std::string otherwise;
    Check wrong;
};

class Interview {
public:
    Interview(std::istream& in, std::ostream& out, bool silent) : in_(in), out_(out), silent_(silent) {}

    std::vector<ConfigMistake> mistakes;

    void ask(std::optional<std::string>& answer, const Question& question)
    {
        if (!answer) {
            answer = silent_ ? question.otherwise : asked(question);
        }
        if (const auto wrong = why_not(question, *answer); !wrong.empty()) {
            mistakes.push_back({question.option, 0, wrong});
        }
    }

    void ask(std::optional<std::vector<std::string>>& answer, const Question& question)
    {
        std::optional<std::string> line;
        if (answer) {
            line = joined(*answer);
        }
        ask(line, question);
        answer = parts_of(*line);
    }

private:
    /// No answer has a line break or what is no text: slipway.toml could not be read.
    static std::string why_not(const Question& question, const std::string& answer)
    {
        const auto letters = from_utf8(answer);
        const bool is_text =
            valid_utf8(answer) == answer && std::none_of(letters.begin(), letters.end(), is_control);
        return is_text ? question.wrong(answer) : "write it on one line, in UTF-8";
    }

    std::string asked(const Question& question)
    {
        for (std::string line;;) {
            out_ << question.asked;
            out_ << (question.otherwise.empty() ? "" : " [" + question.otherwise + "]") << ": " << std::flush;
            if (!std::getline(in_, line)) {
                out_ << '\n';
                return question.otherwise;
            }
            const auto given = joined(parts_of(line));
            const auto answer = given.empty() ? question.otherwise : given;
            const auto wrong = why_not(question, answer);
            if (wrong.empty()) {
                return answer;
            }
            out_ << "  " << wrong << '\n';
        }
    }

    std::istream& in_;
    std::ostream& out_;
    bool silent_;
};

std::string quoted(const std::string& text)
{
    std::string all = "\"";
    for (const char letter : text) {
        all += letter == '"' || letter == '\\' ? std::string{'\\', letter} : std::string{letter};
    }
    return all + '"';
}

std::string quoted(const std::vector<std::string>& texts)
{
    return "[" + joined(texts, [](const std::string& text) { return quoted(text); }) + "]";
}

/// What the key is unless given, or what it might be.
std::string otherwise(const ConfigKey& key)
{
    if (key.default_value.empty()) {
        return key.example.empty() ? quoted("") : key.example;
    }
    return key.type == "string" ? quoted(key.default_value) : key.default_value;
}

std::string table_of(const std::string& key)
{
    return key.substr(0, key.find('.') == std::string::npos ? 0 : key.find('.'));
}

class Writer {
public:
    std::string text =
        "# Slipway. A line that begins with \"# \" and holds a key shows its default or an example.\n"
        "# Tokens come from the environment, never from here: docs/setup.md.\n";

    /// The keys of one table, those in `given` with their values, the others as comments.
    void table(const std::string& name, const std::map<std::string, std::string>& given, bool as_comment)
    {
        const auto array = name.ends_with("[]");
        const auto bare = array ? name.substr(0, name.size() - 2) : name;
        text += "\n";
        if (!name.empty()) {
            text +=
                std::string(as_comment ? "# " : "") + (array ? "[[" + bare + "]]" : "[" + bare + "]") + "\n";
        }
        for (const auto& key : config_keys()) {
            if (table_of(key.name) == name) {
                line(key, given);
            }
        }
    }

private:
    void line(const ConfigKey& key, const std::map<std::string, std::string>& given)
    {
        const auto found = given.find(key.name);
        const auto name = key.name.substr(key.name.rfind('.') + 1);
        const auto setting =
            found == given.end() ? "# " + name + " = " + otherwise(key) : name + " = " + found->second;
        constexpr std::size_t column = 44;
        text += setting + std::string(setting.size() < column ? column - setting.size() : 1, ' ') + "# " +
                key.help + "\n";
    }
};

}  // namespace

Answers interview(Answers answers, std::istream& in, std::ostream& out)
{
    Interview talk(in, out, answers.ask_nothing);
    const std::string who = " (user ids, e-mails or @usergroups, separated by commas)";
    const auto developers = "Developers" + who;
    talk.ask(
        answers.channel, {"--channel", "Id of the Slack channel for deployments (C0…)", "", &wrong_channel}
    );
    talk.ask(answers.timezone, {"--timezone", "The team's time zone", "America/New_York", &wrong_zone});
    talk.ask(answers.developers, {"--developers", developers.c_str(), "", &anything});
    talk.ask(answers.dev_lead, {"--dev-lead", "Dev Lead", "", &anything});
    talk.ask(answers.product_lead, {"--product-lead", "Product Lead", "", &anything});
    talk.ask(answers.rnd_lead, {"--rnd-lead", "R&D Lead", "", &anything});
    talk.ask(answers.account_manager, {"--account-manager", "Account Manager", "", &anything});
    talk.ask(
        answers.rotation,
        {"--on-call", "On-call rotation, one sprint each, in turn", joined(*answers.developers), &anything}
    );
    talk.ask(answers.sprint_start, {"--sprint-start", "First day of any sprint", this_monday(), &wrong_date});
    talk.ask(answers.services, {"--service", "Services that are deployed", "web", &wrong_service});
    if (!talk.mistakes.empty()) {
        throw ConfigMistakes(std::move(talk.mistakes));
    }
    return answers;
}

std::string first_config(const Answers& answers)
{
    const std::map<std::string, std::string> given{
        {"timezone", quoted(answers.timezone.value())},
        {"slack.channel", quoted(answers.channel.value())},
        {"linear.mirror", R"(["sign_offs"])"},
        {"store.path", quoted("slipway.db")},
        {"roles.developers", quoted(answers.developers.value())},
        {"roles.dev_lead", quoted(answers.dev_lead.value())},
        {"roles.product_lead", quoted(answers.product_lead.value())},
        {"roles.rnd_lead", quoted(answers.rnd_lead.value())},
        {"roles.account_manager", quoted(answers.account_manager.value())},
        {"on_call.rotation", quoted(answers.rotation.value())},
        {"on_call.sprint_start", answers.sprint_start.value()},
    };
    Writer writer;
    std::string previous = "none yet";
    for (const auto& key : config_keys()) {
        const auto table = table_of(key.name);
        if (table == previous) {
            continue;
        }
        previous = table;
        if (table != "service[]") {
            writer.table(table, given, table.ends_with("[]"));
            continue;
        }
        for (const auto& service : answers.services.value()) {
            writer.table(table, {{"service[].name", quoted(service)}}, false);
        }
    }
    return writer.text;
}

}  // namespace slipway
