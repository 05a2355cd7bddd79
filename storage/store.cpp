#include "storage/store.hpp"

#include "storage/schema.hpp"
#include "storage/tables.hpp"

#include <sqlite3.h>

#include <utility>

namespace slipway::storage {

namespace {

/// A reader of the same file (audit, backup) may hold it for a moment.
constexpr int busy_timeout_ms = 5'000;

/// `PRAGMA quick_check` reads the whole file, some 500 MB a second when it is cached, and a start must stay
/// well under a second with a million events. Up to this size, which is years of a team's life, it is read
/// whole at every start; above it only what the bot acts on, and the rest once a week. Only after an
/// unclean shutdown would be no better choice: a killed process does not damage an SQLite file, disks do, at
/// any time.
constexpr std::int64_t read_whole_up_to_bytes = std::int64_t{64} * 1024 * 1024;

/// The newest rows are those that a power cut on a lying disk would have torn.
constexpr int newest_rows_read = 1'000;

int open_flags(Store::Access access)
{
    return access == Store::Access::read_only ? SQLite::OPEN_READONLY
                                              : SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE;
}

int number(SQLite::Database& database, const std::string& sql) { return database.execAndGet(sql).getInt(); }

bool is_damage(const SQLite::Exception& error)
{
    const auto code = error.getErrorCode() & 0xFF;
    return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

[[noreturn]] void refuse_damaged(const std::filesystem::path& path, const std::string& why)
{
    throw StoreError(
        path.string() + " is damaged (" + why + "); move it and its -wal file away, put a backup made by " +
        "`slipway backup` in its place and start again"
    );
}

[[noreturn]] void refuse(const std::filesystem::path& path, const SQLite::Exception& error)
{
    const auto code = error.getErrorCode() & 0xFF;
    if (is_damage(error)) {
        refuse_damaged(path, error.what());
    }
    if (code == SQLITE_CANTOPEN) {
        throw StoreError("cannot open " + path.string() + ": check that it exists and may be read");
    }
    if (code == SQLITE_READONLY) {
        throw StoreError(
            "cannot write " + path.string() + ": check that this user may write it and its folder"
        );
    }
    throw StoreError("cannot open " + path.string() + ": " + error.what());
}

/// The schema's version. Refuses files that this program should not touch.
std::size_t checked_version(Store::Tables& tables)
{
    const auto version = static_cast<std::size_t>(number(tables.database, "PRAGMA user_version"));
    const auto is_empty = number(tables.database, "SELECT count(*) FROM sqlite_master") == 0;
    if (!is_empty && number(tables.database, "PRAGMA application_id") != application_id) {
        throw StoreError(tables.path.string() + " is not a Slipway database; check [store] path");
    }
    if (version > migrations().size()) {
        throw StoreError(
            tables.path.string() + " was written by a newer Slipway (schema " + std::to_string(version) +
            ", this one knows " + std::to_string(migrations().size()) +
            "); install that version or restore a backup made before it"
        );
    }
    if (tables.read_only && is_empty) {
        throw StoreError(tables.path.string() + " is empty: no bot has written it yet; start one first");
    }
    if (tables.read_only && version < migrations().size()) {
        throw StoreError(
            tables.path.string() +
            " was written by an older Slipway; start the bot once to bring it up to date"
        );
    }
    return version;
}

void set_up(Store::Tables& tables)
{
    auto& database = tables.database;
    const auto mode = database.execAndGet("PRAGMA journal_mode = WAL").getString();
    if (mode != "wal" && mode != "memory") {
        throw StoreError(
            tables.path.string() + " is where SQLite cannot keep a write-ahead log; put it on a local disk"
        );
    }
    database.exec("PRAGMA synchronous = FULL");
}

void migrate(SQLite::Database& database, std::size_t version)
{
    std::size_t next = 0;
    for (const auto& [file, sql] : migrations()) {
        if (next++ < version) {
            continue;
        }
        database.exec("BEGIN IMMEDIATE");
        database.exec(sql);
        database.exec("PRAGMA application_id = " + std::to_string(application_id));
        database.exec("PRAGMA user_version = " + std::to_string(next));
        database.exec("COMMIT");
    }
}

std::optional<std::string> quick_check(SQLite::Database& database, const std::string& table = "1")
{
    const auto answer = database.execAndGet("PRAGMA quick_check(" + table + ")").getString();
    return answer == "ok" ? std::nullopt : std::optional(answer);
}

std::optional<std::string> damage_in(SQLite::Database& database)
{
    try {
        const auto answer = database.execAndGet("PRAGMA integrity_check(1)").getString();
        return answer == "ok" ? std::nullopt : std::optional(answer);
    }
    catch (const SQLite::Exception& error) {
        if (is_damage(error)) {
            return error.what();
        }
        throw;
    }
}

std::optional<std::string> check_at_start(SQLite::Database& database)
{
    const auto size =
        std::int64_t{number(database, "PRAGMA page_count")} * number(database, "PRAGMA page_size");
    if (size <= read_whole_up_to_bytes) {
        return quick_check(database);
    }
    for (const auto* table : {"deployments", "timers", "inbox"}) {
        if (auto wrong = quick_check(database, table)) {
            return wrong;
        }
    }
    for (const std::string table : {"events", "outbox"}) {
        database.execAndGet(
            "SELECT sum(length(body)) FROM (SELECT body FROM " + table + " ORDER BY seq DESC LIMIT " +
            std::to_string(newest_rows_read) + ")"
        );
    }
    return std::nullopt;
}

/// Rows that were in the courier's hand when the last process ended may have been said.
void doubt_rows_in_hand(Store::Tables& tables)
{
    tables.execute("UPDATE outbox SET ambiguous = 1, in_hand = 0 WHERE state = 'waiting' AND in_hand = 1");
}

/// Of SQLite's mistakes only a broken constraint is the job's own.
std::exception_ptr told_apart(const std::exception_ptr& failure)
{
    try {
        std::rethrow_exception(failure);
    }
    catch (const SQLite::Exception& error) {
        const bool is_its_own = (error.getErrorCode() & 0xFF) == SQLITE_CONSTRAINT;
        return is_its_own ? failure : std::make_exception_ptr(Unavailable(error.what()));
    }
    catch (...) {
        return failure;
    }
}

std::exception_ptr run_in_savepoint(Store& store, Store::Tables& tables, const Store::Job& job)
{
    auto& database = tables.database;
    std::exception_ptr outcome;
    database.exec("SAVEPOINT job");
    try {
        job(store);
    }
    catch (...) {
        outcome = told_apart(std::current_exception());
        tables.forget_folded();
        if (sqlite3_get_autocommit(database.getHandle()) != 0) {
            throw;  // a full disk and its like: SQLite has undone the whole transaction by itself
        }
        database.exec("ROLLBACK TO job");
    }
    database.exec("RELEASE job");
    return outcome;
}

}  // namespace

Store::Tables::Tables(const std::filesystem::path& database_path, Access access)
    : path(database_path),
      read_only(access == Access::read_only),
      lock(
          read_only || path == ":memory:" ? std::optional<Lock>{} : std::optional<Lock>{std::in_place, path}
      ),
      database(path.string(), open_flags(access), busy_timeout_ms)
{}

Store::Store(const std::filesystem::path& path, Access access)
{
    try {
        tables_ = std::make_unique<Tables>(path, access);
        tables_->database.exec("PRAGMA foreign_keys = ON");
        const auto version = checked_version(*tables_);
        if (access == Access::read_only) {
            return;
        }
        set_up(*tables_);
        migrate(tables_->database, version);
        if (const auto wrong = check_at_start(tables_->database)) {
            refuse_damaged(path, *wrong);
        }
        doubt_rows_in_hand(*tables_);
    }
    catch (const SQLite::Exception& error) {
        refuse(path, error);
    }
    read_what_is_acted_on();
}

Store::~Store() = default;

/// Folds what every decision looks at: a row that cannot be read must show at the start, not at a rollback.
void Store::read_what_is_acted_on()
{
    try {
        (void)active();
        (void)team();
        (void)chain_head();
    }
    catch (const std::exception& error) {
        refuse_damaged(tables_->path, error.what());
    }
}

static std::vector<std::exception_ptr> run_and_commit(
    Store& store, Store::Tables& tables, const std::vector<Store::Job>& jobs
)
{
    auto& database = tables.database;
    // IMMEDIATE: a deferred transaction that reads first and writes later fails at once when another writer
    // came between, whatever the busy timeout. A reader only wants one moment's view.
    database.exec(tables.read_only ? "BEGIN" : "BEGIN IMMEDIATE");
    try {
        std::vector<std::exception_ptr> outcomes;
        outcomes.reserve(jobs.size());
        for (const auto& job : jobs) {
            outcomes.push_back(run_in_savepoint(store, tables, job));
        }
        database.exec("COMMIT");
        return outcomes;
    }
    catch (...) {
        tables.forget_folded();
        database.tryExec("ROLLBACK");  // fails where SQLite has rolled back by itself
        throw;
    }
}

std::vector<std::exception_ptr> Store::transaction(const std::vector<Job>& jobs)
{
    try {
        return run_and_commit(*this, *tables_, jobs);
    }
    catch (...) {
        std::rethrow_exception(told_apart(std::current_exception()));
    }
}

void Store::prove_writable()
{
    // Rewrites its page although the value stays; an UPDATE that changes nothing writes nothing.
    tables_->database.exec("PRAGMA user_version = " + std::to_string(migrations().size()));
}

std::optional<std::string> Store::damage() { return damage_in(tables_->database); }

std::optional<std::string> damage_of(const std::filesystem::path& path)
{
    try {
        SQLite::Database database(path.string(), SQLite::OPEN_READONLY, busy_timeout_ms);
        return damage_in(database);
    }
    catch (const SQLite::Exception& error) {
        refuse(path, error);
    }
}

}  // namespace slipway::storage
