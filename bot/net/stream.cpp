#include "bot/net/stream.hpp"

#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/socket.h>

#include <array>
#include <optional>

namespace slipway::net {

namespace asio = boost::asio;
using asio::ip::tcp;

struct Stream::Wire {
    explicit Wire(tcp::socket connected) : plain(std::move(connected)) {}

    explicit Wire(std::unique_ptr<Encrypted> connected) : tls(std::move(connected)) {}

    tcp::socket& socket() { return tls ? tls->next_layer() : plain.value(); }

    std::optional<tcp::socket> plain;
    std::unique_ptr<Encrypted> tls;  ///< null while it is plain
    std::array<char, gathered> gathering{};
};

Stream::Stream(tcp::socket socket) : wire_(std::make_unique<Wire>(std::move(socket))) {}

Stream::Stream(std::unique_ptr<Encrypted> socket) : wire_(std::make_unique<Wire>(std::move(socket))) {}

Stream::~Stream() = default;
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&&) noexcept = default;

Stream::executor_type Stream::get_executor() const noexcept { return wire_->socket().get_executor(); }

tcp::socket Stream::release() { return std::move(wire_->plain.value()); }

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
    const auto received = ::recv(wire_->socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return received >= 0 || errno != EAGAIN;
}

void Stream::shut_down_sending() noexcept
{
    boost::system::error_code ignored;
    wire_->socket().shutdown(tcp::socket::shutdown_send, ignored);
}

void Stream::close() noexcept
{
    boost::system::error_code ignored;
    wire_->socket().close(ignored);
}

void Stream::reset() noexcept
{
    boost::system::error_code ignored;
    wire_->socket().set_option(asio::socket_base::linger(true, 0), ignored);
    wire_->socket().close(ignored);
}

asio::mutable_buffer Stream::gathering_space() { return asio::buffer(wire_->gathering); }

void Stream::start_read(asio::mutable_buffer target, Completion completion)
{
    if (const auto& tls = wire_->tls) {
        tls->async_read_some(target, std::move(completion));
    }
    else {
        wire_->plain->async_read_some(target, std::move(completion));
    }
}

void Stream::start_write(asio::const_buffer source, Completion completion)
{
    if (const auto& tls = wire_->tls) {
        tls->async_write_some(source, std::move(completion));
    }
    else {
        wire_->plain->async_write_some(source, std::move(completion));
    }
}

}  // namespace slipway::net
