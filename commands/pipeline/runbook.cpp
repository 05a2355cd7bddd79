#include "commands/pipeline/runbook.hpp"

#include "commands/pipeline/windows.hpp"
#include "commands/text/letters.hpp"

#include <algorithm>
#include <sstream>

namespace slipway {

namespace {

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
    std::erase(title, '\r');
    return title;
}

/// Three or more ` or ~ that open or close a fence of code; empty for none. ```this``` is code within a line.
std::string fence_of(const std::string& line)
{
    constexpr std::size_t shortest = 3;
    const auto first = line.find_first_not_of(' ');
    if (first == std::string::npos || (line[first] != '`' && line[first] != '~')) {
        return {};
    }
    const auto end = std::min(line.find_first_not_of(line[first], first), line.size());
    const bool within = line[first] == '`' && line.find('`', end) != std::string::npos;
    return end - first < shortest || within ? "" : line.substr(first, end - first);
}

/// The lines of a runbook and their levels as headings; what stands in a fence of code is none, though a
/// comment of the shell looks like one.
struct Line {
    std::string text;
    std::size_t level = 0;
};

std::vector<Line> markdown_lines(const std::string& markdown)
{
    std::istringstream stream(markdown);
    std::vector<Line> lines;
    std::string open;
    for (std::string text; std::getline(stream, text);) {
        const auto fence = fence_of(text);
        const bool in_code = !open.empty() || !fence.empty();
        const bool bare = text.find_last_not_of(" \r") == text.find_first_not_of(' ') + fence.size() - 1;
        if (open.empty()) {
            open = fence;
        }
        else if (fence.starts_with(open) && bare) {
            open.clear();
        }
        const auto level = in_code ? 0 : level_of(text);
        lines.push_back({std::move(text), level});
    }
    return lines;
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
    std::vector<std::string> headings;
    for (const auto& line : markdown_lines(markdown)) {
        if (line.level > 0) {
            headings.push_back(title_of(line.text));
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
    std::string section;
    std::size_t inside = 0;
    for (const auto& line : markdown_lines(markdown)) {
        if (inside > 0 && line.level > 0 && line.level <= inside) {
            return section;
        }
        if (inside == 0 && line.level > 0 &&
            lower(title_of(line.text)).find(lower(wanted)) != std::string::npos) {
            inside = line.level;
        }
        section += inside > 0 ? line.text + "\n" : "";
    }
    return section;
}

bool is_review_due(Instant now, const std::optional<Instant>& reviewed_at, const Policy& policy)
{
    constexpr date::days week{7};
    constexpr unsigned months_in_quarter = 3;
    const auto today = team_date(now, policy);
    const auto first = (static_cast<unsigned>(today.month()) - 1) / months_in_quarter * months_in_quarter + 1;
    const auto next =
        date::sys_days{(today.year() / date::month{first} + date::months{months_in_quarter}) / 1};
    const auto last_week = next - week;
    // A late review of the quarter before is not this one's.
    const bool is_reviewed = reviewed_at && date::sys_days{team_date(*reviewed_at, policy)} >= last_week;
    return date::sys_days{today} >= last_week && !is_reviewed;
}

}  // namespace slipway
