#include "bot/slack/carried.hpp"

#include <boost/json/parse.hpp>

#include <utility>

namespace slipway::slack {

namespace json = boost::json;

namespace {

int positive_at(const json::object& object, const char* key)
{
    const auto* value = object.if_contains(key);
    const bool sane =
        value != nullptr && value->is_int64() && value->get_int64() > 0 && value->get_int64() < 1'000'000'000;
    return sane ? static_cast<int>(value->get_int64()) : 0;
}

}  // namespace

std::optional<json::object> carried(const std::string& text)
{
    boost::system::error_code error;
    auto parsed = json::parse(text, error);
    if (error || !parsed.is_object()) {
        return std::nullopt;
    }
    const auto* version = parsed.get_object().if_contains("v");
    const bool known = version != nullptr && version->is_int64() && version->get_int64() == 1;
    return known ? std::optional(std::move(parsed.get_object())) : std::nullopt;
}

void fill_from(Request& request, json::object carried)
{
    if (const auto number = positive_at(carried, "d"); number > 0) {
        request.deployment = DeploymentId{number};
    }
    if (const auto revision = positive_at(carried, "r"); revision > 0) {
        request.expected_revision = revision;
    }
    if (const auto* channel = carried.if_contains("c"); channel != nullptr && channel->is_string()) {
        request.channel = ChannelId(std::string(channel->get_string()));
    }
    if (const auto* typed = carried.if_contains("typed"); typed != nullptr && typed->is_string()) {
        request.text = std::string(typed->get_string());
    }
    for (const auto* own : {"v", "d", "r", "c", "press", "typed"}) {
        carried.erase(own);
    }
    for (auto& [key, value] : carried) {
        request.fields[key] = value;
    }
}

std::string button_of(const ButtonPress& press, const json::object& carried)
{
    const auto* option = carried.if_contains("press");
    return press.action_id.starts_with("menu:") && option != nullptr && option->is_string()
               ? std::string(option->get_string())
               : press.action_id;
}

std::string verb_of(const std::string& id, const std::string& prefix)
{
    if (!id.starts_with(prefix)) {
        return {};
    }
    const auto verb = id.substr(prefix.size());
    return verb.substr(0, verb.find(':'));
}

}  // namespace slipway::slack
