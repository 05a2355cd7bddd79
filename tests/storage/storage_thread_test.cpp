#include "bot/runtime/storage_thread.hpp"

#include "tests/storage/temporary_store.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <catch2/catch_test_macros.hpp>

#include <future>
#include <thread>

namespace slipway::storage::testing {

namespace {

namespace asio = boost::asio;

/// A store, its runner and the io thread (that of the test).
struct Office : TemporaryStore {
    asio::io_context io{1};
    std::exception_ptr trouble;

    /// Starts `task`; `finish` rethrows what it throws.
    void start(asio::awaitable<void> task)
    {
        asio::co_spawn(io, std::move(task), [this](std::exception_ptr error) {
            trouble = trouble ? trouble : error;
        });
    }

    void finish()
    {
        io.restart();
        io.run();
        if (trouble) {
            std::rethrow_exception(std::exchange(trouble, nullptr));
        }
    }

    void finish(asio::awaitable<void> task)
    {
        start(std::move(task));
        finish();
    }

    [[nodiscard]] std::string keys() const
    {
        return value(
            path, "SELECT coalesce(group_concat(key, ' '), '') FROM (SELECT key FROM inbox ORDER BY key)"
        );
    }
};

StorageRunner::Job remembering(std::string key)
{
    return [key = std::move(key)](Store& store) { (void)store.first_sight(key, noon); };
}

/// Keeps the storage thread busy until let go, so that what follows must wait and share a commit.
struct Gate {
    std::promise<void> reached, opened;

