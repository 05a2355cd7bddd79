#include "bot/chores/roles.hpp"

#include "bot/runtime/log.hpp"
#include "bot/runtime/retry_delay.hpp"
#include "bot/slack/socket_session.hpp"
#include "commands/pipeline/on_call.hpp"

#include <algorithm>

namespace slipway {

namespace {

constexpr std::chrono::milliseconds first_retry{500};
constexpr std::chrono::milliseconds longest_retry{30'000};
/// A changed user group counts after this long at the latest.
constexpr std::chrono::minutes read_again_after{5};

[[noreturn]] void refuse_to_start(const std::string& code)
{
    throw slack::FatalSlackError(
        "Slack refuses the bot token (" + code + "): give a valid SLACK_BOT_TOKEN and start again"
    );
}

}  // namespace

boost::asio::awaitable<void> RoleKeeper::say_hello()
{
    for (int failures = 0;; ++failures) {
        const auto answer = co_await parts_.slack.auth_test();
        if (std::holds_alternative<slack::Identity>(answer)) {
            co_return;
        }
        if (const auto* rejected = std::get_if<slack::Rejected>(&answer)) {
            refuse_to_start(rejected->code);
        }
        const auto& later = std::get<slack::RetryLater>(answer);
        log::warn("Slack is away: {}", later.why);
        const auto delay = retry_delay(failures, first_retry, longest_retry, parts_.random);
        co_await parts_.clock.sleep_for(std::max(later.after, delay));
    }
}

boost::asio::awaitable<void> RoleKeeper::remember()
{
    std::function<Directory::Entries(storage::Store&)> look = [](storage::Store& store) {
        return store.entries();
    };
    auto entries = co_await parts_.storage.ask(std::move(look));
    parts_.directory.remember(std::move(entries));
}

boost::asio::awaitable<void> RoleKeeper::note()
{
    const Event rotation = rotation_of(parts_.policy, parts_.directory.rotation());
    const Event changes = parts_.directory.changes();
    boost::json::object facts;
    for (const auto& event : {rotation, changes}) {
        facts[kind_of(event)] = to_json(event);
    }
    if (facts == noted_) {
        co_return;
    }
    for (const auto& trouble : parts_.directory.changes().troubles) {
        log::warn("slipway.toml and Slack differ: {}", trouble);
    }
    StorageRunner::Job keep = [entries = parts_.directory.entries()](storage::Store& store) {
        store.remember_entries(entries);
    };
    co_await parts_.storage.run(std::move(keep));
    Request request{.verb = "timer", .text = "directory", .fields = facts, .source = Source::timer};
    auto bot = bot_person();
    std::vector<std::string> keys;
    (void)co_await parts_.judge.settle(std::move(request), std::move(bot), std::move(keys));
    noted_ = std::move(facts);
}

boost::asio::awaitable<void> RoleKeeper::introduce()
{
    co_await say_hello();
    co_await remember();
    for (int failures = 0;; ++failures) {
        auto roles = co_await parts_.directory.resolve_roles();
        if (!parts_.slack.refused().empty()) {
            refuse_to_start(parts_.slack.refused());
        }
        if (roles) {
            // Safe: nothing has been given to the storage thread yet that could read the policy.
            parts_.policy.rotation = parts_.directory.rotation();
            parts_.judge.set_roles(std::move(roles));
            co_await note();
            co_return;
        }
        log::warn("Slack is away: it could not be asked for everybody in slipway.toml");
        const auto delay = retry_delay(failures, first_retry, longest_retry, parts_.random);
        co_await parts_.clock.sleep_for(delay);
    }
}

boost::asio::awaitable<void> RoleKeeper::run()
{
    for (int failures = 0;;) {
        const std::chrono::milliseconds pause =
            failures == 0 ? read_again_after
                          : retry_delay(failures, first_retry, longest_retry, parts_.random);
        co_await parts_.clock.sleep_for(pause);
        auto roles = co_await parts_.directory.refresh_roles();
        parts_.judge.set_roles(std::move(roles.book));
        if (roles.is_complete) {
            co_await note();
        }
        failures = roles.is_complete ? 0 : failures + 1;
    }
}

}  // namespace slipway
