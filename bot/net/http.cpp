#include "bot/net/http.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace slipway::net {

namespace {

bool same_letter(char left, char right)
{
    return std::tolower(static_cast<unsigned char>(left)) == std::tolower(static_cast<unsigned char>(right));
}

}  // namespace

std::string header(const Headers& headers, const std::string& name)
{
    const auto found = std::find_if(headers.begin(), headers.end(), [&name](const auto& entry) {
        return std::equal(entry.first.begin(), entry.first.end(), name.begin(), name.end(), same_letter);
    });
    return found == headers.end() ? std::string() : found->second;
}

std::optional<std::chrono::seconds> retry_after(const Headers& headers)
{
    const auto text = header(headers, "Retry-After");
    int seconds = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
    const bool is_usable = parsed.ec == std::errc{} && seconds >= 0;
    return is_usable ? std::optional(std::chrono::seconds{seconds}) : std::nullopt;
}

const char* step_name(Step step)
{
    switch (step) {
        case Step::address:
            return "address";
        case Step::resolve:
            return "resolve";
        case Step::connect:
            return "connect";
        case Step::proxy:
            return "proxy";
        case Step::tls:
            return "tls";
        case Step::send:
            return "send";
        case Step::first_byte:
            return "first byte";
        case Step::body:
            return "body";
        case Step::websocket:
            return "websocket";
    }
    return "unknown";
}

}  // namespace slipway::net
