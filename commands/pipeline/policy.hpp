#pragma once

#include "commands/text/types.hpp"

#include <date/tz.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

/// How good a moment is for starting a deployment (pipeline document, Deployment Windows), best first.
enum class Grade {
    preferred,
    acceptable,
    avoid,           ///< needs a Dev Lead's exception with a reason
    emergency_only,  ///< weekends: P0 only
};

[[nodiscard]] std::string to_string(Grade grade);

/// A recurring stretch of team time. It belongs to the day on which it begins; `to <= from` ends on the next
/// day.
struct Window {
    std::vector<date::weekday> days;
    std::chrono::minutes from{};  ///< since local midnight, 0 to 1439
    std::chrono::minutes to{};
    Grade grade = Grade::preferred;
};

/// One tickable item of a list in the document. `key` goes into the ledger, `label` is the document's
/// wording.
struct ChecklistItem {
    std::string key;
    std::string label;
};

using Checklist = std::vector<ChecklistItem>;

/// How a service's deploy or rollback is run. Exactly one of the members is set (pipeline document,
/// Deployment Steps).
struct Action {
    std::vector<std::string> command;  ///< argument list, no shell
    std::string webhook_url;
    std::string github_workflow;  ///< "owner/repo/workflow.yml@ref"
    std::chrono::seconds time_limit{600};

    [[nodiscard]] bool empty() const
    {
        return command.empty() && webhook_url.empty() && github_workflow.empty();
    }
};

struct Service {
    std::string name;
    Action deploy;
    Action disable_flag;  ///< the fastest step of a rollback
    Action rollback;
    Action reverse_migrations;
    std::string
        error_rate_query;  ///< Prometheus expression polled while deploying and watching; empty for none
};

/// Unit of "more than 5 % from baseline": 5 % of the baseline, or five percentage points.
enum class ErrorRateUnit { relative, points };

/// Everything the rules need to know of the team, from slipway.toml. Defaults are the document's.
struct Policy {
    Policy();
    Policy(const Policy&);
    Policy(Policy&&) noexcept;
    Policy& operator=(const Policy&);
    Policy& operator=(Policy&&) noexcept;
    ~Policy();

    std::string timezone = "America/New_York";
    const date::time_zone* zone = nullptr;  ///< never null once the configuration was read

    std::vector<Window> windows;
    std::chrono::minutes business_from{9 * 60};  ///< Mon-Fri; P1 may start then with Dev Lead approval
    std::chrono::minutes business_to{17 * 60};

    std::vector<Service> services;

    std::vector<UserId> rotation;
    Date sprint_start{};
    std::chrono::days sprint_length{14};
    std::chrono::minutes on_call_margin{120};  ///< on-call covers the window and two hours after

    Checklist gate1;           ///< five conditions of Gate 1
    Checklist qa;              ///< six items of QA Testing
    Checklist gate2;           ///< six conditions of Gate 2
    Checklist pre_deployment;  ///< seven items
    Checklist steps;           ///< eight deployment steps
    Checklist smoke;           ///< six smoke tests
    Checklist monitoring;      ///< five categories of the watch

    bool gate1_by_github = false;  ///< a token is set: Gate 1 of a plan with a pull request is read there
    bool four_eyes = true;         ///< the author's own sign-off never counts
    std::chrono::minutes notice_lead{60};
    std::chrono::minutes watch_length{24 * 60};
    std::vector<std::chrono::minutes> check_ins{
        std::chrono::minutes{60}, std::chrono::minutes{240}, std::chrono::minutes{720}};

    double error_rate_threshold = 5.0;
    ErrorRateUnit error_rate_unit = ErrorRateUnit::relative;
    double error_rate_minimum = 0.05;  ///< points; a ratio that is less than this is nothing to roll back for
    int tickets_threshold = 10;        ///< more than this many within `tickets_within`
    std::chrono::minutes tickets_within{60};
    bool automatic_rollback = false;
    std::chrono::seconds automatic_rollback_delay{120};

    bool mirror_sign_offs = true;  ///< `linear.mirror` has "sign_offs"
    bool mirror_lifecycle = false;

    std::string command = "/deploy";  ///< how this workspace spells the slash command, for sentences
};

/// The document's windows, lists and thresholds, with `timezone` looked up in the system's zone data.
/// Throws std::runtime_error where the zone data is missing.
[[nodiscard]] Policy document_policy();

/// Whether anything at all is mirrored to Linear; where nothing is, a plan needs no Linear issue.
[[nodiscard]] bool mirrors(const Policy& policy);

/// What a service runs for "deploy" or for a step of a rollback ("disable_flag", "rollback",
/// "reverse_migrations"). Throws std::invalid_argument for any other name.
[[nodiscard]] const Action& action_of(const Service& service, const std::string& name);

/// Whether somebody who typed `typed` means what is called `name`: without case.
[[nodiscard]] bool is_called(const std::string& name, const std::string& typed);

/// The service called `name` (as it is written, else without case), or null.
[[nodiscard]] const Service* find_service(const Policy& policy, const std::string& name);

}  // namespace slipway
