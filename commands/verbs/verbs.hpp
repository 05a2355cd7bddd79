#pragma once

#include "commands/pipeline/gates.hpp"
#include "commands/registry.hpp"

#include <boost/json/object.hpp>

#include <initializer_list>
#include <string>

/// The decide functions behind the registry and what several of them share. Each takes a request that was
/// authorised and, where the verb needs one, a snapshot whose deployment exists.
namespace slipway::decisions {

Result<Decision> overview(const Request&, const Snapshot&);
Result<Decision> help(const Request&, const Snapshot&);
Result<Decision> list(const Request&, const Snapshot&);
Result<Decision> status(const Request&, const Snapshot&);
Result<Decision> check(const Request&, const Snapshot&);
Result<Decision> history(const Request&, const Snapshot&);

Result<Decision> plan(const Request&, const Snapshot&);
Result<Decision> amend(const Request&, const Snapshot&);
Result<Decision> reschedule(const Request&, const Snapshot&);
Result<Decision> cancel(const Request&, const Snapshot&);

Result<Decision> signoff(const Request&, const Snapshot&);
Result<Decision> withdraw(const Request&, const Snapshot&);
Result<Decision> decline(const Request&, const Snapshot&);
Result<Decision> reply(const Request&, const Snapshot&);
Result<Decision> tick(const Request&, const Snapshot&);

Result<Decision> go(const Request&, const Snapshot&);
Result<Decision> ready(const Request&, const Snapshot&);
Result<Decision> start(const Request&, const Snapshot&);
Result<Decision> except(const Request&, const Snapshot&);
Result<Decision> step(const Request&, const Snapshot&);
Result<Decision> flag(const Request&, const Snapshot&);
Result<Decision> done(const Request&, const Snapshot&);
Result<Decision> clean(const Request&, const Snapshot&);

Result<Decision> issue(const Request&, const Snapshot&);
Result<Decision> update(const Request&, const Snapshot&);
Result<Decision> rollback(const Request&, const Snapshot&);
Result<Decision> rolledback(const Request&, const Snapshot&);
Result<Decision> postmortem(const Request&, const Snapshot&);

Result<Decision> freeze(const Request&, const Snapshot&);
Result<Decision> thaw(const Request&, const Snapshot&);
Result<Decision> unlock(const Request&, const Snapshot&);
Result<Decision> oncall(const Request&, const Snapshot&);
Result<Decision> swap(const Request&, const Snapshot&);

Result<Decision> timer(const Request&, const Snapshot&);

/// A field of the modal or, for the verb's `text_field`, what was typed after the verb; trimmed, empty when
/// absent.
[[nodiscard]] std::string field(const Request& request, const std::string& key);

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

/// Refuses unless the deployment is in one of `stages`; the sentence says where it stands.
[[nodiscard]] Result<void> in_stage(const Snapshot& snapshot, std::initializer_list<Stage> stages);

[[nodiscard]] std::string mention(const UserId& user);

[[nodiscard]] std::vector<UserId> as_list(const std::set<UserId>& people);

/// Where Gate 2 came to hold or no longer holds after `changed`, says so in `decision` and to the thread.
void settle_gate2(Decision& decision, const Deployment& changed, const Snapshot& snapshot);

/// The deployment as it will stand after the events of `decision`.
[[nodiscard]] Deployment after(const Decision& decision, const Snapshot& snapshot);

/// The pre-deployment notice, now; marks it late where it should have gone out before.
void send_pre_notice(Decision& decision, const Deployment& deployment, const Snapshot& snapshot, bool late);

/// Sets the timer of the pre-deployment notice, or sends it at once where less than the lead is left
/// (design 4.8).
void schedule_pre_notice(Decision& decision, const Deployment& deployment, const Snapshot& snapshot);

/// Turns the unmet ones into a refusal that names them all.
[[nodiscard]] Refusal refusal_of(const std::vector<Condition>& conditions);

}  // namespace slipway::decisions
