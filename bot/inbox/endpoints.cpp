#include "bot/inbox/endpoints.hpp"

#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace slipway {

namespace {

net::ServerResponse text(int status, std::string body, std::string type = "text/plain; charset=utf-8")
{
    return {status, {{"Content-Type", std::move(type)}}, std::move(body)};
}

std::string exposition(const std::vector<Metric>& metrics)
{
    prometheus::Registry registry;
    for (const auto& metric : metrics) {
        auto& family = prometheus::BuildGauge().Name(metric.name).Help(metric.help).Register(registry);
        family.Add({}).Set(metric.value);
    }
    return prometheus::TextSerializer().Serialize(registry.Collect());
}

}  // namespace

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
        const auto why = parts_.not_ready();
        co_return text(why.empty() ? 200 : 503, why.empty() ? "ready\n" : "not ready: " + why + "\n");
    }
    if (path == "/metrics") {
        co_return text(200, exposition(parts_.metrics()), "text/plain; version=0.0.4");
    }
    co_return text(404, "there is nothing here\n");
}

}  // namespace slipway
