#include "storage/tables.hpp"

#include <sstream>

namespace slipway::storage {

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

void Store::remember_entries(const Entries& entries)
{
    for (const auto& [entry, users] : entries) {
        std::string ids;
        for (const auto& user : users) {
            ids += (ids.empty() ? "" : " ") + user.str();
        }
        tables_->execute("INSERT OR REPLACE INTO entries (entry, users) VALUES (?, ?)", entry, ids);
    }
}

Store::Entries Store::entries()
{
    auto rows = tables_->statement("SELECT entry, users FROM entries");
    Entries entries;
    while (rows.executeStep()) {
        auto& users = entries[rows.getColumn(0)];
        std::istringstream ids(rows.getColumn(1).getString());
        for (std::string id; ids >> id;) {
            users.emplace_back(id);
        }
    }
    return entries;
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
