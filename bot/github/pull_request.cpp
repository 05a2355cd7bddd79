#include "bot/github/pull_request.hpp"

#include "bot/github/answer.hpp"
#include "bot/net/url.hpp"
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
constexpr int most_pages = 10;

/// A pull request that could not be read, with the reason as a person should hear it.
class Unreadable : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

json::object as_object(const json::value& value)
{
    return value.is_object() ? value.get_object() : json::object{};
}

/// What stands in a page of a list, which may be a member of the answer.
json::array list_in(const json::value& answer, const std::string& member)
{
    const auto* list = member.empty()       ? &answer
                       : answer.is_object() ? answer.get_object().if_contains(member)
                                            : nullptr;
    if (list == nullptr || !list->is_array()) {
        throw Unreadable("GitHub's answer has no list of " + (member.empty() ? "reviews" : member));
    }
    return list->get_array();
}

[[noreturn]] void too_many(const std::string& what)
{
    throw Unreadable(
        "the pull request has more " + what + " than the " + std::to_string(page_size * most_pages) +
        " that I read"
    );
}

constexpr auto threads_query =
    "query($owner:String!,$name:String!,$number:Int!,$after:String){repository(owner:$owner,name:$name){"
    "pullRequest(number:$number){reviewThreads(first:100,after:$after){"
    "totalCount pageInfo{hasNextPage endCursor} nodes{isResolved}}}}}";

/// Why GraphQL, which refuses with status 200, gave no data.
std::string why_without_data(const json::value& answer)
{
    const auto object = as_object(answer);
    const auto& errors = array_at(object, "errors");
    const auto message =
        errors.empty() || !errors.front().is_object() ? "" : text_at(errors.front().get_object(), "message");
    return "GitHub does not list the review threads" + (message.empty() ? "" : ": " + message);
}

/// Whether both are of one server: a token goes nowhere else.
bool is_same_server(const std::string& one, const std::string& other)
{
    const auto left = net::parse_url(one);
    const auto right = net::parse_url(other);
    return left && right && left->scheme == right->scheme && left->authority() == right->authority();
}

/// What `reading` finds; where it fails, why.
boost::asio::awaitable<Gate1Facts> or_why(boost::asio::awaitable<Gate1Facts> reading)
{
    Gate1Facts nothing;
    try {
        auto facts = co_await std::move(reading);
        co_return facts;
    }
    catch (const boost::asio::multiple_exceptions& several) {
        try {
            std::rethrow_exception(several.first_exception());
        }
        catch (const std::exception& first) {
            nothing.unreachable = first.what();
        }
    }
    catch (const std::exception& error) {
        nothing.unreachable = error.what();
    }
    co_return nothing;
}

Gate1Facts of_no_pull_request()
{
    Gate1Facts nothing;
    nothing.unreachable = "the pull request's address is not one of GitHub's";
    return nothing;
}

}  // namespace

