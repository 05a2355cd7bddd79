#pragma once

#include "storage/store.hpp"

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>

namespace slipway {

/// How an export is written: csv, jsonl or md.
enum class ExportFormat { csv, jsonl, md };

/// "csv" …; none for another word.
[[nodiscard]] std::optional<ExportFormat> export_format_from(const std::string& word);

/// Every row of the ledger, or those of one deployment ("D-12").
///
/// csv and jsonl hold each row whole, so that `verify_export` can check them without the database. For one
/// deployment md is its pack: what was planned, who signed, what happened when, and the rows themselves.
void export_ledger(
    storage::Store& store, const std::string& deployment, ExportFormat format, std::ostream& out
);

/// The population an auditor draws samples from: one line per deployment, with the number of its rows and the
/// hash of its last one, against which a pack is checked.
void export_population(storage::Store& store, ExportFormat format, std::ostream& out);

/// What a look at an export or at the ledger has found.
struct AuditFinding {
    std::string broken;  ///< the first broken row and what is wrong with it; empty where all is well
    std::int64_t rows = 0;
    std::string head;        ///< the hash of the last row
    bool has_head = false;   ///< whether a row has the hash that was asked for
    std::string deployment;  ///< of a pack: whose
};

/// Checks the rows of an export (csv, jsonl, or the pack in md) from `in` without any database.
///
/// Each row's hash must follow from what the row says. A whole ledger must begin at row 1 and have no gap; in
/// a pack, all of one deployment, other deployments' rows lie between. `head`: a hash that was posted or
/// noted earlier.
[[nodiscard]] AuditFinding verify_export(std::istream& in, const std::string& head);

/// The same for the ledger in the database.
[[nodiscard]] AuditFinding verify_ledger(storage::Store& store, const std::string& head);

}  // namespace slipway
