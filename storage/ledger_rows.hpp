#pragma once

#include "storage/tables.hpp"

namespace slipway::storage {

/// All columns of `events`, in the order that `ledger_row` reads them.
inline constexpr auto select_ledger_row =
    "SELECT seq, deployment, kind, actor, at, body, prev_hash, hash FROM events ";

[[nodiscard]] inline LedgerRow ledger_row(SQLite::Statement& row)
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

}  // namespace slipway::storage
