#pragma once

#include "tests/storms/slack.hpp"

#include <string>
#include <vector>

namespace simulation {

/// People who do what people do, and too much of it: plan, sign, press twice, roll back, all at once.
class Team {
public:
    Team(Timeline& timeline, const VirtualClock& clock, Dice& dice, Slack& slack);

    /// One of them does something, now or in a few seconds.
    void do_something();

    /// They stop, also with what they had begun.
    void go_home() { at_work_ = false; }

private:
    void plan(const std::string& user);
    void press(const std::string& user);
    void reply(const std::string& user);
    void type(const std::string& user);
    void fill(const Form& form, Act act, int tries);
    [[nodiscard]] json::object values_of(const Form& form, const std::string& marker);
    [[nodiscard]] json::object state_of(
        const std::string& block, const json::object& element, const std::string& marker
    );

    [[nodiscard]] std::string new_marker() { return "#" + std::to_string(++last_marker_) + "#"; }

    [[nodiscard]] std::vector<const Message*> cards() const;
    [[nodiscard]] std::string some_deployment();

    Timeline& timeline_;
    const VirtualClock& clock_;
    Dice& dice_;
    Slack& slack_;
    bool at_work_ = true;
    int last_marker_ = 0;
};

}  // namespace simulation
