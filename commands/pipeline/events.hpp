#pragma once

#include "commands/pipeline/people.hpp"
#include "commands/text/types.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace slipway {

/// Urgency of a change or severity of a trouble (pipeline document, Exceptions; Escalation Notification).
enum class Priority { p0, p1, p2, normal };

[[nodiscard]] std::string to_string(Priority priority);  ///< "P0", "P1", "P2", "normal"
[[nodiscard]] std::optional<Priority> priority_from(const std::string& text);

/// What people filled into the plan. Every member is material: a change of one starts a new revision.
struct Plan {
    Plan();
    Plan(const Plan&);
    Plan(Plan&&) noexcept;
    Plan& operator=(const Plan&);
    Plan& operator=(Plan&&) noexcept;
    ~Plan();

    std::string what;
    std::string linear_issue;  ///< identifier, "ENG-123"; may be empty where nothing is mirrored
    std::string service;
    std::vector<std::string> changes;
    std::string expected_impact;
    std::string rollback_plan;
    bool client_facing = false;
    UserId requested_by;
    std::string
        requested_by_client;   ///< the client's name where one asked for it: the Account Manager signs too
    std::string pull_request;  ///< URL, may be empty
    std::string commit;        ///< head commit, may be empty
    bool has_migrations = false;
    std::string flag;  ///< feature flag, may be empty
    Priority priority = Priority::normal;
    bool complex = false;  ///< complex or architectural: the Dev Lead reviews it too

    bool operator==(const Plan&) const = default;
};

// The kinds of event. A kind is never renamed or removed once a ledger may hold it; members may be added with
// a default.

struct Planned {
    Plan plan;
    std::optional<Instant> starts_at;
    std::chrono::minutes duration{};
    UserId on_call;  ///< empty: whoever the rotation names at the start
};

/// A material change: revision grows, sign-offs and ticks of the old one no longer count.
struct Amended {
    int revision = 0;  ///< the new one
    Plan plan;
};

struct Rescheduled {
    int schedule = 0;  ///< the new one
    Instant starts_at;
    std::chrono::minutes duration{};
};

/// pipeline document, Stage 2; design 4.5.
struct SignedOff {
    int revision = 0;
    UserId user;
    std::string name;  ///< as signed
    std::vector<Role> roles;
    Date signed_on{};
    std::string source;  ///< "reply", "button", "verb"
    std::string permalink;
    std::string note;
    std::string linear_comment_id;  ///< UUID v4, empty where sign-offs are not mirrored
    /// The head of the pull request then; empty where GitHub could not be read, none where it wasn't asked.
    std::optional<std::string> commit{};
};

struct SignOffWithdrawn {
    UserId user;
    std::string name;
    Date withdrawn_on{};
    std::string linear_comment_id;
};

struct Declined {
    int revision = 0;
    UserId user;
    std::string name;
    std::string reason;
};

/// Gate 1, 2 or 3 became true for a revision (the decision saw it; the fold does not judge).
struct GatePassed {
    int gate = 0;
    int revision = 0;
};

/// A gate that had passed no longer holds (withdrawal, decline, cleared tick).
struct GateReopened {
    int gate = 0;
    int revision = 0;
    std::string reason;
};

/// Somebody vouches for one item of a checklist: "gate1", "qa", "gate2", "pre_deployment", "smoke",
/// "rollback_smoke", "check_in_1" …; or, with `by_bot`, the bot knows it.
struct ItemTicked {
    std::string checklist;
    std::string item;
    bool by_bot = false;
    std::string evidence;  ///< facts used, e.g. what GitHub said
};

struct ItemCleared {
    std::string checklist;
    std::string item;
    std::string reason;
};

/// Audited override (design 4.1, 4.2): which unmet conditions, why, and whether a retroactive review is due.
struct ExceptionRecorded {
    int revision = 0;
    Role as = Role::dev_lead;
    std::vector<std::string> conditions;  ///< e.g. "window", "gate1:ci_green"
    std::string reason;
    std::optional<Instant> review_due;
    std::string commit{};  ///< the head that it was about; empty where that wasn't known
};

struct ReviewDone {
    std::string note;
};

struct NoticeSent {
    /// "pre_deployment", "post_deployment", "escalation", "rollback"; "postmortem" for its draft
    std::string notice;
    int schedule = 0;
    bool late = false;
};

/// Whoever was asked for a sign-off named somebody else to give it: the requestor a representative, the
/// holder of a role another holder (pipeline document, Gate 2). Holds for later revisions too.
struct SignOffDelegated {
    Role role = Role::requestor;
    UserId from;  ///< whose seat it is: for the requestor the one named in the plan
    UserId to;
};

/// Another on-call developer for this deployment; not material.
struct OnCallAssigned {
    UserId user;
};

struct GoGiven {};

struct OnCallReady {
    UserId on_call;
};

struct Started {
    UserId on_call;
    std::string grade;  ///< of the moment it started
    std::string
        commit{};  ///< the head that Gate 1 was read of, else the plan's; empty where neither is known
};

/// What the service has for `action` ("deploy", or a step of the rollback) waits to be run, once.
struct ActionBegun {
    std::string action;
};

/// It ran to its end, was broken off, or was not wanted any more when its turn came.
struct ActionEnded {
    std::string action;
    bool succeeded = true;
    bool accepted = false;  ///< where it runs it was only taken: how it ended nobody said
};

