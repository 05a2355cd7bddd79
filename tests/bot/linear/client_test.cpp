#include "bot/linear/client.hpp"

#include "tests/bot/fake_slack.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cctype>
#include <map>
#include <optional>
#include <set>

namespace slipway::linear {

namespace {

using namespace std::chrono_literals;

namespace json = boost::json;

using Names = std::set<std::string>;

using slipway::testing::result_of;

constexpr auto graphql = "https://slack.test/api/graphql";
constexpr auto id = "3f0e5ad8-1c1b-4f9e-9a50-0f3c8f7a2b11";

/// The part of Linear's schema that we use (https://github.com/linear/linear, schema.graphql): type of each
/// field, arguments in brackets. Anything that is not here does not exist.
const std::map<std::string, std::map<std::string, std::string>> fields{
    {"Query", {{"viewer", "User"}, {"issue", "Issue"}}},
    {"Mutation", {{"commentCreate", "CommentPayload"}}},
    {"CommentPayload", {{"comment", "Comment"}, {"success", ""}, {"lastSyncId", ""}}},
    {"Comment", {{"id", ""}, {"body", ""}}},
    {"User", {{"id", ""}, {"name", ""}}},
    {"Issue", {{"id", ""}, {"identifier", ""}, {"previousIdentifiers", ""}}},
};
const std::map<std::string, std::map<std::string, std::string>> arguments{
    {"issue", {{"id", "String!"}}},
    {"commentCreate", {{"input", "CommentCreateInput!"}}},
};

std::vector<std::string> words_of(const std::string& text)
{
    std::vector<std::string> words;
    bool in_word = false;
    for (const char letter : text) {
        const bool is_name = std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_';
        if (std::isspace(static_cast<unsigned char>(letter)) != 0 || letter == ',') {
            in_word = false;
        }
        else if (is_name && in_word) {
            words.back() += letter;
        }
        else {
            words.emplace_back(1, letter);
            in_word = is_name;
        }
    }
    return words;
}

/// Reads a document of one operation and fails the test where the schema does not have what it asks for.
class Document {
public:
    explicit Document(const std::string& text) : words_(words_of(text)) {}

    /// What was declared: variable -> type.
    std::map<std::string, std::string> check()
    {
        const auto kind = next();
        REQUIRE((kind == "query" || kind == "mutation"));
        if (peek() == "(") {
            declarations();
        }
        selection(kind == "query" ? "Query" : "Mutation");
        REQUIRE(at_ == words_.size());
        CHECK(used_.size() == declared_.size());
        return declared_;
    }

private:
    std::string peek() const { return at_ < words_.size() ? words_[at_] : ""; }

    std::string next() { return at_ < words_.size() ? words_[at_++] : ""; }

    void expect(const std::string& word) { REQUIRE(next() == word); }

    void declarations()
    {
        expect("(");
        while (peek() != ")") {
            expect("$");
            const auto name = next();
            expect(":");
            declared_[name] = next();
            if (peek() == "!") {
                declared_[name] += next();
            }
        }
        expect(")");
    }

    void arguments_of(const std::string& field)
    {
        const auto known = arguments.find(field);
        Names given;
        if (peek() == "(") {
            expect("(");
            while (peek() != ")") {
                const auto name = next();
                CAPTURE(field, name);
                expect(":");
                expect("$");  // values are variables, so that no text of people's is part of the document
                const auto variable = next();
                REQUIRE(known != arguments.end());
                REQUIRE(known->second.contains(name));
                REQUIRE(declared_.contains(variable));
                CHECK(declared_.at(variable) == known->second.at(name));
                given.insert(name);
                used_.insert(variable);
            }
            expect(")");
        }
        CHECK(given.size() == (known == arguments.end() ? 0 : known->second.size()));
    }

    void selection(const std::string& type)
    {
        expect("{");
        REQUIRE(peek() != "}");
        while (peek() != "}") {
            const auto field = next();
            CAPTURE(type, field);
            REQUIRE(fields.at(type).contains(field));
            arguments_of(field);
            const auto& result = fields.at(type).at(field);
            if (!result.empty()) {
                selection(result);
            }
        }
        expect("}");
    }

