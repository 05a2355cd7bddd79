#include "storage/chain.hpp"
#include "storage/tables.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace slipway::storage {

namespace {

namespace json = boost::json;

std::string ledger_name(DeploymentId id) { return id.number > 0 ? to_string(id) : std::string{}; }

std::string joined(const std::vector<Role>& roles)
{
    std::string text;
    for (const auto role : roles) {
        text += (text.empty() ? "" : ",") + to_string(role);
    }
    return text;
}

LedgerRow ledger_row(SQLite::Statement& row)
{
    return {
        row.getColumn(0),
        row.getColumn(1),
        row.getColumn(2),
        row.getColumn(3),
        row.getColumn(4),
        row.getColumn(5),
        row.getColumn(6),
        row.getColumn(7)};
}

constexpr auto all_columns = "SELECT seq, deployment, kind, actor, at, body, prev_hash, hash FROM events ";

std::vector<RecordedEvent> events_of(Store::Tables& tables, DeploymentId id)
{
    auto rows =
        tables.statement(std::string(all_columns) + "WHERE deployment = ? ORDER BY seq", ledger_name(id));
    std::vector<RecordedEvent> events;
    while (rows.executeStep()) {
        const auto row = ledger_row(rows);
        events.push_back(
            {id, row.actor, instant_from(row.at), event_from(row.kind, json::parse(row.body).as_object())}
        );
    }
    return events;
}

void append(Store::Tables& tables, const RecordedEvent& recorded)
{
    LedgerRow row;
    row.prev_hash = chain_start;
    auto last = tables.statement("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1");
    if (last.executeStep()) {
        row.seq = last.getColumn(0);
        row.prev_hash = last.getColumn(1).getString();
    }
    ++row.seq;
    row.deployment = ledger_name(recorded.deployment);
    row.kind = kind_of(recorded.event);
    row.actor = recorded.actor;
    row.at = iso(recorded.at);
    row.body = json::serialize(to_json(recorded.event));
    row.hash = chain_hash(row);
    tables.execute(
        "INSERT INTO events (seq, deployment, kind, actor, at, body, prev_hash, hash) VALUES (?, ?, ?, ?, ?, "
        "?, ?, ?)",
        row.seq,
        row.deployment,
        row.kind,
        row.actor,
        row.at,
        row.body,
        row.prev_hash,
        row.hash
    );
}

/// Keeps `sign_offs` in step with the event just appended.
struct ProjectSignOffs {
    Store::Tables& tables;
    const RecordedEvent& recorded;

    void operator()(const SignedOff& event) const
    {
        tables.execute(
            "INSERT INTO sign_offs (deployment, revision, user_id, name, roles, signed_on, recorded_at, "
            "state, source, "
            "permalink, linear_comment_id) VALUES (?, ?, ?, ?, ?, ?, ?, 'valid', ?, ?, ?)",
            to_string(recorded.deployment),
            event.revision,
            event.user.str(),
            event.name,
            joined(event.roles),
            iso(event.signed_on),
            iso(recorded.at),
            event.source,
            event.permalink,
            event.linear_comment_id
        );
    }

    void operator()(const SignOffWithdrawn& event) const
    {
        tables.execute(
            "UPDATE sign_offs SET state = 'withdrawn' WHERE deployment = ? AND user_id = ? AND state = "
            "'valid'",
            to_string(recorded.deployment),
            event.user.str()
        );
    }

    void operator()(const Amended&) const
    {
        tables.execute(
            "UPDATE sign_offs SET state = 'superseded' WHERE deployment = ? AND state = 'valid'",
            to_string(recorded.deployment)
        );
    }

    template <class Other>
    void operator()(const Other&) const
    {}
};

}  // namespace

DeploymentId Store::next_deployment_id()
{
    return {tables_->database.execAndGet("SELECT coalesce(max(number), 0) + 1 FROM deployments").getInt()};
}

std::optional<Deployment> Store::load(DeploymentId id)
{
    if (id.number < 1) {
        return std::nullopt;
    }
    const auto events = events_of(*tables_, id);
    return events.empty() ? std::nullopt : std::optional(fold(events));
}

