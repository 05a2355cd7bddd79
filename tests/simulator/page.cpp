#include "tests/simulator/page.hpp"

#include "tests/simulator/page_files.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace simulator {

namespace {

using slipway::net::header;
using slipway::net::ServerRequest;
using slipway::net::ServerResponse;

constexpr std::size_t remembered_acts = 30;
constexpr std::chrono::seconds longest_poll{20};         // below the server's limit for an idle connection
constexpr std::chrono::milliseconds between_looks{250};  // at the record, which cannot call us
constexpr std::chrono::seconds ack_limit{3};             // Slack's: then an act has failed

/// A wish of the page that cannot be fulfilled; the message is shown.
struct Refused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

const char* type_of(const std::string& path)
{
    static const std::map<std::string, const char*> types{
        {".html", "text/html; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".svg", "image/svg+xml"},
    };
    const auto found = types.find(std::filesystem::path(path).extension().string());
    return found == types.end() ? "text/plain; charset=utf-8" : found->second;
}

ServerResponse as_response(int status, const json::object& body)
{
    return {
        status,
        {{"Content-Type", "application/json; charset=utf-8"}, {"Cache-Control", "no-store"}},
        json::serialize(body)};
}

ServerResponse refusal(int status, const std::string& why) { return as_response(status, {{"error", why}}); }

int block_of(const json::object& wish)
{
    const auto* block = wish.if_contains("block");
    return block != nullptr && block->is_int64() ? static_cast<int>(block->get_int64()) : -1;
}

}  // namespace

Page::Page(boost::asio::any_io_executor executor, Server& server, PageSources sources, Options options)
    : server_(server), sources_(std::move(sources)), options_(std::move(options))
{
    slipway::net::ServerOptions listening;
    listening.port = options_.port;
    http_ = slipway::net::make_http_server(executor, listening, [this](ServerRequest request) {
        return answer(std::move(request));
    });
    for (const auto& [id, user] : server_.workspace.users) {
        if (!user.is_bot) {
            (void)server_.workspace.direct_messages(id);  // people can always write to the bot
        }
    }
    // The mover may be on another thread; those who wait for changes are not.
    listener_ = server_.clock.on_move([&changes = server_.changes, executor] {
        boost::asio::post(executor, [&changes] { changes.notify(); });
    });
}

Page::~Page() { server_.clock.forget(listener_); }

std::string Page::address() const { return "http://127.0.0.1:" + std::to_string(http_->port()) + "/"; }

boost::asio::awaitable<void> Page::run() { return http_->run(); }

void Page::set_notice(std::string notice)
{
    notice_ = std::move(notice);
    server_.changes.notify();
}

/// A page of another site must not act here, nor read along under a name that leads here.
bool Page::is_ours(const ServerRequest& request) const
{
    const auto port = ":" + std::to_string(http_->port());
    const auto host = header(request.headers, "Host");
    const auto origin = header(request.headers, "Origin");
    return (host == "127.0.0.1" + port || host == "localhost" + port) &&
           (origin.empty() || origin == "http://" + host);
}

boost::asio::awaitable<ServerResponse> Page::answer(ServerRequest request)
{
    const auto question = request.target.find('?');
    const auto path = request.target.substr(0, question);
    if (!is_ours(request)) {
        co_return refusal(403, "this page is for this machine only");
    }
    if (path == "/page/act" && request.method == "POST") {
        if (!header(request.headers, "Content-Type").starts_with("application/json")) {
            co_return refusal(415, "send JSON");
        }
        auto done = co_await act(std::move(request.body));
        co_return done;
    }
    if (request.method != "GET" && request.method != "HEAD") {
        co_return refusal(405, "only GET is answered here");
    }
    if (path == "/page/state") {
        auto query = question == std::string::npos ? std::string{} : request.target.substr(question + 1);
        auto shown = co_await state(std::move(query));
        co_return shown;
    }
    if (path == "/page/commands") {
        co_return as_response(200, {{"commands", sources_.commands}});
    }
    co_return file(path == "/" ? "index.html" : path.substr(1));
}

ServerResponse Page::file(const std::string& path) const
{
    const auto known = page_files().find(path);
    if (known == page_files().end()) {
        return {404, {{"Content-Type", "text/plain; charset=utf-8"}}, "nothing here\n"};
    }
    ServerResponse response;
    response.headers = {
        {"Content-Type", type_of(path)},
        {"Cache-Control", "no-cache"},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
        {"Content-Security-Policy",
         "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
         "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    };
    response.body = known->second;
    if (!options_.folder.empty()) {  // known above, so `path` leads nowhere else
        std::ostringstream text;
        text << std::ifstream(options_.folder / path, std::ios::binary).rdbuf();
        response.body = text.str();
    }
    return response;
}

std::string Page::version() const
{
    const auto recorded = sources_.record_version ? sources_.record_version() : 0;
    return std::to_string(server_.changes.count()) + "." + std::to_string(recorded);
}

json::array Page::acts() const
{
    json::array shown;
    for (const auto& id : recent_acts_) {
        const auto* sent = server_.hub.sent(id);
        const bool lost = sent == nullptr || sent->lost;
        const auto* state = lost ? "lost" : sent->acked ? "done" : "waiting";
        shown.push_back(json::object{{"id", id}, {"state", state}});
    }
    return shown;
}

json::object Page::seen_by(const std::string& user) const
{
    auto shown = workspace_seen_by(user, server_);
    shown["as"] = user;
    shown["notice"] = notice_;
    shown["acts"] = acts();
    shown["record"] = sources_.record ? sources_.record() : json::object{};
    return shown;
}

boost::asio::awaitable<ServerResponse> Page::state(std::string query)
{
    const auto arguments = form_arguments(query);
    const auto user = text_at(arguments, "as");
    if (!server_.workspace.users.contains(user)) {
        co_return refusal(404, "nobody here is called " + user);
    }
    const auto known = text_at(arguments, "since");
    const auto ends = std::chrono::steady_clock::now() + longest_poll;
    const std::function<bool()> is_newer = [this, known] { return version() != known; };
    while (!is_newer() && std::chrono::steady_clock::now() < ends) {
        co_await server_.changes.until(is_newer, between_looks);
    }
    const auto seen = version();
    auto shown = seen_by(user);
    shown["version"] = seen;
    co_return as_response(200, shown);
}

/// Lets the bot answer what it was sent before the clock is moved under it: Slack's three seconds are counted
/// on that clock.
boost::asio::awaitable<void> Page::settle()
{
    const std::function<bool()> answered = [this] {
        const auto& sent = server_.hub.all_sent();
        return std::all_of(sent.begin(), sent.end(), [](const Sent& each) {
            return each.acked || each.lost || each.attempt > 0;
        });
    };
    co_await server_.changes.until(answered, ack_limit);
}

boost::asio::awaitable<ServerResponse> Page::act(std::string body)
{
    boost::system::error_code failure;
    const auto parsed = json::parse(body, failure);
    if (failure || !parsed.is_object()) {
        co_return refusal(400, "that is no JSON object");
    }
    const auto& wish = parsed.get_object();
    if (text_at(wish, "do") == "clock") {
        co_await settle();
    }
    try {
        const auto id = perform(wish);
        co_return as_response(200, {{"id", id}});
    }
    catch (const Refused& why) {
        co_return refusal(409, why.what());
    }
}

std::string Page::note(std::string envelope_id)
{
    if (envelope_id.empty()) {
        throw Refused("That is no longer there.");
    }
    recent_acts_.push_back(envelope_id);
    if (recent_acts_.size() > remembered_acts) {
        recent_acts_.pop_front();
    }
    return envelope_id;
}

std::string Page::perform(const json::object& wish)
{
    if (!notice_.empty()) {
        throw Refused(notice_);
    }
    const auto user = text_at(wish, "as");
    const auto person = server_.workspace.users.find(user);
    if (person == server_.workspace.users.end() || person->second.deleted) {
        throw Refused("Nobody can act as " + user + ".");
    }
    const auto what = text_at(wish, "do");
    if (what == "clock") {
        return move_clock(wish);
    }
    if (what == "say") {
        return say(user, wish);
    }
    if (what == "slash") {
        return command(user, wish);
    }
    if (what == "use") {
        const People::Place place{
            text_at(wish, "channel"),
            text_at(wish, "ts"),
            text_at(wish, "view"),
            block_of(wish),
            text_at(wish, "action_id")};
        if (!place.channel.empty() && !server_.workspace.is_member(place.channel, user)) {
            throw Refused("Join the channel first.");
        }
        const auto* chosen = wish.if_contains("chosen");
        return note(server_.people.use(user, place, chosen == nullptr ? json::value(nullptr) : *chosen));
    }
    if (what == "submit") {
        const auto* fields = object_at(wish, "fields");
        return note(server_.people.submit(user, fields == nullptr ? json::object{} : *fields));
    }
    if (what == "close") {
        server_.people.close_modal(user);
        return {};
    }
    if (what == "home") {
        server_.people.open_home(user);
        return {};
    }
    return change(user, wish);
}

std::string Page::say(const std::string& user, const json::object& wish)
{
    const auto channel = text_at(wish, "channel");
    const auto text = text_at(wish, "text");
    if (!server_.workspace.is_member(channel, user)) {
        throw Refused("Join the channel first.");
    }
    if (text.empty()) {
        throw Refused("There is nothing to say yet.");
    }
    (void)server_.people.reply(user, channel, text_at(wish, "thread_ts"), text);
    return {};
}

std::string Page::command(const std::string& user, const json::object& wish)
{
    const auto channel = text_at(wish, "channel");
    if (!server_.workspace.channels.contains(channel)) {
        throw Refused("There is no such channel.");
    }
    return note(server_.people.slash(user, channel, text_at(wish, "command"), text_at(wish, "text")));
}

/// What people do to messages and channels without the bot.
std::string Page::change(const std::string& user, const json::object& wish)
{
    const auto what = text_at(wish, "do");
    const auto channel = text_at(wish, "channel");
    const auto ts = text_at(wish, "ts");
    auto& workspace = server_.workspace;
    if (what == "join" && workspace.channels.contains(channel) &&
        !workspace.channels.at(channel).is_private) {
        workspace.join(channel, user);
        return {};
    }
    if (what == "dismiss") {
        for (auto& each : workspace.ephemerals) {
            each.deleted = each.deleted || (each.user == user && each.ts == ts);
        }
        server_.changes.notify();
        return {};
    }
    auto* message = workspace.message(channel, ts);
    if (message == nullptr || !workspace.is_member(channel, user)) {
        throw Refused("That is no longer there.");
    }
    if (what == "react") {
        const auto name = text_at(wish, "name");
        if (!workspace.react(channel, ts, user, name)) {
            auto& given = message->reactions[name];
            std::erase(given, user);
            if (given.empty()) {
                message->reactions.erase(name);
            }
            server_.changes.notify();
        }
        return {};
    }
    const bool own = message->user == user;
    if (what == "edit" && own && !text_at(wish, "text").empty()) {
        server_.people.edit(user, channel, ts, text_at(wish, "text"));
        return {};
    }
    if (what == "delete" && own) {
        workspace.remove(channel, ts, user);
        return {};
    }
    throw Refused("That cannot be done here.");
}

/// By `minutes`, or to the moment `to` (UNIX seconds).
std::string Page::move_clock(const json::object& wish)
{
    constexpr std::int64_t furthest = std::int64_t{366} * 24 * 60;  // minutes
    const auto* minutes = wish.if_contains("minutes");
    const auto* to = wish.if_contains("to");
    if (minutes != nullptr && minutes->is_int64() && minutes->get_int64() > 0 &&
        minutes->get_int64() <= furthest) {
        server_.clock.advance(std::chrono::minutes{minutes->get_int64()});
        return {};
    }
    if (to != nullptr && to->is_int64()) {
        const Instant wall{std::chrono::seconds{to->get_int64()}};
        if (wall > server_.clock.now() && wall - server_.clock.now() <= std::chrono::minutes{furthest}) {
            server_.clock.set(wall);
            return {};
        }
    }
    throw Refused("The clock moves forward only, by a year at most.");
}

}  // namespace simulator
