#include "bot/chores/timekeeper.hpp"

#include "tests/bot/desk.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>

#include <catch2/catch_test_macros.hpp>

namespace slipway {

namespace {

namespace asio = boost::asio;
using testing::Desk;
using namespace std::chrono_literals;

/// The timekeeper of a desk; a moment passes only in its naps.
struct Watch : Desk {
    /// Lets it run until `holds`, or for `naps`. How long that took on the clock.
    std::chrono::steady_clock::duration until(const std::function<bool()>& holds, int most_steps = 20'000)
    {
        Timekeeper timekeeper(context.get_executor(), {judge, storage, clock, committed});
        open_calendar = [&] { asio::co_spawn(context, timekeeper.open_calendar(), asio::detached); };
        asio::cancellation_signal end;
        asio::co_spawn(
            context, timekeeper.run(), asio::bind_cancellation_slot(end.slot(), [](std::exception_ptr) {})
        );
        const auto began = clock.steady;
        context.restart();
        for (int steps = 0; steps < most_steps && !holds(); ++steps) {
            context.run_one();
        }
        const auto took = clock.steady - began;
        end.emit(asio::cancellation_type::terminal);
        context.run();
        return took;
    }

    std::function<void()> open_calendar;  ///< of the timekeeper that runs

    void set(Instant due)
    {
        job([&](storage::Store& each) { each.change_timer(DeploymentId{0}, {"calendar", due}); });
    }

    [[nodiscard]] bool has_fired() const
    {
        return storage::testing::rows(path, "SELECT 1 FROM timers WHERE name = 'calendar'").empty();
    }
};

}  // namespace

TEST_CASE("a timer fires at its moment, not before", "[bot][timekeeper]")
{
    Watch watch;
    watch.set(watch.clock.now() + 2'500ms);
    const auto took = watch.until([&] { return watch.has_fired(); });
    CHECK(took >= 2'500ms);
    CHECK(took <= 3'500ms);  // a nap more until it is seen
}

TEST_CASE("what fell due while the bot was away fires at its start", "[bot][timekeeper]")
{
    Watch watch;
    watch.set(watch.clock.now() - 24h);
    CHECK(watch.until([&] { return watch.has_fired(); }) <= 1s);
}

TEST_CASE("a clock that jumps over a timer is seen within a second", "[bot][timekeeper]")
{
    Watch watch;
    watch.set(watch.clock.now() + 24h);
    bool jumped = false;
    const auto took = watch.until([&] {
        if (!jumped && watch.clock.steady.time_since_epoch() > 3s) {
            watch.clock.wall += 24h;
            jumped = true;
        }
        return watch.has_fired();
    });
    CHECK(took <= 6s);
}

TEST_CASE(
    "a timer that is set while it sleeps fires at its moment, not at the next one's", "[bot][timekeeper]"
)
{
    Watch watch;
    watch.set(watch.clock.now() + 24h);
    bool is_opened = false;
    const auto took = watch.until([&] {
        if (!is_opened && watch.clock.steady.time_since_epoch() > 3s) {
            watch.open_calendar();
            is_opened = true;
        }
        return watch.has_fired();
    });
    CHECK(took <= 6s);
}

}  // namespace slipway
