#include "storage/schema.hpp"
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

void Store::prove_writable()
{
    // Rewrites its page although the value stays; an UPDATE that changes nothing writes nothing.
    tables_->database.exec("PRAGMA user_version = " + std::to_string(migrations.size()));
}

void Store::remember_message(const PostedMessage& message)
{
    tables_->execute(
        "INSERT OR REPLACE INTO messages (deployment, purpose, channel, ts) VALUES (?, ?, ?, ?)",
        message.deployment.number,
        message.purpose,
        message.channel.str(),
        message.ts
    );
}

void Store::forget_message(DeploymentId id, const std::string& purpose)
{
    tables_->execute("DELETE FROM messages WHERE deployment = ? AND purpose = ?", id.number, purpose);
}

std::optional<PostedMessage> Store::message_of(DeploymentId id, const std::string& purpose)
{
    auto row = tables_->statement(
        "SELECT channel, ts FROM messages WHERE deployment = ? AND purpose = ?", id.number, purpose
    );
    if (!row.executeStep()) {
        return std::nullopt;
    }
    return PostedMessage{id, purpose, ChannelId(row.getColumn(0)), row.getColumn(1)};
}

std::vector<PostedMessage> Store::messages_of(DeploymentId id, const std::string& purpose_prefix)
{
    auto rows = tables_->statement(
        "SELECT purpose, channel, ts FROM messages WHERE deployment = ? "
        "AND substr(purpose, 1, length(?)) = ? ORDER BY purpose",
        id.number,
        purpose_prefix,
        purpose_prefix
    );
    std::vector<PostedMessage> messages;
    while (rows.executeStep()) {
        messages.push_back({id, rows.getColumn(0), ChannelId(rows.getColumn(1)), rows.getColumn(2)});
    }
    return messages;
}

std::optional<DeploymentId> Store::deployment_of_thread(
    const ChannelId& channel, const std::string& thread_ts
)
{
    auto row = tables_->statement(
        "SELECT deployment FROM messages WHERE channel = ? AND ts = ? AND purpose NOT LIKE 'ask:%' LIMIT 1",
        channel.str(),
        thread_ts
    );
    return row.executeStep() ? std::optional(DeploymentId{row.getColumn(0)}) : std::nullopt;
}

bool Store::has_unplaced_message()
{
    auto row = tables_->statement(
        "SELECT 1 FROM outbox WHERE state = 'waiting' AND (in_hand = 1 OR ambiguous = 1) "
        "AND (kind = 'notice' OR kind = 'card' AND NOT EXISTS "
        "(SELECT 1 FROM messages WHERE messages.deployment = outbox.deployment AND purpose = 'card')) "
        "LIMIT 1"
    );
    return row.executeStep();
}

void Store::remember_name(const UserId& user, const std::string& name)
{
    tables_->execute(
        "INSERT INTO people (user_id, name) VALUES (?, ?) "
        "ON CONFLICT (user_id) DO UPDATE SET name = excluded.name WHERE name <> excluded.name",
        user.str(),
        name
    );
}

std::map<UserId, std::string> Store::names()
{
    auto rows = tables_->statement("SELECT user_id, name FROM people");
    std::map<UserId, std::string> names;
    while (rows.executeStep()) {
        names[UserId(rows.getColumn(0))] = rows.getColumn(1).getString();
    }
    return names;
}

void Store::keep_runbook(const std::string& markdown, const std::string& source, Instant now)
{
    tables_->execute(
        "INSERT OR REPLACE INTO runbook (only_row, markdown, source, fetched_at) VALUES (1, ?, ?, ?)",
        markdown,
        source,
        iso(now)
    );
}

std::optional<Store::Runbook> Store::runbook()
{
    auto row = tables_->statement("SELECT markdown, source, fetched_at FROM runbook");
    if (!row.executeStep()) {
        return std::nullopt;
    }
    return Runbook{row.getColumn(0), row.getColumn(1), instant_from(row.getColumn(2))};
}

}  // namespace slipway::storage
