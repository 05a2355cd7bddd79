#pragma once

#include "bot/runtime/clock.hpp"
#include "bot/runtime/random.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace simulation {

using Milliseconds = std::chrono::milliseconds;
using Steady = std::chrono::steady_clock::time_point;

/// The seed's decisions. No standard distributions: what they give differs between libraries.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}

    [[nodiscard]] std::uint64_t number() { return random_.next(); }

    /// 0 to `limit` - 1.
    [[nodiscard]] std::size_t below(std::size_t limit) { return random_.next() % limit; }

    [[nodiscard]] bool chance(double probability)
    {
        constexpr double steps = 1'000'000;
        return static_cast<double>(below(static_cast<std::size_t>(steps))) < probability * steps;
    }

    [[nodiscard]] Milliseconds between(Milliseconds least, Milliseconds most)
    {
        const auto span = static_cast<std::size_t>((most - least).count()) + 1;
        return least + Milliseconds{static_cast<std::int64_t>(below(span))};
    }

    template <class List>
    [[nodiscard]] const auto& pick(const List& list)
    {
        return *std::next(std::begin(list), static_cast<std::ptrdiff_t>(below(std::size(list))));
    }

private:
    slipway::SeededRandom random_;
};

/// Virtual time: what will happen, in order. Nothing waits; the next moment comes when it is asked for.
class Timeline {
public:
    using Id = std::pair<Steady, std::uint64_t>;

    [[nodiscard]] Steady now() const { return now_; }

    Id after(Milliseconds delay, std::function<void()> happens);

    void forget(const Id& id) { ahead_.erase(id); }

    /// Lets the next thing happen. False when nothing is ahead.
    bool step();

    std::function<void()> on_step{};  ///< the next moment has come

private:
    Steady now_{std::chrono::hours{1}};
    std::uint64_t last_ = 0;
    std::map<Id, std::function<void()>> ahead_;
};

/// The bot's clocks on the timeline. The wall clock may stand apart from the world's and be moved.
class VirtualClock : public slipway::Clock {
public:
    VirtualClock(Timeline& timeline, slipway::Instant begins);

    [[nodiscard]] slipway::Instant now() const override { return true_time() + skew; }

    [[nodiscard]] Steady steady_now() const override { return timeline_.now(); }

    [[nodiscard]] boost::asio::awaitable<void> sleep_for(Milliseconds duration) override;

    /// The world's: what Slack's clock shows.
    [[nodiscard]] slipway::Instant true_time() const;

    /// The whole world sleeps: wall clocks move on, nothing else does.
    void skip(Milliseconds time) { offset_ += time; }

    Milliseconds skew{0};  ///< of the bot's wall clock

private:
    Timeline& timeline_;
    slipway::Instant begins_;
    Steady zero_;
    Milliseconds offset_{0};
};

/// What one coroutine of the bot waits for and something on the timeline gives. Lives in the coroutine's
/// frame: the world holds it weakly, so it gives nothing to a bot that is gone.
class Bell {
public:
    explicit Bell(const boost::asio::any_io_executor& executor) : timer_(executor, Steady::max()) {}

    void ring();

    /// Returns once it has rung, and forgets that it did; throws operation_aborted when cancelled.
    [[nodiscard]] boost::asio::awaitable<void> wait();

private:
    boost::asio::steady_timer timer_;
    bool rang_ = false;
};

/// What happened, as one number: two runs of a seed must agree in it.
class Trace {
public:
    explicit Trace(const VirtualClock& clock) : clock_(clock) {}

    void note(const std::string& line);

    [[nodiscard]] std::uint64_t hash() const { return hash_; }

    bool echo = false;  ///< print each line

private:
    const VirtualClock& clock_;
    std::uint64_t hash_ = 14'695'981'039'346'656'037ULL;  // FNV-1a
};

/// What goes wrong, and how often it did. `storm` scales every probability; 0 is fair weather.
struct Weather {
    Dice& dice;
    Trace& trace;
    double storm = 1;
    std::map<std::string, std::uint64_t> struck{};

    [[nodiscard]] bool strikes(const std::string& fault, double probability);
};

}  // namespace simulation
