#include "commands/pipeline/testing_notes.hpp"

#include "commands/text/pattern.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <sstream>
#include <string_view>
#include <vector>

namespace slipway {

namespace {

constexpr int of_a_bold_line = 7;  // HTML's and Markdown's own go to 6
constexpr int of_a_label = 8;

/// What begins a section: its level, the lower the wider, and what stands behind it on its line.
struct Heading {
    int level = 0;
    std::string title, rest;
};

bool is_letter(char sign)
{
    return std::isalnum(static_cast<unsigned char>(sign)) != 0 || static_cast<unsigned char>(sign) >= 0x80;
}

bool says_something(std::string_view text)
{
    static const Pattern unticked(R"(\s*(?:[-*+]|\d+\.)\s+\[ ?\].*)");
    return std::any_of(text.begin(), text.end(), is_letter) && !unticked.matches(text);
}

bool names_testing(std::string_view title)
{
    static constexpr std::array<std::string_view, 9> words{
        "test", "tests", "tested", "testing", "verify", "verified", "verifying", "verification", "qa"};
    std::string word;
    const auto is_one = [&] { return std::find(words.begin(), words.end(), word) != words.end(); };
    for (const char sign : title) {
        if (is_letter(sign)) {
            word += static_cast<char>(std::tolower(static_cast<unsigned char>(sign)));
        }
        else if (is_one()) {
            return true;
        }
        else {
            word.clear();
        }
    }
    return is_one();
}

/// What a template asks for in a comment nobody has answered by leaving it there.
std::string without_comments(const std::string& markdown)
{
    std::string rest;
    std::size_t done = 0;
    for (auto open = markdown.find("<!--"); open != std::string::npos; open = markdown.find("<!--", done)) {
        rest += markdown.substr(done, open - done);
        const auto close = markdown.find("-->", open);
        done = close == std::string::npos ? markdown.size() : close + 3;
    }
    return rest + markdown.substr(done);
}

std::vector<std::string> lines_of(const std::string& text)
{
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        const auto first = std::min(line.find_first_not_of(" \t\r"), line.size());
        lines.push_back(line.substr(first, line.find_last_not_of(" \t\r") + 1 - first));
    }
    return lines;
}

/// The level that a line of = or - gives to the one above it; 0 for any other line.
int underline(const std::string& line)
{
    const bool is_one = line.size() >= 3 && line.find_first_not_of(line.front()) == std::string::npos;
    return is_one && line.front() == '=' ? 1 : is_one && line.front() == '-' ? 2 : 0;
}

std::optional<Heading> heading_in(const std::string& line, const std::string& below)
{
    static const Pattern of_markdown(R"((#{1,6})\s(.*))");
    static const Pattern of_html(R"(<h([1-6])\b[^>]*>(.*?)(?:</h[1-6]>(.*))?)", Pattern::Case::ignored);
    static const Pattern bold(R"((?:[-*+]\s+)?(?:\*\*|__|<b>|<strong>)(.+?)(?:\*\*|__|</b>|</strong>)(.*))");
    static const Pattern label(R"((?:[-*+]\s+)?(\w+(?:[ -]\w+){0,3}):(?!//)(.*))");  // no address
    if (const auto found = of_markdown.match(line)) {
        return Heading{static_cast<int>((*found)[1].size()), (*found)[2], {}};
    }
    if (const auto found = of_html.match(line)) {
        return Heading{std::stoi((*found)[1]), (*found)[2], (*found)[3]};
    }
    if (const auto found = bold.match(line)) {
        return Heading{of_a_bold_line, (*found)[1], (*found)[2]};
    }
    if (const auto level = underline(below); level > 0 && says_something(line)) {
        return Heading{level, line, {}};
    }
    const auto found = label.match(line);
    const bool is_label = found && (names_testing((*found)[1]) || (*found)[1].find(' ') == std::string::npos);
    return is_label ? std::optional(Heading{of_a_label, (*found)[1], (*found)[2]}) : std::nullopt;
}

/// Somebody who reports what they did: "Tested on staging", as a point or a ticked box too.
bool tells_of_testing(const std::string& line)
{
    static const Pattern form(
        R"((?:[-*+]\s+)?(?:\[x\]\s+)?(?:I |we )?(?:have )?tested\s+\w+.*)", Pattern::Case::ignored
    );
    static const Pattern bare(R"((?:I |we )?(?:have )?tested (?:it|this)\W*)", Pattern::Case::ignored);
    return form.matches(line) && !bare.matches(line);
}

}  // namespace

bool has_testing_notes(const std::string& description)
{
    const auto lines = lines_of(without_comments(description));
    int section = 0;  // the level of the one about testing that we are in
    bool in_code = false;
    for (std::size_t at = 0; at < lines.size(); ++at) {
        const auto& line = lines[at];
        in_code = in_code != line.starts_with("```");
        const auto heading =
            in_code ? std::nullopt : heading_in(line, at + 1 < lines.size() ? lines[at + 1] : "");
        if (!heading) {
            if ((section > 0 && says_something(line)) || (!in_code && tells_of_testing(line))) {
                return true;
            }
            continue;
        }
        if (section == 0 || heading->level <= section) {
            section = names_testing(heading->title) ? heading->level : 0;
        }
        if (section > 0 && says_something(heading->rest)) {
            return true;
        }
    }
    return false;
}

}  // namespace slipway
