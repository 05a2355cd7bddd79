// The websocket client against a server that speaks bytes, and may therefore misbehave.
#include "bot/net/with_timeout.hpp"
#include "tests/net/harness.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <catch2/catch_test_macros.hpp>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace slipway::net::testing {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr int continuation_frame = 0;
constexpr int text_frame = 1;
constexpr int binary_frame = 2;
constexpr int close_frame = 8;
constexpr int ping_frame = 9;
constexpr int pong_frame = 10;

struct RawFrame {
    bool is_final = false;
    int opcode = 0;
    std::string payload;
};

std::string accept_key(const std::string& head)
{
    const std::string name = "Sec-WebSocket-Key: ";
    const auto begin = head.find(name) + name.size();
    const auto key =
        head.substr(begin, head.find('\r', begin) - begin) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    EVP_Digest(key.data(), key.size(), digest.data(), &length, EVP_sha1(), nullptr);
    std::array<unsigned char, 64> encoded{};
    const auto written = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(length));
    return {encoded.begin(), encoded.begin() + written};
}

asio::awaitable<void> greet(tcp::socket* socket)
{
    const auto head = co_await read_head(socket);
    const auto answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
        "Upgrade\r\nSec-WebSocket-Accept: " +
        accept_key(head) + "\r\n\r\n";
    co_await write(socket, answer);
}

asio::awaitable<RawFrame> receive(tcp::socket* socket)
{
    std::array<unsigned char, 2> start{};
    co_await asio::async_read(*socket, asio::buffer(start), asio::use_awaitable);
    std::uint64_t length = start[1] & 0x7fU;
    if (length >= 126) {
        std::array<unsigned char, 8> bytes{};
        const std::size_t width = length == 126 ? 2 : 8;
        co_await asio::async_read(*socket, asio::buffer(bytes, width), asio::use_awaitable);
        length = 0;
        for (std::size_t index = 0; index < width; ++index) {
            length = length << 8U | bytes.at(index);
        }
    }
    std::array<unsigned char, 4> mask{};
    co_await asio::async_read(*socket, asio::buffer(mask), asio::use_awaitable);
    RawFrame frame;
    frame.is_final = (start[0] & 0x80U) != 0;
    frame.opcode = start[0] & 0x0f;
    frame.payload.resize(length);
    co_await asio::async_read(*socket, asio::buffer(frame.payload), asio::use_awaitable);
    for (std::size_t index = 0; index < length; ++index) {
        frame.payload[index] =
            static_cast<char>(frame.payload[index] ^ static_cast<char>(mask.at(index % 4)));
    }
    co_return frame;
}

std::string frame_of(int opcode, const std::string& payload, bool is_final = true)
{
    std::string bytes(1, static_cast<char>(opcode | (is_final ? 0x80 : 0)));
    const auto length = payload.size();
    if (length < 126) {
        bytes += static_cast<char>(length);
    }
    else {
        const int width = length < 65536 ? 2 : 8;
        bytes += static_cast<char>(width == 2 ? 126 : 127);
        for (int index = width - 1; index >= 0; --index) {
            bytes += static_cast<char>(length >> (8U * static_cast<unsigned>(index)) & 0xffU);
        }
    }
    return bytes + payload;
}

using ServerScript = asio::awaitable<void> (*)(tcp::socket);

asio::awaitable<std::unique_ptr<WebSocket>> open(World* world, ServerScript script)
{
    const auto port = world->listen(script);
    const auto connector = make_websocket_connector(world->executor, world->trusting());
    auto opened = co_await connector->connect(url_of("ws", "localhost", port, "/link"), Limits{});
    REQUIRE(opened.has_value());
    co_return std::move(*opened);
}

asio::awaitable<void> expect_whole_frames(tcp::socket socket)
{
    co_await greet(&socket);
    for (;;) {
        const auto frame = co_await receive(&socket);
        const auto verdict =
            std::string(frame.is_final && frame.opcode == text_frame ? "whole " : "in pieces ");
        co_await write(&socket, frame_of(text_frame, verdict + std::to_string(frame.payload.size())));
    }
}

