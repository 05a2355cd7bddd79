#pragma once

namespace cast {

/// slipway.toml of the cast's team; ends in the table of its service `api`.
inline constexpr auto team_config = R"(
[slack]
channel = "C0DEPLOYS"
[roles]
developers = ["U0ALICE", "U0BOB"]
dev_lead = ["U0DANA"]
product_lead = ["U0PETRA"]
rnd_lead = ["U0RAJ"]
account_manager = ["U0ANNE"]
[on_call]
rotation = ["U0ALICE", "U0BOB"]
sprint_start = 2026-11-16
sprint_days = 14
[[service]]
name = "web"
[[service]]
name = "api"
)";

}  // namespace cast
