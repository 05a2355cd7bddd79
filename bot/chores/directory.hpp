#pragma once

#include "bot/config/config.hpp"
#include "bot/runtime/clock.hpp"
#include "bot/slack/web_api.hpp"
#include "commands/pipeline/events.hpp"

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

    /// Whom entries of the configuration meant when Slack last knew them: what Slack does not know any more
    /// is a change there, and no mistake in the file.
    using Entries = std::map<std::string, std::vector<UserId>>;

    void remember(Entries entries) { entries_ = std::move(entries); }

    /// As remembered, and as read since.
    [[nodiscard]] const Entries& entries() const { return entries_; }

    /// Reads user groups, e-mails and ids of the configuration. Throws ConfigMistakes naming every person or
    /// group that Slack does not know and never knew. Gives nothing while Slack is away: try again.
    [[nodiscard]] boost::asio::awaitable<std::shared_ptr<const RoleBook>> resolve_roles();

    struct Refreshed {
        std::shared_ptr<const RoleBook> book;
        bool is_complete = true;  ///< else ask again soon
    };

    /// The same later on: never nothing, whatever Slack says. A user group that cannot be read gives nobody a
    /// role, nor does a user who is gone. Ids and e-mails read before stay, and so does the whole book while
    /// Slack refuses the bot's token.
    [[nodiscard]] boost::asio::awaitable<Refreshed> refresh_roles();

    /// The rotation as user ids, in turn, those who are gone too: their turn is not another's.
    [[nodiscard]] const std::vector<UserId>& rotation() const { return rotation_; }

    /// What the configuration names and Slack has no more, as last read in full.
    [[nodiscard]] const DirectoryChanged& changes() const { return changes_; }

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
        std::string trouble{};  ///< why it is not whom it says, or Slack is away
    };

    struct Reading {
        std::shared_ptr<RoleBook> book = std::make_shared<RoleBook>();
        std::vector<UserId> rotation{};
        bool away = false;  ///< Slack could not be asked for all of it
        std::set<std::string> troubles{};
        std::vector<ConfigMistake> mistakes{};  ///< those of the troubles that were never different
    };

    [[nodiscard]] boost::asio::awaitable<Resolved> read(ConfigEntry entry, std::shared_ptr<Reading> reading);
    [[nodiscard]] boost::asio::awaitable<std::shared_ptr<Reading>> read_roles();
    [[nodiscard]] boost::asio::awaitable<void> look_at_channels(std::shared_ptr<Reading> reading);
    void keep(const Reading& reading);
    [[nodiscard]] boost::asio::awaitable<Resolved> resolve(std::string entry);
    [[nodiscard]] boost::asio::awaitable<Resolved> resolve_group(std::string handle);
    [[nodiscard]] boost::asio::awaitable<Resolved> resolve_email(std::string email);
    [[nodiscard]] boost::asio::awaitable<Resolved> resolve_user(UserId user);
    [[nodiscard]] boost::asio::awaitable<void> learn_names(std::set<UserId> people);

    slack::WebApi& api_;
    Clock& clock_;
    const Config& config_;
    std::map<UserId, Known> known_;
    std::optional<std::map<std::string, std::string>> groups_;
    Entries entries_;
    std::vector<UserId> rotation_;
    DirectoryChanged changes_;
    std::shared_ptr<const RoleBook> book_ = std::make_shared<RoleBook>();
};

}  // namespace slipway
