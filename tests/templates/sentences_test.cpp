// Every sentence that the code says stands in sentences.txt, and nothing stands there that nobody says. The
// facts that the code gives a sentence are the ones that it shows.
#include "commands/verbs/table.hpp"
#include "templates/render.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fstream>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>

namespace slipway::templates {

namespace {

namespace fs = std::filesystem;
using NameSet = std::set<std::string>;

std::string text_in(const fs::path& path)
{
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// Every source that may say something: file name -> code.
std::map<std::string, std::string> sources()
{
    std::map<std::string, std::string> all;
    for (const auto* room : {"commands", "bot", "templates", "storage"}) {
        for (const auto& entry : fs::recursive_directory_iterator(fs::path(SLIPWAY_SOURCE_DIR) / room)) {
            if (entry.path().extension() == ".cpp") {
                all[entry.path()] = text_in(entry.path());
            }
        }
    }
    return all;
}

/// Sentence id -> its text.
std::map<std::string, std::string> sentences()
{
    std::istringstream lines(text_in(fs::path(SLIPWAY_SOURCE_DIR) / "templates/text/sentences.txt"));
    std::map<std::string, std::string> found;
    std::string id;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("== ")) {
            id = line.substr(3);
        }
        else if (!id.empty()) {
            found[id] += line + '\n';
        }
    }
    return found;
}

NameSet matches(const std::string& text, const char* form)
{
    const std::regex pattern(form);
    NameSet names;
    for (std::sregex_iterator each(text.begin(), text.end(), pattern), end; each != end; ++each) {
        names.insert((*each)[1]);
    }
    return names;
}

/// The variables that a sentence cannot do without: those outside of a section of their own name.
NameSet needed(std::string text)
{
    for (const auto& guarded : matches(text, R"(\{\{#([a-z_]+)\}\})")) {
        const auto begin = text.find("{{#" + guarded + "}}");
        const auto end = text.find("{{/" + guarded + "}}", begin);
        text.erase(begin, end - begin);
    }
    return matches(text, R"(\{\{\{?([a-z_]+)\}\})");
}

/// The arguments of a call whose opening parenthesis stands at `open`, parentheses included.
std::string arguments(const std::string& code, std::size_t open)
{
    int depth = 0;
    bool quoted = false;
    for (auto at = open; at < code.size(); ++at) {
        if (code[at] == '"' && code[at - 1] != '\\') {
            quoted = !quoted;
        }
        depth += quoted ? 0 : code[at] == '(' ? 1 : code[at] == ')' ? -1 : 0;
        if (depth == 0) {
            return code.substr(open, at + 1 - open);
        }
    }
    return {};
}

struct Call {
    std::string path, id, arguments;
    std::string facts;  ///< what follows the id
};

/// Every `say("id", …)`, `say_at("field", "id", …)` and `ask_on_call(snapshot, "id", …)` with a literal id;
/// of `c ? "a" : "b"` both.
std::vector<Call> calls()
{
    static const std::regex form(R"(\b(say|say_at|ask_on_call)\()");
    static const std::regex literals(
        R"re(^\(\s*(?:[^",]*\?\s*)?"([a-z0-9_]+)"(?:\s*:\s*"([a-z0-9_]+)")?\s*[,)])re"
    );
    static const std::regex literals_at(
        R"re(^\(\s*[^,]+,\s*(?:[^",]*\?\s*)?"([a-z0-9_]+)"(?:\s*:\s*"([a-z0-9_]+)")?\s*[,)])re"
    );
    std::vector<Call> found;
    for (const auto& [path, code] : sources()) {
        for (std::sregex_iterator each(code.begin(), code.end(), form), end; each != end; ++each) {
            const auto given =
                arguments(code, static_cast<std::size_t>(each->position() + each->length() - 1));
            std::smatch ids;
            if (!std::regex_search(given, ids, (*each)[1] == "say" ? literals : literals_at)) {
                continue;
            }
            for (const auto& id : {ids[1].str(), ids[2].str()}) {
                if (!id.empty()) {
                    found.push_back({path, id, given, ids[0].str().back() + ids.suffix().str()});
                }
            }
        }
    }
    return found;
}

