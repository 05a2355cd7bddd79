#include "bot/config/config.hpp"

#include "tests/storage/temporary_store.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <fstream>
#include <sstream>

namespace slipway {

namespace {

using storage::testing::TemporaryFolder;
using Lines = std::vector<std::string>;

constexpr auto least = R"([slack]
channel = "C0DEPLOYS"
[[service]]
name = "web"
)";

/// A file of `text`, gone with its folder.
std::filesystem::path written(const TemporaryFolder& folder, const std::string& text)
{
    auto path = folder / "file";
    std::ofstream(path) << text;
    return path;
}

Config read(const std::string& text, const Environment& environment = {}, Purpose purpose = Purpose::look)
{
    const TemporaryFolder folder;
    return load_config(written(folder, text), environment, purpose);
}

/// "4: 'slack.channel' must be a string", one per mistake.
Lines mistakes(const std::string& text, const Environment& environment = {}, Purpose purpose = Purpose::look)
{
    Lines found;
    try {
        (void)read(text, environment, purpose);
    }
    catch (const ConfigMistakes& mistakes) {
        for (const auto& mistake : mistakes.mistakes()) {
            const auto where = mistake.line > 0 ? std::to_string(mistake.line) : mistake.file;
            found.push_back(where + ": " + mistake.message);
        }
    }
    return found;
}

}  // namespace

TEST_CASE("every mistake of a file is told at once, each with its line", "[bot][config]")
{
    CHECK(
        mistakes(R"(timezone = "America/New_Yrok"
logg_level = "info"
[slack]
channel = 7
[roles]
dev_lead = "U0DANA"
[[window]]
days = ["Tue", "Wen"]
from = "22:00"
to = "25:00"
[[service]]
name = "web"
)") ==
        Lines{
            "1: there is no time zone 'America/New_Yrok'; use a name such as America/New_York (or install "
            "tzdata)",
            "2: unknown key 'logg_level'; did you mean 'log_level'?",
            "4: 'slack.channel' must be a string",
            "6: 'roles.dev_lead' must be a list of strings",
            "8: 'Wen' is not a day; use Mon, Tue, Wed, Thu, Fri, Sat or Sun",
            "10: 'to' must be a time such as \"22:00\", not \"25:00\"",
        }
    );
}

TEST_CASE("what a file lacks is told", "[bot][config]")
{
    const auto found = mistakes("");
    REQUIRE(found.size() == 2);
    CHECK(found.front().find("'slack.channel' is missing") != std::string::npos);
    CHECK(found.back().find("add [[service]]") != std::string::npos);
}

TEST_CASE("a value that would be of no effect is told", "[bot][config]")
{
    CHECK(
        mistakes(R"(log_level = "loud"
[slack]
channel = "#deploys"
[linear]
mirror = [
    "sign_of",
    "lifecycle",
]
[audit]
channel = "audit"
[[service]]
name = "web"
error_rate_query = "errors"
deploy = { github_workflow = "acme/deploy.yml" }
rollback = { github_workflow = "acme/web/deploy@main" }
)") ==
        Lines{
            "1: 'loud' is not a log level; use trace, debug, info, warn or error",
            "3: 'slack.channel' must be a channel id such as \"C0DEPLOYS\", not \"#deploys\": in "
            "Slack, click the channel's name; it is at the end of About",
            "6: 'sign_of' in 'linear.mirror' is neither sign_offs nor lifecycle",
            "10: 'audit.channel' must be a channel id such as \"C0DEPLOYS\", not \"audit\": in "
            "Slack, click the channel's name; it is at the end of About",
            "13: 'error_rate_query' needs Prometheus; set its 'url' under [prometheus]",
            "14: 'github_workflow' must look like \"acme/web/deploy.yml@main\" (owner, repository, file, "
            "branch), not \"acme/deploy.yml\"",
            "15: 'github_workflow' must look like \"acme/web/deploy.yml@main\" (owner, repository, file, "
            "branch), not \"acme/web/deploy@main\"",
        }
    );
}

