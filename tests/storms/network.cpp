#include "tests/storms/network.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>

namespace simulation {

namespace asio = boost::asio;
using slipway::net::Frame;
using slipway::net::HttpRequest;
using slipway::net::HttpResponse;
using slipway::net::NetworkError;
using slipway::net::Step;

namespace {

/// After the bot has heard of a failure the other side may still act for this long.
constexpr Milliseconds late_at_most{3'000};
constexpr Milliseconds first_byte_limit{15'000};

NetworkError broken(Step step, bool may_have_acted)
{
    return {step, "slack.test", slipway::net::step_name(step), may_have_acted};
}

HttpResponse answer(int status, std::string body, slipway::net::Headers headers = {})
{
    return {status, std::move(headers), std::move(body)};
}

/// Of a call that opens a form.
std::string trigger_in(const HttpRequest& request)
{
    return request.url.ends_with("/views.open") ? text_at(json::parse(request.body).as_object(), "trigger_id")
                                                : std::string{};
}

}  // namespace

/// One websocket between the bot and Slack.
struct Network::Link {
    Timeline& timeline;
    Dice& dice;
    std::shared_ptr<Wire> slack_end = std::make_shared<Wire>();
    bool bot_open = true;
    bool is_deaf = false;  ///< half-open: nothing passes and nobody is told
    std::deque<Frame> arrived{};
    std::weak_ptr<Bell> reader{};
    Steady last_to_bot{}, last_to_slack{};

    void show(Frame frame)
    {
        arrived.push_back(std::move(frame));
        if (const auto waiting = reader.lock()) {
            waiting->ring();
        }
    }

    /// In order, each some time after the last.
    void pass(Steady& last, std::function<void()> arrives)
    {
        const auto due = std::max(last, timeline.now() + dice.between(Milliseconds{1}, Milliseconds{80}));
        last = due;
        timeline.after(std::chrono::ceil<Milliseconds>(due - timeline.now()), std::move(arrives));
    }

    void close_at_bot()
    {
        if (bot_open) {
            bot_open = false;
            show(Frame{Frame::Kind::closed, "", 1006});
        }
    }
};

namespace {

class Socket : public slipway::net::WebSocket {
public:
    Socket(const asio::any_io_executor& executor, std::shared_ptr<Network::Link> link, Envelopes& envelopes)
        : bell_(std::make_shared<Bell>(executor)), link_(std::move(link)), envelopes_(envelopes)
    {
        link_->reader = bell_;
    }

    ~Socket() override { abort(); }

    asio::awaitable<Frame> read() override
    {
        while (link_->arrived.empty()) {
            co_await bell_->wait();
        }
        auto frame = std::move(link_->arrived.front());
        link_->arrived.pop_front();
        co_return frame;
    }

    asio::awaitable<bool> send(std::string text) override
    {
        if (link_->bot_open && !link_->is_deaf) {
            link_->pass(
                link_->last_to_slack,
                [link = link_, &envelopes = envelopes_, text = std::move(text)] {
                    if (link->slack_end->is_open && !link->is_deaf) {
                        envelopes.received(text);
                    }
                }
            );
        }
        co_return link_->bot_open;
    }

    asio::awaitable<bool> ping() override
    {
        if (link_->bot_open && !link_->is_deaf) {
            link_->pass(link_->last_to_bot, [link = link_] {
                if (link->bot_open && link->slack_end->is_open && !link->is_deaf) {
                    link->show(Frame{Frame::Kind::pong, ""});
                }
            });
        }
        co_return link_->bot_open;
    }

    asio::awaitable<void> close(Milliseconds limit) override
    {
        link_->timeline.after(link_->is_deaf ? limit : Milliseconds{20}, [link = link_] {
            link->close_at_bot();
        });
        abort_at_slack();
        co_return;
    }

    void abort() override
    {
        link_->close_at_bot();
        abort_at_slack();
    }

private:
    void abort_at_slack()
    {
        if (!link_->is_deaf) {
            link_->pass(link_->last_to_slack, [link = link_] { link->slack_end->is_open = false; });
        }
    }

    std::shared_ptr<Bell> bell_;
    std::shared_ptr<Network::Link> link_;
    Envelopes& envelopes_;
};

}  // namespace

/// One HTTP call that the bot waits for.
struct Network::Exchange {
    explicit Exchange(const asio::any_io_executor& executor) : bell(executor) {}

    Bell bell;
    std::optional<Outcome<HttpResponse>> outcome;
};

Milliseconds Network::latency()
{
    return weather_.strikes("slow", 0.02) ? dice_.between(Milliseconds{500}, Milliseconds{8'000})
                                          : dice_.between(Milliseconds{5}, Milliseconds{250});
}

asio::awaitable<slipway::net::Outcome<HttpResponse>> Network::send(HttpRequest request)
{
    const auto executor = co_await asio::this_coro::executor;
    const auto exchange = std::make_shared<Exchange>(executor);
    carry(exchange, request);
    while (!exchange->outcome) {
        co_await exchange->bell.wait();
    }
    co_return std::move(*exchange->outcome);
}

void Network::finish(
    const std::shared_ptr<Exchange>& exchange, Milliseconds delay, Outcome<HttpResponse> outcome
)
{
    timeline_.after(delay, [waiting = std::weak_ptr(exchange), outcome = std::move(outcome)] {
        if (const auto alive = waiting.lock(); alive && !alive->outcome) {
            alive->outcome = outcome;
            alive->bell.ring();
        }
    });
}

void Network::carry(const std::shared_ptr<Exchange>& exchange, const HttpRequest& request)
{
    outside_.envelopes.trigger_used(trigger_in(request));
    const auto there = dice_.between(Milliseconds{5}, Milliseconds{250});
    const auto back = there + latency();
    const auto gone = dice_.between(Milliseconds{1}, first_byte_limit);
    if (outage_) {
        finish(exchange, dice_.between(Milliseconds{0}, Milliseconds{5'000}), broken(Step::connect, false));
        return;
    }
    if (weather_.strikes("connection refused", 0.02)) {
        finish(exchange, there, broken(Step::connect, false));
        return;
    }
    if (weather_.strikes("request lost", 0.02)) {
        finish(exchange, gone, broken(Step::first_byte, true));
        return;
    }
    if (weather_.strikes("429", 0.02)) {
        const auto seconds = std::to_string(dice_.below(40));
        finish(
            exchange,
            back,
            dice_.chance(0.8)
                ? answer(429, R"({"ok":false,"error":"ratelimited"})", {{"Retry-After", seconds}})
                : answer(429, "<html>slow down</html>")
        );
        return;
    }
    if (weather_.strikes("5xx, not applied", 0.02)) {
        finish(exchange, back, answer(503, "<html>unavailable</html>"));
        return;
    }
    if (weather_.strikes("internal_error, not applied", 0.01)) {
        finish(exchange, back, answer(200, R"({"ok":false,"error":"internal_error"})"));
        return;
    }
    if (weather_.strikes("applied after its failure was known", 0.01)) {
        const auto known = dice_.between(Milliseconds{0}, Milliseconds{300});
        finish(exchange, known, broken(Step::first_byte, true));
        const auto late = known + dice_.between(Milliseconds{1}, late_at_most);
        ++late_;
        timeline_.after(late, [this, request] {
            --late_;
            (void)outside_.answer(request);
        });
        return;
    }
    timeline_.after(there, [this, waiting = std::weak_ptr(exchange), request, gone, back, there] {
        auto response = outside_.answer(request);
        const auto alive = waiting.lock();
        if (!alive) {
            return;
        }
        const auto left = back - there;
        if (weather_.strikes("answer lost", 0.02)) {
            finish(alive, gone, broken(Step::first_byte, true));
        }
        else if (weather_.strikes("answer cut short", 0.01)) {
            finish(alive, left, broken(Step::body, true));
        }
        else if (weather_.strikes("5xx, applied", 0.02)) {
            finish(alive, left, answer(502, "<html>bad gateway</html>"));
        }
        else if (weather_.strikes("internal_error, applied", 0.01)) {
            finish(alive, left, answer(200, R"({"ok":false,"error":"internal_error"})"));
        }
        else {
            finish(alive, left, std::move(response));
        }
    });
}

asio::awaitable<slipway::net::Outcome<std::unique_ptr<slipway::net::WebSocket>>> Network::connect(
    std::string url, slipway::net::Limits
)
{
    const auto executor = co_await asio::this_coro::executor;
    const auto bell = std::make_shared<Bell>(executor);
    const bool refused = outage_ || weather_.strikes("websocket refused", 0.1);
    const auto takes = dice_.between(Milliseconds{10}, Milliseconds{refused ? 5'000 : 400});
    timeline_.after(takes, [waiting = std::weak_ptr(bell)] {
        if (const auto alive = waiting.lock()) {
            alive->ring();
        }
    });
    co_await bell->wait();
    if (refused || outage_ || !outside_.envelopes.takes_ticket(url)) {
        co_return broken(Step::websocket, false);
    }
    auto link = std::make_shared<Link>(Link{timeline_, dice_});
    links_.push_back(link);
    link->slack_end->number = ++last_link_;
    const std::weak_ptr<Link> known = link;
    link->slack_end->send = [known](const std::string& text) {
        if (const auto open = known.lock(); open && !open->is_deaf) {
            open->pass(open->last_to_bot, [known, text] {
                if (const auto still = known.lock(); still && still->bot_open && !still->is_deaf) {
                    still->show(Frame{Frame::Kind::text, text});
                }
            });
        }
    };
    link->slack_end->hang_up = [known] {
        if (const auto open = known.lock()) {
            open->slack_end->is_open = false;
            if (!open->is_deaf) {
                open->pass(open->last_to_bot, [open] { open->close_at_bot(); });
            }
        }
    };
    trace_.note("link " + std::to_string(last_link_));
    outside_.envelopes.connected(link->slack_end);
    // Slack notices a dead peer after a while; until then envelopes go there.
    const auto life = dice_.between(Milliseconds{5'000}, Milliseconds{600'000});
    timeline_.after(life, [this, known] {
        const auto open = known.lock();
        if (open && weather_.strikes("half-open", 0.3)) {
            open->is_deaf = true;
            timeline_.after(Milliseconds{40'000}, [known] {
                if (const auto dead = known.lock()) {
                    dead->slack_end->is_open = false;
                }
            });
        }
    });
    co_return std::make_unique<Socket>(executor, std::move(link), outside_.envelopes);
}

void Network::set_outage(bool is_out)
{
    outage_ = is_out;
    for (const auto& known : links_) {
        if (const auto open = known.lock(); open && is_out) {
            open->is_deaf = true;
            timeline_.after(Milliseconds{40'000}, [end = open->slack_end] { end->is_open = false; });
        }
    }
}

void Network::bot_is_gone()
{
    for (const auto& known : links_) {
        if (const auto open = known.lock()) {
            open->bot_open = false;
            open->arrived.clear();
            open->pass(open->last_to_slack, [end = open->slack_end] { end->is_open = false; });
        }
    }
    std::erase_if(links_, [](const auto& known) { return known.expired(); });
}

}  // namespace simulation
