// How long the bot's database takes to open, and the ledger to verify, after years of work. The argument is
// the number of events.
#include "storage/store.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>

namespace {

using namespace slipway;

constexpr int events_each = 50;  ///< of one deployment
constexpr int still_active = 10;
constexpr int decisions_per_commit = 200;

Decision deployment(int number, bool ends)
{
    Decision decision;
    decision.deployment = DeploymentId{number};
    Planned planned;
    planned.plan.what = "Change " + std::to_string(number);
    planned.plan.service = "service-" + std::to_string(number);
    decision.events.emplace_back(planned);
    for (int tick = 0; tick + 2 < events_each; ++tick) {
        decision.events.emplace_back(ItemTicked{"qa", "item-" + std::to_string(tick), false, ""});
    }
    if (ends) {
        decision.events.emplace_back(Cancelled{"done with"});
    }
    decision.outbox = {{CardRefresh{}, "card-" + std::to_string(number)}};
    return decision;
}

void write_history(const std::filesystem::path& file, int events)
{
    storage::Store store(file);
    const int last = events / events_each;
    for (int number = 1; number <= last;) {
        std::vector<storage::Store::Job> jobs;
        for (int i = 0; i < decisions_per_commit && number <= last; ++i, ++number) {
            jobs.emplace_back([number, last](storage::Store& record) {
                const auto made = deployment(number, number + still_active <= last);
                record.record(made, UserId("U0ALICE"), Instant{}, ChannelId("C0DEPLOYS"), {});
                record.mark_delivered("card-" + std::to_string(number), "1.000000", Instant{});
            });
        }
        for (const auto& outcome : store.transaction(jobs)) {
            if (outcome) {
                std::rethrow_exception(outcome);
            }
        }
    }
}

template <class Work>
void measure(const char* what, Work work)
{
    const auto begun = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    std::cout << what << took.count() << " s\n";
}

}  // namespace

int main(int argc, char** argv)
{
    const int events = argc > 1 ? std::atoi(argv[1]) : 1'000'000;
    auto pattern = (std::filesystem::temp_directory_path() / "slipway-bench-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
        return 1;
    }
    const std::filesystem::path folder = pattern;
    const auto file = folder / "slipway.db";
    std::cout << events << " events\n";
    measure("written   ", [&] { write_history(file, events); });
    std::cout << "file      " << std::filesystem::file_size(file) / 1'000'000 << " MB\n";
    measure("opened    ", [&] { const storage::Store store(file); });
    measure("verified  ", [&] {
        storage::Store store(file, storage::Store::Access::read_only);
        if (store.verify_chain()) {
            std::abort();
        }
    });
    std::filesystem::remove_all(folder);
}
