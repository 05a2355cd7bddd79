#include "bot/net/websocket.hpp"

#include "bot/net/dialer.hpp"
#include "bot/net/transport.hpp"
#include "bot/net/url.hpp"
#include "bot/net/websocket_beast.hpp"
#include "bot/net/with_timeout.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <deque>
#include <optional>
#include <stdexcept>

namespace slipway::net {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr std::size_t largest_message = std::size_t{4} * 1024 * 1024;

/// Beast's stream and our queue of what is to be written. Operations run with plain handlers that hold this
/// object, and coroutines only wait for them: a cancelled `read` or `send` leaves the socket whole.
class Socket : public std::enable_shared_from_this<Socket> {
public:
    explicit Socket(std::unique_ptr<BeastSocket> open)
        : executor_(open->get_executor()),
          news_(executor_, asio::steady_timer::time_point::max()),
          socket_(std::move(open))
    {
        // Runs inside a read that `this` outlives.
        socket_->control_callback([this](websocket::frame_type kind, beast::string_view) {
            if (kind != websocket::frame_type::close) {
                deliver({Frame::Kind::pong, {}, 0});
            }
        });
    }

    asio::awaitable<Frame> read()
    {
        const auto self = shared_from_this();
        while (inbox_.empty()) {
            if (ended_) {
                co_return *ended_;
            }
            start_reading();
            co_await news_.async_wait(asio::as_tuple(asio::use_awaitable));
            co_await throw_if_cancelled();
        }
        auto frame = std::move(inbox_.front());
        inbox_.pop_front();
        co_return frame;
    }

    enum class Task { message, ping, close };

    asio::awaitable<bool> write(Task task, std::string payload)
    {
        const auto self = shared_from_this();
        if (ended_ || is_aborted_ || queue_.size() >= longest_queue) {
            co_return false;
        }
        const auto item = std::make_shared<Outgoing>(executor_, task, std::move(payload));
        queue_.push_back(item);
        write_next();
        while (!item->is_done) {
            co_await item->bell.async_wait(asio::as_tuple(asio::use_awaitable));
            co_await throw_if_cancelled();
        }
        co_return item->is_written;
    }

    void abort()
    {
        if (!is_aborted_) {
            is_aborted_ = true;
            socket_->next_layer().close();
        }
        if (!is_reading_ && !ended_) {
            end(asio::error::operation_aborted);
        }
    }

private:
    static constexpr std::size_t longest_queue = 1024;

    struct Outgoing {
        Outgoing(const asio::any_io_executor& executor, Task chosen, std::string text)
            : task(chosen), payload(std::move(text)), bell(executor, asio::steady_timer::time_point::max())
        {}

        Task task;
        std::string payload;
        asio::steady_timer bell;
        bool is_done = false;
        bool is_written = false;
    };

    static asio::awaitable<void> throw_if_cancelled()
    {
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none) {
            throw boost::system::system_error(asio::error::operation_aborted);
        }
    }

    void deliver(Frame frame)
    {
        const auto is_pong = [](const Frame& other) { return other.kind == Frame::Kind::pong; };
        // Two proofs of life in a row say no more than one, and a flood of pings would fill the memory.
        if (!inbox_.empty() && is_pong(inbox_.back()) && is_pong(frame)) {
            return;
        }
        inbox_.push_back(std::move(frame));
        news_.cancel();
    }

    void start_reading()
    {
        if (is_reading_ || ended_) {
            return;
        }
        is_reading_ = true;
        socket_->async_read(buffer_, [self = shared_from_this()](error_code error, std::size_t) {
            self->is_reading_ = false;
            if (error) {
                self->end(error);
                return;
            }
            const auto kind = self->socket_->got_text() ? Frame::Kind::text : Frame::Kind::binary;
            auto payload = beast::buffers_to_string(self->buffer_.data());
            self->buffer_.clear();
            self->deliver({kind, std::move(payload), 0});
        });
    }

    void end(const error_code& error)
    {
        ended_ = Frame{Frame::Kind::closed, {}, 1006};
        const auto& reason = socket_->reason();
        // A close of ours may end a pending read in other ways, after the other side's farewell has arrived.
        if (error == websocket::error::closed || reason.code != websocket::close_code::none) {
            ended_->close_code = reason.code == websocket::close_code::none ? 1005 : reason.code;
            ended_->payload = std::string(reason.reason.data(), reason.reason.size());
        }
        else if (error == websocket::error::message_too_big || error == websocket::error::buffer_overflow) {
            ended_->close_code = 1009;
            ended_->payload = "message too big";
        }
        else {
            ended_->payload = error.message();
        }
        news_.cancel();
    }

    /// Beast aborts the program when two writes overlap, so everything that writes stands in one line.
    void write_next()
    {
        if (is_writing_ || queue_.empty()) {
            return;
        }
        is_writing_ = true;
        auto on_written = [self = shared_from_this()](error_code error, std::size_t = 0) {
            self->finish_write(error);
        };
        const auto& next = *queue_.front();
        switch (next.task) {
            case Task::message:
                socket_->async_write(asio::buffer(next.payload), std::move(on_written));
                break;
            case Task::ping:
                socket_->async_ping({}, std::move(on_written));
                break;
            case Task::close:
                socket_->async_close(websocket::close_code::normal, std::move(on_written));
                break;
        }
    }

    void finish_write(const error_code& error)
    {
        is_writing_ = false;
        const auto item = queue_.front();
        queue_.pop_front();
        item->is_done = true;
        item->is_written = !error;
        item->bell.cancel();
        if (item->task == Task::close && !error && !is_reading_ && !ended_) {
            end(websocket::error::closed);  // the close itself read the other side's answer
        }
        write_next();
    }

