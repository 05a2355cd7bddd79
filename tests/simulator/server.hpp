#pragma once

#include "tests/simulator/github.hpp"
#include "tests/simulator/linear.hpp"
#include "tests/simulator/monitoring.hpp"
#include "tests/simulator/people.hpp"
#include "tests/simulator/socket_hub.hpp"
#include "tests/simulator/web_server.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace simulator {

/// Slack, Linear, GitHub, Prometheus and a taker of webhooks on one loopback port. Everything it is made of
/// may be used directly, on the executor's thread.
class Server {
public:
    using Options = WebServer::Options;

    Server(boost::asio::any_io_executor executor, SimulatedClock& clock, Options options);

    /// "https://127.0.0.1:40123"
    [[nodiscard]] std::string origin() const;

    [[nodiscard]] std::string slack_url() const { return origin() + "/api/"; }

    [[nodiscard]] std::string linear_url() const { return origin() + "/graphql"; }

    [[nodiscard]] std::string github_url() const { return origin() + "/github"; }

    [[nodiscard]] std::string prometheus_url() const { return origin() + "/prometheus"; }

    [[nodiscard]] std::string hook_url() const { return origin() + "/hook"; }

    /// Serves until cancelled.
    [[nodiscard]] boost::asio::awaitable<void> run();

    SimulatedClock& clock;
    Changes changes;
    Agenda agenda;
    Transcript transcript;
    Faults faults;
    Workspace workspace;
    SocketHub hub;
    SlackApi slack;
    People people;
    Linear linear;
    GitHub github;
    Prometheus prometheus;
    Hook hook;

private:
    [[nodiscard]] boost::asio::awaitable<Reply> answer(slipway::net::ServerRequest request);
    [[nodiscard]] slipway::net::ServerResponse route(const slipway::net::ServerRequest& request);
    [[nodiscard]] boost::asio::awaitable<void> keep_acks_applied();

    bool encrypted_;
    WebServer server_;
};

}  // namespace simulator
