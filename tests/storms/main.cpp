#include "bot/runtime/log.hpp"
#include "tests/storms/seeded_run.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>

namespace {

namespace fs = std::filesystem;

/// In memory where that may be written: a run flushes to disk thousands of times.
fs::path scratch()
{
    for (const auto& parent : {fs::path("/dev/shm"), fs::temp_directory_path()}) {
        auto pattern = (parent / "slipway-simulation-XXXXXX").string();
        if (mkdtemp(pattern.data()) != nullptr) {
            return pattern;
        }
    }
    throw std::runtime_error("neither /dev/shm nor the folder for temporary files can be written");
}

void show(const simulation::Figures& all, double seconds)
{
    std::cout << "seeds               " << all.seeds << " in " << seconds << " s\n"
              << "virtual hours       " << all.virtual_hours << " (" << all.awake_hours << " awake)\n"
              << "handlers run        " << all.handlers << '\n'
              << "crashes             " << all.crashes << "; " << all.restarts << " further restarts\n"
              << "acts                " << all.acts << ", " << all.acknowledged << " acknowledged\n"
              << "events              " << all.events << '\n'
              << "timers fired        " << all.timers_fired << '\n'
              << "outbox rows said    " << all.said << '\n'
              << "lost                " << all.lost << '\n'
              << "doubled             " << all.doubled << '\n'
              << "faults\n";
    for (const auto& [fault, times] : all.faults) {
        std::cout << "  " << fault << ": " << times << '\n';
    }
}

bool judge(std::uint64_t seed, const simulation::Report& report)
{
    if (report.violations.empty()) {
        return true;
    }
    std::cout << "seed " << seed << " fails:\n";
    for (const auto& violation : report.violations) {
        std::cout << "  " << violation << '\n';
    }
    std::cout << "replay it: ./dev simulate --seed " << seed << " --trace\n";
    return false;
}

}  // namespace

int main(int count, char** arguments)
{
    CLI::App app{"Lets the bot live through seeded storms and compares what it said with what it stored."};
    std::uint64_t seeds = 100, first = 1, seconds = 0;
    std::optional<std::uint64_t> only;
    bool echo = false, log = false, twice = false, on = false;
    std::string folder;
    app.add_option("--seeds", seeds, "how many seeds to run");
    app.add_option("--first", first, "the first of them");
    app.add_option("--seed", only, "run this one alone");
    app.add_option("--seconds", seconds, "begin no seed after this long; 0: no limit");
    app.add_option("--keep", folder, "an existing folder: the database of the last seed stays there");
    app.add_flag("--trace", echo, "print what happens");
    app.add_flag("--log", log, "print the bot's log");
    app.add_flag("--twice", twice, "run every seed twice; both must go the same way");
    app.add_flag("--all", on, "go on after a seed that fails");
    CLI11_PARSE(app, count, arguments);
    std::cout << std::unitbuf;
    slipway::begin_log(log ? "info" : "off");
    if (only) {
        first = *only;
        seeds = 1;
    }
    const bool keeps = !folder.empty();
    const simulation::Options options{keeps ? fs::path(folder) : scratch(), echo};
    const auto began = std::chrono::steady_clock::now();
    const auto elapsed = [&began] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    };
    simulation::Figures all;
    bool good = true;
    for (auto seed = first; seed < first + seeds; ++seed) {
        const auto report = simulation::run(seed, options);
        all.add(report.figures);
        bool fine = judge(seed, report);
        if (twice && simulation::run(seed, options).trace != report.trace) {
            std::cout << "seed " << seed << " does not go the same way twice\n";
            fine = false;
        }
        good = good && fine;
        if ((!fine && !on) || (seconds > 0 && elapsed() > static_cast<double>(seconds))) {
            break;
        }
    }
    show(all, elapsed());
    if (!keeps) {
        fs::remove_all(options.folder);
    }
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
