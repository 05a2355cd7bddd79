#include "bot/net/task_group.hpp"

#include "bot/net/failure.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <list>
#include <utility>

namespace slipway::net {

namespace asio = boost::asio;

struct TaskGroup::State {
    explicit State(asio::any_io_executor chosen)
        : executor(std::move(chosen)), all_gone(executor, asio::steady_timer::time_point::max())
    {}

    asio::any_io_executor executor;
    asio::steady_timer all_gone;
    std::list<asio::cancellation_signal> signals;
    bool cancelled = false;
};

TaskGroup::TaskGroup(asio::any_io_executor executor) : state_(std::make_shared<State>(std::move(executor))) {}

TaskGroup::~TaskGroup() { cancel_all(); }

void TaskGroup::spawn(asio::awaitable<void> task, OnError on_error)
{
    const auto signal = state_->signals.emplace(state_->signals.end());
    auto on_end = [state = state_, signal, on_error = std::move(on_error)](const std::exception_ptr& error) {
        // The coroutine's frame still refers to its signal while this runs, so the signal dies a little
        // later.
        std::list<asio::cancellation_signal> finished;
        finished.splice(finished.end(), state->signals, signal);
        asio::post(state->executor, [finished = std::move(finished)] {});
        if (state->signals.empty()) {
            state->all_gone.cancel();
        }
        if (error && on_error && !(state->cancelled && is_cancellation(error))) {
            on_error(error);
        }
    };
    asio::co_spawn(
        state_->executor, std::move(task), asio::bind_cancellation_slot(signal->slot(), std::move(on_end))
    );
    if (state_->cancelled) {
        signal->emit(asio::cancellation_type::terminal);
    }
}

void TaskGroup::cancel_all()
{
    state_->cancelled = true;
    auto& signals = state_->signals;
    for (auto next = signals.begin(); next != signals.end();) {
        const auto current = next++;  // a task may end, and leave the list, while it is told to
        current->emit(asio::cancellation_type::terminal);
    }
}

asio::awaitable<void> TaskGroup::wait()
{
    const auto state = state_;
    while (!state->signals.empty()) {
        co_await state->all_gone.async_wait(asio::as_tuple(asio::use_awaitable));
        const auto asked_to_stop = co_await asio::this_coro::cancellation_state;
        if (asked_to_stop.cancelled() != asio::cancellation_type::none) {
            throw boost::system::system_error(asio::error::operation_aborted);
        }
    }
}

std::size_t TaskGroup::size() const { return state_->signals.size(); }

}  // namespace slipway::net
