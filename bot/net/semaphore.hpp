#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <deque>
#include <memory>

namespace slipway::net {

/// Hands out a fixed number of permits, first come first served. One thread.
class Semaphore : public std::enable_shared_from_this<Semaphore> {
public:
    /// Given back when destroyed.
    class Permit {
    public:
        explicit Permit(std::shared_ptr<Semaphore> owner);
        ~Permit();
        Permit(Permit&&) = default;
        Permit& operator=(Permit&&) = delete;

    private:
        std::shared_ptr<Semaphore> owner_;
    };

    Semaphore(boost::asio::any_io_executor executor, std::size_t permits);

    /// Waits for a permit; a cancelled wait throws operation_aborted.
    [[nodiscard]] boost::asio::awaitable<Permit> acquire();

private:
    struct Waiter;
    class Place;

    void give_back();

    boost::asio::any_io_executor executor_;
    std::size_t free_;
    std::deque<std::shared_ptr<Waiter>> queue_;
};

}  // namespace slipway::net