TEST_CASE("a channel is named by its id", "[bot][config]")
{
    const auto with = [](const std::string& channel) {
        return mistakes("[slack]\nchannel = \"" + channel + "\"\n[[service]]\nname = \"web\"\n").size();
    };
    CHECK(with("C0DEPLOYS") == 0);
    CHECK(with("G012AB3CD") == 0);
    for (const auto* wrong : {"", "#deploys", "deploys", "C0deploys", "U0ALICE", "D0123456", "C"}) {
        CAPTURE(wrong);
        CHECK(with(wrong) == 1);
    }
}

TEST_CASE("workflows in every form that GitHub takes are read", "[bot][config]")
{
    for (const auto* workflow :
         {"acme/web/deploy.yml", "acme/web.app/de-ploy.yaml@release/2", "a_b/c/1234@main"}) {
        CAPTURE(workflow);
        CHECK(mistakes(std::string(least) + "deploy = { github_workflow = \"" + workflow + "\" }\n").empty());
    }
}

TEST_CASE("what cannot be run without its secret does not start", "[bot][config]")
{
    const auto text = std::string(least) +
                      "deploy = { webhook = \"https://ci.example/deploy\" }\n"
                      "rollback = { github_workflow = \"acme/web/rollback.yml@main\" }\n";
    CHECK(
        mistakes(text, {}, Purpose::run) ==
        Lines{
            "SLACK_APP_TOKEN: is not set; see README, A real workspace",
            "SLACK_BOT_TOKEN: is not set; see README, A real workspace",
            "LINEAR_API_KEY: is not set; set it, or put mirror = [] under [linear]",
            "5: a webhook is signed with SLIPWAY_SIGNAL_SECRET; set it, or SLIPWAY_SIGNAL_SECRET_FILE",
            "6: a workflow is started with GITHUB_TOKEN; set it, or GITHUB_TOKEN_FILE",
        }
    );
    Environment environment{
        {"SLACK_APP_TOKEN", "xapp-test"},
        {"SLACK_BOT_TOKEN", "xoxb-test"},
        {"LINEAR_API_KEY", "lin-test"},
        {"SLIPWAY_SIGNAL_SECRET", "signal-test"},
        {"GITHUB_TOKEN", "gh-test"},
    };
    CHECK(mistakes(text, environment, Purpose::run).empty());
    CHECK(mistakes(text).empty());  // `slipway runbook` and the like need none
}

TEST_CASE("a file that is no TOML names the line", "[bot][config]")
{
    const auto found = mistakes("[slack]\nchannel = \"C0\n");
    REQUIRE(found.size() == 1);
    CHECK(found.front().starts_with("2: "));
}

TEST_CASE("tokens never stand in the file, and are never repeated", "[bot][config]")
{
    const auto found = mistakes(std::string(least) + "token = \"xoxb-test\"\n");
    REQUIRE(found.size() == 1);
    CHECK(found.front().find("looks like a token") != std::string::npos);
    CHECK(found.front().find("xoxb-test") == std::string::npos);
}

TEST_CASE("tokens come from the environment or from a file that it names", "[bot][config]")
{
    const TemporaryFolder folder;
    const auto secret = written(folder, "xapp-test\n");
    const auto config =
        read(least, {{"SLACK_BOT_TOKEN", "xoxb-test"}, {"SLACK_APP_TOKEN_FILE", secret.string()}});
    CHECK(config.slack_bot_token == "xoxb-test");
    CHECK(config.slack_app_token == "xapp-test");
    const auto found = mistakes(least, {{"LINEAR_API_KEY_FILE", "/nowhere/key"}});
    REQUIRE(found.size() == 1);
    CHECK(found.front().find("/nowhere/key") != std::string::npos);
}

