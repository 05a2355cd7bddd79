#include "bot/runtime/storage_thread.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace slipway {

namespace {

namespace asio = boost::asio;

/// Enough to share a flush, few enough that the first of them does not wait for long.
constexpr std::size_t jobs_per_commit = 256;

/// Resumes a waiter on its own executor; may be called from any thread.
using Completion = std::function<void(std::exception_ptr)>;

struct Waiting {
    StorageRunner::Job job;
    Completion completed;
};

template <class Handler>
Completion on_its_executor(Handler handler)
{
    // Tracked work keeps the io_context running while the waiter has nothing else to wait for.
    auto executor =
        asio::prefer(asio::get_associated_executor(handler), asio::execution::outstanding_work.tracked);
    auto shared = std::make_shared<Handler>(std::move(handler));  // std::function wants to copy
    return [executor, shared](std::exception_ptr outcome) {
        asio::post(executor, [shared, outcome = std::move(outcome)]() mutable {
            std::move (*shared)(std::move(outcome));
        });
    };
}

/// Waits until the Completion that `begin` is given gets called.
template <class Begin>
auto completion_of(Begin begin)
{
    auto initiate = [](auto handler, Begin given) { given(on_its_executor(std::move(handler))); };
    return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(
        std::move(initiate), asio::use_awaitable, std::move(begin)
    );
}

}  // namespace

struct StorageThread::Queue {
    explicit Queue(storage::Store& shared) : store(shared) {}

    storage::Store& store;
    std::mutex mutex;  ///< guards what follows
    std::condition_variable changed;
    std::deque<Waiting> waiting;
    bool stopping = false;
    std::thread thread;

    void give(StorageRunner::Job job, Completion completed)
    {
        {
            const std::lock_guard lock(mutex);
            waiting.push_back({std::move(job), std::move(completed)});
        }
        changed.notify_one();
    }

    /// The next jobs to share a commit; none when it is time to end.
    std::vector<Waiting> take()
    {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return stopping || !waiting.empty(); });
        const auto end =
            waiting.begin() + static_cast<std::ptrdiff_t>(std::min(waiting.size(), jobs_per_commit));
        std::vector<Waiting> batch(std::make_move_iterator(waiting.begin()), std::make_move_iterator(end));
        waiting.erase(waiting.begin(), end);
        return batch;
    }

    std::vector<std::exception_ptr> commit(const std::vector<StorageRunner::Job>& jobs)
    {
        try {
            return store.transaction(jobs);
        }
        catch (...) {
            return {jobs.size(), std::current_exception()};
        }
    }

    void settle(std::vector<Waiting> batch)
    {
        std::vector<StorageRunner::Job> jobs;
        jobs.reserve(batch.size());
        for (auto& each : batch) {
            jobs.push_back(std::move(each.job));
        }
        const auto outcomes = commit(jobs);
        jobs.clear();  // first, so that what a job shares with its waiter is given up on the waiter's thread
        for (std::size_t i = 0; i < batch.size(); ++i) {
            batch[i].completed(outcomes[i]);
        }
    }

    void work()
    {
        for (auto batch = take(); !batch.empty(); batch = take()) {
            settle(std::move(batch));
        }
    }
};

StorageThread::StorageThread(storage::Store& store) : queue_(std::make_unique<Queue>(store))
{
    queue_->thread = std::thread([queue = queue_.get()] { queue->work(); });
}

StorageThread::~StorageThread()
{
    {
        const std::lock_guard lock(queue_->mutex);
        queue_->stopping = true;
    }
    queue_->changed.notify_all();
    queue_->thread.join();
}

asio::awaitable<void> StorageThread::run(Job job)
{
    auto begin = [this, given = std::move(job)](Completion completed) mutable {
        queue_->give(std::move(given), std::move(completed));
    };
    auto completion = completion_of(std::move(begin));
    co_await std::move(completion);
}

std::size_t StorageThread::waiting() const
{
    const std::lock_guard lock(queue_->mutex);
    return queue_->waiting.size();
}

}  // namespace slipway
