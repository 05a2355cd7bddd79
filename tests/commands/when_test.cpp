#include "commands/pipeline/windows.hpp"

#include <catch2/catch_test_macros.hpp>
#include <date/tz.h>

#include <optional>

namespace slipway {

namespace {

using namespace std::chrono_literals;
using std::chrono::minutes;

std::optional<minutes> length(const std::string& typed)
{
    const auto read = parse_duration(typed);
    return read ? std::optional(*read) : std::nullopt;
}

}  // namespace

TEST_CASE("lengths of time as people type them", "[commands][when]")
{
    struct Row {
        std::string typed;
        std::optional<minutes> meant;
    };

    const std::vector<Row> rows{
        {"45", 45min},
        {"45m", 45min},
        {"about 45 minutes", 45min},
        {"for 2 hours", 120min},
        {"2h 30m", 150min},
        {"1 h 30 m", 90min},
        {"2 weeks", 20'160min},
        {"1w 2d", 12'960min},
        {"1 day 2hrs", 1'560min},
        {"\uFF14\uFF15\u00A0min", 45min},
        {"1m", 1min},
        {"0", std::nullopt},
        {"28d", 40'320min},
        {"28d 1m", std::nullopt},
        {"", std::nullopt},
        {"soon", std::nullopt},
        {"2h" + std::string(500, ' ') + "30m", 150min},
        {std::string(5'000, '2'), std::nullopt},
    };
    for (const auto& row : rows) {
        CAPTURE(row.typed);
        CHECK(length(row.typed) == row.meant);
    }
}

TEST_CASE("a time of day is one that clocks show", "[commands][when]")
{
    Policy policy;
    policy.timezone = "America/New_York";
    policy.zone = date::locate_zone(policy.timezone);
    const Instant monday_noon = policy.zone->to_sys(date::local_days{date::year{2026} / 11 / 23} + 12h);
    const auto meant = [&](const std::string& typed) {
        const auto when = parse_when(typed, monday_noon, policy);
        return when ? team_time(*when, policy) : when.error().sentences.front().id;
    };
    CHECK(meant("tue 12pm") == "Tue Nov 24, 12:00 EST");
    CHECK(meant("tue 12am") == "Tue Nov 24, 00:00 EST");
    CHECK(meant("tue 1:05 PM est") == "Tue Nov 24, 13:05 EST");
    CHECK(meant("tue 23:59") == "Tue Nov 24, 23:59 EST");
    for (const auto* typed :
         {"tue 0pm", "tue 13pm", "tue 24:00", "tue 22:60", "tue 7", "in a while", "in 0m"}) {
        CAPTURE(typed);
        CHECK(meant(typed) == "time_unknown");
    }
    CHECK(meant("in 2h") == "Mon Nov 23, 14:00 EST");
    CHECK(meant("tue 22:00 cet") == "time_zone_unknown");
    CHECK(meant("tue 22:00 pt") == "time_zone_unknown");
    for (const auto* typed :
         {"tue 22:00 et",
          "10 PM tue",
          "10pm, Tuesday",
          "22:00 on tue",
          "10 pm est on tuesday",
          "22:00 ET tomorrow"}) {
        CAPTURE(typed);
        CHECK(meant(typed) == "Tue Nov 24, 22:00 EST");
    }
    for (const auto* typed : {"22:00 est", "today 22:00", "10pm tonight"}) {
        CAPTURE(typed);
        CHECK(meant(typed) == "Mon Nov 23, 22:00 EST");
    }
    CHECK(meant(std::string(5'000, '2') + " 22:00") == "time_unknown");
}

}  // namespace slipway
