// Every sentence that the code says stands in sentences.txt, and nothing stands there that nobody says.
#include "commands/verbs/table.hpp"
#include "templates/render.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace slipway::templates {

namespace {

namespace fs = std::filesystem;

std::string text_in(const fs::path& path)
{
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::set<std::string> written()
{
    static const std::regex header("^== ([a-z0-9_]+)$");
    std::istringstream text(text_in(fs::path(SLIPWAY_SOURCE_DIR) / "templates/text/sentences.txt"));
    std::set<std::string> ids;
    std::smatch match;
    for (std::string line; std::getline(text, line);) {
        if (std::regex_match(line, match, header)) {
            ids.insert(match[1]);
        }
    }
    return ids;
}

std::string sources()
{
    std::string all;
    for (const auto* room : {"commands", "bot", "templates", "storage"}) {
        for (const auto& entry : fs::recursive_directory_iterator(fs::path(SLIPWAY_SOURCE_DIR) / room)) {
            if (entry.path().extension() == ".cpp") {
                all += text_in(entry.path());
            }
        }
    }
    return all;
}

}  // namespace

TEST_CASE("every sentence that is said is written", "[templates][sentences]")
{
    static const std::regex said(R"re(\b(?:say|ask_on_call)\(\s*(?:snapshot,\s*)?"([a-z0-9_]+)")re");
    static const std::regex at(R"re(\bsay_at\(\s*[^,()]+,\s*"([a-z0-9_]+)")re");
    const auto code = sources();
    const auto ids = written();
    std::size_t found = 0;
    for (const auto* form : {&said, &at}) {
        for (std::sregex_iterator each(code.begin(), code.end(), *form), end; each != end; ++each) {
            const auto id = (*each)[1].str();
            if (id.ends_with('_')) {  // the rest of the name is put together
                continue;
            }
            ++found;
            CAPTURE(id);
            CHECK(ids.contains(id));
        }
    }
    CHECK(found > 100);
}

TEST_CASE("every sentence that is written is said", "[templates][sentences]")
{
    const auto code = sources();
    for (const auto& id : written()) {
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

TEST_CASE("every sentence renders", "[templates][sentences]")
{
    const Library library;
    for (const auto& id : written()) {
        if (id == "runbook_text") {  // all of it is the runbook's
            continue;
        }
        CAPTURE(id);
        CHECK_FALSE(library.mrkdwn(say(id)).empty());
        CHECK_FALSE(library.plain(say(id)).empty());
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
