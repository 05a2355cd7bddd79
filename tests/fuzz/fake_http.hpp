#pragma once

#include "bot/net/http.hpp"
#include "bot/runtime/clock.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <exception>
#include <future>
#include <string>
#include <utility>

namespace fuzz {

/// Answers every request with the same response, at once.
class FakeHttp : public slipway::net::HttpClient {
public:
    slipway::net::HttpResponse response;

    boost::asio::awaitable<slipway::net::Outcome<slipway::net::HttpResponse>> send(slipway::net::HttpRequest
    ) override
    {
        co_return response;
    }
};

/// The first two bytes choose status and headers, the rest is the body.
inline slipway::net::HttpResponse response_of(const unsigned char* data, std::size_t size)
{
    static constexpr int statuses[] = {200, 200, 200, 200, 400, 401, 429, 503};
    slipway::net::HttpResponse response;
    response.status = 200;
    if (size >= 2) {
        response.status = statuses[data[0] % 8];
        response.headers = {{"Retry-After", std::to_string(data[1])}};
        response.body.assign(data + 2, data + size);
    }
    return response;
}

/// What `work` comes to on `context`; what it throws ends the program.
template <class T>
T run(boost::asio::awaitable<T> work, boost::asio::io_context& context)
{
    auto result = boost::asio::co_spawn(context, std::move(work), boost::asio::use_future);
    context.run();
    if (result.wait_for(std::chrono::seconds{0}) != std::future_status::ready) {
        std::terminate();
    }
    return result.get();
}

template <class T>
T run(boost::asio::awaitable<T> work)
{
    boost::asio::io_context context{1};
    return run(std::move(work), context);
}

/// Time stands still and nobody waits.
class StillClock : public slipway::Clock {
public:
    [[nodiscard]] slipway::Instant now() const override { return {}; }

    [[nodiscard]] std::chrono::steady_clock::time_point steady_now() const override { return {}; }

    [[nodiscard]] boost::asio::awaitable<void> sleep_for(std::chrono::milliseconds) override { co_return; }
};

}  // namespace fuzz
