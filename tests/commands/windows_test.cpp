#include "commands/pipeline/windows.hpp"

#include <catch2/catch_test_macros.hpp>
#include <date/tz.h>

#include <utility>

namespace slipway {

namespace {

using namespace std::chrono_literals;
using date::literals::operator""_y;

/// One letter per hour that goes by: P preferred, A acceptable, v avoid, E emergency only.
using Day = std::pair<const char*, const char*>;

// Written by hand from the document: Tuesday and Wednesday 22:00-02:00 preferred, Thursday acceptable; the
// hours after midnight belong to the evening before; weekends are for P0 only.
constexpr auto monday = "vvvvvvvvvvvvvvvvvvvvvvvv";
constexpr auto tuesday = "vvvvvvvvvvvvvvvvvvvvvvPP";
constexpr auto wednesday = "PPvvvvvvvvvvvvvvvvvvvvPP";
constexpr auto thursday = "PPvvvvvvvvvvvvvvvvvvvvAA";
constexpr auto friday = "AAvvvvvvvvvvvvvvvvvvvvvv";
constexpr auto weekend = "EEEEEEEEEEEEEEEEEEEEEEEE";
constexpr auto weekend_of_25_hours = "EEEEEEEEEEEEEEEEEEEEEEEEE";
constexpr auto weekend_of_23_hours = "EEEEEEEEEEEEEEEEEEEEEEE";

const std::vector<Day> ordinary_week{
    {"2026-11-16", monday},
    {"2026-11-17", tuesday},
    {"2026-11-18", wednesday},
    {"2026-11-19", thursday},
    {"2026-11-20", friday},
    {"2026-11-21", weekend},
    {"2026-11-22", weekend},
};

const std::vector<Day> autumn_in_new_york{
    {"2026-10-26", monday},
    {"2026-10-27", tuesday},
    {"2026-10-28", wednesday},
    {"2026-10-29", thursday},
    {"2026-10-30", friday},
    {"2026-10-31", weekend},
    {"2026-11-01", weekend_of_25_hours},
    {"2026-11-02", monday},
    {"2026-11-03", tuesday},
    {"2026-11-04", wednesday},
    {"2026-11-05", thursday},
    {"2026-11-06", friday},
    {"2026-11-07", weekend},
    {"2026-11-08", weekend},
};

const std::vector<Day> spring_in_new_york{
    {"2027-03-08", monday},
    {"2027-03-09", tuesday},
    {"2027-03-10", wednesday},
    {"2027-03-11", thursday},
    {"2027-03-12", friday},
    {"2027-03-13", weekend},
    {"2027-03-14", weekend_of_23_hours},
    {"2027-03-15", monday},
    {"2027-03-16", tuesday},
    {"2027-03-17", wednesday},
    {"2027-03-18", thursday},
    {"2027-03-19", friday},
    {"2027-03-20", weekend},
    {"2027-03-21", weekend},
};

// A window on Saturdays 22:00-02:00, over the change of the clock itself. In October the hour from one to two
// comes twice and both are in the window; in March it does not come at all, and the window ends with it.
constexpr auto plain_weekday = "vvvvvvvvvvvvvvvvvvvvvvvv";
constexpr auto saturday_with_a_window = "EEEEEEEEEEEEEEEEEEEEEEPP";
constexpr auto sunday_after_a_window = "PPEEEEEEEEEEEEEEEEEEEEEE";
constexpr auto sunday_of_25_hours_after_a_window = "PPPEEEEEEEEEEEEEEEEEEEEEE";
constexpr auto sunday_of_23_hours_after_a_window = "PEEEEEEEEEEEEEEEEEEEEEE";

const std::vector<Day> ordinary_week_in_london{
    {"2026-11-16", plain_weekday},
    {"2026-11-17", plain_weekday},
    {"2026-11-18", plain_weekday},
    {"2026-11-19", plain_weekday},
    {"2026-11-20", plain_weekday},
    {"2026-11-21", saturday_with_a_window},
    {"2026-11-22", sunday_after_a_window},
};

const std::vector<Day> autumn_in_london{
    {"2026-10-19", plain_weekday},
    {"2026-10-20", plain_weekday},
    {"2026-10-21", plain_weekday},
    {"2026-10-22", plain_weekday},
    {"2026-10-23", plain_weekday},
    {"2026-10-24", saturday_with_a_window},
    {"2026-10-25", sunday_of_25_hours_after_a_window},
    {"2026-10-26", plain_weekday},
    {"2026-10-27", plain_weekday},
    {"2026-10-28", plain_weekday},
    {"2026-10-29", plain_weekday},
    {"2026-10-30", plain_weekday},
    {"2026-10-31", saturday_with_a_window},
    {"2026-11-01", sunday_after_a_window},
};

const std::vector<Day> spring_in_london{
    {"2027-03-22", plain_weekday},
    {"2027-03-23", plain_weekday},
    {"2027-03-24", plain_weekday},
    {"2027-03-25", plain_weekday},
    {"2027-03-26", plain_weekday},
    {"2027-03-27", saturday_with_a_window},
    {"2027-03-28", sunday_of_23_hours_after_a_window},
    {"2027-03-29", plain_weekday},
    {"2027-03-30", plain_weekday},
    {"2027-03-31", plain_weekday},
    {"2027-04-01", plain_weekday},
    {"2027-04-02", plain_weekday},
    {"2027-04-03", saturday_with_a_window},
    {"2027-04-04", sunday_after_a_window},
};

// Half an hour off the full one, and no change of the clock at all: on working days 10:00-16:00.
constexpr auto weekday_in_kolkata = "vvvvvvvvvvAAAAAAvvvvvvvv";

const std::vector<Day> ordinary_week_in_kolkata{
    {"2026-11-16", weekday_in_kolkata},
    {"2026-11-17", weekday_in_kolkata},
    {"2026-11-18", weekday_in_kolkata},
    {"2026-11-19", weekday_in_kolkata},
    {"2026-11-20", weekday_in_kolkata},
    {"2026-11-21", weekend},
    {"2026-11-22", weekend},
};

// While the clocks change elsewhere: in London and in New York.
const std::vector<Day> autumn_in_kolkata{
    {"2026-10-19", weekday_in_kolkata},
    {"2026-10-20", weekday_in_kolkata},
    {"2026-10-21", weekday_in_kolkata},
    {"2026-10-22", weekday_in_kolkata},
    {"2026-10-23", weekday_in_kolkata},
    {"2026-10-24", weekend},
    {"2026-10-25", weekend},
    {"2026-10-26", weekday_in_kolkata},
    {"2026-10-27", weekday_in_kolkata},
    {"2026-10-28", weekday_in_kolkata},
    {"2026-10-29", weekday_in_kolkata},
    {"2026-10-30", weekday_in_kolkata},
    {"2026-10-31", weekend},
    {"2026-11-01", weekend},
    {"2026-11-02", weekday_in_kolkata},
    {"2026-11-03", weekday_in_kolkata},
    {"2026-11-04", weekday_in_kolkata},
    {"2026-11-05", weekday_in_kolkata},
    {"2026-11-06", weekday_in_kolkata},
    {"2026-11-07", weekend},
    {"2026-11-08", weekend},
};

const std::vector<Day> spring_in_kolkata{
    {"2027-03-08", weekday_in_kolkata},
    {"2027-03-09", weekday_in_kolkata},
    {"2027-03-10", weekday_in_kolkata},
    {"2027-03-11", weekday_in_kolkata},
    {"2027-03-12", weekday_in_kolkata},
    {"2027-03-13", weekend},
    {"2027-03-14", weekend},
    {"2027-03-15", weekday_in_kolkata},
    {"2027-03-16", weekday_in_kolkata},
    {"2027-03-17", weekday_in_kolkata},
    {"2027-03-18", weekday_in_kolkata},
    {"2027-03-19", weekday_in_kolkata},
    {"2027-03-20", weekend},
    {"2027-03-21", weekend},
    {"2027-03-22", weekday_in_kolkata},
    {"2027-03-23", weekday_in_kolkata},
    {"2027-03-24", weekday_in_kolkata},
    {"2027-03-25", weekday_in_kolkata},
    {"2027-03-26", weekday_in_kolkata},
    {"2027-03-27", weekend},
    {"2027-03-28", weekend},
    {"2027-03-29", weekday_in_kolkata},
    {"2027-03-30", weekday_in_kolkata},
    {"2027-03-31", weekday_in_kolkata},
    {"2027-04-01", weekday_in_kolkata},
    {"2027-04-02", weekday_in_kolkata},
    {"2027-04-03", weekend},
    {"2027-04-04", weekend},
};

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

std::string graded(const Day& day, const Policy& policy)
{
    std::string letters;
    const auto midnight = at(std::string(day.first) + " 00:00", policy);
    const auto next =
        date::sys_days{team_date(midnight + 30h, policy)} - date::sys_days{team_date(midnight, policy)};
    for (auto hour = midnight; team_date(hour, policy) == team_date(midnight, policy); hour += 1h) {
        letters += letter_of(judge_start(hour, policy).grade);
    }
    CHECK(next.count() == 1);
    return letters;
}

/// That the table is whole, a row for each of `count` days that follow one another, and that each row holds.
void check(const std::vector<Day>& days, std::size_t count, const Policy& policy)
{
    CHECK(days.size() == count);
    const auto first =
        date::sys_days{team_date(at(std::string(days.front().first) + " 00:00", policy), policy)};
    date::days since{0};
    for (const auto& day : days) {
        INFO(day.first);
        CHECK(date::format("%F", first + since) == day.first);
        CHECK(graded(day, policy) == day.second);
        since += date::days{1};
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
    check(ordinary_week, 7, document_policy());
}

TEST_CASE("every hour of the two weeks around each change of the clock in New York", "[commands][windows]")
{
    check(autumn_in_new_york, 14, document_policy());
    check(spring_in_new_york, 14, document_policy());
}

TEST_CASE(
    "every hour of an ordinary week and of the two weeks around each change of the clock in London",
    "[commands][windows]"
)
{
    const auto policy = policy_in("Europe/London", {{{date::Saturday}, 22h, 2h, Grade::preferred}});
    check(ordinary_week_in_london, 7, policy);
    check(autumn_in_london, 14, policy);
    check(spring_in_london, 14, policy);
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
    check(ordinary_week_in_kolkata, 7, policy);
    check(autumn_in_kolkata, 21, policy);
    check(spring_in_kolkata, 28, policy);
}

TEST_CASE("the whole duration must fit", "[commands][windows]")
{
    const auto policy = document_policy();
    CHECK(fits_window(at("2026-11-24 22:00", policy), 240min, policy));
    CHECK_FALSE(fits_window(at("2026-11-24 22:00", policy), 241min, policy));
    CHECK(fits_window(at("2026-11-25 01:00", policy), 60min, policy));
    CHECK_FALSE(fits_window(at("2026-11-25 01:01", policy), 60min, policy));
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