TEST_CASE("a secret is taken without the white space around it, whichever way it comes", "[bot][config]")
{
    const auto* text = GENERATE("xoxb-test\n", " xoxb-test\r\n", "xoxb-test\t");
    CAPTURE(text);
    const TemporaryFolder folder;
    const auto secret = written(folder, text);
    CHECK(read(least, {{"SLACK_BOT_TOKEN", text}}).slack_bot_token == "xoxb-test");
    CHECK(read(least, {{"SLACK_BOT_TOKEN_FILE", secret.string()}}).slack_bot_token == "xoxb-test");
    CHECK(
        read(least, {{"SLACK_API_URL", "https://slack.test/api/\n"}}).slack_api_url ==
        "https://slack.test/api/"
    );
    for (const auto* name : {"SLACK_APP_TOKEN", "SLACK_BOT_TOKEN", "LINEAR_API_KEY", "GITHUB_TOKEN"}) {
        CHECK(
            mistakes(least, {{name, "one\ntwo"}}) ==
            Lines{
                std::string(name) + ": has a line break or another control in it; set it to the secret alone"}
        );
    }
}

TEST_CASE("what would fail later is refused at once", "[bot][config]")
{
    struct Row {
        const char* text;
        const char* mistake;
    };

    const auto row = GENERATE(values<Row>({
        {"deploy = { webhook = \"https://u:p@h.example/\" }",
         "5: a webhook must not contain a user or a password"},
        {"deploy = { command = [\"\"] }", "5: 'command' must begin with the program to run"},
        {"[prometheus]\nurl = \"https://u:p@h.example\"",
         "6: 'prometheus.url' must not contain a user or a password"},
        {"[store]\npath = \":memory:\"",
         "6: 'store.path' must be a file, such as \"slipway.db\", not \":memory:\""},
        {"[store]\npath = \"\"", "6: 'store.path' must be a file, such as \"slipway.db\", not \"\""},
        {"[store]\npath = \"/tmp\"", "6: 'store.path' must be a file, such as \"slipway.db\", not \"/tmp\""},
        {"[store]\npath = \"/dev/full\"",
         "6: 'store.path' must be a file, such as \"slipway.db\", not \"/dev/full\""},
        {"[store]\npath = \"file:x?mode=memory\"",
         "6: 'store.path' must be a file, such as \"slipway.db\", not \"file:x?mode=memory\""},
        {"[business_hours]\nfrom = \"18:00\"\nto = \"09:00\"",
         "5: 'business_hours.from' must be before 'business_hours.to'"},
        {"[on_call]\nsprint_start = 0000-01-01",
         "6: 'on_call.sprint_start' must be a date of our time such as 2026-11-16, without quotes"},
        {"[[service]]\nname = \"all\"",
         "6: the service's name must not be \"all\": a freeze of all is one of every service"},
        {"[[service]]\nname = \"a\\nb\"",
         "6: the service's name must not contain a line break or other control character"},
    }));
    CAPTURE(row.text);
    CHECK(mistakes(least + std::string(row.text) + "\n") == Lines{row.mistake});
}

TEST_CASE("the command is one that Slack has, and not that of the rollback", "[bot][config]")
{
    for (const auto* command : {"", "/", "deploy", "/rollback", "/Deploy", "/deploy now"}) {
        CAPTURE(command);
        const auto found = mistakes("command = \"" + std::string(command) + "\"\n" + least);
        REQUIRE(found.size() == 1);
        CHECK(found.front().starts_with("1: 'command' must be the slash command"));
    }
    CHECK(mistakes("command = \"/ship-it\"\n" + std::string(least)).empty());
}

TEST_CASE("an address holds no password", "[bot][config]")
{
    for (const auto* name : {"SLACK_API_URL", "LINEAR_API_URL", "GITHUB_API_URL"}) {
        CHECK(
            mistakes(least, {{name, "https://u:p@h.example/"}}) ==
            Lines{std::string(name) + ": must not contain a user or a password"}
        );
    }
}

