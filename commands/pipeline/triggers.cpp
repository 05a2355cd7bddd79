#include "commands/pipeline/triggers.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <stdexcept>

namespace slipway {

namespace {

constexpr auto evaluate = "Evaluate, likely rollback";

/// Enough digits to tell a rate from its threshold, and one after the point at least: "6.1 %", "1.0 %",
/// "0.0525 %".
std::string percent(double value)
{
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.4f", value);
    std::string digits = text.data();
    while (digits.ends_with('0') && !digits.ends_with(".0")) {
        digits.pop_back();
    }
    return digits + " %";
}

/// A rate that something measured. What a broken query gives (no number, less than nothing) is no data.
bool is_rate(const std::optional<double>& rate) { return rate && std::isfinite(*rate) && *rate >= 0; }

const TriggerRow& row_of(const std::vector<TriggerRow>& rows, const std::string& key)
{
    const auto found =
        std::find_if(rows.begin(), rows.end(), [&](const TriggerRow& row) { return row.key == key; });
    if (found == rows.end()) {
        throw std::invalid_argument("no trigger is called '" + key + "'");
    }
    return *found;
}

void judge_error_rate(const Signal& signal, const Policy& policy, TriggerVerdict& verdict)
{
    if (!is_rate(signal.error_rate) || !is_rate(signal.baseline)) {
        verdict.evidence =
            is_rate(signal.error_rate) ? percent(*signal.error_rate) + ", no baseline" : "no data";
        return;
    }
    verdict.evidence = percent(*signal.error_rate) + " against a baseline of " + percent(*signal.baseline);
    const auto allowed = policy.error_rate_unit == ErrorRateUnit::points
                             ? *signal.baseline + policy.error_rate_threshold
                             : *signal.baseline * (1.0 + policy.error_rate_threshold / 100.0);
    // 3 % and 5 % more are 3.15 %, which binary fractions miss by a hair: that is not "more than".
    const auto rounding = 1e-9 * std::max(1.0, allowed);
    verdict.finding = *signal.error_rate > allowed + rounding ? Finding::fires : Finding::calm;
    const bool small = *signal.error_rate - *signal.baseline < policy.error_rate_minimum - rounding;
    if (policy.error_rate_unit == ErrorRateUnit::relative && (small || *signal.baseline <= 0)) {
        verdict.trigger_class = TriggerClass::evaluate;
        verdict.action = evaluate;
    }
}

void judge_tickets(const Signal& signal, Instant now, const Policy& policy, TriggerVerdict& verdict)
{
    if (!signal.tickets) {
        verdict.evidence = "no data";
        return;
    }
    const auto& all = *signal.tickets;
    const auto recent = std::count_if(all.begin(), all.end(), [&](Instant opened) {
        return opened <= now && now - opened < policy.tickets_within;
    });
    verdict.evidence = std::to_string(recent) + " tickets within " +
                       std::to_string(policy.tickets_within.count()) + " minutes";
    verdict.finding = recent > policy.tickets_threshold ? Finding::fires : Finding::calm;
}

}  // namespace

TriggerVerdict judge_signal(const Signal& signal, Instant now, const Policy& policy)
{
    const auto rows = trigger_rows(policy);
    const auto& row = row_of(rows, signal.kind);
    TriggerVerdict verdict{Finding::unknown, row.trigger_class, row.key, row.action, signal.detail};
    if (signal.kind == "error_rate") {
        judge_error_rate(signal, policy, verdict);
    }
    else if (signal.kind == "tickets") {
        judge_tickets(signal, now, policy, verdict);
    }
    else {
        verdict.finding = Finding::fires;
    }
    if (verdict.finding == Finding::fires && signal.was_failing_before) {
        verdict.finding = Finding::failing_before;
    }
    return verdict;
}

std::vector<TriggerRow> trigger_rows(const Policy& policy)
{
    std::array<char, 32> threshold{};
    std::snprintf(threshold.data(), threshold.size(), "%g", policy.error_rate_threshold);
    const auto unit = policy.error_rate_unit == ErrorRateUnit::points ? " points" : "%";
    const auto rate = std::string("> ") + threshold.data() + unit + " from baseline";
    const bool hourly = policy.tickets_within == std::chrono::hours{1};
    const auto minutes = std::to_string(policy.tickets_within.count()) + " minutes";
    const auto tickets = "> " + std::to_string(policy.tickets_threshold);
    const std::string at_once = "On-call (no approval needed)";
    return {
        {"error_rate",
         "Error rate increase",
         rate,
         "Immediate rollback",
         TriggerClass::immediate,
         "Error rate",
         rate,
         at_once},
        {"critical_feature",
         "Critical feature non-functional",
         "Login, payments, email broken",
         "Immediate rollback",
         TriggerClass::immediate,
         "Critical feature broken",
         "Any",
         at_once},
        {"database_corruption",
         "Database corruption",
         "Any detected corruption",
         "Immediate rollback + investigation",
         TriggerClass::immediate,
         "Database corruption",
         "Any",
         at_once},
        {"security",
         "Security vulnerability",
         "Any exposed vulnerability",
         "Immediate rollback + security response",
         TriggerClass::immediate,
         "Security vulnerability",
         "Any",
         at_once},
        {"tickets",
         "User-reported issues",
         tickets + " tickets within " + (hourly ? "1 hour" : minutes),
         evaluate,
         TriggerClass::evaluate,
         "User-reported issues",
         tickets + "/" + (hourly ? "hour" : minutes),
         "On-call (evaluate, likely rollback)"},
    };
}

std::string trigger_name(const std::string& key, const Policy& policy)
{
    for (const auto& row : trigger_rows(policy)) {
        if (row.key == key) {
            return row.name;
        }
    }
    return key;
}

Priority severity_of(TriggerClass trigger_class)
{
    return trigger_class == TriggerClass::immediate ? Priority::p0 : Priority::p1;
}

std::chrono::minutes update_interval(Priority severity)
{
    switch (severity) {
        case Priority::p0:
            return std::chrono::minutes{30};
        case Priority::p1:
            return std::chrono::minutes{60};
        case Priority::p2:
        case Priority::normal:
            break;
    }
    return std::chrono::minutes{240};
}

}  // namespace slipway
