#include "storage/chain.hpp"

#include "commands/text/hex.hpp"
#include "storage/ledger_rows.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace slipway::storage {

namespace {

std::string sha256_hex(const std::string& text)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
        throw std::runtime_error("SHA-256 is not available");
    }
    return hex({digest.data(), size});
}

/// A column turned into a BLOB has the same bytes, and thus the same hash, but no query finds it any more.
bool has_stored_types(SQLite::Statement& row)
{
    for (int column = 1; column < row.getColumnCount(); ++column) {
        if (!row.getColumn(column).isText()) {
            return false;
        }
    }
    return row.getColumn(0).isInteger();
}

BrokenRow broken(std::int64_t seq, const std::string& what)
{
    return {seq, "row " + std::to_string(seq) + " " + what};
}

/// Where the rows read so far end.
struct Link {
    std::int64_t seq = 0;
    std::string hash = chain_start;
};

std::optional<BrokenRow> break_between(const Link& last, SQLite::Statement& found)
{
    const auto row = ledger_row(found);
    if (row.seq <= last.seq) {
        return broken(row.seq, "was inserted before the first");
    }
    if (row.seq != last.seq + 1) {
        return broken(last.seq + 1, "is missing");
    }
    if (row.prev_hash != last.hash) {
        return broken(row.seq, "does not follow the row before it");
    }
    if (row.hash != chain_hash(row) || !has_stored_types(found)) {
        return broken(row.seq, "was changed");
    }
    return std::nullopt;
}

/// The ledger's last row as the head remembers it: without it, cutting rows off the end would not show.
std::optional<BrokenRow> break_at_head(Store::Tables& tables, const Link& last)
{
    auto head = tables.statement("SELECT seq, hash FROM ledger_head");
    const auto is_known = head.executeStep();
    const std::int64_t seq = is_known ? head.getColumn(0).getInt64() : 0;
    if (seq > last.seq) {
        return broken(last.seq + 1, "is missing");
    }
    if (seq < last.seq) {
        return broken(seq + 1, "was not written by Slipway");
    }
    if (is_known && head.getColumn(1).getString() != last.hash) {
        return broken(last.seq, "is not the one that was written last");
    }
    return std::nullopt;
}

}  // namespace

std::string chain_hash(const LedgerRow& row)
{
    std::string encoded;
    for (const auto& part :
         {row.prev_hash, std::to_string(row.seq), row.deployment, row.kind, row.actor, row.at, row.body}) {
        encoded += std::to_string(part.size()) + ':' + part;
    }
    return sha256_hex(encoded);
}

std::optional<BrokenRow> Store::verify_chain()
{
    auto rows = tables_->statement(std::string(select_ledger_row) + "ORDER BY seq");
    Link last;
    while (rows.executeStep()) {
        if (const auto found = break_between(last, rows)) {
            return found;
        }
        last = {rows.getColumn(0), rows.getColumn(7)};
    }
    return break_at_head(*tables_, last);
}

std::string Store::chain_head()
{
    auto last = tables_->statement("SELECT hash FROM events ORDER BY seq DESC LIMIT 1");
    return last.executeStep() ? last.getColumn(0).getString() : chain_start;
}

}  // namespace slipway::storage
