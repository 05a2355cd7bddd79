#include "tests/simulator/monitoring.hpp"

#include "tests/simulator/json.hpp"

#include <regex>

namespace simulator {

slipway::net::ServerResponse Prometheus::answer(const slipway::net::ServerRequest& request)
{
    static const std::regex form(R"(/prometheus/api/v1/query\?time=([0-9]+)&query=(.+))");
    std::smatch part;
    if (!std::regex_match(request.target, part, form)) {
        return {400, {}, R"({"status":"error","errorType":"bad_data"})"};
    }
    const Question question{form_decoded(part[2].str()), Instant{std::chrono::seconds{std::stoll(part[1])}}};
    asked.push_back(question);
    json::array result;
    if (const auto found = value(question)) {
        result.push_back(json::object{
            {"metric", json::object{}}, {"value", json::array{std::stoll(part[1]), std::to_string(*found)}}});
    }
    json::object data{{"resultType", "vector"}, {"result", std::move(result)}};
    return {
        200,
        {{"Content-Type", "application/json"}},
        json::serialize(json::object{{"status", "success"}, {"data", std::move(data)}})};
}

slipway::net::ServerResponse Hook::answer(const slipway::net::ServerRequest& request)
{
    received.push_back(request);
    changes_.notify();
    return {status, {{"Content-Type", "text/plain"}}, body};
}

}  // namespace simulator
