// A year of a small team: three deployments a week, sprints of two weeks, quarter ends, both changes of the
// clock. What Slipway says of its own accord is written down and compared with what the calendar on the wall
// asks for.
#include "commands/pipeline/on_call.hpp"
#include "tests/commands/team_in_memory.hpp"

#include <date/tz.h>

#include <set>
#include <tuple>

namespace slipway::testing {

namespace {

using Lines = std::multiset<std::string>;

constexpr date::local_days first_monday{date::year{2026} / 11 / 23};
constexpr int weeks = 52;
constexpr date::days day{1}, week{7};

/// "Tue 2026-11-24 21:00", by the team's clock.
std::string wall(date::local_days on, std::chrono::minutes of_day)
{
    return date::format("%a %F %H:%M", on + of_day);
}

/// What was said because a moment had come: when by the team's clock, to whom, what.
Lines reminders_of(const TeamInMemory& world)
{
    Lines lines;
    for (const auto& each : world.said) {
        if (!each.cause.starts_with("timer ")) {
            continue;
        }
        const auto at = date::format(
            "%a %F %H:%M ", date::floor<std::chrono::minutes>(world.policy.zone->to_local(each.at))
        );
        if (const auto* message = std::get_if<DirectMessage>(&each.saying)) {
            lines.insert(at + message->user.str() + " " + message->sentence.id);
        }
        else if (const auto* notice = std::get_if<Notice>(&each.saying)) {
            lines.insert(at + "everybody " + notice->kind);
        }
        else if (const auto* note = std::get_if<ThreadNote>(&each.saying)) {
            lines.insert(at + "the thread " + note->sentence.id);
        }
    }
    return lines;
}

/// The team's days: each act at its time of day, in order.
class Year {
public:
    TeamInMemory world;

    Year()
    {
        world.now = at(first_monday, 8h);
        world.restart();
    }

    void live_a_week(date::local_days monday)
    {
        const auto first = static_cast<int>(world.deployments.size()) + 1;
        live_until(monday, 14h);
        plan(monday + day, "web");
        plan(monday + 2 * day, "api");
        plan(monday + 3 * day, "web");
        live_until(monday, 15h);
        sign(first);
        sign(first + 1);
        for (int number = first; number < first + 3; ++number) {
            prepare(number);
        }
        deploy(first, monday + day);
        live_until(monday + 2 * day, 10h);
        sign(first + 2);
        deploy(first + 1, monday + 2 * day);
        clean(first, monday + 2 * day);
        deploy(first + 2, monday + 3 * day);
        clean(first + 1, monday + 3 * day);
        clean(first + 2, monday + 4 * day);
    }

    /// Jane declines, Carl takes the night over from Bob, Dana lets it start by an exception, and it goes
    /// wrong.
    void live_through_an_incident(date::local_days monday)
    {
        const auto number = static_cast<int>(world.deployments.size()) + 1;
        const auto tuesday = monday + day;
        live_until(monday, 14h);
        plan(tuesday, "web");
        live_until(monday, 15h);
        act("petra", "signoff", number);
        act("jane", "decline", number, {{"reason", "Totals are off"}});
        const auto swapped = world.say(
            "dana", "swap", std::nullopt, {{"user", "U0CARL"}, {"from", "tue 21:00"}, {"to", "12h"}}
        );
        REQUIRE(swapped.has_value());
        live_until(tuesday, 22h);
        act("dana", "start", number, {{"reason", "The sale begins tomorrow"}});
        live_until(tuesday, 22h + 20min);
        act("carl", "issue", number, {{"what", "Errors at login"}, {"severity", "P0"}});
        live_until(tuesday, 22h + 55min);
        act("carl", "update", number, {{"note", "It is the index"}, {"status", "Investigating"}});
        live_until(tuesday, 23h + 22min);
        act("carl", "rollback", number);
        act("carl", "step", number, {{"step", "rollback"}});
        live_until(tuesday, 23h + 40min);
        act("carl", "rolledback", number);
        live_until(tuesday + 2 * day, 10h);
        act("dana", "review", number, {{"note", "It could have waited"}});
        act("carl", "postmortem", number, {{"link", "https://docs.example.com/1"}});
        live_until(monday + week, 8h);
    }

