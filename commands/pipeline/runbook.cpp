#include "commands/pipeline/runbook.hpp"

#include "commands/pipeline/windows.hpp"

#include <algorithm>
#include <cctype>
#include <regex>
#include <sstream>

namespace slipway {

namespace {

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char letter) {
        return static_cast<char>(std::tolower(letter));
    });
    return text;
}

/// How many # open the line; 0 for no heading.
std::size_t level_of(const std::string& line)
{
    const auto level = line.find_first_not_of('#');
    return level != std::string::npos && level > 0 && line[level] == ' ' ? level : 0;
}

std::string title_of(const std::string& line)
{
    auto title = line.substr(level_of(line) + 1);
    std::erase(title, '*');
    return title;
}

bool has_credential(const std::string& line)
{
    // Long lines would keep the regular expressions busy, and nobody reads them.
    constexpr std::size_t longest_line = 2'000;
    static const std::regex known(
        R"(-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|xox[abprs]-[0-9A-Za-z-]{10,}|gh[pousr]_[0-9A-Za-z]{20,}|)"
        R"(github_pat_[0-9A-Za-z_]{20,}|lin_api_[0-9A-Za-z]{20,}|sk_live_[0-9A-Za-z]{10,}|eyJ[0-9A-Za-z_-]{20,}\.|)"
        R"([a-z]+://[^/\s:@<$\{]+:[^/\s:@<$\{]+@)"
    );
    static const std::regex named(
        R"(\b(password|passwd|pwd|secret|token|api[ _-]?key|access[ _-]?key|passphrase)\b[\s*`"']*[:=][\s*`"']*([^\s*`"',]+))",
        std::regex::icase
    );
    static const std::regex reference(
        R"([<$\{\[(].*|see|in|from|the|ask|vault.*|1password.*|op:.*|https?:.*|\*+|x+|\.+|-+|none|n/a|tbd)",
        std::regex::icase
    );
    const auto text = line.substr(0, longest_line);
    std::smatch match;
    return std::regex_search(text, known) ||
           (std::regex_search(text, match, named) && !std::regex_match(match[2].str(), reference));
}

}  // namespace

const std::vector<std::string>& runbook_sections()
{
    static const std::vector<std::string> sections{
        "Server Access",
        "Deployment Commands",
        "Rollback Commands",
        "Database Migration",
        "Monitoring Dashboards",
        "Emergency Contacts",
        "Third-Party Status",
        "Known Failure Modes",
    };
    return sections;
}

std::vector<std::string> headings_of(const std::string& markdown)
{
    std::istringstream lines(markdown);
    std::vector<std::string> headings;
    for (std::string line; std::getline(lines, line);) {
        if (level_of(line) > 0) {
            headings.push_back(title_of(line));
        }
    }
    return headings;
}

std::vector<std::string> missing_sections(const std::string& markdown)
{
    const auto headings = headings_of(markdown);
    std::vector<std::string> missing;
    for (const auto& section : runbook_sections()) {
        const bool there = std::any_of(headings.begin(), headings.end(), [&](const std::string& heading) {
            return lower(heading).find(lower(section)) != std::string::npos;
        });
        if (!there) {
            missing.push_back(section);
        }
    }
    return missing;
}

std::string section_called(const std::string& markdown, const std::string& wanted)
{
    std::istringstream lines(markdown);
    std::string section;
    std::size_t inside = 0;
    for (std::string line; std::getline(lines, line);) {
        const auto level = level_of(line);
        if (inside > 0 && level > 0 && level <= inside) {
            return section;
        }
        if (inside == 0 && level > 0 && lower(title_of(line)).find(lower(wanted)) != std::string::npos) {
            inside = level;
        }
        section += inside > 0 ? line + "\n" : "";
    }
    return section;
}

std::vector<std::size_t> lines_with_credentials(const std::string& markdown)
{
    std::istringstream lines(markdown);
    std::vector<std::size_t> found;
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        if (has_credential(line)) {
            found.push_back(number);
        }
    }
    return found;
}

bool is_review_due(Instant now, const std::optional<Instant>& reviewed_at, const Policy& policy)
{
    constexpr date::days week{7};
    constexpr unsigned months_in_quarter = 3;
    const auto today = team_date(now, policy);
    const auto first = (static_cast<unsigned>(today.month()) - 1) / months_in_quarter * months_in_quarter + 1;
    const auto begins = date::sys_days{today.year() / date::month{first} / 1};
    const auto next =
        date::sys_days{(today.year() / date::month{first} + date::months{months_in_quarter}) / 1};
    const bool last_week = date::sys_days{today} >= next - week;
    return last_week && !(reviewed_at && date::sys_days{team_date(*reviewed_at, policy)} >= begins);
}

}  // namespace slipway
