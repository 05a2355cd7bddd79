#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace slipway::net {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// The first header called `name` (case does not matter), empty if absent.
[[nodiscard]] std::string header(const Headers& headers, const std::string& name);

/// Retry-After in seconds; nothing where it is absent, negative or a date.
[[nodiscard]] std::optional<std::chrono::seconds> retry_after(const Headers& headers);

/// How long each step of a call may take, and how much may come back.
struct Limits {
    std::chrono::milliseconds resolve{5'000};
    std::chrono::milliseconds connect{5'000};
    std::chrono::milliseconds tls{5'000};
    std::chrono::milliseconds first_byte{15'000};
    std::chrono::milliseconds whole{30'000};
    std::uint64_t body_bytes = std::uint64_t{8} * 1024 * 1024;
};

struct HttpRequest {
    std::string method = "GET";
    std::string url;  ///< https://…, or http://… for loopback hosts
    Headers headers;
    std::string body;
    Limits limits{};
};

struct HttpResponse {
    int status = 0;
    Headers headers;
    std::string body;
};

/// Where a call failed.
enum class Step { address, resolve, connect, proxy, tls, send, first_byte, body, websocket };

[[nodiscard]] const char* step_name(Step step);

/// A call that brought no complete answer.
struct NetworkError {
    Step step = Step::address;
    std::string host;
    std::string message;          ///< one line for the log: never holds a header or a query
    bool may_have_acted = false;  ///< the request may have reached the other side: ambiguous
};

template <class T>
using Outcome = boost::system::result<T, NetworkError>;

/// Sends HTTP requests. A port: the simulated world has its own.
class HttpClient {
public:
    virtual ~HttpClient() = default;

    /// The answer, whatever its status. A kept-alive connection that proves dead before a byte was answered
    /// is replaced once for requests that are safe to repeat (GET), otherwise the outcome is
    /// `may_have_acted`.
    [[nodiscard]] virtual boost::asio::awaitable<Outcome<HttpResponse>> send(HttpRequest request) = 0;
};

}  // namespace slipway::net
