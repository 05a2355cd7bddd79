#include "commands/text/letters.hpp"
#include "commands/text/pattern.hpp"
#include "templates/embedded.hpp"
#include "templates/markup.hpp"
#include "templates/mustache.hpp"
#include "templates/render.hpp"

#include <kainjow/mustache.hpp>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>

namespace slipway::templates {

namespace {

namespace json = boost::json;
using kainjow::mustache::data;

constexpr auto sentences_file = "sentences.txt";
constexpr auto of_every_sentence = "command";

std::string read_file(const std::filesystem::path& path)
{
    const std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) {
        throw std::runtime_error(path.string() + ": cannot be read");
    }
    return text.str();
}

/// Every {{name}} of a template, sections included, with the place where it stands first.
std::map<std::string, std::size_t> variables_of(const std::string& text)
{
    static const Pattern form(R"(\{\{\{?\s*[#/^&]?\s*([^}\s]+)\s*\}\}\}?)");
    std::map<std::string, std::size_t> names;
    for (auto match = form.search(text); match; match = form.search(text, match->ends)) {
        names.try_emplace((*match)[1], match->begins);
    }
    names.erase(".");
    return names;
}

std::size_t line_at(const std::string& text, std::size_t place)
{
    const auto before = std::string_view(text).substr(0, place);
    return 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
}

/// Whether `text` is written as no file of ours is, which would make every line of it a mistake.
bool is_misencoded(const std::string& file, const std::string& text, std::string& mistakes)
{
    const auto valid = valid_utf8(text);
    const auto differs = std::mismatch(text.begin(), text.end(), valid.begin(), valid.end()).first;
    std::string mistake;
    if (text.starts_with("\xEF\xBB\xBF")) {
        mistake = ":1: begins with a byte order mark; save it as UTF-8 without one";
    }
    else if (differs != text.end()) {
        const auto line = line_at(text, static_cast<std::size_t>(differs - text.begin()));
        mistake = ":" + std::to_string(line) + ": a letter that is not UTF-8; save the file as UTF-8";
    }
    else if (const auto place = text.find('\r'); place != std::string::npos) {
        mistake = ":" + std::to_string(line_at(text, place)) +
                  ": ends its lines as Windows does (CRLF); save it with LF";
    }
    mistakes += mistake.empty() ? "" : "\n" + file + mistake;
    return !mistake.empty();
}

/// Why Slack would not take `text` with something filled in; empty where it would.
std::string why_not_taken(const std::string& text, const std::string& original, bool is_notice)
{
    const std::size_t longest = is_notice ? 20'000 : 3'000;
    constexpr std::size_t most_blocks = 50;
    json::object facts{{of_every_sentence, "/deploy"}};
    for (const auto& [name, place] : variables_of(original)) {
        facts[name] = "sample";
    }
    const auto filled = fill(text, facts, &escape_mrkdwn);
    if (fallback_of(filled).empty()) {
        return "has no words";
    }
    const bool fits = from_utf8(filled).size() <= longest && blocks_of(filled).size() < most_blocks;
    return fits ? "" : "is longer than Slack allows";
}

/// What is wrong with `text` where `original` is what the program itself brings.
void check(
    const std::string& file,
    const std::string& text,
    const std::string& original,
    std::size_t first_line,
    std::string& mistakes
)
{
    const kainjow::mustache::mustache parsed{text};
    if (!parsed.is_valid()) {
        mistakes += "\n" + file + ":" + std::to_string(first_line) + ": " + parsed.error_message();
    }
    if (const auto place = text.find("{{>"); place != std::string::npos) {
        mistakes += "\n" + file + ":" + std::to_string(first_line + line_at(text, place) - 1) +
                    ": {{> …}} is not known here; write the words themselves";
        return;
    }
    if (const auto why = why_not_taken(text, original, file.ends_with(".md"));
        parsed.is_valid() && !why.empty()) {
        mistakes += "\n" + file + ":" + std::to_string(first_line) + ": " + why;
    }
    auto known = variables_of(original);
    if (file.ends_with(sentences_file)) {
        known.emplace(of_every_sentence, 0);
    }
    for (const auto& [name, place] : variables_of(text)) {
        if (!known.contains(name)) {
            mistakes += "\n" + file + ":" + std::to_string(first_line + line_at(text, place) - 1) +
                        ": there is no variable '" + name + "' here";
        }
    }
}

struct Section {
    std::string text;
    std::size_t line = 0;
};

/// sentences.txt -> its sections.
std::map<std::string, Section> sections_of(
    const std::string& file, const std::string& text, std::string& mistakes
)
{
    std::map<std::string, Section> sections;
    Section* current = nullptr;
    std::istringstream lines(text);
    std::size_t number = 0;
    bool is_astray = false;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        if (line.starts_with("== ")) {
            const auto [place, fresh] = sections.try_emplace(line.substr(3), Section{"", number + 1});
            if (!fresh) {
                mistakes +=
                    "\n" + file + ":" + std::to_string(number) + ": '" + line.substr(3) + "' is here twice";
            }
            current = &place->second;
        }
        else if (current != nullptr) {
            current->text += (current->text.empty() ? "" : "\n") + line;
        }
        else if (!line.empty() && !line.starts_with('#') && !is_astray) {
            is_astray = true;
            mistakes += "\n" + file + ":" + std::to_string(number) +
                        ": comes before the first '== name', so it is never said";
        }
    }
    for (auto& [id, section] : sections) {
        while (section.text.ends_with('\n')) {
            section.text.pop_back();
        }
    }
    return sections;
}

