#pragma once

#include "commands/decision.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace slipway::storage {

/// A message the bot posted, so that it can be edited and so that replies find their deployment.
struct PostedMessage {
    DeploymentId deployment;
    std::string purpose;  ///< "card", "notice", "direct:U…"
    ChannelId channel;
    std::string ts;  ///< Slack's key, six decimals, never a number
};

/// A row of the outbox.
struct OutboxRow {
    std::string id;  ///< UUID v4: message metadata in Slack, the comment's id in Linear
    std::int64_t seq = 0;
    std::string lane;  ///< "slack:C0DEPLOYS", "linear", "actions:web": rows of a lane go out in order of seq
    DeploymentId deployment;
    Saying saying;
    Instant created_at;
    int attempts = 0;
    bool ambiguous = false;    ///< an attempt ended without an answer: look before saying it again
    std::string requested_by;  ///< whom to tell when it can't be said
};

struct TimerRow {
    std::int64_t seq = 0;
    DeploymentId deployment;
    std::string name;
    Instant due;
    boost::json::object facts;
};

/// A row of the ledger as stored.
struct LedgerRow {
    std::int64_t seq = 0;
    std::string deployment;  ///< "D-12", empty for the team's
    std::string kind, actor, at, body, prev_hash, hash;
};

/// Where the chain breaks first.
struct BrokenRow {
    std::int64_t seq = 0;
    std::string what;
};

/// The database was made by a newer Slipway, is in use by another one, or is damaged; `what()` says how to
/// mend it.
class StoreError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Everything Slipway remembers, in one SQLite file (WAL, synchronous=FULL). Synchronous, one thread at a
/// time.
///
/// Every function but `transaction` must run inside one. Errors: StoreError and SQLite::Exception.
class Store {
public:
    enum class Access { read_write, read_only };

    /// Opens `path` (":memory:" for tests), migrates it, checks it (`PRAGMA quick_check`); with read_write
    /// also takes the lock that refuses a second bot.
    explicit Store(const std::filesystem::path& path, Access access = Access::read_write);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// One job: its exception undoes what it did and nothing else.
    using Job = std::function<void(Store&)>;

    /// Runs `jobs` in one BEGIN IMMEDIATE … COMMIT, each in its own SAVEPOINT (group commit). Gives each
    /// job's exception or null. Throws when the commit itself fails: then nothing of any job is stored.
    std::vector<std::exception_ptr> transaction(const std::vector<Job>& jobs);

    // Inbox: what Slack has already told us (kept 25 h).

    /// Remembers `key`; false if it was already there.
    [[nodiscard]] bool first_sight(const std::string& key, Instant now);
    void forget_inbox_before(Instant limit);
    /// An envelope that could not be understood, kept for the operator.
    void keep_dead_letter(
        const std::string& envelope_id, const std::string& reason, const std::string& body, Instant now
    );

    // Ledger.

    [[nodiscard]] DeploymentId next_deployment_id();
    [[nodiscard]] std::optional<Deployment> load(DeploymentId id);
    [[nodiscard]] std::vector<Deployment> active();
    [[nodiscard]] std::vector<Deployment> recent(int limit);
    [[nodiscard]] TeamState team();

    /// Appends the events, sign-off rows, outbox rows and timers of `decision`.
    /// `new_uuid` makes an id for each outbox row that has none. `fallback_channel` is where cards and
    /// notices go.
    void record(
        const Decision& decision,
        const UserId& actor,
        Instant now,
        const ChannelId& channel,
        const std::function<std::string()>& new_uuid
    );

    /// The first row whose hash does not follow, or none.
    [[nodiscard]] std::optional<BrokenRow> verify_chain();
    [[nodiscard]] std::string chain_head();
    void for_each_ledger_row(const std::function<void(const LedgerRow&)>& visit);

    // Messages posted.

    void remember_message(const PostedMessage& message);
    [[nodiscard]] std::optional<PostedMessage> card_of(DeploymentId id);
    [[nodiscard]] std::vector<PostedMessage> messages_of(DeploymentId id, const std::string& purpose_prefix);
    [[nodiscard]] std::optional<DeploymentId> deployment_of_thread(
        const ChannelId& channel, const std::string& thread_ts
    );

    // Outbox: a lane's head blocks its followers until delivered or given up.

    void enqueue(
        const OutboxDraft& draft,
        DeploymentId deployment,
        const ChannelId& channel,
        const std::string& requested_by,
        Instant now,
        const std::function<std::string()>& new_uuid
    );
    /// The head of every lane that is due at `now`.
    [[nodiscard]] std::vector<OutboxRow> due_heads(Instant now);
    /// When the next head becomes due, if any waits.
    [[nodiscard]] std::optional<Instant> next_outbox_due();
    /// `remote` is the message ts or comment id, kept as evidence.
    void mark_delivered(const std::string& id, const std::string& remote, Instant now);
    void defer(const std::string& id, Instant until, bool ambiguous, const std::string& error);
    void mark_rejected(const std::string& id, const std::string& error, Instant now);
    [[nodiscard]] std::int64_t outbox_waiting();

    // Timers.

    [[nodiscard]] std::vector<TimerRow> due_timers(Instant now);
    [[nodiscard]] std::optional<Instant> next_timer_due();
    void remove_timer(std::int64_t seq);

    // Runbook: the last good copy.

    void keep_runbook(const std::string& markdown, const std::string& source, Instant now);

    struct Runbook {
        std::string markdown, source;
        Instant fetched_at;
    };

    [[nodiscard]] std::optional<Runbook> runbook();

    /// A consistent copy at `to` while the bot runs (SQLite's online backup).
    void backup(const std::filesystem::path& to);

    struct Tables;  ///< storage's own, see tables.hpp

private:
    std::unique_ptr<Tables> tables_;
};

}  // namespace slipway::storage
