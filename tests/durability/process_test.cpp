#include "storage/store.hpp"
#include "tests/durability/program_in_simulator.hpp"
#include "tests/support/processes.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <sys/mount.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace durability {

namespace {

using Entry = simulator::Entry;

/// How many of the commands that were typed.
std::size_t acknowledged(const ProgramInSimulator& world)
{
    const auto& sent = world.server.hub.all_sent();
    return static_cast<std::size_t>(std::count_if(sent.begin(), sent.end(), [](const simulator::Sent& each) {
        return each.acked && each.type == "slash_commands";
    }));
}

/// A disk of 16 MB of its own, where this user may mount one.
class SmallDisk {
public:
    explicit SmallDisk(std::filesystem::path place) : place_(std::move(place))
    {
        std::filesystem::create_directory(place_);
        is_there_ = ::mount("tmpfs", place_.c_str(), "tmpfs", 0, "size=16m") == 0;
    }

    ~SmallDisk()
    {
        if (is_there_) {
            ::umount2(place_.c_str(), MNT_DETACH);
        }
    }

    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    [[nodiscard]] bool is_there() const { return is_there_; }

    [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return place_ / name; }

    void fill() const
    {
        std::ofstream filler(place_ / "filler", std::ios::binary);
        const std::string block(4'096, '#');
        while (filler.write(block.data(), static_cast<std::streamsize>(block.size())) && filler.flush()) {
        }
    }

    void make_read_only() const
    {
        (void)::mount(nullptr, place_.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr);
    }

private:
    std::filesystem::path place_;
    bool is_there_ = false;
};

/// The most memory a process has had, in MB.
int most_memory(pid_t process)
{
    std::ifstream status("/proc/" + std::to_string(process) + "/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) {
            return std::stoi(line.substr(6)) / 1'024;
        }
    }
    return 0;
}

/// D-1 is under way and its deploy is the next thing to be run.
void queue_deploy(const std::filesystem::path& store_path)
{
    using namespace slipway;
    storage::Store store(store_path);
    SeededRandom random(1);
    Decision decision;
    decision.deployment = DeploymentId{1};
    Planned planned;
    planned.plan.service = "web";
    decision.events = {planned, Started{}, ActionBegun{"deploy"}};
    decision.outbox = {{RunAction{"deploy"}}};
    const auto outcomes = store.transaction({[&](storage::Store& record) {
        record.record(decision, UserId("U0DANA"), SystemClock().now(), ChannelId(demo::deploys), [&random] {
            return uuid_v4(random);
        });
    }});
    REQUIRE(outcomes.front() == nullptr);
}

std::string freeze(int number) { return "freeze api for 2h act-" + std::to_string(number) + "."; }

}  // namespace

TEST_CASE(
    "SIGTERM lets acknowledgements out, closes the websockets and ends within two seconds",
    "[durability][stop]"
)
{
    ProgramInSimulator world(SLIPWAY_PROGRAM);
    REQUIRE(world.start());
    REQUIRE(world.until([&] { return world.server.hub.connections() == 2; }));
    constexpr int freezes = 300;
    for (int number = 1; number <= freezes; ++number) {
        world.server.people.slash("U0DANA", demo::deploys, "/deploy", freeze(number));
    }
    REQUIRE(world.until([&] { return acknowledged(world) > 0; }));
    const auto took = world.stop();
    REQUIRE(took.has_value());
    CHECK(*took < 2s);
    CHECK(world.bot->exit_code() == 0);
    (void)world.until([&] { return world.server.hub.connections() == 0; });
    CHECK(world.rows("SELECT 1 FROM events WHERE kind <> 'rotation_set'").size() == acknowledged(world));
    int closed = 0;
    for (const auto& entry : world.server.transcript.of(Entry::Kind::connection, "closed")) {
        CHECK(entry.facts.at("code").as_int64() == 1000);
        ++closed;
    }
    CHECK(closed == 2);
}

