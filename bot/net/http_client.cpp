#include "bot/net/connection_beast.hpp"
#include "bot/net/dialer.hpp"
#include "bot/net/semaphore.hpp"
#include "bot/net/transport.hpp"
#include "bot/net/url.hpp"
#include "bot/net/with_timeout.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>

namespace slipway::net {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using std::chrono::steady_clock;

constexpr std::uint32_t longest_answer_head = 64 * 1024;

/// The connections to one host: how many may be open, and which of them wait for the next call.
struct Pool {
    struct Idle {
        std::unique_ptr<Connection> connection;
        steady_clock::time_point since;
    };

    std::shared_ptr<Semaphore> permits;
    std::vector<Idle> idle;
};

/// What the calls of one client share. They hold it, so that it outlives the client where they do.
class Hosts {
public:
    Hosts(asio::any_io_executor executor, const TransportOptions& options)
        : dialer(executor, options),
          executor_(std::move(executor)),
          limit_(std::max<std::size_t>(options.connections_per_host, 1)),
          idle_limit_(options.idle_limit)
    {}

    Dialer dialer;

    std::shared_ptr<Semaphore> permits(const std::string& origin) { return pool(origin).permits; }

    /// An idle connection that still looks alive, the one used last first; null if there is none.
    std::unique_ptr<Connection> take(const std::string& origin)
    {
        close_unused();
        auto& idle = pool(origin).idle;
        while (!idle.empty()) {
            auto connection = std::move(idle.back().connection);
            idle.pop_back();
            if (!connection->stream.has_news()) {
                return connection;
            }
        }
        return nullptr;
    }

    void give_back(const std::string& origin, std::unique_ptr<Connection> connection)
    {
        pool(origin).idle.push_back({std::move(connection), steady_clock::now()});
    }

private:
    Pool& pool(const std::string& origin)
    {
        auto& found = pools_[origin];
        if (!found.permits) {
            found.permits = std::make_shared<Semaphore>(executor_, limit_);
        }
        return found;
    }

    void close_unused()
    {
        const auto oldest = steady_clock::now() - idle_limit_;
        for (auto& [origin, pool] : pools_) {
            std::erase_if(pool.idle, [oldest](const Pool::Idle& idle) { return idle.since < oldest; });
        }
    }