/// What the call gives, where it can be read off: named facts, and those that facts_of adds.
std::optional<NameSet> given(const Call& call)
{
    auto names = matches(call.arguments, R"re(\{\s*"([a-z_]+)"\s*,)re");
    static const std::regex by_ask_on_call(R"(^\(\s*snapshot,)");
    const bool asks = std::regex_search(call.arguments, by_ask_on_call);
    if (asks) {
        names.insert("on_call");
    }
    const bool more = asks || call.arguments.find("facts_of(snapshot") != std::string::npos;
    if (more) {
        names.insert({"actor", "deployment", "what", "service", "stage"});
    }
    if (call.arguments.find("cover_facts(") != std::string::npos) {
        names.insert({"on_call", "from", "length"});
    }
    static const std::regex a_variable(R"(^\s*,\s*(?:std::move\()?[a-z_]+\)*\s*\)$)");
    if (call.path.ends_with("gates.cpp")) {
        names.insert("deployment");  // given to every condition that is unmet
    }
    names.insert("command");  // given to every sentence
    const bool elsewhere = std::regex_search(call.facts, a_variable) && !more;
    return elsewhere ? std::nullopt : std::optional(names);
}

}  // namespace

TEST_CASE("every sentence that is said stands in sentences.txt", "[templates][sentences]")
{
    const auto known = sentences();
    const auto said = calls();
    CHECK(said.size() > 150);
    for (const auto& call : said) {
        CAPTURE(call.path, call.id);
        CHECK(known.contains(call.id));
    }
}

TEST_CASE("a sentence is given every fact that it shows", "[templates][sentences]")
{
    const auto known = sentences();
    int checked = 0;
    for (const auto& call : calls()) {
        const auto facts = given(call);
        if (!facts || !known.contains(call.id)) {
            continue;
        }
        ++checked;
        for (const auto& name : needed(known.at(call.id))) {
            const auto fact = name.substr(0, name.find("_verbatim"));
            CAPTURE(call.path, call.id, fact, call.arguments);
            CHECK(facts->contains(fact));
        }
    }
    CHECK(checked > 120);
}

TEST_CASE("only our own markup goes into a sentence without being escaped", "[templates][sentences]")
{
    const NameSet ours{
        "actor",
        "people",
        "person",
        "owner",
        "planner",
        "on_call",
        "next",
        "rotation",
        "mentioned",
        "why",
        "acts",
        "reader",
        "text_verbatim",
        "link_verbatim",
        "pull_request_verbatim",
        "output_verbatim"};
    for (const auto& [id, text] : sentences()) {
        for (const auto& name : matches(text, R"(\{\{\{([a-z_]+)\}\}\})")) {
            CAPTURE(id, name);
            CHECK(ours.contains(name));
        }
    }
}

