#include "tests/storms/outside.hpp"

namespace simulation {

using slipway::net::HttpRequest;
using slipway::net::HttpResponse;

Outside::Outside(Timeline& timeline, const VirtualClock& clock, Dice& dice, Weather& weather, Trace& trace)
    : envelopes(timeline, dice, weather, trace, transcript),
      slack(
          workspace,
          [] { return std::string("https://slack.test"); },
          [this] { return envelopes.new_ticket(); }
      )
{
    simulated_clock.stop();
    simulated_clock.set(clock.true_time());
    timeline.on_step = [this, &clock] { simulated_clock.set(clock.true_time()); };
    simulator::add_example_team(workspace);
    slack.longest_page = 15;  // so that there are pages
    transcript.on_entry([&trace](const simulator::Entry& entry) {
        trace.note(entry.who + " " + entry.where + " " + entry.what + " " + json::serialize(entry.facts));
    });
    envelopes.on_end = [this] { people.apply_acks(); };
}

HttpResponse Outside::answer(const HttpRequest& request)
{
    const std::string api = "https://slack.test/api/";
    const std::string upload = "https://slack.test/upload/";
    const slipway::net::ServerRequest arrived{request.method, request.url, request.headers, request.body};
    slipway::net::ServerResponse response{200, {}, "OK"};  // of a webhook
    if (request.url.starts_with(api)) {
        const auto method = request.url.substr(api.size(), request.url.find('?') - api.size());
        response = slack.call(method, arrived);
        if (method == "views.open" || method == "views.update") {
            const auto shown = json::parse(response.body).as_object();
            if (const auto* view = simulator::object_at(shown, "view")) {
                on_form(text_at(*view, "id"));
            }
        }
    }
    else if (request.url.starts_with(upload)) {
        response = slack.upload(request.url.substr(upload.size()), request.body);
    }
    else if (request.url.starts_with("https://linear.test")) {
        response = linear.answer(arrived);
    }
    else {
        transcript.add(simulator::Entry::Kind::request, "", request.url, request.method);
    }
    return {response.status, std::move(response.headers), std::move(response.body)};
}

}  // namespace simulation
