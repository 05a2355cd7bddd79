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

boost::asio::awaitable<net::ServerResponse> HttpEndpoints::handle(net::ServerRequest request)
{
    const auto path = request.target.substr(0, request.target.find('?'));
    if (path == "/v1/signals" && request.method == "POST") {
        auto taken = co_await parts_.take_signal(std::move(request));
        co_return taken;
    }
    if (request.method != "GET") {
        co_return text(405, "only GET here\n");
    }
    if (path == "/healthz") {
        co_return text(200, "ok\n");
    }
    if (path == "/readyz") {
        const auto why = not_ready(parts_.health());
        co_return text(why.empty() ? 200 : 503, why.empty() ? "ready\n" : "not ready: " + why + "\n");
    }
    if (path == "/metrics") {
        co_return text(200, exposition(parts_.health()), "text/plain; version=0.0.4");
    }
    co_return text(404, "there is nothing here\n");
}

}  // namespace slipway
