#include "bot/courier.hpp"

#include "bot/judge.hpp"
#include "bot/retry_delay.hpp"
#include "templates/buttons.hpp"
#include "templates/markup.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace slipway {

namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds first_retry{1'000};
constexpr std::chrono::milliseconds longest_retry{300'000};
/// Somebody invites the bot, renews a key: then it goes on by itself.
constexpr std::chrono::milliseconds mended_within{60'000};
/// What we gave up waiting for may still be at work in Slack: who looks at once finds nothing and doubles it.
constexpr std::chrono::milliseconds still_at_work{5'000};
/// The wall clock, by which rows are due, may jump.
constexpr std::chrono::milliseconds longest_nap{1'000};

std::string thread_of(const std::optional<storage::PostedMessage>& card)
{
    return card ? card->ts : std::string{};
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

/// Answers that change once somebody mends the workspace, the app or its tokens.
bool is_mendable(const slack::Rejected& rejected)
{
    static const std::set<std::string> codes{
        "account_inactive",
        "channel_not_found",
        "invalid_auth",
        "is_archived",
        "missing_scope",
        "not_authed",
        "not_in_channel",
        "restricted_action",
        "restricted_action_read_only_channel",
        "token_expired",
        "token_revoked",
    };
    return codes.contains(rejected.code);
}

}  // namespace

struct Courier::Facts {
    std::optional<Deployment> deployment;
    TeamState team;
    std::optional<storage::PostedMessage> card;
};

Courier::Courier(boost::asio::any_io_executor executor, Parts parts)
    : parts_(std::move(parts)), wakeup_(executor), tasks_(executor)
{}

boost::asio::awaitable<void> Courier::run()
{
    for (;;) {
        std::function<std::vector<storage::OutboxRow>(storage::Store&)> look =
            [now = parts_.clock.now()](storage::Store& store) { return store.due_heads(now); };
        auto heads = co_await parts_.storage.ask(std::move(look));
        for (auto& row : heads) {
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
    // Where the disk failed after it was said, it is given to us again as if nothing had been tried.
    row.ambiguous = !unsettled_.insert(row.id).second || row.ambiguous;
    Outcome outcome = NotNow{};
    try {
        auto attempted = co_await attempt(row);
        outcome = std::move(attempted);
    }
    catch (const std::logic_error& error) {  // a row that can never be rendered must not hold up its lane
        outcome = Never{error.what(), say("hint_other", {{"code", "internal"}})};
    }
    co_await settle(row, std::move(outcome));
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
        facts->card = store.card_of(id);
    };
    co_await parts_.storage.run(std::move(job));
    co_return facts;
}

boost::asio::awaitable<Courier::Outcome> Courier::attempt(storage::OutboxRow row)
{
    const auto facts = co_await read_facts(row.deployment);
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
        message.thread_ts = thread_of(facts->card);
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
    return Never{
        rejected.code + (rejected.detail.empty() ? "" : " (" + rejected.detail + ")"),
        hint_for(rejected),
        is_mendable(rejected)};
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

boost::asio::awaitable<Courier::Outcome> Courier::show_card(
    storage::OutboxRow row, std::shared_ptr<Facts> facts
)
{
    auto rendered = templates::card(facts->deployment.value(), parts_.view(facts->team));
    slack::Message message{parts_.channel, std::move(rendered.text), std::move(rendered.blocks)};
    if (!facts->card) {
        auto posted = co_await post(row, std::move(message), "card");
        co_return posted;
    }
    message.channel = facts->card->channel;
    auto answer = co_await parts_.slack.update_message(message, facts->card->ts);
    if (const auto* rejected = std::get_if<slack::Rejected>(&answer);
        rejected != nullptr && rejected->code == "message_not_found") {  // somebody deleted it: post it anew
        auto posted = co_await post(row, std::move(message), "card");
        co_return posted;
    }
    auto outcome = outcome_of(std::move(answer));
    if (auto* later = std::get_if<NotNow>(&outcome)) {
        later->ambiguous = false;  // an edit may be repeated
    }
    co_return outcome;
}

static json::array with_buttons(
    const std::string& text,
    const std::vector<json::object>& buttons,
    const std::optional<Deployment>& deployment
)
{
    auto blocks = templates::blocks_of(text);
    for (auto& row : templates::row_of(buttons, deployment)) {
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
        with_buttons(text, whispered.buttons, facts->deployment)};
    if (whispered.in_thread) {
        message.thread_ts = thread_of(facts->card);
    }
    auto answer = co_await parts_.slack.post_ephemeral(std::move(message), whispered.user);
    if (std::holds_alternative<slack::Rejected>(answer)) {  // not where they are: tell them directly
        auto told = co_await direct(row, facts);
        co_return told;
    }
    auto outcome = outcome_of(std::move(answer));
    if (auto* later = std::get_if<NotNow>(&outcome)) {
        later->ambiguous = false;  // whispers cannot be found again; a second one is better than none
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
        slack::Message message{*opened, text, with_buttons(text, buttons, facts->deployment)};
        auto posted = co_await post(row, std::move(message), "direct:" + user.str() + ":" + row.id);
        co_return posted;
    }
    if (const auto* later = std::get_if<slack::RetryLater>(&channel)) {
        co_return NotNow{later->after, later->why, row.ambiguous};  // not looked for yet
    }
    const auto& rejected = std::get<slack::Rejected>(channel);
    co_return Never{rejected.code, hint_for(rejected)};
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
    auto looked = co_await look_for(row, parts_.channel, thread_of(facts->card));
    const auto* found = std::get_if<Said>(&looked);
    if (found == nullptr || !found->remote.empty()) {
        co_return looked;
    }
    const auto& deployment = facts->deployment.value();
    auto content = parts_.library.postmortem(deployment, parts_.view(facts->team));
    const auto name = "postmortem-" + to_string(deployment.id) + "-" + slack::mark_of(row.id) + ".md";
    const auto title = "Post-mortem draft of " + to_string(deployment.id);
    auto answer = co_await parts_.slack.share_file(
        parts_.channel, thread_of(facts->card), name, title, std::move(content)
    );
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
    spdlog::warn("outbox {} ({}) waits {} ms: {}", row.id, kind_of(row.saying), delay.count(), later.why);
    return [id = row.id, until = parts_.clock.now() + delay, later = std::move(later)](storage::Store& store
           ) { store.defer(id, until, later.ambiguous, later.why); };
}

/// Is refused for now or for good; whoever asked for it is told once, with the mend.
StorageRunner::Job Courier::let_go(const storage::OutboxRow& row, Never never)
{
    const bool to_a_person =
        std::holds_alternative<Whisper>(row.saying) || std::holds_alternative<DirectMessage>(row.saying);
    const bool waits = never.is_mendable && !to_a_person;
    const bool tells =
        !to_a_person && row.requested_by != bot_person().id.str() && told_.insert(row.id).second;
    const auto id = to_string(row.deployment);
    spdlog::error("outbox {} ({}) of {} refused: {}", row.id, kind_of(row.saying), id, never.why);
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
    const auto why = parts_.library.mrkdwn(never.hint);
    DirectMessage message{UserId(row.requested_by), say("could_not_say", {{"deployment", id}, {"why", why}})};
    return [settled = std::move(settled),
            draft = OutboxDraft{std::move(message)},
            deployment = row.deployment,
            uuid = uuid_v4(parts_.random),
            now = parts_.clock.now()](storage::Store& store) {
        settled(store);
        store.enqueue(draft, deployment, ChannelId{}, bot_person().id.str(), now, [&uuid] { return uuid; });
    };
}

boost::asio::awaitable<void> Courier::settle(storage::OutboxRow row, Outcome outcome)
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
        job = let_go(row, std::move(std::get<Never>(outcome)));
    }
    co_await parts_.storage.run(std::move(job));
}

}  // namespace slipway
