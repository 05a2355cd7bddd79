#include "commands/text/letters.hpp"
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

    std::string operator()(const Announcement& announcement) const
    {
        return "slack:" + (announcement.channel.empty() ? channel : announcement.channel).str();
    }

    /// One issue that Linear lets nobody comment on holds up no other.
    std::string operator()(const LinearComment& comment) const { return "linear:" + comment.issue; }

    /// A rollback waits for no deploy.
    std::string operator()(const RunAction& run) const
    {
        return (run.action == "deploy" ? "actions:" : "rollback:") + service;
    }

    std::string operator()(const EndAction&) const { return "rollback:" + service; }

    template <class InTheChannel>
    std::string operator()(const InTheChannel&) const
    {
        return "slack:" + channel.str();
    }
};

const std::string read_row =
    "SELECT id, seq, lane, deployment, kind, body, created_at, attempts, ambiguous, requested_by "
    "FROM outbox WHERE ";

/// One that `read_row` found.
OutboxRow outbox_row(SQLite::Statement& row)
{
    OutboxRow out;
    out.id = row.getColumn(0).getString();
    out.seq = row.getColumn(1);
    out.lane = row.getColumn(2).getString();
    out.deployment = {row.getColumn(3)};
    const auto kind = row.getColumn(4).getString();
    const auto body = row.getColumn(5).getString();
    try {
        // Older versions wrote what a command printed as it was: its text need not be UTF-8.
        out.saying = saying_from(kind, json::parse(valid_utf8(body)).as_object());
    }
    catch (const std::exception& error) {  // one row must not hold up all the others
        out.unreadable = "kind '" + kind + "': " + error.what();
    }
    out.created_at = instant_from(row.getColumn(6));
    out.attempts = row.getColumn(7);
    out.ambiguous = row.getColumn(8).getInt() != 0;
    out.requested_by = row.getColumn(9).getString();
    return out;
}

/// Not "now": a clock that is put back afterwards must not hold the row up.
constexpr Instant at_once{};

constexpr auto of_heads =
    "state = 'waiting' AND seq IN (SELECT min(seq) FROM outbox WHERE state = 'waiting' GROUP BY lane)";

std::string service_of(Store::Tables& tables, DeploymentId id)
{
    auto row = tables.statement("SELECT service FROM deployments WHERE number = ?", id.number);
    return row.executeStep() ? row.getColumn(0).getString() : std::string{};
}

/// What shows the newest state of its deployment whenever it is delivered.
bool shows_newest(const Saying& saying)
{
    return std::holds_alternative<CardRefresh>(saying) || std::holds_alternative<PostmortemFile>(saying);
}

/// Whether one of this kind is about to be drawn anyway. One in hand may have been drawn already; an
/// ambiguous one may turn out to be delivered, as it was.
bool waits_already(Store::Tables& tables, DeploymentId id, const std::string& lane, const std::string& kind)
{
    auto row = tables.statement(
        "SELECT 1 FROM outbox WHERE state = 'waiting' AND lane = ? AND deployment = ? AND kind = ? "
        "AND in_hand = 0 AND ambiguous = 0 LIMIT 1",
        lane,
        id.number,
        kind
    );
    return row.executeStep();
}

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
    const auto lane = std::visit(LaneOf{channel, service_of(*tables_, deployment)}, draft.saying);
    if (shows_newest(draft.saying) && waits_already(*tables_, deployment, lane, kind_of(draft.saying))) {
        return;
    }
    tables_->execute(
        "INSERT INTO outbox (id, lane, deployment, kind, body, state, created_at, due, requested_by) "
        "VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?, ?)",
        draft.id.empty() ? new_uuid() : draft.id,
        lane,
        deployment.number,
        kind_of(draft.saying),
        json::serialize(to_json(draft.saying)),
        iso(now),
        iso(at_once),
        requested_by
    );
}

std::vector<OutboxRow> Store::due_heads(Instant now)
{
    const auto due = std::string(of_heads) + " AND (due <= ? OR due > ?)";
    const auto put_back = iso(now + longest_deferral);
    if (!tables_->read_only) {
        tables_->execute("UPDATE outbox SET in_hand = 1 WHERE in_hand = 0 AND " + due, iso(now), put_back);
    }
    auto rows = tables_->statement(read_row + due + " ORDER BY seq", iso(now), put_back);
    std::vector<OutboxRow> found;
    while (rows.executeStep()) {
        found.push_back(outbox_row(rows));
    }
    return found;
}

std::optional<Saying> Store::saying_of(const std::string& row)
{
    auto rows = tables_->statement(read_row + "id = ?", row);
    auto found = rows.executeStep() ? outbox_row(rows) : OutboxRow{.unreadable = "gone"};
    return found.unreadable.empty() ? std::optional(std::move(found.saying)) : std::nullopt;
}

void Store::mark_delivered(const std::string& id, const std::string& remote, Instant now)
{
    tables_->execute(
        "UPDATE outbox SET state = 'delivered', remote = ?, settled_at = ?, error = '' "
        "WHERE id = ? AND state = 'waiting'",
        remote,
        iso(now),
        id
    );
}

void Store::defer(const std::string& id, Instant until, bool ambiguous, const std::string& error)
{
    tables_->execute(
        "UPDATE outbox SET due = ?, ambiguous = ?, error = ?, in_hand = 0, attempts = attempts + 1 "
        "WHERE id = ? AND state = 'waiting'",
        iso(until),
        ambiguous ? 1 : 0,
        error,
        id
    );
}

void Store::mark_rejected(const std::string& id, const std::string& error, Instant now)
{
    tables_->execute(
        "UPDATE outbox SET state = 'rejected', error = ?, settled_at = ? WHERE id = ? AND state = 'waiting'",
        error,
        iso(now),
        id
    );
}

std::int64_t Store::outbox_waiting()
{
    return tables_->database.execAndGet("SELECT count(*) FROM outbox WHERE state = 'waiting'").getInt64();
}

}  // namespace slipway::storage
