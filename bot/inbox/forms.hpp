#pragma once

#include "bot/chores/directory.hpp"
#include "bot/judge.hpp"
#include "bot/net/task_group.hpp"
#include "bot/slack/web_api.hpp"
#include "templates/render.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <string>

namespace slipway {

/// What templates show of the record.
struct Record {
    std::optional<Deployment> deployment;
    TeamState team;
};

[[nodiscard]] boost::asio::awaitable<Record> read_record(
    std::reference_wrapper<StorageRunner> storage, std::optional<DeploymentId> id
);

/// Opens the modals of verbs.
class Forms {
public:
    struct Parts {
        Judge& judge;
        Directory& directory;
        slack::WebApi& slack;
        StorageRunner& storage;
        const templates::Library& library;
        const Policy& policy;
        Clock& clock;
        const Views& views;
    };

    Forms(boost::asio::any_io_executor executor, Parts parts) : parts_(parts), tasks_(std::move(executor)) {}

    /// `late`: it took too long for Slack. `refused`: the user may not say the verb, or it cannot be said
    /// now; deciding the request says why.
    enum class Outcome { opened, late, refused };

    /// Opens the verb's modal; where Slack is slow to say who `user` is, one that asks them to wait and is
    /// filled when it did: a trigger lives three seconds.
    [[nodiscard]] boost::asio::awaitable<Outcome> open(Request request, UserId user, std::string trigger_id);

    /// Gives up the forms that are still to be filled.
    [[nodiscard]] boost::asio::awaitable<void> break_off();

private:
    [[nodiscard]] boost::asio::awaitable<void> fill(Request request, UserId user, std::string view_id);
    /// The verb's modal for `person`, or why there is none.
    [[nodiscard]] boost::asio::awaitable<Result<boost::json::object>> form_for(
        Request request, Person person
    );

    Parts parts_;
    net::TaskGroup tasks_;
};

}  // namespace slipway
