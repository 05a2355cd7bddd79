#include "tests/storms/envelopes.hpp"

#include <algorithm>

namespace simulation {

namespace {

constexpr Milliseconds ack_deadline = simulator::ack_deadline;

}  // namespace

std::string Envelopes::new_ticket()
{
    auto ticket = "ticket-" + std::to_string(++last_id_);
    tickets_.insert(ticket);
    return ticket;
}

bool Envelopes::takes_ticket(const std::string& url)
{
    return tickets_.erase(simulator::ticket_in(url)) == 1;
}

void Envelopes::connected(std::shared_ptr<Wire> wire)
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

void Envelopes::warn()
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

void Envelopes::cut_all()
{
    for (const auto& wire : wires_) {
        if (wire->is_open) {
            wire->hang_up();
        }
    }
}

std::shared_ptr<Wire> Envelopes::any_wire()
{
    std::vector<std::shared_ptr<Wire>> fit;
    std::copy_if(wires_.begin(), wires_.end(), std::back_inserter(fit), [](const auto& wire) {
        return wire->is_open && !wire->leaving;
    });
    return fit.empty() ? nullptr : dice_.pick(fit);
}

Act& Envelopes::act(Act act, const std::function<void()>& does)
{
    if (act.number == 0) {
        act.number = acts.size() + 1;
        trace_.note("act " + std::to_string(act.number) + " " + act.who + " " + act.what);
        acts.push_back(act);
    }
    doing_ = act.number - 1;
    does();
    doing_.reset();
    return acts.at(act.number - 1);
}

std::string Envelopes::send(const std::string& type, json::object payload, bool accepts_payload)
{
    auto envelope = std::make_shared<Envelope>();
    envelope->envelope_id = next_id();
    envelope->type = type;
    envelope->accepts_payload = accepts_payload;
    envelope->trigger = text_at(payload, "trigger_id");
    envelope->key =
        type == "events_api" ? "event:" + text_at(payload, "event_id") : "trigger:" + envelope->trigger;
    envelope->act = doing_;
    envelope->payload = std::move(payload);
    ++in_flight_;
    deliver(envelope);
    return envelope->envelope_id;
}

const simulator::Sent* Envelopes::sent(const std::string& envelope_id) const
{
    const auto found = envelopes_.find(envelope_id);
    return found == envelopes_.end() ? nullptr : found->second.get();
}

void Envelopes::deliver(const std::shared_ptr<Envelope>& envelope)
{
    if (envelope->attempt > 0 && dice_.chance(0.5)) {  // both were seen: a new envelope, and the same again
        envelopes_.erase(envelope->envelope_id);
        envelope->envelope_id = next_id();
    }
    envelopes_[envelope->envelope_id] = envelope;
    envelope->at = timeline_.now();
    const auto text = simulator::frame_of(*envelope);
    trace_.note("envelope " + envelope->envelope_id + " " + envelope->key);
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

void Envelopes::judge(const std::shared_ptr<Envelope>& envelope)
{
    const auto again =
        envelope->type == "events_api" ? simulator::retry_after(envelope->attempt) : std::nullopt;
    if (again && (!envelope->acked || weather_.strikes("event retried although acknowledged", 0.05))) {
        ++envelope->attempt;
        timeline_.after(*again, [this, envelope] { deliver(envelope); });
        return;
    }
    --in_flight_;
    if (!envelope->acked) {
        trace_.note("given up " + envelope->envelope_id);
        envelope->lost = true;
        on_end();
    }
}

void Envelopes::received(const std::string& frame)
{
    if (frame.size() >= simulator::longest_frame) {
        transcript_.refuse("acknowledgement", {"a frame of 20,480 bytes or more"});
    }
    const auto answer = json::parse(frame).as_object();
    const auto found = envelopes_.find(text_at(answer, "envelope_id"));
    if (found == envelopes_.end() || found->second->acked ||
        timeline_.now() - found->second->at > ack_deadline) {
        return;  // too late is as good as never
    }
    auto& envelope = *found->second;
    envelope.acked = true;
    trace_.note("acknowledged " + envelope.envelope_id);
    if (const auto* payload = simulator::object_at(answer, "payload")) {
        envelope.answer = *payload;
        transcript_.refuse("acknowledgement of " + envelope.type, mistakes_in_answer(envelope));
    }
    if (envelope.act) {
        tell(acts.at(*envelope.act), envelope);
    }
    on_end();
}

void Envelopes::tell(Act& act, const Envelope& envelope)
{
    act.said += envelope.answer.empty() ? "" : json::serialize(envelope.answer);
    if (text_at(envelope.payload, "type") == "view_submission" && !envelope.answer.contains("errors")) {
        act.accepted = true;
    }
    if (opening_.contains(envelope.trigger)) {
        return;  // a form opens: nothing is to be remembered yet
    }
    // The second copy of an envelope is answered with nothing, whatever became of the first.
    if (act.when_done && !envelope.sent_twice) {
        const auto words = text_at(envelope.answer, "text");
        act.accepted =
            act.when_done->empty() ? words.empty() : words.find(*act.when_done) != std::string::npos;
    }
    act.acknowledged = true;
    on_acknowledged(act, envelope.key);
}

}  // namespace simulation
