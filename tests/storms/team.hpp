#pragma once

#include "tests/storms/outside.hpp"

#include <string>
#include <vector>

namespace simulation {

/// People who do what people do, and too much of it: plan, sign, press twice, roll back, all at once.
class Team {
public:
    Team(Timeline& timeline, const VirtualClock& clock, Dice& dice, Outside& outside);

    /// One of them does something, now or in a few seconds.
    void do_something();

    /// They stop, also with what they had begun.
    void go_home() { at_work_ = false; }

private:
    /// A button, or an option of a menu, and where it is shown.
    struct Seen {
        simulator::People::Place place;
        json::value value;
    };

    void slash(const std::string& user, const std::string& command, const std::string& text, Act act);
    void press(const std::string& user);
    void use(const std::string& user, const Seen& seen);
    void reply(const std::string& user);
    void type(const std::string& user);
    void look_at(const std::string& view_id);
    void fill(const std::string& view_id, const Act& act, int tries);
    [[nodiscard]] json::object values_of(const json::object& view, const std::string& marker);
    [[nodiscard]] json::value entered(
        const std::string& block, const json::object& element, const std::string& marker
    );

    [[nodiscard]] std::string new_marker() { return "#" + std::to_string(++last_marker_) + "#"; }

    [[nodiscard]] std::vector<const simulator::Message*> cards() const;
    [[nodiscard]] std::string some_deployment();
    [[nodiscard]] std::vector<Seen> seen_by(const std::string& user) const;

    Timeline& timeline_;
    const VirtualClock& clock_;
    Dice& dice_;
    Outside& outside_;
    bool at_work_ = true;
    int last_marker_ = 0;
};

}  // namespace simulation
