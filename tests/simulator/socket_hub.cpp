#include "tests/simulator/socket_hub.hpp"

#include <algorithm>

namespace simulator {

namespace {

using slipway::net::Frame;
using slipway::net::WebSocket;
using namespace std::chrono_literals;

constexpr std::chrono::seconds dead_peer_noticed{40};

boost::asio::awaitable<void> write(std::shared_ptr<WebSocket> socket, std::string text)
{
    co_await socket->send(std::move(text));
}

}  // namespace

SocketHub::SocketHub(
    boost::asio::any_io_executor executor,
    SimulatedClock& clock,
    Agenda& agenda,
    Changes& changes,
    Transcript& transcript,
    Faults& faults
)
    : clock_(clock),
      agenda_(agenda),
      changes_(changes),
      transcript_(transcript),
      faults_(faults),
      tasks_(executor)
{}

std::string SocketHub::new_ticket()
{
    auto ticket = "ticket-" + std::to_string(++last_envelope_);
    tickets_.insert(ticket);
    return ticket;
}

int SocketHub::accepts(const std::string& target)
{
    const bool is_fresh = tickets_.erase(ticket_in(target)) == 1;
    const auto fault = faults_.next({"link"});
    if (fault && fault->what == Fault::What::status) {
        return fault->status;
    }
    return is_fresh ? 101 : 409;
}

const SocketHub::Open* SocketHub::next_connection()
{
    for (std::size_t tried = 0; tried < open_.size(); ++tried) {
        const auto& open = open_[turn_++ % open_.size()];
        if (!open.leaving) {
            return &open;
        }
    }
    return nullptr;
}

void SocketHub::push(const Open& connection, std::string text)
{
    if (!connection.is_half_open) {
        tasks_.spawn(write(connection.socket, std::move(text)), [](std::exception_ptr) {
        });  // a socket that is gone is seen by its reader
    }
}

void SocketHub::forget(int number, int close_code)
{
    std::erase_if(open_, [number](const Open& each) { return each.number == number; });
    transcript_.add(Entry::Kind::connection, "", "", "closed", {{"number", number}, {"code", close_code}});
    changes_.notify();
}

boost::asio::awaitable<void> SocketHub::serve(std::shared_ptr<WebSocket> socket)
{
    const int number = ++ever_;
    open_.push_back({number, socket});
    transcript_.add(Entry::Kind::connection, "", "", "opened", {{"number", number}});
    const auto fault = faults_.next({"hello"});
    if (fault && fault->what == Fault::What::delay) {
        co_await clock_.sleep_for(fault->delay);
    }
    const bool is_half_open = fault && fault->what == Fault::What::half_open;
    if (!fault || fault->what == Fault::What::delay || is_half_open) {
        const json::object hello{
            {"type", "hello"},
            {"num_connections", open_.size()},
            {"debug_info",
             {{"host", "applink-1"}, {"approximate_connection_time", approximate_connection_time}}},
            {"connection_info", {{"app_id", "A0SLIPWAY"}}},
        };
        co_await socket->send(json::serialize(hello));
    }
    changes_.notify();
    if (is_half_open) {
        const auto dead = std::find_if(open_.begin(), open_.end(), [number](const Open& each) {
            return each.number == number;
        });
        dead->is_half_open = true;
        co_await clock_.sleep_for(dead_peer_noticed);
        socket->abort();
        forget(number, 1006);
        co_return;
    }
    const auto waiting = std::exchange(undelivered_, {});
    for (const auto index : waiting) {
        deliver(index);
    }
    int close_code = 0;
    for (;;) {
        const auto frame = co_await socket->read();
        if (frame.kind == Frame::Kind::closed) {
            close_code = frame.close_code;
            break;
        }
        if (frame.kind == Frame::Kind::text && frame.payload.size() >= longest_frame) {
            transcript_.refuse("acknowledgement", {"a frame of 20,480 bytes or more"});
            socket->abort();
            break;
        }
        if (frame.kind == Frame::Kind::text) {
            take_ack(frame.payload);
        }
    }
    forget(number, close_code);
}

std::string SocketHub::send(const std::string& type, json::object payload, bool accepts_payload)
{
    Sent sent;
    sent.envelope_id = "envelope-" + std::to_string(++last_envelope_);
    sent.type = type;
    sent.payload = std::move(payload);
    sent.accepts_payload = accepts_payload;
    const auto index = sent_.size();
    by_id_[sent.envelope_id] = index;
    sent_.push_back(std::move(sent));
    deliver(index);
    return sent_[index].envelope_id;
}

void SocketHub::deliver(std::size_t index)
{
    auto& sent = sent_[index];
    const auto* connection = next_connection();
    if (connection == nullptr) {
        wait_for_connection(index);
        return;
    }
    auto text = frame_of(sent);
    sent.at = clock_.steady_now();
    transcript_.add(
        Entry::Kind::envelope, "", "", sent.type, {{"id", sent.envelope_id}, {"attempt", sent.attempt}}
    );
    const auto fault = faults_.next({"envelope"});
    if (fault && fault->what == Fault::What::malformed) {
        text.resize(text.size() - 20);
    }
    if (!fault || fault->what != Fault::What::drop) {
        push(*connection, text);
    }
    if (fault && fault->what == Fault::What::duplicate) {
        push(*next_connection(), text);
    }
    agenda_.after(ack_deadline, [this, index] { judge(index); });
}

void SocketHub::wait_for_connection(std::size_t index)
{
    auto& sent = sent_[index];
    if (sent.type != "events_api") {
        give_up(sent);  // commands and interactions are not kept for later
        return;
    }
    undelivered_.push_back(index);
    const auto again = retry_after(sent.attempt);
    agenda_.after(ack_deadline + again.value_or(0s), [this, index, attempt = sent.attempt] {
        auto& waiting = sent_[index];
        if (waiting.attempt != attempt || std::erase(undelivered_, index) == 0) {
            return;
        }
        if (!retry_after(attempt)) {
            give_up(waiting);
            return;
        }
        ++waiting.attempt;
        deliver(index);
    });
}

void SocketHub::judge(std::size_t index)
{
    auto& sent = sent_[index];
    if (sent.acked || clock_.steady_now() - sent.at < ack_deadline) {
        return;
    }
    const auto again = sent.type == "events_api" ? retry_after(sent.attempt) : std::nullopt;
    if (!again) {
        transcript_.add(
            Entry::Kind::complaint, "", "", "no acknowledgement within 3 s", {{"id", sent.envelope_id}}
        );
        give_up(sent);
        return;
    }
    ++sent.attempt;
    agenda_.after(*again, [this, index] { deliver(index); });
}

void SocketHub::give_up(Sent& sent)
{
    ++answered_;
    sent.lost = true;
    changes_.notify();
}

void SocketHub::take_ack(const std::string& text)
{
    boost::system::error_code error;
    const auto parsed = json::parse(text, error);
    const auto id =
        !error && parsed.is_object() ? text_at(parsed.get_object(), "envelope_id") : std::string{};
    const auto known = by_id_.find(id);
    if (known == by_id_.end()) {
        transcript_.add(Entry::Kind::complaint, "", "", "an acknowledgement of nothing", {{"text", text}});
        return;
    }
    auto* found = &sent_[known->second];
    const auto latency =
        std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady_now() - found->at);
    found->late = latency > ack_deadline;
    answered_ += found->acked || found->late ? 0U : 1U;
    found->acked = found->acked || !found->late;
    if (const auto* payload = object_at(parsed.get_object(), "payload")) {
        found->answer = *payload;
        transcript_.refuse("acknowledgement of " + found->type, mistakes_in_answer(*found));
    }
    transcript_.add(
        Entry::Kind::ack,
        "",
        "",
        id,
        {{"latency_ms", latency.count()},
         {"late", found->late},
         {"answers", object_at(parsed.get_object(), "payload") != nullptr}}
    );
    changes_.notify();
}

void SocketHub::disconnect(const std::string& reason, bool all)
{
    const json::object frame{
        {"type", "disconnect"}, {"reason", reason}, {"debug_info", {{"host", "applink-1"}}}};
    for (auto& each : open_) {
        push(each, json::serialize(frame));
        each.leaving = true;
        if (!all) {
            break;
        }
    }
}

void SocketHub::cut()
{
    for (const auto& each : open_) {
        each.socket->abort();
    }
}

void SocketHub::send_raw(const std::string& text)
{
    if (!open_.empty()) {
        push(open_.front(), text);
    }
}

const Sent* SocketHub::sent(const std::string& envelope_id) const
{
    const auto found = by_id_.find(envelope_id);
    return found == by_id_.end() ? nullptr : &sent_[found->second];
}

}  // namespace simulator
