#pragma once

#include "bot/net/http.hpp"
#include "bot/net/stream.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/system/system_error.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace slipway::net {

/// A stream and what was read from it beyond the last message. Beast's parsers are used without its I/O: they
/// are small to compile, and every wait is ours to limit.
struct Connection {
    explicit Connection(Stream connected) : stream(std::move(connected)) {}

    Stream stream;
    boost::beast::flat_buffer input;
};

/// Reads at least one byte into the input; throws system_error, `eof` at the end.
[[nodiscard]] inline boost::asio::awaitable<void> read_more(Connection* connection)
{
    constexpr std::size_t portion = std::size_t{16} * 1024;
    constexpr std::size_t longest_unparsed =
        std::size_t{128} * 1024;  // a header, or a line of chunk size, that never ends
    if (connection->input.size() > longest_unparsed) {
        throw boost::system::system_error(boost::beast::http::error::buffer_overflow);
    }
    const auto space = connection->input.prepare(portion);
    const auto got = co_await connection->stream.read_some(boost::asio::buffer(space));
    connection->input.commit(got);
}

/// Adds the blank behind the status where a server leaves it out with the reason, as many do and Beast
/// refuses: only the reason may be missing. Source: RFC 9112, section 4
inline void complete_status_line(boost::beast::flat_buffer& input)
{
    constexpr std::size_t status_ends = std::string_view("HTTP/1.1 200").size();
    const std::string_view got(static_cast<const char*>(input.data().data()), input.size());
    if (got.starts_with("HTTP/1.") && got.size() > status_ends && got[status_ends] == '\r') {
        auto text = std::string(got).insert(status_ends, 1, ' ');
        input.clear();
        input.commit(boost::asio::buffer_copy(input.prepare(text.size()), boost::asio::buffer(text)));
    }
}

/// Hands the input to the parser. True when it wants more than there is; throws system_error on what it
/// refuses.
template <class Parser>
[[nodiscard]] bool parse_input(Connection* connection, Parser* parser)
{
    // Shown "0\r\n" a second time, with fewer than the five bytes that end a chunked body, Beast aborts the
    // program.
    constexpr std::size_t end_of_chunks = 5;
    if (parser->is_header_done() && parser->chunked() && connection->input.size() < end_of_chunks) {
        return true;
    }
    if (!Parser::is_request::value && !parser->is_header_done()) {
        complete_status_line(connection->input);
    }
    boost::system::error_code error;
    const auto used = parser->put(connection->input.data(), error);
    connection->input.consume(used);
    if (error && error != boost::beast::http::error::need_more) {
        throw boost::system::system_error(error);
    }
    return error == boost::beast::http::error::need_more || connection->input.size() == 0;
}

/// The headers of a parsed message, names as they came.
[[nodiscard]] inline Headers headers_of(const boost::beast::http::fields& fields)
{
    Headers headers;
    for (const auto& field : fields) {
        headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    }
    return headers;
}

/// Whether `text` can stand in a header line without becoming a second one.
[[nodiscard]] inline bool fits_one_line(const std::string& text)
{
    return text.find_first_of(std::string("\r\n\0", 3)) == std::string::npos;
}

}  // namespace slipway::net
