#pragma once

#include "tests/simulator/clock.hpp"
#include "tests/simulator/json.hpp"

#include <functional>
#include <string>
#include <vector>

namespace simulator {

/// One thing that happened.
struct Entry {
    enum class Kind {
        request,     ///< the bot called: `what` is the method, `facts.ok`, `facts.error`, `facts.status`
        fault,       ///< a fault was played: `what` names it
        envelope,    ///< sent to the bot: `what` is its type
        ack,         ///< came back: `facts.latency_ms`, `facts.late`
        connection,  ///< a websocket came or went
        message,     ///< said in a channel
        changed,     ///< a message was edited
        deleted,
        ephemeral,  ///< shown to `who` only
        view,       ///< a modal or an App Home as `who` sees it
        reaction,
        act,        ///< a person did something
        linear,     ///< something changed in Linear
        complaint,  ///< the bot broke a rule of the platform: an ideal run has none
    };
    Kind kind = Kind::request;
    Instant at;
    std::string who;    ///< user id; the bot's for its own
    std::string where;  ///< channel id, method, issue
    std::string what;   ///< text or name
    json::object facts;
};

/// Everything that happened, in order. One thread.
class Transcript {
public:
    explicit Transcript(const SimulatedClock& clock) : clock_(clock) {}

    void add(Entry::Kind kind, std::string who, std::string where, std::string what, json::object facts = {});

    /// Complains that the bot sent by `what` (a method, an acknowledgement) something that no platform and no
    /// fault excuses: blocks, a view or arguments that Slack would refuse.
    void refuse(const std::string& what, const std::vector<std::string>& mistakes);

    /// All that was refused so, in order. Empty in every run, faults or not.
    [[nodiscard]] const std::vector<std::string>& refused() const { return refused_; }

    /// Calls `told` with every entry from now on.
    void on_entry(std::function<void(const Entry&)> told) { told_ = std::move(told); }

    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

    /// The entries of one kind; `what` empty for all.
    [[nodiscard]] std::vector<Entry> of(Entry::Kind kind, const std::string& what = {}) const;

    /// How often the bot called `method`.
    [[nodiscard]] std::size_t calls(const std::string& method) const
    {
        return of(Entry::Kind::request, method).size();
    }

private:
    const SimulatedClock& clock_;
    std::vector<Entry> entries_;
    std::vector<std::string> refused_;
    std::function<void(const Entry&)> told_;
};

}  // namespace simulator
