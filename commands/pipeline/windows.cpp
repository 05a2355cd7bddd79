#include "commands/pipeline/windows.hpp"

#include <date/tz.h>

#include <algorithm>
#include <iterator>
#include <set>

namespace slipway {

namespace {

using std::chrono::minutes;
using Local = date::local_time<std::chrono::milliseconds>;

constexpr date::days one_day{1};
constexpr int weeks_searched = 8;

Local local_of(Instant at, const Policy& policy) { return policy.zone->to_local(at); }

/// The instant of a wall-clock time. A time that the clock repeats is its first occurrence; one that it skips
/// is the moment of the change.
Instant instant_of(date::local_time<minutes> wall, const Policy& policy)
{
    const auto info = policy.zone->get_info(wall);
    if (info.result == date::local_info::nonexistent) {
        return Instant(info.first.end.time_since_epoch());
    }
    return Instant((wall.time_since_epoch() - info.first.offset));
}

/// The occurrence of `window` that begins on the local day `on`; decided by instants, so that a changed clock
/// makes it an hour shorter or longer, never misplaces its ends.
Span occurrence(const Window& window, date::local_days on, const Policy& policy)
{
    const auto ends_on = window.to > window.from ? on : on + one_day;
    return {instant_of(on + window.from, policy), instant_of(ends_on + window.to, policy)};
}

bool begins_on(const Window& window, date::local_days on)
{
    const date::weekday weekday{on};
    return std::find(window.days.begin(), window.days.end(), weekday) != window.days.end();
}

bool is_weekend(date::local_days on)
{
    const date::weekday weekday{on};
    return weekday == date::Saturday || weekday == date::Sunday;
}

/// Every window that is open for a start at `preferred` or `acceptable` and begins on `on`.
std::vector<Span> open_windows(date::local_days on, const Policy& policy)
{
    std::vector<Span> spans;
    for (const auto& window : policy.windows) {
        if ((window.grade == Grade::preferred || window.grade == Grade::acceptable) &&
            begins_on(window, on)) {
            spans.push_back(occurrence(window, on, policy));
        }
    }
    return spans;
}

/// The first moment in `span` from which `duration` fits without a freeze; none where there is none.
std::optional<Instant> first_fit(
    Span span, minutes duration, const std::string& service, const TeamState& team
)
{
    auto at = span.begins;
    while (at < span.ends && at + duration <= span.ends) {
        const auto* freeze = freeze_at(team, service, at);
        if (freeze == nullptr) {
            return at;
        }
        at = freeze->until;
    }
    return std::nullopt;
}

}  // namespace

Judgement judge_start(Instant start, const Policy& policy)
{
    const auto today = date::floor<date::days>(local_of(start, policy));
    std::optional<Judgement> best;
    for (const auto on : {today - one_day, today}) {
        for (const auto& window : policy.windows) {
            if (!begins_on(window, on)) {
                continue;
            }
            const auto span = occurrence(window, on, policy);
            if (start >= span.begins && start < span.ends && (!best || window.grade < best->grade)) {
                best = Judgement{window.grade, span};
            }
        }
    }
    if (best) {
        return *best;
    }
    return {is_weekend(today) ? Grade::emergency_only : Grade::avoid, std::nullopt};
}

bool in_business_hours(Instant at, const Policy& policy)
{
    const auto local = local_of(at, policy);
    const auto today = date::floor<date::days>(local);
    const auto since_midnight = local - today;
    return !is_weekend(today) && since_midnight >= policy.business_from &&
           since_midnight < policy.business_to;
}

bool fits_window(Instant start, minutes duration, const Policy& policy)
{
    const auto judgement = judge_start(start, policy);
    return !judgement.window || start + duration <= judgement.window->ends;
}

const Freeze* freeze_at(const TeamState& team, const std::string& service, Instant at)
{
    const auto found = std::find_if(team.freezes.begin(), team.freezes.end(), [&](const Freeze& freeze) {
        return (freeze.service.empty() || freeze.service == service) && at >= freeze.begun &&
               at < freeze.until;
    });
    return found == team.freezes.end() ? nullptr : &*found;
}

std::vector<Instant> next_slots(
    Instant from,
    minutes duration,
    const std::string& service,
    int count,
    const TeamState& team,
    const Policy& policy
)
{
    std::set<Instant> slots;  // windows may overlap: a moment is offered once, in order
    const auto first = date::floor<date::days>(local_of(from, policy)) - one_day;
    for (auto on = first; on < first + date::weeks{weeks_searched}; on += one_day) {
        for (auto span : open_windows(on, policy)) {
            span.begins = std::max(span.begins, from);
            if (const auto slot = first_fit(span, duration, service, team)) {
                slots.insert(*slot);
            }
        }
    }
    const auto offered = std::min(slots.size(), static_cast<std::size_t>(std::max(count, 0)));
    return {slots.begin(), std::next(slots.begin(), static_cast<std::ptrdiff_t>(offered))};
}

std::string team_time(Instant at, const Policy& policy) { return past_time(at, at, policy); }

std::string past_time(Instant at, Instant now, const Policy& policy)
{
    const auto zoned = date::make_zoned(policy.zone, std::chrono::floor<minutes>(at));
    const auto calendar = team_date(at, policy);
    const bool is_of_this_year = calendar.year() == team_date(now, policy).year();
    return date::format("%a %b ", zoned) + std::to_string(unsigned{calendar.day()}) +
           date::format(is_of_this_year ? ", %H:%M %Z" : " %Y, %H:%M %Z", zoned);
}

std::string team_clock(Instant at, const Policy& policy)
{
    return date::format("%H:%M %Z", date::make_zoned(policy.zone, std::chrono::floor<minutes>(at)));
}

Date team_date(Instant at, const Policy& policy)
{
    return Date{date::floor<date::days>(local_of(at, policy))};
}

}  // namespace slipway