    std::vector<std::string> words_;
    std::size_t at_ = 0;
    std::map<std::string, std::string> declared_;
    Names used_;
};

/// The request's variables, once its document is found to be good.
json::object variables_of(const net::HttpRequest& request)
{
    CHECK(request.method == "POST");
    CHECK(net::header(request.headers, "Content-Type") == "application/json");
    const auto body = json::parse(request.body).as_object();
    const auto declared = Document(std::string(body.at("query").as_string())).check();
    const auto& variables = body.at("variables").as_object();
    CHECK(variables.size() == declared.size());
    for (const auto& [name, type] : declared) {
        CAPTURE(name, type);
        CHECK(variables.contains(name));
    }
    return variables;
}

Delivery read(int status, const std::string& body, net::Headers headers = {})
{
    return read_comment_answer(net::HttpResponse{status, std::move(headers), body}, id);
}

std::string error(const std::string& message, const std::string& code, const std::string& shown = "")
{
    return R"({"data":null,"errors":[{"message":")" + message + R"(","extensions":{"code":")" + code +
           R"(","userPresentableMessage":")" + shown + R"("}}]})";
}

constexpr auto created = R"({"data":{"commentCreate":{"success":true,"comment":{"id":"c"}}}})";

}  // namespace

TEST_CASE("a comment goes out as Linear's schema has it, byte for byte", "[bot][linear]")
{
    slipway::testing::FakeSlack http;
    http.otherwise.body = created;
    Client client(http, graphql, "lin-test");
    const std::string body = "Stakeholder sign-off: Jane \\_Q\\_ \"Doe\" \xc3\x85, 2026-11-24";
    CHECK(std::holds_alternative<Delivered>(result_of(client.comment_create(id, "ENG-123", body))));
    REQUIRE(http.asked.size() == 1);
    const auto& request = http.asked.front();
    CHECK(request.url == graphql);
    CHECK(net::header(request.headers, "Authorization") == "lin-test");  // a personal key has no "Bearer"
    const auto variables = variables_of(request);
    // Each of these is a field of CommentCreateInput in Linear's schema.
    CHECK(variables.at("input") == json::object{{"id", id}, {"issueId", "ENG-123"}, {"body", body}});
}

TEST_CASE("the checks of the doctor are in Linear's schema", "[bot][linear]")
{
    slipway::testing::FakeSlack http;
    Client client(http, graphql, "lin-test");
    (void)result_of(client.check(""));
    (void)result_of(client.check("ENG-123"));
    REQUIRE(http.asked.size() == 2);
    CHECK(variables_of(http.asked.front()).empty());
    CHECK(variables_of(http.asked.back()) == json::object{{"id", "ENG-123"}});
}

TEST_CASE("an issue has its name and those that it had", "[bot][linear]")
{
    slipway::testing::FakeSlack http;
    Client client(http, graphql, "lin-test");
    http.otherwise.body = R"({"data":{"issue":{"identifier":"OPS-5","previousIdentifiers":["ENG-123"]}}})";
    CHECK(result_of(client.names_of("ENG-123")) == std::vector<std::string>{"OPS-5", "ENG-123"});
    CHECK(variables_of(http.asked.back()) == json::object{{"id", "ENG-123"}});
    http.otherwise = {500, {}, ""};
    CHECK(result_of(client.names_of("ENG-123")).empty());
}

TEST_CASE("a comment is there once: now, or since an earlier attempt", "[bot][linear]")
{
    CHECK(std::holds_alternative<Delivered>(read(200, created)));
    const auto exists = "Entity Comment with id " + std::string(id) + " already exists.";
    CHECK(std::holds_alternative<Delivered>(
        read(200, error("conflict on insert of Comment", "INPUT_ERROR", exists))
    ));
    CHECK(std::holds_alternative<Delivered>(
        read(400, error("conflict on insert of Comment", "INPUT_ERROR", exists))
    ));
    CHECK(std::holds_alternative<Rejected>(read(
        200,
        error(
            "conflict on insert of Comment",
            "INPUT_ERROR",
            "Entity Comment with id 11111111-1111-4111-8111-111111111111 already exists."
        )
    )));
}

