#pragma once

#include "commands/pipeline/decision.hpp"
#include "commands/pipeline/deployment.hpp"
#include "commands/pipeline/team.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace slipway::storage {

/// A message the bot posted, so that it can be edited and so that replies find their deployment.
struct PostedMessage {
    DeploymentId deployment;
    std::string purpose;  ///< "card", "copy_of_card", "notice:<kind>:<id>", "ask:<revision>:<user>:<id>"
    ChannelId channel;
    std::string ts;  ///< Slack's key, six decimals, never a number
};

/// A row of the outbox.
struct OutboxRow {
    std::string id;  ///< UUID v4: message metadata in Slack, the comment's id in Linear
    std::int64_t seq = 0;
    /// "slack:C0DEPLOYS", "linear:ENG-123", "actions:web": rows of a lane go out in order of seq.
    std::string lane;
    DeploymentId deployment;
    Saying saying;
    Instant created_at;
    int attempts = 0;
    bool ambiguous = false;    ///< an attempt, or the process, ended without an answer: look before saying it
    std::string requested_by;  ///< whom to tell when it can't be said
    std::string unreadable{};  ///< why there is no `saying`: of another version, or damaged
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
/// fix it.
class StoreError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The record cannot be read or written just now: a full disk, another program's lock, a page that cannot be
/// read. It may be possible again later.
class Unavailable : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Everything Slipway remembers, in one SQLite file (WAL, synchronous=FULL). Synchronous, one thread at a
/// time.
///
/// Every function but `transaction`, `backup` and `damage` must run inside a transaction; with read_only the
/// reading ones may also stand alone. Errors: StoreError and SQLite::Exception.
class Store {
public:
    enum class Access { read_write, read_only };

    /// Opens `path` (":memory:" for tests).
    ///
    /// read_write makes the file if need be, takes the lock that refuses a second bot, migrates, and checks:
    /// the whole file up to 64 MiB, above that what the bot acts on (`damage` reads all of it). Rows of the
    /// outbox that the last process had in hand become ambiguous.
    /// read_only works while a bot runs; the file must exist and be of this version.
    /// Errors: StoreError, each saying how to fix it: in use, newer, damaged, not Slipway's, not writable.
    explicit Store(const std::filesystem::path& path, Access access = Access::read_write);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// One job: its exception undoes what it did and nothing else.
    using Job = std::function<void(Store&)>;

    /// Runs `jobs` in one BEGIN IMMEDIATE … COMMIT, each in its own SAVEPOINT (group commit). Gives each
    /// job's exception or null; Unavailable for what SQLite says of anything but a broken constraint.
    /// Throws Unavailable when the commit itself fails: then nothing of any job is stored.
    std::vector<std::exception_ptr> transaction(const std::vector<Job>& jobs);

    // inbox.cpp: what Slack has already told us (kept 25 h).

    /// Remembers `key`; false if it was already there.
    [[nodiscard]] bool first_sight(const std::string& key, Instant now);
    [[nodiscard]] bool was_seen(const std::string& key);
    void forget_inbox_before(Instant limit);
    /// An envelope that could not be understood, kept for the operator without Slack's verification token and
    /// its response_url.
    void keep_dead_letter(
        const std::string& envelope_id, const std::string& reason, const std::string& body, Instant now
    );
    void forget_dead_letters_before(Instant limit);

    // ledger.cpp, chain.cpp.

    [[nodiscard]] DeploymentId next_deployment_id();
    [[nodiscard]] std::optional<Deployment> load(DeploymentId id);
    [[nodiscard]] std::vector<Deployment> active();
    [[nodiscard]] std::vector<Deployment> recent(int limit);
    [[nodiscard]] TeamState team();

    /// Appends the events, sign-off rows, outbox rows and timers of `decision`.
    /// `new_uuid` makes an id for each outbox row that has none. `channel` is where cards and notices go.
    ///
    /// Errors: std::logic_error for an event that cannot follow; the job is then undone as a whole.
    void record(
        const Decision& decision,
        const UserId& actor,
        Instant now,
        const ChannelId& channel,
        const std::function<std::string()>& new_uuid
    );

    /// The first row that was changed, deleted, inserted or moved, or none. Reads the whole ledger (seconds
    /// for a million events). A chain rebuilt from that row to its end is found only by a head kept
    /// elsewhere.
    [[nodiscard]] std::optional<BrokenRow> verify_chain();
    /// The hash of the newest row, 64 zeros of an empty ledger.
    [[nodiscard]] std::string chain_head();
    /// Every row, oldest first.
    void for_each_ledger_row(const std::function<void(const LedgerRow&)>& visit);

    // messages.cpp: those posted.

