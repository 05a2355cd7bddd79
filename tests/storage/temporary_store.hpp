#pragma once

#include "storage/store.hpp"
#include "tests/support/temporary_folder.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace slipway::storage::testing {

using namespace std::chrono_literals;
using slipway::testing::TemporaryFolder;

/// 2026-11-24T12:00:00.000Z
extern const Instant noon;

extern const ChannelId deploys;

[[nodiscard]] Event planned(const std::string& service = "web");
[[nodiscard]] Event amended(int revision);
[[nodiscard]] Event signed_off(const std::string& user, int revision = 1);
[[nodiscard]] Event withdrawn(const std::string& user);
[[nodiscard]] Event started();

[[nodiscard]] Decision decision_of(int deployment, std::vector<Event> events = {});
[[nodiscard]] Decision decision_of_team(std::vector<Event> events);

/// Runs `job` alone and rethrows what it throws.
void run(Store& store, const Store::Job& job);

/// The single value that `sql` gives, read by a connection of its own.
[[nodiscard]] std::string value(const std::filesystem::path& database, const std::string& sql);

/// The rows that `sql` gives, columns joined by '|' as the sqlite3 shell does.
[[nodiscard]] std::vector<std::string> rows(const std::filesystem::path& database, const std::string& sql);

/// What somebody with the file and a shell can do: `sql` with the ledger's triggers out of the way.
void tamper(const std::filesystem::path& database, const std::string& sql);

/// Copies the database as another machine would find it after the power went: without the shared memory.
void copy_database(const std::filesystem::path& from, const std::filesystem::path& to);

/// A store in a folder of its own, and the hands to use it.
struct TemporaryStore {
    TemporaryFolder folder;
    std::filesystem::path path = folder / "slipway.db";
    std::unique_ptr<Store> store = std::make_unique<Store>(path);
    Instant now = noon;
    int uuids = 0;

    /// "uuid-1", "uuid-2" …
    [[nodiscard]] std::function<std::string()> new_uuid();

    void job(const Store::Job& work) const { run(*store, work); }

    /// What `question` gives when run as a job.
    template <class Question>
    auto ask(Question question) const
    {
        std::optional<decltype(question(*store))> answer;
        job([&](Store& each) { answer.emplace(question(each)); });
        return *answer;
    }

    /// Records `events` of one deployment as one decision of Alice's.
    void events(int deployment, std::vector<Event> events)
    {
        record(decision_of(deployment, std::move(events)));
    }

    void record(const Decision& decision);

    /// Adds an outbox row and gives its id.
    std::string enqueue(const Saying& saying, int deployment = 1);

    [[nodiscard]] std::vector<OutboxRow> due() const;

    [[nodiscard]] std::vector<std::string> due_ids() const;

    /// As after a restart of the bot.
    void reopen();
};

}  // namespace slipway::storage::testing
