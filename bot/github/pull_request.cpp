#include "bot/github/pull_request.hpp"

#include "commands/text/json_members.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <stdexcept>

namespace slipway::github {

namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds whole_call{1'000};
constexpr std::size_t page_size = 100;

/// A pull request that could not be read, with the reason as a person should hear it.
class Unreadable : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

json::object as_object(const json::value& value)
{
    return value.is_object() ? value.get_object() : json::object{};
}

json::array as_array(const json::value& value)
{
    return value.is_array() ? value.get_array() : json::array{};
}

constexpr auto threads_query =
    "query($owner:String!,$name:String!,$number:Int!){repository(owner:$owner,name:$name){pullRequest(number:"
    "$number)"
    "{reviewThreads(first:100){totalCount nodes{isResolved}}}}}";

}  // namespace

Client::Client(net::HttpClient& http, std::string api_url, std::string token)
    : http_(http), api_url_(std::move(api_url)), token_(std::move(token))
{
    while (api_url_.ends_with('/')) {
        api_url_.pop_back();
    }
}

boost::asio::awaitable<json::value> Client::read(net::HttpRequest request)
{
    request.headers = {
        {"Authorization", "Bearer " + token_},
        {"Accept", "application/vnd.github+json"},
        {"X-GitHub-Api-Version", "2022-11-28"},
        {"Content-Type", "application/json"},
    };
    request.limits.whole = whole_call;
    const auto outcome = co_await http_.send(std::move(request));
    if (!outcome) {
        throw Unreadable(outcome.error().message);
    }
    if (outcome->status == 401 || outcome->status == 403) {
        throw Unreadable("GitHub refuses the token (HTTP " + std::to_string(outcome->status) + ")");
    }
    if (outcome->status == 404) {
        throw Unreadable("GitHub does not know the pull request, or the token may not see it");
    }
    if (outcome->status != 200) {
        throw Unreadable("GitHub answered HTTP " + std::to_string(outcome->status));
    }
    boost::system::error_code error;
    auto parsed = json::parse(outcome->body, error);
    if (error) {
        throw Unreadable("GitHub's answer is not JSON");
    }
    co_return parsed;
}

boost::asio::awaitable<json::value> Client::get(std::string path)
{
    net::HttpRequest request;
    request.url = api_url_ + path;
    auto answer = co_await read(std::move(request));
    co_return answer;
}

boost::asio::awaitable<json::value> Client::threads(PullRequest pull_request)
{
    const auto slash = pull_request.repository.find('/');
    net::HttpRequest request;
    request.method = "POST";
    const bool enterprise = api_url_.ends_with("/v3");  // …/api/v3 has its GraphQL at …/api/graphql
    request.url = (enterprise ? api_url_.substr(0, api_url_.size() - 3) : api_url_ + "/") + "graphql";
    request.body = json::serialize(json::object{
        {"query", threads_query},
        {"variables",
         {{"owner", pull_request.repository.substr(0, slash)},
          {"name", pull_request.repository.substr(slash + 1)},
          {"number", std::stoi(pull_request.number)}}},
    });
    const auto answer = co_await read(std::move(request));
    boost::system::error_code error;
    const auto* found = answer.find_pointer("/data/repository/pullRequest/reviewThreads", error);
    if (found == nullptr) {
        throw Unreadable("GitHub gives no review threads");
    }
    co_return *found;
}

boost::asio::awaitable<json::array> Client::reviews_of(std::string pull)
{
    using namespace boost::asio::experimental::awaitable_operators;
    const auto address = pull + "/reviews?per_page=" + std::to_string(page_size);
    const auto first = co_await get(address);
    auto reviews = as_array(first);
    if (reviews.size() < page_size) {
        co_return reviews;
    }
    // At once, since somebody waits; a page after the last is empty.
    auto second = get(address + "&page=2");
    auto third = get(address + "&page=3");
    auto fourth = get(address + "&page=4");
    const auto [more, still_more, last] =
        co_await (std::move(second) && std::move(third) && std::move(fourth));
    for (const auto* page : {&more, &still_more, &last}) {
        for (const auto& review : as_array(*page)) {
            reviews.push_back(review);
        }
    }
    if (as_array(last).size() >= page_size) {
        throw Unreadable("the pull request has more reviews than are read");
    }
    co_return reviews;
}

boost::asio::awaitable<Gate1Facts> Client::gate1(std::string url, std::string linear_issue)
{
    using namespace boost::asio::experimental::awaitable_operators;
    const auto pull_request = pull_request_from(url);
    if (!pull_request) {
        Gate1Facts nothing;
        nothing.unreachable = "the pull request's address is not one of GitHub's";
        co_return nothing;
    }
    std::string why;
    GitHubAnswers answers;
    try {
        const auto base = "/repos/" + pull_request->repository;
        const auto pull = base + "/pulls/" + pull_request->number;
        const auto first = co_await get(pull);
        answers.pull_request = as_object(first);
        const auto sha = text_at(answers.pull_request, "head", "sha");
        if (sha.empty()) {
            throw Unreadable("GitHub's answer names no head commit");
        }
        const auto commit = base + "/commits/" + sha;
        auto reviews = reviews_of(pull);
        auto runs = get(commit + "/check-runs?per_page=100");
        auto status = get(commit + "/status");
        auto unresolved = threads(*pull_request);
        const auto [reviewed, ran, stood, threaded] =
            co_await (std::move(reviews) && std::move(runs) && std::move(status) && std::move(unresolved));
        answers.reviews = reviewed;
        answers.check_runs = as_object(ran);
        answers.status = as_object(stood);
        answers.threads = as_object(threaded);
    }
    catch (const boost::asio::multiple_exceptions& several) {
        try {
            std::rethrow_exception(several.first_exception());
        }
        catch (const std::exception& first) {
            why = first.what();
        }
    }
    catch (const std::exception& error) {
        why = error.what();
    }
    if (!why.empty()) {
        Gate1Facts nothing;
        nothing.unreachable = why;
        co_return nothing;
    }
    co_return gate1_facts(answers, linear_issue);
}

}  // namespace slipway::github
