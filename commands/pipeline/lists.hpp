#pragma once

/// The lists that somebody ticks, as the ledger calls them: none is ever renamed.
namespace slipway::lists {

inline constexpr auto gate1 = "gate1";
inline constexpr auto qa = "qa";
inline constexpr auto gate2 = "gate2";
inline constexpr auto pre_deployment = "pre_deployment";
inline constexpr auto steps = "steps";
inline constexpr auto smoke = "smoke";
inline constexpr auto check_in = "check_in_";  ///< the number of the check-in follows
inline constexpr auto rollback_steps = "rollback_steps";
inline constexpr auto rollback_smoke = "rollback_smoke";

// What the monitoring showed stands in the ledger as ticks of these; nobody ticks them.
inline constexpr auto failing_before = "signals_before";  ///< the start
inline constexpr auto noticed = "signals";                ///< and told: it does not count as a trouble

}  // namespace slipway::lists
