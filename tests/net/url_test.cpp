#include "bot/net/url.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

namespace slipway::net::testing {
namespace {

struct Parts {
    std::string text, scheme, host;
    std::uint16_t port;
    std::string target, authority;
};

struct Rule {
    std::string meaning, host;
    std::uint16_t port;
    std::string no_proxy;
    bool bypassed;
};

}  // namespace

TEST_CASE("an address is taken apart", "[net][url]")
{
    const auto row = GENERATE(values<Parts>({
        {"https://slack.com", "https", "slack.com", 443, "/", "slack.com"},
        {"HTTPS://Slack.com:443/api?a=b&c#part", "https", "slack.com", 443, "/api?a=b&c", "slack.com"},
        {"wss://wss-x.slack.com/link/?ticket=1%2F2",
         "wss",
         "wss-x.slack.com",
         443,
         "/link/?ticket=1%2F2",
         "wss-x.slack.com"},
        {"http://127.0.0.1:8787/healthz", "http", "127.0.0.1", 8787, "/healthz", "127.0.0.1:8787"},
        {"ws://[::1]:9?q", "ws", "::1", 9, "/?q", "[::1]:9"},
        {"http://localhost:", "http", "localhost", 80, "/", "localhost"},
    }));
    CAPTURE(row.text);
    const auto url = parse_url(row.text);
    REQUIRE(url.has_value());
    CHECK(url->scheme == row.scheme);
    CHECK(url->host == row.host);
    CHECK(url->port == row.port);
    CHECK(url->target == row.target);
    CHECK(url->authority() == row.authority);
}

TEST_CASE("a user and password are decoded", "[net][url]")
{
    const auto url = parse_url("http://jane:p%40ss@proxy.corp:3128");
    REQUIRE(url.has_value());
    CHECK(url->user == "jane");
    CHECK(url->password == "p@ss");
    CHECK(url->host == "proxy.corp");
}

TEST_CASE("what is no address is refused without repeating it", "[net][url]")
{
    const std::string text = GENERATE(
        "",
        "slack.com",
        "//slack.com/x",
        "ftp://slack.com",
        "https://",
        "https:///x",
        "https://sec ret.com",
        "https://host:0/",
        "https://host:65536/",
        "https://host/se\r\ncret",
        "mailto:secret@x"
    );
    CAPTURE(text);
    const auto url = parse_url(text);
    REQUIRE(url.has_error());
    CHECK_FALSE(url.error().text.empty());
    CHECK(url.error().text.find("ret") == std::string::npos);
}

TEST_CASE("a name that begins like a loopback address stays a name", "[net][url]")
{
    const std::string text = GENERATE(
        "http://127.0.0.1.evil.test/", "http://127.0.0.1evil/", "http://127.0.0.1.:80/", "http://127.0.0.1.2"
    );
    CAPTURE(text);
    const auto url = parse_url(text);
    CHECK((url.has_error() || !url->is_loopback()));
}

TEST_CASE("only this machine itself is loopback", "[net][url]")
{
    for (const auto* const host : {"localhost", "127.0.0.1", "127.255.1.2", "::1"}) {
        CAPTURE(host);
        CHECK(is_loopback_host(host));
    }
    for (const auto* const host :
         {"localhost.evil.test",
          "127.0.0.1.evil.test",
          "127.evil.test",
          "127.1",
          "128.0.0.1",
          "10.0.0.1",
          "0.0.0.0",
          "::",
          "::2",
          "1127.0.0.1",
          ""}) {
        CAPTURE(host);
        CHECK_FALSE(is_loopback_host(host));
    }
}

TEST_CASE("text in a query string says what it said", "[net][url]")
{
    CHECK(percent_encoded("aZ09-_.~") == "aZ09-_.~");
    CHECK(percent_encoded("a b&c=d+e/%") == "a%20b%26c%3Dd%2Be%2F%25");
    CHECK(percent_encoded("j\xc3\xb6rg@acme.example") == "j%C3%B6rg%40acme.example");
    CHECK(percent_encoded(std::string("\0\x7f", 2)) == "%00%7F");
}

TEST_CASE("NO_PROXY takes hosts out of the proxy's care", "[net][proxy]")
{
    const auto row = GENERATE(values<Rule>({
        {"nothing listed", "slack.com", 443, "", false},
        {"everything", "slack.com", 443, "*", true},
        {"the exact host", "slack.com", 443, "a.test, slack.com", true},
        {"another case", "slack.com", 443, "SLACK.com", true},
        {"a subdomain of a listed name", "api.slack.com", 443, "slack.com", true},
        {"a name that merely ends alike", "myslack.com", 443, "slack.com", false},
        {"a suffix covers subdomains", "api.slack.com", 443, ".slack.com", true},
        {"a suffix does not cover the name itself", "slack.com", 443, ".slack.com", false},
        {"a suffix with a star", "api.slack.com", 443, "*.slack.com", true},
        {"the right port", "slack.com", 443, "slack.com:443", true},
        {"another port", "slack.com", 443, "slack.com:8443", false},
        {"an address", "10.1.2.3", 443, "10.1.2.3", true},
        {"another address", "10.1.2.3", 443, "10.1.2.4", false},
        {"an IPv6 address", "fd00::1", 443, "fd00::1", true},
        {"an IPv6 address in brackets with a port", "fd00::1", 443, "[fd00::1]:443", true},
        {"loopback, always", "127.0.0.1", 80, "", true},
        {"localhost, always", "localhost", 80, "", true},
        {"only separators", "slack.com", 443, " ,, . ,", false},
    }));
    CAPTURE(row.meaning);
    CHECK(bypasses_proxy(row.host, row.port, row.no_proxy) == row.bypassed);
}

}  // namespace slipway::net::testing
