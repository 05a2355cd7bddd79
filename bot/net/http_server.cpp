#include "bot/net/http_server.hpp"

#include "bot/net/connection_beast.hpp"
#include "bot/net/dialer.hpp"
#include "bot/net/task_group.hpp"
#include "bot/net/websocket_stream.hpp"
#include "bot/net/with_timeout.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>

#include <openssl/ssl.h>

#include <optional>

namespace slipway::net {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using boost::system::system_error;
using std::chrono::milliseconds;

constexpr std::uint32_t longest_head = 32 * 1024;
constexpr milliseconds linger_limit{1'000};  // for the client to take a refusal in
constexpr milliseconds accept_pause{100};    // after "too many open files"

using Parser = http::request_parser<http::string_body>;

/// A request we do not pass on, and the status that says why.
struct Unacceptable {
    int status;
};

int status_for(const error_code& error)
{
    if (error == http::error::body_limit) {
        return 413;
    }
    return error == http::error::header_limit ? 431 : 400;
}

std::unique_ptr<asio::ssl::context> make_server_context(const ServerOptions& options)
{
    if (options.certificate_file.empty() && options.key_file.empty()) {
        return nullptr;
    }
    auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    context->use_certificate_chain_file(options.certificate_file);
    context->use_private_key_file(options.key_file, asio::ssl::context::pem);
    return context;
}

tcp::acceptor listen_on(const asio::any_io_executor& executor, const ServerOptions& options)
{
    const auto place = options.address + ":" + std::to_string(options.port);
    try {
        const tcp::endpoint endpoint(asio::ip::make_address(options.address), options.port);
        return tcp::acceptor(executor, endpoint);
    }
    catch (const system_error& error) {
        throw system_error(error.code(), "cannot listen on " + place);
    }
}

std::string serialise(const ServerResponse& response, bool keep_alive, bool without_body)
{
    const auto reason = http::obsolete_reason(static_cast<http::status>(response.status));
    auto text = "HTTP/1.1 " + std::to_string(response.status) + " " + std::string(reason) + "\r\n";
    for (const auto& [name, value] : response.headers) {
        if (fits_one_line(name) && fits_one_line(value)) {
            text.append(name).append(": ").append(value).append("\r\n");
        }
    }
    const bool never_has_body = response.status < 200 || response.status == 204 || response.status == 304;
    if (!never_has_body && header(response.headers, "content-length").empty()) {
        text += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
    }
    if (!keep_alive) {
        text += "Connection: close\r\n";
    }
    text += "\r\n";
    return never_has_body || without_body ? text : text + response.body;
}

/// Half the body of an answer that announced the whole.
std::string cut(std::string text, const ServerResponse& response)
{
    text.resize(text.size() - (response.body.size() - response.body.size() / 2));
    return text;
}

bool is_upgrade(const Parser::value_type& message)
{
    return http::token_list(message[http::field::connection]).exists("upgrade") &&
           http::token_list(message[http::field::upgrade]).exists("websocket");
}

asio::awaitable<void> discard(Connection* connection)
{
    for (;;) {
        connection->input.clear();
        co_await read_more(connection);
    }
}

/// The handler may have given its socket to others, who must not keep the connection alive.
struct AbortAtEnd {
    std::shared_ptr<WebSocket> socket;

    ~AbortAtEnd() { socket->abort(); }
};

class Server : public HttpServer {
public:
    Server(
        asio::any_io_executor executor,
        ServerOptions options,
        Handler handler,
        Upgrade upgrade,
        SocketHandler on_socket
    )
        : options_(std::move(options)),
          handler_(std::move(handler)),
          upgrade_(std::move(upgrade)),
          on_socket_(std::move(on_socket)),
          tls_(make_server_context(options_)),
          acceptor_(listen_on(executor, options_)),
          port_(acceptor_.local_endpoint().port()),
          connections_(std::move(executor))
    {}

    std::uint16_t port() const override { return port_; }

    asio::awaitable<void> run() override
    {
        std::exception_ptr failure;
        try {
            co_await accept_connections();
        }
        catch (...) {
            failure = std::current_exception();
        }
        // Cancelled or broken: either way the connections end before their owner does.
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        error_code ignored;
        acceptor_.close(ignored);
        connections_.cancel_all();
        co_await connections_.wait();
        std::rethrow_exception(failure);
    }

private:
    asio::awaitable<void> accept_connections()
    {
        asio::steady_timer pause(acceptor_.get_executor());
        for (;;) {
            tcp::socket socket(acceptor_.get_executor());
            error_code error;
            co_await acceptor_.async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
            if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) {
                throw system_error(error);
            }
            if (error) {
                // Out of descriptors, or the client left already: neither ends the server, the first needs
                // time.
                pause.expires_after(accept_pause);
                co_await pause.async_wait(asio::use_awaitable);
                continue;
            }
            if (connections_.size() >= options_.connections) {
                continue;  // closes it
            }
            socket.set_option(tcp::no_delay(true), error);
            // A connection that breaks is its client's affair.
            connections_.spawn(serve(Stream(std::move(socket))), [](const std::exception_ptr&) {});
        }
    }

    asio::awaitable<void> serve(Stream stream)
    {
        if (tls_) {
            auto handshake = stream.handshake_as_server(tls_.get());
            co_await with_timeout(std::move(handshake), options_.header_limit);
        }
        Connection connection(std::move(stream));
        auto patience = options_.header_limit;  // whoever connects has something to say
        bool keep_alive = true;
        while (keep_alive) {
            std::optional<int> refusal;
            try {
                keep_alive = co_await serve_one(&connection, patience);
                patience = options_.idle_limit;
            }
            catch (const Unacceptable& request) {
                refusal = request.status;
            }
            if (refusal) {
                co_await refuse(&connection, *refusal);
                co_return;
            }
        }
    }

    /// One request and its answer. False when the connection is to end.
    asio::awaitable<bool> serve_one(Connection* connection, milliseconds patience)
    {
        if (connection->input.size() == 0) {
            auto waiting = read_more(connection);
            co_await with_timeout(std::move(waiting), patience);
        }
        Parser parser;
        parser.header_limit(longest_head);
        parser.body_limit(options_.body_bytes);
        parser.eager(true);
        auto reading_head = read_head(connection, &parser);
        co_await with_timeout(std::move(reading_head), options_.header_limit);
        auto reading_body = read_body(connection, &parser);
        co_await with_timeout(std::move(reading_body), options_.body_limit);

        const bool wants_socket = upgrade_ && is_upgrade(parser.get());
        const bool keep_alive = parser.keep_alive();
        auto request = to_request(parser.release());
        if (wants_socket) {
            const auto status = upgrade_(request);
            if (status == 101) {
                co_await serve_socket(connection, std::move(request));
                co_return false;
            }
            ServerResponse response;
            response.status = status;
            const bool kept = co_await answer(connection, std::move(response), keep_alive, false);
            co_return kept;
        }
        const bool without_body = request.method == "HEAD";
        auto response = co_await handle(std::move(request));
        const bool kept = co_await answer(connection, std::move(response), keep_alive, without_body);
        co_return kept;
    }

    /// A handler that throws costs its caller a 500, not the connection.
    asio::awaitable<ServerResponse> handle(ServerRequest request)
    {
        std::exception_ptr failure;
        try {
            auto response = co_await handler_(std::move(request));
            co_return response;
        }
        catch (const std::exception&) {
            failure = std::current_exception();
        }
        co_await rethrow_if_cancelled(failure);
        ServerResponse response;
        response.status = 500;
        co_return response;
    }

    asio::awaitable<void> read_head(Connection* connection, Parser* parser)
    {
        while (!parser->is_header_done()) {
            const bool wants_more = advance(connection, parser);
            if (wants_more && !parser->is_header_done()) {
                co_await read_more(connection);
            }
        }
    }

    asio::awaitable<void> read_body(Connection* connection, Parser* parser)
    {
        const bool waits_for_leave =
            boost::beast::iequals(parser->get()[http::field::expect], "100-continue");
        if (waits_for_leave && !parser->is_done()) {
            const std::string leave = "HTTP/1.1 100 Continue\r\n\r\n";
            std::size_t written = 0;
            co_await connection->stream.write_all(&leave, &written);
        }
        while (!parser->is_done()) {
            const bool wants_more = advance(connection, parser);
            if (wants_more && !parser->is_done()) {
                co_await read_more(connection);
            }
        }
    }

    static bool advance(Connection* connection, Parser* parser)
    {
        try {
            return parse_input(connection, parser);
        }
        catch (const system_error& error) {
            throw Unacceptable{status_for(error.code())};
        }
    }

    static ServerRequest to_request(Parser::value_type message)
    {
        ServerRequest request;
        request.method = std::string(message.method_string());
        request.target = std::string(message.target());
        request.headers = headers_of(message);
        request.body = std::move(message.body());
        return request;
    }

    asio::awaitable<bool> answer(
        Connection* connection, ServerResponse response, bool keep_alive, bool without_body
    )
    {
        auto& stream = connection->stream;
        auto text = serialise(response, keep_alive, without_body);
        std::size_t written = 0;
        switch (response.answer) {
            case Answer::normal:
                co_await stream.write_all(&text, &written);
                co_return keep_alive;
            case Answer::drop:
                co_return false;
            case Answer::reset:
                stream.reset();
                co_return false;
            case Answer::truncate:
                text = cut(std::move(text), response);
                co_await stream.write_all(&text, &written);
                co_return false;
            case Answer::hold:
                break;
        }
        co_await discard(connection);
        co_return false;
    }

    /// Says no and waits a little for the client to read it: closing at once would reset the connection under
    /// it.
    asio::awaitable<void> refuse(Connection* connection, int status)
    {
        ServerResponse response;
        response.status = status;
        co_await answer(connection, std::move(response), false, false);
        connection->stream.shut_down_sending();
        auto discarding = discard(connection);
        co_await with_timeout(std::move(discarding), linger_limit);
    }

    asio::awaitable<void> serve_socket(Connection* connection, ServerRequest request)
    {
        auto accepting = accept_websocket(std::move(connection->stream), request);
        auto socket = co_await with_timeout(std::move(accepting), options_.header_limit);
        const AbortAtEnd abort_at_end{socket};
        co_await on_socket_(std::move(socket), std::move(request));
    }

    ServerOptions options_;
    Handler handler_;
    Upgrade upgrade_;
    SocketHandler on_socket_;
    std::unique_ptr<asio::ssl::context> tls_;
    tcp::acceptor acceptor_;
    std::uint16_t port_;
    TaskGroup connections_;
};

}  // namespace

std::unique_ptr<HttpServer> make_http_server(
    asio::any_io_executor executor,
    ServerOptions options,
    HttpServer::Handler handler,
    HttpServer::Upgrade upgrade,
    HttpServer::SocketHandler on_socket
)
{
    return std::make_unique<Server>(
        std::move(executor), std::move(options), std::move(handler), std::move(upgrade), std::move(on_socket)
    );
}

}  // namespace slipway::net
