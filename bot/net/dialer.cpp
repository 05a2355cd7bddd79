#include "bot/net/dialer.hpp"

#include "bot/net/with_timeout.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <vector>

namespace slipway::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::milliseconds;

struct Dialer::Addresses {
    explicit Addresses(std::vector<tcp::endpoint> found) : endpoints(std::move(found)) {}

    std::vector<tcp::endpoint> endpoints;
};

namespace {

std::unique_ptr<asio::ssl::context> make_client_context(const std::string& ca_file)
{
    auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    context->set_default_verify_paths();
    context->set_verify_mode(asio::ssl::verify_peer);
    if (!ca_file.empty()) {
        boost::system::error_code error;
        context->load_verify_file(ca_file, error);
        if (error) {
            throw std::runtime_error("the CA file " + ca_file + " cannot be read: " + error.message());
        }
    }
    return context;
}

std::unique_ptr<Url> parse_proxy(const std::string& address)
{
    if (address.empty()) {
        return nullptr;
    }
    auto url = parse_url(address);
    if (!url || url->scheme != "http") {
        // The address itself is not repeated: it may hold a password.
        throw std::runtime_error("the proxy must be given as http://[user:password@]host:port");
    }
    return std::make_unique<Url>(std::move(*url));
}

std::string base64(const std::string& text)
{
    std::vector<unsigned char> encoded(4 * (text.size() / 3 + 1) + 1);
    std::vector<unsigned char> bytes(text.begin(), text.end());
    const auto length = EVP_EncodeBlock(encoded.data(), bytes.data(), static_cast<int>(bytes.size()));
    return {encoded.begin(), encoded.begin() + length};
}

/// A lookup under way. The system's resolver cannot be interrupted, so the lookup may outlive whoever waits
/// for it.
struct Lookup {
    explicit Lookup(const asio::any_io_executor& executor) : resolver(executor), bell(executor) {}

    tcp::resolver resolver;
    asio::steady_timer bell;
    bool is_done = false;
    boost::system::error_code error;
    std::vector<tcp::endpoint> endpoints;
};

void start(const std::shared_ptr<Lookup>& lookup, const std::string& host, std::uint16_t port)
{
    auto on_found = [lookup](boost::system::error_code error, const tcp::resolver::results_type& found) {
        lookup->is_done = true;
        lookup->error = error;
        for (const auto& entry : found) {
            lookup->endpoints.push_back(entry.endpoint());
        }
        lookup->bell.cancel();
    };
    lookup->resolver.async_resolve(
        host, std::to_string(port), tcp::resolver::numeric_service, std::move(on_found)
    );
}

asio::awaitable<void> connect_to(tcp::socket* socket, tcp::endpoint endpoint)
{
    co_await socket->async_connect(endpoint, asio::use_awaitable);
}

void keep_loopback_only(std::vector<tcp::endpoint>& endpoints)
{
    std::erase_if(endpoints, [](const tcp::endpoint& endpoint) { return !endpoint.address().is_loopback(); });
    if (endpoints.empty()) {
        throw std::runtime_error("without TLS only this machine itself may be reached");
    }
}

/// Why a handshake failed, as an operator wants to read it.
std::string tls_failure(SSL* session, const boost::system::error_code& error)
{
    const auto verdict = SSL_get_verify_result(session);
    if (verdict != X509_V_OK) {
        return std::string("certificate refused: ") + X509_verify_cert_error_string(verdict);
    }
    return error == asio::error::eof || error == asio::ssl::error::stream_truncated
               ? "connection closed during the handshake"
               : error.message();
}

/// OpenSSL itself compares the name, so that the failure is a verification result with a text of its own.
void expect_host(SSL* session, const std::string& host)
{
    boost::system::error_code not_an_address;
    asio::ip::make_address(host, not_an_address);
    auto* const parameters = SSL_get0_param(session);
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    bool is_set = false;
    if (not_an_address) {
        // SSL_set_tlsext_host_name without its macro's cast. Only names are announced (RFC 6066).
        auto* const name = const_cast<char*>(host.c_str());
        is_set = SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name) == 1 &&
                 X509_VERIFY_PARAM_set1_host(parameters, host.c_str(), host.size()) == 1;
    }
    else {
        is_set = X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) == 1;
    }
    if (!is_set) {
        throw std::runtime_error("the host name cannot be verified");
    }
    SSL_set_verify(session, SSL_VERIFY_PEER, nullptr);
}

/// TLS with SNI, and the certificate checked against `host` (a name or an address). Throws std::runtime_error
/// with a sentence (which check failed).
asio::awaitable<void> agree_on_tls(Stream::Encrypted* tls, std::string host)
{
    expect_host(tls->native_handle(), host);
    boost::system::error_code error;
    co_await tls->async_handshake(
        asio::ssl::stream_base::client, asio::redirect_error(asio::use_awaitable, error)
    );
    if (error) {
        throw std::runtime_error(tls_failure(tls->native_handle(), error));
    }
}

asio::awaitable<std::string> read_proxy_answer(Stream* stream)
{
    constexpr std::size_t longest = std::size_t{16} * 1024;
    std::string answer;
    std::array<char, 1> byte{};  // one at a time: what follows the blank line belongs to TLS
    while (!answer.ends_with("\r\n\r\n")) {
        const auto got = co_await stream->read_some(asio::buffer(byte));
        answer.append(byte.data(), got);
        if (answer.size() > longest) {
            throw std::runtime_error("the answer has no end");
        }
    }
    co_return answer;
}

}  // namespace

Dialer::Dialer(asio::any_io_executor executor, const TransportOptions& options)
    : executor_(std::move(executor)),
      tls_(make_client_context(options.ca_file)),
      proxy_(parse_proxy(options.proxy)),
      no_proxy_(options.no_proxy)
{}

