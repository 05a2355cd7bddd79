// What the operator meets at the terminal: the real program, its words and its exit codes.
#include "bot/net/http_server.hpp"
#include "bot/runtime/clock.hpp"
#include "tests/end_to_end/live_deployment.hpp"
#include "tests/end_to_end/program.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/json/parse.hpp>

#include <catch2/generators/catch_generators.hpp>

#include <cstdlib>
#include <fstream>
#include <future>
#include <regex>
#include <sstream>

namespace demo {

namespace {

using Texts = std::vector<std::string>;

Texts written(const std::vector<slipway::ConfigEntry>& entries)
{
    Texts texts;
    for (const auto& entry : entries) {
        texts.push_back(entry.text);
    }
    return texts;
}

void write(const std::filesystem::path& path, const std::string& text) { std::ofstream(path) << text; }

std::string read(const std::filesystem::path& path)
{
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The n-th block of shell commands in docs/operating.md.
std::string operating(std::size_t number)
{
    const auto text = read(std::filesystem::path(SLIPWAY_SOURCE_DIR) / "docs/operating.md");
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= number; ++i) {
        begin = text.find("```sh\n", begin) + 6;
    }
    return text.substr(begin, text.find("```", begin) - begin);
}

/// A folder with the example team's slipway.toml and no record.
struct Desk {
    Folder folder;
    Program program{folder / "", {}};

    explicit Desk(const std::string& config = example_config()) { write(folder / "slipway.toml", config); }
};

/// Runs the program while the world works.
Ended run_beside(BotInSimulator& world, const Program& program, const std::string& arguments)
{
    auto running = std::async(std::launch::async, [&program, &arguments] { return program.run(arguments); });
    REQUIRE(world.until([&] { return running.wait_for(0s) == std::future_status::ready; }));
    return running.get();
}

/// A desk at which the doctor can reach the simulator.
struct Clinic : BotInSimulator {
    Program program{folder / "", {}};

    Clinic()
    {
        clock.set(slipway::SystemClock().now());
        program.environment = environment;
        configure(example_config());
    }

    void configure(const std::string& config) const
    {
        write(
            folder / "slipway.toml",
            config + "[http]\nport = 0\n[tls]\nca_file = \"" + certificates.ca.certificate + "\"\n"
        );
    }

