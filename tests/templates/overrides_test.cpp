// A directory of the operator's own texts, and the post-mortem draft.
#include "tests/support/temporary_folder.hpp"
#include "tests/templates/shown_deployment.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <algorithm>
#include <fstream>
#include <map>

namespace slipway::templates {

namespace {

using namespace testing;
using Catch::Matchers::ContainsSubstring;

using Files = std::map<std::string, std::string>;

struct Folder : slipway::testing::TemporaryFolder {
    explicit Folder(const Files& files)
    {
        for (const auto& [name, text] : files) {
            std::ofstream(*this / name) << text;
        }
    }
};

std::string mistakes_of(const Files& files)
{
    const Folder folder(files);
    try {
        const Library library(folder.path());
    }
    catch (const std::runtime_error& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("a mistake is named with file and line, all of them at once", "[templates][override]")
{
    const auto mistakes = mistakes_of({
        {"rollback.md", "What is\nnot there: {{whatever}}\n{{#gone}}x{{/gone}}\n"},
        {"post_deployment.md", "## Done\n{{#changes}}\n- {{.}}\n"},
        {"sentences.txt",
         "== planned\n{{deployment}} is planned.\n\n== cancelled\nCalled off\nby {{nobody}}.\n\n"
         "== no_such_sentence\nHello.\n\n== planned\nTwice.\n"},
        {"pre_deploymnet.md", "Hello.\n"},
    });
    CHECK_THAT(mistakes, ContainsSubstring("rollback.md:2: there is no variable 'whatever' here"));
    CHECK_THAT(mistakes, ContainsSubstring("rollback.md:3: there is no variable 'gone' here"));
    CHECK_THAT(mistakes, ContainsSubstring("post_deployment.md"));  // a section that is not closed
    CHECK_THAT(mistakes, ContainsSubstring("sentences.txt:6: there is no variable 'nobody' here"));
    CHECK_THAT(mistakes, ContainsSubstring("sentences.txt:8: there is no sentence 'no_such_sentence'"));
    CHECK_THAT(mistakes, ContainsSubstring("sentences.txt:11: 'planned' is here twice"));
    CHECK_THAT(mistakes, ContainsSubstring("pre_deploymnet.md: there is no template of this name"));
}

TEST_CASE("what nobody could say is a mistake, in one sentence", "[templates][override]")
{
    struct Row {
        const char* file;
        std::string text;
        const char* mistake;
    };

    const auto row = GENERATE(values<Row>({
        {"sentences.txt",
         "# mine\n== verb_unknown\nd\xe9sol\xe9 {{word}}\n",
         "sentences.txt:3: a letter that is not UTF-8"},
        {"rollback.md", "caf\xe9\n", "rollback.md:1: a letter that is not UTF-8"},
        {"sentences.txt",
         "\xEF\xBB\xBF== planned\nHello.\n",
         "sentences.txt:1: begins with a byte order mark"},
        {"sentences.txt", "== planned\r\nHello.\r\n", "sentences.txt:1: ends its lines as Windows does"},
        {"sentences.txt", "Hello.\nAll.\n== planned\nHello.\n", "sentences.txt:1: comes before the first"},
        {"sentences.txt", "== planned\n\n== thawed\nGo on.\n", "sentences.txt:2: has no words"},
        {"sentences.txt", "== planned\n**\n", "sentences.txt:2: has no words"},
        {"sentences.txt",
         "== planned\n" + std::string(1'000'000, 'x') + "\n",
         "sentences.txt:2: is longer than Slack allows"},
        {"sentences.txt", "== planned\n{{> self}}\n", "sentences.txt:2: {{> …}} is not known here"},
        {"rollback.md", " \n\n", "rollback.md:1: has no words"},
        {"rollback.md", std::string(200'000, 'x'), "rollback.md:1: is longer than Slack allows"},
        {"ROLLBACK.MD", "Hello.\n", "ROLLBACK.MD: is not read; call it rollback.md"},
    }));
    CAPTURE(row.file, row.mistake);
    const auto mistakes = mistakes_of({{row.file, row.text}});
    CHECK_THAT(mistakes, ContainsSubstring(row.mistake));
    CHECK(std::count(mistakes.begin(), mistakes.end(), '\n') == 1);
}

TEST_CASE("a template that is no file is a mistake", "[templates][override]")
{
    const Folder folder(Files{{"notes", "mine"}});
    SECTION("a directory") { std::filesystem::create_directory(folder / "rollback.md"); }
    SECTION("a link to nothing") { std::filesystem::create_symlink("gone", folder / "rollback.md"); }
    CHECK_THROWS_WITH(Library(folder.path()), ContainsSubstring("rollback.md: is not a file"));
}

TEST_CASE("a directory that does not exist is a mistake", "[templates][override]")
{
    CHECK_THROWS_WITH(
        Library("/nonexistent/templates"),
        ContainsSubstring("/nonexistent/templates: there is no such directory")
    );
}

TEST_CASE("a notice or one sentence can be overridden, the others stay", "[templates][override]")
{
    const Folder folder(
        {{"sentences.txt", "== thaw_nothing\nNo frost on {{service}}.\n"},
         {"rollback.md", "We went back: {{what}}.\n"},
         {"notes", "mine"}}
    );
    const Library library(folder.path());
    const ShownDeployment scene;
    const auto notice = library.notice({"rollback", {{"reason", "x"}}, {}}, scene.deployment, scene.view());
    CHECK(notice.blocks.at(0).at_pointer("/text/text") == "We went back: Faster search.");
    CHECK(library.mrkdwn(say("thaw_nothing", {{"service", "web"}})) == "No frost on web.");
    CHECK(
        library.mrkdwn(say("thawed", {{"service", "web"}})) ==
        " ended the freeze of web. Deployments can start again."
    );
}

TEST_CASE("every sentence may say how this workspace spells the command", "[templates][override]")
{
    CHECK(Library().mrkdwn(say("freeze_usage")).starts_with("Type `/deploy freeze web"));
    const Folder folder(Files{{"sentences.txt", "== thawed\n`{{command}} list` shows what may go on.\n"}});
    const Library library(folder.path(), "/ship");
    CHECK(library.mrkdwn(say("thawed")) == "`/ship list` shows what may go on.");
    CHECK(library.plain(say("freeze_usage")).starts_with("Type `/ship freeze web"));
    const auto mistakes = mistakes_of(Files{{"rollback.md", "{{command}}\n"}});
    CHECK_THAT(mistakes, ContainsSubstring("rollback.md:1: there is no variable 'command' here"));
}

TEST_CASE("a variable with one letter too many is told from one that contains it", "[templates][override]")
{
    const auto mistakes = mistakes_of({{"rollback.md", "{{reason}}\n{{reasons}}\n"}});
    CHECK_THAT(mistakes, ContainsSubstring("rollback.md:2: there is no variable 'reasons' here"));
    CHECK_THAT(mistakes, !ContainsSubstring("'reason' here"));
}

TEST_CASE("the post-mortem's template, word for word where nothing is known yet", "[templates][document]")
{
    const ShownDeployment scene;
    CHECK(Library().postmortem(scene.deployment, scene.view()) == R"(## Post-Mortem: Faster search (D-1)

**Date**: 2026-11-24
**Severity**: [P0 | P1]
**Duration**: [How long was the issue active?]
**Impact**: [Number of clients affected, what was broken]

### Timeline
- [HH:MM] Root cause identified

### Root Cause
[What went wrong technically?]

### Why It Wasn't Caught
[What gap in our process allowed this to reach production?]

### Action Items
- [ ] [Fix 1: description, owner, deadline]
- [ ] [Fix 2: description, owner, deadline]
- [ ] [Process improvement: description, owner, deadline]

### Lessons Learned
[What will we do differently going forward?]
)");
}

TEST_CASE("the post-mortem's timeline comes from the ledger", "[templates][document]")
{
    ShownDeployment scene;
    scene.happens("U0ALICE", started(), 0min);
    scene.happens("U0BOB", issue_raised("Errors at login <!channel> *now*"), 12min);
    scene.happens("U0BOB", RollbackStarted{"Errors", {"rollback"}, false}, 15min);
    scene.happens("U0BOB", IssueUpdated{"Rollback in progress", "Errors", evening, false, false, 1}, 15min);
    scene.happens("slipway", RollbackStepDone{"rollback", true, ""}, 20min);
    scene.happens("U0BOB", IssueUpdated{"Rolled back", "It is verified", evening, true, false, 1}, 31min);
    scene.happens("U0BOB", RolledBack{}, 31min);
    const auto text = Library().postmortem(scene.deployment, scene.view());
    CHECK_THAT(text, ContainsSubstring("**Date**: 2026-11-24\n**Severity**: P0\n**Duration**: 19 minutes\n"));
    CHECK_THAT(text, ContainsSubstring("**Impact**: A third of the clients\n"));
    CHECK_THAT(
        text,
        ContainsSubstring(
            "### Timeline\n"
            "- 22:00 EST Deployment started (Alice Archer)\n"
            "- 22:12 EST Issue detected (reported by hand): Errors at login \\<!channel\\> \\*now\\* "
            "(Bob Baker)\n"
            "- 22:15 EST Rollback initiated: Errors (Bob Baker)\n"
            "- 22:20 EST Rollback step done: Code reverted (Slipway)\n"
            "- 22:31 EST Rollback complete, service restored (Bob Baker)\n"
            "- [HH:MM] Root cause identified\n"
        )
    );
}

TEST_CASE("the post-mortem is about what was open when the rollback began", "[templates][document]")
{
    ShownDeployment scene;
    const auto raised = [](const char* what, Priority severity, const char* impact) {
        return IssueRaised{what, severity, impact, "Investigating", evening, "manual", ""};
    };
    scene.happens("U0ALICE", started(), 0min);
    scene.happens("U0BOB", raised("A slow page", Priority::p0, "Everybody"), 1min);
    scene.happens("U0BOB", IssueUpdated{"Resolved", "A cache was cold", evening, true}, 2min);
    scene.happens("U0BOB", raised("A chart is empty", Priority::p2, unknown_impact), 10min);
    scene.happens(
        "slipway",
        IssueRaised{
            "Error rate increase: 6.1 % against 1.0 %",
            Priority::p1,
            unknown_impact,
            "Investigating",
            evening,
            "error_rate",
            "6.1 % against 1.0 %"},
        12min
    );
    scene.happens("U0BOB", RollbackStarted{"Errors", {"rollback"}, false}, 15min);
    SECTION("its worst severity and its first moment; an impact that nobody told stays the template's")
    {
        scene.happens("U0BOB", RolledBack{}, 31min);
        const auto text = Library().postmortem(scene.deployment, scene.view());
        CHECK_THAT(text, ContainsSubstring("**Severity**: P1\n**Duration**: 21 minutes\n"));
        CHECK_THAT(text, ContainsSubstring("**Impact**: [Number of clients affected, what was broken]\n"));
        // The evidence once, and no name that only the program uses.
        CHECK_THAT(
            text,
            ContainsSubstring(
                "- 22:12 EST Issue detected (by the monitoring): Error rate increase: 6.1 % against 1.0 % "
                "(Slipway)\n"
            )
        );
        CHECK_THAT(text, !ContainsSubstring("error_rate"));
    }
    SECTION("as it was found out afterwards")
    {
        scene.happens(
            "U0BOB",
            IssueUpdated{
                "Investigating", "It is worse", evening, false, false, 3, Priority::p0, "40 clients"},
            20min
        );
        const auto text = Library().postmortem(scene.deployment, scene.view());
        CHECK_THAT(text, ContainsSubstring("**Severity**: P0\n"));
        CHECK_THAT(text, ContainsSubstring("**Impact**: 40 clients\n"));
    }
}

}  // namespace slipway::templates
