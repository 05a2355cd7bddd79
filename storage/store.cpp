#include "storage/store.hpp"

#include "storage/schema.hpp"
#include "storage/tables.hpp"

#include <SQLiteCpp/Backup.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace slipway::storage {

namespace {

/// A reader of the same file (audit, backup) may hold it for a moment.
constexpr int busy_timeout_ms = 5'000;

/// flock on a file beside the database: given back by the kernel however the process ends.
int take_lock(const std::filesystem::path& path, Store::Access access)
{
    if (access == Store::Access::read_only || path == ":memory:") {
        return -1;
    }
    const auto beside = path.string() + ".lock";
    const int file = ::open(beside.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0) {
        throw StoreError(
            "cannot write " + beside + ": " + std::strerror(errno) + "; check the folder's permissions"
        );
    }
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
        ::close(file);
        throw StoreError(path.string() + " is in use by another Slipway; stop that one first");
    }
    return file;
}

int open_flags(Store::Access access)
{
    return access == Store::Access::read_only ? SQLite::OPEN_READONLY
                                              : SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE;
}

int schema_version(SQLite::Database& database) { return database.execAndGet("PRAGMA user_version").getInt(); }

void migrate(SQLite::Database& database)
{
    for (auto version = static_cast<std::size_t>(schema_version(database)); version < migrations.size();
         ++version) {
        database.exec("BEGIN IMMEDIATE");
        database.exec(migrations.at(version));
        database.exec("PRAGMA user_version = " + std::to_string(version + 1));
        database.exec("COMMIT");
    }
}

[[noreturn]] void refuse_damaged(const std::string& path, const std::string& why)
{
    throw StoreError(
        path + " is damaged (" + why +
        "); move it away, put a backup made by `slipway backup` in its place and start again"
    );
}

}  // namespace

Store::Tables::Tables(const std::filesystem::path& path, Access access)
    : lock(take_lock(path, access)), database(path.string(), open_flags(access), busy_timeout_ms)
{}

Store::Tables::~Tables()
{
    if (lock >= 0) {
        ::close(lock);
    }
}

Store::Store(const std::filesystem::path& path, Access access)

try : tables_(std::make_unique<Tables>(path, access)) {
    auto& database = tables_->database;
    database.exec("PRAGMA foreign_keys = ON");
    const auto version = static_cast<std::size_t>(schema_version(database));
    if (version > migrations.size()) {
        throw StoreError(
            path.string() + " was written by a newer Slipway; install that version or restore a backup"
        );
    }
    if (access == Access::read_only) {
        if (version < migrations.size()) {
            throw StoreError(
                path.string() + " was written by an older Slipway; start the bot once to migrate it"
            );
        }
        return;
    }
    database.exec("PRAGMA journal_mode = WAL");
    database.exec("PRAGMA synchronous = FULL");
    migrate(database);
    // Structure of the small tables and of the ledger's tail; the chain itself is `slipway audit verify`. A
    // full quick_check reads the whole file, and a start must stay well under a second with a million events.
    for (const auto* table : {"deployments", "outbox", "timers"}) {
        const std::string answer =
            database.execAndGet(std::string("PRAGMA quick_check(") + table + ")").getString();
        if (answer != "ok") {
            refuse_damaged(path.string(), answer);
        }
    }
    (void)chain_head();
}

catch (const SQLite::Exception& error) {
    const auto code = error.getErrorCode();
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) {
        refuse_damaged(path.string(), error.what());
    }
    if (code == SQLITE_CANTOPEN) {
        throw StoreError(
            "cannot open " + path.string() + ": check that the folder exists and may be written"
        );
    }
    throw;
}

Store::~Store() = default;

std::vector<std::exception_ptr> Store::transaction(const std::vector<Job>& jobs)
{
    auto& database = tables_->database;
    std::vector<std::exception_ptr> outcomes;
    database.exec("BEGIN IMMEDIATE");
    try {
        for (const auto& job : jobs) {
            database.exec("SAVEPOINT job");
            try {
                job(*this);
                outcomes.push_back(nullptr);
            }
            catch (...) {
                outcomes.push_back(std::current_exception());
                database.exec("ROLLBACK TO job");
            }
            database.exec("RELEASE job");
        }
        database.exec("COMMIT");
    }
    catch (...) {
        database.tryExec("ROLLBACK");
        throw;
    }
    return outcomes;
}

bool Store::first_sight(const std::string& key, Instant now)
{
    return tables_->execute("INSERT OR IGNORE INTO inbox (key, seen_at) VALUES (?, ?)", key, iso(now)) == 1;
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
        body,
        iso(now)
    );
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

std::optional<PostedMessage> Store::card_of(DeploymentId id)
{
    auto found = messages_of(id, "card");
    return found.empty() ? std::nullopt : std::optional(found.front());
}

std::vector<PostedMessage> Store::messages_of(DeploymentId id, const std::string& purpose_prefix)
{
    auto rows = tables_->statement(
        "SELECT purpose, channel, ts FROM messages WHERE deployment = ? AND substr(purpose, 1, ?) = ? ORDER "
        "BY purpose",
        id.number,
        static_cast<int>(purpose_prefix.size()),
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
        "SELECT deployment FROM messages WHERE channel = ? AND ts = ? ORDER BY deployment LIMIT 1",
        channel.str(),
        thread_ts
    );
    return row.executeStep() ? std::optional(DeploymentId{row.getColumn(0)}) : std::nullopt;
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

void Store::backup(const std::filesystem::path& to)
{
    SQLite::Database copy(to.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    SQLite::Backup online(copy, tables_->database);
    online.executeStep(-1);
}

}  // namespace slipway::storage
