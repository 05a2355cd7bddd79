// Kills the real program again and again while people work with it, then compares what Slack saw
// acknowledged, what SQLite holds, and what Slack and Linear hold.
#include "tests/durability/ledgers.hpp"

#include <CLI/CLI.hpp>

#include <array>
#include <iostream>

namespace {

using namespace durability;

struct Options {
    std::string program;
    std::uint64_t seed = 1;
    int kills = 25;
    bool keep = false;
};

struct Tally {
    int kills = 0, at_a_call = 0, orderly = 0;
    std::chrono::milliseconds slowest_stop{0};
    std::vector<std::string> wrong;
};

/// A call after which the bot is killed before it hears the answer: the outcomes nobody knows.
constexpr std::array<const char*, 10> calls{
    "a card",
    "a card",
    "chat.postMessage",
    "chat.postMessage",
    "chat.update",
    "chat.postEphemeral",
    "conversations.history",
    "conversations.open",
    "views.open",
    "linear",
};

bool is_call(const simulator::Entry& entry, const std::string& call)
{
    if (call == "a card") {
        return entry.kind == simulator::Entry::Kind::message && entry.who == "U0SLIPWAY" &&
               entry.what.find(" act-") != std::string::npos;
    }
    return call == "linear" ? entry.kind == simulator::Entry::Kind::linear
                            : entry.kind == simulator::Entry::Kind::request && entry.what == call;
}

/// One life of the bot, from start to kill.
void live_and_die(ProgramInSimulator& world, std::mt19937_64& random, Tally& tally)
{
    const auto chance = [&random](int most) { return std::uniform_int_distribution<int>(0, most)(random); };
    world.launch();
    if (chance(9) == 0) {  // now and then in order
        const auto before = world.server.hub.ever_connected();
        (void)world.until([&] { return world.server.hub.ever_connected() > before; }, 10s);
        const std::chrono::milliseconds life{chance(1'000)};
        (void)world.until([] { return false; }, life);
        const auto took = world.stop();
        ++tally.orderly;
        tally.slowest_stop = std::max(tally.slowest_stop, took.value_or(1h));
        if (!took || world.bot->exit_code() != 0) {
            const auto code = world.bot->exit_code();
            tally.wrong.push_back(
                "an orderly stop ended with " + (code ? std::to_string(*code) : std::string("nothing"))
            );
        }
        return;
    }
    const bool at_call = chance(1) == 0;
    bool called = false;
    if (at_call) {
        const std::string call = calls.at(static_cast<std::size_t>(chance(calls.size() - 1)));
        world.server.transcript.on_entry([&world, &called, call](const simulator::Entry& entry) {
            if (is_call(entry, call)) {
                called = true;
                world.bot->kill();
            }
        });
    }
    const std::chrono::milliseconds life{at_call ? 2'500 : chance(1'500)};
    (void)world.until([&] { return called || world.bot->exit_code().has_value(); }, life);
    world.server.transcript.on_entry({});
    if (!called && world.bot->exit_code()) {
        tally.wrong.push_back("it ended by itself: " + std::to_string(*world.bot->exit_code()));
    }
    world.bot->kill();
    ++tally.kills;
    tally.at_a_call += called ? 1 : 0;
}

/// Lets everything come to its end with a bot that lives. False when it does not.
bool come_to_rest(ProgramInSimulator& world, Crowd& crowd)
{
    crowd.finish();
    if (!world.start()) {
        return false;
    }
    for (int tries = 0; tries < 10 && !world.until([&] { return crowd.has_finished(); }, 4s); ++tries) {
        world.clock.advance(5min);  // Slack sends an event again after a minute and after five
    }
    const auto backlog = [&] { return world.rows("SELECT 1 FROM outbox WHERE state = 'waiting'").size(); };
    for (auto before = backlog() + 1; before > 0;) {
        (void)world.until([] { return false; }, 100ms);
        const auto now = backlog();
        if (now >= before && !world.until([&] { return backlog() < now; }, 20s)) {
            return false;
        }
        before = backlog();
    }
    return crowd.has_finished();
}

void check_the_rest(ProgramInSimulator& world, Tally& tally)
{
    const auto verified = world.run({"audit", "verify"});
    if (verified.exit_code != 0) {
        tally.wrong.push_back("audit verify: " + verified.printed);
    }
    if (world.rows("PRAGMA integrity_check") != std::vector<std::string>{"ok"}) {
        tally.wrong.push_back("SQLite's integrity_check");
    }
    for (const auto& each : world.server.transcript.of(simulator::Entry::Kind::complaint)) {
        if (each.what != "no acknowledgement within 3 s" && each.what != "an acknowledgement of nothing") {
            tally.wrong.push_back("Slack complains: " + each.what);
        }
    }
}

void print(const ProgramInSimulator& world, const Crowd& crowd, const Tally& tally, const Differences& found)
{
    const auto count = [&](const std::string& rows) { return world.rows("SELECT 1 FROM " + rows).size(); };
    std::cout << tally.kills << " kills (" << tally.at_a_call << " between a call and its answer), "
              << tally.orderly << " orderly stops, the slowest " << tally.slowest_stop.count() << " ms\n"
              << crowd.acts() << " acts, "
              << std::count_if(
                     world.server.hub.all_sent().begin(),
                     world.server.hub.all_sent().end(),
                     [](const simulator::Sent& each) { return each.acked; }
                 )
              << " acknowledged, " << count("events") << " events, " << count("outbox") << " things to say, "
              << world.server.linear.comments.size() << " Linear comments, " << found.repeated_whispers
              << " whispers repeated\n"
              << "lost " << found.lost.size() << ", doubled " << found.doubled.size() << '\n';
    for (const auto* list : {&found.lost, &found.doubled, &tally.wrong}) {
        for (const auto& line : *list) {
            std::cout << "  " << line << '\n';
        }
    }
}

int play(const Options& options)
{
    ProgramInSimulator world(options.program);
    Crowd crowd(world, options.seed);
    std::mt19937_64 random(options.seed);
    Tally tally;
    std::cout << "seed " << options.seed << std::endl;
    if (!world.start() || !crowd.plan_first() || !world.stop()) {
        std::cerr << "the bot did not come up:\n" << world.log();
        return 1;
    }
    crowd.begin();
    while (tally.kills < options.kills) {
        live_and_die(world, random, tally);
    }
    if (!come_to_rest(world, crowd)) {
        tally.wrong.emplace_back("it did not come to rest");
    }
    if (!world.stop()) {
        tally.wrong.emplace_back("it did not stop");
    }
    const auto found = compare(world, crowd);
    check_the_rest(world, tally);
    print(world, crowd, tally, found);
    const bool good = found.lost.empty() && found.doubled.empty() && tally.wrong.empty();
    if (options.keep || !good) {
        const auto kept =
            std::filesystem::temp_directory_path() / ("slipway-kills-" + std::to_string(options.seed));
        std::filesystem::remove_all(kept);
        std::filesystem::copy(world.store_path.parent_path(), kept);
        std::cout << "database and log: " << kept.string() << '\n';
    }
    return good ? 0 : 1;
}

int run(int argc, char** argv)
{
    Options options;
    CLI::App app("Kills the real program while people work with it; compares the ledgers.", "kill_test");
    app.add_option("program", options.program, "The built slipway")->required();
    app.add_option("--kills", options.kills, "How often")->capture_default_str();
    app.add_option("--seed", options.seed, "Of the random moments and acts")->capture_default_str();
    app.add_flag("--keep", options.keep, "Keep database and log");
    CLI11_PARSE(app, argc, argv);
    return play(options);
}

}  // namespace

int main(int argc, char** argv)
{
    try {
        return run(argc, argv);
    }
    catch (const std::exception& error) {
        std::cerr << "kill_test: " << error.what() << '\n';
        return 1;
    }
}
