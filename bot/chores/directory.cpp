#include "bot/chores/directory.hpp"

#include "bot/runtime/log.hpp"

#include <set>

namespace slipway {

namespace {

/// A role taken away in Slack counts as gone after this long at the latest.
constexpr std::chrono::minutes known_for{5};
/// While Slack stutters, a start that asks for ten people must not begin again with the first of them.
constexpr std::chrono::minutes just_asked{1};
/// Of a person whose envelope waits, and whom we know already.
constexpr std::chrono::milliseconds known_limit{1'000};

template <class T>
std::string why_not(const slack::Answer<T>& answer)
{
    if (const auto* rejected = std::get_if<slack::Rejected>(&answer)) {
        return rejected->code;
    }
    return std::get<slack::RetryLater>(answer).why;
}

/// Slack could not be asked; a refused token says nothing about whom it was used to ask for.
template <class T>
bool is_away(const slack::Answer<T>& answer)
{
    const auto* rejected = std::get_if<slack::Rejected>(&answer);
    return std::holds_alternative<slack::RetryLater>(answer) ||
           (rejected != nullptr && slack::refuses_token(*rejected));
}

/// The only refusals that mean that there is no such person.
template <class T>
bool is_gone(const slack::Answer<T>& answer)
{
    static const std::set<std::string> codes{"user_not_found", "users_not_found", "user_not_visible"};
    const auto* rejected = std::get_if<slack::Rejected>(&answer);
    return rejected != nullptr && codes.contains(rejected->code);
}

/// Why `person` can act no more, or never could; empty where they can.
std::string why_not(const Person& person)
{
    const auto* why = person.is_deactivated ? "is deactivated in Slack"
                      : person.is_guest     ? "is a guest in Slack"
                      : person.is_external  ? "belongs to another workspace"
                      : person.is_bot       ? "is a bot"
                                            : "";
    return *why == '\0' ? "" : person.id.str() + " " + why;
}

/// Everybody who holds a role or has a turn.
std::set<UserId> people_in(const RoleBook& book, const std::vector<UserId>& rotation)
{
    std::set<UserId> people(rotation.begin(), rotation.end());
    for (const auto& [role, members] : book.members) {
        people.insert(members.begin(), members.end());
    }
    return people;
}

}  // namespace

Directory::Directory(slack::WebApi& api, Clock& clock, const Config& config)
    : api_(api), clock_(clock), config_(config)
{}

boost::asio::awaitable<std::optional<Person>> Directory::person(UserId user, std::chrono::milliseconds limit)
{
    const auto now = clock_.steady_now();
    const auto found = known_.find(user);
    if (found != known_.end() && now - found->second.read_at < known_for) {
        co_return found->second.person;
    }
    const auto answer = co_await api_.profile(user, found != known_.end() ? known_limit : limit);
    if (const auto* profile = std::get_if<slack::Profile>(&answer)) {
        known_[user] = {profile->person, profile->status, now};
        co_return profile->person;
    }
    if (is_gone(answer)) {
        co_return Person{.id = user, .is_deactivated = true};
    }
    log::warn("users.info: {}", why_not(answer));
    // Who can still type in Slack is whom we knew: a rollback must not wait for their profile.
    const auto known = known_.find(user);
    if (known != known_.end()) {
        co_return known->second.person;
    }
    co_return std::nullopt;
}

boost::asio::awaitable<Directory::Resolved> Directory::resolve_group(std::string handle)
{
    if (!groups_) {
        auto groups = co_await api_.user_groups();
        if (auto* read = std::get_if<std::map<std::string, std::string>>(&groups)) {
            groups_ = std::move(*read);
        }
        else if (is_away(groups)) {
            co_return Resolved{{}, true, why_not(groups)};
        }
        else {
            co_return Resolved{
                {}, false, "the user group @" + handle + " cannot be read: " + why_not(groups)};
        }
    }
    const auto group = groups_->find(handle);
    if (group == groups_->end()) {
        co_return Resolved{{}, false, "there is no user group @" + handle + " in this workspace"};
    }
    auto members = co_await api_.user_group_members(group->second);
    if (auto* users = std::get_if<std::vector<UserId>>(&members)) {
        co_return Resolved{std::move(*users), false, {}};
    }
    if (is_away(members)) {
        co_return Resolved{{}, true, why_not(members)};
    }
    co_return Resolved{{}, false, "the members of @" + handle + " cannot be read: " + why_not(members)};
}

boost::asio::awaitable<Directory::Resolved> Directory::resolve_email(std::string email)
{
    const auto answer = co_await api_.user_with_email(email);
    if (const auto* user = std::get_if<UserId>(&answer)) {
        co_return Resolved{{*user}, false, {}};
    }
    const auto known = entries_.find(email);
    auto users = known == entries_.end() ? std::vector<UserId>{} : known->second;
    if (is_gone(answer)) {
        for (const auto& user : users) {  // deactivated, or with another e-mail: Slack is asked anew
            known_.erase(user);
        }
        co_return Resolved{std::move(users), false, "nobody in this workspace has the e-mail " + email};
    }
    const bool away = is_away(answer);
    co_return Resolved{
        std::move(users), away, away ? why_not(answer) : email + " cannot be looked up: " + why_not(answer)};
}

boost::asio::awaitable<Directory::Resolved> Directory::resolve_user(UserId user)
{
    const auto known = known_.find(user);
    if (known != known_.end() && clock_.steady_now() - known->second.read_at < just_asked) {
        co_return Resolved{{user}, false, {}};
    }
    const auto answer = co_await api_.profile(user);
    if (const auto* profile = std::get_if<slack::Profile>(&answer)) {
        known_[user] = {profile->person, profile->status, clock_.steady_now()};
        co_return Resolved{{user}, false, {}};
    }
    if (is_gone(answer)) {
        known_[user].person = {.id = user, .is_deactivated = true};
        co_return Resolved{{user}, false, "there is no user " + user.str() + " in this workspace"};
    }
    const bool away = is_away(answer);
    co_return Resolved{
        {user}, away, away ? why_not(answer) : user.str() + " cannot be looked up: " + why_not(answer)};
}

boost::asio::awaitable<Directory::Resolved> Directory::read(
    ConfigEntry entry, std::shared_ptr<Reading> reading
)
{
    const auto& text = entry.text;
    auto resolved = text.starts_with("@")                 ? resolve_group(text.substr(1))
                    : text.find('@') != std::string::npos ? resolve_email(text)
                                                          : resolve_user(UserId(text));
    auto found = co_await std::move(resolved);
    if (found.away) {
        log::warn("{} {}: {}", entry.key, text, found.trouble);
        reading->away = true;
    }
    else if (found.trouble.empty()) {
        entries_[text] = found.users;
    }
    else {
        reading->troubles.insert(found.trouble);
        if (!entries_.contains(text)) {
            reading->mistakes.push_back({entry.file, entry.line, entry.key + ": " + found.trouble});
        }
    }
    co_return found;
}

boost::asio::awaitable<void> Directory::look_at_channels(std::shared_ptr<Reading> reading)
{
    const std::set<ChannelId> channels{config_.channel, config_.audit_channel};
    for (const auto& channel : channels) {
        if (channel.empty()) {
            continue;
        }
        const auto answer = co_await api_.channel(channel);
        const auto* found = std::get_if<slack::Channel>(&answer);
        const auto* rejected = std::get_if<slack::Rejected>(&answer);
        const auto* trouble = found != nullptr && found->is_archived  ? " is archived"
                              : found != nullptr && !found->is_member ? ": the bot is not in it"
                              : rejected != nullptr && rejected->code == "channel_not_found"
                                  ? " is not there, or is private and the bot is not in it"
                                  : "";
        if (*trouble != '\0') {
            reading->troubles.insert("the channel " + channel.str() + trouble);
        }
    }
}

boost::asio::awaitable<std::shared_ptr<Directory::Reading>> Directory::read_roles()
{
    groups_.reset();
    auto reading = std::make_shared<Reading>();
    for (const auto& [role, entries] : config_.roles) {
        for (const auto& entry : entries) {
            const auto resolved = co_await read(entry, reading);
            reading->book->members[role].insert(resolved.users.begin(), resolved.users.end());
        }
    }
    for (const auto& entry : config_.rotation) {
        auto resolved = co_await read(entry, reading);
        if (const auto known = entries_.find(entry.text); resolved.users.empty() && known != entries_.end()) {
            resolved.users = known->second;  // a group that went takes no turn from anybody
        }
        reading->rotation.insert(reading->rotation.end(), resolved.users.begin(), resolved.users.end());
    }
    if (!reading->away) {
        auto people = people_in(*reading->book, reading->rotation);
        co_await learn_names(std::move(people));
        co_await look_at_channels(reading);
    }
    co_return reading;
}

/// What was read in full. Who is gone holds no role, and keeps their turn.
void Directory::keep(const Reading& reading)
{
    auto troubles = reading.troubles;
    changes_ = {};
    for (const auto& user : people_in(*reading.book, reading.rotation)) {
        const auto known = known_.find(user);
        const auto why = known == known_.end() ? "" : why_not(known->second.person);
        if (why.empty()) {
            continue;
        }
        changes_.gone.push_back(user);
        troubles.insert(why);
        for (auto& [role, members] : reading.book->members) {
            members.erase(user);
        }
    }
    changes_.troubles = {troubles.begin(), troubles.end()};
    rotation_ = reading.rotation;
}

boost::asio::awaitable<std::shared_ptr<const RoleBook>> Directory::resolve_roles()
{
    const auto reading = co_await read_roles();
    if (reading->away) {
        co_return nullptr;
    }
    if (!reading->mistakes.empty()) {
        throw ConfigMistakes(std::move(reading->mistakes));
    }
    keep(*reading);
    book_ = reading->book;
    co_return book_;
}

boost::asio::awaitable<Directory::Refreshed> Directory::refresh_roles()
{
    const auto reading = co_await read_roles();
    if (!api_.refused().empty()) {
        co_return Refreshed{book_, false};
    }
    book_ = reading->book;
    if (reading->away) {
        log::warn("Slack could not be asked for all roles: those of user groups are held by nobody");
        co_return Refreshed{book_, false};
    }
    keep(*reading);
    co_return Refreshed{book_, true};
}

/// Groups and e-mails give ids only; texts that cannot mention need the names, and who was gone may be back.
boost::asio::awaitable<void> Directory::learn_names(std::set<UserId> people)
{
    for (const auto& user : people) {
        const auto known = known_.find(user);
        if (known == known_.end() || !why_not(known->second.person).empty()) {
            (void)co_await person(user);
        }
    }
}

std::map<UserId, std::string> Directory::names() const
{
    std::map<UserId, std::string> names;
    for (const auto& [user, known] : known_) {
        names[user] = printed_name(known.person);
    }
    return names;
}

std::map<UserId, std::string> Directory::statuses() const
{
    std::map<UserId, std::string> statuses;
    for (const auto& [user, known] : known_) {
        if (!known.status.empty()) {
            statuses[user] = known.status;
        }
    }
    return statuses;
}

std::set<UserId> Directory::deactivated_people() const
{
    std::set<UserId> users;
    for (const auto& [user, known] : known_) {
        if (known.person.is_deactivated) {
            users.insert(user);
        }
    }
    return users;
}

}  // namespace slipway
