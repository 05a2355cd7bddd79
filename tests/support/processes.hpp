#pragma once

#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace slipway::testing {

/// Whether the process whose number stands in `file` runs: it has neither ended nor waits to be reaped.
/// Throws std::runtime_error where `file` holds no number.
[[nodiscard]] inline bool is_alive(const std::filesystem::path& file)
{
    int process = 0;
    if (!(std::ifstream(file) >> process)) {
        throw std::runtime_error(file.string() + " holds no number of a process");
    }
    std::ifstream status("/proc/" + std::to_string(process) + "/stat");
    std::string id;
    std::string name;
    char state = 'Z';  // of one whose status is gone too
    status >> id >> name >> state;
    return state != 'Z';
}

/// Whether it ends within five seconds.
[[nodiscard]] inline bool is_gone(const std::filesystem::path& file)
{
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{5};
    while (is_alive(file) && std::chrono::steady_clock::now() < deadline) {
    }
    return !is_alive(file);
}

}  // namespace slipway::testing
