#pragma once

#include "tests/storms/timeline.hpp"

#include <boost/json.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace simulation {

namespace json = boost::json;

/// The string at `key`, empty where there is none.
[[nodiscard]] std::string text_at(const json::object& object, const char* key);

/// What goes wrong, and how often it did. `storm` scales every probability; 0 is fair weather.
struct Weather {
    Dice& dice;
    Trace& trace;
    double storm = 1;
    std::map<std::string, std::uint64_t> struck{};

    [[nodiscard]] bool strikes(const std::string& fault, double probability);
};

/// Something a person (or the monitoring) wants, as often as they try it.
struct Act {
    std::size_t number = 0;
    std::string who, what;
    std::string marker;               ///< in the body of the event it leads to; empty where it can hold none
    std::string event;                ///< the kind of that event
    bool must_be_remembered = false;  ///< acknowledged means: its key is in the inbox
    bool acknowledged = false;
    /// What the answer to a command says when it was done, empty for no answer; none where it cannot be told.
    std::optional<std::string> when_done{};
    bool accepted = false;  ///< people were told, by words or by none, that it was done
    std::string said;       ///< the answer that came with the acknowledgement
    std::map<std::string, slipway::Instant> keys{};  ///< of the inbox -> when it was acknowledged
    std::string thread, ts{};                        ///< of a reply
    slipway::Instant at{};                           ///< of a reply: when it was said
};

struct Message {
    std::string channel, ts, thread_ts, user, text, outbox_id;
    json::array blocks{};
    json::array files{};
};

struct Whispered {
    std::string user, channel, text;
    json::array blocks;
};

/// An open form in front of a person.
struct Form {
    std::string id, user;
    json::object view;
};

/// Slack's end of one websocket.
struct Wire {
    int number = 0;
    bool is_open = true;
    bool leaving = false;
    std::function<void(const std::string&)> send;
    std::function<void()> hang_up;
};

/// A small Slack and Linear, written from their documentation without a look at the bot: what was said to
/// them, what people see, envelopes with acknowledgements and retries.
class Slack {
public:
    Slack(Timeline& timeline, const VirtualClock& clock, Dice& dice, Weather& weather, Trace& trace);

    /// Applies a Web API call and answers it.
    [[nodiscard]] json::object call(const std::string& method, const json::object& arguments);
    /// Linear's commentCreate.
    [[nodiscard]] json::object comment(const json::object& input);

    // Socket Mode.
    [[nodiscard]] bool takes_ticket(const std::string& url);
    void connected(std::shared_ptr<Wire> wire);
    void received(const std::string& frame);
    /// Says disconnect to one connection, or cuts all.
    void warn();
    void cut_all();

    // What people do. Each gives the number of its act.
    std::size_t slash(const std::string& user, const std::string& command, const std::string& text, Act act);
    std::size_t press(const std::string& user, const Message& message, const json::object& button, Act act);
    std::size_t submit(const Form& form, json::object values, Act act);
    std::size_t reply(const std::string& user, const Message& parent, const std::string& text, Act act);
    void open_home(const std::string& user);

    /// The bot tried to open a form with this trigger.
    void trigger_used(const std::string& trigger);

    std::map<std::string, std::vector<Message>> channels{};
    std::deque<Whispered> whispers{};
    std::vector<std::pair<std::string, std::string>> comments{};  ///< id, body
    std::vector<std::string> shared_files{};
    std::map<std::string, Form> forms{};  ///< open ones by id
    std::deque<Act> acts{};
    std::vector<std::string> mistakes{};  ///< what the real one would not take: blocks, forms, answers
    std::map<std::string, int> posted{};  ///< outbox id -> messages with it
    std::function<void(const Form&)> on_form{};
    /// An envelope's acknowledgement arrived in time.
    std::function<void(Act&, const std::string& key)> on_acknowledged{};

    [[nodiscard]] bool is_quiet() const { return in_flight_ == 0; }

private:
    struct Envelope {
        std::string id, type, key;
        json::object payload;
        std::optional<std::size_t> act;
        std::string trigger, form;
        int attempt = 0;
        Steady sent;
        bool sent_twice = false;
        bool acknowledged = false;
    };

    std::size_t begin(Act act);
    void deliver(const std::shared_ptr<Envelope>& envelope);
    void judge(const std::shared_ptr<Envelope>& envelope);
    void send_event(json::object event, std::optional<std::size_t> act);
    void send_interaction(
        const std::string& type, json::object payload, std::size_t act, const std::string& form = {}
    );
    [[nodiscard]] std::shared_ptr<Wire> any_wire();
    [[nodiscard]] std::string next_ts();

    [[nodiscard]] std::string id(const char* prefix) { return prefix + std::to_string(++last_id_); }

    [[nodiscard]] json::object interaction(const std::string& type, const std::string& user);

    void look_at(const std::string& method, const json::object& arguments);
    [[nodiscard]] json::object post(const json::object& arguments);
    [[nodiscard]] json::object update(const json::object& arguments);
    [[nodiscard]] json::object open_view(const json::object& arguments);
    [[nodiscard]] json::object update_view(const json::object& arguments);
    [[nodiscard]] json::object pages(const json::object& arguments, bool replies);
    [[nodiscard]] json::object complete_upload(const json::object& arguments);

    Timeline& timeline_;
    const VirtualClock& clock_;
    Dice& dice_;
    Weather& weather_;
    Trace& trace_;
    std::set<std::string> tickets_;
    std::map<std::string, std::string> file_names_;  ///< by file id
    std::vector<std::shared_ptr<Wire>> wires_;
    std::map<std::string, std::shared_ptr<Envelope>> envelopes_;
    std::map<std::string, std::pair<std::string, Steady>> triggers_;  ///< unused ones -> user, issued
    std::set<std::string> opening_;  ///< triggers that the bot tried to open a form with
    int last_id_ = 0;
    int in_flight_ = 0;
};

/// Who is there, by id.
[[nodiscard]] const std::map<std::string, std::string>& people();

}  // namespace simulation
