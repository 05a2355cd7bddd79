#include "bot/judge.hpp"

#include "bot/net/failure.hpp"
#include "bot/runtime/log.hpp"

#include <exception>

namespace slipway {

namespace {

constexpr int recent_shown = 10;

/// A modal shows mistakes at its fields; an acknowledgement that closes it has no room for words.
bool hears_in_ack(Source source, bool refused)
{
    return source == Source::slash || (source == Source::modal && refused);
}

bool is_person(const Person& actor) { return actor.id != bot_person().id; }

}  // namespace

Person bot_person() { return Person{.id = UserId("slipway"), .real_name = "Slipway", .is_bot = true}; }

/// Everything one job needs, owned by it: the storage thread touches nothing of the judge's.
struct Judge::Job {
    Request request;
    Person actor;
    Instant now;
    const Policy& policy;
    ChannelId channel;
    std::shared_ptr<const RoleBook> roles;
    SeededRandom random;
    std::vector<std::string> keys{};
    std::optional<Gate1Facts> github{};
    std::string form{};

    bool seen_before = false;
    std::optional<Result<Decision>> result{};

    std::function<std::string()> uuids()
    {
        return [this] { return uuid_v4(random); };
    }

    Snapshot snapshot(storage::Store& store)
    {
        Snapshot seen;
        seen.now = now;
        seen.policy = &policy;
        seen.roles = roles.get();
        seen.actor = actor;
        if (request.deployment) {
            seen.deployment = store.load(*request.deployment);
        }
        seen.active = store.active();
        seen.recent = store.recent(recent_shown);
        seen.team = store.team();
        seen.next_id = store.next_deployment_id();
        seen.fresh_uuid = uuid_v4(random);
        seen.github = github;
        return seen;
    }

    void settle(storage::Store& store)
    {
        for (const auto& key : keys) {
            seen_before = !store.first_sight(key, now) || seen_before;
        }
        // Slack leaves the form open when our answer is late or lost, and it is submitted again.
        seen_before = seen_before || (!form.empty() && store.was_seen(form));
        if (seen_before) {
            return;
        }
        if (is_person(actor)) {
            store.remember_name(actor.id, printed_name(actor));
        }
        judge(store);
        if (!form.empty() && result->has_value()) {
            (void)store.first_sight(form, now);
        }
    }

    void judge(storage::Store& store)
    {
        result = decide(request, snapshot(store));
        if (result->has_value()) {
            const auto& decision = **result;
            store.record(decision, actor.id, now, channel, uuids());
            if (!hears_in_ack(request.source, false)) {
                whisper(store, decision.deployment, decision.reply, decision.reply_buttons);
            }
        }
        else if (!hears_in_ack(request.source, true)) {
            const auto refusal = result->error();
            whisper(store, request.deployment, refusal.sentences, refusal.buttons);
        }
    }

    /// What cannot be said in the acknowledgement is said by the courier, to that person alone.
    void whisper(
        storage::Store& store,
        std::optional<DeploymentId> deployment,
        const std::vector<Sentence>& sentences,
        const std::vector<Button>& buttons
    )
    {
        if (sentences.empty() || !is_person(actor)) {
            return;
        }
        const auto where = request.channel.empty() ? channel : request.channel;
        const bool in_thread = request.source == Source::reply;
        Whisper said{actor.id, where, sentences.front(), in_thread, buttons};
        said.more.assign(sentences.begin() + 1, sentences.end());
        store.enqueue(
            OutboxDraft{std::move(said)},
            deployment.value_or(DeploymentId{}),
            where,
            actor.id.str(),
            now,
            uuids()
        );
    }
};

void Committed::ring() const
{
    for (auto* sleeper : sleepers_) {
        sleeper->ring();
    }
}

templates::View Views::of(const TeamState& team) const
{
    auto people = parts_.people();
    return {
        parts_.clock.now(),
        &parts_.policy,
        parts_.judge.roles().get(),
        &team,
        std::move(people.names),
        &parts_.library,
        verbs(),
        std::move(people.deactivated),
        std::move(people.statuses)};
}

Judge::Judge(
    const Policy& policy,
    ChannelId channel,
    StorageRunner& storage,
    Clock& clock,
    Random& random,
    Committed& committed
)
    : policy_(policy),
      channel_(std::move(channel)),
      storage_(storage),
      clock_(clock),
      random_(random),
      committed_(committed)
{}

std::shared_ptr<Judge::Job> Judge::make_job(Request request, Person actor)
{
    return std::shared_ptr<Job>(new Job{
        std::move(request),
        std::move(actor),
        clock_.now(),
        policy_,
        channel_,
        roles_,
        SeededRandom(random_.next())});
}

boost::asio::awaitable<Judge::Verdict> Judge::settle(
    Request request,
    Person actor,
    std::vector<std::string> keys,
    std::optional<Gate1Facts> github,
    std::string form
)
{
    auto job = make_job(std::move(request), std::move(actor));
    job->keys = std::move(keys);
    job->github = std::move(github);
    job->form = std::move(form);
    std::function<void(storage::Store&)> work = [job](storage::Store& store) { job->settle(store); };
    co_await storage_.run(std::move(work));
    committed_.ring();
    if (job->seen_before) {
        co_return Verdict{true, Decision{}};
    }
    co_return Verdict{false, std::move(*job->result)};
}

boost::asio::awaitable<void> Judge::fire(storage::TimerRow timer)
{
    Request request{.verb = "timer", .text = timer.name, .fields = timer.facts, .source = Source::timer};
    if (timer.deployment.number > 0) {
        request.deployment = timer.deployment;
    }
    auto job = make_job(std::move(request), bot_person());
    std::function<void(storage::Store&)> work = [job, seq = timer.seq](storage::Store& store) {
        if (store.remove_timer(seq)) {
            job->judge(store);
        }
    };
    std::string broken;
    try {
        co_await storage_.run(std::move(work));
    }
    catch (const storage::Unavailable&) {
        throw;  // it fires when the record can be written again
    }
    catch (const std::exception& error) {
        if (net::is_cancellation(std::current_exception())) {
            throw;
        }
        broken = error.what();
    }
    if (!broken.empty()) {  // one timer that cannot fire must not hold up the others
        log::error("timer {} of {} dropped: {}", timer.name, to_string(timer.deployment), broken);
        std::function<void(storage::Store&)> drop = [seq = timer.seq](storage::Store& store) {
            store.remove_timer(seq);
        };
        co_await storage_.run(std::move(drop));
    }
    committed_.ring();
}

boost::asio::awaitable<std::optional<Instant>> Judge::fire_due_timers()
{
    auto due = std::make_shared<std::vector<storage::TimerRow>>();
    std::function<void(storage::Store&)> look = [due, now = clock_.now()](storage::Store& store) {
        *due = store.due_timers(now);
    };
    co_await storage_.run(std::move(look));
    for (const auto& timer : *due) {
        co_await fire(timer);
    }
    auto next = std::make_shared<std::optional<Instant>>();
    std::function<void(storage::Store&)> ahead = [next](storage::Store& store) {
        *next = store.next_timer_due();
    };
    co_await storage_.run(std::move(ahead));
    co_return *next;
}

}  // namespace slipway
