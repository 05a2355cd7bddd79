#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>

namespace slipway::net {

/// The parts of an absolute http, https, ws or wss address.
struct Url {
    std::string scheme;  ///< lower case
    std::string user;    ///< decoded; empty if none
    std::string password;
    std::string host;        ///< lower case; an IPv6 address without its brackets
    std::uint16_t port = 0;  ///< the scheme's own where the address names none
    std::string target;      ///< path and query as written, at least "/"; no fragment

    [[nodiscard]] bool is_encrypted() const;

    /// 127.0.0.0/8, ::1 and localhost: the only hosts that may be reached without TLS.
    [[nodiscard]] bool is_loopback() const;

    /// What goes into a `Host` header: brackets where needed, the port where it is not the scheme's own.
    [[nodiscard]] std::string authority() const;
};

/// Why an address is of no use: one line, which does not repeat the address, since that may hold a secret.
struct UrlMistake {
    std::string text;
};

[[nodiscard]] boost::system::result<Url, UrlMistake> parse_url(const std::string& text);

/// `text` as it may stand in a query: everything but letters, digits and -._~ as %XX.
[[nodiscard]] std::string percent_encoded(const std::string& text);

/// Whether `host` is an address or name of this machine's loopback, as `Url::is_loopback`.
[[nodiscard]] bool is_loopback_host(const std::string& host);

/// Whether `no_proxy` (as the environment variable: names, `.suffixes`, addresses, each perhaps with a port,
/// or `*`) takes `host` out of the proxy's care. A name covers its subdomains too. Loopback hosts never go
/// through a proxy.
[[nodiscard]] bool bypasses_proxy(const std::string& host, std::uint16_t port, const std::string& no_proxy);

}  // namespace slipway::net
