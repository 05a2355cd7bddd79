#include "storage/tables.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace slipway::storage {

namespace {

namespace json = boost::json;

/// Which queue a saying waits in: what must keep its order shares one.
struct LaneOf {
    const ChannelId& channel;
    const std::string service;

    std::string operator()(const Whisper& whisper) const
    {
        return "slack:" + (whisper.channel.empty() ? channel : whisper.channel).str();
    }

    std::string operator()(const DirectMessage& message) const { return "slack:" + message.user.str(); }

    std::string operator()(const LinearComment&) const { return "linear"; }

    std::string operator()(const RunAction&) const { return "actions:" + service; }

    template <class InTheChannel>
    std::string operator()(const InTheChannel&) const
    {
        return "slack:" + channel.str();
    }
};

OutboxRow outbox_row(SQLite::Statement& row)
{
    OutboxRow out;
    out.id = row.getColumn(0).getString();
    out.seq = row.getColumn(1);
    out.lane = row.getColumn(2).getString();
    out.deployment = {row.getColumn(3)};
    out.saying = saying_from(row.getColumn(4), json::parse(row.getColumn(5).getString()).as_object());
    out.created_at = instant_from(row.getColumn(6));
    out.attempts = row.getColumn(7);
    out.ambiguous = row.getColumn(8).getInt() != 0;
    out.requested_by = row.getColumn(9).getString();
    return out;
}

/// Heads: no earlier row waits in the same lane.
constexpr auto heads = R"sql(
    FROM outbox AS head WHERE state = 'waiting'
    AND NOT EXISTS (SELECT 1 FROM outbox AS earlier WHERE earlier.lane = head.lane AND earlier.state = 'waiting'
                    AND earlier.seq < head.seq)
)sql";

}  // namespace

void Store::enqueue(
    const OutboxDraft& draft,
    DeploymentId deployment,
    const ChannelId& channel,
    const std::string& requested_by,
    Instant now,
    const std::function<std::string()>& new_uuid
)
{
    auto service = tables_->statement("SELECT service FROM deployments WHERE number = ?", deployment.number);
    const auto lane = std::visit(
        LaneOf{channel, service.executeStep() ? service.getColumn(0).getString() : ""}, draft.saying
    );
    const auto kind = kind_of(draft.saying);
    if (std::holds_alternative<CardRefresh>(draft.saying)) {
        // The waiting one will show the newest state, and it stands earlier in the lane.
        auto waiting = tables_->statement(
            "SELECT 1 FROM outbox WHERE state = 'waiting' AND kind = ? AND deployment = ? AND lane = ? AND "
            "attempts = 0",
            kind,
            deployment.number,
            lane
        );
        if (waiting.executeStep()) {
            return;
        }
    }
    tables_->execute(
        "INSERT INTO outbox (id, lane, deployment, kind, body, state, created_at, due, requested_by) "
        "VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?, ?)",
        draft.id.empty() ? new_uuid() : draft.id,
        lane,
        deployment.number,
        kind,
        json::serialize(to_json(draft.saying)),
        iso(now),
        iso(now),
        requested_by
    );
}

std::vector<OutboxRow> Store::due_heads(Instant now)
{
    auto rows = tables_->statement(
        std::string(
            "SELECT id, seq, lane, deployment, kind, body, created_at, attempts, ambiguous, requested_by"
        ) + heads +
            "AND due <= ? ORDER BY seq",
        iso(now)
    );
    std::vector<OutboxRow> found;
    while (rows.executeStep()) {
        found.push_back(outbox_row(rows));
    }
    return found;
}

std::optional<Instant> Store::next_outbox_due()
{
    auto row = tables_->statement(std::string("SELECT min(due)") + heads);
    return row.executeStep() && !row.isColumnNull(0) ? std::optional(instant_from(row.getColumn(0)))
                                                     : std::nullopt;
}

void Store::mark_delivered(const std::string& id, const std::string& remote, Instant now)
{
    tables_->execute(
        "UPDATE outbox SET state = 'delivered', remote = ?, settled_at = ?, error = '' WHERE id = ?",
        remote,
        iso(now),
        id
    );
}

void Store::defer(const std::string& id, Instant until, bool ambiguous, const std::string& error)
{
    tables_->execute(
        "UPDATE outbox SET due = ?, ambiguous = ?, error = ?, attempts = attempts + 1 WHERE id = ?",
        iso(until),
        ambiguous ? 1 : 0,
        error,
        id
    );
}

void Store::mark_rejected(const std::string& id, const std::string& error, Instant now)
{
    tables_->execute(
        "UPDATE outbox SET state = 'rejected', error = ?, settled_at = ? WHERE id = ?", error, iso(now), id
    );
}

std::int64_t Store::outbox_waiting()
{
    return tables_->database.execAndGet("SELECT count(*) FROM outbox WHERE state = 'waiting'").getInt64();
}

std::vector<TimerRow> Store::due_timers(Instant now)
{
    auto rows = tables_->statement(
        "SELECT seq, deployment, name, due, facts FROM timers WHERE due <= ? ORDER BY due, seq", iso(now)
    );
    std::vector<TimerRow> timers;
    while (rows.executeStep()) {
        timers.push_back(
            {rows.getColumn(0),
             DeploymentId{rows.getColumn(1)},
             rows.getColumn(2),
             instant_from(rows.getColumn(3)),
             json::parse(rows.getColumn(4).getString()).as_object()}
        );
    }
    return timers;
}

std::optional<Instant> Store::next_timer_due()
{
    auto row = tables_->statement("SELECT min(due) FROM timers");
    return row.executeStep() && !row.isColumnNull(0) ? std::optional(instant_from(row.getColumn(0)))
                                                     : std::nullopt;
}

void Store::remove_timer(std::int64_t seq) { tables_->execute("DELETE FROM timers WHERE seq = ?", seq); }

}  // namespace slipway::storage