    Ended doctor(const std::string& arguments = {})
    {
        return run_beside(*this, program, "doctor " + arguments);
    }
};

}  // namespace

TEST_CASE("what the command line has wrong is named, with what was probably meant", "[end_to_end][cli]")
{
    struct Row {
        std::string typed, answer;
    };

    const auto row = GENERATE(values<Row>(
        {{"adit", "there is no command 'adit'; did you mean 'audit'?"},
         {"audit verfy", "there is no command 'audit verfy'; did you mean 'audit verify'?"},
         {"--config x.toml docter", "there is no command 'docter'; did you mean 'doctor'?"},
         {"frobnicate", "there is no command 'frobnicate': run, doctor, init"},
         {"templates", "give a command: check"},
         {"run --conifg x.toml", "there is no option '--conifg'; did you mean '--config'?"},
         {"audit verify --hat 12", "there is no option '--hat'; did you mean '--head'?"},
         {"run --frobnicate", "there is no option '--frobnicate'\nslipway run --help shows its usage"},
         {"run now", "unexpected word 'now'"},
         {"backup", "give the file: slipway backup FILE"},
         {"audit export --format xml", "--format: xml not in {csv,jsonl,md}"},
         {"", "give a command: run, doctor, init"}}
    ));
    CAPTURE(row.typed);
    const Desk desk;
    const auto ended = desk.program.run(row.typed);
    CAPTURE(ended.said);
    CHECK(ended.code == 2);
    CHECK(ended.says(row.answer));
}

TEST_CASE("before the first run the record's absence is said with the fix", "[end_to_end][cli]")
{
    const auto* command = GENERATE("audit verify", "audit export", "backup copy.db", "postmortem D-1");
    CAPTURE(command);
    const Desk desk;
    const auto ended = desk.program.run(command);
    CAPTURE(ended.said);
    CHECK(ended.code == 1);
    CHECK(ended.says("no record at slipway.db yet"));
    CHECK(ended.says("the first `slipway run` creates it"));
    CHECK_FALSE(std::filesystem::exists(desk.folder / "slipway.db"));
    CHECK_FALSE(std::filesystem::exists(desk.folder / "copy.db"));
}

TEST_CASE(
    "init asks what it needs, again until it can be read, and writes what can be run", "[end_to_end][cli]"
)
{
    const Folder folder;
    const Program program{folder / "", {}};
    const auto ended = program.run(
        "init",
        "#deploys\nC0DEPLOYS\nEurope/Atlantis\nEurope/Berlin\nU0ALICE, U0BOB\nU0DANA\nU0PETRA\n\n\n\n"
        "soon\n2026-11-16\nweb, api\n"
    );
    CAPTURE(ended.said);
    CHECK(ended.code == 0);
    CHECK(ended.says("give its id, such as C0DEPLOYS"));
    CHECK(ended.says("there is no time zone 'Europe/Atlantis'"));
    CHECK(ended.says("write the day as 2026-11-16"));
    const auto config = slipway::load_config(folder / "slipway.toml", {});
    CHECK(config.channel.str() == "C0DEPLOYS");
    CHECK(config.policy.timezone == "Europe/Berlin");
    CHECK(written(config.roles.at(slipway::Role::developer)) == Texts{"U0ALICE", "U0BOB"});
    CHECK(written(config.rotation) == Texts{"U0ALICE", "U0BOB"});
    CHECK(config.policy.services.size() == 2);
    const auto again = program.run("init --channel C0OTHER --defaults");
    CHECK(again.code == 1);
    CHECK(again.says("already exists; nothing was changed"));
}

TEST_CASE("init asks nothing where everything is given", "[end_to_end][cli]")
{
    const Folder folder;
    const Program program{folder / "", {}};
    const auto ended = program.run(
        "init --defaults --channel C0DEPLOYS --developers U0ALICE,U0BOB --dev-lead dana@acme.example "
        "--product-lead @product --on-call U0BOB --sprint-start 2026-11-16 --service web --service api"
    );
    CAPTURE(ended.said);
    CHECK(ended.code == 0);
    const auto config = slipway::load_config(folder / "slipway.toml", {});
    CHECK(written(config.roles.at(slipway::Role::product_lead)) == Texts{"@product"});
    CHECK(written(config.rotation) == Texts{"U0BOB"});
    CHECK(config.policy.services.size() == 2);
}

TEST_CASE("init says which option cannot be read", "[end_to_end][cli]")
{
    const Folder folder;
    const Program program{folder / "", {}};
    const auto ended = program.run("init --defaults --timezone Mars --sprint-start soon");
    CAPTURE(ended.said);
    CHECK(ended.code == 2);
    CHECK(ended.says("--channel: give its id"));
    CHECK(ended.says("--timezone: there is no time zone 'Mars'"));
    CHECK(ended.says("--sprint-start: write the day as"));
    CHECK_FALSE(std::filesystem::exists(folder / "slipway.toml"));
}

TEST_CASE("init writes nothing that cannot be read, and nothing where nothing can be", "[end_to_end][cli]")
{
    const Folder folder;
    const Program program{folder / "", {}};
    const std::string init = "slipway init --defaults --channel C0DEPLOYS ";

    struct Row {
        std::string typed;
        int code;
        const char* line;
    };

    const auto row = GENERATE_COPY(values<Row>(
        {{init + R"(--service $'web\n[http]\nport = 1')", 2, "--service: write it on one line, in UTF-8"},
         {init + R"(--service $'web\x01')", 2, "--service: write it on one line, in UTF-8"},
         {init + R"(--service $'web\xff')", 2, "--service: write it on one line, in UTF-8"},
         {init + "--timezone EST", 2, "America/New_York"},
         {init + "--service web,all", 2, "--service: a service's name must not be \"all\""},
         {"trap '' XFSZ; (ulimit -f 0; " + init + ") 2>&1 | cat; exit ${PIPESTATUS[0]}",
          1,
          "cannot write slipway.toml"}}
    ));
    const auto ended = program.paste(row.typed);
    CAPTURE(row.typed, ended.said);
    CHECK(ended.code == row.code);
    CHECK(ended.says(row.line));
    CHECK_FALSE(std::filesystem::exists(folder / "slipway.toml"));
    CHECK_FALSE(std::filesystem::exists(folder / "slipway.toml.new"));
}

TEST_CASE("the manifest is JSON a person can read", "[end_to_end][cli]")
{
    const Desk desk;
    const auto ended = desk.program.run("manifest");
    CHECK(ended.code == 0);
    CHECK(std::count(ended.said.begin(), ended.said.end(), '\n') > 50);
    CHECK(json::parse(ended.said).as_object().contains("settings"));
}

TEST_CASE("what could not be printed is a failure", "[end_to_end][cli]")
{
    const Desk desk;
    const std::string command = GENERATE("manifest", "man", "templates list", "--version", "run --help");
    const auto ended = desk.program.paste("slipway " + command + " > /dev/full");
    CAPTURE(command, ended.said);
    CHECK(ended.code == 1);
    CHECK(ended.said == "slipway: could not write standard output: No space left on device\n");
}

TEST_CASE("the log of a bot whose output is closed goes into no file of its own", "[end_to_end][cli]")
{
    Desk desk;
    desk.program.environment = {
        {"SLACK_APP_TOKEN", "xapp-test"},
        {"SLACK_BOT_TOKEN", "xoxb-test"},
        {"LINEAR_API_KEY", "lin-test"},
        {"SLACK_API_URL", "http://127.0.0.1:9/api/"}};
    const auto* closed = GENERATE("<&- >&- 2>&-", ">&-", "2>&-");
    CAPTURE(closed);
    (void)desk.program.paste(std::string("timeout --signal=KILL 1 slipway run ") + closed);
    const auto held_by = read(desk.folder / "slipway.db.lock");
    CAPTURE(held_by);
    CHECK_FALSE(held_by.empty());
    CHECK(held_by.find_first_not_of("0123456789") == std::string::npos);
}

TEST_CASE("the doctor finds all well in a workspace that is set up", "[end_to_end][doctor]")
{
    Clinic clinic;
    const auto ended = clinic.doctor("--issue ENG-123");
    CAPTURE(ended.said);
    CHECK(ended.code == 0);
    CHECK(ended.says("all is well"));
    CHECK_FALSE(ended.says("FAIL"));
    for (const auto* line :
         {"configuration",
          "time zone America/New_York: ",
          "templates",
          "disk",
          "database: ",
          "port",
          "app-level token",
          "bot token: Acme",
          "scopes",
          "clock",
          "channel C0DEPLOYS",
          "people and groups",
          "Linear key",
          "Linear issue ENG-123",
          "GitHub: not used"}) {
        CAPTURE(line);
        CHECK(ended.says(std::string("ok    ") + line));
    }
}

TEST_CASE("the doctor says what is wrong and how to fix it", "[end_to_end][doctor]")
{
    struct Row {
        const char* what;
        std::function<void(Clinic&)> spoil;
        std::string line, fix;
    };

    const auto config = [](const char* from, const char* to) {
        return [from, to](Clinic& clinic) {
            auto text = example_config();
            text.replace(text.find(from), std::string(from).size(), to);
            clinic.configure(text);
        };
    };
    const auto variable = [](const char* name, const char* value) {
        return [name, value](Clinic& clinic) { clinic.program.environment[name] = value; };
    };
    const auto row = GENERATE_COPY(values<Row>(
        {{"no app token",
          variable("SLACK_APP_TOKEN", ""),
          "SLACK_APP_TOKEN: not set",
          "set SLACK_APP_TOKEN or"},
         {"no bot token",
          variable("SLACK_BOT_TOKEN", ""),
          "SLACK_BOT_TOKEN: not set",
          "set SLACK_BOT_TOKEN or"},
         {"tokens swapped",
          variable("SLACK_BOT_TOKEN", "xapp-test"),
          "SLACK_BOT_TOKEN: does not begin with xoxb-",
          "the right one of the two tokens"},
         {"a revoked bot token",
          [](Clinic& clinic) { clinic.server.workspace.refused_tokens["xoxb-test"] = "token_revoked"; },
          "bot token: token_revoked",
          "Bot User OAuth Token"},
         {"no Linear key",
          variable("LINEAR_API_KEY", ""),
          "LINEAR_API_KEY: not set",
          "set LINEAR_API_KEY or"},
         {"a wrong Linear key", variable("LINEAR_API_KEY", "lin-other"), "Linear key:", "without Bearer"},
         {"a scope is missing",
          [](Clinic& clinic) { clinic.server.workspace.bot_scopes.erase("files:write"); },
          "scopes: missing files:write",
          "reinstall it"},
         {"a channel without the bot",
          config("C0DEPLOYS", "C0RANDOM"),
          "the bot is not in it",
          "/invite @slipway"},
         {"a channel that is none", config("C0DEPLOYS", "C0NOWHERE"), "channel_not_found", "slack.channel"},
         {"an audit channel without the bot",
          [](Clinic& clinic) { clinic.configure(example_config() + "[audit]\nchannel = \"C0RANDOM\"\n"); },
          "audit channel C0RANDOM: the bot is not in it",
          "/invite @slipway"},
         {"an audit channel that is none",
          [](Clinic& clinic) { clinic.configure(example_config() + "[audit]\nchannel = \"C0NOWHERE\"\n"); },
          "audit channel C0NOWHERE: channel_not_found",
          "check audit.channel"},
         {"somebody unknown",
          config("\"U0DANA\"", "\"U0NOBODY\""),
          "slipway.toml:6: roles.dev_lead: there is no user U0NOBODY in this workspace",
          "correct them in slipway.toml"},
         {"somebody who left",
          [](Clinic& clinic) { clinic.server.workspace.users.at("U0BOB").deleted = true; },
          "U0BOB is deactivated in Slack",
          "the bot carries on without it"},
         {"a webhook without the secret that signs it",
          [](Clinic& clinic) {
              auto text = example_config();
              const std::string web = "name = \"web\"\n";
              text.insert(text.find(web) + web.size(), "deploy = { webhook = \"https://ci.example/\" }\n");
              clinic.configure(text);
              clinic.program.environment["SLIPWAY_SIGNAL_SECRET"] = "";
          },
          "SLIPWAY_SIGNAL_SECRET: not set",
          "set SLIPWAY_SIGNAL_SECRET or"},
         {"a workflow without a token",
          config(
              "name = \"web\"", "name = \"web\"\ndeploy = { github_workflow = \"acme/web/deploy.yml@main\" }"
          ),
          "GITHUB_TOKEN: not set",
          "set GITHUB_TOKEN or"},
         {"no Dev Lead",
          config("\"U0DANA\"", ""),
          "roles.dev_lead: nobody",
          "name the Dev Lead under [roles]"},
         {"nobody on call",
          config("rotation = [\"U0ALICE\", \"U0BOB\"]", ""),
          "on_call.rotation: nobody",
          "under [on_call]"},
         {"a clock that is wrong",
          [](Clinic& clinic) { clinic.clock.advance(5min); },
          "clock: more than 30 s off",
          "timedatectl"},
         {"no runbook file",
          [](Clinic& clinic) { clinic.configure(example_config() + "[runbook]\nfile = \"no.md\"\n"); },
          "runbook: no.md cannot be read",
          "runbook.file"},
         {"a damaged database",
          [](Clinic& clinic) {
              write(clinic.folder / "broken.db", std::string(4'096, 'x'));
              clinic.configure(example_config() + "[store]\npath = \"broken.db\"\n");
          },
          "database: broken.db is damaged: file is not a database",
          "put a backup made by `slipway backup`"},
         {"GitHub away",
          [](Clinic& clinic) {
              clinic.program.environment["GITHUB_TOKEN"] = "gh-test";
              clinic.program.environment["GITHUB_API_URL"] = "http://127.0.0.1:1";
          },
          "GitHub: ",
          "GITHUB_API_URL"}}
    ));
    CAPTURE(row.what);
    Clinic clinic;
    row.spoil(clinic);
    const auto ended = clinic.doctor();
    CAPTURE(ended.said);
    CHECK(ended.code == 1);
    CHECK(ended.says(row.line));
    CHECK(ended.says(row.fix));
    CHECK(ended.says("1 to fix"));
}

TEST_CASE("the doctor names every empty role, Slack or not", "[end_to_end][doctor]")
{
    const Desk desk(
        "[slack]\nchannel = \"C0DEPLOYS\"\n[linear]\nmirror = []\n[http]\nport = 0\n"
        "[[service]]\nname = \"web\"\n"
    );
    const auto ended = desk.program.run("doctor");
    CAPTURE(ended.said);
    CHECK(ended.code == 1);
    for (const auto* line :
         {"SLACK_APP_TOKEN: not set",
          "SLACK_BOT_TOKEN: not set",
          "roles.developers: nobody",
          "roles.dev_lead: nobody",
          "roles.product_lead: nobody",
          "on_call.rotation: nobody"}) {
        CAPTURE(line);
        CHECK(ended.says(std::string("FAIL  ") + line));
    }
    CHECK(ended.says("6 to fix"));
}

TEST_CASE("the doctor asks GitHub for the token and for each workflow that is named", "[end_to_end][doctor]")
{
    struct Row {
        const char* what;
        int of_token, of_workflow;
        std::string line, fix;
        slipway::net::Headers headers{};
        std::string inputs = "action: {}, commit: {}, deployment: {}, flag: {}, service: {}";
    };

    const auto row = GENERATE(values<Row>(
        {{"all well", 200, 200, "ok    GitHub acme/web/deploy.yml@main", ""},
         {"a token that is none",
          401,
          401,
          "FAIL  GitHub refuses the token (HTTP 401): it is wrong, expired or revoked",
          "set GITHUB_TOKEN"},
         {"a token whose limit is used up",
          403,
          403,
          "FAIL  GitHub's rate limit is used up until Sat Jan 1, 12:00 EST",
          "or wait, and run slipway doctor again",
          {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "2524669200"}}},
         {"a token that the organization's sign-on is not told of",
          200,
          403,
          "FAIL  GitHub acme/web/deploy.yml@main: GitHub wants GITHUB_TOKEN to be authorized",
          "do that, or wait",
          {{"X-GitHub-SSO", "required; url=https://x"}}},
         {"a token without the right",
          200,
          403,
          "FAIL  GitHub acme/web/deploy.yml@main: GitHub refuses the token (HTTP 403): it lacks",
          "let GITHUB_TOKEN read and start workflows of acme/web"},
         {"a workflow that is not there, or not for this token",
          200,
          404,
          "FAIL  GitHub acme/web/deploy.yml@main: GitHub doesn't know it, or GITHUB_TOKEN may not see it",
          "let GITHUB_TOKEN read and start workflows of acme/web"},
         {"a workflow that would be refused for its inputs",
          200,
          200,
          "FAIL  GitHub acme/web/deploy.yml@main: undeclared inputs commit, flag",
          "declare them under on.workflow_dispatch.inputs",
          {},
          "action: {}, deployment: {}, service: {}"}}
    ));
    CAPTURE(row.what);
    Clinic clinic;
    Texts asked;
    const auto github = slipway::net::make_http_server(
        clinic.context.get_executor(),
        {},
        [&](slipway::net::ServerRequest request) {
            asked.push_back(request.target + " " + slipway::net::header(request.headers, "Authorization"));
            const bool of_token = request.target == "/rate_limit";
            std::string inputs = "\n      " + row.inputs;
            for (auto at = inputs.find(", "); at != std::string::npos; at = inputs.find(", ")) {
                inputs.replace(at, 2, "\n      ");
            }
            return [](int code, slipway::net::Headers headers, std::string body
                   ) -> boost::asio::awaitable<slipway::net::ServerResponse> {
                co_return slipway::net::ServerResponse{code, std::move(headers), std::move(body)};
            }(of_token ? row.of_token : row.of_workflow,
                     row.headers,
                     "on:\n  workflow_dispatch:\n    # all of them\n    inputs:" + inputs +
                         "\njobs:\n  flag: {}\n");
        }
    );
    boost::asio::cancellation_signal end;
    bool ended_serving = false;
    boost::asio::co_spawn(
        clinic.context,
        github->run(),
        boost::asio::bind_cancellation_slot(end.slot(), [&](std::exception_ptr) { ended_serving = true; })
    );
    auto config = example_config();
    const std::string web = "name = \"web\"\n";
    const std::string workflow = "{ github_workflow = \"acme/web/deploy.yml@main\" }\n";
    config.insert(config.find(web) + web.size(), "deploy = " + workflow + "rollback = " + workflow);
    clinic.configure(config);
    clinic.program.environment["GITHUB_TOKEN"] = "gh-test";
    clinic.program.environment["GITHUB_API_URL"] = "http://127.0.0.1:" + std::to_string(github->port());
    const auto ended = clinic.doctor();
    CAPTURE(ended.said);
    Texts wanted{"/rate_limit Bearer gh-test"};
    if (row.of_token == 200) {  // both actions name the same: it is asked for once
        wanted.emplace_back("/repos/acme/web/actions/workflows/deploy.yml Bearer gh-test");
    }
    if (row.of_workflow == 200) {
        wanted.emplace_back("/repos/acme/web/contents/.github/workflows/deploy.yml?ref=main Bearer gh-test");
    }
    CHECK(asked == wanted);
    CHECK(ended.says(row.line));
    CHECK(ended.says(row.fix));
    end.emit(boost::asio::cancellation_type::terminal);
    REQUIRE(clinic.until([&] { return ended_serving; }));
}

TEST_CASE("the restore drill of the documentation works as pasted", "[end_to_end][docs]")
{
    LiveDeployment world;
    const Program program{world.folder / "", {}};
    write(
        world.folder / "slipway.toml",
        example_config() + "[store]\npath = \"" + world.store_path.string() + "\"\n"
    );
    const auto ended = program.paste(operating(0));
    CAPTURE(ended.said);
    CHECK(ended.code == 0);
    CHECK(ended.says("the ledger is intact"));
    CHECK(ended.says("\"deployment\":\"D-1\",\"kind\":\"gate_passed\""));
    for (const auto* format : {"jsonl", "csv", "md"}) {
        const auto full =
            program.paste("slipway audit export --format " + std::string(format) + " >/dev/full");
        CHECK(full.code == 1);
        CHECK(full.says("could not write standard output: No space left on device"));
    }
    const auto half =
        program.paste("trap '' XFSZ; ulimit -f 1; slipway audit export --format jsonl >half.jsonl");
    CHECK(half.code == 1);
    CHECK(half.says("could not write standard output: File too large"));
}

TEST_CASE("the signal of the documentation is taken as pasted", "[end_to_end][docs]")
{
    BotInSimulator world;
    world.clock.set(slipway::SystemClock().now());
    world.start_bot();
    Program program{world.folder / "", {{"SLIPWAY_SIGNAL_SECRET", "signal-test"}}};
    auto script = operating(1);
    const std::string written = "127.0.0.1:8787";
    script.replace(script.find(written), written.size(), "127.0.0.1:" + std::to_string(world.bot_port()));
    const auto paste = [&] {
        auto running = std::async(std::launch::async, [&] { return program.paste(script); });
        REQUIRE(world.until([&] { return running.wait_for(0s) == std::future_status::ready; }));
        return running.get();
    };
    const auto ended = paste();
    CAPTURE(ended.said);
    CHECK(ended.code == 0);
    CHECK(ended.said == "taken\n");
    program.environment["SLIPWAY_SIGNAL_SECRET"] = "another";
    CHECK(paste().says("sign timestamp"));
    script.replace(script.find("\"web\""), 5, "\"wep\"");
    program.environment["SLIPWAY_SIGNAL_SECRET"] = "signal-test";
    CHECK(paste().says("docs/operating.md, Signals"));
}

TEST_CASE("slipway runbook works while the bot runs and while it does not", "[end_to_end][cli][runbook]")
{
    const auto is_up = GENERATE(false, true);
    CAPTURE(is_up);
    const Folder folder;
    const auto file = folder / "runbook.md";
    BotInSimulator::Options options;
    options.config = example_config() + "[runbook]\nfile = \"" + file.string() + "\"\n";
    BotInSimulator world(options);
    const Desk desk(options.config + "[store]\npath = \"" + world.store_path.string() + "\"\n");
    const auto& program = desk.program;
    CHECK(program.run("runbook").says("there is no runbook yet"));
    const std::string good =
        "# Ours\n## Server Access\nsee the vault\n## Rollback Commands\n```sh\n# the last one\ngit revert "
        "HEAD\n```\n";
    write(file, good);
    world.start_bot();
    REQUIRE(world.until([&] { return !world.rows("SELECT 1 FROM runbook").empty(); }));
    if (!is_up) {
        world.stop_bot();
    }
    SECTION("the file is there")
    {
        const auto all = program.run("runbook");
        CHECK(all.code == 0);
        CHECK(all.says(good));
        CHECK(all.says("the runbook is missing the section 'Emergency Contacts'"));
        CHECK_FALSE(all.says("'Server Access'"));
        const auto section = program.run("runbook 'rollback commands'");
        CHECK(section.code == 0);
        CHECK(section.said == good.substr(good.find("## Rollback")));
    }
    SECTION("the file is gone: the last good copy")
    {
        std::filesystem::remove(file);
        const auto all = program.run("runbook");
        CHECK(all.code == 0);
        CHECK(all.says(good));
    }
    SECTION("the file is empty: the last good copy")
    {
        write(file, "");
        CHECK(program.run("runbook").says(good));
    }
    SECTION("there is a credential in it: it is refused, and the last good copy shown")
    {
        write(file, good + "export DB_PASSWORD=hunter22\n");
        const auto all = program.run("runbook");
        CHECK(all.code == 0);
        CHECK(all.says("runbook.md:9: looks like a credential; here is the last good copy"));
        CHECK(all.says(good));
        CHECK_FALSE(all.says("hunter22"));
    }
    SECTION("the file never ends: the last good copy")
    {
        std::filesystem::remove(file);
        std::filesystem::create_symlink("/dev/zero", file);
        const auto all = program.run("runbook");
        CHECK(all.code == 0);
        CHECK(all.says("runbook.md is not a regular file; here is the last good copy"));
        CHECK(all.says(good));
    }
    SECTION("there is no such section: the ones it has are named")
    {
        const auto none = program.run("runbook Dragons");
        CHECK(none.code == 1);
        CHECK(none.says("the runbook has no section 'Dragons'; it has:\n  Ours\n  Server Access\n"));
    }
}

TEST_CASE("every command has its help, its lines in the manual and its completion", "[end_to_end][cli]")
{
    const Desk desk;
    const auto manual = desk.program.run("man").said;
    const auto script = desk.program.run("completion bash").said;
    for (const auto* command :
         {"run",
          "doctor",
          "init",
          "manifest",
          "audit verify",
          "audit export",
          "runbook",
          "templates check",
          "templates list",
          "postmortem",
          "backup",
          "completion",
          "man"}) {
        CAPTURE(command);
        const auto help = desk.program.run(std::string(command) + " --help");
        CHECK(help.code == 0);
        CHECK(help.says("Usage: slipway"));
        CHECK(manual.find(std::string(".B slipway ") + command) != std::string::npos);
        CHECK(script.find(std::string("\"") + command + "\")") != std::string::npos);
        static const std::regex option("--([a-z-]+)");
        for (std::sregex_iterator each(help.said.begin(), help.said.end(), option), end; each != end;
             ++each) {
            CAPTURE(each->str());
            CHECK(script.find(each->str()) != std::string::npos);
            const auto name = std::regex_replace(each->str(), std::regex("-"), "\\-");
            CHECK((each->str() == "--help" || manual.find(name) != std::string::npos));
        }
    }
}

TEST_CASE("bash completes commands, their options and what they take", "[end_to_end][cli]")
{
    struct Row {
        std::string words, offered;
        int index;
    };

    const auto row = GENERATE(values<Row>(
        {{"slipway do", "doctor", 1},
         {"slipway audit v", "verify", 2},
         {"slipway --config x.toml audit e", "export", 4},
         {"slipway audit export --f", "--format", 3},
         {"slipway audit export --format j", "jsonl", 4},
         {"slipway completion ''", "bash", 2}}
    ));
    CAPTURE(row.words);
    const Desk desk;
    write(desk.folder / "script", desk.program.run("completion bash").said);
    const auto command = "cd " + (desk.folder / "").string() + " && bash -c \"source ./script; COMP_WORDS=(" +
                         row.words + "); COMP_CWORD=" + std::to_string(row.index) +
                         "; _slipway; echo \\\"\\${COMPREPLY[*]}\\\"\" >offered 2>&1";
    REQUIRE(std::system(command.c_str()) == 0);
    CHECK(read(desk.folder / "offered") == row.offered + "\n");
}

}  // namespace demo