Dialer::~Dialer() = default;

asio::awaitable<Stream> Dialer::dial(const Url* url, Limits limits, Progress* progress)
{
    const bool by_proxy = proxy_ && !bypasses_proxy(url->host, url->port, no_proxy_);
    const Url& first_hop = by_proxy ? *proxy_ : *url;
    progress->step = by_proxy ? Step::proxy : Step::resolve;
    progress->proxy = by_proxy ? proxy_->authority() : "";
    auto addresses = co_await resolve(first_hop.host, first_hop.port, limits.resolve);
    if (!url->is_encrypted()) {
        keep_loopback_only(addresses.endpoints);
    }
    progress->step = by_proxy ? Step::proxy : Step::connect;
    auto stream = co_await connect(std::move(addresses), limits.connect);
    if (by_proxy) {
        auto asking = ask_proxy(&stream, url);
        co_await with_timeout(std::move(asking), limits.connect);
    }
    if (!url->is_encrypted()) {
        co_return stream;
    }
    progress->step = Step::tls;
    auto tls = std::make_unique<Stream::Encrypted>(stream.release(), *tls_);
    auto agreeing = agree_on_tls(tls.get(), url->host);
    co_await with_timeout(std::move(agreeing), limits.tls);
    co_return Stream(std::move(tls));
}

asio::awaitable<Dialer::Addresses> Dialer::resolve(std::string host, std::uint16_t port, milliseconds limit)
{
    boost::system::error_code not_an_address;
    const auto address = asio::ip::make_address(host, not_an_address);
    if (!not_an_address) {
        std::vector<tcp::endpoint> only(1, tcp::endpoint(address, port));
        co_return Addresses(std::move(only));
    }
    const auto lookup = std::make_shared<Lookup>(executor_);
    lookup->bell.expires_after(limit);
    start(lookup, host, port);
    const auto [rang] = co_await lookup->bell.async_wait(asio::as_tuple(asio::use_awaitable));
    if (!lookup->is_done) {
        lookup->resolver.cancel();
        throw boost::system::system_error(rang ? rang : asio::error::timed_out);
    }
    if (lookup->error) {
        throw boost::system::system_error(lookup->error);
    }
    co_return Addresses(std::move(lookup->endpoints));
}

asio::awaitable<Stream> Dialer::connect(Addresses addresses, milliseconds limit)
{
    const auto end = std::chrono::steady_clock::now() + limit;
    boost::system::error_code last = asio::error::host_not_found;
    auto left = static_cast<milliseconds::rep>(addresses.endpoints.size());
    for (const auto& endpoint : addresses.endpoints) {
        // Each address gets its share, so that one that swallows packets leaves time for the next.
        const auto remaining = std::chrono::ceil<milliseconds>(end - std::chrono::steady_clock::now());
        const auto share = std::max(remaining / left--, milliseconds(1));
        tcp::socket socket(executor_);
        try {
            auto connecting = connect_to(&socket, endpoint);
            co_await with_timeout(std::move(connecting), share);
            socket.set_option(tcp::no_delay(true));
            co_return Stream(std::move(socket));
        }
        catch (const boost::system::system_error& failure) {
            last = failure.code();
        }
        if (last == asio::error::operation_aborted) {
            break;
        }
    }
    throw boost::system::system_error(last);
}

asio::awaitable<void> Dialer::ask_proxy(Stream* stream, const Url* url)
{
    auto named = url->host.find(':') == std::string::npos ? url->host : "[" + url->host + "]";
    named += ":" + std::to_string(url->port);
    auto request = "CONNECT " + named + " HTTP/1.1\r\nHost: " + named + "\r\n";
    if (!proxy_->user.empty() || !proxy_->password.empty()) {
        request += "Proxy-Authorization: Basic " + base64(proxy_->user + ":" + proxy_->password) + "\r\n";
    }
    request += "\r\n";
    std::size_t written = 0;
    co_await stream->write_all(&request, &written);
    const auto answer = co_await read_proxy_answer(stream);
    const auto space = answer.find(' ');
    const auto status = space == std::string::npos ? std::string() : answer.substr(space + 1, 3);
    if (!answer.starts_with("HTTP/1.") || status.size() != 3 || status.front() != '2') {
        throw std::runtime_error("the proxy answered " + (status.empty() ? "nonsense" : status));
    }
}

boost::system::result<Url, UrlMistake> dialable(const std::string& address)
{
    auto url = parse_url(address);
    if (url && !url->is_encrypted() && !url->is_loopback()) {
        return UrlMistake{"without TLS only this machine itself may be reached"};
    }
    if (url && (!url->user.empty() || !url->password.empty())) {
        return UrlMistake{"a password in an address is not supported"};
    }
    return url;
}

NetworkError failure_of(const std::exception_ptr& error, const Progress& progress, std::string host)
{
    std::string text;
    try {
        std::rethrow_exception(error);
    }
    catch (const boost::system::system_error& failure) {
        text = failure.code() == asio::error::timed_out ? "no result in time" : failure.code().message();
    }
    catch (const std::exception& failure) {
        text = failure.what();
    }
    auto message = step_name(progress.step) + std::string(" ") + host;
    if (progress.step == Step::proxy) {
        message += " by " + progress.proxy;
    }
    message += ": " + text;
    return {progress.step, std::move(host), std::move(message), progress.bytes_sent > 0};
}

asio::awaitable<void> rethrow_if_cancelled(std::exception_ptr error)
{
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) {
        std::rethrow_exception(error);
    }
}

}  // namespace slipway::net
