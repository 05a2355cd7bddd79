#include "bot/chores/directory.hpp"

#include <spdlog/spdlog.h>

#include <set>

namespace slipway {

namespace {

/// A role taken away in Slack counts as gone after this long at the latest.
constexpr std::chrono::minutes fresh_for{5};
/// While Slack stutters, a start that asks for ten people must not begin again with the first of them.
constexpr std::chrono::minutes just_asked{1};
/// Of a person whose envelope waits, and whom we know already.
constexpr std::chrono::milliseconds known_limit{1'000};
constexpr auto deactivated = " is deactivated in Slack";

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

}  // namespace

Directory::Directory(slack::WebApi& api, Clock& clock, const Config& config)
    : api_(api), clock_(clock), config_(config)
{}

boost::asio::awaitable<std::optional<Person>> Directory::person(UserId user, std::chrono::milliseconds limit)
{
    const auto now = clock_.steady_now();
    const auto found = known_.find(user);
    if (found != known_.end() && now - found->second.read_at < fresh_for) {
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
    spdlog::warn("users.info: {}", why_not(answer));
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
            co_return Resolved{{}, true, {}};
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
        co_return Resolved{{}, true, {}};
    }
    co_return Resolved{{}, false, "the members of @" + handle + " cannot be read: " + why_not(members)};
}

boost::asio::awaitable<Directory::Resolved> Directory::resolve_email(std::string email)
{
    const auto answer = co_await api_.user_with_email(email);
    if (const auto* user = std::get_if<UserId>(&answer)) {
        users_by_email_[email] = *user;
        co_return Resolved{{*user}, false, {}};
    }
    if (is_gone(answer)) {
        co_return Resolved{{}, false, "nobody in this workspace has the e-mail " + email};
    }
    const bool away = is_away(answer);
    const auto mistake = away ? "" : email + " cannot be looked up: " + why_not(answer);
    const auto known = users_by_email_.find(email);
    auto users = known == users_by_email_.end() ? std::vector<UserId>{} : std::vector{known->second};
    co_return Resolved{std::move(users), away, mistake};
}

boost::asio::awaitable<Directory::Resolved> Directory::resolve_user(UserId user)
{
    const auto resolved = [&user](const Person& person) {
        return Resolved{{user}, false, person.is_deactivated ? user.str() + deactivated : ""};
    };
    const auto known = known_.find(user);
    if (known != known_.end() && clock_.steady_now() - known->second.read_at < just_asked) {
        co_return resolved(known->second.person);
    }
    const auto answer = co_await api_.profile(user);
    if (const auto* profile = std::get_if<slack::Profile>(&answer)) {
        known_[user] = {profile->person, profile->status, clock_.steady_now()};
        co_return resolved(profile->person);
    }
    if (is_gone(answer)) {
        co_return Resolved{{}, false, "there is no user " + user.str() + " in this workspace"};
    }
    const bool away = is_away(answer);
    co_return Resolved{{user}, away, away ? "" : user.str() + " cannot be looked up: " + why_not(answer)};
}

boost::asio::awaitable<Directory::Resolved> Directory::resolve(std::string entry)
{
    auto resolved = entry.starts_with("@")                 ? resolve_group(entry.substr(1))
                    : entry.find('@') != std::string::npos ? resolve_email(entry)
                                                           : resolve_user(UserId(entry));
    auto found = co_await std::move(resolved);
    co_return found;
}

boost::asio::awaitable<Directory::Reading> Directory::read_roles()
{
    groups_.reset();
    Reading reading;
    for (const auto& [role, entries] : config_.roles) {
        for (const auto& entry : entries) {
            const auto resolved = co_await resolve(entry.text);
            reading.note(entry, resolved);
            reading.book->members[role].insert(resolved.users.begin(), resolved.users.end());
        }
    }
    co_return reading;
}

boost::asio::awaitable<std::shared_ptr<const RoleBook>> Directory::resolve_roles()
{
    auto reading = co_await read_roles();
    std::vector<UserId> rotation;
    for (const auto& entry : config_.rotation) {
        const auto resolved = co_await resolve(entry.text);
        reading.note(entry, resolved);
        rotation.insert(rotation.end(), resolved.users.begin(), resolved.users.end());
    }
    if (reading.away) {
        co_return nullptr;
    }
    if (!reading.mistakes.empty()) {
        throw ConfigMistakes(std::move(reading.mistakes));
    }
    rotation_ = std::move(rotation);
    book_ = reading.book;
    co_await learn_names(book_->members);
    co_return book_;
}

boost::asio::awaitable<Directory::Refreshed> Directory::refresh_roles()
{
    auto reading = co_await read_roles();
    if (!api_.refused().empty()) {
        co_return Refreshed{book_, false};
    }
    if (!reading.mistakes.empty()) {
        spdlog::error("{}", ConfigMistakes(std::move(reading.mistakes)).what());
    }
    book_ = reading.book;
    if (reading.away) {
        spdlog::warn("Slack could not be asked for all roles: those of user groups are held by nobody");
        co_return Refreshed{book_, false};
    }
    co_await learn_names(book_->members);
    co_return Refreshed{book_, true};
}

/// Groups and e-mails give ids only; texts that cannot mention need the names.
boost::asio::awaitable<void> Directory::learn_names(std::map<Role, std::set<UserId>> members)
{
    for (const auto& [role, users] : members) {
        for (const auto& user : users) {
            if (!known_.contains(user)) {
                (void)co_await person(user);
            }
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
