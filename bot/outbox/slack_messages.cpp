#include "bot/outbox/slack_messages.hpp"

#include "commands/verbs/asks.hpp"
#include "templates/buttons.hpp"
#include "templates/markup.hpp"

#include <boost/json/serialize.hpp>

#include <functional>
#include <set>

namespace slipway {

namespace {

namespace json = boost::json;
using delivery::Never;
using delivery::NotNow;
using delivery::Outcome;
using delivery::Said;
using delivery::Waits;

/// Edits of one message that follow each other faster show nothing that anybody could read.
constexpr std::chrono::milliseconds between_edits{1'000};
/// A card that nothing happened to for longer is over, or may be edited once too often.
constexpr std::chrono::hours shown_remembered{24};

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

/// Answers that change once somebody fixes the channel: Slack has many kinds of "restricted_action…".
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

Outcome outcome_of(const slack::RetryLater& later) { return NotNow{later.after, later.why, later.ambiguous}; }

Outcome outcome_of(const slack::Rejected& rejected)
{
    const bool is_about_the_app = slack::refuses_token(rejected) || rejected.code == "missing_scope";
    return Never{
        rejected.code + (rejected.detail.empty() ? "" : " (" + rejected.detail + ")"),
        hint_for(rejected),
        is_about_the_app                 ? Waits::all
        : is_about_the_channel(rejected) ? Waits::messages
                                         : Waits::nothing};
}

/// What an answer without what was asked for comes to.
template <class T>
Outcome failure_of(const slack::Answer<T>& answer)
{
    const auto* later = std::get_if<slack::RetryLater>(&answer);
    return later != nullptr ? outcome_of(*later) : outcome_of(std::get<slack::Rejected>(answer));
}

Outcome outcome_of(const slack::Answer<std::string>& answer)
{
    const auto* remote = std::get_if<std::string>(&answer);
    return remote != nullptr ? Outcome{Said{*remote}} : failure_of(answer);
}

/// What came to nothing this time does not make an earlier attempt less, or more, certain.
void keep_doubt(Outcome& outcome, const storage::OutboxRow& row)
{
    if (auto* later = std::get_if<NotNow>(&outcome)) {
        later->ambiguous = row.ambiguous;
    }
}

}  // namespace

boost::asio::awaitable<slack::Answer<std::optional<std::string>>> SlackMessages::look_for(
    storage::OutboxRow row, ChannelId channel, std::string thread_ts
)
{
    if (!row.ambiguous) {
        co_return std::nullopt;
    }
    auto found = co_await parts_.slack.find_message(channel, thread_ts, row.id, row.created_at);
    if (auto* later = std::get_if<slack::RetryLater>(&found)) {
        later->ambiguous = true;  // still not known
    }
    co_return found;
}

SlackMessages::Delivery SlackMessages::post(
    storage::OutboxRow row, slack::Message message, std::string purpose
)
{
    message.outbox_id = row.id;
    const auto channel = message.channel;
    const auto looked = co_await look_for(row, channel, message.thread_ts);
    const auto* found = std::get_if<std::optional<std::string>>(&looked);
    if (found == nullptr) {
        co_return failure_of(looked);
    }
    Said said{found->value_or("")};
    if (!*found) {
        auto answer = co_await parts_.slack.post_message(std::move(message));
        auto* ts = std::get_if<std::string>(&answer);
        if (ts == nullptr) {
            co_return failure_of(answer);
        }
        said.remote = std::move(*ts);
    }
    if (!purpose.empty()) {
        said.posted = storage::PostedMessage{row.deployment, std::move(purpose), channel, said.remote};
    }
    co_return said;
}

std::chrono::milliseconds SlackMessages::rest_of(const std::string& ts) const
{
    const auto shown = shown_.find(ts);
    const auto now = parts_.clock.steady_now();
    return shown == shown_.end()
               ? std::chrono::milliseconds{0}
               : std::chrono::ceil<std::chrono::milliseconds>(shown->second.at + between_edits - now);
}

SlackMessages::Delivery SlackMessages::deliver(CardRefresh, storage::OutboxRow row, Facts facts)
{
    const auto shown = facts->card_copy ? facts->card_copy : facts->card;
    if (const auto rest = rest_of(ts_of(shown)); rest.count() > 0) {
        co_await parts_.clock.sleep_for(rest);
        // What happened meanwhile is shown with it.
        std::function<Facts(storage::Store&)> read = [id = row.deployment](storage::Store& store) {
            return delivery::read_facts(store, id);
        };
        auto newest = co_await parts_.storage.ask(std::move(read));
        facts = std::move(newest);
    }
    auto rendered = templates::card(facts->deployment.value(), parts_.views.of(facts->team));
    slack::Message message{parts_.channel, std::move(rendered.text), std::move(rendered.blocks)};
    const auto content = std::hash<std::string>{}(message.text + json::serialize(message.blocks));
    auto outcome = co_await show(row, facts, std::move(message), content);
    auto* said = std::get_if<Said>(&outcome);
    if (said == nullptr) {
        co_return outcome;
    }
    if (!row.ambiguous) {  // what an earlier attempt posted may have been another state
        const auto now = parts_.clock.steady_now();
        std::erase_if(shown_, [&](const auto& each) { return now - each.second.at > shown_remembered; });
        shown_.try_emplace(said->remote, Shown{content, now});
    }
    auto closed = co_await close_asks(facts);
    said->closed = std::move(closed.asks);
    if (closed.later) {  // the row comes back, and must find what is done already
        StorageRunner::Job keep = [done = *said](storage::Store& store) { delivery::keep(store, done); };
        co_await parts_.storage.run(std::move(keep));
        outcome = std::move(*closed.later);
        keep_doubt(outcome, row);
    }
    co_return outcome;
}

SlackMessages::Delivery SlackMessages::show(
    storage::OutboxRow row, Facts facts, slack::Message message, std::size_t content
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
    const auto answer = co_await parts_.slack.update_message(message, shown.ts);
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
    auto outcome = outcome_of(answer);
    keep_doubt(outcome, row);  // an edit may be repeated, what was posted before it not
    co_return outcome;
}

std::optional<Sentence> SlackMessages::end_of(const delivery::Asked& asked, const delivery::Facts& facts)
    const
{
    const auto view = parts_.views.of(facts.team);
    const auto ask = ask_in(asked.posted.purpose);
    return end_of_ask(ask, asked.message, *facts.deployment, facts.team, *view.roles, *view.policy);
}

boost::asio::awaitable<SlackMessages::Closed> SlackMessages::close_asks(Facts facts)
{
    Ends ends;
    for (const auto& asked : facts->asks) {
        if (auto end = end_of(asked, *facts)) {
            ends.emplace_back(asked, std::move(*end));
        }
    }
    auto closed = co_await close(std::move(ends));
    co_return closed;
}

boost::asio::awaitable<SlackMessages::Closed> SlackMessages::close(Ends ends)
{
    Closed closed;
    for (const auto& [asked, end] : ends) {
        const auto& [posted, said] = asked;
        // An asking for a sign-off is long, and told by the card; of the rest it stays to be read what it
        // was.
        const bool stays = !said.buttons.empty() && !asks_for_sign_off(said);
        const auto text =
            (stays ? parts_.library.mrkdwn(said.sentence) + "\n" : "") + parts_.library.mrkdwn(end);
        slack::Message message{posted.channel, templates::fallback_of(text), templates::blocks_of(text)};
        const auto answer = co_await parts_.slack.update_message(std::move(message), posted.ts);
        auto outcome = outcome_of(answer);
        if (auto* later = std::get_if<NotNow>(&outcome)) {
            closed.later = std::move(*later);
            break;
        }
        const auto* never = std::get_if<Never>(&outcome);
        if (never != nullptr && never->waits != Waits::nothing) {
            break;
        }
        // Where it can no more be edited, its buttons refuse by themselves what is over.
        closed.asks.push_back(posted);
    }
    co_return closed;
}

SlackMessages::Delivery SlackMessages::deliver(Notice notice, storage::OutboxRow row, Facts facts)
{
    auto rendered = parts_.library.notice(notice, facts->deployment.value(), parts_.views.of(facts->team));
    slack::Message message{parts_.channel, std::move(rendered.text), std::move(rendered.blocks)};
    auto posted = co_await post(row, std::move(message), "notice:" + notice.kind + ":" + row.id);
    co_return posted;
}

SlackMessages::Delivery SlackMessages::deliver(ThreadNote note, storage::OutboxRow row, Facts facts)
{
    auto text = parts_.library.mrkdwn(note.sentence);
    for (const auto& user : note.pings) {
        const auto mention = "<@" + user.str() + ">";
        text += text.find(mention) == std::string::npos ? " " + mention : "";
    }
    slack::Message message{parts_.channel, text, {templates::section(text)}, ts_of(facts->card)};
    auto posted = co_await post(row, std::move(message), "");
    co_return posted;
}

SlackMessages::Delivery SlackMessages::deliver(Announcement announcement, storage::OutboxRow row, Facts)
{
    const auto text = parts_.library.mrkdwn(announcement.sentence);
    const auto& channel = announcement.channel.empty() ? parts_.channel : announcement.channel;
    slack::Message message{channel, text, {templates::section(text)}};
    auto posted = co_await post(row, std::move(message), "");
    co_return posted;
}

json::array SlackMessages::with_buttons(
    const std::string& text, const Buttons& buttons, const delivery::Facts& facts
) const
{
    auto blocks = templates::blocks_of(text);
    for (auto& row : templates::row_of(buttons, facts.deployment, parts_.views.of(facts.team))) {
        blocks.push_back(std::move(row));
    }
    return blocks;
}

/// Everything that a whisper says, as one text.
std::string SlackMessages::text_of(const Whisper& whisper) const
{
    Refusal all{{whisper.sentence}};
    all.sentences.insert(all.sentences.end(), whisper.more.begin(), whisper.more.end());
    return parts_.library.mrkdwn(all);
}

SlackMessages::Delivery SlackMessages::deliver(Whisper whisper, storage::OutboxRow row, Facts facts)
{
    const auto text = text_of(whisper);
    slack::Message message{
        whisper.channel, templates::fallback_of(text), with_buttons(text, whisper.buttons, *facts)};
    if (whisper.in_thread) {
        message.thread_ts = ts_of(facts->card);
    }
    const auto answer = co_await parts_.slack.post_ephemeral(std::move(message), whisper.user);
    auto outcome = outcome_of(answer);
    if (const auto* never = std::get_if<Never>(&outcome); never != nullptr && never->waits != Waits::all) {
        // Not where they are: tell them directly. A scope that lacks for it must not hold up the channel.
        auto told = co_await tell(whisper.user, text, whisper.buttons, row, facts);
        auto* untold = std::get_if<Never>(&told);
        if (untold != nullptr && parts_.slack.refused().empty()) {
            untold->waits = Waits::nothing;
        }
        co_return told;
    }
    keep_doubt(outcome, row);  // whispers cannot be found again, and a second one is better than none
    co_return outcome;
}

SlackMessages::Delivery SlackMessages::deliver(DirectMessage message, storage::OutboxRow row, Facts facts)
{
    auto text = parts_.library.mrkdwn(message.sentence);
    auto told = co_await tell(message.user, std::move(text), message.buttons, row, facts);
    if (auto* said = std::get_if<Said>(&told)) {
        Ends ends;
        for (const auto& asked : facts->asks) {
            if (ask_the_same(asked.message, message)) {
                ends.emplace_back(asked, end_of(asked, *facts).value_or(say("ask_closed_again")));
            }
        }
        // Where Slack is away it stays as it was: the message must not be said twice for that.
        auto closed = co_await close(std::move(ends));
        said->closed = std::move(closed.asks);
    }
    co_return told;
}

SlackMessages::Delivery SlackMessages::tell(
    UserId user, std::string text, Buttons buttons, storage::OutboxRow row, Facts facts
)
{
    const auto channel = co_await parts_.slack.direct_channel(user);
    const auto* opened = std::get_if<ChannelId>(&channel);
    if (opened == nullptr) {
        auto outcome = failure_of(channel);
        keep_doubt(outcome, row);  // not looked for yet
        co_return outcome;
    }
    slack::Message message{*opened, text, with_buttons(text, buttons, *facts)};
    std::string purpose;
    if (facts->deployment && !buttons.empty() && std::holds_alternative<DirectMessage>(row.saying)) {
        purpose = purpose_of({facts->deployment->revision, user, row.id});
    }
    auto posted = co_await post(row, std::move(message), std::move(purpose));
    co_return posted;
}

SlackMessages::Delivery SlackMessages::deliver(PostmortemFile, storage::OutboxRow row, Facts facts)
{
    const auto looked = co_await look_for(row, parts_.channel, ts_of(facts->card));
    const auto* found = std::get_if<std::optional<std::string>>(&looked);
    if (found == nullptr) {
        co_return failure_of(looked);
    }
    if (*found) {
        co_return Said{**found};
    }
    const auto& deployment = facts->deployment.value();
    auto content = parts_.library.postmortem(deployment, parts_.views.of(facts->team));
    const auto name = "postmortem-" + to_string(deployment.id) + "-" + slack::mark_of(row.id) + ".md";
    const auto title = "Post-mortem draft of " + to_string(deployment.id);
    const auto answer =
        co_await parts_.slack.share_file(parts_.channel, ts_of(facts->card), name, title, std::move(content));
    co_return outcome_of(answer);
}

}  // namespace slipway
