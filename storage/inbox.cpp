#include "storage/tables.hpp"

namespace slipway::storage {

namespace {

/// `text` with the value of every string member called `key` emptied. It need not be JSON: what could not be
/// read is what is kept.
std::string without_value_of(const std::string& key, std::string text)
{
    const auto name = '"' + key + '"';
    constexpr auto blank = " \t\r\n";
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at)) {
        at += name.size();
        const auto colon = text.find_first_not_of(blank, at);
        const auto opens = colon == std::string::npos || text[colon] != ':'
                               ? std::string::npos
                               : text.find_first_not_of(blank, colon + 1);
        if (opens == std::string::npos || text[opens] != '"') {
            continue;
        }
        auto closes = opens + 1;
        while (closes < text.size() && text[closes] != '"') {
            closes += text[closes] == '\\' ? 2U : 1U;
        }
        text.erase(opens + 1, closes - opens - 1);
    }
    return text;
}

}  // namespace

bool Store::first_sight(const std::string& key, Instant now)
{
    return tables_->execute("INSERT OR IGNORE INTO inbox (key, seen_at) VALUES (?, ?)", key, iso(now)) == 1;
}

bool Store::was_seen(const std::string& key)
{
    return tables_->statement("SELECT 1 FROM inbox WHERE key = ?", key).executeStep();
}

void Store::forget_inbox_before(Instant limit)
{
    tables_->execute("DELETE FROM inbox WHERE seen_at < ?", iso(limit));
}

void Store::keep_dead_letter(
    const std::string& envelope_id, const std::string& reason, const std::string& body, Instant now
)
{
    tables_->execute(
        "INSERT INTO dead_letters (envelope_id, reason, body, at) VALUES (?, ?, ?, ?)",
        envelope_id,
        reason,
        without_value_of("response_url", without_value_of("token", body)),
        iso(now)
    );
}

void Store::forget_dead_letters_before(Instant limit)
{
    tables_->execute("DELETE FROM dead_letters WHERE at < ?", iso(limit));
}

}  // namespace slipway::storage
