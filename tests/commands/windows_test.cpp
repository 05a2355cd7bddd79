#include "commands/pipeline/windows.hpp"

#include <catch2/catch_test_macros.hpp>
#include <date/tz.h>

#include <array>
#include <sstream>

namespace slipway {

namespace {

using namespace std::chrono_literals;
using date::literals::operator""_y;

/// The days from Monday to Sunday, of each one letter per hour that goes by: P preferred, A acceptable, v
/// avoid, E emergency only.
using Week = std::array<std::string, 7>;

Week with_sunday(Week week, const char* sunday)
{
    week.back() = sunday;
    return week;
}

// Written by hand from the document: Tuesday and Wednesday 22:00-02:00 preferred, Thursday acceptable; the
// hours after midnight belong to the evening before; weekends are for P0 only.
constexpr auto weekend = "EEEEEEEEEEEEEEEEEEEEEEEE";
const Week ordinary{
    "vvvvvvvvvvvvvvvvvvvvvvvv",
    "vvvvvvvvvvvvvvvvvvvvvvPP",
    "PPvvvvvvvvvvvvvvvvvvvvPP",
    "PPvvvvvvvvvvvvvvvvvvvvAA",
    "AAvvvvvvvvvvvvvvvvvvvvvv",
    weekend,
    weekend};

// A window on Saturdays 22:00-02:00, over the change of the clock itself. In October the hour from one to two
// comes twice and both are in the window; in March it does not come at all, and the window ends with it.
constexpr auto closed = "vvvvvvvvvvvvvvvvvvvvvvvv";
const Week in_london{
    closed, closed, closed, closed, closed, "EEEEEEEEEEEEEEEEEEEEEEPP", "PPEEEEEEEEEEEEEEEEEEEEEE"};

// Half an hour off the full one, and no change of the clock at all: on working days 10:00-16:00.
constexpr auto by_day = "vvvvvvvvvvAAAAAAvvvvvvvv";
const Week in_kolkata{by_day, by_day, by_day, by_day, by_day, weekend, weekend};

char letter_of(Grade grade)
{
    return grade == Grade::preferred    ? 'P'
           : grade == Grade::acceptable ? 'A'
           : grade == Grade::avoid      ? 'v'
                                        : 'E';
}

Instant at(const std::string& wall, const Policy& policy)
{
    std::istringstream stream(wall);
    date::local_time<std::chrono::minutes> local;
    stream >> date::parse("%F %R", local);
    return policy.zone->to_sys(local);
}

std::string graded(date::sys_days day, const Policy& policy)
{
    std::string letters;
    const auto wall = date::local_days(day.time_since_epoch());
    for (auto hour = policy.zone->to_sys(wall); team_date(hour, policy) == date::year_month_day(day);
         hour += 1h) {
        letters += letter_of(judge_start(hour, policy).grade);
    }
    return letters;
}

/// That each hour of `weeks` holds, the first of which begins on `monday`.
void check(date::year_month_day monday, const std::vector<Week>& weeks, const Policy& policy)
{
    date::sys_days day(monday);
    REQUIRE(date::weekday(day) == date::Monday);
    for (const auto& week : weeks) {
        for (const auto& letters : week) {
            INFO(date::format("%F", day));
            CHECK(graded(day, policy) == letters);
            day += date::days{1};
        }
    }
}

Policy policy_in(const char* zone, std::vector<Window> windows)
{
    auto policy = document_policy();
    policy.timezone = zone;
    policy.zone = date::locate_zone(zone);
    policy.windows = std::move(windows);
    return policy;
}

}  // namespace

TEST_CASE("every hour of an ordinary week", "[commands][windows]")
{
    check(2026_y / 11 / 16, {ordinary}, document_policy());
}

TEST_CASE("every hour of the two weeks around each change of the clock in New York", "[commands][windows]")
{
    const auto of_25_hours = with_sunday(ordinary, "EEEEEEEEEEEEEEEEEEEEEEEEE");
    check(2026_y / 10 / 26, {of_25_hours, ordinary}, document_policy());
    const auto of_23_hours = with_sunday(ordinary, "EEEEEEEEEEEEEEEEEEEEEEE");
    check(2027_y / 3 / 8, {of_23_hours, ordinary}, document_policy());
}

TEST_CASE(
    "every hour of an ordinary week and of the two weeks around each change of the clock in London",
    "[commands][windows]"
)
{
    const auto policy = policy_in("Europe/London", {{{date::Saturday}, 22h, 2h, Grade::preferred}});
    check(2026_y / 11 / 16, {in_london}, policy);
    const auto of_25_hours = with_sunday(in_london, "PPPEEEEEEEEEEEEEEEEEEEEEE");
    check(2026_y / 10 / 19, {of_25_hours, in_london}, policy);
    const auto of_23_hours = with_sunday(in_london, "PEEEEEEEEEEEEEEEEEEEEEE");
    check(2027_y / 3 / 22, {of_23_hours, in_london}, policy);
}

TEST_CASE(
    "every hour of an ordinary week and of the weeks around other people's changes of the clock in Kolkata",
    "[commands][windows]"
)
{
    const auto policy = policy_in(
        "Asia/Kolkata",
        {{{date::Monday, date::Tuesday, date::Wednesday, date::Thursday, date::Friday},
          10h,
          16h,
          Grade::acceptable}}
    );
    check(2026_y / 11 / 16, {in_kolkata}, policy);
    check(2026_y / 10 / 19, {in_kolkata, in_kolkata, in_kolkata}, policy);
    check(2027_y / 3 / 8, {in_kolkata, in_kolkata, in_kolkata, in_kolkata}, policy);
}

TEST_CASE("the whole duration must fit", "[commands][windows]")
{
    const auto policy = document_policy();
    CHECK(fits_window(at("2026-11-24 22:00", policy), 240min, policy));
    CHECK_FALSE(fits_window(at("2026-11-24 22:00", policy), 241min, policy));
    CHECK(fits_window(at("2026-11-25 01:00", policy), 60min, policy));
    CHECK_FALSE(fits_window(at("2026-11-25 01:01", policy), 60min, policy));
}

TEST_CASE("a window that ends when it begins is open for a day", "[commands][windows]")
{
    auto policy = document_policy();
    policy.windows = {{{date::Tuesday}, 9h, 9h, Grade::preferred}};
    CHECK(judge_start(at("2026-11-25 08:59", policy), policy).grade == Grade::preferred);
    CHECK(judge_start(at("2026-11-25 09:00", policy), policy).grade == Grade::avoid);
}

TEST_CASE("a time that people read off the clock a moment ago is now", "[commands][windows]")
{
    const auto policy = document_policy();

    struct Row {
        std::string typed;
        std::chrono::seconds after;  ///< Tuesday 2026-11-24 22:00
        const char* meant;
    };

    const std::vector<Row> rows{
        {"tue 22:00", -1s, "Tue Nov 24, 22:00 EST"},
        {"tue 22:00", 30s, "Tue Nov 24, 22:00 EST"},
        {"tue 22:00", 4min + 59s, "Tue Nov 24, 22:04 EST"},
        {"tue 22:00", 5min, "Tue Dec 1, 22:00 EST"},
        {"wed 22:00", 30s, "Wed Nov 25, 22:00 EST"},
        {"22:00", 4min + 59s, "Tue Nov 24, 22:04 EST"},
        {"today 10pm", 5min, "past"},
        {"2026-11-24 22:00", 5min, "past"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.typed, row.after.count());
        const auto now = at("2026-11-24 22:00", policy) + row.after;
        const auto meant = parse_when(row.typed, now, policy);
        CHECK((meant ? team_time(*meant, policy) : std::string("past")) == row.meant);
        CHECK((!meant || *meant >= now));
    }
}

TEST_CASE("a time may be typed as it is shown", "[commands][windows]")
{
    const auto policy = document_policy();
    const auto meant = [&](const std::string& typed, const char* now) {
        const auto when = parse_when(typed, at(now, policy), policy);
        return when ? team_time(*when, policy) : when.error().sentences.front().id;
    };
    const auto shown = team_time(at("2026-12-01 22:00", policy), policy);
    CHECK(shown == "Tue Dec 1, 22:00 EST");
    CHECK(meant(shown, "2026-11-24 15:00") == shown);
    CHECK(meant("dec 1 10pm", "2026-11-24 15:00") == shown);
    CHECK(meant("1 December 22:00", "2026-11-24 15:00") == shown);
    CHECK(meant("Tue Jan 5, 22:00 EST", "2026-12-30 15:00") == "Tue Jan 5, 22:00 EST");  // next year's
    CHECK(meant("Dec 30, 22:00", "2027-01-02 15:00") == "time_past");                    // last year's
    CHECK(meant("Sun Dec 1, 22:00", "2026-11-24 15:00") == "time_unknown");              // a Tuesday
}

TEST_CASE("the next three slots", "[commands][windows]")
{
    const auto policy = document_policy();
    const auto slots = [&](const char* from, std::chrono::minutes duration, const TeamState& team = {}) {
        std::vector<std::string> times;
        for (const auto slot : next_slots(at(from, policy), duration, "web", 3, team, policy)) {
            times.push_back(team_time(slot, policy));
        }
        return times;
    };
    using Times = std::vector<std::string>;
    CHECK(
        slots("2026-11-20 12:00", 30min) ==
        Times{"Tue Nov 24, 22:00 EST", "Wed Nov 25, 22:00 EST", "Thu Nov 26, 22:00 EST"}
    );
    CHECK(slots("2026-11-25 01:00", 30min).front() == "Wed Nov 25, 01:00 EST");
    CHECK(slots("2026-11-25 01:45", 30min).front() == "Wed Nov 25, 22:00 EST");
    CHECK(slots("2026-10-30 12:00", 30min).front() == "Tue Nov 3, 22:00 EST");
    CHECK(slots("2026-10-26 12:00", 30min).front() == "Tue Oct 27, 22:00 EDT");
    TeamState frozen;
    frozen.freezes.push_back({"web", UserId("U0DANA"), {}, at("2026-11-25 12:00", policy), "Sale"});
    CHECK(slots("2026-11-24 12:00", 30min, frozen).front() == "Wed Nov 25, 22:00 EST");
}

}  // namespace slipway
