#pragma once

#include "bot/net/http.hpp"
#include "tests/simulator/linear.hpp"
#include "tests/simulator/people.hpp"
#include "tests/simulator/slack_api.hpp"
#include "tests/storms/envelopes.hpp"

#include <boost/asio/io_context.hpp>

namespace simulation {

/// The simulator's Slack and Linear on the timeline, without a socket: a request in, a response out.
struct Outside {
    Outside(Timeline& timeline, const VirtualClock& clock, Dice& dice, Weather& weather, Trace& trace);

    [[nodiscard]] slipway::net::HttpResponse answer(const slipway::net::HttpRequest& request);

    boost::asio::io_context idle;  ///< nobody waits for changes
    simulator::SimulatedClock simulated_clock;
    simulator::Changes changes{idle.get_executor()};
    simulator::Transcript transcript{simulated_clock};
    simulator::Workspace workspace{simulated_clock, changes, transcript};
    Envelopes envelopes;
    simulator::SlackApi slack;
    simulator::People people{workspace, slack, envelopes};
    simulator::Linear linear{changes, transcript};
    std::function<void(const std::string& view_id)> on_form{};  ///< is shown, or changed
};

}  // namespace simulation
