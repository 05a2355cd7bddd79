#include "bot/chores/despite_the_disk.hpp"

#include "tests/bot/fake_slack.hpp"
#include "tests/bot/inline_storage.hpp"
#include "tests/storage/temporary_store.hpp"

#include <catch2/catch_test_macros.hpp>

#include <stdexcept>

namespace slipway {

namespace {

namespace asio = boost::asio;

/// What `loop` ends with when it is run despite the disk; `runs` counts how often it was begun.
std::string ended_with(const std::function<void(int)>& loop, int& runs)
{
    testing::StillClock clock;
    const auto once = [&]() -> asio::awaitable<void> {
        loop(++runs);
        co_return;
    };
    try {
        asio::io_context context{1};
        std::exception_ptr failure;
        asio::co_spawn(context, despite_the_disk(clock, "a loop", once), [&](std::exception_ptr error) {
            failure = error;
        });
        context.run();
        std::rethrow_exception(failure);
    }
    catch (const std::exception& error) {
        return error.what();
    }
}

asio::awaitable<bool> throws(std::reference_wrapper<StorageRunner> storage, StorageRunner::Job job)
{
    try {
        co_await storage.get().run(std::move(job));
        co_return false;
    }
    catch (const std::exception&) {
        co_return true;
    }
}

}  // namespace

TEST_CASE(
    "a loop goes on when the database can be used again, and ends with any other mistake", "[bot][disk]"
)
{
    int runs = 0;
    CHECK(
        ended_with(
            [](int run) {
                if (run < 3) {
                    throw storage::Unavailable("database or disk is full");
                }
                throw std::runtime_error("a mistake of ours");
            },
            runs
        ) == "a mistake of ours"
    );
    CHECK(runs == 3);
}

TEST_CASE("only a record that cannot be written makes the bot not ready", "[bot][disk]")
{
    const storage::testing::TemporaryStore home;
    testing::StorageUntilFull disk(*home.store);
    WatchedStorage storage(disk);
    const StorageRunner::Job mistaken = [](storage::Store&) {
        throw std::runtime_error("a mistake of ours");
    };
    const StorageRunner::Job reads = [](storage::Store& store) { (void)store.team(); };
    CHECK(testing::result_of(throws(storage, mistaken)));
    CHECK(storage.is_writable());
    disk.is_full = true;
    CHECK(testing::result_of(throws(storage, reads)));
    CHECK_FALSE(storage.is_writable());
    disk.is_full = false;
    CHECK_FALSE(testing::result_of(throws(storage, reads)));
    CHECK_FALSE(storage.is_writable());  // a full disk does not mind being read
    testing::StillClock clock;
    asio::io_context context{1};
    asio::co_spawn(context, storage.try_again(), [](std::exception_ptr error) { CHECK_FALSE(error); });
    context.run();
    CHECK(storage.is_writable());
}

}  // namespace slipway
