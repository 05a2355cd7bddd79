#include "storage/chain.hpp"
#include "storage/ledger_rows.hpp"
#include "storage/sign_offs.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace slipway::storage {

namespace {

namespace json = boost::json;

/// A team shows a handful of active and ten recent deployments; this bounds a walk through its history.
constexpr std::size_t most_folded = 256;

std::string ledger_name(DeploymentId id) { return id.number > 0 ? to_string(id) : std::string{}; }

std::vector<RecordedEvent> events_of(Store::Tables& tables, DeploymentId id)
{
    auto rows = tables.statement(
        std::string(select_ledger_row) + "WHERE deployment = ? ORDER BY seq", ledger_name(id)
    );
    std::vector<RecordedEvent> events;
    while (rows.executeStep()) {
        const auto row = ledger_row(rows);
        events.push_back(
            {id, row.actor, instant_from(row.at), event_from(row.kind, json::parse(row.body).as_object())}
        );
    }
    return events;
}

std::vector<DeploymentId> ids(SQLite::Statement rows)
{
    std::vector<DeploymentId> found;
    while (rows.executeStep()) {
        found.push_back({rows.getColumn(0)});
    }
    return found;
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
        "INSERT INTO events (seq, deployment, kind, actor, at, body, prev_hash, hash) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
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

void summarise(Store::Tables& tables, const Deployment& deployment)
{
    tables.execute(
        "INSERT INTO deployments (number, service, stage, ended_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (number) DO UPDATE "
        "SET service = excluded.service, stage = excluded.stage, ended_at = excluded.ended_at",
        deployment.id.number,
        deployment.plan.service,
        to_string(deployment.stage),
        deployment.ended ? iso(deployment.ended->at) : std::string{}
    );
}

void record_deployment(Store::Tables& tables, Deployment deployment, const std::vector<RecordedEvent>& events)
{
    tables.deployments.erase(events.front().deployment.number);  // until all of it is written
    for (const auto& event : events) {
        apply(deployment, event);  // throws where it cannot follow, which undoes the whole job
        append(tables, event);
        project_sign_off(tables, event, deployment);
    }
    summarise(tables, deployment);
    tables.deployments.insert_or_assign(deployment.id.number, std::move(deployment));
}

void record_team(Store::Tables& tables, TeamState team, const std::vector<RecordedEvent>& events)
{
    tables.team.reset();
    for (const auto& event : events) {
        apply(team, event);
        append(tables, event);
    }
    tables.team = std::move(team);
}

std::vector<RecordedEvent> recorded(
    const std::vector<Event>& events, DeploymentId id, const UserId& actor, Instant now
)
{
    std::vector<RecordedEvent> rows;
    rows.reserve(events.size());
    for (const auto& event : events) {
        rows.push_back({id, actor.str(), now, event});
    }
    return rows;
}

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
    auto& folded = tables_->deployments;
    if (const auto known = folded.find(id.number); known != folded.end()) {
        return known->second;
    }
    const auto events = events_of(*tables_, id);
    if (events.empty()) {
        return std::nullopt;
    }
    auto deployment = fold(events);
    if (!tables_->read_only) {
        if (folded.size() >= most_folded) {
            folded.clear();
        }
        folded.emplace(id.number, deployment);
    }
    return deployment;
}

std::vector<Deployment> Store::active()
{
    std::vector<Deployment> deployments;
    for (const auto id :
         ids(tables_->statement("SELECT number FROM deployments WHERE ended_at = '' ORDER BY number"))) {
        deployments.push_back(load(id).value());
    }
    return deployments;
}

std::vector<Deployment> Store::recent(int limit)
{
    std::vector<Deployment> deployments;
    for (const auto id : ids(tables_->statement(
             "SELECT number FROM deployments WHERE ended_at > '' ORDER BY ended_at DESC, number DESC LIMIT ?",
             limit
         ))) {
        deployments.push_back(load(id).value());
    }
    return deployments;
}

TeamState Store::team()
{
    if (tables_->team) {
        return *tables_->team;
    }
    TeamState team;
    for (const auto& event : events_of(*tables_, {})) {
        apply(team, event);
    }
    if (!tables_->read_only) {
        tables_->team = team;
    }
    return team;
}

void Store::for_each_ledger_row(const std::function<void(const LedgerRow&)>& visit)
{
    auto rows = tables_->statement(std::string(select_ledger_row) + "ORDER BY seq");
    while (rows.executeStep()) {
        visit(ledger_row(rows));
    }
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
        record_deployment(
            *tables_, load(id).value_or(Deployment{}), recorded(decision.events, id, actor, now)
        );
    }
    if (!decision.team_events.empty()) {
        record_team(*tables_, team(), recorded(decision.team_events, {}, actor, now));
    }
    const auto id = decision.deployment.value_or(DeploymentId{});
    for (const auto& draft : decision.outbox) {
        enqueue(draft, id, channel, actor.str(), now, new_uuid);
    }
    for (const auto& other : decision.other_cards) {
        enqueue(OutboxDraft{CardRefresh{}}, other, channel, actor.str(), now, new_uuid);
    }
    for (const auto& timer : decision.timers) {
        change_timer(id, timer);
    }
}

}  // namespace slipway::storage
