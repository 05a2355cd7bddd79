#include "bot/inbox/signals.hpp"

#include "bot/net/url.hpp"
#include "bot/runtime/log.hpp"
#include "bot/runtime/signature.hpp"
#include "commands/pipeline/events.hpp"
#include "commands/text/outside.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace slipway {

namespace {

namespace json = boost::json;

constexpr std::chrono::seconds tolerable_age{300};
constexpr std::chrono::milliseconds between_polls{60'000};
constexpr std::chrono::seconds before_the_start{60};

net::ServerResponse answer(int status, std::string sentence)
{
    return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, sentence + "\n"};
}

std::optional<std::int64_t> whole(const std::string& text)
{
    std::int64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    return error == std::errc{} && stopped == end && !text.empty() ? std::optional(value) : std::nullopt;
}

bool is_signed(const net::ServerRequest& request, const std::string& secret, Instant now)
{
    const auto timestamp = net::header(request.headers, "X-Slipway-Timestamp");
    const auto seconds = whole(timestamp);
    if (!seconds) {
        return false;
    }
    const auto age =
        std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()) - std::chrono::seconds{*seconds};
    const auto expected = "sha256=" + hmac_sha256(secret, timestamp + "." + request.body);
    return std::chrono::abs(age) <= tolerable_age &&
           is_same_signature(net::header(request.headers, "X-Slipway-Signature"), expected);
}

bool is_text(const json::value& value) { return value.is_string(); }

bool is_number(const json::value& value) { return value.is_number(); }

bool is_flag(const json::value& value) { return value.is_bool(); }

bool is_list_of_times(const json::value& value)
{
    try {
        for (const auto& opened : value.as_array()) {
            (void)instant_from(std::string(opened.as_string()));
        }
        return true;
    }
    catch (const std::exception&) {
        return false;
    }
}

/// A member of a signal that means something (docs/operating.md, Signals).
struct Member {
    const char* name;
    bool (*is_right)(const json::value&);
    const char* form;
};

constexpr std::array members{
    Member{"id", is_text, "a text"},
    Member{"service", is_text, "a text"},
    Member{"kind", is_text, "a text"},
    Member{"detail", is_text, "a text"},
    Member{"error_rate", is_number, "a number"},
    Member{"baseline", is_number, "a number"},
    Member{"was_failing_before", is_flag, "true or false"},
    Member{"tickets", is_list_of_times, "a list of times such as \"2026-11-24T21:30:00.000Z\""},
};

/// The one of `signal` that is of another type than it should be; null for none. What is null is missing.
const Member* wrong_member(const json::object& signal)
{
    const auto* found = std::find_if(members.begin(), members.end(), [&](const Member& each) {
        const auto* value = signal.if_contains(each.name);
        return value != nullptr && !value->is_null() && !each.is_right(*value);
    });
    return found == members.end() ? nullptr : found;
}

/// What is known of them, with texts fit for the record.
json::object fields_of(const json::object& signal)
{
    constexpr std::size_t longest_text = 1'000;
    json::object fields;
    for (const auto& each : members) {
        if (const auto* value = signal.if_contains(each.name); value != nullptr) {
            fields[each.name] =
                value->is_string()
                    ? json::value(line_from_outside(std::string(value->get_string()), longest_text))
                    : *value;
        }
    }
    return fields;
}

/// The number of an instant query's answer: `data.result` is a scalar or a vector of exactly one element.
std::optional<double> number_in(const std::string& body)
{
    boost::system::error_code error;
    const auto parsed = json::parse(body, error);
    const auto* result = error ? nullptr : parsed.find_pointer("/data/result", error);
    if (result == nullptr || error || !result->is_array() || result->get_array().empty()) {
        return std::nullopt;
    }
    const auto& list = result->get_array();
    const auto* value = list.front().is_object() && list.size() == 1
                            ? list.front().get_object().if_contains("value")
                            : result;
    if (value == nullptr || !value->is_array() || value->get_array().size() != 2 ||
        !value->get_array()[1].is_string()) {
        return std::nullopt;
    }
    try {
        const auto number = std::stod(std::string(value->get_array()[1].get_string()));
        return std::isfinite(number) ? std::optional(number) : std::nullopt;
    }
    catch (const std::exception&) {
        return std::nullopt;
    }
}

}  // namespace

