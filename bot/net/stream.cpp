#include "bot/net/stream.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <array>
#include <optional>
#include <stdexcept>

namespace slipway::net {

namespace asio = boost::asio;
using asio::ip::tcp;

struct Stream::Wire {
    explicit Wire(tcp::socket connected) : socket(std::move(connected)) {}

    tcp::socket socket;
    std::optional<asio::ssl::stream<tcp::socket&>> tls;
    std::array<char, gathered> gathering{};
};

namespace {

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

}  // namespace

Stream::Stream(tcp::socket socket) : wire_(std::make_unique<Wire>(std::move(socket))) {}

Stream::~Stream() = default;
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&&) noexcept = default;

Stream::executor_type Stream::get_executor() const noexcept { return wire_->socket.get_executor(); }

asio::awaitable<void> Stream::handshake_as_client(asio::ssl::context* context, std::string host)
{
    auto& tls = wire_->tls.emplace(wire_->socket, *context);
    expect_host(tls.native_handle(), host);
    boost::system::error_code error;
    co_await tls.async_handshake(
        asio::ssl::stream_base::client, asio::redirect_error(asio::use_awaitable, error)
    );
    if (error) {
        throw std::runtime_error(tls_failure(tls.native_handle(), error));
    }
}

asio::awaitable<void> Stream::handshake_as_server(asio::ssl::context* context)
{
    auto& tls = wire_->tls.emplace(wire_->socket, *context);
    co_await tls.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
}

asio::awaitable<std::size_t> Stream::read_some(asio::mutable_buffer target)
{
    const auto transferred = co_await async_read_some(target, asio::use_awaitable);
    co_return transferred;
}

asio::awaitable<void> Stream::write_all(const std::string* text, std::size_t* written)
{
    std::size_t done = 0;
    while (done < text->size()) {
        const auto rest = asio::buffer(*text) + done;
        const auto transferred = co_await async_write_some(rest, asio::use_awaitable);
        done += transferred;
        *written += transferred;
    }
}

bool Stream::has_news()
{
    char byte = 0;
    const auto received = ::recv(wire_->socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return received >= 0 || errno != EAGAIN;
}

void Stream::shut_down_sending() noexcept
{
    boost::system::error_code ignored;
    wire_->socket.shutdown(tcp::socket::shutdown_send, ignored);
}

void Stream::close() noexcept
{
    boost::system::error_code ignored;
    wire_->socket.close(ignored);
}

void Stream::reset() noexcept
{
    boost::system::error_code ignored;
    wire_->socket.set_option(asio::socket_base::linger(true, 0), ignored);
    wire_->socket.close(ignored);
}

asio::mutable_buffer Stream::gathering_space() { return asio::buffer(wire_->gathering); }

void Stream::start_read(asio::mutable_buffer target, Completion completion)
{
    if (auto& tls = wire_->tls; tls) {
        tls->async_read_some(target, std::move(completion));
    }
    else {
        wire_->socket.async_read_some(target, std::move(completion));
    }
}

void Stream::start_write(asio::const_buffer source, Completion completion)
{
    if (auto& tls = wire_->tls; tls) {
        tls->async_write_some(source, std::move(completion));
    }
    else {
        wire_->socket.async_write_some(source, std::move(completion));
    }
}

}  // namespace slipway::net