    asio::any_io_executor executor_;
    asio::steady_timer news_;
    std::unique_ptr<BeastSocket> socket_;
    beast::flat_buffer buffer_;
    std::deque<Frame> inbox_;
    std::optional<Frame> ended_;  ///< set once nothing more will come
    std::deque<std::shared_ptr<Outgoing>> queue_;
    bool is_reading_ = false;
    bool is_writing_ = false;
    bool is_aborted_ = false;
};

asio::awaitable<bool> write_close(std::shared_ptr<Socket> socket)
{
    const bool written = co_await socket->write(Socket::Task::close, {});
    co_return written;
}

asio::awaitable<void> close_within(std::shared_ptr<Socket> socket, milliseconds limit)
{
    struct AbortAtEnd {
        std::shared_ptr<Socket> socket;

        ~AbortAtEnd() { socket->abort(); }
    };

    const AbortAtEnd abort_at_end{socket};
    try {
        auto closing = write_close(socket);
        co_await with_timeout(std::move(closing), limit);
    }
    catch (const boost::system::system_error& error) {
        if (error.code() != asio::error::timed_out) {
            throw;
        }
    }
}

class OpenWebSocket : public WebSocket {
public:
    explicit OpenWebSocket(std::shared_ptr<Socket> socket) : socket_(std::move(socket)) {}

    ~OpenWebSocket() override { socket_->abort(); }

    OpenWebSocket(const OpenWebSocket&) = delete;
    OpenWebSocket& operator=(const OpenWebSocket&) = delete;

    asio::awaitable<Frame> read() override { return socket_->read(); }

    asio::awaitable<bool> send(std::string text) override
    {
        return socket_->write(Socket::Task::message, std::move(text));
    }

    asio::awaitable<bool> ping() override { return socket_->write(Socket::Task::ping, {}); }

    asio::awaitable<void> close(milliseconds limit) override { return close_within(socket_, limit); }

    void abort() override { socket_->abort(); }

private:
    std::shared_ptr<Socket> socket_;
};

/// The client's half of the opening handshake. Throws std::runtime_error naming the status when the answer is
/// not 101.
asio::awaitable<void> greet(BeastSocket* socket, const Url* url)
{
    websocket::response_type answer;
    error_code error;
    const auto authority = url->authority();
    socket->set_option(websocket::stream_base::decorator([](websocket::request_type& request) {
        request.set(beast::http::field::user_agent, "slipway");
    }));
    co_await socket->async_handshake(
        answer, authority, url->target, asio::redirect_error(asio::use_awaitable, error)
    );
    if (error == websocket::error::upgrade_declined) {
        throw std::runtime_error("refused with status " + std::to_string(answer.result_int()));
    }
    if (error) {
        throw boost::system::system_error(error);
    }
}

asio::awaitable<std::unique_ptr<WebSocket>> dial_and_open(
    std::shared_ptr<Dialer> dialer, const Url* url, Limits limits, Progress* progress
)
{
    auto stream = co_await dialer->dial(url, limits, progress);
    progress->step = Step::websocket;
    auto socket = websocket_over(std::move(stream));
    auto greeting = greet(socket.get(), url);
    co_await with_timeout(std::move(greeting), limits.first_byte);
    co_return opened(std::move(socket));
}

asio::awaitable<Outcome<std::unique_ptr<WebSocket>>> connect_to(
    std::shared_ptr<Dialer> dialer, std::string address, Limits limits
)
{
    const auto url = dialable(address);
    if (!url) {
        co_return NetworkError{Step::address, "", "address: " + url.error().text, false};
    }
    Progress progress;
    std::exception_ptr failure;
    try {
        auto work = dial_and_open(std::move(dialer), &*url, limits, &progress);
        auto socket = co_await with_timeout(std::move(work), limits.whole);
        co_return socket;
    }
    catch (...) {
        failure = std::current_exception();
    }
    co_await rethrow_if_cancelled(failure);
    co_return failure_of(failure, progress, url->host);
}

class Connector : public WebSocketConnector {
public:
    Connector(asio::any_io_executor executor, const TransportOptions& options)
        : dialer_(std::make_shared<Dialer>(std::move(executor), options))
    {}

    asio::awaitable<Outcome<std::unique_ptr<WebSocket>>> connect(std::string url, Limits limits) override
    {
        return connect_to(dialer_, std::move(url), limits);
    }

private:
    std::shared_ptr<Dialer> dialer_;
};

}  // namespace

std::unique_ptr<BeastSocket> websocket_over(Stream transport)
{
    auto socket = std::make_unique<BeastSocket>(std::move(transport));
    // Our own deadlines close the transport; Beast's timers would only race them.
    socket->set_option(websocket::stream_base::timeout{
        websocket::stream_base::none(), websocket::stream_base::none(), false});
    // Slack loses continuation frames.
    socket->auto_fragment(false);
    socket->read_message_max(largest_message);
    socket->text(true);
    return socket;
}

std::unique_ptr<WebSocket> opened(std::unique_ptr<BeastSocket> socket)
{
    return std::make_unique<OpenWebSocket>(std::make_shared<Socket>(std::move(socket)));
}

std::unique_ptr<WebSocketConnector> make_websocket_connector(
    asio::any_io_executor executor, const TransportOptions& options
)
{
    return std::make_unique<Connector>(std::move(executor), options);
}

}  // namespace slipway::net