    [[nodiscard]] Instant at(date::local_days on, std::chrono::minutes of_day) const
    {
        return Instant(world.policy.zone->to_sys(on + of_day).time_since_epoch());
    }

private:
    /// Dana reviews the runbook at the noon after she was asked to.
    void live_until(date::local_days on, std::chrono::minutes of_day)
    {
        for (; at(today_, 12h) < at(on, of_day); today_ += day) {
            const auto before = world.said.size();
            world.move_to(at(today_, 12h));
            for (auto each = before; each < world.said.size(); ++each) {
                const auto* message = std::get_if<DirectMessage>(&world.said[each].saying);
                if (message != nullptr && message->sentence.id == "runbook_review_asked") {
                    REQUIRE(world.say("dana", "runbook_reviewed").has_value());
                }
            }
        }
        world.move_to(at(on, of_day));
    }

    void act(const std::string& name, const std::string& verb, int number, boost::json::object fields = {})
    {
        const auto outcome = world.say(name, verb, number, std::move(fields));
        INFO(name << " says " << verb << " of D-" << number << ": " << outcome_of(outcome));
        REQUIRE(outcome.has_value());
    }

    void plan(date::local_days evening_of, const char* service)
    {
        const auto starts_at = std::chrono::floor<std::chrono::seconds>(at(evening_of, 22h));
        const auto planned = world.say(
            "alice",
            "plan",
            std::nullopt,
            plan_fields(
                {{"service", service},
                 {"client_facing", "yes"},
                 {"requested_by", "U0JANE"},
                 {"duration", "45m"},
                 {"starts_at", starts_at.time_since_epoch().count()}}
            )
        );
        INFO(outcome_of(planned));
        REQUIRE(planned.has_value());
    }

    void sign(int number)
    {
        act("petra", "signoff", number);
        act("jane", "signoff", number);
    }

    void tick(const std::string& name, int number, const char* list, std::initializer_list<const char*> items)
    {
        for (const auto* item : items) {
            act(name, "tick", number, {{"checklist", list}, {"item", item}});
        }
    }

    void prepare(int number)
    {
        tick(
            "carl",
            number,
            "gate1",
            {"approved", "ci_green", "threads_resolved", "testing_notes", "issue_referenced"}
        );
        tick("petra", number, "gate2", {"qa_bugs", "minor_bugs"});
        tick("carl", number, "pre_deployment", {"environment", "dependencies", "runbook"});
    }

    std::string on_call() const
    {
        return on_call_at(world.now, world.team, world.policy) == id_of("bob") ? "bob" : "carl";
    }

    void done(const char* verb, int number) { act(on_call(), verb, number); }

    void clean(int number, date::local_days on)
    {
        live_until(on, 22h + 20min);
        done("clean", number);
    }

    void deploy(int number, date::local_days on)
    {
        live_until(on, 20h + 30min);
        act("dana", "go", number);
        done("ready", number);
        live_until(on, 22h);
        done("start", number);
        tick(on_call(), number, "smoke", {"loads", "login", "core", "feature", "logs"});
        live_until(on, 22h + 15min);
        done("done", number);
    }