    void remember_message(const PostedMessage& message);
    /// The message stays in Slack as it is and is nobody's business any more.
    void forget_message(DeploymentId id, const std::string& purpose);
    [[nodiscard]] std::optional<PostedMessage> message_of(DeploymentId id, const std::string& purpose);
    [[nodiscard]] std::vector<PostedMessage> messages_of(DeploymentId id, const std::string& purpose_prefix);
    [[nodiscard]] std::optional<DeploymentId> deployment_of_thread(
        const ChannelId& channel, const std::string& thread_ts
    );
    /// Whether a card or a notice may be in its channel already although nobody knows its ts yet: what is
    /// replied to it belongs to no known thread.
    [[nodiscard]] bool has_unplaced_message();

    // people_and_runbook.cpp: what can be read without Slack.

    void remember_name(const UserId& user, const std::string& name);
    /// The names people went by when they last acted.
    [[nodiscard]] std::map<UserId, std::string> names();

    /// An entry of slipway.toml (an e-mail, "@usergroup", an id) -> whom it meant when Slack last knew it.
    using Entries = std::map<std::string, std::vector<UserId>>;

    void remember_entries(const Entries& entries);
    [[nodiscard]] Entries entries();

    struct Runbook {
        std::string markdown, source;
        Instant fetched_at;
    };

    void keep_runbook(const std::string& markdown, const std::string& source, Instant now);
    /// The last good copy.
    [[nodiscard]] std::optional<Runbook> runbook();

    // outbox.cpp: rows of one lane go out in order of seq; its head blocks the others until delivered or
    // given up.

    /// Adds a row to its lane: "slack:<channel>", "slack:<user>" for direct messages, "linear:<issue>",
    /// "actions:<service>".
    ///
    /// A CardRefresh or a PostmortemFile is not added while one of the same deployment waits that is neither
    /// in hand nor ambiguous: that one stands earlier and will show the newest state.
    void enqueue(
        const OutboxDraft& draft,
        DeploymentId deployment,
        const ChannelId& channel,
        const std::string& requested_by,
        Instant now,
        const std::function<std::string()>& new_uuid
    );
    /// The longest a row may be deferred. One that is due later still was deferred by a clock that has been
    /// put back since: it is due.
    static constexpr std::chrono::hours longest_deferral{1};

    /// The head of every lane that is due at `now`, oldest first.
    ///
    /// The rows are in the caller's hand until deferred or settled, and are given again if asked again. Load
    /// what a row shows in this job or a later one: changes committed after it get a CardRefresh of their
    /// own. If the process ends meanwhile, the rows are ambiguous at the next start.
    [[nodiscard]] std::vector<OutboxRow> due_heads(Instant now);
    /// What a row of the outbox says, also after it was said; none where it is no more or can't be read.
    [[nodiscard]] std::optional<Saying> saying_of(const std::string& row);
    /// `remote` is the message ts or comment id, kept as evidence. A settled row stays as it is.
    void mark_delivered(const std::string& id, const std::string& remote, Instant now);
    /// Not before `until`, at most `longest_deferral` ahead; counts an attempt. `ambiguous`: nobody knows
    /// whether it arrived. A row that was ambiguous stays so only if said again.
    void defer(const std::string& id, Instant until, bool ambiguous, const std::string& error);
    /// Given up: its followers may go.
    void mark_rejected(const std::string& id, const std::string& error, Instant now);
    [[nodiscard]] std::int64_t outbox_waiting();

    // timers.cpp: one of each name per deployment (number 0: the team's).

    /// Sets or clears a timer. One that is set again gets a new seq, so that whoever still holds the old row
    /// sees by `remove_timer` that it is gone.
    void change_timer(DeploymentId deployment, const TimerChange& change);
    /// Those due at `now`, in order of due.
    [[nodiscard]] std::vector<TimerRow> due_timers(Instant now);
    [[nodiscard]] std::optional<Instant> next_timer_due();
    /// False when it was replaced or cleared meanwhile: it must not fire then.
    bool remove_timer(std::int64_t seq);

    // backup.cpp, store.cpp: the file as a whole.

    /// A copy of one moment at `to`, checked, in one file (SQLite's online backup). While a bot runs, use a
    /// read_only Store of your own. Outside any transaction.
    /// Errors: StoreError; also when `to` exists: nothing is ever overwritten.
    void backup(const std::filesystem::path& to);

    /// What is wrong with the file, from reading all of it (`PRAGMA integrity_check`, about a second per
    /// gigabyte at best), or none. Not the chain: see `verify_chain`.
    [[nodiscard]] std::optional<std::string> damage();

    /// Writes, and changes nothing: throws where nothing can be stored.
    void prove_writable();

    struct Tables;  ///< storage's own, see tables.hpp

private:
    void read_what_is_acted_on();

    std::unique_ptr<Tables> tables_;
};

/// The same for the database at `path`, whichever version of Slipway wrote it.
/// Errors: StoreError where it cannot be opened.
[[nodiscard]] std::optional<std::string> damage_of(const std::filesystem::path& path);

}  // namespace slipway::storage
