#include "storage/lock.hpp"

#include "storage/store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>

namespace slipway::storage {

namespace {

std::string holder_of(int file)
{
    std::array<char, 24> text{};
    const auto size = ::pread(file, text.data(), text.size(), 0);
    return size > 0 ? " (process " + std::string(text.data(), static_cast<std::size_t>(size)) + ")" : "";
}

void write_holder(int file)
{
    const auto process = std::to_string(::getpid());
    // The number is a courtesy to the operator: a disk too full for it must not keep the bot from starting.
    if (::ftruncate(file, 0) == 0) {
        (void)!::pwrite(file, process.data(), process.size(), 0);
    }
}

}  // namespace

Lock::Lock(const std::filesystem::path& database)
{
    // Through a symbolic link it is the same database, so it must be the same lock.
    const auto beside = std::filesystem::weakly_canonical(database).string() + ".lock";
    file_ = ::open(beside.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (file_ < 0) {
        throw StoreError(
            "cannot write " + beside + " (" + std::generic_category().message(errno) +
            "); check that the folder exists and that this user may write there"
        );
    }
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
        const auto why = errno;
        const auto holder = holder_of(file_);
        ::close(file_);
        if (why == EWOULDBLOCK) {
            throw StoreError(
                database.string() + " is in use by another Slipway" + holder + "; stop that one first"
            );
        }
        throw StoreError("cannot lock " + beside + " (" + std::generic_category().message(why) + ")");
    }
    write_holder(file_);
}

Lock::~Lock() { ::close(file_); }

}  // namespace slipway::storage
