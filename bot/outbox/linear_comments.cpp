#include "bot/outbox/linear_comments.hpp"

namespace slipway {

namespace {

using delivery::Never;
using delivery::Waits;

Never refused(const linear::Rejected& rejected, const std::string& issue)
{
    switch (rejected.reason) {
        case linear::Rejected::Reason::no_such_issue:
            return {rejected.message, say("hint_linear_issue", {{"issue", issue}})};
        case linear::Rejected::Reason::bad_key:
            return {rejected.message, say("hint_linear_key"), Waits::messages};
        case linear::Rejected::Reason::forbidden:
            return {rejected.message, say("hint_linear_forbidden", {{"issue", issue}}), Waits::messages};
        case linear::Rejected::Reason::over_plan:
            return {
                rejected.message, say("hint_linear_plan", {{"message", rejected.message}}), Waits::messages};
        case linear::Rejected::Reason::other:
            break;
    }
    return {rejected.message, say("hint_other", {{"code", rejected.message}})};
}

}  // namespace

boost::asio::awaitable<delivery::Outcome> LinearComments::deliver(LinearComment comment, std::string id)
{
    const auto answer = co_await linear_.comment_create(id, comment.issue, comment.body);
    if (const auto* later = std::get_if<linear::RetryLater>(&answer)) {
        co_return delivery::NotNow{later->after, later->why};
    }
    if (const auto* rejected = std::get_if<linear::Rejected>(&answer)) {
        co_return refused(*rejected, comment.issue);
    }
    co_return delivery::Said{id};
}

}  // namespace slipway
