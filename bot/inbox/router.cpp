#include "bot/inbox/router.hpp"

#include "bot/net/failure.hpp"
#include "bot/runtime/log.hpp"
#include "bot/slack/carried.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/reading/sign_off_grammar.hpp"
#include "commands/verbs/forms.hpp"
#include "commands/verbs/table.hpp"
#include "templates/buttons.hpp"
#include "templates/markup.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>

namespace slipway {

namespace {

namespace json = boost::json;

constexpr std::size_t longest_dead_letter = 64 * 1024;
/// An answer that Slack is too busy to take is tried again, while the person still waits for it.
constexpr int most_tries = 3;
constexpr std::chrono::milliseconds between_tries{1'000};

/// "1610241741.000200" -> that moment; nothing for what is no ts.
std::optional<Instant> moment_of(const std::string& ts)
{
    constexpr std::size_t decimals = 6;
    constexpr std::int64_t end_of_time = 253'402'300'800'000'000;  // the year 10000
    const auto point = ts.find('.');
    if (point == std::string::npos || ts.size() - point - 1 != decimals) {
        return std::nullopt;
    }
    const auto digits = ts.substr(0, point) + ts.substr(point + 1);
    std::int64_t micros = 0;
    const auto* end = digits.data() + digits.size();
    const auto [read, error] = std::from_chars(digits.data(), end, micros);
    if (error != std::errc{} || read != end || micros <= 0 || micros >= end_of_time) {
        return std::nullopt;
    }
    return Instant{std::chrono::floor<Instant::duration>(std::chrono::microseconds(micros))};
}

const Sentence& unknown_person()
{
    static const Sentence sentence = say("person_unreadable");
    return sentence;
}

/// Whether nothing was stored, not even that somebody asked.
bool is_unheard(const Judge::Verdict& verdict)
{
    return !verdict.result && verdict.result.error().sentences.front() == unknown_person();
}

}  // namespace

static std::string key_of(const ChannelId& channel, const std::string& ts)
{
    return "message:" + channel.str() + ":" + ts;
}

std::string key_of(const slack::ThreadReply& reply) { return key_of(reply.sender.channel, reply.ts); }

boost::asio::awaitable<Router::Ack> Router::handle(slack::Envelope envelope)
{
    const auto id = envelope.id;
    const bool is_command = envelope.type == "slash_commands";
    std::string broken;
    Ack ack = json::object{};
    try {
        auto routed = co_await route(std::move(envelope));
        ack = std::move(routed);
    }
    catch (const std::exception& error) {
        if (net::is_cancellation(std::current_exception())) {
            throw;
        }
        broken = error.what();
    }
    if (!broken.empty()) {
        log::error("envelope {}: {}", id, broken);
        // Not acknowledged, an event comes again, a form stays open to be submitted again, and a button is
        // marked. Only to a command can the answer be said in words.
        ack = is_command ? Ack(ephemeral({say("storage_failed")})) : Ack(std::nullopt);
    }
    co_return ack;
}

boost::asio::awaitable<Router::Ack> Router::route(slack::Envelope envelope)
{
    auto inbound = slack::decode(envelope);
    auto keys = slack::dedupe_keys(envelope);
    if (auto* command = std::get_if<slack::SlashCommand>(&inbound)) {
        auto ack = co_await slash(std::move(*command), std::move(keys));
        co_return ack;
    }
    if (auto* pressed = std::get_if<slack::ButtonPress>(&inbound)) {
        auto ack = co_await press(std::move(*pressed), std::move(keys));
        co_return ack;
    }
    if (auto* submission = std::get_if<slack::ViewSubmission>(&inbound)) {
        auto ack = co_await submit(std::move(*submission), std::move(keys));
        co_return ack;
    }
    if (auto* mention = std::get_if<slack::Mention>(&inbound)) {
        auto ack = co_await answer_mention(std::move(*mention), std::move(keys));
        co_return ack;
    }
    if (auto* reply = std::get_if<slack::ThreadReply>(&inbound)) {
        auto ack = co_await hear(std::move(*reply), std::move(keys));
        co_return ack;
    }
    if (const auto* home = std::get_if<slack::HomeOpened>(&inbound)) {
        const bool shown = co_await parts_.home.open(home->sender.user);
        co_return shown ? Ack(json::object{}) : Ack(std::nullopt);  // Slack sends the event again
    }
    if (const auto* lost = std::get_if<slack::AccessLost>(&inbound)) {
        parts_.slack.lose_access(lost->why);
        log::error("Slack took the app's access away ({}); reinstall it and restart", lost->why);
    }
    if (const auto* malformed = std::get_if<slack::Malformed>(&inbound)) {
        slack::DeliverBroken broken{0, envelope.id, malformed->why, json::serialize(envelope.payload)};
        co_await keep_broken(std::move(broken));
    }
    co_return json::object{};
}

boost::asio::awaitable<void> Router::keep_broken(slack::DeliverBroken broken)
{
    log::warn("envelope {} could not be read: {}", broken.envelope_id, broken.why);
    StorageRunner::Job job = [broken, now = parts_.clock.now()](storage::Store& store) {
        store.keep_dead_letter(
            broken.envelope_id, broken.why, broken.frame.substr(0, longest_dead_letter), now
        );
    };
    co_await parts_.storage.run(std::move(job));
}

boost::asio::awaitable<Judge::Verdict> Router::settle(
    Request request, UserId user, std::vector<std::string> keys, std::string form
)
{
    auto person = co_await parts_.directory.person(user);
    if (!person) {
        co_return Judge::Verdict{false, refuse(unknown_person())};
    }
    const auto* verb = find_verb(request.verb);
    if (verb != nullptr && verb->reads == Reads::runbook) {
        std::function<std::string(storage::Store&)> look = [](storage::Store& store) {
            const auto kept = store.runbook();
            return kept ? kept->markdown : std::string{};
        };
        const auto text = co_await parts_.storage.ask(std::move(look));
        request.fields["runbook"] = text;
    }
    if (verb != nullptr && verb->reads == Reads::issue) {
        auto issue = issue_named_by(request);
        const bool is_unknown = co_await is_unknown_issue(std::move(issue));
        if (is_unknown) {
            request.fields["not_in_linear"] = true;
        }
    }
    auto asked = request;
    auto github = co_await facts_for(std::move(asked));
    auto verdict = co_await parts_.judge.settle(
        std::move(request), std::move(*person), std::move(keys), std::move(github), std::move(form)
    );
    co_return verdict;
}

boost::asio::awaitable<std::optional<Deployment>> Router::load(DeploymentId id)
{
    std::function<std::optional<Deployment>(storage::Store&)> look = [id](storage::Store& store) {
        return store.load(id);
    };
    auto deployment = co_await parts_.storage.ask(std::move(look));
    co_return deployment;
}

boost::asio::awaitable<bool> Router::is_unknown_issue(std::string issue)
{
    if (parts_.linear == nullptr || issue.empty() || !mirrors(parts_.policy)) {
        co_return false;
    }
    net::Limits limits;
    limits.whole = std::chrono::seconds{1};
    const auto answer = co_await parts_.linear->check(std::move(issue), limits);
    const auto* no = std::get_if<linear::Rejected>(&answer);
    co_return no != nullptr && no->reason == linear::Rejected::Reason::no_such_issue;
}

boost::asio::awaitable<std::optional<Gate1Facts>> Router::facts_for(Request request)
{
    const auto* verb = find_verb(request.verb);
    const auto reads = verb == nullptr ? Reads::nothing : verb->reads;
    const bool is_talk = request.source == Source::reply && !signs(request.text, request.said_at);
    const bool asks = (reads == Reads::github || reads == Reads::head) && !is_talk;
    if (parts_.github == nullptr || !asks || !request.deployment) {
        co_return std::nullopt;
    }
    const auto deployment = co_await load(*request.deployment);
    if (!deployment || deployment->plan.pull_request.empty()) {
        co_return std::nullopt;
    }
    const auto& plan = deployment->plan;
    if (reads == Reads::head) {
        auto head = co_await parts_.github->head(plan.pull_request);
        co_return head;
    }
    auto facts = co_await parts_.github->gate1(plan.pull_request, plan.linear_issue);
    const auto issue = facts.conditions.find("issue_referenced");
    if (parts_.linear != nullptr && issue != facts.conditions.end() && !issue->second.holds) {
        auto names = co_await parts_.linear->names_of(plan.linear_issue);
        names.push_back(plan.linear_issue);
        look_for_issue(facts, names);
    }
    co_return facts;
}

/// Whether `text`, said at that time in a thread, signs off or takes a sign-off back.
bool Router::signs(const std::string& text, std::optional<Instant> said_at) const
{
    const auto day = team_date(said_at.value_or(parts_.clock.now()), parts_.policy);
    return !std::holds_alternative<NotASignOff>(parse_reply(text, day));
}

json::object Router::ephemeral(const std::vector<Sentence>& sentences, json::array buttons) const
{
    if (sentences.empty()) {
        return {};
    }
    const auto text = parts_.library.mrkdwn(Refusal{sentences});
    auto blocks = templates::blocks_of(text);
    for (auto& row : buttons) {
        blocks.push_back(std::move(row));
    }
    return {
        {"response_type", "ephemeral"},
        {"text", templates::fallback_of(text)},
        {"blocks", std::move(blocks)},
    };
}

boost::asio::awaitable<json::object> Router::spoken(
    std::vector<Sentence> sentences, std::vector<Button> buttons, std::optional<DeploymentId> deployment
)
{
    if (buttons.empty()) {
        co_return ephemeral(sentences);
    }
    const auto read = co_await read_record(parts_.storage, deployment);
    co_return ephemeral(sentences, templates::row_of(buttons, read.deployment, parts_.views.of(read.team)));
}

boost::asio::awaitable<Router::Ack> Router::slash(slack::SlashCommand command, std::vector<std::string> keys)
{
    const std::string verb = command.command == "/rollback" ? "rollback" : "";
    auto request = parse_slash(command.text, verb);
    if (!request) {
        co_return ephemeral(request.error().sentences);
    }
    request->channel = command.sender.channel;
    const auto* known = find_verb(request->verb);
    if (wants_modal(*request) && (!known->needs_deployment || request->deployment)) {
        const auto form =
            co_await parts_.forms.open(*request, command.sender.user, command.sender.trigger_id);
        if (form == Forms::Outcome::opened) {
            co_return json::object{};
        }
        if (form == Forms::Outcome::late) {
            std::vector<Sentence> why{say("modal_expired")};
            std::vector<Button> again;
            auto fields = request->fields;
            fields["typed"] = request->text;
            again.push_back({.verb = request->verb, .label = "Open it", .fields = std::move(fields)});
            auto answer = co_await spoken(std::move(why), std::move(again), request->deployment);
            co_return answer;
        }
    }
    const auto deployment = request->deployment;
    auto verdict = co_await settle(std::move(*request), command.sender.user, std::move(keys));
    if (verdict.seen_before) {
        co_return json::object{};
    }
    if (verdict.result) {
        auto& decision = *verdict.result;
        auto answer = co_await spoken(
            std::move(decision.reply), std::move(decision.reply_buttons), decision.deployment
        );
        co_return answer;
    }
    auto refusal = verdict.result.error();  // Boost.System gives it by value
    auto answer = co_await spoken(std::move(refusal.sentences), std::move(refusal.buttons), deployment);
    co_return answer;
}

boost::asio::awaitable<Router::Ack> Router::press(slack::ButtonPress press, std::vector<std::string> keys)
{
    auto value = slack::carried(press.value);
    const auto* verb = value ? find_verb(slack::verb_of(slack::button_of(press, *value), "verb:")) : nullptr;
    if (verb == nullptr || verb->offered != Offered::to_people) {
        log::warn("a button '{}' of another version or tampered with was pressed", press.action_id);
        co_return json::object{};
    }
    Request request{
        .verb = std::string(verb->name), .source = Source::button, .channel = press.sender.channel};
    if (request.channel.empty()) {
        request.source = Source::home;
    }
    slack::fill_from(request, std::move(*value));
    if (!press.sender.channel.empty()) {
        request.channel = press.sender.channel;
    }
    if (wants_modal(request)) {
        const auto form = co_await parts_.forms.open(request, press.sender.user, press.sender.trigger_id);
        if (form == Forms::Outcome::opened) {
            co_return json::object{};
        }
        if (form == Forms::Outcome::late) {
            co_return std::nullopt;  // Slack marks the button
        }
    }
    const auto verdict = co_await settle(std::move(request), press.sender.user, std::move(keys));
    if (is_unheard(verdict)) {
        co_return std::nullopt;  // Slack marks the button
    }
    co_return json::object{};  // what there is to say was stored as a whisper
}

boost::asio::awaitable<Router::Ack> Router::submit(
    slack::ViewSubmission submission, std::vector<std::string> keys
)
{
    auto metadata = slack::carried(submission.private_metadata);
    const auto* verb = find_verb(slack::verb_of(submission.callback_id, "modal:"));
    if (verb == nullptr || verb->offered != Offered::to_people || !metadata) {
        log::warn("a modal '{}' of another version or tampered with was submitted", submission.callback_id);
        co_return json::object{};
    }
    Request request{.verb = std::string(verb->name), .fields = submission.fields, .source = Source::modal};
    slack::fill_from(request, std::move(*metadata));
    const std::string form = submission.view_id.empty() ? "" : "form:" + submission.view_id;
    auto verdict = co_await settle(std::move(request), submission.sender.user, std::move(keys), form);
    if (verdict.seen_before) {
        std::function<bool(storage::Store&)> look = [form](storage::Store& store) {
            return store.was_seen(form);
        };
        const auto is_done = co_await parts_.storage.ask(std::move(look));
        // An envelope that comes twice while its form is refused must not close it before the refusal shows.
        co_return is_done ? Ack(json::object{}) : Ack(std::nullopt);
    }
    if (verdict.result) {
        co_return json::object{};
    }
    json::object errors;
    const auto refusal = verdict.result.error();  // Boost.System gives it by value
    for (const auto& sentence : refusal.sentences) {
        const bool at_field =
            std::find(submission.block_ids.begin(), submission.block_ids.end(), sentence.field) !=
            submission.block_ids.end();
        const auto field =
            at_field || submission.block_ids.empty() ? sentence.field : submission.block_ids.front();
        const auto text = parts_.library.plain(sentence, parts_.directory.names());
        auto& shown = errors[field];
        shown = shown.is_string() ? std::string(shown.get_string()) + " " + text : text;
    }
    co_return json::object{{"response_action", "errors"}, {"errors", std::move(errors)}};
}

bool Router::mentions_us(const std::string& text) const
{
    const auto& own = parts_.slack.own_id();
    const auto mention = "<@" + own.str();
    return !own.empty() &&
           (text.find(mention + ">") != std::string::npos || text.find(mention + "|") != std::string::npos);
}

boost::asio::awaitable<Router::Ack> Router::answer_mention(
    slack::Mention mention, std::vector<std::string> keys, std::optional<DeploymentId> deployment
)
{
    if (!mentions_us(mention.text)) {
        co_return json::object{};
    }
    Request request{
        .verb = "mention",
        .deployment = deployment,
        .source = Source::reply,
        .channel = mention.sender.channel,
    };
    // The same text may arrive as two events; the message itself is the third key.
    keys.push_back(key_of(mention.sender.channel, mention.ts));
    const auto verdict = co_await settle(std::move(request), mention.sender.user, std::move(keys));
    co_return is_unheard(verdict) ? Ack(std::nullopt) : Ack(json::object{});  // or Slack sends it again
}

boost::asio::awaitable<Router::Ack> Router::hear(slack::ThreadReply reply, std::vector<std::string> keys)
{
    struct Thread {
        std::optional<DeploymentId> deployment;
        bool may_be_ours = false;
    };

    std::function<Thread(storage::Store&)> look = [channel = reply.sender.channel,
                                                   thread = reply.thread_ts](storage::Store& store) {
        const auto known = store.deployment_of_thread(channel, thread);
        return Thread{known, !known && store.has_unplaced_message()};
    };
    const auto [deployment, may_be_ours] = co_await parts_.storage.ask(std::move(look));
    const auto said_at = moment_of(reply.ts);
    const bool is_sign_off = signs(reply.text, said_at);
    if (!deployment) {
        if (is_sign_off && may_be_ours) {  // people answer a card before we know that it was posted
            co_return std::nullopt;        // Slack sends the event again
        }
    }
    if (!deployment || (!is_sign_off && mentions_us(reply.text))) {
        slack::Mention mention{reply.sender, reply.text, reply.ts};
        auto ack = co_await answer_mention(std::move(mention), std::move(keys), deployment);
        co_return ack;
    }
    Request request{
        .verb = "reply",
        .deployment = deployment,
        .text = reply.text,
        .source = Source::reply,
        .channel = reply.sender.channel,
    };
    request.said_at = said_at;
    if (is_sign_off) {
        const auto link = co_await parts_.slack.permalink(reply.sender.channel, reply.ts);
        if (const auto* text = std::get_if<std::string>(&link)) {
            request.permalink = *text;
        }
    }
    // The same text may arrive as two events; the message itself is the third key.
    keys.push_back(key_of(reply));
    auto verdict = co_await settle(std::move(request), reply.sender.user, std::move(keys));
    if (is_unheard(verdict)) {
        co_return std::nullopt;  // Slack sends the event again
    }
    co_return json::object{};
}

boost::asio::awaitable<void> Router::say_at_length(slack::Envelope envelope, json::object answer)
{
    const auto inbound = slack::decode(envelope);
    const auto* command = std::get_if<slack::SlashCommand>(&inbound);
    const auto* text = answer.if_contains("text");
    const auto* blocks = answer.if_contains("blocks");
    if (command == nullptr || text == nullptr || blocks == nullptr) {
        log::error("the answer to envelope {} was too long for Slack", envelope.id);
        co_return;
    }
    const auto& sender = command->sender;
    const slack::Message message{sender.channel, std::string(text->as_string()), blocks->as_array()};
    for (int tries = 0; tries < most_tries; ++tries) {
        const auto said = co_await say_to(sender.user, message);
        const auto* later = std::get_if<slack::RetryLater>(&said);
        if (later == nullptr) {
            if (const auto* rejected = std::get_if<slack::Rejected>(&said)) {
                log::error("the answer to envelope {} was refused: {}", envelope.id, rejected->code);
            }
            co_return;
        }
        co_await parts_.clock.sleep_for(std::max(later->after, between_tries));
    }
    log::error("the answer to envelope {} could not be said", envelope.id);
}

boost::asio::awaitable<slack::Answer<std::string>> Router::say_to(UserId user, slack::Message message)
{
    auto shown = co_await parts_.slack.post_ephemeral(message, user);
    if (!std::holds_alternative<slack::Rejected>(shown)) {
        co_return shown;
    }
    const auto direct = co_await parts_.slack.direct_channel(user);  // the bot may not be where they are
    if (const auto* channel = std::get_if<ChannelId>(&direct)) {
        message.channel = *channel;
        shown = co_await parts_.slack.post_message(message);
    }
    co_return shown;
}

}  // namespace slipway
