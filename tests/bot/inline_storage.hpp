#pragma once

#include "bot/runtime/storage_thread.hpp"

#include <exception>
#include <utility>
#include <vector>

namespace slipway::testing {

/// Jobs on the caller's thread, one transaction each.
class InlineStorage : public StorageRunner {
public:
    explicit InlineStorage(storage::Store& store) : store_(store) {}

    [[nodiscard]] boost::asio::awaitable<void> run(Job job) override
    {
        const std::vector<Job> jobs{std::move(job)};
        const auto outcomes = store_.transaction(jobs);
        if (outcomes.front()) {
            std::rethrow_exception(outcomes.front());
        }
        co_return;
    }

private:
    storage::Store& store_;
};

/// Jobs on the caller's thread, until the disk is full.
class StorageUntilFull : public StorageRunner {
public:
    explicit StorageUntilFull(storage::Store& store) : real_(store) {}

    boost::asio::awaitable<void> run(Job job) override
    {
        if (is_full) {
            throw storage::Unavailable("database or disk is full");
        }
        co_await real_.run(std::move(job));
    }

    bool is_full = false;

private:
    InlineStorage real_;
};

}  // namespace slipway::testing
