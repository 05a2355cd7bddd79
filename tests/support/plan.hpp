#pragma once

#include "commands/pipeline/deployment.hpp"
#include "tests/support/cast.hpp"

namespace slipway::testing {

/// Tuesday 2026-11-24, 22:00 EST: the planned start, and the beginning of a preferred window.
inline const Instant evening = Instant(date::sys_days{date::year{2026} / 11 / 25}) + std::chrono::hours{3};

/// A client-facing change of `web` without flag and migrations.
[[nodiscard]] inline Plan usual_plan()
{
    Plan plan;
    plan.what = "Faster search";
    plan.linear_issue = "ENG-123";
    plan.service = "web";
    plan.changes = {"New index", "Cached results"};
    plan.expected_impact = "None";
    plan.rollback_plan = "Revert commit";
    plan.client_facing = true;
    plan.requested_by = UserId(cast::called("jane").id());
    return plan;
}

}  // namespace slipway::testing
