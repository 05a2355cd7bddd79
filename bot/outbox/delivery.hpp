#pragma once

#include "bot/runtime/random.hpp"
#include "commands/pipeline/policy.hpp"
#include "commands/text/sentence.hpp"
#include "storage/store.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

/// What becomes of a row of the outbox. Values only: no clock, no socket, no database.
namespace slipway::delivery {

/// A direct message with buttons that may still wait, and what it said where the outbox has it still.
struct Asked {
    storage::PostedMessage posted;
    DirectMessage message{};
};

/// What delivery needs of the record, read in one job.
struct Facts {
    std::optional<Deployment> deployment;
    TeamState team;
    std::optional<storage::PostedMessage> card;
    std::optional<storage::PostedMessage> card_copy;  ///< in its thread, since it can no more be edited
    std::vector<Asked> asks;
};

using SharedFacts = std::shared_ptr<const Facts>;

[[nodiscard]] SharedFacts read_facts(storage::Store& store, DeploymentId id);

/// It arrived. What follows from that is stored in the transaction that settles the row.
struct Said {
    std::string remote{};                            ///< ts, comment id, file id
    std::optional<storage::PostedMessage> posted{};  ///< to be edited or replied to later
    std::vector<storage::PostedMessage> closed{};    ///< direct messages that wait for nothing any more
};

/// The other side is away, or asks for patience.
struct NotNow {
    std::chrono::milliseconds after{0};  ///< what it asked for; 0 where it did not say
    std::string why;
    bool ambiguous = false;  ///< it may have arrived all the same
};

/// What waits until somebody fixes why it is refused.
enum class Waits {
    nothing,   ///< nobody can
    messages,  ///< a channel or a key: to one person it is better said late than never, or not at all
    all,       ///< the bot's own token or scopes
};

/// Refused. What somebody can fix (the bot is not in the channel, a key has expired) is tried again until
/// they did; the rest is told to whoever asked for it and let go.
struct Never {
    std::string why;
    Sentence hint;
    Waits waits = Waits::nothing;
};

using Outcome = std::variant<Said, NotNow, Never>;

struct Delivered {
    Said said;
};

/// Waits, its lane with it, and is tried again.
struct Deferred {
    Instant until;
    std::chrono::milliseconds delay;
    bool ambiguous = false;  ///< to be looked for before it is said again
    std::string why;
};

/// Given up: its lane goes on.
struct Rejected {
    std::string why;
};

struct Next {
    std::variant<Delivered, Deferred, Rejected> state;
    std::optional<Sentence> hint{};  ///< how to fix what refuses it, for whom it concerns; none: tell nobody
};

/// What `outcome` of trying `row` at `now` leads to.
[[nodiscard]] Next next_state(const storage::OutboxRow& row, Outcome outcome, Instant now, Random& random);

/// Who hears that `row` cannot be said: whoever asked for it; of what the bot wanted said by itself the
/// author and who is on call at `now`.
[[nodiscard]] std::set<UserId> concerned(
    const storage::OutboxRow& row, const Facts* facts, const Policy& policy, Instant now
);

/// What can still be said of a deployment about which a row cannot be read: how it stands in the record.
[[nodiscard]] Sentence in_place_of_unreadable(const Deployment& deployment);

/// Stores what follows from `said`, beside the row's own state.
void keep(storage::Store& store, const Said& said);

}  // namespace slipway::delivery