TEST_CASE("what is no file is no configuration", "[bot][config]")
{
    const auto* path = GENERATE("/tmp", "/dev/null");
    CHECK_THROWS_WITH(load_config(path, {}), std::string(path) + ": is not a file");
}

TEST_CASE("too many services are refused, and as many as a form shows are read fast", "[bot][config]")
{
    std::string text = least;
    for (int number = 0; number < 10'000; ++number) {
        text += "[[service]]\nname = \"service-" + std::to_string(number) + "\"\n";
    }
    const auto found = mistakes(text);
    REQUIRE(found.size() == 1);
    CHECK(found.front().find("more than 10000 services") != std::string::npos);
}

TEST_CASE("a zone without summer time is warned of, with the one that is meant", "[bot][config]")
{
    const auto warned = read("timezone = \"Etc/GMT+7\"\n" + std::string(least)).warnings;
    REQUIRE(warned.size() == 1);
    CHECK(warned.front().find("America/Denver") != std::string::npos);
    CHECK(read("timezone = \"Europe/Berlin\"\n" + std::string(least)).warnings.empty());
}

TEST_CASE(
    "a zone that some systems know no more is warned of or refused, with the one that is meant",
    "[bot][config]"
)
{
    const auto [zone, better] = GENERATE(table<const char*, const char*>(
        {{"EST", "America/New_York"}, {"MST", "America/Denver"}, {"Etc/GMT+5", "America/New_York"}}
    ));
    const auto config = "timezone = \"" + std::string(zone) + "\"\n" + std::string(least);
    auto said = mistakes(config);
    if (said.empty()) {
        said = read(config).warnings;
    }
    REQUIRE(said.size() == 1);
    CHECK(said.front().find(better) != std::string::npos);
}

TEST_CASE("plain http is for this machine only", "[bot][config]")
{
    CHECK(mistakes(least, {{"SLACK_API_URL", "http://127.0.0.1:1/api/"}}).empty());
    CHECK(mistakes(least, {{"SLACK_API_URL", "https://slack.test/api/"}}).empty());
    const auto found = mistakes(least, {{"LINEAR_API_URL", "http://linear.test/graphql"}});
    REQUIRE(found.size() == 1);
    CHECK(found.front().find("https://") != std::string::npos);
}

TEST_CASE("what the file leaves out is the document's", "[bot][config]")
{
    const auto config = read(least);
    CHECK(config.policy.timezone == "America/New_York");
    CHECK(config.policy.windows.size() == 2);
    CHECK(config.policy.gate1.size() == 5);
    CHECK(config.policy.qa.size() == 6);
    CHECK(config.policy.gate2.size() == 6);
    CHECK(config.policy.pre_deployment.size() == 7);
    CHECK(config.policy.steps.size() == 8);
    CHECK(config.policy.smoke.size() == 6);
    CHECK(config.policy.monitoring.size() == 5);
    CHECK(config.policy.four_eyes);
    CHECK(config.policy.mirror_sign_offs);
    CHECK_FALSE(config.policy.mirror_lifecycle);
    CHECK(config.http_address == "127.0.0.1");
    CHECK(config.http_port == 8787);
    CHECK(config.store_path == "slipway.db");
}

