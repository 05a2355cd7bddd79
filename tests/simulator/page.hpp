#pragma once

#include "bot/net/http_server.hpp"
#include "tests/simulator/server.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace simulator {

/// What the page shows beside the workspace. Whoever wires a bot to the simulator knows these; the simulator
/// itself knows nothing of the bot's storage or verbs.
struct PageSources {
    /// Grows whenever `record` would answer something else. Empty: nothing is recorded.
    std::function<std::int64_t()> record_version{};

    /// {"outbox": […], "events": […], "timers": […], "deployments": […]}, the newest row first; `timers` by
    /// due time, each with `due` as "2026-11-24T21:00:00Z".
    std::function<json::object()> record{};

    /// For the completion of slash commands: [{"command": "/deploy", "name": "signoff", "usage": "signoff D-n
    /// [note]", "summary": "…"}].
    json::array commands{};
};

/// The workspace as a page in a browser: a small Slack in which one person acts at a time, with Linear, the
/// outbox, the ledger and the clock beside it. Serves plain HTTP on loopback, to pages of its own origin
/// only.
class Page {
public:
    struct Options {
        std::uint16_t port = 0;          ///< 0: the system chooses
        std::filesystem::path folder{};  ///< of the page's files; empty: those built into the program
    };

    /// Throws system_error naming the address when the port is taken.
    Page(boost::asio::any_io_executor executor, Server& server, PageSources sources, Options options);
    ~Page();
    Page(const Page&) = delete;
    Page& operator=(const Page&) = delete;

    /// "http://127.0.0.1:8700/"
    [[nodiscard]] std::string address() const;

    /// Serves until cancelled.
    [[nodiscard]] boost::asio::awaitable<void> run();

    /// While this is not empty nobody can act; it says why.
    void set_notice(std::string notice);

private:
    [[nodiscard]] boost::asio::awaitable<slipway::net::ServerResponse> answer(
        slipway::net::ServerRequest request
    );
    [[nodiscard]] slipway::net::ServerResponse file(const std::string& path) const;
    [[nodiscard]] boost::asio::awaitable<slipway::net::ServerResponse> state(std::string query);
    [[nodiscard]] boost::asio::awaitable<slipway::net::ServerResponse> act(std::string body);
    [[nodiscard]] boost::asio::awaitable<void> settle();
    [[nodiscard]] std::string perform(const json::object& wish);
    [[nodiscard]] std::string say(const std::string& user, const json::object& wish);
    [[nodiscard]] std::string command(const std::string& user, const json::object& wish);
    [[nodiscard]] std::string change(const std::string& user, const json::object& wish);
    [[nodiscard]] std::string move_clock(const json::object& wish);
    [[nodiscard]] std::string note(std::string envelope_id);
    [[nodiscard]] std::string version() const;
    [[nodiscard]] json::object seen_by(const std::string& user) const;
    [[nodiscard]] json::array acts() const;
    [[nodiscard]] bool is_ours(const slipway::net::ServerRequest& request) const;

    Server& server_;
    PageSources sources_;
    Options options_;
    std::string notice_;
    std::deque<std::string> recent_acts_;
    std::unique_ptr<slipway::net::HttpServer> http_;
    std::uint64_t listener_;
};

/// What `user` sees of the workspace and of Linear: channels, messages, their own modals and App Home.
[[nodiscard]] json::object workspace_seen_by(const std::string& user, const Server& server);

}  // namespace simulator
