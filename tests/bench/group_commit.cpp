// What group commit saves: the same sign-offs recorded one by one, each with its own flush, and a hundred at
// a time.
#include "bot/runtime/storage_thread.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <filesystem>
#include <iostream>

namespace {

using namespace slipway;

constexpr int jobs = 500;

boost::asio::awaitable<void> record(StorageRunner* storage, int number)
{
    StorageRunner::Job job = [number](storage::Store& store) {
        (void)store.first_sight("key-" + std::to_string(number), Instant{});
    };
    co_await storage->run(std::move(job));
}

boost::asio::awaitable<void> one_by_one(StorageRunner* storage)
{
    for (int number = 0; number < jobs; ++number) {
        co_await record(storage, number);
    }
}

template <class Work>
double seconds(const std::filesystem::path& folder, const char* name, Work work)
{
    storage::Store store(folder / name);
    boost::asio::io_context context;
    StorageThread thread(store);
    const auto begun = std::chrono::steady_clock::now();
    work(context, thread);
    context.run();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

}  // namespace

int main()
{
    auto pattern = (std::filesystem::temp_directory_path() / "slipway-bench-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
        return 1;
    }
    const std::filesystem::path folder = pattern;
    const auto alone = seconds(folder, "alone.db", [](auto& context, auto& thread) {
        boost::asio::co_spawn(context, one_by_one(&thread), boost::asio::detached);
    });
    const auto together = seconds(folder, "together.db", [](auto& context, auto& thread) {
        for (int number = 0; number < jobs; ++number) {
            boost::asio::co_spawn(context, record(&thread, number), boost::asio::detached);
        }
    });
    std::filesystem::remove_all(folder);
    std::cout << jobs << " jobs, each durable before it is acknowledged\n"
              << "one by one   " << alone << " s\n"
              << "together     " << together << " s\n"
              << "ratio        " << alone / together << '\n';
}
