#include "bot/net/semaphore.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <utility>

namespace slipway::net {

namespace asio = boost::asio;

struct Semaphore::Waiter {
    explicit Waiter(const asio::any_io_executor& executor)
        : bell(executor, asio::steady_timer::time_point::max())
    {}

    asio::steady_timer bell;
    bool granted = false;
};

/// A place in the queue. Whoever leaves without taking the permit (cancelled) hands it on.
class Semaphore::Place {
public:
    Place(std::shared_ptr<Semaphore> owner, std::shared_ptr<Waiter> waiter)
        : owner_(std::move(owner)), waiter_(std::move(waiter))
    {
        owner_->queue_.push_back(waiter_);
    }

    ~Place()
    {
        if (taken_) {
            return;
        }
        if (waiter_->granted) {
            owner_->give_back();
        }
        else {
            std::erase(owner_->queue_, waiter_);
        }
    }

    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    Permit take()
    {
        taken_ = true;
        return Permit(owner_);
    }

private:
    std::shared_ptr<Semaphore> owner_;
    std::shared_ptr<Waiter> waiter_;
    bool taken_ = false;
};

Semaphore::Permit::Permit(std::shared_ptr<Semaphore> owner) : owner_(std::move(owner)) {}

Semaphore::Permit::~Permit()
{
    if (owner_) {
        owner_->give_back();
    }
}

Semaphore::Semaphore(asio::any_io_executor executor, std::size_t permits)
    : executor_(std::move(executor)), free_(permits)
{}

asio::awaitable<Semaphore::Permit> Semaphore::acquire()
{
    const auto self = shared_from_this();
    if (free_ > 0) {
        --free_;
        co_return Permit(self);
    }
    const auto waiter = std::make_shared<Waiter>(executor_);
    Place place(self, waiter);
    co_await waiter->bell.async_wait(asio::as_tuple(asio::use_awaitable));
    if (!waiter->granted) {
        throw boost::system::system_error(asio::error::operation_aborted);
    }
    co_return place.take();
}

void Semaphore::give_back()
{
    if (queue_.empty()) {
        ++free_;
        return;
    }
    const auto next = queue_.front();
    queue_.pop_front();
    next->granted = true;
    next->bell.cancel();
}

}  // namespace slipway::net
