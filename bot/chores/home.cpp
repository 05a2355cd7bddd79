#include "bot/chores/home.hpp"

#include "bot/runtime/log.hpp"
#include "templates/markup.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <vector>

namespace slipway {

namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds between_publications{5'000};
constexpr std::chrono::milliseconds idle{3'600'000};
constexpr std::chrono::hours kept_open{12};
/// Slack takes a hundred publications a minute.
constexpr std::size_t most_open = 8;

}  // namespace

HomeKeeper::HomeKeeper(const boost::asio::any_io_executor& executor, Parts parts)
    : parts_(parts), wakeup_(executor)
{
    parts_.committed.wakes(wakeup_);
}

boost::asio::awaitable<json::object> HomeKeeper::view_for(UserId user)
{
    struct Read {
        std::vector<Deployment> active, recent;
        TeamState team;
    };

    std::function<Read(storage::Store&)> look = [](storage::Store& store) {
        return Read{store.active(), store.recent(5), store.team()};
    };
    const auto read = co_await parts_.storage.ask(std::move(look));
    co_return templates::home(user, read.active, read.recent, parts_.views.of(read.team));
}

boost::asio::awaitable<bool> HomeKeeper::open(UserId user)
{
    const auto person = co_await parts_.directory.person(user);
    if (!person) {
        co_return false;
    }
    if (!counts(*person)) {
        const auto words = parts_.library.mrkdwn(say("home_members_only"));
        json::object only{{"type", "home"}, {"blocks", json::array{templates::section(words)}}};
        const auto answer = co_await parts_.slack.publish_view(user, std::move(only));
        if (const auto* rejected = std::get_if<slack::Rejected>(&answer)) {
            log::warn("views.publish: {} {}", rejected->code, rejected->detail);
        }
        co_return true;
    }
    open_[user] = {parts_.clock.steady_now()};
    forget();
    co_await publish(user);
    co_return true;
}

boost::asio::awaitable<void> HomeKeeper::publish(UserId user)
{
    auto view = co_await view_for(user);
    const auto content = std::hash<std::string>{}(json::serialize(view));
    const auto before = open_.find(user);
    if (before != open_.end() && before->second.content == content) {
        co_return;
    }
    const auto answer = co_await parts_.slack.publish_view(user, std::move(view));
    if (const auto* rejected = std::get_if<slack::Rejected>(&answer)) {
        log::warn("views.publish: {} {}", rejected->code, rejected->detail);
    }
    if (const auto shown = open_.find(user); shown != open_.end()) {
        shown->second.content = std::holds_alternative<std::string>(answer) ? content : 0;
    }
}

void HomeKeeper::forget()
{
    const auto now = parts_.clock.steady_now();
    std::erase_if(open_, [&](const auto& each) { return now - each.second.at > kept_open; });
    while (open_.size() > most_open) {
        open_.erase(std::min_element(open_.begin(), open_.end(), [](const auto& one, const auto& other) {
            return one.second.at < other.second.at;
        }));
    }
}

boost::asio::awaitable<void> HomeKeeper::run()
{
    for (;;) {
        const bool changed = co_await wakeup_.wait(parts_.clock, idle);
        forget();
        if (!changed || open_.empty()) {
            continue;
        }
        co_await parts_.clock.sleep_for(between_publications);  // one change seldom comes alone
        std::vector<UserId> people;
        for (const auto& [user, opened] : open_) {
            people.push_back(user);
        }
        for (const auto& user : people) {
            const auto person = co_await parts_.directory.person(user);
            if (person && counts(*person)) {
                co_await publish(user);
            }
        }
    }
}

}  // namespace slipway
