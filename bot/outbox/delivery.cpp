#include "bot/outbox/delivery.hpp"

#include "bot/judge.hpp"
#include "bot/runtime/retry_delay.hpp"
#include "commands/pipeline/on_call.hpp"
#include "commands/text/phrases.hpp"
#include "commands/verbs/asks.hpp"

#include <algorithm>

namespace slipway::delivery {

namespace {

constexpr std::chrono::milliseconds first_retry{1'000};
constexpr std::chrono::milliseconds longest_retry{300'000};
/// Somebody invites the bot, renews a key: then it goes on by itself.
constexpr std::chrono::milliseconds fixed_within{60'000};
/// What we gave up waiting for may still be at work in Slack: looking too soon would miss it, and we would
/// post it twice.
constexpr std::chrono::milliseconds still_at_work{5'000};

Deferred deferred(const storage::OutboxRow& row, NotNow later, Instant now, Random& random)
{
    // Whoever says when to come back means it: each further 429 of a storm is no reason to stay away longer.
    auto delay =
        later.after.count() > 0 ? later.after : retry_delay(row.attempts, first_retry, longest_retry, random);
    delay = later.ambiguous ? std::max(delay, still_at_work) : delay;
    delay = std::min<std::chrono::milliseconds>(delay, storage::Store::longest_deferral);
    return {now + delay, delay, later.ambiguous, std::move(later.why)};
}

bool is_to_one_person(const Saying& saying)
{
    return std::holds_alternative<Whisper>(saying) || std::holds_alternative<DirectMessage>(saying);
}

}  // namespace

SharedFacts read_facts(storage::Store& store, DeploymentId id)
{
    auto facts = std::make_shared<Facts>();
    facts->deployment = store.load(id);
    facts->team = store.team();
    facts->card = store.message_of(id, "card");
    facts->card_copy = store.message_of(id, "copy_of_card");
    for (auto& posted : store.messages_of(id, Ask::purposes)) {
        Asked asked{std::move(posted)};
        const auto saying = store.saying_of(ask_in(asked.posted.purpose).row);
        if (const auto* message = saying ? std::get_if<DirectMessage>(&*saying) : nullptr) {
            asked.message = *message;
        }
        facts->asks.push_back(std::move(asked));
    }
    return facts;
}

Next next_state(const storage::OutboxRow& row, Outcome outcome, Instant now, Random& random)
{
    if (auto* said = std::get_if<Said>(&outcome)) {
        return {Delivered{std::move(*said)}};
    }
    if (auto* later = std::get_if<NotNow>(&outcome)) {
        return {deferred(row, std::move(*later), now, random)};
    }
    auto& never = std::get<Never>(outcome);
    const bool to_one_person = is_to_one_person(row.saying);
    const bool waits = never.waits == Waits::all || (never.waits == Waits::messages && !to_one_person);
    Next next{Rejected{never.why}};
    if (waits) {
        next.state = deferred(row, {fixed_within, std::move(never.why), row.ambiguous}, now, random);
    }
    if (!to_one_person) {
        next.hint = std::move(never.hint);
    }
    return next;
}

std::set<UserId> concerned(
    const storage::OutboxRow& row, const Facts* facts, const Policy& policy, Instant now
)
{
    if (row.requested_by != bot_person().id.str()) {
        return {UserId(row.requested_by)};
    }
    if (facts == nullptr || !facts->deployment) {
        return {};
    }
    std::set<UserId> people{
        facts->deployment->author, on_call_for(*facts->deployment, now, facts->team, policy)};
    people.erase(UserId{});
    return people;
}

Sentence in_place_of_unreadable(const Deployment& deployment)
{
    const auto actions_that = [&](ActionState state) {
        return joined(deployment.actions, [&](const auto& action) {
            return action.second == state ? action.first : std::string{};
        });
    };
    return say(
        "could_not_read",
        {{"deployment", to_string(deployment.id)},
         {"stage", to_string(deployment.stage)},
         {"failed", actions_that(ActionState::failed)},
         {"running", actions_that(ActionState::running)},
         {"done", actions_that(ActionState::succeeded)}}
    );
}

void keep(storage::Store& store, const Said& said)
{
    if (said.posted) {
        store.remember_message(*said.posted);
    }
    for (const auto& ask : said.closed) {
        store.forget_message(ask.deployment, ask.purpose);
    }
}

}  // namespace slipway::delivery
