#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace simulation {

/// What one seed, or many, came to.
struct Figures {
    std::uint64_t seeds = 0;
    double virtual_hours = 0;  ///< of the wall clock
    double awake_hours = 0;    ///< of steady time
    std::uint64_t handlers = 0;
    std::uint64_t crashes = 0, restarts = 0;
    std::uint64_t acts = 0;          ///< things people and monitoring wanted
    std::uint64_t acknowledged = 0;  ///< those Slack, or the monitoring, heard an answer to in time
    std::uint64_t events = 0, said = 0, timers_fired = 0;
    std::uint64_t lost = 0, doubled = 0;
    std::map<std::string, std::uint64_t> faults{};

    void add(const Figures& other);
};

struct Report {
    Figures figures;
    std::vector<std::string> violations;
    std::uint64_t trace = 0;  ///< equal for equal runs
};

struct Options {
    std::filesystem::path folder;  ///< where the database lies; must exist
    bool echo = false;             ///< print what happens
};

/// Lives through `seed`: the real bot, a storm of faults and crashes, then fair weather until all is said.
[[nodiscard]] Report run(std::uint64_t seed, const Options& options);

}  // namespace simulation
