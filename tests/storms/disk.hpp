#pragma once

#include "bot/runtime/storage_thread.hpp"
#include "tests/storms/timeline.hpp"

#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace simulation {

/// The storage thread on the only thread: jobs wait a little, share a commit, and the process may end between
/// any two of its steps, which leaves the files as a `kill -9` would.
class Disk : public slipway::StorageRunner {
public:
    /// Opens the database: a restart after `kill` finds what was in the files then.
    Disk(
        std::filesystem::path path,
        boost::asio::any_io_executor executor,
        Timeline& timeline,
        Dice& dice,
        Weather& weather,
        Trace& trace
    );
    ~Disk() override;
    Disk(const Disk&) = delete;
    Disk& operator=(const Disk&) = delete;

    [[nodiscard]] boost::asio::awaitable<void> run(Job job) override;

    /// Ends the process now: what is done to the files from now on is lost.
    void kill();

    /// Ends it at a step of a transaction that is still to come.
    void kill_soon() { steps_to_live_ = 1 + static_cast<int>(dice_.below(12)); }

    [[nodiscard]] bool was_killed() const { return killed_; }

    /// What is committed, by a query that gives one value.
    [[nodiscard]] std::string committed(const std::string& query, const std::string& value = {}) const;

    /// An event that was recorded without a cause being used up in the same job; empty where there was none.
    [[nodiscard]] const std::string& uncaused() const { return uncaused_; }

private:
    struct Waiting {
        Waiting(const boost::asio::any_io_executor& executor, Job given)
            : job(std::move(given)), bell(executor)
        {}

        Job job;
        Bell bell;
        bool is_done = false;
        std::exception_ptr failure{};
    };

    /// The first value that `query` gives on the bot's own connection, empty where there is none.
    [[nodiscard]] std::string value_of(const std::string& query, const std::string& value = {}) const;
    void commit();
    void step(const char* where);
    void watch(const Job& job, slipway::storage::Store& store);
    void put_files_back();

    std::filesystem::path path_;
    boost::asio::any_io_executor executor_;
    Timeline& timeline_;
    Dice& dice_;
    Weather& weather_;
    Trace& trace_;
    std::deque<std::shared_ptr<Waiting>> waiting_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    int steps_to_live_ = 0;
    bool killed_ = false;
    bool commit_is_ahead_ = false;
    std::string uncaused_;
    std::unique_ptr<slipway::storage::Store> store_;
    sqlite3* handle_ = nullptr;
    mutable std::map<std::string, sqlite3_stmt*> prepared_;  ///< asked around every job: parsed once
};

}  // namespace simulation
