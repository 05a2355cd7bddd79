#pragma once

#include <fmt/core.h>

#include <string>

namespace slipway {

/// Logs from `level` on ("trace" … "error"), one line each, at once. What others put into a line (a name, an
/// error of theirs) steers no terminal and begins no line of its own.
void begin_log(const std::string& level);

/// spdlog with its formatting compiled once instead of in every file that logs.
namespace log {

enum class Level { info, warn, error };

void write(Level level, fmt::string_view format, fmt::format_args arguments);

template <class... Arguments>
void info(fmt::format_string<Arguments...> format, Arguments&&... arguments)
{
    write(Level::info, format, fmt::make_format_args(arguments...));
}

template <class... Arguments>
void warn(fmt::format_string<Arguments...> format, Arguments&&... arguments)
{
    write(Level::warn, format, fmt::make_format_args(arguments...));
}

template <class... Arguments>
void error(fmt::format_string<Arguments...> format, Arguments&&... arguments)
{
    write(Level::error, format, fmt::make_format_args(arguments...));
}

}  // namespace log

}  // namespace slipway
