// What people type for moments and lengths of time.
#include "commands/pipeline/windows.hpp"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <regex>

namespace slipway {

namespace {

using std::chrono::minutes;

constexpr minutes longest_duration{28 * 24 * 60};

std::string folded(const std::string& text)
{
    std::string result;
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        result += static_cast<char>(std::tolower(byte));
    }
    const auto first = result.find_first_not_of(" \t\n");
    const auto last = result.find_last_not_of(" \t\n");
    return first == std::string::npos ? std::string{} : result.substr(first, last - first + 1);
}

Refusal unknown_time(const std::string& text)
{
    return refuse(say_at("starts_at", "time_unknown", {{"text", text}}));
}

/// "22:00", "10pm", "10:30 PM".
std::optional<minutes> clock_time(const std::string& text)
{
    static const std::regex form(R"(([0-9]{1,2})(?::([0-9]{2}))?\s*(am|pm)?)");
    std::smatch part;
    if (!std::regex_match(text, part, form) || (!part[2].matched && !part[3].matched)) {
        return std::nullopt;
    }
    int hour = std::stoi(part[1]);
    const int minute = part[2].matched ? std::stoi(part[2]) : 0;
    if (part[3].matched) {
        if (hour < 1 || hour > 12) {
            return std::nullopt;
        }
        hour = hour % 12 + (part[3] == "pm" ? 12 : 0);
    }
    if (hour > 23 || minute > 59) {
        return std::nullopt;
    }
    return minutes{hour * 60 + minute};
}

/// "2026-11-24", "today", "tomorrow", "tue".
std::optional<date::local_days> day_named(const std::string& text, date::local_days today)
{
    static constexpr std::array weekdays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
    static const std::regex iso_form(R"(([0-9]{4})-([0-9]{2})-([0-9]{2}))");
    std::smatch part;
    if (std::regex_match(text, part, iso_form)) {
        const auto on = date::year{std::stoi(part[1])} / std::stoi(part[2]) / std::stoi(part[3]);
        return on.ok() ? std::optional(date::local_days{on}) : std::nullopt;
    }
    if (text == "today" || text == "tonight") {
        return today;
    }
    if (text == "tomorrow") {
        return today + date::days{1};
    }
    for (unsigned index = 0; index < weekdays.size(); ++index) {
        if (text.size() >= 3 && text.substr(0, 3) == weekdays.at(index)) {
            const auto ahead = date::weekday{index} - date::weekday{today};
            return today + ahead;
        }
    }
    return std::nullopt;
}

}  // namespace

Result<std::chrono::minutes> parse_duration(const std::string& text)
{
    static const std::regex form(
        R"((?:for )?(?:([0-9]{1,4})\s*(?:d|days?))?\s*(?:([0-9]{1,4})\s*(?:h|hours?))?\s*(?:([0-9]{1,5})\s*(?:m|min|mins|minutes?)?)?)"
    );
    std::smatch part;
    const auto typed = folded(text);
    minutes length{0};
    if (std::regex_match(typed, part, form)) {
        const auto number = [&](std::size_t index) {
            return part[index].matched ? std::stoi(part[index]) : 0;
        };
        length = minutes{number(1) * 24 * 60 + number(2) * 60 + number(3)};
    }
    if (length < minutes{1} || length > longest_duration) {
        return refuse(say_at("duration", "duration_unknown", {{"text", text}}));
    }
    return length;
}

Result<Instant> parse_when(const std::string& text, Instant now, const Policy& policy)
{
    static const std::regex form(
        R"((?:([a-z0-9-]+?)(?:,| at|)\s+)?([0-9]{1,2}(?::[0-9]{2})?\s*(?:am|pm)?)(?:\s+[a-z]{2,4})?)"
    );
    static const std::regex relative(R"(in (.+))");
    const auto typed = folded(text);
    if (typed == "now") {
        return now;
    }
    std::smatch part;
    if (std::regex_match(typed, part, relative)) {
        const auto length = parse_duration(part[1]);
        return length ? Result<Instant>(now + *length) : unknown_time(text);
    }
    if (!std::regex_match(typed, part, form)) {
        return unknown_time(text);
    }
    const auto local_now = policy.zone->to_local(now);
    const auto today = date::floor<date::days>(local_now);
    const auto clock = clock_time(part[2]);
    const auto named = part[1].matched ? day_named(part[1], today) : std::optional(today);
    if (!clock || !named) {
        return unknown_time(text);
    }
    auto wall = *named + *clock;
    const bool is_weekday_name = part[1].matched &&
                                 std::isalpha(static_cast<unsigned char>(part[1].str().front())) != 0 &&
                                 part[1] != "today" && part[1] != "tonight" && part[1] != "tomorrow";
    if (is_weekday_name && wall < local_now) {
        wall += date::weeks{1};
    }
    const auto info = policy.zone->get_info(wall);
    if (info.result != date::local_info::unique) {
        return refuse(say_at("starts_at", "time_skipped_or_repeated", {{"text", text}}));
    }
    const Instant when{wall.time_since_epoch() - info.first.offset};
    if (when < now) {
        return refuse(say_at("starts_at", "time_past", {{"text", text}, {"when", team_time(when, policy)}}));
    }
    return when;
}

}  // namespace slipway
