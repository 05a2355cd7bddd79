#pragma once

#include "commands/pipeline/deployment.hpp"
#include "commands/pipeline/policy.hpp"
#include "commands/pipeline/team.hpp"

#include <optional>
#include <string>
#include <vector>

namespace slipway {

/// A stretch of time, end excluded.
struct Span {
    Instant begins, ends;

    bool operator==(const Span&) const = default;
};

/// How good `start` is (pipeline document, Deployment Windows; design 4.1). A window belongs to the day on
/// which it begins: Friday 01:00 is inside Thursday's. `window` is the window `start` lies in, if any; of
/// several, the best.
///
/// Decided by instants: a window over a change of the clock is an hour shorter or longer than it reads. An
/// end that the clock skips is the moment of the change, one that it repeats is the first of the two.
struct Judgement {
    Grade grade = Grade::avoid;
    std::optional<Span> window;
};

[[nodiscard]] Judgement judge_start(Instant start, const Policy& policy);

/// Mon-Fri within the configured hours, team time: when a P1 may start with Dev Lead approval.
[[nodiscard]] bool in_business_hours(Instant at, const Policy& policy);

/// Whether start + duration ends inside the window `start` lies in. True outside windows: there is nothing to
/// fit.
[[nodiscard]] bool fits_window(Instant start, std::chrono::minutes duration, const Policy& policy);

/// The freeze that stops `service` at `at`, or null.
[[nodiscard]] const Freeze* freeze_at(const TeamState& team, const std::string& service, Instant at);

/// The next `count` moments not before `from` at which `duration` fits a preferred or acceptable window and
/// no freeze stops `service`; on `from` itself if it is inside one. Searches eight weeks.
[[nodiscard]] std::vector<Instant> next_slots(
    Instant from,
    std::chrono::minutes duration,
    const std::string& service,
    int count,
    const TeamState& team,
    const Policy& policy
);

/// "Tue Nov 24, 22:00 EST": team time with the abbreviation in force, as people say it and may type it again.
[[nodiscard]] std::string team_time(Instant at, const Policy& policy);

/// The same of something that was: with the year where that is not the year of `now`.
[[nodiscard]] std::string past_time(Instant at, Instant now, const Policy& policy);

/// "22:00 EST".
[[nodiscard]] std::string team_clock(Instant at, const Policy& policy);

/// The calendar day of `at` in team time.
[[nodiscard]] Date team_date(Instant at, const Policy& policy);

/// What a person typed for a time: "2026-11-24 22:00", "Nov 24, 2026 at 10pm", "Tue Nov 24, 22:00", "tue
/// 22:00", "tomorrow 10pm", "22:00", "now", "in 2h". Team time, with or without its own abbreviation; a
/// weekday is the next one to come, no day is today. Errors: refuses the past, an unknown form, another
/// zone's abbreviation, and an hour that the change of the clock skips or repeats, naming forms that work.
[[nodiscard]] Result<Instant> parse_when(const std::string& text, Instant now, const Policy& policy);

/// "45", "45m", "1h", "1h30m", "1 h 30 m", "2 weeks", "90 minutes", "for 2h", "~45 minutes". Refuses zero,
/// negatives and more than 28 days.
[[nodiscard]] Result<std::chrono::minutes> parse_duration(const std::string& text);

/// When what begins at `begins` ends: a length, or a moment with or without "until".
[[nodiscard]] Result<Instant> parse_end(const std::string& text, Instant begins, const Policy& policy);

/// "for 1h30m Sale", "until fri 17:00 Sale": the end of it, and what else was typed.
struct SpokenSpan {
    Instant ends;
    std::string rest;
};

/// As many words of `text` as can be read as an end; a length has its unit, so that "for 2h 30 people" is
/// two hours.
[[nodiscard]] Result<SpokenSpan> take_span(const std::string& text, Instant begins, const Policy& policy);

}  // namespace slipway