TEST_CASE("SIGTERM while Slack does not answer ends within two seconds all the same", "[durability][stop]")
{
    ProgramInSimulator world(SLIPWAY_PROGRAM);
    simulator::Fault silence;
    silence.what = simulator::Fault::What::hold;
    silence.times = 0;
    SECTION("before it is at work")
    {
        world.server.faults.add(silence);
        world.launch();
        REQUIRE(world.until([&] { return !world.server.transcript.of(Entry::Kind::fault).empty(); }));
    }
    SECTION("with a message under way")
    {
        REQUIRE(world.start());
        silence.on = "chat.postMessage";
        world.server.faults.add(silence);
        world.server.people.slash("U0ALICE", demo::deploys, "/deploy", "plan");
        REQUIRE(world.until([&] { return world.server.people.modal_of("U0ALICE") != nullptr; }));
        world.server.people.submit("U0ALICE", plan_for_tomorrow(world.clock));
        REQUIRE(world.until([&] { return !world.server.transcript.of(Entry::Kind::fault).empty(); }));
    }
    const auto took = world.stop();
    REQUIRE(took.has_value());
    CHECK(*took < 2'200ms);
    CHECK(world.bot->exit_code() == 0);
}

TEST_CASE(
    "a second SIGTERM or SIGINT ends it at once, and nothing acknowledged is lost", "[durability][stop]"
)
{
    ProgramInSimulator world(SLIPWAY_PROGRAM);
    const int second = GENERATE(SIGTERM, SIGINT);
    CAPTURE(second);
    REQUIRE(world.start());
    REQUIRE(world.until([&] { return world.server.hub.connections() == 2; }));
    simulator::Fault silence{"views.open", simulator::Fault::What::hold};
    world.server.faults.add(silence);
    world.server.people.slash("U0ALICE", demo::deploys, "/deploy", "plan");
    REQUIRE(world.until([&] { return !world.server.transcript.of(Entry::Kind::fault).empty(); }));
    constexpr int freezes = 20;
    for (int number = 1; number <= freezes; ++number) {
        world.server.people.slash("U0DANA", demo::deploys, "/deploy", freeze(number));
    }
    REQUIRE(world.until([&] { return acknowledged(world) > 0; }));
    world.bot->send(SIGTERM);
    REQUIRE(world.until([&] { return world.log().find("stopping") != std::string::npos; }));
    CHECK_FALSE(world.bot->exit_code().has_value());
    world.bot->send(second);
    REQUIRE(world.until([&] { return world.bot->exit_code().has_value(); }, 1s));
    CHECK(world.bot->exit_code() == 1);
    CHECK(world.log().find("stopping at once") != std::string::npos);
    // One that was committed may not have been acknowledged any more.
    CHECK(world.rows("SELECT DISTINCT body FROM events").size() >= acknowledged(world));
    REQUIRE(world.start());
    world.server.people.slash("U0DANA", demo::deploys, "/deploy", freeze(freezes + 1));
    REQUIRE(world.until([&] { return world.server.hub.all_sent().back().acked; }));
    CHECK(world.run({"audit", "verify"}).exit_code == 0);
}

TEST_CASE("what an action runs ends with the bot, however the bot ends", "[durability][stop]")
{
    ProgramInSimulator world(SLIPWAY_PROGRAM);
    const auto pid_file = world.folder / "pid";
    auto config = demo::example_config();
    const std::string web = "name = \"web\"\n";
    const std::string in_session = GENERATE("", "\"/usr/bin/setsid\", ");  // it leaves the group
    // What hangs is a child of the command, as what a deploy script starts is.
    config.insert(
        config.find(web) + web.size(),
        "deploy = { command = [" + in_session + "\"/bin/sh\", \"-c\", \"sh -c 'echo $$ > " +
            pid_file.string() + "; trap : TERM; while :; do sleep 1; done'; true\"] }\n"
    );
    world.configure({}, config);
    queue_deploy(world.store_path);
    REQUIRE(world.start());
    REQUIRE(world.until([&] { return !text_of(pid_file).empty(); }));
    REQUIRE(slipway::testing::is_alive(pid_file));
    SECTION("killed") { world.bot->kill(); }
    SECTION("stopped at once")
    {
        world.bot->send(SIGTERM);
        REQUIRE(world.until([&] { return world.log().find("stopping") != std::string::npos; }));
        CHECK(slipway::testing::is_alive(pid_file));  // it has its seven seconds
        REQUIRE(world.stop().has_value());
    }
    CHECK(world.until([&] { return !slipway::testing::is_alive(pid_file); }, 5s));
}

TEST_CASE("a second bot on the same database is told so and does not start", "[durability][lock]")
{
    ProgramInSimulator world(SLIPWAY_PROGRAM);
    REQUIRE(world.start());
    const auto second = world.run({"run"});
    CHECK(second.exit_code == 1);
    const auto holder = "(process " + std::to_string(world.bot->id()) + ")";
    CHECK(second.printed.find("is in use by another Slipway " + holder) != std::string::npos);
    CHECK(second.printed.find("stop that one first") != std::string::npos);
    CHECK_FALSE(world.bot->exit_code().has_value());
}

TEST_CASE("a backup is taken while the bot works, and a bot goes on with it", "[durability][backup]")
{
    ProgramInSimulator world(SLIPWAY_PROGRAM);
    REQUIRE(world.start());
    int number = 0;
    const auto type_another = [&] {
        world.server.people.slash("U0DANA", demo::deploys, "/deploy", freeze(++number));
    };
    while (number < 100) {
        type_another();
    }
    REQUIRE(world.until([&] { return acknowledged(world) == 100; }));
    while (number < 200) {  // these while the copy is taken
        type_another();
    }
    const auto copy = world.folder / "copy.db";
    const auto backed_up = world.run({"backup", copy.string()});
    CAPTURE(backed_up.printed);
    REQUIRE(backed_up.exit_code == 0);
    REQUIRE(world.until([&] { return acknowledged(world) == 200; }));
    world.bot->kill();

    // The drill: the disk is gone, the copy is put in its place.
    for (const auto* part : {"", "-wal", "-shm"}) {
        std::filesystem::remove(world.store_path.string() + part);
    }
    std::filesystem::rename(copy, world.store_path);
    CHECK(world.run({"audit", "verify"}).exit_code == 0);
    REQUIRE(world.start());
    const auto kept = world.rows("SELECT 1 FROM events").size();
    CHECK(kept >= 100);
    type_another();
    REQUIRE(world.until([&] { return acknowledged(world) == 201; }));
    CHECK(world.rows("SELECT 1 FROM events").size() == kept + 1);
    CHECK(world.run({"audit", "verify"}).exit_code == 0);
}

TEST_CASE("a damaged database is refused at the start, saying how to restore", "[durability][damage]")
{
    ProgramInSimulator world(SLIPWAY_PROGRAM);
    REQUIRE(world.start());
    REQUIRE(world.stop().has_value());
    std::filesystem::resize_file(world.store_path, 5'000);
    const auto refused = world.run({"run"});
    CHECK(refused.exit_code == 1);
    CHECK(refused.printed.find("is damaged") != std::string::npos);
    CHECK(refused.printed.find("slipway backup") != std::string::npos);
}

TEST_CASE("a full disk: people are told, and it goes on as soon as there is room", "[durability][disk]")
{
    ProgramInSimulator world(SLIPWAY_PROGRAM);
    const SmallDisk disk(world.folder / "disk");
    if (!disk.is_there()) {
        SKIP("mounting needs root");
    }
    world.store_path = disk / "slipway.db";
    world.configure();
    REQUIRE(world.start());
    int number = 0;
    const auto type_and_wait = [&] {
        const auto id = world.server.people.slash("U0DANA", demo::deploys, "/deploy", freeze(++number));
        REQUIRE(world.until([&] { return world.server.hub.sent(id)->acked; }));
        return json::serialize(world.server.hub.sent(id)->answer);
    };
    CHECK(type_and_wait().find("couldn't save that") == std::string::npos);
    disk.fill();
    int refused = 0;
    for (int tries = 0; tries < 50; ++tries) {
        refused += type_and_wait().find("couldn't save that") != std::string::npos ? 1 : 0;
    }
    CHECK(refused > 40);  // the log may have had some room left
    (void)world.until([] { return false; }, 2s);
    CHECK_FALSE(world.bot->exit_code().has_value());
    CHECK(
        world.rows("SELECT 1 FROM events WHERE kind <> 'rotation_set'").size() ==
        static_cast<std::size_t>(number - refused)
    );
    std::filesystem::remove(disk / "filler");
    CHECK(type_and_wait().find("couldn't save that") == std::string::npos);
    CHECK(
        world.rows("SELECT 1 FROM events WHERE kind <> 'rotation_set'").size() ==
        static_cast<std::size_t>(number - refused)
    );
    CHECK(world.run({"audit", "verify"}).exit_code == 0);
}

TEST_CASE("a database that cannot be written is refused with a sentence", "[durability][disk]")
{
    ProgramInSimulator world(SLIPWAY_PROGRAM);
    const SmallDisk disk(world.folder / "disk");
    if (!disk.is_there()) {
        SKIP("mounting needs root");
    }
    world.store_path = disk / "slipway.db";
    world.configure();
    REQUIRE(world.start());
    REQUIRE(world.stop().has_value());
    disk.make_read_only();
    const auto refused = world.run({"run"});
    CAPTURE(refused.printed);
    CHECK(refused.exit_code == 1);
    CHECK(refused.printed.find("cannot write") != std::string::npos);
    CHECK(refused.printed.find("check that") != std::string::npos);
}

TEST_CASE("what cannot be looked at is named, with why", "[durability][disk]")
{
    ProgramInSimulator world(SLIPWAY_PROGRAM);
    world.configure();

    struct Row {
        std::vector<std::string> arguments;
        const char* says;
    };

    const auto folder = world.store_path.parent_path().string();
    const auto loop = folder + "/loop";
    std::filesystem::create_symlink(loop, loop);
    const std::string long_name(300, 'x');
    for (const auto& row :
         {Row{{"audit", "verify", folder}, "is a folder; name the file"},
          Row{{"audit", "verify", folder + "/none.csv"}, "none.csv: No such file"},
          Row{{"audit", "verify", loop}, "loop: Too many levels of symbolic links"},
          Row{{"audit", "verify", "/" + long_name}, ": File name too long"}}) {
        const auto refused = world.run(row.arguments);
        CAPTURE(row.arguments.back(), refused.printed);
        CHECK(refused.exit_code == 1);
        CHECK(refused.printed.find(row.says) != std::string::npos);
        CHECK(refused.printed.find("filesystem error") == std::string::npos);
    }
}

TEST_CASE(
    "a flood of envelopes: all are acknowledged in time, and memory stays bounded", "[durability][flood]"
)
{
    const auto* wanted = std::getenv("SLIPWAY_FLOOD");
    const int envelopes = wanted == nullptr ? 1'000 : std::atoi(wanted);
    constexpr int most_in_flight = 2'000;  // the simulator's two sockets let a thousand each wait
    ProgramInSimulator world(SLIPWAY_PROGRAM);
    REQUIRE(world.start());
    REQUIRE(world.until([&] { return world.server.hub.connections() == 2; }));
    const auto memory_before = most_memory(world.bot->id());
    for (int number = 1; number <= envelopes; ++number) {
        const json::object payload{
            {"command", "/deploy"},
            {"text", "list"},
            {"user_id", "U0DANA"},
            {"team_id", "T0TEAM"},
            {"channel_id", demo::deploys},
            {"trigger_id", "trigger-" + std::to_string(number)},
        };
        world.server.hub.send("slash_commands", payload, true);
        const auto has_room = [&] {
            return number - static_cast<int>(world.server.hub.answered()) < most_in_flight;
        };
        REQUIRE(world.until(has_room));
    }
    const auto all = static_cast<std::size_t>(envelopes);
    REQUIRE(world.until([&] { return world.server.hub.answered() == all; }, 60s));
    CHECK(acknowledged(world) == all);  // within 3 s, each of them
    CHECK(world.rows("SELECT 1 FROM inbox WHERE key LIKE 'trigger:%'").size() == all);  // and committed
    std::int64_t slowest = 0;
    for (const auto& entry : world.server.transcript.of(Entry::Kind::ack)) {
        slowest = std::max(slowest, entry.facts.at("latency_ms").as_int64());
    }
    const auto grown = most_memory(world.bot->id()) - memory_before;
    WARN(envelopes << " envelopes at once: slowest " << slowest << " ms, memory grew by " << grown << " MB");
    CHECK(grown < 300);
}

}  // namespace durability
