#include "tests/storms/timeline.hpp"

#include "commands/pipeline/events.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <iostream>

namespace simulation {

namespace asio = boost::asio;

Timeline::Id Timeline::after(Milliseconds delay, std::function<void()> happens)
{
    const Id id{now_ + std::max(delay, Milliseconds{0}), ++last_};
    ahead_.emplace(id, std::move(happens));
    return id;
}

bool Timeline::step()
{
    if (ahead_.empty()) {
        return false;
    }
    auto next = ahead_.extract(ahead_.begin());
    now_ = next.key().first;
    if (on_step) {
        on_step();
    }
    next.mapped()();
    return true;
}

VirtualClock::VirtualClock(Timeline& timeline, slipway::Instant begins)
    : timeline_(timeline), begins_(begins), zero_(timeline.now())
{}

slipway::Instant VirtualClock::true_time() const
{
    return begins_ + std::chrono::duration_cast<Milliseconds>(timeline_.now() - zero_) + offset_;
}

asio::awaitable<void> VirtualClock::sleep_for(Milliseconds duration)
{
    struct Alarm {
        Timeline& timeline;
        Timeline::Id id;

        ~Alarm() { timeline.forget(id); }
    };

    const auto executor = co_await asio::this_coro::executor;
    Bell bell(executor);
    const Alarm alarm{timeline_, timeline_.after(duration, [&bell] { bell.ring(); })};
    co_await bell.wait();
}

void Bell::ring()
{
    rang_ = true;
    timer_.cancel();
}

asio::awaitable<void> Bell::wait()
{
    if (!rang_) {
        co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    if (!rang_) {
        throw boost::system::system_error(asio::error::operation_aborted);
    }
    rang_ = false;
}

void Trace::note(const std::string& line)
{
    const auto at = slipway::iso(clock_.true_time());
    if (echo) {
        std::cout << at << ' ' << line << '\n';
    }
    for (const char letter : at + line) {
        hash_ = (hash_ ^ static_cast<unsigned char>(letter)) * 1'099'511'628'211ULL;
    }
}

bool Weather::strikes(const std::string& fault, double probability)
{
    const bool does = storm > 0 && dice.chance(probability * storm);
    if (does) {
        ++struck[fault];
        trace.note("fault: " + fault);
    }
    return does;
}

}  // namespace simulation
