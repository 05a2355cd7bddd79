#include "commands/verbs/table.hpp"

#include <catch2/catch_test_macros.hpp>

namespace slipway {

namespace {

/// "signoff D-12 [rest]", or "refused id nearest".
std::string read(const std::string& text, const std::string& verb = {})
{
    const auto request = parse_slash(text, verb);
    if (!request) {
        const auto refusal = request.error();
        const auto& sentence = refusal.sentences.front();
        const auto* nearest = sentence.facts.if_contains("nearest");
        return "refused " + sentence.id + " " +
               (nearest != nullptr && nearest->is_string() ? std::string(nearest->get_string()) : "");
    }
    return request->verb + (request->deployment ? " " + to_string(*request->deployment) : "") + " [" +
           request->text + "]";
}

}  // namespace

TEST_CASE("slash commands as people type and paste them", "[commands][slash]")
{
    CHECK(read("signoff D-12") == "signoff D-12 []");
    CHECK(read("signoff d-12 fine by me") == "signoff D-12 [fine by me]");
    CHECK(read("signoff d12") == "signoff D-12 []");
    CHECK(read("signoff D 12 fine") == "signoff D-12 [fine]");
    CHECK(read("signoff D\u201312") == "signoff D-12 []");
    CHECK(read("signoff\u00A0D-12") == "signoff D-12 []");
    for (const auto* space : {"\u2000", "\u2001", "\u2009", "\u200A", "\u202F", "\u3000", "\u2028", "\r\n"}) {
        CAPTURE(space);
        CHECK(read(std::string("signoff") + space + "D-12" + space + "fine") == "signoff D-12 [fine]");
    }
    for (const auto* unseen : {"\u200B", "\u2060", "\u202A", "\uFEFF"}) {
        CAPTURE(unseen);
        CHECK(read(unseen + std::string("signoff ") + unseen + "D-12") == "signoff D-12 []");
    }
    CHECK(read("sign-off D-\uFF11\uFF12") == "signoff D-12 []");
    CHECK(read("  SIGNOFF   D-12  ") == "signoff D-12 []");
    const std::string reason(4'500, 'x');
    CHECK(read("\tdecline\u00A0D\u20111\u200B \t" + reason) == "decline D-1 [" + reason + "]");
    CHECK(read("") == "overview []");
    CHECK(read("   ") == "overview []");
    CHECK(read("plan Faster\u2003\xFF search") == "plan [Faster\u2003\xFF search]");
    CHECK(read("plan Faster \u201Csearch\u201D") == "plan [Faster \u201Csearch\u201D]");
    CHECK(read("exception D-1 Login is down") == "except D-1 [Login is down]");
}

TEST_CASE("an unknown verb names the nearest", "[commands][slash]")
{
    CHECK(read("statsu D-1") == "refused verb_unknown status");
    CHECK(read("paln") == "refused verb_unknown plan");
    CHECK(read("exeption D-1") == "refused verb_unknown exception");
    CHECK(read("post-mortm D-1") == "refused verb_unknown post-mortem");
    CHECK(read("xyzzyplugh") == "refused verb_unknown ");
    CHECK(read("timer pre_notice") == "refused verb_unknown ");
}

TEST_CASE("what names an issue or a pull request goes into its field of the plan", "[commands][slash]")
{
    struct Row {
        const char* typed;
        const char* issue;
        const char* pull_request;
    };

    for (const auto& row : {
             Row{"Faster search", "", ""},
             {"Faster search ENG-123", "ENG-123", ""},
             {"ENG-123: faster search (ENG-124)", "ENG-123", ""},
             {"Faster search (ENG-123), soon", "ENG-123", ""},
             {"Faster search https://linear.app/acme/issue/ENG-123/faster-search",
              "https://linear.app/acme/issue/ENG-123/faster-search",
              ""},
             {"Faster search https://github.com/acme/web/pull/7", "", "https://github.com/acme/web/pull/7"},
             {"<https://github.com/acme/web/pull/7/files|the pull request> ENG-1",
              "ENG-1",
              "https://github.com/acme/web/pull/7"},
             {"https://github.com/acme/web/pull/7.", "", "https://github.com/acme/web/pull/7"},
             {"https://github.com/acme/web/pull/7 after https://github.com/acme/web/pull/8",
              "",
              "https://github.com/acme/web/pull/7"},
             {"https://github.com/acme/web/issues/7", "", ""},
             {"http://github.com/acme/web/pull/7", "", ""},
             {"UTF-8 names, as ISO-8859 ENG-1", "ENG-1", ""},
             {"the eng-1 of a word, X-, -1, re-2nd", "", ""},
         }) {
        CAPTURE(row.typed);
        const auto request = parse_slash("plan " + std::string(row.typed));
        REQUIRE(request.has_value());
        CHECK(request->text == row.typed);
        const auto field = [&](const char* name) {
            const auto* value = request->fields.if_contains(name);
            return value == nullptr ? std::string{} : std::string(value->get_string());
        };
        CHECK(field("linear_issue") == row.issue);
        CHECK(field("pull_request") == row.pull_request);
    }
    const auto other = parse_slash("issue D-12 ENG-123");
    REQUIRE(other.has_value());
    CHECK(other->fields.empty());
}

TEST_CASE("a list and an item of it go into their fields", "[commands][slash]")
{
    const auto request = parse_slash("tick D-1 qa login");
    REQUIRE(request.has_value());
    CHECK(request->fields == boost::json::object{{"checklist", "qa"}, {"item", "login"}});
}

TEST_CASE("/rollback takes a deployment, a reason, both or none", "[commands][slash]")
{
    CHECK(read("", "rollback") == "rollback []");
    CHECK(read("D-12", "rollback") == "rollback D-12 []");
    CHECK(read("D-12 errors at login", "rollback") == "rollback D-12 [errors at login]");
    CHECK(read("errors at login", "rollback") == "rollback [errors at login]");
    CHECK(read("5 errors a minute", "rollback") == "rollback [5 errors a minute]");
}

TEST_CASE("a form opens where a verb came without what it needs", "[commands][forms]")
{
    struct Row {
        const char* said;
        boost::json::object fields;  ///< a button's
        bool typed, pressed;         ///< whether it opens then
    };

    for (const auto& row : std::initializer_list<Row>{
             {"plan", {}, true, true},
             {"plan Faster search", {}, true, true},
             {"plan", {{"what", "Faster search"}}, false, false},
             {"amend D-1", {}, true, true},
             {"amend D-1", {{"what", "Search"}}, false, false},
             {"decline D-1", {}, true, true},
             {"decline D-1", {{"reason", "Totals"}}, false, false},
             {"decline D-1 totals are off", {}, false, false},
             {"issue D-1 totals are off", {}, true, true},
             {"update D-1", {{"issue", 1}}, true, true},
             {"reschedule D-1", {{"starts_at", 1}}, false, false},
             {"done D-1", {}, false, true},
             {"done D-1", {{"known_issues", ""}}, false, false},
             {"signoff D-1", {}, false, false},
             {"signoff D-1", {{"form", true}}, true, true},
             {"rollback", {{"form", true}}, false, false},
             {"rollback D-1", {}, false, false},
             {"rollback D-1", {{"form", true}}, true, true},
             {"postmortem D-1", {}, false, false},
             {"postmortem D-1", {{"file", true}}, true, true},
             {"postmortem D-1", {{"file", true}, {"link", "https://example.org/p"}}, false, false},
             {"delegate D-1", {}, true, true},
             {"delegate D-1", {{"user", "U0ZOE"}}, false, false},
             {"tick D-1", {}, false, false},
             {"tick D-1", {{"checklist", "qa"}}, true, true},
             {"tick D-1", {{"checklist", "qa"}, {"item", "login"}}, false, false},
             {"tick D-1", {{"checklist", "qa"}, {"items", boost::json::array{"login"}}}, false, false},
             {"oncall swap", {}, true, true},
             {"start D-1", {}, false, false},
         }) {
        CAPTURE(row.said, row.fields);
        const auto parsed = parse_slash(row.said);
        REQUIRE(parsed.has_value());
        auto request = *parsed;
        request.fields = row.fields;
        CHECK(wants_modal(request) == row.typed);
        for (const auto source : {Source::button, Source::home}) {
            request.source = source;
            CHECK(wants_modal(request) == row.pressed);
        }
        for (const auto source : {Source::modal, Source::reply, Source::timer, Source::signal}) {
            request.source = source;
            CHECK_FALSE(wants_modal(request));
        }
    }
}

}  // namespace slipway
