#include "bot/net/url.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <cctype>
#include <sstream>

namespace slipway::net {

namespace {

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char letter) {
        return static_cast<char>(std::tolower(letter));
    });
    return text;
}

std::uint16_t own_port(const std::string& scheme) { return scheme == "https" || scheme == "wss" ? 443 : 80; }

bool ends_with_label(const std::string& host, const std::string& name)
{
    return host.size() > name.size() && host.ends_with(name) && host[host.size() - name.size() - 1] == '.';
}

/// One entry of NO_PROXY against one host.
bool covers(std::string entry, const std::string& host, std::uint16_t port)
{
    if (entry == "*") {
        return true;
    }
    const auto colon = entry.rfind(':');
    const bool is_bare_ipv6 = std::count(entry.begin(), entry.end(), ':') > 1 && entry.front() != '[';
    if (colon != std::string::npos && !is_bare_ipv6 && entry.back() != ']') {
        if (entry.substr(colon + 1) != std::to_string(port)) {
            return false;
        }
        entry.resize(colon);
    }
    if (entry.size() > 2 && entry.front() == '[' && entry.back() == ']') {
        entry = entry.substr(1, entry.size() - 2);
    }
    const auto dots = std::min(entry.find_first_not_of("*."), entry.size());  // "*.corp" is meant as ".corp"
    const auto name = entry.substr(dots);
    return !name.empty() && ((dots == 0 && host == name) || ends_with_label(host, name));
}

}  // namespace

bool Url::is_encrypted() const { return scheme == "https" || scheme == "wss"; }

bool Url::is_loopback() const { return is_loopback_host(host); }

std::string Url::authority() const
{
    auto text = host.find(':') == std::string::npos ? host : "[" + host + "]";
    if (port != own_port(scheme)) {
        text += ":" + std::to_string(port);
    }
    return text;
}

boost::system::result<Url, UrlMistake> parse_url(const std::string& text)
{
    const auto parsed = boost::urls::parse_uri(text);
    if (!parsed) {
        return UrlMistake{"not an absolute address"};
    }
    const boost::urls::url_view& view = *parsed;
    Url url;
    url.scheme = lower(std::string(view.scheme()));
    if (url.scheme != "https" && url.scheme != "http" && url.scheme != "wss" && url.scheme != "ws") {
        return UrlMistake{"the scheme must be https, wss, http or ws, not " + url.scheme};
    }
    url.user = view.user();
    url.password = view.password();
    url.host = lower(view.host_address());
    if (url.host.empty()) {
        return UrlMistake{"the host is missing"};
    }
    url.port = view.has_port() && !view.port().empty() ? view.port_number() : own_port(url.scheme);
    if (url.port == 0) {
        return UrlMistake{"the port must be between 1 and 65535"};
    }
    url.target = std::string(view.encoded_path());
    if (url.target.empty()) {
        url.target = "/";
    }
    // Boost.URL 1.81 takes "127.0.0.1.evil.test/x" for the host 127.0.0.1 and the path ".evil.test/x".
    if (url.target.front() != '/') {
        return UrlMistake{"the host is not understood"};
    }
    if (view.has_query()) {
        url.target += "?" + std::string(view.encoded_query());
    }
    return url;
}

std::string percent_encoded(const std::string& text)
{
    return boost::urls::encode(text, boost::urls::unreserved_chars);
}

bool is_loopback_host(const std::string& host)
{
    if (host == "localhost" || host == "::1") {
        return true;
    }
    // Only a full dotted quad: "127.evil.example" is a name that somebody else answers for.
    const bool only_digits_and_dots = host.find_first_not_of("0123456789.") == std::string::npos;
    return only_digits_and_dots && host.starts_with("127.") && std::count(host.begin(), host.end(), '.') == 3;
}

bool bypasses_proxy(const std::string& host, std::uint16_t port, const std::string& no_proxy)
{
    if (is_loopback_host(host)) {
        return true;
    }
    auto entries = lower(no_proxy);
    std::replace(entries.begin(), entries.end(), ',', ' ');
    std::istringstream words(entries);
    for (std::string entry; words >> entry;) {
        if (covers(entry, host, port)) {
            return true;
        }
    }
    return false;
}

}  // namespace slipway::net