std::vector<Deployment> Store::active()
{
    auto rows = tables_->statement("SELECT number FROM deployments WHERE ended = 0 ORDER BY number");
    std::vector<Deployment> deployments;
    while (rows.executeStep()) {
        deployments.push_back(load({rows.getColumn(0)}).value());
    }
    return deployments;
}

std::vector<Deployment> Store::recent(int limit)
{
    auto rows = tables_->statement(
        "SELECT number FROM deployments WHERE ended = 1 ORDER BY number DESC LIMIT ?", limit
    );
    std::vector<Deployment> deployments;
    while (rows.executeStep()) {
        deployments.push_back(load({rows.getColumn(0)}).value());
    }
    return deployments;
}

TeamState Store::team()
{
    TeamState team;
    for (const auto& event : events_of(*tables_, {})) {
        apply(team, event);
    }
    return team;
}

void Store::record(
    const Decision& decision,
    const UserId& actor,
    Instant now,
    const ChannelId& channel,
    const std::function<std::string()>& new_uuid
)
{
    if (!decision.events.empty()) {
        const auto id = decision.deployment.value();
        Deployment deployment = load(id).value_or(Deployment{});
        for (const auto& event : decision.events) {
            const RecordedEvent recorded{id, actor.str(), now, event};
            apply(deployment, recorded);  // an event that cannot follow undoes the whole job
            append(*tables_, recorded);
            std::visit(ProjectSignOffs{*tables_, recorded}, event);
        }
        tables_->execute(
            "INSERT INTO deployments (number, service, stage, ended) VALUES (?, ?, ?, ?) ON CONFLICT "
            "(number) DO UPDATE "
            "SET service = excluded.service, stage = excluded.stage, ended = excluded.ended",
            id.number,
            deployment.plan.service,
            to_string(deployment.stage),
            is_ended(deployment.stage) ? 1 : 0
        );
    }
    TeamState team;
    for (const auto& event : decision.team_events) {
        const RecordedEvent recorded{{}, actor.str(), now, event};
        apply(team, recorded);  // refuses an event that is not the team's
        append(*tables_, recorded);
    }
    const auto id = decision.deployment.value_or(DeploymentId{});
    for (const auto& draft : decision.outbox) {
        enqueue(draft, id, channel, actor.str(), now, new_uuid);
    }
    for (const auto& timer : decision.timers) {
        tables_->execute("DELETE FROM timers WHERE deployment = ? AND name = ?", id.number, timer.name);
        if (timer.due) {
            tables_->execute(
                "INSERT INTO timers (deployment, name, due, facts) VALUES (?, ?, ?, ?)",
                id.number,
                timer.name,
                iso(*timer.due),
                json::serialize(timer.facts)
            );
        }
    }
}

std::optional<BrokenRow> Store::verify_chain()
{
    std::string previous = chain_start;
    std::int64_t expected = 1;
    std::optional<BrokenRow> broken;
    for_each_ledger_row([&](const LedgerRow& row) {
        if (broken) {
            return;
        }
        if (row.seq != expected) {
            broken = {expected, "row " + std::to_string(expected) + " is missing"};
        }
        else if (row.prev_hash != previous) {
            broken = {row.seq, "row " + std::to_string(row.seq) + " does not follow its predecessor"};
        }
        else if (row.hash != chain_hash(row)) {
            broken = {row.seq, "row " + std::to_string(row.seq) + " was changed"};
        }
        previous = row.hash;
        ++expected;
    });
    return broken;
}

std::string Store::chain_head()
{
    auto last = tables_->statement("SELECT hash FROM events ORDER BY seq DESC LIMIT 1");
    return last.executeStep() ? last.getColumn(0).getString() : chain_start;
}

void Store::for_each_ledger_row(const std::function<void(const LedgerRow&)>& visit)
{
    auto rows = tables_->statement(std::string(all_columns) + "ORDER BY seq");
    while (rows.executeStep()) {
        visit(ledger_row(rows));
    }
}

}  // namespace slipway::storage
