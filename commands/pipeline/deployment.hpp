#pragma once

#include "commands/pipeline/events.hpp"
#include "commands/pipeline/people.hpp"
#include "commands/text/types.hpp"

#include <chrono>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

/// Where a deployment stands. The enumerator is the word a user sees, with spaces for underscores.
enum class Stage {
    planned,       ///< waiting for Gate 2
    signed_off,    ///< Gate 2 passed for the current revision
    deploying,     ///< started; smoke tests not yet passed
    watching,      ///< Gate 3 passed; the 24 hours
    done,          ///< declared clean
    rolling_back,  ///< rollback started, old version not yet verified
    rolled_back,
    cancelled,
};

[[nodiscard]] std::string to_string(Stage stage);

/// A set of stages.
struct StageSet {
    unsigned bits = 0;

    [[nodiscard]] constexpr bool contains(Stage stage) const
    {
        return (bits & (1U << static_cast<unsigned>(stage))) != 0;
    }
};

[[nodiscard]] constexpr StageSet stage_set(std::initializer_list<Stage> stages)
{
    StageSet set;
    for (const auto stage : stages) {
        set.bits |= 1U << static_cast<unsigned>(stage);
    }
    return set;
}

/// For what asks nothing of the stage, or explains it better than "wrong stage".
inline constexpr StageSet any_stage{~0U};

/// Nothing was started yet.
inline constexpr auto before_start = stage_set({Stage::planned, Stage::signed_off});

/// done, rolled_back, cancelled.
[[nodiscard]] bool is_ended(Stage stage);

/// A sign-off as it stands. Only those of the current revision and not withdrawn count.
struct SignOff {
    SignedOff given;
    Instant at;
    bool withdrawn = false;
};

/// Who ticked an item and when.
struct Tick {
    UserId by;
    Instant at;
};

/// One trouble found during or after a deployment (escalation notice).
struct Issue {
    IssueRaised raised;
    Instant at;
    std::string status;  ///< of the newest update
    Instant next_update;
    bool closed = false;
    std::optional<Instant> rolls_back_at{};  ///< until it is stopped or over
    Priority severity = Priority::p1;        ///< as it stands; `raised` has it as it was first told
    std::string impact{};                    ///< the same
};

/// What stands for an impact that nobody told.
inline constexpr auto unknown_impact = "Not known yet";

/// How the newest run of an action stands.
enum class ActionState { running, succeeded, failed };

/// One deployment as its events tell it. Only `apply` changes it; the policy is never consulted, so that a
/// changed configuration cannot rewrite history. Copied in deployment.cpp, as an Event is in events.cpp.
struct Deployment {
    Deployment();
    Deployment(const Deployment&);
    Deployment(Deployment&&) noexcept;
    Deployment& operator=(const Deployment&);
    Deployment& operator=(Deployment&&) noexcept;
    ~Deployment();

    DeploymentId id;
    Stage stage = Stage::planned;
    int revision = 1;
    Plan plan;
    UserId author;
    UserId on_call;            ///< named in the plan or later; empty: whoever the rotation names
    Instant on_call_named_at;  ///< a swap made later takes it over
    Instant planned_at;
    std::optional<Instant> starts_at;  ///< the planned start
    std::chrono::minutes duration{};
    int schedule =
        1;  ///< grows with every changed time: the pre-deployment notice goes out once per schedule

    std::vector<SignOff> sign_offs;             ///< of all revisions, oldest first
    std::vector<SignOffDelegated> delegations;  ///< of all revisions, oldest first; a later one wins
    std::vector<Declined> declines;  ///< oldest first; each blocks until a new revision or its own sign-off
    std::map<std::string, std::map<std::string, Tick>>
        ticks;                                  ///< checklist -> item -> who; for this revision
    std::vector<ExceptionRecorded> exceptions;  ///< for this revision
    std::optional<Instant> review_due;          ///< of any revision's exceptions, until it is written
    std::optional<Tick> go;                     ///< Dev Lead
    std::optional<Tick> ready;                  ///< on-call developer; said for this time and person
    std::string flag_stage;                     ///< off, internal, subset, all; empty without a flag

    std::optional<int> notice_sent_for_schedule;
    std::optional<Tick> started;
    std::optional<Instant> finished_at;  ///< smoke tests passed
    std::optional<Tick> ended;
    std::string end_reason;
    std::vector<Issue> issues;
    std::map<std::string, ActionState> actions;  ///< "deploy" and steps of the rollback that ever began
    std::optional<RollbackStarted> rollback;
    std::optional<Instant> rollback_started_at;
    std::optional<Instant> rollback_finished_at;
    std::string postmortem_link;

    /// Every event, oldest first: what history, post-mortem and packs are drawn from.
    std::vector<RecordedEvent> history;
};

/// Adds one event. Throws std::logic_error when `event` cannot follow (a broken ledger), naming both;
/// `deployment` is then as it was.
void apply(Deployment& deployment, const RecordedEvent& event);

/// The deployment told by `events` (all of one deployment, oldest first, the first one `planned`).
[[nodiscard]] Deployment fold(const std::vector<RecordedEvent>& events);

/// The sign-offs that count now: current revision, not withdrawn, of each person the newest.
[[nodiscard]] std::vector<SignOff> valid_sign_offs(const Deployment& deployment);

/// Who signs as the original requestor: the one named in the plan, or their representative.
[[nodiscard]] UserId requestor_of(const Deployment& deployment);

/// When the automatic rollback of `deployment` begins, none where none is on its way.
[[nodiscard]] std::optional<Instant> automatic_rollback_at(const Deployment& deployment);

/// The newest trouble that is not over, null for none: the one that updates are about unless they name
/// another.
[[nodiscard]] const Issue* open_issue(const Deployment& deployment);

/// The numbers, from 1, of the troubles that are not over, oldest first.
[[nodiscard]] std::vector<int> open_issues(const Deployment& deployment);

/// What is wrong and not over, in one text; empty for nothing.
[[nodiscard]] std::string open_issues_of(const Deployment& deployment);

/// The steps of the rollback that are still to be done, in order; empty without a rollback.
[[nodiscard]] std::vector<std::string> open_rollback_steps(const Deployment& deployment);

/// Whether the newest run of `action` stands as `state`.
[[nodiscard]] bool is_action(const Deployment& deployment, const std::string& action, ActionState state);

/// Whether `item` of `checklist` is ticked for the current revision.
[[nodiscard]] bool is_ticked(
    const Deployment& deployment, const std::string& checklist, const std::string& item
);

}  // namespace slipway
