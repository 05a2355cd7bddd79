#pragma once

#include "bot/config/config.hpp"
#include "bot/runtime/clock.hpp"
#include "bot/slack/web_api.hpp"

#include <boost/asio/awaitable.hpp>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace slipway {

/// Who people are and who holds which role, as Slack says; remembered for a while.
class Directory {
public:
    /// All must outlive the directory.
    Directory(slack::WebApi& api, Clock& clock, const Config& config);

    /// Reads user groups, e-mails and ids of the configuration. Throws ConfigMistakes naming every person or
    /// group that Slack does not know. Gives nothing while Slack is away: try again.
    [[nodiscard]] boost::asio::awaitable<std::shared_ptr<const RoleBook>> resolve_roles();

    struct Refreshed {
        std::shared_ptr<const RoleBook> book;
        bool is_complete = true;  ///< else ask again soon
    };

    /// The same later on, the rotation aside: never nothing, whatever Slack says. A user group that cannot be
    /// read gives nobody a role, nor does a user who is gone. Ids and e-mails read before stay, and so does
    /// the whole book while Slack refuses the bot's token.
    [[nodiscard]] boost::asio::awaitable<Refreshed> refresh_roles();

    /// The rotation as user ids; filled by `resolve_roles`.
    [[nodiscard]] const std::vector<UserId>& rotation() const { return rotation_; }

    /// The profile of `user`, at most some minutes old unless Slack is away or refuses the bot; none where
    /// it was never read then. A user Slack does not know comes back as deactivated: such a person never
    /// counts. Answers within `limit`, one second where the profile was read before: Slack waits three for
    /// us.
    [[nodiscard]] boost::asio::awaitable<std::optional<Person>> person(
        UserId user, std::chrono::milliseconds limit = std::chrono::seconds{2}
    );

    /// The names known so far, for texts that cannot mention.
    [[nodiscard]] std::map<UserId, std::string> names() const;

    /// What people said of themselves in Slack when they were last read: "On holiday".
    [[nodiscard]] std::map<UserId, std::string> statuses() const;

    /// Those of them whose account was deactivated when it was last read.
    [[nodiscard]] std::set<UserId> deactivated_people() const;

private:
    struct Known {
        Person person;
        std::string status;
        std::chrono::steady_clock::time_point read_at;
    };

    /// What one entry of the configuration resolves to.
    struct Resolved {
        std::vector<UserId> users;
        bool away = false;
        std::string mistake;
    };

    struct Reading {
        std::shared_ptr<RoleBook> book = std::make_shared<RoleBook>();
        bool away = false;  ///< Slack could not be asked for all of it
        std::vector<ConfigMistake> mistakes{};

        void note(const ConfigEntry& entry, const Resolved& resolved)
        {
            away = away || resolved.away;
            if (!resolved.mistake.empty()) {
                mistakes.push_back({entry.file, entry.line, entry.key + ": " + resolved.mistake});
            }
        }
    };

    [[nodiscard]] boost::asio::awaitable<Reading> read_roles();
    [[nodiscard]] boost::asio::awaitable<Resolved> resolve(std::string entry);
    [[nodiscard]] boost::asio::awaitable<Resolved> resolve_group(std::string handle);
    [[nodiscard]] boost::asio::awaitable<Resolved> resolve_email(std::string email);
    [[nodiscard]] boost::asio::awaitable<Resolved> resolve_user(UserId user);
    [[nodiscard]] boost::asio::awaitable<void> learn_names(std::map<Role, std::set<UserId>> members);

    slack::WebApi& api_;
    Clock& clock_;
    const Config& config_;
    std::map<UserId, Known> known_;
    std::optional<std::map<std::string, std::string>> groups_;
    std::map<std::string, UserId> users_by_email_;
    std::vector<UserId> rotation_;
    std::shared_ptr<const RoleBook> book_ = std::make_shared<RoleBook>();
};

}  // namespace slipway