TEST_CASE(
    "every sentence is text for people: no placeholder is left, nothing is doubled", "[templates][sentences]"
)
{
    const Library library;
    for (const auto& [id, text] : sentences()) {
        boost::json::object facts;
        for (const auto& name : matches(text, R"(\{\{[{#]?([a-z_]+)\}\})")) {
            facts[name.substr(0, name.find("_verbatim"))] = "Xy";
        }
        const bool is_nothing_else = id == "runbook_text";  // all of it is the runbook's
        const auto without_facts = library.mrkdwn(say(id));
        const auto rendered = library.mrkdwn(say(id, facts));
        CAPTURE(id, without_facts, rendered);
        CHECK(without_facts.empty() == is_nothing_else);
        CHECK(library.plain(say(id)).empty() == is_nothing_else);
        CHECK_FALSE(rendered.empty());
        CHECK(rendered.find("{{") == std::string::npos);
        CHECK(rendered.find("  ") == std::string::npos);
        CHECK(rendered.find("..") == std::string::npos);
        CHECK(rendered.size() <= 1'000);
    }
}

TEST_CASE("every sentence that is written is said", "[templates][sentences]")
{
    std::string code;
    for (const auto& [path, text] : sources()) {
        code += text;
    }
    for (const auto& [id, text] : sentences()) {
        CAPTURE(id);
        const bool whole = code.find('"' + id + '"') != std::string::npos;
        const auto stem = id.substr(0, id.find("_hand_") == std::string::npos ? 0 : id.find("_hand_") + 6);
        CHECK((whole || (!stem.empty() && code.find('"' + stem + '"') != std::string::npos)));
    }
}

TEST_CASE("a sentence says a command as it is typed", "[templates][sentences]")
{
    std::set<std::string> verbs;
    for (const auto& verb : slipway::verbs()) {
        verbs.insert(std::string(verb.usage.substr(0, verb.usage.find_first_of(" ["))));
    }
    REQUIRE(verbs.contains("signoff"));
    static const std::regex quoted("`([a-z]+)[ `]");
    const auto text = text_in(fs::path(SLIPWAY_SOURCE_DIR) / "templates/text/sentences.txt");
    for (std::sregex_iterator each(text.begin(), text.end(), quoted), end; each != end; ++each) {
        CAPTURE(each->str(), each->position());
        CHECK_FALSE(verbs.contains((*each)[1]));
    }
}

TEST_CASE("docs/sentences.md is what the program says", "[templates][sentences]")
{
    const auto written = text_in(fs::path(SLIPWAY_SOURCE_DIR) / "docs/sentences.md");
    CHECK((written == Library().sentences_reference()));  // else: slipway templates list > docs/sentences.md
}

TEST_CASE("what is to be typed is of the deployment's own time, no example", "[templates][sentences]")
{
    const Library library;
    const boost::json::object facts{
        {"deployment", "D-1"}, {"on_call", "<@U0BOB>"}, {"from", "2026-11-27 23:00"}, {"length", "3h"}};
    for (const auto* id : {"warn_not_covered", "on_call_not_covered", "notice_passed", "notice_not_sent"}) {
        CAPTURE(id);
        const auto text = library.mrkdwn(say(id, facts));
        CHECK(text.find("tue 22:00") == std::string::npos);
        const bool covers = std::string(id).ends_with("covered");
        CHECK((text.find("swap @person 2026-11-27 23:00 for 3h") != std::string::npos) == covers);
    }
}

TEST_CASE(
    "several sentences are a list; what is a heading or a line of a list has no second bullet",
    "[templates][sentences]"
)
{
    const Library library;
    const std::string bullet = "\xE2\x80\xA2 ";
    const auto lines = [&](const std::vector<Sentence>& sentences) {
        std::vector<std::string> list;
        std::istringstream text(library.mrkdwn(Refusal{sentences}));
        for (std::string line; std::getline(text, line);) {
            list.push_back(line);
        }
        return list;
    };
    const auto unmet =
        lines({say("check_would_not_start", {{"deployment", "D-1"}}), say("go_missing"), say("gate2_open")});
    REQUIRE(unmet.size() == 3);
    CHECK(unmet[0].starts_with("D-1"));
    CHECK(unmet[1].starts_with(bullet));
    CHECK(unmet[2].starts_with(bullet));
    const auto tables = lines({say("help_pipeline"), say("help_stage", {{"stage", "Staging"}})});
    REQUIRE(tables.size() == 2);
    CHECK(tables[0].starts_with("*"));
    CHECK(tables[1].starts_with(bullet + "*Staging*"));
    CHECK(lines({say("gate2_open")}).front().starts_with("Gate 2"));
}

TEST_CASE("whoever is told of a rollback is told why it is them", "[templates][sentences]")
{
    const Library library;
    for (const auto& [role, words] :
         {std::pair{"dev_lead", "You're being told as HOLDER."},
          {"product_lead", "As HOLDER, please tell the stakeholders."},
          {"rnd_lead", "HOLDER: business or revenue may be affected."},
          {"account_manager", "HOLDER: please send the clients a brief notification."}}) {
        CAPTURE(role);
        CHECK(library.mrkdwn(say("rollback_told", {{role, "HOLDER"}})).find(words) != std::string::npos);
    }
}

TEST_CASE("the link of a post-mortem can be followed", "[templates][sentences]")
{
    const Library library;
    const auto text = library.mrkdwn(say(
        "postmortem_linked",
        {{"actor", "<@U0BOB>"}, {"deployment", "D-1"}, {"link", "https://example.org/post_mortem_1?a=1&b=2"}}
    ));
    CHECK(text.ends_with(": <https://example.org/post_mortem_1?a=1&amp;b=2>"));
}

}  // namespace slipway::templates