/// A misspelt file would silently change nothing.
void check_directory(const std::filesystem::path& overrides, std::string& mistakes)
{
    if (!std::filesystem::is_directory(overrides)) {
        mistakes += "\n" + overrides.string() + ": there is no such directory";
        return;
    }
    for (const auto& entry : std::filesystem::directory_iterator(overrides)) {
        const auto found = entry.path().filename().string();
        auto lower = found;
        std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char letter) {
            return static_cast<char>(std::tolower(letter));
        });
        if (lower != found && embedded_texts().contains(lower)) {
            mistakes += "\n" + entry.path().string() + ": is not read; call it " + lower;
            continue;
        }
        const bool text = lower.ends_with(".md") || lower.ends_with(".txt");
        if (text && !embedded_texts().contains(found)) {
            mistakes += "\n" + entry.path().string() + ": there is no template of this name; known:";
            for (const auto& [name, embedded] : embedded_texts()) {
                mistakes += " " + name;
            }
        }
    }
}

data to_data(const json::value& value)
{
    if (value.is_bool()) {
        return data{value.get_bool()};
    }
    if (value.is_array()) {
        data list{data::type::list};
        for (const auto& element : value.get_array()) {
            list << to_data(element);
        }
        return list;
    }
    const auto text = value.is_string()   ? std::string(value.get_string())
                      : value.is_int64()  ? std::to_string(value.get_int64())
                      : value.is_uint64() ? std::to_string(value.get_uint64())
                                          : std::string{};
    return text.empty() ? data{false}
                        : data{text};  // an empty text is an absent one: its section is left out
}

/// A sentence as somebody reads it who wonders what it may say: ‹x› for a fact, […] for what may be left out.
std::string in_outline(const std::string& text, const std::string& command)
{
    static const Pattern form(R"(\{\{([#^/])?\{?([a-z_.]+?)(?:_verbatim)?\}?\}\}|\n)");
    std::string outline;
    std::size_t done = 0;
    for (auto match = form.search(text); match; match = form.search(text, done)) {
        const auto& sign = (*match)[1];
        const auto& name = (*match)[2];
        outline += text.substr(done, match->begins - done);
        outline += name.empty()    ? "<br>"
                   : sign == "/"   ? "]"
                   : !sign.empty() ? "["
                   : name == of_every_sentence
                       ? command
                       : "\xE2\x80\xB9" + (name == "." ? "each" : name) + "\xE2\x80\xBA";
        done = match->ends;
    }
    return outline + text.substr(done);
}

}  // namespace

std::string fill(
    const std::string& text, const json::object& facts, std::string (*escape)(const std::string&)
)
{
    kainjow::mustache::mustache parsed{text};
    parsed.set_custom_escape(escape);
    data values{data::type::object};
    for (const auto& [name, value] : facts) {
        values.set(std::string(name), to_data(value));
        if (value.is_string()) {
            const json::value lines(verbatim(std::string(value.get_string())));
            values.set(std::string(name) + "_verbatim", to_data(lines));
        }
    }
    return parsed.render(values);
}

