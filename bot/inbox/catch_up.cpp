#include "bot/inbox/catch_up.hpp"

#include "bot/runtime/log.hpp"

#include <algorithm>

namespace slipway {

namespace {

/// Threads are read again for so long; a reply is known by the inbox, which is kept an hour longer.
constexpr std::chrono::hours looked_back{24};
/// Where Slack could not be asked for all of it.
constexpr std::chrono::milliseconds again_after{30'000};
constexpr std::chrono::milliseconds threads_read_again{3'600'000};

/// What people reply to.
std::vector<storage::PostedMessage> watched_threads(storage::Store& store)
{
    std::vector<storage::PostedMessage> threads;
    for (const auto& deployment : store.active()) {
        for (const auto* purpose : {"card", "notice:pre_deployment"}) {
            const auto messages = store.messages_of(deployment.id, purpose);
            threads.insert(threads.end(), messages.begin(), messages.end());
        }
    }
    return threads;
}

}  // namespace

void CatchUp::note_gap()
{
    ++gaps_;
    wakeup_.ring();
}

boost::asio::awaitable<void> CatchUp::run()
{
    for (;;) {
        co_await wakeup_.wait(parts_.clock, gaps_read_ < gaps_ ? again_after : threads_read_again);
        const int behind = gaps_;
        const bool is_complete = co_await read_threads();
        gaps_read_ = is_complete ? behind : gaps_read_;
    }
}

boost::asio::awaitable<bool> CatchUp::read_threads()
{
    std::function<std::vector<storage::PostedMessage>(storage::Store&)> look = watched_threads;
    const auto threads = co_await parts_.storage.ask(std::move(look));
    bool is_complete = true;
    for (const auto& thread : threads) {
        const auto since = parts_.clock.now() - looked_back;
        auto answer = co_await parts_.slack.replies(thread.channel, thread.ts, since);
        if (const auto* later = std::get_if<slack::RetryLater>(&answer)) {
            log::warn("conversations.replies: {}", later->why);
            co_return false;
        }
        if (const auto* rejected = std::get_if<slack::Rejected>(&answer)) {
            // The card was deleted, say; only a token that is refused may be good again.
            log::warn("conversations.replies of {}: {}", to_string(thread.deployment), rejected->code);
            if (slack::refuses_token(*rejected)) {
                co_return false;
            }
            continue;
        }
        auto replies = std::get<Replies>(std::move(answer));
        auto unheard = co_await not_heard(std::move(replies));
        for (auto& reply : unheard) {
            log::info("a reply to {} was missed and is read now", to_string(thread.deployment));
            const auto ack = co_await parts_.router.hear(std::move(reply), {});
            is_complete = is_complete && ack.has_value();
        }
    }
    co_return is_complete;
}

boost::asio::awaitable<CatchUp::Replies> CatchUp::not_heard(Replies replies)
{
    std::function<Replies(storage::Store&)> look = [replies = std::move(replies)](storage::Store& store) {
        Replies unheard;
        std::copy_if(
            replies.begin(),
            replies.end(),
            std::back_inserter(unheard),
            [&store](const slack::ThreadReply& reply) { return !store.was_seen(key_of(reply)); }
        );
        return unheard;
    };
    auto unheard = co_await parts_.storage.ask(std::move(look));
    co_return unheard;
}

}  // namespace slipway
