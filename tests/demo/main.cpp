// slipway-demo: the real bot against a simulated Slack and Linear: a tour in the terminal, then a workspace
// to play with in the browser.
#include "bot/runtime/log.hpp"
#include "commands/verbs/table.hpp"
#include "tests/demo/record.hpp"
#include "tests/demo/scene.hpp"
#include "tests/demo/tour.hpp"
#include "tests/simulator/page.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>

#include <CLI/CLI.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>

namespace {

namespace asio = boost::asio;

struct Wishes {
    bool once = false;
    bool no_tour = false;
    bool without_bot = false;
    std::uint16_t port = 8700;
    std::string page_folder;
    std::string keep;
};

/// The bot's verbs, as the page completes them.
simulator::json::array commands()
{
    simulator::json::array rows;
    for (const auto& verb : slipway::verbs()) {
        if (verb.usage.empty() || verb.offered == slipway::Offered::to_bot || verb.name == "rollback") {
            continue;
        }
        rows.push_back(simulator::json::object{
            {"command", "/deploy"},
            {"name", std::string(verb.usage.substr(0, verb.usage.find_first_of(" [")))},
            {"usage", std::string(verb.usage)},
            {"summary", std::string(verb.summary)}});
    }
    rows.push_back(simulator::json::object{
        {"command", "/rollback"},
        {"name", ""},
        {"usage", "D-n reason"},
        {"summary", "Roll back a deployment now (on-call developer)"}});
    return rows;
}

/// The page, served while this lives.
class ServedPage {
public:
    ServedPage(demo::BotInSimulator& world, const Wishes& wishes)
        : world_(world),
          record_(world.store_path),
          page_(
              world.context.get_executor(),
              world.server,
              {[this] { return record_.version(); }, [this] { return record_.read(); }, commands()},
              {wishes.port, wishes.page_folder}
          )
    {
        asio::co_spawn(
            world.context,
            page_.run(),
            asio::bind_cancellation_slot(end_.slot(), [this](std::exception_ptr) { ended_ = true; })
        );
    }

    ~ServedPage()
    {
        end_.emit(asio::cancellation_type::terminal);
        (void)world_.until([this] { return ended_; });
    }

    ServedPage(const ServedPage&) = delete;
    ServedPage& operator=(const ServedPage&) = delete;

    simulator::Page& operator*() { return page_; }

private:
    demo::BotInSimulator& world_;
    demo::Record record_;
    asio::cancellation_signal end_;
    bool ended_ = false;
    simulator::Page page_;
};

/// What a shell has to know so that `slipway` is the program that was built with this one and talks to the
/// simulated Slack and Linear.
void write_environment(const demo::BotInSimulator& world)
{
    const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    std::ofstream file(world.folder / "environment");
    file << "export PATH='" << (here / "../../bot").lexically_normal().string() << "':\"$PATH\"\n";
    for (const auto& [name, value] : world.environment) {
        file << "export " << name << "='" << value << "'\n";
    }
}

/// Until Ctrl+C or SIGTERM.
void stay_up(demo::BotInSimulator& world)
{
    bool told_to_end = false;
    asio::signal_set signals(world.context, SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code& error, int) { told_to_end = !error; });
    while (!told_to_end) {
        world.context.run_one_for(std::chrono::seconds{1});
    }
}

/// The page's port may be taken: then a sentence is more use than the system's words.
bool is_taken(std::uint16_t port)
{
    asio::io_context context;
    boost::system::error_code error;
    asio::ip::tcp::acceptor probe(context, asio::ip::tcp::v4());
    probe.set_option(asio::socket_base::reuse_address(true));
    probe.bind({asio::ip::address_v4::loopback(), port}, error);
    return error == asio::error::address_in_use;
}

/// The first hour with a bot of one's own, in a workspace that nobody has to set up. What it writes stands in
/// the world's folder and goes with it.
int serve_without_bot(const Wishes& wishes)
{
    demo::BotInSimulator::Options options;
    options.tls = false;  // then no certificate need be trusted
    options.goes_on_when_refused = true;
    demo::BotInSimulator world(options);
    world.clock.set(std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now())
    );
    world.clock.go();
    write_environment(world);
    ServedPage page(world, wishes);
    std::cout << "A workspace waiting for its bot. In another terminal:\n\n"
              << "    cd " << world.store_path.parent_path().string() << " && source environment\n"
              << "    slipway init --defaults --channel C0DEPLOYS --developers U0ALICE,U0BOB "
                 "--dev-lead U0DANA --product-lead U0PETRA\n"
              << "    slipway doctor --issue ENG-123\n"
              << "    slipway run\n\n"
              << "Open " << (*page).address() << " and type /deploy plan; Ctrl+C ends it." << std::endl;
    stay_up(world);
    return 0;
}

int run(int argc, char** argv)
{
    Wishes wishes;
    CLI::App app("The tour of Slipway, then a workspace to play with in the browser.", "slipway-demo");
    app.add_flag("--once", wishes.once, "End after the tour; exit code 0 if every step worked");
    app.add_flag("--no-tour", wishes.no_tour, "Go straight to the workspace in the browser");
    app.add_flag(
        "--without-bot", wishes.without_bot, "Serve only the workspace, for a bot you start yourself"
    );
    app.add_option("--port", wishes.port, "Where the workspace is served (8700; 0: any free port)");
    app.add_option("--page-folder", wishes.page_folder, "Serve the page's files from here, for work on them")
        ->check(CLI::ExistingDirectory);
    app.add_option("--keep", wishes.keep, "Keep the record: slipway.db in this folder");
    CLI11_PARSE(app, argc, argv);
    slipway::begin_log("warn");
    if (!wishes.once && is_taken(wishes.port)) {
        std::cerr << "slipway-demo: something on this machine already serves port " << wishes.port
                  << ". End it, or choose another port: ./dev demo --port " << wishes.port + 1 << '\n';
        return 1;
    }
    if (wishes.without_bot) {
        return serve_without_bot(wishes);
    }
    demo::BotInSimulator::Options options;
    options.skips_pauses = wishes.no_tour;  // the tour is to be read
    options.keep = wishes.keep;
    options.goes_on_when_refused = true;  // the tour and the page show it
    demo::BotInSimulator world(options);
    const auto look = "sqlite3 " + world.store_path.string() + " 'select * from sign_offs'";
    if (wishes.once) {
        world.start_bot();
        const bool held = demo::play_tour(world, std::cout);
        std::cout << (wishes.keep.empty() ? "Add --keep DIR to look at the record afterwards." : look)
                  << std::endl;
        return held ? 0 : 1;
    }
    ServedPage page(world, wishes);
    std::cout << "The workspace: " << (*page).address() << std::endl;
    world.start_bot();
    if (!wishes.no_tour) {
        (*page).set_notice("The tour is playing in the terminal. You can act here once it has ended.");
        (void)demo::play_tour(world, std::cout);
    }
    (*page).set_notice("The workspace is being set up.");
    demo::set_the_scene(world);
    (*page).set_notice("");
    world.clock.go();
    std::cout << "\nOpen " << (*page).address()
              << " to plan, sign off, deploy and roll back yourself; Ctrl+C ends it.\nThe record: " << look
              << std::endl;
    stay_up(world);
    return 0;
}

}  // namespace

int main(int argc, char** argv)
{
    try {
        return run(argc, argv);
    }
    catch (const std::exception& error) {
        std::cerr << "slipway-demo: " << error.what() << '\n';
        return 1;
    }
}
