#pragma once

#include "storage/store.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace slipway {

/// Where storage jobs run. A port: the simulated world runs them on its only thread.
///
/// A job runs on another thread than its waiter, so it owns all it touches (or shares it by shared_ptr).
class StorageRunner {
public:
    using Job = storage::Store::Job;

    virtual ~StorageRunner() = default;

    /// Runs `job` and returns once its transaction is durable. Rethrows the job's exception (its work is
    /// undone, its neighbours' is not); storage::Unavailable where it or its commit could not be read or
    /// written. A cancelled wait does not stop the job: it commits
    /// all the same, and the caller's next wait throws.
    [[nodiscard]] virtual boost::asio::awaitable<void> run(Job job) = 0;

    /// The same for a job with an answer.
    template <class Answer>
    [[nodiscard]] boost::asio::awaitable<Answer> ask(std::function<Answer(storage::Store&)> question)
    {
        // Shared, since a waiter that is destroyed leaves its job behind.
        const auto answer = std::make_shared<std::optional<Answer>>();
        Job job = [answer, asked = std::move(question)](storage::Store& store) {
            answer->emplace(asked(store));
        };
        co_await run(std::move(job));
        co_return std::move(answer->value());
    }

    /// Jobs given and not yet begun, for /metrics. They are never refused: what is half done (a message
    /// posted, not yet marked) has nowhere else to go.
    [[nodiscard]] virtual std::size_t waiting() const { return 0; }
};

/// One thread that uses the store. Jobs that wait while a commit is flushed share the next.
///
/// `store` is touched by no one else while this lives. Destroy it before the io_context of those who wait.
class StorageThread : public StorageRunner {
public:
    explicit StorageThread(storage::Store& store);

    /// Finishes the jobs already given, then joins.
    ~StorageThread() override;
    StorageThread(const StorageThread&) = delete;
    StorageThread& operator=(const StorageThread&) = delete;

    [[nodiscard]] boost::asio::awaitable<void> run(Job job) override;

    /// From any thread.
    [[nodiscard]] std::size_t waiting() const override;

private:
    struct Queue;
    std::unique_ptr<Queue> queue_;
};

}  // namespace slipway
