#include "bot/outbox/courier.hpp"

#include "bot/net/failure.hpp"
#include "bot/runtime/log.hpp"

#include <variant>

namespace slipway {

namespace {

/// The wall clock, by which rows are due, may jump.
constexpr std::chrono::milliseconds longest_nap{1'000};

/// Writes the state of `row`.
struct Write {
    storage::Store& store;
    const std::string& row;
    Instant now;

    void operator()(const delivery::Delivered& delivered) const
    {
        delivery::keep(store, delivered.said);
        store.mark_delivered(row, delivered.said.remote, now);
    }

    void operator()(const delivery::Deferred& deferred) const
    {
        store.defer(row, deferred.until, deferred.ambiguous, deferred.why);
    }

    void operator()(const delivery::Rejected& rejected) const { store.mark_rejected(row, rejected.why, now); }
};

}  // namespace

/// Which one delivers a saying: a kind that none of them knows does not compile.
struct Courier::Destination {
    Courier& courier;
    const storage::OutboxRow& row;
    const Facts& facts;

    boost::asio::awaitable<Outcome> operator()(const LinearComment& comment) const
    {
        return courier.comments_.deliver(comment, row.id);
    }

    boost::asio::awaitable<Outcome> operator()(const RunAction&) const { return courier.act(row, facts); }

    boost::asio::awaitable<Outcome> operator()(const EndAction&) const { return courier.act(row, facts); }

    template <class InSlack>
    boost::asio::awaitable<Outcome> operator()(const InSlack& saying) const
    {
        return courier.messages_.deliver(saying, row, facts);
    }
};

Courier::Courier(boost::asio::any_io_executor executor, Parts parts)
    : parts_(std::move(parts)),
      messages_({parts_.slack, parts_.storage, parts_.library, parts_.clock, parts_.channel, parts_.views}),
      comments_(parts_.linear),
      wakeup_(executor),
      tasks_(executor)
{
    parts_.committed.wakes(wakeup_);
}

boost::asio::awaitable<void> Courier::run()
{
    for (;;) {
        struct Seen {
            std::vector<storage::OutboxRow> heads;
            std::int64_t waiting = 0;
        };

        std::function<Seen(storage::Store&)> look = [now = parts_.clock.now()](storage::Store& store) {
            return Seen{store.due_heads(now), store.outbox_waiting()};
        };
        auto seen = co_await parts_.storage.ask(std::move(look));
        counts_.waiting = seen.waiting;
        for (auto& row : seen.heads) {
            if (!busy_lanes_.insert(row.lane).second) {
                continue;
            }
            const auto lane = row.lane;
            tasks_.spawn(deliver(std::move(row)), [this, lane](std::exception_ptr error) {
                log::error("delivery in lane {} broke off: {}", lane, net::message_of(error));
                busy_lanes_.erase(lane);
            });
        }
        co_await wakeup_.wait(parts_.clock, longest_nap);
    }
}

boost::asio::awaitable<void> Courier::break_off()
{
    tasks_.cancel_all();
    co_await tasks_.wait();
}

boost::asio::awaitable<void> Courier::deliver(storage::OutboxRow row)
{
    Facts facts;
    Outcome outcome;
    try {
        std::function<Facts(storage::Store&)> read = [id = row.deployment](storage::Store& store) {
            return delivery::read_facts(store, id);
        };
        auto read_now = co_await parts_.storage.ask(std::move(read));
        facts = std::move(read_now);
        if (!row.unreadable.empty()) {
            throw std::logic_error("it cannot be read: " + row.unreadable);
        }
        // Where the disk failed after it was said, it is given to us again as if nothing had been tried. Not
        // before the facts were read: what was not begun cannot have been said, or run.
        row.ambiguous = !unsettled_.insert(row.id).second || row.ambiguous;
        auto attempt = std::visit(Destination{*this, row, facts}, row.saying);
        auto attempted = co_await std::move(attempt);
        outcome = std::move(attempted);
    }
    catch (const std::logic_error& error) {  // a row that can never be rendered must not hold up its lane
        outcome = delivery::Never{error.what(), say("hint_other", {{"code", "internal"}})};
    }
    const auto id = row.id;
    const auto lane = row.lane;
    co_await settle(std::move(row), std::move(facts), std::move(outcome));
    unsettled_.erase(id);
    busy_lanes_.erase(lane);
    wakeup_.ring();
}

boost::asio::awaitable<Courier::Outcome> Courier::act(storage::OutboxRow row, Facts facts)
{
    const bool may_have_run = row.ambiguous;
    co_await parts_.act(std::move(row), facts->deployment.value(), may_have_run);
    co_return delivery::Said{};
}

boost::asio::awaitable<void> Courier::settle(storage::OutboxRow row, Facts facts, Outcome outcome)
{
    const auto now = parts_.clock.now();
    auto next = delivery::next_state(row, std::move(outcome), now, parts_.random);
    // With the token gone nobody can be told, and afterwards there is nothing to tell: the row is still
    // there.
    const bool is_lost = !row.unreadable.empty();
    const bool tells =
        next.hint && (is_lost || parts_.slack.refused().empty()) && told_.insert(row.id).second;
    note(row, next, tells);
    std::vector<OutboxDraft> instead;
    if (tells) {
        const auto people = delivery::concerned(row, facts.get(), parts_.policy, now);
        auto trouble =
            say("could_not_say",
                {{"deployment", to_string(row.deployment)}, {"why", parts_.library.mrkdwn(*next.hint)}});
        if (is_lost && facts->deployment) {
            trouble = delivery::in_place_of_unreadable(*facts->deployment);
            instead.push_back({ThreadNote{trouble}});
        }
        for (const auto& user : people) {
            instead.push_back({DirectMessage{user, trouble}});
        }
    }
    StorageRunner::Job job = [id = row.id,
                              deployment = row.deployment,
                              state = std::move(next.state),
                              instead = std::move(instead),
                              channel = parts_.channel,
                              random = SeededRandom(parts_.random.next()),
                              now](storage::Store& store) mutable {
        std::visit(Write{store, id, now}, state);
        for (const auto& draft : instead) {
            store.enqueue(draft, deployment, channel, bot_person().id.str(), now, [&random] {
                return uuid_v4(random);
            });
        }
    };
    co_await parts_.storage.run(std::move(job));
}

void Courier::note(const storage::OutboxRow& row, const delivery::Next& next, bool tells)
{
    const auto kind = kind_of(row.saying);
    const auto* deferred = std::get_if<delivery::Deferred>(&next.state);
    const auto* rejected = std::get_if<delivery::Rejected>(&next.state);
    if (deferred != nullptr) {
        ++counts_.retried;
        log::warn("outbox {} ({}) waits {} ms: {}", row.id, kind, deferred->delay.count(), deferred->why);
    }
    else {
        ++(rejected != nullptr ? counts_.refused : counts_.delivered);
        told_.erase(row.id);
    }
    if (tells || rejected != nullptr) {
        const auto& why = rejected != nullptr ? rejected->why : deferred->why;
        log::error("outbox {} ({}) of {} refused: {}", row.id, kind, to_string(row.deployment), why);
    }
}

}  // namespace slipway
