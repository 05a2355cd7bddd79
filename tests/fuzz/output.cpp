// What a webhook answers and a command prints. Whatever the bytes: the result is one that can be stored, read
// back and shown, and it steers no terminal.
#include "bot/outbox/action_runner.hpp"
#include "commands/text/letters.hpp"
#include "commands/verbs/table.hpp"
#include "templates/render.hpp"
#include "tests/fuzz/fake_http.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdlib>

namespace {

using namespace slipway;

constexpr std::size_t longest_stored = std::size_t{256} * 1024;

Deployment deploying()
{
    const auto at = Instant{std::chrono::hours{500'000}};
    const UserId alice("U0ALICE");
    Plan plan;
    plan.what = "Faster search";
    plan.linear_issue = "ENG-123";
    plan.service = "web";
    return fold(
        {{DeploymentId{1}, "U0ALICE", at, Planned{plan, at, std::chrono::minutes{45}, alice}},
         {DeploymentId{1}, "U0ALICE", at, Started{alice, "preferred"}},
         {DeploymentId{1}, "slipway", at, ActionBegun{"deploy"}}}
    );
}

executors::Outcome outcome_of(const net::HttpResponse& response, const Policy& policy)
{
    fuzz::FakeHttp http;
    http.response = response;
    fuzz::StillClock clock;
    executors::ActionRunner runner(
        {http, clock, policy, "https://github.example", "gh-test", "secret", {"sesame"}}
    );
    boost::asio::io_context context{1};
    Action action;
    action.webhook_url = "https://deploy.example/run";
    auto running =
        runner.run(action, "deploy", deploying(), std::make_shared<executors::Stop>(context.get_executor()));
    return fuzz::run(std::move(running), context);
}

void demand(bool holds)
{
    if (!holds) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    static const Policy policy = document_policy();
    static const RoleBook roles;
    static const templates::Library library;
    const auto outcome = outcome_of(fuzz::response_of(data, size), policy);
    demand(valid_utf8(outcome.output) == outcome.output);
    demand(
        outcome.output.find('\x1b') == std::string::npos && outcome.output.find("sesame") == std::string::npos
    );
    Snapshot snapshot;
    snapshot.policy = &policy;
    snapshot.roles = &roles;
    snapshot.actor = {.id = UserId("slipway"), .real_name = "Slipway", .is_bot = true};
    snapshot.deployment = deploying();
    snapshot.now = snapshot.deployment->planned_at;
    Request request{.verb = "action_result", .deployment = DeploymentId{1}, .source = Source::signal};
    request.fields = {
        {"action", "deploy"},
        {"succeeded", outcome.succeeded},
        {"unknown", outcome.unknown},
        {"accepted", outcome.accepted},
        {"output", outcome.output},
        {"not_run", false}};
    const auto decided = decide(request, snapshot);
    demand(decided.has_value() && !decided->outbox.empty());
    for (const auto& draft : decided->outbox) {
        const auto stored = boost::json::serialize(to_json(draft.saying));
        demand(stored.size() < longest_stored);
        const auto read = saying_from(kind_of(draft.saying), boost::json::parse(stored).as_object());
        if (const auto* note = std::get_if<ThreadNote>(&read)) {
            (void)library.mrkdwn(note->sentence);
        }
    }
    for (const auto& event : decided->events) {
        (void
        )event_from(kind_of(event), boost::json::parse(boost::json::serialize(to_json(event))).as_object());
    }
    return 0;
}