    date::local_days today_ = first_monday;
};

/// What a week of this team asks for, by the clock on the wall: the notice an hour ahead, the check-ins of
/// each watch and its end, and the one sign-off that was not given within a day.
Lines week_of(date::local_days monday, const std::string& on_call)
{
    struct Row {
        int day;
        std::chrono::minutes at;
        std::string what;
    };

    const std::vector<Row> rows{
        {1, 14h, "U0PETRA chase_sign_off"},
        {1, 14h, "U0JANE chase_sign_off"},
        {1, 21h, "everybody pre_deployment"},
        {1, 23h + 15min, on_call + " check_in"},
        {2, 2h + 15min, on_call + " check_in"},
        {2, 10h + 15min, on_call + " check_in"},
        {2, 21h, "everybody pre_deployment"},
        {2, 22h + 15min, on_call + " ask_clean"},
        {2, 23h + 15min, on_call + " check_in"},
        {3, 2h + 15min, on_call + " check_in"},
        {3, 10h + 15min, on_call + " check_in"},
        {3, 21h, "everybody pre_deployment"},
        {3, 22h + 15min, on_call + " ask_clean"},
        {3, 23h + 15min, on_call + " check_in"},
        {4, 2h + 15min, on_call + " check_in"},
        {4, 10h + 15min, on_call + " check_in"},
        {4, 22h + 15min, on_call + " ask_clean"},
    };
    Lines lines;
    for (const auto& row : rows) {
        lines.insert(wall(monday + row.day * day, row.at) + " " + row.what);
    }
    return lines;
}

}  // namespace

TEST_CASE("a year of a small team: every reminder once, in the right hour", "[commands][document]")
{
    Lines expected{
        // The first working day of each quarter's last week; Dana reviews the runbook at once.
        "Fri 2026-12-25 09:00 U0DANA runbook_review_asked",
        "Thu 2027-03-25 09:00 U0DANA runbook_review_asked",
        "Thu 2027-06-24 09:00 U0DANA runbook_review_asked",
        "Fri 2027-09-24 09:00 U0DANA runbook_review_asked",
    };
    Year year;
    for (int number = 0; number < weeks; ++number) {
        const auto monday = first_monday + number * week;
        // Sprints of two weeks, Bob's from 2026-11-16, then Carl's, and so on.
        const bool carls = (number + 1) / 2 % 2 == 1;
        const std::string on_call = carls ? "U0CARL" : "U0BOB";
        if (number % 2 == 1) {
            expected.insert(wall(monday, 9h) + " " + on_call + " hand_over_to_you");
            expected.insert(wall(monday, 9h) + (carls ? " U0BOB" : " U0CARL") + " hand_over_from_you");
        }
        expected.merge(week_of(monday, on_call));
        year.live_a_week(monday);
    }
    const auto incident = first_monday + weeks * week;
    year.live_through_an_incident(incident);
    for (const auto& [on, of_day, what] :
         {// Nobody is asked again for the sign-off that was declined.
          std::tuple{1, 21h + 0min, "everybody pre_deployment"},
          // Carl, who took the night over, is asked for each update five minutes ahead; the first one is
          // late.
          {1, 22h + 45min, "U0CARL update_due_soon"},
          {1, 22h + 50min, "the thread update_late"},
          {1, 23h + 20min, "U0CARL update_due_soon"},
          // Review and post-mortem are due within 24 hours, and are chased in the morning.
          {2, 22h + 0min, "U0DANA review_due"},
          {3, 9h + 0min, "U0DANA review_due"},
          {2, 23h + 22min, "U0CARL postmortem_due"},
          {3, 9h + 0min, "U0CARL postmortem_due"}}) {
        expected.insert(wall(incident + on * day, of_day) + " " + what);
    }
    const auto said = reminders_of(year.world);
    for (const auto& line : said) {
        INFO(line);
        CHECK(said.count(line) == 1);
        CHECK(expected.count(line) == 1);
    }
    for (const auto& line : expected) {
        INFO(line);
        CHECK(said.count(line) == 1);
    }
    CHECK(year.world.deployments.size() == 3 * weeks + 1);
    CHECK(said.size() == weeks * 17 + weeks + 4 + 8);
}

TEST_CASE(
    "who does not declare a watch clean is asked again in the mornings, not at night", "[commands][document]"
)
{
    StagedDeployment scene;
    scene.reach(Stage::watching);
    scene.now += 24h;  // Wednesday 22:00
    for (const auto* morning :
         {"2026-11-26 09:00", "2026-11-27 09:00", "2026-11-30 09:00", "2026-12-01 09:00"}) {
        CHECK(due_of(scene.fire("watch_end"), "watch_end") == est(morning));
        scene.now = est(morning);
    }
}

}  // namespace slipway::testing
