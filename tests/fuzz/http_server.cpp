// Bytes on the port of /healthz and /v1/signals, from a client that then says no more: the server answers or
// hangs up, and goes on serving.
#include "bot/net/http_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

namespace {

namespace asio = boost::asio;
using namespace slipway;

asio::awaitable<net::ServerResponse> answer(net::ServerRequest request)
{
    if (request.method.empty() || request.target.empty()) {
        std::abort();
    }
    net::ServerResponse response;
    response.body = std::move(request.body);
    co_return response;
}

struct Served {
    asio::io_context context{1};
    std::unique_ptr<net::HttpServer> server = net::make_http_server(context.get_executor(), {}, &answer);

    Served() { asio::co_spawn(context, server->run(), asio::detached); }
};

int connected(std::uint16_t port)
{
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const linger hang_up{1, 0};  // no port of thousands stays behind in TIME_WAIT
    ::setsockopt(client, SOL_SOCKET, SO_LINGER, &hang_up, sizeof hang_up);
    // The fuzzer's alarm interrupts it now and then, and other programs take ports too.
    constexpr int most_tries = 1'000;
    for (int tries = 0;
         ::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0;) {
        if (errno == EISCONN) {
            break;
        }
        if (++tries > most_tries) {
            std::abort();
        }
        ::usleep(1'000);
    }
    return client;
}

bool is_ended(int client)
{
    std::array<char, 65'536> bytes{};
    const auto got = ::recv(client, bytes.data(), bytes.size(), MSG_DONTWAIT);
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    static Served served;
    const int client = connected(served.server->port());
    (void)!::send(client, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    ::shutdown(client, SHUT_WR);
    constexpr int most_turns =
        2'000;  // of a few milliseconds: the limits of the server are shorter than the sum
    int turns = 0;
    while (!is_ended(client)) {
        served.context.run_one_for(std::chrono::milliseconds{5});
        if (++turns > most_turns) {
            std::abort();
        }
    }
    ::close(client);
    served.context.poll();
    return 0;
}
