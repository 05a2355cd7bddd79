#pragma once

#include <filesystem>

namespace demo {

/// Whether the process whose number stands in `file` runs: it has neither ended nor waits to be reaped.
/// Throws std::runtime_error where `file` holds no number.
[[nodiscard]] bool is_alive(const std::filesystem::path& file);

}  // namespace demo
