#include "tests/storage/faulty_disk.hpp"

#include <fstream>
#include <iterator>

namespace slipway::storage::testing {

namespace {

FaultyDisk* current = nullptr;
sqlite3_vfs* real_vfs = nullptr;

/// SQLite allocates szOsFile bytes: ours, and behind them the real one's.
struct File {
    sqlite3_file base;
    const char* name;
};

constexpr auto header = (sizeof(File) + 15) / 16 * 16;

sqlite3_file* real_of(sqlite3_file* file)
{
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + header);
}

template <auto Method, class... Args>
auto forward(sqlite3_file* file, Args... args)
{
    auto* real = real_of(file);
    return (real->pMethods->*Method)(real, args...);
}

template <auto Method, class... Args>
int forward_write(sqlite3_file* file, Args... args)
{
    const int outcome = current->write_outcome();
    return outcome == SQLITE_OK ? forward<Method>(file, args...) : outcome;
}

int sync(sqlite3_file* file, int flags)
{
    ++current->flushes;
    const int outcome = forward_write<&sqlite3_io_methods::xSync>(file, flags);
    const auto* name = reinterpret_cast<File*>(file)->name;
    if (outcome == SQLITE_OK && name != nullptr) {
        std::ifstream content(name, std::ios::binary);
        current->flushed[name] = std::string(std::istreambuf_iterator<char>(content), {});
    }
    return outcome;
}

const sqlite3_io_methods methods = [] {
    using M = sqlite3_io_methods;
    M all{};
    all.iVersion = 2;  // no xFetch: mapped pages would be read past us
    all.xClose = [](sqlite3_file* file) { return forward<&M::xClose>(file); };
    all.xRead = &forward<&M::xRead, void*, int, sqlite3_int64>;
    all.xWrite = &forward_write<&M::xWrite, const void*, int, sqlite3_int64>;
    all.xTruncate = &forward_write<&M::xTruncate, sqlite3_int64>;
    all.xSync = &sync;
    all.xFileSize = &forward<&M::xFileSize, sqlite3_int64*>;
    all.xLock = &forward<&M::xLock, int>;
    all.xUnlock = &forward<&M::xUnlock, int>;
    all.xCheckReservedLock = &forward<&M::xCheckReservedLock, int*>;
    all.xFileControl = &forward<&M::xFileControl, int, void*>;
    all.xSectorSize = &forward<&M::xSectorSize>;
    all.xDeviceCharacteristics = &forward<&M::xDeviceCharacteristics>;
    all.xShmMap = &forward<&M::xShmMap, int, int, int, void volatile**>;
    all.xShmLock = &forward<&M::xShmLock, int, int, int>;
    all.xShmBarrier = &forward<&M::xShmBarrier>;
    all.xShmUnmap = &forward<&M::xShmUnmap, int>;
    return all;
}();

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags)
{
    auto* opened = reinterpret_cast<File*>(file);
    opened->name = name;  // SQLite keeps it until xClose
    opened->base.pMethods = nullptr;
    const int outcome = real_vfs->xOpen(real_vfs, name, real_of(file), flags, out_flags);
    if (real_of(file)->pMethods != nullptr) {
        opened->base.pMethods = &methods;
    }
    return outcome;
}

}  // namespace

FaultyDisk::FaultyDisk()
{
    real_vfs = sqlite3_vfs_find(nullptr);
    current = this;
    shim_ = *real_vfs;
    shim_.zName = "faulty disk";
    shim_.szOsFile = static_cast<int>(header) + real_vfs->szOsFile;
    shim_.xOpen = &open;
    sqlite3_vfs_register(&shim_, 1);
}

FaultyDisk::~FaultyDisk()
{
    sqlite3_vfs_unregister(&shim_);
    sqlite3_vfs_register(real_vfs, 1);
    current = nullptr;
}

int FaultyDisk::write_outcome()
{
    ++writes;
    return fail_from > 0 && writes >= fail_from && writes <= fail_until ? fail_with : SQLITE_OK;
}

void FaultyDisk::power_cut(const std::filesystem::path& database, const std::filesystem::path& to) const
{
    for (const std::string beside : {"", "-wal"}) {
        const auto found = flushed.find(database.string() + beside);
        if (found != flushed.end()) {
            std::ofstream(to.string() + beside, std::ios::binary) << found->second;
        }
    }
}

}  // namespace slipway::storage::testing
