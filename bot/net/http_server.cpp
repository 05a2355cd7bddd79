#include "bot/net/http_server.hpp"

#include "bot/net/connection_beast.hpp"
#include "bot/net/dialer.hpp"
#include "bot/net/task_group.hpp"
#include "bot/net/with_timeout.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>

#include <list>
#include <string_view>

namespace slipway::net {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using boost::system::system_error;
using std::chrono::milliseconds;

constexpr std::uint32_t longest_request_head = 32 * 1024;
constexpr milliseconds linger_limit{1'000};  // for the client to take a refusal in
constexpr milliseconds accept_pause{100};    // after "too many open files"

using Parser = http::request_parser<http::string_body>;

tcp::acceptor listen_on(const asio::any_io_executor& executor, const ServerOptions& options)
{
    try {
        const tcp::endpoint endpoint(asio::ip::make_address(options.address), options.port);
        return tcp::acceptor(executor, endpoint);
    }
    catch (const system_error& error) {
        const auto place = options.address + ":" + std::to_string(options.port);
        throw system_error(error.code(), "cannot listen on " + place);
    }
}

int status_for(const error_code& error)
{
    if (error == http::error::body_limit) {
        return 413;
    }
    return error == http::error::header_limit ? 431 : 400;
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

asio::awaitable<void> discard(Connection* connection)
{
    for (;;) {
        connection->input.clear();
        co_await read_more(connection);
    }
}

/// "/a?b", also where the whole address was asked for, as a proxy does (RFC 9112, 3.2.2).
std::string path_in(std::string_view target)
{
    const auto scheme = target.find("://");
    if (target.starts_with('/') || scheme == std::string_view::npos) {
        return std::string(target);
    }
    const auto path = target.find_first_of("/?", scheme + 3);
    return path == std::string_view::npos ? "/" : std::string(target.substr(path));
}

/// Blank lines before a request are to be ignored (RFC 9112, 2.2).
void skip_blank_lines(Connection* connection)
{
    const auto is_blank = [&] {
        const auto* first = static_cast<const char*>(connection->input.data().data());
        return connection->input.size() > 0 && (*first == '\r' || *first == '\n');
    };
    while (is_blank()) {
        connection->input.consume(1);
    }
}

ServerRequest to_request(Parser::value_type message)
{
    ServerRequest request;
    request.method = std::string(message.method_string());
    request.target = path_in(message.target());
    request.headers = headers_of(message);
    request.body = std::move(message.body());
    return request;
}

/// Feeds the parser until it holds what is asked for. The status to refuse the request with, 200 for none.
asio::awaitable<int> read_until(bool (Parser::*holds_it)() const, Connection* connection, Parser* parser)
{
    while (!(parser->*holds_it)()) {
        bool wants_more = false;
        try {
            wants_more = parse_input(connection, parser);
        }
        catch (const system_error& error) {
            co_return status_for(error.code());
        }
        if (wants_more && !(parser->*holds_it)()) {
            co_await read_more(connection);
        }
    }
    co_return 200;
}

/// Who does not read what they asked for must not hold their place.
asio::awaitable<void> write(Connection* connection, std::string text, milliseconds limit)
{
    std::size_t written = 0;
    auto writing = connection->stream.write_all(&text, &written);
    co_await with_timeout(std::move(writing), limit);
}

/// Says no and waits a little for the client to read it: closing at once would reset the connection under it.
asio::awaitable<void> refuse(Connection* connection, int status)
{
    auto text = serialise({status, {}, {}}, false, false);
    co_await write(connection, std::move(text), linger_limit);
    connection->stream.shut_down_sending();
    auto discarding = discard(connection);
    co_await with_timeout(std::move(discarding), linger_limit);
}

/// A connection's place among those that are served.
class Place {
public:
    Place(std::list<Connection*>* served, Connection* connection)
        : served_(served), at_(served->insert(served->end(), connection))
    {}

    ~Place() { served_->erase(at_); }

    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    void move_to_the_end() const { served_->splice(served_->end(), *served_, at_); }

private:
    std::list<Connection*>* served_;
    std::list<Connection*>::iterator at_;
};

class Server : public HttpServer {
public:
    Server(asio::any_io_executor executor, ServerOptions options, Handler handler)
        : options_(std::move(options)),
          handler_(std::move(handler)),
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
            if (served_.size() >= 2 * options_.connections) {
                continue;  // closes it
            }
            if (served_.size() >= options_.connections) {
                served_.front()->stream.close();  // whoever has kept us waiting longest
                served_.splice(served_.end(), served_, served_.begin());
            }
            socket.set_option(tcp::no_delay(true), error);
            // A connection that breaks is its client's affair.
            connections_.spawn(serve(Stream(std::move(socket))), [](const std::exception_ptr&) {});
        }
    }

    asio::awaitable<void> serve(Stream stream)
    {
        Connection connection(std::move(stream));
        const Place place(&served_, &connection);
        auto patience = options_.header_limit;  // whoever connects has something to say
        while (co_await serve_one(&connection, patience)) {
            patience = options_.idle_limit;
            place.move_to_the_end();
        }
    }

    /// One request and its answer. False when the connection is to end.
    asio::awaitable<bool> serve_one(Connection* connection, milliseconds patience)
    {
        if (connection->input.size() == 0) {
            auto waiting = read_more(connection);
            co_await with_timeout(std::move(waiting), patience);
        }
        skip_blank_lines(connection);
        Parser parser;
        parser.header_limit(longest_request_head);
        parser.body_limit(options_.body_bytes);
        parser.eager(true);
        const auto status = co_await read(connection, &parser);
        if (status != 200) {
            co_await refuse(connection, status);
            co_return false;
        }
        const bool keep_alive = parser.keep_alive();
        auto request = to_request(parser.release());
        const bool without_body = request.method == "HEAD";
        const auto response = co_await handle(std::move(request));
        auto text = serialise(response, keep_alive, without_body);
        co_await write(connection, std::move(text), options_.write_limit);
        co_return keep_alive;
    }

    /// Reads one request. The status to refuse it with, 200 for none.
    asio::awaitable<int> read(Connection* connection, Parser* parser)
    {
        auto reading_head = read_until(&Parser::is_header_done, connection, parser);
        const auto status = co_await with_timeout(std::move(reading_head), options_.header_limit);
        if (status != 200) {
            co_return status;
        }
        // What frames the body in a way we do not know would be read as the next request.
        if (parser->get().find(http::field::transfer_encoding) != parser->get().end() && !parser->chunked()) {
            co_return 501;
        }
        const auto& expected = parser->get()[http::field::expect];
        if (boost::beast::iequals(expected, "100-continue") && !parser->is_done()) {
            co_await write(connection, "HTTP/1.1 100 Continue\r\n\r\n", options_.write_limit);
        }
        auto reading_body = read_until(&Parser::is_done, connection, parser);
        const auto body_status = co_await with_timeout(std::move(reading_body), options_.body_limit);
        co_return body_status;
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

    ServerOptions options_;
    Handler handler_;
    tcp::acceptor acceptor_;
    std::uint16_t port_;
    std::list<Connection*> served_;  ///< the longest without an answer first
    TaskGroup connections_;
};

}  // namespace

std::unique_ptr<HttpServer> make_http_server(
    asio::any_io_executor executor, ServerOptions options, HttpServer::Handler handler
)
{
    return std::make_unique<Server>(std::move(executor), std::move(options), std::move(handler));
}

}  // namespace slipway::net
