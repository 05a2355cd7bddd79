#include "bot/slack/socket_session.hpp"

#include "bot/net/failure.hpp"
#include "bot/runtime/log.hpp"
#include "bot/slack/call.hpp"
#include "commands/text/json_members.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace slipway::slack {

namespace {

namespace json = boost::json;

/// A frame of 20,480 bytes or more is dropped by Slack without a word; this leaves room.
constexpr std::size_t longest_ack = 16 * 1024;
constexpr std::chrono::milliseconds close_limit{1'000};
/// Slack does not wait longer for an acknowledgement.
constexpr std::chrono::milliseconds ack_limit{3'000};
constexpr std::chrono::milliseconds replacement_nap{50};
constexpr std::chrono::milliseconds stop_limit{1'000};
/// Slack sends an event again after a minute: what a shorter gap swallowed comes by itself.
constexpr std::chrono::minutes shortest_gap{1};
/// Further envelopes wait in the socket, where TCP slows Slack down.
constexpr std::size_t most_in_hand = 20'000;
constexpr std::chrono::milliseconds pressure_nap{5};

bool is_fatal(const std::string& code)
{
    static constexpr std::array codes{
        "not_authed",
        "invalid_auth",
        "account_inactive",
        "user_removed_from_team",
        "team_disabled",
        "token_revoked",
        "token_expired",
        "not_allowed_token_type",
        "forbidden_team",
        "missing_scope",
    };
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

std::string fatal_sentence(const std::string& code)
{
    return "Slack refuses the app-level token (" + code +
           "): give a valid SLACK_APP_TOKEN with the scope connections:write and start again";
}

}  // namespace

SocketSession::SocketSession(
    boost::asio::any_io_executor executor,
    net::HttpClient& http,
    net::WebSocketConnector& connector,
    Clock& clock,
    Random& random,
    Setup setup
)
    : http_(http),
      connector_(connector),
      clock_(clock),
      setup_(std::move(setup)),
      protocol_(setup_.connections, random, clock.steady_now()),
      wakeup_(executor),
      tasks_(executor)
{}

void SocketSession::wake() { wakeup_.ring(); }

void SocketSession::spawn(boost::asio::awaitable<void> task)
{
    tasks_.spawn(std::move(task), [this](std::exception_ptr error) {
        log::error("Socket Mode task ended: {}", net::message_of(error));
        wake();
    });
}

boost::asio::awaitable<void> SocketSession::run()
{
    for (;;) {
        if (!fatal_.empty()) {
            throw FatalSlackError(fatal_);
        }
        perform(protocol_.tick(clock_.steady_now()));
        const auto now = clock_.steady_now();
        const auto nap = std::chrono::ceil<std::chrono::milliseconds>(protocol_.next_tick(now) - now);
        co_await wakeup_.wait(clock_, nap);
    }
}

void SocketSession::perform(const SocketActions& actions)
{
    for (const auto& action : actions) {
        if (const auto* open = std::get_if<OpenConnection>(&action)) {
            spawn(connect(open->connection));
        }
        else if (const auto* deliver = std::get_if<Deliver>(&action)) {
            spawn(handle(deliver->connection, deliver->envelope));
        }
        else if (const auto* broken = std::get_if<DeliverBroken>(&action)) {
            spawn(handle_broken(*broken));
        }
        else if (const auto* quiet = std::get_if<SendPing>(&action)) {
            if (const auto found = sockets_.find(quiet->connection); found != sockets_.end()) {
                spawn(ping(found->second));
            }
        }
        else if (const auto* leave = std::get_if<CloseConnection>(&action)) {
            if (const auto found = sockets_.find(leave->connection); found != sockets_.end()) {
                spawn(close(found->second));
            }
        }
        else if (const auto* dead = std::get_if<AbortConnection>(&action)) {
            if (const auto found = sockets_.find(dead->connection); found != sockets_.end()) {
                found->second->abort();
            }
        }
        else if (const auto* told = std::get_if<Tell>(&action)) {
            told->is_trouble ? log::warn("{}", told->what) : log::info("{}", told->what);
        }
    }
}

boost::asio::awaitable<std::optional<std::string>> SocketSession::ask_for_url(ConnectionId id)
{
    net::HttpRequest request;
    request.method = "POST";
    request.url = setup_.open_url;
    request.headers = {
        {"Authorization", "Bearer " + setup_.app_token},
        {"Content-Type", "application/x-www-form-urlencoded"}};
    const auto outcome = co_await http_.send(std::move(request));
    const auto answer = read_answer(outcome);
    if (const auto* body = std::get_if<json::object>(&answer)) {
        if (auto url = text_at(*body, "url"); !url.empty()) {
            co_return url;
        }
    }
    std::chrono::milliseconds after{0};
    std::string why = "apps.connections.open: ";
    if (const auto* later = std::get_if<RetryLater>(&answer)) {
        after = later->after;
        why += later->why;
    }
    else if (const auto* rejected = std::get_if<Rejected>(&answer)) {
        why += rejected->code;
        if (is_fatal(rejected->code)) {
            fatal_ = fatal_sentence(rejected->code);
        }
    }
    else {
        why += "no address in the answer";
    }
    log::warn("{}", why);
    perform(protocol_.failed(id, clock_.steady_now(), after, std::move(why)));
    wake();
    co_return std::nullopt;
}

boost::asio::awaitable<void> SocketSession::connect(ConnectionId id)
{
    auto url = co_await ask_for_url(id);
    if (!url || stopping_) {
        co_return;
    }
    auto outcome = co_await connector_.connect(std::move(*url), net::Limits{});
    if (!outcome) {
        auto why = "websocket to " + outcome.error().host + ": " + outcome.error().message;
        log::warn("{}", why);
        perform(protocol_.failed(id, clock_.steady_now(), {}, std::move(why)));
        wake();
        co_return;
    }
    const Socket socket = std::move(*outcome);
    sockets_[id] = socket;
    perform(protocol_.opened(id, clock_.steady_now()));
    wake();
    co_await read(id, socket);
}

void SocketSession::take(ConnectionId id, const net::Frame& frame)
{
    if (frame.kind == net::Frame::Kind::text && !stopping_) {
        perform(protocol_.text(id, frame.payload, clock_.steady_now()));
        wake();
    }
    else {
        protocol_.heard(id);
    }
    if (!protocol_.any_live()) {
        return;
    }
    const auto now = clock_.now();
    if (!last_heard_ || now - *last_heard_ > shortest_gap) {
        setup_.after_gap();
    }
    last_heard_ = now;
}

boost::asio::awaitable<void> SocketSession::read(ConnectionId id, Socket socket)
{
    int close_code = 0;
    for (;;) {
        while (in_hand_.size() >= most_in_hand) {
            co_await clock_.sleep_for(pressure_nap);
        }
        auto frame = co_await socket->read();
        if (frame.kind == net::Frame::Kind::closed) {
            close_code = frame.close_code;
            break;
        }
        take(id, frame);
    }
    sockets_.erase(id);
    perform(protocol_.closed(id, clock_.steady_now(), close_code));
    wake();
}

boost::asio::awaitable<void> SocketSession::close(Socket socket) { co_await socket->close(close_limit); }

boost::asio::awaitable<void> SocketSession::ping(Socket socket) { co_await socket->ping(); }

boost::asio::awaitable<void> SocketSession::handle(ConnectionId id, Envelope envelope)
{
    const auto [place, is_first] = in_hand_.try_emplace(envelope.id);
    place->second.push_back(id);
    if (!is_first) {
        co_return;  // acknowledged with the first, as that one is
    }
    const std::shared_ptr<void> held(nullptr, [this, key = envelope.id](void*) { in_hand_.erase(key); });
    auto given = envelope;
    auto payload = co_await setup_.handler(std::move(given));
    if (!payload) {
        co_return;
    }
    json::object frame{{"envelope_id", envelope.id}};
    if (!payload->empty() && envelope.accepts_response_payload) {
        frame["payload"] = *payload;
    }
    auto text = json::serialize(frame);
    const bool is_too_large = text.size() >= longest_ack;
    if (is_too_large) {
        text = json::serialize(json::object{{"envelope_id", envelope.id}});
    }
    const auto& connections = in_hand_.at(envelope.id);
    for (std::size_t each = 0; each < connections.size(); ++each) {  // more may come meanwhile
        auto copy = text;
        co_await acknowledge(connections[each], std::move(copy));
    }
    if (is_too_large) {
        auto answer = std::move(*payload);
        co_await setup_.too_large(std::move(envelope), std::move(answer));
    }
}

boost::asio::awaitable<void> SocketSession::handle_broken(DeliverBroken broken)
{
    const auto id = broken.connection;
    auto text = json::serialize(json::object{{"envelope_id", broken.envelope_id}});
    co_await setup_.broken(std::move(broken));
    co_await acknowledge(id, std::move(text));
}

boost::asio::awaitable<void> SocketSession::acknowledge(ConnectionId id, std::string text)
{
    const auto deadline = clock_.steady_now() + ack_limit;
    while (clock_.steady_now() < deadline) {
        auto found = sockets_.find(id);
        if (found == sockets_.end()) {  // the socket that delivered is gone; Slack takes the ack on any other
            const auto other = protocol_.any_live();
            found = other ? sockets_.find(*other) : sockets_.end();
        }
        if (found != sockets_.end()) {
            const Socket socket = found->second;
            auto frame = text;
            const bool is_sent = co_await socket->send(std::move(frame));
            if (is_sent) {
                co_return;
            }
        }
        co_await clock_.sleep_for(replacement_nap);
    }
}

boost::asio::awaitable<void> SocketSession::break_off()
{
    tasks_.cancel_all();
    co_await tasks_.wait();
}

boost::asio::awaitable<void> SocketSession::shut_down()
{
    stopping_ = true;
    const auto deadline = clock_.steady_now() + stop_limit;
    while (!in_hand_.empty() && clock_.steady_now() < deadline) {
        co_await clock_.sleep_for(pressure_nap);
    }
    perform(protocol_.stop());
    while (!sockets_.empty() && clock_.steady_now() < deadline + close_limit) {
        co_await clock_.sleep_for(pressure_nap);
    }
}

}  // namespace slipway::slack
