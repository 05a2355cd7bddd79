#pragma once

#include "tests/demo/team_member.hpp"

#include <catch2/catch_test_macros.hpp>

namespace demo {

/// A world in which D-1 has passed its gates and is started at 22:00.
struct LiveDeployment : BotWorld {
    explicit LiveDeployment(Options options = {}, json::object fields = {}) : BotWorld(std::move(options))
    {
        start_bot();
        REQUIRE(alice.plans(std::move(fields)));
        TeamMember petra(*this, "U0PETRA");
        TeamMember jane(*this, "U0JANE");
        petra.replies("D-1", "Stakeholder sign-off: Petra Pohl, today");
        jane.replies("D-1", "Stakeholder sign-off: Jane Doe, today");
        for (const auto* list : {"gate1", "qa", "gate2", "pre_deployment"}) {
            REQUIRE(bob.ticks_all("D-1", list));
        }
        REQUIRE(dana.presses("D-1", "verb:go"));
        REQUIRE(bob.presses("D-1", "verb:ready"));
        advance_to("2026-11-24 22:00");
    }

    [[nodiscard]] std::string stage() const { return rows("SELECT stage FROM deployments").front(); }

    TeamMember alice{*this, "U0ALICE"}, bob{*this, "U0BOB"}, dana{*this, "U0DANA"};
};

}  // namespace demo
