#include "tests/demo/scene.hpp"

#include "tests/demo/team_member.hpp"

#include <date/tz.h>

#include <algorithm>

namespace demo {

namespace {

constexpr auto zone = "America/New_York";

/// 22:00 of the next Tuesday, Wednesday or Thursday from `now` on, UNIX seconds: inside the document's
/// windows, with time left before it.
std::int64_t next_evening(simulator::Instant now, int skipped)
{
    const auto local = date::locate_zone(zone)->to_local(now);
    auto day = std::chrono::floor<date::days>(local);
    if (local - day > std::chrono::hours{20}) {
        day += date::days{1};
    }
    for (;; day += date::days{1}) {
        const date::weekday weekday(day);
        const bool is_open =
            weekday == date::Tuesday || weekday == date::Wednesday || weekday == date::Thursday;
        if (is_open && skipped-- == 0) {
            const auto begins = date::locate_zone(zone)->to_sys(day + std::chrono::hours{22});
            return std::chrono::floor<std::chrono::seconds>(begins.time_since_epoch()).count();
        }
    }
}

void unlock_all(BotInSimulator& world, TeamMember& dev_lead)
{
    for (const auto* service : {"web", "api"}) {
        const auto rolled_back = world.rows(
            std::string("SELECT 1 FROM deployments WHERE stage = 'rolled back' AND service = '") + service +
            "'"
        );
        if (!rolled_back.empty()) {
            dev_lead.types(std::string("/deploy unlock ") + service);
        }
    }
}

std::string newest(const BotInSimulator& world)
{
    return world.rows("SELECT 'D-' || max(number) FROM deployments").front();
}

void post(BotInSimulator& world, const char* user, const std::string& channel, const char* text)
{
    (void)world.server.people.reply(user, channel, "", text);
    (void)world.settle();
}

}  // namespace

void set_the_scene(BotInSimulator& world)
{
    TeamMember alice(world, "U0ALICE"), bob(world, "U0BOB"), dana(world, "U0DANA"), petra(world, "U0PETRA");
    unlock_all(world, dana);
    post(world, "U0ANNE", "C0RANDOM", "Cake in the kitchen, somebody turns 30 :tada:");
    post(world, "U0RAJ", "C0RANDOM", "Saving a piece for <@U0DANA>.");
    post(
        world,
        "U0ALICE",
        deploys,
        "The invoice export is through review, I am planning it for the next window."
    );
    (void)alice.plans({
        {"what", "Invoice export as CSV"},
        {"linear_issue", "ENG-1"},
        {"starts_at", next_evening(world.clock.now(), 0)},
        {"duration", "30m"},
        {"changes", "Export button on the invoice list\nExport runs in the background"},
        {"expected_impact", "None"},
        {"rollback_plan", "Disable feature flag"},
        {"flag", "invoice-export"},
    });
    const auto exported = newest(world);
    petra.replies(exported, "Stakeholder sign-off: Petra Pohl, today");
    (void)bob.ticks_all(exported, "gate1");
    (void)bob.ticks_all(exported, "qa");
    (void)bob.plans({
        {"what", "Rate limits for the public API"},
        {"linear_issue", "ENG-3"},
        {"service", "api"},
        {"starts_at", next_evening(world.clock.now(), 1)},
        {"duration", "45m"},
        {"on_call", "U0ALICE"},
        {"changes", "100 requests a minute per key\nA clear 429 with Retry-After"},
        {"expected_impact", "Heavy users are slowed down"},
        {"rollback_plan", "Revert commit"},
        {"client_facing", "no"},
        {"requested_by", "U0RAJ"},
    });
    post(world, "U0JANE", deploys, "I will look at the export in staging after lunch.");
}

}  // namespace demo
