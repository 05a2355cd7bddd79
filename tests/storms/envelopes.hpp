#pragma once

#include "tests/simulator/envelopes.hpp"
#include "tests/simulator/transcript.hpp"
#include "tests/storms/timeline.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace simulation {

namespace json = boost::json;
using simulator::text_at;

/// Something a person (or the monitoring) wants, as often as they try it.
struct Act {
    std::size_t number = 0;
    std::string who, what;
    std::string marker;               ///< in the body of the event it leads to; empty where it can hold none
    std::string event;                ///< the kind of that event
    bool must_be_remembered = false;  ///< acknowledged means: its key is in the inbox
    bool acknowledged = false;
    /// What the answer to a command says when it was done, empty for no answer; none where it cannot be told.
    std::optional<std::string> when_done{};
    bool accepted = false;  ///< people were told, by words or by none, that it was done
    std::string said;       ///< the answer that came with the acknowledgement
    std::map<std::string, slipway::Instant> keys{};  ///< of the inbox -> when it was acknowledged
    std::string thread, ts{};                        ///< of a reply
    slipway::Instant at{};                           ///< of a reply: when it was said
};

/// Slack's end of one websocket.
struct Wire {
    int number = 0;
    bool is_open = true;
    bool leaving = false;
    std::function<void(const std::string&)> send;
    std::function<void()> hang_up;
};

/// Socket Mode in a storm: envelopes that go to any wire, twice, or again although they were acknowledged.
class Envelopes : public simulator::Envelopes {
public:
    Envelopes(
        Timeline& timeline, Dice& dice, Weather& weather, Trace& trace, simulator::Transcript& transcript
    )
        : timeline_(timeline), dice_(dice), weather_(weather), trace_(trace), transcript_(transcript)
    {}

    std::string send(const std::string& type, json::object payload, bool accepts_payload) override;
    [[nodiscard]] const simulator::Sent* sent(const std::string& envelope_id) const override;

    /// Does `does`; what it sends is sent for `act`, which is a new one or, where it has its number, tried
    /// again.
    Act& act(Act act, const std::function<void()>& does);

    [[nodiscard]] std::string new_ticket();
    [[nodiscard]] bool takes_ticket(const std::string& url);
    void connected(std::shared_ptr<Wire> wire);
    void received(const std::string& frame);
    /// Says disconnect to one connection, or cuts all.
    void warn();
    void cut_all();

    /// The bot tried to open a form with this trigger.
    void trigger_used(const std::string& trigger) { opening_.insert(trigger); }

    [[nodiscard]] bool is_quiet() const { return in_flight_ == 0; }

    std::deque<Act> acts{};
    /// An envelope's acknowledgement arrived in time.
    std::function<void(Act&, const std::string& key)> on_acknowledged{};
    /// An envelope was acknowledged or given up.
    std::function<void()> on_end{};

private:
    struct Envelope : simulator::Sent {
        std::string key, trigger;
        std::optional<std::size_t> act{};
        bool sent_twice = false;
    };

    void deliver(const std::shared_ptr<Envelope>& envelope);
    void judge(const std::shared_ptr<Envelope>& envelope);
    void tell(Act& act, const Envelope& envelope);
    [[nodiscard]] std::shared_ptr<Wire> any_wire();

    [[nodiscard]] std::string next_id() { return "envelope-" + std::to_string(++last_id_); }

    Timeline& timeline_;
    Dice& dice_;
    Weather& weather_;
    Trace& trace_;
    simulator::Transcript& transcript_;
    std::set<std::string> tickets_;
    std::vector<std::shared_ptr<Wire>> wires_;
    std::map<std::string, std::shared_ptr<Envelope>> envelopes_;
    std::set<std::string> opening_;  ///< triggers that the bot tried to open a form with
    std::optional<std::size_t> doing_;
    int last_id_ = 0;
    int in_flight_ = 0;
};

}  // namespace simulation