TEST_CASE("the keys of the fixed contract are read", "[bot][config]")
{
    const auto config = read(R"(timezone = "Europe/London"
[slack]
channel = "C0DEPLOYS"
[linear]
mirror = ["sign_offs", "lifecycle"]
[store]
path = "other.db"
[roles]
developers = ["U0ALICE", "@developers"]
dev_lead = ["dana@acme.example"]
[on_call]
rotation = ["U0ALICE", "U0BOB"]
sprint_start = 2026-11-16
sprint_days = 7
[[window]]
days = ["Sat"]
from = "22:00"
to = "02:00"
grade = "acceptable"
[[service]]
name = "web"
[[service]]
name = "api"
)");
    CHECK(config.policy.timezone == "Europe/London");
    CHECK(config.policy.mirror_lifecycle);
    CHECK(config.store_path == "other.db");
    const auto& developers = config.roles.at(Role::developer);
    REQUIRE(developers.size() == 2);
    CHECK(developers.front().text == "U0ALICE");
    CHECK(developers.back().text == "@developers");
    CHECK(developers.back().key == "roles.developers");
    CHECK(developers.back().line == 9);
    CHECK(config.rotation.size() == 2);
    CHECK(config.policy.sprint_length == std::chrono::days{7});
    REQUIRE(config.policy.windows.size() == 1);
    CHECK(config.policy.windows.front().grade == Grade::acceptable);
    CHECK(config.policy.services.size() == 2);
}

TEST_CASE("a checklist of the team's own takes the place of the document's", "[bot][config]")
{
    const auto config = read(
        std::string(least) +
        "[checklists]\nsmoke = [\"login\", \"search: Search finds a contact\", \"logs: Logs are quiet\"]\n"
    );
    const auto& smoke = config.policy.smoke;
    REQUIRE(smoke.size() == 3);
    CHECK(smoke[0].label == "Login works");
    CHECK(smoke[1].key == "search");
    CHECK(smoke[1].label == "Search finds a contact");
    CHECK(smoke[2].key == "logs");
    CHECK(smoke[2].label == "Logs are quiet");
    CHECK(config.policy.qa.size() == document_policy().qa.size());
}

TEST_CASE("mistakes in a checklist are told", "[bot][config]")
{
    CHECK(
        mistakes(R"([slack]
channel = "C0DEPLOYS"
[[service]]
name = "web"
[checklists]
monitoring = ["errors", "errors: Errors", "weather"]
qa = []
steps = ["a: 1", "b: 2", "c: 3", "d: 4", "e: 5", "f: 6", "g: 7", "h: 8", "i: 9", "j: 10", "k: 11"]
smoke = "login"
loading = ["x: y"]
)") ==
        Lines{
            "6: 'errors' is listed twice in 'checklists.monitoring'",
            "6: 'weather' in 'checklists.monitoring' is none of errors, performance, behavior, adoption, "
            "database; write an item of your own as \"key: what to check\"",
            "7: 'checklists.qa' must have 1 to 10 items",
            "8: 'checklists.steps' must have 1 to 10 items",
            "9: 'checklists.smoke' must be a list of strings",
            "10: unknown key 'checklists.loading'",
        }
    );
}

TEST_CASE("tickets count within the configured minutes", "[bot][config]")
{
    CHECK(read(least).policy.tickets_within == std::chrono::minutes{60});
    const auto config = read(std::string(least) + "[triggers]\ntickets_minutes = 30\n");
    CHECK(config.policy.tickets_within == std::chrono::minutes{30});
    CHECK_FALSE(mistakes(std::string(least) + "[triggers]\ntickets_minutes = 0\n").empty());
}

TEST_CASE("docs/config.md has every item of the document's checklists", "[bot][config]")
{
    std::ifstream file(std::string(SLIPWAY_SOURCE_DIR) + "/docs/config.md");
    std::ostringstream text;
    text << file.rdbuf();
    const auto document = document_policy();
    for (const auto& [name, list] :
         {std::pair{"gate1", &document.gate1},
          {"qa", &document.qa},
          {"gate2", &document.gate2},
          {"pre_deployment", &document.pre_deployment},
          {"steps", &document.steps},
          {"smoke", &document.smoke},
          {"monitoring", &document.monitoring}}) {
        auto row = std::string("\n| `") + name + "` |";
        for (const auto& item : *list) {
            row += (row.ends_with('|') ? " `" : ", `") + item.key + "`";
        }
        CHECK_THAT(text.str(), Catch::Matchers::ContainsSubstring(row + " |\n"));
    }
}

}  // namespace slipway
