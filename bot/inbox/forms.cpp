#include "bot/inbox/forms.hpp"

#include "bot/net/failure.hpp"
#include "bot/runtime/log.hpp"
#include "commands/verbs/table.hpp"
#include "templates/buttons.hpp"
#include "templates/markup.hpp"

#include <algorithm>

namespace slipway {

namespace {

namespace json = boost::json;

/// Slack is asked again who somebody is, while they still wait for it.
constexpr int most_lookups = 3;
constexpr std::chrono::milliseconds between_lookups{1'000};

/// What Slack tells within this needs no modal that asks to wait; the trigger lives for long enough after it.
constexpr std::chrono::milliseconds head_start{700};

void warn_of(const char* method, const slack::Answer<std::string>& answer)
{
    if (const auto* rejected = std::get_if<slack::Rejected>(&answer)) {
        log::warn("{}: {} {}", method, rejected->code, rejected->detail);
    }
    else if (const auto* later = std::get_if<slack::RetryLater>(&answer)) {
        log::warn("{}: {}", method, later->why);
    }
}

}  // namespace

boost::asio::awaitable<Record> read_record(
    std::reference_wrapper<StorageRunner> storage, std::optional<DeploymentId> id
)
{
    std::function<Record(storage::Store&)> look = [id](storage::Store& store) {
        return Record{id ? store.load(*id) : std::nullopt, store.team()};
    };
    auto read = co_await storage.get().ask(std::move(look));
    co_return read;
}

boost::asio::awaitable<Forms::Outcome> Forms::open(Request request, UserId user, std::string trigger_id)
{
    auto person = co_await parts_.directory.person(user, head_start);
    const bool is_known = person.has_value();
    auto shown = templates::message_modal(parts_.library.mrkdwn(say("form_coming")));
    if (is_known) {
        auto form = co_await form_for(request, std::move(*person));
        if (!form) {
            co_return Outcome::refused;
        }
        shown = std::move(*form);
    }
    const auto answer = co_await parts_.slack.open_view(std::move(trigger_id), std::move(shown));
    const auto* view_id = std::get_if<std::string>(&answer);
    if (view_id == nullptr) {
        warn_of("views.open", answer);
        co_return Outcome::late;
    }
    if (!is_known) {
        tasks_.spawn(fill(std::move(request), std::move(user), *view_id), [](std::exception_ptr error) {
            log::error("a form could not be filled: {}", net::message_of(error));
        });
    }
    co_return Outcome::opened;
}

boost::asio::awaitable<void> Forms::fill(Request request, UserId user, std::string view_id)
{
    std::optional<Person> person;
    for (int tries = 0; tries < most_lookups && !person; ++tries) {
        if (tries > 0) {
            co_await parts_.clock.sleep_for(between_lookups);
        }
        auto read = co_await parts_.directory.person(user);
        person = std::move(read);
    }
    Result<json::object> form = refuse(say("form_not_coming"));
    if (person) {
        auto made = co_await form_for(std::move(request), std::move(*person));
        form = std::move(made);
    }
    auto shown = form ? std::move(*form) : templates::message_modal(parts_.library.mrkdwn(form.error()));
    const auto answer = co_await parts_.slack.update_view(std::move(view_id), std::move(shown));
    warn_of("views.update", answer);
}

boost::asio::awaitable<Result<json::object>> Forms::form_for(Request request, Person person)
{
    const auto read = co_await read_record(parts_.storage, request.deployment);
    const auto roles = parts_.judge.roles();
    Snapshot snapshot;
    snapshot.now = parts_.clock.now();
    snapshot.policy = &parts_.policy;
    snapshot.roles = roles.get();
    snapshot.actor = std::move(person);
    snapshot.deployment = read.deployment;
    snapshot.team = read.team;
    if (const auto admitted = admit_form(request, snapshot); !admitted) {
        co_return admitted.error();
    }
    co_return templates::modal(
        request, read.deployment ? &*read.deployment : nullptr, parts_.views.of(read.team)
    );
}

boost::asio::awaitable<void> Forms::break_off()
{
    tasks_.cancel_all();
    co_await tasks_.wait();
}

}  // namespace slipway
