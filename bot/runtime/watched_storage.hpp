#pragma once

#include "bot/runtime/storage_thread.hpp"

#include <chrono>

namespace slipway {

/// A full disk or another program's lock is looked at again after this.
constexpr std::chrono::milliseconds disk_looked_at_again{1'000};

/// The world's storage, and whether it took what was written last.
class WatchedStorage : public StorageRunner {
public:
    explicit WatchedStorage(StorageRunner& real) : real_(real) {}

    [[nodiscard]] boost::asio::awaitable<void> run(Job job) override
    {
        try {
            co_await real_.run(std::move(job));
        }
        catch (const storage::Unavailable&) {
            is_writable_ = false;
            throw;
        }
    }

    [[nodiscard]] std::size_t waiting() const override { return real_.waiting(); }

    [[nodiscard]] bool is_writable() const { return is_writable_; }

    /// Not by any job that succeeds: most of them only read, which a full disk does not mind.
    [[nodiscard]] boost::asio::awaitable<void> try_again()
    {
        Job write = [](storage::Store& store) { store.prove_writable(); };
        co_await run(std::move(write));
        is_writable_ = true;
    }

private:
    StorageRunner& real_;
    bool is_writable_ = true;
};

}  // namespace slipway
