#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <map>
#include <string>

namespace slipway::storage::testing {

/// While it lives, SQLite writes through it: a disk that counts, fails when told to, and remembers what would
/// be left if the power went now. One at a time; one thread.
class FaultyDisk {
public:
    FaultyDisk();
    ~FaultyDisk();
    FaultyDisk(const FaultyDisk&) = delete;
    FaultyDisk& operator=(const FaultyDisk&) = delete;

    int writes = 0;   ///< writes, truncations and flushes so far
    int flushes = 0;  ///< of these

    int fail_from = 0;            ///< the number of the first one that fails, 0 for none
    int fail_until = 0;           ///< the number of the last one that fails
    int fail_with = SQLITE_FULL;  ///< SQLITE_FULL or SQLITE_IOERR_…

    /// Writes `database` and its log to `to` as they were flushed last: what a disk may hold after the power
    /// went. What was written since is lost, what was never flushed does not exist.
    void power_cut(const std::filesystem::path& database, const std::filesystem::path& to) const;

    /// SQLITE_OK or the error that the next write must have. For the file methods.
    int write_outcome();

    std::map<std::string, std::string> flushed;  ///< file -> content at its last flush

private:
    sqlite3_vfs shim_{};
};

}  // namespace slipway::storage::testing
