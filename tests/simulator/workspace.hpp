#pragma once

#include "tests/simulator/changes.hpp"
#include "tests/simulator/json.hpp"
#include "tests/simulator/transcript.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace simulator {

struct User {
    std::string id;
    std::string name;  ///< the handle, "jane"
    std::string real_name;
    std::string display_name;
    std::string email;
    std::string tz = "America/New_York";
    bool deleted = false;
    bool is_bot = false;
    bool is_restricted = false;  ///< a guest of several channels
    std::string team_id{};       ///< another workspace's for a person of Slack Connect; empty: ours
    std::string title{};         ///< "Dev Lead"
};

struct UserGroup {
    std::string id;  ///< "S0…"
    std::string handle;
    std::string name;
    std::vector<std::string> users;
    bool disabled = false;
};

struct Message {
    std::string channel{};
    std::string ts{};         ///< set when it is posted
    std::string thread_ts{};  ///< of a reply: its parent's
    std::string user{};
    std::string bot_id{};  ///< of the app's own
    std::string text{};
    std::string subtype{};
    json::array blocks{};
    std::optional<json::object> metadata{};
    std::map<std::string, std::vector<std::string>> reactions{};  ///< name -> users
    std::vector<std::string> files{};
    std::string edited_ts{};
    int updates = 0;  ///< how often it was changed in place
};

struct Channel {
    std::string id;
    std::string name;
    bool is_private = false;
    bool is_im = false;
    bool is_archived = false;
    std::set<std::string> members{};
    std::string
        restriction{};  ///< what chat.postMessage answers instead: "restricted_action_read_only_channel", …
    std::map<std::string, Message> messages{};  ///< by ts, so in order
};

/// A message that one person sees.
struct Ephemeral {
    std::string channel;
    std::string user;
    std::string ts;
    std::string thread_ts;
    std::string text;
    json::array blocks{};
    std::string source;  ///< "chat.postEphemeral" or "ack"
    bool deleted = false;
};

/// A modal or an App Home.
struct View {
    std::string id;
    std::string user;
    std::string hash;
    json::object body;     ///< as sent, with every block_id filled in
    json::object state{};  ///< block_id -> action_id -> typed value
    bool open = true;
    json::object errors{};  ///< block_id -> what its last submission was refused with
};

struct File {
    std::string id;
    std::string name;
    std::string title;
    std::string content;
    std::size_t announced = 0;  ///< bytes
    bool uploaded = false;
    bool completed = false;
    std::string channel;
    std::string thread_ts;
};

/// The state of one Slack workspace with our app installed. Knows no wire format but what it stores; all
/// members may be read and, to set a scene, changed. One thread.
class Workspace {
public:
    Workspace(SimulatedClock& clock, Changes& changes, Transcript& transcript);

    std::string team_id = "T0TEAM";
    std::string team_name = "Acme";
    std::string team_domain = "acme";
    std::string app_id = "A0SLIPWAY";
    std::string bot_user = "U0SLIPWAY";
    std::string bot_id = "B0SLIPWAY";
    std::string bot_token = "xoxb-test";
    std::string app_token = "xapp-test";
    std::map<std::string, std::string> refused_tokens{};  ///< token -> "token_revoked", "account_inactive", …
    std::set<std::string> bot_scopes;
    std::set<std::string> subscriptions;  ///< bot_events of the manifest

    std::map<std::string, User> users{};
    std::map<std::string, UserGroup> groups{};
    std::map<std::string, Channel> channels{};
    std::map<std::string, View> views{};
    std::map<std::string, std::string> homes{};  ///< user -> view id
    std::map<std::string, std::vector<std::string>>
        stacks{};  ///< user -> ids of open modals, the top one last
    std::map<std::string, File> files{};
    std::vector<Ephemeral> ephemerals{};

    /// Adds a person, in no channel yet.
    User& add_user(User user);

    /// Adds a channel; the bot is in it only when `members` names it.
    Channel& add_channel(Channel channel);

    /// The direct messages between the bot and `user`, made when there are none.
    Channel& direct_messages(const std::string& user);

    [[nodiscard]] bool is_member(const std::string& channel, const std::string& user) const;

    /// Null when there is none.
    [[nodiscard]] Channel* channel(const std::string& id_or_name);
    [[nodiscard]] Message* message(const std::string& channel, const std::string& ts);

    /// Stores, tells the transcript, and sends the app its event. `message.ts` is chosen here.
    Message& post(Message message);

    /// Replaces what is at `after.channel`, `after.ts`, by `editor`.
    Message& change(Message after, const std::string& editor);
    void remove(const std::string& channel, const std::string& ts, const std::string& by);

    /// False when `user` had given it already.
    bool react(
        const std::string& channel, const std::string& ts, const std::string& user, const std::string& name
    );
    void join(const std::string& channel, const std::string& user);

    /// The answer's `ts` names it.
    const Ephemeral& show(Ephemeral ephemeral);

    /// Puts a modal on top of `user`'s screen.
    View& open_modal(const std::string& user, json::object body);

    /// Replaces what `view` shows; what was typed stays where the block_id does.
    void update_view(View& view, json::object body);

    /// A message as the Web API and the events give it. Without `all_metadata` only its event_type.
    [[nodiscard]] json::object as_json(const Message& message, bool all_metadata) const;
    [[nodiscard]] json::object as_json(const User& user) const;
    [[nodiscard]] json::object as_json(const Channel& channel) const;
    [[nodiscard]] json::object as_json(const View& view) const;

    /// "1610241741.000200", never given twice.
    [[nodiscard]] std::string next_ts();

    /// "V0000001": `prefix` and a number.
    [[nodiscard]] std::string next_id(const std::string& prefix);

    /// Where events of the workspace go, Slack's `event` object.
    std::function<void(json::object)> on_event{};

    void tell(json::object event);

    [[nodiscard]] SimulatedClock& clock() { return clock_; }

    [[nodiscard]] Changes& changes() { return changes_; }

    [[nodiscard]] Transcript& transcript() { return transcript_; }

private:
    void tell_mention(const Message& message);
    [[nodiscard]] std::string channel_type(const std::string& channel) const;
    [[nodiscard]] bool hears(const std::string& channel) const;

    SimulatedClock& clock_;
    Changes& changes_;
    Transcript& transcript_;
    std::set<std::string> given_ts_;
    int last_id_ = 0;
};

/// The people, groups and channels of the examples: U0ALICE and U0BOB develop, U0DANA is Dev Lead, U0PETRA
/// Product Lead, U0RAJ R&D Lead, U0ANNE Account Manager, U0JANE ("Jane Doe") a requestor; a guest, a
/// deactivated person, a person of another workspace and another bot; C0DEPLOYS (with the bot), C0RANDOM
/// (without it), C0SECRET (private, without it).
void add_example_team(Workspace& workspace);

}  // namespace simulator
