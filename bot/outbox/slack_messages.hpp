#pragma once

#include "bot/judge.hpp"
#include "bot/outbox/delivery.hpp"
#include "bot/runtime/clock.hpp"
#include "bot/runtime/storage_thread.hpp"
#include "bot/slack/web_api.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace slipway {

/// Says in Slack what a row of the outbox has to say. A message is looked for before it is repeated after an
/// outcome that is not known.
class SlackMessages {
public:
    struct Parts {
        slack::WebApi& slack;
        StorageRunner& storage;
        const templates::Library& library;
        Clock& clock;
        ChannelId channel;  ///< for cards and notices
        const Views& views;
    };

    explicit SlackMessages(Parts parts) : parts_(std::move(parts)) {}

    using Delivery = boost::asio::awaitable<delivery::Outcome>;
    using Facts = delivery::SharedFacts;

    [[nodiscard]] Delivery deliver(CardRefresh refresh, storage::OutboxRow row, Facts facts);
    [[nodiscard]] Delivery deliver(Notice notice, storage::OutboxRow row, Facts facts);
    [[nodiscard]] Delivery deliver(ThreadNote note, storage::OutboxRow row, Facts facts);
    [[nodiscard]] Delivery deliver(Whisper whisper, storage::OutboxRow row, Facts facts);
    [[nodiscard]] Delivery deliver(DirectMessage message, storage::OutboxRow row, Facts facts);
    [[nodiscard]] Delivery deliver(PostmortemFile file, storage::OutboxRow row, Facts facts);
    [[nodiscard]] Delivery deliver(Announcement announcement, storage::OutboxRow row, Facts facts);

private:
    using Buttons = decltype(DirectMessage::buttons);

    /// What a message that is edited in place shows.
    struct Shown {
        std::size_t content = 0;  ///< hashed
        std::chrono::steady_clock::time_point at{};
    };

    struct Closed {
        std::vector<storage::PostedMessage> asks;
        std::optional<delivery::NotNow> later;
    };

    /// Posts `message`, unless an earlier attempt did. `purpose`: what it is remembered as; empty for not.
    [[nodiscard]] Delivery post(storage::OutboxRow row, slack::Message message, std::string purpose);
    /// The ts of what an earlier attempt said; none where none was ambiguous or it did not arrive.
    [[nodiscard]] boost::asio::awaitable<slack::Answer<std::optional<std::string>>> look_for(
        storage::OutboxRow row, ChannelId channel, std::string thread_ts
    );
    /// Posts or edits the card, unless it shows `content` already.
    [[nodiscard]] Delivery show(
        storage::OutboxRow row, Facts facts, slack::Message message, std::size_t content
    );
    /// How long the message at `ts` may not be edited again; not positive where it may.
    [[nodiscard]] std::chrono::milliseconds rest_of(const std::string& ts) const;
    /// What asked, and what stands in the place of its buttons from now on.
    using Ends = std::vector<std::pair<delivery::Asked, Sentence>>;

    [[nodiscard]] std::optional<Sentence> end_of(const delivery::Asked& asked, const delivery::Facts& facts)
        const;
    /// Takes the buttons from the direct messages that wait for nothing any more.
    [[nodiscard]] boost::asio::awaitable<Closed> close_asks(Facts facts);
    /// Up to the first that Slack has to be asked for later.
    [[nodiscard]] boost::asio::awaitable<Closed> close(Ends ends);
    /// Says `text` in a direct message.
    [[nodiscard]] Delivery tell(
        UserId user, std::string text, Buttons buttons, storage::OutboxRow row, Facts facts
    );
    [[nodiscard]] boost::json::array with_buttons(
        const std::string& text, const Buttons& buttons, const delivery::Facts& facts
    ) const;
    [[nodiscard]] std::string text_of(const Whisper& whisper) const;

    Parts parts_;
    std::map<std::string, Shown> shown_;  ///< by ts; what was shown before the start is shown once more
};

}  // namespace slipway
