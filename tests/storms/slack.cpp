#include "tests/storms/slack.hpp"

#include "tests/simulator/block_kit.hpp"
#include "tests/support/cast.hpp"

#include <algorithm>

namespace simulation {

namespace {

constexpr Milliseconds ack_deadline{3'000};
constexpr Milliseconds trigger_life{3'000};
constexpr std::size_t page = 15;  // small, so that there are pages

json::object refused(const char* error) { return {{"ok", false}, {"error", error}}; }

json::object as_json(const Message& message)
{
    json::object shown{
        {"type", "message"}, {"ts", message.ts}, {"user", message.user}, {"text", message.text}};
    if (message.user == "U0BOT") {
        shown["bot_id"] = "B0BOT";
    }
    if (!message.thread_ts.empty()) {
        shown["thread_ts"] = message.thread_ts;
    }
    if (!message.outbox_id.empty()) {
        shown["metadata"] = {
            {"event_type", "slipway"}, {"event_payload", {{"outbox_id", message.outbox_id}}}};
    }
    if (!message.files.empty()) {
        shown["files"] = message.files;
    }
    return shown;
}

/// How long after a failed attempt an event comes again: Slack's documented retries.
std::optional<Milliseconds> retry_after(int attempt)
{
    constexpr std::array<Milliseconds, 3> waits{Milliseconds{0}, Milliseconds{60'000}, Milliseconds{300'000}};
    return attempt < 3 ? std::optional(waits.at(static_cast<std::size_t>(attempt))) : std::nullopt;
}

}  // namespace

std::string text_at(const json::object& object, const char* key)
{
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string{};
}

const std::map<std::string, std::string>& people()
{
    static const auto names = [] {
        std::map<std::string, std::string> all;
        for (const auto* name : {"alice", "anne", "bob", "dana", "jane", "petra", "raj"}) {
            all.emplace(cast::called(name).id(), cast::called(name).real_name);
        }
        return all;
    }();
    return names;
}

bool Weather::strikes(const std::string& fault, double probability)
{
    const bool does = storm > 0 && dice.chance(probability * storm);
    if (does) {
        ++struck[fault];
        trace.note("fault: " + fault);
    }
    return does;
}

Slack::Slack(Timeline& timeline, const VirtualClock& clock, Dice& dice, Weather& weather, Trace& trace)
    : timeline_(timeline), clock_(clock), dice_(dice), weather_(weather), trace_(trace)
{}

std::string Slack::next_ts()
{
    const auto milliseconds = clock_.true_time().time_since_epoch().count();
    auto fraction = std::to_string(1'000'000 + milliseconds % 1'000 * 1'000 + ++last_id_ % 1'000);
    return std::to_string(milliseconds / 1'000) + "." + fraction.substr(1);
}

void Slack::look_at(const std::string& method, const json::object& arguments)
{
    std::vector<std::string> found;
    if (const auto* view = arguments.if_contains("view")) {
        found = simulator::mistakes_in_view(view->as_object());
    }
    else if (method == "chat.postMessage" || method == "chat.update" || method == "chat.postEphemeral") {
        found = simulator::mistakes_in_message(arguments);
    }
    for (const auto& mistake : found) {
        mistakes.push_back(method + ": " + mistake);
    }
}

json::object Slack::call(const std::string& method, const json::object& arguments)
{
    look_at(method, arguments);
    if (method == "auth.test") {
        return {{"ok", true}, {"user_id", "U0BOT"}, {"bot_id", "B0BOT"}, {"team_id", "T0TEAM"}};
    }
    if (method == "apps.connections.open") {
        const auto ticket = id("ticket-");
        tickets_.insert(ticket);
        return {{"ok", true}, {"url", "wss://slack.test/link/?ticket=" + ticket}};
    }
    if (method == "chat.postMessage") {
        return post(arguments);
    }
    if (method == "chat.update") {
        return update(arguments);
    }
    if (method == "chat.postEphemeral") {
        const auto* blocks = arguments.if_contains("blocks");
        whispers.push_back(
            {text_at(arguments, "user"),
             text_at(arguments, "channel"),
             text_at(arguments, "text"),
             blocks == nullptr ? json::array{} : blocks->as_array()}
        );
        return {{"ok", true}, {"message_ts", next_ts()}};
    }
    if (method == "chat.getPermalink") {
        return {{"ok", true}, {"permalink", "https://slack.test/p" + text_at(arguments, "message_ts")}};
    }
    if (method == "conversations.history" || method == "conversations.replies") {
        return pages(arguments, method == "conversations.replies");
    }
    if (method == "conversations.open") {
        return {{"ok", true}, {"channel", {{"id", "D" + text_at(arguments, "users")}}}};
    }
    if (method == "views.open") {
        return open_view(arguments);
    }
    if (method == "views.update") {
        return update_view(arguments);
    }
    if (method == "users.info") {
        const auto found = people().find(text_at(arguments, "user"));
        return found == people().end() ? refused("user_not_found")
                                       : json::object{
                                             {"ok", true},
                                             {"user",
                                              {{"id", found->first},
                                               {"team_id", "T0TEAM"},
                                               {"profile", {{"real_name", found->second}}}}}};
    }
    if (method == "files.getUploadURLExternal") {
        const auto file = id("F");
        file_names_[file] = text_at(arguments, "filename");
        return {{"ok", true}, {"file_id", file}, {"upload_url", "https://slack.test/upload/" + file}};
    }
    if (method == "files.completeUploadExternal") {
        return complete_upload(arguments);
    }
    return {{"ok", true}, {"view", {{"id", id("V")}}}};  // views.publish
}

json::object Slack::post(const json::object& arguments)
{
    const auto* blocks = arguments.if_contains("blocks");
    Message message{
        text_at(arguments, "channel"),
        next_ts(),
        text_at(arguments, "thread_ts"),
        "U0BOT",
        text_at(arguments, "text"),
        {},
        blocks == nullptr ? json::array{} : blocks->as_array()};
    if (const auto* metadata = arguments.if_contains("metadata")) {
        message.outbox_id = text_at(metadata->at("event_payload").as_object(), "outbox_id");
        ++posted[message.outbox_id];
    }
    trace_.note("posted " + message.outbox_id + " " + message.ts + " " + message.text.substr(0, 60));
    channels[message.channel].push_back(message);
    return {{"ok", true}, {"channel", message.channel}, {"ts", message.ts}};
}

json::object Slack::update(const json::object& arguments)
{
    for (auto& message : channels[text_at(arguments, "channel")]) {
        if (message.ts == text_at(arguments, "ts")) {
            message.text = text_at(arguments, "text");
            message.blocks = arguments.at("blocks").as_array();
            trace_.note("updated " + message.ts + " " + message.text.substr(0, 60));
            return {{"ok", true}, {"ts", message.ts}};
        }
    }
    return refused("message_not_found");
}

json::object Slack::pages(const json::object& arguments, bool replies)
{
    const auto parent = text_at(arguments, "ts");
    const auto oldest = std::stod("0" + text_at(arguments, "oldest"));
    std::vector<const Message*> found;
    for (const auto& message : channels[text_at(arguments, "channel")]) {
        const bool wanted =
            replies ? message.thread_ts == parent || message.ts == parent : message.thread_ts.empty();
        if (wanted && std::stod(message.ts) >= oldest) {
            found.push_back(&message);
        }
    }
    if (!replies) {
        std::reverse(found.begin(), found.end());
    }
    const auto from = std::stoul("0" + text_at(arguments, "cursor"));
    json::array shown;
    for (auto at = from; at < std::min(found.size(), from + page); ++at) {
        shown.push_back(as_json(*found[at]));
    }
    const auto next = from + page < found.size() ? std::to_string(from + page) : std::string{};
    return {{"ok", true}, {"messages", shown}, {"response_metadata", {{"next_cursor", next}}}};
}

json::object Slack::complete_upload(const json::object& arguments)
{
    Message message{text_at(arguments, "channel_id"), next_ts(), text_at(arguments, "thread_ts"), "U0BOT"};
    message.files = arguments.at("files").as_array();
    for (auto& file : message.files) {
        file.as_object()["name"] = file_names_[text_at(file.as_object(), "id")];
        shared_files.push_back(text_at(file.as_object(), "title"));
        trace_.note("shared " + shared_files.back());
    }
    channels[message.channel].push_back(message);
    return {{"ok", true}, {"files", message.files}};
}

json::object Slack::open_view(const json::object& arguments)
{
    const auto trigger = triggers_.extract(text_at(arguments, "trigger_id"));
    if (trigger.empty()) {
        return refused("exchanged_trigger_id");
    }
    const auto& [user, issued] = trigger.mapped();
    if (timeline_.now() - issued > trigger_life) {
        return refused("expired_trigger_id");
    }
    Form form{id("V"), user, arguments.at("view").as_object()};
    trace_.note("form " + form.id + " " + text_at(form.view, "callback_id") + " for " + user);
    forms[form.id] = form;
    if (on_form) {
        on_form(form);
    }
    return {{"ok", true}, {"view", {{"id", form.id}}}};
}

json::object Slack::update_view(const json::object& arguments)
{
    const auto found = forms.find(text_at(arguments, "view_id"));
    if (found == forms.end()) {
        return refused("not_found");
    }
    auto& form = found->second;
    form.view = arguments.at("view").as_object();
    trace_.note("form " + form.id + " is " + text_at(form.view, "callback_id") + " now");
    if (on_form) {
        on_form(form);
    }
    return {{"ok", true}, {"view", {{"id", form.id}}}};
}

json::object Slack::comment(const json::object& input)
{
    const auto comment_id = text_at(input, "id");
    const bool repeated = std::any_of(comments.begin(), comments.end(), [&](const auto& each) {
        return each.first == comment_id;
    });
    if (repeated) {
        const auto presentable = "Entity Comment with id " + comment_id + " already exists.";
        return {
            {"errors",
             json::array{json::object{
                 {"message", "conflict on insert of Comment"},
                 {"extensions", {{"code", "INPUT_ERROR"}, {"userPresentableMessage", presentable}}}}}}};
    }
    trace_.note("comment " + comment_id + " " + text_at(input, "body"));
    comments.emplace_back(comment_id, text_at(input, "body"));
    return {{"data", {{"commentCreate", {{"success", true}, {"comment", {{"id", comment_id}}}}}}}};
}

bool Slack::takes_ticket(const std::string& url)
{
    return tickets_.erase(url.substr(url.find('=') + 1)) == 1;
}

void Slack::connected(std::shared_ptr<Wire> wire)
{
    std::erase_if(wires_, [](const auto& each) { return !each->is_open; });
    wires_.push_back(wire);
    const json::object hello{
        {"type", "hello"},
        {"num_connections", wires_.size()},
        {"debug_info", {{"approximate_connection_time", 600}}}};
    if (!weather_.strikes("no hello", 0.03)) {
        wire->send(json::serialize(hello));
    }
}

void Slack::warn()
{
    if (const auto wire = any_wire()) {
        wire->leaving = true;
        wire->send(R"({"type":"disconnect","reason":"warning"})");
        timeline_.after(Milliseconds{10'000}, [wire] {
            if (wire->is_open) {
                wire->hang_up();
            }
        });
    }
}

void Slack::cut_all()
{
    for (const auto& wire : wires_) {
        if (wire->is_open) {
            wire->hang_up();
        }
    }
}

std::shared_ptr<Wire> Slack::any_wire()
{
    std::vector<std::shared_ptr<Wire>> fit;
    std::copy_if(wires_.begin(), wires_.end(), std::back_inserter(fit), [](const auto& wire) {
        return wire->is_open && !wire->leaving;
    });
    return fit.empty() ? nullptr : dice_.pick(fit);
}

void Slack::deliver(const std::shared_ptr<Envelope>& envelope)
{
    if (envelope->attempt > 0 && dice_.chance(0.5)) {  // both were seen: a new envelope, and the same again
        envelopes_.erase(envelope->id);
        envelope->id = id("envelope-");
    }
    envelopes_[envelope->id] = envelope;
    envelope->sent = timeline_.now();
    json::object frame{
        {"envelope_id", envelope->id},
        {"type", envelope->type},
        {"accepts_response_payload", envelope->type != "events_api"},
        {"payload", envelope->payload}};
    if (envelope->type == "events_api") {
        frame["retry_attempt"] = envelope->attempt;
    }
    const auto text = json::serialize(frame);
    trace_.note("envelope " + envelope->id + " " + envelope->key);
    if (const auto wire = any_wire()) {
        wire->send(text);
        if (weather_.strikes("envelope twice", 0.05)) {
            envelope->sent_twice = true;
            timeline_.after(dice_.between(Milliseconds{0}, Milliseconds{8'000}), [this, text] {
                if (const auto other = any_wire()) {
                    other->send(text);
                }
            });
        }
    }
    timeline_.after(ack_deadline, [this, envelope] { judge(envelope); });
}

void Slack::judge(const std::shared_ptr<Envelope>& envelope)
{
    const bool is_event = envelope->type == "events_api";
    const auto again = is_event ? retry_after(envelope->attempt) : std::nullopt;
    if (envelope->acknowledged && !(again && weather_.strikes("event retried although acknowledged", 0.05))) {
        --in_flight_;
        return;
    }
    if (!again) {
        trace_.note("given up " + envelope->id);
        --in_flight_;
        return;
    }
    ++envelope->attempt;
    timeline_.after(*again, [this, envelope] { deliver(envelope); });
}

void Slack::received(const std::string& frame)
{
    const auto answer = json::parse(frame).as_object();
    const auto found = envelopes_.find(text_at(answer, "envelope_id"));
    if (found == envelopes_.end() || found->second->acknowledged ||
        timeline_.now() - found->second->sent > ack_deadline) {
        return;  // too late is as good as never
    }
    auto& envelope = *found->second;
    envelope.acknowledged = true;
    trace_.note("acknowledged " + envelope.id);
    if (!envelope.act) {
        return;
    }
    auto& act = acts.at(*envelope.act);
    const auto* payload = answer.if_contains("payload");
    const auto said = payload == nullptr ? std::string{} : json::serialize(*payload);
    if (payload != nullptr && envelope.type == "slash_commands") {
        for (const auto& mistake : simulator::mistakes_in_slash_answer(payload->as_object())) {
            mistakes.push_back("acknowledgement: " + mistake);
        }
    }
    const bool errors = said.find("\"errors\"") != std::string::npos;
    act.said += said;
    if (!envelope.form.empty() && !errors) {
        forms.erase(envelope.form);
        act.accepted = true;
    }
    if (opening_.contains(envelope.trigger)) {
        return;  // a form opens: nothing is to be remembered yet
    }
    // The second copy of an envelope is answered with nothing, whatever became of the first.
    if (act.when_done && !envelope.sent_twice) {
        const auto words = payload == nullptr ? std::string{} : text_at(payload->as_object(), "text");
        act.accepted =
            act.when_done->empty() ? words.empty() : words.find(*act.when_done) != std::string::npos;
    }
    act.acknowledged = true;
    on_acknowledged(act, envelope.key);
}

void Slack::trigger_used(const std::string& trigger) { opening_.insert(trigger); }

std::size_t Slack::begin(Act act)
{
    if (act.number > 0) {  // tried again
        return act.number - 1;
    }
    act.number = acts.size() + 1;
    trace_.note("act " + std::to_string(act.number) + " " + act.who + " " + act.what);
    acts.push_back(std::move(act));
    return acts.size() - 1;
}

void Slack::send_interaction(
    const std::string& type, json::object payload, std::size_t act, const std::string& form
)
{
    auto envelope = std::make_shared<Envelope>();
    envelope->id = id("envelope-");
    envelope->type = type;
    envelope->trigger = id("trigger-");
    envelope->key = "trigger:" + envelope->trigger;
    envelope->form = form;
    envelope->act = act;
    payload["trigger_id"] = envelope->trigger;
    triggers_[envelope->trigger] = {acts.at(act).who, timeline_.now()};
    envelope->payload = std::move(payload);
    ++in_flight_;
    deliver(envelope);
}

void Slack::send_event(json::object event, std::optional<std::size_t> act)
{
    auto envelope = std::make_shared<Envelope>();
    const auto event_id = id("Ev");
    envelope->id = id("envelope-");
    envelope->type = "events_api";
    envelope->key = "event:" + event_id;
    envelope->act = act;
    envelope->payload = {{"team_id", "T0TEAM"}, {"event_id", event_id}, {"event", std::move(event)}};
    ++in_flight_;
    deliver(envelope);
}

std::size_t Slack::slash(
    const std::string& user, const std::string& command, const std::string& text, Act act
)
{
    act.who = user;
    act.what = command + " " + text;
    act.must_be_remembered = true;
    const auto number = begin(std::move(act));
    send_interaction(
        "slash_commands",
        {{"team_id", "T0TEAM"},
         {"channel_id", "C0DEPLOYS"},
         {"user_id", user},
         {"command", command},
         {"text", text}},
        number
    );
    return number;
}

json::object Slack::interaction(const std::string& type, const std::string& user)
{
    return {{"type", type}, {"user", {{"id", user}, {"team_id", "T0TEAM"}}}, {"team", {{"id", "T0TEAM"}}}};
}

std::size_t Slack::press(const std::string& user, const Message& message, const json::object& button, Act act)
{
    act.who = user;
    act.what = "presses " + text_at(button, "action_id") + " " + text_at(button, "value");
    act.must_be_remembered = true;
    const auto number = begin(std::move(act));
    auto payload = interaction("block_actions", user);
    payload["channel"] = {{"id", message.channel}};
    payload["container"] = {{"type", "message"}, {"message_ts", message.ts}, {"channel_id", message.channel}};
    json::object action{{"type", button.at("type")}, {"action_id", button.at("action_id")}};
    const auto value = text_at(button, "value");
    if (text_at(button, "type") == "overflow") {
        action["selected_option"] = {{"value", value}};
    }
    else {
        action["value"] = value;
    }
    payload["actions"] = json::array{std::move(action)};
    send_interaction("interactive", std::move(payload), number);
    return number;
}

std::size_t Slack::submit(const Form& form, json::object values, Act act)
{
    act.who = form.user;
    act.what = "submits " + text_at(form.view, "callback_id");
    act.must_be_remembered = true;
    const auto number = begin(std::move(act));
    auto payload = interaction("view_submission", form.user);
    auto view = form.view;
    view["id"] = form.id;
    view["state"] = {{"values", std::move(values)}};
    payload["view"] = std::move(view);
    send_interaction("interactive", std::move(payload), number, form.id);
    return number;
}

std::size_t Slack::reply(const std::string& user, const Message& parent, const std::string& text, Act act)
{
    Message message{parent.channel, next_ts(), parent.ts, user, text};
    act.who = user;
    act.what = "replies " + text + " under " + parent.ts;
    act.marker = "p" + message.ts;
    act.event = "signed_off";
    act.must_be_remembered = true;
    act.thread = parent.ts;
    act.ts = message.ts;
    act.at = clock_.true_time();
    const auto number = begin(std::move(act));
    channels[message.channel].push_back(message);
    auto event = as_json(message);
    event["channel"] = message.channel;
    send_event(std::move(event), number);
    return number;
}

void Slack::open_home(const std::string& user)
{
    send_event({{"type", "app_home_opened"}, {"user", user}, {"tab", "home"}}, std::nullopt);
}

}  // namespace simulation
