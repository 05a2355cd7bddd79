#include "bot/storage_thread.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace slipway {

namespace {

/// Enough to share a flush, few enough that the first of them does not wait for long.
constexpr std::size_t jobs_per_commit = 256;

using Completion = std::function<void(std::exception_ptr)>;

struct Waiting {
    StorageRunner::Job job;
    Completion completed;
};

}  // namespace

struct StorageThread::Queue {
    explicit Queue(storage::Store& shared) : store(shared) {}

    storage::Store& store;
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Waiting> waiting;
    bool stopping = false;
    std::thread thread;

    std::vector<Waiting> take()
    {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return stopping || !waiting.empty(); });
        std::vector<Waiting> batch;
        while (!waiting.empty() && batch.size() < jobs_per_commit) {
            batch.push_back(std::move(waiting.front()));
            waiting.pop_front();
        }
        return batch;
    }

    void work()
    {
        for (auto batch = take(); !batch.empty(); batch = take()) {
            std::vector<StorageRunner::Job> jobs;
            jobs.reserve(batch.size());
            for (auto& each : batch) {
                jobs.push_back(std::move(each.job));
            }
            std::vector<std::exception_ptr> outcomes;
            try {
                outcomes = store.transaction(jobs);
            }
            catch (...) {
                outcomes.assign(batch.size(), std::current_exception());
            }
            jobs.clear();
            for (std::size_t i = 0; i < batch.size(); ++i) {
                batch[i].completed(outcomes[i]);
            }
        }
    }
};

StorageThread::StorageThread(storage::Store& store) : queue_(std::make_shared<Queue>(store))
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

boost::asio::awaitable<void> StorageThread::run(Job job)
{
    auto initiate = [this](auto handler, Job given) {
        auto executor = boost::asio::get_associated_executor(handler);
        auto work = boost::asio::prefer(executor, boost::asio::execution::outstanding_work.tracked);
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        Completion completed = [work, shared](std::exception_ptr outcome) {
            boost::asio::post(work, [shared, outcome = std::move(outcome)]() mutable {
                std::move (*shared)(std::move(outcome));
            });
        };
        {
            const std::lock_guard lock(queue_->mutex);
            queue_->waiting.push_back({std::move(given), std::move(completed)});
        }
        queue_->changed.notify_one();
    };
    co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(std::exception_ptr)>(
        std::move(initiate), boost::asio::use_awaitable, std::move(job)
    );
}

boost::asio::awaitable<void> InlineStorage::run(Job job)
{
    const std::vector<Job> jobs{std::move(job)};
    const auto outcomes = store_.transaction(jobs);
    if (outcomes.front()) {
        std::rethrow_exception(outcomes.front());
    }
    co_return;
}

}  // namespace slipway