    asio::any_io_executor executor_;
    std::size_t limit_;
    std::chrono::seconds idle_limit_;
    std::map<std::string, Pool> pools_;
};

bool is_token(const std::string& text)
{
    const auto allowed = [](unsigned char letter) {
        return std::isalnum(letter) != 0 ||
               std::string("!#$%&'*+-.^_`|~").find(static_cast<char>(letter)) != std::string::npos;
    };
    return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

/// What cannot be sent as it stands: one line, or empty.
std::string objection(const HttpRequest& request)
{
    if (!is_token(request.method)) {
        return "the method is not one word";
    }
    for (const auto& [name, value] : request.headers) {
        if (!is_token(name) || !fits_one_line(value)) {
            return "a header does not fit on one line";
        }
    }
    return {};
}

std::string serialise(const HttpRequest& request, const Url& url)
{
    auto text = request.method + " " + url.target + " HTTP/1.1\r\nHost: " + url.authority() + "\r\n";
    if (header(request.headers, "user-agent").empty()) {
        text += "User-Agent: slipway\r\n";
    }
    for (const auto& [name, value] : request.headers) {
        text.append(name).append(": ").append(value).append("\r\n");
    }
    const bool may_have_body =
        request.method != "GET" && request.method != "HEAD" && request.method != "DELETE";
    if (may_have_body || !request.body.empty()) {
        text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    }
    return text + "\r\n" + request.body;
}

/// One call of `send`.
class Call {
public:
    Call(std::shared_ptr<Hosts> hosts, HttpRequest request, Url url)
        : hosts_(std::move(hosts)),
          request_(std::move(request)),
          url_(std::move(url)),
          origin_(url_.scheme + "://" + url_.authority()),
          text_(serialise(request_, url_))
    {}

    [[nodiscard]] const Limits& limits() const { return request_.limits; }

    [[nodiscard]] const Progress& progress() const { return progress_; }

    [[nodiscard]] const std::string& host() const { return url_.host; }

    asio::awaitable<HttpResponse> run()
    {
        progress_.step = Step::connect;
        const auto permits = hosts_->permits(origin_);
        const auto permit = co_await permits->acquire();
        auto connection = hosts_->take(origin_);
        if (connection) {
            try {
                auto response = co_await exchange(connection.get());
                keep(std::move(connection));
                co_return response;
            }
            catch (const boost::system::system_error& error) {
                if (!may_be_replaced(error.code())) {
                    throw;
                }
            }
            progress_ = {};
            connection.reset();
        }
        auto stream = co_await hosts_->dialer.dial(&url_, request_.limits, &progress_);
        connection = std::make_unique<Connection>(std::move(stream));
        auto response = co_await exchange(connection.get());
        keep(std::move(connection));
        co_return response;
    }

private:
    using Parser = http::response_parser<http::string_body>;

    /// A kept-alive connection may have died unnoticed. The call may be made again where that cannot do
    /// anything twice.
    [[nodiscard]] bool may_be_replaced(const boost::system::error_code& error) const
    {
        const bool gave_up = error == asio::error::timed_out || error == asio::error::operation_aborted;
        const bool cannot_double = request_.method == "GET" || progress_.bytes_sent == 0;
        return !gave_up && !progress_.is_answered && cannot_double;
    }

    void keep(std::unique_ptr<Connection> connection)
    {
        if (may_keep_ && connection->input.size() == 0) {
            hosts_->give_back(origin_, std::move(connection));
        }
    }

    asio::awaitable<HttpResponse> exchange(Connection* connection)
    {
        progress_.step = Step::send;
        co_await connection->stream.write_all(&text_, &progress_.bytes_sent);
        progress_.step = Step::first_byte;
        auto first = read_more(connection);
        co_await with_timeout(std::move(first), request_.limits.first_byte);
        progress_.is_answered = true;
        progress_.step = Step::body;
        auto response = co_await read_response(connection);
        co_return response;
    }

    asio::awaitable<HttpResponse> read_response(Connection* connection)
    {
        for (;;) {
            Parser parser;
            parser.header_limit(longest_answer_head);
            parser.body_limit(request_.limits.body_bytes);
            parser.eager(true);
            parser.skip(request_.method == "HEAD");
            co_await read_message(connection, &parser);
            const auto status = parser.get().result_int();
            if (status >= 200) {
                may_keep_ = parser.keep_alive();
                co_return to_response(parser.release());
            }
            // 100 and its like announce the answer; they are not it.
        }
    }

    asio::awaitable<void> read_message(Connection* connection, Parser* parser)
    {
        while (!parser->is_done()) {
            const bool wants_more = parse_input(connection, parser);
            if (parser->is_done() || !wants_more) {
                continue;
            }
            bool at_end = false;
            try {
                co_await read_more(connection);
            }
            catch (const boost::system::system_error& error) {
                if (error.code() != asio::error::eof) {
                    throw;
                }
                at_end = true;
            }
            if (at_end) {
                boost::system::error_code error;
                parser->put_eof(error);
                if (error) {
                    throw std::runtime_error("the answer was cut short");
                }
            }
        }
    }

    static HttpResponse to_response(Parser::value_type message)
    {
        HttpResponse response;
        response.status = static_cast<int>(message.result_int());
        response.headers = headers_of(message);
        response.body = std::move(message.body());
        return response;
    }

    std::shared_ptr<Hosts> hosts_;
    HttpRequest request_;
    Url url_;
    std::string origin_;
    std::string text_;
    Progress progress_;
    bool may_keep_ = false;
};

asio::awaitable<Outcome<HttpResponse>> perform(std::shared_ptr<Hosts> hosts, HttpRequest request)
{
    auto url = dialable(request.url);
    const auto refusal = url ? objection(request) : url.error().text;
    if (!refusal.empty()) {
        co_return NetworkError{Step::address, url ? url->host : "", "address: " + refusal, false};
    }
    Call call(std::move(hosts), std::move(request), std::move(*url));
    std::exception_ptr failure;
    try {
        auto work = call.run();
        auto response = co_await with_timeout(std::move(work), call.limits().whole);
        co_return response;
    }
    catch (...) {
        failure = std::current_exception();
    }
    co_await rethrow_if_cancelled(failure);
    co_return failure_of(failure, call.progress(), call.host());
}

class PoolingClient : public HttpClient {
public:
    PoolingClient(asio::any_io_executor executor, const TransportOptions& options)
        : hosts_(std::make_shared<Hosts>(std::move(executor), options))
    {}

    asio::awaitable<Outcome<HttpResponse>> send(HttpRequest request) override
    {
        return perform(hosts_, std::move(request));
    }

private:
    std::shared_ptr<Hosts> hosts_;
};

}  // namespace

std::unique_ptr<HttpClient> make_http_client(asio::any_io_executor executor, const TransportOptions& options)
{
    return std::make_unique<PoolingClient>(std::move(executor), options);
}

}  // namespace slipway::net
