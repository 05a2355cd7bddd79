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

// A window on Saturdays 22:00-02:00, over the change of the clock itself.
const std::vector<Day> autumn_in_london{
    {"2026-10-17", "EEEEEEEEEEEEEEEEEEEEEEPP"},
    {"2026-10-18", "PPEEEEEEEEEEEEEEEEEEEEEE"},
    {"2026-10-19", monday},
    {"2026-10-24", "EEEEEEEEEEEEEEEEEEEEEEPP"},
    {"2026-10-25", "PPPEEEEEEEEEEEEEEEEEEEEEE"},
    {"2026-10-26", monday},
    {"2026-10-31", "EEEEEEEEEEEEEEEEEEEEEEPP"},
    {"2026-11-01", "PPEEEEEEEEEEEEEEEEEEEEEE"},
};

const std::vector<Day> spring_in_london{
    {"2027-03-20", "EEEEEEEEEEEEEEEEEEEEEEPP"},
    {"2027-03-21", "PPEEEEEEEEEEEEEEEEEEEEEE"},
    {"2027-03-27", "EEEEEEEEEEEEEEEEEEEEEEPP"},
    {"2027-03-28", "PEEEEEEEEEEEEEEEEEEEEEE"},
    {"2027-03-29", monday},
    {"2027-04-03", "EEEEEEEEEEEEEEEEEEEEEEPP"},
};

// Half an hour off the full one, and no change of the clock at all.
const std::vector<Day> week_in_kolkata{
    {"2026-11-16", "vvvvvvvvvvAAAAAAvvvvvvvv"},
    {"2026-11-17", "vvvvvvvvvvAAAAAAvvvvvvvv"},
    {"2026-11-20", "vvvvvvvvvvAAAAAAvvvvvvvv"},
    {"2026-11-21", weekend},
    {"2026-11-22", weekend},
    {"2027-03-15", "vvvvvvvvvvAAAAAAvvvvvvvv"},
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

void check(const std::vector<Day>& days, const Policy& policy)
{
    for (const auto& day : days) {
        INFO(day.first);
        CHECK(graded(day, policy) == day.second);
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
    check(ordinary_week, document_policy());
}

TEST_CASE("every hour of the two weeks around each change of the clock in New York", "[commands][windows]")
{
    check(autumn_in_new_york, document_policy());
    check(spring_in_new_york, document_policy());
}

TEST_CASE("a window over the change of the clock in London is as long as the night", "[commands][windows]")
{
    const auto policy = policy_in("Europe/London", {{{date::Saturday}, 22h, 2h, Grade::preferred}});
    check(autumn_in_london, policy);
    check(spring_in_london, policy);
}

TEST_CASE("windows in Kolkata", "[commands][windows]")
{
    check(
        week_in_kolkata,
        policy_in(
            "Asia/Kolkata",
            {{{date::Monday, date::Tuesday, date::Wednesday, date::Thursday, date::Friday},
              10h,
              16h,
              Grade::acceptable}}
        )
    );
}

TEST_CASE("a window begins and ends on the minute", "[commands][windows]")
{
    const auto policy = document_policy();
    CHECK(judge_start(at("2026-11-24 21:59", policy), policy).grade == Grade::avoid);
    CHECK(judge_start(at("2026-11-24 22:00", policy), policy).grade == Grade::preferred);
    CHECK(judge_start(at("2026-11-25 01:59", policy), policy).grade == Grade::preferred);
    CHECK(judge_start(at("2026-11-25 02:00", policy), policy).grade == Grade::avoid);
}

TEST_CASE("the whole duration must fit", "[commands][windows]")
{
    const auto policy = document_policy();
    CHECK(fits_window(at("2026-11-24 22:00", policy), 240min, policy));
    CHECK_FALSE(fits_window(at("2026-11-24 22:00", policy), 241min, policy));
    CHECK(fits_window(at("2026-11-25 01:00", policy), 60min, policy));
    CHECK_FALSE(fits_window(at("2026-11-25 01:01", policy), 60min, policy));
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
        Times{"Tue 2026-11-24 22:00 EST", "Wed 2026-11-25 22:00 EST", "Thu 2026-11-26 22:00 EST"}
    );
    CHECK(slots("2026-11-25 01:00", 30min).front() == "Wed 2026-11-25 01:00 EST");
    CHECK(slots("2026-11-25 01:45", 30min).front() == "Wed 2026-11-25 22:00 EST");
    CHECK(slots("2026-10-30 12:00", 30min).front() == "Tue 2026-11-03 22:00 EST");
    CHECK(slots("2026-10-26 12:00", 30min).front() == "Tue 2026-10-27 22:00 EDT");
    TeamState frozen;
    frozen.freezes.push_back({"web", UserId("U0DANA"), {}, at("2026-11-25 12:00", policy), "Sale"});
    CHECK(slots("2026-11-24 12:00", 30min, frozen).front() == "Wed 2026-11-25 22:00 EST");
}

}  // namespace slipway