asio::awaitable<void> send_whole(World& world)
{
    const auto socket = co_await open(&world, expect_whole_frames);
    for (const std::size_t size : {1U, 4095U, 4096U, 4097U, 20'000U, 70'000U, 300'000U}) {
        const bool sent = co_await socket->send(std::string(size, 'x'));
        REQUIRE(sent);
        const auto frame = co_await socket->read();
        CHECK(frame.payload == "whole " + std::to_string(size));
    }
}

asio::awaitable<void> ping_and_split(tcp::socket socket)
{
    co_await greet(&socket);
    const std::string largest(125, 'p');
    co_await write(&socket, frame_of(ping_frame, largest));
    const auto answer = co_await receive(&socket);
    const bool is_right = answer.opcode == pong_frame && answer.payload == largest;
    co_await write(
        &socket,
        frame_of(text_frame, is_right ? "answered " : "wrong ", false) + frame_of(ping_frame, "") +
            frame_of(continuation_frame, "in time")
    );
    const auto second = co_await receive(&socket);
    co_await write(&socket, frame_of(binary_frame, second.opcode == pong_frame ? "bytes" : "wrong"));
    const auto asked = co_await receive(&socket);
    co_await write(&socket, frame_of(pong_frame, asked.payload));
    co_await wait_for_end(&socket);
}

asio::awaitable<void> answer_pings(World& world)
{
    const auto socket = co_await open(&world, ping_and_split);
    const auto alive = co_await socket->read();
    CHECK(alive.kind == Frame::Kind::pong);
    auto next = co_await socket->read();
    if (next.kind == Frame::Kind::pong) {
        next = co_await socket->read();
    }
    CHECK(next.kind == Frame::Kind::text);
    CHECK(next.payload == "answered in time");
    const auto bytes = co_await socket->read();
    CHECK(bytes.kind == Frame::Kind::binary);
    CHECK(bytes.payload == "bytes");
    const bool pinged = co_await socket->ping();
    CHECK(pinged);
    const auto answered = co_await socket->read();
    CHECK(answered.kind == Frame::Kind::pong);
}

asio::awaitable<void> say_nothing(tcp::socket socket)
{
    co_await greet(&socket);
    co_await wait_for_end(&socket);
}

asio::awaitable<void> close_on_silence(World& world)
{
    const auto socket = co_await open(&world, say_nothing);
    auto begin = steady_clock::now();
    co_await socket->close(50ms);
    CHECK(steady_clock::now() - begin >= 50ms);
    CHECK(steady_clock::now() - begin < 1s);
    co_await expect_end(socket.get(), 1006);
    const bool sent = co_await socket->send("too late");
    CHECK_FALSE(sent);
    const bool pinged = co_await socket->ping();
    CHECK_FALSE(pinged);
    begin = steady_clock::now();
    co_await socket->close(1h);
    CHECK(steady_clock::now() - begin < 1s);
}

/// As Slack does: answers the close and leaves the TCP connection to the other side.
asio::awaitable<void> answer_close_only(tcp::socket socket)
{
    co_await greet(&socket);
    RawFrame frame;
    while (frame.opcode != close_frame) {
        frame = co_await receive(&socket);
    }
    co_await write(&socket, frame_of(close_frame, frame.payload));
    co_await wait_for_end(&socket);
}

asio::awaitable<void> read_last(WebSocket* socket, Frame* last)
{
    do {
        *last = co_await socket->read();
    } while (last->kind != Frame::Kind::closed);
}

asio::awaitable<void> close_while_reading(World& world)
{
    const auto socket = co_await open(&world, answer_close_only);
    TaskGroup reading(world.executor);
    Frame last;
    reading.spawn(read_last(socket.get(), &last), {});
    co_await pause(5ms);
    const auto begin = steady_clock::now();
    co_await socket->close(10s);
    co_await reading.wait();
    CHECK(steady_clock::now() - begin < 2s);
    CHECK(last.close_code == 1000);
}

asio::awaitable<void> close_without_reading(World& world)
{
    const auto socket = co_await open(&world, answer_close_only);
    const auto begin = steady_clock::now();
    co_await socket->close(10s);
    CHECK(steady_clock::now() - begin < 2s);
    co_await expect_end(socket.get(), 1000);
}

asio::awaitable<void> take_leave(tcp::socket socket)
{
    co_await greet(&socket);
    co_await write(&socket, frame_of(close_frame, std::string("\x0f\xa0", 2) + "bye"));
    const auto answer = co_await receive(&socket);
    if (answer.opcode == close_frame) {
        co_await wait_for_end(&socket);
    }
}

asio::awaitable<void> be_closed(World& world)
{
    const auto socket = co_await open(&world, take_leave);
    for (int round = 0; round < 2; ++round) {
        const auto last = co_await socket->read();
        CHECK(last.kind == Frame::Kind::closed);
        CHECK(last.close_code == 4000);
        CHECK(last.payload == "bye");
    }
}

asio::awaitable<void> vanish(tcp::socket socket)
{
    co_await greet(&socket);
    co_await write(&socket, frame_of(text_frame, "first"));
    co_await pause(5ms);
}

asio::awaitable<void> reset_inside_frame(tcp::socket socket)
{
    co_await greet(&socket);
    co_await write(&socket, frame_of(text_frame, "first"));
    const auto whole = frame_of(text_frame, "never whole");
    co_await write(&socket, whole.substr(0, 6));
    co_await pause(5ms);
    socket.set_option(asio::socket_base::linger(true, 0));  // so that closing sends a RST
    socket.close();
}

asio::awaitable<void> lose_connection(World& world)
{
    for (const ServerScript script : {vanish, reset_inside_frame}) {
        CAPTURE(script == vanish);
        const auto socket = co_await open(&world, script);
        const auto first = co_await socket->read();
        CHECK(first.payload == "first");
        co_await expect_end(socket.get(), 1006);
    }
}

asio::awaitable<void> send_too_much(tcp::socket socket)
{
    co_await greet(&socket);
    co_await write(&socket, frame_of(text_frame, std::string(4 * 1024 * 1024, 'a')));
    co_await write(&socket, frame_of(text_frame, std::string(4 * 1024 * 1024 + 1, 'b')));
    co_await wait_for_end(&socket);
}

asio::awaitable<void> limit_message(World& world)
{
    const auto socket = co_await open(&world, send_too_much);
    const auto largest = co_await socket->read();
    CHECK(largest.payload.size() == 4 * 1024 * 1024);
    co_await expect_end(socket.get(), 1009);
}

asio::awaitable<void> read_briefly(WebSocket* socket)
{
    const auto frame = co_await socket->read();
    FAIL("nothing was sent, and yet " << frame.payload);
}

asio::awaitable<void> speak_late(tcp::socket socket)
{
    co_await greet(&socket);
    const auto cue = co_await receive(&socket);
    co_await write(&socket, frame_of(text_frame, "after " + cue.payload));
    co_await wait_for_end(&socket);
}

asio::awaitable<void> give_up_reading(World& world)
{
    const auto socket = co_await open(&world, speak_late);
    bool is_late = false;
    try {
        auto reading = read_briefly(socket.get());
        co_await with_timeout(std::move(reading), 20ms);
    }
    catch (const boost::system::system_error& error) {
        is_late = error.code() == asio::error::timed_out;
    }
    CHECK(is_late);
    const bool sent = co_await socket->send("the cue");
    CHECK(sent);
    const auto frame = co_await socket->read();
    CHECK(frame.payload == "after the cue");
}

asio::awaitable<void> echo(tcp::socket socket)
{
    co_await greet(&socket);
    for (;;) {
        const auto frame = co_await receive(&socket);
        co_await write(
            &socket, frame_of(frame.opcode == ping_frame ? pong_frame : frame.opcode, frame.payload)
        );
    }
}

asio::awaitable<void> send_numbers(WebSocket* socket, int sender)
{
    for (int number = 0; number < 20; ++number) {
        const bool sent = co_await socket->send(std::to_string(sender) + ":" + std::to_string(number));
        CHECK(sent);
        const bool pinged = co_await socket->ping();
        CHECK(pinged);
    }
}

asio::awaitable<void> send_together(World& world)
{
    const auto socket = co_await open(&world, echo);
    TaskGroup senders(world.executor);
    for (int sender = 0; sender < 5; ++sender) {
        senders.spawn(send_numbers(socket.get(), sender), {});
    }
    std::array<int, 5> next{};
    for (int received = 0; received < 100;) {
        const auto frame = co_await socket->read();
        if (frame.kind != Frame::Kind::text) {
            REQUIRE(frame.kind == Frame::Kind::pong);
            continue;
        }
        ++received;
        const auto sender = static_cast<std::size_t>(frame.payload.front() - '0');
        CHECK(frame.payload == std::to_string(sender) + ":" + std::to_string(next.at(sender)++));
    }
    co_await senders.wait();
}

asio::awaitable<void> wait_and_destroy(World& world)
{
    TaskGroup reading(world.executor);
    Frame last;
    {
        const auto socket = co_await open(&world, say_nothing);
        reading.spawn(read_last(socket.get(), &last), {});
        co_await pause(5ms);
        reading.cancel_all();
        co_await reading.wait();
    }
    CHECK(last.kind != Frame::Kind::closed);
}

asio::awaitable<void> wait_and_abort(World& world)
{
    const auto socket = co_await open(&world, say_nothing);
    TaskGroup reading(world.executor);
    Frame last;
    reading.spawn(read_last(socket.get(), &last), {});
    co_await pause(5ms);
    socket->abort();
    socket->abort();
    co_await reading.wait();
    CHECK(last.close_code == 1006);
}

asio::awaitable<void> never_greet(tcp::socket socket) { co_await wait_for_end(&socket); }

asio::awaitable<void> limit_handshake(World& world)
{
    const auto port = world.listen(never_greet);
    const auto connector = make_websocket_connector(world.executor, world.trusting());
    Limits limits;
    limits.first_byte = 50ms;
    const auto begin = steady_clock::now();
    const auto opened = co_await connector->connect(url_of("ws", "localhost", port, "/?hidden"), limits);
    REQUIRE(opened.has_error());
    CHECK(opened.error().step == Step::websocket);
    CHECK(opened.error().message == "websocket localhost: no result in time");
    CHECK(steady_clock::now() - begin < 1s);
}

asio::awaitable<void> refuse_with_reason(tcp::socket socket)
{
    co_await read_head(&socket);
    co_await write(&socket, "HTTP/1.1 409 Conflict\r\nContent-Length: 4\r\n\r\nused");
    co_await wait_for_end(&socket);
}

asio::awaitable<void> be_refused(World& world)
{
    const auto port = world.listen(refuse_with_reason);
    const auto connector = make_websocket_connector(world.executor, world.trusting());
    const auto opened =
        co_await connector->connect(url_of("ws", "localhost", port, "/?ticket=hidden"), Limits{});
    REQUIRE(opened.has_error());
    CHECK(opened.error().step == Step::websocket);
    CHECK(opened.error().host == "localhost");
    CHECK(opened.error().message == "websocket localhost: refused with status 409");
}

}  // namespace

