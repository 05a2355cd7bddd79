#pragma once

#include "bot/net/http.hpp"
#include "bot/runtime/clock.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace slipway::testing {

/// Answers each method of the Web API as set for it, and keeps what was asked.
class FakeSlack : public net::HttpClient {
public:
    static constexpr auto url = "https://slack.test/api/";

    /// By method, or by method and query: "users.info?user=U0ALICE".
    std::map<std::string, net::HttpResponse> answers;
    std::vector<net::HttpRequest> asked;
    std::function<void()> on_call{};  ///< before it is answered

    void answer(const std::string& call, std::string body, int status = 200)
    {
        answers[call] = {status, {}, std::move(body)};
    }

    /// `user` exists, of the workspace T0TEAM, called `name` or as their id.
    void add_user(const std::string& user, const std::string& name = {})
    {
        answer(
            "users.info?user=" + user,
            R"({"ok":true,"user":{"id":")" + user + R"(","team_id":"T0TEAM","profile":{"real_name":")" +
                (name.empty() ? user : name) + R"("}}})"
        );
    }

    /// How many calls of `method` were made.
    [[nodiscard]] std::size_t calls(const std::string& method) const
    {
        return static_cast<std::size_t>(std::count_if(asked.begin(), asked.end(), [&](const auto& each) {
            return each.url.starts_with(url + method);
        }));
    }

    /// Every call from now on is refused.
    void refuse_all(const std::string& code)
    {
        answers.clear();
        otherwise = {200, {}, R"({"ok":false,"error":")" + code + "\"}"};
    }

    net::HttpResponse otherwise{200, {}, R"({"ok":true})"};

    boost::asio::awaitable<net::Outcome<net::HttpResponse>> send(net::HttpRequest request) override
    {
        asked.push_back(request);
        if (on_call) {
            on_call();
        }
        const auto call = request.url.substr(std::string(url).size());
        for (const auto& name : {call, call.substr(0, call.find('?'))}) {
            if (const auto found = answers.find(name); found != answers.end()) {
                co_return found->second;
            }
        }
        co_return otherwise;
    }
};

/// Time that passes only where somebody waits, or a test says so.
class StillClock : public Clock {
public:
    Instant wall{std::chrono::seconds{1'795'575'600}};  ///< 2026-11-25 03:00 UTC
    std::chrono::steady_clock::time_point steady{};

    [[nodiscard]] Instant now() const override { return wall; }

    [[nodiscard]] std::chrono::steady_clock::time_point steady_now() const override { return steady; }

    [[nodiscard]] boost::asio::awaitable<void> sleep_for(std::chrono::milliseconds duration) override
    {
        pass(duration);
        co_return;
    }

    void pass(std::chrono::milliseconds duration)
    {
        wall += duration;
        steady += duration;
    }
};

/// In whose waits the others have their turn.
struct SharedClock : StillClock {
    [[nodiscard]] boost::asio::awaitable<void> sleep_for(std::chrono::milliseconds duration) override
    {
        pass(duration);
        co_await boost::asio::post(boost::asio::use_awaitable);
    }
};

/// What `work` comes to, and all that it left to do in `context` is done; rethrows what it throws.
template <class T>
T result_of(boost::asio::awaitable<T> work, boost::asio::io_context& context)
{
    std::optional<T> result;
    std::exception_ptr failure;
    boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr error, T value) {
        failure = error;
        result.emplace(std::move(value));
    });
    context.restart();
    context.run();
    if (failure) {
        std::rethrow_exception(failure);
    }
    return std::move(result).value();
}

template <class T>
T result_of(boost::asio::awaitable<T> work)
{
    boost::asio::io_context context{1};
    return result_of(std::move(work), context);
}

}  // namespace slipway::testing
