#include "bot/net/semaphore.hpp"
#include "bot/net/task_group.hpp"
#include "bot/net/with_timeout.hpp"
#include "tests/net/harness.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <catch2/catch_test_macros.hpp>

namespace slipway::net::testing {
namespace {

using namespace std::chrono_literals;
using boost::system::system_error;

/// Counts how many coroutines have not been unwound.
struct Alive {
    explicit Alive(int* chosen) : count(chosen) { ++*count; }

    ~Alive() { --*count; }

    Alive(const Alive&) = delete;
    Alive& operator=(const Alive&) = delete;
    int* count;
};

asio::awaitable<std::string> answer_after(std::chrono::milliseconds duration, int* alive)
{
    const Alive here(alive);
    co_await pause(duration);
    co_return "an answer that is too long for the small string";
}

asio::awaitable<int> fail_after(std::chrono::milliseconds duration)
{
    co_await pause(duration);
    throw std::runtime_error("broken");
}

asio::awaitable<std::string> failure_text(asio::awaitable<std::string> operation)
{
    try {
        auto text = co_await std::move(operation);
        co_return text;
    }
    catch (const system_error& error) {
        co_return error.code().message();
    }
}

asio::awaitable<void> give_result(World&)
{
    int alive = 0;
    auto quick = answer_after(1ms, &alive);
    const auto text = co_await with_timeout(std::move(quick), 5s);
    CHECK(text == "an answer that is too long for the small string");
    CHECK(alive == 0);
}

asio::awaitable<void> strike_limit(World&)
{
    int alive = 0;
    auto slow = answer_after(20s, &alive);
    auto limited = with_timeout(std::move(slow), 20ms);
    const auto text = co_await failure_text(std::move(limited));
    CHECK(text == "Connection timed out");
    CHECK(alive == 0);
}

asio::awaitable<void> pass_failure(World&)
{
    auto failing = fail_after(1ms);
    std::string text;
    const auto begin = std::chrono::steady_clock::now();
    try {
        co_await with_timeout(std::move(failing), 5s);
    }
    catch (const std::runtime_error& error) {
        text = error.what();
    }
    CHECK(text == "broken");
    CHECK(std::chrono::steady_clock::now() - begin < 2s);
}

asio::awaitable<void> cancel_waiter(World& world)
{
    int alive = 0;
    auto slow = answer_after(20s, &alive);
    auto limited = with_timeout(std::move(slow), 20s);
    auto outer = with_timeout(std::move(limited), 20ms);
    const auto text = co_await failure_text(std::move(outer));
    CHECK(text == "Connection timed out");
    CHECK(alive == 0);
    CHECK(world.trouble.empty());
}

asio::awaitable<void> wait_forever(int* alive)
{
    const Alive here(alive);
    co_await pause(1h);
}

asio::awaitable<void> throw_soon()
{
    co_await pause(1ms);
    throw std::runtime_error("broken");
}

asio::awaitable<void> cancel_group(World& world)
{
    TaskGroup group(world.executor);
    int alive = 0;
    int errors = 0;
    const auto on_error = [&errors](const std::exception_ptr&) { ++errors; };
    for (int index = 0; index < 3; ++index) {
        group.spawn(wait_forever(&alive), on_error);
    }
    group.spawn(throw_soon(), on_error);
    co_await pause(20ms);
    CHECK(alive == 3);
    CHECK(errors == 1);
    CHECK(group.size() == 3);
    group.cancel_all();
    co_await group.wait();
    CHECK(alive == 0);
    CHECK(group.size() == 0);
    CHECK(errors == 1);
    group.spawn(wait_forever(&alive), on_error);
    co_await group.wait();
    CHECK(alive == 0);
}

asio::awaitable<void> abandon_group(World& world)
{
    int alive = 0;
    {
        TaskGroup group(world.executor);
        group.spawn(wait_forever(&alive), {});
        co_await pause(5ms);
        CHECK(alive == 1);
    }
    co_await pause(5ms);
    CHECK(alive == 0);
}

asio::awaitable<void> work(std::shared_ptr<Semaphore> permits, int* busy, int* most)
{
    const auto permit = co_await permits->acquire();
    *most = std::max(*most, ++*busy);
    co_await pause(5ms);
    --*busy;
}

asio::awaitable<void> share_permits(World& world)
{
    const auto permits = std::make_shared<Semaphore>(world.executor, 2);
    TaskGroup group(world.executor);
    int busy = 0;
    int most = 0;
    for (int index = 0; index < 7; ++index) {
        group.spawn(work(permits, &busy, &most), {});
    }
    co_await group.wait();
    CHECK(most == 2);
}

asio::awaitable<void> leave_queue(World& world)
{
    const auto permits = std::make_shared<Semaphore>(world.executor, 1);
    TaskGroup group(world.executor);
    int busy = 0;
    int most = 0;
    {
        const auto permit = co_await permits->acquire();
        group.spawn(work(permits, &busy, &most), {});
        co_await pause(1ms);
        group.cancel_all();
        co_await group.wait();
    }
    // Nobody took the permit with them.
    auto last = work(permits, &busy, &most);
    co_await with_timeout(std::move(last), 1s);
    CHECK(most == 1);
}

}  // namespace

TEST_CASE("an operation within its limit gives its result", "[net][time]") { run(give_result); }

TEST_CASE("an operation beyond its limit is cancelled, unwound and reported", "[net][time]")
{
    run(strike_limit);
}

TEST_CASE("a failure within the limit is reported at once, as itself", "[net][time]") { run(pass_failure); }

TEST_CASE("cancelling whoever waits cancels the operation", "[net][time]") { run(cancel_waiter); }

TEST_CASE("a task group ends all its tasks and reports only real failures", "[net][tasks]")
{
    run(cancel_group);
}

TEST_CASE("a task group that goes away takes its tasks with it", "[net][tasks]") { run(abandon_group); }

TEST_CASE("a semaphore lets in no more than it has permits", "[net][tasks]") { run(share_permits); }

TEST_CASE("a cancelled waiter takes no permit with it", "[net][tasks]") { run(leave_queue); }

}  // namespace slipway::net::testing