TEST_CASE("not now is told from no for good", "[bot][linear]")
{
    using Reason = Rejected::Reason;

    struct Row {
        const char* meaning;
        int status;
        std::string body;
        std::optional<Reason> refused;  ///< none: later
    };

    const std::vector<Row> rows{
        {"rate limit as HTTP 400", 400, error("Rate limit exceeded", "RATELIMITED"), {}},
        {"rate limit as HTTP 200", 200, error("Rate limit exceeded", "RATELIMITED"), {}},
        {"a rate limit of something in between", 429, R"({"ok":false})", {}},
        {"outage with a page", 503, "<html>", {}},
        {"outage with JSON", 500, error("Internal server error", "INTERNAL_SERVER_ERROR"), {}},
        {"their trouble as HTTP 200", 200, error("Internal", "INTERNAL_SERVER_ERROR"), {}},
        {"a lock", 200, error("Lock", "LOCK_TIMEOUT"), {}},
        {"an answer cut short", 200, R"({"data":{"comm)", {}},
        {"a list", 200, "[]", {}},
        {"no such issue", 200, error("Entity not found: Issue", "INPUT_ERROR"), Reason::no_such_issue},
        {"no such issue as HTTP 400",
         400,
         error("Entity not found: Issue", "INPUT_ERROR"),
         Reason::no_such_issue},
        {"a bad key", 401, error("Authentication required", "AUTHENTICATION_ERROR"), Reason::bad_key},
        {"a bad key as HTTP 200",
         200,
         error("Authentication required", "AUTHENTICATION_ERROR"),
         Reason::bad_key},
        {"a bad key with a page", 401, "Unauthorized", Reason::bad_key},
        {"a key sent as Bearer",
         400,
         error("It looks like you're trying to use an API key as a Bearer token.", "INVALID_INPUT"),
         Reason::bad_key},
        {"not for this person", 200, error("Forbidden", "FORBIDDEN"), Reason::forbidden},
        {"not for this person, as HTTP 403", 403, error("No access", "SOMETHING"), Reason::forbidden},
        {"not in this plan", 200, error("Upgrade", "FEATURE_NOT_ACCESSIBLE"), Reason::over_plan},
        {"the plan's limit", 400, error("Limit", "USAGE_LIMIT_EXCEEDED"), Reason::over_plan},
        {"a code that we do not know", 200, error("No", "BRAND_NEW"), Reason::other},
        {"input refused", 200, error("Argument Validation Error", "INVALID_INPUT"), Reason::other},
        {"a document refused", 400, error("Cannot query field", "GRAPHQL_VALIDATION_FAILED"), Reason::other},
    };
    for (const auto& row : rows) {
        CAPTURE(row.meaning);
        const auto answer = read(row.status, row.body);
        CHECK_FALSE(std::holds_alternative<Delivered>(answer));
        if (row.refused) {
            REQUIRE(std::holds_alternative<Rejected>(answer));
            CHECK(std::get<Rejected>(answer).reason == *row.refused);
        }
        else {
            CHECK(std::holds_alternative<RetryLater>(answer));
        }
    }
}

TEST_CASE("Linear's Retry-After is kept, and never negative", "[bot][linear]")
{
    const auto limited = error("Rate limit exceeded", "RATELIMITED");
    CHECK(std::get<RetryLater>(read(400, limited, {{"Retry-After", "17"}})).after == 17s);
    CHECK(std::get<RetryLater>(read(400, limited)).after == 0s);
    CHECK(std::get<RetryLater>(read(400, limited, {{"Retry-After", "soon"}})).after == 0s);
    CHECK(std::get<RetryLater>(read(400, limited, {{"Retry-After", "-5"}})).after >= 0s);
}

TEST_CASE("without an answer the comment is tried again: its id makes that safe", "[bot][linear]")
{
    const net::NetworkError failure{net::Step::first_byte, "linear.test", "too slow", true};
    const auto answer = read_comment_answer(failure, id);
    REQUIRE(std::holds_alternative<RetryLater>(answer));
    CHECK(std::get<RetryLater>(answer).why == "linear.test: too slow");
}

TEST_CASE("an answer without the comment is no success", "[bot][linear]")
{
    for (const auto* body :
         {R"({})",
          R"({"data":null})",
          R"({"data":{"commentCreate":{"success":false}}})",
          R"({"data":{},"errors":[7]})"}) {
        CAPTURE(body);
        CHECK_FALSE(std::holds_alternative<Delivered>(read(200, body)));
    }
}

}  // namespace slipway::linear
