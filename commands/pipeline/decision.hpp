#pragma once

#include "commands/pipeline/events.hpp"
#include "commands/text/sentence.hpp"
#include "commands/text/types.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace slipway {

// What is still to be said. Facts, not rendered text: the courier renders on delivery.

/// The deployment's card: posted the first time, edited in place afterwards. Several waiting ones become one.
struct CardRefresh {};

/// An announcement from a template, into the channel.
struct Notice {
    std::string kind;           ///< "pre_deployment", "post_deployment", "escalation", "rollback"
    boost::json::object facts;  ///< template variables that the deployment alone does not tell
    std::vector<UserId> pings;
};

/// A line in the deployment's thread.
struct ThreadNote {
    Sentence sentence;
    std::vector<UserId> pings;
};

/// What only one person sees, where they are.
struct Whisper {
    UserId user;
    ChannelId channel;
    Sentence sentence;
    bool in_thread = false;         ///< in the deployment's thread
    std::vector<Button> buttons{};  ///< "Sign off as Jane Doe"
    std::vector<Sentence> more{};   ///< said with it, as one list
};

/// A direct message.
struct DirectMessage {
    UserId user;
    Sentence sentence;
    std::vector<Button> buttons{};
};

/// A comment on the plan's Linear issue; `body` goes out byte for byte.
struct LinearComment {
    std::string issue;
    std::string body;
};

/// The post-mortem draft as a file in the thread.
struct PostmortemFile {};

/// Runs a service's action ("deploy", "disable_flag", "rollback", "reverse_migrations") outside the
/// transaction.
struct RunAction {
    std::string action;
};

/// Ends what `RunAction` runs for the deployment, before what follows it is begun: a rollback does not wait
/// for the deploy that it undoes.
struct EndAction {
    std::string action;
};

/// A sentence into a channel (the team's where none is named) about no deployment: a freeze, the head of the
/// ledger.
struct Announcement {
    ChannelId channel;
    Sentence sentence;
};

using SayingVariant = std::variant<
    CardRefresh,
    Notice,
    ThreadNote,
    Whisper,
    DirectMessage,
    LinearComment,
    PostmortemFile,
    RunAction,
    EndAction,
    Announcement>;

/// One of them; made, copied, moved and destroyed in saying.cpp, as an Event is in events.cpp.
struct Saying : SayingVariant {
    template <OneOf<SayingVariant> Kind>
    Saying(Kind kind);
    Saying();
    Saying(const Saying&);
    Saying(Saying&&) noexcept;
    Saying& operator=(const Saying&);
    Saying& operator=(Saying&&) noexcept;
    ~Saying();
};

/// A row of the outbox before it has a number.
struct OutboxDraft {
    Saying saying;
    std::string id{};  ///< UUID v4 where the decision already used it (Linear comment); else made when stored
};

/// Sets or clears the timer called `name` of the deployment; a set one replaces its predecessor.
struct TimerChange {
    std::string name;  ///< "pre_notice", "check_in_1", "watch_end", "next_update", "chase_sign_offs" …
    std::optional<Instant> due;  ///< none: cleared
    boost::json::object facts{};
};

/// What a wish leads to; all of it is committed together or not at all.
struct Decision {
    Decision();
    Decision(const Decision&);
    Decision(Decision&&) noexcept;
    Decision& operator=(const Decision&);
    Decision& operator=(Decision&&) noexcept;
    ~Decision();

    std::optional<DeploymentId> deployment;  ///< whose events, outbox rows and timers these are
    std::vector<Event> events;
    std::vector<Event> team_events;
    std::vector<OutboxDraft> outbox;
    std::vector<TimerChange> timers;
    std::vector<Sentence>
        reply;  ///< to the person who asked, seen by them alone; empty where the card says it all
    std::vector<Button> reply_buttons{};      ///< under the reply
    std::vector<DeploymentId> other_cards{};  ///< drawn anew too, since they show what changed for the team
};

/// The JSON of an outbox row, and back. `saying_from` throws std::invalid_argument on an unknown kind.
[[nodiscard]] std::string kind_of(const Saying& saying);
[[nodiscard]] boost::json::object to_json(const Saying& saying);
[[nodiscard]] Saying saying_from(const std::string& kind, const boost::json::object& body);

}  // namespace slipway
