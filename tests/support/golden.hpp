#pragma once

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace slipway::testing {

[[nodiscard]] inline std::vector<std::string> lines_of(std::istream& stream)
{
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

/// Compares `text` line by line with the file at `path` below the checkout, and says where they part. With
/// SLIPWAY_REWRITE=1 in the environment the file is written instead: then `git diff` shows what changed, for
/// somebody to read.
inline void check_golden(const std::string& path, const std::string& text)
{
    const auto file = std::filesystem::path(SLIPWAY_SOURCE_DIR) / path;
    if (std::getenv("SLIPWAY_REWRITE") != nullptr) {
        std::ofstream(file) << text;
        return;
    }
    std::ifstream kept(file);
    std::istringstream told(text);
    const auto wanted = lines_of(kept);
    const auto found = lines_of(told);
    CHECK_FALSE(wanted.empty());
    std::string entry;  // the last line that begins one
    for (std::size_t at = 0; at < std::max(wanted.size(), found.size()); ++at) {
        const auto is = at < found.size() ? found[at] : "(the end)";
        const auto was = at < wanted.size() ? wanted[at] : "(the end)";
        entry = !is.empty() && is.front() != ' ' ? is : entry;
        if (is != was) {
            FAIL(
                path << ", line " << at + 1 << ", under \"" << entry << "\"\n  in the file: " << was
                     << "\n  now:         " << is
                     << "\nIf that is meant, run the test with SLIPWAY_REWRITE=1 and read the file's diff."
            );
        }
    }
}

}  // namespace slipway::testing
