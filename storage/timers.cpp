#include "storage/tables.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace slipway::storage {

void Store::change_timer(DeploymentId deployment, const TimerChange& change)
{
    tables_->execute("DELETE FROM timers WHERE deployment = ? AND name = ?", deployment.number, change.name);
    if (change.due) {
        tables_->execute(
            "INSERT INTO timers (deployment, name, due, facts) VALUES (?, ?, ?, ?)",
            deployment.number,
            change.name,
            iso(*change.due),
            boost::json::serialize(change.facts)
        );
    }
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
             boost::json::parse(rows.getColumn(4).getString()).as_object()}
        );
    }
    return timers;
}

std::optional<Instant> Store::next_timer_due()
{
    auto row = tables_->statement("SELECT due FROM timers ORDER BY due LIMIT 1");
    return row.executeStep() ? std::optional(instant_from(row.getColumn(0))) : std::nullopt;
}

bool Store::remove_timer(std::int64_t seq)
{
    return tables_->execute("DELETE FROM timers WHERE seq = ?", seq) == 1;
}

}  // namespace slipway::storage
