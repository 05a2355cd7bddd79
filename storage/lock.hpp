#pragma once

#include <filesystem>

namespace slipway::storage {

/// Keeps a second bot off the same database: flock on "<database>.lock", which the kernel gives back however
/// the process ends, `kill -9` included.
///
/// A file of its own, because closing any descriptor of the database file would drop SQLite's own locks on
/// it. It stays when the bot stops (removing it would race with a bot that just opened it) and names the
/// holder's process.
class Lock {
public:
    /// Errors: StoreError when another process holds it, or when the file cannot be written.
    explicit Lock(const std::filesystem::path& database);
    ~Lock();
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

private:
    int file_ = -1;
};

}  // namespace slipway::storage
