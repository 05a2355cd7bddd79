#include "tests/simulator/server.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace simulator {

namespace {

using slipway::net::ServerRequest;
using slipway::net::ServerResponse;

constexpr std::size_t huge_body = 100'000'000;

std::string path_of(const ServerRequest& request)
{
    return request.target.substr(0, request.target.find('?'));
}

/// The names under which a fault may wait for this request.
std::vector<std::string> names_of(const ServerRequest& request)
{
    const auto path = path_of(request);
    if (path.starts_with("/api/")) {
        return {path.substr(5), "*"};
    }
    if (path.starts_with("/upload/")) {
        return {"upload", "*"};
    }
    if (path == "/graphql") {
        const bool create = request.body.find("commentCreate") != std::string::npos;
        return {create ? "commentCreate" : "viewer", "graphql", "*"};
    }
    for (const auto* place : {"github", "prometheus", "hook"}) {
        if (path.starts_with(std::string("/") + place)) {
            return {place, "*"};
        }
    }
    return {"*"};
}

Delivery delivery_of(const Fault& fault)
{
    switch (fault.what) {
        case Fault::What::drop:
            return Delivery::dropped;
        case Fault::What::reset:
            return Delivery::reset;
        case Fault::What::hold:
            return Delivery::held;
        case Fault::What::truncate:
            return Delivery::truncated;
        default:
            return Delivery::whole;
    }
}

ServerResponse spoiled(const Fault& fault, const ServerRequest& request, ServerResponse good)
{
    ServerResponse response = std::move(good);
    switch (fault.what) {
        case Fault::What::rate_limited:
            if (path_of(request) == "/graphql") {
                response = Linear::rate_limited(fault.status == 0 ? 400 : fault.status);
            }
            else {
                response = {
                    429, {{"Content-Type", "application/json"}}, R"({"ok":false,"error":"ratelimited"})"};
            }
            if (fault.retry_after) {
                response.headers.emplace_back("Retry-After", std::to_string(fault.retry_after->count()));
            }
            break;
        case Fault::What::huge:
            response = {200, {{"Content-Type", "application/json"}}, std::string(huge_body, ' ')};
            break;
        case Fault::What::html:
            response = {
                fault.status == 0 ? 503 : fault.status,
                {{"Content-Type", "text/html"}},
                "<html><body>Sorry</body></html>"};
            break;
        case Fault::What::status:
            response = {
                fault.status,
                {{"Content-Type", "application/json"}},
                R"({"ok":false,"error":")" + fault.error + "\"}"};
            break;
        case Fault::What::refuse:
            response = {
                200,
                {{"Content-Type", "application/json"}},
                R"({"ok":false,"error":")" + fault.error + R"(","needed":")" + fault.needed + "\"}"};
            break;
        default:
            break;
    }
    return response;
}

}  // namespace

Server::Server(boost::asio::any_io_executor executor, SimulatedClock& shared, Options options)
    : clock(shared),
      changes(executor),
      agenda(executor, shared),
      transcript(shared),
      workspace(shared, changes, transcript),
      hub(executor, shared, agenda, changes, transcript, faults),
      slack(
          workspace, [this] { return origin(); }, [this] { return hub.new_ticket(); }
      ),
      people(workspace, slack, hub),
      linear(changes, transcript),
      github(changes, transcript),
      hook(changes),
      encrypted_(!options.certificate_file.empty()),
      server_(
          executor,
          options,
          [this](ServerRequest request) { return answer(std::move(request)); },
          [this](const ServerRequest& request) { return hub.accepts(request.target); },
          [this](std::shared_ptr<slipway::net::WebSocket> socket, const ServerRequest&) {
              return hub.serve(std::move(socket));
          }
      )
{}

std::string Server::origin() const
{
    return std::string(encrypted_ ? "https" : "http") + "://127.0.0.1:" + std::to_string(server_.port());
}

ServerResponse Server::route(const ServerRequest& request)
{
    const auto path = path_of(request);
    if (path.starts_with("/api/")) {
        return slack.call(path.substr(5), request);
    }
    if (path.starts_with("/upload/")) {
        return slack.upload(path.substr(8), request.body);
    }
    if (path == "/graphql") {
        return linear.answer(request);
    }
    if (path.starts_with("/github/")) {
        return github.answer(path.substr(7), request);
    }
    if (path.starts_with("/prometheus/")) {
        return prometheus.answer(request);
    }
    if (path == "/hook") {
        return hook.answer(request);
    }
    return {404, {}, "nothing here\n"};
}

boost::asio::awaitable<Reply> Server::answer(ServerRequest request)
{
    const auto names = names_of(request);
    const auto fault = faults.next(names);
    Reply reply;
    if (!fault) {
        reply.response = route(request);
        co_return reply;
    }
    transcript.add(Entry::Kind::fault, "", names.front(), to_string(fault->what));
    if (fault->what == Fault::What::delay) {
        co_await clock.sleep_for(fault->delay);
        reply.response = route(request);
        co_return reply;
    }
    auto good =
        fault->after_applying || fault->what == Fault::What::truncate ? route(request) : ServerResponse{};
    reply.response = spoiled(*fault, request, std::move(good));
    reply.delivery = delivery_of(*fault);
    co_return reply;
}

boost::asio::awaitable<void> Server::keep_acks_applied()
{
    constexpr std::chrono::hours long_enough{24};
    for (;;) {
        people.apply_acks();
        const std::function<bool()> another = [this, answered = hub.answered()] {
            return hub.answered() != answered;
        };
        co_await changes.until(another, long_enough);
    }
}

boost::asio::awaitable<void> Server::run()
{
    using namespace boost::asio::experimental::awaitable_operators;
    co_await (server_.run() && agenda.run() && keep_acks_applied());
}

}  // namespace simulator
