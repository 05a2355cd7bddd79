#include "tests/simulator/web_server.hpp"

#include "bot/net/connection_beast.hpp"
#include "bot/net/websocket_beast.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>

#include <optional>

namespace simulator {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace net = slipway::net;
using asio::ip::tcp;

using Parser = http::request_parser<http::string_body>;

std::unique_ptr<asio::ssl::context> make_context(const WebServer::Options& options)
{
    if (options.certificate_file.empty()) {
        return nullptr;
    }
    auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    context->use_certificate_chain_file(options.certificate_file);
    context->use_private_key_file(options.key_file, asio::ssl::context::pem);
    return context;
}

bool is_upgrade(const Parser::value_type& message)
{
    return http::token_list(message[http::field::connection]).exists("upgrade") &&
           http::token_list(message[http::field::upgrade]).exists("websocket");
}

net::ServerRequest to_request(Parser::value_type message)
{
    net::ServerRequest request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    request.headers = net::headers_of(message);
    request.body = std::move(message.body());
    return request;
}

std::string serialise(const net::ServerResponse& response, bool keep_alive)
{
    const auto reason = http::obsolete_reason(static_cast<http::status>(response.status));
    auto text = "HTTP/1.1 " + std::to_string(response.status) + " " + std::string(reason) + "\r\n";
    for (const auto& [name, value] : response.headers) {
        text.append(name).append(": ").append(value).append("\r\n");
    }
    text += keep_alive ? "" : "Connection: close\r\n";
    return text + "Content-Length: " + std::to_string(response.body.size()) + "\r\n\r\n" + response.body;
}

asio::awaitable<void> read(net::Connection* connection, Parser* parser)
{
    parser->eager(true);
    while (!parser->is_done()) {
        const bool wants_more = connection->input.size() == 0 || net::parse_input(connection, parser);
        if (wants_more && !parser->is_done()) {
            co_await net::read_more(connection);
        }
    }
}

/// False when the connection is to end.
asio::awaitable<bool> deliver(net::Connection* connection, Reply reply, bool keep_alive)
{
    if (reply.delivery == Delivery::reset) {
        connection->stream.reset();
    }
    while (reply.delivery == Delivery::held) {
        connection->input.clear();
        co_await net::read_more(connection);  // throws when the client leaves
    }
    auto text = serialise(reply.response, keep_alive);
    if (reply.delivery == Delivery::truncated) {
        const auto body = reply.response.body.size();
        text.resize(text.size() - (body - body / 2));
    }
    if (reply.delivery == Delivery::whole || reply.delivery == Delivery::truncated) {
        std::size_t written = 0;
        co_await connection->stream.write_all(&text, &written);
    }
    co_return keep_alive&& reply.delivery == Delivery::whole;
}

/// The server's half of the opening handshake, for a request that was read already.
asio::awaitable<void> accept(net::BeastSocket* socket, net::ServerRequest request)
{
    http::request<http::empty_body> upgrade;
    upgrade.method_string(request.method);
    upgrade.target(request.target);
    upgrade.version(11);
    for (const auto& [name, value] : request.headers) {
        upgrade.insert(name, value);
    }
    co_await socket->async_accept(upgrade, asio::use_awaitable);
}

/// The handler may have given its socket to others, who must not keep the connection alive.
struct AbortAtEnd {
    std::shared_ptr<net::WebSocket> socket;

    ~AbortAtEnd() { socket->abort(); }
};

}  // namespace

WebServer::WebServer(
    asio::any_io_executor executor,
    const Options& options,
    Handler handler,
    Upgrade upgrade,
    SocketHandler on_socket
)
    : handler_(std::move(handler)),
      upgrade_(std::move(upgrade)),
      on_socket_(std::move(on_socket)),
      tls_(make_context(options)),
      acceptor_(executor, tcp::endpoint(asio::ip::address_v4::loopback(), options.port)),
      port_(acceptor_.local_endpoint().port()),
      connections_(std::move(executor))
{}

WebServer::~WebServer() = default;

asio::awaitable<void> WebServer::run()
{
    std::exception_ptr failure;
    try {
        for (;;) {
            auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
            socket.set_option(tcp::no_delay(true));
            // A connection that breaks is its client's affair.
            connections_.spawn(serve(std::move(socket)), [](const std::exception_ptr&) {});
        }
    }
    catch (...) {
        failure = std::current_exception();
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    acceptor_.close();
    connections_.cancel_all();
    co_await connections_.wait();
    std::rethrow_exception(failure);
}

asio::awaitable<void> WebServer::serve(tcp::socket socket)
{
    std::optional<net::Connection> connection;
    if (tls_) {
        auto encrypted = std::make_unique<net::Stream::Encrypted>(std::move(socket), *tls_);
        co_await encrypted->async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
        connection.emplace(net::Stream(std::move(encrypted)));
    }
    else {
        connection.emplace(net::Stream(std::move(socket)));
    }
    for (bool goes_on = true; goes_on;) {
        Parser parser;
        co_await read(&*connection, &parser);
        const bool wants_socket = upgrade_ && is_upgrade(parser.get());
        const bool keep_alive = parser.keep_alive();
        auto request = to_request(parser.release());
        const int status = wants_socket ? upgrade_(request) : 0;
        if (status == 101) {
            co_await serve_socket(std::move(connection->stream), std::move(request));
            co_return;
        }
        Reply reply;
        if (wants_socket) {
            reply.response.status = status;
        }
        else {
            reply = co_await reply_to(std::move(request));
        }
        goes_on = co_await deliver(&*connection, std::move(reply), keep_alive);
    }
}

asio::awaitable<void> WebServer::serve_socket(net::Stream stream, net::ServerRequest request)
{
    auto accepted = net::websocket_over(std::move(stream));
    co_await accept(accepted.get(), request);
    const std::shared_ptr<net::WebSocket> socket = net::opened(std::move(accepted));
    const AbortAtEnd abort_at_end{socket};
    co_await on_socket_(socket, std::move(request));
}

asio::awaitable<Reply> WebServer::reply_to(net::ServerRequest request)
{
    Reply broken;
    broken.response.status = 500;
    try {
        auto reply = co_await handler_(std::move(request));
        co_return reply;
    }
    catch (const boost::system::system_error&) {
        throw;  // cancelled
    }
    catch (const std::exception&) {
        co_return broken;
    }
}

}  // namespace simulator
