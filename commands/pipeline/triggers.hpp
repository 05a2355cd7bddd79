#pragma once

#include "commands/pipeline/deployment.hpp"
#include "commands/pipeline/policy.hpp"

#include <optional>
#include <string>
#include <vector>

namespace slipway {

/// How a trigger is answered (pipeline document, Immediate Rollback Triggers; design 4.11).
enum class TriggerClass { immediate, evaluate };

/// What somebody or something observed. Exactly one kind of fact is set.
struct Signal {
    std::string service;
    std::string kind;  ///< "error_rate", "tickets", "critical_feature", "database_corruption", "security"
    std::optional<double>
        error_rate;  ///< percent; none, NaN or negative: missing data, "unknown", never "fine"
    std::optional<double> baseline;               ///< percent, taken before the start
    std::optional<std::vector<Instant>> tickets;  ///< when each was opened; none: missing data, "unknown"
    std::string detail;                           ///< "login", the CVE, …
    Instant at;
    bool was_failing_before = false;
};

enum class Finding { calm, fires, unknown, failing_before };

/// What `signal` means at `now`, with both numbers in words ("6.1 % against a baseline of 1.0 %"). In
/// relative units a rise over a baseline of zero, or one smaller than `error_rate_minimum`, is evaluated by a
/// person (design 4.11): one request of many thousands rolls nothing back. A ticket counts for less than
/// `tickets_within`.
struct TriggerVerdict {
    Finding finding = Finding::unknown;
    TriggerClass trigger_class = TriggerClass::immediate;
    std::string trigger;  ///< key of the document's row
    std::string action;   ///< the document's Action, word for word
    std::string evidence;
};

/// As severe as this at least is what fires a trigger of that class.
[[nodiscard]] Priority severity_of(TriggerClass trigger_class);

/// Throws std::invalid_argument on an unknown kind.
[[nodiscard]] TriggerVerdict judge_signal(const Signal& signal, Instant now, const Policy& policy);

/// The document's row of a trigger for the alerts, and how its Quick Reference puts it for `/deploy help
/// pipeline`.
struct TriggerRow {
    std::string key, name, threshold, action;
    TriggerClass trigger_class;
    std::string short_name, short_threshold;  ///< Rollback Trigger, Threshold
    std::string authority;                    ///< who may act on it
};

[[nodiscard]] std::vector<TriggerRow> trigger_rows(const Policy& policy);

/// The row's name: "error_rate" is "Error rate increase"; any other text stays as it is.
[[nodiscard]] std::string trigger_name(const std::string& key, const Policy& policy);

/// How long until the next update of an escalation: 30 minutes for P0, one hour for P1, four hours for P2
/// (ours).
[[nodiscard]] std::chrono::minutes update_interval(Priority severity);

/// It is asked for this long before.
inline constexpr std::chrono::minutes update_reminder{5};

}  // namespace slipway
