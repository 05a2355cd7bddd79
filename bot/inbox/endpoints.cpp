#include "bot/inbox/endpoints.hpp"

#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <vector>

namespace slipway {

namespace {

net::ServerResponse text(int status, std::string body, std::string type = "text/plain; charset=utf-8")
{
    return {status, {{"Content-Type", std::move(type)}}, std::move(body)};
}

/// One number for Prometheus.
struct Metric {
    const char* name;
    const char* help;
    double value;
};

std::vector<Metric> metrics_of(const Health& health)
{
    const auto& sockets = health.sockets;
    const auto number = [](auto value) { return static_cast<double>(value); };
    return {
        {"slipway_ready", "1 while connected to Slack and able to work", number(not_ready(health).empty())},
        {"slipway_socket_live", "Socket Mode connections that have said hello", number(sockets.live)},
        {"slipway_socket_announced",
         "Connections of the app as Slack counts them",
         number(sockets.announced)},
        {"slipway_socket_own", "Connections this process has", number(sockets.own)},
        {"slipway_socket_link_disabled",
         "1 while Socket Mode is switched off for the app",
         number(sockets.link_disabled)},
        {"slipway_envelopes_without_id", "Frames that could not be acknowledged", number(sockets.without_id)},
        {"slipway_outbox_delivered_total", "Outbox rows delivered", number(health.delivered)},
        {"slipway_outbox_retried_total", "Attempts put off", number(health.retried)},
        {"slipway_outbox_refused_total", "Outbox rows refused for good", number(health.rejected)},
        {"slipway_outbox_waiting", "Outbox rows not yet delivered or refused", number(health.outbox_waiting)},
        {"slipway_clock_ahead_seconds",
         "How far Slack's clock is ahead of this machine's",
         number(health.clock_ahead.count()) / 1'000},
        {"slipway_directory_troubles",
         "People, user groups and channels of slipway.toml that Slack has no more",
         number(health.troubles.size())},
        {"slipway_storage_waiting", "Jobs that wait for the database", number(health.storage_waiting)},
    };
}

std::string exposition(const Health& health)
{
    prometheus::Registry registry;
    for (const auto& metric : metrics_of(health)) {
        auto& family = prometheus::BuildGauge().Name(metric.name).Help(metric.help).Register(registry);
        family.Add({}).Set(metric.value);
    }
    return prometheus::TextSerializer().Serialize(registry.Collect());
}

}  // namespace

std::string not_ready(const Health& health)
{
    if (health.is_stopping) {
        return "stopping";
    }
    if (!health.refused.empty()) {
        return "Slack refuses the bot token (" + health.refused + ")";
    }
    if (!health.is_writable) {
        return "the database cannot be written";
    }
    const auto& sockets = health.sockets;
    if (sockets.live > 0 && !sockets.link_disabled) {
        return {};
    }
    return sockets.trouble.empty() ? "not connected to Slack yet" : sockets.trouble;
}

net::ServerResponse HttpEndpoints::look(const std::string& path) const
{
    const auto health = parts_.health();
    if (path == "/healthz") {
        return text(200, "ok\n");
    }
    if (path == "/readyz") {
        const auto why = not_ready(health);
        auto said = why.empty() ? std::string("ready\n") : "not ready: " + why + "\n";
        for (const auto& trouble : health.troubles) {
            said += "slipway.toml and Slack differ: " + trouble + "\n";
        }
        return text(why.empty() ? 200 : 503, std::move(said));
    }
    if (path == "/metrics") {
        return text(200, exposition(health), "text/plain; version=0.0.4");
    }
    return text(404, "there is nothing here\n");
}

boost::asio::awaitable<net::ServerResponse> HttpEndpoints::handle(net::ServerRequest request)
{
    const auto path = request.target.substr(0, request.target.find('?'));
    const bool is_signal = path == "/v1/signals";
    if (is_signal && request.method == "POST") {
        auto taken = co_await parts_.take_signal(std::move(request));
        co_return taken;
    }
    const bool is_head = request.method == "HEAD";  // probes ask so
    if (is_signal || (request.method != "GET" && !is_head)) {
        const std::string allowed = is_signal ? "POST" : "GET, HEAD";
        auto refused = text(405, "only " + allowed + " here\n");
        refused.headers.emplace_back("Allow", allowed);
        co_return refused;
    }
    auto answer = look(path);
    if (is_head) {
        answer.body.clear();
    }
    co_return answer;
}

}  // namespace slipway
