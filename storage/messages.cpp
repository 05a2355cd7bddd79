#include "storage/tables.hpp"

namespace slipway::storage {

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

}  // namespace slipway::storage
