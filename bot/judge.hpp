#pragma once

#include "bot/runtime/clock.hpp"
#include "bot/runtime/random.hpp"
#include "bot/runtime/storage_thread.hpp"
#include "bot/runtime/wakeup.hpp"
#include "commands/verbs/table.hpp"
#include "templates/render.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace slipway {

/// The bot itself as the actor of timers and signals.
[[nodiscard]] Person bot_person();

/// Wakes whoever acts on the record when something was committed.
class Committed {
public:
    /// `sleeper` must live for as long as anything is committed.
    void wakes(Wakeup& sleeper) { sleepers_.push_back(&sleeper); }

    void ring() const;

private:
    std::vector<Wakeup*> sleepers_;
};

/// Where wishes meet the record: one job {seen before? -> load -> decide -> append} and its commit.
class Judge {
public:
    /// All must outlive the judge. `committed` is rung after each commit, on the io thread.
    Judge(
        const Policy& policy,
        ChannelId channel,
        StorageRunner& storage,
        Clock& clock,
        Random& random,
        Committed& committed
    );

    /// Who holds which role from now on.
    void set_roles(std::shared_ptr<const RoleBook> roles)
    {
        roles_ = std::move(roles);
        knows_roles_ = true;
    }

    /// Until then what a signal or a timer has to say would reach nobody.
    [[nodiscard]] bool knows_roles() const { return knows_roles_; }

    [[nodiscard]] std::shared_ptr<const RoleBook> roles() const { return roles_; }

    struct Verdict {
        bool seen_before = false;  ///< one of the keys was known: nothing was done
        Result<Decision> result;
    };

    /// Decides `request` and commits what follows. `keys` go into the inbox in the same transaction.
    ///
    /// A refusal is stored too where it must be said later: buttons, modals and replies get it as a Whisper
    /// row of the outbox; slash commands hear it in the acknowledgement. `github` holds the facts of Gate 1
    /// that were read for this request. `form` names the open form that is submitted: it is done once, and
    /// refused as often as it takes.
    [[nodiscard]] boost::asio::awaitable<Verdict> settle(
        Request request,
        Person actor,
        std::vector<std::string> keys,
        std::optional<Gate1Facts> github = {},
        std::string form = {}
    );

    /// Fires every timer due now, each in its own transaction; gives when the next one is due, if any.
    [[nodiscard]] boost::asio::awaitable<std::optional<Instant>> fire_due_timers();

private:
    struct Job;
    [[nodiscard]] std::shared_ptr<Job> make_job(Request request, Person actor);
    [[nodiscard]] boost::asio::awaitable<void> fire(storage::TimerRow timer);

    const Policy& policy_;
    ChannelId channel_;
    StorageRunner& storage_;
    Clock& clock_;
    Random& random_;
    Committed& committed_;
    std::shared_ptr<const RoleBook> roles_ = std::make_shared<RoleBook>();
    bool knows_roles_ = false;
};

/// What Slack says of the people it was asked for.
struct KnownPeople {
    std::map<UserId, std::string> names, statuses;
    std::set<UserId> deactivated;
};

/// What templates may show at this moment.
class Views {
public:
    /// All must outlive this.
    struct Parts {
        const Policy& policy;
        const Judge& judge;
        const templates::Library& library;
        Clock& clock;
        std::function<KnownPeople()> people;
    };

    explicit Views(Parts parts) : parts_(std::move(parts)) {}

    /// `team` must outlive the view.
    [[nodiscard]] templates::View of(const TeamState& team) const;

private:
    Parts parts_;
};

}  // namespace slipway
