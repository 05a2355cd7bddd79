#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <string>
#include <utility>

namespace boost::asio::ssl {
template <class Socket>
class stream;  // NOLINT(readability-identifier-naming): OpenSSL's wrapper in Asio
}

namespace slipway::net {

/// A finished read or write on its way to whoever asked, whatever their type: the code below a `Stream` is
/// compiled once (in stream.cpp) and not for every handler of Beast's.
class Completion {
public:
    // NOLINTBEGIN(readability-identifier-naming): the names Asio looks for
    using cancellation_slot_type = boost::asio::cancellation_slot;
    using executor_type = boost::asio::any_io_executor;

    // NOLINTEND(readability-identifier-naming)

    template <class Handler>
    Completion(Handler handler, const boost::asio::any_io_executor& fallback)
        : slot_(boost::asio::get_associated_cancellation_slot(handler)),
          executor_(boost::asio::get_associated_executor(handler, fallback)),
          target_(std::make_unique<TargetOf<Handler>>(std::move(handler)))
    {}

    void operator()(boost::system::error_code error, std::size_t transferred)
    {
        const auto target = std::move(target_);  // the call may destroy the operation this belongs to
        target->complete(error, transferred);
    }

    [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept { return slot_; }

    [[nodiscard]] executor_type get_executor() const noexcept { return executor_; }

private:
    struct Target {
        virtual ~Target() = default;
        virtual void complete(boost::system::error_code error, std::size_t transferred) = 0;
    };

    template <class Handler>
    struct TargetOf : Target {
        explicit TargetOf(Handler chosen) : handler(std::move(chosen)) {}

        void complete(boost::system::error_code error, std::size_t transferred) override
        {
            std::move(handler)(error, transferred);
        }

        Handler handler;
    };

    cancellation_slot_type slot_;
    executor_type executor_;
    std::unique_ptr<Target> target_;
};

/// A connected TCP socket, plain or with TLS on it. One read and one write at a time.
/// An AsyncStream as Asio and Beast ask for.
class Stream {
public:
    using executor_type = boost::asio::any_io_executor;  // NOLINT(readability-identifier-naming): Asio's name

    using Encrypted = boost::asio::ssl::stream<boost::asio::ip::tcp::socket>;

    explicit Stream(boost::asio::ip::tcp::socket socket);
    /// After the handshake.
    explicit Stream(std::unique_ptr<Encrypted> socket);
    ~Stream();
    Stream(Stream&&) noexcept;
    Stream& operator=(Stream&&) noexcept;

    [[nodiscard]] executor_type get_executor() const noexcept;

    /// The socket of a plain stream, for a handshake.
    [[nodiscard]] boost::asio::ip::tcp::socket release();

    /// At least one byte; throws system_error, `eof` at the end.
    [[nodiscard]] boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer target);

    /// All of `*text`, which must outlive the call. Adds to `*written` as it goes, so that a failure shows
    /// how far it came.
    [[nodiscard]] boost::asio::awaitable<void> write_all(const std::string* text, std::size_t* written);

    /// Whether anything, also the end, waits to be read. On a connection that should be silent: it is dead.
    [[nodiscard]] bool has_news();

    /// No more is sent; the other side sees the end once it has read everything.
    void shut_down_sending() noexcept;
    void close() noexcept;
    /// Closes with RST.
    void reset() noexcept;

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token)
    {
        using Signature = void(boost::system::error_code, std::size_t);
        const auto target =
            first_of(boost::asio::buffer_sequence_begin(buffers), boost::asio::buffer_sequence_end(buffers));
        return boost::asio::async_initiate<Token, Signature>(
            [this, target](auto handler) {
                start_read(target, Completion(std::move(handler), get_executor()));
            },
            token
        );
    }

    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token)
    {
        using Signature = void(boost::system::error_code, std::size_t);
        const auto source = gather(buffers);
        return boost::asio::async_initiate<Token, Signature>(
            [this, source](auto handler) {
                start_write(source, Completion(std::move(handler), get_executor()));
            },
            token
        );
    }

private:
    struct Wire;

    /// Small buffers are copied together up to this size, so that a frame's header and body share one TLS
    /// record.
    static constexpr std::size_t gathered = std::size_t{16} * 1024;

    template <class Iterator>
    static boost::asio::mutable_buffer first_of(Iterator begin, Iterator end)
    {
        while (begin != end) {
            const boost::asio::mutable_buffer buffer(*begin);
            if (buffer.size() != 0) {
                return buffer;
            }
            ++begin;
        }
        return {};
    }

    template <class Buffers>
    boost::asio::const_buffer gather(const Buffers& buffers)
    {
        const auto begin = boost::asio::buffer_sequence_begin(buffers);
        const auto end = boost::asio::buffer_sequence_end(buffers);
        if (begin == end) {
            return {};
        }
        const boost::asio::const_buffer first(*begin);
        if (first.size() >= gathered || first.size() == boost::asio::buffer_size(buffers)) {
            return first;
        }
        const auto space = gathering_space();
        return boost::asio::buffer(space, boost::asio::buffer_copy(space, buffers));
    }

    [[nodiscard]] boost::asio::mutable_buffer gathering_space();
    void start_read(boost::asio::mutable_buffer target, Completion completion);
    void start_write(boost::asio::const_buffer source, Completion completion);

    std::unique_ptr<Wire> wire_;
};

}  // namespace slipway::net
