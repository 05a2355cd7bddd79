#pragma once

#include "storage/store.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>

namespace slipway {

/// Where storage jobs run. A port: the simulated world runs them on its only thread.
class StorageRunner {
public:
    using Job = storage::Store::Job;

    virtual ~StorageRunner() = default;

    /// Runs `job` and returns once its transaction is durable. Rethrows the job's exception (its work is
    /// undone, its neighbours' is not), or the commit's. A cancelled wait does not stop the job: it commits
    /// all the same.
    [[nodiscard]] virtual boost::asio::awaitable<void> run(Job job) = 0;
};

/// One thread that owns the store. Jobs that wait while a commit is flushed share the next one.
class StorageThread : public StorageRunner {
public:
    explicit StorageThread(storage::Store& store);
    /// Finishes the jobs already given, then joins.
    ~StorageThread() override;

    [[nodiscard]] boost::asio::awaitable<void> run(Job job) override;

private:
    struct Queue;
    std::shared_ptr<Queue> queue_;
};

/// Jobs on the caller's thread, one transaction each: for tests and the simulated world.
class InlineStorage : public StorageRunner {
public:
    explicit InlineStorage(storage::Store& store) : store_(store) {}

    [[nodiscard]] boost::asio::awaitable<void> run(Job job) override;

private:
    storage::Store& store_;
};

}  // namespace slipway