Library::Library(const std::filesystem::path& overrides, std::string command)
    : files_(embedded_texts()), command_(std::move(command))
{
    std::string mistakes;
    if (!overrides.empty()) {
        check_directory(overrides, mistakes);
    }
    for (const auto& [name, original] : embedded_texts()) {
        const auto path = overrides / name;
        const bool overridden =
            !overrides.empty() && std::filesystem::exists(std::filesystem::symlink_status(path));
        if (overridden && !std::filesystem::is_regular_file(path)) {
            mistakes += "\n" + path.string() + ": is not a file";
            continue;
        }
        if (overridden) {
            auto text = read_file(path);
            if (is_misencoded(path.string(), text, mistakes)) {
                continue;
            }
            files_[name] = std::move(text);
        }
        if (name != sentences_file) {
            check(overridden ? path.string() : name, files_[name], original, 1, mistakes);
        }
    }
    const auto original = sections_of(sentences_file, embedded_texts().at(sentences_file), mistakes);
    for (const auto& [id, section] : original) {
        sentences_[id] = section.text;
        check(sentences_file, section.text, section.text, section.line, mistakes);
    }
    if (files_[sentences_file] != embedded_texts().at(sentences_file)) {
        const auto file = (overrides / sentences_file).string();
        for (const auto& [id, section] : sections_of(file, files_[sentences_file], mistakes)) {
            if (!original.contains(id)) {
                mistakes += "\n" + file + ":" + std::to_string(section.line - 1) +
                            ": there is no sentence '" + id + "'";
                continue;
            }
            check(file, section.text, original.at(id).text, section.line, mistakes);
            sentences_[id] = section.text;
        }
    }
    if (!mistakes.empty()) {
        throw std::runtime_error("the templates have mistakes:" + mistakes);
    }
}

std::string Library::filled(const Sentence& sentence, std::string (*escape)(const std::string&)) const
{
    const auto found = sentences_.find(sentence.id);
    if (found == sentences_.end()) {
        throw std::logic_error("no sentence is called '" + sentence.id + "'");
    }
    auto facts = sentence.facts;
    facts[of_every_sentence] = command_;
    return fill(found->second, facts, escape);
}

std::string Library::mrkdwn(const Sentence& sentence) const { return filled(sentence, &escape_mrkdwn); }

std::string Library::plain(const Sentence& sentence, const std::map<UserId, std::string>& names) const
{
    auto text = without_tokens(filled(sentence, &one_line), names);
    std::erase(text, '*');
    return text;
}

std::string Library::sentences_reference() const
{
    std::string text =
        "# Every sentence\n\n"
        "Everything Slipway can say in a line, by name. The words are in\n"
        "[sentences.txt](../templates/text/sentences.txt); `slipway templates list` prints this page,\n"
        "and a test compares the two.\n\n"
        "A sentence is short, friendly and exact, in words that someone new to the team knows. A refusal "
        "says\n"
        "what would make it work, a command is written as you type it, a time has its zone, and read aloud,\n"
        "without its markup, it is still a sentence.\n\n"
        "\xE2\x80\xB9x\xE2\x80\xBA is filled in; what is in brackets is left out if there is nothing to "
        "say.\n\n"
        "| name | words |\n|---|---|\n";
    for (const auto& [id, words] : sentences_) {
        text += "| `" + id + "` | " + in_outline(words, command_) + " |\n";
    }
    return text;
}

std::string Library::mrkdwn(const Refusal& refusal) const
{
    static const std::string bullet = "\xE2\x80\xA2 ";
    std::string text;
    for (const auto& sentence : refusal.sentences) {
        const auto line = mrkdwn(sentence);
        const bool is_heading = line.ends_with(':') || (line.starts_with('*') && line.ends_with('*'));
        const bool stands_alone = refusal.sentences.size() == 1 || is_heading || line.starts_with(bullet);
        text += (text.empty() ? "" : "\n") + (stands_alone ? "" : bullet) + line;
    }
    return text;
}

}  // namespace slipway::templates
