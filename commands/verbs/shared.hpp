#pragma once

#include "commands/pipeline/decision.hpp"
#include "commands/pipeline/gates.hpp"
#include "commands/text/phrases.hpp"

#include <boost/json/object.hpp>

#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {
struct TriggerVerdict;
}

/// What several verbs share.
namespace slipway::decisions {

/// A decision about the snapshot's deployment that refreshes its card.
[[nodiscard]] Decision about(const Snapshot& snapshot);

/// The facts that most sentences about a deployment use: deployment, what, service, actor (a mention), stage.
[[nodiscard]] boost::json::object facts_of(const Snapshot& snapshot);

/// `facts_of` with more.
[[nodiscard]] boost::json::object facts_of(
    const Snapshot& snapshot,
    std::initializer_list<std::pair<boost::json::string_view, boost::json::value_ref>> more
);

void say_in_thread(Decision& decision, Sentence sentence, std::vector<UserId> pings = {});

/// A button of a direct message or whisper; without a label it has the verb's own.
[[nodiscard]] Button press(std::string_view verb, std::string label = {}, boost::json::object fields = {});

void tell(Decision& decision, const UserId& user, Sentence sentence, std::vector<Button> buttons = {});

/// Refuses unless the deployment is in one of `stages`; the sentence says where it stands.
[[nodiscard]] Result<void> in_stage(const Snapshot& snapshot, StageSet stages);

/// "Dev Lead, Product Lead or Author".
[[nodiscard]] std::string titles_of(const std::vector<Role>& roles, const char* last = " and ");
[[nodiscard]] std::string titles_of(const std::set<Role>& roles);

[[nodiscard]] std::vector<UserId> as_list(const std::set<UserId>& people);

/// The last `most` letters of `text` as a message counts them, from the beginning of a line on: why something
/// failed is said at its end.
[[nodiscard]] std::string end_of(const std::string& text, std::size_t most);

/// Whom "U0ALICE", as modals give it, or a mention, as people type it, means; empty for anything else.
[[nodiscard]] UserId person_in(const std::string& text);

/// The snapshot's deployment's on-call developer now.
[[nodiscard]] UserId on_call_of(const Snapshot& snapshot);

/// How often whoever waits for a service makes us look whether it is free.
inline constexpr std::chrono::minutes service_looked_at_again{1};

/// How often the countdown of an automatic rollback is shown anew.
inline constexpr std::chrono::seconds countdown_step{15};

/// Whether it is being deployed or watched.
[[nodiscard]] bool is_live(const Deployment& deployment);

/// Whether `user` is trained for on-call: a developer or the Dev Lead.
[[nodiscard]] bool is_trained(const UserId& user, const Snapshot& snapshot);

/// Whether the service is taken by another deployment or locked after a rollback.
[[nodiscard]] bool is_busy(const std::vector<Condition>& conditions);

/// Whom notices name as Dev Lead: the first by id, empty for none.
[[nodiscard]] UserId first_lead(const Snapshot& snapshot);

/// The next three open slots from now on, as one text; empty where there is none.
[[nodiscard]] std::string slots_of(const Deployment& deployment, const Snapshot& snapshot, Instant from);

/// Where Gate 2 came to hold or no longer holds after `changed`, says so in `decision` and to the thread.
void settle_gate2(Decision& decision, const Deployment& changed, const Snapshot& snapshot);

/// The same of Gate 1, from its ticks and, where read, from what GitHub says.
void settle_gate1(Decision& decision, const Deployment& changed, const Snapshot& snapshot);

/// The deployment as it will stand after the events of `decision`.
[[nodiscard]] Deployment after(const Decision& decision, const Snapshot& snapshot);

/// The pre-deployment notice, now; marks it late where it should have gone out before.
void send_pre_notice(Decision& decision, const Deployment& deployment, const Snapshot& snapshot, bool late);

/// Sets the timer of the pre-deployment notice, or sends it at once where less than the lead is left
/// (design 4.8).
void schedule_pre_notice(Decision& decision, const Deployment& deployment, const Snapshot& snapshot);

/// Asks the on-call developer to confirm being there, unless they did already or are the one who asks.
void ask_to_confirm(Decision& decision, const Deployment& deployment, const Snapshot& snapshot);

/// What whoever is asked for a sign-off has to know of the plan, in a few lines.
[[nodiscard]] boost::json::object asking_facts(const Deployment& deployment, const Snapshot& snapshot);

/// The buttons under an asking for a sign-off.
[[nodiscard]] std::vector<Button> sign_off_buttons();

/// Asks whoever has still to sign a day from now, or four hours before the planned start where that is
/// sooner. Later the pre-deployment notice names them; once the start has passed, it is the author's turn.
void chase_sign_offs_later(Decision& decision, const Snapshot& snapshot);

/// Asks everybody whose sign-off is missing by a direct message with the buttons, and asks again later.
void ask_for_sign_offs(
    Decision& decision, const Deployment& deployment, const Snapshot& snapshot, const Sentence& sentence
);

/// Turns the unmet ones into a refusal that names them all.
[[nodiscard]] Refusal refusal_of(const std::vector<Condition>& conditions);

/// Buttons that move the deployment to one of the next three open slots, for who may reschedule it.
[[nodiscard]] std::vector<Button> slot_buttons(
    const Deployment& deployment, const Snapshot& snapshot, Instant from
);

/// The same for a start: adds the next open slots where no condition named them (design 1.4), and the buttons
/// that fix it: another slot, or being told when the service is free.
[[nodiscard]] Refusal refusal_to_start(const std::vector<Condition>& conditions, const Snapshot& snapshot);

/// The lifecycle line on the Linear issue, where `linear.mirror` asks for it.
void mirror(Decision& decision, const Snapshot& snapshot, const std::string& what);

/// Raises a trouble: its event, the escalation notice, the thread's line and the clock of the next update.
void raise(Decision& decision, const IssueRaised& raised, const Snapshot& snapshot);

/// Raises what fires a trigger, seen by the monitoring or reported by a person, as at least as severe as its
/// class asks for, and puts the one-press rollback into the on-call developer's hand (design 4.11). Of
/// `raised` impact, status and severity are read.
[[nodiscard]] Decision alert(const TriggerVerdict& verdict, IssueRaised raised, const Snapshot& snapshot);

/// Whether the snapshot's deployment may be rolled back without a person.
[[nodiscard]] bool may_roll_back_by_itself(const Snapshot& snapshot);

/// "every service" where it is empty.
[[nodiscard]] std::string service_in_words(const std::string& service);

/// Tells the team's channel that a freeze of `service` (empty for all) until then has begun or ended, and
/// directly those whose planned start falls into it, so that nobody finds out at 22:00.
void tell_of_freeze(
    Decision& decision,
    const std::string& service,
    Instant until,
    const Sentence& sentence,
    const Snapshot& snapshot
);

/// Draws the cards of deployments of `service` (empty for all) anew that wait for their start: what holds
/// them up changed.
void redraw_waiting(Decision& decision, const std::string& service, const Snapshot& snapshot);

/// Tells the channel of `issue` in the document's words (pipeline document, Stage 4), its status being
/// `status`.
void announce_issue(
    Decision& decision,
    const Issue& issue,
    const std::string& status,
    std::set<UserId> pings,
    const Snapshot& snapshot
);

/// Says `sentence` to the Dev Leads: incidents, rolled back or not, often reveal gaps of the runbook.
void ask_for_runbook(Decision& decision, const Sentence& sentence, const Snapshot& snapshot);

/// The post-mortem's draft as a file in the thread; once for what it says.
void share_draft(Decision& decision, const Snapshot& snapshot);

/// The clock of the next update: each open trouble keeps its own promise; it is asked for shortly before, and
/// said in the thread when it is late (design 4.10).
void set_update_clock(Decision& decision, const Deployment& deployment, Instant now);

/// Tells the Dev Leads; where there is none, everybody who holds a role.
void tell_leads(Decision& decision, const Sentence& sentence, const Snapshot& snapshot);

/// Where `wanted` is another rotation than the newest: it holds from the next sprint on, and those concerned
/// are told. `snapshot` is then of a team that has it.
void set_rotation(Decision& decision, RotationSet wanted, Snapshot& snapshot);

/// Where Slack has more or less of what slipway.toml names than it had: the Dev Leads are told, and asked for
/// a swap where that leaves nobody on call. `snapshot` is then of a team that knows it.
void note_directory(Decision& decision, const DirectoryChanged& found, Snapshot& snapshot);

/// Clears what a deployment that ended or turned back no longer waits for.
void clear_timers(Decision& decision, std::initializer_list<const char*> names);

/// Clears the check-ins and the end of the watch.
void end_watch(Decision& decision, const Policy& policy);

/// Queues that action.
void begin_action(Decision& decision, const std::string& name);

/// The document merges before it deploys: runs the service's deploy once it is started and merged.
void run_deploy_when_merged(Decision& decision, const Snapshot& snapshot);

/// Starts the rollback of the snapshot's deployment, which is deploying or watching.
[[nodiscard]] Decision begin_rollback(const std::string& reason, bool automatic, const Snapshot& snapshot);

/// After a change of the steps: runs what comes next, fastest first, asks for it where it is done by hand, or
/// says that all of it is done.
void go_on_with_rollback(Decision& decision, const Snapshot& snapshot);

/// Names the steps that stand in the way of verifying the old version.
[[nodiscard]] Refusal rollback_is_open(const Snapshot& snapshot);

/// What a step of a rollback came to.
struct StepResult {
    bool succeeded = true;
    bool unknown = false;   ///< it may have been done, or be going on
    bool accepted = false;  ///< where it runs it was only taken
    std::string output{};
};

/// Records one step of the running rollback.
void record_rollback_step(
    Decision& decision, const std::string& step, const StepResult& result, const Snapshot& snapshot
);

/// The old version is verified: the rollback is over.
void finish_rollback(Decision& decision, const Snapshot& snapshot);

}  // namespace slipway::decisions