Client::Client(
    net::HttpClient& http, const Clock& clock, const Policy& policy, std::string api_url, std::string token
)
    : http_(http), clock_(clock), policy_(policy), api_url_(std::move(api_url)), token_(std::move(token))
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
    auto again = request;
    auto outcome = co_await http_.send(std::move(request));
    if (outcome && is_redirect(outcome->status) && again.method == "GET") {
        const auto location = net::header(outcome->headers, "Location");
        if (is_same_server(location, api_url_)) {  // a repository that was renamed
            again.url = location;
            auto moved = co_await http_.send(std::move(again));
            outcome = std::move(moved);
        }
    }
    if (!outcome) {
        throw Unreadable(outcome.error().message);
    }
    if (outcome->status != 200) {
        throw Unreadable(why_refused(*outcome, clock_.now(), policy_));
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

boost::asio::awaitable<json::array> Client::threads(PullRequest pull_request)
{
    const auto slash = pull_request.repository.find('/');
    const bool enterprise = api_url_.ends_with("/v3");  // …/api/v3 has its GraphQL at …/api/graphql
    const auto url = (enterprise ? api_url_.substr(0, api_url_.size() - 3) : api_url_ + "/") + "graphql";
    json::object variables{
        {"owner", pull_request.repository.substr(0, slash)},
        {"name", pull_request.repository.substr(slash + 1)},
        {"number", std::stoi(pull_request.number)}};
    json::array all;
    for (int page = 0; page < most_pages; ++page) {
        net::HttpRequest request;
        request.method = "POST";
        request.url = url;
        request.body = json::serialize(json::object{{"query", threads_query}, {"variables", variables}});
        const auto answer = co_await read(std::move(request));
        const auto body = as_object(answer);
        const auto& found = object_at(body, "data", "repository", "pullRequest", "reviewThreads");
        if (!found.contains("nodes")) {
            throw Unreadable(why_without_data(answer));
        }
        const auto& nodes = array_at(found, "nodes");
        all.insert(all.end(), nodes.begin(), nodes.end());
        if (static_cast<std::size_t>(number_at(found, "totalCount")) <= all.size()) {
            co_return all;
        }
        variables["after"] = text_at(found, "pageInfo", "endCursor");
    }
    too_many("review threads");
}

boost::asio::awaitable<json::array> Client::pages(std::string path, std::string member)
{
    using namespace boost::asio::experimental::awaitable_operators;
    const auto address = path + "?per_page=" + std::to_string(page_size);
    const auto first = co_await get(address);
    auto all = list_in(first, member);
    bool is_full = all.size() == page_size;
    for (int page = 2; is_full && page <= most_pages; page += 3) {
        // Three at once, since somebody waits; a page after the last is empty.
        auto one = get(address + "&page=" + std::to_string(page));
        auto two = get(address + "&page=" + std::to_string(page + 1));
        auto three = get(address + "&page=" + std::to_string(page + 2));
        const auto [next, then, last] = co_await (std::move(one) && std::move(two) && std::move(three));
        for (const auto* answer : {&next, &then, &last}) {
            const auto more = list_in(*answer, member);
            all.insert(all.end(), more.begin(), more.end());
            is_full = more.size() == page_size;
        }
    }
    if (is_full) {
        too_many(member.empty() ? "reviews" : "checks");
    }
    co_return all;
}

boost::asio::awaitable<json::object> Client::pull(PullRequest pull_request)
{
    const auto answer = co_await get("/repos/" + pull_request.repository + "/pulls/" + pull_request.number);
    auto found = as_object(answer);
    if (text_at(found, "head", "sha").empty()) {
        throw Unreadable("GitHub's answer names no head commit");
    }
    co_return found;
}

boost::asio::awaitable<Gate1Facts> Client::read_gate1(PullRequest pull_request, std::string linear_issue)
{
    using namespace boost::asio::experimental::awaitable_operators;
    GitHubAnswers answers;
    auto found = co_await pull(pull_request);
    answers.pull_request = std::move(found);
    // As it is called now, if it was renamed.
    if (const auto name = text_at(answers.pull_request, "base", "repo", "full_name");
        name.find('/') != std::string::npos) {
        pull_request.repository = name;
    }
    const auto base = "/repos/" + pull_request.repository;
    const auto commit = base + "/commits/" + text_at(answers.pull_request, "head", "sha");
    auto reviews = pages(base + "/pulls/" + pull_request.number + "/reviews", "");
    auto runs = pages(commit + "/check-runs", "check_runs");
    auto status = get(commit + "/status");
    auto unresolved = threads(pull_request);
    const auto [reviewed, ran, stood, threaded] =
        co_await (std::move(reviews) && std::move(runs) && std::move(status) && std::move(unresolved));
    answers.reviews = reviewed;
    answers.check_runs = ran;
    answers.status = as_object(stood);
    answers.threads = threaded;
    co_return gate1_facts(answers, linear_issue);
}

boost::asio::awaitable<Gate1Facts> Client::read_head(PullRequest pull_request)
{
    const auto found = co_await pull(pull_request);
    Gate1Facts facts;
    facts.head = text_at(found, "head", "sha");
    co_return facts;
}

boost::asio::awaitable<Gate1Facts> Client::gate1(std::string url, std::string linear_issue)
{
    const auto pull_request = pull_request_from(url);
    if (!pull_request) {
        co_return of_no_pull_request();
    }
    auto reading = read_gate1(*pull_request, std::move(linear_issue));
    auto facts = co_await or_why(std::move(reading));
    co_return facts;
}

boost::asio::awaitable<Gate1Facts> Client::head(std::string url)
{
    const auto pull_request = pull_request_from(url);
    if (!pull_request) {
        co_return of_no_pull_request();
    }
    auto reading = read_head(*pull_request);
    auto facts = co_await or_why(std::move(reading));
    co_return facts;
}

}  // namespace slipway::github
