#include "bot/router.hpp"

#include "commands/pipeline/sign_off_grammar.hpp"
#include "templates/buttons.hpp"
#include "templates/markup.hpp"

#include <boost/asio/error.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/system/system_error.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>

namespace slipway {

namespace {

namespace json = boost::json;

constexpr std::size_t longest_dead_letter = 64 * 1024;

/// {"v":1,"d":12,"r":3,…} as buttons and modals carry it; nothing where it was tampered with or is of another
/// version.
std::optional<json::object> carried(const std::string& text)
{
    boost::system::error_code error;
    auto parsed = json::parse(text, error);
    if (error || !parsed.is_object()) {
        return std::nullopt;
    }
    const auto* version = parsed.get_object().if_contains("v");
    const bool known = version != nullptr && version->is_int64() && version->get_int64() == 1;
    return known ? std::optional(std::move(parsed.get_object())) : std::nullopt;
}

int number_at(const json::object& object, const char* key)
{
    const auto* value = object.if_contains(key);
    const bool sane =
        value != nullptr && value->is_int64() && value->get_int64() > 0 && value->get_int64() < 1'000'000'000;
    return sane ? static_cast<int>(value->get_int64()) : 0;
}

/// Takes deployment, revision and further fields out of what a button or a modal carried.
void fill_from(Request& request, json::object carried)
{
    if (const auto number = number_at(carried, "d"); number > 0) {
        request.deployment = DeploymentId{number};
    }
    if (const auto revision = number_at(carried, "r"); revision > 0) {
        request.expected_revision = revision;
    }
    if (const auto* channel = carried.if_contains("c"); channel != nullptr && channel->is_string()) {
        request.channel = ChannelId(std::string(channel->get_string()));
    }
    for (const auto* own : {"v", "d", "r", "c", "press"}) {
        carried.erase(own);
    }
    for (auto& [key, value] : carried) {
        request.fields[key] = value;
    }
}

/// The button that was meant: a menu's option carries its name.
std::string button_of(const slack::ButtonPress& press, const json::object& carried)
{
    const auto* option = carried.if_contains("press");
    return press.action_id.starts_with("menu:") && option != nullptr && option->is_string()
               ? std::string(option->get_string())
               : press.action_id;
}

/// "verb:tick:smoke" -> "tick".
std::string verb_of(const std::string& id, const std::string& prefix)
{
    if (!id.starts_with(prefix)) {
        return {};
    }
    const auto verb = id.substr(prefix.size());
    return verb.substr(0, verb.find(':'));
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

boost::asio::awaitable<slack::SocketSession::Acknowledgement> Router::handle(slack::Envelope envelope)
{
    const auto id = envelope.id;
    const bool is_command = envelope.type == "slash_commands";
    std::string broken;
    Ack ack = json::object{};
    try {
        auto routed = co_await route(std::move(envelope));
        ack = std::move(routed);
    }
    catch (const boost::system::system_error& error) {
        if (error.code() == boost::asio::error::operation_aborted) {
            throw;
        }
        broken = error.what();
    }
    catch (const std::exception& error) {
        broken = error.what();
    }
    if (!broken.empty()) {
        spdlog::error("envelope {}: {}", id, broken);
        // Not acknowledged, an event comes again, a form stays open to be submitted again, and a button is
        // marked. Only to a command can the answer be said in words.
        ack = is_command ? Ack(ephemeral({say("storage_failed")})) : Ack(std::nullopt);
    }
    co_return ack;
}

boost::asio::awaitable<slack::SocketSession::Acknowledgement> Router::route(slack::Envelope envelope)
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
    if (auto* reply = std::get_if<slack::ThreadReply>(&inbound)) {
        auto ack = co_await hear(std::move(*reply), std::move(keys));
        co_return ack;
    }
    if (const auto* home = std::get_if<slack::HomeOpened>(&inbound)) {
        auto ack = co_await show_home(home->sender.user);
        co_return ack;
    }
    if (const auto* lost = std::get_if<slack::AccessLost>(&inbound)) {
        parts_.access_lost(lost->why);
    }
    if (const auto* malformed = std::get_if<slack::Malformed>(&inbound)) {
        slack::DeliverBroken broken{0, envelope.id, malformed->why, json::serialize(envelope.payload)};
        co_await keep_broken(std::move(broken));
    }
    co_return json::object{};
}

boost::asio::awaitable<void> Router::keep_broken(slack::DeliverBroken broken)
{
    spdlog::warn("envelope {} could not be read: {}", broken.envelope_id, broken.why);
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
    if (request.verb == "runbook") {
        std::function<std::string(storage::Store&)> look = [](storage::Store& store) {
            const auto kept = store.runbook();
            return kept ? kept->markdown : std::string{};
        };
        const auto text = co_await parts_.storage.ask(std::move(look));
        request.fields["runbook"] = text;
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

boost::asio::awaitable<json::object> Router::facts_for(Request request)
{
    const bool asks = request.verb == "start" || request.verb == "check" || request.verb == "except";
    if (parts_.github == nullptr || !asks || !request.deployment) {
        co_return json::object{};
    }
    const auto deployment = co_await load(*request.deployment);
    if (!deployment || deployment->plan.pull_request.empty()) {
        co_return json::object{};
    }
    const auto& plan = deployment->plan;
    auto facts = co_await parts_.github->gate1(plan.pull_request, plan.linear_issue);
    co_return facts;
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
    std::vector<Sentence> sentences, std::vector<json::object> buttons, std::optional<DeploymentId> deployment
)
{
    std::optional<Deployment> about;
    if (!buttons.empty() && deployment) {
        about = co_await load(*deployment);
    }
    co_return ephemeral(sentences, templates::row_of(buttons, about));
}

boost::asio::awaitable<slack::SocketSession::Acknowledgement> Router::slash(
    slack::SlashCommand command, std::vector<std::string> keys
)
{
    const std::string verb = command.command == "/rollback" ? "rollback" : "";
    auto request = parse_slash(command.text, verb);
    if (!request) {
        co_return ephemeral(request.error().sentences);
    }
    request->channel = command.sender.channel;
    const auto* known = find_verb(request->verb);
    if (wants_modal(*request) && (!known->needs_deployment || request->deployment)) {
        auto obstacle = co_await open_modal(*request, command.sender.trigger_id);
        if (!obstacle) {
            co_return json::object{};
        }
        std::vector<json::object> again;
        if (obstacle->id == "modal_expired") {
            again.push_back({{"verb", request->verb}, {"label", "Open it"}, {"fields", request->fields}});
        }
        std::vector<Sentence> why{std::move(*obstacle)};
        auto answer = co_await spoken(std::move(why), std::move(again), request->deployment);
        co_return answer;
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

boost::asio::awaitable<slack::SocketSession::Acknowledgement> Router::press(
    slack::ButtonPress press, std::vector<std::string> keys
)
{
    auto value = carried(press.value);
    const auto* verb = value ? find_verb(verb_of(button_of(press, *value), "verb:")) : nullptr;
    if (verb == nullptr || verb->offered == Offered::to_bot) {
        spdlog::warn("a button '{}' of another version or tampered with was pressed", press.action_id);
        co_return json::object{};
    }
    Request request{
        .verb = std::string(verb->name), .source = Source::button, .channel = press.sender.channel};
    if (request.channel.empty()) {
        request.source = Source::home;
    }
    fill_from(request, std::move(*value));
    if (!press.sender.channel.empty()) {
        request.channel = press.sender.channel;
    }
    if (wants_modal(request)) {
        auto obstacle = co_await open_modal(std::move(request), press.sender.trigger_id);
        if (obstacle) {
            spdlog::warn("no modal for {}: {}", press.action_id, obstacle->id);
            co_return std::nullopt;  // Slack marks the button
        }
        co_return json::object{};
    }
    const auto verdict = co_await settle(std::move(request), press.sender.user, std::move(keys));
    if (is_unheard(verdict)) {
        co_return std::nullopt;  // Slack marks the button
    }
    co_return json::object{};  // what there is to say was stored as a whisper
}

boost::asio::awaitable<std::optional<Sentence>> Router::open_modal(Request request, std::string trigger_id)
{
    struct Read {
        std::optional<Deployment> deployment;
        TeamState team;
    };

    std::function<Read(storage::Store&)> look = [id = request.deployment](storage::Store& store) {
        return Read{id ? store.load(*id) : std::nullopt, store.team()};
    };
    auto read = co_await parts_.storage.ask(std::move(look));
    if (request.deployment && !read.deployment) {
        co_return say("deployment_unknown", {{"deployment", to_string(*request.deployment)}});
    }
    const auto* verb = find_verb(request.verb);
    auto modal = templates::modal(
        std::string(verb->modal),
        request,
        read.deployment ? &*read.deployment : nullptr,
        parts_.view(read.team)
    );
    const auto answer = co_await parts_.slack.open_view(std::move(trigger_id), std::move(modal));
    if (std::holds_alternative<std::string>(answer)) {
        co_return std::nullopt;
    }
    if (const auto* rejected = std::get_if<slack::Rejected>(&answer)) {
        spdlog::warn("views.open: {} {}", rejected->code, rejected->detail);
    }
    co_return say("modal_expired");
}

boost::asio::awaitable<slack::SocketSession::Acknowledgement> Router::submit(
    slack::ViewSubmission submission, std::vector<std::string> keys
)
{
    auto metadata = carried(submission.private_metadata);
    const auto* verb = find_verb(verb_of(submission.callback_id, "modal:"));
    if (verb == nullptr || verb->offered == Offered::to_bot || !metadata) {
        spdlog::warn(
            "a modal '{}' of another version or tampered with was submitted", submission.callback_id
        );
        co_return json::object{};
    }
    Request request{.verb = std::string(verb->name), .fields = submission.fields, .source = Source::modal};
    fill_from(request, std::move(*metadata));
    std::string form = submission.view_id.empty() ? "" : "form:" + submission.view_id;
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

boost::asio::awaitable<slack::SocketSession::Acknowledgement> Router::hear(
    slack::ThreadReply reply, std::vector<std::string> keys
)
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
    const auto today = Date{date::floor<date::days>(parts_.clock.now())};
    const bool is_sign_off = !std::holds_alternative<NotASignOff>(parse_reply(reply.text, today));
    if (!deployment) {
        if (is_sign_off && may_be_ours) {  // people answer a card before we know that it was posted
            co_return std::nullopt;        // Slack sends the event again
        }
        co_return json::object{};
    }
    Request request{
        .verb = "reply",
        .deployment = deployment,
        .text = reply.text,
        .source = Source::reply,
        .channel = reply.sender.channel,
    };
    if (is_sign_off) {
        const auto link = co_await parts_.slack.permalink(reply.sender.channel, reply.ts);
        if (const auto* text = std::get_if<std::string>(&link)) {
            request.permalink = *text;
        }
    }
    // The same text may arrive as two events; the message itself is the third key.
    keys.push_back("message:" + reply.sender.channel.str() + ":" + reply.ts);
    auto verdict = co_await settle(std::move(request), reply.sender.user, std::move(keys));
    if (is_unheard(verdict)) {
        co_return std::nullopt;  // Slack sends the event again
    }
    co_return json::object{};
}

boost::asio::awaitable<slack::SocketSession::Acknowledgement> Router::show_home(UserId user)
{
    struct Read {
        std::vector<Deployment> active, recent;
        TeamState team;
    };

    std::function<Read(storage::Store&)> look = [](storage::Store& store) {
        return Read{store.active(), store.recent(5), store.team()};
    };
    const auto read = co_await parts_.storage.ask(std::move(look));
    auto view = templates::home(user, read.active, read.recent, parts_.view(read.team));
    const auto answer = co_await parts_.slack.publish_view(user, std::move(view));
    if (const auto* rejected = std::get_if<slack::Rejected>(&answer)) {
        spdlog::warn("views.publish: {} {}", rejected->code, rejected->detail);
    }
    co_return json::object{};
}

}  // namespace slipway
