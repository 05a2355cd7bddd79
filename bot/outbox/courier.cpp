#include "bot/outbox/courier.hpp"

#include "bot/judge.hpp"
#include "bot/runtime/retry_delay.hpp"
#include "commands/pipeline/asks.hpp"
#include "commands/pipeline/on_call.hpp"
#include "templates/buttons.hpp"
#include "templates/markup.hpp"

#include <boost/json/serialize.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <functional>

namespace slipway {

namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds first_retry{1'000};
constexpr std::chrono::milliseconds longest_retry{300'000};
/// Somebody invites the bot, renews a key: then it goes on by itself.
constexpr std::chrono::milliseconds mended_within{60'000};
/// What we gave up waiting for may still be at work in Slack: who looks at once finds nothing and doubles it.
constexpr std::chrono::milliseconds still_at_work{5'000};
/// Edits of one message that follow each other faster show nothing that anybody could read.
constexpr std::chrono::milliseconds between_edits{1'000};
/// A card that nothing happened to for longer is over, or may be edited once too often.
constexpr std::chrono::hours shown_remembered{24};
/// The wall clock, by which rows are due, may jump.
constexpr std::chrono::milliseconds longest_nap{1'000};

std::string ts_of(const std::optional<storage::PostedMessage>& message)
{
    return message ? message->ts : std::string{};
}

Sentence hint_for(const slack::Rejected& rejected)
{
    if (rejected.code == "not_in_channel" || rejected.code == "user_not_in_channel") {
        return say("hint_not_in_channel");
    }
    if (rejected.code == "channel_not_found" || rejected.code == "is_archived") {
        return say("hint_channel_not_found");
    }
    if (rejected.code == "missing_scope") {
        return say("hint_missing_scope", {{"scope", rejected.needed_scope}});
    }
    return say("hint_other", {{"code", rejected.code}});
}

/// Answers that change once somebody mends the channel: Slack has many kinds of "restricted_action…".
bool is_about_the_channel(const slack::Rejected& rejected)
{
    static const std::set<std::string> codes{"channel_not_found", "is_archived", "not_in_channel"};
    return codes.contains(rejected.code) || rejected.code.starts_with("restricted_action");
}

/// A message of ours that Slack lets nobody edit any more, although it is there.
bool is_closed_to_edits(const slack::Rejected& rejected)
{
    return rejected.code == "edit_window_closed" || rejected.code == "cant_update_message";
}

}  // namespace

struct Courier::Facts {
    std::optional<Deployment> deployment;
    TeamState team;
    std::optional<storage::PostedMessage> card;
    std::optional<storage::PostedMessage> card_copy;  ///< in its thread, since it can no more be edited
    std::vector<storage::PostedMessage> asks;         ///< direct messages with the buttons of a sign-off
};

Courier::Courier(boost::asio::any_io_executor executor, Parts parts)
    : parts_(std::move(parts)), wakeup_(executor), tasks_(executor)
{}

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
                try {
                    std::rethrow_exception(error);
                }
                catch (const std::exception& failure) {
                    spdlog::error("delivery in lane {} broke off: {}", lane, failure.what());
                }
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
    const auto lane = row.lane;
    std::shared_ptr<Facts> facts;
    Outcome outcome = NotNow{};
    try {
        auto read = co_await read_facts(row.deployment);
        facts = std::move(read);
        if (!row.unreadable.empty()) {
            throw std::logic_error("it cannot be read: " + row.unreadable);
        }
        // Where the disk failed after it was said, it is given to us again as if nothing had been tried. Not
        // before the facts were read: what was not begun cannot have been said, or run.
        row.ambiguous = !unsettled_.insert(row.id).second || row.ambiguous;
        auto attempted = co_await attempt(row, facts);
        outcome = std::move(attempted);
    }
    catch (const std::logic_error& error) {  // a row that can never be rendered must not hold up its lane
        outcome = Never{error.what(), say("hint_other", {{"code", "internal"}})};
    }
    co_await settle(row, facts, std::move(outcome));
    unsettled_.erase(row.id);
    busy_lanes_.erase(lane);
    wake();
}

boost::asio::awaitable<std::shared_ptr<Courier::Facts>> Courier::read_facts(DeploymentId id)
{
    auto facts = std::make_shared<Facts>();
    StorageRunner::Job job = [facts, id](storage::Store& store) {
        facts->deployment = store.load(id);
        facts->team = store.team();
        facts->card = store.message_of(id, "card");
        facts->card_copy = store.message_of(id, "copy_of_card");
        facts->asks = store.messages_of(id, Ask::purposes);
    };
    co_await parts_.storage.run(std::move(job));
    co_return facts;
}

boost::asio::awaitable<Courier::Outcome> Courier::attempt(
    storage::OutboxRow row, std::shared_ptr<Facts> facts
)
{
    const auto& saying = row.saying;
    if (std::holds_alternative<CardRefresh>(saying)) {
        auto shown = co_await show_card(row, facts);
        co_return shown;
    }
    if (std::holds_alternative<Whisper>(saying)) {
        auto whispered = co_await whisper(row, facts);
        co_return whispered;
    }
    if (std::holds_alternative<DirectMessage>(saying)) {
        auto told = co_await direct(row, facts);
        co_return told;
    }
    if (std::holds_alternative<LinearComment>(saying)) {
        auto commented = co_await comment(row);
        co_return commented;
    }
    if (std::holds_alternative<PostmortemFile>(saying)) {
        auto shared = co_await share_postmortem(row, facts);
        co_return shared;
    }
    slack::Message message{parts_.channel, {}};
    std::string purpose;
    if (const auto* notice = std::get_if<Notice>(&saying)) {
        auto rendered = parts_.library.notice(*notice, facts->deployment.value(), parts_.view(facts->team));
        message.text = std::move(rendered.text);
        message.blocks = std::move(rendered.blocks);
        purpose = "notice:" + notice->kind + ":" + row.id;
    }
    else if (const auto* note = std::get_if<ThreadNote>(&saying)) {
        auto text = parts_.library.mrkdwn(note->sentence);
        for (const auto& user : note->pings) {
            const auto mention = "<@" + user.str() + ">";
            text += text.find(mention) == std::string::npos ? " " + mention : "";
        }
        message.text = text;
        message.blocks = {templates::section(text)};
        message.thread_ts = ts_of(facts->card);
    }
    else if (const auto* announcement = std::get_if<Announcement>(&saying)) {
        message.channel = announcement->channel;
        message.text = parts_.library.mrkdwn(announcement->sentence);
        message.blocks = {templates::section(message.text)};
    }
    else {
        const bool may_have_run = row.ambiguous;
        co_await parts_.act(std::move(row), facts->deployment.value(), may_have_run);
        co_return Said{};
    }
    auto posted = co_await post(row, std::move(message), std::move(purpose));
    co_return posted;
}

Courier::Outcome Courier::outcome_of(slack::Answer<std::string>&& answer)
{
    if (auto* ts = std::get_if<std::string>(&answer)) {
        return Said{std::move(*ts)};
    }
    if (auto* later = std::get_if<slack::RetryLater>(&answer)) {
        return NotNow{later->after, std::move(later->why), later->ambiguous};
    }
    const auto& rejected = std::get<slack::Rejected>(answer);
    const bool is_about_the_app = slack::refuses_token(rejected) || rejected.code == "missing_scope";
    return Never{
        rejected.code + (rejected.detail.empty() ? "" : " (" + rejected.detail + ")"),
        hint_for(rejected),
        is_about_the_app                 ? Waits::all
        : is_about_the_channel(rejected) ? Waits::messages
                                         : Waits::nothing};
}

boost::asio::awaitable<Courier::Outcome> Courier::look_for(
    storage::OutboxRow row, ChannelId channel, std::string thread_ts
)
{
    if (!row.ambiguous) {
        co_return Said{};
    }
    auto found = co_await parts_.slack.find_message(channel, thread_ts, row.id, row.created_at);
    auto looked = outcome_of(std::move(found));
    if (auto* later = std::get_if<NotNow>(&looked)) {
        later->ambiguous = true;  // still not known
    }
    co_return looked;
}

boost::asio::awaitable<Courier::Outcome> Courier::post(
    storage::OutboxRow row, slack::Message message, std::string purpose
)
{
    message.outbox_id = row.id;
    auto looked = co_await look_for(row, message.channel, message.thread_ts);
    if (!std::holds_alternative<Said>(looked)) {
        co_return looked;
    }
    auto ts = std::get<Said>(looked).remote;
    const auto channel = message.channel;
    if (ts.empty()) {
        auto answer = co_await parts_.slack.post_message(std::move(message));
        auto outcome = outcome_of(std::move(answer));
        if (!std::holds_alternative<Said>(outcome)) {
            co_return outcome;
        }
        ts = std::get<Said>(outcome).remote;
    }
    if (!purpose.empty()) {
        StorageRunner::Job job = [posted = storage::PostedMessage{row.deployment, purpose, channel, ts}](
                                     storage::Store& store
                                 ) { store.remember_message(posted); };
        co_await parts_.storage.run(std::move(job));
    }
    co_return Said{ts};
}

std::chrono::milliseconds Courier::rest_of(const std::string& ts) const
{
    const auto shown = shown_.find(ts);
    const auto now = parts_.clock.steady_now();
    return shown == shown_.end()
               ? std::chrono::milliseconds{0}
               : std::chrono::ceil<std::chrono::milliseconds>(shown->second.at + between_edits - now);
}

boost::asio::awaitable<Courier::Outcome> Courier::show_card(
    storage::OutboxRow row, std::shared_ptr<Facts> facts
)
{
    const auto shown = facts->card_copy ? facts->card_copy : facts->card;
    if (const auto rest = rest_of(ts_of(shown)); rest.count() > 0) {
        co_await parts_.clock.sleep_for(rest);
        auto newest = co_await read_facts(row.deployment);  // what happened meanwhile is shown with it
        facts = std::move(newest);
    }
    auto rendered = templates::card(facts->deployment.value(), parts_.view(facts->team));
    slack::Message message{parts_.channel, std::move(rendered.text), std::move(rendered.blocks)};
    const auto content = std::hash<std::string>{}(message.text + json::serialize(message.blocks));
    auto outcome = co_await show(row, facts, std::move(message), content);
    // What an earlier attempt posted may have been another state.
    if (const auto* said = std::get_if<Said>(&outcome); said != nullptr && !row.ambiguous) {
        const auto now = parts_.clock.steady_now();
        std::erase_if(shown_, [&](const auto& each) { return now - each.second.at > shown_remembered; });
        shown_.try_emplace(said->remote, Shown{content, now});
    }
    if (std::holds_alternative<Said>(outcome)) {
        auto closed = co_await close_asks(facts);
        if (auto* later = std::get_if<NotNow>(&closed)) {
            later->ambiguous = row.ambiguous;
            co_return closed;
        }
    }
    co_return outcome;
}

boost::asio::awaitable<Courier::Outcome> Courier::show(
    storage::OutboxRow row, std::shared_ptr<Facts> facts, slack::Message message, std::size_t content
)
{
    if (!facts->card) {
        auto posted = co_await post(row, std::move(message), "card");
        co_return posted;
    }
    const auto shown = facts->card_copy ? *facts->card_copy : *facts->card;
    const auto known = shown_.find(shown.ts);
    if (known != shown_.end() && known->second.content == content) {
        co_return Said{shown.ts};
    }
    shown_.erase(shown.ts);
    message.channel = shown.channel;
    auto answer = co_await parts_.slack.update_message(message, shown.ts);
    const auto* rejected = std::get_if<slack::Rejected>(&answer);
    const bool is_deleted = rejected != nullptr && rejected->code == "message_not_found";
    if (is_deleted && !facts->card_copy) {
        auto posted = co_await post(row, std::move(message), "card");
        co_return posted;
    }
    if (is_deleted || (rejected != nullptr && is_closed_to_edits(*rejected))) {
        message.thread_ts = facts->card->ts;  // the thread stays where people reply
        auto posted = co_await post(row, std::move(message), "copy_of_card");
        co_return posted;
    }
    auto outcome = outcome_of(std::move(answer));
    if (auto* later = std::get_if<NotNow>(&outcome)) {
        later->ambiguous = row.ambiguous;  // an edit may be repeated, what was posted before it not
    }
    co_return outcome;
}

boost::asio::awaitable<Courier::Outcome> Courier::close_asks(std::shared_ptr<Facts> facts)
{
    for (const auto& asked : facts->asks) {
        const auto view = parts_.view(facts->team);
        const auto end = end_of_ask(ask_in(asked.purpose), *facts->deployment, *view.roles, *view.policy);
        if (!end) {
            continue;
        }
        const auto text = parts_.library.mrkdwn(*end);
        slack::Message message{asked.channel, templates::fallback_of(text), templates::blocks_of(text)};
        auto answer = co_await parts_.slack.update_message(std::move(message), asked.ts);
        auto outcome = outcome_of(std::move(answer));
        const auto* never = std::get_if<Never>(&outcome);
        if (std::holds_alternative<NotNow>(outcome) || (never != nullptr && never->waits != Waits::nothing)) {
            co_return outcome;
        }
        // Where it can no more be edited, its buttons refuse by themselves what is over.
        StorageRunner::Job forget = [asked](storage::Store& store) {
            store.forget_message(asked.deployment, asked.purpose);
        };
        co_await parts_.storage.run(std::move(forget));
    }
    co_return Said{};
}

static json::array with_buttons(
    const std::string& text,
    const std::vector<json::object>& buttons,
    const std::optional<Deployment>& deployment,
    const templates::View& view
)
{
    auto blocks = templates::blocks_of(text);
    for (auto& row : templates::row_of(buttons, deployment, view)) {
        blocks.push_back(std::move(row));
    }
    return blocks;
}

/// Everything that a whisper says, as one text.
static std::string text_of(const Whisper& whisper, const templates::Library& library)
{
    Refusal all{{whisper.sentence}};
    all.sentences.insert(all.sentences.end(), whisper.more.begin(), whisper.more.end());
    return library.mrkdwn(all);
}

boost::asio::awaitable<Courier::Outcome> Courier::whisper(
    storage::OutboxRow row, std::shared_ptr<Facts> facts
)
{
    const auto whispered = std::get<Whisper>(row.saying);
    const auto text = text_of(whispered, parts_.library);
    slack::Message message{
        whispered.channel,
        templates::fallback_of(text),
        with_buttons(text, whispered.buttons, facts->deployment, parts_.view(facts->team))};
    if (whispered.in_thread) {
        message.thread_ts = ts_of(facts->card);
    }
    auto answer = co_await parts_.slack.post_ephemeral(std::move(message), whispered.user);
    auto outcome = outcome_of(std::move(answer));
    if (const auto* never = std::get_if<Never>(&outcome); never != nullptr && never->waits != Waits::all) {
        // Not where they are: tell them directly. A scope that lacks for it must not hold up the channel.
        auto told = co_await direct(row, facts);
        auto* untold = std::get_if<Never>(&told);
        if (untold != nullptr && parts_.slack.refused().empty()) {
            untold->waits = Waits::nothing;
        }
        co_return told;
    }
    if (auto* later = std::get_if<NotNow>(&outcome)) {
        // Whispers cannot be found again; a second one is better than none. Said directly, it can.
        later->ambiguous = row.ambiguous;
    }
    co_return outcome;
}

boost::asio::awaitable<Courier::Outcome> Courier::direct(storage::OutboxRow row, std::shared_ptr<Facts> facts)
{
    UserId user;
    std::string text;
    std::vector<json::object> buttons;
    if (const auto* message = std::get_if<DirectMessage>(&row.saying)) {
        user = message->user;
        text = parts_.library.mrkdwn(message->sentence);
        buttons = message->buttons;
    }
    else {
        const auto& whispered = std::get<Whisper>(row.saying);
        user = whispered.user;
        text = text_of(whispered, parts_.library);
        buttons = whispered.buttons;
    }
    auto channel = co_await parts_.slack.direct_channel(user);
    if (const auto* opened = std::get_if<ChannelId>(&channel)) {
        slack::Message message{
            *opened, text, with_buttons(text, buttons, facts->deployment, parts_.view(facts->team))};
        std::string purpose;
        if (facts->deployment && asks_for_sign_off(buttons)) {
            purpose = purpose_of({facts->deployment->revision, user}, row.id);
        }
        auto posted = co_await post(row, std::move(message), std::move(purpose));
        co_return posted;
    }
    if (const auto* later = std::get_if<slack::RetryLater>(&channel)) {
        co_return NotNow{later->after, later->why, row.ambiguous};  // not looked for yet
    }
    co_return outcome_of(std::get<slack::Rejected>(std::move(channel)));
}

boost::asio::awaitable<Courier::Outcome> Courier::comment(storage::OutboxRow row)
{
    const auto said = std::get<LinearComment>(row.saying);
    auto delivery = co_await parts_.linear.comment_create(row.id, said.issue, said.body);
    if (std::holds_alternative<linear::Delivered>(delivery)) {
        co_return Said{row.id};
    }
    if (const auto* later = std::get_if<linear::RetryLater>(&delivery)) {
        co_return NotNow{later->after, later->why, false};
    }
    const auto& rejected = std::get<linear::Rejected>(delivery);
    switch (rejected.reason) {
        case linear::Rejected::Reason::no_such_issue:
            co_return Never{rejected.message, say("hint_linear_issue", {{"issue", said.issue}})};
        case linear::Rejected::Reason::bad_key:
            co_return Never{rejected.message, say("hint_linear_key"), Waits::messages};
        case linear::Rejected::Reason::forbidden:
            co_return Never{
                rejected.message, say("hint_linear_forbidden", {{"issue", said.issue}}), Waits::messages};
        case linear::Rejected::Reason::over_plan:
            co_return Never{
                rejected.message, say("hint_linear_plan", {{"message", rejected.message}}), Waits::messages};
        case linear::Rejected::Reason::other:
            break;
    }
    co_return Never{rejected.message, say("hint_other", {{"code", rejected.message}})};
}

boost::asio::awaitable<Courier::Outcome> Courier::share_postmortem(
    storage::OutboxRow row, std::shared_ptr<Facts> facts
)
{
    auto looked = co_await look_for(row, parts_.channel, ts_of(facts->card));
    const auto* found = std::get_if<Said>(&looked);
    if (found == nullptr || !found->remote.empty()) {
        co_return looked;
    }
    const auto& deployment = facts->deployment.value();
    auto content = parts_.library.postmortem(deployment, parts_.view(facts->team));
    const auto name = "postmortem-" + to_string(deployment.id) + "-" + slack::mark_of(row.id) + ".md";
    const auto title = "Post-mortem draft of " + to_string(deployment.id);
    auto answer =
        co_await parts_.slack.share_file(parts_.channel, ts_of(facts->card), name, title, std::move(content));
    co_return outcome_of(std::move(answer));
}

/// Waits and is tried again.
StorageRunner::Job Courier::put_off(const storage::OutboxRow& row, NotNow later)
{
    ++counts_.retried;
    // Who says when to come back means it: each further 429 of a storm is no reason to stay away for longer.
    auto delay = later.after.count() > 0
                     ? later.after
                     : retry_delay(row.attempts, first_retry, longest_retry, parts_.random);
    delay = later.ambiguous ? std::max(delay, still_at_work) : delay;
    delay = std::min<std::chrono::milliseconds>(delay, storage::Store::longest_deferral);
    spdlog::warn("outbox {} ({}) waits {} ms: {}", row.id, kind_of(row.saying), delay.count(), later.why);
    return [id = row.id, until = parts_.clock.now() + delay, later = std::move(later)](storage::Store& store
           ) { store.defer(id, until, later.ambiguous, later.why); };
}

/// What nobody asked for is the business of whose deployment it is.
std::set<UserId> Courier::concerned(const storage::OutboxRow& row, const Facts* facts) const
{
    if (row.requested_by != bot_person().id.str()) {
        return {UserId(row.requested_by)};
    }
    if (facts == nullptr || !facts->deployment) {
        return {};
    }
    const auto view = parts_.view(facts->team);
    std::set<UserId> people{
        facts->deployment->author, on_call_for(*facts->deployment, view.now, facts->team, *view.policy)};
    people.erase(UserId{});
    return people;
}

/// Is refused for now or for good; whoever asked for it is told once, with the mend.
StorageRunner::Job Courier::let_go(const storage::OutboxRow& row, const Facts* facts, Never never)
{
    const bool to_a_person =
        std::holds_alternative<Whisper>(row.saying) || std::holds_alternative<DirectMessage>(row.saying);
    const bool waits = never.waits == Waits::all || (never.waits == Waits::messages && !to_a_person);
    // With the token gone nobody can be told, and afterwards there is nothing to tell.
    const bool tells = !to_a_person && parts_.slack.refused().empty() && told_.insert(row.id).second;
    const auto id = to_string(row.deployment);
    if (tells || !waits) {
        spdlog::error("outbox {} ({}) of {} refused: {}", row.id, kind_of(row.saying), id, never.why);
    }
    StorageRunner::Job settled;
    if (waits) {
        settled = put_off(row, {mended_within, never.why, row.ambiguous});
    }
    else {
        ++counts_.refused;
        told_.erase(row.id);
        settled = [id = row.id, why = never.why, now = parts_.clock.now()](storage::Store& store) {
            store.mark_rejected(id, why, now);
        };
    }
    if (!tells) {
        return settled;
    }
    const auto sentence =
        say("could_not_say", {{"deployment", id}, {"why", parts_.library.mrkdwn(never.hint)}});
    return [settled = std::move(settled),
            sentence,
            people = concerned(row, facts),
            deployment = row.deployment,
            random = SeededRandom(parts_.random.next()),
            now = parts_.clock.now()](storage::Store& store) mutable {
        settled(store);
        for (const auto& user : people) {
            store.enqueue(
                OutboxDraft{DirectMessage{user, sentence}},
                deployment,
                ChannelId{},
                bot_person().id.str(),
                now,
                [&random] { return uuid_v4(random); }
            );
        }
    };
}

boost::asio::awaitable<void> Courier::settle(
    storage::OutboxRow row, std::shared_ptr<Facts> facts, Outcome outcome
)
{
    StorageRunner::Job job;
    if (const auto* said = std::get_if<Said>(&outcome)) {
        ++counts_.delivered;
        told_.erase(row.id);
        job = [id = row.id, remote = said->remote, now = parts_.clock.now()](storage::Store& store) {
            store.mark_delivered(id, remote, now);
        };
    }
    else if (auto* later = std::get_if<NotNow>(&outcome)) {
        job = put_off(row, std::move(*later));
    }
    else {
        job = let_go(row, facts.get(), std::move(std::get<Never>(outcome)));
    }
    co_await parts_.storage.run(std::move(job));
}

}  // namespace slipway
