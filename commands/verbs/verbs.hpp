#pragma once

#include "commands/pipeline/decision.hpp"
#include "commands/pipeline/request.hpp"

/// The decide functions behind the table of verbs. Each takes a request that was admitted and, where the verb
/// needs one, a snapshot whose deployment exists.
namespace slipway::decisions {

Result<Decision> overview(const Request&, const Snapshot&);
Result<Decision> help(const Request&, const Snapshot&);
Result<Decision> list(const Request&, const Snapshot&);
Result<Decision> status(const Request&, const Snapshot&);
Result<Decision> check(const Request&, const Snapshot&);
Result<Decision> history(const Request&, const Snapshot&);
Result<Decision> mention_of_bot(const Request&, const Snapshot&);

Result<Decision> plan(const Request&, const Snapshot&);
Result<Decision> amend(const Request&, const Snapshot&);
Result<Decision> reschedule(const Request&, const Snapshot&);
Result<Decision> cancel(const Request&, const Snapshot&);

Result<Decision> signoff(const Request&, const Snapshot&);
Result<Decision> withdraw(const Request&, const Snapshot&);
Result<Decision> decline(const Request&, const Snapshot&);
Result<Decision> delegate(const Request&, const Snapshot&);
Result<Decision> reply(const Request&, const Snapshot&);
Result<Decision> tick(const Request&, const Snapshot&);
Result<Decision> untick(const Request&, const Snapshot&);

Result<Decision> go(const Request&, const Snapshot&);
Result<Decision> ready(const Request&, const Snapshot&);
Result<Decision> start(const Request&, const Snapshot&);
Result<Decision> except(const Request&, const Snapshot&);
Result<Decision> review(const Request&, const Snapshot&);
Result<Decision> wait(const Request&, const Snapshot&);
Result<Decision> step(const Request&, const Snapshot&);
Result<Decision> flag(const Request&, const Snapshot&);
Result<Decision> done(const Request&, const Snapshot&);
Result<Decision> clean(const Request&, const Snapshot&);

Result<Decision> issue(const Request&, const Snapshot&);
Result<Decision> update(const Request&, const Snapshot&);
Result<Decision> rollback(const Request&, const Snapshot&);
Result<Decision> retry(const Request&, const Snapshot&);
Result<Decision> rolledback(const Request&, const Snapshot&);
Result<Decision> hold(const Request&, const Snapshot&);
Result<Decision> postmortem(const Request&, const Snapshot&);

Result<Decision> freeze(const Request&, const Snapshot&);
Result<Decision> thaw(const Request&, const Snapshot&);
Result<Decision> unlock(const Request&, const Snapshot&);
Result<Decision> oncall(const Request&, const Snapshot&);
Result<Decision> swap(const Request&, const Snapshot&);
Result<Decision> confirm(const Request&, const Snapshot&);
Result<Decision> runbook(const Request&, const Snapshot&);
Result<Decision> runbook_reviewed(const Request&, const Snapshot&);

Result<Decision> timer(const Request&, const Snapshot&);
Result<Decision> signal(const Request&, const Snapshot&);
Result<Decision> action_result(const Request&, const Snapshot&);

}  // namespace slipway::decisions
