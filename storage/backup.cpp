#include "storage/tables.hpp"

#include <SQLiteCpp/Backup.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace slipway::storage {

namespace {

void copy_pages(SQLite::Database& from, SQLite::Database& to)
{
    SQLite::Backup online(to, from);
    // In one step, thus of one moment: a writer beside us goes on meanwhile, into the write-ahead log.
    const auto outcome = online.executeStep(-1);
    if (outcome != SQLITE_DONE) {
        throw StoreError("the database is busy, nothing was copied; try again in a moment");
    }
}

/// One plain file without a -wal beside it, and known to be readable: a backup is only as good as its
/// restore.
void settle(SQLite::Database& copy)
{
    copy.execAndGet("PRAGMA journal_mode = DELETE");
    const auto answer = copy.execAndGet("PRAGMA quick_check(1)").getString();
    if (answer != "ok") {
        throw StoreError("the copy is damaged (" + answer + "); keep the last good backup");
    }
}

void copy_to(SQLite::Database& from, const std::filesystem::path& partial)
{
    SQLite::Database copy(partial.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    copy_pages(from, copy);
    settle(copy);
}

}  // namespace

void Store::backup(const std::filesystem::path& to)
{
    if (sqlite3_get_autocommit(tables_->database.getHandle()) == 0) {
        throw std::logic_error("a backup cannot be taken inside a transaction");
    }
    if (to.empty()) {
        throw StoreError("name the file to back up to");
    }
    // Absolute: SQLite reads "file:x?mode=memory" and ":memory:" in a way of its own.
    const auto target = std::filesystem::absolute(to);
    const auto refuse_existing = [&] { throw StoreError(to.string() + " exists already; name a new file"); };
    if (std::filesystem::exists(std::filesystem::symlink_status(target))) {
        refuse_existing();
    }
    auto partial = target;
    partial += ".partial." + std::to_string(::getpid());
    if (std::filesystem::exists(std::filesystem::symlink_status(partial))) {
        throw StoreError(partial.string() + " is in the way; remove it and try again");
    }
    try {
        copy_to(tables_->database, partial);
    }
    catch (const SQLite::Exception& error) {
        std::filesystem::remove(partial);
        throw StoreError("cannot back up to " + to.string() + ": " + error.what());
    }
    catch (...) {
        std::filesystem::remove(partial);
        throw;
    }
    if (::renameat2(AT_FDCWD, partial.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) == 0) {
        return;
    }
    if (errno == EEXIST) {  // another one was faster
        std::filesystem::remove(partial);
        refuse_existing();
    }
    std::filesystem::rename(partial, target);  // network file systems know no RENAME_NOREPLACE
}

}  // namespace slipway::storage