    StorageRunner::Job job()
    {
        return [this](Store&) {
            reached.set_value();
            opened.get_future().wait();
        };
    }
};

asio::awaitable<void> run_job(StorageRunner& runner, StorageRunner::Job job)
{
    co_await runner.run(std::move(job));
}

/// Adds `name` to `order` when the job is done.
asio::awaitable<void> run_noting(
    StorageRunner& runner, StorageRunner::Job job, std::vector<std::string>& order, std::string name
)
{
    std::string outcome = name;
    try {
        co_await runner.run(std::move(job));
    }
    catch (const std::exception& error) {
        outcome += ": " + std::string(error.what());
    }
    order.push_back(outcome);
}

asio::awaitable<void> ask_twice(StorageRunner& runner, const std::filesystem::path& path)
{
    const auto io_thread = std::this_thread::get_id();
    std::function<bool(Store&)> question = [](Store& store) { return store.first_sight("key", noon); };
    auto again = question;
    const auto first = co_await runner.ask(std::move(question));
    CHECK(first);
    CHECK(value(path, "SELECT count(*) FROM inbox") == "1");  // durable when the answer arrives
    CHECK(std::this_thread::get_id() == io_thread);
    const auto second = co_await runner.ask(std::move(again));
    CHECK_FALSE(second);
}

asio::awaitable<void> ask_in_vain(StorageRunner& runner)
{
    std::function<std::unique_ptr<int>(Store&)> question = [](Store& store) -> std::unique_ptr<int> {
        (void)store.first_sight("undone", noon);
        throw std::invalid_argument("because");
    };
    std::string caught;
    try {
        (void)co_await runner.ask(std::move(question));
    }
    catch (const std::invalid_argument& error) {
        caught = error.what();
    }
    CHECK(caught == "because");
}

}  // namespace

TEST_CASE("a job's answer or exception comes back to its waiter", "[storage][thread]")
{
    Office office;
    StorageThread runner(*office.store);
    office.finish(ask_twice(runner, office.path));
    office.finish(ask_in_vain(runner));
    CHECK(office.keys() == "key");
}

TEST_CASE("jobs run in the order given", "[storage][thread]")
{
    Office office;
    StorageThread runner(*office.store);
    std::vector<std::string> order;
    const auto expected = [] {
        std::vector<std::string> names;
        for (int i = 0; i < 1'000; ++i) {
            names.push_back("key " + std::to_string(i));
        }
        return names;
    }();
    for (const auto& name : expected) {
        office.start(run_noting(runner, remembering(name), order, name));
    }
    office.finish();
    CHECK(order == expected);
    CHECK(value(office.path, "SELECT count(*) FROM inbox") == "1000");
}

TEST_CASE("jobs that wait while a commit is flushed share the next", "[storage][thread][group_commit]")
{
    Office office;
    StorageThread runner(*office.store);
    std::vector<std::string> order;
    Gate gate;
    office.start(run_noting(runner, gate.job(), order, "first"));
    office.io.poll();
    gate.reached.get_future().wait();
    office.start(run_noting(runner, remembering("a"), order, "a"));
    StorageRunner::Job failing = [](Store& store) {
        (void)store.first_sight("b", noon);
        throw std::runtime_error("no");
    };
    office.start(run_noting(runner, std::move(failing), order, "b"));
    std::string stored_meanwhile = "?";
    StorageRunner::Job last = [&](Store& store) {
        (void)store.first_sight("c", noon);
        stored_meanwhile = value(office.path, "SELECT count(*) FROM inbox");
    };
    office.start(run_noting(runner, std::move(last), order, "c"));
    office.io.poll();
    CHECK(runner.waiting() == 3);
    CHECK(order.empty());
    gate.opened.set_value();
    office.finish();
    CHECK(order == std::vector<std::string>{"first", "a", "b: no", "c"});
    CHECK(office.keys() == "a c");
    CHECK(stored_meanwhile == "0");  // "a" was done, and its commit was that of "c"
    CHECK(runner.waiting() == 0);
}

TEST_CASE("when the commit fails every job of it hears of it", "[storage][thread]")
{
    Office office;
    std::vector<std::string> order;
    {
        StorageThread runner(*office.store);
        Gate gate;
        office.start(run_noting(runner, gate.job(), order, "first"));
        office.io.poll();
        gate.reached.get_future().wait();
        office.start(run_noting(runner, remembering("a"), order, "a"));
        // A job that ends the transaction under everybody, as a full disk does.
        StorageRunner::Job ruin = [](Store& store) { (void)store.transaction({}); };
        office.start(run_noting(runner, std::move(ruin), order, "b"));
        office.io.poll();
        gate.opened.set_value();
        office.finish();
        CHECK(order.at(0) == "first");
        CHECK(order.at(1) == "a");
        CHECK(order.at(2) == "b: cannot start a transaction within a transaction");
        office.finish(run_job(runner, remembering("after")));
    }
    CHECK(office.keys() == "a after");
}

TEST_CASE("a waiter that is cancelled does not stop its job", "[storage][thread]")
{
    Office office;
    StorageThread runner(*office.store);
    Gate gate;
    std::vector<std::string> order;
    office.start(run_noting(runner, gate.job(), order, "first"));
    office.io.poll();
    gate.reached.get_future().wait();
    asio::cancellation_signal cancel;
    asio::co_spawn(
        office.io,
        run_noting(runner, remembering("all the same"), order, "second"),
        asio::bind_cancellation_slot(cancel.slot(), asio::detached)
    );
    office.io.poll();
    cancel.emit(asio::cancellation_type::terminal);
    office.io.poll();
    CHECK(order.empty());
    gate.opened.set_value();
    office.finish();
    CHECK(office.keys() == "all the same");
}

TEST_CASE("a waiter that is destroyed does not stop its job", "[storage][thread]")
{
    const TemporaryStore home;
    {
        Gate gate;
        std::optional<StorageThread> runner(*home.store);
        {
            std::vector<std::string> order;
            asio::io_context io;
            asio::co_spawn(io, run_noting(*runner, gate.job(), order, "first"), asio::detached);
            asio::co_spawn(io, run_noting(*runner, remembering("key"), order, "second"), asio::detached);
            io.poll();
            gate.reached.get_future().wait();
            io.stop();
            gate.opened.set_value();
            runner.reset();  // before the io_context, as its description asks
        }
    }
    CHECK(value(home.path, "SELECT count(*) FROM inbox") == "1");
}

TEST_CASE("the end of the thread waits for the jobs it was given", "[storage][thread]")
{
    Office office;
    std::vector<std::string> order;
    {
        StorageThread runner(*office.store);
        for (int i = 0; i < 1'000; ++i) {
            office.start(run_noting(runner, remembering("key " + std::to_string(i)), order, ""));
        }
        office.io.poll();
    }
    CHECK(value(office.path, "SELECT count(*) FROM inbox") == "1000");
    office.finish();
    CHECK(order.size() == 1'000);
}

TEST_CASE("waiters on several threads are each resumed on their own", "[storage][thread]")
{
    const TemporaryStore home;
    StorageThread runner(*home.store);
    const auto work = [&](const std::string& name) {
        asio::io_context io{1};
        std::vector<std::string> order;
        for (int i = 0; i < 200; ++i) {
            const auto key = name + std::to_string(i);
            asio::co_spawn(io, run_noting(runner, remembering(key), order, key), asio::detached);
        }
        io.run();
        return order.size();
    };
    auto other = std::async(std::launch::async, work, "other ");
    CHECK(work("own ") == 200);
    CHECK(other.get() == 200);
    CHECK(value(home.path, "SELECT count(*) FROM inbox") == "400");
}

}  // namespace slipway::storage::testing
