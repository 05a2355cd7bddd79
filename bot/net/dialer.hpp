#pragma once

#include "bot/net/stream.hpp"
#include "bot/net/transport.hpp"
#include "bot/net/url.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace boost::asio::ssl {
class context;  // NOLINT(readability-identifier-naming): OpenSSL's wrapper in Asio
}

namespace slipway::net {

/// How far a call came, so that its failure can be told exactly. Outlives the call's coroutines.
struct Progress {
    Step step = Step::address;
    std::string proxy;           ///< the proxy that is used, empty for none
    std::size_t bytes_sent = 0;  ///< of the request itself
    bool is_answered = false;    ///< at least one byte came back
};

/// Opens connections: lookup, TCP, the proxy where there is one, TLS. For the inside of bot/net.
class Dialer {
public:
    /// Throws std::runtime_error when the CA file cannot be read or the proxy's address makes no sense.
    Dialer(boost::asio::any_io_executor executor, const TransportOptions& options);
    ~Dialer();

    /// A connection ready for HTTP. Keeps `progress->step` at what it does; throws what went wrong there.
    /// `url` must outlive the call.
    [[nodiscard]] boost::asio::awaitable<Stream> dial(const Url* url, Limits limits, Progress* progress);

private:
    struct Addresses;

    [[nodiscard]] boost::asio::awaitable<Addresses> resolve(
        std::string host, std::uint16_t port, std::chrono::milliseconds limit
    );
    [[nodiscard]] boost::asio::awaitable<Stream> connect(
        Addresses addresses, std::chrono::milliseconds limit
    );
    [[nodiscard]] boost::asio::awaitable<void> ask_proxy(Stream* stream, const Url* url);

    boost::asio::any_io_executor executor_;
    std::unique_ptr<boost::asio::ssl::context> tls_;
    std::unique_ptr<Url> proxy_;  ///< null for none
    std::string no_proxy_;
};

/// Checks what may be dialled: parses, and refuses plain addresses that leave this machine and addresses with
/// a password.
[[nodiscard]] boost::system::result<Url, UrlMistake> dialable(const std::string& address);

/// The outcome of a call that threw.
[[nodiscard]] NetworkError failure_of(
    const std::exception_ptr& error, const Progress& progress, std::string host
);

/// Throws if the coroutine awaiting this was cancelled: its caller went away and wants no outcome.
[[nodiscard]] boost::asio::awaitable<void> rethrow_if_cancelled(std::exception_ptr error);

}  // namespace slipway::net
