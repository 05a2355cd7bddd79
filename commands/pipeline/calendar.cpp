#include "commands/pipeline/calendar.hpp"

#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/runbook.hpp"

#include <date/tz.h>

namespace slipway {

namespace {

constexpr date::days day{1};

date::local_days day_of(Instant at, const Policy& policy)
{
    return date::floor<date::days>(policy.zone->to_local(at));
}

bool is_working_day(date::local_days on)
{
    const date::weekday weekday{on};
    return weekday != date::Saturday && weekday != date::Sunday;
}

Instant business_begins(date::local_days on, const Policy& policy)
{
    return Instant(policy.zone->to_sys(on + policy.business_from, date::choose::earliest).time_since_epoch());
}

HandOver hand_over_to(const Sprint& sprint, const Policy& policy)
{
    auto on = day_of(sprint.span.begins, policy);
    while (!is_working_day(on)) {
        on -= day;
    }
    return {business_begins(on, policy), sprint.span.begins};
}

}  // namespace

std::optional<HandOver> next_hand_over(Instant after, const TeamState& team, const Policy& policy)
{
    for (auto sprint = sprint_at(after, team, policy); sprint;
         sprint = sprint_at(sprint->span.ends, team, policy)) {
        const auto hand_over = hand_over_to(*sprint, policy);
        if (hand_over.said_at > after) {
            return hand_over;
        }
    }
    return std::nullopt;
}

Instant next_morning(Instant after, const Policy& policy)
{
    auto on = day_of(after, policy);
    while (!is_working_day(on) || business_begins(on, policy) <= after) {
        on += day;
    }
    return business_begins(on, policy);
}

Instant next_review_request(Instant after, const Policy& policy)
{
    auto asked = next_morning(after, policy);
    while (!is_review_due(asked, std::nullopt, policy)) {
        asked = next_morning(asked, policy);
    }
    return asked;
}

}  // namespace slipway
