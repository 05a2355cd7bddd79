#pragma once

#include "bot/net/http_server.hpp"
#include "tests/simulator/workspace.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace simulator {

/// Slack's Web API over a workspace: tokens, scopes, required arguments, errors as the reference has them,
/// and one message a second per channel: a second one sooner is answered 429.
class SlackApi {
public:
    /// `origin`: "https://127.0.0.1:8700" for the addresses it hands out; `new_ticket`: for one handshake of
    /// Socket Mode.
    SlackApi(
        Workspace& workspace, std::function<std::string()> origin, std::function<std::string()> new_ticket
    );

    /// Answers POST or GET /api/`method`.
    [[nodiscard]] slipway::net::ServerResponse call(
        const std::string& method, const slipway::net::ServerRequest& request
    );

    /// Takes the bytes sent to an upload address.
    [[nodiscard]] slipway::net::ServerResponse upload(const std::string& file_id, const std::string& bytes);

    /// A trigger that opens one modal for `user` within 3 s.
    [[nodiscard]] std::string new_trigger(const std::string& user);

    /// However many messages a call of conversations.* asks for.
    std::size_t longest_page = 1'000;

private:
    using Arguments = json::object;
    using Answer = json::object;

    struct Method {
        std::string scope;                  ///< empty: none
        std::vector<std::string> required;  ///< arguments
        Answer (SlackApi::*answer)(const Arguments&);
    };

    struct Trigger {
        std::string user;
        Steady issued;
        bool used = false;
    };

    [[nodiscard]] static const std::map<std::string, Method>& methods();
    [[nodiscard]] Answer checked(
        const std::string& method, const std::string& token, const Arguments& arguments
    );
    /// The answer to blocks, attachments or a view that Slack would refuse.
    [[nodiscard]] std::optional<Answer> payload_refusal(const std::string& method, const Arguments& arguments)
        const;
    [[nodiscard]] Answer paged(const Arguments& arguments, const json::array& all) const;
    [[nodiscard]] std::string channel_problem(const std::string& channel, bool to_post);
    [[nodiscard]] std::string trigger_problem(const std::string& trigger_id);

    Answer auth_test(const Arguments&);
    Answer open_connection(const Arguments&);
    Answer post_message(const Arguments&);
    Answer update_message(const Arguments&);
    Answer post_ephemeral(const Arguments&);
    Answer permalink(const Arguments&);
    Answer open_view(const Arguments&);
    Answer update_view(const Arguments&);
    Answer publish_view(const Arguments&);
    Answer user_info(const Arguments&);
    Answer user_by_email(const Arguments&);
    Answer user_groups(const Arguments&);
    Answer user_group_members(const Arguments&);
    Answer channel_info(const Arguments&);
    Answer channel_history(const Arguments&);
    Answer thread_replies(const Arguments&);
    Answer open_direct(const Arguments&);
    Answer upload_url(const Arguments&);
    Answer complete_upload(const Arguments&);

    Workspace& workspace_;
    std::function<std::string()> origin_;
    std::function<std::string()> new_ticket_;
    std::map<std::string, Trigger> triggers_;
    std::map<std::string, Steady> last_post_;
};

}  // namespace simulator
