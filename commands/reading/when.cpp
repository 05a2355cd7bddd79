// What people type for moments and lengths of time.
#include "commands/pipeline/windows.hpp"
#include "commands/reading/spoken_date.hpp"
#include "commands/text/letters.hpp"
#include "commands/text/pattern.hpp"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace slipway {

namespace {

using std::chrono::minutes;

constexpr minutes longest_duration{28 * 24 * 60};

/// People type the time that they read off the clock a moment ago: that is now.
constexpr minutes a_moment{5};

/// Lower case, one space between words, what keyboards and copying add undone.
std::string folded(const std::string& text)
{
    std::string result;
    for (const char letter : to_utf8(plain_letters(text))) {
        const bool space = letter == ' ' || letter == '\n';
        if (!space) {
            result += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
        }
        else if (!result.empty() && result.back() != ' ') {
            result += ' ';
        }
    }
    if (result.ends_with(' ')) {
        result.pop_back();
    }
    return result;
}

Refusal unknown_time(const std::string& text)
{
    return refuse(say_at("starts_at", "time_unknown", {{"text", text}}));
}

/// What `digits` say, of which there are few; 0 for none.
int number_in(const std::string& digits) { return digits.empty() ? 0 : std::stoi(digits); }

/// "22:00", "10pm", "10:30 PM".
std::optional<minutes> clock_time(const std::string& text)
{
    static const Pattern form(R"(([0-9]{1,2})(?::([0-9]{2}))?\s*(am|pm)?)");
    const auto part = form.match(text);
    if (!part || ((*part)[2].empty() && (*part)[3].empty())) {
        return std::nullopt;
    }
    int hour = number_in((*part)[1]);
    const int minute = number_in((*part)[2]);
    if (const auto& half = (*part)[3]; !half.empty()) {
        if (hour < 1 || hour > 12) {
            return std::nullopt;
        }
        hour = hour % 12 + (half == "pm" ? 12 : 0);
    }
    if (hour > 23 || minute > 59) {
        return std::nullopt;
    }
    return minutes{hour * 60 + minute};
}

struct NamedDay {
    date::local_days on;
    bool is_weekday = false;  ///< one that comes again each week
};

/// "tue", "tues", "tuesday".
std::optional<date::weekday> weekday_named(const std::string& text)
{
    static constexpr std::array names{
        "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};
    for (unsigned index = 0; index < names.size(); ++index) {
        if (text.size() >= 3 && std::string_view(names.at(index)).starts_with(text)) {
            return date::weekday{index};
        }
    }
    return std::nullopt;
}

/// "nov 24", "tue nov 24", as we print it: of the years around `today` the one that brings it nearest.
std::optional<date::local_days> day_without_year(const std::string& text, date::local_days today)
{
    std::optional<date::local_days> nearest;
    const auto this_year = static_cast<int>(date::year_month_day{today}.year());
    for (const auto year : {this_year - 1, this_year, this_year + 1}) {
        const auto dated = plain_letters("on " + text + ", " + std::to_string(year));
        const auto spoken = trailing_date(dated, Date{today});
        if (spoken.what != SpokenDate::What::date || spoken.begins != 0) {
            continue;
        }
        const date::local_days day{spoken.date};
        if (!nearest || date::abs(day - today) < date::abs(*nearest - today)) {
            nearest = day;
        }
    }
    return nearest;
}

/// "2026-11-24", "24 nov 2026", "nov 24", "today", "tomorrow", "tue".
std::optional<NamedDay> day_named(const std::string& text, date::local_days today)
{
    if (text == "today" || text == "tonight") {
        return NamedDay{today};
    }
    if (text == "tomorrow") {
        return NamedDay{today + date::days{1}};
    }
    if (const auto weekday = weekday_named(text)) {
        return NamedDay{today + (*weekday - date::weekday{today}), true};
    }
    const auto spoken = trailing_date(plain_letters(text), Date{today});
    if (spoken.what == SpokenDate::What::date && spoken.begins == 0) {
        return NamedDay{date::local_days{spoken.date}};
    }
    const auto day = day_without_year(text, today);
    return day ? std::optional(NamedDay{*day}) : std::nullopt;
}

/// Whether people of the zone call their clock `abbreviation`: "est" and "edt" both mean the wall clock in
/// New York (design 4.1), "utc" is another one.
bool is_of_zone(std::string abbreviation, date::local_days on, const Policy& policy)
{
    std::transform(abbreviation.begin(), abbreviation.end(), abbreviation.begin(), [](unsigned char letter) {
        return static_cast<char>(std::toupper(letter));
    });
    constexpr date::days half_a_year{183};
    for (const auto day : {on, on + half_a_year}) {
        const auto in_force = policy.zone->get_info(date::sys_days{day.time_since_epoch()}).abbrev;
        // "ET" is what "EST" and "EDT" have in common, as "CET" and "CEST" don't.
        const bool of_both = in_force.size() == 3 && abbreviation.size() == 2 &&
                             in_force.front() == abbreviation.front() &&
                             in_force.back() == abbreviation.back();
        if (in_force == abbreviation || of_both) {
            return true;
        }
    }
    return false;
}

}  // namespace

Result<std::chrono::minutes> parse_duration(const std::string& text)
{
    static const Pattern form(
        "(?:for |~ ?|about )?(?:([0-9]{1,3}) ?(?:w|wks?|weeks?))? ?(?:([0-9]{1,4}) ?(?:d|days?))? ?"
        "(?:([0-9]{1,4}) ?(?:h|hrs?|hours?))? ?(?:([0-9]{1,5}) ?(?:m|mins?|minutes?)?)?"
    );
    minutes length{0};
    if (const auto part = form.match(folded(text))) {
        const auto days = number_in((*part)[1]) * 7 + number_in((*part)[2]);
        length = minutes{(days * 24 + number_in((*part)[3])) * 60 + number_in((*part)[4])};
    }
    if (length < minutes{1} || length > longest_duration) {
        return refuse(say_at("duration", "duration_unknown", {{"text", text}}));
    }
    return length;
}

namespace {

/// A day and a time on the team's clock.
Result<Instant> on_the_clock(
    date::local_time<minutes> wall, const std::string& text, Instant now, const Policy& policy
)
{
    const auto info = policy.zone->get_info(wall);
    if (info.result != date::local_info::unique) {
        return refuse(say_at("starts_at", "time_skipped_or_repeated", {{"text", text}}));
    }
    const Instant when{wall.time_since_epoch() - info.first.offset};
    if (when + a_moment <= now) {
        return refuse(say_at("starts_at", "time_past", {{"text", text}, {"when", team_time(when, policy)}}));
    }
    return std::max(when, now);
}

}  // namespace

Result<Instant> parse_end(const std::string& text, Instant begins, const Policy& policy)
{
    if (const auto length = parse_duration(text)) {
        return begins + *length;
    }
    static const Pattern form("(until|till|to|for) (.+)");
    const auto part = form.match(folded(text));
    if (part && (*part)[1] == "for") {
        return parse_duration(text).error();
    }
    return parse_when(part ? (*part)[2] : text, begins, policy);
}

Result<SpokenSpan> take_span(const std::string& text, Instant begins, const Policy& policy)
{
    constexpr std::size_t most_words = 9;  // "until tue nov 24, 2026 at 10 pm est"
    std::optional<SpokenSpan> span;
    std::optional<Refusal> why;
    std::size_t end = 0;
    for (std::size_t words = 0; words < most_words && end < text.size(); ++words) {
        end = std::min(text.find(' ', std::min(text.find_first_not_of(' ', end), text.size())), text.size());
        const auto spoken = text.substr(0, end);
        const bool has_unit = std::isdigit(static_cast<unsigned char>(spoken.back())) == 0;
        const auto ends = parse_end(spoken, begins, policy);
        if (!ends) {
            const auto refusal = ends.error();
            const bool says_more = refusal.sentences.front().id == "time_past";
            why = !why || words == 1 || says_more ? refusal : *why;
        }
        else if (has_unit || !parse_duration(spoken)) {
            const auto rest = std::min(text.find_first_not_of(' ', end), text.size());
            span = SpokenSpan{*ends, text.substr(rest)};
        }
    }
    if (span) {
        return *span;
    }
    return why ? *why : unknown_time(text);
}

Result<Instant> parse_when(const std::string& text, Instant now, const Policy& policy)
{
    static const Pattern form(
        "(?:(.+?)(?:,? at |, |,| |t))?([0-9]{1,2}(?::[0-9]{2})? ?(?:am|pm)?)(?: ([a-z]{2,5}))?"
    );
    // "10 PM tue", "22:00 est on Tuesday": the day behind.
    static const Pattern day_behind(
        "([0-9]{1,2}(?::[0-9]{2})? ?(?:am|pm)?(?: (?!on )[a-z]{2,5})?),?(?: on)? ([a-z]{3,9})"
    );
    auto typed = folded(text);
    if (const auto turned = day_behind.match(typed); turned && day_named((*turned)[2], {})) {
        typed = (*turned)[2] + " " + (*turned)[1];
    }
    if (typed == "now") {
        return now;
    }
    if (typed.starts_with("in ")) {
        const auto length = parse_duration(typed.substr(3));
        return length ? Result<Instant>(now + *length) : unknown_time(text);
    }
    const auto part = form.match(typed);
    if (!part) {
        return unknown_time(text);
    }
    const auto& day_typed = (*part)[1];
    const auto& zone_typed = (*part)[3];
    const auto local_now = policy.zone->to_local(now);
    const auto today = date::floor<date::days>(local_now);
    const auto clock = clock_time((*part)[2]);
    const auto day = day_typed.empty() ? std::optional(NamedDay{today}) : day_named(day_typed, today);
    if (!clock || !day) {
        return unknown_time(text);
    }
    auto wall = day->on + *clock;
    if (day->is_weekday && wall + a_moment <= local_now) {
        wall += date::weeks{1};
    }
    if (!zone_typed.empty() && !is_of_zone(zone_typed, date::floor<date::days>(wall), policy)) {
        return refuse(
            say_at("starts_at", "time_zone_unknown", {{"zone", policy.timezone}, {"typed", zone_typed}})
        );
    }
    return on_the_clock(wall, text, now, policy);
}

}  // namespace slipway
