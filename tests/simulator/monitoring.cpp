#include "tests/simulator/monitoring.hpp"

#include "tests/simulator/json.hpp"

#include <regex>

namespace simulator {

namespace {

std::string decoded(const std::string& text)
{
    std::string all;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '%' && at + 2 < text.size()) {
            all += static_cast<char>(std::stoi(text.substr(at + 1, 2), nullptr, 16));
            at += 2;
        }
        else {
            all += text[at];
        }
    }
    return all;
}

}  // namespace

slipway::net::ServerResponse Prometheus::answer(const slipway::net::ServerRequest& request)
{
    static const std::regex form(R"(/prometheus/api/v1/query\?time=([0-9]+)&query=(.+))");
    std::smatch part;
    if (!std::regex_match(request.target, part, form)) {
        return {400, {}, R"({"status":"error","errorType":"bad_data"})"};
    }
    const Question question{decoded(part[2]), Instant{std::chrono::seconds{std::stoll(part[1])}}};
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