TEST_CASE("a message is one frame, however long", "[net][websocket]") { run(send_whole); }

TEST_CASE("pings are answered, also inside a message, and reported as signs of life", "[net][websocket]")
{
    run(answer_pings);
}

TEST_CASE("closing is bounded", "[net][websocket]")
{
    SECTION("when the other side says nothing") { run(close_on_silence); }
    SECTION("when it answers and keeps the connection, with a read pending") { run(close_while_reading); }
    SECTION("when it answers and keeps the connection, with no read pending") { run(close_without_reading); }
}

TEST_CASE("the end of a websocket is its last frame", "[net][websocket]")
{
    SECTION("with the other side's code and reason") { run(be_closed); }
    SECTION("1006 when the connection just ends, or is reset in the middle of a frame")
    {
        run(lose_connection);
    }
    SECTION("1009 when a message is too long") { run(limit_message); }
    SECTION("1006 after abort") { run(wait_and_abort); }
}

TEST_CASE("giving up a read leaves the websocket whole", "[net][websocket]") { run(give_up_reading); }

TEST_CASE("many may send and ping at once while a read is pending", "[net][websocket]")
{
    run(send_together);
}

TEST_CASE("a websocket may go away after its reader was cancelled", "[net][websocket]")
{
    run(wait_and_destroy);
}

TEST_CASE("a handshake that fails says how", "[net][websocket]")
{
    SECTION("never answered") { run(limit_handshake); }
    SECTION("refused with a status and a body") { run(be_refused); }
}

}  // namespace slipway::net::testing
