// The facts that the code gives a sentence are the ones that the sentence shows.
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

std::string contents(const fs::path& path)
{
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// Sentence id -> its text.
std::map<std::string, std::string> sentences()
{
    std::istringstream lines(contents(fs::path(SLIPWAY_SOURCE_DIR) / "templates/text/sentences.txt"));
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
    auto names = matches(text, R"(\{\{\{?([a-z_]+)\}\})");
    return names;
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
    std::string file, id, arguments;
    std::string facts;  ///< what follows the id
};

/// Every `say("id", …)` and `say_at("field", "id", …)` with a literal id; of `c ? "a" : "b"` both.
std::vector<Call> calls()
{
    static const std::regex form(R"(\b(say|say_at)\()");
    static const std::regex literals(
        R"re(^\(\s*(?:[^",]*\?\s*)?"([a-z0-9_]+)"(?:\s*:\s*"([a-z0-9_]+)")?\s*[,)])re"
    );
    static const std::regex literals_at(
        R"re(^\(\s*[^,]+,\s*(?:[^",]*\?\s*)?"([a-z0-9_]+)"(?:\s*:\s*"([a-z0-9_]+)")?\s*[,)])re"
    );
    std::vector<Call> found;
    for (const auto* room : {"commands", "bot", "templates", "storage"}) {
        for (const auto& entry : fs::recursive_directory_iterator(fs::path(SLIPWAY_SOURCE_DIR) / room)) {
            if (entry.path().extension() != ".cpp") {
                continue;
            }
            const auto code = contents(entry.path());
            for (std::sregex_iterator each(code.begin(), code.end(), form), end; each != end; ++each) {
                const auto given =
                    arguments(code, static_cast<std::size_t>(each->position() + each->length() - 1));
                std::smatch ids;
                if (std::regex_search(given, ids, (*each)[1] == "say" ? literals : literals_at)) {
                    for (const auto& id : {ids[1].str(), ids[2].str()}) {
                        if (!id.empty()) {
                            found.push_back(
                                {entry.path().filename(), id, given, ids[0].str().back() + ids.suffix().str()}
                            );
                        }
                    }
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
    const bool more = call.arguments.find("facts_of(snapshot") != std::string::npos;
    if (more) {
        names.insert({"actor", "deployment", "what", "service", "stage"});
    }
    if (call.arguments.find("cover_facts(") != std::string::npos) {
        names.insert({"on_call", "from", "length"});
    }
    static const std::regex a_variable(R"(^\s*,\s*(?:std::move\()?[a-z_]+\)*\s*\)$)");
    if (call.file == "gates.cpp") {
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
        CAPTURE(call.file, call.id);
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
            CAPTURE(call.file, call.id, fact, call.arguments);
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
        const auto rendered = library.mrkdwn(say(id, facts));
        CAPTURE(id, rendered);
        CHECK_FALSE(rendered.empty());
        CHECK(rendered.find("{{") == std::string::npos);
        CHECK(rendered.find("  ") == std::string::npos);
        CHECK(rendered.find("..") == std::string::npos);
        CHECK(rendered.size() <= 1'000);
    }
}

}  // namespace slipway::templates
