#pragma once

#include "tests/simulator/envelopes.hpp"
#include "tests/simulator/slack_api.hpp"
#include "tests/simulator/workspace.hpp"

#include <string>

namespace simulator {

/// What people do in Slack: each act becomes the envelope Slack would send. Gives the envelope's id; its
/// acknowledgement is in Envelopes::sent, and what it shows appears in the workspace.
class People {
public:
    People(Workspace& workspace, SlackApi& api, Envelopes& envelopes);

    /// Types a slash command. An acknowledgement with text becomes an ephemeral message.
    std::string slash(
        const std::string& user,
        const std::string& channel,
        const std::string& command,
        const std::string& text
    );

    /// Says something in a thread; gives the message's ts. The event goes to the bot if it is in the channel.
    std::string reply(
        const std::string& user,
        const std::string& channel,
        const std::string& thread_ts,
        const std::string& text
    );

    /// Presses the button `action_id` under a message, an ephemeral one or the App Home. Empty when there is
    /// no such button.
    std::string press(
        const std::string& user,
        const std::string& channel,
        const std::string& ts,
        const std::string& action_id
    );

    /// An interactive element: of a message or an ephemeral one (`channel`, `ts`), of a modal (`view`), or of
    /// the App Home (neither).
    struct Place {
        std::string channel, ts, view;
        int block = -1;  ///< which block it stands in, from 0; negative for the first with this action_id
        std::string action_id;
    };

    /// Uses the element: presses the button, or chooses `chosen` (the value of an option, an array of them, a
    /// user id, a time). Empty when there is no such element.
    std::string use(const std::string& user, const Place& place, const json::value& chosen);

    /// The same with a value that differs from the shown one: a forged payload.
    std::string press_forged(
        const std::string& user,
        const std::string& channel,
        const std::string& action_id,
        const std::string& value
    );

    /// Submits the modal on top of `user`'s screen with `fields` (block_id -> value) over what it was
    /// pre-filled with.
    std::string submit(const std::string& user, json::object fields);

    /// The modal on top of `user`'s screen, or null.
    [[nodiscard]] View* modal_of(const std::string& user);

    /// Closes that modal without submitting it; the one under it is on top then.
    void close_modal(const std::string& user);

    void edit(
        const std::string& user, const std::string& channel, const std::string& ts, const std::string& text
    );
    void open_home(const std::string& user);

    /// Takes over what an acknowledgement shows: ephemeral text, a closed modal, errors at fields. Called by
    /// the server.
    void apply_acks();

    /// Whether an act still waits for its acknowledgement.
    [[nodiscard]] bool is_waiting() const { return !pending_.empty(); }

private:
    struct Pending {
        std::string envelope_id, user, channel, view_id;
    };

    [[nodiscard]] const json::array* blocks_at(
        const std::string& user, const Place& place, json::object& payload
    );
    /// Does with the modal what the acknowledgement of its submission says.
    void take_over(const Pending& pending, const json::object& answer);
    [[nodiscard]] json::object interaction(const std::string& type, const std::string& user);
    std::string act(
        const std::string& user,
        const std::string& what,
        Pending pending,
        const std::string& type,
        json::object payload,
        bool accepts
    );

    Workspace& workspace_;
    SlackApi& api_;
    Envelopes& envelopes_;
    std::vector<Pending> pending_;
};

/// The button with this action_id in `blocks`, or null.
[[nodiscard]] const json::object* find_button(const json::array& blocks, const std::string& action_id);

}  // namespace simulator
