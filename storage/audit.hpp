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

/// Every row of the ledger, or those of one deployment.
///
/// Each format holds the rows whole, so that `verify_export` can check them without the database; md has
/// tables before them: what happened when, and in the pack of one deployment what was planned and who signed.
/// Errors: storage::StoreError where there is no such deployment.
void export_ledger(
    storage::Store& store, std::optional<DeploymentId> deployment, ExportFormat format, std::ostream& out
);

/// The population an auditor draws samples from: one line per deployment. csv and jsonl list the seq and hash
/// of each of its rows too, for `verify_export` to check a pack against.
void export_population(storage::Store& store, ExportFormat format, std::ostream& out);

/// What a look at an export or at the ledger has found.
struct AuditFinding {
    std::string broken;  ///< the first broken row and what is wrong with it; empty where all is well
    std::int64_t rows = 0;
    std::string head;          ///< the hash of the last row
    bool has_head = false;     ///< whether a row has the hash that was asked for
    bool is_complete = false;  ///< whether a missing row would have been noticed
    std::string deployment;    ///< of a pack: whose
};

/// Checks the rows of an export (csv, jsonl or md) from `in` without any database.
///
/// Each row's hash must follow from what the row says. A whole ledger must begin at row 1 and have no gap. In
/// a pack, all of one deployment, other deployments' rows lie between: that none is missing or forged shows
/// only beside the `population`. `head`: a hash that was posted or noted earlier.
/// Errors: std::runtime_error where the population does not list the rows of that deployment.
[[nodiscard]] AuditFinding verify_export(
    std::istream& in, const std::string& head, std::istream* population = nullptr
);

/// The same for the ledger in the database.
[[nodiscard]] AuditFinding verify_ledger(storage::Store& store, const std::string& head);

}  // namespace slipway
