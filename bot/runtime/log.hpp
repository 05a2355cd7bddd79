#pragma once

#include <string>

namespace slipway {

/// Logs from `level` on ("trace" … "error"), one line each, at once. What others put into a line (a name, an
/// error of theirs) steers no terminal and begins no line of its own.
void begin_log(const std::string& level);

}  // namespace slipway
