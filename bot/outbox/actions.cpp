#include "bot/outbox/actions.hpp"

#include "bot/runtime/log.hpp"
#include "bot/runtime/watched_storage.hpp"

#include <algorithm>
#include <iterator>

namespace slipway {

namespace {

namespace asio = boost::asio;

/// SIGTERM to an action, five seconds, SIGKILL, and its result into the database.
constexpr std::chrono::milliseconds action_ends_within{8'000};
// When the bot is stopped, which takes 15 seconds at most with two for the connections: what an action in
// hand has to finish in (docs/operating.md says so), and then what it has to end in.
constexpr std::chrono::milliseconds actions_may_take{7'000};
constexpr std::chrono::milliseconds actions_end_within{6'000};
constexpr std::chrono::milliseconds actions_looked_at_again{50};

}  // namespace

/// Lists `running` for as long as this lives.
class Actions::InHand {
public:
    InHand(std::vector<Running>& all, Running running) : all_(all), running_(std::move(running))
    {
        all_.push_back(running_);
    }

    ~InHand()
    {
        std::erase(all_, running_);
        running_.stop->gone().ring();
    }

    InHand(const InHand&) = delete;
    InHand& operator=(const InHand&) = delete;

private:
    std::vector<Running>& all_;
    Running running_;
};

Actions::Actions(Parts parts)
    : executor_(std::move(parts.executor)),
      policy_(parts.policy),
      judge_(parts.judge),
      clock_(parts.clock),
      runner_(std::move(parts.runner))
{}

/// Whether what was queued is still to be run when its turn comes.
bool Actions::is_wanted(const std::string& action, const Deployment& deployment) const
{
    if (action == "deploy") {
        return deployment.stage == Stage::deploying && !undone_.contains(deployment.id);
    }
    return deployment.stage == Stage::rolling_back && !is_ticked(deployment, "rollback_steps", action);
}

asio::awaitable<void> Actions::act(storage::OutboxRow row, Deployment deployment, bool may_have_run)
{
    if (const auto* told = std::get_if<EndAction>(&row.saying)) {
        co_await end(row.deployment, told->action);
        co_return;
    }
    const auto name = std::get<RunAction>(row.saying).action;
    const auto* service = find_service(policy_, deployment.plan.service);
    executors::Outcome outcome{.output = "the bot was restarted while this ran", .unknown = may_have_run};
    const auto stop = std::make_shared<executors::Stop>(executor_);
    const InHand here{in_hand_, {row.deployment, name, stop}};
    const bool is_late = !may_have_run && !is_wanted(name, deployment);
    if (service == nullptr || action_of(*service, name).empty()) {
        outcome.output = "slipway.toml has no such action any more";
    }
    else if (!may_have_run && !is_late) {
        log::info("{} of {} begins", name, to_string(deployment.id));
        outcome = co_await runner_.run(action_of(*service, name), name, std::move(deployment), stop);
    }
    Request request{.verb = "action_result", .deployment = row.deployment, .source = Source::signal};
    request.fields = {
        {"action", name},
        {"succeeded", outcome.succeeded},
        {"unknown", outcome.unknown},
        {"accepted", outcome.accepted},
        {"output", outcome.output},
        {"not_run", is_late}};
    co_await keep_result(std::move(request), row.id);
}

/// Returns when it has ended: what follows must not run beside it.
asio::awaitable<void> Actions::end(DeploymentId deployment, std::string name)
{
    undone_.insert(deployment);
    const auto until = clock_.steady_now() + action_ends_within;
    const auto running_ones = find_running(deployment, name);
    for (const auto& running : running_ones) {
        running.stop->ask("ended because " + to_string(deployment) + " is rolled back");
        const auto left = until - clock_.steady_now();
        co_await running.stop->gone().wait(clock_, std::chrono::ceil<std::chrono::milliseconds>(left));
    }
}

std::vector<Actions::Running> Actions::find_running(DeploymentId deployment, const std::string& name) const
{
    std::vector<Running> found;
    std::copy_if(in_hand_.begin(), in_hand_.end(), std::back_inserter(found), [&](const Running& each) {
        return each.deployment == deployment && each.name == name;
    });
    return found;
}

asio::awaitable<void> Actions::wait_while_in_hand(std::chrono::milliseconds limit)
{
    const auto until = clock_.steady_now() + limit;
    while (!in_hand_.empty() && clock_.steady_now() < until) {
        co_await clock_.sleep_for(actions_looked_at_again);
    }
}

asio::awaitable<void> Actions::end_all()
{
    co_await wait_while_in_hand(actions_may_take);
    for (const auto& running : in_hand_) {
        log::warn("{} of {} is ended", running.name, to_string(running.deployment));
        running.stop->ask("ended because the bot was stopped");
    }
    co_await wait_while_in_hand(actions_end_within);
}

/// What was done cannot be done again: its result waits for the disk, however long that takes.
asio::awaitable<void> Actions::keep_result(Request request, std::string row)
{
    for (;;) {
        auto told = request;
        std::vector<std::string> keys{"action:" + row};
        std::string why;
        try {
            const auto verdict = co_await judge_.settle(std::move(told), bot_person(), std::move(keys));
            if (!verdict.seen_before && !verdict.result) {
                log::error("the result of {} could not be recorded", row);
            }
            co_return;
        }
        catch (const storage::Unavailable& error) {
            why = error.what();
        }
        log::error("the result of {} waits for the database: {}", row, why);
        co_await clock_.sleep_for(disk_looked_at_again);
    }
}

}  // namespace slipway
