#include "tests/storms/disk.hpp"

#include <boost/asio/use_awaitable.hpp>

#include <sqlite3.h>

#include <stdexcept>

namespace simulation {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

/// The connection that was opened last. Asking it, and no other one, shows a transaction from inside.
sqlite3* newest = nullptr;

int remember(sqlite3* opened, char**, const sqlite3_api_routines*)
{
    newest = opened;
    return SQLITE_OK;
}

fs::path beside(const fs::path& path, const char* ending) { return path.string() + ending; }

}  // namespace

Disk::Disk(
    fs::path path,
    asio::any_io_executor executor,
    Timeline& timeline,
    Dice& dice,
    Weather& weather,
    Trace& trace
)
    : path_(std::move(path)),
      executor_(std::move(executor)),
      timeline_(timeline),
      dice_(dice),
      weather_(weather),
      trace_(trace)
{
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(&remember));  // SQLite's documented signature
    store_ = std::make_unique<slipway::storage::Store>(path_);
    handle_ = newest;
}

Disk::~Disk()
{
    *alive_ = false;
    for (const auto& [query, statement] : prepared_) {
        sqlite3_finalize(statement);
    }
    store_.reset();
    if (killed_) {
        put_files_back();
    }
}

std::string Disk::value_of(const std::string& query, const std::string& value) const
{
    auto*& statement = prepared_[query];
    if (statement == nullptr &&
        sqlite3_prepare_v2(handle_, query.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
        throw std::logic_error(query + ": " + sqlite3_errmsg(handle_));
    }
    if (!value.empty()) {
        sqlite3_bind_text(statement, 1, value.c_str(), -1, nullptr);
    }
    std::string answer;
    if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_bytes(statement, 0) > 0) {
        const void* bytes = sqlite3_column_blob(statement, 0);
        answer.assign(
            static_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(statement, 0))
        );
    }
    sqlite3_reset(statement);
    return answer;
}

void Disk::kill()
{
    if (killed_) {
        return;
    }
    killed_ = true;
    for (const auto* part : {"", "-wal"}) {
        if (fs::exists(beside(path_, part))) {
            fs::copy_file(
                beside(path_, part),
                beside(path_, (std::string(".killed") + part).c_str()),
                fs::copy_options::overwrite_existing
            );
        }
    }
}

void Disk::put_files_back()
{
    for (const auto* part : {"", "-wal", "-shm"}) {
        fs::remove(beside(path_, part));
        const auto kept = beside(path_, (std::string(".killed") + part).c_str());
        if (fs::exists(kept)) {
            fs::rename(kept, beside(path_, part));
        }
    }
}

void Disk::step(const char* where)
{
    if (steps_to_live_ > 0 && --steps_to_live_ == 0) {
        trace_.note(std::string("killed ") + where);
        kill();
    }
}

asio::awaitable<void> Disk::run(Job job)
{
    const auto waiting = std::make_shared<Waiting>(executor_, std::move(job));
    waiting_.push_back(waiting);
    if (!commit_is_ahead_) {
        commit_is_ahead_ = true;
        const auto slow = weather_.strikes("slow disk", 0.002);
        const auto takes = dice_.between(Milliseconds{0}, Milliseconds{slow ? 5'000 : 8});
        timeline_.after(takes, [this, alive = alive_] {
            if (*alive && !killed_) {
                commit();
            }
        });
    }
    while (!waiting->is_done) {
        co_await waiting->bell.wait();
    }
    if (waiting->failure) {
        std::rethrow_exception(waiting->failure);
    }
}

/// Every event has a cause that the same transaction uses up, an inbox key or a timer of the bot's own; or it
/// is what the bot read of the team when it started.
void Disk::watch(const Job& job, slipway::storage::Store& store)
{
    const std::string events = "SELECT coalesce(max(seq), 0) FROM events";
    const std::string keys = "SELECT count(*) FROM inbox";
    const std::string timers = "SELECT count(*) FROM timers WHERE seq <= ? + 0";
    const auto before = value_of(events);
    const auto keys_before = value_of(keys);
    const auto last_timer = value_of("SELECT coalesce(max(seq), 0) FROM timers");
    const auto timers_before = value_of(timers, last_timer);
    job(store);
    step("inside a transaction");
    if (value_of(events) == before || value_of(keys) != keys_before) {
        return;
    }
    const auto by_people =
        value_of("SELECT kind FROM events WHERE seq > ? + 0 AND actor <> 'slipway' LIMIT 1", before);
    const bool timer_used = value_of(timers, last_timer) != timers_before;
    const bool read_at_start = value_of(
                                   "SELECT count(*) FROM events WHERE seq > ? + 0 AND kind NOT IN "
                                   "('rotation_set', 'directory_changed')",
                                   before
                               ) == "0";
    if (!by_people.empty() || (!timer_used && !read_at_start)) {
        uncaused_ = value_of("SELECT kind || ' ' || body FROM events ORDER BY seq DESC LIMIT 1");
    }
}

void Disk::commit()
{
    commit_is_ahead_ = false;
    std::vector<std::shared_ptr<Waiting>> batch(waiting_.begin(), waiting_.end());
    waiting_.clear();
    std::vector<Job> jobs;
    for (const auto& each : batch) {
        jobs.push_back([this, job = std::move(each->job)](slipway::storage::Store& store) {
            watch(job, store);
        });
    }
    step("before a transaction");
    std::vector<std::exception_ptr> outcomes(batch.size());
    if (weather_.strikes("disk full", 0.0002)) {
        std::fill(
            outcomes.begin(),
            outcomes.end(),
            std::make_exception_ptr(slipway::storage::Unavailable("database or disk is full"))
        );
    }
    else {
        outcomes = store_->transaction(jobs);
    }
    step("after a transaction");
    if (killed_) {
        return;
    }
    for (std::size_t at = 0; at < batch.size(); ++at) {
        batch[at]->is_done = true;
        batch[at]->failure = outcomes[at];
        batch[at]->bell.ring();
    }
}

std::string Disk::committed(const std::string& query, const std::string& value) const
{
    return value_of(query, value);
}

}  // namespace simulation
