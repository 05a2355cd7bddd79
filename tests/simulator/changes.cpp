#include "tests/simulator/changes.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace simulator {

namespace asio = boost::asio;

void Changes::notify()
{
    ++count_;
    for (auto* timer : waiting_)
        timer->cancel();
}

asio::awaitable<bool> Changes::until(std::function<bool()> predicate, std::chrono::milliseconds limit)
{
    asio::steady_timer timer(executor_);
    const auto deadline = std::chrono::steady_clock::now() + limit;

    struct Waiting {
        std::list<asio::steady_timer*>& all;
        std::list<asio::steady_timer*>::iterator place;

        ~Waiting() { all.erase(place); }
    };

    const Waiting waiting{waiting_, waiting_.insert(waiting_.end(), &timer)};

    while (!predicate()) {
        if (std::chrono::steady_clock::now() >= deadline) co_return false;
        timer.expires_at(deadline);
        [[maybe_unused]] const auto [error] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    co_return true;
}

Agenda::Agenda(asio::any_io_executor executor, SimulatedClock& clock)
    : clock_(clock),
      timer_(std::make_shared<asio::steady_timer>(executor)),
      listener_(clock.on_move([watched = std::weak_ptr(timer_), executor] {
          asio::post(executor, [watched] {
              if (const auto timer = watched.lock()) timer->cancel();
          });
      }))
{}

Agenda::~Agenda() { clock_.forget(listener_); }

void Agenda::after(std::chrono::milliseconds delay, std::function<void()> act)
{
    due_.emplace(clock_.steady_now() + delay, std::move(act));
    timer_->cancel();
}

void Agenda::do_what_is_due()
{
    while (!due_.empty() && due_.begin()->first <= clock_.steady_now()) {
        const auto act = std::move(due_.begin()->second);
        due_.erase(due_.begin());
        act();
    }
}

asio::awaitable<void> Agenda::run()
{
    const auto timer = timer_;
    while (true) {
        do_what_is_due();
        const auto left = std::chrono::ceil<std::chrono::microseconds>(
            due_.empty() ? std::chrono::hours(1) : due_.begin()->first - clock_.steady_now()
        );
        timer->expires_at(clock_.machine_time_in(left));
        [[maybe_unused]] const auto [error] = co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

}  // namespace simulator
