#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>

namespace slipway::net {

/// Owns coroutines that are shorter-lived than their owner, which keeps the group as its last member.
/// Use on the executor's thread only.
class TaskGroup {
public:
    /// What to do with an exception a task ended with. Not called for tasks that ended because they were
    /// cancelled.
    using OnError = std::function<void(std::exception_ptr)>;

    explicit TaskGroup(boost::asio::any_io_executor executor);

    /// Cancels what still runs; `wait` first where tasks refer to members of the owner.
    ~TaskGroup();
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    /// Starts `task`. Once `cancel_all` was called, a new task is cancelled at its first wait.
    void spawn(boost::asio::awaitable<void> task, OnError on_error);

    /// Asks every task to stop at its next wait.
    void cancel_all();

    /// Returns when no task runs. A cancelled wait throws operation_aborted and leaves the tasks alone.
    [[nodiscard]] boost::asio::awaitable<void> wait();

    [[nodiscard]] std::size_t size() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace slipway::net