/// A deployment whose error rate is asked for.
struct Signals::Live {
    DeploymentId id;
    std::string service, expression;
    Instant started;
};

boost::asio::awaitable<net::ServerResponse> Signals::take(net::ServerRequest request)
{
    if (!parts_.judge.knows_roles()) {
        co_return answer(503, "not at work yet; send it again");
    }
    const auto& secret = parts_.config.signal_secret;
    if (secret.empty()) {
        co_return answer(404, "no signals are taken: SLIPWAY_SIGNAL_SECRET is not set");
    }
    if (!is_signed(request, secret, parts_.clock.now())) {
        co_return answer(
            401, "sign timestamp, \".\" and body with SLIPWAY_SIGNAL_SECRET, within five minutes"
        );
    }
    boost::system::error_code error;
    const auto parsed = json::parse(request.body, error);
    const auto* id = !error && parsed.is_object() ? parsed.get_object().if_contains("id") : nullptr;
    if (id == nullptr || !id->is_string() || id->get_string().empty()) {
        co_return answer(400, "the body must be a JSON object with an \"id\" that is not repeated");
    }
    const auto& signal = parsed.get_object();
    if (const auto* wrong = wrong_member(signal); wrong != nullptr) {
        co_return answer(400, std::string("\"") + wrong->name + "\" must be " + wrong->form);
    }
    std::vector<std::string> keys{"signal:" + std::string(id->get_string())};
    Request wish{.verb = "signal", .fields = fields_of(signal), .source = Source::signal};
    const auto verdict = co_await parts_.judge.settle(std::move(wish), bot_person(), std::move(keys));
    if (!verdict.seen_before && !verdict.result) {
        co_return answer(400, "unknown service or kind; see docs/operating.md, Signals");
    }
    co_return answer(202, verdict.seen_before ? "known already" : "taken");
}

boost::asio::awaitable<std::optional<double>> Signals::query(std::string expression, Instant at)
{
    net::HttpRequest request;
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count();
    request.url = parts_.config.prometheus_url + "/api/v1/query?time=" + std::to_string(seconds) +
                  "&query=" + net::percent_encoded(expression);
    const auto outcome = co_await parts_.http.send(std::move(request));
    if (!outcome) {
        log::warn("Prometheus: {}", outcome.error().message);
        co_return std::nullopt;
    }
    if (outcome->status != 200) {
        log::warn("Prometheus answered {}", outcome->status);
        co_return std::nullopt;
    }
    co_return number_in(outcome->body);
}

boost::asio::awaitable<void> Signals::look_at(Live live)
{
    const auto before = live.started - before_the_start;
    const auto baseline = co_await query(live.expression, before);
    const auto now = parts_.clock.now();
    const auto rate = co_await query(live.expression, now);
    Request wish{.verb = "signal", .deployment = live.id, .source = Source::signal};
    wish.fields = {{"service", live.service}, {"kind", "error_rate"}};
    if (rate) {  // what cannot be read is left out: unknown, never fine
        wish.fields["error_rate"] = *rate;
    }
    if (baseline) {
        wish.fields["baseline"] = *baseline;
    }
    const auto settled = co_await parts_.judge.settle(std::move(wish), bot_person(), {});
    if (!settled.result) {
        log::error("the error rate of {} could not be judged", to_string(live.id));
    }
}

boost::asio::awaitable<void> Signals::poll()
{
    for (;;) {
        std::function<std::vector<Live>(storage::Store&)> look = [this](storage::Store& store) {
            std::vector<Live> found;
            for (const auto& deployment : store.active()) {
                const auto* service = find_service(parts_.config.policy, deployment.plan.service);
                const bool live = deployment.stage == Stage::deploying || deployment.stage == Stage::watching;
                if (live && service != nullptr && !service->error_rate_query.empty() && deployment.started) {
                    found.push_back(
                        {deployment.id, service->name, service->error_rate_query, deployment.started->at}
                    );
                }
            }
            // The youngest first: what it is told of is not told again of those before it.
            std::stable_sort(found.begin(), found.end(), [](const Live& one, const Live& other) {
                return one.started > other.started;
            });
            return found;
        };
        if (!parts_.config.prometheus_url.empty()) {
            auto live = co_await parts_.storage.ask(std::move(look));
            for (auto& each : live) {
                co_await look_at(std::move(each));
            }
        }
        co_await parts_.clock.sleep_for(between_polls);
    }
}

}  // namespace slipway
