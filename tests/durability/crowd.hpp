#pragma once

#include "bot/net/task_group.hpp"
#include "tests/durability/program_in_simulator.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace durability {

/// People who work with the bot all at once, whether it is there or not: slash commands, replies, buttons and
/// modals. Each remembers what Slack saw acknowledged, so that it can be compared with the record.
class Crowd {
public:
    Crowd(ProgramInSimulator& world, std::uint64_t seed);

    /// Plans D-1 to D-3, which the others work on. Needs a bot that runs; false when that did not succeed.
    [[nodiscard]] bool plan_first();

    /// From now on they act.
    void begin();

    /// No new acts; each waits for the answer to its last one.
    void finish() { finishing_ = true; }

    [[nodiscard]] bool has_finished() const { return working_ == 0; }

    /// An act that left its own words in the record: once when it was acknowledged, at most once otherwise.
    struct Marked {
        std::string kind;    ///< of the event
        std::string marker;  ///< words that its body holds
        bool acknowledged = false;
    };

    /// An act whose acknowledgement says that its key is in the inbox.
    struct Keyed {
        std::string key;
    };

    /// How many events of a kind somebody has brought about: acts that were repeated until one was
    /// acknowledged.
    using Owed = std::map<std::pair<std::string, std::string>, int>;  ///< {"D-1 U0PETRA", kind}

    [[nodiscard]] const std::vector<Marked>& marked() const { return marked_; }

    [[nodiscard]] const std::vector<Keyed>& acknowledged() const { return acknowledged_; }

    [[nodiscard]] const Owed& owed() const { return owed_; }

    [[nodiscard]] int acts() const { return acts_; }

private:
    using Task = boost::asio::awaitable<void>;

    void spawn(Task task);
    Task pause(std::chrono::milliseconds least, std::chrono::milliseconds most);
    /// Whether the envelope sent as number `index` was acknowledged within Slack's time.
    boost::asio::awaitable<bool> answered(std::size_t index);
    boost::asio::awaitable<bool> types(std::string user, std::string text);
    boost::asio::awaitable<bool> presses(std::string user, std::string verb, std::string deployment);
    boost::asio::awaitable<bool> replies(std::string user, std::string deployment, std::string text);
    /// Types `command` until a modal opens, then submits it with `fields`.
    boost::asio::awaitable<bool> submits(std::string user, std::string command, json::object fields);

    Task freezes(std::string user);
    Task signs_by_command(std::string user, std::string deployment);
    Task signs_by_reply(std::string user, std::string deployment);
    Task signs_by_button(std::string user, std::string deployment);
    Task plans_and_is_answered(std::string author, std::string signer);
    Task amends(std::string user, std::string deployment);
    Task reads(std::string user);
    Task presses_what_is_not_theirs(std::string user);

    void note_done(const std::string& user, const std::string& deployment, bool signed_off);
    [[nodiscard]] std::string next_marker();
    [[nodiscard]] const simulator::Message* card(const std::string& deployment) const;

    ProgramInSimulator& world_;
    std::mt19937_64 random_;
    bool finishing_ = false;
    int working_ = 0;
    int acts_ = 0;
    int markers_ = 0;
    std::vector<Marked> marked_;
    std::vector<Keyed> acknowledged_;
    Owed owed_;
    slipway::net::TaskGroup tasks_;
};

}  // namespace durability