struct StepDone {
    std::string step;  ///< key of Policy::steps
    std::string output;
};

struct FlagMoved {
    std::string from, to;  ///< off, internal, subset, all
};

/// Gate 3 passed, the watch begins.
struct Completed {
    std::string known_issues{};  ///< as announced; empty for none
};

struct IssueRaised {
    std::string what;
    Priority severity = Priority::p1;
    std::string impact;
    std::string status;  ///< Investigating, Rollback in progress, Rolled back
    Instant next_update;
    std::string trigger;                     ///< key of the trigger, "manual" by hand
    std::string evidence;                    ///< both numbers of an error rate, the tickets
    std::optional<Instant> rolls_back_at{};  ///< when the automatic rollback begins unless it is stopped
};

struct IssueUpdated {
    std::string status;
    std::string note;
    Instant next_update;
    bool closed = false;
    bool stops_rollback = false;         ///< no automatic rollback any more for what was raised so far
    std::optional<int> issue{};          ///< which of the deployment's, from 1; none: the newest open one
    std::optional<Priority> severity{};  ///< where it changed
    std::string impact{};                ///< where it changed
};

struct RollbackStarted {
    std::string reason;
    std::vector<std::string> steps;  ///< in order: disable_flag, rollback, reverse_migrations
    bool automatic = false;
};

struct RollbackStepDone {
    std::string step;
    bool succeeded = true;
    std::string output;
    bool accepted = false;  ///< as of ActionEnded
};

struct RolledBack {};  ///< old version verified

struct DeclaredClean {
    int unanswered = 0;  ///< check-ins of the watch that nobody answered
};

struct Cancelled {
    std::string reason;
};

struct PostmortemLinked {
    std::string link;
};

// Events of the team, not of one deployment (deployment number 0 in the ledger).

struct FreezeBegun {
    std::string service;  ///< empty for all
    Instant until;
    std::string reason;
};

struct FreezeEnded {
    std::string service;
};

struct OnCallSwapped {
    UserId from, to;
    Instant begins, ends;
};

struct OnCallConfirmed {
    UserId user;
    Instant begins, ends;
};

struct ServiceLocked {
    std::string service;
    DeploymentId because_of;
};

struct ServiceUnlocked {
    std::string service;
    std::string reason;
};

struct RunbookReviewed {
    std::string note;
};

/// The on-call rotation as slipway.toml has it from now on. A change takes nobody off a turn that has begun.
struct RotationSet {
    std::vector<UserId> people;  ///< in turn; the first has the sprint that begins on `sprint_start`
    std::optional<Date> sprint_start{};
    int sprint_days = 0;
    Instant holds_from{};  ///< the end of the sprint in which it was read; the first one: since ever
};

/// What slipway.toml names and Slack has no more: all of it, each time it changed.
struct DirectoryChanged {
    std::vector<UserId> gone;           ///< who can no longer act: deactivated, a guest now
    std::vector<std::string> troubles;  ///< each in a sentence, of people, user groups and channels
};

using EventVariant = std::variant<
    Planned,
    Amended,
    Rescheduled,
    SignedOff,
    SignOffWithdrawn,
    Declined,
    GatePassed,
    GateReopened,
    ItemTicked,
    ItemCleared,
    ExceptionRecorded,
    ReviewDone,
    NoticeSent,
    OnCallAssigned,
    GoGiven,
    OnCallReady,
    Started,
    StepDone,
    FlagMoved,
    Completed,
    IssueRaised,
    IssueUpdated,
    RollbackStarted,
    RollbackStepDone,
    RolledBack,
    DeclaredClean,
    Cancelled,
    PostmortemLinked,
    SignOffDelegated,
    ActionBegun,
    ActionEnded,
    FreezeBegun,
    FreezeEnded,
    OnCallSwapped,
    OnCallConfirmed,
    ServiceLocked,
    ServiceUnlocked,
    RunbookReviewed,
    RotationSet,
    DirectoryChanged>;

/// One of them. Made, copied, moved and destroyed in events.cpp: done in every file that holds one, that was
/// a third of the compile time.
struct Event : EventVariant {
    template <OneOf<EventVariant> Kind>
    Event(Kind kind);
    Event();
    Event(const Event&);
    Event(Event&&) noexcept;
    Event& operator=(const Event&);
    Event& operator=(Event&&) noexcept;
    ~Event();
};

/// An event with what the ledger adds. `actor` is a user id, or "slipway" for what the bot does by itself.
struct RecordedEvent {
    DeploymentId deployment;  ///< number 0: the team's
    std::string actor;
    Instant at;
    Event event;
};

/// "signed_off": the value of `events.kind`.
[[nodiscard]] std::string kind_of(const Event& event);

/// The value of `events.body`, and back. A member that is missing keeps its default, so that old rows stay
/// readable; `event_from` throws std::invalid_argument on an unknown kind or a member of the wrong type.
[[nodiscard]] boost::json::object to_json(const Event& event);
[[nodiscard]] Event event_from(const std::string& kind, const boost::json::object& body);

/// "2026-11-24T03:00:00.000Z": how the ledger and every table write an instant. `instant_from` throws
/// std::invalid_argument on anything else.
[[nodiscard]] std::string iso(Instant instant);
[[nodiscard]] Instant instant_from(const std::string& text);

/// "2026-11-24".
[[nodiscard]] std::string iso(Date date);

}  // namespace slipway
